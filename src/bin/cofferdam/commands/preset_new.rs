//! `preset new`: a pack with one preset, one case and what it gives, ready to be tested.

use std::fs;
use std::path::PathBuf;

use clap::ArgMatches;
use cofferdam::cases;
use cofferdam::pack::{Files, Layer, Pack};
use cofferdam::problem::{Place, Problem};

use crate::{Failure, Outcome};

/// What a new pack begins with. `NAME` is its name.
const FILES: [(&str, &str); 6] = [
    ("pack.yaml", include_str!("../new/pack.yaml")),
    ("changes.yaml", include_str!("../new/changes.yaml")),
    ("presets/NAME-rust.yaml", include_str!("../new/preset.yaml")),
    ("cases/NAME-rust/web.yaml", include_str!("../new/case.yaml")),
    ("templates/deploy/service/_labels.yaml.j2", include_str!("../new/labels.yaml.j2")),
    ("README.md", include_str!("../new/README.md")),
];

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let folder = matches.get_one::<PathBuf>("folder").cloned().unwrap_or_default();
    let name = matches.get_one::<String>("name").cloned().or_else(|| Some(folder.file_name()?.to_str()?.to_owned()));
    let name = name.unwrap_or_else(|| "house".to_owned());
    if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Problem::new(
            format!("{} is not empty", folder.display()),
            "a new pack would mix with what is there",
            "name another folder",
        )
        .at(Some(Place::Path(folder.display().to_string())))
        .into());
    }
    let texts = FILES.map(|(path, text)| (path.replace("NAME", &name), text.replace("NAME", &name)));
    let pack_files: Files = texts.iter().cloned().map(|(path, text)| (path, text.into())).collect();
    let pack = Pack::read(vec![Layer::built_in()?, Layer::read(&folder.display().to_string(), pack_files)?])?;
    let mut files: Vec<(String, String)> = texts.into();
    for case in cases::run(&pack, &name, &cases::Files::new())?.cases {
        let given = case.result?;
        files
            .extend(given.into_iter().map(|(path, text)| (format!("expected/{}/{path}", case.name), text.to_string())));
    }
    let mut out = String::new();
    for (path, text) in &files {
        let target = folder.join(path);
        let made = target.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&target, text)).map_err(|error| {
            Problem::new(
                format!("cannot write {}", target.display()),
                error.to_string(),
                "make the folder writable, and run this again",
            )
        })?;
        if !path.starts_with("expected/") {
            out.push_str(&format!("{:>9}  {}\n", "wrote", target.display()));
        }
    }
    let at = folder.display();
    out.push_str(&format!(
        "{:>9}  {} files below {at}/expected\n\nNext:\n  cofferdam preset test {at}\n  add `packs: [ {{ path: {at} }} ]` to a \
         cofferdam.yaml, with the path from there\n",
        "wrote",
        files.len() - FILES.len()
    ));
    Ok(Outcome::fine(out))
}
