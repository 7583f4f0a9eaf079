//! `add`: one more service in a project that exists.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;
use cofferdam::answers::layer::Layer as _;
use cofferdam::answers::raw::{Origin, Raw};
use cofferdam::answers::{Answers, file};
use cofferdam::interview::Interview;
use cofferdam::pack::Pack;
use cofferdam::problem::{Place, Problem};
use cofferdam::questions;
use cofferdam::reconcile::OnDisk;

use super::comparison::{Comparison, Wishes};
use super::opened::Opened;
use super::wizard::{self, Ending};
use super::write::{self, Mode};
use crate::disk::Project;
use crate::scan::scan;
use crate::transaction::Op;
use crate::{Failure, Outcome};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let folder = super::folder(matches);
    let root = matches
        .get_one::<PathBuf>("root")
        .cloned()
        .or_else(|| super::above(&folder, file::NAME))
        .unwrap_or_else(|| ".".into());
    let project = Project::open(&root)?;
    let mode = Mode::of(matches);
    let turn = mode.turn(&project)?;
    let service = Project::open(&folder)?;
    let mut opened = Opened::new(project)?;
    let existing = opened.answers.clone();
    let pack = Pack::read(opened.layers.clone())?;
    let mut given = wizard::flags(matches, &pack)?;
    let misplaced = pack.asked.iter().filter(|asked| given.project.extra.contains_key(asked.key.as_str()));
    let place = Some(Place::Flag("--extra".to_owned()));
    let misplaced: Vec<Problem> = misplaced.map(|asked| asked.misplaced(&asked.path).at(place.clone())).collect();
    if !misplaced.is_empty() {
        return Err(misplaced.into());
    }
    let below = below(&opened.project.root, &service.root)?;
    given.service.path = Some(Raw::new(below.clone(), Origin::Default));
    let shares_folder =
        existing.services.values().any(|other| other.path.as_ref().map_or(".", |raw| raw.text.as_str()) == below);
    let extra = questions::rows(&pack.asked);
    let joins = Some(existing.project.clone());
    let mut interview = Interview::new(
        &pack,
        &extra,
        scan(&service.root, pack.presets.files_of_facts()),
        &service.name(),
        given,
        joins,
        shares_folder,
    );
    let join = |new: &Answers| -> Result<Answers, Failure> {
        let mut all = existing.clone();
        for (name, service) in &new.services {
            if all.services.contains_key(name) {
                return Err(Problem::new(
                    format!("there is a service `{name}` already"),
                    "names are unique in a project",
                    "give another `--name`, or edit cofferdam.yaml and run `cofferdam generate`",
                )
                .at(Some(Place::Path(file::NAME.to_owned())))
                .into());
            }
            all.services.insert(name.clone(), service.clone());
        }
        all.project = all.project.over(new.project.clone());
        Ok(all)
    };
    let Ending { answers, .. } = wizard::run(&mut interview, matches, &pack, join)?;
    let mut new_text = opened.migrated.as_ref().unwrap_or(&opened.text).to_string();
    for (name, service) in answers.services.iter().filter(|(name, _)| !existing.services.contains_key(*name)) {
        new_text = file::with_service(&new_text, name, service).ok_or_else(|| {
            let mut block = String::new();
            cofferdam::yaml::emit::block(&serde_json::json!({ name: file::value(service) }), 2, &mut block);
            Problem::new(
                format!("the service cannot be added to {} without touching the rest", file::NAME),
                "its `services:` are not an indented block",
                format!("add this below `services:`, and run `cofferdam generate`:\n{block}"),
            )
        })?;
    }
    let op = Op::new(file::NAME, Some(new_text.into()), Some(&OnDisk::Text(Arc::clone(&opened.text))));
    opened.answers = answers;
    opened.pack = pack.clone();
    let comparison = Comparison::new(&opened, &Wishes::new())?;
    let Some(turn) = turn else { return Ok(write::preview(&opened.project, &comparison, &[op], mode)) };
    let mut outcome = write::write(&opened.project, &turn, &comparison, vec![op])?;
    outcome.text = format!("{:>9}  {}\n{}", "updated", file::NAME, outcome.text);
    Ok(outcome)
}

/// The service's folder as a path below the project's.
fn below(root: &Path, folder: &Path) -> Result<String, Failure> {
    let (Ok(root), Ok(folder)) = (fs::canonicalize(root), fs::canonicalize(folder)) else {
        return Ok(".".to_owned());
    };
    match folder.strip_prefix(&root) {
        Ok(path) if path.as_os_str().is_empty() => Ok(".".to_owned()),
        Ok(path) => Ok(path.to_string_lossy().into_owned()),
        Err(_) => Err(Problem::new(
            format!("{} is not below {}", folder.display(), root.display()),
            "a project's services live in its folder",
            "name a folder below the one that holds cofferdam.yaml",
        )
        .into()),
    }
}
