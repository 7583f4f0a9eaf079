use super::context::{Subject, Violation};
use super::{Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "writable-root-filesystem",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a container may change its own files",
    why: "an intruder can leave programs there, and replace the app",
    remedy: "set `readOnlyRootFilesystem: true`, and mount an emptyDir at each path that the app writes",
    standards: &[Standard::Nsa],
    fields: &["readOnlyRootFilesystem"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .containers()
        .filter(|container| container.security.and_then(|security| security.read_only_root_filesystem) != Some(true))
        .map(|container| {
            container.violation(
                "securityContext/readOnlyRootFilesystem",
                format!("container `{}` may write its root file system", container.name),
            )
        })
        .collect()
}
