//! One run at a time, and what an interrupted one had committed comes first.

use std::fs::{self, File, TryLockError};

use cofferdam::lock;
use cofferdam::problem::Problem;

use super::journal::{self, Journal};
use super::{cannot_write, forward, is_committed, refuse_link, slots, staging, undo};
use crate::disk::Project;
use crate::{Failure, terminal};

/// Held by a run that writes, from before it reads to its end, however it ends: two at once would plan on each other's
/// files.
pub(crate) struct Turn {
    _root: File,
    /// What an interrupted run had committed, and this one has completed.
    pub(crate) recovered: Option<Recovered>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Recovered {
    Run,
    Undo,
}

impl Turn {
    /// Waits for nobody. Completes what an interrupted run had committed, or clears away what it had not: the answers
    /// too may be among what was interrupted.
    pub(crate) fn take(project: &Project) -> Result<Self, Failure> {
        // The project's own folder: it is there already, and stays.
        let root = File::open(&project.root).map_err(|error| cannot_write(&project.root, &error))?;
        root.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Problem::new(
                "another cofferdam is writing this project",
                "two at once would overwrite each other",
                "wait until it has ended, and run this again",
            ),
            TryLockError::Error(error) => cannot_write(&project.root, &error),
        })?;
        let recovered = recover(project)?;
        match recovered {
            None => {}
            Some(Recovered::Run) => terminal::say("completed the run that was interrupted"),
            Some(Recovered::Undo) => terminal::say("completed the undo that was interrupted"),
        }
        Ok(Self { _root: root, recovered })
    }
}

fn recover(project: &Project) -> Result<Option<Recovered>, Failure> {
    let staging = staging(project);
    if fs::symlink_metadata(&staging).is_err() {
        return Ok(None);
    }
    refuse_link(project, lock::FOLDER)?;
    refuse_link(project, &format!("{}/txn", lock::FOLDER))?;
    if !is_committed(project) {
        slots::discard(&staging).map_err(|error| cannot_write(&staging, &error))?;
        slots::tidy(project);
        return Ok(None);
    }
    if undo::is_going_back(&staging) {
        undo::back(project)?;
        return Ok(Some(Recovered::Undo));
    }
    slots::prepare(project)?;
    forward(project, &mut Journal::read(&staging.join(journal::NAME))?)?;
    Ok(Some(Recovered::Run))
}
