//! `preset fetch`: the packs of git repositories, as they are there now, into the project. No other command needs a network.

use clap::ArgMatches;
use cofferdam::lock;
use cofferdam::pack::fetched::{self, Entry, Fetched};
use cofferdam::pack::{self, Layer, Named, Pack, Repository, Source};
use cofferdam::problem::Problem;

use super::init::lacks_services;
use super::write::state_op;
use crate::disk::Project;
use crate::git::{self, Snapshot};
use crate::transaction::{self, Op, Turn};
use crate::{Failure, Outcome, packs};

/// A pack of a repository.
struct Got {
    layer: Layer,
    entry: Entry,
    is_tag: bool,
}

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::project_folder(matches))?;
    let turn = if matches.get_flag("dry-run") { None } else { Some(Turn::take(&project)?) };
    let answers = project.answers_text()?;
    let named = pack::named_in(&answers)?;
    let before = project.fetched()?;
    let got = get(&project, &named)?;
    let ops = ops(&project, &got);
    let mut text: String = got.iter().map(|got| line(&project, &before, got, turn.is_some())).collect();
    for (name, files) in packs::fetched(&project) {
        if !files.is_empty() && !got.iter().any(|got| got.layer.name == name) {
            text.push_str(&format!("{:>9}  {name}\n", if turn.is_some() { "removed" } else { "remove" }));
        }
    }
    if text.is_empty() {
        text.push_str("no pack comes from a git repository\n");
    }
    match turn {
        None => text.push_str("nothing was written\n"),
        Some(turn) => {
            let writes = !ops.is_empty();
            transaction::apply(&project, &turn, ops)?;
            if writes {
                let next = if lacks_services(&answers) {
                    "init    # asks for the rest"
                } else {
                    "diff --explain    # what it changes here"
                };
                text.push_str(&format!("\nNext:\n  cofferdam {next}\n"));
            }
        }
    }
    Ok(Outcome::fine(text))
}

/// Every pack that comes from a repository, once all that are named fit together.
fn get(project: &Project, named: &[Named]) -> Result<Vec<Got>, Failure> {
    let mut layers = vec![Layer::built_in()?];
    let mut all = Vec::new();
    if named.iter().any(|named| matches!(named.source, Source::Repository(_))) {
        git::find()?;
    }
    let read = |Named { source, place }: &Named| match source {
        Source::Folder(path) => Ok((packs::read(&project.root, path.as_str())?, None)),
        Source::Repository(repository) => {
            let placed = |problem: Problem| problem.at(place.clone());
            let snapshot = Snapshot::fetch(repository).map_err(placed)?;
            let contents = snapshot.contents(repository).map_err(placed)?;
            let layer = contents.layer()?;
            let digest = pack::digest(&layer.files);
            let entry = Entry { repository: repository.clone(), commit: snapshot.commit, digest };
            Ok((layer.clone(), Some(Got { layer, entry, is_tag: snapshot.is_tag })))
        }
    };
    for (layer, got) in Failure::unless_all(named.iter().map(read))? {
        layers.push(layer);
        all.extend(got);
    }
    Pack::read(layers)?;
    Ok(all)
}

/// What makes the project hold these packs and no others.
fn ops(project: &Project, got: &[Got]) -> Vec<Op> {
    let packs: Vec<(&Layer, &Entry)> = got.iter().map(|got| (&got.layer, &got.entry)).collect();
    let wanted = fetched::files(&packs);
    let present = packs::fetched(project).into_values().flatten().chain(fetched::beside().map(str::to_owned));
    let mut ops: Vec<Op> = Vec::new();
    for path in present.filter(|path| !wanted.contains_key(path)) {
        if let Some(seen) = project.on_disk(&path) {
            ops.push(Op::new(path, None, Some(&seen)));
        }
    }
    ops.extend(wanted.into_iter().filter_map(|(path, text)| state_op(project, &path, text)));
    if !ops.is_empty() {
        ops.extend(state_op(project, lock::IGNORE, lock::IGNORE_TEXT.into()));
    }
    ops
}

/// What became of a pack, with what nobody would expect.
fn line(project: &Project, before: &Fetched, got: &Got, writes: bool) -> String {
    let Got { layer, entry, is_tag } = got;
    let Entry { repository: Repository { revision, .. }, commit, digest } = entry;
    let here = packs::read(&project.root, &fetched::folder(&layer.name)).ok();
    let here = here.map(|layer| (pack::digest(&layer.files), layer.version));
    let word = match &here {
        Some((here, _)) if here == digest => "unchanged",
        _ if writes => "fetched",
        _ => "fetch",
    };
    let mut out = format!("{word:>9}  {} {}  {revision} at {}\n", layer.name, layer.version, commit.short());
    let mut note = |text: &str| out.push_str(&format!("{:>11}{text}\n", ""));
    let Some(old) = before.0.get(&layer.name) else { return out };
    if old.repository == entry.repository && old.commit != *commit {
        let old = old.commit.short();
        if *is_tag {
            note(&format!("the tag was at {old}, and somebody has moved it"));
        } else {
            note(&format!("it was at {old}"));
        }
    }
    match here {
        Some((here, version)) if here == old.digest => {
            if version != layer.version {
                note(&format!("it was {version}"));
            } else if here != *digest {
                note("the same version with other files");
            }
        }
        _ if old.digest == *digest => note("what was missing or changed here is as it was fetched"),
        _ => {}
    }
    out
}
