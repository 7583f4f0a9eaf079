//! Thirty everyday meetings of a person's edit and a change of the templates, and what goes on around them, each with the
//! real binary. Number 05, a file that the templates rename, needs templates of its own: `tests/upgrades.rs`.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use cofferdam::lock::{self, Entry, Lock, digest};
use cofferdam::yaml::read::read;
use support::{Project, Run};

const DEPLOYMENT: &str = "deploy/notes/deployment.yaml";
const BUDGET: &str = "deploy/notes/disruptionbudget.yaml";
const POLICY: &str = "deploy/notes/networkpolicy.yaml";

struct Scenario {
    name: &'static str,
    /// What the templates have new: in which file, what they have now, and what they had before.
    new: &'static [(&'static str, &'static str, &'static str)],
    /// What a person did meanwhile.
    person: fn(&Project),
    /// How `generate` ends: 0 where nothing waits for anybody, 4 where it does.
    code: i32,
    /// How `check` ends then: the same, or 3 where the edit weakens what it is in.
    check: i32,
    /// Whether what is there then is right.
    right: fn(&Project, &Run),
}

const REVISIONS: (&str, &str, &str) = (DEPLOYMENT, "revisionHistoryLimit: 3", "revisionHistoryLimit: 10");
const DRAIN: (&str, &str, &str) = (BUDGET, "maxUnavailable: 1", "maxUnavailable: 2");
const WORKDIR: (&str, &str, &str) = ("Dockerfile", "WORKDIR /app", "WORKDIR /srv");

static SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "01 deleted by a person, changed by the templates",
        new: &[DRAIN],
        person: |project| fs::remove_file(project.path(BUDGET)).unwrap(),
        code: 0,
        check: 0,
        right: |project, run| {
            assert!(!project.path(BUDGET).exists());
            has(&run.stdout, "stays so; the templates have something new for it");
        },
    },
    Scenario {
        name: "02 deleted by a person, not changed by the templates",
        new: &[REVISIONS],
        person: |project| fs::remove_file(project.path(BUDGET)).unwrap(),
        code: 0,
        check: 0,
        right: |project, _| {
            assert!(!project.path(BUDGET).exists());
            assert!(!project.read("deploy/kustomization.yaml").contains("disruptionbudget"));
        },
    },
    Scenario {
        name: "03 dropped by the templates, as it was written",
        new: &[],
        person: |project| had(project, "deploy/notes/extra.yaml", "extra: true\n"),
        code: 0,
        check: 0,
        right: |project, _| assert!(!project.path("deploy/notes/extra.yaml").exists()),
    },
    Scenario {
        name: "04 dropped by the templates, edited by a person",
        new: &[],
        person: |project| {
            had(project, "deploy/notes/extra.yaml", "extra: true\n");
            project.edit("deploy/notes/extra.yaml", "true", "mine");
        },
        code: 0,
        check: 0,
        right: |project, run| {
            assert_eq!(project.read("deploy/notes/extra.yaml"), "extra: mine\n");
            has(
                &run.stdout,
                "extra.yaml is not written any more, and nothing refers to it; it was changed by hand and is yours",
            );
        },
    },
    Scenario {
        name: "06 renamed by a person, changed by the templates",
        new: &[DRAIN],
        person: |project| {
            fs::rename(project.path(BUDGET), project.path("deploy/notes/pdb.yaml")).unwrap();
            project.edit("deploy/kustomization.yaml", "notes/disruptionbudget.yaml", "notes/pdb.yaml");
        },
        code: 0,
        check: 0,
        right: |project, _| {
            has(&project.read("deploy/notes/pdb.yaml"), "maxUnavailable: 1");
            assert!(!project.path(BUDGET).exists());
            has(&project.read("deploy/kustomization.yaml"), "notes/pdb.yaml");
        },
    },
    Scenario {
        name: "07 new in the templates, and another file of a person's is there",
        new: &[],
        person: |project| {
            never_had(project, BUDGET);
            project.write(BUDGET, "mine: true\n");
        },
        code: 4,
        check: 4,
        right: |project, run| {
            assert_eq!(project.read(BUDGET), "mine: true\n");
            has(&run.stdout, "was there before cofferdam and is not touched");
        },
    },
    Scenario {
        name: "07b the same with a file that is no YAML",
        new: &[],
        person: |project| {
            never_had(project, ".dockerignore");
            project.write(".dockerignore", "mine\n");
        },
        code: 4,
        check: 4,
        right: |project, _| assert_eq!(project.read(".dockerignore"), "mine\n"),
    },
    Scenario {
        name: "08 new in the templates, and the same file is there",
        new: &[],
        person: |project| {
            let text = project.read(BUDGET);
            never_had(project, BUDGET);
            project.write(BUDGET, &text);
        },
        code: 0,
        check: 0,
        right: |project, _| has(&project.read(lock::PATH), BUDGET),
    },
    Scenario {
        name: "09 the same value, changed by both",
        new: &[REVISIONS],
        person: |project| project.edit(DEPLOYMENT, "revisionHistoryLimit: 10", "revisionHistoryLimit: 5"),
        code: 4,
        check: 4,
        right: |project, run| {
            has(&project.read(DEPLOYMENT), "revisionHistoryLimit: 5\n");
            has(
                &run.stdout,
                "spec.revisionHistoryLimit: you have `5`, the templates have `3`, written before was `10`",
            );
        },
    },
    Scenario {
        name: "10 lines that touch",
        new: &[REVISIONS],
        person: |project| project.edit(DEPLOYMENT, "  replicas: 2\n", "  replicas: 4\n"),
        code: 0,
        check: 0,
        right: |project, _| has(&project.read(DEPLOYMENT), "  replicas: 4\n  revisionHistoryLimit: 3\n"),
    },
    Scenario {
        name: "11 lines far from each other",
        new: &[REVISIONS],
        person: |project| project.edit(DEPLOYMENT, "weight: 100", "weight: 50"),
        code: 0,
        check: 0,
        right: |project, _| {
            has(&project.read(DEPLOYMENT), "revisionHistoryLimit: 3\n");
            has(&project.read(DEPLOYMENT), "weight: 50");
        },
    },
    Scenario {
        name: "12 the same change by both",
        new: &[REVISIONS],
        person: |project| project.edit(DEPLOYMENT, "revisionHistoryLimit: 10", "revisionHistoryLimit: 3"),
        code: 0,
        check: 0,
        right: |project, run| {
            has(&project.read(DEPLOYMENT), "revisionHistoryLimit: 3\n");
            has(&run.stdout, "0 written");
        },
    },
    Scenario {
        name: "13 something added by both at the same place",
        new: &[(
            DEPLOYMENT,
            "            - name: PORT\n              value: \"8080\"\n",
            "            - name: PORT\n              value: \"8080\"\n            - name: OLD\n              value: \"1\"\n",
        )],
        person: |project| {
            let old = "            - name: OLD\n              value: \"1\"\n";
            project.edit(DEPLOYMENT, old, &format!("{old}            - name: MINE\n              value: \"2\"\n"));
        },
        code: 0,
        check: 0,
        right: |project, _| {
            let text = project.read(DEPLOYMENT);
            has(&text, "            - name: PORT\n              value: \"8080\"\n            - name: MINE\n");
            assert!(!text.contains("OLD"));
        },
    },
    Scenario {
        name: "14 a sidecar by a person, another image by the templates",
        new: &[(DEPLOYMENT, "image: registry.example.com/notes:0.3.0", "image: registry.example.com/notes:0.2.9")],
        person: |project| {
            project.edit(
                DEPLOYMENT,
                "      containers:\n",
                "      containers:\n        - name: proxy\n          image: registry.example.com/proxy:1\n",
            );
        },
        code: 0,
        check: 3,
        right: |project, _| {
            has(&project.read(DEPLOYMENT), "image: registry.example.com/notes:0.3.0");
            has(&project.read(DEPLOYMENT), "- name: proxy\n          image: registry.example.com/proxy:1\n");
        },
    },
    Scenario {
        name: "15 a comment by a person on the line that the templates change",
        new: &[REVISIONS],
        person: |project| {
            project.edit(DEPLOYMENT, "revisionHistoryLimit: 10", "revisionHistoryLimit: 10 # asked for by audit");
        },
        code: 0,
        check: 0,
        right: |project, _| has(&project.read(DEPLOYMENT), "revisionHistoryLimit: 3 # asked for by audit\n"),
    },
    Scenario {
        name: "16 indented anew by a person",
        new: &[REVISIONS],
        person: |project| {
            let deeper = |line: &str| {
                let depth = " ".repeat(line.len() - line.trim_start().len());
                format!("{depth}{}\n", line.replacen("- ", "-   ", usize::from(line.trim_start().starts_with("- "))))
            };
            project.write(DEPLOYMENT, &project.read(DEPLOYMENT).lines().map(deeper).collect::<String>());
        },
        code: 0,
        check: 0,
        right: |project, _| has(&project.read(DEPLOYMENT), "\n    replicas: 2\n    revisionHistoryLimit: 3\n"),
    },
    Scenario {
        name: "17 with the line ends of another system",
        new: &[REVISIONS],
        person: |project| {
            project.edit(DEPLOYMENT, "replicas: 2", "replicas: 4");
            project.write(DEPLOYMENT, &project.read(DEPLOYMENT).replace('\n', "\r\n"));
        },
        code: 0,
        check: 0,
        right: |project, _| {
            has(&project.read(DEPLOYMENT), "  replicas: 4\r\n  revisionHistoryLimit: 3\r\n");
            assert!(!project.read(DEPLOYMENT).replace("\r\n", "").contains('\n'));
        },
    },
    Scenario {
        name: "18 without the end of the last line",
        new: &[REVISIONS],
        person: |project| project.write(DEPLOYMENT, project.read(DEPLOYMENT).trim_end()),
        code: 0,
        check: 0,
        right: |project, _| {
            has(&project.read(DEPLOYMENT), "revisionHistoryLimit: 3\n");
            assert!(!project.read(DEPLOYMENT).ends_with('\n'));
        },
    },
    Scenario {
        name: "19 made into something that is no text",
        new: &[REVISIONS],
        person: |project| fs::write(project.path(DEPLOYMENT), [0xff, 0xfe, 0]).unwrap(),
        code: 4,
        check: 4,
        right: |project, run| {
            assert_eq!(fs::read(project.path(DEPLOYMENT)).unwrap(), [0xff, 0xfe, 0]);
            has(&run.stdout, "is not text, which is never followed or overwritten");
        },
    },
    Scenario {
        name: "20 keys in another order",
        new: &[REVISIONS],
        person: |project| {
            project.edit(
                DEPLOYMENT,
                "  replicas: 2\n  revisionHistoryLimit: 10\n",
                "  revisionHistoryLimit: 10\n  replicas: 2\n",
            );
        },
        code: 0,
        check: 0,
        right: |project, _| has(&project.read(DEPLOYMENT), "spec:\n  revisionHistoryLimit: 3\n  replicas: 2\n"),
    },
    Scenario {
        name: "21 a field taken out by a person, another one changed by the templates",
        new: &[REVISIONS],
        person: |project| project.edit(DEPLOYMENT, "  minReadySeconds: 5\n", ""),
        code: 0,
        check: 0,
        right: |project, _| {
            has(&project.read(DEPLOYMENT), "revisionHistoryLimit: 3\n");
            assert!(!project.read(DEPLOYMENT).contains("minReadySeconds"));
        },
    },
    Scenario {
        name: "22 a field taken out by a person and changed by the templates",
        new: &[REVISIONS],
        person: |project| project.edit(DEPLOYMENT, "  revisionHistoryLimit: 10\n", ""),
        code: 4,
        check: 4,
        right: |project, run| {
            assert!(!project.read(DEPLOYMENT).contains("revisionHistoryLimit"));
            has(&run.stdout, "you have nothing, the templates have `3`");
        },
    },
    Scenario {
        name: "23 an edit in a file that git ignores",
        new: &[REVISIONS],
        person: |project| {
            project.write(".gitignore", "deploy/\n");
            project.edit(DEPLOYMENT, "replicas: 2", "replicas: 4");
        },
        code: 0,
        check: 0,
        right: |project, _| has(&project.read(DEPLOYMENT), "  replicas: 4\n  revisionHistoryLimit: 3\n"),
    },
    Scenario {
        name: "24 the same instruction of a Dockerfile, changed by both",
        new: &[WORKDIR],
        person: |project| project.edit("Dockerfile", "WORKDIR /srv", "WORKDIR /opt"),
        code: 4,
        check: 4,
        right: |project, run| {
            has(&project.read("Dockerfile"), "\nWORKDIR /opt\n");
            has(&run.stdout, "you have `WORKDIR /opt`, the templates have `WORKDIR /app`");
        },
    },
    Scenario {
        name: "25 made a link by a person",
        new: &[REVISIONS],
        person: |project| {
            fs::rename(project.path(DEPLOYMENT), project.path("mine.yaml")).unwrap();
            symlink("../../mine.yaml", project.path(DEPLOYMENT)).unwrap();
        },
        code: 4,
        check: 4,
        right: |project, run| {
            assert!(project.path(DEPLOYMENT).is_symlink());
            has(&project.read("mine.yaml"), "revisionHistoryLimit: 10\n");
            has(&run.stdout, "is a link, which is never followed");
        },
    },
    Scenario {
        name: "26 the same key, added by both at different places with different values",
        new: &[(DEPLOYMENT, "  minReadySeconds: 5\n", "")],
        person: |project| project.edit(DEPLOYMENT, "spec:\n  replicas", "spec:\n  minReadySeconds: 9\n  replicas"),
        code: 4,
        check: 4,
        right: |project, _| {
            has(&project.read(DEPLOYMENT), "minReadySeconds: 9\n");
            assert_eq!(project.read(DEPLOYMENT).matches("minReadySeconds").count(), 1);
        },
    },
    Scenario {
        name: "27 the same key, added by both at different places with the same value",
        new: &[(DEPLOYMENT, "  minReadySeconds: 5\n", "")],
        person: |project| project.edit(DEPLOYMENT, "spec:\n  replicas", "spec:\n  minReadySeconds: 5\n  replicas"),
        code: 0,
        check: 0,
        right: |project, _| assert_eq!(project.read(DEPLOYMENT).matches("minReadySeconds: 5").count(), 1),
    },
    Scenario {
        name: "28 an object moved by a person into another file",
        new: &[DRAIN],
        person: |project| {
            let moved = format!(
                "{}---\n{}",
                project.read(BUDGET),
                "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: mine, namespace: notes }\n"
            );
            project.write("deploy/notes/more.yaml", &moved);
            fs::remove_file(project.path(BUDGET)).unwrap();
            project.edit("deploy/kustomization.yaml", "notes/disruptionbudget.yaml", "notes/more.yaml");
        },
        code: 0,
        check: 0,
        right: |project, _| {
            has(&project.read("deploy/notes/more.yaml"), "maxUnavailable: 1");
            has(&project.read("deploy/notes/more.yaml"), "kind: ConfigMap");
            assert!(!project.path(BUDGET).exists());
        },
    },
    Scenario {
        name: "29 made a folder by a person",
        new: &[DRAIN],
        person: |project| {
            fs::remove_file(project.path(BUDGET)).unwrap();
            project.write(&format!("{BUDGET}/mine.txt"), "mine\n");
        },
        code: 4,
        check: 4,
        right: |project, run| {
            assert_eq!(project.read(&format!("{BUDGET}/mine.txt")), "mine\n");
            has(&run.stdout, "is a folder, which is never followed or overwritten");
        },
    },
];

