//! `init`: look at an app, ask, show, write.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;
use cofferdam::answers::layer::Layer as _;
use cofferdam::answers::raw::{Origin, Raw};
use cofferdam::answers::{PackAnswers, ProjectAnswers, file};
use cofferdam::interview::{Interview, PLACEHOLDER_REGISTRY};
use cofferdam::pack::{Layer, Pack};
use cofferdam::problem::{Place, Problem};
use cofferdam::questions;
use cofferdam::reconcile::OnDisk;
use cofferdam::spec::probe::Probe;
use cofferdam::spec::scalar::Scalar as _;
use cofferdam::yaml::read::read;
use pathdiff::diff_paths;

use super::comparison::{Comparison, Wishes};
use super::opened::Opened;
use super::wizard::{self, Ending};
use super::write::{self, Mode};
use crate::disk::Project;
use crate::scan::scan;
use crate::transaction::Op;
use crate::{Failure, Outcome, packs};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::folder(matches))?;
    let mode = Mode::of(matches);
    let turn = mode.turn(&project)?;
    let begun = Begun::of(&project, matches)?;
    let pack = Pack::read(begun.layers)?;
    let mut given = wizard::flags(matches, &pack)?;
    given.project = given.project.over(begun.project);
    let extra = questions::rows(&pack.asked);
    let mut interview = Interview::new(
        &pack,
        &extra,
        scan(&project.root, pack.presets.files_of_facts()),
        &project.name(),
        given,
        None,
        false,
    );
    let Ending { answers, generated } = wizard::run(&mut interview, matches, &pack, |answers| Ok(answers.clone()))?;
    let text = match &begun.text {
        Some(text) => file::with_rest(text, &answers).map_err(|keys| contradicted(&keys))?,
        None => file::write(&answers),
    };
    let on_disk = begun.text.map(OnDisk::Text);
    let done = if on_disk.is_some() { "updated" } else { "wrote" };
    let opened = Opened::begun(project, answers, text.into(), pack.clone());
    let op = Op::new(file::NAME, Some(Arc::clone(&opened.text)), on_disk.as_ref());
    let comparison = Comparison::new(&opened, &Wishes::new())?;
    let Some(turn) = turn else { return Ok(write::preview(&opened.project, &comparison, &[op], mode)) };
    let mut outcome = write::write(&opened.project, &turn, &comparison, vec![op])?;
    outcome.text = format!("{done:>9}  {}\n{}", file::NAME, outcome.text);
    outcome.text.push_str(&next_steps(&generated, &interview, matches));
    Ok(outcome)
}

/// What a project is begun with: packs, and what else stands in an answers file that has no services yet.
struct Begun {
    text: Option<Arc<str>>,
    project: ProjectAnswers,
    layers: Vec<Layer>,
}

impl Begun {
    fn of(project: &Project, matches: &ArgMatches) -> Result<Self, Failure> {
        let Some(found) = project.on_disk(file::NAME) else {
            let named: Vec<PackAnswers> =
                matches.get_many::<PathBuf>("pack").into_iter().flatten().map(|at| named(project, at)).collect();
            let mut layers = vec![Layer::built_in()?];
            for path in named.iter().filter_map(|pack| pack.path.as_ref()) {
                layers.push(packs::read(&project.root, path.parse("pack")?.as_str())?);
            }
            let packs = Some(named).filter(|named| !named.is_empty());
            return Ok(Self { text: None, project: ProjectAnswers { packs, ..ProjectAnswers::default() }, layers });
        };
        let there = |why: &str, help: &str| {
            Problem::new(format!("{} is there already", file::NAME), why, help)
                .at(Some(Place::Path(file::NAME.to_owned())))
        };
        let text = match &found {
            OnDisk::Text(text) if lacks_services(text) => text,
            _ => {
                let help = "`cofferdam generate` writes its files again, `cofferdam add` adds a service";
                return Err(there("this project has been set up", help).into());
            }
        };
        let answers = file::read(text)?;
        if matches.contains_id("pack") {
            return Err(
                there("the packs of a project are named in one place", "name them there, below `packs:`").into()
            );
        }
        let layers = packs::of(project, text)?;
        Ok(Self { text: Some(Arc::clone(text)), project: answers.project, layers })
    }
}

