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

fn runs_without_port(service: &ServiceSpec) -> bool {
    service.port.is_none() && matches!(service.controller(), Controller::Deployment | Controller::StatefulSet)
}
