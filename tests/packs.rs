//! Packs: ours and those of a house, begun, laid on each other, tested, refused.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;

use cofferdam::answers::file::value;
use cofferdam::pack::Pack;
use support::{Project, Run};

fn root() -> &'static str {
    env!("CARGO_MANIFEST_DIR")
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "packs", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A folder with a new pack `house` and an app beside it that uses it.
fn house() -> Project {
    let project = Project::example("rust-notes");
    project.ok(&["preset", "new", "../house"]);
    project.ok(&["init", "--yes"]);
    project.edit("cofferdam.yaml", "project: notes", "packs: [ { path: ../house } ]\nproject: notes");
    project
}

fn test(project: &Project, arguments: &[&str]) -> Run {
    project.run(&[&["preset", "test", "../house"], arguments].concat())
}

#[test]
fn our_packs_give_what_they_are_expected_to() {
    for pack in ["pack", "examples/house-pack"] {
        let run = Project::new(&[]).run(&["preset", "test", &format!("{}/{pack}", root())]);
        assert_eq!(run.code, 0, "read what changed, then `cargo run -- preset test {pack} --update`\n{}", run.stdout);
        assert!(run.stdout.ends_with(" cases, 0 failed; 0 files not as expected\n"), "{}", run.stdout);
    }
}

#[test]
fn a_new_pack_passes_its_test_and_changes_what_a_project_gets() {
    let project = house();
    let run = test(&project, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "1 case, 0 failed; 0 files not as expected\n"), "{}", run.stderr);
    project.edit("cofferdam.yaml", "preset: rust", "preset: house-rust");
    assert!(project.ok(&["preset", "list"]).stdout.contains("house-rust   Rust at house"));
    assert_eq!(project.run(&["check"]).code, 2);
    project.ok(&["generate"]);
    let deployment = project.read("deploy/notes/deployment.yaml");
    for line in ["    house.example/owner: notes\n", "  replicas: 3\n", "memory: 256Mi\n"] {
        assert!(deployment.contains(line), "{line}\n{deployment}");
    }
    let lock: serde_json::Value = serde_json::from_str(&project.read(".cofferdam/lock.json")).unwrap();
    assert_eq!(lock["packs"]["house"]["version"], "0.1.0");
    assert_eq!(lock["packs"]["house"]["digest"].as_str().unwrap().len(), 64);
    project.ok(&["check"]);
}

#[test]
fn a_pack_that_changes_under_the_same_version_is_told_where_that_changes_anything() {
    let project = house();
    project.ok(&["generate"]);
    let digest = || {
        let lock: serde_json::Value = serde_json::from_str(&project.read(".cofferdam/lock.json")).unwrap();
        lock["packs"]["house"]["digest"].as_str().unwrap().to_owned()
    };
    let before = digest();
    project.edit("cofferdam.yaml", "preset: rust", "preset: house-rust");
    project.ok(&["generate"]);
    assert_eq!(digest(), before, "it is of the pack, whatever of it the answers need");

    project.write("../house/cases/house-rust/other.yaml", &project.read("../house/cases/house-rust/web.yaml"));
    let run = project.ok(&["check"]);
    assert!(run.stdout.ends_with("; nothing to do\n") && !run.stdout.contains("version"), "{}", run.stdout);

    project.edit("../house/presets/house-rust.yaml", "min: 3", "min: 4");
    let run = project.run(&["check"]);
    assert_eq!(run.code, 2);
    snapshot("other-files", &format!("{}\n{}", run.stdout, project.run(&["diff", "--explain"]).stdout));
    project.ok(&["generate"]);
    assert_ne!(digest(), before);
    assert!(!project.ok(&["check"]).stdout.contains("version"));
}

