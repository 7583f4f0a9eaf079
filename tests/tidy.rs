//! The promises of the documents: registries are complete, tables agree, examples run.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cofferdam::answers::raw::Raw;
use cofferdam::pack::{self, Layer, Pack};
use cofferdam::preset::Presets;
use cofferdam::questions::QUESTIONS;
use cofferdam::rules::ALL;
use support::Project;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { all.push(path) }
        }
    }
    all.sort();
    all
}

#[test]
fn every_rule_file_is_registered_under_its_own_name_and_in_order() {
    let found: BTreeSet<String> = files("src/rules")
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().replace('_', "-"))
        .filter(|name| name != "mod" && name != "context")
        .collect();
    let known: Vec<String> = ALL.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(known, found.into_iter().collect::<Vec<_>>());
}

#[test]
fn every_rule_says_everything_in_its_place() {
    for rule in ALL {
        assert!(
            !["no-", "disallow-", "require-"].iter().any(|prefix| rule.id.starts_with(prefix)),
            "{}: name what is wrong",
            rule.id
        );
        for sentence in [rule.summary, rule.why, rule.remedy] {
            assert!(sentence.len() > 10 && !sentence.ends_with('.'), "{}: {sentence}", rule.id);
        }
        for standard in rule.standards {
            assert!(!standard.to_string().is_empty());
        }
        assert!(!cofferdam::rules::exception_key(rule.id).contains(' '));
    }
}

#[test]
fn every_template_is_named_by_a_row_or_included_by_another() {
    let rows: BTreeSet<String> = cofferdam::plan::templates().into_iter().collect();
    let pack = Pack::built_in().unwrap();
    let dockerfiles: BTreeSet<String> = pack
        .presets
        .iter()
        .filter_map(|preset| preset.dockerfile.clone())
        .map(|name| format!("docker/{name}.Dockerfile"))
        .collect();
    let sources: String = files("pack/templates").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    for path in files("pack/templates") {
        let name = path
            .strip_prefix(root().join("pack/templates"))
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".j2")
            .to_owned();
        let included =
            sources.contains(&format!("{{% include \"{name}\"")) || sources.contains(&format!("{{% include \"{name}@"));
        assert!(rows.contains(&name) || dockerfiles.contains(&name) || included, "nothing uses {name}");
    }
    for name in rows.union(&dockerfiles) {
        assert!(root().join(format!("pack/templates/{name}.j2")).is_file(), "there is no template {name}");
    }
    for preset in pack.presets.iter().filter(|preset| preset.dockerfile.is_some()) {
        assert!(preset.defaults.build.tool.is_some(), "preset {} names no version of its toolchain", preset.id);
        let entry = preset.defaults.build.entry.is_some() || preset.example_entry().is_some();
        assert!(entry, "no case of preset {} shows an entry", preset.id);
    }
}

#[test]
fn every_question_has_a_flag_an_example_and_a_default_that_is_right() {
    let mut flags = BTreeSet::new();
    for question in QUESTIONS {
        assert!(flags.insert(question.flag), "--{} is there twice", question.flag);
        assert!(question.prompt.ends_with('?'), "{}", question.key);
        let mut draft = cofferdam::answers::draft::Draft::default();
        let origin = cofferdam::answers::raw::Origin::Reply;
        for reply in question.default.into_iter().chain([question.example()]) {
            question
                .set(&mut draft, reply, &origin)
                .unwrap_or_else(|refusal| panic!("{}: `{reply}`: {}", question.key, refusal.why));
        }
    }
}

#[test]
fn every_reader_that_a_preset_names_exists() {
    let readers: BTreeSet<&str> = cofferdam::detect::readers().collect();
    for preset in Pack::built_in().unwrap().presets.iter() {
        for reader in preset.detect.readers.iter().flatten().map(|raw: &Raw<_>| raw.text.as_str()) {
            assert!(readers.contains(reader), "preset {} names the reader {reader}", preset.id);
        }
        for fact in preset.detect.facts.iter().flatten() {
            let key = &fact.key.as_ref().unwrap().text;
            let known = QUESTIONS.iter().any(|question| question.key == key) || key == "version";
            assert!(known && key != "preset", "preset {} finds a fact for {key}", preset.id);
            let pattern = &fact.pattern.as_ref().unwrap().text;
            assert!(regex_lite::Regex::new(pattern).unwrap().captures_len() > 1, "{pattern} has no group");
        }
    }
}

