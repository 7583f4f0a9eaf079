//! Laws, on values that nobody thought of.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use cofferdam::answers::file;
use cofferdam::answers::layer::Layer as _;
use cofferdam::answers::raw::{Origin, Raw};
use cofferdam::generate::generate;
use cofferdam::lock::{Entry, Lock, digest};
use cofferdam::pack::{Layer, Pack};
use cofferdam::reconcile::{Change, OnDisk, Standing, reconcile};
use cofferdam::yaml::node::Node;
use cofferdam::yaml::read::read;
use cofferdam::yaml::{emit, scalar};
use proptest::prelude::*;
use serde::Deserialize as _;
use serde_json::{Value, json};

/// Strings that readers of YAML disagree about, beside any others.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-+.:0-9eExXoObB_ ynNYtfTFalsrueo~#&*!|>'\"%@`{}\\[\\],?\\\\\n\t\r=<$/]{0,12}",
        prop::sample::select(vec![
            "on",
            "no",
            "y",
            "0777",
            "1e3",
            "12:30",
            "0x1f",
            "~",
            "null",
            "",
            " ",
            "- a",
            "a: b",
            "a #b",
            "#",
            "&a",
            "*a",
            "!!int 3",
            "|",
            ">-",
            "a\nhostNetwork: true",
            "a\n---\nkind: Pod",
            "\u{85}x",
            "\u{2028}",
            "\u{feff}x",
            "2026-11-24",
            "1_000",
            ".5",
            "-.inf",
            "=",
            "<<",
            "x\r\nprivileged: true",
            "{{ 7*7 }}",
            "\"\\",
            "'",
            "a, b",
            "a\"b",
            "a\\tb",
            "\u{202e}evil",
        ])
        .prop_map(str::to_owned),
    ]
}

fn both_readings(text: &str) -> (Value, Value) {
    let old = read("x", text).unwrap().first().map_or(Value::Null, Node::to_kubernetes);
    let new = Value::deserialize(serde_yaml::Deserializer::from_str(text)).unwrap();
    (old, new)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    /// A string is the same string to YAML 1.1, to YAML 1.2, and as key, value and entry.
    #[test]
    fn a_scalar_is_read_back_as_itself(text in hostile()) {
        prop_assume!(!text.contains('\0'));
        let line = format!("a: {}\nb: {}\n", scalar::string(&text), scalar::flow(&json!([{ text.as_str(): text }])));
        let wanted = json!({ "a": text, "b": [{ text.as_str(): text }] });
        let (old, new) = both_readings(&line);
        prop_assert_eq!(&old, &wanted, "{}", line);
        prop_assert_eq!(&new, &wanted, "{}", line);
    }

    /// What is emitted for a person to edit reads back the same.
    #[test]
    fn a_block_is_read_back_as_itself(map in prop::collection::btree_map("[a-z]{1,6}", prop::collection::vec(hostile(), 0..4), 1..4)) {
        prop_assume!(!map.values().flatten().any(|text| text.contains('\0')));
        let value = json!({ "top": { "deeper": map } });
        let (old, new) = both_readings(&emit::emit(&value));
        prop_assert_eq!(&old, &value);
        prop_assert_eq!(&new, &value);
    }

    /// Reading never panics, whatever the text is.
    #[test]
    fn reading_never_panics(text in any::<String>(), hostile in hostile()) {
        let _ = read("x", &text);
        let _ = file::read(&format!("project: {hostile}\nservices:\n  {hostile}:\n    preset: rust\n"));
        let _ = cofferdam::dockerfile::parse("Dockerfile", &text);
        let _ = Lock::read(&text);
    }

}

