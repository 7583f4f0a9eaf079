//! A person's own editor, on a copy: the file itself is written with everything else, or not at all.

use std::fs;
use std::process::Command;

use cofferdam::problem::Problem;

/// What a person made of a text; None where they changed nothing.
pub(crate) fn edit(path: &str, text: &str) -> Result<Option<String>, Problem> {
    let editor =
        ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let failed = |why: String| {
        Problem::new(format!("`{editor}` did not edit {path}"), why, "set `EDITOR` to an editor that works here")
    };
    // The name tells the editor what kind of text it is.
    let name = path.rsplit('/').next().unwrap_or(path);
    let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
    let copy = folder.path().join(name);
    fs::write(&copy, text).map_err(|error| failed(error.to_string()))?;
    // Editors are given with arguments too: `code --wait`.
    let status = Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(&copy).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(failed(status.to_string())),
        Err(error) => return Err(failed(error.to_string())),
    }
    let edited = fs::read_to_string(&copy).map_err(|error| failed(error.to_string()))?;
    Ok((edited != text).then_some(edited))
}
