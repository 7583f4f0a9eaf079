//! What no case reaches: a line of a template that is written nowhere, an answer that is never given.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Case;
use crate::answers::{Answers, file};
use crate::pack::{Layer, Phrase};
use crate::render::Lines;

/// What any case reaches.
pub(super) fn joined(cases: Vec<Lines>) -> Lines {
    let mut joined = Lines::new();
    for (file, lines) in cases.into_iter().flatten() {
        joined.entry(file).or_default().extend(lines);
    }
    joined
}

/// The lines of a pack's templates that would write something, and did not.
pub(super) fn missed(layer: &Layer, reached: &Lines) -> Vec<String> {
    let mut missed = Vec::new();
    for (path, text) in layer.files.iter().filter(|(path, _)| path.starts_with("templates/")) {
        let place = layer.path(path);
        let is_silent = |line: &str| {
            line.starts_with("{%") && line.ends_with("%}") || line.starts_with("{#") && line.ends_with("#}")
        };
        let writes = |line: &str| !line.is_empty() && !is_silent(line);
        let reached = reached.get(&place);
        let is_reached = |line: &usize| reached.is_some_and(|reached| reached.contains(line));
        let silent: Vec<usize> = text
            .lines()
            .enumerate()
            .filter(|(_, line)| writes(line.trim()))
            .map(|(index, _)| index + 1)
            .filter(|line| !is_reached(line))
            .collect();
        if !silent.is_empty() {
            missed.push(format!("{place}: {}", ranges(&silent)));
        }
    }
    missed
}

/// `3, 7-9`.
fn ranges(lines: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == *line => *end = *line,
            _ => ranges.push((*line, *line)),
        }
    }
    let shown = |(start, end): &(usize, usize)| if start == end { start.to_string() } else { format!("{start}-{end}") };
    format!("line {}", ranges.iter().map(shown).collect::<Vec<_>>().join(", "))
}

/// The pack's presets that no case is of, in a line.
pub(super) fn unused(layer: &Layer, cases: &[Case]) -> Option<String> {
    let is_of = |case: &Case, id: &str| case.name.split('/').next() == Some(id);
    let unused = layer.presets.iter().filter(|id| !cases.iter().any(|case| is_of(case, id)));
    let unused: Vec<&str> = unused.map(String::as_str).collect();
    (!unused.is_empty()).then(|| format!("presets without a case: {}", unused.join(", ")))
}

/// The keys that no case says anything about, in a line.
pub(super) fn unanswered<'a>(
    asked: impl Iterator<Item = &'a str>,
    cases: impl Iterator<Item = &'a Answers>,
) -> Option<String> {
    let mut said = BTreeSet::new();
    for answers in cases {
        keys("", &file::value(&answers.project), &mut said);
        answers.services.values().for_each(|service| keys("", &file::value(service), &mut said));
        // Every service has one: it is what they are listed by.
        said.insert("name".to_owned());
    }
    let unsaid: Vec<&str> = asked.filter(|key| !said.contains(*key)).collect();
    (!unsaid.is_empty()).then(|| format!("answers that no case gives: {}", unsaid.join(", ")))
}

/// The files in the folders of a pack that nothing reads, each in a line with what it would have to be called.
pub(super) fn ignored(layer: &Layer) -> Vec<String> {
    let line = |path: &String| {
        let ending = if path.starts_with("templates/") { ".j2" } else { ".yaml" };
        format!("{}: only what is called *{ending} is read there", layer.path(path))
    };
    layer.ignored.iter().map(line).collect()
}

/// The questions of a pack whose answers nothing of it takes up, in a line.
pub(super) fn unplaced(layer: &Layer) -> Option<String> {
    let templates = layer.files.iter().filter(|(path, _)| path.starts_with("templates/")).map(|(_, text)| &**text);
    let conditions = layer.outputs.iter().filter_map(|output| output.when.as_ref()).map(|when| when.text.as_str());
    let texts: Vec<&str> = templates.chain(conditions).collect();
    let phrases = || layer.metadata.labels.values().chain(layer.metadata.annotations.values());
    let is_placed = |key: &str| phrases().flat_map(Phrase::names).any(|name| name == key);
    let is_read = |key: &str| texts.iter().any(|text| reads(text, key));
    let keys = layer.asked.iter().map(|asked| asked.key.as_str());
    let unplaced: Vec<&str> = keys.filter(|key| !is_placed(key) && !is_read(key)).collect();
    (!unplaced.is_empty())
        .then(|| format!("questions that no template, label or annotation takes up: {}", unplaced.join(", ")))
}

/// Whether a template looks at an answer, by its name or at all of them.
fn reads(text: &str, key: &str) -> bool {
    text.match_indices("extra").any(|(at, word)| match text[at + word.len()..].split_at_checked(1) {
        Some((".", rest)) => names(rest, key),
        Some(("[", rest)) => rest.get(1..).is_some_and(|rest| names(rest, key)) || !rest.starts_with(['"', '\'']),
        _ => true,
    })
}

/// Whether a text begins with a name, and not with a longer one.
fn names(text: &str, name: &str) -> bool {
    let goes_on =
        |rest: &str| rest.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_');
    text.strip_prefix(name).is_some_and(|rest| !goes_on(rest))
}

fn keys(above: &str, value: &Value, said: &mut BTreeSet<String>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let key = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        keys(&key, value, said);
        said.insert(key);
    }
}
