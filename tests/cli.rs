//! The life of a project, with the real binary: written, checked, edited, regenerated.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;

use support::Project;

const EXAMPLES: [&str; 3] = ["rust-notes", "node-thumbs", "python-polls"];

#[test]
fn every_example_is_written_checked_and_written_again_without_a_byte_of_change() {
    for example in EXAMPLES {
        let project = Project::example(example);
        project.ok(&["init", "--yes"]);
        let written = project.tree();
        project.ok(&["check"]);
        project.ok(&["generate"]);
        assert_eq!(written, project.tree(), "{example}");
        assert_eq!(project.ok(&["diff"]).stdout, "", "{example}");
    }
}

#[test]
fn the_command_that_init_prints_gives_the_same_files() {
    let asked = Project::example("node-thumbs");
    let run = asked.ok(&[
        "init",
        "--port",
        "4000",
        "--storage",
        "/tmp=32Mi,/data=1Gi:keep",
        "--env",
        "LOG_LEVEL=info",
        "--host",
        "a.example.com",
    ]);
    let line = run.stdout.lines().last().unwrap().trim().to_owned();
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    let again = Project::example("node-thumbs");
    again.ok(&words);
    assert_eq!(asked.tree(), again.tree(), "{line}");
}

#[test]
fn a_key_without_a_value_says_nothing() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let written = project.tree();
    let answers = project.read("cofferdam.yaml");
    for nothing in ["", " ~", " null"] {
        let keys = format!(
            "preset: rust\n    grace-seconds:{nothing}\n    resources: {{ memory:{nothing} }}\n    env:{nothing}"
        );
        project.write("cofferdam.yaml", &answers.replace("preset: rust", &keys));
        project.ok(&["generate"]);
        project.write("cofferdam.yaml", &answers);
        assert_eq!(written, project.tree(), "`grace-seconds:{nothing}`");
    }
}

#[test]
fn what_a_person_decided_is_not_told_as_an_assumption() {
    let files = [("go.mod", "module a.b/app\n"), ("main.go", "package main\nfunc main() {}\n")];
    let told =
        |port: &[&str]| Project::new(&files).ok(&[&["init", "--yes"], port].concat()).stdout.contains("is assumed");
    assert!(told(&[]));
    assert!(!told(&["--port", "none"]));
}

#[test]
fn an_edit_by_hand_is_kept_and_told() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit("deploy/notes/deployment.yaml", "replicas: 2", "replicas: 4");
    let check = project.ok(&["check"]);
    assert!(check.stdout.contains("edited  deploy/notes/deployment.yaml was changed by hand"), "{}", check.stdout);
    let before = project.tree();
    project.ok(&["generate"]);
    assert_eq!(before, project.tree());
}

#[test]
fn an_edit_that_weakens_is_drift_and_names_the_field() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit("deploy/notes/deployment.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false");
    let check = project.run(&["check"]);
    assert_eq!(check.code, 3);
    assert!(
        check.stdout.contains("writable-root-filesystem") && check.stdout.contains("deployment.yaml:"),
        "{}",
        check.stdout
    );
    let json: serde_json::Value = serde_json::from_str(&project.run(&["check", "--json"]).stdout).unwrap();
    assert_eq!(json["exit"], 3);
    assert_eq!(json["weakened"][0]["rule"], "writable-root-filesystem");
}

#[test]
fn one_forgotten_marker_is_a_conflict_in_any_file() {
    for (file, line) in [("deploy/README.md", ">>>>>>> theirs\n"), ("Dockerfile", "||||||| written before\n")] {
        let project = Project::example("rust-notes");
        project.ok(&["init", "--yes"]);
        project.write(file, &(project.read(file) + line));
        let check = project.run(&["check"]);
        assert_eq!(check.code, 4, "{}", check.stdout);
        assert!(check.stdout.contains(&format!("{file} holds the markers")), "{}", check.stdout);
    }
}

#[test]
fn programs_get_a_report_whatever_happened() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let reported = || {
        let run = project.run(&["check", "--json"]);
        let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(json["exit"], run.code);
        let problems = json["problems"].as_array().unwrap().clone();
        assert!(
            problems.iter().all(|problem| run.stderr.contains(problem["what"].as_str().unwrap())),
            "{}",
            run.stderr
        );
        (run.code, problems)
    };
    assert_eq!(reported(), (0, Vec::new()));
    let answers = project.read("cofferdam.yaml");
    project.write("cofferdam.yaml", &answers.replace("port: 8080", "port: 80"));
    let (code, problems) = reported();
    assert_eq!(code, 1);
    assert_eq!(problems[0]["what"], "`services.notes.port` is `80`");
    assert!(problems[0]["place"].as_str().unwrap().starts_with("cofferdam.yaml:"));
    project.write("cofferdam.yaml", &answers);
    project.write(".cofferdam/lock.json", "{");
    let (code, problems) = reported();
    assert_eq!((code, &problems[0]["what"]), (5, &"the lock is damaged".into()));
}

