//! Packs of git repositories: fetched by a real git, kept in the project, used without a network.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

#[path = "fetch/repository.rs"]
mod repository;
mod support;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use repository::{HEAD, Packs, git, git_with, settle};
use support::{Project, Run};

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "fetch", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A project that was generated before it named any pack.
fn project(packs: &[&str]) -> Project {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    name(&project, packs);
    project
}

fn name(project: &Project, packs: &[&str]) {
    let answers = project.read("cofferdam.yaml");
    let rest: String =
        answers.lines().filter(|line| !line.starts_with("packs:")).map(|line| format!("{line}\n")).collect();
    let packs = if packs.is_empty() { String::new() } else { format!("packs: [ {} ]\n", packs.join(", ")) };
    project.write("cofferdam.yaml", &format!("{packs}{rest}"));
}

fn fetch_with(project: &Project, more: &[&str], variables: &[(&str, &OsStr)]) -> Run {
    let mut command = project.command(&[&["preset", "fetch"], more].concat());
    project.end(settle(&mut command).envs(variables.iter().copied()))
}

fn fetch(project: &Project) -> Run {
    fetch_with(project, &[], &[])
}

fn fetched(project: &Project) -> String {
    let run = fetch(project);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run.stdout
}

/// What is kept of the packs.
fn kept(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let mut files = project.tree();
    files.retain(|path, _| path.starts_with(".cofferdam/packs/"));
    files
}

#[test]
fn a_fetched_pack_is_used_without_its_repository_wherever_the_project_is_cloned() {
    let packs = Packs::house();
    let project = project(&[&packs.named("v0.1.0")]);
    // What the project says about its own files is not said about packs.
    project.write(".gitignore", "templates/\n*.j2\n");
    project.write(".gitattributes", "* text=auto eol=crlf\n");
    let before = fetch_with(&project, &["--dry-run"], &[]);
    assert!(!project.path(".cofferdam/packs").exists());
    let run = fetch(&project);
    snapshot("first", &packs.hide(&format!("{}\n{}", before.screen(), run.screen())));
    let files = kept(&project);
    snapshot("kept", &files.keys().map(|path| format!("{path}\n")).collect::<String>());
    snapshot("record", &packs.hide(&project.read(".cofferdam/packs/sources.json")));
    assert!(fetched(&project).starts_with("unchanged  house 0.1.0  v0.1.0 at "));
    assert_eq!(files, kept(&project));

    drop(packs);
    assert_eq!(project.run(&["check"]).code, 2);
    project.ok(&["generate"]);
    assert!(project.read("deploy/notes/service.yaml").contains("house.example/owner: notes\n"));
    project.ok(&["check"]);
    project.ok(&["diff", "--explain"]);
    assert!(project.ok(&["preset", "list"]).stdout.contains("rust"));

    git(&project.root(), &["init", "--quiet", "."]);
    git(&project.root(), &["add", "--all"]);
    git(&project.root(), &["commit", "--quiet", "--message", "notes"]);
    let clone = Project::new(&[]);
    let url = format!("file://{}", project.root().display());
    let crlf = ["-c", "core.autocrlf=true", "clone", "--quiet", "--depth", "1", &url];
    git(Path::new("/"), &[&crlf[..], &[clone.root().to_str().unwrap()]].concat());
    assert_eq!(kept(&clone), files);
    assert!(!clone.run(&["check"]).stderr.contains("missing or changed"));
}

