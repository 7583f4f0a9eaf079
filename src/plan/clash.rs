//! Files that cannot all stand where they are to be written. They are found before anything is, so that no half of a tree
//! is left.

use std::collections::BTreeSet;

use crate::answers::file;
use crate::lock;

/// Why no file can be written at a path beside those at `paths`: what is wrong, and why.
pub(super) fn clash(path: &str, paths: &BTreeSet<String>) -> Option<(String, &'static str)> {
    let first = path.split('/').next().unwrap_or_default();
    if first == file::NAME || first.eq_ignore_ascii_case(lock::FOLDER) {
        return Some((format!("{path} would be in the way"), "cofferdam keeps answers and state there"));
    }
    if !lock::inside(path) {
        return Some((format!("{path} would be in the way"), "git keeps its own there"));
    }
    if paths.contains(path) {
        return Some((format!("{path} is written twice"), "two files cannot have one path"));
    }
    let mut above = path.match_indices('/').map(|(end, _)| &path[..end]);
    let folder = format!("{path}/");
    let below = paths.range(folder.clone()..).next().filter(|other| other.starts_with(&folder));
    let other = above.find(|above| paths.contains(*above)).or(below.map(String::as_str))?;
    Some((format!("{path} and {other} are both files"), "one of them would have to be a folder"))
}
