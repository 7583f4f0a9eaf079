//! The shape of a tree against a JSON Schema: keys that nobody knows, and lists where a map belongs.
//!
//! Used for `cofferdam.yaml` and for Kubernetes manifests alike. It judges shape only: what a single value may be is
//! the business of the types that the tree is read into afterwards.

use serde_json::Value;

use crate::problem::{nearest, shown};
use crate::yaml::node::{Kind, Node, Position};

/// One thing that does not fit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    pub at: Position,
    /// JSON pointer of the node.
    pub pointer: String,
    pub what: String,
    pub why: String,
    pub help: String,
}

/// Every fault of `node` under the schema at `schema`, whose `$ref`s point into `root`.
pub fn faults(root: &Value, schema: &Value, node: &Node) -> Vec<Fault> {
    let mut walk = Walk { root, faults: Vec::new() };
    walk.node(schema, node, "", node.at);
    walk.faults
}

struct Walk<'a> {
    root: &'a Value,
    faults: Vec<Fault>,
}

impl<'a> Walk<'a> {
    fn node(&mut self, schema: &'a Value, node: &Node, pointer: &str, at: Position) {
        let schema = self.follow(schema);
        let known = schema.get("properties").and_then(Value::as_object);
        let any_key = schema.get("additionalProperties").filter(|rest| rest.is_object());
        let items = schema.get("items");
        match &node.kind {
            Kind::Mapping(entries) => {
                if known.is_none() && any_key.is_none() {
                    if schema.get("type").is_some() {
                        self.shape(schema, "a map", pointer, at);
                    }
                    return;
                }
                for entry in entries {
                    let pointer = format!("{pointer}/{}", entry.key.replace('~', "~0").replace('/', "~1"));
                    match (known.and_then(|known| known.get(&entry.key)), any_key) {
                        (Some(schema), _) | (None, Some(schema)) => {
                            self.node(schema, &entry.value, &pointer, entry.key_at);
                        }
                        (None, None) => {
                            let names = known.into_iter().flat_map(|known| known.keys()).map(String::as_str);
                            self.unknown(&entry.key, names, &pointer, entry.key_at);
                        }
                    }
                }
            }
            Kind::Sequence(nodes) => match items {
                Some(schema) => {
                    for (index, node) in nodes.iter().enumerate() {
                        self.node(schema, node, &format!("{pointer}/{index}"), node.at);
                    }
                }
                None if schema.get("type").is_some() || known.is_some() => self.shape(schema, "a list", pointer, at),
                None => {}
            },
            Kind::Scalar { .. } => {
                if !node.is_null() && (known.is_some() || any_key.is_some() || items.is_some()) {
                    self.shape(schema, "one value", pointer, at);
                }
            }
        }
    }

    fn follow(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            match self.root.pointer(reference.trim_start_matches('#')) {
                Some(target) => schema = target,
                None => return schema,
            }
        }
        schema
    }

    fn unknown<'k>(&mut self, key: &str, known: impl Iterator<Item = &'k str>, pointer: &str, at: Position) {
        let known: Vec<&str> = known.collect();
        let help = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        self.faults.push(Fault {
            at,
            pointer: pointer.to_owned(),
            what: format!("nobody knows the key {}", shown(key)),
            why: "a misspelt key would be ignored without a word".to_owned(),
            help,
        });
    }

    fn shape(&mut self, schema: &Value, found: &str, pointer: &str, at: Position) {
        let known = schema.get("properties").and_then(Value::as_object);
        let (wanted, example) = if schema.get("items").is_some() {
            ("a list", "`- ` before each entry, or `[ … ]`".to_owned())
        } else if let Some(known) = known {
            let keys: Vec<&str> = known.keys().map(String::as_str).take(8).collect();
            ("a map", format!("`key: value`, indented below, with any of {}", keys.join(", ")))
        } else if schema.get("additionalProperties").is_some() {
            ("a map", "`key: value`, indented below".to_owned())
        } else {
            ("one value", "for example `key: value`".to_owned())
        };
        let key = pointer.rsplit('/').next().unwrap_or_default();
        self.faults.push(Fault {
            at,
            pointer: pointer.to_owned(),
            what: format!("{} holds {found}", if key.is_empty() { "this file".to_owned() } else { shown(key) }),
            why: format!("{wanted} belongs here"),
            help: example,
        });
    }
}
