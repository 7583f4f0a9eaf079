//! What packs write beyond ours: which of their files a project has.

use std::collections::BTreeSet;

use super::clash::clash;
use super::{Plan, PlannedFile, Subject};
use crate::pack::{Output, Pack, When, placed};
use crate::problem::{Problem, shown};
use crate::render::known;

/// In the order that packs lie on each other.
pub(super) fn files(plan: &Plan, pack: &Pack) -> Result<Vec<PlannedFile>, Vec<Problem>> {
    let mut paths: BTreeSet<String> = plan.files.iter().map(|file| file.path.clone()).collect();
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for output in pack.layers.iter().flat_map(|layer| &layer.outputs) {
        let subjects: Vec<Subject> = if output.is_of_services() {
            (0..plan.project.services.len()).map(Subject::Service).collect()
        } else {
            vec![Subject::Whole]
        };
        for subject in subjects {
            match wanted(plan, output, subject) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(problem) => {
                    problems.push(problem);
                    break;
                }
            }
            let service = match subject {
                Subject::Service(place) => Some(&plan.project.services[place]),
                _ => None,
            };
            let path = placed(&output.path, &plan.project, service);
            let clash = clash(&path, &paths);
            problems.extend(clash.map(|(what, why)| {
                Problem::new(what, why, "give the file of the pack another `path:`").at(Some(output.place.clone()))
            }));
            paths.insert(path.clone());
            files.push(PlannedFile { path, template: output.template.clone(), why: output.why.clone(), subject });
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn wanted(plan: &Plan, output: &Output, subject: Subject) -> Result<bool, Problem> {
    let Some(When { text, place }) = &output.when else {
        return Ok(true);
    };
    let values = plan.values(subject);
    plan.templates.holds(text, &values).map_err(|error| {
        let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        let mut help = known(&detail, &values);
        if !output.is_of_services() {
            help.push_str("; a file with `{service}` in its `path` sees one service");
        }
        Problem::new(format!("`when` is {}", shown(text)), detail, help).at(Some(place.clone()))
    })
}
