//! A project that has been set up: its answers in today's words, and the pack that makes files of them.

use std::sync::Arc;

use clap::ArgMatches;
use cofferdam::answers::{Answers, file};
use cofferdam::pack::{self, Change, Layer, Pack};
use cofferdam::reconcile::OnDisk;

use crate::disk::Project;
use crate::transaction::Op;
use crate::{Failure, packs};

pub(super) struct Opened {
    pub(super) project: Project,
    pub(super) answers: Answers,
    /// With no more presets than the answers need.
    pub(super) pack: Pack,
    /// All that it is made of.
    pub(super) layers: Vec<Layer>,
    /// What the pack has new since the last run, oldest first.
    pub(super) changes: Vec<Change>,
    /// The answers file as it stands.
    pub(super) text: Arc<str>,
    /// The same where words of it are called something else now.
    pub(super) migrated: Option<Arc<str>>,
}

impl Opened {
    /// The project that a command is run in.
    pub(super) fn of(matches: &ArgMatches) -> Result<Self, Failure> {
        Self::new(Project::open(&super::project_folder(matches))?)
    }

    pub(super) fn new(project: Project) -> Result<Self, Failure> {
        let text: Arc<str> = project.answers_text()?.into();
        let lock = project.lock()?;
        let layers = packs::of(&project, &text)?;
        let mut changes = Vec::new();
        for layer in &layers {
            if let Some(pin) = lock.packs.get(layer.name.as_str()) {
                changes.extend(layer.changes_since(&pin.version)?);
            }
        }
        let migrated = Some(pack::migrated(&text, &changes)).filter(|new| **new != *text).map(Arc::from);
        let answers = file::read(migrated.as_ref().unwrap_or(&text))?;
        let pack = Pack::read(pack::needed(layers.clone(), &answers))?;
        Ok(Self { project, answers, pack, layers, changes, text, migrated })
    }

    /// A project of new answers.
    pub(super) fn begun(project: Project, answers: Answers, text: Arc<str>, pack: Pack) -> Self {
        let layers = pack.layers.clone();
        Self { project, answers, pack, layers, changes: Vec::new(), text, migrated: None }
    }

    /// What writes the answers in today's words, if they are not in them.
    pub(super) fn migration(&self) -> Option<Op> {
        let new = self.migrated.as_ref()?;
        Some(Op::new(file::NAME, Some(Arc::clone(new)), Some(&OnDisk::Text(Arc::clone(&self.text)))))
    }
}
