//! `init`: look at an app, ask, show, write.

use std::sync::Arc;

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::interview::{Interview, PLACEHOLDER_REGISTRY};
use cofferdam::problem::{Place, Problem};
use cofferdam::spec::probe::Probe;
use cofferdam::spec::scalar::Scalar as _;

use super::comparison::{Comparison, Wishes};
use super::opened::Opened;
use super::wizard::{self, Ending};
use super::write::{self, Mode};
use crate::disk::Project;
use crate::scan::scan;
use crate::transaction::Op;
use crate::{Failure, Outcome};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::folder(matches))?;
    let mode = Mode::of(matches);
    let turn = mode.turn(&project)?;
    if project.on_disk(file::NAME).is_some() {
        return Err(Problem::new(
            format!("{} is there already", file::NAME),
            "this project has been set up",
            "`cofferdam generate` writes its files again, `cofferdam add` adds a service",
        )
        .at(Some(Place::Path(file::NAME.to_owned())))
        .into());
    }
    let pack = super::pack()?;
    let given = wizard::flags(matches, &pack.presets)?;
    let mut interview = Interview::new(&pack.presets, scan(&project.root), &project.name(), given, None);
    let Ending { answers, generated } = wizard::run(&mut interview, matches, &pack, |answers| Ok(answers.clone()))?;
    let opened = Opened::begun(project, answers, pack.clone());
    let op = Op::new(file::NAME, Some(Arc::clone(&opened.text)), None);
    let comparison = Comparison::new(&opened, &Wishes::new())?;
    let Some(turn) = turn else { return Ok(write::preview(&opened.project, &comparison, &[op], mode)) };
    let mut outcome = write::write(&opened.project, &turn, &comparison, vec![op])?;
    outcome.text = format!("{:>9}  {}\n{}", "wrote", file::NAME, outcome.text);
    outcome.text.push_str(&next_steps(&generated, &interview, matches));
    Ok(outcome)
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
