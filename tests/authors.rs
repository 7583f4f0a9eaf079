//! What those who write packs are told: by `preset test`, and by whatever else reads the pack.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use support::Project;

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "authors", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A pack `house` as `preset new` begins it, beside an app.
fn house() -> Project {
    let project = Project::example("rust-notes");
    project.ok(&["preset", "new", "../house"]);
    project
}

fn tested(project: &Project) -> String {
    let run = project.run(&["preset", "test", "../house"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    format!("{}{}", run.stdout, run.stderr)
}

#[test]
fn a_dockerfile_of_a_pack_builds_like_the_one_that_its_preset_comes_from() {
    let project = house();
    project.write(
        "../house/templates/docker/web.Dockerfile.j2",
        "{% include \"docker/rust.Dockerfile\" %}\nLABEL by=house\n",
    );
    project.write("../house/presets/web.yaml", "extends: rust\ndockerfile: web\n");
    let init = ["init", "--yes", "--pack", "../house"];
    project.ok(&[&init[..], &["--preset", "web"]].concat());
    let dockerfile = project.read("Dockerfile");
    assert!(dockerfile.contains("cargo build") && dockerfile.contains("ENTRYPOINT [\"/app/notes\"]\n"), "{dockerfile}");
    assert!(dockerfile.ends_with("LABEL by=house\n"), "{dockerfile}");

    let other = house();
    other.write("../house/templates/docker/web.Dockerfile.j2", "FROM scratch\n");
    other.write("../house/presets/web.yaml", "extends: rust\ndockerfile: web\n");
    other.ok(&init);
    other.ok(&["check"]);
}

#[test]
fn a_preset_is_found_before_the_one_that_it_names_however_that_is_found() {
    let project = Project::new(&[
        ("requirements.txt", "flask==3.1.0\ngunicorn==23.0.0\n"),
        ("app.py", "from flask import Flask\napp = Flask(__name__)\n"),
    ]);
    project.ok(&["preset", "new", "../house"]);
    let preset = "extends: flask\ndetect: { before: [ flask ] }\n";
    project.write("../house/presets/house-flask.yaml", preset);
    let found = project.ok(&["init", "--yes", "--dry-run", "--pack", "../house", "--entry", "app:app"]).stderr;
    assert!(found.contains("  preset                   house-flask  "), "{found}");
    project.write("../house/presets/house-flask.yaml", &preset.replace("[ flask ]", "[ flsk ]"));
    snapshot("before", &tested(&project));
}

#[test]
fn a_fault_of_a_case_is_told_where_the_case_is() {
    let project = house();
    project.edit("../house/cases/house-rust/web.yaml", "ready: /readyz", "ready: readyz");
    let told = tested(&project);
    assert!(told.contains("--> ../house/cases/house-rust/web.yaml:"), "{told}");
    let annotations = project.run(&["preset", "test", "../house", "--format", "github"]).stdout;
    assert!(annotations.contains("::error file=../house/cases/house-rust/web.yaml,line="), "{annotations}");
}

#[test]
fn what_is_not_tested_and_what_is_not_told_is_named() {
    let project = house();
    project.write("../house/presets/house-go.yaml", "extends: go\n");
    project.edit("../house/pack.yaml", "version: 0.1.0", "version: 0.2.0");
    let head = project.read("../house/pack.yaml");
    let asked = "questions: [ { key: owner, ask: Who is called? }, { key: pool, ask: Which nodes? }, { key: tier, ask: How bad? } ]";
    let label = "labels: { house.example/team: \"{owner}\" }";
    project.write("../house/pack.yaml", &format!("{head}{asked}\n{label}\n"));
    let template = "{% extends \"below\" %}\n{% block pod %}\n    nodeSelector: { pool: {{ service.extra.pool }} }\n{% endblock %}\n";
    project.write("../house/templates/deploy/service/_pod.yaml.j2", template);
    let answers = project.read("../house/cases/house-rust/web.yaml");
    project.write(
        "../house/cases/house-rust/web.yaml",
        &format!("{answers}    extra: {{ owner: shop, pool: fast, tier: gold }}\n"),
    );
    let run = project.run(&["preset", "test", "../house", "--update"]);
    snapshot("untold", &run.stdout);
    assert_eq!(run.code, 0);
    project.write("../house/changes.yaml", "- version: 0.2.0\n  what: new labels\n  why: the old ones were old\n  templates: [ deploy/service/_podd.yaml ]\n");
    snapshot("changes", &tested(&project));
    std::fs::remove_dir_all(project.path("../house/cases")).unwrap();
    project.write("../house/changes.yaml", "");
    snapshot("no-case", &tested(&project));
}

#[test]
fn a_preset_that_cannot_be_read_is_told_once() {
    let project = house();
    project.write("../house/presets/house-rust.yaml", "extends: rust\ndefalts: {}\n");
    snapshot("unread", &tested(&project));
}

#[test]
fn a_block_that_takes_up_what_is_below_leaves_no_line_behind() {
    let project = house();
    let pod =
        "{% extends \"below\" %}\n{% block pod %}\n    {{ super() }}\n    dnsPolicy: ClusterFirst\n{% endblock %}\n";
    project.write("../house/templates/deploy/service/_pod.yaml.j2", pod);
    project.ok(&["init", "--yes", "--pack", "../house"]);
    let deployment = project.read("deploy/notes/deployment.yaml");
    assert!(deployment.contains("terminationGracePeriodSeconds: 30\n      dnsPolicy: ClusterFirst\n"), "{deployment}");
}

#[test]
fn a_value_that_would_be_letters_of_a_longer_one_is_refused() {
    let project = house();
    let labels = "{% extends \"below\" %}\n{% block labels %}\nhouse.example/owner: of-{{ service.name }}\nhouse.example/tag: v-{{ \"4711\" }}\n{% endblock %}\n";
    project.write("../house/templates/deploy/service/_labels.yaml.j2", labels);
    snapshot("inside", &tested(&project));
    project.edit("../house/templates/deploy/service/_labels.yaml.j2", "v-{{ \"4711\" }}", "{{ \"v-\" ~ \"4711\" }}");
    let run = project.run(&["preset", "test", "../house"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
}

#[test]
fn what_a_template_cannot_do_is_said() {
    let project = house();
    let head = project.read("../house/pack.yaml");
    let question = "questions: [ { key: word, ask: Which word?, default: \"on\" } ]\n";
    let tried = |path: &str, line: &str| {
        let template = path.rsplit('/').next().unwrap();
        let file = format!("files: [ {{ template: deploy/service/{template}, path: \"{path}\", why: to try it }} ]\n");
        project.write("../house/pack.yaml", &format!("{head}{question}{file}"));
        let text = if path.ends_with("Dockerfile") {
            format!("{line}\nFROM scratch\nUSER 65532:65532\nHEALTHCHECK NONE\n")
        } else {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n  namespace: {{{{ project.namespace }}}}\n  \
                 labels:\n{{% include \"deploy/service/_labels.yaml@4\" %}}\ndata:\n{line}\n"
            )
        };
        project.write(&format!("../house/templates/deploy/service/{template}.j2"), &text);
        let told = tested(&project);
        std::fs::remove_file(project.path(&format!("../house/templates/deploy/service/{template}.j2"))).unwrap();
        format!("{}\n{told}\n", &line[..line.len().min(70)])
    };
    let yaml = "{output}/{service}/more.yaml";
    let long = format!("  a: {{{{ 1{} }}}}", " + 1".repeat(20_000));
    let doubled = "{% set all = namespace(it=[1, 2]) %}{% for one in range(60) %}{% set all.it = all.it + all.it %}{% endfor %}\n  a: {{ all.it }}";
    let mut screen = String::new();
    for line in [
        "{% autoescape false %}\n  a: {{ service.extra.word }}\n{% endautoescape %}",
        "{% from \"deploy/service/macros\" import labels %}",
        "  a: {% include \"deploy/service/_labels.yaml\" %}",
        "  a: {{ service.extra.word|tojson }}",
        "  a: {{ service.extra.word|comment }}",
        "  a: |\n    {{ \"a\tb\" }}",
        &long,
        doubled,
        "{% set all = namespace(it=1) %}{% for one in range(90000) %}{% set all.it = [all.it] %}{% endfor %}\n  a: {{ all.it }}",
        "{% set all = namespace(it=1) %}{% for one in range(40) %}{% set all.it = [all.it, all.it] %}{% endfor %}\n  a: {{ all.it }}",
        "{% set all %}{{ service.extra.word }}{% endset %}\n  a: {{ all|title }}",
        &format!("  a: {{{{ \"}}}}\" ~ (1{}) }}}}", " + 1".repeat(20_000)),
        &format!("{{% if false %}}{}{{% endif %}}", "{% elif false %}\n".repeat(20_000)),
    ] {
        screen.push_str(&tried(yaml, line));
    }
    for line in [
        "# {{ \"syntax=evil.example/frontend:1\" }}",
        "# escape=`",
        "LABEL a={{ \"a b\"|comment }}",
        "COPY <{{ \"<E\" }} /a",
        "LABEL a={{ \"a\\\\\" }}",
    ] {
        screen.push_str(&tried("{path}/More.Dockerfile", line));
    }
    screen.push_str(&tried("{output}/{service}/more.json", "  a: so {{ service.extra.word }}"));
    screen.push_str(&tried("{output}/{service}/more.json", "  a: [ \"x, {{ service.extra.word }}, y\" ]"));
    snapshot("cannot", &screen);
}

#[test]
fn a_template_excepts_from_no_rule() {
    let project = house();
    let pod = "{% extends \"below\" %}\n{% block pod %}\n    hostNetwork: true\n{% endblock %}\n";
    project.write("../house/templates/deploy/service/_pod.yaml.j2", pod);
    let labels =
        "{% extends \"below\" %}\n{% block labels %}\nhouse.example/owner: {{ service.name }}\n{% endblock %}\n";
    project.write("../house/templates/deploy/service/_labels.yaml.j2", labels);
    let deployment = include_str!("../pack/templates/deploy/service/deployment.yaml.j2");
    let excepted = "metadata:\n  annotations:\n    cofferdam/except.host-namespaces: the agent needs it\n";
    project.write(
        "../house/templates/deploy/service/deployment.yaml.j2",
        &deployment.replacen("metadata:\n", excepted, 1),
    );
    snapshot("excepted", &tested(&project));
}

const SIDECAR: &str = "\
{% extends \"below\" %}
{% block containers %}
      - name: proxy
        image: ghcr.io/acme/proxy:1.0.0
        imagePullPolicy: Always
        securityContext:
          privileged: false
          runAsNonRoot: true
          readOnlyRootFilesystem: true
          allowPrivilegeEscalation: false
          capabilities: { drop: [ ALL ] }
          seccompProfile: { type: RuntimeDefault }
        resources:
          requests: { cpu: 10m, memory: 64Mi, ephemeral-storage: 64Mi }
          limits: { cpu: 100m, memory: 64Mi, ephemeral-storage: 64Mi }
        volumeMounts:
          - name: tmp
            mountPath: /tmp
{% endblock %}
";

#[test]
fn containers_of_a_pack_count_for_the_quota() {
    let project = house();
    project.write("../house/templates/deploy/service/_pod.yaml.j2", SIDECAR);
    snapshot("sidecar", &tested(&project));
    let asks_too_much = SIDECAR.replace("requests: { cpu: 10m, memory: 64Mi", "requests: { cpu: 10m, memory: 65Mi");
    let head = project.read("../house/pack.yaml");
    let sidecars = "sidecars: { cpu: 10m, cpu-limit: 100m, memory: 65Mi, disk: 64Mi }\n";
    project.write("../house/pack.yaml", &format!("{head}{sidecars}"));
    project.write("../house/templates/deploy/service/_pod.yaml.j2", &asks_too_much);
    snapshot("asks-too-much", &tested(&project));
    project.write("../house/templates/deploy/service/_pod.yaml.j2", SIDECAR);
    project.ok(&["preset", "test", "../house", "--update"]);
    project.ok(&["init", "--yes", "--pack", "../house"]);
    assert!(project.read("deploy/guardrails.yaml").contains("requests.cpu: 550m\n"), "5 pods of 100m and 10m");
    project.ok(&["check"]);
}

#[test]
fn what_others_apply_lies_beside_the_kustomization() {
    let project = house();
    let head = project.read("../house/pack.yaml");
    let file =
        "files: [ { template: argocd/application.yaml, path: argocd/application.yaml, why: what Argo CD reads } ]\n";
    project.write("../house/pack.yaml", &format!("{head}{file}"));
    project.write(
        "../house/templates/argocd/application.yaml.j2",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {{ project.name }}\n  namespace: argocd\n\
         spec:\n  source: { path: {{ project.output }} }\n",
    );
    project.ok(&["init", "--yes", "--pack", "../house"]);
    assert!(!project.read("deploy/kustomization.yaml").contains("argocd"));
    assert!(project.read("argocd/application.yaml").contains("  namespace: argocd\n"));
    project.ok(&["check"]);
    project.edit("../house/pack.yaml", "path: argocd/application.yaml", "path: \"{output}/application.yaml\"");
    assert!(project.run(&["generate"]).stderr.contains("it is not in the project's namespace"));
}

#[test]
fn a_new_version_that_asks_something_tells_so_before_it_is_answered() {
    let project = house();
    project.ok(&["init", "--yes", "--pack", "../house"]);
    let head = project.read("../house/pack.yaml").replace("version: 0.1.0", "version: 0.2.0");
    project.write("../house/pack.yaml", &format!("{head}questions: [ {{ key: owner, ask: Who is called? }} ]\n"));
    let changes = "- version: 0.2.0\n  what: every service has an owner\n  why: nobody was called\n";
    project.write("../house/changes.yaml", changes);
    let run = project.run(&["diff", "--explain"]);
    assert_eq!(run.code, 1);
    snapshot("asks", &run.stdout);
}

#[test]
fn every_value_that_a_template_may_place_can_be_looked_up() {
    let project = house();
    project.edit(
        "../house/pack.yaml",
        "version: 0.1.0",
        "version: 0.1.0\nquestions: [ { key: tier, ask: Which?, default: silver } ]",
    );
    project.write("cofferdam.yaml", "packs: [ { path: ../house } ]\nproject: shop\n");
    let seen = project.ok(&["preset", "show", "house-rust", "--sees"]).stdout;
    let seen: serde_json::Value = serde_json::from_str(&seen).unwrap();
    assert_eq!(seen["of-a-service"]["service"]["extra"]["tier"], "silver");
    assert_eq!(seen["of-the-project"]["services"][0]["service"]["name"], "checkout");
    let list = project.ok(&["preset", "list"]).stdout;
    assert!(list.lines().any(|line| line.starts_with("house-rust ") && line.ends_with(" (house)")), "{list}");
}

#[test]
fn what_would_break_a_project_is_refused() {
    let file = |path: &str| format!("files: [ {{ template: note, path: \"{path}\", why: to see }} ]\n");
    let asked = |default: &str| format!("questions: [ {{ key: by, ask: Who?, default: {default} }} ]\n");
    const DOCKERFILE: &str = "templates/docker/rust.Dockerfile.j2";
    let label = "FROM scratch\nLABEL by={{ service.extra.by }}\nENTRYPOINT [\"/app\"]\n";
    let cases = [
        ("state", file(".Cofferdam/lock.json"), "templates/note.j2", "hi\n"),
        ("answers", file("{path}/cofferdam.yaml"), "templates/note.j2", "hi\n"),
        ("a folder for a file", file("{output}/{service}"), "templates/note.j2", "hi\n"),
        ("a file for a folder", file("Dockerfile/note"), "templates/note.j2", "hi\n"),
        ("far to the right", asked("me"), DOCKERFILE, "{% include \"docker/go.Dockerfile@999999999999\" %}\n"),
        ("another toolchain's", asked("me"), DOCKERFILE, "{% include \"docker/go.Dockerfile\" %}\n"),
        ("a line that goes on", asked("'me \\'"), DOCKERFILE, label),
        ("a text that goes on", asked("'<<EOF'"), DOCKERFILE, label),
        ("a wrong answer", asked("me"), "presets/rust.yaml", "extends: rust\ndefaults: { extra: { bye: me } }\n"),
    ];
    let mut screen = String::new();
    for (name, head, path, text) in cases {
        let project = house();
        project.ok(&["init", "--yes"]);
        project.edit("cofferdam.yaml", "project: notes", "packs: [ { path: ../house } ]\nproject: notes");
        let before = project.tree();
        project.write("../house/pack.yaml", &format!("{}{head}", project.read("../house/pack.yaml")));
        project.write(&format!("../house/{path}"), text);
        let run = project.run(&["generate"]);
        assert_eq!(run.code, 1, "{name}: {}{}", run.stdout, run.stderr);
        assert_eq!(before, project.tree(), "{name}");
        screen.push_str(&format!("== {name}\n{}", run.stderr));
    }
    snapshot("refused", &screen);
}

#[test]
fn a_line_that_a_pack_made_is_explained_by_it() {
    let project = Project::example("rust-notes");
    project.copy_example("house-pack", "../acme");
    let answers = ["--extra", "cost-centre=4711", "--extra", "owner=team-notes"];
    project.ok(&[&["init", "--yes", "--pack", "../acme"], &answers[..]].concat());
    let deployment = project.read("deploy/notes/deployment.yaml");
    let line = deployment.lines().position(|line| line.contains("acme.example/owner")).unwrap() + 1;
    snapshot("explained", &project.ok(&["explain", &format!("deploy/notes/deployment.yaml:{line}")]).stdout);
}

/// The keys that a schema does not know, of a value and what is below it.
fn unknown(value: &serde_json::Value, schema: &serde_json::Value, root: &serde_json::Value, found: &mut Vec<String>) {
    use serde_json::Value;
    let reference = schema.get("$ref").and_then(Value::as_str).map(|at| root.pointer(&at[1..]).unwrap());
    let schema = reference.unwrap_or(schema);
    let any = schema.get("anyOf").and_then(Value::as_array).and_then(|any| any.first());
    let schema = any.map_or(schema, |first| first.get("$ref").map_or(first, |_| first));
    if schema.get("$ref").is_some() {
        return unknown(value, schema, root, found);
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (schema.pointer(&format!("/properties/{key}")), schema.get("additionalProperties")) {
                    (Some(below), _) => unknown(value, below, root, found),
                    (None, Some(below)) if below.is_object() => unknown(value, below, root, found),
                    _ => found.push(key.clone()),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| unknown(item, &schema["items"], root, found)),
        _ => {}
    }
}

#[test]
fn what_editors_are_told_knows_every_key_of_a_real_pack() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/house-pack");
    let project = Project::new(&[]);
    for (name, path) in [
        ("pack.yaml", "pack.yaml"),
        ("preset.yaml", "presets/acme-batch.yaml"),
        ("changes.yaml", "changes.yaml"),
        ("cofferdam.yaml", "cases/rust/web.yaml"),
    ] {
        let schema: serde_json::Value = serde_json::from_str(&project.ok(&["schema", name]).stdout).unwrap();
        let text = std::fs::read_to_string(format!("{root}/{path}")).unwrap();
        let value = cofferdam::yaml::read::read(path, &text).unwrap()[0].to_kubernetes();
        let mut found = Vec::new();
        unknown(&value, &schema, &schema, &mut found);
        assert_eq!(found, Vec::<String>::new(), "{path}");
        unknown(&serde_json::json!({ "nmae": "x" }), &schema, &schema, &mut found);
        assert!(name == "changes.yaml" || found == ["nmae"], "{path}");
    }
}
