//! A pack: presets and templates with a version, and what changed in them. Answers become files by one.

mod changes;
mod renames;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use schemars::JsonSchema;
use serde::Deserialize;

pub use self::changes::{Change, Renamed};
pub use self::renames::{migrated, moved};
use crate::answers::raw::Raw;
use crate::answers::{Answers, file};
use crate::preset::{self, Presets};
use crate::problem::{Place, Problem};
use crate::spec::name::Name;
use crate::spec::pack::Version;
use crate::templates::Templates;
use crate::yaml::read::read;

// What it is expected to give stays outside: only its tests need that.
static PRESETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pack/presets");
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pack/templates");
static CASES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pack/cases");
const FOLDER_HEAD: &str = include_str!("../pack/pack.yaml");
const FOLDER_CHANGES: &str = include_str!("../pack/changes.yaml");

/// What the pack that cofferdam brings is called.
pub const BUILT_IN: &str = "cofferdam";

/// What a pack says about itself.
const HEAD: &str = "pack.yaml";
/// What changed from one version to the next.
const CHANGES: &str = "changes.yaml";

/// Files by their path in the folder of a pack.
pub type Files = BTreeMap<String, Cow<'static, str>>;

#[derive(Clone)]
pub struct Pack {
    pub name: Name,
    pub version: Version,
    pub presets: Presets,
    pub templates: Arc<Templates>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Head {
    /// What the pack is called
    name: Option<Raw<Name>>,
    /// Its version
    version: Option<Raw<Version>>,
}

impl Pack {
    /// What cofferdam brings.
    pub fn built_in() -> Result<Self, Vec<Problem>> {
        Self::read(built_in())
    }

    /// A pack from its files.
    pub fn read(files: Files) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let head = head(files.get(HEAD).map_or("", |text| text)).map_err(|more| problems.extend(more)).ok();
        let presets = Presets::read(&files).map_err(|more| problems.extend(more)).ok();
        let (Some((name, version)), Some(presets)) = (head, presets) else {
            return Err(problems);
        };
        let template = |(path, text): (String, Cow<'static, str>)| Some((template_name(&path)?.to_owned(), text));
        let templates = Templates::new(files.into_iter().filter_map(template).collect());
        Ok(Self { name, version, presets, templates: Arc::new(templates) })
    }
}

/// What the files of a pack say has changed since a version, oldest first.
pub fn changes_since(files: &Files, version: &Version) -> Result<Vec<Change>, Vec<Problem>> {
    let text = |path: &str| files.get(path).map_or("", |text| &**text);
    // Nearly always, nothing has.
    if head(text(HEAD))?.1 == *version {
        return Ok(Vec::new());
    }
    let mut changes = changes::read(CHANGES, text(CHANGES))?;
    changes.retain(|change| change.version > *version);
    changes.reverse();
    Ok(changes)
}

/// The files that cofferdam brings, for those who make a pack of them.
pub fn built_in() -> Files {
    let mut files = Files::from([(HEAD.to_owned(), FOLDER_HEAD.into()), (CHANGES.to_owned(), FOLDER_CHANGES.into())]);
    for (name, folder) in [("presets", &PRESETS), ("templates", &TEMPLATES), ("cases", &CASES)] {
        collect(name, folder, &mut files);
    }
    files
}

fn collect(name: &str, folder: &Dir<'static>, files: &mut Files) {
    for file in folder.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            files.insert(format!("{name}/{path}"), text.into());
        }
    }
    folder.dirs().for_each(|folder| collect(name, folder, files));
}

fn template_name(path: &str) -> Option<&str> {
    path.strip_prefix("templates/")?.strip_suffix(".j2")
}

/// The files of a pack with no more presets than `answers` name and those extend: what generating needs. All of them
/// where one is unknown, so that the message can name the nearest.
pub fn needed(mut files: Files, answers: &Answers) -> Files {
    if let Some(presets) = named(&files, answers) {
        let is_needed = |path: &str| {
            let id = preset::id(path).or_else(|| preset::case(path).map(|(id, _)| id));
            id.is_none_or(|id| presets.contains(&preset::path_of(id)))
        };
        files.retain(|path, _| is_needed(path));
    }
    files
}

fn named(files: &Files, answers: &Answers) -> Option<Vec<String>> {
    let named = answers.services.values().filter_map(|service| Some(service.preset.as_ref()?.text.clone()));
    let mut open: Vec<String> = named.collect();
    let mut presets = Vec::new();
    while let Some(id) = open.pop() {
        let path = preset::path_of(&id);
        let parent = files.get(&path)?.lines().find_map(|line| line.strip_prefix("extends: "));
        if !presets.contains(&path) {
            open.extend(parent.map(|parent| parent.trim().to_owned()));
            presets.push(path);
        }
    }
    Some(presets)
}

fn head(text: &str) -> Result<(Name, Version), Vec<Problem>> {
    let problem = |what: &str, why: &str, help: String| {
        vec![Problem::new(what, why, help).at(Some(Place::Path(HEAD.to_owned())))]
    };
    let documents = read(HEAD, text)?;
    let [document] = documents.as_slice() else {
        let help = format!("write `name:` and `version:` into {HEAD}");
        return Err(problem("a pack has one head", "it says what the pack is called, and its version", help));
    };
    let schema = schemars::schema_for!(Head).to_value();
    let head: Head = file::from_node(document, HEAD, &schema)?;
    let missing = |key: &str| {
        problem(&format!("there is no `{key}`"), "a pack has a name and a version", format!("add `{key}:`"))
    };
    let name = head.name.ok_or_else(|| missing("name"))?;
    let version = head.version.ok_or_else(|| missing("version"))?;
    match (name.parse("name"), version.parse("version")) {
        (Ok(name), Ok(version)) => Ok((name, version)),
        (name, version) => {
            Err([name.err(), version.err()].into_iter().flatten().map(|problem| problem.within(HEAD)).collect())
        }
    }
}
