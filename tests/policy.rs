//! What a pack insists on, whatever answers, edits and kustomizations say.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use support::Project;

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "policy", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A folder with a new pack `house` and an app beside it that uses it.
fn house() -> Project {
    let project = Project::example("rust-notes");
    project.ok(&["preset", "new", "../house"]);
    project.ok(&["init", "--yes", "--pack", "../house"]);
    project
}

const POLICY: &str = "\
policy:
  registries: [ ghcr.io/acme ]
  labels: [ house.example/owner, house.example/pays ]
  no-exceptions: [ writable-root-filesystem ]
  memory: { max: 1Gi }
  replicas: { min: 2, max: 9 }
";

#[test]
fn what_a_pack_insists_on_holds_for_answers_and_for_edits() {
    let project = house();
    let head = project.read("../house/pack.yaml");
    project.write("../house/pack.yaml", &format!("{head}{POLICY}"));
    let mut screen = String::new();
    let mut refused = || {
        let run = project.run(&["generate"]);
        assert_eq!(run.code, 1, "{}", run.stdout);
        screen.push_str(&run.stderr);
    };
    project.edit(
        "cofferdam.yaml",
        "preset: rust",
        "preset: rust\n    replicas: { min: 1, max: 20 }\n    resources: { memory: 2Gi }\n    exceptions: [ { rule: \
         writable-root-filesystem, reason: it unpacks itself } ]",
    );
    refused();
    let answers = project.read("cofferdam.yaml");
    let keeps: String = answers
        .lines()
        .filter(|line| !["replicas:", "resources:", "exceptions:"].iter().any(|key| line.contains(key)))
        .map(|line| format!("{line}\n"))
        .collect();
    project.write("cofferdam.yaml", &keeps);
    project.edit("cofferdam.yaml", "image: registry.example.com/notes", "image: ghcr.io/acme/notes");
    refused();
    project.edit(
        "../house/templates/deploy/service/_labels.yaml.j2",
        "{% endblock %}",
        "house.example/pays: \"4711\"\n{% endblock %}",
    );
    project.ok(&["generate"]);
    project.ok(&["check"]);
    project.edit("deploy/notes/deployment.yaml", "image: ghcr.io/acme/notes", "image: ghcr.io/acme-evil/notes");
    let check = project.run(&["check"]);
    assert_eq!(check.code, 3, "{}", check.stdout);
    assert!(check.stdout.contains("its image is `ghcr.io/acme-evil/notes:0.3.0`"), "{}", check.stdout);
    project.edit("deploy/notes/deployment.yaml", "replicas: 2", "replicas: 12");
    let limits = "cpu: \"1\"\n              memory: ";
    project.edit("deploy/notes/deployment.yaml", &format!("{limits}128Mi"), &format!("{limits}3Gi"));
    let check = project.run(&["check"]);
    assert_eq!(check.code, 3, "{}", check.stdout);
    screen.push_str(&check.stdout);
    project.ok(&["restore", "deploy/notes/deployment.yaml"]);
    project.edit("deploy/notes/deployment.yaml", "  replicas: 2\n", "");
    project.edit(
        "deploy/notes/deployment.yaml",
        "    house.example/owner: notes\n    house",
        "    house.example/owner: \"\"\n    house",
    );
    let check = project.run(&["check"]).stdout;
    assert!(check.contains("Deployment notes: it has 1 pod\n"), "{check}");
    assert!(check.contains("Deployment notes: it has no label `house.example/owner`\n"), "{check}");
    project.write(
        "../house/pack.yaml",
        &format!("{head}policy:\n  registries: [ GHCR ]\n  memory: {{ max: lots }}\n  replicsa: {{}}\n"),
    );
    screen.push_str(&project.run(&["check"]).stderr);
    snapshot("edits", &screen);
}

