use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "added-capabilities",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a container gets more of root's powers than the defaults",
    why: "each capability is a part of what root may do to the node",
    remedy: "remove `capabilities.add`",
    standards: &[Standard::PodSecurity(Level::Baseline), Standard::Cis("5.2.9")],
    fields: &["capabilities/add"],
    check,
};

/// What containers have anyway, so that naming it adds nothing.
const DEFAULTS: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for container in subject.containers() {
        let added = container.security.and_then(|security| security.capabilities.as_ref()?.add.as_ref());
        for (index, name) in added.into_iter().flatten().enumerate() {
            if !DEFAULTS.contains(&name.as_str()) {
                let message = format!("container `{}` adds the capability {name}", container.name);
                violations.push(container.violation(&format!("securityContext/capabilities/add/{index}"), message));
            }
        }
    }
    violations
}
