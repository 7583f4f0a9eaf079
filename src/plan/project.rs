//! The files that a project has once: its README, kustomization and pipeline.

use serde_json::{Value, json};

use super::{Peer, Plan, flows, manifests, view};
use crate::scanners::KEPT;
use crate::spec::image::registry;
use crate::spec::network::Via;
use crate::spec::service::{Ci, Controller, Destination, ProjectSpec, Relaxation, ServiceSpec};
use crate::verify::is_manifest;

pub(super) fn kustomization(plan: &Plan) -> Value {
    let project = &plan.project;
    let mut resources: Vec<String> = Vec::new();
    let below = |path: &String| path.strip_prefix(&project.output.join("")).map(str::to_owned);
    let extra = plan.extra.iter().filter(|path| is_manifest(path)).filter_map(below);
    for file in manifests(project).into_iter().chain(extra) {
        let file = match plan.elsewhere.get(&project.output.join(&file)) {
            None => Some(file),
            Some(None) => None,
            // Only what is below it is a kustomization's to list.
            Some(Some(moved)) => below(moved),
        };
        resources.extend(file.filter(|file| !resources.contains(file)));
    }
    json!({ "project": view::project(project), "resources": resources })
}

pub(super) fn readme(project: &ProjectSpec) -> Value {
    let services: Vec<Value> = project.services.iter().map(row).collect();
    let exceptions: Vec<Value> = project
        .services
        .iter()
        .flat_map(|service| {
            service.exceptions.iter().map(|exception| {
                json!({ "service": service.name.as_str(), "rule": exception.rule.as_str(), "reason": exception.reason.as_str() })
            })
        })
        .collect();
    json!({
        "project": view::project(project),
        "services": services,
        "edges": edges(project),
        "needs": needs(project),
        "exceptions": exceptions,
        "kept": kept(project),
    })
}

/// What scanners find by default, once for each check, with the services that it is about.
fn kept(project: &ProjectSpec) -> Vec<Value> {
    let rows = KEPT.iter().filter(|row| !row.optional).map(|row| {
        let services: Vec<&str> = project
            .services
            .iter()
            .filter(|service| (row.applies)(service))
            .map(|service| service.name.as_str())
            .collect();
        (row, services)
    });
    rows.filter(|(_, services)| !services.is_empty())
        .map(|(row, services)| {
            json!({
                "scanner": row.scanner, "check": row.check, "services": services.join(", "), "reason": row.reason,
            })
        })
        .collect()
}

fn row(service: &ServiceSpec) -> Value {
    let (kind, rollout) = match service.controller() {
        Controller::Deployment => ("Deployment", Some("deployment")),
        Controller::StatefulSet => ("StatefulSet", Some("statefulset")),
        Controller::CronJob => ("CronJob", None),
        Controller::Job => ("Job", None),
    };
    let pods = match service.controller() {
        Controller::CronJob => format!("at `{}`, {}", service.schedule, service.time_zone),
        Controller::Job => "once".to_owned(),
        _ if service.scales() => format!("{} to {}", service.replicas.min, service.replicas.max),
        _ => service.replicas.min.to_string(),
    };
    json!({
        "name": service.name.as_str(),
        "kind": kind,
        "image": service.image.to_string(),
        "port": service.port.map_or("none".to_owned(), |port| port.to_string()),
        "pods": pods,
        "rollout": rollout.map(|kind| format!("{kind}/{}", service.name)),
        "path": service.path.as_str(),
        "dockerfile": service.build.as_ref().map(|build| service.path.join(build.dockerfile.as_str())),
    })
}

