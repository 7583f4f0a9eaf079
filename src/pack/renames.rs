//! Declared steps from one version to the next: keys and values of the answers, and paths, that are called something else.

use std::collections::BTreeMap;

use super::{Change, Renamed};
use crate::spec::service::{ProjectSpec, ServiceSpec};
use crate::yaml::node::{Entry, Kind, Node, Position};
use crate::yaml::read::read;

/// The text of the answers after some changes, oldest first: the words that have another name, and nothing else.
pub fn migrated<'c>(text: &str, changes: impl IntoIterator<Item = &'c Change>) -> String {
    let mut text = text.to_owned();
    for step in changes.into_iter().flat_map(|change| &change.answers) {
        text = step.apply(&text);
    }
    text
}

/// New paths by old ones after some changes, oldest first.
pub fn moved<'c>(project: &ProjectSpec, changes: impl IntoIterator<Item = &'c Change>) -> BTreeMap<String, String> {
    let mut moved = BTreeMap::<String, String>::new();
    for (from, to) in changes.into_iter().flat_map(|change| &change.paths) {
        for service in &project.services {
            let (from, to) = (placed(from, project, Some(service)), placed(to, project, Some(service)));
            for target in moved.values_mut().filter(|target| **target == from) {
                target.clone_from(&to);
            }
            moved.insert(from, to);
        }
    }
    moved.retain(|from, to| from != to);
    moved
}

/// Where a pattern is in a project, and of which service.
pub fn placed(pattern: &str, project: &ProjectSpec, service: Option<&ServiceSpec>) -> String {
    let named = pattern.replace("{output}", project.output.as_str());
    let Some(service) = service else { return named };
    let named = named.replace("{service}", service.name.as_str());
    match named.strip_prefix("{path}/") {
        Some(below) => service.path.join(below),
        None => named,
    }
}

impl Renamed {
    fn apply(&self, text: &str) -> String {
        let documents = read("", text).unwrap_or_default();
        let Some(document) = documents.first() else {
            return text.to_owned();
        };
        let keys: Vec<&str> = self.at.split('.').collect();
        let mut places = Vec::new();
        self.find(document, &keys, &mut places);
        // From the end, so that earlier places stay where they are.
        places.sort_unstable_by(|a, b| b.cmp(a));
        let mut out = text.to_owned();
        for (at, old) in places {
            let start = offset(text, at);
            // Between quotes, the name begins behind the first.
            let start = start + usize::from(out[start..].starts_with(['"', '\'']));
            if out[start..].starts_with(old.as_str()) {
                out.replace_range(start..start + old.len(), &self.to);
            }
        }
        out
    }

    /// Where the old name stands.
    fn find(&self, node: &Node, keys: &[&str], places: &mut Vec<(Position, String)>) {
        let Some((first, rest)) = keys.split_first() else {
            return;
        };
        match &node.kind {
            Kind::Mapping(entries) => {
                // What has the new name already is a person's own doing.
                let taken = rest.is_empty() && self.value.is_none() && entries.iter().any(|entry| entry.key == self.to);
                let fits = |entry: &&Entry| !taken && (*first == "*" || entry.key == *first);
                for entry in entries.iter().filter(fits) {
                    match (rest, &self.value) {
                        ([], None) => places.push((entry.key_at, entry.key.clone())),
                        ([], Some(value)) if entry.value.text() == Some(value) => {
                            places.push((entry.value.at, value.clone()));
                        }
                        _ => self.find(&entry.value, rest, places),
                    }
                }
            }
            Kind::Sequence(items) => items.iter().for_each(|item| self.find(item, keys, places)),
            Kind::Scalar { .. } => {}
        }
    }
}

fn offset(text: &str, at: Position) -> usize {
    let start: usize = text.split_inclusive('\n').take(at.line - 1).map(str::len).sum();
    let line = text[start..].lines().next().unwrap_or_default();
    start + line.char_indices().nth(at.column - 1).map_or(line.len(), |(offset, _)| offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(at: &str, value: Option<&str>, to: &str) -> Renamed {
        Renamed { at: at.to_owned(), value: value.map(str::to_owned), to: to.to_owned() }
    }

    #[test]
    fn a_key_gets_its_new_name_wherever_it_stands_and_nothing_else_moves() {
        let text =
            "services:\n  a:\n    health: { path: /x } # path: mine\n  b: { 'health': {\"path\": /y}, path: ./b }\n";
        let now = renamed("services.*.health.path", None, "ready").apply(text);
        assert_eq!(now, text.replace("{ path: /x }", "{ ready: /x }").replace("\"path\"", "\"ready\""));
    }

    #[test]
    fn a_value_gets_its_new_name_only_where_it_is_that_value() {
        let text = "services:\n  web: { preset: express4 }\n  api:\n    preset: rust # express4\n";
        let now = renamed("services.*.preset", Some("express4"), "express").apply(text);
        assert_eq!(now, text.replace("{ preset: express4 }", "{ preset: express }"));
    }

    #[test]
    fn a_key_that_has_both_names_is_left_for_its_person() {
        let text = "services: { a: { health: { path: /x, ready: /y } } }\n";
        assert_eq!(renamed("services.*.health.path", None, "ready").apply(text), text);
    }

    #[test]
    fn what_cannot_be_read_stays() {
        assert_eq!(renamed("a", None, "b").apply("a: [\n"), "a: [\n");
    }
}
