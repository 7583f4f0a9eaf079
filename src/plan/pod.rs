//! The pod of a service, as its template places it.

use serde_json::{Value, json};

use crate::kubernetes::Feature;
use crate::spec::path::MountPath;
use crate::spec::probe::Probe;
use crate::spec::service::{Controller, Health, MAIN_PORT, ProjectSpec, Relaxation, ServiceSpec, Storage, Workload};

pub(super) fn values(project: &ProjectSpec, service: &ServiceSpec) -> Value {
    let words = |words: &[crate::spec::word::Word]| -> Vec<String> { words.iter().map(ToString::to_string).collect() };
    let env: Vec<Value> =
        service.env.iter().map(|(name, value)| json!({ "name": name.as_str(), "value": value.as_str() })).collect();
    let runs_on = matches!(service.workload, Workload::Service | Workload::Worker);
    json!({
        "annotations": super::view::pairs(&service.annotations),
        "token": service.has_exception(Relaxation::ServiceAccountToken),
        "writable_root": service.has_exception(Relaxation::WritableRoot),
        "runtime_class": service.runtime_class.as_ref().map(|class| class.as_str()),
        "priority_class": service.priority_class.as_ref().map(|class| class.as_str()),
        "pull_secret": service.pull_secret.as_ref().map(|secret| secret.as_str()),
        "region": service.region.as_ref().map(|region| region.as_str()),
        "host_users": service.user_namespace.then_some(false),
        "restart_policy": (!runs_on).then_some("OnFailure"),
        "grace": service.grace.get(),
        "user": service.user.get(),
        "strict_groups": project.kubernetes.may_use(Feature::SupplementalGroupsPolicy),
        "spread": runs_on && service.replicas.max.get() > 1,
        "command": words(&service.command),
        "args": words(&service.args),
        "env": env,
        "ports": container_ports(service),
        "probes": service.health.as_ref().map(|health| probes(service, health)).unwrap_or_default(),
        // It must end before the grace period does.
        "pre_stop": service.port.map(|_| 5.min(service.grace.get() - 1)).filter(|seconds| *seconds > 0),
        "resources": {
            "cpu": service.resources.cpu.to_string(),
            "cpu_limit": (!service.has_exception(Relaxation::NoCpuLimit)).then(|| service.resources.cpu_limit.to_string()),
            "memory": service.resources.memory.to_string(),
            "disk": service.resources.disk.to_string(),
        },
        "mounts": mounts(service),
        "volumes": volumes(service),
    })
}

