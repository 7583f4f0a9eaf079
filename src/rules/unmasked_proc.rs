use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "unmasked-proc",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a container sees all of /proc",
    why: "it shows and changes settings of the node",
    remedy: "remove `procMount`",
    standards: &[Standard::PodSecurity(Level::Baseline)],
    fields: &["procMount"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        .filter(|container| {
            container.security.and_then(|security| security.proc_mount.as_deref()).is_some_and(|kind| kind != "Default")
        })
        .map(|container| {
            container
                .violation("securityContext/procMount", format!("container `{}` sees all of /proc", container.name))
        })
        .collect()
}
