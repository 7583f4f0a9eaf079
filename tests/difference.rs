//! What a difference looks like: in colour on a terminal, a patch everywhere else.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::process::Command;

use anstream::adapter::strip_str;
use rexpect::session::spawn_command;
use support::Project;

const NOT_OURS: &str = "deploy/notes/httproute.yaml";

/// A project whose deployment is written again with other lines: changed, new, and one that does not end.
fn changed() -> Project {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    project.edit("cofferdam.yaml", "notes:0.3.0", "notes:0.4.0");
    project.edit(
        "cofferdam.yaml",
        "port: 8080",
        "port: 8081\n    replicas: { min: 3 }\n    expose: { host: a.example.com }",
    );
    project.write(NOT_OURS, "# nobody of ours wrote this");
    project
}

/// Everything that a terminal gets from `diff`.
fn on_a_terminal(project: &Project, variables: &[(&str, &str)]) -> String {
    let mut command = project.command(&["diff"]);
    command.env("TERM", "xterm-256color").envs(variables.iter().copied()).stdin(std::process::Stdio::inherit());
    let mut session = spawn_command(command, Some(20_000)).unwrap();
    session.exp_eof().unwrap().replace("\r\n", "\n")
}

fn forced(project: &Project) -> String {
    let output = project.command(&["diff"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_terminal_shows_colours_and_the_words_that_differ() {
    let output = on_a_terminal(&changed(), &[]);
    let mut screen = vt100::Parser::new(400.try_into().unwrap(), 160.try_into().unwrap(), 0);
    screen.process(output.replace('\n', "\r\n").as_bytes());
    let screen = screen.screen();
    let lines: Vec<String> = screen.rows(0, 160).collect();
    for (line, colour, differs) in [
        (" USER 65532:65532", vt100::Color::Default, false),
        ("-EXPOSE 8080", vt100::Color::Idx(1), true),
        ("+EXPOSE 8081", vt100::Color::Idx(2), true),
    ] {
        let row = lines.iter().position(|shown| shown.trim_end() == line).unwrap_or_else(|| panic!("{line}: {output}"));
        let cell = |column: usize| screen.cell(row.try_into().unwrap(), column.try_into().unwrap()).unwrap();
        for column in [0, 1, line.len() - 1] {
            assert_eq!(cell(column).fgcolor(), colour, "{line}, column {column}");
        }
        assert!(!cell(0).inverse() && !cell(1).inverse(), "{line}: what is the same is emphasised");
        assert_eq!(cell(line.len() - 1).inverse(), differs, "{line}: the last word");
    }
}

#[test]
fn without_colours_it_is_the_same_text_and_a_patch() {
    let project = changed();
    let patch = project.run(&["diff"]).stdout;
    assert!(!patch.contains('\u{1b}'), "{patch}");
    assert!(patch.contains("\\ No newline at end of file\n"), "{patch}");
    assert!(patch.contains("\n-  replicas: 2\n+  replicas: 3\n"), "{patch}");
    let forced = forced(&project);
    assert!(forced.contains('\u{1b}'), "{forced}");
    assert_eq!(strip_str(&forced).to_string(), patch);
    assert_eq!(on_a_terminal(&project, &[("NO_COLOR", "1")]), patch);
    let terminal = on_a_terminal(&project, &[]);
    assert_eq!(terminal, forced);
    // Where there is git, it takes it.
    let target = project.path("..").join("patch");
    std::fs::write(&target, &patch).unwrap();
    if let Ok(output) = Command::new("git").arg("apply").arg(&target).current_dir(project.root()).output() {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(project.run(&["diff"]).stdout, "");
    }
}

#[test]
fn what_stands_in_a_file_does_nothing_to_a_terminal() {
    let project = changed();
    // A title, a colour, a line that is drawn over, and letters that run the other way.
    let harm = "# a\u{1b}]0;owned\u{7}b\u{1b}[31mc\u{9b}2Jd\u{8}e\u{202e}f\tg";
    project.write(NOT_OURS, harm);
    let patch = project.run(&["diff"]).stdout;
    assert!(patch.contains("e\u{202e}f\tg"), "a program gets what is in the file\n{patch:?}");
    for variables in [&[][..], &[("NO_COLOR", "1")]] {
        let output = on_a_terminal(&project, variables);
        let shown = "# a\\u{1b}]0;owned\\u{7}b\\u{1b}[31mc\\u{9b}2Jd\\u{8}e\\u{202e}f\tg";
        assert!(strip_str(&output).to_string().contains(shown), "{output:?}");
        for raw in ["\u{1b}]", "\u{7}", "\u{9b}", "\u{8}", "\u{202e}"] {
            assert!(!output.contains(raw), "{raw:?} is in {output:?}");
        }
    }
}
