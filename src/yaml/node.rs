//! The tree that reading gives. Scalars keep their text, so that each reader decides what `no` means.

use serde_json::{Map, Value};

use super::resolve::resolve;

/// Line and column, both from 1.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub at: Position,
    /// Just behind the last character; of a block, that of its last value.
    pub end: Position,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `plain` means written without quotes and without a tag, so that its text decides its type.
    Scalar {
        text: String,
        plain: bool,
    },
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_at: Position,
    /// A plain `<<`: its value is merged into the map.
    pub merges: bool,
    pub value: Node,
}

impl Node {
    /// Whether it says nothing: it is empty, or one of the words for that. The parser gives `~` for what is empty.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    pub fn get(&self, key: &str) -> Option<&Self> {
        let Kind::Mapping(entries) = &self.kind else {
            return None;
        };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Where the value at a JSON pointer stands: its key where it has one. Falls back to the nearest
    /// ancestor that exists, so that a missing field points at the place where it belongs.
    pub fn locate(&self, pointer: &str) -> Position {
        let mut node = self;
        let mut at = self.at;
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            match &node.kind {
                Kind::Mapping(entries) => {
                    let Some(entry) = entries.iter().find(|entry| entry.key == part) else {
                        return at;
                    };
                    at = entry.key_at;
                    node = &entry.value;
                }
                Kind::Sequence(items) => {
                    let Some(item) = part.parse().ok().and_then(|i: usize| items.get(i)) else {
                        return at;
                    };
                    at = item.at;
                    node = item;
                }
                Kind::Scalar { .. } => return at,
            }
        }
        at
    }

    /// The pointer of what begins on a line: the reverse of [`Self::locate`]. The outermost wins.
    pub fn pointer_at(&self, line: usize) -> Option<String> {
        match &self.kind {
            Kind::Mapping(entries) => entries.iter().find_map(|entry| {
                let key = entry.key.replace('~', "~0").replace('/', "~1");
                if entry.key_at.line == line {
                    return Some(format!("/{key}"));
                }
                Some(format!("/{key}{}", entry.value.pointer_at(line)?))
            }),
            Kind::Sequence(items) => items.iter().enumerate().find_map(|(index, item)| {
                let inner = item.pointer_at(line);
                if inner.is_none() && item.at.line == line {
                    return Some(format!("/{index}"));
                }
                Some(format!("/{index}{}", inner?))
            }),
            Kind::Scalar { .. } => None,
        }
    }

    /// The value as the Kubernetes API server would read it (YAML 1.1 scalars, merge keys applied).
    pub fn to_kubernetes(&self) -> Value {
        match &self.kind {
            Kind::Scalar { text, plain: true } => resolve(text),
            Kind::Scalar { text, plain: false } => Value::from(text.as_str()),
            Kind::Sequence(items) => items.iter().map(Self::to_kubernetes).collect(),
            Kind::Mapping(entries) => {
                let mut map = Map::new();
                for entry in entries.iter().filter(|entry| !entry.merges) {
                    map.insert(entry.key.clone(), entry.value.to_kubernetes());
                }
                for entry in entries.iter().filter(|entry| entry.merges) {
                    merge(&mut map, entry.value.to_kubernetes());
                }
                Value::Object(map)
            }
        }
    }
}

fn merge(map: &mut Map<String, Value>, from: Value) {
    match from {
        Value::Object(other) => {
            for (key, value) in other {
                map.entry(key).or_insert(value);
            }
        }
        Value::Array(list) => list.into_iter().for_each(|item| merge(map, item)),
        _ => {}
    }
}
