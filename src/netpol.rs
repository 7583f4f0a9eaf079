//! Who can reach whom, and on which ports, under the NetworkPolicies of a set of objects. Nothing but the objects is
//! looked at, so it says what a cluster that enforces policies would do.
//!
//! Semantics: <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/>. Where that
//! page leaves it open, an address block never meets pods of these objects (their addresses are not known), and
//! NetworkPolicy says nothing about a pod's traffic with itself.

mod addresses;
mod ports;

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::{NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

pub use self::addresses::Addresses;
pub use self::ports::{Ports, Protocol};
use crate::manifest::{Object, Pods, Typed};
use crate::selector::{PodIndex, selects};

/// One end of a connection.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum End {
    /// The pods that an object makes.
    Pods { namespace: String, kind: String, name: String },
    /// Addresses that are no pods of these objects.
    Addresses(Addresses),
}

/// Everything that may pass from one end to another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Connection {
    pub from: End,
    pub to: End,
    pub ports: Ports,
}

/// Every connection that is possible between pods of `objects`, and between them and the rest of the world. Pods of
/// one object among each other are a connection too; the world's with itself is none.
pub fn connections(objects: &[Object]) -> Vec<Connection> {
    let world = World::new(objects);
    let egress = world.allowed(Direction::Egress);
    let ingress = world.allowed(Direction::Ingress);
    let count = world.pods.len();
    let everything = Ports::everything();
    let mut found = Vec::new();
    // External ranges whose ports are the same are one end.
    let mut outward: BTreeMap<(usize, Ports), Addresses> = BTreeMap::new();
    let mut inward: BTreeMap<(usize, Ports), Addresses> = BTreeMap::new();
    for from in 0..count + world.ranges.len() {
        for to in 0..count + world.ranges.len() {
            if from >= count && to >= count {
                continue;
            }
            let leaves = egress.get(from).map_or(&everything, |table| table.ports(to, &everything));
            let enters = ingress.get(to).map_or(&everything, |table| table.ports(from, &everything));
            let ports = leaves.intersection(enters);
            if ports.is_empty() {
                continue;
            }
            if from >= count {
                inward.entry((to, ports)).or_default().insert(&world.ranges[from - count]);
            } else if to >= count {
                outward.entry((from, ports)).or_default().insert(&world.ranges[to - count]);
            } else {
                found.push(Connection { from: world.end(from), to: world.end(to), ports });
            }
        }
    }
    let world = &world;
    found.extend(outward.into_iter().map(|((from, ports), addresses)| Connection {
        from: world.end(from),
        to: End::Addresses(addresses),
        ports,
    }));
    found.extend(inward.into_iter().map(|((to, ports), addresses)| Connection {
        from: End::Addresses(addresses),
        to: world.end(to),
        ports,
    }));
    found
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

/// What policies allow one workload, by the place of the other end. None: no policy isolates it in this direction.
#[derive(Clone, Debug, Default)]
struct Table(Option<BTreeMap<usize, Ports>>);

impl Table {
    fn ports<'t>(&'t self, other: usize, everything: &'t Ports) -> &'t Ports {
        const NOTHING: &Ports = &Ports::nothing();
        match &self.0 {
            None => everything,
            Some(allowed) => allowed.get(&other).unwrap_or(NOTHING),
        }
    }
}

struct World<'a> {
    pods: PodIndex<'a>,
    /// By name, with the label that every namespace bears.
    namespaces: BTreeMap<&'a str, BTreeMap<String, String>>,
    policies: Vec<(&'a str, &'a NetworkPolicySpec)>,
    /// The rest of the world, cut where any policy's address block begins or ends: one range is met whole or not.
    ranges: Vec<Addresses>,
}

impl<'a> World<'a> {
    fn new(objects: &'a [Object]) -> Self {
        let mut namespaces: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
        let mut policies = Vec::new();
        for object in objects {
            match &object.typed {
                Typed::Namespace(_) => {
                    let labels = object.metadata.labels.clone().unwrap_or_default();
                    namespaces.entry(object.name()).or_default().extend(labels);
                }
                Typed::NetworkPolicy(policy) => policies.extend(policy.spec.as_ref().map(|spec| (home(object), spec))),
                _ if object.pods().is_some() => {
                    namespaces.entry(home(object)).or_default();
                }
                _ => {}
            }
        }
        for (name, labels) in &mut namespaces {
            labels.insert("kubernetes.io/metadata.name".to_owned(), (*name).to_owned());
        }
        let blocks = policies.iter().flat_map(|(_, policy)| peers(policy)).filter_map(Addresses::of_peer);
        Self {
            ranges: Addresses::cut(blocks),
            pods: PodIndex::new(objects.iter().filter_map(Object::pods)),
            namespaces,
            policies,
        }
    }

    fn end(&self, place: usize) -> End {
        let object = self.pods[place].object;
        End::Pods { namespace: home(object).to_owned(), kind: object.kind.clone(), name: object.name().to_owned() }
    }

