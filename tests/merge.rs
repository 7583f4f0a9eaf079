//! Thousands of edits that meet: what a person wrote stays, what the templates have new arrives, and the rest is asked.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

#[path = "support/cases.rs"]
mod cases;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use cases::every_case;
use cofferdam::merge::{Merged, merge, plain};
use cofferdam::yaml::node::Node;
use cofferdam::yaml::read::read;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use similar::TextMerge;

/// How many triples. For a longer look: `MERGES=100000 cargo test --release --test merge -- --nocapture`.
fn merges() -> u32 {
    std::env::var("MERGES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

/// What is edited: every manifest of every case, once.
fn manifests() -> &'static [String] {
    static MANIFESTS: OnceLock<Vec<String>> = OnceLock::new();
    MANIFESTS.get_or_init(|| {
        let mut texts = BTreeSet::new();
        for (_, generated) in every_case() {
            let files = generated.files.files().iter();
            texts.extend(files.filter(|(path, _)| path.ends_with(".yaml")).map(|(_, text)| text.to_string()));
        }
        texts.into_iter().collect()
    })
}

/// One edit as people make them: where, what, and a number that makes it different from others.
type Edit = (u16, u8, u8);

/// A text after an edit, or as it was where the edit is no YAML.
fn edited(text: &str, (place, kind, number): Edit, who: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = usize::from(place) % lines.len();
    let line = lines[at].clone();
    let pad: String = line.chars().take_while(|char| *char == ' ').collect();
    let leaf = |line: &str| line.contains(": ") && !line.trim_start().starts_with(['#', '-']);
    match kind % 12 {
        // Another value, with the comment that stands behind it.
        0..=2 if leaf(&line) => {
            let (key, rest) = line.split_once(": ").unwrap();
            let comment = rest.find(" #").map_or("", |at| &rest[at..]);
            lines[at] = format!("{key}: {who}{number}{comment}");
        }
        3 if leaf(&line) => {
            lines.remove(at);
        }
        4 if leaf(&line) => lines.insert(at + 1, format!("{pad}added{}: {who}", number % 40)),
        // The same key by both, perhaps at different ends of a map.
        5 if leaf(&line) => lines.insert(at, format!("{pad}shared{}: {}", number % 2, number % 3)),
        6 => lines[at] = format!("{} # {who} says {number}", line.split(" #").next().unwrap()),
        7 => lines.insert(at, format!("{pad}# {who} says {number}")),
        8 if at + 1 < lines.len() && leaf(&line) && leaf(&lines[at + 1]) => lines.swap(at, at + 1),
        9 if line.trim_start().starts_with("- name: ") => {
            lines.insert(at, format!("{pad}- {{ name: {who}{}, value: \"1\" }}", number % 40));
        }
        10 if line.trim_start().starts_with("- ") && number % 3 == 0 => {
            let depth = pad.len();
            let deeper = |line: &&String| line.len() - line.trim_start().len() > depth;
            let end = at + 1 + lines[at + 1..].iter().take_while(deeper).count();
            lines.drain(at..end);
        }
        11 if number % 4 == 0 => {
            // Twice as deep, as an editor may write it.
            for line in &mut lines {
                let depth = line.len() - line.trim_start().len();
                let dashes = usize::from(line.trim_start().starts_with("- "));
                *line = format!("{}{}", " ".repeat(depth), line.replacen("- ", "-   ", dashes));
            }
        }
        _ => {}
    }
    let new = lines.join("\n") + "\n";
    if read("", &new).is_ok_and(|documents| !documents.is_empty()) { new } else { text.to_owned() }
}

/// Every field with its value; items of lists by what tells them apart, if anything does.
fn fields(text: &str) -> BTreeMap<String, String> {
    let documents: Value = read("", text).unwrap().iter().map(Node::to_kubernetes).collect();
    let mut found = BTreeMap::new();
    below("", "", &documents, &mut found);
    found
}

fn below(path: &str, key: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    let has = |name: &str| value.as_array().is_some_and(|items| items.iter().all(|item| item.get(name).is_some()));
    let name = match key {
        "" => Some("kind"),
        "containers" | "initContainers" | "env" | "volumes" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        "topologySpreadConstraints" => Some("topologyKey"),
        "limits" | "metrics" => Some("type"),
        "rules" => Some("host"),
        "parentRefs" => Some("name"),
        "ports" => Some(if has("containerPort") { "containerPort" } else { "port" }),
        _ => None,
    };
    match value {
        Value::Object(map) => {
            if map.is_empty() {
                found.insert(path.to_owned(), "{}".to_owned());
            }
            for (key, value) in map {
                below(&format!("{path}.{key}"), key, value, found);
            }
        }
        Value::Array(items) => match name.filter(|name| has(name)) {
            Some(name) => {
                for item in items {
                    below(&format!("{path}[{}]", item[name]), "item", item, found);
                }
            }
            // What is there, without regard to order.
            None => found.extend(items.iter().map(|item| (format!("{path}[{}]", sorted(item)), "there".to_owned()))),
        },
        other => {
            found.insert(path.to_owned(), other.to_string());
        }
    }
}

fn sorted(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: BTreeMap<_, _> = map.iter().map(|(key, value)| (key, sorted(value))).collect();
            format!("{entries:?}")
        }
        Value::Array(items) => format!("{:?}", items.iter().map(sorted).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

/// What is wrong with a merge, by a reading of its own: leaf by leaf.
fn wrong(base: &str, ours: &str, theirs: &str, merged: &Merged) -> Option<String> {
    let Ok(documents) = read("", &merged.text) else {
        return Some("no YAML, or a key twice".to_owned());
    };
    if documents.is_empty() {
        return Some("nothing left".to_owned());
    }
    if merged.open.is_empty() && merged.base != theirs {
        return Some("the base is not what the templates have".to_owned());
    }
    let user = |text: &str| text.matches("# ours says").count();
    if user(&merged.text) < user(ours) {
        return Some("a comment is lost".to_owned());
    }
    let (b, o, t, m) = (fields(base), fields(ours), fields(theirs), fields(&merged.text));
    let paths: BTreeSet<&String> = b.keys().chain(o.keys()).chain(t.keys()).chain(m.keys()).collect();
    for path in paths {
        let (b, o, t, m) = (b.get(path), o.get(path), t.get(path), m.get(path));
        let right = if b == t || o == t {
            m == o
        } else if o == b {
            m == t || (m == o && !merged.open.is_empty())
        } else {
            m == o && !merged.open.is_empty()
        };
        if !right {
            return Some(format!("{path}: base {b:?}, ours {o:?}, theirs {t:?}, merged {m:?}"));
        }
    }
    None
}

#[test]
fn edits_that_meet_lose_nothing_and_break_nothing() {
    let edits = |most| prop::collection::vec(any::<Edit>(), 1..=most);
    let strategy = (any::<prop::sample::Index>(), edits(5), edits(8), any::<bool>());
    let (by_lines, by_fields, asked) = (Cell::new(0u32), Cell::new(0u32), Cell::new(0u32));
    let config = Config { cases: merges(), failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
    .run(&strategy, |(index, user, template, carriage_returns)| {
        let base = index.get(manifests());
        let ours = user.iter().fold(base.clone(), |text, edit| edited(&text, *edit, "ours"));
        let theirs = template.iter().fold(base.clone(), |text, edit| edited(&text, *edit, "theirs"));
        let written = if carriage_returns { ours.replace('\n', "\r\n") } else { ours.clone() };
        let mut merged = merge("x.yaml", base, &written, &theirs, &BTreeMap::new());
        prop_assert_eq!(merged.text.contains("\r\n"), carriage_returns);
        merged.text = plain(&merged.text);
        if let Some(what) = wrong(base, &ours, &theirs, &merged) {
            return Err(TestCaseError::fail(format!(
                "{what}\n=== ours\n{}\n=== theirs\n{}\n=== merged\n{}\n{:#?}",
                difference(base, &ours),
                difference(base, &theirs),
                difference(base, &merged.text),
                merged.open
            )));
        }
        // A second run finds nothing new.
        let again = merge("x.yaml", &merged.base, &merged.text, &theirs, &BTreeMap::new());
        prop_assert_eq!(&again.text, &merged.text);
        prop_assert_eq!(again.open.len(), merged.open.len());
        let counter = if !TextMerge::from_lines(base.as_str(), ours.as_str(), theirs.as_str()).is_conflicted() {
            &by_lines
        } else if merged.open.is_empty() {
            &by_fields
        } else {
            &asked
        };
        counter.set(counter.get() + 1);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let conflicts = by_fields.get() + asked.get();
    let share = 100 * by_fields.get() / conflicts;
    println!("{} clean by lines; of {conflicts} conflicts {share} % resolved with every comment kept", by_lines.get());
    assert!(share >= 45, "{share} % of {conflicts}");
}

fn difference(from: &str, to: &str) -> String {
    similar::TextDiff::from_lines(from, to).unified_diff().context_radius(2).to_string()
}

#[test]
fn what_fits_once_the_rest_is_in_is_taken_at_once() {
    let base = "\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    a: b
---
apiVersion: v1
kind: Old
metadata:
  name: default
";
    let label = |whose: &str| base.replace("    a: b\n", &format!("    a: b\n    {whose}: c\n"));
    let ours = label("ours").replace("---\n", "--- # ours says so\n");
    let theirs = label("theirs").replace("Old", "New");
    let merged = merge("x.yaml", base, &ours, &theirs, &BTreeMap::new());
    assert!(merged.open.is_empty(), "{:?}", merged.open);
    let right = ours.replace("    ours: c\n", "    theirs: c\n    ours: c\n").replace("Old", "New");
    assert_eq!((merged.text, merged.base), (right, theirs));
}
