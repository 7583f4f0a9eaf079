use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "unusual-volume-type",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a volume is of a type that reaches past the pod",
    why: "only a few types cannot be used to reach the node or somebody else's storage",
    remedy: "use configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected or secret",
    standards: &[Standard::PodSecurity(Level::Restricted)],
    fields: &["volumes"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for pods in subject.pods() {
        for (index, volume) in pods.spec.volumes.iter().flatten().enumerate() {
            let allowed = volume.config_map.is_some()
                || volume.csi.is_some()
                || volume.downward_api.is_some()
                || volume.empty_dir.is_some()
                || volume.ephemeral.is_some()
                || volume.image.is_some()
                || volume.persistent_volume_claim.is_some()
                || volume.projected.is_some()
                || volume.secret.is_some();
            if !allowed {
                let pointer = format!("{}/volumes/{index}", pods.pointer);
                violations.push(Violation::object(
                    pods.object,
                    pointer,
                    format!("volume `{}` is of a type that `restricted` forbids", volume.name),
                ));
            }
        }
    }
    violations
}
