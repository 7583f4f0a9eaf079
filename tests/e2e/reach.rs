//! `netpol` against an independent implementation, np-guard's analyzer, over generated sets of policies.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::process::Stdio;

use cofferdam::kubernetes::KubeVersion;
use cofferdam::manifest;
use cofferdam::netpol::{End, Ports, Protocol, connections};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::engine::{Engine, Tools};
use crate::{Proof, Verdict};

pub(crate) fn proofs() -> Vec<Proof> {
    vec![Proof::new("reach::agrees_with_an_independent_analyzer", Engine::Judges, agrees)]
}

/// How many sets of policies are made, and how many the analyzer must be able to judge.
const SETS: usize = 400;
const ENOUGH: usize = 200;

/// IPv4 only: the analyzer reads IPv6 blocks as IPv4.
const BLOCKS: [(&str, &[&str]); 5] = [
    ("0.0.0.0/0", &["10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"]),
    ("10.0.0.0/8", &["10.1.0.0/16", "10.1.2.0/24"]),
    ("10.1.0.0/16", &["10.1.2.0/24"]),
    ("192.168.7.0/24", &["192.168.7.128/25", "192.168.7.4/32"]),
    ("169.254.20.10/32", &[]),
];

type Reached = BTreeMap<(String, String), Ports>;

fn agrees(tools: &Tools) -> Verdict {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::deterministic();
    let mut worlds = Vec::new();
    let mut folders = String::new();
    for number in 0..SETS {
        let world = world().new_tree(&mut runner).unwrap().current();
        let path = folder.path().join(number.to_string());
        fs::create_dir(&path).unwrap();
        fs::write(path.join("world.yaml"), &world).unwrap();
        folders.push_str(&format!("{}\n", path.display()));
        worlds.push(world);
    }
    let mut child = tools
        .command("netpol")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    // All at once: the analyzer reads a line, and answers it, before it reads the next.
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(folders.as_bytes()));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let _ = writer.join();
    let answers = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || answers.lines().count() != SETS {
        return Err(format!("the analyzer answered {} of {SETS} times, {}", answers.lines().count(), output.status));
    }
    let (mut compared, mut pairs) = (0, 0);
    for (world, answer) in worlds.iter().zip(answers.lines()) {
        let answer: Value = serde_json::from_str(answer).map_err(|error| error.to_string())?;
        if answer["problems"].as_array().is_some_and(|problems| !problems.is_empty()) {
            // It goes on without what it cannot use, so its answer proves nothing.
            continue;
        }
        let (ours, theirs) = (ours(world), theirs(&answer));
        if ours != theirs {
            let differs =
                |(ends, ports): &(&(String, String), &Ports), other: &Reached| other.get(*ends) != Some(*ports);
            let more: Vec<_> = ours.iter().filter(|pair| differs(pair, &theirs)).take(5).collect();
            let less: Vec<_> = theirs.iter().filter(|pair| differs(pair, &ours)).take(5).collect();
            return Err(format!("{world}\nours: {more:?}\ntheirs: {less:?}"));
        }
        compared += 1;
        pairs += ours.len();
    }
    if compared < ENOUGH {
        return Err(format!("the analyzer could judge only {compared} of {SETS} sets of policies"));
    }
    Ok(format!("{compared} sets of policies, {pairs} connections, the same from both; {} not judged", SETS - compared))
}