fn edges(project: &ProjectSpec) -> Vec<Value> {
    let node = |peer: &Peer| match peer {
        Peer::Service(name) => (format!("s_{name}"), name.clone()),
        Peer::Namespace(name) if name == project.namespace.as_str() => {
            ("ns_own".to_owned(), "every pod of this namespace".to_owned())
        }
        Peer::Namespace(name) => (format!("ns_{name}"), format!("namespace {name}")),
        Peer::Cidr(cidr) => (format!("ip_{}", cidr.replace(['.', '/', ':'], "_")), cidr.clone()),
        Peer::Internet(None) => ("internet".to_owned(), "internet".to_owned()),
        Peer::Internet(Some(host)) => (format!("host_{}", host.replace('.', "_")), host.clone()),
    };
    flows(project)
        .iter()
        .map(|flow| {
            let (from, from_label) = node(&flow.from);
            let (to, to_label) = node(&flow.to);
            json!({ "from": from, "from_label": from_label, "to": to, "to_label": to_label, "port": flow.port })
        })
        .collect()
}

/// What the manifests refer to and do not bring.
fn needs(project: &ProjectSpec) -> Vec<String> {
    let mut needs = Vec::new();
    for service in &project.services {
        for secret in &service.secrets {
            needs.push(format!("Secret `{}` in namespace `{}`, for {}", secret.name, project.namespace, service.name));
        }
        if let Some(secret) = &service.pull_secret {
            needs.push(format!("Secret `{secret}` with the registry's credentials, for {}", service.name));
        }
        if let Some(expose) = &service.expose {
            needs.push(match expose.via {
                Via::Ingress => format!(
                    "an ingress controller of class `{}` in namespace `{}`, and the certificate for {} in Secret `{}`",
                    expose.through, expose.from_namespace, expose.host, expose.tls_secret
                ),
                Via::Gateway | Via::None => format!(
                    "Gateway `{}` in namespace `{}` that takes {} and routes from namespace `{}`; its pods run there too",
                    expose.through, expose.from_namespace, expose.host, project.namespace
                ),
            });
        }
        if let Some(class) = &service.runtime_class {
            needs.push(format!("RuntimeClass `{class}`, for {}", service.name));
        }
        if let Some(class) = &service.priority_class {
            needs.push(format!("PriorityClass `{class}`, for {}", service.name));
        }
        if service.has_exception(Relaxation::ServiceAccountToken)
            && !service.talks_to.iter().any(|to| matches!(to, Destination::Cidr { .. }))
        {
            needs.push(format!(
                "the API server's addresses among `talks-to` of {} (`kubectl -n default get endpointslices` shows them): \
                 the token is of no use without them, and they differ from cluster to cluster",
                service.name
            ));
        }
        if service.scales() {
            needs.push(format!("a metrics server, so that {} can be scaled", service.name));
        }
    }
    needs
}

pub(super) fn pipeline(project: &ProjectSpec) -> Value {
    let images: Vec<Value> = project
        .services
        .iter()
        .filter_map(|service| {
            let build = service.build.as_ref()?;
            let dockerfile = service.path.join(build.dockerfile.as_str());
            let image = service.image.to_string();
            let registry = registry(service.image.repository()).unwrap_or("docker.io");
            // The workflow's own token is for GitHub's registry, and nobody else's.
            let (username, password) = if registry == "ghcr.io" {
                ("${{ github.actor }}", "${{ secrets.GITHUB_TOKEN }}")
            } else {
                ("${{ secrets.REGISTRY_USERNAME }}", "${{ secrets.REGISTRY_PASSWORD }}")
            };
            let (gitlab_user, gitlab_password) = if registry == "registry.gitlab.com" {
                ("CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD")
            } else {
                ("REGISTRY_USER", "REGISTRY_PASSWORD")
            };
            Some(json!({
                "login_script": format!(
                    "echo \"${gitlab_password}\" | docker login --username \"${gitlab_user}\" --password-stdin {registry}"
                ),
                "username": username,
                "password": password,
                "job": if project.ci == Ci::GitLab { format!("build:{}", service.name) } else { format!("build-{}", service.name) },
                "path": service.path.as_str(),
                "dockerfile": dockerfile,
                "image": image,
                "registry": registry,
                "build_script": format!("docker build --file {dockerfile} --tag {image} {}", service.path),
            }))
        })
        .collect();
    json!({ "project": view::project(project), "images": images })
}
