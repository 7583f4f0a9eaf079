use super::context::{Subject, Violation};
use super::{Rule, Severity};
use crate::dockerfile::StepKind;

pub(super) static RULE: Rule = Rule {
    id: "root-image-user",
    severity: Severity::High,
    since: "0.1.0",
    summary: "an image runs as root unless somebody prevents it",
    why: "what runs as root in a container is one fault of the kernel away from root on the node",
    remedy: "end with `USER 65532:65532`: numbers, because the kubelet cannot look names up",
    standards: &[],
    fields: &[],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for file in subject.dockerfiles {
        let Some(stage) = file.last() else { continue };
        let user = stage.steps.iter().rev().find_map(|step| match &step.kind {
            StepKind::User(user) => Some((user, step.line)),
            _ => None,
        });
        let (line, message) = match user {
            None => (stage.line, "the last stage names no user".to_owned()),
            Some((user, line)) => match user.split(':').next().unwrap_or_default().parse::<u32>() {
                Ok(0) => (line, "the last stage runs as root".to_owned()),
                Ok(_) => continue,
                Err(_) => (line, format!("the last stage runs as {user}, which is no number")),
            },
        };
        violations.push(Violation::dockerfile(file, line, message));
    }
    violations
}