#[test]
fn a_new_version_is_fetched_when_it_is_named_and_explained_like_any_other() {
    let packs = Packs::two_versions();
    let project = project(&[&packs.named("v0.1.0")]);
    fetched(&project);
    project.ok(&["generate"]);
    project.edit("deploy/notes/service.yaml", "type: ClusterIP", "type: ClusterIP # mine");
    let before = project.tree();

    name(&project, &[&packs.named("v0.2.0")]);
    let mut screen = String::new();
    for words in [&["check"][..], &["diff"], &["generate"], &["preset", "list"], &["add", "--yes", "."]] {
        let run = project.run(words);
        assert_eq!(run.code, 1, "{words:?}");
        screen = run.stderr;
    }
    snapshot("not-fetched", &packs.hide(&screen));
    snapshot("upgraded", &packs.hide(&fetched(&project)));
    let fetched = kept(&project);
    assert_eq!(project.run(&["check"]).code, 2);
    let explained = project.run(&["diff", "--explain"]).stdout;
    assert!(explained.starts_with("house 0.1.0 wrote this project, and this is 0.2.0.\n"), "{explained}");
    assert!(
        explained.contains("0.2.0  every object names who pays\n       why: the bill was nobody's\n"),
        "{explained}"
    );
    project.ok(&["generate"]);
    let service = project.read("deploy/notes/service.yaml");
    assert!(
        service.contains("type: ClusterIP # mine") && service.contains("house.example/pays: \"4711\""),
        "{service}"
    );
    project.ok(&["check"]);

    project.ok(&["undo"]);
    assert_eq!(kept(&project), fetched);
    let undone = project.ok(&["undo"]).stdout;
    assert!(undone.contains(" restored  .cofferdam/packs/house/pack.yaml\n"), "{undone}");
    name(&project, &[&packs.named("v0.1.0")]);
    assert_eq!(project.tree(), before);
    project.ok(&["check"]);
}

#[test]
fn what_moved_in_a_repository_is_told() {
    let packs = Packs::house();
    let of_main = project(&[&packs.named("main")]);
    let of_tag = project(&[&packs.named("v0.1.0")]);
    let mut screen = String::new();
    let mut fetch_both = |what: &str| {
        for project in [&of_main, &of_tag] {
            let told = fetched(project);
            screen.push_str(&format!("== {what}\n{}", told.split("\nNext").next().unwrap()));
        }
    };
    fetch_both("first");
    packs.write("README.md", "not of the pack\n");
    packs.commit();
    fetch_both("the branch, but not the pack");
    packs.label("house.example/pays: \"4711\"");
    packs.commit();
    packs.git(&["tag", "--force", "v0.1.0"]);
    fetch_both("both, and the pack");
    fetch_both("nothing");
    for project in [&of_main, &of_tag] {
        project.write(".cofferdam/packs/house/pack.yaml", "name: horse\n");
    }
    fetch_both("a file here");
    snapshot("moved", &screen);
}

#[test]
fn a_commit_is_fetched_by_its_id_even_from_servers_that_do_not_give_it() {
    let packs = Packs::house();
    let first = packs.git(&["rev-parse", "HEAD"]);
    packs.label("house.example/pays: \"4711\"");
    packs.commit();
    packs.git(&["tag", "--force", "v0.1.0"]);
    let version = |version: &'static str| {
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "protocol.version"), ("GIT_CONFIG_VALUE_0", version)]
            .map(|(name, value)| (name, OsStr::new(value)))
    };
    for protocol in ["0", "2"] {
        let project = project(&[&packs.named(&first)]);
        let run = fetch_with(&project, &[], &version(protocol));
        assert!(
            run.stdout.starts_with(&format!("  fetched  house 0.1.0  {first} at {}", &first[..7])),
            "{}",
            run.stderr
        );
        assert!(!project.read(".cofferdam/packs/house/templates/deploy/service/_labels.yaml.j2").contains("pays"));
    }
}

#[test]
fn a_repository_of_another_object_format_is_fetched() {
    let packs = Packs::empty(&["--object-format=sha256"]);
    packs.write("pack.yaml", HEAD);
    let commit = packs.commit();
    let project = project(&[&format!("{{ git: {}, ref: main }}", packs.url())]);
    fetched(&project);
    assert!(project.read(".cofferdam/packs/sources.json").contains(&format!("\"commit\":\"{commit}\"")));
    project.ok(&["check"]);
}