/// A volume's name from its path: `/var/cache/app` is `var-cache-app`.
pub(super) fn volume_name(path: &MountPath) -> String {
    let mut name = String::new();
    for char in path.as_str().to_ascii_lowercase().chars() {
        match char {
            char if char.is_ascii_alphanumeric() => name.push(char),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let lossless = path.as_str().bytes().all(|byte| byte == b'/' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if lossless && name.len() <= 40 {
        return name;
    }
    // `/a.b`, `/a-b` and `/A/b` are different paths; so are long ones that end alike.
    let start = name.len().saturating_sub(40);
    format!("{}-{}", name[start..].trim_matches('-'), &crate::lock::digest(path.as_str())[..6])
}

pub(super) fn claim_name(service: &ServiceSpec, path: &MountPath) -> String {
    format!("{}-{}", service.name, volume_name(path))
}

fn container_ports(service: &ServiceSpec) -> Vec<Value> {
    let main = service.port.map(|port| json!({ "name": service.protocol(), "number": port.get() }));
    let more = service.ports.iter().map(|(name, port)| json!({ "name": name.as_str(), "number": port.get() }));
    main.into_iter().chain(more).collect()
}

pub(super) fn service_ports(service: &ServiceSpec) -> Vec<Value> {
    let main = service.service_port().map(|port| json!({ "name": service.protocol(), "number": port }));
    let more = service.ports.iter().map(|(name, port)| json!({ "name": name.as_str(), "number": port.get() }));
    main.into_iter().chain(more).collect()
}

fn probes(service: &ServiceSpec, health: &Health) -> Vec<Value> {
    // Two seconds between tries while it starts: a quick app is ready quickly, a slow one has its time.
    let startup_tries = health.startup.get().div_ceil(2);
    let startup = match &health.live {
        Probe::Exec(_) => &health.live,
        _ if service.port.is_some() => &Probe::Tcp,
        live => live,
    };
    let row = |field: &str, why: &str, probe: &Probe, timing: [u32; 4]| {
        let (handler, settings) = handler(service, probe);
        let [delay, period, timeout, failures] = timing;
        json!({
            "field": field, "why": why, "handler": handler, "settings": settings,
            "delay": delay, "period": period, "timeout": timeout, "failures": failures,
        })
    };
    vec![
        row("startupProbe", "until this succeeds the other checks wait", startup, [0, 2, 2, startup_tries]),
        row("readinessProbe", "while this fails the pod gets no requests", &health.ready, [0, 5, 3, 3]),
        row("livenessProbe", "when this keeps failing the container is restarted", &health.live, [0, 10, 3, 6]),
    ]
}

fn handler(service: &ServiceSpec, probe: &Probe) -> (&'static str, Value) {
    let main = service.protocol();
    match probe {
        Probe::Http { port, path } => {
            let named = port.as_ref().map(|port| port.as_str()).filter(|port| *port != MAIN_PORT);
            ("httpGet", json!({ "path": path.as_str(), "port": named.unwrap_or(main) }))
        }
        Probe::Tcp => ("tcpSocket", json!({ "port": main })),
        Probe::Grpc { service: None } => ("grpc", json!({ "port": service.port.map(|port| port.get()) })),
        Probe::Grpc { service: Some(name) } => {
            ("grpc", json!({ "port": service.port.map(|port| port.get()), "service": name.as_str() }))
        }
        Probe::Exec(words) => {
            let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
            ("exec", json!({ "command": words }))
        }
    }
}

fn mounts(service: &ServiceSpec) -> Vec<Value> {
    let storage = service
        .storage
        .keys()
        .map(|path| json!({ "name": volume_name(path), "path": path.as_str(), "read_only": false }));
    let secrets = service
        .secrets
        .iter()
        .map(|secret| json!({ "name": volume_name(&secret.mount), "path": secret.mount.as_str(), "read_only": true }));
    storage.chain(secrets).collect()
}

fn volumes(service: &ServiceSpec) -> Vec<Value> {
    let scratch = service.scratch().map(|(path, storage)| {
        json!({ "name": volume_name(path), "kind": "emptyDir", "settings": empty_dir(storage),
                "why": if storage.memory { "in memory: counts against the memory limit" } else { "scratch: ends with the pod" } })
    });
    // A StatefulSet makes its claims itself, for each pod; a job's exist beside it.
    let claims = service.kept().filter(|_| service.controller() == Controller::CronJob).map(|(path, _)| {
        json!({ "name": volume_name(path), "kind": "persistentVolumeClaim",
                    "settings": { "claimName": claim_name(service, path) }, "why": "outlives the runs" })
    });
    let secrets = service.secrets.iter().map(|secret| {
        json!({ "name": volume_name(&secret.mount), "kind": "secret",
                // 0440: the app's group reads it, nobody writes it.
                "settings": { "secretName": secret.name.as_str(), "defaultMode": 0o440 },
                "why": "must exist in the namespace; mode 0440" })
    });
    scratch.chain(claims).chain(secrets).collect()
}

fn empty_dir(storage: &Storage) -> Value {
    if storage.memory {
        json!({ "medium": "Memory", "sizeLimit": storage.size.to_string() })
    } else {
        json!({ "sizeLimit": storage.size.to_string() })
    }
}
