//! How the items of a list are told apart, so that two people can change different ones.

use serde_json::Value;

use crate::yaml::scalar;

/// What tells items apart.
#[derive(Clone, Copy)]
enum Identity {
    /// The values at these pointers.
    Fields(&'static [&'static str]),
    /// The whole item: order means nothing, and an item is there or not.
    Whole,
    /// What a document is: the kind, or the kind with its name.
    Kind,
    Object,
}

use Identity::{Fields, Kind, Object, Whole};

const NAME: &[Identity] = &[Fields(&["/name"])];
const SET: &[Identity] = &[Whole];

/// By the key that holds the list, what its items are told apart by: the first that all of them have. A list that is
/// not here is one value, as the order of its items may mean something. As in the Kubernetes API, except where its keys lose
/// items: ports are told apart by their protocol too (<https://github.com/kubernetes/kubernetes/issues/39188>).
static LISTS: &[(&str, &[Identity])] = &[
    // A name may be new with each version, as a Job's is.
    (DOCUMENTS, &[Kind, Object]),
    ("accessModes", SET),
    ("add", SET),
    ("components", SET),
    ("containers", NAME),
    ("drop", SET),
    ("egress", SET),
    ("env", NAME),
    ("envFrom", SET),
    ("ephemeralContainers", NAME),
    ("except", SET),
    ("from", SET),
    ("hostAliases", &[Fields(&["/ip"])]),
    ("hostnames", SET),
    ("imagePullSecrets", NAME),
    ("images", NAME),
    ("ingress", SET),
    ("initContainers", NAME),
    ("limits", &[Fields(&["/type"])]),
    ("metrics", &[Fields(&["/type", "/resource/name"]), Fields(&["/type"])]),
    ("parentRefs", &[Fields(&["/name"])]),
    ("policyTypes", SET),
    ("ports", &[Fields(&["/containerPort", "/protocol"]), Fields(&["/port", "/protocol"])]),
    ("resources", SET),
    ("rules", &[Fields(&["/host"])]),
    ("supplementalGroups", SET),
    ("sysctls", NAME),
    ("to", SET),
    ("tolerations", SET),
    ("topologySpreadConstraints", &[Fields(&["/topologyKey", "/whenUnsatisfiable"])]),
    ("volumeClaimTemplates", &[Fields(&["/metadata/name"])]),
    ("volumeDevices", &[Fields(&["/devicePath"])]),
    ("volumeMounts", &[Fields(&["/mountPath"])]),
    ("volumes", NAME),
];

/// The key of the list that the documents of a file are.
pub(super) const DOCUMENTS: &str = "";

/// Keys of which an object may have one, in any list or map that bears one of them.
static EXCLUSIVE: &[&[&str]] = &[
    &["minAvailable", "maxUnavailable"],
    &["exec", "grpc", "httpGet", "tcpSocket", "sleep"],
    &["value", "valueFrom"],
    &[
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "hostPath",
        "nfs",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ],
];

/// What each item of some versions of a list is called, by the first identity that tells the items of every version
/// apart.
pub(super) fn names<const N: usize>(list: &str, versions: [&[Value]; N]) -> Option<[Vec<String>; N]> {
    identities(list).iter().find_map(|identity| {
        let mut all = versions.iter().map(|items| unique(*identity, items));
        let mut named = [const { Vec::new() }; N];
        named
            .iter_mut()
            .all(|names| {
                all.next().flatten().is_some_and(|found| {
                    *names = found;
                    true
                })
            })
            .then_some(named)
    })
}

/// Where the item of a name stands.
pub(super) fn find(list: &str, items: &[Value], name: &str) -> Option<usize> {
    let position = |names: Vec<String>| names.iter().position(|other| other == name);
    identities(list).iter().find_map(|identity| position(unique(*identity, items)?))
}

fn identities(list: &str) -> &'static [Identity] {
    LISTS.iter().find(|(key, _)| *key == list).map_or(&[], |(_, identities)| identities)
}

/// Whether an object that has both of these is refused.
pub(super) fn exclude(a: &str, b: &str) -> bool {
    a != b && EXCLUSIVE.iter().any(|group| group.contains(&a) && group.contains(&b))
}

/// What each item is called, unless two are called the same or one has no name.
fn unique(identity: Identity, items: &[Value]) -> Option<Vec<String>> {
    let names = items.iter().map(|item| name(identity, item)).collect::<Option<Vec<_>>>()?;
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    (sorted.len() == names.len()).then_some(names)
}

fn name(identity: Identity, item: &Value) -> Option<String> {
    match identity {
        Whole => Some(scalar::flow(&sorted(item))),
        Kind => kind(item),
        Object => {
            let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str);
            let namespace = text("/metadata/namespace").map(|namespace| format!("{namespace}/")).unwrap_or_default();
            Some(format!("{} {namespace}{}", kind(item)?, text("/metadata/name")?))
        }
        Fields(pointers) => {
            let part = |pointer: &&str| match item.pointer(pointer) {
                Some(Value::String(text)) => Some(text.clone()),
                Some(value @ Value::Number(_)) => Some(value.to_string()),
                None if *pointer == "/protocol" => Some("TCP".to_owned()),
                _ => None,
            };
            Some(pointers.iter().map(part).collect::<Option<Vec<_>>>()?.join("/"))
        }
    }
}

/// The kind alone: its group and version may be new.
fn kind(document: &Value) -> Option<String> {
    document.get("kind")?.as_str().map(str::to_owned)
}

/// The same value with its keys in order: two that are equal have one name.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: std::collections::BTreeMap<_, _> = map.iter().collect();
            ordered.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
