//! Ports that others name: a Service's, a policy's, a probe's. Each must be one that a container has.

use k8s_openapi::api::core::v1::{PodSpec, Probe};
use k8s_openapi::api::networking::v1::{NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{all_pods, wrong};
use crate::manifest::{Object, Typed};
use crate::problem::Problem;
use crate::rules::Subject;
use crate::selector::PodIndex;

pub(super) fn container_ports(spec: &PodSpec) -> impl Iterator<Item = (&str, i32)> {
    spec.containers
        .iter()
        .flat_map(|container| container.ports.iter().flatten())
        .map(|port| (port.name.as_deref().unwrap_or_default(), port.container_port))
}

fn has_port(spec: &PodSpec, port: &IntOrString) -> bool {
    container_ports(spec).any(|(name, number)| match port {
        IntOrString::Int(wanted) => number == *wanted,
        IntOrString::String(wanted) => name == wanted,
    })
}

pub(super) fn service_ports_exist(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let index = PodIndex::new(all_pods(subject));
    for object in subject.objects {
        let Typed::Service(service) = &object.typed else { continue };
        let Some(spec) = service.spec.as_ref().filter(|spec| spec.selector.is_some()) else { continue };
        let selector = LabelSelector { match_labels: spec.selector.clone(), ..LabelSelector::default() };
        for pods in index.met(Some(&selector)) {
            for port in spec.ports.iter().flatten() {
                let target = port.target_port.clone().unwrap_or(IntOrString::Int(port.port));
                if !has_port(pods.spec, &target) {
                    problems.push(wrong(
                        object,
                        "/spec/ports",
                        format!("no container has the port {}", shown(&target)),
                        "requests would go nowhere",
                    ));
                }
            }
        }
    }
    problems
}

pub(super) fn policy_ports_exist(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let index = PodIndex::new(all_pods(subject));
    let absent = |spec: &PodSpec, ports: Option<&Vec<NetworkPolicyPort>>| -> Option<String> {
        ports.into_iter().flatten().filter_map(|port| port.port.as_ref()).find(|port| !has_port(spec, port)).map(shown)
    };
    let policies: Vec<(&Object, &NetworkPolicySpec)> = subject
        .objects
        .iter()
        .filter_map(|object| match &object.typed {
            Typed::NetworkPolicy(policy) => Some((object, policy.spec.as_ref()?)),
            _ => None,
        })
        .collect();
    for (object, policy) in policies {
        for pods in index.met(policy.pod_selector.as_ref()) {
            for rule in policy.ingress.iter().flatten() {
                if let Some(port) = absent(pods.spec, rule.ports.as_ref()) {
                    problems.push(wrong(
                        object,
                        "/spec/ingress",
                        format!("no container has the port {port}"),
                        "policies are about the pods' own ports",
                    ));
                }
            }
        }
        for rule in policy.egress.iter().flatten() {
            let own_pods = |peer: &&NetworkPolicyPeer| peer.namespace_selector.is_none() && peer.pod_selector.is_some();
            for peer in rule.to.iter().flatten().filter(own_pods) {
                let targets: Vec<_> = index.met(peer.pod_selector.as_ref()).collect();
                if targets.is_empty() {
                    problems.push(wrong(
                        object,
                        "/spec/egress",
                        "a rule meets no pods",
                        "what it should allow is denied",
                    ));
                }
                // Every pod of the namespace is a wish that some of them cannot fulfil.
                let all = peer.pod_selector == Some(LabelSelector::default());
                for pods in targets.into_iter().filter(|_| !all) {
                    if let Some(port) = absent(pods.spec, rule.ports.as_ref()) {
                        problems.push(wrong(
                            object,
                            "/spec/egress",
                            format!("{} has no port {port}", pods.object.title()),
                            "policies are about the pods' own ports",
                        ));
                    }
                }
            }
        }
    }
    problems
}

pub(super) fn probes_ask_existing_ports(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for pods in all_pods(subject) {
        for container in &pods.spec.containers {
            let probes = [&container.startup_probe, &container.readiness_probe, &container.liveness_probe];
            for probe in probes.into_iter().flatten() {
                if let Some(port) = asked(probe).filter(|port| !has_port(pods.spec, port)) {
                    problems.push(wrong(
                        pods.object,
                        pods.pointer,
                        format!("a check asks the port {}, which no container has", shown(&port)),
                        "it would never succeed",
                    ));
                }
            }
        }
    }
    problems
}

fn asked(probe: &Probe) -> Option<IntOrString> {
    let http = probe.http_get.as_ref().map(|get| get.port.clone());
    let tcp = probe.tcp_socket.as_ref().map(|socket| socket.port.clone());
    let grpc = probe.grpc.as_ref().map(|grpc| IntOrString::Int(grpc.port));
    http.or(tcp).or(grpc)
}

/// A port as a manifest has it.
fn shown(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}
