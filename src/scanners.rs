//! What well-known scanners find in our output and we keep, each with its reason. A project's README tells it, and the
//! proofs with those scanners excuse nothing else.

use crate::spec::service::{Controller, Relaxation, ServiceSpec};

/// One check of one scanner, as it fails for some services.
pub struct Kept {
    /// The program's name.
    pub scanner: &'static str,
    /// The check's id there.
    pub check: &'static str,
    /// Off unless somebody switches it on.
    pub optional: bool,
    /// Whether the workload of a service fails it.
    pub applies: fn(&ServiceSpec) -> bool,
    pub reason: &'static str,
}

pub static KEPT: &[Kept] = &[
    Kept {
        scanner: "checkov",
        check: "CKV_K8S_43",
        optional: false,
        applies: |service| service.image.digest().is_none(),
        reason: "a digest exists only after the image is built and pushed; where `image` names one, it is written",
    },
    Kept {
        scanner: "checkov",
        check: "CKV_K8S_8",
        optional: false,
        applies: runs_without_port,
        reason: "it listens on no port, and what a probe could run inside the image would say nothing about its work",
    },
    Kept {
        scanner: "checkov",
        check: "CKV_K8S_9",
        optional: false,
        applies: runs_without_port,
        reason: "nobody connects to it, so nobody waits until it is ready",
    },
    Kept {
        scanner: "checkov",
        check: "CKV_K8S_11",
        optional: false,
        applies: |service| service.has_exception(Relaxation::NoCpuLimit),
        reason: EXCEPTED,
    },
    Kept {
        scanner: "checkov",
        check: "CKV_K8S_22",
        optional: false,
        applies: |service| service.has_exception(Relaxation::WritableRoot),
        reason: EXCEPTED,
    },
    Kept {
        scanner: "checkov",
        check: "CKV_K8S_38",
        optional: false,
        applies: |service| service.has_exception(Relaxation::ServiceAccountToken),
        reason: EXCEPTED,
    },
    Kept { scanner: "checkov", check: "CKV_K8S_40", optional: false, applies: has_low_user, reason: LOW_USER },
    Kept {
        scanner: "kube-score",
        check: "container-security-context-user-group-id",
        optional: false,
        applies: has_low_user,
        reason: LOW_USER,
    },
    Kept {
        scanner: "kube-score",
        check: "pod-probes-identical",
        optional: false,
        applies: |service| service.health.as_ref().is_some_and(|health| health.ready == health.live),
        reason: "one check is known for both; set `health.ready` to a path that also asks what the app depends on",
    },
    Kept {
        scanner: "kube-score",
        check: "deployment-replicas",
        optional: false,
        applies: |service| is_single(service) && !service.scales(),
        reason: SINGLE,
    },
    Kept {
        scanner: "kube-score",
        check: "deployment-has-poddisruptionbudget",
        optional: false,
        applies: |service| is_single(service) && service.scales(),
        reason: "one pod may be all there is, and a budget for one pod would keep its node from being drained",
    },
    Kept {
        scanner: "kube-score",
        check: "horizontalpodautoscaler-replicas",
        optional: false,
        applies: |service| is_single(service) && service.scales(),
        reason: SINGLE,
    },
    Kept {
        scanner: "kube-score",
        check: "container-resources",
        optional: false,
        applies: |service| service.has_exception(Relaxation::NoCpuLimit),
        reason: EXCEPTED,
    },
    Kept {
        scanner: "kube-score",
        check: "container-security-context-readonlyrootfilesystem",
        optional: false,
        applies: |service| service.has_exception(Relaxation::WritableRoot),
        reason: EXCEPTED,
    },
    Kept {
        scanner: "kube-score",
        check: "container-cpu-requests-equal-limits",
        optional: true,
        applies: |_| true,
        reason: "memory and disk are requested as limited, for they cannot be taken back; idle CPU can be shared",
    },
    Kept {
        scanner: "kube-score",
        check: "container-resource-requests-equal-limits",
        optional: true,
        applies: |_| true,
        reason: "it asks for the same about CPU, beside memory, which is equal",
    },
];

const EXCEPTED: &str = "an exception of `cofferdam.yaml`, with the reason that it gives";

const LOW_USER: &str = "`user` says so: the image's files belong to a user of a low number";

const SINGLE: &str = "`replicas.min` says that one pod is enough";

fn has_low_user(service: &ServiceSpec) -> bool {
    service.user.get() < 10_000
}

fn is_single(service: &ServiceSpec) -> bool {
    service.controller() == Controller::Deployment && service.replicas.min.get() < 2
}

fn runs_without_port(service: &ServiceSpec) -> bool {
    service.port.is_none() && matches!(service.controller(), Controller::Deployment | Controller::StatefulSet)
}
