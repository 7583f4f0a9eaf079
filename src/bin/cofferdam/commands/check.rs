//! `check`: is what is on disk what would be written? Writes nothing.

use std::sync::Arc;

use cofferdam::answers::file;
use cofferdam::generate::{Generated, generate_without};
use cofferdam::preset::Presets;
use cofferdam::reconcile::{Change, ChangeSet, OnDisk};
use cofferdam::render::FileSet;
use cofferdam::report::{Report, Verdict};
use cofferdam::rules::{self, Finding, Subject};
use cofferdam::verify;

use clap::ArgMatches;

use super::write;
use crate::disk::{Project, State};
use crate::{Failure, Outcome, cli};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::project_folder(matches))?;
    let text = project.answers_text()?;
    let answers = file::read(&text)?;
    let generated = generate_without(&answers, &Presets::built_in_for(&answers)?, &project.deleted()?)?;
    let (changes, state) = write::compare(&project, &generated)?;
    let weakened = weakened(&changes, &state, &generated)?;
    let report = Report::new(&changes, weakened);
    Ok(Outcome { text: (cli::format(matches).render)(&report), verdict: report.verdict() })
}

/// What a person's edits break, by the rules that we write by. Only edited files can: ours were verified.
fn weakened(changes: &ChangeSet, state: &State, generated: &Generated) -> Result<Vec<Finding>, Failure> {
    let ours = |change: &Change| !matches!(change, Change::Edited | Change::Conflict(_) | Change::StaysDeleted);
    if changes.changes.values().all(ours) {
        return Ok(Vec::new());
    }
    let mut files = FileSet::default();
    for (path, change) in &changes.changes {
        let text = match (change, state.disk.get(path)) {
            (Change::Edited | Change::Conflict(_), Some(OnDisk::Text(text))) => Some(Arc::clone(text)),
            (Change::StaysDeleted, _) => None,
            _ => generated.files.files().get(path).cloned(),
        };
        if let Some(text) = text {
            files.0.insert(path.clone(), text);
        }
    }
    let edited = |path: &str| matches!(changes.changes.get(path), Some(Change::Edited | Change::Conflict(_)));
    let kubernetes = generated.plan.project.kubernetes;
    let parsed = verify::parse(&files, kubernetes).map_err(|problems| Failure::Problems(Verdict::Drift, problems))?;
    let subject = Subject { objects: &parsed.objects, dockerfiles: &parsed.dockerfiles, kubernetes };
    let deleted = changes.changes.values().any(|change| *change == Change::StaysDeleted);
    // A deleted policy leaves other files' pods open, so then their findings count too.
    Ok(rules::run(&subject).into_iter().filter(|finding| deleted || edited(finding.path())).collect())
}
