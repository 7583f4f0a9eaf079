//! One step on the disk. Files change places in one move, so that nothing is ever overwritten: what stood there lies
//! beside the journal afterwards, even if somebody wrote it in the last instant.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use cofferdam::lock;
use cofferdam::reconcile::OnDisk;

use super::journal::{Step, Way, digest};
use crate::disk::{NOT_TEXT, Project};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Settled {
    Done,
    /// A person changed the file: theirs, and untouched.
    Left,
}

/// How far a step is. The file beside the journal tells it, not the target, which a person may have changed since.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stand {
    Done,
    Due,
    /// What a person wrote in the last instant was taken from there.
    Taken,
    /// A person changed the target, or the file to place is gone.
    Impossible,
}

fn stand(kept: Option<&str>, now: Option<&str>, (from, to): (Option<&str>, Option<&str>)) -> Stand {
    if from == to || kept == from {
        Stand::Done
    } else if kept == to && now == from {
        Stand::Due
    } else if kept != to && kept.is_some() && now == to {
        Stand::Taken
    } else {
        Stand::Impossible
    }
}

/// Takes a step, unless it has been taken.
pub(super) fn settle(project: &Project, staged: &Path, step: &Step, way: Way) -> io::Result<Settled> {
    if !lock::inside(&step.path) {
        return Ok(Settled::Left);
    }
    let target = project.root.join(&step.path);
    mend_swap(staged, &target)?;
    let (from, to) = step.ends(way);
    let stands = || -> io::Result<Stand> {
        let kept = digest_beside(staged)?;
        // What is no plain file is a person's, and nothing that a step finds or leaves.
        let now = digest_at(project, &step.path).unwrap_or_else(|kind| Some(kind.to_owned()));
        Ok(stand(kept.as_deref(), now.as_deref(), (from, to)))
    };
    let mut stand = stands()?;
    if stand == Stand::Due {
        match (from, to) {
            (Some(_), Some(_)) => {
                keep_mode(staged, &target)?;
                swap(staged, &target)?;
            }
            (Some(_), None) => fs::rename(&target, staged)?,
            (None, _) => {
                make_folders(project, &step.path)?;
                match rename_new(staged, &target) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                    moved => moved?,
                }
            }
        }
        stand = stands()?;
    }
    if stand == Stand::Taken {
        put_back(staged, &target, to)?;
    }
    if stand == Stand::Done && to.is_none() {
        remove_empty_folders(project, &step.path);
    }
    Ok(if stand == Stand::Done { Settled::Done } else { Settled::Left })
}

fn keep_mode(staged: &Path, target: &Path) -> io::Result<()> {
    let wanted = fs::metadata(target)?.permissions();
    // What comes back may be another user's, and only they may say so.
    if fs::metadata(staged)?.permissions() == wanted { Ok(()) } else { fs::set_permissions(staged, wanted) }
}

/// Gives a person's file back that was taken in the instant after it was looked at.
fn put_back(staged: &Path, target: &Path, placed: Option<&str>) -> io::Result<()> {
    if placed.is_some() {
        return swap(staged, target);
    }
    match rename_new(staged, target) {
        // They have written another one; both are kept.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        moved => moved,
    }
}

/// The digest of what stands at a path of the project, or why it is no file of ours.
pub(super) fn digest_at(project: &Project, path: &str) -> Result<Option<String>, &'static str> {
    match project.on_disk(path) {
        None => Ok(None),
        Some(OnDisk::Text(text)) => Ok(Some(lock::digest(&text))),
        Some(OnDisk::Other(NOT_TEXT)) => match fs::read(project.root.join(path)) {
            Ok(bytes) => Ok(Some(digest(&bytes))),
            Err(_) => Err("not readable"),
        },
        Some(OnDisk::Other(kind)) => Err(kind),
    }
}

/// The digest of a file beside the journal; of what is no plain file, one that nothing has. A journal may come from
/// anywhere.
pub(super) fn digest_beside(staged: &Path) -> io::Result<Option<String>> {
    match fs::symlink_metadata(staged) {
        Ok(metadata) if metadata.is_file() => Ok(Some(digest(&fs::read(staged)?))),
        Ok(_) => Ok(Some(String::new())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn make_folders(project: &Project, path: &str) -> io::Result<()> {
    match path.rsplit_once('/') {
        Some((folder, _)) => fs::create_dir_all(project.root.join(folder)),
        None => Ok(()),
    }
}

/// Folders that only held what was removed.
pub(super) fn remove_empty_folders(project: &Project, path: &str) {
    let mut folder = PathBuf::from(path);
    while folder.pop() && !folder.as_os_str().is_empty() {
        if fs::remove_dir(project.root.join(&folder)).is_err() {
            return;
        }
    }
}

/// Both files change places at once, where the file system can do that.
fn swap(staged: &Path, target: &Path) -> io::Result<()> {
    if let Some(swapped) = rename_with(staged, target, Flags::EXCHANGE) {
        return swapped;
    }
    let aside = aside(staged);
    fs::rename(target, &aside)?;
    fs::rename(staged, target).inspect_err(|_| {
        let _ = fs::rename(&aside, target);
    })?;
    fs::rename(&aside, staged)
}

/// What a run left that was killed between the three moves.
fn mend_swap(staged: &Path, target: &Path) -> io::Result<()> {
    let aside = aside(staged);
    if fs::symlink_metadata(&aside).is_err() {
        return Ok(());
    }
    if fs::symlink_metadata(staged).is_err() { fs::rename(&aside, staged) } else { put_back(&aside, target, None) }
}

fn aside(staged: &Path) -> PathBuf {
    staged.with_extension("aside")
}

/// Never over a file.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(renamed) = rename_with(from, to, Flags::NOREPLACE) {
        return renamed;
    }
    if fs::symlink_metadata(to).is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
use rustix::fs::RenameFlags as Flags;

/// None where the file system knows no such rename: some network and shared folders.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_with(from: &Path, to: &Path, flags: Flags) -> Option<io::Result<()>> {
    use rustix::io::Errno;
    match rustix::fs::renameat_with(rustix::fs::CWD, from, rustix::fs::CWD, to, flags) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => None,
        renamed => Some(renamed.map_err(io::Error::from)),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
enum Flags {
    EXCHANGE,
    NOREPLACE,
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_with(_from: &Path, _to: &Path, _flags: Flags) -> Option<io::Result<()>> {
    None
}
