//! `check`: is what is on disk what would be written? Writes nothing.

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::preset::Presets;

use super::comparison::{Comparison, Wishes};
use crate::disk::Project;
use crate::{Failure, Outcome, cli};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::project_folder(matches))?;
    let answers = file::read(&project.answers_text()?)?;
    let comparison = Comparison::new(&project, &answers, &Presets::built_in_for(&answers)?, &Wishes::new())?;
    let report = comparison.report()?;
    Ok(Outcome { text: (cli::format(matches).render)(&report), verdict: report.verdict() })
}
