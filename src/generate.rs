//! The line from answers to verified files in one call: what `generate`, `check`, `diff` and the tests share.

use std::collections::BTreeMap;

use crate::answers::Answers;
use crate::lock::Pin;
use crate::pack::Pack;
use crate::plan::{Elsewhere, Plan, plan};
use crate::problem::Problem;
use crate::render::render;
use crate::resolve::resolve;
use crate::spec::service::ProjectSpec;
use crate::verify::{VerifiedFileSet, verify};

/// Everything that generating gives, for those who show more than the files.
pub struct Generated {
    pub plan: Plan,
    pub files: VerifiedFileSet,
    /// What they were made with, by name.
    pub packs: BTreeMap<String, Pin>,
}

pub fn generate(answers: &Answers, pack: &Pack) -> Result<Generated, Vec<Problem>> {
    generate_around(answers, pack, &Elsewhere::new())
}

/// The same where a person deleted or moved files: they are rendered and verified, and the kustomization follows.
pub fn generate_around(answers: &Answers, pack: &Pack, elsewhere: &Elsewhere) -> Result<Generated, Vec<Problem>> {
    let plan = planned(resolve(answers, pack)?, answers, elsewhere, pack)?;
    let files = verify(render(&plan)?, &plan, &pack.policies().collect::<Vec<_>>())?;
    let packs = pack.layers.iter().map(|layer| (layer.name.to_string(), layer.pin())).collect();
    Ok(Generated { plan, files, packs })
}

/// The plan of a project that no pack objects to.
pub(crate) fn planned(
    project: ProjectSpec,
    answers: &Answers,
    elsewhere: &Elsewhere,
    pack: &Pack,
) -> Result<Plan, Vec<Problem>> {
    let mut refused: Vec<Problem> = pack.policies().flat_map(|policy| policy.refusals(&project, answers)).collect();
    // In the order of the file, as a person works through it.
    refused.sort_by(|a, b| a.place.cmp(&b.place));
    if refused.is_empty() { plan(project, elsewhere, pack) } else { Err(refused) }
}
