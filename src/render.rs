//! `Plan` to `FileSet`. The one module that knows minijinja, and the one that keeps values from becoming structure.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use crate::parallel;
use crate::plan::{Plan, PlannedFile, Subject};
use crate::problem::Problem;
use crate::templates::template;
use crate::yaml::scalar;

/// Rendered text by path below the project folder; not yet verified. Texts are shared, never copied, on their way to the
/// disk.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FileSet(pub BTreeMap<String, Arc<str>>);

/// Rendering that takes longer than this is a template that never ends.
const FUEL: u64 = 2_000_000;

pub fn render(plan: &Plan) -> Result<FileSet, Vec<Problem>> {
    let mut subjects: BTreeMap<Subject, Vec<&PlannedFile>> = BTreeMap::new();
    for file in &plan.files {
        subjects.entry(file.subject).or_default().push(file);
    }
    let rendered = parallel::map(subjects.into_iter().collect(), |(subject, files)| {
        let values = plan.values(subject);
        files.into_iter().map(|file| (file, render_one(file, &values))).collect::<Vec<_>>()
    });
    let mut files = BTreeMap::new();
    let mut problems = Vec::new();
    for (file, result) in rendered.into_iter().flatten() {
        match result {
            Ok(text) => {
                files.insert(file.path.clone(), text.into());
            }
            Err(error) => problems.push(template_problem(file, &error)),
        }
    }
    if problems.is_empty() { Ok(FileSet(files)) } else { Err(problems) }
}

fn render_one(file: &PlannedFile, values: &serde_json::Value) -> Result<String, Error> {
    environment().get_template(&file.template)?.render(minijinja::value::Serde(values))
}

/// The template and line that wrote line `line` of a file.
pub fn source_of(plan: &Plan, path: &str, line: usize) -> Option<(String, usize)> {
    let file = plan.files.iter().find(|file| file.path == path)?;
    let template = environment().get_template(&file.template).ok()?;
    let (text, spans) = template.render_with_spans(minijinja::value::Serde(&plan.values(file.subject))).ok()?;
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let end = start + text.lines().nth(line.saturating_sub(1))?.len();
    let span = spans.iter().find(|span| {
        let range = span.output_range();
        range.start < end.max(start + 1) && range.end > start
    })?;
    // A span that began on an earlier line of output began on an earlier line of its template too.
    let before = text.get(span.output_range().start..start).unwrap_or_default().matches('\n').count();
    let name = span.name().split('@').next().unwrap_or_default().to_owned();
    Some((format!("templates/{name}.j2"), span.line() + before))
}

fn template_problem(file: &PlannedFile, error: &Error) -> Problem {
    // An error inside an include is wrapped once for each level; the innermost names the line.
    let mut innermost = error;
    while let Some(cause) = std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref::<Error>()) {
        innermost = cause;
    }
    let name = innermost.name().unwrap_or(&file.template).split('@').next().unwrap_or_default();
    let line = innermost.line().unwrap_or(1);
    Problem::internal(format!("templates/{name}.j2:{line} does not render"), innermost.to_string())
}

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
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
        env.set_loader(load);
        env
    })
}

/// `deploy/service/_pod.yaml@6` is that template, indented by six: one pod for every kind that holds one.
fn load(name: &str) -> Result<Option<String>, Error> {
    let (path, indent) = match name.split_once('@') {
        Some((path, indent)) => (path, indent.parse().unwrap_or(0)),
        None => (name, 0),
    };
    let Some(text) = template(path) else {
        return Ok(None);
    };
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match line.trim_start().strip_prefix("{% include \"").and_then(|rest| rest.split_once("\" %}")) {
            // An include inside an indented template moves by as much.
            Some((target, _)) if indent > 0 => {
                let (target, inner) = target.split_once('@').unwrap_or((target, "0"));
                let inner: usize = inner.parse().unwrap_or(0);
                let _ = writeln!(out, "{{% include \"{target}@{}\" %}}", inner + indent);
            }
            _ if line.is_empty() => out.push('\n'),
            _ => {
                let _ = writeln!(out, "{:indent$}{line}", "");
            }
        }
    }
    Ok(Some(out))
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
