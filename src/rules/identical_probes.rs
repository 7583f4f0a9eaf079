use k8s_openapi::api::core::v1::Probe;

use super::context::{Subject, Violation};
use super::{Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "identical-probes",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "readiness and liveness ask the same",
    why: "when a dependency is slow, pods are restarted that only needed to be left alone for a while",
    remedy: "ask liveness something that looks at the process alone",
    standards: &[],
    fields: &["livenessProbe", "readinessProbe"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for container in subject.containers() {
        // Whether a port accepts connections says the same to both, and harms neither.
        let path = |probe: Option<&'a Probe>| {
            let get = probe?.http_get.as_ref()?;
            Some((get.path.as_deref().unwrap_or("/"), &get.port))
        };
        if let Some((asked, _)) =
            path(container.liveness).filter(|liveness| path(container.readiness) == Some(*liveness))
        {
            let message =
                format!("container `{}` is restarted and taken out of service by the same {asked}", container.name);
            violations.push(container.violation("livenessProbe", message));
        }
    }
    violations
}
