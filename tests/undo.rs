//! `undo`: the last run that wrote is taken back to the byte, and never over what a person wrote since.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use support::{Project, tree};

const CACHE: &str = "  cache: { preset: image, image: docker.io/valkey/valkey:9.0.0, port: 6379 }\n";

/// An example, and a second service that a changed answer can remove again.
fn two_services() -> Project {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.write("cofferdam.yaml", &(project.read("cofferdam.yaml") + CACHE));
    project.ok(&["generate"]);
    project
}

fn scale(project: &Project, replicas: u32) {
    let text = project.read("cofferdam.yaml");
    let kept: String =
        text.lines().filter(|line| !line.contains("replicas:")).map(|line| format!("{line}\n")).collect();
    let more = format!("preset: rust\n    replicas: {{ min: {replicas} }}");
    project.write("cofferdam.yaml", &kept.replace("preset: rust", &more));
}

fn mode(project: &Project, path: &str) -> u32 {
    fs::metadata(project.path(path)).unwrap().permissions().mode() & 0o777
}

#[test]
fn undo_of_init_leaves_the_app_as_it_was() {
    let project = Project::example("rust-notes");
    let before = tree(&project.root());
    project.ok(&["init", "--yes"]);
    let run = project.ok(&["undo"]);
    assert!(run.stdout.starts_with("  removed  cofferdam.yaml\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("0 restored, 12 removed; no earlier run is kept\n"), "{}", run.stdout);
    assert_eq!(before, tree(&project.root()));
    assert!(!project.path(".cofferdam").exists() && !project.path("deploy").exists());
}

#[test]
fn what_a_run_replaced_and_removed_comes_back_with_its_mode() {
    let project = two_services();
    let chmod = |path: &str, mode: u32| {
        fs::set_permissions(project.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    chmod("deploy/notes/deployment.yaml", 0o640);
    chmod("deploy/cache/deployment.yaml", 0o600);
    let with_cache = project.read("cofferdam.yaml");
    project.write("cofferdam.yaml", &with_cache.replace(CACHE, ""));
    scale(&project, 3);
    let before = project.tree();
    project.ok(&["generate"]);
    assert!(!project.path("deploy/cache").exists());
    let run = project.ok(&["undo"]);
    assert!(run.stdout.contains(" restored  deploy/cache/deployment.yaml\n"), "{}", run.stdout);
    assert_eq!(before, project.tree(), "pristine texts and lock included");
    assert_eq!(mode(&project, "deploy/notes/deployment.yaml"), 0o640);
    assert_eq!(mode(&project, "deploy/cache/deployment.yaml"), 0o600);
}

#[test]
fn answers_that_a_run_wrote_are_taken_back_with_it() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let before = project.tree();
    project.ok(&["add", "--yes", "--preset", "image", "--name", "cache", "--image", "a.io/b:1", "--port", "6379"]);
    assert!(project.ok(&["undo"]).stdout.contains(" restored  cofferdam.yaml\n"));
    assert_eq!(before, project.tree());
    project.ok(&["check"]);
}

#[test]
fn a_decision_is_taken_back_like_any_run() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.ok(&["release", "deploy/notes/service.yaml"]);
    let file = "deploy/notes/deployment.yaml";
    project.edit(file, "replicas: 2", "replicas: 4");
    scale(&project, 3);
    assert_eq!(project.run(&["generate"]).code, 4);
    fs::remove_file(project.path("deploy/guardrails.yaml")).unwrap();
    let before = project.tree();
    for (decision, file) in [
        (&["resolve", "--take"][..], file),
        (&["resolve", "--keep"], file),
        (&["release"], file),
        (&["restore"], "deploy/guardrails.yaml"),
        (&["adopt"], "deploy/notes/service.yaml"),
    ] {
        project.run(&[decision, &[file]].concat());
        assert!(before != project.tree(), "{decision:?} writes nothing");
        project.ok(&["undo"]);
        assert_eq!(before, project.tree(), "{decision:?}");
    }
}

#[test]
fn undo_after_undo_goes_further_back_by_three_runs() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let mut trees = Vec::new();
    for replicas in 3..8 {
        scale(&project, replicas);
        project.ok(&["generate"]);
        trees.push(project.tree());
    }
    for (left, tree) in ["2 earlier runs can be undone", "1 earlier run can be undone", "no earlier run is kept"]
        .iter()
        .zip(trees.iter().rev().skip(1))
    {
        let run = project.ok(&["undo"]);
        assert!(run.stdout.ends_with(&format!("3 restored, 0 removed; {left}\n")), "{}", run.stdout);
        let mut now = project.tree();
        // The answers were edited by hand, and are no part of any run.
        now.insert("cofferdam.yaml".to_owned(), tree["cofferdam.yaml"].clone());
        assert_eq!(*tree, now);
    }
    let run = project.run(&["undo"]);
    assert_eq!(
        run.screen(),
        "exit 1\nstderr:\n\
         error: there is nothing to undo\n  \
         why: no run that wrote is remembered here: the last three are, on the machine that they ran on\n  \
         help: `git log` knows what is older\n\n"
    );
}

#[test]
fn undo_is_refused_where_a_person_changed_a_file_since() {
    let project = two_services();
    scale(&project, 3);
    project.ok(&["generate"]);
    project.edit("deploy/notes/deployment.yaml", "replicas: 3", "replicas: 7");
    project.write("deploy/README.md", "ours\n");
    let before = tree(&project.root());
    for arguments in [&["undo"][..], &["undo", "--dry-run"]] {
        let run = project.run(arguments);
        assert_eq!(
            run.screen(),
            "exit 1\nstderr:\n\
             error: deploy/README.md was changed after the run that would be undone\n  \
             why: what was written since would be lost\n  \
             help: move it out of the project, and run this again\n\n\
             error: deploy/notes/deployment.yaml was changed after the run that would be undone\n  \
             why: what was written since would be lost\n  \
             help: move it out of the project, and run this again\n\n\
             2 problems; nothing was written\n"
        );
    }
    assert_eq!(before, tree(&project.root()));
    for path in ["deploy/README.md", "deploy/notes/deployment.yaml"] {
        fs::remove_file(project.path(path)).unwrap();
    }
    project.ok(&["undo"]);
    assert!(project.read("deploy/notes/deployment.yaml").contains("replicas: 2"));
}

#[test]
fn state_that_came_from_elsewhere_is_not_gone_back_on() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    scale(&project, 3);
    project.ok(&["generate"]);
    // As version control leaves it after a pull.
    project.edit(".cofferdam/lock.json", "\"format\": 1", "\"format\":  1");
    let before = tree(&project.root());
    assert_eq!(
        project.run(&["undo"]).screen(),
        "exit 1\nstderr:\n\
         error: .cofferdam/lock.json was changed after the run that would be undone\n  \
         why: another machine or version control has written here since\n  \
         help: `git log` knows the way back\n\n"
    );
    assert_eq!(before, tree(&project.root()));
}

