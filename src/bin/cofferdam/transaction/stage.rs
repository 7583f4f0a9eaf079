//! Before the commit: every new file is written beside the journal. Whatever can fail for want of room or rights fails
//! here.
//!
//! Pristine texts are written where they belong: they are named by their digests, and nothing refers to them before the
//! lock does.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cofferdam::lock::{self, Lock};
use cofferdam::problem::Problem;
use cofferdam::reconcile::OnDisk;

use super::journal::{Journal, Step};
use super::place::{digest_at, digest_beside, make_folders, remove_empty_folders};
use super::{cannot_write, flush};
use crate::Failure;
use crate::disk::{NOT_TEXT, Project};

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

pub(super) fn stage(project: &Project, staging: &Path, ops: &[Op]) -> Result<Journal, Failure> {
    check_room(project, ops.iter().map(|op| op.path.as_str()))?;
    let mut steps = Vec::new();
    for op in ops {
        if !lock::inside(&op.path) {
            return Err(Problem::internal(
                format!("`{}` leaves the project", op.path),
                "only files below the project are written",
            )
            .into());
        }
        let old = present(project, &op.path)?;
        let new = op.text.as_deref().map(lock::digest);
        // Whatever an interrupted run left of a pristine text, its name says what it should be.
        if old != op.expected && !lock::is_base(&op.path) {
            return Err(Problem::new(
                format!("{} changed while cofferdam was at work", op.path),
                "what somebody wrote meanwhile would be lost",
                "nothing was written; run this again",
            )
            .into());
        }
        if old == new {
            continue;
        }
        let target = project.root.join(&op.path);
        if let Some(text) = &op.text {
            let written = if op.is_new_pristine_text() && old.is_none() {
                make_folders(project, &op.path).and_then(|()| fs::write(&target, &**text))
            } else {
                fs::write(staging.join(steps.len().to_string()), &**text)
            };
            written.map_err(|error| cannot_write(&target, &error))?;
        }
        steps.push(Step { path: op.path.clone(), old, new, left: false });
    }
    let journal = Journal::new(steps);
    if journal.steps.is_empty() {
        return Ok(journal);
    }
    let committed = journal.prepare(staging).and_then(|()| {
        flush(staging)?;
        Journal::commit(staging)?;
        File::open(staging)?.sync_all()
    });
    committed.map_err(|error| cannot_write(staging, &error))?;
    Ok(journal)
}

/// The digest of a file that may be replaced.
fn present(project: &Project, path: &str) -> Result<Option<String>, Failure> {
    let kind = match (digest_at(project, path), project.on_disk(path)) {
        (Ok(_), Some(OnDisk::Other(NOT_TEXT))) if !lock::is_base(path) => NOT_TEXT,
        (Ok(digest), _) => return Ok(digest),
        (Err(kind), _) => kind,
    };
    Err(Problem::new(
        format!("{path} is {kind}"),
        "links are never followed, and only plain files are written",
        "move it away",
    )
    .into())
}

/// Whether files can be made where these go: asked before the commit, by making one in each folder.
pub(super) fn check_room<'a>(project: &Project, paths: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let nearest = |path: &str| {
        let mut folder = project.root.join(path);
        while folder.pop() && !folder.exists() {}
        folder
    };
    let folders: BTreeSet<PathBuf> = paths.map(nearest).collect();
    for folder in folders {
        tempfile::tempfile_in(&folder).map_err(|error| cannot_write(&folder, &error))?;
    }
    Ok(())
}

/// Nothing refers to them, where the rest could not be staged.
pub(super) fn take_back_pristine_texts(project: &Project, ops: &[Op]) {
    for op in ops.iter().filter(|op| op.is_new_pristine_text() && op.expected.is_none()) {
        let plain = matches!(project.on_disk(&op.path), Some(OnDisk::Text(_) | OnDisk::Other(NOT_TEXT)));
        if plain && fs::remove_file(project.root.join(&op.path)).is_ok() {
            remove_empty_folders(project, &op.path);
        }
    }
}

/// Gives the staged lock back what the present one says about some files, unless it is in place already.
pub(super) fn keep_entries(project: &Project, staged: &Path, step: &mut Step, paths: &[String]) -> io::Result<()> {
    if digest_beside(staged)? != step.new {
        step.new = digest_at(project, lock::PATH).unwrap_or_default();
        return Ok(());
    }
    let invalid = |_| io::Error::from(io::ErrorKind::InvalidData);
    let mut new = Lock::read(&fs::read_to_string(staged)?).map_err(invalid)?;
    let old = match fs::read_to_string(project.root.join(lock::PATH)) {
        Ok(text) => Lock::read(&text).map_err(invalid)?,
        Err(_) => Lock::default(),
    };
    for path in paths {
        match old.files.get(path) {
            Some(entry) => new.files.insert(path.clone(), entry.clone()),
            None => new.files.remove(path),
        };
    }
    let text = new.write();
    fs::write(staged, &text)?;
    step.new = Some(lock::digest(&text));
    Ok(())
}
