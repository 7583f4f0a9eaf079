use super::context::{Role, Subject, Violation};
use super::{Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "cached-image",
    severity: Severity::Low,
    since: "0.1.0",
    summary: "a node may run an old copy of an image",
    why: "a tag that was pushed again, or credentials that were withdrawn, do not count where a node has a copy",
    remedy: "set `imagePullPolicy: Always`",
    standards: &[],
    fields: &["imagePullPolicy"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        .filter(|container| container.role != Role::Ephemeral && container.pull_policy != Some("Always"))
        .filter(|container| container.image.is_some_and(|image| !image.contains("@sha256:")))
        .map(|container| {
            container.violation(
                "imagePullPolicy",
                format!("container `{}` may run a node's copy of its image", container.name),
            )
        })
        .collect()
}
