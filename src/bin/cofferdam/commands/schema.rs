//! `schema`: the JSON Schemas of the files that people write.

use clap::ArgMatches;
use cofferdam::editors::WRITTEN;

use crate::{Failure, Outcome};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let name = matches.get_one::<String>("file").map(String::as_str);
    let written = WRITTEN.iter().find(|written| Some(written.name) == name).unwrap_or(&WRITTEN[0]);
    Ok(Outcome::fine(format!("{:#}\n", written.json_schema())))
}
