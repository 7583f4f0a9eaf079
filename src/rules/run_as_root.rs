use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};
use crate::kubernetes::KubeVersion;

pub(super) static RULE: Rule = Rule {
    id: "run-as-root",
    severity: Severity::High,
    since: "0.1.0",
    summary: "nothing keeps a container from running as root",
    why: "an image that changes its user runs as root without anybody noticing",
    remedy: "set `runAsNonRoot: true` on the pod",
    standards: &[Standard::PodSecurity(Level::Restricted), Standard::Cis("5.2.7"), Standard::Nsa],
    fields: &["runAsNonRoot"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        // Since 1.35 the standard waives this where root inside is nobody outside.
        .filter(|container| {
            !(subject.kubernetes >= KubeVersion::V1_35 && container.pods.spec.host_users == Some(false))
        })
        .filter(|container| {
            let pod = container.pods.spec.security_context.as_ref().and_then(|security| security.run_as_non_root);
            let own = container.security.and_then(|security| security.run_as_non_root);
            own.or(pod) != Some(true)
        })
        .map(|container| {
            container
                .violation("securityContext/runAsNonRoot", format!("container `{}` may run as root", container.name))
        })
        .collect()
}
