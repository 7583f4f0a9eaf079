//! A project held against what would be written now: what every command that looks at files begins with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cofferdam::generate::{Generated, generate_around};
use cofferdam::merge::edits;
use cofferdam::pack::{self, Pack};
use cofferdam::problem::{Place, Problem};
use cofferdam::reconcile::{self, Change, ChangeSet, Conflict, FileChange, OnDisk, Standing, Wish, reconcile};
use cofferdam::render::FileSet;
use cofferdam::report::Report;
use cofferdam::rules::{self, Finding, Subject};
use cofferdam::upgrade::{Upgrade, upgrade};
use cofferdam::verify;
use similar::TextDiff;

use super::opened::Opened;
use crate::Failure;

pub(super) struct Comparison {
    pub(super) generated: Generated,
    pub(super) standing: Standing,
    pub(super) set: ChangeSet,
    pub(super) upgrade: Option<Upgrade>,
}

/// What a person's edits come to.
#[derive(Default)]
struct Judgement {
    weakened: Vec<Finding>,
    drift: Vec<Problem>,
    beware: Vec<Problem>,
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

    /// Where a file of the plan stands, or will.
    pub(super) fn place<'a>(&'a self, path: &'a str) -> &'a str {
        self.set.changes.get(path).and_then(|change| change.at.as_deref()).unwrap_or(path)
    }

    pub(super) fn text_on_disk(&self, path: &str) -> Option<&Arc<str>> {
        match self.standing.disk.get(path) {
            Some(OnDisk::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// What a file was when it was written last.
    pub(super) fn base(&self, path: &str) -> Option<&Arc<str>> {
        self.standing.bases.get(&self.standing.lock.files.get(path)?.base)
    }

    pub(super) fn report(self, opened: &Opened) -> Report {
        let edited = self.set.changes.iter().filter(|(_, change)| {
            matches!(change.change, Change::Edited | Change::Merge | Change::Conflict(Conflict::Fields))
        });
        let edits = edited
            .filter_map(|(path, change)| {
                let (base, ours) = (self.base(path)?, self.text_on_disk(self.place(path))?);
                let mut edits = edits(path, base, ours);
                // What is open is told as such.
                edits.retain(|edit| !change.open.iter().any(|open| edit.at.starts_with(&open.at)));
                Some((path.clone(), edits))
            })
            .collect();
        let Judgement { weakened, drift, beware } = self.judged(&opened.pack);
        Report {
            edits,
            weakened,
            drift,
            beware,
            changes: self.set.changes,
            upgrade: self.upgrade,
            migrates: opened.migrated.is_some(),
        }
    }

    /// What a person's edits weaken, by the rules that we write by and beyond them, and what no cluster takes. What was
    /// never ours, or is not any more, is its person's business.
    fn judged(&self, pack: &Pack) -> Judgement {
        let edited = |change: &Change| {
            matches!(change, Change::Edited | Change::Merge | Change::Conflict(Conflict::Fields) | Change::Deleted(_))
        };
        let changes = &self.set.changes;
        if !changes.values().any(|change| edited(&change.change)) {
            return Judgement::default();
        }
        let mut files = FileSet::default();
        for (path, change) in changes {
            let text = match change.change {
                Change::Deleted(_) => None,
                Change::Edited | Change::Merge | Change::Conflict(_) | Change::Released => {
                    self.text_on_disk(self.place(path)).cloned()
                }
                _ => self.generated.files.files().get(path).cloned(),
            };
            if let Some(text) = text {
                files.0.insert(self.place(path).to_owned(), text);
            }
        }
        let kept: Vec<(&str, &str)> = changes
            .iter()
            .filter(|(_, change)| edited(&change.change) && !matches!(change.change, Change::Deleted(_)))
            .map(|(path, _)| (path.as_str(), self.place(path)))
            .collect();
        let foreign: BTreeSet<&str> = changes
            .iter()
            .filter(|(_, change)| {
                matches!(change.change, Change::Released | Change::Conflict(_)) && !edited(&change.change)
            })
            .map(|(path, _)| self.place(path))
            .collect();
        let kubernetes = self.generated.plan.project.kubernetes;
        let (parsed, mut drift) = verify::parse(&files, kubernetes);
        drift.retain(|problem| match &problem.place {
            Some(Place::File { path, .. } | Place::Path(path)) => !foreign.contains(path.as_str()),
            _ => true,
        });
        drift.extend(reconcile::drift(&self.generated, &kept, &parsed.objects));
        let subject = Subject { objects: &parsed.objects, dockerfiles: &parsed.dockerfiles, kubernetes };
        let mut findings = rules::run(&subject);
        findings.retain(|finding| !foreign.contains(finding.path()));
        let helped = |mut problem: Problem| {
            if problem.help.is_empty() {
                "mend the edit, or `cofferdam restore` what was written".clone_into(&mut problem.help);
            }
            problem
        };
        drift.extend(verify::misfits(&subject).into_iter().map(helped));
        drift.extend(pack.policies().flat_map(|policy| policy.breaches(&parsed.objects)));
        let beware = verify::shortages(&subject).into_iter().map(helped).collect();
        Judgement { weakened: findings, drift, beware }
    }

    /// A unified diff of everything that would change, and of what is in conflict.
    pub(super) fn differences(&self) -> String {
        let mut out = String::new();
        for (path, text) in &self.set.writes {
            let old = self.text_on_disk(path).map_or("", |text| text);
            out.push_str(&difference(path, old, text.as_deref().unwrap_or_default()));
        }
        for (path, change) in self.set.conflicts() {
            if let (Change::Conflict(Conflict::NotOurs), Some(new)) =
                (&change.change, self.generated.files.files().get(path))
            {
                out.push_str(&difference(path, self.text_on_disk(path).map_or("", |text| text), new));
            }
        }
        out
    }
}

pub(super) fn difference(path: &str, old: &str, new: &str) -> String {
    let from = if old.is_empty() { "/dev/null".to_owned() } else { format!("a/{path}") };
    let to = if new.is_empty() { "/dev/null".to_owned() } else { format!("b/{path}") };
    TextDiff::from_lines(old, new).unified_diff().context_radius(3).header(&from, &to).to_string()
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
