//! What is new since the last run, why, and where a project meets it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::generate::Generated;
use crate::lock::Lock;
use crate::merge::{Open, edits};
use crate::pack::{Change, Layer, Pack};
use crate::plan::{Plan, PlannedFile};
use crate::reconcile::Standing;
use crate::spec::pack::Version;
use crate::spec::service::ServiceSpec;

/// From the packs that wrote a project to those that read it.
pub struct Upgrade {
    pub steps: Vec<Step>,
    /// Oldest first, pack by pack.
    pub news: Vec<News>,
    /// The fields of each file that are to be written otherwise than last time, for these and for any other reasons.
    pub fields: BTreeMap<String, Vec<Open>>,
}

/// A pack that wrote a project in another version, or with other files under the same one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Step {
    pub pack: String,
    pub from: Version,
    pub to: Version,
}

pub struct News {
    pub change: Change,
    /// The project's files that it is in, where they are to be written otherwise than last time.
    pub files: Vec<String>,
}

impl Step {
    pub fn is_downgrade(&self) -> bool {
        self.from > self.to
    }

    /// Whether somebody changed the pack and left its version: no change of it says what is new.
    pub fn is_unannounced(&self) -> bool {
        self.from == self.to
    }
}

/// The packs that wrote a project otherwise than they are now.
fn steps(lock: &Lock, pack: &Pack) -> Vec<Step> {
    let step = |layer: &Layer| {
        let pin = lock.packs.get(layer.name.as_str()).filter(|pin| **pin != layer.pin())?;
        Some(Step { pack: layer.name.to_string(), from: pin.version.clone(), to: layer.version.clone() })
    };
    pack.layers.iter().filter_map(step).collect()
}

/// None where nothing is to be told: the same packs wrote the project. `changes` are those since then, oldest first;
/// `renamed` are the new names of files by the old ones.
pub fn upgrade(
    pack: &Pack,
    generated: &Generated,
    standing: &Standing,
    changes: &[Change],
    renamed: &BTreeMap<String, String>,
) -> Option<Upgrade> {
    let mut steps = steps(&standing.lock, pack);
    if steps.is_empty() {
        return None;
    }
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
    // Such as a case, which changes no project.
    steps.retain(|step| !step.is_unannounced() || !fields.is_empty());
    if steps.is_empty() {
        return None;
    }
    let files = |change| generated.plan.files.iter().filter(move |file| is_in(change, pack, &generated.plan, file));
    let news = changes.iter().map(|change| News {
        files: files(change).map(|file| file.path.clone()).filter(|path| fields.contains_key(path)).collect(),
        change: change.clone(),
    });
    Some(Upgrade { news: news.collect(), steps, fields })
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
