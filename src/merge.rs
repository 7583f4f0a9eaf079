//! Base, ours and theirs of one file to one text: what was written last, what a person made of it, and what the templates
//! have now.
//!
//! Lines first, then fields (YAML) or instructions (Dockerfile). A merge by lines counts only where it means what the merge
//! by fields means: lines alone can put the same key into a file twice. Where both have something else for a field, the
//! person's stays and the field is open; the text is always one that can be used.

mod edit;
mod fields;
mod instructions;
mod keep;
mod lists;
mod source;
mod text;
mod yaml;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::fields::{Path, Step};
use crate::verify::{is_dockerfile, is_yaml};

/// What came of a merge.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Merged {
    /// Ours, with all that the templates have new and nobody else has claimed.
    pub text: String,
    /// What the next merge starts from: theirs, but for the fields that are open. So nothing is forgotten, and nothing is
    /// asked twice.
    pub base: String,
    pub open: Vec<Open>,
    pub kept: Vec<Kept>,
}

/// A field that waits for a person's decision.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// A path in YAML, an instruction of a Dockerfile, lines of any other text.
    pub at: String,
    /// What was written there, what a person made of it, and what the templates have; none where the field is not there.
    pub base: Option<String>,
    pub ours: Option<String>,
    pub theirs: Option<String>,
}

/// A field that a person marked as theirs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kept {
    pub at: String,
    pub reason: Option<String>,
    /// Whether the templates would write something else.
    pub needed: bool,
}

/// A person's decision about a field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Choice {
    /// What the templates have.
    Take,
    /// What is there.
    Keep,
}

/// The whole file, where nothing smaller can be told apart.
pub const WHOLE: &str = "the whole file";

/// `choices` are decisions by [`Open::at`].
pub fn merge(path: &str, base: &str, ours: &str, theirs: &str, choices: &BTreeMap<String, Choice>) -> Merged {
    let style = Style::of(ours);
    let (base, ours, theirs) = (plain(base), plain(ours), plain(theirs));
    let mut merged = if is_yaml(path) {
        yaml::merge(&base, &ours, &theirs, choices).unwrap_or_else(|| whole(&base, &ours, &theirs, choices))
    } else if is_dockerfile(path) {
        instructions::merge(&base, &ours, &theirs, choices)
            .unwrap_or_else(|| text::merge(&base, &ours, &theirs, choices))
    } else {
        text::merge(&base, &ours, &theirs, choices)
    };
    merged.text = style.write(&merged.text);
    merged
}

/// Both versions of what is open between markers, for those who ask: such a file is no YAML until they are gone.
pub fn marked(base: &str, ours: &str, theirs: &str) -> String {
    Style::of(ours).write(&text::marked(&plain(base), &plain(ours), &plain(theirs)))
}

/// A field of a document by the keys that lead there, as people write it: `metadata.labels["acme.example/owner"]`.
pub fn field(keys: &[String]) -> String {
    let is_index = |key: &String| key.bytes().all(|byte| byte.is_ascii_digit());
    let step = |key: &String| if is_index(key) { Step::Item(key.clone()) } else { Step::Key(key.clone()) };
    Path(keys.iter().map(step).collect()).to_string()
}

/// Whether somebody left markers of a conflict in a text: one that was forgotten is enough.
pub fn has_markers(text: &str) -> bool {
    text.lines().any(|line| ["<<<<<<< ", "||||||| ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark)))
}

/// The fields that differ between what was written and what a person made of it.
pub fn edits(path: &str, base: &str, ours: &str) -> Vec<Open> {
    let (base, ours) = (plain(base), plain(ours));
    // A person's version in the place of the templates': what they would have to change to write it.
    let turned = if is_yaml(path) {
        yaml::edits(&base, &ours)
    } else if is_dockerfile(path) {
        instructions::edits(&base, &ours)
    } else {
        None
    };
    turned.unwrap_or_default()
}

/// A file that nobody can read in parts: all of it waits.
fn whole(base: &str, ours: &str, theirs: &str, choices: &BTreeMap<String, Choice>) -> Merged {
    let text = |text: &str| text.to_owned();
    let (text, base, open) = match choices.get(WHOLE) {
        Some(Choice::Take) => (text(theirs), text(theirs), Vec::new()),
        Some(Choice::Keep) => (text(ours), text(theirs), Vec::new()),
        None => {
            let open = Open {
                at: WHOLE.to_owned(),
                base: Some(text(base)),
                ours: Some(text(ours)),
                theirs: Some(text(theirs)),
            };
            (text(ours), text(base), vec![open])
        }
    };
    Merged { text, base, open, kept: Vec::new() }
}

/// How a person's editor writes lines: a matter of their checkout, and no edit.
struct Style {
    mark: bool,
    carriage_returns: bool,
    last_line_ends: bool,
}

impl Style {
    fn of(text: &str) -> Self {
        Self {
            mark: text.starts_with('\u{feff}'),
            carriage_returns: text.contains("\r\n"),
            last_line_ends: text.is_empty() || text.ends_with('\n'),
        }
    }

    fn write(&self, text: &str) -> String {
        let mut out = if self.last_line_ends { text.to_owned() } else { text.trim_end_matches('\n').to_owned() };
        if self.carriage_returns {
            out = out.replace('\n', "\r\n");
        }
        if self.mark { format!("\u{feff}{out}") } else { out }
    }
}

/// A new text with the line ends of an old one.
pub fn styled(old: &str, new: &str) -> String {
    Style::of(old).write(new)
}

/// A text without regard to how lines end.
pub fn plain(text: &str) -> String {
    let mut out = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out
}
