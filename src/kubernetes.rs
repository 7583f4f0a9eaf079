//! The Kubernetes versions we write for, and what each of them may use: the one table that decides.
//!
//! Sources: the release notes 1.33 to 1.37 (<https://github.com/kubernetes/sig-release>) and the enhancements'
//! `kep.yaml` (<https://github.com/kubernetes/enhancements>), read in November 2026.

use crate::spec::scalar::choice;

choice!(
    /// The oldest cluster that a project must run on.
    KubeVersion,
    "cofferdam writes for these Kubernetes versions",
    { V1_33 = "1.33", V1_34 = "1.34", V1_35 = "1.35", V1_36 = "1.36", V1_37 = "1.37" }
);

impl KubeVersion {
    /// The oldest version that its makers still support.
    pub const DEFAULT: Self = Self::V1_35;

    pub fn may_use(self, feature: Feature) -> bool {
        FEATURES.iter().any(|row| row.feature == feature && self >= row.since)
    }

    /// The label value that pins Pod Security admission to this version's rules.
    pub fn pod_security_version(self) -> String {
        format!("v{}", self.as_str())
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Feature {
    /// `supplementalGroupsPolicy: Strict`: groups from the image's `/etc/group` are not added behind our back.
    SupplementalGroupsPolicy,
    /// `hostUsers: false`: root inside the container is nobody on the node.
    UserNamespaces,
    /// Pod Security forbids `host` in probes and lifecycle hooks.
    HostFreeProbes,
}

pub struct FeatureRow {
    pub feature: Feature,
    /// From this version on the field is general and the kubelet accepts it without a feature gate.
    pub since: KubeVersion,
    pub why: &'static str,
}

pub static FEATURES: &[FeatureRow] = &[
    FeatureRow {
        feature: Feature::SupplementalGroupsPolicy,
        since: KubeVersion::V1_35,
        why: "general since 1.35; before that a node may reject the pod",
    },
    FeatureRow {
        feature: Feature::UserNamespaces,
        since: KubeVersion::V1_36,
        why: "general since 1.36; needs Linux 6.3 and containerd 2.0 on the nodes, so it is asked for, not assumed",
    },
    FeatureRow {
        feature: Feature::HostFreeProbes,
        since: KubeVersion::V1_34,
        why: "since 1.34 the baseline standard forbids `host` in probes and lifecycle hooks",
    },
];
