use super::context::{Subject, Violation};
use super::{Rule, Severity};
use crate::dockerfile::StepKind;

pub(super) static RULE: Rule = Rule {
    id: "shell-form-entrypoint",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "the app is started through a shell",
    why: "the shell keeps SIGTERM to itself, so each stop takes the whole grace period; distroless images have none",
    remedy: "use the exec form: `ENTRYPOINT [\"/app\"]`",
    standards: &[],
    fields: &[],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for file in subject.dockerfiles {
        for step in file.last().into_iter().flat_map(|stage| &stage.steps) {
            if let StepKind::Entrypoint { exec: false } | StepKind::Cmd { exec: false } = step.kind {
                violations.push(Violation::dockerfile(file, step.line, "the command is a line for a shell"));
            }
        }
    }
    violations
}
