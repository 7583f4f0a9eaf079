//! One pack by itself, as its folder holds it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use include_dir::{Dir, include_dir};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::asked::{self, Asked, AskedFile};
use super::changes::{self, Change};
use super::metadata::{Metadata, PhrasesFile};
use super::outputs::{Output, OutputFile};
use super::policy::{Policy, PolicyFile};
use super::sidecars::SidecarsFile;
use crate::answers::file;
use crate::answers::raw::Raw;
use crate::lock::{self, Pin};
use crate::preset;
use crate::problem::{Place, Problem};
use crate::spec::name::Name;
use crate::spec::pack::{Needs, Version};
use crate::spec::service::Resources;
use crate::yaml::read::read;

/// What the pack that cofferdam brings is called.
pub const BUILT_IN: &str = "cofferdam";

// What it is expected to give stays outside: only its tests need that.
static PRESETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pack/presets");
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pack/templates");
static CASES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pack/cases");
const BUILT_IN_HEAD: &str = include_str!("../../pack/pack.yaml");
const BUILT_IN_CHANGES: &str = include_str!("../../pack/changes.yaml");

/// What a pack says about itself.
pub(crate) const HEAD: &str = "pack.yaml";
/// What changed from one version to the next.
pub(crate) const CHANGES: &str = "changes.yaml";

/// Texts by their path in the folder of a pack.
pub type Files = BTreeMap<String, Cow<'static, str>>;

#[derive(Clone, Debug)]
pub struct Layer {
    pub name: Name,
    pub version: Version,
    /// Where its folder is, for messages; nothing for the one that cofferdam brings.
    pub at: String,
    /// What it writes beyond ours.
    pub outputs: Vec<Output>,
    /// What it asks.
    pub asked: Vec<Asked>,
    /// What every service bears.
    pub metadata: Metadata,
    /// What it insists on.
    pub policy: Policy,
    /// What its own containers use, in each pod.
    pub sidecars: Resources,
    pub files: Files,
    /// Paths in its folders of what is none of its files.
    pub ignored: Vec<String>,
    /// All of its presets, whether or not their files are kept here.
    pub presets: BTreeSet<String>,
    /// Of all the files that it was read from; none for the pack that cofferdam brings, whose version says it all.
    digest: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Head {
    /// What the pack is called
    name: Option<Raw<Name>>,
    /// Its version
    version: Option<Raw<Version>>,
    /// The versions of cofferdam that it works with
    cofferdam: Option<Raw<Needs>>,
    /// The files that it writes beyond those of cofferdam
    #[serde(default)]
    files: Vec<OutputFile>,
    /// What it asks of those who use it
    #[serde(default)]
    questions: Vec<AskedFile>,
    /// Labels of all objects and pods of a service, by key
    #[serde(default)]
    labels: PhrasesFile,
    /// Annotations of pods, by key
    #[serde(default)]
    annotations: PhrasesFile,
    /// What it insists on
    #[serde(default)]
    policy: PolicyFile,
    /// What the containers use together that it adds to each pod
    #[serde(default)]
    sidecars: SidecarsFile,
}

/// The JSON Schema of `pack.yaml`.
pub(crate) fn head_schema() -> Value {
    schemars::schema_for!(Head).to_value()
}

impl Layer {
    /// What cofferdam brings.
    pub fn built_in() -> Result<Self, Vec<Problem>> {
        let mut files =
            Files::from([(HEAD.to_owned(), BUILT_IN_HEAD.into()), (CHANGES.to_owned(), BUILT_IN_CHANGES.into())]);
        for (name, folder) in [("presets", &PRESETS), ("templates", &TEMPLATES), ("cases", &CASES)] {
            collect(name, folder, &mut files);
        }
        Self::read("", files)
    }

