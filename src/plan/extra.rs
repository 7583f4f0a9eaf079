//! What packs write beyond ours: which of their files a project has.

use std::collections::BTreeSet;

use super::{Plan, PlannedFile, Subject};
use crate::pack::{Layer, Output, Pack, placed};
use crate::problem::{Problem, shown};

/// In the order that packs lie on each other.
pub(super) fn files(plan: &Plan, pack: &Pack) -> Result<Vec<PlannedFile>, Vec<Problem>> {
    let mut paths: BTreeSet<String> = plan.files.iter().map(|file| file.path.clone()).collect();
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for (layer, output) in pack.layers.iter().flat_map(|layer| layer.outputs.iter().map(move |output| (layer, output)))
    {
        let subjects: Vec<Subject> = if output.is_of_services() {
            (0..plan.project.services.len()).map(Subject::Service).collect()
        } else {
            vec![Subject::Whole]
        };
        for subject in subjects {
            match wanted(plan, layer, output, subject) {
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
            if !paths.insert(path.clone()) {
                problems.push(
                    Problem::new(
                        format!("{path} is written twice"),
                        "two files cannot have one path",
                        "give the file of the pack another `path:`",
                    )
                    .at(Some(layer.head())),
                );
            }
            files.push(PlannedFile { path, template: output.template.clone(), why: output.why.clone(), subject });
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn wanted(plan: &Plan, layer: &Layer, output: &Output, subject: Subject) -> Result<bool, Problem> {
    let Some(when) = &output.when else {
        return Ok(true);
    };
    plan.templates.holds(when, &plan.values(subject)).map_err(|error| {
        Problem::new(
            format!("`when` is {}", shown(when)),
            error.detail().unwrap_or("it cannot be reckoned").to_owned(),
            "write an expression over what the template sees, for example `service.ports`",
        )
        .at(Some(layer.head()))
    })
}
