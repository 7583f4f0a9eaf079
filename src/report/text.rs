use super::{Format, Report, edit, question, words};
use crate::reconcile::{Change, FileChange};

pub(super) static FORMAT: Format = Format { name: "text", render };

/// What needs attention, then the verdict in a line.
fn render(report: &Report) -> String {
    let mut out = String::new();
    for (path, change) in report.changes.iter().filter(|(_, change)| !is_quiet(change)) {
        let (word, sentence) = words(change);
        out.push_str(&format!("{word:>9}  {path} {sentence}\n"));
        out.push_str(&details(change));
        for field in report.edits.get(path).into_iter().flatten() {
            out.push_str(&format!("           {}\n", edit(field)));
        }
    }
    for finding in &report.weakened {
        out.push_str(&format!(
            " weakened  {}: {} ({})\n           why: {}\n           help: {}\n",
            finding.place, finding.message, finding.rule.id, finding.rule.why, finding.rule.remedy
        ));
    }
    let kept = report.changes.values().filter(|change| change.change == Change::Keep).count();
    let edited = report.changes.values().filter(|change| change.change == Change::Edited).count();
    let allowed = if edited > 0 { format!(", {edited} edited by hand") } else { String::new() };
    out.push_str(&format!(
        "{kept} of {} files as written{allowed}; {}\n",
        report.changes.len(),
        report.verdict().sentence()
    ));
    out
}

fn is_quiet(change: &FileChange) -> bool {
    change.change == Change::Keep && change.from.is_none() && change.kept.is_empty()
}

/// What is open in a file, and what a person keeps there, a line each.
pub fn details(change: &FileChange) -> String {
    let open = change.open.iter().map(|open| format!("           {}\n", question(open)));
    let kept = change.kept.iter().map(|kept| {
        let reason = kept.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let needed = if kept.needed { "" } else { " (no longer needed: the templates have the same)" };
        format!("           kept as yours: {}{reason}{needed}\n", kept.at)
    });
    open.chain(kept).collect()
}
