use super::context::{Role, Subject, Violation};
use super::{Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "missing-cpu-request",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a container reserves no CPU",
    why: "the scheduler takes it for nothing and crowds its node",
    remedy: "set `resources.requests.cpu`",
    standards: &[Standard::Nsa],
    fields: &["requests/cpu"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        .filter(|container| container.role != Role::Ephemeral && container.amount(false, "cpu").is_none())
        .map(|container| {
            container
                .violation("resources/requests/cpu", format!("container `{}` has no request for cpu", container.name))
        })
        .collect()
}
