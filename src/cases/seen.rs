//! What templates see: the reference for those who write some.

use serde_json::{Value, json};

use crate::generate::planned;
use crate::pack::Pack;
use crate::plan::{Elsewhere, Subject};
use crate::preset::Preset;
use crate::problem::Problem;
use crate::resolve::resolve;

/// The values that are placed in the files of the first case of a preset: in one that each service has, and in one that the
/// project has once.
pub fn seen(preset: &Preset, pack: &Pack) -> Result<Value, Vec<Problem>> {
    let Some((_, answers)) = preset.cases().next() else {
        let help = format!("write one in `cases/{}/` of its pack, or see those of `rust`", preset.id);
        return Err(vec![Problem::new(
            format!("`{}` has no case", preset.id),
            "what templates see, they see of an app",
            help,
        )]);
    };
    let plan = planned(resolve(&answers, pack)?, &answers, &Elsewhere::new(), pack)?;
    Ok(json!({ "of-a-service": plan.values(Subject::Service(0)), "of-the-project": plan.values(Subject::Whole) }))
}