#[test]
fn every_meeting_of_an_edit_and_a_change_ends_right_or_is_told() {
    for scenario in SCENARIOS {
        println!("{}", scenario.name);
        let project = Project::example("rust-notes");
        project.ok(&["init", "--yes"]);
        for (path, now, before) in scenario.new {
            aged(&project, path, now, before);
        }
        (scenario.person)(&project);
        let run = project.run(&["generate"]);
        assert_eq!(run.code, scenario.code, "{}\n{}{}", scenario.name, run.stdout, run.stderr);
        (scenario.right)(&project, &run);
        for (path, bytes) in project.tree() {
            let text = String::from_utf8(bytes).unwrap_or_default();
            assert!(!path.ends_with(".yaml") || read(&path, &text).is_ok(), "{}: {path}\n{text}", scenario.name);
        }
        // A second run finds nothing new, and says again what waits.
        let left = project.tree();
        let again = project.run(&["generate"]);
        assert_eq!(again.code, scenario.code, "{}\n{}", scenario.name, again.stdout);
        assert_eq!(left, project.tree(), "{}", scenario.name);
        let check = project.run(&["check"]);
        assert_eq!(check.code, scenario.check, "{}\n{}", scenario.name, check.stdout);
    }
    assert_eq!(SCENARIOS.len(), 29);
}