#[test]
fn a_preview_of_undo_writes_nothing() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    scale(&project, 3);
    project.ok(&["generate"]);
    let before = tree(&project.root());
    assert_eq!(
        project.ok(&["undo", "--dry-run"]).stdout,
        "  restore  deploy/README.md\n  restore  deploy/guardrails.yaml\n  restore  deploy/notes/deployment.yaml\n\
         nothing was written\n"
    );
    assert_eq!(before, tree(&project.root()));
}

#[test]
fn what_wrote_nothing_is_nothing_to_undo() {
    let project = Project::example("rust-notes");
    assert_eq!(project.run(&["undo"]).code, 1);
    assert!(!project.path(".cofferdam").exists());
    project.ok(&["init", "--yes"]);
    let before = tree(&project.root());
    project.ok(&["generate"]);
    assert_eq!(before, tree(&project.root()));
    // Nor is a pristine text that nothing refers to.
    project.write(&cofferdam::lock::base_path(&cofferdam::lock::digest("text\n")), "te");
    project.ok(&["generate"]);
    assert_eq!(before, tree(&project.root()));
}

#[test]
fn what_undo_keeps_is_neither_committed_nor_applied() {
    let project = two_services();
    scale(&project, 3);
    project.ok(&["generate"]);
    let kept: Vec<String> = tree(&project.root()).into_keys().filter(|path| path.contains("/undo/")).collect();
    assert!(kept.len() > 3, "{kept:?}");
    for path in &kept {
        assert!(![".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending)), "{path}");
    }
    assert_eq!(project.read(".cofferdam/.gitignore"), "txn/\nundo/\n");
}

/// As an undo leaves it that was killed right after its commit.
fn interrupt_undo(project: &Project) {
    let mut slots: Vec<_> = fs::read_dir(project.path(".cofferdam/undo")).unwrap().map(|slot| slot.unwrap()).collect();
    slots.sort_by_key(fs::DirEntry::file_name);
    let last = slots.pop().unwrap().path();
    fs::copy(last.join("journal"), last.join("back")).unwrap();
    fs::rename(last, project.path(".cofferdam/txn")).unwrap();
}

#[test]
fn an_interrupted_undo_is_completed_once() {
    let project = two_services();
    let before = project.tree();
    project.edit("cofferdam.yaml", "port: 6379", "port: 6380");
    project.ok(&["generate"]);
    interrupt_undo(&project);
    assert_eq!(project.run(&["check"]).code, 5);
    assert_eq!(project.run(&["undo", "--dry-run"]).code, 5);
    let run = project.ok(&["undo"]);
    assert_eq!(run.screen(), "exit 0\nstderr:\ncompleted the undo that was interrupted\n");
    project.edit("cofferdam.yaml", "port: 6380", "port: 6379");
    assert_eq!(before, project.tree(), "and no run before it was taken back");

    project.edit("cofferdam.yaml", "port: 6379", "port: 6380");
    project.ok(&["generate"]);
    let after = project.tree();
    interrupt_undo(&project);
    let run = project.ok(&["generate"]);
    assert_eq!(run.stderr, "completed the undo that was interrupted\n");
    assert_eq!(after, project.tree());
}

#[test]
fn an_interrupted_undo_that_meets_an_edit_goes_forward_again() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    scale(&project, 3);
    project.ok(&["generate"]);
    interrupt_undo(&project);
    project.edit("deploy/notes/deployment.yaml", "replicas: 3", "replicas: 7");
    let before = project.tree();
    let run = project.run(&["undo"]);
    assert_eq!(run.code, 4);
    assert!(run.stderr.contains("deploy/notes/deployment.yaml changed while cofferdam was at work"), "{}", run.stderr);
    assert!(run.stderr.contains("is kept; nothing was undone"), "{}", run.stderr);
    let mut before = before;
    before.retain(|path, _| !path.starts_with(".cofferdam/txn/"));
    assert_eq!(before, project.tree());
    assert!(project.read("deploy/guardrails.yaml").contains("notes: 3 pods"));
    project.edit("deploy/notes/deployment.yaml", "replicas: 7", "replicas: 3");
    project.ok(&["undo"]);
    assert!(project.read("deploy/guardrails.yaml").contains("notes: 2 pods"), "what undo keeps was kept");
}

#[test]
fn an_interrupted_undo_of_init_is_completed_from_a_folder_below() {
    let project = Project::example("rust-notes");
    let before = tree(&project.root());
    project.ok(&["init", "--yes"]);
    interrupt_undo(&project);
    fs::rename(project.path("cofferdam.yaml"), project.path(".cofferdam/txn/0")).unwrap();
    let run = project.command(&["undo"]).current_dir(project.path("src")).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(before, tree(&project.root()));
}

#[test]
fn what_was_kept_and_is_damaged_is_never_put_back() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    scale(&project, 3);
    project.ok(&["generate"]);
    let kept = tree(&project.path(".cofferdam/undo/2")).into_keys().find(|name| name != "journal").unwrap();
    project.write(&format!(".cofferdam/undo/2/{kept}"), "other\n");
    let before = tree(&project.root());
    let run = project.run(&["undo"]);
    assert_eq!(run.code, 5);
    assert!(run.stderr.contains("is damaged"), "{}", run.stderr);
    assert_eq!(before, tree(&project.root()));
}

