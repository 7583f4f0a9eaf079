//! Every preset in every case, generated.
#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use cofferdam::answers::raw::Raw;
use cofferdam::generate::{Generated, generate};
use cofferdam::kubernetes::KubeVersion;
use cofferdam::preset::Presets;

/// By `preset/case`.
pub(crate) fn every_case() -> Vec<(String, Generated)> {
    cases(None)
}

/// The same for one Kubernetes version, without what that version does not have.
pub(crate) fn every_case_for(version: KubeVersion) -> Vec<(String, Generated)> {
    cases(Some(version))
}

fn cases(version: Option<KubeVersion>) -> Vec<(String, Generated)> {
    let presets = Presets::built_in().unwrap();
    let mut all = Vec::new();
    for preset in presets.iter() {
        for (case, mut answers) in preset.cases() {
            if let Some(version) = version {
                for service in answers.services.values_mut().filter(|_| version < KubeVersion::V1_36) {
                    service.user_namespace = None;
                }
                answers.project.kubernetes = Some(Raw::new(version.as_str(), Default::default()));
            }
            let generated = generate(&answers, &presets).unwrap_or_else(|problems| {
                let text: String = problems.iter().map(ToString::to_string).collect();
                panic!("{}/{case}: {text}", preset.id)
            });
            all.push((format!("{}/{case}", preset.id), generated));
        }
    }
    all
}
