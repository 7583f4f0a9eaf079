//! One command per file: each reads, calls the library, writes.

mod add;
mod check;
mod completions;
mod diff;
mod explain;
mod generate;
mod init;
mod man;
mod preset;
mod schema;
mod wizard;
mod write;

use clap::ArgMatches;
use cofferdam::preset::Presets;

use crate::{Failure, Outcome};

pub(crate) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    match matches.subcommand() {
        Some(("init", matches)) => init::run(matches),
        Some(("add", matches)) => add::run(matches),
        Some(("generate", matches)) => generate::run(matches),
        Some(("check", matches)) => check::run(matches),
        Some(("diff", matches)) => diff::run(matches),
        Some(("explain", matches)) => explain::run(matches),
        Some(("preset", matches)) => preset::run(matches),
        Some(("schema", _)) => schema::run(),
        Some(("completions", matches)) => completions::run(matches),
        Some(("man", _)) => man::run(),
        _ => Ok(Outcome::fine("")),
    }
}

fn presets() -> Result<Presets, Failure> {
    Ok(Presets::built_in()?)
}

/// The folder that a command works in.
fn folder(matches: &ArgMatches) -> std::path::PathBuf {
    matches.get_one::<std::path::PathBuf>("dir").cloned().unwrap_or_else(|| ".".into())
}
