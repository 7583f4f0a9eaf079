use super::context::{Subject, Violation};
use super::{Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "unbounded-scratch-volume",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a scratch volume may fill its node's disk",
    why: "a full disk takes down every pod of the node",
    remedy: "set `emptyDir: { sizeLimit: 64Mi }`",
    standards: &[],
    fields: &["emptyDir", "emptyDir/sizeLimit"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for pods in subject.pods() {
        for (index, volume) in pods.spec.volumes.iter().flatten().enumerate() {
            if volume.empty_dir.as_ref().is_some_and(|scratch| scratch.size_limit.is_none()) {
                let pointer = format!("{}/volumes/{index}/emptyDir", pods.pointer);
                violations.push(Violation::object(
                    pods.object,
                    pointer,
                    format!("volume `{}` has no size limit", volume.name),
                ));
            }
        }
    }
    violations
}
