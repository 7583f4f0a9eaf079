use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "host-path-volume",
    severity: Severity::Critical,
    since: "0.1.0",
    summary: "pods mount a folder of the node",
    why: "what is written there outlives the pod and may be read by the node itself",
    remedy: "use an emptyDir for scratch, a claim for data",
    standards: &[Standard::PodSecurity(Level::Baseline), Standard::Cis("5.2.12"), Standard::Nsa],
    fields: &["hostPath"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for pods in subject.pods() {
        for (index, volume) in pods.spec.volumes.iter().flatten().enumerate() {
            if let Some(path) = &volume.host_path {
                let pointer = format!("{}/volumes/{index}/hostPath", pods.pointer);
                violations.push(Violation::object(
                    pods.object,
                    pointer,
                    format!("volume `{}` is {} of the node", volume.name, path.path),
                ));
            }
        }
    }
    violations
}