#[test]
fn answers_that_change_come_with_edits_in_the_same_file() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit(DEPLOYMENT, "replicas: 2", "replicas: 4 # load test");
    project.edit("cofferdam.yaml", "port: 8080", "port: 9000");
    project.ok(&["generate"]);
    let deployment = project.read(DEPLOYMENT);
    has(&deployment, "replicas: 4 # load test\n");
    has(&deployment, "containerPort: 9000");
    project.ok(&["check"]);
}

#[test]
fn files_that_are_not_committed_and_a_project_without_git_are_no_hindrance() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.write("untracked.txt", "mine\n");
    project.edit(DEPLOYMENT, "replicas: 2", "replicas: 4");
    assert!(!project.path(".git").exists());
    project.ok(&["generate"]);
    assert_eq!(project.read("untracked.txt"), "mine\n");
}

#[test]
fn a_conflict_that_nobody_decided_is_the_same_conflict_after_the_next_change() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit(DEPLOYMENT, "replicas: 2", "replicas: 4");
    project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 3 }");
    assert_eq!(project.run(&["generate"]).code, 4);
    project.edit("cofferdam.yaml", "{ min: 3 }", "{ min: 5 }");
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 4);
    has(&run.stdout, "spec.replicas: you have `4`, the templates have `5`, written before was `2`");
    has(&project.read(DEPLOYMENT), "  replicas: 4\n");
    // What the templates want again is no question any more.
    project.edit("cofferdam.yaml", "{ min: 5 }", "{ min: 2 }");
    project.ok(&["generate"]);
    has(&project.read(DEPLOYMENT), "  replicas: 4\n");
}

