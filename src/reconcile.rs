//! Base, disk and new text to a `ChangeSet`: one decision per file, and never one that loses what a person wrote.

mod drift;
mod moved;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use self::drift::drift;
pub use self::moved::moved;
use crate::generate::Generated;
use crate::lock::{Entry, Lock, State, digest};
use crate::manifest;
use crate::merge::{self, Choice, Kept, Merged, Open, WHOLE, merge, plain};
use crate::rules::Subject;
use crate::verify::{self, is_manifest};

/// What stands at a path now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OnDisk {
    Text(Arc<str>),
    /// A link, a folder, bytes that are no text: never followed, never overwritten.
    Other(&'static str),
}

/// What the last run left, and what became of it.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    pub lock: Lock,
    /// Pristine texts by digest.
    pub bases: BTreeMap<String, Arc<str>>,
    /// What stands at every path of the lock, where a person moved it, and of the new files.
    pub disk: BTreeMap<String, OnDisk>,
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
    /// Changed by a person and by the templates, each somewhere else.
    Merge,
    /// Deleted by a person, and it stays so.
    Deleted(Deletion),
    /// Not wanted any more, and as we wrote it.
    Delete,
    /// Not wanted any more, but changed by a person: theirs from now on.
    Release,
    /// A person took it over.
    Released,
    /// A person and the templates both have something to say.
    Conflict(Conflict),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deletion {
    /// A run has seen it: it was meant.
    pub noted: bool,
    /// The templates have something new for it since.
    pub outdated: bool,
    /// The deployment is weaker without it.
    pub guards: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Conflict {
    /// Both changed the same fields: [`FileChange::open`].
    Fields,
    /// It was there before cofferdam.
    NotOurs,
    /// It is no plain file.
    Type(&'static str),
    /// Somebody left the markers of a conflict in it.
    Markers,
}

/// A decision about a file, with what it is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileChange {
    pub change: Change,
    /// Where a person has it, if not where the plan puts it.
    pub at: Option<String>,
    /// Where it was until now, if the templates have a new place for it.
    pub from: Option<String>,
    /// Fields that wait for a decision.
    pub open: Vec<Open>,
    /// Fields that a person marked as theirs.
    pub kept: Vec<Kept>,
}

/// What a person wants with a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Wish {
    /// What the templates have, for all that is open.
    Take,
    /// What is there, for all that is open.
    Keep,
    /// A decision for each field.
    Fields(BTreeMap<String, Choice>),
    /// What the templates have, whatever is there.
    Restore,
    /// Theirs from now on.
    Release,
    /// Ours from now on, with what they wrote.
    Adopt,
    /// Both versions of what is open, in the file.
    Mark,
}

/// The changes of a project, by the path that the plan gives a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangeSet {
    pub changes: BTreeMap<String, FileChange>,
    /// What is written where; None removes.
    pub writes: BTreeMap<String, Option<Arc<str>>>,
    /// What the lock says afterwards.
    pub lock: Lock,
    /// The pristine texts that it refers to, by digest.
    pub bases: BTreeMap<String, Arc<str>>,
}

impl ChangeSet {
    pub fn conflicts(&self) -> impl Iterator<Item = (&str, &FileChange)> {
        let conflict = |change: &FileChange| matches!(change.change, Change::Conflict(_));
        self.changes.iter().filter(move |(_, change)| conflict(change)).map(|(path, change)| (path.as_str(), change))
    }
}

impl ChangeSet {
    /// Leaves a file and what the lock says about it as they are.
    pub fn forget(&mut self, path: &str, standing: &Standing) {
        if let Some(change) = self.changes.remove(path) {
            let place = |path: &str, change: &FileChange| change.at.clone().unwrap_or_else(|| path.to_owned());
            let left = place(path, &change);
            // Another one may stand in the same file; what is written there for this one too is met again as written.
            if !self.changes.iter().any(|(path, change)| place(path, change) == left) {
                self.writes.remove(&left);
            }
            if let Some(from) = change.from {
                self.writes.remove(&from);
            }
        }
        match standing.lock.files.get(path) {
            Some(entry) => {
                if let Some(base) = standing.bases.get(&entry.base) {
                    self.bases.insert(entry.base.clone(), Arc::clone(base));
                }
                self.lock.files.insert(path.to_owned(), entry.clone());
            }
            None => {
                self.lock.files.remove(path);
            }
        }
        let used: BTreeSet<&String> = self.lock.files.values().map(|entry| &entry.base).collect();
        self.bases.retain(|digest, _| used.contains(digest));
    }
}