    /// A pack from the files of its folder.
    pub fn read(at: &str, files: Files) -> Result<Self, Vec<Problem>> {
        let path = joined(at, HEAD);
        let problem = |what: &str, why: &str, help: String| {
            vec![Problem::new(what, why, help).at(Some(Place::Path(path.clone())))]
        };
        let documents = read(&path, files.get(HEAD).map_or("", |text| text))?;
        let [document] = documents.as_slice() else {
            let help = format!("write `name:` and `version:` into {path}");
            return Err(problem("a pack has one head", "it says what the pack is called, and its version", help));
        };
        let head: Head = file::from_node(document, &path, &head_schema())?;
        let missing = |key: &str| {
            problem(&format!("there is no `{key}`"), "a pack has a name and a version", format!("add `{key}:`"))
        };
        let (name, version) =
            (head.name.ok_or_else(|| missing("name"))?, head.version.ok_or_else(|| missing("version"))?);
        let mut problems = Vec::new();
        let outputs = rows(head.files.iter().map(|file| file.parse(&path)), &mut problems);
        let asked = rows(head.questions.iter().map(|question| question.parse(&name.text, &path)), &mut problems);
        problems.extend(asked::repeated(&asked));
        let labels = kept_all(head.labels.parse("labels", &path), &mut problems);
        let annotations = kept_all(head.annotations.parse("annotations", &path), &mut problems);
        let policy = head.policy.parse(&name.text, &mut problems);
        let sidecars = head.sidecars.parse(&mut problems);
        let needs = head.cofferdam.and_then(|needs| kept(needs.parse("cofferdam"), &mut problems));
        let (name, version) = (kept(name.parse("name"), &mut problems), kept(version.parse("version"), &mut problems));
        let (Some(name), Some(version), true) = (name, version, problems.is_empty()) else {
            return Err(problems.into_iter().map(|problem| problem.within(&path)).collect());
        };
        let own = env!("CARGO_PKG_VERSION");
        if let Some(needs) = needs.filter(|needs| !own.parse().is_ok_and(|own| needs.matches(&own))) {
            return Err(problem(
                &format!("the pack `{name}` needs cofferdam {needs}"),
                &format!("this is cofferdam {own}"),
                format!("use another version of cofferdam, or of `{name}`"),
            ));
        }
        let metadata =
            Metadata { labels: labels.into_iter().collect(), annotations: annotations.into_iter().collect() };
        let digest = (name.as_str() != BUILT_IN).then(|| digest(&files));
        let presets = files.keys().filter_map(|path| preset::id(path)).map(str::to_owned).collect();
        let at = at.to_owned();
        Ok(Self {
            name,
            version,
            at,
            outputs,
            asked,
            metadata,
            policy,
            sidecars,
            files,
            ignored: Vec::new(),
            presets,
            digest,
        })
    }

    /// Where it says what it is.
    pub fn head(&self) -> Place {
        Place::Path(self.path(HEAD))
    }

    /// A file of it, as messages name it.
    pub fn path(&self, path: &str) -> String {
        joined(&self.at, path)
    }

    /// What has changed in each version, newest first.
    pub fn changes(&self) -> Result<Vec<Change>, Vec<Problem>> {
        changes::read(&self.path(CHANGES), self.files.get(CHANGES).map_or("", |text| text))
    }

    /// What has changed since a version, oldest first.
    pub fn changes_since(&self, version: &Version) -> Result<Vec<Change>, Vec<Problem>> {
        // Nearly always, nothing has.
        if self.version == *version {
            return Ok(Vec::new());
        }
        let mut changes = self.changes()?;
        changes.retain(|change| change.version > *version);
        changes.reverse();
        Ok(changes)
    }

    /// What the lock says about it.
    pub fn pin(&self) -> Pin {
        Pin { version: self.version.clone(), digest: self.digest.clone() }
    }
}

/// What a part of the head says, where it is right.
pub(super) fn kept<T>(result: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

fn kept_all<T>(results: impl Iterator<Item = Result<T, Problem>>, problems: &mut Vec<Problem>) -> Vec<T> {
    results.filter_map(|result| kept(result, problems)).collect()
}

/// The same for rows, of which each may have several faults.
fn rows<T>(results: impl Iterator<Item = Result<T, Vec<Problem>>>, problems: &mut Vec<Problem>) -> Vec<T> {
    results.filter_map(|result| result.map_err(|more| problems.extend(more)).ok()).collect()
}

/// One for all of the files.
pub fn digest(files: &Files) -> String {
    lock::digest(&files.iter().map(|(path, text)| format!("{path}\0{text}\0")).collect::<String>())
}

pub(super) fn joined(at: &str, path: &str) -> String {
    if matches!(at, "" | ".") { path.to_owned() } else { format!("{}/{path}", at.trim_end_matches('/')) }
}

fn collect(name: &str, folder: &Dir<'static>, files: &mut Files) {
    for file in folder.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            files.insert(format!("{name}/{path}"), text.into());
        }
    }
    folder.dirs().for_each(|folder| collect(name, folder, files));
}
