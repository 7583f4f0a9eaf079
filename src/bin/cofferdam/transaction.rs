//! All or nothing on disk. Everything is staged and flushed first; one rename commits; then files are moved into place.
//!
//! Killed before the commit, the tree is as it was. Killed after it, the next run moves the rest into place.
//!
//! Pristine texts are not staged: they are named by their digests, and nothing refers to them before the lock does.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cofferdam::lock::{self, Lock};
use cofferdam::problem::Problem;
use cofferdam::reconcile::OnDisk;
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::disk::{NOT_TEXT, Project, problem};

/// One file to write or remove.
pub(crate) struct Op {
    pub(crate) path: String,
    /// None removes it.
    pub(crate) text: Option<Arc<str>>,
    /// Digest of what stood there when this was decided; another text means that somebody was at work meanwhile.
    pub(crate) expected: Option<String>,
}

impl Op {
    /// `seen` is what the decision was made on.
    pub(crate) fn new(path: impl Into<String>, text: Option<Arc<str>>, seen: Option<&OnDisk>) -> Self {
        let expected = match seen {
            Some(OnDisk::Text(text)) => Some(lock::digest(text)),
            Some(OnDisk::Other(_)) | None => None,
        };
        Self { path: path.into(), text, expected }
    }

    fn is_new_pristine_text(&self) -> bool {
        self.text.is_some() && lock::is_base(&self.path)
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Journal {
    format: u32,
    steps: Vec<Step>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Step {
    path: String,
    /// Digest of what was there when it was planned.
    old: Option<String>,
    /// Digest of what is staged; none removes the file.
    new: Option<String>,
}

/// Held while a run writes; released when it ends, however it ends.
pub(crate) struct Turn {
    _folder: File,
}

/// Waits for nobody: two runs at once would plan on each other's files.
pub(crate) fn take_turn(project: &Project) -> Result<Turn, Failure> {
    let path = project.root.join(lock::FOLDER);
    refuse_link(project, lock::FOLDER)?;
    fs::create_dir_all(&path).map_err(|error| cannot_write(&path, &error))?;
    let folder = File::open(&path).map_err(|error| cannot_write(&path, &error))?;
    folder.try_lock().map_err(|_| {
        Problem::new(
            "another cofferdam is writing this project",
            "two at once would overwrite each other",
            "wait until it has ended, and run this again",
        )
    })?;
    Ok(Turn { _folder: folder })
}

/// Completes what an interrupted run had committed, or clears away what it had not. Comes before anything is read:
/// the answers too may be among what was interrupted.
pub(crate) fn recover(project: &Project) -> Result<bool, Failure> {
    let staging = project.root.join(lock::FOLDER).join("txn");
    if fs::symlink_metadata(&staging).is_err() {
        return Ok(false);
    }
    let _turn = take_turn(project)?;
    refuse_link(project, &format!("{}/txn", lock::FOLDER))?;
    let journal = staging.join("journal.json");
    let committed = journal.exists();
    if committed {
        let text = fs::read_to_string(&journal).map_err(|error| cannot_write(&journal, &error))?;
        let journal: Journal = serde_json::from_str(&text).map_err(|error| {
            Problem::new(
                "the journal of an interrupted run is damaged",
                error.to_string(),
                "restore the project from version control, then remove .cofferdam/txn",
            )
        })?;
        move_into_place(project, &staging, &journal)?;
    }
    fs::remove_dir_all(&staging).map_err(|error| cannot_write(&staging, &error))?;
    Ok(committed)
}

/// Writes and removes all of `ops`, or none.
pub(crate) fn apply(project: &Project, _turn: &Turn, ops: &[Op]) -> Result<(), Failure> {
    if ops.is_empty() {
        return Ok(());
    }
    let staging = project.root.join(lock::FOLDER).join("txn");
    let journal = stage(project, &staging, ops).inspect_err(|_| {
        let _ = fs::remove_dir_all(&staging);
        for op in ops.iter().filter(|op| op.is_new_pristine_text() && op.expected.is_none()) {
            let _ = remove_base(project, &op.path);
        }
    })?;
    move_into_place(project, &staging, &journal)?;
    fs::remove_dir_all(&staging).map_err(|error| cannot_write(&staging, &error))?;
    Ok(())
}

/// Everything that can fail for want of room or rights fails here, before the commit.
fn stage(project: &Project, staging: &Path, ops: &[Op]) -> Result<Journal, Failure> {
    fs::create_dir_all(staging).map_err(|error| cannot_write(staging, &error))?;
    check_room(project, ops)?;
    let mut steps = Vec::new();
    for op in ops {
        if !lock::inside(&op.path) {
            return Err(Problem::internal(
                format!("`{}` leaves the project", op.path),
                "only files below the project are written",
            )
            .into());
        }
        let old = match project.on_disk(&op.path) {
            None => None,
            Some(OnDisk::Text(text)) => Some(lock::digest(&text)),
            // Whatever an interrupted run left of a pristine text, its name says what it should be.
            Some(OnDisk::Other(NOT_TEXT)) if lock::is_base(&op.path) => None,
            Some(OnDisk::Other(kind)) => {
                return Err(Problem::new(
                    format!("{} is {kind}", op.path),
                    "links are never followed, and only plain files are written",
                    "move it away",
                )
                .into());
            }
        };
        let target = project.root.join(&op.path);
        if let Some(text) = op.text.as_ref().filter(|_| op.is_new_pristine_text()) {
            // What an interrupted run left of it is written again; what is whole may be in use.
            if old != Some(lock::digest(text)) {
                make_folders(project, &op.path)
                    .and_then(|()| fs::write(&target, &**text))
                    .map_err(|error| cannot_write(&target, &error))?;
            }
            continue;
        }
        if let Some(text) = &op.text {
            let path = staging.join(steps.len().to_string());
            fs::write(&path, &**text).map_err(|error| cannot_write(&target, &error))?;
        }
        if old != op.expected && !lock::is_base(&op.path) {
            return Err(Problem::new(
                format!("{} changed while cofferdam was at work", op.path),
                "what somebody wrote meanwhile would be lost",
                "nothing was written; run this again",
            )
            .into());
        }
        steps.push(Step { path: op.path.clone(), old, new: op.text.as_deref().map(lock::digest) });
    }
    let journal = Journal { format: 1, steps };
    let text = serde_json::to_string(&journal).map_err(|error| Problem::internal("the journal", error.to_string()))?;
    let prepared = staging.join("journal.tmp");
    fs::write(&prepared, &text).map_err(|error| cannot_write(&prepared, &error))?;
    flush(staging).map_err(|error| cannot_write(staging, &error))?;
    fs::rename(&prepared, staging.join("journal.json")).map_err(|error| cannot_write(&prepared, &error))?;
    File::open(staging).and_then(|folder| folder.sync_all()).map_err(|error| cannot_write(staging, &error))?;
    Ok(journal)
}

/// Whether files can be made where these go: asked before the commit, by making one in each folder.
fn check_room(project: &Project, ops: &[Op]) -> Result<(), Failure> {
    let nearest = |op: &Op| {
        let mut folder = project.root.join(&op.path);
        while folder.pop() && !folder.exists() {}
        folder
    };
    let folders: BTreeSet<PathBuf> = ops.iter().map(nearest).collect();
    for folder in folders {
        tempfile::tempfile_in(&folder).map_err(|error| cannot_write(&folder, &error))?;
    }
    Ok(())
}

fn move_into_place(project: &Project, staging: &Path, journal: &Journal) -> Result<(), Failure> {
    // Files that a person changed after the commit: theirs, and the lock must not say that ours were written.
    let mut left = Vec::new();
    for (index, step) in journal.steps.iter().enumerate() {
        let staged = staging.join(index.to_string());
        let target = project.root.join(&step.path);
        if step.new.is_none() && lock::is_base(&step.path) {
            // The lock may still refer to it where something was left.
            if left.is_empty() {
                remove_base(project, &step.path).map_err(|error| cannot_write(&target, &error))?;
            }
            continue;
        }
        let now = match project.on_disk(&step.path) {
            Some(OnDisk::Text(text)) => Some(lock::digest(&text)),
            None => None,
            Some(OnDisk::Other(_)) => {
                left.push(step.path.as_str());
                continue;
            }
        };
        if now == step.new {
            continue;
        }
        let changed = now != step.old || !lock::inside(&step.path) || step.new.is_some() && !is_staged(&staged, step);
        if changed {
            left.push(step.path.as_str());
            continue;
        }
        if step.path == lock::PATH && !left.is_empty() {
            keep_entries(project, &staged, &left).map_err(|error| cannot_write(&target, &error))?;
        }
        let moved = match step.new {
            Some(_) => make_folders(project, &step.path)
                .and_then(|()| keep_mode(&target, &staged))
                .and_then(|()| fs::rename(&staged, &target)),
            None => fs::remove_file(&target).map(|()| remove_empty_folders(project, &step.path)),
        };
        moved.map_err(|error| cannot_write(&target, &error))?;
    }
    // The journal goes only when what it promises is on the disk.
    flush(staging).map_err(|error| cannot_write(staging, &error).into())
}

/// Removes a pristine text, or what an interrupted run left of one. Never what is no plain file.
fn remove_base(project: &Project, path: &str) -> io::Result<()> {
    let plain = matches!(project.on_disk(path), Some(OnDisk::Text(_) | OnDisk::Other(NOT_TEXT)));
    if plain {
        fs::remove_file(project.root.join(path))?;
        remove_empty_folders(project, path);
    }
    Ok(())
}

/// Whether the staged file is what the journal says: a plain file of that text. A journal may come from anywhere.
fn is_staged(staged: &Path, step: &Step) -> bool {
    let plain = fs::symlink_metadata(staged).is_ok_and(|metadata| metadata.is_file());
    plain && fs::read_to_string(staged).is_ok_and(|text| Some(lock::digest(&text)) == step.new)
}

/// Gives the staged lock back what the present one says about some files.
fn keep_entries(project: &Project, staged: &Path, paths: &[&str]) -> io::Result<()> {
    let invalid = |_| io::Error::from(io::ErrorKind::InvalidData);
    let mut new = Lock::read(&fs::read_to_string(staged)?).map_err(invalid)?;
    let old = match fs::read_to_string(project.root.join(lock::PATH)) {
        Ok(text) => Lock::read(&text).map_err(invalid)?,
        Err(_) => Lock::default(),
    };
    for path in paths {
        match old.files.get(*path) {
            Some(entry) => new.files.insert((*path).to_owned(), entry.clone()),
            None => new.files.remove(*path),
        };
    }
    fs::write(staged, new.write())
}

fn make_folders(project: &Project, path: &str) -> io::Result<()> {
    match path.rsplit_once('/') {
        Some((folder, _)) => fs::create_dir_all(project.root.join(folder)),
        None => Ok(()),
    }
}

fn keep_mode(target: &Path, staged: &Path) -> io::Result<()> {
    match fs::metadata(target) {
        Ok(metadata) => fs::set_permissions(staged, metadata.permissions()),
        Err(_) => Ok(()),
    }
}

/// Folders that only held what was removed.
fn remove_empty_folders(project: &Project, path: &str) {
    let mut folder = PathBuf::from(path);
    while folder.pop() && !folder.as_os_str().is_empty() {
        if fs::remove_dir(project.root.join(&folder)).is_err() {
            return;
        }
    }
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
