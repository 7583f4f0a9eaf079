//! What `check` found, as data, and the formats that show it. One file and one line per format.

mod json;
mod judge;
mod text;

use std::collections::BTreeMap;

pub use self::judge::report;
pub use self::text::{announcements, details, explained, told};
use crate::merge::{Open, WHOLE};
use crate::problem::{Problem, shown};
use crate::reconcile::{Change, Conflict, Deletion, FileChange};
use crate::rules::Finding;
use crate::upgrade::Upgrade;

pub struct Format {
    pub name: &'static str,
    /// Then it says everything, failures too.
    pub is_for_programs: bool,
    pub render: fn(&Report) -> String,
}

pub static ALL: &[&Format] = &[&text::FORMAT, &json::FORMAT];

/// A project held against what would be written now.
#[derive(Default)]
pub struct Report {
    pub changes: BTreeMap<String, FileChange>,
    /// What a person changed, by file and field.
    pub edits: BTreeMap<String, Vec<Open>>,
    /// Rules that a person's edits break.
    pub weakened: Vec<Finding>,
    /// What else makes an edited deployment weaker, or one that no cluster takes.
    pub drift: Vec<Problem>,
    /// What may go wrong, and need not.
    pub beware: Vec<Problem>,
    /// What is new since the last run.
    pub upgrade: Option<Upgrade>,
    /// The answers have words that are called something else now.
    pub migrates: bool,
    /// Why nothing could be compared, and how bad that is. All else is empty then.
    pub failed: Option<(Verdict, Vec<Problem>)>,
}

/// How a command ends; the highest wins.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verdict {
    Fine,
    Failed,
    OutOfDate,
    Drift,
    Conflict,
    Damaged,
}

impl Verdict {
    pub fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::OutOfDate => 2,
            Self::Drift => 3,
            Self::Conflict => 4,
            Self::Damaged => 5,
        }
    }

    pub fn sentence(self) -> &'static str {
        match self {
            Self::Fine => "nothing to do",
            Self::Failed => "it could not be checked",
            Self::OutOfDate => "out of date: `cofferdam generate` would change files",
            Self::Drift => "drift: files are missing, or edits break or weaken them",
            Self::Conflict => "conflict: a person and the templates changed the same file",
            Self::Damaged => "the state in .cofferdam is damaged",
        }
    }
}

impl Report {
    pub fn verdict(&self) -> Verdict {
        if let Some((verdict, _)) = &self.failed {
            return *verdict;
        }
        let worst = self.changes.values().map(verdict).max().unwrap_or(Verdict::Fine);
        let drift = if self.weakened.is_empty() && self.drift.is_empty() { Verdict::Fine } else { Verdict::Drift };
        let migrates = if self.migrates { Verdict::OutOfDate } else { Verdict::Fine };
        worst.max(drift).max(migrates)
    }
}

fn verdict(change: &FileChange) -> Verdict {
    match change.change {
        _ if change.from.is_some() => Verdict::OutOfDate,
        Change::Keep | Change::Edited | Change::Release | Change::Released => Verdict::Fine,
        Change::Create | Change::Update | Change::Merge | Change::Delete => Verdict::OutOfDate,
        Change::Deleted(Deletion { noted: true, guards: false, .. }) => Verdict::Fine,
        Change::Deleted(_) => Verdict::Drift,
        Change::Conflict(_) => Verdict::Conflict,
    }
}

/// A decision in a word and in a sentence.
pub fn words(change: &FileChange) -> (&'static str, String) {
    let (word, mut sentence) = match change.change {
        Change::Create => ("create", "is missing and would be written".to_owned()),
        Change::Update => ("update", "would be written anew".to_owned()),
        Change::Keep => ("keep", "is as it should be".to_owned()),
        Change::Edited => ("edited", "was changed by hand, which is kept".to_owned()),
        Change::Merge => ("merge", "was changed by hand; what the templates have new fits beside it".to_owned()),
        Change::Deleted(deletion) => deleted(deletion),
        Change::Delete => ("delete", "is not wanted any more and would be removed".to_owned()),
        Change::Release => (
            "release",
            "is not written any more, and nothing refers to it; it was changed by hand and is yours: carry over what you \
             need, and remove it"
                .to_owned(),
        ),
        Change::Released => ("released", "is yours: neither written nor compared".to_owned()),
        Change::Conflict(Conflict::Fields) => {
            let what = match change.open.len() {
                1 => "one thing that you and the templates both changed; yours stands".to_owned(),
                many => format!("{many} things that you and the templates both changed; yours stand"),
            };
            ("conflict", format!("has {what}"))
        }
        Change::Conflict(Conflict::NotOurs) => ("conflict", "was there before cofferdam and is not touched".to_owned()),
        Change::Conflict(Conflict::Type(kind)) => {
            ("conflict", format!("is {kind}, which is never followed or overwritten"))
        }
        Change::Conflict(Conflict::Markers) => ("conflict", "holds the markers of a conflict".to_owned()),
    };
    if let Some(at) = &change.at {
        sentence = format!("({at}) {sentence}");
    }
    if let Some(from) = &change.from {
        sentence.push_str(&format!("; it was {from}"));
    }
    (word, sentence)
}