#[test]
fn a_shallow_clone_on_a_read_only_disk_is_checked_like_the_folder_it_came_from() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit(DEPLOYMENT, "replicas: 2", "replicas: 4");
    let git = |folder: &std::path::Path, arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "core.autocrlf=true"];
        let run = Command::new("git").current_dir(folder).args(identity).args(arguments).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    };
    git(&project.root(), &["init", "-q"]);
    for number in 0..2 {
        project.write("more.txt", &format!("{number}\n"));
        git(&project.root(), &["add", "-A"]);
        git(&project.root(), &["commit", "-q", "-m", "more"]);
    }
    let clone = Project::new(&[]);
    let from = format!("file://{}", project.root().display());
    git(clone.root().parent().unwrap(), &["clone", "-q", "--depth", "1", &from, "app"]);
    assert!(clone.read(DEPLOYMENT).contains("\r\n"), "a checkout with the line ends of another system");
    assert_eq!(project.ok(&["check"]).stdout, clone.ok(&["check"]).stdout);
}

#[test]
fn without_its_state_a_project_is_taken_up_again_by_adopting_it() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit(DEPLOYMENT, "replicas: 2", "replicas: 4");
    fs::remove_dir_all(project.path(".cofferdam")).unwrap();
    assert_eq!(project.run(&["generate"]).code, 4);
    has(&project.read(DEPLOYMENT), "replicas: 4\n");
    let adopted = project.run(&["adopt", DEPLOYMENT]);
    has(&adopted.stdout, "spec.replicas");
    project.ok(&["resolve", "--keep", DEPLOYMENT]);
    project.ok(&["check"]);
    has(&project.read(DEPLOYMENT), "replicas: 4\n");
}

