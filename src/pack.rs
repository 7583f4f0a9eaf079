//! A pack: presets and templates with a version, cases, and what changed. Packs lie on each other like sheets: a file of an
//! upper one takes the place of the file below, and may take up what that one says.

mod changes;
mod contents;
mod layer;
mod misuse;
mod outputs;
mod policy;
mod renames;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use self::changes::{Change, Renamed};
pub use self::contents::{Contents, Found};
pub use self::layer::{BUILT_IN, Files, Layer};
pub use self::outputs::Output;
pub use self::policy::Policy;
pub use self::renames::{migrated, moved, placed};
use crate::answers::{Answers, PackAnswers, file};
use crate::preset::{self, Presets};
use crate::problem::{Place, Problem};
use crate::templates::Templates;
use crate::yaml::read::read;

/// All that answers become files by.
#[derive(Clone)]
pub struct Pack {
    /// The lowest first: what cofferdam brings.
    pub layers: Vec<Layer>,
    pub presets: Presets,
    pub templates: Arc<Templates>,
}

impl Pack {
    /// What cofferdam brings.
    pub fn built_in() -> Result<Self, Vec<Problem>> {
        Self::read(vec![Layer::built_in()?])
    }

    /// Packs on each other, the lowest first.
    pub fn read(layers: Vec<Layer>) -> Result<Self, Vec<Problem>> {
        let mut names = BTreeSet::new();
        for layer in &layers {
            if !names.insert(layer.name.as_str()) {
                return Err(vec![
                    Problem::new(
                        format!("two packs are called `{}`", layer.name),
                        "the lock tells packs apart by their names",
                        "give one of them another name",
                    )
                    .at(Some(layer.head())),
                ]);
            }
        }
        let presets = Presets::read(&layers)?;
        let misuse = misuse::problems(&layers, &presets);
        if !misuse.is_empty() {
            return Err(misuse);
        }
        let templates = Arc::new(Templates::new(&layers));
        Ok(Self { layers, presets, templates })
    }

    /// What its layers insist on.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        // Ours are the rules.
        self.layers.iter().skip(1).map(|layer| &layer.policy)
    }
}

/// The folders of the packs that an answers file names. They are read before the rest of it: the packs say what some of
/// its words are called today.
pub fn named_in(text: &str) -> Result<Vec<String>, Vec<Problem>> {
    let documents = read(file::NAME, text).unwrap_or_default();
    let Some(node) = documents.first().and_then(|document| document.get("packs")) else {
        return Ok(Vec::new());
    };
    let schema = schemars::schema_for!(Vec<PackAnswers>).to_value();
    let packs: Vec<PackAnswers> = file::from_node(node, file::NAME, &schema)?;
    let path = |pack: PackAnswers| match pack.path {
        Some(path) => Ok(path.parse("packs")?.to_string()),
        None => {
            Err(Problem::new("a pack has no `path`", "a pack is named by its folder", "for example `path: ../house`")
                .at(Some(Place::Path(file::NAME.to_owned()))))
        }
    };
    let (mut paths, mut problems) = (Vec::new(), Vec::new());
    for pack in packs {
        match path(pack) {
            Ok(path) => paths.push(path),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(paths) } else { Err(problems) }
}

/// Packs with no more presets than `answers` name and those extend: what generating needs. All of them where one is
/// unknown, so that the message can name the nearest.
pub fn needed(mut layers: Vec<Layer>, answers: &Answers) -> Vec<Layer> {
    if let Some(presets) = named(&layers, answers) {
        let is_needed = |path: &str| {
            let id = preset::id(path).or_else(|| preset::case(path).map(|(id, _)| id));
            id.is_none_or(|id| presets.iter().any(|known| known == id))
        };
        for layer in &mut layers {
            layer.files.retain(|path, _| is_needed(path));
        }
    }
    layers
}

fn named(layers: &[Layer], answers: &Answers) -> Option<Vec<String>> {
    let named = answers.services.values().filter_map(|service| Some(service.preset.as_ref()?.text.clone()));
    let mut open: Vec<String> = named.collect();
    let mut presets = Vec::new();
    while let Some(id) = open.pop() {
        let path = preset::path_of(&id);
        let texts: Vec<&str> = layers.iter().filter_map(|layer| Some(&**layer.files.get(&path)?)).collect();
        if texts.is_empty() {
            return None;
        }
        if !presets.contains(&id) {
            let parents = texts.iter().filter_map(|text| text.lines().find_map(|line| line.strip_prefix("extends: ")));
            open.extend(parents.map(|parent| parent.trim().to_owned()));
            presets.push(id);
        }
    }
    Some(presets)
}
