//! The line from answers to verified files in one call: what `generate`, `check`, `diff` and the tests share.

use crate::answers::Answers;
use crate::plan::{Elsewhere, Plan, plan};
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
    generate_around(answers, presets, &Elsewhere::new())
}

/// The same where a person deleted or moved files: they are rendered and verified, and the kustomization follows.
pub fn generate_around(answers: &Answers, presets: &Presets, elsewhere: &Elsewhere) -> Result<Generated, Vec<Problem>> {
    let project = resolve(answers, presets)?;
    let plan = plan(project, elsewhere);
    let files = verify(render(&plan)?, &plan)?;
    Ok(Generated { plan, files })
}