#[test]
fn a_file_that_answers_no_longer_ask_for_goes_only_if_nobody_edited_it() {
    for edited in [false, true] {
        let project = Project::example("rust-notes");
        project.ok(&["init", "--yes"]);
        if edited {
            project.edit(BUDGET, "maxUnavailable: 1", "maxUnavailable: 2");
        }
        project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 1 }");
        project.ok(&["generate"]);
        assert_eq!(project.path(BUDGET).exists(), edited);
        assert!(!project.read("deploy/kustomization.yaml").contains("disruptionbudget"));
        project.ok(&["check"]);
    }
}

#[test]
fn decisions_about_files_that_were_moved_are_made_where_they_are() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    // Two objects in one file, and a field of each that both have changed.
    aged(&project, DEPLOYMENT, "revisionHistoryLimit: 3", "revisionHistoryLimit: 10");
    aged(&project, BUDGET, "maxUnavailable: 1", "maxUnavailable: 2");
    let all = format!("{}---\n{}", project.read(DEPLOYMENT), project.read(BUDGET));
    project.write("deploy/notes/all.yaml", &all);
    project.edit("deploy/notes/all.yaml", "revisionHistoryLimit: 10", "revisionHistoryLimit: 5");
    project.edit("deploy/notes/all.yaml", "maxUnavailable: 2", "maxUnavailable: 3");
    for path in [DEPLOYMENT, BUDGET] {
        fs::remove_file(project.path(path)).unwrap();
    }
    assert_eq!(project.run(&["generate"]).code, 4);
    let listed = project.read("deploy/kustomization.yaml");
    assert_eq!(listed.matches("- notes/all.yaml").count(), 1, "{listed}");
    let one = project.run(&["resolve", "--take", DEPLOYMENT]);
    assert_eq!(one.code, 4);
    has(&one.stdout, "1 more in conflict");
    has(&project.read("deploy/notes/all.yaml"), "revisionHistoryLimit: 3");
    has(&project.read("deploy/notes/all.yaml"), "maxUnavailable: 3");
    // By the name that it has now.
    project.ok(&["resolve", "--keep", "deploy/notes/all.yaml"]);
    assert_eq!(listed, project.read("deploy/kustomization.yaml"));
    has(&project.read("deploy/notes/all.yaml"), "maxUnavailable: 3");
    project.ok(&["check"]);
}

#[test]
fn a_merge_whose_parts_do_not_fit_is_asked_about() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes", "--storage", "/cache=64Mi"]);
    let sidecar = "        - name: proxy\n          image: a.io/b:1\n          volumeMounts: [ { name: cache, mountPath: /c } ]\n";
    project.edit(DEPLOYMENT, "      containers:\n", &format!("      containers:\n{sidecar}"));
    project.edit("cofferdam.yaml", "path: /cache", "path: /other");
    let before = project.read(DEPLOYMENT);
    assert_eq!(project.run(&["generate"]).code, 4);
    assert_eq!(before, project.read(DEPLOYMENT), "the volume stays while something mounts it");
}

