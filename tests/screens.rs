//! What people see: each screen one snapshot in `tests/screens/`, exit code included. Bad input writes nothing.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use support::Project;

const CARGO: &str = "[package]\nname = \"notes\"\nversion = \"1.2.3\"\n";
const MAIN: &str = "fn main() {}\n";

/// An answers file with one service, whose lines a case replaces.
const ANSWERS: &str = "\
cofferdam: 1
project: shop
services:
  web:
    preset: rust
    image: ghcr.io/acme/web:1.0.0
    health: { ready: /readyz, live: /livez }
";

struct Screen {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
}

static SCREENS: &[Screen] = &[
    Screen { name: "help", files: &[], arguments: &["--help"] },
    Screen { name: "help-preset-fetch", files: &[], arguments: &["preset", "fetch", "--help"] },
    Screen { name: "init-rust", files: &[("Cargo.toml", CARGO), ("src/main.rs", MAIN)], arguments: &["init", "--yes"] },
    Screen {
        name: "init-dry-run",
        files: &[("Cargo.toml", CARGO), ("src/main.rs", MAIN)],
        arguments: &["init", "--yes", "--dry-run"],
    },
    Screen { name: "init-nothing-known", files: &[("notes.txt", "")], arguments: &["init", "--yes"] },
    Screen {
        name: "init-image-unknown",
        files: &[("notes.txt", "")],
        arguments: &["init", "--yes", "--preset", "image"],
    },
    Screen {
        name: "init-every-flag-wrong",
        files: &[("Cargo.toml", CARGO), ("src/main.rs", MAIN)],
        arguments: &[
            "init",
            "--yes",
            "--preset",
            "rsut",
            "--name",
            "Web_Ünit",
            "--image",
            "ghcr.io/acme/web:latest",
            "--port",
            "70000",
            "--ready",
            "readyz",
            "--storage",
            "tmp=64Mi",
            "--host",
            "https://shop.example.com/",
            "--talks-to",
            "payments",
            "--cpu",
            "1e3",
            "--memory",
            "128MB",
            "--replicas",
            "0",
            "--user",
            "0",
            "--env",
            "DB_PASSWORD",
            "--kubernetes",
            "1.30",
            "--namespace",
            "../etc",
            "--schedule",
            "every night",
            "--output",
            "/etc",
        ],
    },
    Screen {
        name: "init-secret-in-environment",
        files: &[("Cargo.toml", CARGO), ("src/main.rs", MAIN)],
        arguments: &["init", "--yes", "--env", "DB_PASSWORD=x"],
    },
    Screen {
        name: "init-preset-misspelt",
        files: &[("Cargo.toml", CARGO), ("src/main.rs", MAIN)],
        arguments: &["init", "--yes", "--preset", "rsut"],
    },
    Screen {
        name: "init-output-in-the-way",
        files: &[("Cargo.toml", CARGO), ("src/main.rs", MAIN)],
        arguments: &["init", "--yes", "--output", "Dockerfile"],
    },
    Screen {
        name: "init-output-in-state",
        files: &[("Cargo.toml", CARGO), ("src/main.rs", MAIN)],
        arguments: &["init", "--yes", "--output", ".cofferdam/undo"],
    },
    Screen { name: "init-folder-missing", files: &[], arguments: &["init", "--yes", "nowhere"] },
    Screen { name: "init-twice", files: &[("cofferdam.yaml", ANSWERS)], arguments: &["init", "--yes"] },
    Screen {
        name: "init-beside-own-files",
        files: &[
            ("Cargo.toml", CARGO),
            ("src/main.rs", MAIN),
            ("Dockerfile", "FROM scratch\n"),
            ("deploy/app.yaml", "a: 1\n"),
        ],
        arguments: &["init", "--yes", "--dry-run"],
    },
    Screen { name: "generate-without-answers", files: &[], arguments: &["generate"] },
    Screen { name: "generate-empty-answers", files: &[("cofferdam.yaml", "")], arguments: &["generate"] },
    Screen {
        name: "generate-not-yaml",
        files: &[("cofferdam.yaml", "project: [shop\nservices: }")],
        arguments: &["generate"],
    },
    Screen {
        name: "generate-two-documents",
        files: &[("cofferdam.yaml", "project: a\n---\nproject: b\n")],
        arguments: &["generate"],
    },
    Screen {
        name: "generate-duplicate-service",
        files: &[(
            "cofferdam.yaml",
            "project: shop\nservices:\n  web: { preset: rust, image: a.io/b:1 }\n  web: { preset: go, image: a.io/b:1 }\n",
        )],
        arguments: &["generate"],
    },
    Screen {
        name: "generate-unknown-keys",
        files: &[(
            "cofferdam.yaml",
            "projet: shop\nservices:\n  web:\n    preset: rust\n    imgae: a.io/b:1\n    helth: { redy: /x }\n    storage: /tmp\n    port: [8080]\n",
        )],
        arguments: &["generate"],
    },
    Screen {
        name: "generate-every-value-wrong",
        files: &[(
            "cofferdam.yaml",
            "cofferdam: 2\nproject: Shop\nnamespace: -shop\nkubernetes: 1.30\noutput: ../deploy\nci: travis\nservices:\n  UPPER:\n    preset: rust\n    image: a.io/b:1\n  web:\n    preset: rust\n    path: /abs\n    image: \"ghcr.io/acme/web:1.0\\nUSER root\"\n    port: 0777\n    ports: { Metrics: 9090, main: 1 }\n    health: { ready: on, live: \"exec:rm -rf /\" }\n    storage: [ { path: /, size: 12:30 }, { path: ../x }, { path: /data, keep: yes }, { path: /proc/x } ]\n    expose: { host: \"*.example.com\", via: nodeport }\n    allow-from: [ { service: nobody }, { cidr: 10.0.0.1/8 }, {} ]\n    talks-to: [ { service: pyments }, { host: api, port: 0 }, { cidr: 300.0.0.0/8, port: 1 } ]\n    secrets: [ { name: UP, mount: tmp } ]\n    env: { 1X: a, API_TOKEN: b }\n    user: 0\n    resources: { cpu: 0, memory: 64, cpu-limit: lots }\n    replicas: { min: 3, max: 2 }\n    build: { entry: \"a b\", tool: latest, dockerfile: ../Dockerfile }\n    exceptions: [ { rule: run-as-root, reason: x } ]\n",
        )],
        arguments: &["generate"],
    },
    Screen {
        name: "generate-contradictions",
        files: &[(
            "cofferdam.yaml",
            "project: shop\nservices:\n  a:\n    preset: image\n    image: a.io/b:1\n    port: none\n    workload: service\n    expose: { host: a.example.com }\n    schedule: 0 3 * * *\n    health: { ready: /x }\n    storage: [ { path: /tmp, keep: true }, { path: /data, keep: true, memory: true }, { path: /data } ]\n    resources: { memory: 32Mi, disk: 1Mi, cpu: \"2\", cpu-limit: 500m }\n    secrets: [ { name: s, mount: /data } ]\n    talks-to: [ { service: b } ]\n  b:\n    preset: rust\n    image: a.io/b:1\n    port: none\n    allow-from: [ { service: a, port: metrics } ]\n  c:\n    preset: rust\n    image: a.io/b:1\n    health: { ready: /x, live: /x }\n",
        )],
        arguments: &["generate"],
    },
    Screen {
        name: "generate-preset-misspelt",
        files: &[(
            "cofferdam.yaml",
            "project: shop\nservices:\n  web: { preset: pyton, image: a.io/b:1 }\n  api: { image: a.io/b:1 }\n  job: { preset: rust }\n",
        )],
        arguments: &["generate"],
    },
    Screen {
        name: "generate-what-a-cluster-would-refuse",
        files: &[(
            "cofferdam.yaml",
            "project: shop\nnamespace: kube-system\nservices:\n  site:\n    preset: static\n    image: a.io/b:1\n    port: 3000\n    ports: { http: 9090 }\n    region: a/b\n    user-namespace: true\n    storage: [ { path: /app } ]\n    build: { dockerfile: app.yaml }\n  kept:\n    preset: image\n    image: a.io/b:1\n    storage: [ { path: /data, keep: true } ]\n    replicas: { min: 1, max: 4 }\n  backwards:\n    preset: image\n    image: a.io/b:1\n    schedule: 0 5-1 * * *\n  sunday:\n    preset: image\n    image: a.io/b:1\n    schedule: 0 3 sun * 7\n",
        )],
        arguments: &["generate"],
    },
    Screen { name: "check-out-of-date", files: &[("cofferdam.yaml", ANSWERS)], arguments: &["check"] },
    Screen { name: "explain-rule", files: &[], arguments: &["explain", "writable-root-filesystem"] },
    Screen { name: "explain-question", files: &[], arguments: &["explain", "health.ready"] },
    Screen { name: "explain-preset", files: &[], arguments: &["explain", "nestjs"] },
    Screen { name: "explain-unknown", files: &[], arguments: &["explain", "writeable-root-filesystem"] },
    Screen { name: "explain-list", files: &[], arguments: &["explain", "--list"] },
    Screen { name: "preset-list", files: &[], arguments: &["preset", "list"] },
    Screen { name: "preset-show", files: &[], arguments: &["preset", "show", "nestjs"] },
    Screen { name: "preset-unknown", files: &[], arguments: &["preset", "show", "jango"] },
];

