//! What `check` found, as data, and the formats that show it. One file and one line per format.

mod json;
mod text;

use std::collections::BTreeMap;

use crate::reconcile::{Change, ChangeSet, Conflict};
use crate::rules::Finding;

pub struct Format {
    pub name: &'static str,
    pub render: fn(&Report) -> String,
}

pub static ALL: &[&Format] = &[&text::FORMAT, &json::FORMAT];

/// A project held against what would be written now.
pub struct Report {
    pub changes: BTreeMap<String, Change>,
    /// Rules that a person's edits break.
    pub weakened: Vec<Finding>,
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
            Self::Drift => "drift: files are missing, or edits weaken what they protect",
            Self::Conflict => "conflict: a person and the templates changed the same file",
            Self::Damaged => "the state in .cofferdam is damaged",
        }
    }
}

impl Report {
    pub fn new(changes: &ChangeSet, weakened: Vec<Finding>) -> Self {
        Self { changes: changes.changes.clone(), weakened }
    }

    pub fn verdict(&self) -> Verdict {
        let of_change = |change: &Change| match change {
            Change::Keep | Change::Edited | Change::Release => Verdict::Fine,
            Change::Create | Change::Update | Change::Delete => Verdict::OutOfDate,
            Change::StaysDeleted => Verdict::Drift,
            Change::Conflict(_) => Verdict::Conflict,
        };
        let worst = self.changes.values().map(of_change).max().unwrap_or(Verdict::Fine);
        if self.weakened.is_empty() { worst } else { worst.max(Verdict::Drift) }
    }
}

/// A change in a word and in a sentence.
pub fn words(change: &Change) -> (&'static str, String) {
    match change {
        Change::Create => ("create", "is missing and would be written".to_owned()),
        Change::Update => ("update", "would be written anew".to_owned()),
        Change::Keep => ("keep", "is as it should be".to_owned()),
        Change::Edited => ("edited", "was changed by hand, which is kept".to_owned()),
        Change::StaysDeleted => {
            ("deleted", "was deleted by hand and stays so; `cofferdam resolve --take` brings it back".to_owned())
        }
        Change::Delete => ("delete", "is not wanted any more and would be removed".to_owned()),
        Change::Release => ("release", "is not written any more; it was changed by hand and is yours".to_owned()),
        Change::Conflict(Conflict::Edited) => {
            ("conflict", "was changed by hand, and the templates have something new for it".to_owned())
        }
        Change::Conflict(Conflict::NotOurs) => ("conflict", "was there before cofferdam and is not touched".to_owned()),
        Change::Conflict(Conflict::Type(kind)) => {
            ("conflict", format!("is {kind}, which is never followed or overwritten"))
        }
    }
}
