use super::context::{Subject, Violation};
use super::{Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "latest-base-image",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "an image is built from whatever is newest",
    why: "tomorrow the same Dockerfile builds something else",
    remedy: "name a tag, and not `latest`",
    standards: &[],
    fields: &[],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for file in subject.dockerfiles {
        for stage in &file.stages {
            let base = stage.base.as_str();
            let exempt = base == "scratch" || file.is_stage(base) || base.starts_with('$') || base.contains("@sha256:");
            let tag = base.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, tag)| tag);
            if !exempt && matches!(tag, None | Some("latest")) {
                violations.push(Violation::dockerfile(
                    file,
                    stage.line,
                    format!("the base image {base} has no fixed tag"),
                ));
            }
        }
    }
    violations
}