#[test]
fn what_is_not_as_expected_fails_in_ci_with_the_command_that_mends_it() {
    let project = house();
    project.edit("../house/presets/house-rust.yaml", "min: 3", "min: 4");
    project.write("../house/expected/house-rust/gone/Dockerfile", "FROM scratch\n");
    let before = project.tree();
    let run = test(&project, &[]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    snapshot("changed", &run.stdout);
    snapshot("changed-github", &test(&project, &["--format", "github"]).stdout);
    let junit = test(&project, &["--format", "junit"]).stdout;
    snapshot("changed-junit", &junit);
    let suite = roxmltree::Document::parse(&junit).unwrap();
    let suite = suite.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
    assert_eq!((suite.attribute("tests"), suite.attribute("failures")), (Some("2"), Some("2")));
    assert_eq!(before, project.tree(), "nothing is written unless it is asked for");
    assert_eq!(test(&project, &["--update"]).code, 0);
    assert!(!project.path("../house/expected/house-rust/gone").exists());
    assert_eq!(test(&project, &[]).code, 0);
}

#[test]
fn an_upper_pack_refines_a_preset_of_ours_by_its_own_name() {
    let project = house();
    project.write("../house/presets/rust.yaml", "extends: rust\ndefaults:\n  grace-seconds: 45\n");
    project.ok(&["generate"]);
    let deployment = project.read("deploy/notes/deployment.yaml");
    assert!(deployment.contains("terminationGracePeriodSeconds: 45"), "{deployment}");
    assert!(deployment.contains("memory: 128Mi"), "what it does not say is ours");
}

#[test]
fn a_preset_that_refines_another_is_for_those_who_name_it_unless_it_says_otherwise() {
    let project = Project::example("rust-notes");
    project.ok(&["preset", "new", "../house"]);
    let init = ["init", "--yes", "--dry-run", "--pack", "../house"];
    assert!(project.ok(&init).stderr.contains("  preset                   rust  "));
    let preset = project.read("../house/presets/house-rust.yaml");
    project.write("../house/presets/house-rust.yaml", &format!("{preset}detect: {{ before: [ rust ] }}\n"));
    assert!(project.ok(&init).stderr.contains("  preset                   house-rust  "));
}

const MONITOR: &str = "\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ service.name }}
  namespace: {{ project.namespace }}
  labels:
{% include \"deploy/service/_labels.yaml@4\" %}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ service.name }}
  endpoints:
    - port: http
";

#[test]
fn a_pack_writes_files_beyond_ours_where_they_are_wanted() {
    let project = house();
    let head = project.read("../house/pack.yaml");
    let files = "files:\n  - template: deploy/service/monitor.yaml\n    path: \"{output}/{service}/monitor.yaml\"\n    \
                 when: service.ports\n    why: what is scraped\n";
    project.write("../house/pack.yaml", &format!("{head}{files}"));
    project.write("../house/templates/deploy/service/monitor.yaml.j2", MONITOR);
    project.ok(&["add", "--yes", "--name", "worker", "--preset", "image", "--image", "a.io/b:1", "--port", "none"]);
    assert!(project.read("deploy/notes/monitor.yaml").contains("kind: ServiceMonitor"));
    assert!(!project.path("deploy/worker/monitor.yaml").exists());
    assert!(project.read("deploy/kustomization.yaml").contains("- notes/monitor.yaml\n"));
    project.ok(&["check"]);
    // It follows the rules of all other files.
    project.edit("deploy/notes/monitor.yaml", "port: http", "port: metrics");
    assert!(project.ok(&["check"]).stdout.contains("edited  deploy/notes/monitor.yaml"));
    let wrong = [
        ("when: service.ports", "when: service.prots.x"),
        ("{service}/monitor.yaml", "{service}/service.yaml"),
        ("deploy/service/monitor.yaml\n", "deploy/service/monitr.yaml\n"),
        ("    why: what is scraped\n", ""),
    ];
    let mut screen = String::new();
    for (from, to) in wrong {
        project.write("../house/pack.yaml", &format!("{head}{files}").replace(from, to));
        let run = project.run(&["check"]);
        assert_eq!(run.code, 1, "{to}: {}", run.stdout);
        screen.push_str(&run.stderr);
    }
    snapshot("wrong-files", &screen);
}

#[test]
fn a_new_version_of_a_pack_is_explained_like_one_of_ours() {
    let project = house();
    project.ok(&["generate"]);
    project.edit("../house/pack.yaml", "version: 0.1.0", "version: 0.2.0");
    let changes = project.read("../house/changes.yaml");
    let new = "- version: 0.2.0\n  what: every object names who pays\n  why: the bill was nobody's\n  \
               templates: [ deploy/service/_labels.yaml ]\n";
    project.write("../house/changes.yaml", &format!("{new}{changes}"));
    project.edit(
        "../house/templates/deploy/service/_labels.yaml.j2",
        "{% endblock %}",
        "house.example/pays: \"4711\"\n{% endblock %}",
    );
    let explained = project.run(&["diff", "--explain"]).stdout;
    assert!(explained.starts_with("house 0.1.0 wrote this project, and this is 0.2.0.\n"), "{explained}");
    assert!(
        explained.contains("0.2.0  every object names who pays\n       why: the bill was nobody's\n"),
        "{explained}"
    );
    project.ok(&["generate"]);
    assert!(project.read("deploy/notes/service.yaml").contains("house.example/pays: \"4711\""));
}

/// A project that uses `examples/house-pack`, beside it.
fn acme() -> Project {
    let project = Project::new(&[("cofferdam.yaml", "packs: [ { path: ../acme } ]\nproject: shop\n")]);
    project.copy_example("house-pack", "../acme");
    project
}

#[test]
fn who_says_what_is_told_by_line_and_by_block() {
    let project = acme();
    snapshot("origin", &project.ok(&["preset", "show", "rust", "--origin"]).stdout);
    let json = project.ok(&["preset", "show", "acme-batch", "--origin", "--json"]).stdout;
    snapshot("origin-json", &json);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let text = project.ok(&["preset", "show", "acme-batch", "--origin"]).stdout;
    for key in json["values"].as_array().unwrap().iter().map(|value| value["key"].as_str().unwrap()) {
        assert!(text.contains(&format!("  {key}: ")), "{key} is not in\n{text}");
    }
    for name in json["templates"].as_array().unwrap().iter().map(|template| template["template"].as_str().unwrap()) {
        assert!(text.contains(&format!("  {name}\n")), "{name} is not in\n{text}");
    }
    // An image that exists already has no Dockerfile.
    assert!(!project.ok(&["preset", "show", "image", "--origin"]).stdout.contains(" docker/"));
}

#[test]
fn packs_that_take_up_and_packs_that_replace_are_told_apart() {
    let project = acme();
    let pod = |block: &str, text: &str| {
        format!("{{% extends \"below\" %}}\n{{% block {block} %}}\n{text}\n{{% endblock %}}\n")
    };
    let templates = "templates/deploy/service";
    project.edit("cofferdam.yaml", "{ path: ../acme }", "{ path: ../acme }, { path: ../team }");
    project.write("../team/pack.yaml", "name: team\nversion: 1.0.0\n");
    // One key of a map, a list that is empty, and a key that says nothing.
    let preset = "extends: rust\ntitle:\ndefaults:\n  storage: []\n  resources:\n    cpu:\n    memory: 1Gi\n";
    project.write("../team/presets/rust.yaml", preset);
    project
        .write(&format!("../acme/{templates}/_pod.yaml.j2"), &pod("pod", "    dnsPolicy: ClusterFirst\n{{ super() }}"));
    project.write(&format!("../team/{templates}/_pod.yaml.j2"), &pod("pod", "{{ super() }}"));
    project.write(&format!("../team/{templates}/_labels.yaml.j2"), &pod("labels", "team.example/a: b"));
    project.write(&format!("../acme/{templates}/networkpolicy.yaml.j2"), &pod("egress", "    # nobody else"));
    let ours = fs::read_to_string(format!("{}/pack/{templates}/networkpolicy.yaml.j2", root())).unwrap();
    project.write(&format!("../team/{templates}/networkpolicy.yaml.j2"), &ours);
    let text = project.ok(&["preset", "show", "rust", "--origin"]).stdout;
    for line in [
        "  cofferdam  presets/rust.yaml:1   title: Rust",
        "  team       presets/rust.yaml:4   storage: []",
        "  cofferdam  presets/rust.yaml:10  resources.cpu: 100m",
        "  team       presets/rust.yaml:7   resources.memory: 1Gi",
        "  acme       presets/rust.yaml:4   replicas.min: 3",
        "  team on cofferdam                deploy/service/_labels.yaml",
        "  team                               block labels",
        "  team on acme on cofferdam        deploy/service/_pod.yaml",
        "  team with acme with cofferdam      block pod",
        "  cofferdam                          block volumes",
        "  team instead of acme, cofferdam  deploy/service/networkpolicy.yaml",
        "  acme                             deploy/service/servicemonitor.yaml",
    ] {
        assert!(text.lines().any(|shown| shown == line), "`{line}` is not in\n{text}");
    }
    assert!(!text.contains("block egress"), "what is replaced whole has no blocks of others\n{text}");
}

/// The line that is named says the value that counts.
#[test]
fn every_value_of_our_presets_has_its_line() {
    fn leaves(value: &serde_json::Value) -> usize {
        value.as_object().map_or(1, |map| map.values().map(leaves).sum())
    }
    let pack = Pack::built_in().unwrap();
    for preset in pack.presets.iter() {
        let values = preset.values();
        let others = ["title", "summary", "dockerfile", "port-variable"];
        let defaults = values.iter().filter(|(key, ..)| !others.contains(&key.as_str()) && !key.starts_with("detect."));
        assert_eq!(defaults.count(), leaves(&value(&preset.defaults)), "{}", preset.id);
        for (key, value, source) in values {
            let line = pack.layers[0].files[&source.file].lines().nth(source.line - 1).unwrap();
            let last = key.rsplit('.').next().unwrap();
            let said = value.as_array().map_or(vec![&value], |items| items.iter().collect());
            let said = said.iter().filter_map(|value| value.as_str());
            assert!(line.contains(&format!("{last}:")), "{} takes {key} from `{line}`", preset.id);
            for text in said {
                assert!(line.contains(text), "{} takes {key}: {text} from `{line}`", preset.id);
            }
        }
    }
}

/// Each of these is refused, with its place and what to do; nothing is written, and nothing takes long.
#[test]
fn packs_that_mean_harm_or_nothing_are_refused() {
    const SECRET: &str =
        "apiVersion: v1\nkind: Secret\nmetadata: { name: db, namespace: notes }\nstringData: { password: hunter2 }\n";
    const LABELS: &str = "templates/deploy/service/_labels.yaml.j2";
    const POD: &str = "templates/deploy/service/_pod.yaml.j2";
    let pod = |block: &str, text: &str| {
        format!("{{% extends \"below\" %}}\n{{% block {block} %}}\n{text}\n{{% endblock %}}\n")
    };
    let cases: Vec<(&str, &str, String)> = vec![
        ("endless loop", POD, pod("pod", "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}")),
        ("a gigabyte", POD, pod("pod", "# {{ \"a\" * 1000000000 }}")),
        ("itself, for ever", POD, "{% include \"deploy/service/_pod.yaml\" %}\n".to_owned()),
        ("host network", POD, pod("pod", "    hostNetwork: true")),
        ("no security context", POD, "template:\n  metadata: { labels: { app.kubernetes.io/instance: {{ service.name }} } }\n  spec: { containers: [ { name: a, image: {{ service.image }} } ] }\n".to_owned()),
        ("no such block", POD, pod("pods", "    x: 1")),
        ("no such value", LABELS, pod("labels", "a.b/c: {{ project.nam }}")),
        ("no template", LABELS, pod("labels", "{% for x %}")),
        ("structure from a value", LABELS, pod("labels", "{{ \"a: b\\n  c: d\"|safe }}")),
        ("a file of the machine", LABELS, pod("labels", "{% include \"/etc/passwd\" %}")),
        ("nobody's template", "templates/deploy/service/_lables.yaml.j2", "a: b\n".to_owned()),
        ("nothing below", "templates/deploy/service/new.yaml.j2", "{% extends \"below\" %}\n".to_owned()),
        ("a circle", "presets/rust.yaml", "extends: house-rust\n".to_owned()),
        ("a bad head", "pack.yaml", "name: House!\nversion: one\ncofferdam: \">=99\"\n".to_owned()),
        ("another cofferdam", "pack.yaml", "name: house\nversion: 1.0.0\ncofferdam: \">=99\"\n".to_owned()),
        ("our name", "pack.yaml", "name: cofferdam\nversion: 1.0.0\n".to_owned()),
        ("a secret", "templates/deploy/service/serviceaccount.yaml.j2", format!("{SECRET}---\n{{% extends \"below\" %}}\n")),
        ("a long file", LABELS, "#".repeat(5_000_000)),
    ];
    let mut screen = String::new();
    for (name, path, text) in cases {
        let project = house();
        project.write(&format!("../house/{path}"), &text);
        let before = project.tree();
        let run = project.run(&["generate"]);
        assert_eq!(run.code, 1, "{name}: {}", run.stdout);
        assert!(!run.stderr.contains("panicked") && !run.stderr.contains("internal error"), "{name}: {}", run.stderr);
        assert_eq!(before, project.tree(), "{name}");
        screen.push_str(&format!("== {name}\n{}", run.stderr));
    }
    snapshot("refused", &screen);
}

#[test]
fn a_pack_is_never_read_through_a_link() {
    for path in ["templates/deploy/service/_labels.yaml.j2", "templates/deploy/elsewhere", "presets"] {
        let project = house();
        let link = project.path("../house").join(path);
        if link.exists() {
            fs::rename(&link, project.path("../moved")).unwrap();
        }
        symlink("../moved", link).unwrap();
        let run = project.run(&["generate"]);
        assert_eq!(run.code, 1, "{path}");
        assert!(run.stderr.contains(&format!("{path} is a link\n  --> ../house/{path}\n")), "{}", run.stderr);
    }
}

#[test]
fn a_file_of_a_pack_has_a_name_that_can_be_written_in_a_line() {
    let project = house();
    project.write("../house/cases/house-rust/web\nworker.yaml", "project: shop\n");
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 1);
    snapshot("name", &run.stderr);
}

#[test]
fn a_folder_that_is_no_pack_is_said() {
    let project = house();
    project.edit("cofferdam.yaml", "../house", "../horse");
    let run = project.run(&["check"]);
    assert_eq!(run.code, 1);
    snapshot("no-pack", &run.stderr);
}

/// The guide's files are written and its commands run, in its order.
#[test]
fn the_guide_works_as_it_is_written() {
    let guide = fs::read_to_string(format!("{}/docs/packs.md", root())).unwrap();
    // tests/fetch.rs goes on from there.
    let (guide, _) = guide.split_once("\n## From a repository\n").unwrap();
    let project = Project::new(&[]);
    let (mut files, mut runs) = (0, 0);
    for block in guide.split("```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        let path = first.trim_start_matches(['#', '{', ' ']).trim_end_matches(['#', '}', ' ']);
        match kind {
            "yaml" | "jinja" if path.starts_with("house/") || path == "cofferdam.yaml" => {
                project.write(path, rest);
                files += 1;
            }
            "console" => {
                for session in text.split("$ cofferdam ").skip(1) {
                    let (command, shown) = session.split_once('\n').unwrap();
                    let run = project.run(&command.split(' ').collect::<Vec<_>>());
                    let printed: Vec<&str> = run.stdout.lines().collect();
                    for line in shown.lines().filter(|line| *line != "…") {
                        assert!(printed.contains(&line), "`{line}` is not in\n{}{}", run.stdout, run.stderr);
                    }
                    runs += 1;
                }
            }
            _ => {}
        }
    }
    assert_eq!((files, runs), (8, 5), "files and runs of the guide");
}
