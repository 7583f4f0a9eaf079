use super::context::{Role, Subject, Violation};
use super::{Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "missing-disk-limit",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a container may fill its node's disk",
    why: "a full disk takes down every pod of the node",
    remedy: "set `resources.limits.ephemeral-storage`",
    standards: &[],
    fields: &["limits/ephemeral-storage"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        .filter(|container| container.role != Role::Ephemeral && container.amount(true, "ephemeral-storage").is_none())
        .map(|container| {
            container.violation(
                "resources/limits/ephemeral-storage",
                format!("container `{}` has no limit for ephemeral-storage", container.name),
            )
        })
        .collect()
}