#[test]
fn every_screen_is_as_it_was_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens");
    for screen in SCREENS {
        let project = Project::new(screen.files);
        let before = project.tree();
        let run = project.run(screen.arguments);
        if run.code == 1 {
            assert_eq!(before, project.tree(), "{} failed and wrote", screen.name);
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(screen.name, run.screen()));
    }
    let known: BTreeSet<String> = SCREENS.iter().map(|screen| format!("{}.snap", screen.name)).collect();
    let found: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".snap"))
        .collect();
    assert_eq!(known, found, "left-over screens");
}

#[test]
fn a_huge_answers_file_is_refused_at_once() {
    let project = Project::new(&[("cofferdam.yaml", &format!("project: shop\n# {}\n", "x".repeat(10 << 20)))]);
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("an answers file has at most"), "{}", run.stderr);
}

#[test]
fn text_that_is_not_utf8_is_refused_with_its_line() {
    let project = Project::new(&[("x", "")]);
    std::fs::write(project.path("cofferdam.yaml"), b"project: shop\nservices: \xff\n").unwrap();
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("cofferdam.yaml:2:1") && run.stderr.contains("not UTF-8"), "{}", run.stderr);
}

#[test]
fn deeply_nested_and_self_repeating_yaml_is_refused() {
    let nested = format!("project: {}", "[".repeat(200_000));
    let laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    for text in [nested.as_str(), laughs] {
        let project = Project::new(&[("cofferdam.yaml", text)]);
        assert_eq!(project.run(&["generate"]).code, 1);
    }
}
