//! The namespace's quota and limits, reckoned so that the largest rollout fits.

use serde_json::{Value, json};

use super::view;
use crate::spec::quantity::{Bytes, Cpu};
use crate::spec::service::{Controller, ProjectSpec, Relaxation, Resources, ServiceSpec};

/// How many pods of a service may exist at once at most, and how that comes about.
pub(crate) fn largest(service: &ServiceSpec) -> (u32, String) {
    let max = service.replicas.max.get();
    let plural = if max == 1 { "" } else { "s" };
    match service.controller() {
        // The quota counts a pod until it is gone. New ones are ready after five seconds at the earliest, so this many
        // may be ending at the same time.
        Controller::Deployment => {
            let ending = max.min(service.grace.get().div_ceil(5));
            (max + 1 + ending, format!("{max} pod{plural}, 1 that an update adds, {ending} that may be ending"))
        }
        Controller::StatefulSet => (max, format!("{max} pod{plural}, replaced one by one in place")),
        Controller::CronJob => (2, "1 run, and 1 that a person starts by hand".to_owned()),
        Controller::Job => (2, "1 run, and 1 of what was there before".to_owned()),
    }
}

pub(super) fn values(project: &ProjectSpec) -> Value {
    let services = &project.services;
    let count = |service: &ServiceSpec| largest(service).0;
    let unlimited_cpu = services.iter().any(|service| service.has_exception(Relaxation::NoCpuLimit));
    let in_pod = |service: &ServiceSpec| service.resources + project.sidecars;
    let cpu: Cpu = services.iter().map(|service| in_pod(service).cpu * count(service)).sum();
    let cpu_limit: Cpu = services.iter().map(|service| in_pod(service).cpu_limit * count(service)).sum();
    let memory: Bytes = services.iter().map(|service| in_pod(service).memory * count(service)).sum();
    let disk: Bytes = services.iter().map(|service| in_pod(service).disk * count(service)).sum();
    let pods: u32 = services.iter().map(count).sum();
    let claims: u32 = services.iter().map(|service| claim_count(service) * owners(service)).sum();
    let storage: Bytes = services
        .iter()
        .map(|service| service.kept().map(|(_, storage)| storage.size).sum::<Bytes>() * owners(service))
        .sum();
    let reckoning: Vec<String> =
        services.iter().map(|service| format!("{}: {}", service.name, largest(service).1)).collect();
    let containers = || services.iter().map(|service| service.resources).chain([project.sidecars]);
    let most = |amount: fn(Resources) -> Bytes| containers().map(amount).max().unwrap_or_default();
    let most_cpu = containers().map(|resources| resources.cpu_limit).max().unwrap_or_default();
    json!({
        "project": view::project(project),
        "quota": {
            "reckoning": reckoning,
            "pods": pods.to_string(),
            "cpu": cpu.to_string(),
            "cpu_limit": (!unlimited_cpu).then(|| cpu_limit.to_string()),
            "memory": memory.to_string(),
            "disk": disk.to_string(),
            "claims": claims.to_string(),
            "storage": storage.to_string(),
        },
        "limits": {
            "default_request": most_cpu.min(Cpu::millis(50)).to_string(),
            "default_cpu": most_cpu.min(Cpu::millis(500)).to_string(),
            "cpu": (!unlimited_cpu).then(|| most_cpu.to_string()),
            "memory": most(|resources| resources.memory).max(Bytes::mebi(64)).to_string(),
            "disk": most(|resources| resources.disk).max(Bytes::mebi(64)).to_string(),
        },
    })
}

fn claim_count(service: &ServiceSpec) -> u32 {
    u32::try_from(service.kept().count()).unwrap_or(u32::MAX)
}

/// How many times each claim of a service exists.
fn owners(service: &ServiceSpec) -> u32 {
    if service.controller() == Controller::StatefulSet { service.replicas.max.get() } else { 1 }
}
