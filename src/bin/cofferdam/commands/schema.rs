//! `schema`: the JSON Schema of the answers file.

use cofferdam::answers::file;

use crate::{Failure, Outcome};

pub(super) fn run() -> Result<Outcome, Failure> {
    Ok(Outcome::fine(format!("{:#}\n", file::json_schema())))
}
