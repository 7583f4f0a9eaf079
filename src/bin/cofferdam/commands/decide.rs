//! `restore`, `release`, `adopt`: what a person wants with a file, and the way each decision is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::ArgMatches;
use cofferdam::problem::{Problem, shown};
use cofferdam::reconcile::{Change, ChangeSet, Conflict, FileChange, Wish};
use cofferdam::report::Verdict;

use super::comparison::{Comparison, Wishes, unknown};
use super::opened::Opened;
use super::write;
use crate::disk::Project;
use crate::transaction::Turn;
use crate::{Failure, Outcome};

/// What every decision starts from: the project, held while it is decided about.
pub(super) struct Desk {
    pub(super) opened: Opened,
    turn: Turn,
}

impl Desk {
    pub(super) fn open(matches: &ArgMatches) -> Result<Self, Failure> {
        let project = Project::open(&super::project_folder(matches))?;
        let turn = Turn::take(&project)?;
        Ok(Self { opened: Opened::new(project)?, turn })
    }

    /// As things stand, nothing decided.
    pub(super) fn now(&self) -> Result<ChangeSet, Failure> {
        Ok(Comparison::new(&self.opened, &Wishes::new())?.set)
    }

    /// The files that a person names, by planned path: they may name those that were moved by where they are now. Of
    /// several in one file, those that the decision is for.
    pub(super) fn named(
        &self,
        matches: &ArgMatches,
        now: &ChangeSet,
        fits: impl Fn(&FileChange) -> bool,
    ) -> Vec<String> {
        let mut named = Vec::new();
        for path in matches.get_many::<String>("path").into_iter().flatten() {
            // As `check` names it, or as it is named from here.
            let known = now.changes.iter().any(|(planned, change)| planned == path || change.at.as_ref() == Some(path));
            let from_here = || self.opened.project.path_of(path);
            let path = Some(path.clone()).filter(|_| known).or_else(from_here).unwrap_or_else(|| path.clone());
            let moved = now.changes.iter().filter(|(_, change)| change.at.as_ref() == Some(&path) && fits(change));
            let before = named.len();
            named.extend(moved.map(|(planned, _)| planned.clone()));
            if named.len() == before {
                named.push(path);
            }
        }
        named
    }

    /// Writes what `wishes` name, and nothing else. `edited` are texts that a person wrote meanwhile, by path.
    pub(super) fn write(&self, wishes: &Wishes, edited: &BTreeMap<String, Arc<str>>) -> Result<Outcome, Failure> {
        let mut comparison = Comparison::with_edits(&self.opened, wishes, edited)?;
        let left = comparison.set.conflicts().count();
        let brings_back = wishes.values().any(|wish| matches!(wish, Wish::Take | Wish::Restore));
        comparison.narrow(|path, change| {
            // The list of resources names again what comes back.
            let follows =
                path.ends_with("kustomization.yaml") && matches!(change.change, Change::Update | Change::Merge);
            wishes.contains_key(path) || brings_back && follows
        });
        let mut outcome = write::write(&self.opened.project, &self.turn, &comparison, Vec::new())?;
        let shown = comparison.set.conflicts().count();
        if left > shown {
            outcome.text.push_str(&format!("{} more in conflict; `cofferdam check` shows them\n", left - shown));
            outcome.verdict = Verdict::Conflict;
        }
        Ok(outcome)
    }
}

pub(super) fn run(matches: &ArgMatches, wish: &Wish) -> Result<Outcome, Failure> {
    let desk = Desk::open(matches)?;
    let now = desk.now()?;
    let paths = desk.named(matches, &now, |change| fits(wish, &change.change));
    let problems: Vec<Problem> = paths.iter().filter_map(|path| refusal(path, &now, wish)).collect();
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let wishes = paths.into_iter().map(|path| (path, wish.clone())).collect();
    desk.write(&wishes, &BTreeMap::new())
}

fn fits(wish: &Wish, change: &Change) -> bool {
    match (wish, change) {
        (_, Change::Conflict(Conflict::Type(_)) | Change::Delete | Change::Release) => false,
        (Wish::Restore, change) => !matches!(change, Change::Keep | Change::Update | Change::Create),
        (Wish::Adopt, change) => matches!(change, Change::Released | Change::Conflict(Conflict::NotOurs)),
        (Wish::Release, change) => !matches!(change, Change::Released | Change::Create),
        _ => true,
    }
}

/// Why a wish makes no sense for a file, if it makes none.
fn refusal(path: &str, now: &ChangeSet, wish: &Wish) -> Option<Problem> {
    let (what, why) = match wish {
        Wish::Restore => {
            ("to be restored", "only what was edited, deleted or released differs from what the templates have")
        }
        Wish::Adopt => {
            ("to be adopted", "only files that were there before, or that were released, are not managed yet")
        }
        _ => ("to be released", "only files that cofferdam writes can be taken over"),
    };
    match now.changes.get(path) {
        Some(change) if fits(wish, &change.change) => None,
        Some(FileChange { change: Change::Conflict(Conflict::Type(kind)), .. }) => Some(is_no_file(path, kind)),
        Some(_) => Some(Problem::new(
            format!("{} is not {what}", shown(path)),
            why,
            "`cofferdam check` says how each file stands",
        )),
        None => {
            let known =
                now.changes.iter().filter(|(_, change)| fits(wish, &change.change)).map(|(path, _)| path.as_str());
            Some(unknown(path, known, what))
        }
    }
}

pub(super) fn is_no_file(path: &str, kind: &str) -> Problem {
    Problem::new(
        format!("{} is {kind}", shown(path)),
        "links are never followed, and only plain files are written",
        "move it away, and run `cofferdam generate`",
    )
}
