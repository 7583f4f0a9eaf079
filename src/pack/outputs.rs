//! Files that a pack has beyond ours: one row for each.

use minijinja::Environment;
use schemars::JsonSchema;
use serde::Deserialize;

use super::layer::kept;
use crate::answers::raw::Raw;
use crate::problem::{Place, Problem, shown};
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
    /// Without it, always.
    pub when: Option<When>,
    pub why: String,
    /// Where the head of its pack begins to speak of it.
    pub place: Place,
}

/// What must hold for a file to be written: an expression over what its template sees.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct When {
    pub text: String,
    pub place: Place,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OutputFile {
    /// The template, below `templates/` and without `.j2`
    #[schemars(extend("examples" = ["deploy/service/servicemonitor.yaml"]))]
    template: Option<Raw<Word>>,
    /// Where it lands
    path: Option<Raw<PathPattern>>,
    /// What must hold for it to be written: an expression over what the template sees
    #[schemars(extend("examples" = ["service.ports"]))]
    when: Option<Raw<Sentence>>,
    /// One line for those who decide whether to have it
    #[schemars(extend("examples" = ["what Prometheus scrapes"]))]
    why: Option<Raw<Sentence>>,
}

impl OutputFile {
    /// The row of a pack whose head is at `path`, or all that is wrong with it.
    pub(super) fn parse(&self, path: &str) -> Result<Output, Vec<Problem>> {
        let origins = [
            self.template.as_ref().map(|raw| &raw.origin),
            self.path.as_ref().map(|raw| &raw.origin),
            self.why.as_ref().map(|raw| &raw.origin),
        ];
        let place = origins
            .into_iter()
            .flatten()
            .next()
            .map_or_else(|| Place::Path(path.to_owned()), |origin| origin.place_in(path));
        let mut problems = Vec::new();
        let template = kept(said(self.template.as_ref(), "template", &place), &mut problems);
        let path_of = kept(said(self.path.as_ref(), "path", &place), &mut problems);
        let why = kept(said(self.why.as_ref(), "why", &place), &mut problems);
        let when = kept(self.when.as_ref().map(|raw| when(raw, path)).transpose(), &mut problems);
        match (template, path_of, why, when) {
            (Some(template), Some(path), Some(why), Some(when)) => Ok(Output { template, path, when, why, place }),
            _ => Err(problems),
        }
    }
}

fn said<T: Scalar>(raw: Option<&Raw<T>>, key: &str, place: &Place) -> Result<String, Problem> {
    let missing = || {
        let why = "a pack says of each of its files what it is made from, where it lands, and what for";
        Problem::new(format!("a file has no `{key}`"), why, format!("add `{key}:`")).at(Some(place.clone()))
    };
    Ok(raw.ok_or_else(missing)?.parse(key)?.to_string())
}

fn when(raw: &Raw<Sentence>, path: &str) -> Result<When, Problem> {
    let (text, place) = (raw.parse("when")?.to_string(), raw.origin.place_in(path));
    if let Err(error) = Environment::new().compile_expression(&text) {
        let why = error.detail().unwrap_or("it is no expression").to_owned();
        let what = format!("`when` is {}", shown(&text));
        return Err(Problem::new(what, why, "for example `service.ports`").at(Some(place)));
    }
    Ok(When { text, place })
}

impl Output {
    /// Whether each service has one of its own.
    pub fn is_of_services(&self) -> bool {
        self.path.contains("{service}") || self.path.contains("{path}")
    }
}
