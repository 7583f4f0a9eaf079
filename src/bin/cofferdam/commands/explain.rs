//! `explain`: a rule, a preset, a key, or a line of a manifest.

use std::path::Path;

use clap::ArgMatches;
use cofferdam::explain;
use cofferdam::kubernetes::KubeVersion;

use crate::disk::problem;
use crate::{Failure, Outcome};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let pack = super::pack()?;
    if matches.get_flag("list") {
        return Ok(Outcome::fine(explain::list(&pack)));
    }
    let thing = matches.get_one::<String>("thing").map(String::as_str).unwrap_or_default();
    if let Some((path, line)) = thing.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse().ok()?))) {
        let text = std::fs::read_to_string(path)
            .map_err(|error| problem(Path::new(path), &error.to_string(), "name a file that exists"))?;
        if path.ends_with(cofferdam::answers::file::NAME) {
            return Ok(Outcome::fine(explain::answer(&text, line, &pack)?));
        }
        if cofferdam::verify::is_dockerfile(path) {
            return Ok(Outcome::fine(explain::instruction(path, &text, line)?));
        }
        // The newest version knows every field.
        let newest = KubeVersion::ALL.last().copied().unwrap_or(KubeVersion::DEFAULT);
        return Ok(Outcome::fine(explain::line(path, &text, line, newest, &pack)?));
    }
    Ok(Outcome::fine(explain::thing(thing, &pack)?))
}
