use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "unconfined-seccomp",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a pod asks for every system call",
    why: "most ways out of a container begin with a call that no app needs",
    remedy: "set `seccompProfile: { type: RuntimeDefault }`",
    standards: &[Standard::PodSecurity(Level::Baseline)],
    fields: &["seccompProfile/type"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for pods in subject.pods() {
        let profile = pods.spec.security_context.as_ref().and_then(|security| security.seccomp_profile.as_ref());
        if profile.is_some_and(|profile| profile.type_ == "Unconfined") {
            let pointer = format!("{}/securityContext/seccompProfile/type", pods.pointer);
            violations.push(Violation::object(pods.object, pointer, "the pods run without a seccomp profile"));
        }
    }
    for container in subject.containers() {
        let profile = container.security.and_then(|security| security.seccomp_profile.as_ref());
        if profile.is_some_and(|profile| profile.type_ == "Unconfined") {
            let message = format!("container `{}` runs without a seccomp profile", container.name);
            violations.push(container.violation("securityContext/seccompProfile/type", message));
        }
    }
    violations
}
