use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "undropped-capabilities",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a container keeps some of root's powers",
    why: "a program that is taken over can use what its process may do, even where it never did",
    remedy: "set `capabilities: { drop: [ALL] }`, and add nothing but NET_BIND_SERVICE",
    standards: &[Standard::PodSecurity(Level::Restricted), Standard::Cis("5.2.10")],
    fields: &["capabilities", "capabilities/drop"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for container in subject.containers().filter(|container| !container.is_windows()) {
        let capabilities = container.security.and_then(|security| security.capabilities.as_ref());
        let drops_all = capabilities
            .and_then(|capabilities| capabilities.drop.as_ref())
            .is_some_and(|dropped| dropped.iter().any(|name| name == "ALL"));
        if !drops_all {
            let message = format!("container `{}` does not drop ALL capabilities", container.name);
            violations.push(container.violation("securityContext/capabilities/drop", message));
        }
        let added = capabilities.and_then(|capabilities| capabilities.add.as_ref());
        for name in added.into_iter().flatten().filter(|name| *name != "NET_BIND_SERVICE") {
            let message = format!("container `{}` takes the capability {name} back", container.name);
            violations.push(container.violation("securityContext/capabilities/add", message));
        }
    }
    violations
}