#[test]
fn a_comment_on_an_item_that_the_templates_replace_is_asked_about_once() {
    for (decision, kept) in
        [("--keep", "containerPort: 8080 # asked for by Ann\n"), ("--take", "containerPort: 9090\n")]
    {
        let project = Project::example("rust-notes");
        project.ok(&["init", "--yes"]);
        project.edit(DEPLOYMENT, "containerPort: 8080", "containerPort: 8080 # asked for by Ann");
        project.edit("cofferdam.yaml", "port: 8080", "port: 9090");
        let run = project.run(&["generate"]);
        assert_eq!(run.code, 4, "{}", run.stdout);
        has(&run.stdout, "which what you wrote there keeps");
        assert_eq!(project.read(DEPLOYMENT).matches("containerPort").count(), 1, "never both");
        project.ok(&["resolve", decision, DEPLOYMENT]);
        has(&project.read(DEPLOYMENT), kept);
        assert_eq!(project.read(DEPLOYMENT).matches("containerPort").count(), 1);
        project.ok(&["generate"]);
    }
}

#[test]
fn two_branches_that_both_generated_are_merged_by_taking_one_state() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        Command::new("git")
            .current_dir(project.root())
            .args(identity)
            .args(arguments)
            .output()
            .unwrap()
            .status
            .success()
    };
    let commit = || git(&["add", "-A"]) && git(&["commit", "-q", "-m", "more"]);
    assert!(git(&["init", "-q", "-b", "main"]) && commit() && git(&["checkout", "-q", "-b", "more"]));
    project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 3 }");
    project.ok(&["generate"]);
    assert!(commit() && git(&["checkout", "-q", "main"]));
    project.edit("cofferdam.yaml", "port: 8080", "port: 9000");
    project.ok(&["generate"]);
    assert!(commit() && !git(&["merge", "-q", "more"]));
    let check = project.run(&["check"]);
    assert_eq!(check.code, 5);
    has(&check.stderr, "`git checkout HEAD -- .cofferdam`");
    assert!(git(&["checkout", "-q", "HEAD", "--", ".cofferdam"]));
    let run = project.run(&["generate"]);
    // Where git left its markers, a person or `restore` takes them out.
    for line in run.stdout.lines().filter(|line| line.contains("holds the markers")) {
        project.ok(&["restore", line.split_whitespace().nth(1).unwrap()]);
    }
    project.ok(&["generate"]);
    project.ok(&["check"]);
    has(&project.read(DEPLOYMENT), "replicas: 3");
    has(&project.read(DEPLOYMENT), "containerPort: 9000");
}

#[test]
fn a_deleted_guard_is_told_until_somebody_brings_it_back() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    fs::remove_file(project.path(POLICY)).unwrap();
    has(&project.ok(&["generate"]).stdout, "the deployment is less protected without it");
    assert_eq!(project.run(&["check"]).code, 3);
    project.ok(&["restore", POLICY]);
    project.ok(&["check"]);
}

fn has(text: &str, part: &str) {
    assert!(text.contains(part), "`{part}` is not in\n{text}");
}

/// As an earlier version of the templates would have left a file.
fn aged(project: &Project, path: &str, now: &str, before: &str) {
    project.edit(path, now, before);
    record(project, path, Some(&project.read(path)));
}

/// A file that an earlier version of the templates wrote.
fn had(project: &Project, path: &str, text: &str) {
    project.write(path, text);
    record(project, path, Some(text));
}

/// A file that an earlier version of the templates did not write.
fn never_had(project: &Project, path: &str) {
    fs::remove_file(project.path(path)).unwrap();
    record(project, path, None);
}

fn record(project: &Project, path: &str, text: Option<&str>) {
    let mut lock = Lock::read(&project.read(lock::PATH)).unwrap();
    match text {
        Some(text) => {
            lock.files.insert(path.to_owned(), Entry::managed(text));
            project.write(&lock::base_path(&digest(text)), text);
        }
        None => {
            lock.files.remove(path);
        }
    }
    project.write(lock::PATH, &lock.write());
}
