//! Facts that a preset finds by a pattern: one file, one regular expression, one answer.

use super::{Tree, given};
use crate::answers::ServiceAnswers;
use crate::preset::DetectRule;

pub(super) fn read(tree: &Tree, rule: &DetectRule) -> ServiceAnswers {
    let mut answers = ServiceAnswers::default();
    for fact in rule.facts.iter().flatten() {
        let (Some(key), Some(file), Some(pattern)) = (&fact.key, &fact.file, &fact.pattern) else { continue };
        let Some((path, text)) = tree.0.iter().find(|(path, _)| path.ends_with(&file.text)) else { continue };
        let Some(value) = text.as_deref().and_then(|text| first_group(&pattern.text, text)) else { continue };
        match key.text.as_str() {
            "port" => answers.port = given(value, path),
            "build.tool" => answers.build.tool = given(value, path),
            "build.entry" => answers.build.entry = given(value, path),
            "build.script" => answers.build.script = given(value, path),
            "health.ready" => answers.health.ready = given(value, path),
            "health.live" => answers.health.live = given(value, path),
            _ => {}
        }
    }
    answers
}

/// What the first group of a pattern matches.
pub(super) fn first_group(pattern: &str, text: &str) -> Option<String> {
    let pattern = regex_lite::Regex::new(pattern).ok()?;
    Some(pattern.captures(text)?.get(1)?.as_str().to_owned())
}
