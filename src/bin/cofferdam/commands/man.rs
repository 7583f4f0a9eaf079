//! `man`: the manual page, in roff.

use cofferdam::problem::Problem;

use crate::{Failure, Outcome, cli};

pub(super) fn run() -> Result<Outcome, Failure> {
    let mut out = Vec::new();
    clap_mangen::Man::new(cli::command())
        .render(&mut out)
        .map_err(|error| Problem::internal("the manual page does not render", error.to_string()))?;
    Ok(Outcome::fine(String::from_utf8_lossy(&out)))
}
