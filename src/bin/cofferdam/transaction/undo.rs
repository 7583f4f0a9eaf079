//! Going back on the last run that wrote: its own transaction, the other way round. Nothing is staged, because all that
//! it replaced lies beside its journal.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use cofferdam::lock;
use cofferdam::problem::Problem;

use super::journal::{Journal, Step};
use super::place::{Way, digest_at, digest_beside};
use super::{Turn, cannot_write, flush, overtaken, settle_all, slots, stage, staging};
use crate::Failure;
use crate::disk::{Project, damaged};

/// Beside the journal of a transaction that is being taken back. In a slot it means nothing yet.
const MARK: &str = "back";

pub(super) fn is_going_back(staging: &Path) -> bool {
    staging.join(MARK).exists()
}

/// The last run that wrote, and that everything since has left as it was.
pub(crate) struct Undo {
    slot: PathBuf,
    journal: Journal,
    /// How many runs could be taken back after this one.
    pub(crate) earlier: usize,
}

impl Undo {
    pub(crate) fn last(project: &Project) -> Result<Self, Failure> {
        super::refuse_link(project, lock::FOLDER)?;
        super::refuse_link(project, &format!("{}/undo", lock::FOLDER))?;
        let mut slots = slots::usable(project);
        let Some(slot) = slots.pop() else {
            return Err(Problem::new(
                "there is nothing to undo",
                "no run that wrote is remembered here: the last three are, on the machine that they ran on",
                "`git log` knows what is older",
            )
            .into());
        };
        let journal = Journal::read(&slot)?;
        let mut problems = Vec::new();
        for (index, step) in journal.steps.iter().enumerate().filter(|(_, step)| !step.left) {
            problems.extend(refusal(project, step, &slot.join(index.to_string()))?);
        }
        if problems.is_empty() { Ok(Self { slot, journal, earlier: slots.len() }) } else { Err(problems.into()) }
    }

    /// The files that come back, and those that go, without cofferdam's own.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, bool)> {
        let steps = self.journal.steps.iter().filter(|step| !step.left && !is_own(&step.path));
        steps.map(|step| (step.path.as_str(), step.old.is_some()))
    }

    pub(crate) fn apply(mut self, project: &Project, _turn: &Turn) -> Result<(), Failure> {
        stage::check_room(project, self.journal.steps.iter().map(|step| step.path.as_str()))?;
        let staging = staging(project);
        let slot = &self.slot;
        let committed = File::create(slot.join(MARK)).and_then(|mark| {
            mark.sync_all()?;
            File::open(slot)?.sync_all()?;
            fs::rename(slot, &staging)
        });
        committed.map_err(|error| cannot_write(slot, &error))?;
        back(project, &mut self.journal)
    }
}

/// Whether it is cofferdam's state, and no file that people know.
fn is_own(path: &str) -> bool {
    path.strip_prefix(lock::FOLDER).is_some_and(|rest| rest.starts_with('/'))
}

/// Why a step cannot be taken back without losing what a person wrote, if it cannot.
fn refusal(project: &Project, step: &Step, beside: &Path) -> Result<Option<Problem>, Failure> {
    let kept = digest_beside(beside).map_err(|error| cannot_write(beside, &error))?;
    if kept != step.old && kept != step.new || !lock::inside(&step.path) {
        return Err(damaged(Problem::new(
            format!("what was kept of {} is damaged", step.path),
            "it would not become what it was",
            format!("remove {}", beside.parent().unwrap_or(beside).display()),
        )));
    }
    let now = digest_at(project, &step.path);
    // A file that is gone holds nothing to lose.
    if now.as_ref().is_ok_and(|now| now.is_none() || *now == step.new || *now == step.old) {
        return Ok(None);
    }
    let what = format!("{} was changed after the run that would be undone", step.path);
    Ok(Some(if is_own(&step.path) {
        Problem::new(what, "another machine or version control has written here since", "`git log` knows the way back")
    } else {
        Problem::new(what, "what was written since would be lost", "move it out of the project, and run this again")
    }))
}

/// From the commit to a tree as it was before the run. What fails on the way, or meets what a person just wrote, goes
/// forward again; where that fails too, the journal stays, and the next run goes on.
pub(super) fn back(project: &Project, journal: &mut Journal) -> Result<(), Failure> {
    let staging = staging(project);
    let done = settle_all(project, &staging, journal, Way::Back).and_then(|left| {
        if !left.is_empty() {
            return Err(overtaken(&left, "nothing was undone"));
        }
        flush(&staging).map_err(|error| cannot_write(&staging, &error))?;
        slots::close(&staging).map_err(|error| cannot_write(&staging, &error).into())
    });
    match done {
        Ok(()) => {
            let _ = slots::discard(&staging);
            slots::tidy(project);
            Ok(())
        }
        Err(failure) => {
            let again = settle_all(project, &staging, journal, Way::Forward).and_then(|_| {
                flush(&staging).map_err(|error| cannot_write(&staging, &error))?;
                fs::remove_file(staging.join(MARK)).map_err(|error| cannot_write(&staging, &error).into())
            });
            if again.is_ok() && slots::prepare(project).is_ok() {
                // Where this fails, the next run does it.
                let _ = slots::keep(project, &staging, journal);
            }
            Err(failure)
        }
    }
}
