//! A project as it stands to a report: what a person changed, and what comes of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Report;
use crate::generate::Generated;
use crate::merge::edits;
use crate::pack::Pack;
use crate::problem::{Place, Problem};
use crate::reconcile::{Change, ChangeSet, Conflict, FileChange, OnDisk, Standing, drift};
use crate::render::FileSet;
use crate::rules::{self, Subject};
use crate::verify;

/// A report without what is told of an upgrade.
pub fn report(generated: &Generated, standing: &Standing, set: &ChangeSet, pack: &Pack) -> Report {
    let mut report = Report { changes: set.changes.clone(), ..Report::default() };
    for (path, change) in &set.changes {
        if !matches!(change.change, Change::Edited | Change::Merge | Change::Conflict(Conflict::Fields)) {
            continue;
        }
        let base = standing.lock.files.get(path).and_then(|entry| standing.bases.get(&entry.base));
        if let (Some(base), Some(ours)) = (base, text(standing, path, change)) {
            let mut edits = edits(path, base, ours);
            // What is open is told as such.
            edits.retain(|edit| !change.open.iter().any(|open| edit.at.starts_with(&open.at)));
            report.edits.insert(path.clone(), edits);
        }
    }
    if set.changes.values().any(is_edited) {
        judge(&mut report, generated, standing, pack);
    }
    report
}

/// Where a file stands, or will.
fn place<'c>(path: &'c str, change: &'c FileChange) -> &'c str {
    change.at.as_deref().unwrap_or(path)
}

/// What stands there.
fn text<'s>(standing: &'s Standing, path: &str, change: &FileChange) -> Option<&'s Arc<str>> {
    match standing.disk.get(place(path, change)) {
        Some(OnDisk::Text(text)) => Some(text),
        _ => None,
    }
}

fn is_edited(change: &FileChange) -> bool {
    matches!(change.change, Change::Edited | Change::Merge | Change::Conflict(Conflict::Fields) | Change::Deleted(_))
}

/// What a person's edits weaken, by the rules that we write by and beyond them, and what no cluster takes. What was never
/// ours, or is not any more, is its person's business.
fn judge(report: &mut Report, generated: &Generated, standing: &Standing, pack: &Pack) {
    let mut files = FileSet::default();
    for (path, change) in &report.changes {
        let text = match change.change {
            Change::Deleted(_) => None,
            Change::Edited | Change::Merge | Change::Conflict(_) | Change::Released => {
                text(standing, path, change).cloned()
            }
            _ => generated.files.files().get(path).cloned(),
        };
        if let Some(text) = text {
            files.0.insert(place(path, change).to_owned(), text);
        }
    }
    let changes = report.changes.iter().map(|(path, change)| (path.as_str(), change));
    let kept: Vec<(&str, &str)> = changes
        .clone()
        .filter(|(_, change)| is_edited(change) && !matches!(change.change, Change::Deleted(_)))
        .map(|(path, change)| (path, place(path, change)))
        .collect();
    let foreign: BTreeSet<&str> = changes
        .filter(|(_, change)| matches!(change.change, Change::Released | Change::Conflict(_)) && !is_edited(change))
        .map(|(path, change)| place(path, change))
        .collect();
    let kubernetes = generated.plan.project.kubernetes;
    let (parsed, mut problems) = verify::parse(&files, kubernetes);
    problems.extend(drift(generated, &kept, &parsed.objects));
    let subject = Subject { objects: &parsed.objects, dockerfiles: &parsed.dockerfiles, kubernetes };
    let mut findings = rules::run(&subject);
    findings.retain(|finding| !foreign.contains(finding.path()));
    problems.extend(verify::misfits(&subject).into_iter().map(helped));
    let is_of_service = |path: &str| generated.plan.is_of_service(path);
    problems.extend(pack.policies().flat_map(|policy| policy.breaches(&parsed.objects, is_of_service)));
    let help = "let the answers say so instead: they raise it too; or raise it as far";
    let shortages = verify::shortages(&subject).into_iter();
    report.beware = shortages.map(|problem| Problem { help: help.to_owned(), ..problem }).collect();
    report.beware.extend(pack.policies().flat_map(|policy| policy.unseen(&parsed.objects)));
    for told in [&mut problems, &mut report.beware] {
        told.retain(|problem| match &problem.place {
            Some(Place::File { path, .. } | Place::Path(path)) => !foreign.contains(path.as_str()),
            _ => true,
        });
    }
    report.weakened = findings;
    report.drift = problems;
}

/// The joins were written for our own templates, and leave it to us to mend them.
fn helped(mut problem: Problem) -> Problem {
    if problem.help.is_empty() {
        "mend the edit, or `cofferdam restore` what was written".clone_into(&mut problem.help);
    }
    problem
}
