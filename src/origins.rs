//! Who says what, of packs that lie on each other: for each value of a preset the line that gives it, for each template
//! that it may be written with the packs that it is made of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::pack::{Asked, HEAD, Layer, Metadata, Pack, Phrase};
use crate::plan;
use crate::preset::{Preset, Source};
use crate::problem::{Place, visible};
use crate::spec::pack::LabelKey;
use crate::templates::blocks;
use crate::yaml::scalar::flow;

#[derive(Debug, Serialize)]
pub struct Origins {
    pub preset: String,
    pub values: Vec<ValueOrigin>,
    pub questions: Vec<QuestionOrigin>,
    pub templates: Vec<TemplateOrigin>,
}

#[derive(Debug, Serialize)]
pub struct ValueOrigin {
    pub key: String,
    pub value: Value,
    #[serde(flatten)]
    pub source: Source,
}

/// What a pack asks of those who use it.
#[derive(Debug, Serialize)]
pub struct QuestionOrigin {
    pub key: String,
    pub of: String,
    pub ask: String,
    #[serde(flatten)]
    pub source: Source,
}

#[derive(Debug, Serialize)]
pub struct TemplateOrigin {
    pub template: String,
    /// Those whose texts it is made of, the uppermost first.
    pub packs: Vec<String>,
    /// Those whose texts are not taken up, though they have the template.
    pub replaces: Vec<String>,
    /// Where there is one pack, all of them are its own.
    pub blocks: Vec<BlockOrigin>,
}

#[derive(Debug, Serialize)]
pub struct BlockOrigin {
    pub block: String,
    /// Whose content it has, the uppermost first.
    pub packs: Vec<String>,
}

/// Everything that a preset of a pack brings.
pub fn origins(preset: &Preset, pack: &Pack) -> Origins {
    let said = preset.values().into_iter();
    let mut values: Vec<ValueOrigin> =
        said.map(|(key, value, source)| ValueOrigin { key, value, source: source.clone() }).collect();
    // What a preset answers comes before what holds where nobody does.
    let is_answered = |key: &str| preset.values().iter().any(|(answered, ..)| answered == key);
    for asked in pack.asked.iter().filter(|asked| !is_answered(&asked.path)) {
        let source = source_of_question(asked, pack);
        let default = asked.default.clone().map(Value::from);
        values.extend(default.map(|value| ValueOrigin { key: asked.path.clone(), value, source }));
    }
    values.extend(phrases("labels", |metadata| &metadata.labels, pack));
    values.extend(phrases("annotations", |metadata| &metadata.annotations, pack));
    let questions = pack.asked.iter().map(|asked| QuestionOrigin {
        key: asked.path.clone(),
        of: asked.of.as_str().to_owned(),
        ask: asked.ask.clone(),
        source: source_of_question(asked, pack),
    });
    Origins {
        preset: preset.id.clone(),
        values,
        questions: questions.collect(),
        templates: used(preset, pack).iter().map(|template| template_origin(template, pack)).collect(),
    }
}

type Phrases = BTreeMap<LabelKey, Phrase>;

/// What is put on every service.
fn phrases(kind: &str, of: fn(&Metadata) -> &Phrases, pack: &Pack) -> impl Iterator<Item = ValueOrigin> {
    of(&pack.metadata).iter().map(move |(key, phrase)| ValueOrigin {
        key: format!("{kind}.{key}"),
        value: phrase.to_string().into(),
        source: in_head(&phrase.place, pack, |layer| of(&layer.metadata).contains_key(key)),
    })
}

fn source_of_question(asked: &Asked, pack: &Pack) -> Source {
    in_head(&asked.place, pack, |layer| layer.asked.iter().any(|other| other.key == asked.key))
}

/// A line of the head of the uppermost pack that has something.
fn in_head(place: &Place, pack: &Pack, has: impl Fn(&Layer) -> bool) -> Source {
    let layer = pack.layers.iter().rev().find(|layer| has(layer));
    let line = if let Place::File { line, .. } = place { *line } else { 1 };
    Source { pack: layer.map_or_else(String::new, |layer| layer.name.to_string()), file: HEAD.to_owned(), line }
}

/// The templates that a service of a preset, and its project, may be written with.
fn used(preset: &Preset, pack: &Pack) -> BTreeSet<String> {
    let dockerfile = preset.dockerfile.as_ref().map(|name| format!("docker/{name}.Dockerfile"));
    let rows = plan::templates().into_iter().filter(|row| dockerfile.is_some() || !row.starts_with("docker/"));
    let more = pack.layers.iter().flat_map(|layer| &layer.outputs).map(|output| output.template.clone());
    let all: Vec<String> = rows.chain(dockerfile.clone()).chain(more).collect();
    all.iter().flat_map(|template| pack.templates.parts(template)).map(str::to_owned).collect()
}

fn template_origin(template: &str, pack: &Pack) -> TemplateOrigin {
    let texts = pack.templates.texts(template);
    let name = |number: usize| pack.layers[number].name.to_string();
    let lowest = texts.last().map_or(0, |(number, _)| *number);
    let path = format!("templates/{template}.j2");
    let replaced = pack.layers[..lowest].iter().rev().filter(|layer| layer.files.contains_key(&path));
    let mut origins: Vec<BlockOrigin> = Vec::new();
    if let [_, .., (_, base)] = texts.as_slice() {
        let blocks_of: Vec<_> = texts.iter().map(|(number, text)| (*number, blocks(text))).collect();
        for (block, _) in blocks(base) {
            let mut packs = Vec::new();
            for (number, blocks) in &blocks_of {
                let Some((_, takes_up)) = blocks.iter().find(|(name, _)| *name == block) else { continue };
                packs.push(name(*number));
                if !takes_up {
                    break;
                }
            }
            origins.push(BlockOrigin { block: block.to_owned(), packs });
        }
    }
    TemplateOrigin {
        template: template.to_owned(),
        packs: texts.iter().map(|(number, _)| name(*number)).collect(),
        replaces: replaced.map(|layer| layer.name.to_string()).collect(),
        blocks: origins,
    }
}

impl Origins {
    /// Tables for people, what says it at the left.
    pub fn text(&self) -> String {
        let row =
            |source: &Source, what: String| [source.pack.clone(), format!("{}:{}", source.file, source.line), what];
        let values =
            self.values.iter().map(|ValueOrigin { key, value, source }| row(source, format!("{key}: {}", flow(value))));
        let questions = self
            .questions
            .iter()
            .map(|QuestionOrigin { key, of, ask, source }| row(source, format!("{key} of the {of}: {ask}")));
        let templates = self.templates.iter().flat_map(|template| {
            let packs = template.packs.join(" on ");
            let whole = if template.replaces.is_empty() {
                packs
            } else {
                format!("{packs} instead of {}", template.replaces.join(", "))
            };
            let blocks = template.blocks.iter();
            let blocks = blocks.map(|block| [block.packs.join(" with "), format!("  block {}", block.block)]);
            std::iter::once([whole, template.template.clone()]).chain(blocks)
        });
        let mut text = format!("Values\n{}", table(&values.collect::<Vec<_>>()));
        if !self.questions.is_empty() {
            text.push_str(&format!("\nQuestions\n{}", table(&questions.collect::<Vec<_>>())));
        }
        text.push_str(&format!("\nTemplates\n{}", table(&templates.collect::<Vec<_>>())));
        text
    }
}

/// Columns, each as wide as its widest cell.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| visible(&row[column]).chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{:<width$}", visible(cell)));
        format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
