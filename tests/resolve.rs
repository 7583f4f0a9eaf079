//! `resolve` in a real pseudo-terminal: every answer that it offers, Ctrl-C at any moment, and no terminal at all.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use cofferdam::lock::{self, Lock};
use rexpect::session::{PtySession, spawn_command};
use support::Project;

const TIMEOUT: Option<u64> = Some(20_000);
const CTRL_C: char = 'c';
const DOWN: &str = "\u{1b}[B";

const DEPLOYMENT: &str = "deploy/notes/deployment.yaml";
const INGRESS: &str = "deploy/notes/ingress.yaml";
const POLICY: &str = "deploy/notes/networkpolicy.yaml";
const EVERY_FILE: [&str; 3] = [DEPLOYMENT, POLICY, INGRESS];
const THEIR_INGRESS: &str = "# nobody of ours wrote this\nkind: Ingress\n";

const REPLICAS: &str = "spec.replicas";
const IMAGE: &str = "spec.template.spec.containers[notes].image";
const PORT: &str = "spec.template.spec.containers[notes].env[PORT].value";
const READY: &str = "spec.template.spec.containers[notes].readinessProbe.httpGet.path";
const LIVE: &str = "spec.template.spec.containers[notes].livenessProbe.httpGet.path";

// In the order of the list below each open field.
const KEEP: usize = 0;
const TAKE: usize = 1;
const EDIT: usize = 2;
const SHOW: usize = 3;
const LATER: usize = 4;
// And below a file that was there before.
const ADOPT: usize = 1;
const NOT_OURS_LATER: usize = 3;
// And below a file that was deleted.
const LEAVE_DELETED: usize = 0;
const BRING_BACK: usize = 1;

/// A Deployment with five open fields, a NetworkPolicy that was deleted, and an Ingress that was there before the
/// templates had one.
fn in_conflict() -> Project {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    for (from, to) in [
        ("replicas: 2", "replicas: 4 # measured"),
        ("notes:0.3.0", "notes:0.3.0-mine"),
        ("value: \"8080\"", "value: \"8081\""),
        ("path: /readyz", "path: /my-ready"),
        ("path: /livez", "path: /my-live"),
    ] {
        project.edit(DEPLOYMENT, from, to);
    }
    project.write(INGRESS, THEIR_INGRESS);
    fs::remove_file(project.path(POLICY)).unwrap();
    project.edit("cofferdam.yaml", "notes:0.3.0", "notes:0.4.0");
    project.edit("cofferdam.yaml", "/readyz", "/new-ready");
    project.edit("cofferdam.yaml", "/livez", "/new-live");
    project.edit(
        "cofferdam.yaml",
        "port: 8080",
        "port: 9090\n    replicas: { min: 3 }\n    expose: { host: notes.example.com, via: ingress }",
    );
    assert_eq!(project.run(&["generate"]).code, 4);
    assert_eq!(pending(&project, DEPLOYMENT), [REPLICAS, IMAGE, PORT, READY, LIVE]);
    assert_eq!(project.read(INGRESS), THEIR_INGRESS);
    project
}

/// The fields of a file that the lock says are open.
fn pending(project: &Project, path: &str) -> Vec<String> {
    let lock = Lock::read(&project.read(lock::PATH)).unwrap();
    lock.files[path].pending.iter().map(|open| open.at.clone()).collect()
}

