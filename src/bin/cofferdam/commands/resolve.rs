//! `resolve`: a person's decision about files in conflict, or about files that they deleted.

use std::collections::BTreeMap;

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::generate::{Generated, generate_without};
use cofferdam::lock::{self, Entry, Lock, State};
use cofferdam::problem::{Problem, nearest, shown};
use cofferdam::reconcile::Change;

use super::write;
use crate::disk::Project;
use crate::transaction::{self, Op};
use crate::{Failure, Outcome};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::project_folder(matches))?;
    let answers = file::read(&project.answers_text()?)?;
    let presets = super::presets()?;
    let turn = transaction::take_turn(&project)?;
    transaction::recover(&project, &turn)?;
    let generated = generate_without(&answers, &presets, &project.deleted()?)?;
    let (changes, state) = write::compare(&project, &generated)?;
    let open = |change: &Change| matches!(change, Change::Conflict(_) | Change::StaysDeleted);
    let decided: BTreeMap<&String, &Change> = changes.changes.iter().filter(|(_, change)| open(change)).collect();
    let wanted: Vec<String> = matches.get_many::<String>("path").into_iter().flatten().cloned().collect();
    let unknown: Vec<Problem> = wanted
        .iter()
        .filter(|path| !decided.contains_key(path))
        .map(|path| {
            let help = match nearest(path, decided.keys().map(|path| path.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`cofferdam check` lists what is open".to_owned(),
            };
            Problem::new(
                format!("{} is not open", shown(path)),
                "only conflicts and deleted files wait for a decision",
                help,
            )
        })
        .collect();
    if !unknown.is_empty() {
        return Err(unknown.into());
    }
    let take = matches.get_flag("take");
    let mut lock = state.lock.clone();
    let mut ops = Vec::new();
    for path in &wanted {
        decide(&generated, path, take, &mut lock, &mut ops);
    }
    ops.push(Op { path: lock::PATH.to_owned(), text: Some(lock.write()) });
    transaction::apply(&project, &turn, &ops)?;
    let word = if take { "took" } else { "kept" };
    Ok(Outcome::fine(wanted.iter().map(|path| format!("{word:>9}  {path}\n")).collect::<String>()))
}

/// Taking writes ours; keeping only remembers that ours was seen, so that it is not offered again.
fn decide(generated: &Generated, path: &str, take: bool, lock: &mut Lock, ops: &mut Vec<Op>) {
    let Some(text) = generated.files.files().get(path) else { return };
    let digest = lock::digest(text);
    ops.push(Op { path: lock::base_path(&digest), text: Some(text.clone()) });
    if take {
        ops.push(Op { path: path.to_owned(), text: Some(text.clone()) });
    }
    lock.files.insert(path.to_owned(), Entry { base: digest, state: State::Managed });
}
