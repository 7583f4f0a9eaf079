//! The templates of a pack, and how values get into them: as one YAML scalar each, or as one line of text.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use crate::yaml::scalar;

/// Rendering that takes longer than this is a template that never ends.
const FUEL: u64 = 2_000_000;

/// Texts by path without `.j2`, laid out as their output lands.
#[derive(Debug)]
pub struct Templates {
    texts: Arc<BTreeMap<String, Cow<'static, str>>>,
    environment: OnceLock<Environment<'static>>,
}

impl Templates {
    pub fn new(texts: BTreeMap<String, Cow<'static, str>>) -> Self {
        Self { texts: Arc::new(texts), environment: OnceLock::new() }
    }

    pub(crate) fn get(&self, path: &str) -> Result<minijinja::Template<'_, '_>, Error> {
        self.environment.get_or_init(|| environment(Arc::clone(&self.texts))).get_template(path)
    }

    /// What a template says; nothing where there is none of that name.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", |text| text)
    }

    /// A template and everything that it includes.
    pub(crate) fn parts<'t>(&'t self, path: &'t str) -> BTreeSet<&'t str> {
        let (mut parts, mut open) = (BTreeSet::new(), vec![path]);
        while let Some(path) = open.pop() {
            if parts.insert(path) {
                open.extend(self.text(path).lines().filter_map(included).map(|(path, _)| path));
            }
        }
        parts
    }
}

/// The template that a line includes, and how deep.
fn included(line: &str) -> Option<(&str, usize)> {
    let (target, _) = line.trim_start().strip_prefix("{% include \"")?.split_once("\" %}")?;
    let (path, indent) = target.split_once('@').unwrap_or((target, "0"));
    Some((path, indent.parse().unwrap_or(0)))
}

fn environment(texts: Arc<BTreeMap<String, Cow<'static, str>>>) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        env.set_syntax(syntax);
    }
    env.set_fuel(Some(FUEL));
    // Nobody switches escaping off, not even the author of a template.
    for filter in ["safe", "escape", "e"] {
        env.remove_filter(filter);
    }
    env.add_filter("comment", comment);
    env.add_filter("exec", exec);
    env.set_auto_escape_callback(|name| {
        let yaml = name.split('@').next().is_some_and(|name| name.ends_with(".yaml"));
        AutoEscape::Custom(if yaml { "yaml" } else { "line" }.into())
    });
    env.set_formatter(place);
    env.set_loader(move |name| Ok(load(&texts, name)));
    env
}

/// `deploy/service/_pod.yaml@6` is that template, indented by six: one pod for every kind that holds one.
fn load(texts: &BTreeMap<String, Cow<'static, str>>, name: &str) -> Option<String> {
    let (path, indent) = match name.split_once('@') {
        Some((path, indent)) => (path, indent.parse().unwrap_or(0)),
        None => (name, 0),
    };
    let text = texts.get(path)?;
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match included(line) {
            // An include inside an indented template moves by as much.
            Some((target, inner)) if indent > 0 => {
                let _ = writeln!(out, "{{% include \"{target}@{}\" %}}", inner + indent);
            }
            _ if line.is_empty() => out.push('\n'),
            _ => {
                let _ = writeln!(out, "{:indent$}{line}", "");
            }
        }
    }
    Some(out)
}

/// Every `{{ value }}` passes here: as one YAML scalar or flow node, or as text without a line break.
fn place(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::new(ErrorKind::UndefinedError, "a value is undefined"));
    }
    if value.is_safe() {
        return out.write_str(&value.to_string()).map_err(Error::from);
    }
    let yaml = matches!(state.auto_escape(), AutoEscape::Custom(kind) if kind.as_ref() == "yaml");
    if yaml {
        let value =
            serde_json::to_value(value).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
        return out.write_str(&scalar::flow(&value)).map_err(Error::from);
    }
    let text = value.to_string();
    // The one value of several lines is a command that this program joined itself, with continuations.
    if text.replace(" \\\n", "").contains(|char: char| char.is_control())
        || matches!(value.kind(), ValueKind::Map | ValueKind::Seq)
    {
        return Err(Error::new(ErrorKind::InvalidOperation, "only one line of text can be placed here"));
    }
    out.write_str(&text).map_err(Error::from)
}

/// Text inside a comment: one line, no control characters.
fn comment(text: &str) -> Value {
    let line: String = text
        .chars()
        .map(|char| if char.is_control() || "\u{2028}\u{2029}\u{85}".contains(char) { ' ' } else { char })
        .collect();
    Value::from_safe_string(line)
}

/// A command in Docker's exec form.
fn exec(words: Value, _: Kwargs) -> Result<Value, Error> {
    let words: Vec<String> =
        words.try_iter()?.map(|word| serde_json::Value::from(word.to_string()).to_string()).collect();
    Ok(Value::from_safe_string(format!("[{}]", words.join(", "))))
}
