//! What was written last: one line per file, and the pristine text of each, so that a later version can merge.
//!
//! Its own format with its own types; nothing else is serialised by accident.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::merge::{self, Open};
use crate::pack::fetched;
use crate::problem::{Place, Problem};
use crate::spec::pack::Version;

/// The folder of state, committed with the project.
pub const FOLDER: &str = ".cofferdam";
/// The lock below it.
pub const PATH: &str = ".cofferdam/lock.json";
/// Pristine texts by digest. Their names end in no `.yaml`, so that nothing applies them.
pub const BASE: &str = ".cofferdam/base";
/// Tells code hosts and diffs that nobody reads the pristine texts.
pub const ATTRIBUTES: &str = ".cofferdam/.gitattributes";
/// What an interrupted run leaves, and what `undo` takes back, is nobody else's business.
pub const IGNORE: &str = ".cofferdam/.gitignore";
pub const IGNORE_TEXT: &str = "txn/\nundo/\n";
pub const ATTRIBUTES_TEXT: &str = "base/* -text linguist-generated -diff\n";

const FORMAT: u32 = 1;

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lock {
    /// The packs that it was written from, by name.
    pub packs: BTreeMap<String, Pin>,
    /// By the path that the plan gives a file, wherever a person has moved it.
    pub files: BTreeMap<String, Entry>,
}

/// Which of a pack's states it is.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    pub version: Version,
    /// Of its files, where the version alone does not say what they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The digest of what the next merge starts from.
    pub base: String,
    pub state: State,
    /// Where a person has moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Fields that wait for a decision, for those who read a change of this file. What is open is found out anew from the
    /// base each time, and so it cannot be lost by an edit here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Open>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Ours, perhaps edited.
    Managed,
    /// A person deleted it; it stays deleted.
    Deleted,
    /// A person's from now on: never written, never compared.
    Released,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    format: u32,
    packs: BTreeMap<String, Pin>,
    files: BTreeMap<String, Entry>,
}

pub fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a name is one that [`digest`] gives.
pub fn is_digest(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a path is that of a pristine text.
pub fn is_base(path: &str) -> bool {
    path.strip_prefix(BASE).and_then(|rest| rest.strip_prefix('/')).is_some_and(is_digest)
}

/// Whether a path is that of state, and of no file that people know. They read the packs that were fetched.
pub fn is_state(path: &str) -> bool {
    let below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    below(FOLDER) && !below(fetched::FOLDER)
}

/// Where the pristine text of a digest is kept.
pub fn base_path(digest: &str) -> String {
    format!("{BASE}/{digest}")
}

impl Entry {
    pub fn managed(base: &str) -> Self {
        Self { base: digest(base), state: State::Managed, at: None, pending: Vec::new() }
    }
}

impl Lock {
    /// Says again what an earlier one says about the files at some places, wherever the plan has them: they were not
    /// written after all, and are still to be brought to this version.
    pub fn keep(&mut self, earlier: &Self, places: &[String]) {
        let is_there = |(path, entry): (&String, &Entry)| {
            let here = entry.at.as_ref().unwrap_or(path);
            places.contains(here).then(|| path.clone())
        };
        let paths: Vec<String> = self.files.iter().chain(&earlier.files).filter_map(is_there).collect();
        for path in paths {
            match earlier.files.get(&path) {
                Some(entry) => self.files.insert(path, entry.clone()),
                None => self.files.remove(&path),
            };
        }
        self.packs.clone_from(&earlier.packs);
    }

    /// One line per file, so that branches merge by lines.
    pub fn write(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let lines: Vec<String> = self
            .files
            .iter()
            .map(|(path, entry)| format!("    {}: {}", quoted(path), serde_json::json!(entry)))
            .collect();
        format!(
            "{{\n  \"format\": {FORMAT},\n  \"packs\": {},\n  \"files\": {{\n{}\n  }}\n}}\n",
            serde_json::json!(self.packs),
            lines.join(",\n")
        )
    }

    /// A lock that cannot be trusted is damage, not input: paths that leave the project are refused.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let refused = |why: String, help: &str| {
            Problem::new("the lock is damaged", why, help).at(Some(Place::Path(PATH.to_owned())))
        };
        let damaged = |why: String| refused(why, "restore it from version control: `git checkout HEAD -- .cofferdam`");
        if merge::has_markers(text) {
            return Err(refused(
                "it holds both sides of a merge".to_owned(),
                "take your side of the state, `git checkout HEAD -- .cofferdam`; then `cofferdam generate`",
            ));
        }
        let Text { format, packs, files } = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if format != FORMAT {
            let why = format!("its format is {format}; this version of cofferdam knows {FORMAT}");
            return Err(refused(why, "use the version of cofferdam that wrote it"));
        }
        for (path, entry) in &files {
            if !inside(path) || !is_digest(&entry.base) || !entry.at.as_deref().is_none_or(inside) {
                return Err(damaged(format!("{} is no entry that cofferdam writes", crate::problem::shown(path))));
            }
        }
        Ok(Self { packs, files })
    }
}

/// Whether a path stays below the project folder.
pub fn inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\\', '\0'])
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        // What is in there runs as commands.
        && !path.split('/').any(|part| part.eq_ignore_ascii_case(".git"))
}
