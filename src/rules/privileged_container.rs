use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "privileged-container",
    severity: Severity::Critical,
    since: "0.1.0",
    summary: "a container is the node",
    why: "there is no fence left between it and every other pod",
    remedy: "remove `privileged`",
    standards: &[Standard::PodSecurity(Level::Baseline), Standard::Cis("5.2.2"), Standard::Nsa],
    fields: &["privileged"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        .filter(|container| container.security.and_then(|security| security.privileged) == Some(true))
        .map(|container| {
            container.violation("securityContext/privileged", format!("container `{}` is privileged", container.name))
        })
        .collect()
}
