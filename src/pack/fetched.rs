//! The packs that `preset fetch` got from repositories: their files, and a record of what they are. All of it is committed
//! with the project, so that nothing else needs a network.
//!
//! Its own format with its own types, like the lock's.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Layer, Repository};
use crate::lock::is_digest;
use crate::merge;
use crate::problem::{Place, Problem};
use crate::spec::name::Name;
use crate::spec::pack::Commit;

/// What is fetched stands below it, each pack in a folder of its name.
pub const FOLDER: &str = ".cofferdam/packs";
/// The record.
pub const PATH: &str = ".cofferdam/packs/sources.json";
/// Texts that stand there beside the packs, whatever the project says about its own files: another line ending would be
/// another digest, and a file that is ignored would be missing elsewhere.
const BESIDE: [(&str, &str); 2] =
    [(".cofferdam/packs/.gitattributes", "* -text\n"), (".cofferdam/packs/.gitignore", "!*\n")];

const FORMAT: u32 = 1;

/// What was fetched, by the pack's name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fetched(pub BTreeMap<Name, Entry>);

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    pub repository: Repository,
    /// What its revision was then.
    pub commit: Commit,
    /// Of the pack's files.
    pub digest: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    format: u32,
    packs: BTreeMap<String, Line>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    git: String,
    r#ref: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    commit: String,
    digest: String,
}

impl Line {
    fn of(entry: &Entry) -> Self {
        let Entry { repository: Repository { url, revision, folder }, commit, digest } = entry;
        Self {
            git: url.to_string(),
            r#ref: revision.to_string(),
            folder: folder.as_ref().map(ToString::to_string),
            commit: commit.to_string(),
            digest: digest.clone(),
        }
    }

    fn entry(self) -> Option<Entry> {
        let repository = Repository {
            url: self.git.parse().ok()?,
            revision: self.r#ref.parse().ok()?,
            folder: self.folder.map(|folder| folder.parse()).transpose().ok()?,
        };
        let commit = self.commit.parse().ok()?;
        is_digest(&self.digest).then_some(Entry { repository, commit, digest: self.digest })
    }
}

impl Fetched {
    /// One line per pack, so that branches merge by lines.
    pub fn write(&self) -> String {
        let line = |(name, entry): (&Name, &Entry)| format!("    \"{name}\": {}", serde_json::json!(Line::of(entry)));
        let lines: Vec<String> = self.0.iter().map(line).collect();
        format!("{{\n  \"format\": {FORMAT},\n  \"packs\": {{\n{}\n  }}\n}}\n", lines.join(",\n"))
    }

    /// A record that cannot be trusted is damage, not input.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let refused = |why: String, help: &str| {
            Problem::new("the record of the fetched packs is damaged", why, help).at(Some(Place::Path(PATH.to_owned())))
        };
        let damaged = |why: String| refused(why, "remove it, then `cofferdam preset fetch`");
        if merge::has_markers(text) {
            return Err(damaged("it holds both sides of a merge".to_owned()));
        }
        let Text { format, packs } = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if format != FORMAT {
            let why = format!("its format is {format}; this version of cofferdam knows {FORMAT}");
            return Err(refused(why, "use the version of cofferdam that wrote it"));
        }
        let entry = |(name, line): (String, Line)| {
            let entry = name.parse().ok().and_then(|name| Some((name, line.entry()?)));
            entry.ok_or_else(|| damaged(format!("{} is no pack that cofferdam fetches", crate::problem::shown(&name))))
        };
        Ok(Self(packs.into_iter().map(entry).collect::<Result<_, _>>()?))
    }

    /// The pack that was fetched for a repository that the answers name at `place`.
    pub fn find(&self, wanted: &Repository, place: Option<&Place>) -> Result<(&Name, &Entry), Problem> {
        if let Some(found) = self.0.iter().find(|(_, entry)| entry.repository == *wanted) {
            return Ok(found);
        }
        let same_place =
            |entry: &&Entry| entry.repository.url == wanted.url && entry.repository.folder == wanted.folder;
        let what = match self.0.values().find(same_place) {
            Some(entry) => format!("{wanted} is wanted, and {} was fetched", entry.repository.revision),
            None => format!("{wanted} is not fetched"),
        };
        let why = format!(
            "packs of repositories are read from {FOLDER}, which is committed: no other command needs a network"
        );
        Err(Problem::new(what, why, "`cofferdam preset fetch`").at(place.cloned()))
    }
}

/// The folder of a fetched pack.
pub fn folder(name: &Name) -> String {
    format!("{FOLDER}/{name}")
}

/// All that stands below [`FOLDER`] where these packs were fetched.
pub fn files(packs: &[(&Layer, &Entry)]) -> BTreeMap<String, Arc<str>> {
    let mut files = BTreeMap::new();
    for (layer, _) in packs {
        let folder = folder(&layer.name);
        files.extend(layer.files.iter().map(|(path, text)| (format!("{folder}/{path}"), Arc::from(&**text))));
    }
    if !packs.is_empty() {
        let record = packs.iter().map(|(layer, entry)| (layer.name.clone(), (*entry).clone()));
        files.insert(PATH.to_owned(), Fetched(record.collect()).write().into());
        files.extend(BESIDE.map(|(path, text)| (path.to_owned(), text.into())));
    }
    files
}

/// What stands below [`FOLDER`] and belongs to no pack.
pub fn beside() -> impl Iterator<Item = &'static str> {
    BESIDE.into_iter().map(|(path, _)| path).chain([PATH])
}

/// What is wrong with a fetched pack that is not what the record says.
pub fn changed(name: &Name) -> Problem {
    Problem::new(
        format!("files of the fetched pack `{name}` are missing or changed"),
        "a pack is changed where it comes from: here, the next one would take its place",
        "restore them, `git checkout HEAD -- .cofferdam/packs`, or get them again, `cofferdam preset fetch`",
    )
    .at(Some(Place::Path(folder(name))))
}
