//! What does not go through: a full disk, a run that is killed, state that is damaged or comes from elsewhere.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::Project;

#[test]
fn a_full_disk_is_found_before_anything_is_written() {
    let project = Project::example("rust-notes");
    let before = project.tree();
    // A limit on the size of files is how a full disk looks to a program, and needs no privilege.
    let mut command = Command::new("sh");
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
        ".cofferdam/txn/journal",
        &format!("{{\"format\":1,\"steps\":[{{\"path\":\"deploy/extra.txt\",\"old\":null,\"new\":\"{digest}\"}}]}}"),
    );
    assert_eq!(project.run(&["check"]).code, 5);
    let run = project.ok(&["generate"]);
    assert_eq!(run.stderr, "completed the run that was interrupted\n");
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
    project.write(".cofferdam/txn/journal", &journal.to_string());
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
fn a_moved_file_edited_after_an_interruption_is_not_taken_for_ours() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let (planned, moved) = ("deploy/notes/deployment.yaml", "deploy/notes/web.yaml");
    fs::rename(project.path(planned), project.path(moved)).unwrap();
    project.ok(&["generate"]);
    let old = project.read(moved);
    let new = old.replace("replicas: 2", "replicas: 3");
    let lock = project.read(".cofferdam/lock.json");
    let new_lock = lock.replace(&cofferdam::lock::digest(&old), &cofferdam::lock::digest(&new));
    assert_ne!(lock, new_lock);
    let base = cofferdam::lock::base_path(&cofferdam::lock::digest(&new));
    interrupted(
        &project,
        &[(moved, Some(&old), &new), (&base, None, &new), (".cofferdam/lock.json", Some(&lock), &new_lock)],
    );
    project.edit(moved, "replicas: 2", "replicas: 7");
    project.ok(&["generate"]);
    assert_eq!(lock, project.read(".cofferdam/lock.json"), "it was not written");
    assert!(project.read(moved).contains("replicas: 7"));
}

#[test]
fn state_behind_a_link_is_refused_before_anything_is_made_there() {
    let project = Project::example("rust-notes");
    let outside = tempfile::tempdir().unwrap();
    for below in ["", "base", "undo"] {
        let link = project.path(&format!(".cofferdam/{below}"));
        let link = Path::new(link.to_str().unwrap().trim_end_matches('/'));
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(outside.path(), link).unwrap();
        let run = project.run(&["init", "--yes"]);
        assert_eq!(run.code, 1, "{below}: {}", run.stdout);
        assert!(run.stderr.contains("link"), "{below}: {}", run.stderr);
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{below}");
        assert!(!project.path("cofferdam.yaml").exists());
        fs::remove_file(link).unwrap();
        let _ = fs::remove_dir_all(project.path(".cofferdam"));
    }
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

#[test]
fn a_second_run_says_that_another_is_at_work() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 3 }");
    project.ok(&["generate"]);
    project.edit("cofferdam.yaml", "min: 3", "min: 4");
    let folder = File::open(project.root()).unwrap();
    folder.lock().unwrap();
    let before = project.tree();
    let add = ["add", "--yes", "--preset", "image", "--name", "cache", "--image", "a.io/b:1", "--port", "6379"];
    let file = "deploy/notes/service.yaml";
    for command in [&["generate"][..], &["undo"], &["release", file], &["resolve", "--keep", file], &add] {
        let run = project.run(command);
        assert_eq!(
            run.screen(),
            "exit 1\nstderr:\n\
             error: another cofferdam is writing this project\n  \
             why: two at once would overwrite each other\n  \
             help: wait until it has ended, and run this again\n\n"
        );
    }
    assert_eq!(before, project.tree());
    // Who only looks waits for nobody.
    project.ok(&["generate", "--dry-run"]);
    project.ok(&["undo", "--dry-run"]);
    drop(folder);
    project.ok(&["generate"]);
}