/// A conversation with a person whose editor is a script of `sed`, kept outside the project.
fn start(project: &Project, paths: &[&str], editor: &str) -> PtySession {
    let script = project.path("../editor");
    fs::write(&script, format!("#!/bin/sh\nsed '{editor}' \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"\n")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = project.command(&[&["resolve"], paths].concat());
    command.env("TERM", "xterm-256color").env("EDITOR", script).stdin(std::process::Stdio::inherit());
    spawn_command(command, TIMEOUT).unwrap()
}

/// Waits for a question and picks one of its answers; what the terminal got until then.
fn answer(session: &mut PtySession, question: &str, choice: usize) -> String {
    let mut output = session.exp_string(question).unwrap();
    output.push_str(&session.exp_string("decide later").unwrap());
    session.send(&format!("{}\r", DOWN.repeat(choice))).unwrap();
    session.flush().unwrap();
    output
}

/// Everything that the terminal got, as a person would see the cursor afterwards.
fn cursor_is_shown(output: &str) -> bool {
    let mut screen = vt100::Parser::new(50.try_into().unwrap(), 160.try_into().unwrap(), 0);
    screen.process(output.as_bytes());
    !screen.screen().hide_cursor()
}

/// The exit code, out of `Exited(Pid(1234), 4)`.
fn code(session: &PtySession) -> String {
    let status = format!("{:?}", session.process().wait().unwrap());
    status.rsplit_once(", ").unwrap().1.trim_end_matches(')').to_owned()
}

#[test]
fn each_answer_decides_about_its_field_and_no_other() {
    let project = in_conflict();
    let before = project.read(DEPLOYMENT);
    let mut session = start(&project, &EVERY_FILE, "s/\"8081\"/\"7070\"/; s/# measured/# measured in May/");
    answer(&mut session, REPLICAS, KEEP);
    answer(&mut session, IMAGE, TAKE);
    answer(&mut session, PORT, EDIT);
    answer(&mut session, READY, SHOW);
    session.exp_string("written before: `/readyz`").unwrap();
    // Each in its colour, marked as what differs.
    session.exp_string("-\u{1b}[0m\u{1b}[7m\u{1b}[31m/my-ready").unwrap();
    session.exp_string("+\u{1b}[0m\u{1b}[7m\u{1b}[32m/new-ready").unwrap();
    answer(&mut session, READY, KEEP);
    answer(&mut session, LIVE, LATER);
    answer(&mut session, &format!("{POLICY} was deleted"), LEAVE_DELETED);
    answer(&mut session, &format!("{INGRESS} was there before"), NOT_OURS_LATER);
    session.exp_eof().unwrap();
    assert_eq!(code(&session), "4", "two things are open still");
    assert!(!project.path(POLICY).exists());

    let decided = before
        .replace("replicas: 4 # measured", "replicas: 4 # measured in May")
        .replace("notes:0.3.0-mine", "notes:0.4.0")
        .replace("\"8081\"", "\"7070\"");
    assert_eq!(project.read(DEPLOYMENT), decided);
    assert_eq!(pending(&project, DEPLOYMENT), [LIVE]);
    assert_eq!(project.read(INGRESS), THEIR_INGRESS);

    // What was put off is asked again, and nothing else.
    let mut session = start(&project, &EVERY_FILE, "");
    let asked = answer(&mut session, LIVE, TAKE);
    assert!(![REPLICAS, IMAGE, PORT, READY].iter().any(|field| asked.contains(field)), "{asked}");
    answer(&mut session, &format!("{POLICY} was deleted"), BRING_BACK);
    answer(&mut session, &format!("{INGRESS} was there before"), ADOPT);
    session.exp_eof().unwrap();
    assert_eq!(code(&session), "0");
    assert_eq!(project.read(DEPLOYMENT), decided.replace("/my-live", "/new-live"));
    assert_eq!(pending(&project, DEPLOYMENT), [""; 0]);
    assert!(project.read(POLICY).contains("kind: NetworkPolicy"));
    let adopted = project.read(INGRESS);
    assert!(adopted.starts_with("# nobody of ours wrote this\n"), "{adopted}");
    assert!(adopted.contains("host: notes.example.com"), "{adopted}");
    assert_eq!(project.run(&["check"]).code, 0);
}

#[test]
fn ctrl_c_writes_nothing_whatever_was_answered_before() {
    let questions = [(REPLICAS, TAKE), (IMAGE, EDIT), (PORT, KEEP), (READY, TAKE), (LIVE, LATER)];
    for answers in [0, 2, questions.len()] {
        let project = in_conflict();
        let before = project.tree();
        let mut session = start(&project, &[], "s/-mine/-edited/");
        let mut output = String::new();
        for (question, choice) in &questions[..answers] {
            output.push_str(&answer(&mut session, question, *choice));
        }
        let next = questions.get(answers).map_or("deploy/notes/", |(question, _)| question);
        output.push_str(&session.exp_string(next).unwrap());
        output.push_str(&session.exp_string("decide later").unwrap());
        std::thread::sleep(std::time::Duration::from_millis(200));
        session.send_control(CTRL_C).unwrap();
        output.push_str(&session.exp_eof().unwrap());
        assert!(output.contains("Nothing was written"), "after {answers}: {output}");
        assert!(cursor_is_shown(&output), "after {answers}: {output:?}");
        assert_eq!(code(&session), "130", "after {answers}");
        assert_eq!(before, project.tree(), "after {answers}");
    }
}

#[test]
fn without_a_terminal_it_says_how_to_decide_and_writes_nothing() {
    let project = in_conflict();
    let before = project.tree();
    let run = project.run(&["resolve"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    for words in ["nobody can be asked here", "no terminal", "name the files, with `--keep` or `--take`"] {
        assert!(run.stderr.contains(words), "`{words}` in {}", run.stderr);
    }
    assert_eq!(before, project.tree());

    // What it says to do is enough.
    project.ok(&["resolve", "--take", DEPLOYMENT, POLICY, INGRESS]);
    assert!(project.read(DEPLOYMENT).contains("replicas: 3"));
    assert_eq!(pending(&project, DEPLOYMENT), [""; 0]);
    assert!(project.read(POLICY).contains("kind: NetworkPolicy"));
    assert!(project.read(INGRESS).contains("host: notes.example.com"));
    project.ok(&["check"]);
}

#[test]
fn an_edit_settles_what_it_changes_and_the_rest_is_asked_with_its_new_values() {
    let project = in_conflict();
    // Theirs at one field, a third value at another; the field that was asked about stays as it is.
    let mut session = start(&project, &[DEPLOYMENT], "s|/my-ready|/new-ready|; s/\"8081\"/\"7070\"/");
    answer(&mut session, REPLICAS, TAKE);
    answer(&mut session, IMAGE, EDIT);
    answer(&mut session, IMAGE, TAKE);
    let asked = answer(&mut session, LIVE, KEEP);
    assert!(![PORT, READY].iter().any(|field| asked.contains(field)), "{asked}");
    session.exp_eof().unwrap();
    assert_eq!(code(&session), "4", "other files are open still");
    assert_eq!(pending(&project, DEPLOYMENT), [""; 0]);
    let text = project.read(DEPLOYMENT);
    for said in ["replicas: 3", "notes:0.4.0", "\"7070\"", "/new-ready", "/my-live"] {
        assert!(text.contains(said), "{said} is not in\n{text}");
    }
}
