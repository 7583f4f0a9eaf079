//! What a Dockerfile needs to know: one table of package managers, and the images by version.

mod images;
mod package_manager;

pub use self::images::python_runtime;
pub use self::package_manager::{PackageManager, Recipe, recipe};
