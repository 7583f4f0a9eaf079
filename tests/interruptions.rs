//! What does not go through: a full disk, a run that is killed, state that is damaged or comes from elsewhere.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;

use support::Project;

#[test]
fn a_full_disk_is_found_before_anything_is_written() {
    let project = Project::example("rust-notes");
    let before = project.tree();
    // A limit on the size of files is how a full disk looks to a program, and needs no privilege.
    let mut command = std::process::Command::new("sh");
    let run = command
        .current_dir(project.root())
        .args(["-c", "ulimit -f 2; trap '' XFSZ; exec \"$0\" init --yes", env!("CARGO_BIN_EXE_cofferdam")])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(String::from_utf8_lossy(&run.stderr).contains("cannot use"));
    let mut after = project.tree();
    after.retain(|path, _| !path.starts_with(".cofferdam/") || path.starts_with(".cofferdam/base/"));
    assert_eq!(before, after);
}

#[test]
fn an_interrupted_run_is_told_and_completed() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    // As a run leaves it that was killed right after its commit.
    let new = "text\n";
    project.write(".cofferdam/txn/0", new);
    let digest = cofferdam::lock::digest(new);
    project.write(
        ".cofferdam/txn/journal.json",
        &format!("{{\"format\":1,\"steps\":[{{\"path\":\"deploy/extra.txt\",\"old\":null,\"new\":\"{digest}\"}}]}}"),
    );
    assert_eq!(project.run(&["check"]).code, 5);
    let run = project.ok(&["generate"]);
    assert!(run.stdout.starts_with("completed the run that was interrupted"), "{}", run.stdout);
    assert_eq!(project.read("deploy/extra.txt"), new);
    project.ok(&["check"]);
}

#[test]
fn a_damaged_lock_is_said_and_nothing_is_written() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let lock = project.read(".cofferdam/lock.json");
    for damage in
        ["{", "{\"format\":9,\"tool\":\"x\",\"files\":{}}", &lock.replace("\"Dockerfile\"", "\"../Dockerfile\"")]
    {
        project.write(".cofferdam/lock.json", damage);
        let before = project.tree();
        for command in ["check", "generate", "diff"] {
            let run = project.run(&[command]);
            assert_eq!(run.code, 5, "{command}: {}", run.stderr);
        }
        assert_eq!(before, project.tree());
    }
}

/// A journal as a run leaves it that was killed right after its commit.
fn interrupted(project: &Project, steps: &[(&str, Option<&str>, &str)]) {
    let mut entries = Vec::new();
    for (index, (path, old, new)) in steps.iter().enumerate() {
        project.write(&format!(".cofferdam/txn/{index}"), new);
        let old = old.map(cofferdam::lock::digest);
        entries.push(serde_json::json!({ "path": path, "old": old, "new": cofferdam::lock::digest(new) }));
    }
    let journal = serde_json::json!({ "format": 1, "steps": entries });
    project.write(".cofferdam/txn/journal.json", &journal.to_string());
}

#[test]
fn an_interrupted_run_is_completed_before_the_answers_are_read() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let answers = project.read("cofferdam.yaml");
    let more = format!("{answers}    replicas: {{ min: 3 }}\n");
    interrupted(&project, &[("cofferdam.yaml", Some(&answers), &more)]);
    project.ok(&["generate"]);
    assert_eq!(project.read("cofferdam.yaml"), more);
    assert!(project.read("deploy/notes/deployment.yaml").contains("replicas: 3"));
}

#[test]
fn a_file_edited_after_an_interruption_is_a_conflict_and_not_forgotten() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let old = project.read("deploy/notes/deployment.yaml");
    let new = old.replace("replicas: 2", "replicas: 3");
    let lock = project.read(".cofferdam/lock.json");
    let new_lock = lock.replace(&cofferdam::lock::digest(&old), &cofferdam::lock::digest(&new));
    let base = cofferdam::lock::base_path(&cofferdam::lock::digest(&new));
    interrupted(
        &project,
        &[
            ("deploy/notes/deployment.yaml", Some(&old), &new),
            (&base, None, &new),
            (".cofferdam/lock.json", Some(&lock), &new_lock),
        ],
    );
    project.edit("deploy/notes/deployment.yaml", "replicas: 2", "replicas: 7");
    project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 3 }");
    assert_eq!(project.run(&["generate"]).code, 4);
    assert!(project.read("deploy/notes/deployment.yaml").contains("replicas: 7"));
}

#[test]
fn a_tree_restored_after_an_interruption_does_not_wedge() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let old = project.read("deploy/notes/deployment.yaml");
    interrupted(&project, &[("deploy/notes/deployment.yaml", Some(&old), "new\n")]);
    fs::remove_file(project.path(".cofferdam/txn/0")).unwrap();
    project.ok(&["generate"]);
    project.ok(&["check"]);
}

#[test]
fn a_journal_from_elsewhere_writes_no_commands_and_moves_no_links() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    interrupted(&project, &[(".git/hooks/pre-commit", None, "#!/bin/sh\n"), ("x.txt", None, "x\n")]);
    fs::remove_file(project.path(".cofferdam/txn/1")).unwrap();
    symlink("/etc/hostname", project.path(".cofferdam/txn/1")).unwrap();
    project.run(&["generate"]);
    assert!(!project.path(".git/hooks/pre-commit").exists());
    assert!(fs::symlink_metadata(project.path("x.txt")).is_err());
}

#[test]
fn a_write_that_fails_takes_its_pristine_texts_back() {
    let twin = Project::example("rust-notes");
    twin.ok(&["init", "--yes"]);
    let bases: Vec<String> = twin.tree().into_keys().filter(|path| cofferdam::lock::is_base(path)).collect();
    let project = Project::example("rust-notes");
    // The last that is written is in the way of itself.
    project.write(&format!("{}/in-the-way", bases.last().unwrap()), "");
    let before = project.tree();
    let run = project.run(&["init", "--yes"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(before, project.tree());
}

#[test]
fn half_of_a_pristine_text_is_in_nobodys_way() {
    let twin = Project::example("rust-notes");
    twin.ok(&["init", "--yes"]);
    let base = twin.tree().into_keys().find(|path| cofferdam::lock::is_base(path)).unwrap();
    let project = Project::example("rust-notes");
    let stray = cofferdam::lock::base_path(&cofferdam::lock::digest("é"));
    for path in [&base, &stray] {
        fs::create_dir_all(project.path(path).parent().unwrap()).unwrap();
        fs::write(project.path(path), b"\xc3").unwrap();
    }
    project.ok(&["init", "--yes"]);
    assert_eq!(twin.tree(), project.tree());
}

#[test]
fn pristine_texts_that_nothing_refers_to_are_swept() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let written = project.tree();
    // As a run leaves it that was killed before its commit: whole, or half-written.
    let digest = cofferdam::lock::digest("text\n");
    project.write(&cofferdam::lock::base_path(&digest), "te");
    project.write(".cofferdam/base/NOTES", "a person's\n");
    project.ok(&["check"]);
    project.ok(&["generate"]);
    let mut after = project.tree();
    assert!(after.remove(".cofferdam/base/NOTES").is_some(), "only what bears a digest's name is swept");
    assert_eq!(written, after);
}
