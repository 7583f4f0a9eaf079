//! A tree of files to answers: what an app is, read from its manifests and lock files. Runs nothing, guesses nothing.

mod facts;
mod go;
mod health;
mod java;
mod node;
mod own_image;
mod python;
mod rust;
mod site;

use std::collections::{BTreeMap, BTreeSet};

use crate::answers::ServiceAnswers;
use crate::answers::layer::Layer as _;
use crate::answers::raw::{Origin, Raw};
use crate::preset::{Preset, Presets};
use crate::spec::name::mended;
use crate::spec::word::ToolVersion;

/// An app's files by path below its folder. Files that are too large or not text have no text.
#[derive(Clone, Debug, Default)]
pub struct Tree(pub BTreeMap<String, Option<String>>);

impl Tree {
    fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path)?.as_deref()
    }

    fn has_folder(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        self.0.range(prefix.clone()..).next().is_some_and(|(path, _)| path.starts_with(&prefix))
    }

    /// Source files with one of these endings, tests left out: what only a test listens to nobody serves.
    fn sources<'a>(&'a self, endings: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        // A folder with a manifest of its own is another program, unless a workspace makes it a part of this one.
        let parts = go::workspace(self);
        let others: Vec<&str> = self
            .0
            .keys()
            .filter_map(|path| path.strip_suffix("/go.mod").or_else(|| path.strip_suffix("/package.json")))
            .filter(|folder| !parts.contains(folder))
            .collect();
        self.0.iter().filter_map(move |(path, text)| {
            if others.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))) {
                return None;
            }
            let test = path.split('/').any(|part| {
                ["test", "tests", "spec", "specs", "__tests__", "testdata", "examples", "benches", "docs", "e2e"]
                    .contains(&part)
            });
            let name = path.rsplit('/').next().unwrap_or_default();
            let test = test
                || name.contains("_test.")
                || name.contains(".test.")
                || name.contains(".spec.")
                || name.starts_with("test_")
                || name.starts_with("testing.")
                || name.ends_with(".d.ts");
            let source = endings.iter().any(|ending| path.ends_with(ending));
            (source && !test).then_some((path.as_str(), text.as_deref()?))
        })
    }
}

/// What was found, each value with the file it was read from.
#[derive(Clone, Debug, Default)]
pub struct Detection {
    pub name: Option<Raw<crate::spec::name::Name>>,
    /// The app's own version, for the image's tag.
    pub version: Option<String>,
    /// Registry and path that the repository's host suggests, without a tag.
    pub repository: Option<Raw<crate::spec::word::Word>>,
    pub service: ServiceAnswers,
    pub project: crate::answers::ProjectAnswers,
    /// What a person should know: no lock file, an address nobody can reach, a version that no image has.
    pub notes: Vec<Note>,
}

/// Something that a person should know.
#[derive(Clone, Debug)]
pub struct Note {
    pub text: String,
    /// The question whose answer makes it old news.
    pub until: Option<&'static str>,
}

impl From<String> for Note {
    fn from(text: String) -> Self {
        Self { text, until: None }
    }
}

/// What a reader of one kind of manifest found.
#[derive(Clone, Debug, Default)]
struct Reading {
    name: Option<Raw<crate::spec::name::Name>>,
    version: Option<String>,
    service: ServiceAnswers,
    /// Packages that the app needs while it runs.
    dependencies: BTreeSet<String>,
    /// Packages that only building needs.
    build_dependencies: BTreeSet<String>,
    /// The manifest that decided.
    manifest: String,
    /// The oldest toolchain that builds it. A newer one does too.
    oldest_tool: Option<Raw<ToolVersion>>,
    notes: Vec<String>,
}

struct Reader {
    id: &'static str,
    read: fn(&Tree) -> Option<Reading>,
    /// Endings of source files, for ports and health paths.
    sources: &'static [&'static str],
}