#[test]
fn packs_of_folders_and_of_repositories_lie_on_each_other() {
    let packs = Packs::house();
    packs.write("pack.yaml", "name: root\nversion: 1.0.0\n");
    packs.write("presets/rust.yaml", "extends: rust\ndefaults:\n  grace-seconds: 45\n");
    packs.commit();
    let project = project(&[]);
    project.write("../team/pack.yaml", "name: team\nversion: 3.0.0\n");
    project.write("../team/presets/rust.yaml", "extends: rust\ndefaults:\n  replicas: { min: 3 }\n");
    let all = format!("{{ git: {}, ref: main }}", packs.url());
    name(&project, &[&all, "{ path: ../team }", &packs.named("v0.1.0")]);
    let told = fetched(&project);
    assert!(
        told.contains("  fetched  root 1.0.0  main at ") && told.contains("  fetched  house 0.1.0  v0.1.0 at "),
        "{told}"
    );
    project.ok(&["generate"]);
    let deployment = project.read("deploy/notes/deployment.yaml");
    for part in ["terminationGracePeriodSeconds: 45", "replicas: 3", "house.example/owner: notes"] {
        assert!(deployment.contains(part), "{part}\n{deployment}");
    }
    let lock: serde_json::Value = serde_json::from_str(&project.read(".cofferdam/lock.json")).unwrap();
    assert_eq!(lock["packs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["cofferdam", "house", "root", "team"]);

    name(&project, &["{ path: ../team }", &packs.named("v0.1.0")]);
    let told = fetched(&project);
    assert!(told.starts_with("unchanged  house 0.1.0") && told.contains("\n  removed  root\n"), "{told}");
    assert!(!project.path(".cofferdam/packs/root").exists());
    name(&project, &[]);
    assert!(fetched(&project).starts_with("  removed  house\n"));
    assert!(!project.path(".cofferdam/packs").exists());
    assert_eq!(fetched(&project), "no pack comes from a git repository\n");
}

/// What is done to something, and its name.
type Harm<T> = (&'static str, fn(&T));

/// Each of these is refused with what to do, and nothing is written.
#[test]
fn packs_that_cannot_be_kept_are_refused() {
    const CASES: [Harm<Packs>; 13] = [
        ("a link", |packs| {
            symlink("/etc/passwd", packs.path("house/presets.yaml"))
                .and_then(|()| {
                    fs::create_dir_all(packs.path("house/presets"))?;
                    symlink("/etc/passwd", packs.path("house/presets/a.yaml"))
                })
                .unwrap()
        }),
        ("a folder that is a link", |packs| symlink("templates", packs.path("house/presets")).unwrap()),
        ("the pack's folder is a link", |packs| {
            fs::rename(packs.path("house"), packs.path("horse")).unwrap();
            symlink("horse", packs.path("house")).unwrap();
        }),
        ("a submodule", |packs| {
            let commit = packs.git(&["rev-parse", "HEAD"]);
            packs.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},house/cases/rust")]);
        }),
        ("a long file", |packs| packs.write("house/presets/a.yaml", &"#".repeat(5_000_000))),
        ("no text", |packs| {
            fs::create_dir_all(packs.path("house/presets")).unwrap();
            fs::write(packs.path("house/presets/a.yaml"), b"\xff\xfe").unwrap();
        }),
        ("two lines in a name", |packs| packs.write("house/presets/a\nb.yaml", "title: A\n")),
        ("no pack", |packs| fs::remove_file(packs.path("house/pack.yaml")).unwrap()),
        ("no folder", |packs| fs::remove_dir_all(packs.path("house")).unwrap()),
        ("no YAML", |packs| packs.write("house/pack.yaml", "name: [\n")),
        ("another cofferdam", |packs| packs.write("house/pack.yaml", &format!("{HEAD}cofferdam: \">=99\"\n"))),
        ("nobody's template", |packs| packs.write("house/templates/deploy/service/_lables.yaml.j2", "a: b\n")),
        ("our name", |packs| packs.write("house/pack.yaml", &HEAD.replace("house", "cofferdam"))),
    ];
    let mut screen = String::new();
    for (name, harm) in CASES {
        let packs = Packs::house();
        let project = project(&[&packs.named("main")]);
        fetched(&project);
        let before = project.tree();
        harm(&packs);
        // A submodule is in the index alone.
        let is_staged = packs.git(&["diff", "--cached", "--name-only"]).is_empty();
        if is_staged {
            packs.git(&["add", "--all"]);
        }
        packs.git(&["commit", "--quiet", "--message", "harm"]);
        let run = fetch(&project);
        assert_eq!(run.code, 1, "{name}: {}", run.stdout);
        assert_eq!(before, project.tree(), "{name}");
        screen.push_str(&format!("== {name}\n{}", packs.hide(&run.stderr)));
    }
    snapshot("refused", &screen);
}

/// A tree that no git makes by itself.
#[test]
fn names_that_lead_out_of_a_pack_are_refused() {
    let mut screen = String::new();
    for name in ["..", ".git", "/etc"] {
        let packs = Packs::house();
        let blob = git_with(packs.folder.path(), &["hash-object", "-w", "--stdin"], b"title: A\n");
        let raw = |id: &str| {
            (0..40).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()).collect::<Vec<u8>>()
        };
        let tree = |entries: &[(&str, &str, &str)]| {
            let bytes: Vec<u8> = entries
                .iter()
                .flat_map(|(mode, name, id)| [format!("{mode} {name}\0").into_bytes(), raw(id)].concat())
                .collect();
            git_with(packs.folder.path(), &["hash-object", "-w", "-t", "tree", "--literally", "--stdin"], &bytes)
        };
        let head = packs.git(&["rev-parse", "HEAD:house/pack.yaml"]);
        let inner = tree(&[("100644", "a.yaml", &blob)]);
        let presets = tree(&[("40000", name, &inner)]);
        let house = tree(&[("100644", "pack.yaml", &head), ("40000", "presets", &presets)]);
        let root = tree(&[("40000", "house", &house)]);
        let commit = packs.git(&["commit-tree", "-m", "harm", &root]);
        packs.git(&["update-ref", "refs/heads/harm", &commit]);
        let project = project(&[&packs.named("harm")]);
        let before = project.tree();
        let run = fetch(&project);
        assert_eq!(run.code, 1, "{name}: {}", run.stdout);
        assert_eq!(before, project.tree(), "{name}");
        screen.push_str(&packs.hide(&run.stderr));
    }
    snapshot("names", &screen);
}

#[test]
fn what_cannot_be_fetched_is_all_said_at_once() {
    let packs = Packs::two_versions();
    let empty = Packs::empty(&[]);
    let commit = "1".repeat(40);
    let named = [
        packs.named("v0.2"),
        packs.named("nowhere-near"),
        packs.named(&commit),
        empty.named("main"),
        "{ git: file:///nowhere/packs.git, ref: main }".to_owned(),
        "{ path: ../horse }".to_owned(),
    ];
    let project = project(&named.each_ref().map(String::as_str));
    let before = project.tree();
    let run = fetch(&project);
    assert_eq!(run.code, 1, "{}", run.stdout);
    assert_eq!(before, project.tree());
    snapshot(
        "unreachable",
        &empty.hide(&packs.hide(&run.stderr)).replace(empty.folder.path().to_str().unwrap(), "/empty"),
    );
    let run = fetch_with(&project, &[], &[("PATH", OsStr::new("/nowhere"))]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    snapshot("no-git", &run.stderr);
}

#[test]
fn two_packs_of_one_name_are_refused() {
    let packs = Packs::house();
    let other = Packs::two_versions();
    let project = project(&[&packs.named("v0.1.0"), &other.named("v0.2.0")]);
    let run = fetch(&project);
    assert_eq!(run.code, 1);
    snapshot("one-name", &packs.hide(&run.stderr).replace(other.folder.path().to_str().unwrap(), "/others"));
    assert!(!project.path(".cofferdam/packs").exists());
}

#[test]
fn what_a_repository_may_be_called() {
    let refused = [
        "{}",
        "{ ref: main }",
        "{ path: ../house, git: https://example.com/packs.git, ref: main }",
        "{ path: ../house, ref: main }",
        "{ git: https://example.com/packs.git }",
        "{ git: https://example.com/packs.git, ref: main, folder: ../house }",
        "{ git: https://example.com/packs.git, ref: --upload-pack=touch, folder: house }",
        "{ git: https://example.com/packs.git, ref: \"a:refs/heads/b\" }",
        "{ git: https://example.com/packs.git, ref: \"+main\" }",
        "{ git: https://example.com/packs.git, ref: \"main\\nmain\" }",
        "{ git: --upload-pack=touch, ref: main }",
        "{ git: ext::sh, ref: main }",
        "{ git: \"ext::sh -c touch\", ref: main }",
        "{ git: \"fd::7\", ref: main }",
        "{ git: http://example.com/packs.git, ref: main }",
        "{ git: https://token@example.com/packs.git, ref: main }",
        "{ git: \"ssh://git:secret@example.com/packs.git\", ref: main }",
        "{ git: \"ssh://-oProxyCommand=touch/packs.git\", ref: main }",
        "{ git: \"-oProxyCommand=touch:packs.git\", ref: main }",
        "{ git: \"https://example.com/packs.git\\n\", ref: main }",
        "{ git: ../packs.git, ref: main }",
        "{ git: /srv/packs.git, ref: main }",
        "{ git: https://example.com, ref: main }",
    ];
    let project = project(&refused);
    let run = fetch(&project);
    assert_eq!(run.code, 1);
    snapshot("answers", &run.stderr);
    assert!(!run.stderr.contains("token@") && !run.stderr.contains("secret@"), "{}", run.stderr);
    let schema: serde_json::Value = serde_json::from_str(&project.ok(&["schema"]).stdout).unwrap();
    let keys = schema["$defs"]["PackAnswers"]["properties"].as_object().unwrap();
    assert_eq!(keys.keys().collect::<Vec<_>>(), ["path", "git", "ref", "folder"]);
    // These are as they should be, and only not fetched.
    let accepted = [
        "{ git: https://example.com:8443/platform/packs.git, ref: v1.2.0, folder: a/b }",
        "{ git: ssh://git@example.com:2222/packs.git, ref: release/1 }",
        "{ git: \"ssh://git@[::1]/packs.git\", ref: refs/heads/main }",
        "{ git: git@example.com:platform/packs.git, ref: main, folder: . }",
        "{ git: example.com:packs, ref: main }",
        "{ git: file:///srv/packs.git, ref: main }",
    ];
    name(&project, &accepted);
    let run = project.run(&["check"]);
    assert_eq!((run.code, run.stderr.matches(" is not fetched\n").count()), (1, accepted.len()), "{}", run.stderr);
}

#[test]
fn a_fetched_pack_that_was_changed_is_damage() {
    const FILE: &str = ".cofferdam/packs/house/templates/deploy/service/_labels.yaml.j2";
    const CASES: [Harm<Project>; 6] = [
        ("changed", |project| project.edit(FILE, "owner", "payer")),
        ("missing", |project| fs::remove_file(project.path(FILE)).unwrap()),
        ("more", |project| project.write(".cofferdam/packs/house/presets/b.yaml", "title: B\n")),
        ("gone", |project| fs::remove_dir_all(project.path(".cofferdam/packs/house")).unwrap()),
        ("a link", |project| symlink("/etc/passwd", project.path(".cofferdam/packs/house/templates/x")).unwrap()),
        ("elsewhere", |project| {
            fs::rename(project.path(".cofferdam/packs/house"), project.path("house")).unwrap();
            symlink("../../house", project.path(".cofferdam/packs/house")).unwrap();
        }),
    ];
    let packs = Packs::house();
    for (name, harm) in CASES {
        let project = project(&[&packs.named("v0.1.0")]);
        fetched(&project);
        harm(&project);
        for words in [&["check"][..], &["diff"], &["generate"]] {
            let run = project.run(words);
            assert_eq!(run.code, 5, "{name} {words:?}: {}", run.stderr);
            snapshot("damaged", &run.stderr);
        }
        let run = fetch(&project);
        if name.contains("link") || name == "elsewhere" {
            assert!(run.code == 1 && run.stderr.contains("links are never followed"), "{name}: {}", run.stderr);
        } else {
            assert_eq!(run.code, 0, "{name}: {}", run.stderr);
            assert_eq!(project.run(&["check"]).code, 2, "{name}");
        }
    }
}

#[test]
fn a_record_that_was_changed_is_damage() {
    let packs = Packs::house();
    let project = project(&[&packs.named("v0.1.0")]);
    fetched(&project);
    let record = project.read(".cofferdam/packs/sources.json");
    let mut screen = String::new();
    for (from, to) in [
        ("\"house\":", "\"../house\":"),
        ("\"ref\":\"v0.1.0\"", "\"ref\":\"--upload-pack=x\""),
        ("\"format\": 1", "\"format\": 2"),
        ("\"format\": 1", "\"formats\": 1"),
        ("{\n  \"format\"", "<<<<<<< a\n=======\n>>>>>>> b\n{\n  \"format\""),
    ] {
        project.write(".cofferdam/packs/sources.json", &record.replace(from, to));
        let run = project.run(&["check"]);
        assert_eq!((run.code, fetch(&project).code), (5, 5), "{to}: {}", run.stderr);
        screen.push_str(&run.stderr);
    }
    snapshot("record-damaged", &screen);
    fs::remove_file(project.path(".cofferdam/packs/sources.json")).unwrap();
    fetched(&project);
    assert_eq!(project.read(".cofferdam/packs/sources.json"), record);
}

/// Neither a person's hooks nor the repository that a hook of theirs runs in get in the way.
#[test]
fn nothing_of_a_person_s_git_is_run_or_changed() {
    let packs = Packs::house();
    let first = packs.git(&["rev-parse", "HEAD"]);
    packs.label("house.example/pays: \"4711\"");
    packs.commit();
    packs.git(&["tag", "--delete", "v0.1.0"]);
    // Whatever a server does not give by its id is fetched with all else, and hooks hear of that.
    let project = project(&[&packs.named(&first)]);
    let template = tempfile::tempdir().unwrap();
    let hooks = template.path().join("hooks");
    let hook = hooks.join("reference-transaction");
    fs::create_dir(&hooks).unwrap();
    fs::write(&hook, format!("#!/bin/sh\ntouch {}/ran\n", template.path().display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    git(&project.root(), &["init", "--quiet", "."]);
    let own = project.path(".git");
    let before = support::tree(&own);
    let objects = own.join("objects");
    let variables = [
        ("GIT_DIR", own.as_os_str()),
        ("GIT_OBJECT_DIRECTORY", objects.as_os_str()),
        ("GIT_TEMPLATE_DIR", template.path().as_os_str()),
        ("GIT_CONFIG_COUNT", OsStr::new("2")),
        ("GIT_CONFIG_KEY_0", OsStr::new("core.hooksPath")),
        ("GIT_CONFIG_VALUE_0", hooks.as_os_str()),
        ("GIT_CONFIG_KEY_1", OsStr::new("protocol.version")),
        ("GIT_CONFIG_VALUE_1", OsStr::new("0")),
    ];
    let run = fetch_with(&project, &[], &variables);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(before, support::tree(&own));
    assert!(!template.path().join("ran").exists());
}

/// The part of the guide that needs a repository: its commands in its order, with a repository of this machine.
#[test]
fn the_guide_works_as_it_is_written() {
    let guide = fs::read_to_string(format!("{}/docs/packs.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (_, guide) = guide.split_once("\n## From a repository\n").unwrap();
    let packs = Packs::two_versions();
    let project = project(&[]);
    let mut runs = 0;
    for block in guide.split("```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').unwrap();
        if kind == "yaml" {
            let named = text.replace("https://example.com/platform/packs.git", &packs.url());
            project.write("cofferdam.yaml", &format!("{named}{}", project.read("cofferdam.yaml")));
        }
        for session in text.split("$ cofferdam ").skip(1) {
            let (command, shown) = session.split_once('\n').unwrap();
            let mut command = project.command(&command.split(' ').collect::<Vec<_>>());
            let run = project.end(settle(&mut command));
            let printed: Vec<&str> = run.stdout.lines().collect();
            for line in shown.lines().filter(|line| *line != "…") {
                assert!(printed.contains(&line), "`{line}` is not in\n{}{}", run.stdout, run.stderr);
            }
            runs += 1;
            if runs == 1 {
                project.ok(&["generate"]);
                project.edit("cofferdam.yaml", "ref: v0.1.0", "ref: v0.2.0");
            }
        }
    }
    assert_eq!(runs, 3, "runs of this part");
}

/// Git speaks to a stand-in for ssh here, which runs on this machine what it is to run on another.
#[test]
fn a_project_begins_with_a_pack_that_comes_by_ssh() {
    let packs = Packs::house();
    packs.write("ssh", "#!/bin/sh\nfor last; do :; done\nexec sh -c \"$last\"\n");
    fs::set_permissions(packs.path("ssh"), fs::Permissions::from_mode(0o755)).unwrap();
    let ssh = packs.path("ssh");
    let at = packs.folder.path().display();
    for url in [format!("ssh://git@example.com{at}"), format!("git@example.com:{at}")] {
        let project = Project::example("rust-notes");
        let begin = format!("packs: [ {{ git: \"{url}\", ref: v0.1.0, folder: house }} ]\n");
        project.write("cofferdam.yaml", &begin);
        let run = fetch_with(&project, &[], &[("GIT_SSH_COMMAND", ssh.as_os_str())]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stdout.ends_with("\nNext:\n  cofferdam init    # asks for the rest\n"), "{}", run.stdout);
        project.ok(&["init", "--yes"]);
        assert!(project.read("deploy/notes/service.yaml").contains("house.example/owner: notes"));
    }
}
