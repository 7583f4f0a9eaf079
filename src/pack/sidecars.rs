//! What the containers use that a pack adds to every pod: the quota has to hold them too.

use schemars::JsonSchema;
use serde::Deserialize;

use super::layer::kept;
use crate::answers::raw::Raw;
use crate::problem::Problem;
use crate::spec::quantity::{Bytes, Cpu};
use crate::spec::scalar::Scalar;
use crate::spec::service::Resources;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct SidecarsFile {
    /// The CPU that they ask for
    cpu: Option<Raw<Cpu>>,
    /// The CPU that they may use; as much as they ask for, unless it is said
    cpu_limit: Option<Raw<Cpu>>,
    /// The memory that they ask for, and may use
    memory: Option<Raw<Bytes>>,
    /// The disk of the node that they ask for, and may use
    disk: Option<Raw<Bytes>>,
}

impl SidecarsFile {
    /// Together, in each pod; all that is wrong with it goes to `problems`.
    pub(super) fn parse(&self, problems: &mut Vec<Problem>) -> Resources {
        fn amount<T: Scalar>(raw: Option<&Raw<T>>, key: &str, problems: &mut Vec<Problem>) -> Option<T> {
            kept(raw?.parse(&format!("sidecars.{key}")), problems)
        }
        let cpu = amount(self.cpu.as_ref(), "cpu", problems).unwrap_or_default();
        Resources {
            cpu,
            cpu_limit: amount(self.cpu_limit.as_ref(), "cpu-limit", problems).unwrap_or(cpu),
            memory: amount(self.memory.as_ref(), "memory", problems).unwrap_or_default(),
            disk: amount(self.disk.as_ref(), "disk", problems).unwrap_or_default(),
        }
    }
}
