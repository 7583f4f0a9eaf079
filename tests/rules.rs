//! Each rule against its own fixtures: `tests/rules/<id>/{fail,pass}*`. A fixture shows one rule only.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::fs;
use std::path::Path;

use cofferdam::kubernetes::KubeVersion;
use cofferdam::render::FileSet;
use cofferdam::rules::{self, ALL, Subject};
use cofferdam::verify;

#[test]
fn every_rule_finds_its_fail_fixtures_and_leaves_its_pass_fixtures() {
    let mut checked = 0;
    for rule in ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules").join(rule.id);
        let mut kinds = (0, 0);
        for entry in fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} has no fixtures", rule.id)) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let found = findings(rule.id, &name, &text);
            if name.starts_with("fail") {
                kinds.0 += 1;
                assert!(found > 0, "{}/{name} has no finding", rule.id);
            } else {
                kinds.1 += 1;
                assert_eq!(found, 0, "{}/{name} has findings", rule.id);
            }
            checked += 1;
        }
        assert!(kinds.0 > 0 && kinds.1 > 0, "{} needs a fail and a pass fixture", rule.id);
    }
    assert!(checked >= 2 * ALL.len());
}

/// How often a rule finds something in a fixture, whose first line may name the Kubernetes version.
fn findings(rule: &str, name: &str, text: &str) -> usize {
    let version: KubeVersion = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# kubernetes: "))
        .map_or(KubeVersion::DEFAULT, |version| version.parse().unwrap());
    let path = if name.ends_with(".Dockerfile") { "Dockerfile" } else { "fixture.yaml" };
    let files = FileSet([(path.to_owned(), text.into())].into());
    let (parsed, problems) = verify::parse(&files, version);
    assert!(problems.is_empty(), "{rule}/{name}: {}", problems[0]);
    let subject = Subject { objects: &parsed.objects, dockerfiles: &parsed.dockerfiles, kubernetes: version };
    rules::run(&subject).iter().filter(|finding| finding.rule.id == rule).count()
}
