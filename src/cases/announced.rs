//! What a pack tells those who take up a new version of it.

use crate::pack::{CHANGES, Layer, Pack};
use crate::preset::path_of;
use crate::problem::{Place, Problem, nearest, shown};

/// What nobody is told about the newest version, in a line; or what is wrong with what they are told.
pub(super) fn untold(pack: &Pack, top: &Layer) -> Result<Option<String>, Vec<Problem>> {
    let changes = top.changes()?;
    let newest = || changes.iter().filter(|change| change.version == top.version);
    let files = || pack.layers.iter().flat_map(|layer| layer.files.keys()).map(String::as_str);
    let template = |name: &String| (name.clone(), format!("templates/{name}.j2"));
    let preset = |name: &String| (name.clone(), path_of(name));
    // What older versions changed may be gone.
    let named = newest().flat_map(|change| {
        change.templates.iter().map(template).chain(change.presets.iter().map(preset)).collect::<Vec<_>>()
    });
    let problems: Vec<Problem> = named
        .filter(|(_, path)| !files().any(|file| file == path))
        .map(|(name, path)| {
            let help = match nearest(&path, files()) {
                Some(near) => format!("did you mean {near}?"),
                None => "name what it changed, as it is called below `templates/` or `presets/`".to_owned(),
            };
            Problem::new(
                format!("{} of {} names {}", CHANGES, top.version, shown(&name)),
                format!("there is no {path}"),
                help,
            )
            .at(Some(Place::Path(top.path(CHANGES))))
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(newest().next().is_none().then(|| format!("{}: what {} changes", top.path(CHANGES), top.version)))
}
