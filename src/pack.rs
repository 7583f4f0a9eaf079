//! A pack: presets and templates with a version, cases, and what changed. Packs lie on each other like sheets: a file of an
//! upper one takes the place of the file below, and may take up what that one says.

mod asked;
mod changes;
mod contents;
pub mod fetched;
mod layer;
mod metadata;
mod misuse;
mod outputs;
mod policy;
mod renames;
mod sidecars;
mod source;

use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) use self::asked::unasked;
pub use self::asked::{Asked, Of};
pub(crate) use self::changes::changes_schema;
pub use self::changes::{Change, Renamed};
pub use self::contents::{Contents, Found};
pub use self::layer::{BUILT_IN, Files, Layer, digest};
pub(crate) use self::layer::{CHANGES, HEAD, head_schema};
pub use self::metadata::{Metadata, Phrase};
pub use self::outputs::{Output, When};
pub use self::policy::Policy;
pub use self::renames::{migrated, moved, placed};
pub use self::source::{Named, Repository, Source, named_in};
use crate::answers::Answers;
use crate::preset::{self, Presets};
use crate::problem::Problem;
use crate::templates::Templates;

/// All that answers become files by.
#[derive(Clone)]
pub struct Pack {
    /// The lowest first: what cofferdam brings.
    pub layers: Vec<Layer>,
    pub presets: Presets,
    pub templates: Arc<Templates>,
    /// What the layers ask, the lowest first.
    pub asked: Vec<Asked>,
    pub metadata: Metadata,
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
        let asked = asked::joined(&layers);
        let metadata = layers.iter().fold(Metadata::default(), |below, layer| layer.metadata.clone().over(below));
        let mut misuse = misuse::problems(&layers, &presets);
        misuse.extend(metadata.problems(&asked));
        misuse.extend(misuse::wrong_answers(&layers, &presets, &asked));
        if !misuse.is_empty() {
            return Err(misuse);
        }
        let templates = Arc::new(Templates::new(&layers));
        Ok(Self { layers, presets, templates, asked, metadata })
    }

    /// What its layers insist on.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        // Ours are the rules.
        self.layers.iter().skip(1).map(|layer| &layer.policy)
    }
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
            open.extend(texts.iter().filter_map(|text| preset::parent(text)));
            presets.push(id);
        }
    }
    Some(presets)
}
