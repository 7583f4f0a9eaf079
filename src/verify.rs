//! `FileSet` to `VerifiedFileSet`: what we wrote is read back, joined across files, and held against every rule.
//!
//! Whatever is found here is a fault of ours, so each problem names the template and the line that wrote it.

mod exceptions;
mod hardening;
mod joins;
mod readings;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use self::readings::Readings;
use self::readings::{Documents, read_alike};
use crate::dockerfile::{self, Dockerfile};
use crate::kubernetes::KubeVersion;
use crate::manifest::{self, Object};
use crate::pack::Policy;
use crate::parallel;
use crate::plan::Plan;
use crate::problem::{Place, Problem};
use crate::render::{FileSet, source_of};
use crate::rules::{self, Subject};
use crate::yaml::read::read;

/// Rendered, read back and clean. Only [`verify`] makes one, and only this can be written to disk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedFileSet(FileSet);

impl VerifiedFileSet {
    pub fn files(&self) -> &BTreeMap<String, Arc<str>> {
        &self.0.0
    }
}

/// A file set as objects.
pub struct Parsed {
    pub objects: Vec<Object>,
    pub dockerfiles: Vec<Dockerfile>,
}

/// `policies` are what packs insist on beside the rules.
pub fn verify(files: FileSet, plan: &Plan, policies: &[&Policy]) -> Result<VerifiedFileSet, Vec<Problem>> {
    verify_as_read(files, plan, policies, read_alike)
}

/// The same, where the texts are read by `read`.
pub(crate) fn verify_as_read(
    files: FileSet,
    plan: &Plan,
    policies: &[&Policy],
    read: impl Fn(&str, &Arc<str>) -> Result<Documents, Vec<Problem>> + Send + Sync,
) -> Result<VerifiedFileSet, Vec<Problem>> {
    let kubernetes = plan.project.kubernetes;
    let (Parsed { objects, dockerfiles }, mut problems) = parse_each(&files, |path, text| {
        // Everybody must read a pipeline alike too, though no rule looks at one.
        if is_yaml(path) && !is_manifest(path) {
            read(path, text)?;
        }
        contents(path, text, kubernetes, &read)
    });
    if problems.is_empty() {
        let subject = Subject { objects: &objects, dockerfiles: &dockerfiles, kubernetes };
        problems.extend(rules::run(&subject).into_iter().map(|finding| {
            Problem::new(format!("{}: {}", finding.rule.id, finding.message), finding.rule.why, finding.rule.remedy)
                .at(Some(finding.place))
        }));
        problems.extend(hardening::check(&subject));
        problems.extend(exceptions::check(&subject, plan));
        problems.extend(joins::check(&subject, &plan.elsewhere));
    }
    // Those are the answers' to keep, or the pack's own: in any case nobody's mistake here.
    let breaches: Vec<Problem> =
        policies.iter().flat_map(|policy| policy.breaches(&objects, |path| plan.is_of_service(path))).collect();
    if problems.is_empty() && breaches.is_empty() {
        return Ok(VerifiedFileSet(files));
    }
    Err(problems.into_iter().map(|problem| at_its_source(problem, plan)).chain(breaches).collect())
}

/// Everything of a file set that rules look at, and what is wrong with the files that cannot be read.
pub fn parse(files: &FileSet, kubernetes: KubeVersion) -> (Parsed, Vec<Problem>) {
    parse_each(files, |path, text| contents(path, text, kubernetes, |path, text| Ok(read(path, text)?.into())))
}

/// What does not fit together in a set of objects, wherever they come from.
pub fn misfits(subject: &Subject<'_>) -> Vec<Problem> {
    joins::misfits(subject)
}

/// Amounts that the namespace does not allow, wherever the objects come from.
pub fn shortages(subject: &Subject<'_>) -> Vec<Problem> {
    joins::quota_holds_the_largest_rollout(subject)
}

/// One file as what it is.
enum Contents {
    Objects(Vec<Object>),
    Dockerfile(Dockerfile),
    /// Nothing that a rule looks at.
    Other,
}

fn parse_each(
    files: &FileSet,
    parse_one: impl Fn(&str, &Arc<str>) -> Result<Contents, Vec<Problem>> + Sync + Send,
) -> (Parsed, Vec<Problem>) {
    let contents = parallel::map(files.0.iter().collect(), |(path, text)| parse_one(path, text));
    let mut parsed = Parsed { objects: Vec::new(), dockerfiles: Vec::new() };
    let mut problems = Vec::new();
    for one in contents {
        match one {
            Ok(Contents::Objects(objects)) => parsed.objects.extend(objects),
            Ok(Contents::Dockerfile(dockerfile)) => parsed.dockerfiles.push(dockerfile),
            Ok(Contents::Other) => {}
            Err(more) => problems.extend(more),
        }
    }
    (parsed, problems)
}

fn contents(
    path: &str,
    text: &Arc<str>,
    kubernetes: KubeVersion,
    read: impl Fn(&str, &Arc<str>) -> Result<Documents, Vec<Problem>>,
) -> Result<Contents, Vec<Problem>> {
    if is_manifest(path) {
        manifest::objects(path, text, &read(path, text)?, kubernetes).map(Contents::Objects)
    } else if is_dockerfile(path) {
        dockerfile::parse(path, text).map(Contents::Dockerfile).map_err(|problem| vec![problem])
    } else {
        Ok(Contents::Other)
    }
}

pub fn is_yaml(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// Pipelines are YAML too, but nothing that a cluster reads.
pub fn is_manifest(path: &str) -> bool {
    is_yaml(path) && !path.starts_with(".github/") && !path.starts_with(".gitlab")
}

pub fn is_dockerfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    (name.contains("Dockerfile")) && !name.ends_with(".dockerignore")
}

/// The same problem as the fault that it is of whoever wrote the template.
fn at_its_source(mut problem: Problem, plan: &Plan) -> Problem {
    if problem.help.is_empty() {
        "mend the template of the pack that lies on ours".clone_into(&mut problem.help);
    }
    let source = match &problem.place {
        Some(Place::File { path, line, .. }) => source_of(plan, path, *line),
        _ => None,
    };
    match source {
        // Where a pack lies on ours, it may have taken away what ours stands on.
        Some(source) if source.is_ours && plan.templates.are_layered() => problem,
        Some(source) if source.is_ours => source.problem(&problem.what, problem.why, problem.help).at(problem.place),
        Some(source) => {
            let output = problem.place.map(|place| format!(" (in {place})")).unwrap_or_default();
            source.problem(&format!("{}{output}", problem.what), problem.why, problem.help)
        }
        None if plan.templates.are_layered() => problem,
        None => Problem::internal(problem.what, problem.why).at(problem.place),
    }
}