#[test]
fn of_many_runs_at_once_each_writes_everything_or_says_why_not() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    for replicas in 3..6 {
        let text = project.read("cofferdam.yaml");
        let kept: String =
            text.lines().filter(|line| !line.contains("replicas:")).map(|line| format!("{line}\n")).collect();
        project.write(
            "cofferdam.yaml",
            &kept.replace("preset: rust", &format!("preset: rust\n    replicas: {{ min: {replicas} }}")),
        );
        let start = || {
            let mut command = project.command(&["generate"]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let runs: Vec<_> = (0..8).map(|_| start()).collect();
        let ended: Vec<_> = runs.into_iter().map(|run| run.wait_with_output().unwrap()).collect();
        assert!(ended.iter().any(|run| run.status.success()));
        for run in ended.iter().filter(|run| !run.status.success()) {
            let stderr = String::from_utf8_lossy(&run.stderr);
            assert!(stderr.contains("another cofferdam is writing this project"), "{stderr}");
        }
        project.ok(&["check"]);
        assert!(project.read("deploy/notes/deployment.yaml").contains(&format!("replicas: {replicas}")));
    }
}

#[test]
fn a_folder_that_became_read_only_is_found_before_anything_is_written() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 3 }");
    // Root may write anywhere, so as root somebody else owns the project and runs it, from a copy that they can reach.
    let binary = project.path("../cofferdam");
    // By another process: see the same in `tests/cli.rs`.
    let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_cofferdam")).arg(&binary).status().unwrap();
    assert!(copied.success());
    let mut command = Command::new(&binary);
    command.current_dir(project.root()).arg("generate");
    let mode = |path: &str, mode: u32| {
        fs::set_permissions(project.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("..", 0o755);
    mode("deploy/notes", 0o555);
    if fs::write(project.path("deploy/notes/probe"), "").is_ok() {
        fs::remove_file(project.path("deploy/notes/probe")).unwrap();
        for path in below(&project.root()) {
            chown(path, Some(65534), Some(65534)).unwrap();
        }
        command.uid(65534).gid(65534);
    }
    let before = project.tree();
    let run = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("make the folder writable, and run this again"), "{stderr}");
    assert_eq!(before, project.tree());
    mode("deploy/notes", 0o755);
    assert!(command.output().unwrap().status.success());
}

/// A folder and everything in it.
fn below(root: &Path) -> Vec<PathBuf> {
    let mut all = vec![root.to_owned()];
    let mut next = 0;
    while next < all.len() {
        let entries = fs::read_dir(&all[next]).into_iter().flatten();
        let paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        all.extend(paths);
        next += 1;
    }
    all
}

#[test]
fn a_file_system_that_is_read_only_is_said_and_nothing_is_written() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 3 }");
    project.ok(&["generate"]);
    project.edit("cofferdam.yaml", "min: 3", "min: 4");
    let before = project.tree();
    let within = |program: &str| {
        let mut command = Command::new("unshare");
        command.current_dir(project.root()).args(["--mount", "sh", "-c"]);
        command
            .arg("mount --bind . . && mount -o remount,ro,bind . && cd \"$PWD\" && exec \"$@\"")
            .args(["sh", program]);
        command
    };
    if !within("true").output().is_ok_and(|run| run.status.success()) {
        eprintln!("NOT TESTED: mounting a folder read-only takes root and `unshare`");
        return;
    }
    for command in ["generate", "undo"] {
        let run = within(env!("CARGO_BIN_EXE_cofferdam")).arg(command).output().unwrap();
        let stderr = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("Read-only file system") && stderr.contains("make the folder writable"), "{stderr}");
        assert_eq!(before, project.tree());
    }
}

#[test]
fn what_another_run_has_committed_is_not_staged_over() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let old = project.read("deploy/notes/deployment.yaml");
    let new = old.replace("replicas: 2", "replicas: 3");
    interrupted(&project, &[("deploy/notes/deployment.yaml", Some(&old), &new)]);
    // It cannot be completed, so nothing else may begin.
    project.write(".cofferdam/txn/journal", "{");
    let before = project.tree();
    for command in ["generate", "undo", "check"] {
        assert_eq!(project.run(&[command]).code, 5, "{command}");
    }
    assert_eq!(before, project.tree());
}