/// Every address at which some block begins or ends, and its neighbours.
fn samples() -> Vec<Ipv4Addr> {
    let blocks = BLOCKS.iter().flat_map(|(cidr, except)| std::iter::once(cidr).chain(*except));
    let borders = blocks.flat_map(|cidr| {
        let block: ipnet::Ipv4Net = cidr.parse().unwrap();
        let (first, last) = (block.network().to_bits(), block.broadcast().to_bits());
        [first.saturating_sub(1), first, last, last.saturating_add(1)]
    });
    let mut all: Vec<Ipv4Addr> = borders.map(Ipv4Addr::from_bits).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn ours(world: &str) -> Reached {
    let objects = manifest::parse("world.yaml", &world.into(), KubeVersion::DEFAULT)
        .unwrap_or_else(|problems| panic!("{}\n{world}", problems[0]));
    let names = |end: &End| -> Vec<String> {
        match end {
            End::Pods { namespace, kind, name } => vec![format!("{namespace}/{name}[{kind}]")],
            End::Addresses(addresses) => samples()
                .into_iter()
                .filter(|address| addresses.contains(IpAddr::V4(*address)))
                .map(|address| address.to_string())
                .collect(),
        }
    };
    let mut reached = Reached::new();
    for connection in connections(&objects) {
        for from in names(&connection.from) {
            for to in names(&connection.to).into_iter().filter(|to| *to != from) {
                reached.entry((from.clone(), to)).or_default().add(&connection.ports);
            }
        }
    }
    reached
}

fn theirs(answer: &Value) -> Reached {
    let names = |end: &Value| -> Vec<String> {
        let end = end.as_str().unwrap_or_default();
        let Some((first, last)) = end.trim_end_matches("[External]").split_once('-').filter(|_| !end.contains('/'))
        else {
            return vec![end.to_owned()];
        };
        let (first, last): (Ipv4Addr, Ipv4Addr) = (first.parse().unwrap(), last.parse().unwrap());
        samples()
            .into_iter()
            .filter(|address| (first..=last).contains(address))
            .map(|address| address.to_string())
            .collect()
    };
    let mut reached = Reached::new();
    for connection in answer["connections"].as_array().into_iter().flatten() {
        let mut ports = Ports::nothing();
        for text in connection["ports"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if text == "all" {
                ports = Ports::everything();
            } else if let Some((protocol, (first, last))) =
                text.split_once(' ').and_then(|(protocol, range)| Some((protocol, range.split_once('-')?)))
            {
                ports.insert(Protocol::named(Some(protocol)), first.parse().unwrap(), last.parse().unwrap());
            }
        }
        for from in names(&connection["src"]) {
            for to in names(&connection["dst"]) {
                reached.entry((from.clone(), to)).or_default().add(&ports);
            }
        }
    }
    reached
}

/// Three namespaces, some pods, some policies, as one file. JSON is YAML.
fn world() -> impl Strategy<Value = String> {
    (prop::collection::vec(pod(), 3..7), prop::collection::vec(policy(), 1..5)).prop_map(|(pods, policies)| {
        let namespaces = [("a", "red"), ("b", "blue"), ("c", "blue")].map(|(name, team)| {
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": { "team": team } } })
        });
        let numbered = |kind: &str, objects: Vec<Value>| {
            let kind = kind.to_owned();
            objects.into_iter().enumerate().map(move |(number, mut object)| {
                object["metadata"]["name"] = json!(format!("{kind}{number}"));
                object
            })
        };
        let all = namespaces.into_iter().chain(numbered("pod", pods)).chain(numbered("policy", policies));
        all.map(|object| format!("---\n{object}\n")).collect()
    })
}

fn namespace() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b", "c"])
}

fn pod() -> impl Strategy<Value = Value> {
    // Every pod bears each name, on a port of its own.
    let ports = (select(vec![8080, 9090]), select(vec![53, 5353])).prop_map(|(http, dns)| {
        json!([
            { "name": "http", "containerPort": http },
            { "name": "dns", "containerPort": dns, "protocol": "UDP" },
        ])
    });
    (namespace(), select(vec!["x", "y", "z"]), prop::option::of(select(vec!["p", "q"])), ports).prop_map(
        |(namespace, app, tier, ports)| {
            let mut labels = json!({ "app": app });
            if let Some(tier) = tier {
                labels["tier"] = json!(tier);
            }
            json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": { "namespace": namespace, "labels": labels },
                "spec": { "containers": [ { "name": "c", "image": "a.io/b:1", "ports": ports } ] },
            })
        },
    )
}

