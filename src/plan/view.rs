//! The spec as templates see it: every name that a template may place, decided and spelt here.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::{Value, json};

use super::{Flow, docker, network, pod};
use crate::lock::digest;
use crate::spec::pack::LabelKey;
use crate::spec::service::{Controller, ProjectSpec, ServiceSpec, Workload};
use crate::spec::word::Line;
use crate::templates::Templates;

pub(super) fn project_only(project: &ProjectSpec) -> Value {
    json!({ "project": self::project(project) })
}

pub(super) fn project(project: &ProjectSpec) -> Value {
    json!({
        "name": project.name.as_str(),
        "namespace": project.namespace.as_str(),
        "kubernetes": project.kubernetes.as_str(),
        "pod_security_version": project.kubernetes.pod_security_version(),
        "output": project.output.as_str(),
        "version": env!("CARGO_PKG_VERSION"),
        "extra": extra(&project.extra),
        "labels": pairs(&project.labels),
    })
}

/// What a pack writes once for a project may be about all of its services.
pub(super) fn whole(project: &ProjectSpec, flows: &[Flow], templates: &Templates) -> Value {
    let services: Vec<Value> = project.services.iter().map(|one| service(project, one, flows, templates)).collect();
    json!({ "project": self::project(project), "services": services })
}

pub(super) fn service(project: &ProjectSpec, service: &ServiceSpec, flows: &[Flow], templates: &Templates) -> Value {
    let stateful = service.controller() == Controller::StatefulSet;
    let claims: Vec<Value> = service
        .kept()
        .map(|(path, storage)| {
            let volume = pod::volume_name(path);
            json!({
                "volume": volume,
                "name": pod::claim_name(service, path),
                "size": storage.size.to_string(),
                "class": storage.class.as_ref().map(|class| class.as_str()),
            })
        })
        .collect();
    let expose = service.expose.as_ref().map(|expose| {
        json!({
            "host": expose.host.as_str(),
            "through": expose.through.as_str(),
            "from_namespace": expose.from_namespace.as_str(),
            "tls_secret": expose.tls_secret.as_str(),
        })
    });
    let pod = pod::values(project, service);
    json!({
        "project": self::project(project),
        "service": {
            "name": service.name.as_str(),
            "run": (service.controller() == Controller::Job).then(|| run(project, service, &pod, templates)),
            "component": component(service.workload),
            "image": service.image.to_string(),
            "replicas": service.replicas.min.get(),
            "max_replicas": service.replicas.max.get(),
            "scales": service.scales(),
            "headless": stateful,
            "schedule": service.schedule.as_str(),
            "time_zone": service.time_zone.as_str(),
            // A pod may take its whole start-up time, and is then watched a little longer.
            "progress_deadline":
                service.health.as_ref().map_or(60, |health| health.startup.get()) + service.grace.get() + 210,
            "ports": pod::service_ports(service),
            "protocol": service.protocol(),
            "service_port": service.service_port(),
            "exceptions": exceptions(service),
            "extra": extra(&service.extra),
            "labels": pairs(&service.labels),
        },
        "pod": pod,
        "policy": network::values(project, service, flows),
        "claims": claims,
        "expose": expose,
        "build": docker::values(project, service),
    })
}

/// A Job's name: it cannot be changed once it is there, so another pod is another Job. What pods are made of is the
/// image, the values and the templates without their comments; the project is one of its labels.
fn run(project: &ProjectSpec, service: &ServiceSpec, pod: &Value, templates: &Templates) -> String {
    let said: Vec<&str> = ["deploy/service/_pod.yaml", "deploy/service/_labels.yaml"]
        .into_iter()
        .flat_map(|path| templates.lines(path))
        .map(|line| line.split(" # ").next().unwrap_or_default().trim_end())
        // A block that nobody fills says nothing.
        .filter(|line| !["#", "{% block ", "{% endblock "].iter().any(|start| line.trim_start().starts_with(start)))
        .collect();
    let labels = pairs(&service.labels);
    let digest = digest(&format!("{} {} {labels:?} {pod} {said:?}", project.name, service.image));
    format!("{}-{}", service.name, &digest[..8])
}

fn extra(answers: &BTreeMap<String, Line>) -> Value {
    answers.iter().map(|(key, answer)| (key.clone(), Value::from(answer.as_str()))).collect()
}

/// Labels or annotations, in their order.
pub(super) fn pairs<T: Display>(all: &BTreeMap<LabelKey, T>) -> Vec<Value> {
    all.iter().map(|(key, value)| json!({ "key": key.as_str(), "value": value.to_string() })).collect()
}

fn component(workload: Workload) -> &'static str {
    match workload {
        Workload::Service => "server",
        Workload::Worker => "worker",
        Workload::Scheduled | Workload::Once => "job",
    }
}

fn exceptions(service: &ServiceSpec) -> Vec<Value> {
    service
        .exceptions
        .iter()
        .map(|exception| {
            json!({
                "annotation": format!("cofferdam/except.{}", exception.rule),
                "reason": exception.reason.as_str(),
            })
        })
        .collect()
}
