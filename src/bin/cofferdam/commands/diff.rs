//! `diff`: what `generate` would change, as a unified diff. Exits like `check`.

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::generate::generate_without;
use cofferdam::preset::Presets;
use cofferdam::report::Report;

use super::write;
use crate::disk::Project;
use crate::{Failure, Outcome, cli};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::project_folder(matches))?;
    let text = project.answers_text()?;
    let answers = file::read(&text)?;
    let generated = generate_without(&answers, &Presets::built_in_for(&answers)?, &project.deleted()?)?;
    let (changes, state) = write::compare(&project, &generated)?;
    let report = Report::new(&changes, Vec::new());
    let text = if matches.get_flag("json") {
        (cli::format(matches).render)(&report)
    } else {
        write::differences(&changes, &state, &generated)
    };
    Ok(Outcome { text, verdict: report.verdict() })
}