#[test]
fn what_was_kept_and_is_missing_is_not_called_restored() {
    let project = two_services();
    project.write("cofferdam.yaml", &project.read("cofferdam.yaml").replace(CACHE, ""));
    project.ok(&["generate"]);
    let slot = project.path(".cofferdam/undo/3");
    let journal: serde_json::Value = serde_json::from_slice(&fs::read(slot.join("journal")).unwrap()).unwrap();
    let steps = journal["steps"].as_array().unwrap();
    let removed = steps.iter().position(|step| step["path"] == "deploy/cache/deployment.yaml").unwrap();
    fs::remove_file(slot.join(removed.to_string())).unwrap();
    let before = tree(&project.root());
    let run = project.run(&["undo"]);
    assert_eq!(run.code, 5, "{}", run.stdout);
    assert!(run.stderr.contains("what was kept of deploy/cache/deployment.yaml is damaged"), "{}", run.stderr);
    assert_eq!(before, tree(&project.root()));
}

#[test]
fn what_a_person_removed_since_is_neither_restored_twice_nor_removed_twice() {
    let project = two_services();
    scale(&project, 3);
    let before = project.tree();
    project.ok(&["generate"]);
    project.write(
        "cofferdam.yaml",
        &(project.read("cofferdam.yaml") + "  more: { preset: image, image: a.io/b:1, port: 8080 }\n"),
    );
    project.ok(&["generate"]);
    fs::remove_file(project.path("deploy/more/service.yaml")).unwrap();
    fs::remove_file(project.path("deploy/kustomization.yaml")).unwrap();
    let run = project.ok(&["undo"]);
    assert!(run.stdout.contains(" restored  deploy/kustomization.yaml\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("deploy/more/service.yaml"), "{}", run.stdout);
    project.ok(&["undo"]);
    let mut after = project.tree();
    after.insert("cofferdam.yaml".to_owned(), before["cofferdam.yaml"].clone());
    assert_eq!(before, after);
}

#[test]
fn slots_from_elsewhere_lead_nowhere() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let digest = cofferdam::lock::digest("x\n");
    for path in ["../x.txt", ".git/hooks/pre-commit", "/tmp/x.txt"] {
        let journal = serde_json::json!({
            "format": 1, "steps": [{ "path": path, "old": digest, "new": null }]
        });
        project.write(".cofferdam/undo/9/journal", &journal.to_string());
        project.write(".cofferdam/undo/9/0", "x\n");
        assert_eq!(project.run(&["undo"]).code, 5, "{path}");
        assert!(!project.path("../x.txt").exists() && !project.path(".git").exists());
    }
    let outside = tempfile::tempdir().unwrap();
    fs::rename(project.path(".cofferdam/undo"), outside.path().join("undo")).unwrap();
    symlink(outside.path().join("undo"), project.path(".cofferdam/undo")).unwrap();
    let before = tree(outside.path());
    scale(&project, 3);
    for command in ["undo", "generate"] {
        let run = project.run(&[command]);
        assert!(run.code == 1 && run.stderr.contains(".cofferdam/undo is a link"), "{command}: {}", run.stderr);
    }
    assert_eq!(before, tree(outside.path()));
}
