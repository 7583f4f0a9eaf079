use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "privilege-escalation",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a process may gain more rights than its parent",
    why: "a forgotten setuid program makes an intruder root",
    remedy: "set `allowPrivilegeEscalation: false`",
    standards: &[Standard::PodSecurity(Level::Restricted), Standard::Cis("5.2.6"), Standard::Nsa],
    fields: &["allowPrivilegeEscalation"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        .filter(|container| !container.is_windows())
        .filter(|container| container.security.and_then(|security| security.allow_privilege_escalation) != Some(false))
        .map(|container| {
            container.violation(
                "securityContext/allowPrivilegeEscalation",
                format!("container `{}` may gain rights", container.name),
            )
        })
        .collect()
}
