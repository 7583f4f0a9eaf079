//! The answers of one conversation: about the project, and about one service of it.

use super::raw::Raw;
use super::{ProjectAnswers, ServiceAnswers};
use crate::spec::name::Name;

#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub project: ProjectAnswers,
    pub name: Option<Raw<Name>>,
    pub service: ServiceAnswers,
}
