//! Base, disk and new text to a `ChangeSet`: one decision per file, and never one that loses what a person wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::lock::{Entry, Lock, State, digest};
use crate::verify::VerifiedFileSet;

/// What stands at a path now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OnDisk {
    Text(Arc<str>),
    /// A link, a folder, bytes that are no text: never followed, never overwritten.
    Other(&'static str),
}

/// What to do with one file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    Create,
    Update,
    /// Already as it should be.
    Keep,
    /// Changed by a person, and nothing new to write.
    Edited,
    /// Deleted by a person, and it stays so.
    StaysDeleted,
    /// Not wanted any more, and as we wrote it.
    Delete,
    /// Not wanted any more, but changed by a person: theirs from now on.
    Release,
    /// A person and the templates both have something to say.
    Conflict(Conflict),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Conflict {
    /// Both changed it.
    Edited,
    /// It was there before cofferdam.
    NotOurs,
    /// It is no plain file.
    Type(&'static str),
}

/// The changes of a project, by path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangeSet {
    pub changes: BTreeMap<String, Change>,
    /// What the lock says afterwards.
    pub lock: Lock,
}

impl ChangeSet {
    pub fn conflicts(&self) -> impl Iterator<Item = (&str, Conflict)> {
        self.changes.iter().filter_map(|(path, change)| match change {
            Change::Conflict(conflict) => Some((path.as_str(), *conflict)),
            _ => None,
        })
    }

    /// Whether applying it would change a file.
    pub fn is_pending(&self) -> bool {
        self.changes.values().any(|change| matches!(change, Change::Create | Change::Update | Change::Delete))
    }
}

/// `bases` holds the pristine texts by digest, `disk` what stands at every path of the lock and of the new files.
pub fn reconcile(
    lock: &Lock,
    bases: &BTreeMap<String, Arc<str>>,
    disk: &BTreeMap<String, OnDisk>,
    new: &VerifiedFileSet,
) -> ChangeSet {
    let mut after = Lock { tool: env!("CARGO_PKG_VERSION").to_owned(), files: BTreeMap::new() };
    let mut changes = BTreeMap::new();
    let paths: BTreeSet<&String> = lock.files.keys().chain(new.files().keys()).collect();
    for path in paths {
        let entry = lock.files.get(path);
        let base = entry.and_then(|entry| bases.get(&entry.base)).map(|text| &**text);
        let wanted = new.files().get(path).map(|text| &**text);
        if wanted.is_none() && !disk.contains_key(path) {
            // Neither wanted nor there: nothing is left to say about it.
            continue;
        }
        let change = decide(base, disk.get(path), wanted);
        if let Some(entry) = next_entry(&change, entry, wanted) {
            after.files.insert(path.clone(), entry);
        }
        changes.insert(path.clone(), change);
    }
    ChangeSet { changes, lock: after }
}

/// The decision table. Texts are compared without regard to line ends: those belong to a checkout, not to a person.
fn decide(base: Option<&str>, disk: Option<&OnDisk>, new: Option<&str>) -> Change {
    let disk = match disk {
        Some(OnDisk::Other(kind)) => {
            return if new.is_some() { Change::Conflict(Conflict::Type(kind)) } else { Change::Release };
        }
        Some(OnDisk::Text(text)) => Some(text),
        None => None,
    };
    match (base, disk, new) {
        (_, Some(disk), Some(new)) if same(disk, new) => Change::Keep,
        (None, None, Some(_)) => Change::Create,
        (None, Some(_), Some(_)) => Change::Conflict(Conflict::NotOurs),
        (Some(base), Some(disk), Some(_)) if same(base, disk) => Change::Update,
        (Some(base), Some(_), Some(new)) if same(base, new) => Change::Edited,
        (Some(_), Some(_), Some(_)) => Change::Conflict(Conflict::Edited),
        (Some(_), None, Some(_)) => Change::StaysDeleted,
        (Some(base), Some(disk), None) if same(base, disk) => Change::Delete,
        (_, _, None) => Change::Release,
    }
}

/// The base moves only with what was written: a conflict is met again until a person decides it.
fn next_entry(change: &Change, entry: Option<&Entry>, new: Option<&str>) -> Option<Entry> {
    let written = || new.map(|text| Entry { base: digest(text), state: State::Managed });
    match change {
        Change::Create | Change::Update | Change::Keep => written(),
        Change::Edited | Change::Conflict(_) => entry.cloned(),
        Change::StaysDeleted => entry.map(|entry| Entry { base: entry.base.clone(), state: State::Deleted }),
        Change::Delete | Change::Release => None,
    }
}

fn same(a: &str, b: &str) -> bool {
    let lines =
        |text: &str| text.trim_start_matches('\u{feff}').replace("\r\n", "\n").trim_end_matches('\n').to_owned();
    a == b || lines(a) == lines(b)
}
