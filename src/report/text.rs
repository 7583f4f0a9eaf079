use super::{Format, Report, words};
use crate::reconcile::Change;

pub(super) static FORMAT: Format = Format { name: "text", render };

/// What needs attention, then the verdict in a line.
fn render(report: &Report) -> String {
    let mut out = String::new();
    for (path, change) in report.changes.iter().filter(|(_, change)| **change != Change::Keep) {
        let (word, sentence) = words(change);
        out.push_str(&format!("{word:>9}  {path} {sentence}\n"));
    }
    for finding in &report.weakened {
        out.push_str(&format!(
            " weakened  {}: {} ({})\n           why: {}\n           help: {}\n",
            finding.place, finding.message, finding.rule.id, finding.rule.why, finding.rule.remedy
        ));
    }
    let kept = report.changes.values().filter(|change| **change == Change::Keep).count();
    let edited = report.changes.values().filter(|change| **change == Change::Edited).count();
    let allowed = if edited > 0 { format!(", {edited} edited by hand") } else { String::new() };
    out.push_str(&format!(
        "{kept} of {} files as written{allowed}; {}\n",
        report.changes.len(),
        report.verdict().sentence()
    ));
    out
}
