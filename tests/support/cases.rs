//! Every preset in every case, generated.
#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use cofferdam::answers::Answers;
use cofferdam::answers::raw::Raw;
use cofferdam::generate::{Generated, generate};
use cofferdam::kubernetes::KubeVersion;
use cofferdam::pack::Pack;

/// By `preset/case`.
pub(crate) fn every_case() -> Vec<(String, Generated)> {
    cases(|_, _| {})
}

/// The same for one Kubernetes version, without what that version does not have.
pub(crate) fn every_case_for(version: KubeVersion) -> Vec<(String, Generated)> {
    cases(|_, answers| target(answers, version))
}

/// The same for answers that are changed first.
pub(crate) fn every_case_with(change: impl Fn(&mut Answers)) -> Vec<(String, Generated)> {
    cases(|number, answers| {
        // Each by itself, though it goes to the same cluster.
        answers.project.namespace = Some(Raw::new(format!("case-{number}"), Default::default()));
        change(answers);
    })
}

pub(crate) fn target(answers: &mut Answers, version: KubeVersion) {
    for service in answers.services.values_mut().filter(|_| version < KubeVersion::V1_36) {
        service.user_namespace = None;
    }
    answers.project.kubernetes = Some(Raw::new(version.as_str(), Default::default()));
}

fn cases(change: impl Fn(usize, &mut Answers)) -> Vec<(String, Generated)> {
    let pack = Pack::built_in().unwrap();
    let mut all = Vec::new();
    for preset in pack.presets.iter() {
        for (case, mut answers) in preset.cases() {
            change(all.len(), &mut answers);
            let generated = generate(&answers, &pack).unwrap_or_else(|problems| {
                let text: String = problems.iter().map(ToString::to_string).collect();
                panic!("{}/{case}: {text}", preset.id)
            });
            all.push((format!("{}/{case}", preset.id), generated));
        }
    }
    all
}