/// `renamed` says which paths of the lock have another name in these templates.
pub fn reconcile(
    standing: &Standing,
    new: &Generated,
    renamed: &BTreeMap<String, String>,
    wishes: &BTreeMap<String, Wish>,
) -> ChangeSet {
    let lock = Lock { packs: new.packs.clone(), ..Lock::default() };
    let mut set = ChangeSet { changes: BTreeMap::new(), writes: BTreeMap::new(), lock, bases: BTreeMap::new() };
    let mut entries = standing.lock.files.clone();
    for (old, new) in renamed {
        let taken = entries.contains_key(new) || standing.disk.contains_key(new);
        if let Some(mut entry) = entries.remove(old).filter(|_| !taken) {
            entry.at.get_or_insert_with(|| old.clone());
            entries.insert(new.clone(), entry);
        }
    }
    let wanted = new.files.files();
    let paths: BTreeSet<String> = entries.keys().chain(wanted.keys()).cloned().collect();
    for path in paths {
        let entry = entries.get(&path);
        let from = entry.and_then(|entry| entry.at.clone()).filter(|at| renamed.get(at) == Some(&path));
        let at = entry.and_then(|entry| entry.at.clone()).filter(|_| from.is_none());
        let place = at.as_ref().or(from.as_ref()).unwrap_or(&path);
        // Several files may have been moved into one: then it is written once, with what each of them brings.
        let disk = match set.writes.get(place) {
            Some(text) => text.clone().map(OnDisk::Text),
            None => standing.disk.get(place).cloned(),
        };
        let case = Case {
            path: &path,
            base: entry.and_then(|entry| standing.bases.get(&entry.base)),
            state: entry.map(|entry| entry.state),
            disk: disk.as_ref(),
            new: wanted.get(&path),
            guards: new.plan.guards(&path),
        };
        let Some(outcome) = case.decide(wishes.get(&path), new) else {
            continue;
        };
        let target = at.clone().unwrap_or_else(|| path.clone());
        let text = outcome.write.or_else(|| match (&from, &outcome.change, &disk) {
            // It moves, whatever else becomes of it.
            (Some(_), Change::Conflict(Conflict::Type(_)) | Change::Deleted(_), _) => None,
            (Some(_), _, Some(OnDisk::Text(text))) => Some(Some(Arc::clone(text))),
            _ => None,
        });
        if let Some(text) = text {
            if let Some(from) = from.as_ref().filter(|_| text.is_some()) {
                set.writes.insert(from.clone(), None);
            }
            set.writes.insert(target, text);
        }
        if let Some((base, state)) = outcome.entry {
            let digest = digest(&base);
            set.bases.insert(digest.clone(), base);
            let entry = Entry { base: digest, state, at: at.clone(), pending: outcome.open.clone() };
            set.lock.files.insert(path.clone(), entry);
        }
        let change = FileChange { change: outcome.change, at, from, open: outcome.open, kept: outcome.kept };
        set.changes.insert(path, change);
    }
    set
}

/// Everything that is known about one file.
struct Case<'a> {
    path: &'a str,
    base: Option<&'a Arc<str>>,
    state: Option<State>,
    disk: Option<&'a OnDisk>,
    new: Option<&'a Arc<str>>,
    guards: bool,
}

/// What comes of it.
struct Outcome {
    change: Change,
    /// Some(None) removes the file.
    write: Option<Option<Arc<str>>>,
    /// What the lock says: what the next merge starts from. Without it, the file is not ours.
    entry: Option<(Arc<str>, State)>,
    open: Vec<Open>,
    kept: Vec<Kept>,
}

impl Outcome {
    fn new(change: Change) -> Self {
        Self { change, write: None, entry: None, open: Vec::new(), kept: Vec::new() }
    }

    fn write(self, text: &Arc<str>) -> Self {
        Self { write: Some(Some(Arc::clone(text))), ..self }
    }

    fn managed(self, base: impl Into<Arc<str>>) -> Self {
        Self { entry: Some((base.into(), State::Managed)), ..self }
    }
}

