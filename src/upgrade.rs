//! What is new since the last run, why, and where a project meets it.

use std::collections::BTreeMap;

use crate::generate::Generated;
use crate::lock::Lock;
use crate::merge::{Open, edits};
use crate::pack::{Change, Pack};
use crate::plan::{Plan, PlannedFile};
use crate::reconcile::Standing;
use crate::spec::pack::Version;
use crate::spec::service::ServiceSpec;

/// From the version of a pack that wrote a project to the one that reads it.
pub struct Upgrade {
    pub pack: String,
    pub from: Version,
    pub to: Version,
    /// Oldest first.
    pub news: Vec<News>,
    /// The fields of each file that are to be written otherwise than last time, for these and for any other reasons.
    pub fields: BTreeMap<String, Vec<Open>>,
}

pub struct News {
    pub change: Change,
    /// The project's files that it is in, where they are to be written otherwise than last time.
    pub files: Vec<String>,
}

impl Upgrade {
    pub fn is_downgrade(&self) -> bool {
        self.from > self.to
    }
}

/// The version of a pack that a project was written with, if another one reads it now.
pub fn outdated<'l>(lock: &'l Lock, pack: &Pack) -> Option<&'l Version> {
    lock.packs.get(pack.name.as_str()).map(|pin| &pin.version).filter(|written| **written != pack.version)
}

/// None where nothing is to be told: the same version wrote the project. `changes` are those since then, oldest first;
/// `renamed` are the new names of files by the old ones.
pub fn upgrade(
    pack: &Pack,
    generated: &Generated,
    standing: &Standing,
    changes: &[Change],
    renamed: &BTreeMap<String, String>,
) -> Option<Upgrade> {
    let from = outdated(&standing.lock, pack)?.clone();
    let mut fields = BTreeMap::new();
    for (path, new) in generated.files.files() {
        let old = renamed.iter().find(|(_, to)| *to == path).map_or(path, |(from, _)| from);
        let entry = standing.lock.files.get(old).or_else(|| standing.lock.files.get(path));
        match entry.and_then(|entry| standing.bases.get(&entry.base)) {
            Some(base) if base == new && old == path => {}
            Some(base) => {
                fields.insert(path.clone(), edits(path, base, new));
            }
            None => {
                fields.insert(path.clone(), Vec::new());
            }
        }
    }
    let files = |change| generated.plan.files.iter().filter(move |file| is_in(change, pack, &generated.plan, file));
    let news = changes.iter().map(|change| News {
        files: files(change).map(|file| file.path.clone()).filter(|path| fields.contains_key(path)).collect(),
        change: change.clone(),
    });
    Some(Upgrade { pack: pack.name.to_string(), from, to: pack.version.clone(), news: news.collect(), fields })
}

/// Whether a change is in one of the templates of a file, or in a preset of a service that the file is about.
fn is_in(change: &Change, pack: &Pack, plan: &Plan, file: &PlannedFile) -> bool {
    let template = |name: &str| change.templates.iter().any(|template| template == name);
    let preset = |service: &ServiceSpec| {
        let chain = pack.presets.get(&service.preset).map(|preset| preset.chain.as_slice()).unwrap_or_default();
        chain.iter().any(|preset| change.presets.contains(preset))
    };
    plan.templates.parts(&file.template).into_iter().any(template) || plan.services(file.subject).iter().any(preset)
}