#[test]
fn a_preset_that_extends_itself_is_refused() {
    let files = [
        ("pack.yaml", "name: bad\nversion: 1.0.0\n"),
        ("presets/a.yaml", "title: The first\nextends: b\n"),
        ("presets/b.yaml", "title: The second\nextends: a\n"),
        ("presets/c.yaml", "title: The third\nextends: rsut\n"),
        ("presets/rust.yaml", "title: Rust\nsumary: x\n"),
        ("cases/rsut/web.yaml", "project: shop\n"),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.into()));
    let problems = Presets::read(&[Layer::read("", files.into()).unwrap()]).unwrap_err();
    let text: String = problems.iter().map(ToString::to_string).collect();
    for part in [
        "`extends` goes in a circle: a → b → a",
        "`extends` is `rsut`",
        "nobody knows the key `sumary`",
        "did you mean `summary`?",
        "there is no preset `rsut`",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn only_the_shell_names_the_terminal() {
    for path in files("src").iter().filter(|path| !path.starts_with(root().join("src/bin"))) {
        let source = fs::read_to_string(path).unwrap();
        for name in ["clap::", "dialoguer", "console::", "anstream", "signal_hook"] {
            assert!(!source.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn files_are_small() {
    let mut lengths = Vec::new();
    for path in files("src").iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let lines = fs::read_to_string(path).unwrap().lines().count();
        lengths.push(lines);
        // The table of questions and the joins are one thing each.
        let allowed = ["questions/ours.rs", "joins.rs"].iter().any(|name| path.ends_with(name));
        assert!(lines <= 400 || allowed, "{} has {lines} lines", path.display());
    }
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] <= 120, "the median file has {} lines", lengths[lengths.len() / 2]);
}

#[test]
fn documents_and_package_are_of_one_version() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(text("Cargo.toml").contains(&format!("version = \"{version}\"")));
    assert!(text("CHANGELOG.md").contains("## Unreleased"));
    let pack = Pack::built_in().unwrap();
    assert_eq!((pack.layers[0].name.as_str(), pack.layers[0].version.to_string().as_str()), (pack::BUILT_IN, version));
}

/// What an upgrade tells is about templates and presets that exist, up to this version.
#[test]
fn the_changes_of_the_pack_can_be_told() {
    let Layer { files, .. } = Layer::built_in().unwrap();
    let changes = Layer::built_in().unwrap().changes_since(&"0.0.0".parse().unwrap()).unwrap();
    assert_eq!(changes.last().unwrap().version.to_string(), env!("CARGO_PKG_VERSION"));
    for change in &changes {
        for template in &change.templates {
            assert!(files.contains_key(&format!("templates/{template}.j2")), "{template}");
        }
        for preset in &change.presets {
            assert!(files.contains_key(&format!("presets/{preset}.yaml")), "{preset}");
        }
    }
}

/// The blocks of the README that show a run are that run's own words.
#[test]
fn the_readme_shows_what_is_printed() {
    let readme = text("README.md");
    let mut checked = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let (command, shown) = block.split_once('\n').unwrap();
        let Some((_, arguments)) = command.split_once(" -- ").or_else(|| command.split_once("$ cofferdam ")) else {
            continue;
        };
        let project = Project::example("rust-notes");
        if !arguments.starts_with("init") {
            project.ok(&["init", "--yes"]);
        }
        // What the text around the block says was done before.
        let deployment = "deploy/notes/deployment.yaml";
        match arguments {
            "check" => project.edit(deployment, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"),
            "generate" => {
                project.edit(deployment, "replicas: 2", "replicas: 4");
                project.edit("cofferdam.yaml", "preset: rust", "preset: rust\n    replicas: { min: 3 }");
            }
            _ => {}
        }
        let words: Vec<&str> = arguments.split_whitespace().filter(|word| !word.starts_with("/tmp/")).collect();
        let run = project.run(&words);
        let printed = format!("{}{}", run.stderr, run.stdout);
        for line in shown.lines().filter(|line| *line != "…") {
            let line = line.trim_end().replace("/tmp/notes", ".");
            assert!(
                printed.lines().any(|found| found.trim_end() == line),
                "the README shows\n{line}\nbut `{arguments}` prints\n{printed}"
            );
        }
        checked += 1;
    }
    assert!(checked >= 3, "{checked} runs are shown");
}

#[test]
fn the_readme_lists_every_preset() {
    let readme = text("README.md");
    for preset in Pack::built_in().unwrap().presets.iter() {
        assert!(readme.contains(&format!("| `{}` |", preset.id)), "README.md does not list {}", preset.id);
    }
}

/// Deployments, pipelines and the README name commands that exist.
#[test]
fn every_command_that_is_named_exists() {
    let help = Project::new(&[]).ok(&["--help"]).stdout;
    let sources =
        [text("README.md"), text("pack/templates/deploy/README.md.j2"), text("pack/templates/ci/github.yaml.j2")];
    for source in &sources {
        for part in source.split("`cofferdam ").skip(1) {
            let command = part.split(|char: char| !char.is_ascii_lowercase()).next().unwrap();
            assert!(help.contains(&format!("  {command}")), "{command} is no command");
        }
    }
}
