//! What templates see: the reference for those who write some.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::of_case;
use crate::answers::Answers;
use crate::generate::planned;
use crate::pack::Pack;
use crate::plan::{Elsewhere, Subject};
use crate::preset::Preset;
use crate::problem::Problem;
use crate::resolve::resolve;

/// The values that are placed in the files of a case of a preset: in one that each service has, and in one that the project
/// has once. The uppermost pack's own cases come first: they answer what packs ask.
pub fn seen(preset: &Preset, pack: &Pack) -> Result<Value, Vec<Problem>> {
    let path = |name: &str| format!("cases/{}/{name}.yaml", preset.id);
    let number = |name: &str| pack.layers.iter().rposition(|layer| layer.files.contains_key(&path(name)));
    let mut cases: Vec<(&str, Answers)> = preset.cases().collect();
    cases.sort_by_key(|(name, _)| Reverse(number(name)));
    let mut first = None;
    for (name, answers) in cases {
        let plan = resolve(&answers, pack).and_then(|project| planned(project, &answers, &Elsewhere::new(), pack));
        match plan {
            Ok(plan) => {
                let (service, project) = (plan.values(Subject::Service(0)), plan.values(Subject::Whole));
                return Ok(json!({ "of-a-service": service, "of-the-project": project }));
            }
            Err(problems) => {
                let at = number(name).map_or_else(|| path(name), |number| pack.layers[number].path(&path(name)));
                first.get_or_insert_with(|| of_case(problems, &at));
            }
        }
    }
    Err(first.unwrap_or_else(|| {
        let help = format!("write one in `cases/{}/` of its pack, or see those of `rust`", preset.id);
        vec![Problem::new(format!("`{}` has no case", preset.id), "what templates see, they see of an app", help)]
    }))
}
