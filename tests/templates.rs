//! Every preset in every case: it renders and verifies. What it is expected to give is held in `tests/packs.rs`.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

#[path = "support/cases.rs"]
mod cases;

use std::collections::{BTreeMap, BTreeSet};

use cases::{every_case, every_case_for};
use cofferdam::generate::generate;
use cofferdam::kubernetes::KubeVersion;
use cofferdam::pack::{self, Pack};
use cofferdam::plan::plan;
use cofferdam::render::render;
use cofferdam::verify::verify;

#[test]
fn every_preset_has_a_case_and_every_template_is_reached() {
    let pack = Pack::built_in().unwrap();
    for preset in pack.presets.iter() {
        assert!(preset.cases().next().is_some(), "preset {} has no case", preset.id);
    }
    let reached: BTreeSet<String> =
        every_case().into_iter().flat_map(|(_, generated)| generated.plan.files).map(|file| file.template).collect();
    let known: BTreeSet<String> = cofferdam::plan::templates().into_iter().collect();
    let unreached: Vec<_> = known.difference(&reached).collect();
    assert!(unreached.is_empty(), "no case renders {unreached:?}");
}

#[test]
fn every_case_verifies_for_every_kubernetes_version() {
    for version in KubeVersion::ALL {
        assert!(!every_case_for(*version).is_empty());
    }
}

#[test]
fn the_presets_that_answers_need_are_enough() {
    let all = Pack::built_in().unwrap();
    for preset in all.presets.iter() {
        for (case, answers) in preset.cases() {
            let needed = Pack::read(pack::needed(all.layers.clone(), &answers)).unwrap();
            assert!(needed.presets.ids().count() < all.presets.ids().count());
            let (first, second) = (generate(&answers, &all).unwrap(), generate(&answers, &needed).unwrap());
            assert_eq!(first.files, second.files, "{}/{case}", preset.id);
        }
    }
}

#[test]
fn the_same_answers_give_the_same_bytes() {
    for ((case, first), (_, second)) in every_case().into_iter().zip(every_case()) {
        assert_eq!(first.files, second.files, "{case}");
    }
}

#[test]
fn a_name_is_a_name_where_yaml_has_another_word_for_it() {
    for word in ["on", "no", "y", "null", "true", "inf"] {
        let answers = format!(
            "project: \"{word}\"\nservices:\n  \"{word}\":\n    preset: rust\n    image: ghcr.io/acme/checkout:1.4.2\n    \
             health: {{ ready: /readyz, live: /livez }}\n    build: {{ entry: checkout }}\n"
        );
        let answers = cofferdam::answers::file::read(&answers).unwrap();
        let generated =
            generate(&answers, &Pack::built_in().unwrap()).unwrap_or_else(|problems| panic!("{}", problems[0]));
        assert!(generated.files.files()["deploy/guardrails.yaml"].contains(&format!("name: {word}-quota\n")));
    }
}

/// Takes each hardening line out of each workload, and expects `verify` to notice.
#[test]
fn a_template_that_loses_a_hardening_line_is_an_internal_error() {
    let lines = [
        "runAsNonRoot: true",
        "automountServiceAccountToken: false",
        "allowPrivilegeEscalation: false",
        "readOnlyRootFilesystem: true",
        "- ALL",
        "type: RuntimeDefault",
        "sizeLimit: 64Mi",
        "imagePullPolicy: Always",
        "memory: 128Mi",
        "ephemeral-storage: 128Mi",
        "cpu: 100m",
        "serviceAccountName: checkout",
        "- Egress",
        "pod-security.kubernetes.io/enforce: restricted",
        "USER 65532:65532",
        "mountPath: /tmp",
    ];
    let pack = Pack::built_in().unwrap();
    let (_, answers) = pack.presets.get("rust").unwrap().cases().find(|(name, _)| *name == "web").unwrap();
    let project = cofferdam::resolve::resolve(&answers, &pack).unwrap();
    let plan = plan(project, &BTreeMap::new(), &pack).unwrap();
    for line in lines {
        let mut files = render(&plan).unwrap();
        for text in files.0.values_mut() {
            let kept: Vec<String> =
                text.lines()
                    .map(|original| {
                        if original.contains(line) { original.replace(line, weaker(line)) } else { original.to_owned() }
                    })
                    .collect();
            *text = format!("{}\n", kept.join("\n")).into();
        }
        let problems = verify(files, &plan, &[]).err().unwrap_or_default();
        assert!(!problems.is_empty(), "nobody notices that `{line}` is gone");
        assert!(problems.iter().all(|problem| problem.what.starts_with("internal error: ")), "{}", problems[0]);
    }
}

/// The same line, without its effect and still valid.
fn weaker(line: &str) -> &str {
    match line {
        "- ALL" => "- KILL",
        "- Egress" => "- Ingress",
        "type: RuntimeDefault" => "type: Unconfined",
        "sizeLimit: 64Mi" => "medium: \"\"",
        "imagePullPolicy: Always" => "imagePullPolicy: Never",
        "mountPath: /tmp" => "mountPath: /run/secrets/db",
        "USER 65532:65532" => "USER 0:0",
        "serviceAccountName: checkout" => "serviceAccountName: default",
        "runAsNonRoot: true" => "runAsNonRoot: false",
        "automountServiceAccountToken: false" => "automountServiceAccountToken: true",
        "allowPrivilegeEscalation: false" => "allowPrivilegeEscalation: true",
        "readOnlyRootFilesystem: true" => "readOnlyRootFilesystem: false",
        "pod-security.kubernetes.io/enforce: restricted" => "pod-security.kubernetes.io/enforce: baseline",
        _ => "hugepages-2Mi: 0",
    }
}

/// A finding names the template and the line that wrote it.
#[test]
fn an_internal_error_names_template_and_line() {
    let pack = Pack::built_in().unwrap();
    let (_, answers) = pack.presets.get("rust").unwrap().cases().find(|(name, _)| *name == "nightly").unwrap();
    let project = cofferdam::resolve::resolve(&answers, &pack).unwrap();
    let plan = plan(project, &BTreeMap::new(), &pack).unwrap();
    let mut files = render(&plan).unwrap();
    let text = files.0.get_mut("deploy/nightly/cronjob.yaml").unwrap();
    *text = text.replace("privileged: false", "privileged: true").into();
    let problems = verify(files, &plan, &[]).unwrap_err();
    let template = include_str!("../pack/templates/deploy/service/_pod.yaml.j2");
    let line = template.lines().position(|line| line.contains("privileged: false")).unwrap() + 1;
    let wanted = format!("internal error: templates/deploy/service/_pod.yaml.j2:{line}: privileged-container");
    assert!(problems.iter().any(|problem| problem.what.starts_with(&wanted)), "{} is not {wanted}", problems[0].what);
}
