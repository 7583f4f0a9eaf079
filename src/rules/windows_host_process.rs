use k8s_openapi::api::core::v1::WindowsSecurityContextOptions;

use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "windows-host-process",
    severity: Severity::Critical,
    since: "0.1.0",
    summary: "a Windows container is the node",
    why: "it runs on the node itself, with its rights",
    remedy: "remove `hostProcess`",
    standards: &[Standard::PodSecurity(Level::Baseline)],
    fields: &["hostProcess"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    let on_host = |options: Option<&WindowsSecurityContextOptions>| {
        options.and_then(|options| options.host_process) == Some(true)
    };
    for pods in subject.pods() {
        if on_host(pods.spec.security_context.as_ref().and_then(|security| security.windows_options.as_ref())) {
            let pointer = format!("{}/securityContext/windowsOptions/hostProcess", pods.pointer);
            violations.push(Violation::object(pods.object, pointer, "the pods run on the node itself"));
        }
    }
    for container in subject.containers() {
        if on_host(container.security.and_then(|security| security.windows_options.as_ref())) {
            let message = format!("container `{}` runs on the node itself", container.name);
            violations.push(container.violation("securityContext/windowsOptions/hostProcess", message));
        }
    }
    violations
}
