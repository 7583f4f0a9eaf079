use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};
use crate::kubernetes::KubeVersion;
use crate::manifest::Pods;

pub(super) static RULE: Rule = Rule {
    id: "root-user",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a container is told to run as root",
    why: "what runs as root in a container is one fault of the kernel away from root on the node",
    remedy: "set `runAsUser` to a number above 10000",
    standards: &[Standard::PodSecurity(Level::Restricted)],
    fields: &["runAsUser"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    let waived = |pods: &Pods<'_>| subject.kubernetes >= KubeVersion::V1_35 && pods.spec.host_users == Some(false);
    for pods in subject.pods().filter(|pods| !waived(pods)) {
        if pods.spec.security_context.as_ref().and_then(|security| security.run_as_user) == Some(0) {
            let pointer = format!("{}/securityContext/runAsUser", pods.pointer);
            violations.push(Violation::object(pods.object, pointer, "the pods run as user 0"));
        }
    }
    for container in subject.containers().filter(|container| !waived(&container.pods)) {
        if container.security.and_then(|security| security.run_as_user) == Some(0) {
            violations.push(
                container
                    .violation("securityContext/runAsUser", format!("container `{}` runs as user 0", container.name)),
            );
        }
    }
    violations
}