#[test]
fn when_both_changed_a_file_it_is_a_conflict_and_stays_as_it_is() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit("deploy/notes/deployment.yaml", "replicas: 2", "replicas: 4");
    project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 3 }");
    let edited = project.read("deploy/notes/deployment.yaml");
    assert_eq!(project.run(&["check"]).code, 4);
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 4, "{}", run.stdout);
    assert_eq!(edited, project.read("deploy/notes/deployment.yaml"));
    assert!(project.read("deploy/guardrails.yaml").contains("notes: 3 pods"), "what is free of conflict is written");
    // Nothing is forgotten: the conflict is met again until a person decides it.
    assert_eq!(project.run(&["generate"]).code, 4);
}

#[test]
fn a_file_that_was_there_before_is_never_touched() {
    let project = Project::example("rust-notes");
    project.write("deploy/notes/service.yaml", "mine: true\n");
    let run = project.run(&["init", "--yes", "--output", "deploy"]);
    assert_eq!(run.code, 4, "{}", run.stdout);
    assert_eq!(project.read("deploy/notes/service.yaml"), "mine: true\n");
}

#[test]
fn what_a_person_deleted_stays_deleted_and_is_told() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    fs::remove_file(project.path("deploy/notes/networkpolicy.yaml")).unwrap();
    project.ok(&["generate"]);
    assert!(!project.path("deploy/notes/networkpolicy.yaml").exists());
    let check = project.run(&["check"]);
    assert_eq!(check.code, 3);
    assert!(check.stdout.contains("networkpolicy.yaml was deleted by hand"), "{}", check.stdout);
}

#[test]
fn what_is_not_wanted_any_more_is_removed_only_where_nobody_edited_it() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes", "--host", "notes.example.com"]);
    project.ok(&[
        "add",
        "--yes",
        "--preset",
        "image",
        "--name",
        "cache",
        "--image",
        "docker.io/valkey/valkey:9.0.0",
        "--port",
        "6379",
    ]);
    project.edit("deploy/cache/service.yaml", "type: ClusterIP", "type: ClusterIP # mine");
    let text = project.read("cofferdam.yaml");
    let start = text.find("  cache:").unwrap();
    project.write("cofferdam.yaml", &text[..start]);
    project.ok(&["generate"]);
    assert!(!project.path("deploy/cache/deployment.yaml").exists());
    assert!(project.path("deploy/cache/service.yaml").exists());
    assert_eq!(project.run(&["check"]).code, 0);
}

#[test]
fn add_keeps_comments_and_writes_both_halves_of_a_flow() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit("cofferdam.yaml", "project: notes", "project: notes # do not rename");
    let source = project.path("web");
    fs::create_dir_all(&source).unwrap();
    project.write(
        "web/package.json",
        "{\"name\": \"web\", \"version\": \"1.0.0\", \"main\": \"index.js\", \"dependencies\": {\"express\": \"5\"}}",
    );
    project.write("web/index.js", "require('express')().listen(3000)");
    project.ok(&["add", "--yes", "--talks-to", "service:notes", "web"]);
    let answers = project.read("cofferdam.yaml");
    assert!(answers.contains("project: notes # do not rename") && answers.contains("    path: web"), "{answers}");
    assert!(project.read("deploy/web/networkpolicy.yaml").contains("app.kubernetes.io/instance: notes"));
    assert!(project.read("deploy/notes/networkpolicy.yaml").contains("app.kubernetes.io/instance: web"));
    project.ok(&["check"]);
    assert_eq!(project.run(&["add", "--yes", "web"]).code, 1, "the name is taken");
}

#[test]
fn links_are_never_followed() {
    let project = Project::example("rust-notes");
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), project.path("deploy")).unwrap();
    let run = project.run(&["init", "--yes", "--output", "deploy"]);
    assert_eq!(run.code, 4, "{}{}", run.stdout, run.stderr);
    assert!(fs::read_dir(outside.path()).unwrap().next().is_none());

    let project = Project::example("rust-notes");
    fs::write(outside.path().join("Dockerfile"), "theirs\n").unwrap();
    symlink(outside.path().join("Dockerfile"), project.path("Dockerfile")).unwrap();
    assert_eq!(project.run(&["init", "--yes", "--dockerfile", "Dockerfile"]).code, 4);
    assert_eq!(fs::read_to_string(outside.path().join("Dockerfile")).unwrap(), "theirs\n");
}

