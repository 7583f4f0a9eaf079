//! The wizard in a real pseudo-terminal: a whole conversation, the way back, and Ctrl-C at any moment.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use cofferdam::answers::draft::Draft;
use cofferdam::answers::file;
use cofferdam::answers::raw::{Origin, Raw};
use cofferdam::detect::Tree;
use cofferdam::interview::Interview;
use cofferdam::pack::Pack;
use rexpect::session::{PtySession, spawn_command};
use support::Project;

const TIMEOUT: Option<u64> = Some(20_000);
const CTRL_C: char = 'c';

fn start(project: &Project) -> PtySession {
    let mut command = project.command(&["init"]);
    command.env("TERM", "xterm-256color").stdin(std::process::Stdio::inherit());
    spawn_command(command, TIMEOUT).unwrap()
}

/// Everything that the terminal got, as a person would see the cursor afterwards.
fn cursor_is_shown(output: &str) -> bool {
    let mut screen = vt100::Parser::new(50.try_into().unwrap(), 160.try_into().unwrap(), 0);
    screen.process(output.as_bytes());
    !screen.screen().hide_cursor()
}

#[test]
fn pressing_enter_writes_what_yes_writes() {
    let asked = Project::example("node-thumbs");
    let mut session = start(&asked);
    session.exp_string("What kind of app is it?").unwrap();
    session.send("\r").unwrap();
    session.flush().unwrap();
    for question in [
        "What is the service called?",
        "Which image do its pods run?",
        "Which port does it listen on?",
        "How does it say that it is ready?",
        "Which paths does it write?",
        "Under which host",
        "What does it connect to?",
    ] {
        session.exp_string(question).unwrap();
        session.send("\r").unwrap();
        session.flush().unwrap();
    }
    session.exp_string("These files will be written").unwrap();
    session.exp_string("What now?").unwrap();
    session.send("\r").unwrap();
    session.flush().unwrap();
    session.exp_string("The same without questions").unwrap();
    session.exp_eof().unwrap();
    let plain = Project::example("node-thumbs");
    plain.ok(&["init", "--yes"]);
    assert_eq!(asked.tree(), plain.tree());
}

#[test]
fn escape_goes_back_and_a_wrong_reply_is_asked_again() {
    let project = Project::example("node-thumbs");
    let mut session = start(&project);
    session.exp_string("What kind of app is it?").unwrap();
    session.send("\r").unwrap();
    session.flush().unwrap();
    session.exp_string("What is the service called?").unwrap();
    session.send("Wrong Name\r").unwrap();
    session.flush().unwrap();
    session.exp_string("a name has 1 to 52 characters").unwrap();
    session.exp_string("What is the service called?").unwrap();
    session.send("\u{15}votes\r").unwrap();
    session.flush().unwrap();
    session.exp_string("Which image do its pods run?").unwrap();
    session.send("\u{1b}").unwrap();
    session.flush().unwrap();
    session.exp_string("What is the service called?").unwrap();
    session.send_control(CTRL_C).unwrap();
    session.exp_string("Nothing was written").unwrap();
}