#[test]
fn no_spelling_of_an_edit_gets_around_it() {
    let project = house();
    let head = project.read("../house/pack.yaml");
    let policy = "policy:\n  memory: { min: 64Mi, max: 1Gi }\n  cpu: { max: 2 }\n  replicas: { min: 2, max: 20 }\n  \
                  labels: [ house.example/owner ]\n  no-exceptions: [ writable-root-filesystem ]\n";
    project.write("../house/pack.yaml", &format!("{head}{policy}"));
    project.ok(&["generate"]);
    let path = "deploy/notes/deployment.yaml";
    let written = project.read(path);
    let mut around = Vec::new();
    let limit = "cpu: \"1\"\n              memory: 128Mi";
    let memory =
        ["8Pi", "1E", "1e10", "9000000000000m", ".5Ti", "1.0000000001Gi", "\"0\"", "1e3", "-1", "1e1Gi", "lots"];
    around.extend(memory.map(|memory| (limit, limit.replace("128Mi", memory))));
    let cpu = ["\"0\"", "3000000u", "9000000000n", "1k", "2.0001", "1Ki"];
    around.extend(cpu.map(|cpu| (limit, limit.replace("\"1\"", cpu))));
    around.extend(["21", "1001", "2147483647", "0"].map(|count| ("replicas: 2", format!("replicas: {count}"))));
    let excepted = "metadata:\n  annotations:\n    cofferdam/except.writable-root-filesystem: it unpacks itself";
    around.push(("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false".to_owned()));
    for (from, to) in around {
        let edited =
            written.replacen(from, &to, 1).replacen("metadata:", excepted, usize::from(to.contains("Filesystem")));
        assert_ne!(edited, written, "{from}");
        project.write(path, &edited);
        let check = project.run(&["check"]);
        assert_eq!(check.code, 3, "{to}: {}{}", check.stdout, check.stderr);
        assert!(check.stdout.contains("the pack `house` "), "{to}: {}", check.stdout);
    }
    // Neither without the label that says whose it is, nor on the pods alone.
    let owner = "    house.example/owner: notes\n";
    let bare: String = written.split_inclusive('\n').filter(|line| !line.contains("kubernetes.io/instance:")).collect();
    for edited in
        [written.replacen(owner, "", 1), written.replacen(&format!("    {owner}"), "", 1), bare.replacen(owner, "", 1)]
    {
        assert_ne!(edited, written);
        project.write(path, &edited);
        let check = project.run(&["check"]).stdout;
        assert!(check.contains("no label `house.example/owner`"), "{check}");
    }
}

#[test]
fn what_a_kustomization_changes_is_held_to_it_or_told() {
    let project = house();
    let changed = "\
images:
  - { name: registry.example.com/notes, newTag: 0.3.1 }
  - { name: registry.example.com/notes, newName: docker.io/evil/notes }
  - { name: registry.example.com/notes, newName: registry.example.com/other/notes, newTag: 0.3.1 }
replicas:
  - { name: notes, count: 12 }
  - { name: notes, count: 3 }
patches:
  - path: more.yaml
commonLabels: { house.example/owner: \"\" }
configMapGenerator: [ { name: more, literals: [ A=b ] } ]
";
    let plain = project.read("deploy/kustomization.yaml");
    project.write("deploy/kustomization.yaml", &format!("{plain}{changed}"));
    project.ok(&["check"]);
    let head = project.read("../house/pack.yaml");
    let policy = "policy: { registries: [ registry.example.com ], replicas: { max: 9 } }\n";
    project.write("../house/pack.yaml", &format!("{head}{policy}"));
    let check = project.run(&["check"]);
    assert_eq!(check.code, 3, "{}", check.stdout);
    snapshot("kustomization", &check.stdout);

    project.write("deploy/kustomization.yaml", &plain);
    let block = "{% extends \"below\" %}\n{% block kustomization %}\nreplicas: [ { name: notes, count: 12 } ]\n{% endblock %}\n";
    project.write("../house/templates/deploy/kustomization.yaml.j2", block);
    let refused = project.run(&["generate"]);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    snapshot("of-the-pack", &refused.stderr);
}
