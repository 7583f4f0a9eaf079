//! How values get into templates: as one YAML scalar each, or as one line of text.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Error, ErrorKind, Output, State};

use crate::yaml::scalar;

/// Around what can only stand by itself, until the text around it is there to look at. Neither YAML nor a value that has
/// been placed has such characters in it.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

/// Every `{{ value }}` passes here: as one YAML scalar or flow node, or as text without a line break.
pub(super) fn place(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::new(ErrorKind::UndefinedError, "a value is undefined"));
    }
    if value.is_safe() {
        return out.write_str(&value.to_string()).map_err(Error::from);
    }
    let is_in = |wanted: &str| matches!(state.auto_escape(), AutoEscape::Custom(kind) if kind.as_ref() == wanted);
    if is_in("yaml") {
        let value =
            serde_json::to_value(value).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
        let text = scalar::anywhere(&value);
        let can_be_part = !text.contains(['"', '\'', '\\', '[', '{']);
        return if can_be_part { out.write_str(&text) } else { out.write_fmt(format_args!("{OPEN}{text}{CLOSE}")) }
            .map_err(Error::from);
    }
    let text = value.to_string();
    // The one value of several lines is a command that this program joined itself, with continuations.
    if text.replace(" \\\n", "").contains(|char: char| char.is_control())
        || matches!(value.kind(), ValueKind::Map | ValueKind::Seq)
    {
        return Err(Error::new(ErrorKind::InvalidOperation, "only one line of text can be placed here"));
    }
    // Either would make the lines below it a part of the instruction.
    if is_in("instruction") && (text.ends_with('\\') || text.contains("<<")) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "in a Dockerfile, no text can be placed that ends with `\\` or has `<<` in it",
        ));
    }
    out.write_str(&text).map_err(Error::from)
}

/// Text inside a comment: one line, no control characters.
pub(super) fn comment(text: &str) -> Value {
    let line: String = text
        .chars()
        .map(|char| if char.is_control() || "\u{2028}\u{2029}\u{85}".contains(char) { ' ' } else { char })
        .collect();
    Value::from_safe_string(line)
}

/// A command in Docker's exec form.
pub(super) fn exec(words: Value, _: Kwargs) -> Result<Value, Error> {
    let words: Vec<String> =
        words.try_iter()?.map(|word| serde_json::Value::from(word.to_string()).to_string()).collect();
    Ok(Value::from_safe_string(format!("[{}]", words.join(", "))))
}

/// A value in quotes or brackets that stands inside of a longer scalar, where they would be letters of it.
pub(crate) struct Misplaced {
    pub line: usize,
    pub value: String,
}

/// A rendered text as it is written.
pub(crate) fn settle(text: String) -> Result<String, Misplaced> {
    if !text.contains(OPEN) {
        return Ok(text);
    }
    for (number, line) in text.lines().enumerate() {
        let mut parts = line.split(OPEN);
        let mut before = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (value, after) = part.split_once(CLOSE).unwrap_or((part, ""));
            if !is_alone(&before, after) {
                return Err(Misplaced { line: number + 1, value: value.to_owned() });
            }
            before.push_str(after);
        }
    }
    Ok(text.replace([OPEN, CLOSE], ""))
}

/// Whether what stands between two parts of a line is a scalar by itself. Where values were, nothing is left of them.
fn is_alone(before: &str, after: &str) -> bool {
    if before.trim_start().starts_with('#') {
        return true;
    }
    let begins = before.trim_end().ends_with([':', '-', ',', '[', '{', '?']) || before.trim_start().is_empty();
    let is_apart = before.is_empty() || before.ends_with([' ', '[', '{']);
    let ends = after.trim_start().starts_with([':', ',', ']', '}', '#']) || after.trim_end().is_empty();
    let is_quoted = |quote: char| before.matches(quote).count() % 2 == 1;
    begins && is_apart && ends && !is_quoted('"') && !is_quoted('\'')
}
