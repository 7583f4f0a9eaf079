use k8s_openapi::api::core::v1::SeccompProfile;

use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "missing-seccomp-profile",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a container may make every system call",
    why: "most ways out of a container begin with a call that no app needs",
    remedy: "set `seccompProfile: { type: RuntimeDefault }` on the pod",
    standards: &[Standard::PodSecurity(Level::Restricted), Standard::Cis("5.6.2")],
    fields: &["seccompProfile", "seccompProfile/type"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let confined = |profile: Option<&SeccompProfile>| {
        profile.map(|profile| ["RuntimeDefault", "Localhost"].contains(&profile.type_.as_str()))
    };
    subject
        .containers()
        .filter(|container| !container.is_windows())
        .filter(|container| {
            let pod =
                container.pods.spec.security_context.as_ref().and_then(|security| security.seccomp_profile.as_ref());
            let own = container.security.and_then(|security| security.seccomp_profile.as_ref());
            !confined(own).or(confined(pod)).unwrap_or(false)
        })
        .map(|container| {
            container.violation(
                "securityContext/seccompProfile",
                format!("container `{}` has no seccomp profile, and neither has its pod", container.name),
            )
        })
        .collect()
}
