//! What templates see: the reference for those who write some.

use serde_json::{Value, json};

use super::of_case;
use crate::generate::planned;
use crate::pack::Pack;
use crate::plan::{Elsewhere, Subject};
use crate::preset::Preset;
use crate::problem::Problem;
use crate::resolve::resolve;

/// The values that are placed in the files of the first case of a preset: in one that each service has, and in one that the
/// project has once.
pub fn seen(preset: &Preset, pack: &Pack) -> Result<Value, Vec<Problem>> {
    let Some((name, answers)) = preset.cases().next() else {
        let help = format!("write one in `cases/{}/` of its pack, or see those of `rust`", preset.id);
        return Err(vec![Problem::new(
            format!("`{}` has no case", preset.id),
            "what templates see, they see of an app",
            help,
        )]);
    };
    let path = format!("cases/{}/{name}.yaml", preset.id);
    let layer = pack.layers.iter().rev().find(|layer| layer.files.contains_key(&path));
    let path = layer.map_or(path.clone(), |layer| layer.path(&path));
    let plan = resolve(&answers, pack)
        .and_then(|project| planned(project, &answers, &Elsewhere::new(), pack))
        .map_err(|problems| of_case(problems, &path))?;
    Ok(json!({ "of-a-service": plan.values(Subject::Service(0)), "of-the-project": plan.values(Subject::Whole) }))
}
