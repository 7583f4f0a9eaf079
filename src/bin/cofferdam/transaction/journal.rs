//! What a transaction does, step by step: the record that commits it, and that `undo` goes back by.

use std::fs;
use std::io;
use std::path::Path;

use cofferdam::problem::Problem;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Failure;
use crate::disk::{Project, damaged};

/// It ends in nothing that `kubectl apply -R` would read.
pub(super) const NAME: &str = "journal";
const FORMAT: u32 = 1;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    format: u32,
    /// The file of each lies beside the journal, and bears its number.
    pub(super) steps: Vec<Step>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) path: String,
    /// Digest of what was there when it was planned.
    pub(super) old: Option<String>,
    /// Digest of what is staged; none removes the file.
    pub(super) new: Option<String>,
    /// A person was faster: not done, and never to be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) left: bool,
}

impl Journal {
    pub(super) fn new(steps: Vec<Step>) -> Self {
        Self { format: FORMAT, steps }
    }

    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let refused = |why: String| {
            damaged(Problem::new(
                format!("{} is damaged", folder.join(NAME).display()),
                why,
                "compare the project with version control, then remove that folder",
            ))
        };
        let text = fs::read_to_string(folder.join(NAME)).map_err(|error| refused(error.to_string()))?;
        let journal: Self = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
        if journal.format != FORMAT {
            let why = format!("its format is {}; this version of cofferdam knows {FORMAT}", journal.format);
            return Err(refused(why));
        }
        Ok(journal)
    }

    /// Everything but the commit.
    pub(super) fn prepare(&self, folder: &Path) -> io::Result<()> {
        fs::write(folder.join("prepared"), serde_json::to_string(self)?)
    }

    pub(super) fn commit(folder: &Path) -> io::Result<()> {
        fs::rename(folder.join("prepared"), folder.join(NAME))
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        self.prepare(folder)?;
        Self::commit(folder)
    }
}

/// Whether a run was interrupted after its commit.
pub(crate) fn is_committed(project: &Project) -> bool {
    super::staging(project).join(NAME).exists()
}

/// The lock's digest, of bytes that need not be text.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
