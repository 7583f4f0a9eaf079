//! `completions`: for a shell.

use clap::ArgMatches;
use clap_complete::{Shell, generate};

use crate::{Failure, Outcome, cli};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let shell = matches.get_one::<Shell>("shell").copied().unwrap_or(Shell::Bash);
    let mut out = Vec::new();
    generate(shell, &mut cli::command(), "cofferdam", &mut out);
    Ok(Outcome::fine(String::from_utf8_lossy(&out)))
}
