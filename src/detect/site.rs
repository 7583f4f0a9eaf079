//! Files that are served or read as they are: a static site, and folders beside a program.

use super::{Reading, Tree, given};
use crate::answers::raw::{Origin, Raw};
use crate::spec::path::RelPath;

/// A site without a manifest: its `index.html` says where it is.
pub(super) fn read(tree: &Tree) -> Option<Reading> {
    let places = ["index.html", "public/index.html", "dist/index.html", "site/index.html", "www/index.html"];
    let file = places.into_iter().find(|file| tree.has(file))?;
    let folder = file.rsplit_once('/').map_or(".", |(folder, _)| folder);
    let mut reading = Reading { manifest: file.to_owned(), ..Reading::default() };
    reading.service.build.output = given(folder, file);
    reading.dependencies.insert("index.html".to_owned());
    Some(reading)
}

/// Folders that a compiled program reads while it runs: they exist, and the source names them in a string, and they
/// are not compiled in.
pub(super) fn folders_in_use(tree: &Tree, endings: &[&str], below: &str) -> Option<Vec<Raw<RelPath>>> {
    const USUAL: [&str; 9] =
        ["assets", "config", "i18n", "locales", "migrations", "public", "static", "templates", "ui"];
    let mut found = Vec::new();
    for folder in USUAL {
        let path = format!("{below}{folder}");
        if !tree.has_folder(&path) {
            continue;
        }
        let literals = [format!("\"{folder}\""), format!("\"./{folder}"), format!("\"{folder}/")];
        let embedded = tree.sources(endings).any(|(_, text)| {
            text.lines().any(|line| {
                let line = line.trim();
                (line.starts_with("//go:embed")
                    || line.contains("include_dir!")
                    || line.contains("include_str!")
                    || line.contains("folder =")
                    || line.contains("migrate!"))
                    && line.contains(folder)
            })
        });
        let user =
            tree.sources(endings).find(|(_, text)| literals.iter().any(|literal| text.contains(literal.as_str())));
        if let Some((file, _)) = user.filter(|_| !embedded) {
            found.push(Raw::new(path, Origin::Detected(file.to_owned())));
        }
    }
    (!found.is_empty()).then_some(found)
}