impl Case<'_> {
    /// The decision table. Texts are compared without regard to line ends: those belong to a checkout, not to a person.
    /// None where nothing is left to say about a file.
    fn decide(&self, wish: Option<&Wish>, generated: &Generated) -> Option<Outcome> {
        let text = match (self.disk, self.new) {
            (Some(OnDisk::Other(kind)), Some(_)) => {
                return Some(self.as_before(Change::Conflict(Conflict::Type(kind))));
            }
            (Some(OnDisk::Other(_)), None) => return Some(Outcome::new(Change::Release)),
            (None, None) => return None,
            (Some(OnDisk::Text(text)), _) => Some(text),
            (None, _) => None,
        };
        if wish == Some(&Wish::Release)
            || self.state == Some(State::Released) && !matches!(wish, Some(Wish::Adopt | Wish::Restore))
        {
            let base = self.base.or(self.new).filter(|_| self.new.is_some())?;
            return Some(Outcome {
                entry: Some((Arc::clone(base), State::Released)),
                ..Outcome::new(Change::Released)
            });
        }
        Some(match (self.base, text, self.new) {
            (_, Some(disk), Some(new)) if same(disk, new) => Outcome::new(Change::Keep).managed(Arc::clone(new)),
            (_, _, Some(new)) if wish == Some(&Wish::Restore) => {
                Outcome::new(if text.is_some() { Change::Update } else { Change::Create })
                    .write(new)
                    .managed(Arc::clone(new))
            }
            (None, None, Some(new)) => Outcome::new(Change::Create).write(new).managed(Arc::clone(new)),
            (None, Some(_), Some(new)) if wish == Some(&Wish::Take) => {
                Outcome::new(Change::Update).write(new).managed(Arc::clone(new))
            }
            (None, Some(_), Some(new)) if wish == Some(&Wish::Keep) => {
                Outcome::new(Change::Edited).managed(Arc::clone(new))
            }
            (None, Some(disk), Some(new)) if wish == Some(&Wish::Adopt) => self.merged("", disk, new, None, generated),
            (None, Some(_), Some(_)) => Outcome::new(Change::Conflict(Conflict::NotOurs)),
            (Some(_), Some(disk), Some(_)) if merge::has_markers(disk) => {
                self.as_before(Change::Conflict(Conflict::Markers))
            }
            (Some(base), Some(disk), Some(new)) if same(base, disk) => {
                Outcome::new(Change::Update).write(&merge::styled(disk, new).into()).managed(Arc::clone(new))
            }
            (Some(base), Some(_), Some(new)) if same(base, new) => {
                Outcome::new(Change::Edited).managed(Arc::clone(base))
            }
            (Some(base), Some(disk), Some(new)) => self.merged(base, disk, new, wish, generated),
            (Some(_), None, Some(new)) if wish == Some(&Wish::Take) => {
                Outcome::new(Change::Create).write(new).managed(Arc::clone(new))
            }
            (Some(base), None, Some(new)) => {
                let seen = if wish == Some(&Wish::Keep) { new } else { base };
                let noted = self.state == Some(State::Deleted);
                let deletion = Deletion { noted, outdated: !same(seen, new), guards: self.guards };
                Outcome { entry: Some((Arc::clone(seen), State::Deleted)), ..Outcome::new(Change::Deleted(deletion)) }
            }
            (Some(base), Some(disk), None) if same(base, disk) => {
                Outcome { write: Some(None), ..Outcome::new(Change::Delete) }
            }
            (_, _, None) => Outcome::new(Change::Release),
        })
    }

    /// A decision that leaves everything as it is.
    fn as_before(&self, change: Change) -> Outcome {
        let entry = self.base.map(|base| (Arc::clone(base), self.state.unwrap_or(State::Managed)));
        Outcome { entry, ..Outcome::new(change) }
    }

    fn merged(
        &self,
        base: &str,
        disk: &Arc<str>,
        new: &Arc<str>,
        wish: Option<&Wish>,
        generated: &Generated,
    ) -> Outcome {
        let all = |choice: Choice| {
            let open = merge(self.path, base, disk, new, &BTreeMap::new()).open;
            open.into_iter().map(|open| (open.at, choice)).collect()
        };
        let choices = match wish {
            Some(Wish::Take) => all(Choice::Take),
            Some(Wish::Keep) => all(Choice::Keep),
            Some(Wish::Fields(choices)) => choices.clone(),
            _ => BTreeMap::new(),
        };
        let mut merged = merge(self.path, base, disk, new, &choices);
        if merged.text != **disk && self.breaks(disk, &merged, generated) {
            let open = Open {
                at: WHOLE.to_owned(),
                base: Some(base.to_owned()),
                ours: Some(disk.to_string()),
                theirs: Some(new.to_string()),
            };
            merged = Merged { text: disk.to_string(), base: base.to_owned(), open: vec![open], kept: merged.kept };
        }
        if wish == Some(&Wish::Mark) && !merged.open.is_empty() {
            let text = merge::marked(base, disk, new);
            if merge::has_markers(&text) {
                // The file says from now on what is open.
                return Outcome::new(Change::Conflict(Conflict::Markers)).write(&text.into()).managed(Arc::clone(new));
            }
        }
        let changed = merged.text != **disk;
        let change = match (merged.open.is_empty(), changed) {
            (false, _) => Change::Conflict(Conflict::Fields),
            (true, true) => Change::Merge,
            (true, false) => Change::Edited,
        };
        let outcome = Outcome { open: merged.open, kept: merged.kept, ..Outcome::new(change).managed(merged.base) };
        if changed { outcome.write(&merged.text.into()) } else { outcome }
    }

    /// Whether a merge made an object that no API server takes, or whose parts do not fit, of one that was fine.
    fn breaks(&self, disk: &Arc<str>, merged: &Merged, generated: &Generated) -> bool {
        let kubernetes = generated.plan.project.kubernetes;
        let misfits = |text: &Arc<str>| -> Option<BTreeSet<String>> {
            let objects = manifest::parse(self.path, text, kubernetes).ok()?;
            let subject = Subject { objects: &objects, dockerfiles: &[], kubernetes };
            Some(verify::misfits(&subject).into_iter().map(|problem| problem.what).collect())
        };
        let Some(before) = misfits(disk).filter(|_| is_manifest(self.path)) else {
            return false;
        };
        misfits(&merged.text.as_str().into()).is_none_or(|after| !after.is_subset(&before))
    }
}

fn same(a: &str, b: &str) -> bool {
    a == b || plain(a) == plain(b)
}
