//! A project held against what would be written now: what every command that looks at files begins with.

use std::collections::BTreeMap;
use std::sync::Arc;

use cofferdam::generate::{Generated, generate_around};
use cofferdam::pack;
use cofferdam::problem::Problem;
use cofferdam::reconcile::{Change, ChangeSet, Conflict, FileChange, OnDisk, Standing, Wish, reconcile};
use cofferdam::report::{self, Report};
use cofferdam::upgrade::{Upgrade, upgrade};

use super::opened::Opened;
use crate::{Failure, difference};

pub(super) struct Comparison {
    pub(super) generated: Generated,
    pub(super) standing: Standing,
    pub(super) set: ChangeSet,
    pub(super) upgrade: Option<Upgrade>,
}

pub(super) type Wishes = BTreeMap<String, Wish>;

impl Comparison {
    pub(super) fn new(opened: &Opened, wishes: &Wishes) -> Result<Self, Failure> {
        Self::with_edits(opened, wishes, &BTreeMap::new())
    }

    /// The same with texts that a person has written and that are not on the disk yet, by path.
    pub(super) fn with_edits(
        opened: &Opened,
        wishes: &Wishes,
        edited: &BTreeMap<String, Arc<str>>,
    ) -> Result<Self, Failure> {
        let Opened { project, answers, pack, changes, .. } = opened;
        let left = project.left()?;
        let mut elsewhere = project.elsewhere(&left.lock);
        // What comes back is referred to again; what was moved stays where it is.
        elsewhere.retain(|path, at| at.is_some() || !matches!(wishes.get(path), Some(Wish::Take | Wish::Restore)));
        let generated = generate_around(answers, pack, &elsewhere)?;
        let renamed = pack::moved(&generated.plan.project, changes);
        let standing = project.standing(left, generated.files.files());
        let mut set = if edited.is_empty() {
            reconcile(&standing, &generated, &renamed, wishes)
        } else {
            let mut standing = standing.clone();
            let texts = edited.iter().map(|(path, text)| (path.clone(), OnDisk::Text(Arc::clone(text))));
            standing.disk.extend(texts);
            reconcile(&standing, &generated, &renamed, wishes)
        };
        for (path, text) in edited {
            set.writes.entry(path.clone()).or_insert_with(|| Some(Arc::clone(text)));
        }
        let upgrade = upgrade(pack, &generated, &standing, changes, &renamed);
        Ok(Self { generated, standing, set, upgrade })
    }

    /// Leaves everything as it is but some files.
    pub(super) fn narrow(&mut self, wanted: impl Fn(&str, &FileChange) -> bool) {
        let left: Vec<String> = self
            .set
            .changes
            .iter()
            .filter(|(path, change)| !wanted(path, change))
            .map(|(path, _)| path.clone())
            .collect();
        for path in left {
            self.set.forget(&path, &self.standing);
        }
        // The others are still to be brought to this version.
        self.set.lock.packs.clone_from(&self.standing.lock.packs);
    }

    pub(super) fn text_on_disk(&self, path: &str) -> Option<&Arc<str>> {
        match self.standing.disk.get(path) {
            Some(OnDisk::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn report(self, opened: &Opened) -> Report {
        let report = report::report(&self.generated, &self.standing, &self.set, &opened.pack);
        Report { upgrade: self.upgrade, migrates: opened.migrated.is_some(), ..report }
    }

    /// The difference of everything that would change, and of what is in conflict.
    pub(super) fn differences(&self) -> String {
        let mut out = String::new();
        for (path, text) in &self.set.writes {
            let old = self.text_on_disk(path).map_or("", |text| text);
            out.push_str(&difference::printed(path, old, text.as_deref().unwrap_or_default()));
        }
        for (path, change) in self.set.conflicts() {
            if let (Change::Conflict(Conflict::NotOurs), Some(new)) =
                (&change.change, self.generated.files.files().get(path))
            {
                out.push_str(&difference::printed(path, self.text_on_disk(path).map_or("", |text| text), new));
            }
        }
        out
    }
}

/// What a person names, if it is a file of the project; a problem that names the nearest, if not.
pub(super) fn unknown<'a>(path: &str, known: impl IntoIterator<Item = &'a str>, what: &str) -> Problem {
    let help = match cofferdam::problem::nearest(path, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`cofferdam check` lists the files".to_owned(),
    };
    Problem::new(
        format!("{} is not {what}", cofferdam::problem::shown(path)),
        "files are named as `check` names them",
        help,
    )
}