#[test]
fn ctrl_c_in_a_list_and_in_a_text_leaves_the_tree_and_the_cursor() {
    for enters in [0, 1, 4] {
        let project = Project::example("node-thumbs");
        let before = project.tree();
        let mut session = start(&project);
        let mut output = session.exp_string("What kind of app is it?").unwrap();
        for question in ["called?", "pods run?", "listen on?", "ready?"].iter().take(enters) {
            session.send("\r").unwrap();
            session.flush().unwrap();
            output.push_str(&session.exp_string(question).unwrap());
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
        session.send_control(CTRL_C).unwrap();
        output.push_str(&session.exp_eof().unwrap());
        assert!(output.contains("Nothing was written"), "after {enters}: {output}");
        assert!(cursor_is_shown(&output), "after {enters}: {output:?}");
        let status = session.process().wait().unwrap();
        assert!(format!("{status:?}").contains("130"), "{status:?}");
        assert_eq!(before, project.tree());
    }
}

#[test]
fn what_somebody_writes_during_the_conversation_is_not_lost() {
    let project = Project::example("node-thumbs");
    let mut session = start(&project);
    session.exp_string("What kind of app is it?").unwrap();
    for question in [
        "called?",
        "pods run?",
        "listen on?",
        "ready?",
        "does it write?",
        "Under which host",
        "connect to?",
        "What now?",
    ] {
        session.send("\r").unwrap();
        session.flush().unwrap();
        session.exp_string(question).unwrap();
    }
    project.write("cofferdam.yaml", "theirs\n");
    session.send("\r").unwrap();
    session.flush().unwrap();
    session.exp_string("changed while cofferdam was at work").unwrap();
    assert_eq!(project.read("cofferdam.yaml"), "theirs\n");
    assert!(!project.path("Dockerfile").exists());
}

#[test]
fn what_was_replied_is_there_again_after_going_back() {
    let pack = Pack::built_in().unwrap();
    let files = [("Cargo.toml", "[package]\nname = \"notes\"\n"), ("src/main.rs", "fn main() {}\n")];
    let tree = Tree(files.map(|(path, text)| (path.to_owned(), Some(text.to_owned()))).into());
    let mut interview = Interview::new(&pack, &[], tree, "notes", Draft::default(), None, false);
    let mut replied = Vec::new();
    for reply in ["go", "shop", "ghcr.io/acme/shop:1.0.0"] {
        let asking = interview.next().unwrap();
        interview.reply(asking.question, reply, &Origin::Reply).unwrap();
        replied.push((asking.question.key, reply));
    }
    while interview.back() {}
    for (key, reply) in replied {
        let asking = interview.next().unwrap();
        assert_eq!((asking.question.key, asking.recalled.as_deref()), (key, Some(reply)));
        if key == "preset" {
            assert_eq!(asking.default.as_deref(), Some("rust"), "what is found is found again");
        }
        interview.reply(asking.question, reply, &Origin::Reply).unwrap();
    }
    assert_eq!(interview.flags().join(" "), "--preset go --name shop --image ghcr.io/acme/shop:1.0.0");
}

/// Replies Enter to every question that comes.
fn enter(interview: &mut Interview<'_>) {
    while let Some(asking) = interview.next() {
        let reply = asking.default.clone().unwrap_or_default();
        let done = interview.reply(asking.question, &reply, &Origin::Reply);
        done.unwrap_or_else(|problem| panic!("Enter on {}: {problem}", asking.question.key));
    }
}

#[test]
fn enter_on_everything_behind_more_changes_nothing() {
    let pack = Pack::built_in().unwrap();
    let draft = |preset: &str| {
        let mut given = Draft::default();
        given.service.preset = Some(Raw::new(preset, Origin::Reply));
        given.service.image = Some(Raw::new("ghcr.io/acme/notes:1.0.0", Origin::Reply));
        given.service.build.entry = Some(Raw::new("notes", Origin::Reply));
        given
    };
    for preset in pack.presets.ids() {
        let mut interview = Interview::new(&pack, &[], Tree::default(), "notes", draft(preset), None, false);
        enter(&mut interview);
        let before = file::write(&interview.answers().unwrap());
        for category in interview.categories() {
            interview.more = Some(category);
            enter(&mut interview);
        }
        assert_eq!(before, file::write(&interview.answers().unwrap()), "{preset}");
    }
}

#[test]
fn enter_means_what_is_shown_whatever_was_replied_before() {
    let pack = Pack::built_in().unwrap();
    let generated = |replies: &[(&str, &str)]| {
        let files = [("Cargo.toml", "[package]\nname = \"notes\"\n"), ("src/main.rs", "fn main() {}\n")];
        let tree = Tree(files.map(|(path, text)| (path.to_owned(), Some(text.to_owned()))).into());
        let mut interview = Interview::new(&pack, &[], tree, "notes", Draft::default(), None, false);
        let mut shown = std::collections::BTreeMap::new();
        for category in [None].into_iter().chain(interview.categories().into_iter().map(Some)) {
            interview.more = category;
            while let Some(asking) = interview.next() {
                let key = asking.question.key;
                let reply = replies.iter().find(|(asked, _)| *asked == key).map(|(_, reply)| (*reply).to_owned());
                let reply = reply.or(asking.default.clone()).unwrap_or_default();
                shown.insert(key, reply.clone());
                interview.reply(asking.question, &reply, &Origin::Reply).unwrap();
            }
        }
        let spec = cofferdam::resolve::resolve(&interview.answers().unwrap(), &pack).unwrap();
        let service = spec.services.into_iter().next().unwrap();
        for (key, found) in
            [("replicas.min", service.replicas.min.to_string()), ("replicas.max", service.replicas.max.to_string())]
        {
            assert_eq!(shown[key], found, "{key} of {replies:?}");
        }
        if let Some(expose) = service.expose {
            assert_eq!(shown["expose.from-namespace"], expose.from_namespace.to_string());
            assert_eq!(shown["expose.through"], expose.through.to_string());
        }
    };
    generated(&[]);
    generated(&[("storage", "/data=1Gi:keep")]);
    generated(&[("storage", "/data=1Gi:keep"), ("replicas.min", "2")]);
    generated(&[("replicas.min", "4")]);
    generated(&[("expose.host", "notes.example.com")]);
    generated(&[("expose.host", "notes.example.com"), ("expose.via", "ingress")]);
}

#[test]
fn a_neighbours_dockerfile_stays_a_neighbours() {
    let flags = ["add", "--name", "jobs", "--entry", "jobs", "."];
    let asked = Project::example("rust-notes");
    asked.ok(&["init", "--yes"]);
    let mut command = asked.command(&flags);
    command.env("TERM", "xterm-256color").stdin(std::process::Stdio::inherit());
    let mut session = spawn_command(command, TIMEOUT).unwrap();
    let questions =
        ["kind of app", "Which image", "listen on?", "ready?", "write?", "which host", "connect to?", "What now?"];
    for question in questions {
        session.exp_string(question).unwrap();
        session.send("\r").unwrap();
        session.flush().unwrap();
    }
    session.exp_string("wrote  Dockerfile.jobs").unwrap();
    session.exp_eof().unwrap();
    let told = Project::example("rust-notes");
    told.ok(&["init", "--yes"]);
    told.ok(&[&flags[..], &["--yes"]].concat());
    assert_eq!(asked.tree(), told.tree());

    // What is not built has none.
    told.ok(&["add", "--yes", "--name", "cache", "--preset", "image", "--image", "redis:8.2.1", "--port", "6379"]);
    assert_eq!(told.read("cofferdam.yaml").matches("dockerfile").count(), 1);
}
