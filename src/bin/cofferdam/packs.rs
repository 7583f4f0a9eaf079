//! The packs of a project, read from their folders. Never through a link.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::iter;
use std::path::{Path, PathBuf};

use cofferdam::pack::{self, Contents, Found, Layer, Named, Source, fetched};
use cofferdam::reconcile::OnDisk;
use cofferdam::spec::name::Name;

use crate::Failure;
use crate::disk::{A_FOLDER, Project, damaged};

/// The pack in the folder `at` below `root`, as messages name it.
pub(crate) fn read(root: &Path, at: &str) -> Result<Layer, Failure> {
    Ok(gather(root, at).layer()?)
}

/// What cofferdam brings, and the packs that the text of a project's answers names, in their order.
pub(crate) fn of(project: &Project, text: &str) -> Result<Vec<Layer>, Failure> {
    let mut layers = vec![Layer::built_in()?];
    layers.extend(named(project, text)?);
    Ok(layers)
}

fn named(project: &Project, text: &str) -> Result<Vec<Layer>, Failure> {
    let record = project.fetched()?;
    Failure::unless_all(pack::named_in(text)?.iter().map(|Named { source, place }| match source {
        Source::Folder(path) => read(&project.root, path.as_str()),
        Source::Repository(repository) => {
            let (name, entry) = record.find(repository, place.as_ref())?;
            let at = fetched::folder(name);
            let is_folder = project.on_disk(&at) == Some(OnDisk::Other(A_FOLDER));
            let contents = is_folder.then(|| gather(&project.root, &at));
            let unchanged = contents.filter(|contents| contents.digest().as_ref() == Some(&entry.digest));
            Ok(unchanged.ok_or_else(|| damaged(fetched::changed(name)))?.layer()?)
        }
    }))
}

/// The files of every fetched pack that stands here, by its name.
pub(crate) fn fetched(project: &Project) -> BTreeMap<Name, Vec<String>> {
    // Nothing is looked for through a link, and nothing is written there.
    if project.on_disk(fetched::FOLDER) != Some(OnDisk::Other(A_FOLDER)) {
        return BTreeMap::new();
    }
    let entries = fs::read_dir(project.root.join(fetched::FOLDER)).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let files = |name: &Name| {
        let at = fetched::folder(name);
        walk(project.root.join(&at)).map(|(path, _)| format!("{at}/{path}")).collect()
    };
    let names = folders.filter_map(|folder| folder.file_name().to_str()?.parse().ok());
    names.map(|name: Name| (name.clone(), files(&name))).collect()
}

fn gather(root: &Path, at: &str) -> Contents {
    let root = root.join(at);
    let mut contents = Contents::new(at);
    for (path, metadata) in walk(root.clone()) {
        let read = || fs::read(root.join(&path)).map_err(|error| error.to_string());
        contents.take(&path, found(&metadata), read);
        if contents.is_full() {
            break;
        }
    }
    contents
}

/// All but folders that stands where a pack's files may, in the folder of one.
fn walk(root: PathBuf) -> impl Iterator<Item = (String, Metadata)> {
    let mut open: Vec<String> = Contents::places().map(str::to_owned).collect();
    iter::from_fn(move || {
        loop {
            let path = open.pop()?;
            let target = root.join(&path);
            let Ok(metadata) = fs::symlink_metadata(&target) else { continue };
            if !metadata.is_dir() {
                return Some((path, metadata));
            }
            let entries = fs::read_dir(&target).into_iter().flatten().flatten();
            open.extend(entries.map(|entry| format!("{path}/{}", entry.file_name().to_string_lossy())));
        }
    })
}

fn found(metadata: &Metadata) -> Found {
    match metadata {
        metadata if metadata.is_symlink() => Found::Link,
        metadata if metadata.is_file() => Found::File { size: metadata.len() },
        _ => Found::Other,
    }
}