#[test]
fn a_folder_that_cannot_be_written_is_found_before_anything_is() {
    let project = Project::example("rust-notes");
    fs::create_dir(project.path("deploy")).unwrap();
    let mode = |path: &str, mode: u32| {
        fs::set_permissions(project.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("deploy", 0o555);
    mode(".", 0o777);
    mode("..", 0o755);
    let before = project.tree();
    // Root may write anywhere, so as root somebody else runs it, from a copy that they can reach. Another process makes it:
    // a program cannot be started while a test beside this one, by starting its own, holds the copy open for writing.
    let binary = project.path("../cofferdam");
    let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_cofferdam")).arg(&binary).status().unwrap();
    assert!(copied.success());
    let mut command = std::process::Command::new(binary);
    command.current_dir(project.root()).args(["init", "--yes", "--output", "deploy"]);
    if fs::write(project.path("deploy/probe"), "").is_ok() {
        fs::remove_file(project.path("deploy/probe")).unwrap();
        command.uid(65534).gid(65534);
    }
    let run = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("make the folder writable"), "{stderr}");
    let mut after = project.tree();
    after.retain(|path, _| !path.starts_with(".cofferdam/"));
    assert_eq!(before, after);
}

#[test]
fn a_preview_writes_nothing() {
    for flag in ["--dry-run", "--diff"] {
        let project = Project::example("node-thumbs");
        let before = project.tree();
        project.ok(&["init", "--yes", flag]);
        assert_eq!(before, project.tree(), "{flag}");
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let project = Project::new(&[]);
    let mut child = project.command(&["explain", "--list"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_line_of_a_manifest_is_explained() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let text = project.read("deploy/notes/deployment.yaml");
    let line = text.lines().position(|line| line.contains("readOnlyRootFilesystem")).unwrap() + 1;
    let run = project.ok(&["explain", &format!("deploy/notes/deployment.yaml:{line}")]);
    assert!(run.stdout.contains("without it: an intruder can leave programs there"), "{}", run.stdout);
    assert_eq!(project.run(&["explain", "deploy/notes/deployment.yaml:9999"]).code, 1);
}

#[test]
fn schema_completions_and_manual_are_printed() {
    let project = Project::new(&[]);
    let schema: serde_json::Value = serde_json::from_str(&project.ok(&["schema"]).stdout).unwrap();
    assert_eq!(schema["properties"]["services"]["additionalProperties"]["$ref"], "#/$defs/ServiceAnswers");
    assert_eq!(schema["$defs"]["ServiceAnswers"]["additionalProperties"], false);
    for (file, key) in [("pack.yaml", "questions"), ("preset.yaml", "detect")] {
        let schema: serde_json::Value = serde_json::from_str(&project.ok(&["schema", file]).stdout).unwrap();
        assert!(schema["properties"][key].is_object(), "{file}: {schema:#}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(project.ok(&["completions", shell]).stdout.contains("cofferdam"));
    }
    assert!(project.ok(&["man"]).stdout.contains(".TH cofferdam"));
}

#[test]
fn a_conflict_is_decided_by_keeping_or_by_taking() {
    for (flag, replicas) in [("--keep", "replicas: 4"), ("--take", "replicas: 3")] {
        let project = Project::example("rust-notes");
        project.ok(&["init", "--yes"]);
        project.edit("deploy/notes/deployment.yaml", "replicas: 2", "replicas: 4");
        project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 3 }");
        assert_eq!(project.run(&["generate"]).code, 4);
        project.ok(&["resolve", flag, "deploy/notes/deployment.yaml"]);
        assert!(project.read("deploy/notes/deployment.yaml").contains(replicas), "{flag}");
        project.ok(&["generate"]);
        project.ok(&["check"]);
        let again = project.run(&["resolve", flag, "deploy/notes/deployment.yml"]);
        assert_eq!(again.code, 1, "{}", again.stdout);
    }
}

#[test]
fn what_was_deleted_is_not_applied_and_can_be_taken_back() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let complete = project.tree();
    fs::remove_file(project.path("deploy/notes/service.yaml")).unwrap();
    project.ok(&["generate"]);
    assert!(!project.read("deploy/kustomization.yaml").contains("service.yaml"));
    project.ok(&["resolve", "--take", "deploy/notes/service.yaml"]);
    project.ok(&["generate"]);
    assert_eq!(complete, project.tree());
}

#[test]
fn a_usage_error_is_not_mistaken_for_out_of_date() {
    let project = Project::new(&[]);
    assert_eq!(project.run(&["chekc"]).code, 1);
    assert_eq!(project.run(&["check", "--jsn"]).code, 1);
    assert_eq!(project.run(&["--version"]).code, 0);
}

#[test]
fn check_finds_the_project_above() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.ok(&["check", "src"]);
}

#[test]
fn an_answer_and_an_instruction_are_explained() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let line = |path: &str, text: &str| project.read(path).lines().position(|line| line.contains(text)).unwrap() + 1;
    let answer = project.ok(&["explain", &format!("cofferdam.yaml:{}", line("cofferdam.yaml", "health:"))]);
    assert!(answer.stdout.contains("health.ready (key of cofferdam.yaml, flag --ready)"), "{}", answer.stdout);
    let user = project.ok(&["explain", &format!("Dockerfile:{}", line("Dockerfile", "USER"))]);
    assert!(user.stdout.contains("root-image-user"), "{}", user.stdout);
    assert_eq!(project.run(&["explain", "Dockerfile:0"]).code, 1);
}
