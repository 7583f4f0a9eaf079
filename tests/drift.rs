//! What `check` says of edits that take protection away without breaking any rule of an object alone, and of those that
//! do no harm.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use support::Project;

const POLICY: &str = "deploy/notes/networkpolicy.yaml";

type Edit = fn(&Project);

fn project() -> Project {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project
}

#[test]
fn edits_that_take_protection_away_are_named_with_what_mends_them() {
    let cases: [(Edit, &str); 6] = [
        (|project| project.write(POLICY, ""), "`NetworkPolicy notes/notes` is gone from it"),
        (|project| project.write("deploy/namespace.yaml", "# later\n"), "`Namespace /notes` is gone from it"),
        (
            |project| project.edit("deploy/kustomization.yaml", "  - notes/networkpolicy.yaml\n", ""),
            "`notes/networkpolicy.yaml` is not listed any more",
        ),
        (
            |project| project.edit(POLICY, "  egress:\n", "  egress:\n    - {}\n"),
            "it lets the pods of Deployment/notes connect to addresses outside: every port",
        ),
        (
            |project| {
                let from = "      ports:\n        - protocol: UDP\n          port: 53\n";
                project.edit(POLICY, from, &format!("{from}        - protocol: UDP\n          port: 123\n"));
            },
            "connect to addresses outside: TCP 53; UDP 53, 123",
        ),
        (
            |project| project.edit("deploy/notes/service.yaml", "type: ClusterIP", "typ: ClusterIP"),
            "nobody knows the key",
        ),
    ];
    for (edit, said) in cases {
        let project = project();
        edit(&project);
        let check = project.run(&["check"]);
        assert_eq!(check.code, 3, "{said}\n{}", check.stdout);
        assert!(check.stdout.contains(said), "`{said}` is not in\n{}", check.stdout);
        let json: serde_json::Value = serde_json::from_str(&project.run(&["check", "--json"]).stdout).unwrap();
        assert!(json["drift"].as_array().unwrap().iter().any(|drift| drift["what"].as_str().unwrap().contains(said)));
    }
}

#[test]
fn edits_that_do_no_harm_are_listed_and_allowed() {
    let cases: [(Edit, &str); 3] = [
        (
            |project| {
                let path = "deploy/kustomization.yaml";
                project.write(path, &(project.read(path) + "images:\n  - name: a\n    newTag: b\n"));
            },
            "images: `[{ name: a, newTag: b }]` was added",
        ),
        (
            |project| project.edit("deploy/notes/deployment.yaml", "replicas: 2", "replicas: 3"),
            "spec.replicas: `2` became `3`",
        ),
        (
            |project| project.edit("deploy/notes/service.yaml", "protocol: TCP", "protocol: TCP # as ever"),
            "was changed by hand, which is kept",
        ),
    ];
    for (edit, said) in cases {
        let project = project();
        edit(&project);
        let check = project.ok(&["check"]);
        assert!(check.stdout.contains(said), "`{said}` is not in\n{}", check.stdout);
    }
}

#[test]
fn edits_of_a_dockerfile_are_told_by_instruction() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit("Dockerfile", "HEALTHCHECK NONE\n", "");
    project.edit("Dockerfile", "COPY . .", "COPY --link . .");
    project.write("Dockerfile", &(project.read("Dockerfile") + "LABEL team=web\n"));
    assert_eq!(
        project.run(&["check"]).stdout.lines().take(4).collect::<Vec<_>>().join("\n"),
        "   edited  Dockerfile was changed by hand, which is kept\n           \
         build: COPY .: `COPY . .` became `COPY --link . .`\n           \
         final: HEALTHCHECK: `HEALTHCHECK NONE` was taken away\n           \
         final: LABEL team: `LABEL team=web` was added"
    );
}
