//! All or nothing on disk. Everything is staged and flushed first; one rename commits; then each staged file and the one
//! that it replaces change places. What was replaced stays, as it was, for `undo`.
//!
//! One folder holds a transaction, and every state of it is a name of that folder or of a file in it:
//!
//! | `.cofferdam/` | | killed here, the next run |
//! | --- | --- | --- |
//! | `txn/` | being staged; the tree is as it was | clears it away |
//! | `txn/journal` | committed | goes through every step, and keeps it for `undo` |
//! | `txn/journal`, `txn/back` | being taken back | goes back through every step of `back`, and clears it away |
//! | `undo/7/journal` | done, and kept: the same folder | |

mod journal;
mod place;
mod slots;
mod stage;
mod turn;
mod undo;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use cofferdam::lock;
use cofferdam::problem::Problem;
use cofferdam::report::Verdict;

use crate::Failure;
use crate::disk::{Project, problem};
pub(crate) use journal::is_committed;
use journal::{Journal, Step, Way};
use place::{Settled, settle};
pub(crate) use stage::Op;
pub(crate) use turn::{Recovered, Turn};
pub(crate) use undo::Undo;

/// Writes and removes all of `ops`, or none.
pub(crate) fn apply(project: &Project, _turn: &Turn, ops: Vec<Op>) -> Result<(), Failure> {
    if ops.is_empty() {
        return Ok(());
    }
    slots::prepare(project)?;
    let staging = staging(project);
    // Not whatever stands there: it may be what another run committed since this one began.
    fs::create_dir(&staging).map_err(|error| cannot_write(&staging, &error))?;
    let staged = stage::stage(project, &staging, ops).inspect_err(|_| {
        let _ = slots::discard(&staging);
        slots::tidy(project);
    });
    let mut journal = staged?;
    if journal.steps.is_empty() {
        let _ = slots::discard(&staging);
        slots::tidy(project);
        return Ok(());
    }
    forward(project, &mut journal)?;
    let left = journal.left();
    if left.is_empty() { Ok(()) } else { Err(overtaken(&left, "everything else was written")) }
}

fn staging(project: &Project) -> PathBuf {
    project.root.join(lock::FOLDER).join("txn")
}

/// From the commit to the slot that `undo` takes back. What fails on the way is gone back on; where that fails too, the
/// journal stays, and the next run goes on.
fn forward(project: &Project, journal: &mut Journal) -> Result<(), Failure> {
    let staging = staging(project);
    let failed = |error: &io::Error| Failure::from(cannot_write(&staging, error));
    let done = settle_forward(project, &staging, journal).and_then(|()| {
        // The journal goes only when what it promises is on the disk.
        flush(&staging).map_err(|error| failed(&error))?;
        if !journal.left().is_empty() {
            journal.commit(&staging).map_err(|error| failed(&error))?;
        }
        slots::keep(project, &staging, journal).map_err(|error| failed(&error))
    });
    done.inspect_err(|_| {
        let back = settle_all(project, &staging, journal, Way::Back);
        if back.is_ok() && flush(&staging).is_ok() && slots::close(&staging).is_ok() {
            let _ = slots::discard(&staging);
            slots::tidy(project);
        }
    })
}

/// Files that a person changed meanwhile are left as they are, and marked in the journal.
fn settle_forward(project: &Project, staging: &Path, journal: &mut Journal) -> Result<(), Failure> {
    let files = journal.files();
    let known = journal.left().len();
    for number in 0..files {
        take_forward(project, staging, journal, number)?;
    }
    if journal.left().len() > known {
        stage::amend(project, staging, journal).map_err(|error| cannot_write(staging, &error))?;
    }
    for number in files..journal.steps.len() {
        take_forward(project, staging, journal, number)?;
    }
    Ok(())
}

fn take_forward(project: &Project, staging: &Path, journal: &mut Journal, number: usize) -> Result<(), Failure> {
    let was_overtaken = !journal.left().is_empty();
    let step = &mut journal.steps[number];
    if was_overtaken && step.new.is_none() && lock::is_state(&step.path) {
        // The lock goes on referring to the pristine texts of what was left.
        step.cancel();
    }
    step.left = step.left || take(project, staging, step, number, Way::Forward)? == Settled::Left;
    Ok(())
}

/// Returns the files that a person changed meanwhile: theirs, and untouched.
fn settle_all(project: &Project, staging: &Path, journal: &Journal, way: Way) -> Result<Vec<String>, Failure> {
    let mut steps: Vec<(usize, &Step)> = journal.steps.iter().enumerate().filter(|(_, step)| !step.left).collect();
    if way == Way::Back {
        steps.reverse();
    }
    let mut left = Vec::new();
    for (number, step) in steps {
        if take(project, staging, step, number, way)? == Settled::Left {
            left.push(step.path.clone());
        }
    }
    Ok(left)
}

fn take(project: &Project, staging: &Path, step: &Step, number: usize, way: Way) -> Result<Settled, Failure> {
    let settled = settle(project, &staging.join(number.to_string()), step, way);
    settled.map_err(|error| cannot_write(&project.root.join(&step.path), &error).into())
}

/// Flushes everything below a folder at once: a thousand files cost one wait instead of a thousand.
fn flush(folder: &Path) -> io::Result<()> {
    let folder = File::open(folder)?;
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&folder)?;
    #[cfg(not(target_os = "linux"))]
    rustix::fs::sync();
    folder.sync_all()
}

fn refuse_link(project: &Project, path: &str) -> Result<(), Failure> {
    match fs::symlink_metadata(project.root.join(path)) {
        Ok(metadata) if metadata.is_symlink() => Err(Problem::new(
            format!("{path} is a link"),
            "links are never followed: they may leave the project",
            "replace it by a folder",
        )
        .into()),
        _ => Ok(()),
    }
}

/// Files that somebody changed after they were looked at, and before they were replaced.
pub(crate) fn overtaken(paths: &[String], rest: &str) -> Failure {
    let problem = Problem::new(
        format!("{} changed while cofferdam was at work", paths.join(", ")),
        format!("what somebody wrote meanwhile is kept; {rest}"),
        "run this again, and it is compared again",
    );
    Failure::Problems(Verdict::Conflict, vec![problem])
}

fn cannot_write(path: &Path, error: &io::Error) -> Problem {
    let help = match error.kind() {
        io::ErrorKind::StorageFull => "free some space, and run this again",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make the folder writable, and run this again"
        }
        _ => "nothing was lost; mend it and run this again",
    };
    problem(path, &error.to_string(), help)
}
