//! Facts that a preset finds by a pattern: one file, one regular expression, one answer.

use super::Tree;
use crate::answers::draft::Draft;
use crate::answers::raw::Origin;
use crate::preset::DetectRule;
use crate::questions::question;

/// What was found, and the app's own version, which is no answer but makes the image's tag.
pub(super) fn read(tree: &Tree, rule: &DetectRule) -> (Draft, Option<String>) {
    let mut draft = Draft::default();
    let mut version = None;
    for fact in rule.facts.iter().flatten() {
        let (Some(key), Some(file), Some(pattern)) = (&fact.key, &fact.file, &fact.pattern) else { continue };
        let Some((path, text)) = find(tree, &file.text) else { continue };
        let Some(value) = text.as_deref().and_then(|text| first_group(&pattern.text, text)) else { continue };
        if key.text == "version" {
            version = Some(value);
        } else if let Some(question) = question(&key.text) {
            // A text that is no answer is no fact.
            let _ = question.set(&mut draft, &value, &Origin::Detected(path.clone()));
        }
    }
    (draft, version)
}

/// A file by its path, else by its name, else by the end of that.
fn find<'t>(tree: &'t Tree, named: &str) -> Option<(&'t String, &'t Option<String>)> {
    let by = |is_it: &dyn Fn(&str) -> bool| tree.0.iter().find(|(path, _)| is_it(path));
    let below = format!("/{named}");
    by(&|path| path == named)
        .or_else(|| by(&|path| path.ends_with(&below)))
        .or_else(|| by(&|path| path.ends_with(named)))
}

/// What the first group of a pattern matches.
pub(super) fn first_group(pattern: &str, text: &str) -> Option<String> {
    let pattern = regex_lite::Regex::new(pattern).ok()?;
    Some(pattern.captures(text)?.get(1)?.as_str().to_owned())
}
