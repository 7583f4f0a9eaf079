//! `generate`: everything again from `cofferdam.yaml`. Never asks, never overwrites a person's edit.

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::generate::generate_without;
use cofferdam::preset::Presets;
use cofferdam::resolve::resolve;

use super::write::{self, Mode};
use crate::disk::Project;
use crate::{Failure, Outcome, transaction};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::project_folder(matches))?;
    let mode = Mode::of(matches);
    let recovered = mode == Mode::Write && transaction::recover(&project)?;
    let text = project.answers_text()?;
    let answers = file::read(&text)?;
    let presets = Presets::built_in_for(&answers)?;
    // What is wrong with the answers is said before anything else is looked at.
    resolve(&answers, &presets)?;
    if mode != Mode::Write {
        let generated = generate_without(&answers, &presets, &project.deleted()?)?;
        return write::preview(&project, &generated, &[], mode);
    }
    let turn = transaction::take_turn(&project)?;
    let generated = generate_without(&answers, &presets, &project.deleted()?)?;
    let mut outcome = write::write(&project, &turn, &generated, Vec::new())?;
    if recovered {
        outcome.text.insert_str(0, "completed the run that was interrupted\n");
    }
    Ok(outcome)
}