/// In the order in which they are tried: a `package.json` beside a `Cargo.toml` is most often there for the frontend.
static READERS: &[Reader] = &[
    Reader { id: "rust", read: rust::read, sources: &[".rs"] },
    Reader { id: "go", read: go::read, sources: &[".go"] },
    Reader { id: "java", read: java::read, sources: &[".java", ".kt"] },
    Reader { id: "python", read: python::read, sources: &[".py"] },
    Reader { id: "node", read: node::read, sources: &[".js", ".mjs", ".cjs", ".ts", ".mts"] },
    Reader { id: "static", read: site::read, sources: &[] },
];

/// The ids that a preset's `detect.readers` may name.
pub fn readers() -> impl Iterator<Item = &'static str> {
    READERS.iter().map(|reader| reader.id)
}

/// What the app in `tree` is. `wanted` restricts the search to one preset that a person has chosen.
pub fn detect(tree: &Tree, presets: &Presets, wanted: Option<&str>) -> Detection {
    let mut found = Detection::default();
    for reader in READERS {
        let Some(reading) = (reader.read)(tree) else { continue };
        let Some(preset) = preset_for(reader.id, &reading, presets, wanted) else { continue };
        let (facts, version) = facts::read(tree, &preset.detect);
        let paths = health::read(tree, reader.sources, &reading.dependencies, &preset.id);
        found.notes.extend(reading.notes.into_iter().map(Note::from));
        found.notes.extend(paths.notes);
        found.name = facts.name.over(reading.name);
        found.project = facts.project;
        found.version = version.or(reading.version);
        // What people wrote down for running it counts more than what its source says.
        found.service = facts.service.over(own_image::read(tree)).over(reading.service).over(paths.service);
        if found.service.port.is_none()
            && preset.defaults.port.is_some()
            && preset.toolchain.as_deref() != Some("static")
        {
            let port = preset.defaults.port.as_ref().map_or("", |raw| raw.text.as_str());
            let text = format!("no port was found in the source: {port} is assumed; `port` says otherwise");
            found.notes.push(Note { text, until: Some("port") });
        }
        let default = preset.defaults.build.tool.as_ref().map(|raw| raw.text.as_str()).unwrap_or_default();
        if let Some(oldest) = reading.oldest_tool.filter(|oldest| is_newer(&oldest.text, default)) {
            found.service.build.tool.get_or_insert(oldest);
        }
        found.service.preset = Some(Raw::new(preset.id.clone(), Origin::Detected(reading.manifest)));
        break;
    }
    if found.service.preset.is_none()
        && let Some(preset) = presets.iter().find(|preset| by_file(tree, preset))
    {
        let (facts, version) = facts::read(tree, &preset.detect);
        found.name = facts.name;
        found.project = facts.project;
        found.version = version;
        found.service = facts.service;
        found.service.preset = Some(Raw::new(preset.id.clone(), Origin::Detected("its files".to_owned())));
    }
    repository_host(tree, &mut found);
    beside_own_files(tree, &mut found);
    found
}

/// The most specific preset: one whose dependency is there, for running before for building; else the plainest one.
fn preset_for<'p>(reader: &str, reading: &Reading, presets: &'p Presets, wanted: Option<&str>) -> Option<&'p Preset> {
    let mine = |preset: &&Preset| {
        preset.detect.readers.iter().flatten().any(|raw| raw.text == reader) && wanted.is_none_or(|id| preset.id == id)
    };
    let unbeaten = |found: Vec<&'p Preset>| {
        let beats = |preset: &Preset, id: &str| preset.detect.before.iter().flatten().any(|raw| raw.text == id);
        let beaten = |preset: &&Preset| found.iter().any(|other| beats(other, &preset.id));
        // One that refines another is for those who name it.
        found.iter().copied().filter(|preset| !beaten(preset)).min_by_key(|preset| preset.chain.len())
    };
    let among = |packages: &BTreeSet<String>| {
        let named =
            |preset: &Preset| preset.detect.dependencies.iter().flatten().any(|raw| packages.contains(&raw.text));
        // What is to be found before another is found wherever that is, though it says nothing more.
        let before = |preset: &Preset| {
            let others = || preset.detect.before.iter().flatten().filter_map(|raw| presets.get(&raw.text));
            preset.detect.dependencies.is_none() && others().any(&named)
        };
        unbeaten(presets.iter().filter(mine).filter(|preset| named(preset) || before(preset)).collect())
    };
    // What only building needs makes a site of an app, never a server.
    let is_site = |preset: &&Preset| preset.toolchain.as_deref() == Some("static");
    let plain = |preset: &&Preset| wanted.is_some() || preset.detect.dependencies.is_none();
    among(&reading.dependencies)
        .or_else(|| among(&reading.build_dependencies).filter(is_site))
        .or_else(|| unbeaten(presets.iter().filter(mine).filter(plain).collect()))
}

