//! `check`: is what is on disk what would be written? Writes nothing.

use clap::ArgMatches;
use cofferdam::report::Report;

use super::comparison::{Comparison, Wishes};
use super::opened::Opened;
use crate::{Failure, Outcome, cli, terminal};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let format = cli::format(matches);
    let report = match compared(matches) {
        // A program that reads the report gets one, whatever happened; people read the other stream.
        Err(Failure::Problems(verdict, problems)) if format.is_for_programs => {
            terminal::complain(&problems);
            Report { failed: Some((verdict, problems)), ..Report::default() }
        }
        compared => compared?,
    };
    Ok(Outcome { text: (format.render)(&report), verdict: report.verdict() })
}

fn compared(matches: &ArgMatches) -> Result<Report, Failure> {
    let opened = Opened::of(matches)?;
    Ok(Comparison::new(&opened, &Wishes::new())?.report(&opened))
}
