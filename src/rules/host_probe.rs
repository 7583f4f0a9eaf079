use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};
use crate::kubernetes::Feature;

pub(super) static RULE: Rule = Rule {
    id: "host-probe",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a check or a hook calls another host",
    why: "the kubelet would call any address for whoever may write a pod",
    remedy: "remove `host`: without it the pod itself is asked",
    standards: &[Standard::PodSecurity(Level::Baseline)],
    fields: &["httpGet/host", "tcpSocket/host"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    if !subject.kubernetes.may_use(Feature::HostFreeProbes) {
        return violations;
    }
    for container in subject.containers() {
        let probes = [
            ("livenessProbe", container.liveness),
            ("readinessProbe", container.readiness),
            ("startupProbe", container.startup),
        ];
        let mut hosts: Vec<(String, Option<&str>)> = Vec::new();
        for (field, probe) in probes {
            let http = probe.and_then(|probe| probe.http_get.as_ref()?.host.as_deref());
            let tcp = probe.and_then(|probe| probe.tcp_socket.as_ref()?.host.as_deref());
            hosts.push((format!("{field}/httpGet/host"), http));
            hosts.push((format!("{field}/tcpSocket/host"), tcp));
        }
        let hooks = [
            ("postStart", container.lifecycle.and_then(|lifecycle| lifecycle.post_start.as_ref())),
            ("preStop", container.lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref())),
        ];
        for (field, hook) in hooks {
            let http = hook.and_then(|hook| hook.http_get.as_ref()?.host.as_deref());
            let tcp = hook.and_then(|hook| hook.tcp_socket.as_ref()?.host.as_deref());
            hosts.push((format!("lifecycle/{field}/httpGet/host"), http));
            hosts.push((format!("lifecycle/{field}/tcpSocket/host"), tcp));
        }
        for (field, host) in hosts {
            if let Some(host) = host.filter(|host| !host.is_empty()) {
                violations.push(
                    container
                        .violation(&field, format!("container `{}` has {host} asked in its place", container.name)),
                );
            }
        }
    }
    violations
}