    /// What each workload may do in one direction: the union of all policies that select it.
    fn allowed(&self, direction: Direction) -> Vec<Table> {
        let mut tables = vec![Table::default(); self.pods.len()];
        for (namespace, policy) in self.policies.iter().filter(|(_, policy)| isolates(policy, direction)) {
            let selected: Vec<usize> = self
                .pods
                .places(policy.pod_selector.as_ref())
                .filter(|place| home(self.pods[*place].object) == *namespace)
                .collect();
            for place in &selected {
                tables[*place].0.get_or_insert_default();
            }
            for (others, ports) in rules(policy, direction) {
                let met = self.met(namespace, others);
                for place in &selected {
                    for other in &met {
                        // A port is always one of the end that is connected to.
                        let target = if direction == Direction::Ingress { *place } else { *other };
                        let target = (target < self.pods.len()).then(|| self.pods[target]);
                        let ports = ports_of(ports, target);
                        tables[*place].0.get_or_insert_default().entry(*other).or_default().add(&ports);
                    }
                }
            }
        }
        tables
    }

    /// The places of everything that one of `peers` meets; no peers at all are everybody.
    fn met(&self, namespace: &str, peers: Option<&Vec<NetworkPolicyPeer>>) -> Vec<usize> {
        let count = self.pods.len();
        let peers = match peers {
            Some(peers) if !peers.is_empty() => peers,
            _ => return (0..count + self.ranges.len()).collect(),
        };
        let mut met = Vec::new();
        for peer in peers {
            if let Some(block) = Addresses::of_peer(peer) {
                let inside = self.ranges.iter().enumerate().filter(|(_, range)| block.holds(range));
                met.extend(inside.map(|(place, _)| count + place));
            } else {
                met.extend(
                    self.pods.places(peer.pod_selector.as_ref()).filter(|place| {
                        self.in_namespace(self.pods[*place], namespace, peer.namespace_selector.as_ref())
                    }),
                );
            }
        }
        met.sort_unstable();
        met.dedup();
        met
    }

    /// Without a selector of namespaces a peer means pods of the policy's own.
    fn in_namespace(&self, pods: Pods<'_>, own: &str, selector: Option<&LabelSelector>) -> bool {
        match selector {
            None => home(pods.object) == own,
            Some(selector) => selects(Some(selector), self.namespaces.get(home(pods.object))),
        }
    }
}

/// What an object without a namespace is applied to.
fn home(object: &Object) -> &str {
    if object.namespace().is_empty() { "default" } else { object.namespace() }
}

/// Whether what a policy does not allow is denied, in one direction.
pub(crate) fn isolates(policy: &NetworkPolicySpec, direction: Direction) -> bool {
    match policy.policy_types.as_deref() {
        None | Some([]) => {
            direction == Direction::Ingress || policy.egress.as_ref().is_some_and(|rules| !rules.is_empty())
        }
        Some(types) => types.iter().any(|name| *name == format!("{direction:?}")),
    }
}

type Rule<'p> = (Option<&'p Vec<NetworkPolicyPeer>>, Option<&'p Vec<NetworkPolicyPort>>);

fn rules(policy: &NetworkPolicySpec, direction: Direction) -> Vec<Rule<'_>> {
    match direction {
        Direction::Ingress => {
            policy.ingress.iter().flatten().map(|rule| (rule.from.as_ref(), rule.ports.as_ref())).collect()
        }
        Direction::Egress => {
            policy.egress.iter().flatten().map(|rule| (rule.to.as_ref(), rule.ports.as_ref())).collect()
        }
    }
}

fn peers(policy: &NetworkPolicySpec) -> impl Iterator<Item = &NetworkPolicyPeer> {
    let all = [Direction::Ingress, Direction::Egress].into_iter().flat_map(|direction| rules(policy, direction));
    all.flat_map(|(peers, _)| peers.into_iter().flatten())
}

/// The ports that a rule names, as numbers of the end that is connected to. A name that nothing there bears is none.
fn ports_of(ports: Option<&Vec<NetworkPolicyPort>>, target: Option<Pods<'_>>) -> Ports {
    let ports = match ports {
        Some(ports) if !ports.is_empty() => ports,
        _ => return Ports::everything(),
    };
    let mut all = Ports::nothing();
    for port in ports {
        let protocol = Protocol::named(port.protocol.as_deref());
        match &port.port {
            None => all.insert(protocol, 1, u16::MAX),
            Some(IntOrString::Int(first)) => {
                if let (Ok(first), Ok(last)) = (u16::try_from(*first), u16::try_from(port.end_port.unwrap_or(*first))) {
                    all.insert(protocol, first, last);
                }
            }
            Some(IntOrString::String(name)) => {
                let ports = target.into_iter().flat_map(|pods| &pods.spec.containers);
                for port in ports.flat_map(|container| container.ports.iter().flatten()) {
                    let same =
                        port.name.as_ref() == Some(name) && Protocol::named(port.protocol.as_deref()) == protocol;
                    if let (true, Ok(number)) = (same, u16::try_from(port.container_port)) {
                        all.insert(protocol, number, number);
                    }
                }
            }
        }
    }
    all
}
