//! One command per file: each reads, calls the library, writes.

mod add;
mod check;
mod comparison;
mod completions;
mod decide;
mod diff;
mod explain;
mod generate;
mod init;
mod man;
mod opened;
mod preset;
mod preset_fetch;
mod preset_new;
mod preset_test;
mod resolve;
mod schema;
mod undo;
mod wizard;
mod write;

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::pack::Pack;
use cofferdam::reconcile::Wish;

use crate::disk::Project;
use crate::{Failure, Outcome, packs};

pub(crate) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    match matches.subcommand() {
        Some(("init", matches)) => init::run(matches),
        Some(("add", matches)) => add::run(matches),
        Some(("generate", matches)) => generate::run(matches),
        Some(("check", matches)) => check::run(matches),
        Some(("diff", matches)) => diff::run(matches),
        Some(("resolve", matches)) => resolve::run(matches),
        Some(("restore", matches)) => decide::run(matches, &Wish::Restore),
        Some(("release", matches)) => decide::run(matches, &Wish::Release),
        Some(("adopt", matches)) => decide::run(matches, &Wish::Adopt),
        Some(("undo", matches)) => undo::run(matches),
        Some(("explain", matches)) => explain::run(matches),
        Some(("preset", matches)) => preset::run(matches),
        Some(("schema", matches)) => schema::run(matches),
        Some(("completions", matches)) => completions::run(matches),
        Some(("man", _)) => man::run(),
        _ => Ok(Outcome::fine("")),
    }
}

/// The packs of the project here, or what cofferdam brings.
fn pack() -> Result<Pack, Failure> {
    match above(Path::new("."), file::NAME) {
        Some(root) => {
            let project = Project::open(&root)?;
            Ok(Pack::read(packs::of(&project, &project.answers_text()?)?)?)
        }
        None => Ok(Pack::built_in()?),
    }
}

/// The folder that a command works in.
fn folder(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("dir").cloned().unwrap_or_else(|| ".".into())
}

/// The project's folder: the named one, or the nearest one above it that holds the answers.
fn project_folder(matches: &ArgMatches) -> PathBuf {
    let folder = folder(matches);
    above(&folder, file::NAME).unwrap_or(folder)
}

/// The nearest folder, upwards, that holds something.
fn above(folder: &Path, name: &str) -> Option<PathBuf> {
    if folder.join(name).exists() {
        return Some(folder.to_owned());
    }
    let folder = std::fs::canonicalize(folder).ok()?;
    folder.ancestors().find(|folder| folder.join(name).exists()).map(Path::to_owned)
}
