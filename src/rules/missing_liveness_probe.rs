use super::context::{Role, Subject, Violation};
use super::{Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "missing-liveness-probe",
    severity: Severity::Low,
    since: "0.1.0",
    summary: "a container that hangs is never restarted",
    why: "somebody has to notice, and to act",
    remedy: "add a `livenessProbe` that succeeds while the process works",
    standards: &[],
    fields: &["livenessProbe"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        // Without a port there are no requests, and often nothing to ask; a job ends by itself.
        .filter(|container| container.role == Role::Main && !container.ports.is_empty() && container.liveness.is_none())
        .filter(|container| !matches!(container.pods.object.kind.as_str(), "Job" | "CronJob"))
        .map(|container| {
            container.violation("livenessProbe", format!("container `{}` has no liveness probe", container.name))
        })
        .collect()
}
