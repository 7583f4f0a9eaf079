//! `undo`: the last run that wrote is taken back, with everything that it replaced.

use std::path::PathBuf;

use clap::ArgMatches;
use cofferdam::lock;

use crate::disk::Project;
use crate::transaction::{Recovered, Turn, Undo};
use crate::{Failure, Outcome};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&project_folder(matches))?;
    if matches.get_flag("dry-run") {
        project.refuse_interrupted()?;
        let undo = Undo::last(&project)?;
        return Ok(Outcome::fine(list(&undo, "restore", "remove") + "nothing was written\n"));
    }
    let turn = Turn::take(&project)?;
    if turn.recovered == Some(Recovered::Undo) {
        // Whoever says it again after an interruption means the same run.
        return Ok(Outcome::fine(""));
    }
    let undo = Undo::last(&project)?;
    let mut text = list(&undo, "restored", "removed");
    let (restored, removed): (Vec<_>, Vec<_>) = undo.files().partition(|(_, comes_back)| *comes_back);
    let earlier = match undo.earlier {
        0 => "no earlier run is kept".to_owned(),
        1 => "1 earlier run can be undone".to_owned(),
        earlier => format!("{earlier} earlier runs can be undone"),
    };
    text.push_str(&format!("{} restored, {} removed; {earlier}\n", restored.len(), removed.len()));
    undo.apply(&project, &turn)?;
    Ok(Outcome::fine(text))
}

fn list(undo: &Undo, restore: &str, remove: &str) -> String {
    let word = |comes_back: bool| if comes_back { restore } else { remove };
    undo.files().map(|(path, comes_back)| format!("{:>9}  {path}\n", word(comes_back))).collect()
}

/// The nearest folder with state: an undo that was interrupted may have taken the answers away already.
fn project_folder(matches: &ArgMatches) -> PathBuf {
    let folder = super::folder(matches);
    super::above(&folder, lock::FOLDER).unwrap_or(folder)
}
