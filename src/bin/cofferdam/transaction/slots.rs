//! Transactions that are done, kept for `undo`: numbered folders, the highest is the last run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cofferdam::lock;

use super::journal::{self, Journal};
use super::{cannot_write, refuse_link};
use crate::Failure;
use crate::disk::Project;

const NAME: &str = "undo";
/// As many runs as `undo` can take back.
const MOST: usize = 3;

fn folder(project: &Project) -> PathBuf {
    project.root.join(lock::FOLDER).join(NAME)
}

/// Makes room for one more, before anything is committed.
pub(super) fn prepare(project: &Project) -> Result<(), Failure> {
    refuse_link(project, lock::FOLDER)?;
    refuse_link(project, &format!("{}/{NAME}", lock::FOLDER))?;
    let folder = folder(project);
    fs::create_dir_all(&folder).map_err(|error| cannot_write(&folder, &error).into())
}

/// Every slot by its number, the oldest first.
fn all(project: &Project) -> Vec<(u64, PathBuf)> {
    let entries = fs::read_dir(folder(project)).into_iter().flatten().flatten();
    let plain = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut all: Vec<(u64, PathBuf)> =
        plain.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path()))).collect();
    all.sort();
    all
}

/// Those that can be gone back on: the journal is the first thing that goes when a slot is cleared away.
pub(super) fn usable(project: &Project) -> Vec<PathBuf> {
    all(project).into_iter().map(|(_, slot)| slot).filter(|slot| slot.join(journal::NAME).is_file()).collect()
}

/// The end of a transaction, in one rename. Clearing away what nothing refers to is nothing to take back.
pub(super) fn keep(project: &Project, staging: &Path, journal: &Journal) -> io::Result<()> {
    if journal.steps.iter().all(|step| lock::is_base(&step.path)) {
        close(staging)?;
        let _ = discard(staging);
        tidy(project);
        return Ok(());
    }
    let known = all(project);
    let number = known.last().map_or(1, |(number, _)| number.saturating_add(1));
    fs::rename(staging, folder(project).join(number.to_string()))?;
    let keeps = known.len().saturating_sub(MOST - 1);
    for (_, slot) in &known[..keeps] {
        // The next run tries again.
        let _ = discard(slot);
    }
    Ok(())
}

/// Ends a transaction: without its journal, the folder is rubbish that any later run clears away.
pub(super) fn close(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(journal::NAME)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn discard(folder: &Path) -> io::Result<()> {
    close(folder)?;
    fs::remove_dir_all(folder)
}

/// Leaves no empty folder behind.
pub(super) fn tidy(project: &Project) {
    let _ = fs::remove_dir(folder(project)).and_then(|()| fs::remove_dir(project.root.join(lock::FOLDER)));
}
