//! `generate`: everything again from `cofferdam.yaml`. Never asks, never overwrites a person's edit.

use std::collections::BTreeMap;

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::preset::Presets;
use cofferdam::reconcile::{Change, Conflict, Wish};
use cofferdam::resolve::resolve;

use super::comparison::{Comparison, Wishes};
use super::write::{self, Mode};
use crate::disk::Project;
use crate::{Failure, Outcome, transaction};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::project_folder(matches))?;
    let mode = Mode::of(matches);
    let recovered = mode == Mode::Write && transaction::recover(&project)?;
    let answers = file::read(&project.answers_text()?)?;
    let presets = Presets::built_in_for(&answers)?;
    // What is wrong with the answers is said before anything else is looked at.
    resolve(&answers, &presets)?;
    let compare = || -> Result<Comparison, Failure> {
        let comparison = Comparison::new(&project, &answers, &presets, &Wishes::new())?;
        if !matches.get_flag("markers") {
            return Ok(comparison);
        }
        let fields =
            comparison.set.conflicts().filter(|(_, change)| change.change == Change::Conflict(Conflict::Fields));
        let wishes: BTreeMap<String, Wish> = fields.map(|(path, _)| (path.to_owned(), Wish::Mark)).collect();
        Comparison::new(&project, &answers, &presets, &wishes)
    };
    if mode != Mode::Write {
        return Ok(write::preview(&project, &compare()?, &[], mode));
    }
    let turn = transaction::take_turn(&project)?;
    let mut outcome = write::write(&project, &turn, &compare()?, Vec::new())?;
    if recovered {
        outcome.text.insert_str(0, "completed the run that was interrupted\n");
    }
    Ok(outcome)
}