fn deleted(deletion: Deletion) -> (&'static str, String) {
    let guard = if deletion.guards { "; the deployment is less protected without it" } else { "" };
    let back = match deletion.guards {
        true => "`cofferdam restore` brings it back, `cofferdam release` says that you see to it",
        false => "`cofferdam restore` brings it back",
    };
    if !deletion.noted {
        return (
            "missing",
            format!(
                "is missing{guard}; `cofferdam restore` brings it back, and if you meant it, `cofferdam generate` notes it"
            ),
        );
    }
    let news = if deletion.outdated { "; the templates have something new for it" } else { "" };
    ("deleted", format!("was deleted by hand and stays so{guard}{news}; {back}"))
}

/// What waits for a decision, in a line.
pub fn question(open: &Open) -> String {
    if open.at == WHOLE {
        return "it cannot be compared field by field: `cofferdam diff` and `resolve` show both".to_owned();
    }
    let [ours, theirs, base] = values([&open.ours, &open.theirs, &open.base]);
    if open.ours == open.base {
        // A comment stands on it, or beside it is what the templates need its place for.
        return format!(
            "{}: the templates have {theirs} instead of {base}, which what you wrote there keeps",
            short(&open.at)
        );
    }
    format!("{}: you have {ours}, the templates have {theirs}, written before was {base}", short(&open.at))
}

/// Several sides of a field, each in a line: of long ones, from where they begin to differ.
fn values<const N: usize>(sides: [&Option<String>; N]) -> [String; N] {
    const LONG: usize = 50;
    const BEFORE: usize = 10;
    let texts: Vec<&str> = sides.iter().filter_map(|side| side.as_deref()).collect();
    let (first, others) = texts.split_first().unwrap_or((&"", &[]));
    let alike = |(place, char): &(usize, char)| others.iter().all(|other| other[*place..].starts_with(*char));
    let same = first.char_indices().take_while(alike).count();
    if others.iter().all(|other| other == first) || same < LONG {
        return sides.map(value);
    }
    let cut = |text: &String| format!("…{}", text.chars().skip(same - BEFORE).collect::<String>());
    sides.map(|side| value(&side.as_ref().map(cut)))
}

/// What a person changed in a field, in a line.
pub fn edit(edit: &Open) -> String {
    let (at, [base, ours]) = (short(&edit.at), values([&edit.base, &edit.ours]));
    match (&edit.base, &edit.ours) {
        (Some(_), Some(_)) => format!("{at}: {base} became {ours}"),
        (Some(_), None) => format!("{at}: {base} was taken away"),
        (None, _) => format!("{at}: {ours} was added"),
    }
}

/// Where a field is. Items of some lists are named by all that is in them.
fn short(at: &str) -> String {
    const LONGEST: usize = 90;
    if at.chars().count() <= LONGEST {
        at.to_owned()
    } else {
        format!("{}…", at.chars().take(LONGEST).collect::<String>())
    }
}

/// One side of a field in a line.
pub fn value(value: &Option<String>) -> String {
    value.as_deref().map_or_else(|| "nothing".to_owned(), |text| shown(text.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_values_the_difference_is_shown() {
        let side =
            |end: &str| Some(format!("RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build {end}"));
        let open = Open { at: "build: RUN".to_owned(), base: side("--release"), ours: side("--debug"), theirs: None };
        assert_eq!(
            question(&open),
            "build: RUN: you have `…o build --debug`, the templates have nothing, written before was `…o build --release`"
        );
        let short = Open { at: "a".to_owned(), base: Some("1".to_owned()), ours: Some("12".to_owned()), theirs: None };
        assert_eq!(question(&short), "a: you have `12`, the templates have nothing, written before was `1`");
    }

    #[test]
    fn a_value_that_another_begins_with_is_shown() {
        let long = "é".repeat(70);
        let open =
            Open { at: "a".to_owned(), base: Some(long.clone()), ours: Some(format!("{long}x")), theirs: Some(long) };
        assert!(question(&open).contains("éx`"));
    }
}
