use k8s_openapi::api::core::v1::SELinuxOptions;

use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "selinux-override",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a pod picks its own SELinux label",
    why: "with the right label it leaves the fence that the node puts around containers",
    remedy: "remove `seLinuxOptions`, or use the type `container_t`",
    standards: &[Standard::PodSecurity(Level::Baseline)],
    fields: &["seLinuxOptions", "seLinuxOptions/type"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    // `container_engine_t` since Kubernetes 1.31, so in every version that cofferdam knows.
    let types = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
    let wrong = |options: &SELinuxOptions| {
        let set = |field: &Option<String>| field.as_deref().is_some_and(|text| !text.is_empty());
        !types.contains(&options.type_.as_deref().unwrap_or_default()) || set(&options.user) || set(&options.role)
    };
    for pods in subject.pods() {
        let options = pods.spec.security_context.as_ref().and_then(|security| security.se_linux_options.as_ref());
        if options.is_some_and(wrong) {
            let pointer = format!("{}/securityContext/seLinuxOptions", pods.pointer);
            violations.push(Violation::object(pods.object, pointer, "the pods pick their own SELinux label"));
        }
    }
    for container in subject.containers() {
        if container.security.and_then(|security| security.se_linux_options.as_ref()).is_some_and(wrong) {
            let message = format!("container `{}` picks its own SELinux label", container.name);
            violations.push(container.violation("securityContext/seLinuxOptions", message));
        }
    }
    violations
}
