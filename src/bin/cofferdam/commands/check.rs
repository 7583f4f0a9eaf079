//! `check`: is what is on disk what would be written? Writes nothing.

use clap::ArgMatches;

use super::comparison::{Comparison, Wishes};
use super::opened::Opened;
use crate::{Failure, Outcome, cli};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let opened = Opened::of(matches)?;
    let report = Comparison::new(&opened, &Wishes::new())?.report(&opened);
    Ok(Outcome { text: (cli::format(matches).render)(&report), verdict: report.verdict() })
}
