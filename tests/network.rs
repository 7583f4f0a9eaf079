//! Who can reach whom: the rendered policies allow what was declared, exactly; and the function that says so agrees
//! with the specification of NetworkPolicy.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

#[path = "support/cases.rs"]
mod cases;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::IpAddr;

use cases::every_case;
use cofferdam::generate::Generated;
use cofferdam::kubernetes::KubeVersion;
use cofferdam::manifest::{self, Object};
use cofferdam::netpol::{End, connections};
use cofferdam::plan::Peer;
use cofferdam::spec::service::{Destination, From, ProjectSpec, ServiceSpec};
use cofferdam::verify;

/// Addresses on both sides of every border that a policy of ours draws.
const ADDRESSES: [&str; 14] = [
    "1.1.1.1",
    "10.0.0.1",
    "10.20.0.1",
    "10.21.0.1",
    "100.64.0.1",
    "169.254.20.10",
    "169.254.20.11",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "198.18.0.1",
    "2606:4700::1111",
    "fd00::1",
    "fe80::1",
];

fn objects(text: &str) -> Vec<Object> {
    manifest::parse("world.yaml", &text.into(), KubeVersion::DEFAULT)
        .unwrap_or_else(|problems| panic!("{}", problems[0]))
}

/// The name of an end that is pods: its namespace and its own.
fn named(end: &End) -> Option<String> {
    match end {
        // A Job's name goes on after its service's.
        End::Pods { namespace, kind, name } if kind == "Job" => {
            Some(format!("{namespace}/{}", name.rsplit_once('-').map_or(name.as_str(), |(service, _)| service)))
        }
        End::Pods { namespace, name, .. } => Some(format!("{namespace}/{name}")),
        End::Addresses(_) => None,
    }
}

/// Everything that is possible to or from the project's pods without the file `removed`: one line for each two ends,
/// where an external end is a sample address.
fn possible(generated: &Generated, removed: &str) -> BTreeSet<String> {
    let project = &generated.plan.project;
    let mut objects = objects(&world(generated));
    let files = generated.files.files().iter();
    let manifests = files.filter(|(path, _)| verify::is_manifest(path) && *path != removed);
    objects.extend(manifests.flat_map(|(path, text)| manifest::parse(path, text, project.kubernetes).unwrap()));
    let names = |end: &End| -> Vec<String> {
        match end {
            End::Addresses(addresses) => ADDRESSES
                .iter()
                .filter(|address| addresses.contains(address.parse::<IpAddr>().unwrap()))
                .map(|address| (*address).to_owned())
                .collect(),
            end => named(end).into_iter().collect(),
        }
    };
    let own = format!("{}/", project.namespace);
    let mut lines = BTreeSet::new();
    for connection in connections(&objects) {
        for from in names(&connection.from) {
            for to in names(&connection.to) {
                if from != to && (from.starts_with(&own) || to.starts_with(&own)) {
                    lines.insert(format!("{from} -> {to}: {}", connection.ports));
                }
            }
        }
    }
    lines
}

/// What surrounds the project: the cluster's DNS, a pod in each namespace that a flow names, and strangers.
fn world(generated: &Generated) -> String {
    let own = generated.plan.project.namespace.as_str();
    let mut others: BTreeSet<String> = ["elsewhere".to_owned(), "kube-system".to_owned()].into();
    for flow in flows(&generated.plan.project) {
        for peer in [flow.0, flow.1] {
            if let Peer::Namespace(name) = peer {
                others.insert(name);
            }
        }
    }
    others.remove(own);
    let mut world = String::new();
    let mut pod = |namespace: &str, name: &str, label: &str| {
        let _ = write!(
            world,
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{ name: {name}, namespace: {namespace}, labels: {{ {label} }} }}\n\
             spec: {{ containers: [ {{ name: app, image: a.io/b:1 }} ] }}\n"
        );
    };
    pod(own, "stranger", "app: stranger");
    pod("kube-system", "dns", "k8s-app: kube-dns");
    for namespace in others {
        pod(&namespace, "pod", "app: pod");
    }
    world
}

/// What each service declares: from whom, to whom, on which of the pods' ports. Read from the answers alone.
fn flows(project: &ProjectSpec) -> Vec<(Peer, Peer, u32)> {
    let port_of = |service: &ServiceSpec, name: &str| {
        let named = service.ports.iter().find(|(port, _)| port.as_str() == name).map(|(_, port)| *port);
        named.or(service.port).expect("a port").get()
    };
    let mut all = Vec::new();
    for service in &project.services {
        let this = || Peer::Service(service.name.to_string());
        for caller in &service.allow_from {
            let from = match &caller.from {
                From::Service(name) => Peer::Service(name.to_string()),
                From::Namespace(name) => Peer::Namespace(name.to_string()),
                From::Cidr(cidr) => Peer::Cidr(cidr.to_string()),
            };
            all.push((from, this(), port_of(service, caller.port.as_str())));
        }
        if let Some(expose) = &service.expose {
            let from = Peer::Namespace(expose.from_namespace.to_string());
            all.push((from, this(), port_of(service, "")));
        }
        for destination in &service.talks_to {
            let (to, port) = match destination {
                Destination::Service(name) => {
                    let target = project.services.iter().find(|service| service.name == *name).expect("a service");
                    (Peer::Service(name.to_string()), port_of(target, ""))
                }
                Destination::Namespace { namespace, port } => (Peer::Namespace(namespace.to_string()), port.get()),
                Destination::Cidr { cidr, port } => (Peer::Cidr(cidr.to_string()), port.get()),
                Destination::Host { port, .. } | Destination::Internet { port } => (Peer::Internet(None), port.get()),
            };
            all.push((this(), to, port));
        }
    }
    all
}

