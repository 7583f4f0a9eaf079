use super::context::{Role, Subject, Violation};
use super::{Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "missing-memory-limit",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a container may take all memory of its node",
    why: "the kernel then ends whatever it likes, not only this container",
    remedy: "set `resources.limits.memory`, and the request to the same",
    standards: &[Standard::Nsa],
    fields: &["limits/memory", "requests/memory"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for container in subject.containers().filter(|container| container.role != Role::Ephemeral) {
        for (limits, field) in [(true, "resources/limits/memory"), (false, "resources/requests/memory")] {
            if container.amount(limits, "memory").is_none() {
                let kind = if limits { "limit" } else { "request" };
                violations.push(
                    container.violation(field, format!("container `{}` has no {kind} for memory", container.name)),
                );
            }
        }
    }
    violations
}
