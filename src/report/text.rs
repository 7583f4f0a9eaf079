use super::{Format, Report, edit, question, words};
use crate::pack::{self, Renamed};
use crate::reconcile::{Change, FileChange};
use crate::upgrade::{News, Step, Upgrade};

pub(super) static FORMAT: Format = Format { name: "text", is_for_programs: false, render };

/// What needs attention, then the verdict in a line.
fn render(report: &Report) -> String {
    let mut out = String::new();
    for (path, change) in report.changes.iter().filter(|(_, change)| !is_quiet(change)) {
        let (word, sentence) = words(change);
        out.push_str(&format!("{word:>9}  {path} {sentence}\n"));
        out.push_str(&details(change));
        let also = if change.open.is_empty() { "" } else { "also yours: " };
        for field in report.edits.get(path).into_iter().flatten() {
            out.push_str(&format!("           {also}{}\n", edit(field)));
        }
    }
    for finding in &report.weakened {
        out.push_str(&format!(
            " weakened  {}: {} ({})\n           why: {}\n           help: {}\n",
            finding.place, finding.message, finding.rule.id, finding.rule.why, finding.rule.remedy
        ));
    }
    for (word, problems) in [("drift", &report.drift), ("beware", &report.beware)] {
        for problem in problems {
            let place = problem.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            out.push_str(&format!(
                "{word:>9}  {place}{}\n           why: {}\n           help: {}\n",
                problem.what, problem.why, problem.help
            ));
        }
    }
    if report.migrates {
        out.push_str("   update  cofferdam.yaml has words that are called something else now\n");
    }
    if let Some(upgrade) = &report.upgrade {
        out.push_str(&versions(upgrade));
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

fn versions(upgrade: &Upgrade) -> String {
    let line = |step: &Step| {
        let Step { pack, from, to } = step;
        if step.is_downgrade() {
            format!("  version  written by {pack} {from}, which is newer than this one, {to}\n")
        } else if step.is_unannounced() {
            format!(
                "  version  written by {pack} {from}, which has other files now: `cofferdam diff --explain` says what \
                 they change\n"
            )
        } else {
            format!(
                "  version  written by {pack} {from}, and this is {to}: `cofferdam diff --explain` says what is new\n"
            )
        }
    };
    upgrade.steps.iter().map(line).collect()
}

/// What is new since the last run, why, and what it does here.
pub fn explained(upgrade: &Upgrade) -> String {
    let Upgrade { steps, news, fields } = upgrade;
    let wrote = |step: &Step| {
        let Step { pack, from, to } = step;
        if step.is_unannounced() {
            format!(
                "{pack} {from} wrote this project, and has other files now. It does not say why: its version is the same.\n"
            )
        } else {
            format!("{pack} {from} wrote this project, and this is {to}.\n")
        }
    };
    let mut out: String = steps.iter().map(wrote).collect();
    for News { change, files } in news {
        out.push_str(&told(change));
        // Of one that names neither templates nor presets, nobody knows.
        if change.templates.is_empty() && change.presets.is_empty() {
            continue;
        }
        let files = if files.is_empty() { "no file of this project".to_owned() } else { files.join(", ") };
        out.push_str(&format!("       here: {files}\n"));
    }
    if !fields.is_empty() {
        out.push_str("\nWith these and with what else is new, such as your answers:\n");
    }
    for (path, fields) in fields {
        out.push_str(&format!("  {path}\n"));
        out.extend(fields.iter().map(|field| format!("       {}\n", edit(field))));
    }
    out
}

/// One change, for those who upgrade.
pub fn told(change: &pack::Change) -> String {
    let mut out = format!("\n{}  {}\n       why: {}\n", change.version, change.what, change.why);
    if let Some(behaviour) = &change.behaviour {
        out.push_str(&format!("       when it runs: {behaviour}\n"));
    }
    for renamed in &change.answers {
        out.push_str(&format!("       in cofferdam.yaml: {}\n", called(renamed)));
    }
    out
}

fn called(renamed: &Renamed) -> String {
    match &renamed.value {
        Some(value) => format!("`{value}` of `{}` is called `{}`", renamed.at, renamed.to),
        None => format!("`{}` is called `{}`", renamed.at, renamed.to),
    }
}

/// What runs differently from now on, a line each.
pub fn announcements(upgrade: &Upgrade) -> String {
    let met = upgrade.news.iter().filter(|news| !news.files.is_empty());
    let told = met.filter_map(|news| Some((&news.change.version, news.change.behaviour.as_ref()?)));
    told.map(|(version, behaviour)| format!("      new  since {version}: {behaviour}\n")).collect()
}
