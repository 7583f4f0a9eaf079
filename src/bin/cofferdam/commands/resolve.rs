//! `resolve`: a person's decision about what is in conflict, field by field, and about files that they deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::ArgMatches;
use cofferdam::merge::{Choice, Open};
use cofferdam::problem::{Problem, shown};
use cofferdam::reconcile::{Change, ChangeSet, Conflict, FileChange, OnDisk, Wish};
use cofferdam::report::{self, value};
use cofferdam::verify::is_yaml;
use cofferdam::yaml::read::read;

use super::comparison::{Comparison, Wishes, unknown};
use super::decide::{Desk, is_no_file};
use crate::disk::Project;
use crate::prompt::Prompt;
use crate::{Failure, Outcome, difference, editor, terminal};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let desk = Desk::open(matches)?;
    let now = desk.now()?;
    let paths = desk.named(matches, &now, |change| is_open(&change.change));
    let problems: Vec<Problem> = paths.iter().filter_map(|path| refusal(path, &now)).collect();
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let choice = match (matches.get_flag("take"), matches.get_flag("keep")) {
        (true, _) => Some(Choice::Take),
        (_, true) => Some(Choice::Keep),
        _ => None,
    };
    let fields: Vec<&String> = matches.get_many("field").into_iter().flatten().collect();
    let open: Vec<(&str, &FileChange)> = if paths.is_empty() {
        let waits = |change: &FileChange| match change.change {
            Change::Conflict(_) => true,
            Change::Deleted(deletion) => !deletion.noted || deletion.outdated || deletion.guards,
            _ => false,
        };
        let waiting = now.changes.iter().filter(|(_, change)| waits(change));
        waiting.map(|(path, change)| (path.as_str(), change)).collect()
    } else {
        paths.iter().filter_map(|path| Some((path.as_str(), now.changes.get(path)?))).collect()
    };
    if open.is_empty() {
        return Ok(Outcome::fine("nothing is open\n"));
    }
    let Some(choice) = choice else {
        if !terminal::can_ask() {
            return Err(Problem::new(
                "nobody can be asked here",
                "each decision is a person's, and this is no terminal",
                "name the files, with `--keep` or `--take`",
            )
            .into());
        }
        let (wishes, edited) = ask(&desk, &open)?;
        return if wishes.is_empty() {
            Ok(Outcome::fine("nothing was decided, and nothing was written\n"))
        } else {
            desk.write(&wishes, &edited)
        };
    };
    if paths.is_empty() {
        return Err(Problem::new(
            "no file is named",
            "`--take` and `--keep` decide about files",
            format!("name them: {}", open.iter().map(|(path, _)| *path).collect::<Vec<_>>().join(" ")),
        )
        .into());
    }
    let wish = |path: &str, change: &FileChange| -> Result<Wish, Problem> {
        if fields.is_empty() {
            return Ok(if choice == Choice::Take { Wish::Take } else { Wish::Keep });
        }
        let known = |field: &&String| change.open.iter().any(|open| open.at == **field);
        match fields.iter().find(|field| !known(field)) {
            Some(field) => {
                let known = change.open.iter().map(|open| open.at.as_str());
                let mut problem = unknown(field, known, &format!("open in {path}"));
                "only fields that both have changed wait for a decision".clone_into(&mut problem.why);
                Err(problem)
            }
            None => Ok(Wish::Fields(fields.iter().map(|field| ((*field).clone(), choice)).collect())),
        }
    };
    let mut wishes = Wishes::new();
    for (path, change) in open {
        wishes.insert(path.to_owned(), wish(path, change)?);
    }
    desk.write(&wishes, &BTreeMap::new())
}

fn is_open(change: &Change) -> bool {
    matches!(change, Change::Conflict(_) | Change::Deleted(_))
}

/// Why a file cannot be decided about, if it cannot.
fn refusal(path: &str, now: &ChangeSet) -> Option<Problem> {
    match now.changes.get(path).map(|change| &change.change) {
        Some(Change::Conflict(Conflict::Type(kind))) => Some(is_no_file(path, kind)),
        Some(Change::Conflict(Conflict::Markers)) => Some(Problem::new(
            format!("{} holds the markers of a conflict", shown(path)),
            "what stands between them is for you to choose",
            format!(
                "edit the file until the markers are gone, or write what the templates have: `cofferdam restore {path}`"
            ),
        )),
        Some(change) if is_open(change) => None,
        _ => {
            let open = now.changes.iter().filter(|(_, change)| is_open(&change.change)).map(|(path, _)| path.as_str());
            let mut problem = unknown(path, open, "open");
            "only conflicts and deleted files wait for a decision".clone_into(&mut problem.why);
            Some(problem)
        }
    }
}

