//! One pack by itself, as its folder holds it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use schemars::JsonSchema;
use serde::Deserialize;

use super::changes::{self, Change};
use super::outputs::{Output, OutputFile};
use super::policy::{Policy, PolicyFile};
use crate::answers::file;
use crate::answers::raw::Raw;
use crate::lock::{self, Pin};
use crate::problem::{Place, Problem};
use crate::spec::name::Name;
use crate::spec::pack::{Needs, Version};
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
pub(super) const HEAD: &str = "pack.yaml";
/// What changed from one version to the next.
pub(super) const CHANGES: &str = "changes.yaml";

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
    /// What it insists on.
    pub policy: Policy,
    pub files: Files,
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
    /// What it insists on
    #[serde(default)]
    policy: PolicyFile,
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
        let schema = schemars::schema_for!(Head).to_value();
        let head: Head = file::from_node(document, &path, &schema)?;
        let missing = |key: &str| {
            problem(&format!("there is no `{key}`"), "a pack has a name and a version", format!("add `{key}:`"))
        };
        let name = head.name.ok_or_else(|| missing("name"))?.parse("name");
        let version = head.version.ok_or_else(|| missing("version"))?.parse("version");
        let needs = head.cofferdam.map(|needs| needs.parse("cofferdam")).transpose();
        let outputs: Result<Vec<Output>, Problem> = head.files.iter().map(OutputFile::parse).collect();
        let policy = head.policy.parse(name.as_ref().map_or("", Name::as_str));
        match (name, version, needs, outputs, policy) {
            (Ok(name), Ok(version), Ok(needs), Ok(outputs), Ok(policy)) => {
                let own = env!("CARGO_PKG_VERSION");
                match needs.filter(|needs| !own.parse().is_ok_and(|own| needs.matches(&own))) {
                    Some(needs) => Err(problem(
                        &format!("the pack `{name}` needs cofferdam {needs}"),
                        &format!("this is cofferdam {own}"),
                        format!("use another version of cofferdam, or of `{name}`"),
                    )),
                    None => Ok(Self { name, version, at: at.to_owned(), outputs, policy, files }),
                }
            }
            (name, version, needs, outputs, policy) => {
                let problems =
                    [name.err(), version.err(), needs.err(), outputs.err(), policy.err()].into_iter().flatten();
                Err(problems.map(|problem| problem.within(&path)).collect())
            }
        }
    }

    /// Where it says what it is.
    pub fn head(&self) -> Place {
        Place::Path(self.path(HEAD))
    }

    /// A file of it, as messages name it.
    pub fn path(&self, path: &str) -> String {
        joined(&self.at, path)
    }

    /// What has changed since a version, oldest first.
    pub fn changes_since(&self, version: &Version) -> Result<Vec<Change>, Vec<Problem>> {
        // Nearly always, nothing has.
        if self.version == *version {
            return Ok(Vec::new());
        }
        let text = self.files.get(CHANGES).map_or("", |text| text);
        let mut changes = changes::read(&self.path(CHANGES), text)?;
        changes.retain(|change| change.version > *version);
        changes.reverse();
        Ok(changes)
    }

    /// What the lock says about it.
    pub fn pin(&self) -> Pin {
        // The version of cofferdam says it all about its own.
        let digest = (self.name.as_str() != BUILT_IN).then(|| digest(&self.files));
        Pin { version: self.version.clone(), digest }
    }
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
