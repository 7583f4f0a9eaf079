//! What packs ask: who answers, what is made of it, what is refused.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::borrow::Cow;

use cofferdam::answers::file;
use cofferdam::generate::generate;
use cofferdam::pack::{Layer, Pack};
use cofferdam::problem::Problem;
use rexpect::session::spawn_command;
use support::Project;

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "questions", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// Packs on ours: each by its name, with its files.
fn packs(all: &[(&'static str, &[(&'static str, &'static str)])]) -> Result<Pack, Vec<Problem>> {
    let mut layers = vec![Layer::built_in()?];
    for (at, files) in all {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), Cow::Borrowed(*text))).collect();
        layers.push(Layer::read(at, files)?);
    }
    Pack::read(layers)
}

/// The manifest of a project's one service, `web`, of an image.
fn deployment(pack: &Pack, project: &str, service: &str) -> Result<String, Vec<Problem>> {
    let text = format!(
        "project: shop\n{project}services:\n  web:\n    preset: image\n    image: ghcr.io/acme/web:1.0.0\n    {service}\n"
    );
    let generated = generate(&file::read(&text)?, pack)?;
    Ok(generated.files.files()["deploy/web/deployment.yaml"].to_string())
}

fn told(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

const TIER: &str = "\
name: house
version: 1.0.0
questions:
  - { key: tier, ask: How bad is it when it fails?, help: \"for example `of-pack`\", pattern: \"of-[a-z]+\", default: of-pack }
labels: { house.example/tier: \"{tier}\" }
";

#[test]
fn the_nearest_answer_counts() {
    const REFINED: &[(&str, &str)] =
        &[("pack.yaml", TIER), ("presets/image.yaml", "extends: image\ndefaults: { extra: { tier: of-preset } }\n")];
    const PLAIN: &[(&str, &str)] = &[("pack.yaml", TIER)];
    for (files, project, service, answer) in [
        (REFINED, "extra: { tier: of-project }\n", "extra: { tier: of-service }", "of-service"),
        (REFINED, "extra: { tier: of-project }\n", "", "of-project"),
        (REFINED, "", "", "of-preset"),
        (PLAIN, "", "", "of-pack"),
    ] {
        let pack = packs(&[("house", files)]).unwrap();
        let text = deployment(&pack, project, service).unwrap_or_else(|problems| panic!("{}", told(&problems)));
        assert_eq!(
            text.matches(&format!("house.example/tier: {answer}\n")).count(),
            2,
            "{answer}: object and pods\n{text}"
        );
    }
}

#[test]
fn an_upper_pack_asks_and_marks_in_place_of_a_lower_one() {
    const UPPER: &str = "\
name: team
version: 1.0.0
questions:
  - { key: tier, ask: How bad is it for us?, one-of: [ low, high ], default: low }
labels: { house.example/tier: \"{tier}-{service}-of-{project}\" }
";
    let pack = packs(&[("house", &[("pack.yaml", TIER)]), ("team", &[("pack.yaml", UPPER)])]).unwrap();
    let text = deployment(&pack, "", "extra: { tier: high }").unwrap_or_else(|problems| panic!("{}", told(&problems)));
    assert_eq!(text.matches("house.example/tier: high-web-of-shop\n").count(), 2, "{text}");
    let problems = deployment(&pack, "", "extra: { tier: of-pack }").unwrap_err();
    assert_eq!(problems[0].why, "the answer is one of low, high");
}

#[test]
fn a_question_about_some_types_of_apps_is_nobody_elses() {
    const HEAD: &str = "\
name: house
version: 1.0.0
questions: [ { key: queue, ask: Which queue does it read?, presets: [ worker ] } ]
labels: { house.example/queue: \"{queue}\" }
";
    const WORKER: &str = "extends: image\n";
    let pack = |preset| {
        packs(&[("house", &[("pack.yaml", HEAD), ("presets/worker.yaml", WORKER), ("presets/image.yaml", preset)])])
    };
    let plain = pack("extends: image\n").unwrap();
    let other = deployment(&plain, "", "port: none").unwrap();
    assert!(!other.contains("house.example/queue"), "{other}");
    let refused = told(&deployment(&plain, "", "extra: { queue: orders }").unwrap_err());
    let worker = "preset: worker\n    image: ghcr.io/acme/jobs:1.0.0\n";
    let missing = format!("port: none\n  jobs:\n    {worker}");
    let missing = told(&deployment(&plain, "", &missing).unwrap_err());
    let given = format!("port: none\n  jobs:\n    {worker}    extra: {{ queue: orders }}\n");
    deployment(&plain, "", &given).unwrap();
    let read = |from: &str, to: &str| {
        let head = ("pack.yaml".to_owned(), HEAD.replace(from, to).into());
        Layer::read("house", [head].into()).and_then(|layer| Pack::read(vec![Layer::built_in()?, layer]))
    };
    let wrong = told(&read("[ worker ]", "[ wroker, image ]").err().unwrap());
    let project = told(&read("ask: Which", "of: project, ask: Which").err().unwrap());
    snapshot("of-some-types", &[refused, missing, wrong, project].join("\n"));
}

/// Labels that say nothing about a service are the project's too.
#[test]
fn the_projects_objects_bear_what_is_the_projects() {
    let project = Project::new(&[(
        "cofferdam.yaml",
        "packs: [ { path: ../acme } ]\nproject: shop\nextra: { cost-centre: 4711, owner: team-web }\nservices:\n  web:\n    \
         preset: image\n    image: ghcr.io/acme/web:1.0.0\n    port: none\n",
    )]);
    project.copy_example("house-pack", "../acme");
    project.ok(&["generate"]);
    for (path, times) in [("deploy/namespace.yaml", 2), ("deploy/guardrails.yaml", 3)] {
        let text = project.read(path);
        assert_eq!(text.matches("    acme.example/cost-centre: \"4711\"\n").count(), times, "{text}");
        assert!(!text.contains("owner"), "{text}");
    }
    let claim = "  labels:\n    app.kubernetes.io/name: web\n";
    assert!(project.read("deploy/web/serviceaccount.yaml").contains(claim));
    project.ok(&["check"]);
}

#[test]
fn a_text_with_answers_in_it_cannot_become_structure() {
    const NOTE: &str = "\
name: house
version: 1.0.0
questions: [ { key: note, ask: What is there to say? } ]
annotations: { house.example/note: '{\"said\": \"{note}\", {Note}, {}' }
";
    let pack = packs(&[("house", &[("pack.yaml", NOTE)])]).unwrap();
    for note in ["a: b", "- a", "# a", "{{ project.name }}", "{% raw %}", "\\\"a", "{project}", "*a", "no", "'a'"] {
        let answer = serde_json::Value::from(note).to_string();
        let text = deployment(&pack, "", &format!("extra: {{ note: {answer} }}"))
            .unwrap_or_else(|problems| panic!("{note}: {}", told(&problems)));
        let read: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let annotations = &read["spec"]["template"]["metadata"]["annotations"];
        assert_eq!(annotations["house.example/note"], format!("{{\"said\": \"{note}\", {{Note}}, {{}}"), "{text}");
        assert_eq!(annotations.as_object().unwrap().len(), 1, "{text}");
    }
}

/// What a pod is made of cannot be changed once its Job is there.
#[test]
fn other_labels_make_another_job() {
    let pack = packs(&[("house", &[("pack.yaml", TIER)])]).unwrap();
    let name = |tier: &str| {
        let text = format!(
            "project: shop\nservices:\n  seed:\n    preset: image\n    image: ghcr.io/acme/seed:1.0.0\n    workload: once\n    \
             extra: {{ tier: {tier} }}\n"
        );
        let generated =
            generate(&file::read(&text).unwrap(), &pack).unwrap_or_else(|problems| panic!("{}", told(&problems)));
        let job: serde_json::Value = serde_yaml::from_str(&generated.files.files()["deploy/seed/job.yaml"]).unwrap();
        job["metadata"]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(name("of-a"), name("of-a"));
    assert_ne!(name("of-a"), name("of-b"));
}

#[test]
fn packs_that_ask_or_mark_wrongly_are_refused() {
    let cases = [
        ("no key", "questions: [ { ask: Who? } ]"),
        ("no words", "questions: [ { key: owner } ]"),
        ("an unknown word", "questions: [ { key: owner, ask: Who?, defualt: a } ]"),
        ("what is placed anyway", "questions: [ { key: service, ask: Which? } ]"),
        ("about nothing", "questions: [ { key: owner, ask: Who?, of: cluster } ]"),
        ("no pattern", "questions: [ { key: owner, ask: Who?, pattern: \"(\" } ]"),
        (
            "a pattern that leaves its group",
            "questions: [ { key: owner, ask: Who?, pattern: \"a)|(?:b\", default: a } ]",
        ),
        (
            "a pattern without an example",
            "questions: [ { key: owner, ask: Who is it?, help: whoever, pattern: \"[a-z]{3}-x\" } ]",
        ),
        ("a pattern and words", "questions: [ { key: owner, ask: Who?, pattern: a, one-of: [ a ] } ]"),
        ("a default that is wrong", "questions: [ { key: owner, ask: Who?, one-of: [ a, b ], default: c } ]"),
        ("several at once", "questions: [ { key: a!, ask: Who? }, { key: b, ask: W } ]\nlabels: { a b: c, d/e/f: g }"),
        ("many faults in one", "questions: [ { key: service, of: nobody, pattern: '(', default: 4711 } ]"),
        ("twice in one pack", "questions: [ { key: owner, ask: Who? }, { key: owner, ask: Whose? } ]"),
        ("a label of ours", "labels: { app.kubernetes.io/instance: a }"),
        ("nobody asks it", "questions: [ { key: owner, ask: Who? } ]\nlabels: { a.example/b: \"{ownr}\" }"),
        ("nobody asks anything", "annotations: { a.example/b: \"{team} of {service}\" }"),
    ];
    let mut screen = String::new();
    for (name, lines) in cases {
        let project = Project::new(&[("cofferdam.yaml", "packs: [ { path: ../house } ]\nproject: shop\n")]);
        project.write("../house/pack.yaml", &format!("name: house\nversion: 1.0.0\n{lines}\n"));
        let run = project.run(&["generate"]);
        assert_eq!(run.code, 1, "{name}: {}", run.stdout);
        screen.push_str(&format!("== {name}\n{}", run.stderr));
    }
    snapshot("packs", &screen);
}

#[test]
fn answers_that_are_missing_or_wrong_are_refused_together() {
    let project = Project::new(&[]);
    project.copy_example("house-pack", "../acme");
    let cases = [
        ("none", "", ""),
        ("unknown", "extra: { cost-center: 4711, owner: team-a }\n", "extra: { teir: gold, cost-centre: 4711 }"),
        ("wrong", "extra: { cost-centre: 47, owner: Team A }\n", "extra: { tier: bronze }"),
        ("a line and more", "extra: { cost-centre: 4711, owner: \"team-a\\nteam-b\" }\n", ""),
        ("no text", "extra: { cost-centre: [ 4711 ], owner: }\n", ""),
    ];
    let mut screen = String::new();
    for (name, top, service) in cases {
        let service =
            |name: &str| format!("  {name}:\n    preset: image\n    image: ghcr.io/acme/{name}:1.0.0\n    {service}\n");
        let text = format!(
            "packs: [ {{ path: ../acme }} ]\nproject: shop\n{top}services:\n{}{}",
            service("api"),
            service("web")
        );
        project.write("cofferdam.yaml", &text);
        let run = project.run(&["generate"]);
        assert_eq!(run.code, 1, "{name}: {}", run.stdout);
        screen.push_str(&format!("== {name}\n{}", run.stderr));
    }
    snapshot("answers", &screen);
}

#[test]
fn a_label_that_answers_make_wrong_is_told_with_its_pack() {
    const OWNER: &str = "\
name: house
version: 1.0.0
questions: [ { key: owner, ask: Who is it? } ]
labels: { house.example/owner: \"{owner}\" }
";
    let pack = packs(&[("../house", &[("pack.yaml", OWNER)])]).unwrap();
    snapshot("label", &told(&deployment(&pack, "", "extra: { owner: Team A! }").unwrap_err()));
}

#[test]
fn what_no_case_answers_is_named() {
    let project = Project::new(&[]);
    project.copy_example("house-pack", "../acme");
    project.edit("../acme/cases/rust/web.yaml", ", tier: gold", "");
    let run = project.run(&["preset", "test", "../acme"]);
    assert!(run.stdout.contains("unreached  answers that no case gives: extra.tier\n"), "{}", run.stdout);
}

const FLAGS: [&str; 8] = [
    "--image",
    "ghcr.io/acme/notes:0.3.0",
    "--allow-from",
    "none",
    "--extra",
    "cost-centre=4711",
    "--extra",
    "owner=team-notes",
];

#[test]
fn init_takes_packs_and_answers_as_flags() {
    let project = Project::example("rust-notes");
    project.copy_example("house-pack", "../acme");
    let begin = ["init", "--yes", "--pack", "../acme"];
    let mut screen = project.run(&begin).screen();
    for extra in
        [&["--extra", "ownr=a"][..], &["--extra", "owner"], &["--extra", "owner=A", "--extra", "cost-centre=1"]]
    {
        screen.push_str(&project.run(&[&begin, extra].concat()).screen());
    }
    project.ok(&[&begin[..], &FLAGS].concat());
    screen.push_str(&project.read("cofferdam.yaml"));
    for (extra, code) in [(&["--extra", "cost-centre=4712"][..], 1), (&[], 1), (&["--extra", "owner=team-jobs"], 0)] {
        let add = [
            "add",
            "--yes",
            "--name",
            "jobs",
            "--preset",
            "image",
            "--image",
            "ghcr.io/acme/jobs:1.0.0",
            "--port",
            "none",
        ];
        let run = project.run(&[&add[..], extra].concat());
        assert_eq!(run.code, code, "{}", run.stderr);
        screen.push_str(&run.screen());
    }
    snapshot("flags", &screen);
    project.ok(&["check"]);
    assert!(project.read("deploy/jobs/deployment.yaml").contains("acme.example/owner: team-jobs\n"));
}

/// Packs are named, perhaps fetched, before there is anything else.
#[test]
fn init_goes_on_from_a_file_that_names_packs() {
    let named = "# The packs of this house.\npacks: [ { path: ../acme } ] # ask platform\nnamespace: notes-prod";
    let project = Project::example("rust-notes");
    project.copy_example("house-pack", "../acme");
    project.write("cofferdam.yaml", named);
    let before = project.tree();
    let mut screen = String::new();
    for wrong in [&["--namespace", "other"][..], &["--pack", "../acme"]] {
        let run = project.run(&[&["init", "--yes"][..], &FLAGS, wrong].concat());
        assert_eq!(run.code, 1, "{}", run.stdout);
        screen.push_str(&run.screen());
        assert_eq!(before, project.tree());
    }
    project.write("cofferdam.yaml", &named.replace("namespace", "namspace"));
    screen.push_str(&project.run(&[&["init", "--yes"][..], &FLAGS].concat()).screen());
    project.write("cofferdam.yaml", named);
    project.ok(&[&["init", "--yes"][..], &FLAGS].concat());
    let text = project.read("cofferdam.yaml");
    assert!(text.starts_with(named), "{text}");
    screen.push_str(&text);
    snapshot("goes-on", &screen);
    assert!(project.read("deploy/namespace.yaml").contains("name: notes-prod\n"));
    project.ok(&["check"]);
    project.ok(&["undo"]);
    assert_eq!(before, project.tree());
}

#[test]
fn the_wizard_asks_what_packs_ask() {
    let project = Project::example("rust-notes");
    project.copy_example("house-pack", "../acme");
    let mut command = project.command(&["init", "--pack", "../acme"]);
    command.env("TERM", "xterm-256color").stdin(std::process::Stdio::inherit());
    let mut session = spawn_command(command, Some(20_000)).unwrap();
    let mut reply = |question: &str, text: &str| {
        session.exp_string(question).unwrap();
        session.send(text).unwrap();
        session.flush().unwrap();
    };
    reply("What kind of app is it?", "\r");
    reply("What is the service called?", "\r");
    reply("Which image do its pods run?", "registry.example.com/notes:0.3.0\r");
    reply("the pack `acme` allows images of ghcr.io/acme", "\u{15}\r");
    for question in ["listen on?", "ready?", "write?", "Under which host", "connect to?"] {
        reply(question, "\r");
    }
    reply("Which cost centre pays for it?", "12\r");
    reply("the answer matches", "\u{15}4711\r");
    reply("Which team is called when it fails?", "\u{1b}");
    // It is there again, as it was given.
    reply("\u{1b}[0m 4711", "\r");
    reply("Which team is called when it fails?", "team-notes\r");
    // "Packs" is the last but one of the list, which ends with project, back and stop.
    reply("Packs: what yours ask", "\u{1b}[A\u{1b}[A\u{1b}[A\u{1b}[A\r");
    reply("How bad is it when it fails?", "\u{1b}[B\r");
    reply("What now?", "\r");
    session.exp_string("The same without questions").unwrap();
    let end = session.exp_eof().unwrap();
    let flags = "init --yes --pack ../acme --extra cost-centre=4711 --extra owner=team-notes --extra tier=gold .";
    assert!(end.contains(flags), "{end}");
    assert!(project.read("deploy/notes/deployment.yaml").contains("acme.example/pool: kept"));
    let asked = project.tree();
    let project = Project::example("rust-notes");
    project.copy_example("house-pack", "../acme");
    project.ok(&flags.split(' ').collect::<Vec<_>>());
    assert_eq!(asked, project.tree());
}
