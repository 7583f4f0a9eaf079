use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "app-armor-override",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a container asks for no AppArmor confinement",
    why: "AppArmor is a second fence behind the container, where the node has it",
    remedy: "remove it, or set `appArmorProfile: { type: RuntimeDefault }`",
    standards: &[Standard::PodSecurity(Level::Baseline)],
    fields: &["appArmorProfile", "appArmorProfile/type"],
    check,
};

const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    let allowed = |kind: &str| kind == "RuntimeDefault" || kind == "Localhost";
    for pods in subject.pods() {
        let profile = pods.spec.security_context.as_ref().and_then(|security| security.app_armor_profile.as_ref());
        if let Some(profile) = profile.filter(|profile| !allowed(&profile.type_)) {
            let pointer = format!("{}/securityContext/appArmorProfile/type", pods.pointer);
            violations.push(Violation::object(
                pods.object,
                pointer,
                format!("the pod asks for AppArmor profile {}", profile.type_),
            ));
        }
        for (key, value) in pods.annotations.into_iter().flatten().filter(|(key, _)| key.starts_with(ANNOTATION)) {
            if !(value.is_empty() || value == "runtime/default" || value.starts_with("localhost/")) {
                violations.push(Violation::object(
                    pods.object,
                    pods.pointer,
                    format!("the annotation {key} is {value}"),
                ));
            }
        }
    }
    for container in subject.containers() {
        let profile = container.security.and_then(|security| security.app_armor_profile.as_ref());
        if let Some(profile) = profile.filter(|profile| !allowed(&profile.type_)) {
            let message = format!("container `{}` asks for AppArmor profile {}", container.name, profile.type_);
            violations.push(container.violation("securityContext/appArmorProfile/type", message));
        }
    }
    violations
}
