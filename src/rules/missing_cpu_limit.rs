use super::context::{Role, Subject, Violation};
use super::{Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "missing-cpu-limit",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a container may take every core of its node",
    why: "one busy pod slows down all its neighbours",
    remedy: "set `resources.limits.cpu`",
    standards: &[Standard::Nsa],
    fields: &["limits/cpu"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        .filter(|container| container.role != Role::Ephemeral && container.amount(true, "cpu").is_none())
        .map(|container| {
            container.violation("resources/limits/cpu", format!("container `{}` has no limit for cpu", container.name))
        })
        .collect()
}
