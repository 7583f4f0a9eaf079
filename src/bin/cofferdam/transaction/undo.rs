//! Going back on the last run that wrote: its own transaction, the other way round. Nothing is staged, because all that
//! it replaced lies beside its journal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cofferdam::lock;
use cofferdam::problem::Problem;

use super::journal::{self, Journal, Step, Way};
use super::place::{digest_at, digest_beside};
use super::{Turn, cannot_write, flush, overtaken, settle_all, slots, stage, staging};
use crate::Failure;
use crate::disk::{Project, damaged};

/// Beside the journal of a transaction that is being taken back: its steps from what stood there when that began. In a
/// slot it means nothing yet.
const BACK: &str = "back";

pub(super) fn is_going_back(staging: &Path) -> bool {
    staging.join(BACK).exists()
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
        let mut journal = Journal::read(&slot.join(journal::NAME))?;
        let mut problems = Vec::new();
        let steps = journal.steps.iter_mut().enumerate();
        for (index, step) in steps.filter(|(_, step)| !step.left && !step.is_cancelled()) {
            match present(project, step, &slot.join(index.to_string()))? {
                Ok(present) => step.new = present,
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(Self { slot, journal, earlier: slots.len() }) } else { Err(problems.into()) }
    }

    /// The files that come back, and those that go, without cofferdam's own.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, bool)> {
        let changes = |step: &&Step| !step.left && !step.is_cancelled() && !lock::is_state(&step.path);
        let steps = self.journal.steps.iter().filter(changes);
        steps.map(|step| (step.path.as_str(), step.old.is_some()))
    }

    pub(crate) fn apply(self, project: &Project, _turn: &Turn) -> Result<(), Failure> {
        stage::check_room(project, self.journal.steps.iter().map(|step| step.path.as_str()))?;
        let staging = staging(project);
        let slot = &self.slot;
        let committed = self.journal.write(&slot.join(BACK)).and_then(|()| {
            flush(slot)?;
            fs::rename(slot, &staging)
        });
        committed.map_err(|error| cannot_write(slot, &error))?;
        back(project)
    }
}

/// What a step is taken back from; a problem where what a person wrote would be lost.
fn present(project: &Project, step: &Step, beside: &Path) -> Result<Result<Option<String>, Problem>, Failure> {
    let kept = digest_beside(beside).map_err(|error| cannot_write(beside, &error))?;
    if kept != step.old || !lock::inside(&step.path) {
        return Err(damaged(Problem::new(
            format!("what was kept of {} is damaged", step.path),
            "it would not become what it was",
            format!("remove {}", beside.parent().unwrap_or(beside).display()),
        )));
    }
    match digest_at(project, &step.path) {
        // A file that is gone holds nothing to lose.
        Ok(now) if now.is_none() || now == step.new || now == step.old => return Ok(Ok(now)),
        _ => {}
    }
    let what = format!("{} was changed after the run that would be undone", step.path);
    Ok(Err(if lock::is_state(&step.path) {
        Problem::new(what, "another machine or version control has written here since", "`git log` knows the way back")
    } else {
        Problem::new(what, "what was written since would be lost", "move it out of the project, and run this again")
    }))
}

/// From the commit to a tree as it was before the run. What fails on the way, or meets what a person just wrote, goes
/// forward again; where that fails too, the mark stays, and the next run goes on.
pub(super) fn back(project: &Project) -> Result<(), Failure> {
    let staging = staging(project);
    let journal = Journal::read(&staging.join(journal::NAME))?;
    let steps = Journal::read(&staging.join(BACK))?;
    let failed = |error: &io::Error| Failure::from(cannot_write(&staging, error));
    let done = settle_all(project, &staging, &steps, Way::Back).and_then(|left| {
        if !left.is_empty() {
            return Err(overtaken(&left, "nothing was undone"));
        }
        flush(&staging).and_then(|()| slots::close(&staging)).map_err(|error| failed(&error))
    });
    if done.is_ok() {
        let _ = slots::discard(&staging);
        slots::tidy(project);
        return Ok(());
    }
    let again = settle_all(project, &staging, &steps, Way::Forward).and_then(|_| {
        flush(&staging).and_then(|()| fs::remove_file(staging.join(BACK))).map_err(|error| failed(&error))
    });
    if again.is_ok() && slots::prepare(project).is_ok() {
        // Where this fails, the next run does it.
        let _ = slots::keep(project, &staging, &journal);
    }
    done
}
