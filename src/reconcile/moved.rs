//! Where a person moved a manifest: another file that holds the same objects.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::yaml::node::Node;
use crate::yaml::read::read;

/// By planned path, where the objects of a missing file stand now. `missing` are pristine texts, `others` are manifests
/// that are not ours.
pub fn moved<'a>(
    missing: impl IntoIterator<Item = (&'a str, &'a str)>,
    others: &BTreeMap<String, &str>,
) -> BTreeMap<String, String> {
    let others: Vec<(&String, BTreeSet<String>)> = others.iter().map(|(path, text)| (path, objects(text))).collect();
    let mut found = BTreeMap::new();
    for (path, text) in missing {
        let wanted = objects(text);
        let holds = |(_, objects): &&(&String, BTreeSet<String>)| !wanted.is_empty() && wanted.is_subset(objects);
        if let Some((other, _)) = others.iter().find(holds) {
            found.insert(path.to_owned(), (*other).clone());
        }
    }
    found
}

/// What the objects of a text are called in their cluster.
pub(super) fn objects(text: &str) -> BTreeSet<String> {
    let documents = read("", text).unwrap_or_default();
    let name = |document: &Value| {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        let namespace = text("/metadata/namespace").unwrap_or_default();
        Some(format!("{} {namespace}/{}", text("/kind")?, text("/metadata/name")?))
    };
    documents.iter().map(Node::to_kubernetes).filter_map(|document| name(&document)).collect()
}
