//! From a comparison to the disk: the last steps that every command that writes shares, and their preview.

use std::sync::Arc;

use clap::ArgMatches;
use cofferdam::lock;
use cofferdam::reconcile::{Change, Conflict, Deletion, FileChange, OnDisk};
use cofferdam::report::{self, Verdict};

use super::comparison::Comparison;
use crate::disk::Project;
use crate::transaction::{self, Op, Turn};
use crate::{Failure, Outcome, difference};

/// What becomes of the result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    Write,
    /// Names only.
    DryRun,
    Diff,
}

impl Mode {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        if matches.get_flag("diff") {
            Self::Diff
        } else if matches.get_flag("dry-run") {
            Self::DryRun
        } else {
            Self::Write
        }
    }

    /// A preview waits for nobody, and mends nothing.
    pub(super) fn turn(self, project: &Project) -> Result<Option<Turn>, Failure> {
        if self == Self::Write { Turn::take(project).map(Some) } else { Ok(None) }
    }
}

/// Writes what changes, with `more` (the answers file) in the same transaction, and reports.
pub(super) fn write(
    project: &Project,
    turn: &Turn,
    comparison: &Comparison,
    more: Vec<Op>,
) -> Result<Outcome, Failure> {
    let mut ops = more;
    for (path, text) in &comparison.set.writes {
        ops.push(Op::new(path, text.clone(), comparison.standing.disk.get(path)));
    }
    ops.extend(state_ops(project, comparison));
    transaction::apply(project, turn, ops)?;
    Ok(summary(comparison))
}

/// The pristine texts, then the lock that refers to them.
fn state_ops(project: &Project, comparison: &Comparison) -> Vec<Op> {
    let mut ops = Vec::new();
    let set = &comparison.set;
    let added = set.bases.iter().filter(|(digest, _)| !comparison.standing.bases.contains_key(*digest));
    let added = added.map(|(digest, text)| (digest, Some(Arc::clone(text))));
    let stored = project.stored();
    let removed = stored.iter().filter(|digest| !set.bases.contains_key(*digest)).map(|digest| (digest, None));
    for (digest, text) in added.chain(removed) {
        let path = lock::base_path(digest);
        let seen = project.on_disk(&path);
        ops.push(Op::new(path, text, seen.as_ref()));
    }
    for (path, text) in [
        (lock::ATTRIBUTES, lock::ATTRIBUTES_TEXT.to_owned()),
        (lock::IGNORE, lock::IGNORE_TEXT.to_owned()),
        (lock::PATH, set.lock.write()),
    ] {
        ops.extend(state_op(project, path, text.into()));
    }
    ops
}

/// What makes a file of the state say `text`, if it does not.
pub(super) fn state_op(project: &Project, path: &str, text: Arc<str>) -> Option<Op> {
    let seen = project.on_disk(path);
    let says = seen == Some(OnDisk::Text(Arc::clone(&text)));
    (!says).then(|| Op::new(path, Some(text), seen.as_ref()))
}

fn summary(comparison: &Comparison) -> Outcome {
    let mut out = String::new();
    let changes = &comparison.set.changes;
    for (path, change) in changes {
        let (word, sentence) = match change.change {
            Change::Keep if change.from.is_none() => continue,
            Change::Create => ("wrote", String::new()),
            Change::Update => ("updated", String::new()),
            Change::Merge => ("merged", " your edits stay".to_owned()),
            Change::Delete => ("removed", String::new()),
            Change::Keep => ("moved", format!(" from {}", change.from.as_deref().unwrap_or_default())),
            // From now on it is.
            Change::Deleted(deletion) => {
                let noted = Change::Deleted(Deletion { noted: true, ..deletion });
                let (word, sentence) = report::words(&FileChange { change: noted, ..change.clone() });
                (word, format!(" {sentence}"))
            }
            _ => {
                let (word, sentence) = report::words(change);
                (word, format!(" {sentence}"))
            }
        };
        out.push_str(&format!("{word:>9}  {path}{sentence}\n{}", report::details(change)));
    }
    let written = comparison.set.writes.values().filter(|text| text.is_some()).count();
    let kept = changes.values().filter(|change| change.change == Change::Keep).count();
    let conflicts = comparison.set.conflicts().count();
    out.push_str(&format!("{written} written, {kept} unchanged, {conflicts} in conflict\n"));
    let decidable =
        |change: &FileChange| matches!(change.change, Change::Conflict(Conflict::Fields | Conflict::NotOurs));
    if changes.values().any(decidable) {
        out.push_str(
            "where you and the templates differ yours stands; `cofferdam resolve` asks about each,\n\
             `cofferdam resolve --keep PATH` keeps yours, `cofferdam resolve --take PATH` takes theirs\n",
        );
    }
    Outcome { text: out, verdict: if conflicts > 0 { Verdict::Conflict } else { Verdict::Fine } }
}

/// What writing would do, without doing it.
pub(super) fn preview(project: &Project, comparison: &Comparison, more: &[Op], mode: Mode) -> Outcome {
    let mut out = String::new();
    if mode == Mode::Diff {
        out.push_str(&differences(project, comparison, more));
    } else {
        for op in more {
            out.push_str(&format!("{:>9}  {}\n", "write", op.path));
        }
        let quiet = |change: &FileChange| change.change == Change::Keep && change.from.is_none();
        for (path, change) in comparison.set.changes.iter().filter(|(_, change)| !quiet(change)) {
            let (word, sentence) = report::words(change);
            out.push_str(&format!("{word:>9}  {path} {sentence}\n{}", report::details(change)));
        }
        out.push_str("nothing was written\n");
    }
    Outcome::fine(out)
}

/// The difference of everything that would be written.
pub(super) fn differences(project: &Project, comparison: &Comparison, more: &[Op]) -> String {
    let mut out = String::new();
    for op in more {
        let old = match project.on_disk(&op.path) {
            Some(OnDisk::Text(text)) => text,
            _ => Arc::from(""),
        };
        out.push_str(&difference::printed(&op.path, &old, op.text.as_deref().unwrap_or_default()));
    }
    out.push_str(&comparison.differences());
    out
}
