//! Three values to what changes: field by field, whose value it should have, and where nobody can tell.

use std::fmt;

use serde_json::{Map, Value};

use super::lists::{self, DOCUMENTS};

/// A step down into a value.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Step {
    Key(String),
    /// An item by what tells it apart from the others of its list.
    Item(String),
}

/// Where a field stands, from the list of documents down.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Path(pub(super) Vec<Step>);

/// A field that the templates have something new for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) at: Path,
    pub(super) base: Option<Value>,
    pub(super) ours: Option<Value>,
    pub(super) theirs: Option<Value>,
    /// A person has something else for it.
    pub(super) open: bool,
}

/// What has to change in `ours`. The texts' documents are lists; a file with one document is a list of one.
pub(super) fn changes(base: &Value, ours: &Value, theirs: &Value) -> Vec<Change> {
    let mut walk = Walk { path: Path::default(), found: Vec::new() };
    walk.field(Some(base), Some(ours), Some(theirs));
    walk.found
}

struct Walk {
    path: Path,
    found: Vec<Change>,
}

impl Walk {
    fn field(&mut self, base: Option<&Value>, ours: Option<&Value>, theirs: Option<&Value>) {
        if ours == theirs || base == theirs {
            return;
        }
        match (ours, theirs) {
            (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
                let none = Map::new();
                return self.map(base.and_then(Value::as_object).unwrap_or(&none), ours, theirs);
            }
            (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
                let base = base.and_then(Value::as_array).map_or(&[][..], |items| items);
                if self.list(base, ours, theirs) {
                    return;
                }
            }
            _ => {}
        }
        self.found(base, ours, theirs, ours != base);
    }

    fn found(&mut self, base: Option<&Value>, ours: Option<&Value>, theirs: Option<&Value>, open: bool) {
        let at = self.path.clone();
        self.found.push(Change { at, base: base.cloned(), ours: ours.cloned(), theirs: theirs.cloned(), open });
    }

    fn below(&mut self, step: Step, base: Option<&Value>, ours: Option<&Value>, theirs: Option<&Value>) {
        self.path.0.push(step);
        self.field(base, ours, theirs);
        self.path.0.pop();
    }

    fn map(&mut self, base: &Map<String, Value>, ours: &Map<String, Value>, theirs: &Map<String, Value>) {
        for key in theirs.keys().chain(base.keys().filter(|key| !theirs.contains_key(*key))) {
            let stays = |other: &&String| !(theirs.get(*other).is_none() && base.get(*other) == ours.get(*other));
            let rival = ours.keys().filter(|other| lists::exclude(key, other)).find(stays);
            if rival.is_some() && !ours.contains_key(key) && base.get(key) != theirs.get(key) {
                // Either alone is right, and both together are refused.
                self.path.0.push(Step::Key(key.clone()));
                self.found(base.get(key), None, theirs.get(key), true);
                self.path.0.pop();
                continue;
            }
            self.below(Step::Key(key.clone()), base.get(key), ours.get(key), theirs.get(key));
        }
    }

    /// Whether the list's items could be told apart.
    fn list(&mut self, base: &[Value], ours: &[Value], theirs: &[Value]) -> bool {
        let list = self.path.list();
        let Some([base_names, our_names, their_names]) = lists::names(list, [base, ours, theirs]) else {
            return false;
        };
        let find = |names: &[String], name: &String| names.iter().position(|other| other == name);
        let value =
            |names: &[String], items: &[Value], name: &String| find(names, name).map(|index| items[index].clone());
        // An item that both took away, or that one changed and the other took away: what stands there instead may be the
        // same item under another name, and then there would be two of it.
        let disputed = base_names
            .iter()
            .any(|name| !their_names.contains(name) && value(&our_names, ours, name) != value(&base_names, base, name));
        if disputed && added(&base_names, &their_names) != added(&base_names, &our_names) {
            return false;
        }
        let gone = base_names.iter().filter(|name| !their_names.contains(name));
        for name in their_names.iter().chain(gone) {
            self.below(
                Step::Item(name.clone()),
                find(&base_names, name).map(|index| &base[index]),
                find(&our_names, name).map(|index| &ours[index]),
                find(&their_names, name).map(|index| &theirs[index]),
            );
        }
        true
    }
}

fn added(base: &[String], names: &[String]) -> Vec<String> {
    let mut added: Vec<String> = names.iter().filter(|name| !base.contains(name)).cloned().collect();
    added.sort_unstable();
    added
}

impl Path {
    /// The key of the list that stands here.
    fn list(&self) -> &str {
        match self.0.last() {
            Some(Step::Key(key)) => key,
            Some(Step::Item(_)) => "an item that is a list",
            None => DOCUMENTS,
        }
    }

    pub(super) fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

/// What stands at a path.
pub(super) fn get<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    let mut value = value;
    for (depth, step) in path.0.iter().enumerate() {
        value = match (step, value) {
            (Step::Key(key), Value::Object(map)) => map.get(key)?,
            (Step::Item(name), Value::Array(items)) => items.get(index(path, depth, items, name)?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Puts a value at a path whose parent is there; None takes it away.
pub(super) fn put(value: &mut Value, path: &Path, new: Option<Value>) -> Option<()> {
    let (last, above) = path.0.split_last()?;
    let mut parent = value;
    for (depth, step) in above.iter().enumerate() {
        parent = match (step, parent) {
            (Step::Key(key), Value::Object(map)) => map.get_mut(key)?,
            (Step::Item(name), Value::Array(items)) => {
                let index = index(path, depth, items, name)?;
                items.get_mut(index)?
            }
            _ => return None,
        };
    }
    match (last, parent) {
        (Step::Key(key), Value::Object(map)) => {
            match new {
                Some(new) => map.insert(key.clone(), new),
                None => map.shift_remove(key),
            };
        }
        (Step::Item(name), Value::Array(items)) => {
            match (index(path, above.len(), items, name), new) {
                (Some(index), Some(new)) => items[index] = new,
                (Some(index), None) => {
                    items.remove(index);
                }
                (None, Some(new)) => items.push(new),
                (None, None) => {}
            };
        }
        _ => return None,
    }
    Some(())
}

/// Where the item of the step at `depth` stands in its list.
pub(super) fn index(path: &Path, depth: usize, items: &[Value], name: &str) -> Option<usize> {
    let list = Path(path.0[..depth].to_vec());
    lists::find(list.list(), items, name)
}

/// The same value with the items of every list whose order means nothing in one order.
pub(super) fn canonical(value: &Value) -> Value {
    fn below(value: &Value, list: &str) -> Value {
        match value {
            Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), below(value, key))).collect(),
            Value::Array(items) => {
                let names = lists::names(list, [items.as_slice()]).map(|[names]| names);
                let items = items.iter().map(|item| below(item, "an item that is a list"));
                match names {
                    Some(names) => {
                        let mut named: Vec<_> = names.into_iter().zip(items).collect();
                        named.sort_by(|a, b| a.0.cmp(&b.0));
                        named.into_iter().map(|(_, item)| item).collect()
                    }
                    None => items.collect(),
                }
            }
            other => other.clone(),
        }
    }
    below(value, DOCUMENTS)
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(name) => write!(f, "[{name}]")?,
                Step::Key(key) if key.contains(['.', '[', ']', ' ']) => write!(f, "[\"{key}\"]")?,
                Step::Key(key) if index == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}
