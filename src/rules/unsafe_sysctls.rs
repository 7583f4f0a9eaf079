use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};
use crate::kubernetes::KubeVersion;

pub(super) static RULE: Rule = Rule {
    id: "unsafe-sysctls",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a pod changes kernel settings that others share",
    why: "it can slow down or break every pod of its node",
    remedy: "remove it, or use one of the safe ones",
    standards: &[Standard::PodSecurity(Level::Baseline)],
    fields: &["sysctls"],
    check,
};

/// The settings that belong to the pod alone, and since when the standard says so.
const SAFE: [(&str, KubeVersion); 14] = [
    ("kernel.shm_rmid_forced", KubeVersion::V1_33),
    ("net.ipv4.ip_local_port_range", KubeVersion::V1_33),
    ("net.ipv4.ip_local_reserved_ports", KubeVersion::V1_33),
    ("net.ipv4.ip_unprivileged_port_start", KubeVersion::V1_33),
    ("net.ipv4.ping_group_range", KubeVersion::V1_33),
    ("net.ipv4.tcp_fin_timeout", KubeVersion::V1_33),
    ("net.ipv4.tcp_keepalive_intvl", KubeVersion::V1_33),
    ("net.ipv4.tcp_keepalive_probes", KubeVersion::V1_33),
    ("net.ipv4.tcp_keepalive_time", KubeVersion::V1_33),
    ("net.ipv4.tcp_notsent_lowat", KubeVersion::V1_37),
    ("net.ipv4.tcp_rmem", KubeVersion::V1_33),
    ("net.ipv4.tcp_slow_start_after_idle", KubeVersion::V1_37),
    ("net.ipv4.tcp_syncookies", KubeVersion::V1_33),
    ("net.ipv4.tcp_wmem", KubeVersion::V1_33),
];

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for pods in subject.pods() {
        let settings = pods.spec.security_context.as_ref().and_then(|security| security.sysctls.as_ref());
        for (index, setting) in settings.into_iter().flatten().enumerate() {
            let safe = SAFE.iter().any(|(name, since)| *name == setting.name && subject.kubernetes >= *since);
            if !safe {
                let pointer = format!("{}/securityContext/sysctls/{index}", pods.pointer);
                violations.push(Violation::object(pods.object, pointer, format!("the pods change {}", setting.name)));
            }
        }
    }
    violations
}