proptest! {
    // Each of these renders and verifies whole projects.
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// A value either is refused, or stands in the output as one value: the set of fields does not depend on it.
    #[test]
    fn no_value_becomes_structure(value in hostile(), slot in 0usize..8) {
        let pack = Pack::built_in().unwrap();
        let (_, mut answers) = pack.presets.get("rust").unwrap().cases().find(|(name, _)| *name == "data").unwrap();
        let plain = generate(&answers, &pack).unwrap();
        let service = answers.services.values_mut().next().unwrap();
        let sample = "sample";
        let fill = |text: &str, service: &mut cofferdam::answers::ServiceAnswers| match slot {
            0 => { service.env.insert("SETTING".to_owned(), Raw::new(text, Origin::Default)); }
            1 => service.args = Some(vec![Raw::new(text, Origin::Default)]),
            2 => service.build.entry = Some(Raw::new(text, Origin::Default)),
            3 => service.region = Some(Raw::new(text, Origin::Default)),
            4 => service.pull_secret = Some(Raw::new(text, Origin::Default)),
            5 => service.expose.host = Some(Raw::new(text, Origin::Default)),
            6 => service.schedule = Some(Raw::new(text, Origin::Default)),
            _ => service.image = Some(Raw::new(text, Origin::Default)),
        };
        let sample = match slot { 5 => "a.example.com", 6 => "0 3 * * *", 7 => "a.io/b:1", _ => sample };
        fill(sample, service);
        let expected = generate(&answers, &pack);
        fill(&value, answers.services.values_mut().next().unwrap());
        if let (Ok(expected), Ok(found)) = (expected, generate(&answers, &pack)) {
            let shape = |files: &BTreeMap<String, Arc<str>>| -> Vec<(String, Vec<String>)> {
                files.iter().filter(|(path, _)| path.ends_with(".yaml")).map(|(path, text)| {
                    let mut keys = Vec::new();
                    for node in read(path, text).unwrap() { walk(&node.to_kubernetes(), "", &mut keys); }
                    (path.clone(), keys)
                }).collect()
            };
            prop_assert_eq!(shape(expected.files.files()), shape(found.files.files()));
            let lines = |files: &BTreeMap<String, Arc<str>>| files["Dockerfile"].lines().count();
            prop_assert_eq!(lines(expected.files.files()), lines(found.files.files()));
        }
        prop_assert!(!plain.files.files().is_empty());
    }

    /// Nor does it where the author of a pack placed it: it is refused there, or read as itself.
    #[test]
    fn no_value_becomes_structure_in_a_template_of_a_pack(value in hostile(), place in 0usize..17) {
        let places = [
            ("  at: {{ service.extra.word }}", json!({ "at": value })),
            ("  at: [ {{ service.extra.word }}, {{ service.extra.word }} ]", json!({ "at": [value, value] })),
            ("  at: [{{ service.extra.word }}]", json!({ "at": [value] })),
            ("  at: { first: {{ service.extra.word }}, last: end }", json!({ "at": { "first": value, "last": "end" } })),
            ("  {{ service.extra.word }}: end", json!({ &value: "end" })),
            ("  at: https://a.example/{{ service.extra.word }}/", json!({ "at": format!("https://a.example/{value}/") })),
            ("  at: so {{ service.extra.word }} it is", json!({ "at": format!("so {value} it is") })),
            ("  at: \"so: {{ service.extra.word }}\"", json!({ "at": format!("so: {value}") })),
            ("  at: 'so: {{ service.extra.word }}'", json!({ "at": format!("so: {value}") })),
            ("  at: |\n    {{ service.extra.word }}\n    so {{ service.extra.word }}", json!({ "at": format!("{value}\nso {value}\n") })),
            ("  - one:\n      - two: >-\n          so {{ service.extra.word }}\n        three: {{ service.extra.word }}", json!([{ "one": [{ "two": format!("so {value}"), "three": value }] }])),
            ("  at: {{ service.extra.word }} # {{ service.extra.word }}", json!({ "at": value })),
            ("  at: so\n    {{ service.extra.word }}", json!({ "at": format!("so {value}") })),
            ("  at: { first: \"so\n    {{ service.extra.word }}\n    it is\" }", json!({ "at": { "first": format!("so {value} it is") } })),
            ("  at:\n    {{ service.extra.word }}", json!({ "at": value })),
            ("  it: don't use '' there\n  at: 'it''s'\n  as: {{ service.extra.word }}", json!({ "it": "don't use '' there", "at": "it's", "as": value })),
            ("  at: {\"first\":{{ service.extra.word }}, \"last\": end}", json!({ "at": { "first": value, "last": "end" } })),
        ];
        let (template, wanted) = &places[place];
        let pack = Pack::read(vec![Layer::built_in().unwrap(), thing(template)]).unwrap();
        let (_, mut answers) = pack.presets.get("rust").unwrap().cases().find(|(name, _)| *name == "data").unwrap();
        let mut answered = |value: &str| {
            let service = answers.services.values_mut().next().unwrap();
            service.extra.insert("word".to_owned(), Raw::new(value, Origin::Default));
            generate(&answers, &pack)
        };
        prop_assert!(answered("sample").is_ok());
        if let Ok(found) = answered(&value) {
            let (_, text) = found.files.files().iter().find(|(path, _)| path.ends_with("/thing.yaml")).unwrap();
            let (old, new) = both_readings(text);
            prop_assert_eq!(&old["spec"], wanted, "{}", text);
            prop_assert_eq!(&new["spec"], wanted, "{}", text);
        }
    }
}

