//! Which line of which file gives a preset each of its values.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::yaml::node::{Kind, Node};

/// A line of a pack.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Source {
    pub pack: String,
    /// Below the pack's folder.
    pub file: String,
    pub line: usize,
}

/// The lines of a preset's file that say something, by key. A list is one value: whoever gives one replaces the whole.
pub(super) fn lines(node: &Node) -> BTreeMap<String, usize> {
    fn below(above: &str, node: &Node, lines: &mut BTreeMap<String, usize>) {
        let Kind::Mapping(entries) = &node.kind else { return };
        for entry in entries.iter().filter(|entry| !entry.value.is_null()) {
            let key = joined(above, &entry.key);
            match entry.value.kind {
                Kind::Mapping(_) => below(&key, &entry.value, lines),
                _ => {
                    lines.insert(key, entry.key_at.line);
                }
            }
        }
    }
    let mut lines = BTreeMap::new();
    below("", node, &mut lines);
    lines
}

/// What stands in a value under the keys that [`lines`] has.
pub(super) fn leaves(value: Value) -> Vec<(String, Value)> {
    fn below(key: String, value: Value, leaves: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(map) => map.into_iter().for_each(|(inner, value)| below(joined(&key, &inner), value, leaves)),
            value => leaves.push((key, value)),
        }
    }
    let mut leaves = Vec::new();
    below(String::new(), value, &mut leaves);
    leaves
}

fn joined(above: &str, key: &str) -> String {
    if above.is_empty() { key.to_owned() } else { format!("{above}.{key}") }
}
