//! The folder of a pack, read: what belongs to a pack and nothing else, never through a link.

use std::fs;
use std::path::Path;

use cofferdam::pack::{Files, Layer};
use cofferdam::problem::{Place, Problem};
use cofferdam::yaml::read::LARGEST;

use crate::Failure;

/// More files than any pack has that people wrote.
const MOST: usize = 5_000;

/// The folders of a pack, with the ending of what is read there.
const FOLDERS: [(&str, &str); 3] = [("presets", ".yaml"), ("templates", ".j2"), ("cases", ".yaml")];

/// The pack in the folder `at` below `root`, as messages name it.
pub(crate) fn read(root: &Path, at: &str) -> Result<Layer, Failure> {
    let folder = root.join(at);
    if !folder.join("pack.yaml").is_file() {
        return Err(Problem::new(
            format!("there is no pack in {at}"),
            "the folder of a pack holds `pack.yaml`",
            "name another folder, or begin a pack there with `cofferdam preset new`",
        )
        .at(Some(Place::Path(at.to_owned())))
        .into());
    }
    let mut files = Files::new();
    let mut problems = Vec::new();
    for name in ["pack.yaml", "changes.yaml"] {
        if fs::symlink_metadata(folder.join(name)).is_ok() {
            take(&folder, name, &mut files).unwrap_or_else(|problem| problems.push(problem));
        }
    }
    for (name, ending) in FOLDERS {
        below(&folder, name, ending, &mut files, &mut problems);
    }
    if !problems.is_empty() {
        for problem in &mut problems {
            if let Some(Place::Path(path)) = &mut problem.place {
                *path = format!("{}/{path}", at.trim_end_matches('/'));
            }
        }
        return Err(problems.into());
    }
    Ok(Layer::read(at, files)?)
}

fn below(root: &Path, start: &str, ending: &str, files: &mut Files, problems: &mut Vec<Problem>) {
    let mut folders = vec![start.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{folder}/{name}");
            let metadata = entry.metadata();
            if metadata.as_ref().is_ok_and(fs::Metadata::is_dir) {
                folders.push(path);
            } else if name.ends_with(ending) {
                take(root, &path, files).unwrap_or_else(|problem| problems.push(problem));
            }
            if files.len() > MOST {
                problems.push(
                    Problem::new(
                        format!("the pack has more than {MOST} files"),
                        "packs are read whole each time",
                        "check whether it is the folder that you meant",
                    )
                    .at(Some(Place::Path(folder))),
                );
                return;
            }
        }
    }
}

/// Reads one file, if it is one.
fn take(root: &Path, path: &str, files: &mut Files) -> Result<(), Problem> {
    let problem = |what: &str, why: &str, help: &str| {
        Err(Problem::new(format!("{path} {what}"), why, help).at(Some(Place::Path(path.to_owned()))))
    };
    let target = root.join(path);
    match fs::symlink_metadata(&target) {
        Ok(metadata) if metadata.is_symlink() => {
            return problem(
                "is a link",
                "links are never followed: they may lead out of the pack",
                "put the file itself there",
            );
        }
        Ok(metadata) if !metadata.is_file() => {
            return problem("is no plain file", "a pack consists of texts", "remove it");
        }
        Ok(metadata) if metadata.len() > LARGEST as u64 => {
            return problem("is too long", &format!("a text of a pack has at most {LARGEST} bytes"), "split it");
        }
        Ok(_) => {}
        Err(error) => return problem("cannot be read", &error.to_string(), "make it readable"),
    }
    match fs::read(&target).map(String::from_utf8) {
        Ok(Ok(text)) => {
            files.insert(path.to_owned(), text.into());
            Ok(())
        }
        Ok(Err(_)) => problem("is not UTF-8", "a pack consists of texts", "save it as UTF-8"),
        Err(error) => problem("cannot be read", &error.to_string(), "make it readable"),
    }
}