/// Whether an answers file only begins a project. One that is no YAML may be anything.
pub(super) fn lacks_services(text: &str) -> bool {
    read(file::NAME, text).is_ok_and(|documents| documents.iter().all(|node| node.get("services").is_none()))
}

/// A pack by its path from the project's folder, as the answers name it; on the command line it is from where one is.
fn named(project: &Project, at: &Path) -> PackAnswers {
    let whole = |path: &Path| fs::canonicalize(path).ok();
    let below = whole(at).zip(whole(&project.root)).and_then(|(pack, root)| diff_paths(pack, root));
    let text = below.as_deref().unwrap_or(at).to_string_lossy().into_owned();
    let path = Some(Raw::new(text, Origin::Flag("pack")));
    PackAnswers { path, ..PackAnswers::default() }
}

/// About a file that was there, and cannot be added to.
fn contradicted(keys: &[String]) -> Problem {
    let (what, help) = match keys {
        [] => (format!("{} cannot be added to", file::NAME), "write it in lines of `key: value`".to_owned()),
        keys => (
            format!("{} says something else about `{}`", file::NAME, keys.join("`, `")),
            "change it there, and leave out the flag".to_owned(),
        ),
    };
    Problem::new(what, "what is in it stays as it is, and the rest is written below it", help)
        .at(Some(Place::Path(file::NAME.to_owned())))
}

/// What to run now, what to mend, and how to get the same without questions.
fn next_steps(generated: &cofferdam::generate::Generated, interview: &Interview<'_>, matches: &ArgMatches) -> String {
    let project = &generated.plan.project;
    let folder = super::folder(matches);
    let mut out = String::new();
    let mut notes: Vec<String> = interview.notes().map(str::to_owned).collect();
    for service in &project.services {
        if service.image.repository().starts_with(PLACEHOLDER_REGISTRY) {
            notes.push(format!(
                "no registry is known: set `image` in {} (for example {}), then `cofferdam generate`",
                file::NAME,
                cofferdam::spec::image::ImageRef::EXAMPLE
            ));
        }
        if service.health.as_ref().is_some_and(|health| health.ready == Probe::Tcp && health.live == Probe::Tcp) {
            notes.push(
                "no health path was found: the checks only ask whether the port is open; set `health.ready`".to_owned(),
            );
        }
    }
    if !notes.is_empty() {
        out.push_str("\nTo know:\n");
        for note in notes {
            out.push_str(&format!("  - {note}\n"));
        }
    }
    out.push_str("\nNext:\n");
    if folder.as_os_str() != "." {
        out.push_str(&format!("  cd {}\n", shell_word(&folder.display().to_string())));
    }
    for service in &project.services {
        if let Some(build) = &service.build {
            let dockerfile = service.path.join(build.dockerfile.as_str());
            out.push_str(&format!(
                "  docker build -f {dockerfile} -t {image} {path} && docker push {image}\n",
                image = service.image,
                path = service.path
            ));
        }
    }
    out.push_str(&format!("  kubectl apply -k {}\n", project.output));
    out.push_str("  cofferdam check        # in CI: are the files still what cofferdam.yaml says?\n");
    if matches.get_flag("yes") {
        return out;
    }
    let mut words = vec!["cofferdam".to_owned(), "init".to_owned(), "--yes".to_owned()];
    let packs = matches.get_many::<PathBuf>("pack").into_iter().flatten();
    words.extend(packs.flat_map(|at| ["--pack".to_owned(), at.display().to_string()]));
    words.extend(interview.flags());
    words.push(folder.display().to_string());
    let words: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
    out.push_str(&format!("\nThe same without questions:\n  {}\n", words.join(" ")));
    out
}

/// A word as a shell reads it back.
pub(super) fn shell_word(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=,@+%".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
