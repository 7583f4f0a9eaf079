//! What a Dockerfile needs to know: one table of package managers, one of versions.

mod images;
mod package_manager;

pub use self::images::{DEFAULT_TOOLS, default_tool, python_runtime};
pub use self::package_manager::{PackageManager, Recipe, recipe};
