//! `resolve`: a person's decision about files in conflict, or about files that they deleted.

use std::collections::BTreeSet;

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::generate::generate_without;
use cofferdam::lock::{self, Entry, State};
use cofferdam::problem::{Problem, nearest, shown};
use cofferdam::reconcile::{Change, ChangeSet, Conflict};

use super::write;
use crate::disk::Project;
use crate::transaction::{self, Op};
use crate::{Failure, Outcome};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::project_folder(matches))?;
    transaction::recover(&project)?;
    let answers = file::read(&project.answers_text()?)?;
    let presets = super::presets()?;
    let turn = transaction::take_turn(&project)?;
    let take = matches.get_flag("take");
    let wanted: BTreeSet<String> = matches.get_many::<String>("path").into_iter().flatten().cloned().collect();
    let mut deleted = project.deleted()?;
    if take {
        // What comes back is referred to again.
        deleted.retain(|path| !wanted.contains(path));
    }
    let generated = generate_without(&answers, &presets, &deleted)?;
    let (changes, state) = write::compare(&project, &generated)?;
    let problems: Vec<Problem> = wanted.iter().filter_map(|path| refusal(path, &changes)).collect();
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let mut lock = state.lock.clone();
    let mut ops = Vec::new();
    for (path, text) in generated.files.files() {
        let follows =
            take && path.ends_with("/kustomization.yaml") && changes.changes.get(path) == Some(&Change::Update);
        if !wanted.contains(path) && !follows {
            continue;
        }
        // Keeping only remembers that ours was seen, so that it is not offered again.
        if take || follows {
            ops.push(Op::new(path, Some(text.clone()), state.disk.get(path)));
        }
        let digest = lock::digest(text);
        let base = lock::base_path(&digest);
        let seen = project.on_disk(&base);
        ops.push(Op::new(base, Some(text.clone()), seen.as_ref()));
        lock.files.insert(path.clone(), Entry { base: digest, state: State::Managed });
    }
    let used: BTreeSet<&str> = lock.files.values().map(|entry| entry.base.as_str()).collect();
    for digest in project.stored().iter().filter(|digest| !used.contains(digest.as_str())) {
        let base = lock::base_path(digest);
        let seen = project.on_disk(&base);
        ops.push(Op::new(base, None, seen.as_ref()));
    }
    let seen = project.on_disk(lock::PATH);
    ops.push(Op::new(lock::PATH, Some(lock.write().into()), seen.as_ref()));
    transaction::apply(&project, &turn, &ops)?;
    let word = if take { "took" } else { "kept" };
    Ok(Outcome::fine(wanted.iter().map(|path| format!("{word:>9}  {path}\n")).collect::<String>()))
}

/// Why a file cannot be decided about, if it cannot.
fn refusal(path: &str, changes: &ChangeSet) -> Option<Problem> {
    let is_open = |change: &Change| matches!(change, Change::Conflict(_) | Change::StaysDeleted);
    match changes.changes.get(path) {
        Some(Change::Conflict(Conflict::Type(kind))) => Some(Problem::new(
            format!("{} is {kind}", shown(path)),
            "links are never followed, and only plain files are written",
            "move it away, and run `cofferdam generate`",
        )),
        Some(change) if is_open(change) => None,
        _ => {
            let open = changes.changes.iter().filter(|(_, change)| is_open(change)).map(|(path, _)| path.as_str());
            let help = match nearest(path, open) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`cofferdam check` lists what is open".to_owned(),
            };
            Some(Problem::new(
                format!("{} is not open", shown(path)),
                "only conflicts and deleted files wait for a decision",
                help,
            ))
        }
    }
}