/// What is possible where all of that is allowed, and nothing else.
fn declared(generated: &Generated) -> BTreeSet<String> {
    let project = &generated.plan.project;
    let own = project.namespace.as_str();
    let services: Vec<String> = project.services.iter().map(|service| service.name.to_string()).collect();
    let private = |address: &str| {
        let address: IpAddr = address.parse().unwrap();
        match address {
            IpAddr::V4(address) => {
                let shared = address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]);
                let benchmark = address.octets()[0] == 198 && (18..20).contains(&address.octets()[1]);
                address.is_private() || address.is_link_local() || shared || benchmark
            }
            IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
        }
    };
    let ends = |peer: &Peer| -> Vec<String> {
        match peer {
            Peer::Service(name) => vec![format!("{own}/{name}")],
            // Each service opens its own half of a connection itself; see below.
            Peer::Namespace(name) if name == own => Vec::new(),
            Peer::Namespace(name) if name == "kube-system" => vec!["kube-system/pod".into(), "kube-system/dns".into()],
            Peer::Namespace(name) => vec![format!("{name}/pod")],
            Peer::Cidr(cidr) => {
                let block: ipnet::IpNet = cidr.parse().unwrap();
                let inside = ADDRESSES.iter().filter(|address| block.contains(&address.parse::<IpAddr>().unwrap()));
                inside.map(|address| (*address).to_owned()).collect()
            }
            Peer::Internet(_) => {
                ADDRESSES.iter().filter(|address| !private(address)).map(|address| (*address).to_owned()).collect()
            }
        }
    };
    let mut ports: std::collections::BTreeMap<(String, String), BTreeSet<u32>> = Default::default();
    let all_flows = flows(project);
    for (from, to, port) in &all_flows {
        for from in ends(from) {
            for to in ends(to).into_iter().filter(|to| *to != from) {
                ports.entry((from.clone(), to)).or_default().insert(*port);
            }
        }
    }
    // Inside the namespace the sender names the receiver, and the receiver the sender, each by name or as one of all.
    let all = Peer::Namespace(own.to_owned());
    for (from, to, port) in &all_flows {
        for (other, this, _) in all_flows.iter().filter(|(.., received)| received == port) {
            if let (Peer::Service(sender), Peer::Service(receiver)) = (from, this)
                && (to == this || *to == all)
                && (other == from || *other == all)
                && sender != receiver
            {
                ports.entry((format!("{own}/{sender}"), format!("{own}/{receiver}"))).or_default().insert(*port);
            }
        }
    }
    // Names are needed by everybody, from the cluster's DNS or from the node's cache of it.
    let mut lines = BTreeSet::new();
    for service in &services {
        for server in ["kube-system/dns", "169.254.20.10"] {
            let from = format!("{own}/{service}");
            let tcp = ports.remove(&(from.clone(), server.to_owned())).unwrap_or_default();
            let tcp: Vec<String> =
                tcp.into_iter().chain([53]).collect::<BTreeSet<u32>>().iter().map(u32::to_string).collect();
            lines.insert(format!("{from} -> {server}: TCP {}; UDP 53", tcp.join(", ")));
        }
    }
    for ((from, to), ports) in ports {
        let ports: Vec<String> = ports.iter().map(u32::to_string).collect();
        lines.insert(format!("{from} -> {to}: TCP {}", ports.join(", ")));
    }
    lines
}

#[test]
fn every_case_reaches_what_it_declares_and_nothing_more() {
    for (case, generated) in every_case() {
        let (declared, possible) = (declared(&generated), possible(&generated, ""));
        let missing: Vec<_> = declared.difference(&possible).collect();
        let more: Vec<_> = possible.difference(&declared).collect();
        assert!(missing.is_empty() && more.is_empty(), "{case}\nmissing: {missing:#?}\nmore: {more:#?}");
    }
}

/// The comparison notices each policy: without any one of them, something declared is denied by default.
#[test]
fn every_policy_is_needed() {
    let mut checked = 0;
    for (case, generated) in every_case() {
        let declared = declared(&generated);
        for path in generated.files.files().keys().filter(|path| path.ends_with("/networkpolicy.yaml")) {
            assert_ne!(possible(&generated, path), declared, "{case} without {path}");
            checked += 1;
        }
    }
    assert!(checked >= every_case().len());
}

