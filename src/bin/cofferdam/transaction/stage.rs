//! Before the commit: every new file is written beside the journal. Whatever can fail for want of room or rights fails
//! here.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cofferdam::lock::{self, Lock};
use cofferdam::problem::Problem;
use cofferdam::reconcile::OnDisk;

use super::cannot_write;
use super::journal::{Journal, Step};
use super::place::{digest_at, digest_beside};
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

    /// When its turn comes: the lock after all that it refers to, and before what it no longer refers to goes.
    fn phase(&self) -> u8 {
        match &self.text {
            _ if !lock::is_state(&self.path) => 0,
            Some(_) if self.path != lock::PATH => 1,
            Some(_) => 2,
            None => 3,
        }
    }
}

pub(super) fn stage(project: &Project, staging: &Path, mut ops: Vec<Op>) -> Result<Journal, Failure> {
    ops.sort_by_key(Op::phase);
    let (mut steps, mut texts) = (Vec::new(), Vec::new());
    for Op { path, text, expected } in ops {
        if !lock::inside(&path) {
            return Err(Problem::internal(
                format!("`{path}` leaves the project"),
                "only files below the project are written",
            )
            .into());
        }
        let old = present(project, &path)?;
        let new = text.as_deref().map(lock::digest);
        // Whatever an interrupted run left of a pristine text, its name says what it should be.
        if old != expected && !lock::is_base(&path) {
            return Err(Problem::new(
                format!("{path} changed while cofferdam was at work"),
                "what somebody wrote meanwhile would be lost",
                "nothing was written; run this again",
            )
            .into());
        }
        if old != new {
            steps.push(Step { path, old, new, left: false });
            texts.push(text);
        }
    }
    let journal = Journal::new(steps);
    if journal.steps.is_empty() {
        return Ok(journal);
    }
    check_room(project, journal.steps.iter().map(|step| step.path.as_str()))?;
    for (number, (step, text)) in journal.steps.iter().zip(texts).enumerate() {
        let Some(text) = text else { continue };
        fs::write(staging.join(number.to_string()), &*text)
            .map_err(|error| cannot_write(&project.root.join(&step.path), &error))?;
    }
    journal.commit(staging).map_err(|error| cannot_write(staging, &error))?;
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

/// A lock that says of the files that were left what the present one says, as a further step in place of the staged one.
/// It is in the journal before it is on the disk: whoever completes this run then goes by the same lock.
pub(super) fn amend(project: &Project, staging: &Path, journal: &mut Journal) -> io::Result<()> {
    let staged = |number: usize| staging.join(number.to_string());
    let Some(number) = journal.steps.iter().position(|step| step.path == lock::PATH) else { return Ok(()) };
    let step = &journal.steps[number];
    let now = digest_at(project, lock::PATH).unwrap_or_default();
    // Someone else changed it, or it is in place already: then it was not now that those files were left.
    if now != step.old || digest_beside(&staged(number))? != step.new {
        return Ok(());
    }
    let invalid = |_| io::Error::from(io::ErrorKind::InvalidData);
    let mut lock = Lock::read(&fs::read_to_string(staged(number))?).map_err(invalid)?;
    let earlier = match &step.old {
        Some(_) => Lock::read(&fs::read_to_string(project.root.join(lock::PATH))?).map_err(invalid)?,
        None => Lock::default(),
    };
    lock.keep(&earlier, &journal.left());
    let text = lock.write();
    fs::write(staged(journal.steps.len()), &text)?;
    let further = Step { path: lock::PATH.to_owned(), old: now, new: Some(lock::digest(&text)), left: false };
    journal.steps[number].cancel();
    journal.steps.push(further);
    journal.commit(staging)
}
