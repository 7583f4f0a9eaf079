//! What changed from one version of a pack to the next, and why, as its authors say it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::answers::file;
use crate::answers::raw::Raw;
use crate::problem::{Place, Problem};
use crate::spec::pack::{AnswerPath, PathPattern, Version};
use crate::spec::scalar::Scalar;
use crate::spec::word::{Sentence, Word};
use crate::yaml::read::read as read_yaml;

/// One change of a pack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// The version that brought it.
    pub version: Version,
    pub what: String,
    pub why: String,
    /// What is different where the files run, if anything is.
    pub behaviour: Option<String>,
    pub templates: Vec<String>,
    pub presets: Vec<String>,
    pub answers: Vec<Renamed>,
    /// New paths by old ones, with `{output}`, `{service}` and `{path}` for what differs by project.
    pub paths: BTreeMap<String, String>,
}

/// A key of the answers that is called something else, or a value of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Renamed {
    /// Keys joined by dots; `*` is every service.
    pub at: String,
    /// The value that has another name; without it the last key has.
    pub value: Option<String>,
    pub to: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct ChangeFile {
    /// The version that brings it
    version: Option<Raw<Version>>,
    /// What is different
    #[schemars(extend("examples" = ["every object names the cost centre"]))]
    what: Option<Raw<Sentence>>,
    /// Why it is
    #[schemars(extend("examples" = ["the bill was nobody's"]))]
    why: Option<Raw<Sentence>>,
    /// What is different where the files run
    #[schemars(extend("examples" = ["pods are replaced once"]))]
    behaviour: Option<Raw<Sentence>>,
    /// The templates that it is in, without `.j2`
    #[serde(default)]
    templates: Vec<Raw<Word>>,
    /// The presets that it is in
    #[serde(default)]
    presets: Vec<Raw<Word>>,
    /// What is called something else in `cofferdam.yaml`
    #[serde(default)]
    answers: Vec<RenamedFile>,
    /// Files that stand somewhere else
    #[serde(default)]
    paths: Vec<MovedFile>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct RenamedFile {
    /// The key, with those above it
    at: Option<Raw<AnswerPath>>,
    /// The value that has another name
    #[schemars(extend("examples" = ["tcp"]))]
    value: Option<Raw<Word>>,
    /// The new name
    #[schemars(extend("examples" = ["http"]))]
    to: Option<Raw<Word>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct MovedFile {
    /// Where it was
    from: Option<Raw<PathPattern>>,
    /// Where it is
    to: Option<Raw<PathPattern>>,
}

/// The JSON Schema of `changes.yaml`.
pub(crate) fn changes_schema() -> Value {
    schemars::schema_for!(Vec<ChangeFile>).to_value()
}

pub(super) fn read(path: &str, text: &str) -> Result<Vec<Change>, Vec<Problem>> {
    let documents = read_yaml(path, text)?;
    let Some(document) = documents.first() else {
        return Ok(Vec::new());
    };
    let files: Vec<ChangeFile> = file::from_node(document, path, &changes_schema())?;
    let mut problems = Vec::new();
    let changes: Vec<Change> = files
        .iter()
        .filter_map(|file| file.parse().map_err(|problem| problems.push(problem.within(path))).ok())
        .collect();
    if problems.is_empty() && !changes.is_sorted_by(|newer, older| newer.version >= older.version) {
        problems.push(
            Problem::new(
                "the versions are out of order",
                "an upgrade takes the changes of each version in turn",
                "put the newest first",
            )
            .at(Some(Place::Path(path.to_owned()))),
        );
    }
    if problems.is_empty() { Ok(changes) } else { Err(problems) }
}

impl ChangeFile {
    fn parse(&self) -> Result<Change, Problem> {
        let words = |words: &[Raw<Word>], key: &str| -> Result<Vec<String>, Problem> {
            words.iter().map(|word| Ok(word.parse(key)?.to_string())).collect()
        };
        let renamed = |file: &RenamedFile| -> Result<Renamed, Problem> {
            let value = file.value.as_ref().map(|value| Ok(value.parse("value")?.to_string())).transpose()?;
            Ok(Renamed { at: said(&file.at, "at")?, value, to: said(&file.to, "to")? })
        };
        let moved = |file: &MovedFile| Ok((said(&file.from, "from")?, said(&file.to, "to")?));
        let behaviour = self.behaviour.as_ref().map(|text| Ok(text.parse("behaviour")?.to_string())).transpose()?;
        let version = self.version.as_ref().ok_or_else(|| missing("version"))?.parse("version")?;
        Ok(Change {
            version,
            what: said(&self.what, "what")?,
            why: said(&self.why, "why")?,
            behaviour,
            templates: words(&self.templates, "templates")?,
            presets: words(&self.presets, "presets")?,
            answers: self.answers.iter().map(renamed).collect::<Result<_, Problem>>()?,
            paths: self.paths.iter().map(moved).collect::<Result<_, Problem>>()?,
        })
    }
}

fn said<T: Scalar>(raw: &Option<Raw<T>>, key: &str) -> Result<String, Problem> {
    Ok(raw.as_ref().ok_or_else(|| missing(key))?.parse(key)?.to_string())
}

fn missing(key: &str) -> Problem {
    Problem::new(
        format!("a change has no `{key}`"),
        "whoever upgrades reads what changed, why, and since when",
        format!("add `{key}:`"),
    )
}
