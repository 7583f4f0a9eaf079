//! Files that a pack has beyond ours: one row for each.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::answers::raw::Raw;
use crate::problem::Problem;
use crate::spec::pack::PathPattern;
use crate::spec::scalar::Scalar;
use crate::spec::word::{Sentence, Word};

/// A file that each service has, or the whole project.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Output {
    /// Below the pack's `templates/`, without `.j2`.
    pub template: String,
    /// Where it lands, with `{output}`, `{service}` and `{path}` for what differs.
    pub path: String,
    /// An expression over what the template sees; without it, always.
    pub when: Option<String>,
    pub why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OutputFile {
    /// The template, below `templates/` and without `.j2`
    template: Option<Raw<Word>>,
    /// Where it lands
    path: Option<Raw<PathPattern>>,
    /// What must hold for it to be written: an expression over what the template sees
    when: Option<Raw<Sentence>>,
    /// One line for those who decide whether to have it
    why: Option<Raw<Sentence>>,
}

impl OutputFile {
    pub(super) fn parse(&self) -> Result<Output, Problem> {
        fn said<T: Scalar>(raw: &Option<Raw<T>>, key: &str) -> Result<String, Problem> {
            let missing = || {
                let why = "a pack says of each of its files what it is made from, where it lands, and what for";
                Problem::new(format!("a file has no `{key}`"), why, format!("add `{key}:`"))
            };
            Ok(raw.as_ref().ok_or_else(missing)?.parse(key)?.to_string())
        }
        let when = self.when.as_ref().map(|when| Ok(when.parse("when")?.to_string())).transpose()?;
        Ok(Output {
            template: said(&self.template, "template")?,
            path: said(&self.path, "path")?,
            when,
            why: said(&self.why, "why")?,
        })
    }
}

impl Output {
    /// Whether each service has one of its own.
    pub fn is_of_services(&self) -> bool {
        self.path.contains("{service}") || self.path.contains("{path}")
    }
}
