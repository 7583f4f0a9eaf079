//! `cofferdam.yaml` as text: read with every problem in its place, and written so that a person likes to edit it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::raw::Origin;
use super::{Answers, ServiceAnswers};
use crate::problem::{Place, Problem};
use crate::schema;
use crate::yaml::emit;
use crate::yaml::node::{Kind, Node, Position};
use crate::yaml::read::read as read_yaml;

/// The file's name, in the project folder.
pub const NAME: &str = "cofferdam.yaml";

/// Reads the file. All problems of its form are found together; what the values mean is `resolve`'s business.
pub fn read(text: &str) -> Result<Answers, Vec<Problem>> {
    read_at(NAME, text)
}

/// Answers that stand in another file.
pub fn read_at(path: &str, text: &str) -> Result<Answers, Vec<Problem>> {
    let documents = read_yaml(path, text)?;
    let [document] = documents.as_slice() else {
        return Err(vec![
            Problem::new(
                format!("this file holds {} YAML documents", documents.len()),
                "the answers are exactly one document",
                "start with `cofferdam init`, or see `cofferdam explain cofferdam.yaml`",
            )
            .at(Some(Place::Path(path.to_owned()))),
        ]);
    };
    let schema = schemars::schema_for!(Answers).to_value();
    let mut answers = from_node::<Answers>(document, path, &schema)?;
    if let Some(Kind::Mapping(services)) = document.get("services").map(|services| &services.kind) {
        let place = |at: Position| Origin::File { line: at.line, column: at.column };
        answers.places = services.iter().map(|entry| (entry.key.clone(), place(entry.key_at))).collect();
    }
    Ok(answers)
}

/// A node as `T`, which `root`, its JSON Schema, describes.
pub fn from_node<T: for<'de> Deserialize<'de>>(node: &Node, path: &str, root: &Value) -> Result<T, Vec<Problem>> {
    let problems: Vec<Problem> = schema::faults(root, root, node)
        .into_iter()
        .map(|fault| {
            Problem::new(fault.what, fault.why, fault.help).at(Some(Place::File {
                path: path.to_owned(),
                line: fault.at.line,
                column: fault.at.column,
            }))
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    serde_json::from_value(located(node)).map_err(|error| {
        vec![
            Problem::new(
                "this does not have the form of an answers file",
                error.to_string(),
                "compare it with `cofferdam schema`",
            )
            .at(Some(Place::Path(path.to_owned()))),
        ]
    })
}

/// The tree with each scalar as its text and place. `name: no` is the name "no" here: what a person meant.
fn located(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar { text, .. } => {
            json!({ "$text": text, "$line": node.at.line, "$column": node.at.column })
        }
        Kind::Sequence(items) => items.iter().map(located).collect(),
        Kind::Mapping(entries) => entries
            .iter()
            // A key without a value is a key that says nothing.
            .filter(|entry| !entry.value.is_null())
            .map(|entry| (entry.key.clone(), located(&entry.value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

const HEADER: &str = "\
# What cofferdam writes this project's deployment from. Edit it, then run `cofferdam generate`.
# Keys that are not here follow the preset and the defaults: `cofferdam explain KEY` tells about each.
";

/// Answers as a value that holds only what somebody said.
pub fn value(answers: &impl Serialize) -> Value {
    let mut value = json!(answers);
    drop_unsaid(&mut value);
    value
}

/// An empty list says something ("nobody"); an empty map or null says nothing.
fn drop_unsaid(value: &mut Value) {
    if let Value::Object(map) = value {
        map.values_mut().for_each(drop_unsaid);
        map.retain(|_, value| !value.is_null() && value.as_object().is_none_or(|map| !map.is_empty()));
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(drop_unsaid);
    }
}

pub fn write(answers: &Answers) -> String {
    format!("{HEADER}{}", emit::emit(&value(answers)))
}

/// The file's text with one more service, everything else untouched to the byte: comments and order are a person's.
///
/// None where the text has no plain `services:` block to add to.
pub fn with_service(text: &str, name: &str, service: &ServiceAnswers) -> Option<String> {
    let documents = read_yaml(NAME, text).ok()?;
    let services = documents.first()?.get("services")?;
    let Kind::Mapping(entries) = &services.kind else {
        return None;
    };
    let indent = entries.first()?.key_at.column.checked_sub(1).filter(|indent| *indent > 0)?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let last = entries.last()?;
    // The block ends where a line is indented less than the services are.
    let after = lines
        .iter()
        .enumerate()
        .skip(last.key_at.line)
        .find(|(_, line)| {
            let width = line.len() - line.trim_start().len();
            !line.trim().is_empty() && width < indent
        })
        .map_or(lines.len(), |(index, _)| index);
    let mut block = String::new();
    emit::block(&json!({ name: value(service) }), indent, &mut block);
    let mut out = lines[..after].concat();
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(&block);
    out.push_str(&lines[after..].concat());
    // Only what reads back as the same project and one service more is good enough.
    let before = read(text).ok()?;
    let now = read(&out).ok()?;
    let grown = now.services.len() == before.services.len() + 1 && now.services.contains_key(name);
    grown.then_some(out)
}

/// The file's text with the answers that it lacks, everything else untouched to the byte.
///
/// If it says something else than they do, the keys that it says it under; none where it has no plain keys to add to.
pub fn with_rest(text: &str, answers: &Answers) -> Result<String, Vec<String>> {
    let whole = value(answers);
    let said = value(&read(text).map_err(|_| Vec::new())?);
    let entries = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (mut rest, mut others) = (entries(&whole), Vec::new());
    for (key, value) in entries(&said) {
        if rest.remove(&key).as_ref() != Some(&value) {
            others.push(key);
        }
    }
    let gap = if text.ends_with('\n') { "" } else { "\n" };
    let out = format!("{text}{gap}{}", emit::emit(&rest.into()));
    // Only what reads back as these answers is good enough.
    let now = read(&out).map_err(|_| others.clone())?;
    if value(&now) == whole { Ok(out) } else { Err(others) }
}