fn by_file(tree: &Tree, preset: &Preset) -> bool {
    preset.detect.files.iter().flatten().any(|raw| tree.has(&raw.text))
}

/// Code hosts have registries beside them.
fn repository_host(tree: &Tree, found: &mut Detection) {
    let config = ".git/config";
    let Some(text) = tree.text(config) else { return };
    let origin = text.split("[remote \"origin\"]").nth(1).unwrap_or_default();
    let url = origin
        .lines()
        .find_map(|line| line.trim().strip_prefix("url")?.trim_start().strip_prefix('='))
        .unwrap_or_default()
        .trim();
    let hosts = [("github.com", "ghcr.io", "github"), ("gitlab.com", "registry.gitlab.com", "gitlab")];
    for (host, registry, ci) in hosts {
        let Some((_, path)) = url.split_once(host) else { continue };
        let path =
            path.trim_start_matches([':', '/']).trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
        if path.split('/').count() >= 2 {
            found.repository = Some(Raw::new(format!("{registry}/{path}"), Origin::Detected(config.to_owned())));
            found.project.ci = Some(Raw::new(ci, Origin::Detected(config.to_owned())));
        }
    }
}

/// Files that are there already stay: ours go beside them.
fn beside_own_files(tree: &Tree, found: &mut Detection) {
    if let Some(taken) = ["Dockerfile", ".dockerignore"].iter().find(|path| tree.has(path)) {
        found.service.build.dockerfile = Some(Raw::new("hardened.Dockerfile", Origin::Detected((*taken).to_owned())));
        let text = format!("{taken} is yours already; the new image is described in hardened.Dockerfile beside it");
        found.notes.push(Note { text, until: Some("build.dockerfile") });
    }
    if tree.has_folder("deploy") {
        let other = if tree.has_folder("k8s") { "deploy/cofferdam" } else { "k8s" };
        found.project.output = Some(Raw::new(other, Origin::Detected("deploy/".to_owned())));
        let text = format!("deploy/ is yours already; the manifests go to {other}/");
        found.notes.push(Note { text, until: Some("output") });
    }
    let pipelines = [".github/workflows/", ".gitlab-ci.yml"];
    if found.project.ci.is_some() && tree.0.keys().any(|path| pipelines.iter().any(|own| path.starts_with(own))) {
        // A second pipeline beside a working one is noise; `--ci` still asks for it.
        found.project.ci = None;
    }
}

/// An answer that was read from `file`.
fn given<T>(text: impl Into<String>, file: &str) -> Option<Raw<T>> {
    Some(Raw::new(text, Origin::Detected(file.to_owned())))
}

/// A valid name made of what a manifest calls the app.
fn name_from(text: &str, file: &str) -> Option<Raw<crate::spec::name::Name>> {
    given(mended(text, 40)?, file)
}

/// `24` of `>=24.1 <25`, `^24`, `v24.3.1` or `24.x`; the first number with up to `parts` parts.
fn first_version(text: &str, parts: usize) -> Option<String> {
    let start = text.find(|char: char| char.is_ascii_digit())?;
    let version: String = text[start..].chars().take_while(|char| char.is_ascii_digit() || *char == '.').collect();
    let version: Vec<&str> = version.split('.').filter(|part| !part.is_empty()).take(parts).collect();
    (!version.is_empty()).then(|| version.join("."))
}

/// Whether version `a` is newer than `b`, number by number: 1.100 is newer than 1.98.
fn is_newer(a: &str, b: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> { version.split('.').map(|part| part.parse().unwrap_or(0)).collect() };
    numbers(a) > numbers(b)
}
