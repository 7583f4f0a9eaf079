//! `diff`: what `generate` would change, as a unified diff, and why. Exits like `check`.

use clap::ArgMatches;
use cofferdam::report;

use super::comparison::{Comparison, Wishes};
use super::opened::Opened;
use super::write;
use crate::{Failure, Outcome, cli};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let opened = Opened::of(matches)?;
    let comparison = match Comparison::new(&opened, &Wishes::new()) {
        // Such as what a new version asks, which its changes tell.
        Err(Failure::Problems(verdict, problems)) if matches.get_flag("explain") && !opened.changes.is_empty() => {
            let told = opened.changes.iter().map(report::told);
            let open = problems.iter().map(|problem| format!("\n{problem}"));
            let text: String = told.chain(open).collect();
            return Ok(Outcome { text: text.trim_start().to_owned(), verdict });
        }
        comparison => comparison?,
    };
    let differences = write::differences(&opened.project, &comparison, opened.migration().as_slice());
    let report = comparison.report(&opened);
    let text = if matches.get_flag("json") {
        (cli::format(matches).render)(&report)
    } else if matches.get_flag("explain") {
        match &report.upgrade {
            Some(upgrade) => report::explained(upgrade),
            None => "the versions that wrote this project are the ones that read it now\n".to_owned(),
        }
    } else {
        differences
    };
    Ok(Outcome { text, verdict: report.verdict() })
}
