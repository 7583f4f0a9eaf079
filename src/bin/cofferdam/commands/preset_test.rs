//! `preset test`: the cases of a pack, held against what they are expected to give.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ArgMatches;
use cofferdam::cases::{self, Difference, Results};
use cofferdam::pack::{self, Layer, Pack};
use cofferdam::problem::{Place, Problem};
use cofferdam::reconcile::OnDisk;
use cofferdam::report::Verdict;

use crate::disk::{A_FOLDER, Project};
use crate::prompt::Prompt;
use crate::{Failure, Outcome, difference, packs, terminal};

const EXPECTED: &str = "expected";

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let at = matches.get_one::<PathBuf>("pack").cloned().unwrap_or_else(|| ".".into()).display().to_string();
    let own = packs::read(".".as_ref(), &at)?;
    // Ours lies on nothing.
    let layers = if own.name.as_str() == pack::BUILT_IN { vec![own] } else { vec![Layer::built_in()?, own] };
    let pack = Pack::read(layers)?;
    let folder = Project::open(at.as_ref())?;
    let mut results = cases::run(&pack, &at, &expected(&folder)?)?;
    let format = matches.get_one::<String>("format").map_or("text", String::as_str);
    let mut text = String::new();
    if format == "text" {
        // A file that is new, or left over, is read as a file.
        let changed = results.differences.iter().filter(|one| one.expected.is_some() && one.found.is_some());
        text = changed.map(|difference| shown(difference, difference::printed)).collect();
    }
    if matches.get_flag("update") || matches.get_flag("review") {
        let taken = if matches.get_flag("review") { review(&results)? } else { results.differences.clone() };
        for difference in &taken {
            write(&folder, difference)?;
        }
        results.differences.retain(|difference| !taken.contains(difference));
        text = taken.iter().map(|difference| format!("  updated  {EXPECTED}/{}\n", difference.path)).collect();
    }
    let verdict = match (results.has_failed(), results.differences.is_empty()) {
        (true, _) => Verdict::Failed,
        (_, false) => Verdict::Drift,
        _ => Verdict::Fine,
    };
    let format = cases::FORMATS.iter().find(|known| known.name == format).unwrap_or(&cases::FORMATS[0]);
    text.push_str(&(format.render)(&results));
    Ok(Outcome { text, verdict })
}

/// The files below the folder of what is expected.
fn expected(folder: &Project) -> Result<cases::Files, Failure> {
    let mut files = BTreeMap::new();
    let mut folders = vec![EXPECTED.to_owned()];
    while let Some(path) = folders.pop() {
        for entry in fs::read_dir(folder.root.join(&path)).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{path}/{name}");
            match folder.on_disk(&path) {
                Some(OnDisk::Text(text)) => {
                    files.insert(path[EXPECTED.len() + 1..].to_owned(), text);
                }
                Some(OnDisk::Other(A_FOLDER)) => folders.push(path),
                Some(OnDisk::Other(kind)) => {
                    return Err(Problem::new(
                        format!("{path} is {kind}"),
                        "what is expected is compared as text, and links are never followed",
                        "remove it",
                    )
                    .at(Some(Place::Path(path)))
                    .into());
                }
                None => {}
            }
        }
    }
    Ok(files)
}

fn shown(Difference { path, expected, found, .. }: &Difference, show: fn(&str, &str, &str) -> String) -> String {
    fn text(text: &Option<Arc<str>>) -> &str {
        text.as_deref().unwrap_or_default()
    }
    show(&format!("{EXPECTED}/{path}"), text(expected), text(found))
}

/// One after the other, as a person decides.
fn review(results: &Results) -> Result<Vec<Difference>, Failure> {
    if !terminal::can_ask() {
        return Err(Problem::new(
            "nobody can be asked here",
            "each difference is read by a person, and this is no terminal",
            "give `--update` to take them all",
        )
        .into());
    }
    let prompt = Prompt::new().map_err(|error| Problem::internal("the terminal", error.to_string()))?;
    let mut taken = Vec::new();
    for difference in &results.differences {
        terminal::say(&shown(difference, difference::for_people));
        let items = ["take it".to_owned(), "leave it".to_owned(), "take it and all that follow".to_owned()];
        match prompt.select(&format!("{EXPECTED}/{}", difference.path), &items, 0)? {
            Some(0) => taken.push(difference.clone()),
            Some(2) => {
                let rest = results.differences.iter().skip_while(|other| *other != difference);
                taken.extend(rest.cloned());
                break;
            }
            _ => {}
        }
    }
    Ok(taken)
}

fn write(folder: &Project, difference: &Difference) -> Result<(), Failure> {
    let path = format!("{EXPECTED}/{}", difference.path);
    let target = folder.root.join(&path);
    let written = match &difference.found {
        Some(text) => {
            if matches!(folder.on_disk(&path), Some(OnDisk::Other(_))) {
                return Err(
                    Problem::new(format!("{path} is no plain file"), "links are never followed", "remove it").into()
                );
            }
            let made = target.parent().map_or(Ok(()), fs::create_dir_all);
            made.and_then(|()| fs::write(&target, &**text))
        }
        None => fs::remove_file(&target).map(|()| {
            // Folders that only held what was removed.
            let mut above = target.parent();
            while let Some(folder) = above.filter(|folder| fs::remove_dir(folder).is_ok()) {
                above = folder.parent();
            }
        }),
    };
    written.map_err(|error| {
        Problem::new(format!("cannot write {path}"), error.to_string(), "make it writable, and run this again").into()
    })
}
