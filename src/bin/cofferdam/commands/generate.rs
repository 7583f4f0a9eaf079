//! `generate`: everything again from `cofferdam.yaml`. Never asks, never overwrites a person's edit.

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::generate::generate;

use super::write::{self, Mode};
use crate::disk::Project;
use crate::{Failure, Outcome, transaction};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::folder(matches))?;
    let text = project.answers_text()?;
    let generated = generate(&file::read(&text)?, &super::presets()?)?;
    let mode = Mode::of(matches);
    if mode != Mode::Write {
        return write::preview(&project, &generated, &[], mode);
    }
    let turn = transaction::take_turn(&project)?;
    let recovered = transaction::recover(&project, &turn)?;
    let mut outcome = write::write(&project, &turn, &generated, Vec::new())?;
    if recovered {
        outcome.text.insert_str(0, "completed the run that was interrupted\n");
    }
    Ok(outcome)
}