/// A pack with one file, of which a line places an answer.
fn thing(line: &str) -> Layer {
    let head = "{ name: house, version: 0.1.0, questions: [ { key: word, ask: Which word? } ], files: \
                [ { template: deploy/service/thing.yaml, path: '{output}/{service}/thing.yaml', why: to try it } ] }";
    let template = format!(
        "apiVersion: house.example/v1\nkind: Thing\nmetadata:\n  name: {{{{ service.name }}}}\n  \
         namespace: {{{{ project.namespace }}}}\n  labels:\n{{% include \"deploy/service/_labels.yaml@4\" %}}\nspec:\n{line}\n"
    );
    let files = [("pack.yaml", head.to_owned()), ("templates/deploy/service/thing.yaml.j2", template)];
    Layer::read("house", files.map(|(path, text)| (path.to_owned(), text.into())).into()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Layers: a layer over nothing is itself, and over itself is itself.
    #[test]
    fn a_layer_over_itself_is_itself(port in "[a-z0-9]{0,5}", name in "[a-z]{0,5}") {
        let layer = cofferdam::answers::ServiceAnswers {
            port: Some(Raw::new(port, Origin::Default)),
            env: [(name.clone(), Raw::new(name, Origin::Default))].into(),
            ..Default::default()
        };
        prop_assert_eq!(layer.clone().over(Default::default()), layer.clone());
        prop_assert_eq!(layer.clone().over(layer.clone()), layer);
    }

    /// Whatever base, disk and new are: a person's text is replaced only where it is ours to the letter.
    #[test]
    fn no_text_of_a_person_is_lost(base in prop::option::of(0u8..3), disk in prop::option::of(0u8..3), case in 0usize..3) {
        let pack = Pack::built_in().unwrap();
        let (_, answers) = pack.presets.get("rust").unwrap().cases().nth(case).unwrap();
        let new = generate(&answers, &pack).unwrap();
        let path = new.files.files().keys().next().unwrap().clone();
        let text = |number: u8| if number == 0 { Arc::clone(&new.files.files()[&path]) } else { Arc::from(format!("text {number}\n")) };
        let mut standing = Standing::default();
        if let Some(base) = base {
            let text = text(base);
            standing.lock.files.insert(path.clone(), Entry::managed(&text));
            standing.bases.insert(digest(&text), text);
        }
        standing.disk.extend(disk.map(|disk| (path.clone(), OnDisk::Text(text(disk)))));
        let mut set = reconcile(&standing, &new, &BTreeMap::new(), &BTreeMap::new());
        if set.writes.contains_key(&path) {
            prop_assert_eq!(base, disk, "only what we wrote ourselves is replaced");
        }
        if disk.is_none() && base.is_none() {
            prop_assert_eq!(set.changes.remove(&path).unwrap().change, Change::Create);
        }
    }
}

fn walk(value: &Value, path: &str, keys: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                keys.push(format!("{path}/{key}"));
                walk(value, &format!("{path}/{key}"), keys);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, &format!("{path}/-"), keys)),
        _ => {}
    }
}

/// Answers to text to answers: what the wizard writes is what `generate` reads.
#[test]
fn every_case_survives_its_file() {
    let pack = Pack::built_in().unwrap();
    for preset in pack.presets.iter() {
        for (case, answers) in preset.cases() {
            let text = file::write(&answers);
            let back =
                file::read(&text).unwrap_or_else(|problems| panic!("{}/{case}: {}\n{text}", preset.id, problems[0]));
            let first = generate(&answers, &pack).unwrap();
            let second = generate(&back, &pack).unwrap();
            assert_eq!(first.files, second.files, "{}/{case}\n{text}", preset.id);
        }
    }
}