/// Asks about everything that is open. Nothing is written before the last answer.
fn ask(desk: &Desk, open: &[(&str, &FileChange)]) -> Result<(Wishes, BTreeMap<String, Arc<str>>), Failure> {
    let prompt = Prompt::new().map_err(|error| Problem::internal("the terminal", error.to_string()))?;
    let (mut wishes, mut edited) = (Wishes::new(), BTreeMap::new());
    for (path, change) in open {
        match change.change {
            Change::Conflict(Conflict::Fields) => {
                if let Some(choices) = fields(&prompt, desk, path, change, &mut edited)? {
                    wishes.insert((*path).to_owned(), Wish::Fields(choices));
                }
            }
            Change::Conflict(Conflict::NotOurs) => {
                let items = [
                    "keep it as it is".to_owned(),
                    "adopt it: yours, with what the templates have besides".to_owned(),
                    "take what the templates have, in its place".to_owned(),
                    "decide later".to_owned(),
                ];
                let wish = match prompt.select(&format!("{path} was there before cofferdam"), &items, 0)? {
                    Some(0) => Wish::Keep,
                    Some(1) => Wish::Adopt,
                    Some(2) => Wish::Take,
                    _ => continue,
                };
                wishes.insert((*path).to_owned(), wish);
            }
            Change::Deleted(_) => {
                let items = [
                    "leave it deleted".to_owned(),
                    "bring it back".to_owned(),
                    "leave it deleted, and say no more about it".to_owned(),
                    "decide later".to_owned(),
                ];
                let wish = match prompt.select(&format!("{path} was deleted"), &items, 0)? {
                    Some(0) => Wish::Keep,
                    Some(1) => Wish::Restore,
                    Some(2) => Wish::Release,
                    _ => continue,
                };
                wishes.insert((*path).to_owned(), wish);
            }
            _ => prompt.line(&format!("{path} {}", report::words(change).1)),
        }
    }
    Ok((wishes, edited))
}

/// What a person says about a field.
enum Reply {
    Choice(Choice),
    Later,
    /// They have written the file anew, and may have settled other fields with it.
    Edited(Arc<str>),
}

/// The open fields of a file, one after the other. None where nothing was decided.
fn fields(
    prompt: &Prompt,
    desk: &Desk,
    path: &str,
    change: &FileChange,
    edited: &mut BTreeMap<String, Arc<str>>,
) -> Result<Option<BTreeMap<String, Choice>>, Failure> {
    let place = change.at.as_deref().unwrap_or(path);
    let (mut choices, mut later) = (BTreeMap::new(), BTreeSet::new());
    let mut open = change.open.clone();
    while let Some(next) = open.iter().find(|open| !choices.contains_key(&open.at) && !later.contains(&open.at)) {
        match field(prompt, &desk.opened.project, path, place, next, edited)? {
            Reply::Choice(choice) => {
                choices.insert(next.at.clone(), choice);
            }
            Reply::Later => {
                later.insert(next.at.clone());
            }
            Reply::Edited(text) => {
                edited.insert(place.to_owned(), text);
                let now = Comparison::with_edits(&desk.opened, &Wishes::new(), edited)?;
                let before = std::mem::take(&mut open);
                open = now.set.changes.get(path).map(|change| change.open.clone()).unwrap_or_default();
                choices.retain(|at, _| open.iter().any(|open| open.at == *at));
                // What they have just written is what they want.
                let written =
                    open.iter().filter(|open| !before.iter().any(|old| old.at == open.at && old.ours == open.ours));
                choices.extend(written.map(|open| (open.at.clone(), Choice::Keep)));
            }
        }
    }
    Ok(Some(choices).filter(|choices| !choices.is_empty() || edited.contains_key(place)))
}

fn field(
    prompt: &Prompt,
    project: &Project,
    path: &str,
    place: &str,
    open: &Open,
    edited: &BTreeMap<String, Arc<str>>,
) -> Result<Reply, Failure> {
    let items = [
        format!("keep yours: {}", value(&open.ours)),
        format!("take theirs: {}", value(&open.theirs)),
        "edit the file".to_owned(),
        "show both".to_owned(),
        "decide later".to_owned(),
    ];
    loop {
        match prompt.select(&format!("{path}  {}", open.at), &items, 0)? {
            Some(0) => return Ok(Reply::Choice(Choice::Keep)),
            Some(1) => return Ok(Reply::Choice(Choice::Take)),
            Some(2) => {
                let before = match (edited.get(place), project.on_disk(place)) {
                    (Some(text), _) => Arc::clone(text),
                    (None, Some(OnDisk::Text(text))) => text,
                    _ => return Ok(Reply::Later),
                };
                match editor::edit(place, &before).and_then(|text| readable(place, text)) {
                    Ok(Some(text)) => return Ok(Reply::Edited(text.into())),
                    Ok(None) => prompt.line("the file was left as it is"),
                    // Nothing of what was answered before is lost by it.
                    Err(problem) => prompt.line(&format!("{problem}the file was left as it is")),
                }
            }
            Some(3) => {
                let text = |value: &Option<String>| value.as_deref().map_or(String::new(), cofferdam::merge::plain);
                prompt.line(&format!("written before: {}", value(&open.base)));
                terminal::say(&difference::for_people(&open.at, &text(&open.ours), &text(&open.theirs)));
            }
            _ => return Ok(Reply::Later),
        }
    }
}

/// What an editor left, if it can be read.
fn readable(place: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    if let Some(text) = text.as_deref().filter(|_| is_yaml(place))
        && let Err(problems) = read(place, text)
        && let Some(problem) = problems.into_iter().next()
    {
        return Err(problem);
    }
    Ok(text)
}