fn selector() -> impl Strategy<Value = Value> {
    let values = subsequence(vec!["x", "y", "z"], 1..3);
    prop_oneof![
        Just(json!({})),
        select(vec!["x", "y", "z"]).prop_map(|app| json!({ "matchLabels": { "app": app } })),
        (select(vec!["x", "y"]), select(vec!["p", "q"]))
            .prop_map(|(app, tier)| json!({ "matchLabels": { "app": app, "tier": tier } })),
        (select(vec!["In", "NotIn"]), values).prop_map(|(operator, values)| {
            json!({ "matchExpressions": [ { "key": "app", "operator": operator, "values": values } ] })
        }),
        select(vec!["Exists", "DoesNotExist"])
            .prop_map(|operator| json!({ "matchExpressions": [ { "key": "tier", "operator": operator } ] })),
    ]
}

fn pod_peer() -> impl Strategy<Value = Value> {
    let spaces = || {
        prop_oneof![
            Just(json!({})),
            select(vec!["red", "blue"]).prop_map(|team| json!({ "matchLabels": { "team": team } })),
            namespace().prop_map(|name| json!({ "matchLabels": { "kubernetes.io/metadata.name": name } })),
        ]
    };
    prop_oneof![
        selector().prop_map(|pods| json!({ "podSelector": pods })),
        spaces().prop_map(|spaces| json!({ "namespaceSelector": spaces })),
        (selector(), spaces()).prop_map(|(pods, spaces)| json!({ "podSelector": pods, "namespaceSelector": spaces })),
    ]
}

fn block_peer() -> impl Strategy<Value = Value> {
    select(BLOCKS.to_vec()).prop_flat_map(|(cidr, except)| {
        let count = except.len();
        subsequence(except.to_vec(), 0..=count).prop_map(move |except| {
            if except.is_empty() {
                json!({ "ipBlock": { "cidr": cidr } })
            } else {
                json!({ "ipBlock": { "cidr": cidr, "except": except } })
            }
        })
    })
}

fn number_port() -> impl Strategy<Value = Value> {
    prop_oneof![
        (select(vec!["TCP", "UDP", "SCTP"]), select(vec![53, 80, 8080, 9090, 5353]))
            .prop_map(|(protocol, port)| json!({ "protocol": protocol, "port": port })),
        select(vec![(80, 90), (8000, 8080), (1, 65535), (5353, 5353)])
            .prop_map(|(port, end)| json!({ "port": port, "endPort": end })),
        select(vec!["UDP", "SCTP"]).prop_map(|protocol| json!({ "protocol": protocol })),
        Just(json!({ "port": 443 })),
    ]
}

fn named_port() -> impl Strategy<Value = Value> {
    select(vec![json!({ "port": "http" }), json!({ "protocol": "UDP", "port": "dns" })])
}

/// A rule whose peers stand in `field`. A name is a port of pods only: beside blocks there are numbers.
fn rule(field: &'static str) -> impl Strategy<Value = Value> {
    let pods = (
        prop::collection::vec(pod_peer(), 1..3),
        prop::collection::vec(prop_oneof![number_port(), named_port()], 0..3),
    );
    let any = (
        prop::collection::vec(prop_oneof![pod_peer(), block_peer()], 0..3),
        prop::collection::vec(number_port(), 0..3),
    );
    prop_oneof![pods, any].prop_map(move |(peers, ports)| {
        let mut rule = json!({});
        if !peers.is_empty() {
            rule[field] = json!(peers);
        }
        if !ports.is_empty() {
            rule["ports"] = json!(ports);
        }
        rule
    })
}

fn policy() -> impl Strategy<Value = Value> {
    let types = select(vec![None, Some(vec!["Ingress"]), Some(vec!["Egress"]), Some(vec!["Ingress", "Egress"])]);
    let rules = |field| prop::option::of(prop::collection::vec(rule(field), 0..3));
    (namespace(), selector(), types, rules("from"), rules("to")).prop_map(|(namespace, pods, types, ingress, egress)| {
        let mut spec = json!({ "podSelector": pods });
        for (field, value) in [("policyTypes", types.map(|types| json!(types))), ("ingress", ingress.map(|rules| json!(rules))), ("egress", egress.map(|rules| json!(rules)))] {
            if let Some(value) = value {
                spec[field] = value;
            }
        }
        json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "namespace": namespace }, "spec": spec })
    })
}
