//! The folder of a pack, read. Never through a link.

use std::fs::{self, Metadata};
use std::path::Path;

use cofferdam::pack::{Contents, Found, Layer};

use crate::Failure;

/// The pack in the folder `at` below `root`, as messages name it.
pub(crate) fn read(root: &Path, at: &str) -> Result<Layer, Failure> {
    let root = root.join(at);
    let mut contents = Contents::new(at);
    let mut open: Vec<String> = Contents::places().map(str::to_owned).collect();
    while let Some(path) = open.pop().filter(|_| !contents.is_full()) {
        let target = root.join(&path);
        let Ok(metadata) = fs::symlink_metadata(&target) else { continue };
        if !metadata.is_dir() {
            contents.take(&path, found(&metadata), || fs::read(&target).map_err(|error| error.to_string()));
            continue;
        }
        let Ok(entries) = fs::read_dir(&target) else { continue };
        let names = entries.flatten().map(|entry| entry.file_name());
        open.extend(names.map(|name| format!("{path}/{}", name.to_string_lossy())));
    }
    Ok(contents.layer()?)
}

fn found(metadata: &Metadata) -> Found {
    match metadata {
        metadata if metadata.is_symlink() => Found::Link,
        metadata if metadata.is_file() => Found::File { size: metadata.len() },
        _ => Found::Other,
    }
}
