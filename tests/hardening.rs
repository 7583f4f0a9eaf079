//! Each line of hardening is needed: taken away, `verify` says so. The exceptions stand here, each with its reason.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::{BTreeMap, BTreeSet};

use cofferdam::pack::Pack;
use cofferdam::plan::plan;
use cofferdam::render::render;
use cofferdam::verify::verify;

/// Lines whose absence changes nothing, or nothing that `verify` is about: the kind of file that they stand in (any
/// where it is empty), the whole line or how it begins, and why.
const HARMLESS: [(&str, &str, &str); 9] = [
    ("", "privileged: false", "false is the default; a rule refuses true"),
    ("", "runAsNonRoot: true", "said for the container; the pod's holds for it too"),
    ("", "fsGroupChangePolicy: OnRootMismatch", "saves time when a large volume is mounted"),
    ("cronjob", "concurrencyPolicy: ", "keeps runs apart"),
    ("job", "ttlSecondsAfterFinished: ", "tidies up"),
    ("job", "activeDeadlineSeconds: ", "ends what hangs"),
    ("job", "readOnlyRootFilesystem: ", "an exception, which is the default too"),
    ("statefulset", "whenDeleted: ", "the default, said for people"),
    ("statefulset", "imagePullPolicy: ", "that case's image has a digest, which is one image wherever it is"),
];

/// Whether a line protects: it gives a reason, or stands in a security context or among limits.
fn protects(lines: &[&str], number: usize) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let line = lines[number];
    let holders = ["securityContext:", "limits:", "capabilities:", "seccompProfile:", "hard:"];
    let mut inner = indent(line);
    let mut held = false;
    for above in lines[..number].iter().rev().filter(|above| !above.trim_start().starts_with('#')) {
        if indent(above) < inner {
            inner = indent(above);
            held |= holders.iter().any(|holder| above.trim_start().starts_with(holder));
        }
    }
    let is_text = !line.trim().is_empty() && !line.trim_start().starts_with('#');
    is_text && (held || line.contains(" # "))
}

#[test]
fn every_line_of_hardening_is_needed() {
    let pack = Pack::built_in().unwrap();
    let mut needed = 0;
    let mut harmless_met = BTreeSet::new();
    for case in ["web", "nightly", "data"] {
        let (_, answers) = pack.presets.get("rust").unwrap().cases().find(|(name, _)| *name == case).unwrap();
        let plan = plan(cofferdam::resolve::resolve(&answers, &pack).unwrap(), &BTreeMap::new(), &pack).unwrap();
        let files = render(&plan).unwrap();
        let kinds = ["deployment", "statefulset", "cronjob", "job", "serviceaccount", "namespace", "guardrails"];
        for (path, text) in &files.0 {
            let name = path.rsplit('/').next().unwrap().trim_end_matches(".yaml");
            if !kinds.contains(&name) {
                continue;
            }
            let lines: Vec<&str> = text.lines().collect();
            for number in (0..lines.len()).filter(|number| protects(&lines, *number)) {
                let mut fewer = lines.clone();
                fewer.remove(number);
                let mut files = files.clone();
                files.0.insert(path.clone(), format!("{}\n", fewer.join("\n")).into());
                if verify(files, &plan, &[]).is_err() {
                    needed += 1;
                } else {
                    let line = lines[number].trim();
                    let harmless = HARMLESS.iter().find(|(kind, known, _)| {
                        name.ends_with(kind) && (line == *known || line.starts_with(known) && known.ends_with(' '))
                    });
                    let (_, known, _) =
                        harmless.unwrap_or_else(|| panic!("{case}: nobody notices that `{line}` of {path} is gone"));
                    harmless_met.insert(*known);
                }
            }
        }
    }
    assert!(needed > 100, "only {needed} lines were looked at");
    assert_eq!(harmless_met.len(), HARMLESS.len(), "some are needed after all: only {harmless_met:?} are not");
}
