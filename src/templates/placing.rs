//! How values get into templates: as one YAML scalar or JSON value each, or as one line of text.

use std::io::{self, Write};

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Error, ErrorKind, Output, State};

use super::settling::Mark;
use crate::verify::{is_dockerfile, is_yaml};
use crate::yaml::scalar;

/// What a file is read as, which says how values are written in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Yaml,
    Json,
    Dockerfile,
    Text,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Yaml, Self::Json, Self::Dockerfile, Self::Text];

    /// Of a file, by its path in the project.
    pub(crate) fn of(path: &str) -> Self {
        match () {
            () if is_yaml(path) => Self::Yaml,
            () if path.to_ascii_lowercase().ends_with(".json") => Self::Json,
            () if is_dockerfile(path) => Self::Dockerfile,
            () => Self::Text,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Dockerfile => "dockerfile",
            Self::Text => "text",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Nobody switches escaping off, not even the author of a template.
fn kind(state: &State) -> Result<Kind, Error> {
    let named = match state.auto_escape() {
        AutoEscape::Custom(name) => Kind::named(name),
        _ => None,
    };
    named.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "`autoescape` is not for templates of packs"))
}

/// Every `{{ value }}` passes here.
pub(super) fn place(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::new(ErrorKind::UndefinedError, "a value is undefined"));
    }
    let kind = kind(state)?;
    if value.is_safe() {
        return out.write_str(&value.to_string()).map_err(Error::from);
    }
    let placed = match kind {
        Kind::Yaml => yaml(&serialized(value)?),
        Kind::Json => Mark::value(&serialized(value)?.to_string(), ""),
        Kind::Dockerfile => {
            let text = line(value)?;
            // Either may make the lines below it a part of the instruction.
            if text.ends_with('\\') || text.contains('<') { Mark::value(&text, &text) } else { text }
        }
        Kind::Text => line(value)?,
    };
    out.write_str(&placed).map_err(Error::from)
}

/// What was written already, by a block or a macro, stands as it is; as a part of something else it would be written twice.
fn unwritten(text: String) -> Result<String, Error> {
    if Mark::is_in(&text) { Err(written()) } else { Ok(text) }
}

fn written() -> Error {
    let detail = "what a `set` block or a macro wrote can be placed, and nothing else be done with it: join the values themselves";
    Error::new(ErrorKind::InvalidOperation, detail)
}

fn serialized(value: &Value) -> Result<serde_json::Value, Error> {
    fn is_written(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::String(text) => Mark::is_in(text),
            serde_json::Value::Array(items) => items.iter().any(is_written),
            serde_json::Value::Object(map) => map.iter().any(|(key, value)| Mark::is_in(key) || is_written(value)),
            _ => false,
        }
    }
    let refused = |error: serde_json::Error| Error::new(ErrorKind::BadSerialization, error.to_string());
    let value = if matches!(value.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable | ValueKind::Plain) {
        let mut short = Short(Vec::new());
        serde_json::to_writer(&mut short, value).map_err(refused)?;
        serde_json::from_slice(&short.0).map_err(refused)?
    } else {
        serde_json::to_value(value).map_err(refused)?
    };
    if is_written(&value) { Err(written()) } else { Ok(value) }
}

/// Takes as much as anybody places at once. A list may be longer than any memory, and costs nothing before it is written.
struct Short(Vec<u8>);

impl Write for Short {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.0.len() + more.len() > 64 << 10 {
            return Err(io::Error::other("a value has 64 KiB at most"));
        }
        self.0.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn yaml(value: &serde_json::Value) -> String {
    let text = scalar::anywhere(value);
    if !text.contains(['"', '\'', '\\', '[', '{']) {
        // Wherever it stands, it means the same.
        return text;
    }
    let plain = value.as_str().filter(|text| !text.chars().any(char::is_control));
    Mark::value(&text, plain.unwrap_or_default())
}

fn line(value: &Value) -> Result<String, Error> {
    let refused = || Error::new(ErrorKind::InvalidOperation, "only one line of text can be placed here");
    // Before it is written out: a list may be longer than any memory.
    if matches!(value.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable) {
        return Err(refused());
    }
    let text = unwritten(value.to_string())?;
    // The one value of several lines is a command that this program joined itself, with continuations.
    if text.replace(" \\\n", "").contains(|char: char| char.is_control()) { Err(refused()) } else { Ok(text) }
}

/// Text inside a comment: one line, no control characters.
pub(super) fn comment(state: &State, text: &str) -> Result<Value, Error> {
    let line: String = unwritten(text.to_owned())?
        .chars()
        .map(|char| if char.is_control() || "\u{2028}\u{2029}\u{85}".contains(char) { ' ' } else { char })
        .collect();
    Ok(Value::from_safe_string(if kind(state)? == Kind::Text { line } else { Mark::comment(&line) }))
}

/// A command in Docker's exec form.
pub(super) fn exec(words: Value) -> Result<Value, Error> {
    let words: Vec<String> = words
        .try_iter()?
        .map(|word| Ok(serde_json::Value::from(unwritten(word.to_string())?).to_string()))
        .collect::<Result<_, Error>>()?;
    Ok(Value::from_safe_string(format!("[{}]", words.join(", "))))
}
