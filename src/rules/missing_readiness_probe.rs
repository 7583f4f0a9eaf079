use super::context::{Role, Subject, Violation};
use super::{Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "missing-readiness-probe",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a pod gets requests before it can answer them",
    why: "each rollout and each restart shows as errors",
    remedy: "add a `readinessProbe` that succeeds when the app can answer",
    standards: &[],
    fields: &["readinessProbe"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        // Without a port there are no requests, and often nothing to ask; a job ends by itself.
        .filter(|container| {
            container.role == Role::Main && !container.ports.is_empty() && container.readiness.is_none()
        })
        .filter(|container| !matches!(container.pods.object.kind.as_str(), "Job" | "CronJob"))
        .map(|container| {
            container.violation("readinessProbe", format!("container `{}` has no readiness probe", container.name))
        })
        .collect()
}
