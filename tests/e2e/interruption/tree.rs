//! The files of a project.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Mode and bytes by path.
pub(super) type Files = BTreeMap<String, (u32, Vec<u8>)>;

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(path, target).unwrap();
        }
    }
}

/// Every file but those of transactions, done or not.
pub(super) fn files(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if name == ".cofferdam/txn" || name == ".cofferdam/undo" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let mode = path.symlink_metadata().unwrap().permissions().mode();
                files.insert(name, (mode, fs::read(&path).unwrap()));
            }
        }
    }
    files
}

/// Without pristine texts: more of them than the lock names are in nobody's way.
pub(super) fn own(files: &Files) -> BTreeMap<&str, &(u32, Vec<u8>)> {
    files.iter().filter(|(path, _)| !cofferdam::lock::is_base(path)).map(|(path, file)| (path.as_str(), file)).collect()
}

pub(super) fn differences(wanted: &Files, found: &Files) -> String {
    let paths: BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    let differ = paths.into_iter().filter(|path| wanted.get(*path) != found.get(*path));
    differ.map(|path| format!("{path} differs\n")).collect()
}
