//! Who says what, of packs that lie on each other: for each value of a preset the line that gives it, for each template
//! that it may be written with the packs that it is made of.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::pack::Pack;
use crate::plan;
use crate::preset::{Preset, Source};
use crate::problem::visible;
use crate::templates::blocks;
use crate::yaml::scalar::flow;

#[derive(Debug, Serialize)]
pub struct Origins {
    pub preset: String,
    pub values: Vec<ValueOrigin>,
    pub templates: Vec<TemplateOrigin>,
}

#[derive(Debug, Serialize)]
pub struct ValueOrigin {
    pub key: String,
    pub value: Value,
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
    let values = preset.values().into_iter();
    Origins {
        preset: preset.id.clone(),
        values: values.map(|(key, value, source)| ValueOrigin { key, value, source: source.clone() }).collect(),
        templates: used(preset, pack).iter().map(|template| template_origin(template, pack)).collect(),
    }
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
    /// Two tables for people, what says it at the left.
    pub fn text(&self) -> String {
        let values = self.values.iter().map(|ValueOrigin { key, value, source }| {
            [source.pack.clone(), format!("{}:{}", source.file, source.line), format!("{key}: {}", flow(value))]
        });
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
        format!("Values\n{}\nTemplates\n{}", table(&values.collect::<Vec<_>>()), table(&templates.collect::<Vec<_>>()))
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
