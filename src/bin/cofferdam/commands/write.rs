//! From generated files to the disk: the last steps that `init`, `add` and `generate` share, and their preview.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::ArgMatches;
use cofferdam::generate::Generated;
use cofferdam::lock;
use cofferdam::reconcile::{Change, ChangeSet, OnDisk, reconcile};
use cofferdam::report;
use similar::TextDiff;

use crate::disk::{Project, State};
use crate::transaction::{self, Op, Turn};
use crate::{Failure, Outcome};

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
}

pub(super) fn compare(project: &Project, generated: &Generated) -> Result<(ChangeSet, State), Failure> {
    let state = project.state(generated.files.files())?;
    Ok((reconcile(&state.lock, &state.bases, &state.disk, &generated.files), state))
}

/// Writes what changes, with `more` (the answers file) in the same transaction, and reports.
pub(super) fn write(project: &Project, turn: &Turn, generated: &Generated, more: Vec<Op>) -> Result<Outcome, Failure> {
    let (changes, state) = compare(project, generated)?;
    let files = generated.files.files();
    let mut ops = more;
    for (path, change) in &changes.changes {
        match change {
            Change::Create | Change::Update => ops.push(Op::new(path, files.get(path).cloned(), state.disk.get(path))),
            Change::Delete => ops.push(Op::new(path, None, state.disk.get(path))),
            Change::Keep | Change::Edited | Change::StaysDeleted | Change::Release | Change::Conflict(_) => {}
        }
    }
    ops.extend(state_ops(project, &changes, &state, generated));
    transaction::apply(project, turn, &ops)?;
    Ok(summary(&changes))
}

/// The pristine texts, then the lock that refers to them.
fn state_ops(project: &Project, changes: &ChangeSet, state: &State, generated: &Generated) -> Vec<Op> {
    let mut ops = Vec::new();
    // A pristine text that is new is the new text of its path; several paths may share one.
    let wanted: BTreeMap<&String, &String> =
        changes.lock.files.iter().map(|(path, entry)| (&entry.base, path)).collect();
    let added = wanted.iter().filter(|(digest, _)| !state.bases.contains_key(**digest));
    let added = added.map(|(digest, path)| (*digest, generated.files.files().get(*path).cloned()));
    let stored = project.stored();
    let removed = stored.iter().filter(|digest| !wanted.contains_key(digest)).map(|digest| (digest, None));
    for (digest, text) in added.chain(removed) {
        let path = lock::base_path(digest);
        let seen = project.on_disk(&path);
        ops.push(Op::new(path, text, seen.as_ref()));
    }
    for (path, text) in [
        (lock::ATTRIBUTES, lock::ATTRIBUTES_TEXT.to_owned()),
        (lock::IGNORE, lock::IGNORE_TEXT.to_owned()),
        (lock::PATH, changes.lock.write()),
    ] {
        let seen = project.on_disk(path);
        let text: Arc<str> = text.into();
        if seen != Some(OnDisk::Text(Arc::clone(&text))) {
            ops.push(Op::new(path, Some(text), seen.as_ref()));
        }
    }
    ops
}

fn summary(changes: &ChangeSet) -> Outcome {
    let mut out = String::new();
    let count = |wanted: fn(&Change) -> bool| changes.changes.values().filter(|change| wanted(change)).count();
    for (path, change) in changes.changes.iter().filter(|(_, change)| **change != Change::Keep) {
        let (word, sentence) = match change {
            Change::Create => ("wrote", String::new()),
            Change::Update => ("updated", String::new()),
            Change::Delete => ("removed", String::new()),
            other => {
                let (word, sentence) = report::words(other);
                (word, format!(" {sentence}"))
            }
        };
        out.push_str(&format!("{word:>9}  {path}{sentence}\n"));
    }
    let written = count(|change| matches!(change, Change::Create | Change::Update));
    let kept = count(|change| matches!(change, Change::Keep));
    let conflicts = changes.conflicts().count();
    out.push_str(&format!("{written} written, {kept} unchanged, {conflicts} in conflict\n"));
    if conflicts > 0 {
        out.push_str(
            "your files were not touched; `cofferdam diff` shows what the templates have for them,\n\
             `cofferdam resolve --keep PATH` keeps yours, `cofferdam resolve --take PATH` takes theirs\n",
        );
    }
    let verdict = if conflicts > 0 { report::Verdict::Conflict } else { report::Verdict::Fine };
    Outcome { text: out, verdict }
}

/// What writing would do, without doing it.
pub(super) fn preview(project: &Project, generated: &Generated, more: &[Op], mode: Mode) -> Result<Outcome, Failure> {
    let (changes, state) = compare(project, generated)?;
    let mut out = String::new();
    if mode == Mode::Diff {
        for op in more {
            let old = match project.on_disk(&op.path) {
                Some(OnDisk::Text(text)) => text,
                _ => Arc::from(""),
            };
            out.push_str(&difference(&op.path, &old, op.text.as_deref().unwrap_or_default()));
        }
        out.push_str(&differences(&changes, &state, generated));
    } else {
        for op in more {
            out.push_str(&format!("{:>9}  {}\n", "write", op.path));
        }
        for (path, change) in changes.changes.iter().filter(|(_, change)| **change != Change::Keep) {
            let (word, sentence) = report::words(change);
            out.push_str(&format!("{word:>9}  {path} {sentence}\n"));
        }
        out.push_str("nothing was written\n");
    }
    Ok(Outcome::fine(out))
}

/// A unified diff of everything that would change, and of what is in conflict.
pub(super) fn differences(changes: &ChangeSet, state: &State, generated: &Generated) -> String {
    let mut out = String::new();
    for (path, change) in &changes.changes {
        let old = match state.disk.get(path) {
            Some(OnDisk::Text(text)) => text,
            _ => "",
        };
        let new = generated.files.files().get(path).map_or("", |text| text);
        match change {
            Change::Create | Change::Update | Change::Delete | Change::Conflict(_) => {
                out.push_str(&difference(path, old, new))
            }
            Change::Keep | Change::Edited | Change::StaysDeleted | Change::Release => {}
        }
    }
    out
}

fn difference(path: &str, old: &str, new: &str) -> String {
    let from = if old.is_empty() { "/dev/null".to_owned() } else { format!("a/{path}") };
    let to = if new.is_empty() { "/dev/null".to_owned() } else { format!("b/{path}") };
    TextDiff::from_lines(old, new).unified_diff().context_radius(3).header(&from, &to).to_string()
}
