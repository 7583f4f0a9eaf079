//! Who may talk to whom: the declared flows, both halves of each, as policy rules and as edges of a picture.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::spec::service::{Destination, From, ProjectSpec, ServiceSpec};

/// One direction of one allowed connection. Ports are the pods' own.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Flow {
    pub from: Peer,
    pub to: Peer,
    pub port: u32,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Peer {
    Service(String),
    Namespace(String),
    Cidr(String),
    /// The internet without private and metadata addresses; a host's name where one was given.
    Internet(Option<String>),
}

/// What a policy means by "the internet": everything but these.
const IPV4_EXCEPT: [&str; 6] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    // Cloud metadata lives here: whoever reads it may become the node.
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
];
const IPV6_EXCEPT: [&str; 2] = ["fc00::/7", "fe80::/10"];

/// Every declared flow of the project, each once, whichever end declared it.
pub fn flows(project: &ProjectSpec) -> Vec<Flow> {
    let mut all = Vec::new();
    let by_name: BTreeMap<_, _> = project.services.iter().map(|service| (&service.name, service)).collect();
    for service in &project.services {
        let this = Peer::Service(service.name.to_string());
        for caller in &service.allow_from {
            let Some(port) = service.port_named(caller.port.as_str()) else { continue };
            let from = match &caller.from {
                From::Service(name) => Peer::Service(name.to_string()),
                From::Namespace(namespace) => Peer::Namespace(namespace.to_string()),
                From::Cidr(cidr) => Peer::Cidr(cidr.to_string()),
            };
            all.push(Flow { from, to: this.clone(), port: port.get() });
        }
        if let (Some(expose), Some(port)) = (&service.expose, service.port) {
            let from = Peer::Namespace(expose.from_namespace.to_string());
            all.push(Flow { from, to: this.clone(), port: port.get() });
        }
        for destination in &service.talks_to {
            let (to, port) = match destination {
                Destination::Service(name) => {
                    let Some(port) = by_name.get(name).and_then(|target| target.port) else { continue };
                    (Peer::Service(name.to_string()), port.get())
                }
                Destination::Namespace { namespace, port } => (Peer::Namespace(namespace.to_string()), port.get()),
                Destination::Cidr { cidr, port } => (Peer::Cidr(cidr.to_string()), port.get()),
                Destination::Host { host, port } => (Peer::Internet(Some(host.to_string())), port.get()),
                Destination::Internet { port } => (Peer::Internet(None), port.get()),
            };
            all.push(Flow { from: this.clone(), to, port });
        }
    }
    all.sort();
    all.dedup();
    all
}

pub(super) fn values(project: &ProjectSpec, service: &ServiceSpec, flows: &[Flow]) -> Value {
    let this = Peer::Service(service.name.to_string());
    let ingress: Vec<Value> = flows
        .iter()
        .filter(|flow| flow.to == this)
        .flat_map(|flow| {
            let why = from_sentence(project, service, flow);
            selectors(project, &flow.from)
                .into_iter()
                .map(move |peer| json!({ "why": why, "peer": peer, "port": flow.port }))
        })
        .collect();
    let egress: Vec<Value> = flows
        .iter()
        .filter(|flow| flow.from == this)
        .map(|flow| json!({ "why": to_sentence(flow), "peers": selectors(project, &flow.to), "port": flow.port }))
        .collect();
    json!({ "ingress": ingress, "egress": egress })
}

fn from_sentence(project: &ProjectSpec, service: &ServiceSpec, flow: &Flow) -> String {
    match &flow.from {
        Peer::Service(name) => format!("{name}, a service of this project."),
        Peer::Namespace(name)
            if service.expose.as_ref().is_some_and(|expose| expose.from_namespace.as_str() == name) =>
        {
            format!(
                "What routes {} here runs in {name}.",
                service.expose.as_ref().map_or("", |expose| expose.host.as_str())
            )
        }
        Peer::Namespace(name) if name == project.namespace.as_str() => "Every pod of this namespace.".to_owned(),
        Peer::Namespace(name) => format!("Every pod of the namespace {name}."),
        Peer::Cidr(cidr) => format!("Addresses of {cidr}."),
        Peer::Internet(_) => "The internet.".to_owned(),
    }
}

fn to_sentence(flow: &Flow) -> String {
    match &flow.to {
        Peer::Service(name) => format!("{name}, a service of this project."),
        Peer::Namespace(name) => format!("Every pod of the namespace {name}."),
        Peer::Cidr(cidr) => format!("Addresses of {cidr}."),
        Peer::Internet(Some(host)) => {
            format!(
                "{host}. A policy knows no names, so: the internet, but neither private addresses nor cloud metadata."
            )
        }
        Peer::Internet(None) => "The internet, but neither private addresses nor cloud metadata.".to_owned(),
    }
}

/// Peers of a policy rule. Each is one element: a namespace and a pod selector side by side would mean "or".
fn selectors(project: &ProjectSpec, peer: &Peer) -> Vec<Value> {
    match peer {
        Peer::Service(name) => {
            vec![json!({ "podSelector": { "matchLabels": { "app.kubernetes.io/instance": name } } })]
        }
        Peer::Namespace(name) if name == project.namespace.as_str() => vec![json!({ "podSelector": {} })],
        Peer::Namespace(name) => {
            vec![json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": name } } })]
        }
        Peer::Cidr(cidr) => vec![json!({ "ipBlock": { "cidr": cidr } })],
        Peer::Internet(_) => vec![
            json!({ "ipBlock": { "cidr": "0.0.0.0/0", "except": IPV4_EXCEPT } }),
            json!({ "ipBlock": { "cidr": "::/0", "except": IPV6_EXCEPT } }),
        ],
    }
}