/// Two namespaces: `a` holds `web` and `db`, `b` holds `web`. Each test adds policies in `a`.
const WORLD: &str = "
---
{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {team: red}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: b, labels: {team: blue}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: a, labels: {app: web}}, spec: {containers: [{name: c, image: a.io/b:1, ports: [{name: http, containerPort: 8080}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: a, labels: {app: db, tier: data}}, spec: {containers: [{name: c, image: a.io/b:1, ports: [{name: sql, containerPort: 5432}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: b, labels: {app: web}}, spec: {containers: [{name: c, image: a.io/b:1}]}}
";

/// What reaches `a/db`, under a policy with this spec.
fn reaches_db(spec: &str) -> Vec<String> {
    let policy = format!(
        "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p, namespace: a}}, spec: {spec}}}\n"
    );
    let mut lines: Vec<String> = connections(&objects(&format!("{WORLD}{policy}")))
        .into_iter()
        .filter(|connection| named(&connection.to).as_deref() == Some("a/db"))
        .filter_map(|connection| match &connection.from {
            End::Addresses(addresses) => Some(format!("{addresses}: {}", connection.ports)),
            end => named(end).filter(|name| name != "a/db").map(|name| format!("{name}: {}", connection.ports)),
        })
        .collect();
    lines.sort();
    lines
}

/// The traps of the specification, one line each: a policy, and what then reaches `a/db`.
#[test]
fn policies_mean_what_the_specification_says() {
    const OPEN: [&str; 3] =
        ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff: every port", "a/web: every port", "b/web: every port"];
    let cases: [(&str, &str, &[&str]); 17] = [
        (
            "a policy for others isolates nobody else",
            "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}",
            &OPEN,
        ),
        ("a policy without rules denies", "{podSelector: {}, policyTypes: [Ingress]}", &[]),
        ("ingress is isolated where no type is named", "{podSelector: {matchLabels: {tier: data}}}", &[]),
        ("egress alone leaves ingress open", "{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress]}", &OPEN),
        ("an empty rule allows everything", "{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}", &OPEN),
        (
            "an empty list of peers is everybody",
            "{podSelector: {}, ingress: [{from: [], ports: [{port: 1}]}]}",
            &["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff: TCP 1", "a/web: TCP 1", "b/web: TCP 1"],
        ),
        (
            "a pod selector means the policy's own namespace",
            "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}",
            &["a/web: every port"],
        ),
        (
            "an empty pod selector means all of them",
            "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}",
            &["a/web: every port"],
        ),
        (
            "an empty namespace selector means all namespaces",
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}",
            &["a/web: every port", "b/web: every port"],
        ),
        (
            "both selectors in one peer mean and",
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: db}}}]}]}",
            &[],
        ),
        (
            "two peers mean or",
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}, {podSelector: {matchLabels: {app: web}}}]}]}",
            &["a/web: every port", "b/web: every port"],
        ),
        (
            "every namespace bears its name",
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]}",
            &["b/web: every port"],
        ),
        (
            "a block meets no pods, and leaves its exceptions out",
            "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}",
            &["10.0.0.0-10.0.255.255, 10.2.0.0-10.255.255.255: every port"],
        ),
        (
            "all of IPv6 is no IPv4",
            "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]}",
            &["::-::fffe:ffff:ffff, ::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff: every port"],
        ),
        (
            "a name is a port of the pod that is connected to",
            "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: sql}]}]}",
            &["a/web: TCP 5432"],
        ),
        ("a name that the pod does not bear is no port", "{podSelector: {}, ingress: [{ports: [{port: http}]}]}", &[]),
        (
            "ranges, and ports of several protocols",
            "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80, endPort: 82}, {port: 83}, {protocol: UDP, port: 53}, {protocol: SCTP}]}]}",
            &["a/web: TCP 80-83; UDP 53; SCTP 1-65535"],
        ),
    ];
    for (what, spec, expected) in cases {
        assert_eq!(reaches_db(spec), expected, "{what}: {spec}");
    }
}

/// A connection needs both halves: the sender's egress and the receiver's ingress.
#[test]
fn a_connection_needs_both_halves() {
    let egress = "---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: e, namespace: b}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}, {port: 1}]}]}}\n";
    let ingress = "---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: i, namespace: a}, spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: sql}]}]}}\n";
    let found = connections(&objects(&format!("{WORLD}{egress}{ingress}")));
    let lines: Vec<String> = found
        .iter()
        .filter(|connection| named(&connection.from).as_deref() == Some("b/web"))
        .map(|connection| format!("{}: {}", named(&connection.to).unwrap_or_default(), connection.ports))
        .collect();
    assert_eq!(lines, ["a/db: TCP 5432"]);
}
