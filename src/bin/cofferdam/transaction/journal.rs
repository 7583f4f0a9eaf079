//! What a transaction does, step by step: the record that commits it, and that `undo` goes back by.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use cofferdam::lock;
use cofferdam::problem::Problem;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::flush;
use crate::Failure;
use crate::disk::{Project, damaged};

/// It ends in nothing that `kubectl apply -R` would read.
pub(super) const NAME: &str = "journal";
const FORMAT: u32 = 1;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    Forward,
    Back,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    format: u32,
    /// The file of each lies beside the journal, and bears its number. Those of state come last.
    pub(super) steps: Vec<Step>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) path: String,
    /// Digest of what is there before it.
    pub(super) old: Option<String>,
    /// Digest of what is there after it; none where it removes the file.
    pub(super) new: Option<String>,
    /// A person was faster: not done, and never to be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) left: bool,
}

impl Step {
    /// The digests of what the step finds and of what it leaves.
    pub(super) fn ends(&self, way: Way) -> (Option<&str>, Option<&str>) {
        match way {
            Way::Forward => (self.old.as_deref(), self.new.as_deref()),
            Way::Back => (self.new.as_deref(), self.old.as_deref()),
        }
    }

    /// Nothing is to be done any more, nor taken back.
    pub(super) fn cancel(&mut self) {
        self.new.clone_from(&self.old);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.new == self.old
    }
}

impl Journal {
    pub(super) fn new(steps: Vec<Step>) -> Self {
        Self { format: FORMAT, steps }
    }

    /// How many steps come before those of state.
    pub(super) fn files(&self) -> usize {
        self.steps.partition_point(|step| !lock::is_state(&step.path))
    }

    /// Where a person was faster.
    pub(super) fn left(&self) -> Vec<String> {
        self.steps.iter().filter(|step| step.left).map(|step| step.path.clone()).collect()
    }

    /// From a file beside the steps' own.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let refused = |why: String| {
            damaged(Problem::new(
                format!("{} is damaged", path.display()),
                why,
                "compare the project with version control, then remove that folder",
            ))
        };
        let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        let journal: Self = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
        if journal.format != FORMAT {
            let why = format!("its format is {}; this version of cofferdam knows {FORMAT}", journal.format);
            return Err(refused(why));
        }
        Ok(journal)
    }

    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, serde_json::to_string(self)?)
    }

    /// What the folder's steps are from now on, once everything in it is on the disk.
    pub(super) fn commit(&self, folder: &Path) -> io::Result<()> {
        let prepared = folder.join("prepared");
        self.write(&prepared)?;
        flush(folder)?;
        fs::rename(prepared, folder.join(NAME))?;
        File::open(folder)?.sync_all()
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
