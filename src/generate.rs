//! The line from answers to verified files in one call: what `generate`, `check`, `diff` and the tests share.

use std::collections::BTreeSet;

use crate::answers::Answers;
use crate::plan::{Plan, plan};
use crate::preset::Presets;
use crate::problem::Problem;
use crate::render::render;
use crate::resolve::resolve;
use crate::verify::{VerifiedFileSet, verify};

/// Everything that generating gives, for those who show more than the files.
pub struct Generated {
    pub plan: Plan,
    pub files: VerifiedFileSet,
}

pub fn generate(answers: &Answers, presets: &Presets) -> Result<Generated, Vec<Problem>> {
    generate_without(answers, presets, &BTreeSet::new())
}

/// The same where a person deleted files: they are rendered and verified, and the kustomization leaves them out.
pub fn generate_without(
    answers: &Answers,
    presets: &Presets,
    deleted: &BTreeSet<String>,
) -> Result<Generated, Vec<Problem>> {
    let project = resolve(answers, presets)?;
    let plan = plan(project, deleted);
    let files = verify(render(&plan)?, &plan)?;
    Ok(Generated { plan, files })
}
