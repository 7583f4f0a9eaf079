//! `FileSet` to `VerifiedFileSet`: what we wrote is read back, joined across files, and held against every rule.
//!
//! Whatever is found here is a fault of ours, so each problem names the template and the line that wrote it.

mod joins;

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::Value;

use crate::dockerfile::{self, Dockerfile};
use crate::kubernetes::KubeVersion;
use crate::manifest::{self, Object};
use crate::plan::Plan;
use crate::problem::{Place, Problem};
use crate::render::{FileSet, source_of};
use crate::rules::{self, Subject};
use crate::yaml::read::read;

/// Rendered, read back and clean. Only [`verify`] makes one, and only this can be written to disk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedFileSet(FileSet);

impl VerifiedFileSet {
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.0.0
    }
}

/// A file set as objects.
pub struct Parsed {
    pub objects: Vec<Object>,
    pub dockerfiles: Vec<Dockerfile>,
}

pub fn verify(files: FileSet, plan: &Plan, kubernetes: KubeVersion) -> Result<VerifiedFileSet, Vec<Problem>> {
    let mut problems = Vec::new();
    for (path, text) in files.0.iter().filter(|(path, _)| is_yaml(path)) {
        problems.extend(readings_agree(path, text));
    }
    match parse(&files, kubernetes) {
        Err(more) => problems.extend(more),
        Ok(Parsed { objects, dockerfiles }) => {
            let subject = Subject { objects: &objects, dockerfiles: &dockerfiles, kubernetes };
            problems.extend(rules::run(&subject).into_iter().map(|finding| {
                Problem::new(format!("{}: {}", finding.rule.id, finding.message), finding.rule.why, finding.rule.remedy)
                    .at(Some(finding.place))
            }));
            problems.extend(joins::check(&subject, &plan.deleted));
        }
    }
    if problems.is_empty() {
        return Ok(VerifiedFileSet(files));
    }
    Err(problems.into_iter().map(|problem| ours(problem, plan)).collect())
}

/// Everything of a file set that rules look at.
pub fn parse(files: &FileSet, kubernetes: KubeVersion) -> Result<Parsed, Vec<Problem>> {
    let mut parsed = Parsed { objects: Vec::new(), dockerfiles: Vec::new() };
    let mut problems = Vec::new();
    for (path, text) in &files.0 {
        if is_manifest(path) {
            match manifest::parse(path, text, kubernetes) {
                Ok(objects) => parsed.objects.extend(objects),
                Err(more) => problems.extend(more),
            }
        } else if is_dockerfile(path) {
            match dockerfile::parse(path, text) {
                Ok(file) => parsed.dockerfiles.push(file),
                Err(problem) => problems.push(problem),
            }
        }
    }
    if problems.is_empty() { Ok(parsed) } else { Err(problems) }
}

fn is_yaml(path: &str) -> bool {
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

/// YAML 1.1 and YAML 1.2 must see the same value in what we write, so that it does not matter who reads it.
fn readings_agree(path: &str, text: &str) -> Vec<Problem> {
    let old: Vec<Value> = match read(path, text) {
        Ok(nodes) => nodes.iter().map(crate::yaml::node::Node::to_kubernetes).collect(),
        Err(problems) => return problems,
    };
    let new: Result<Vec<Value>, _> = serde_yaml::Deserializer::from_str(text).map(Value::deserialize).collect();
    let place = Some(Place::Path(path.to_owned()));
    match new {
        Ok(new) if new.iter().filter(|document| !document.is_null()).eq(&old) => Vec::new(),
        Ok(_) => vec![
            Problem::new(
                "YAML 1.1 and 1.2 read this differently",
                "it depends on the reader what is deployed",
                "quote the value",
            )
            .at(place),
        ],
        Err(error) => vec![Problem::new("this is no valid YAML 1.2", error.to_string(), "quote the value").at(place)],
    }
}

/// The same problem as the fault of ours that it is.
fn ours(problem: Problem, plan: &Plan) -> Problem {
    let source = match &problem.place {
        Some(Place::File { path, line, .. }) => {
            plan.files.iter().find(|file| file.path == *path).and_then(|file| source_of(file, *line))
        }
        _ => None,
    };
    let place = problem.place.clone();
    let what = match source {
        Some((template, line)) => format!("{template}:{line}: {}", problem.what),
        None => problem.what,
    };
    Problem::internal(what, problem.why).at(place)
}
