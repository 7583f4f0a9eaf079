use serde_json::{Value, json};

use super::{Format, Report, words};
use crate::merge::Open;
use crate::problem::Problem;
use crate::upgrade::{News, Upgrade};

pub(super) static FORMAT: Format = Format { name: "json", is_for_programs: true, render };

/// Version 1 of the format: keys may be added, never renamed.
fn render(report: &Report) -> String {
    let files: Vec<_> = report
        .changes
        .iter()
        .map(|(path, change)| {
            let (word, sentence) = words(change);
            let kept: Vec<_> = change
                .kept
                .iter()
                .map(|kept| json!({ "at": kept.at, "reason": kept.reason, "needed": kept.needed }))
                .collect();
            let edits: Vec<_> = report.edits.get(path).into_iter().flatten().map(field).collect();
            json!({
                "path": path, "status": word, "sentence": format!("{path} {sentence}"), "moved-to": change.at,
                "open": change.open, "kept": kept, "edits": edits,
            })
        })
        .collect();
    let weakened: Vec<_> = report
        .weakened
        .iter()
        .map(|finding| {
            json!({
                "rule": finding.rule.id, "severity": finding.rule.severity.as_str(), "path": finding.path(),
                "line": finding.line(), "object": finding.subject, "field": finding.pointer, "message": finding.message,
                "why": finding.rule.why, "help": finding.rule.remedy,
            })
        })
        .collect();
    let told = |problem: &Problem| {
        let place = problem.place.as_ref().map(ToString::to_string);
        json!({ "what": problem.what, "place": place, "why": problem.why, "help": problem.help })
    };
    let verdict = report.verdict();
    let report = json!({
        "version": 1, "exit": verdict.code(), "verdict": verdict.sentence(), "files": files, "weakened": weakened,
        "drift": report.drift.iter().map(told).collect::<Value>(),
        "beware": report.beware.iter().map(told).collect::<Value>(),
        "upgrade": report.upgrade.as_ref().map(upgrade), "migrates": report.migrates,
        "problems": report.failed.iter().flat_map(|(_, problems)| problems).map(told).collect::<Value>(),
    });
    format!("{report:#}\n")
}

fn field(edit: &Open) -> Value {
    json!({ "at": edit.at, "written": edit.base, "now": edit.ours })
}

fn upgrade(upgrade: &Upgrade) -> Value {
    let news = |News { change, files }: &News| {
        json!({
            "since": change.version, "what": change.what, "why": change.why, "behaviour": change.behaviour,
            "files": files,
        })
    };
    let changed = |(path, fields): (&String, &Vec<Open>)| json!({ "path": path, "fields": fields.iter().map(field).collect::<Value>() });
    json!({
        "packs": upgrade.steps,
        "news": upgrade.news.iter().map(news).collect::<Value>(),
        "changed": upgrade.fields.iter().map(changed).collect::<Value>(),
    })
}
