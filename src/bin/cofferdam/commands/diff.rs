//! `diff`: what `generate` would change, as a unified diff. Exits like `check`.

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
    let text = if matches.get_flag("json") { (cli::format(matches).render)(&report) } else { comparison.differences() };
    Ok(Outcome { text, verdict: report.verdict() })
}
