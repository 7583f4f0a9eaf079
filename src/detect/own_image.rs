//! What a Dockerfile that is there already says about running the app.

use super::{Tree, given};
use crate::answers::ServiceAnswers;
use crate::dockerfile::{StepKind, parse};
use crate::spec::number::ContainerPort;

pub(super) fn read(tree: &Tree) -> ServiceAnswers {
    let mut answers = ServiceAnswers::default();
    let path = "Dockerfile";
    let Some(file) = tree.text(path).and_then(|text| parse(path, text).ok()) else {
        return answers;
    };
    let exposed = file.last().into_iter().flat_map(|stage| &stage.steps).find_map(|step| match &step.kind {
        StepKind::Expose(ports) => ports.iter().find_map(|port| {
            let number = port.split('/').next().unwrap_or_default();
            number.parse::<ContainerPort>().ok()
        }),
        _ => None,
    });
    answers.port = exposed.and_then(|port| given(port.to_string(), path));
    answers
}
