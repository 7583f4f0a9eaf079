//! Three versions of a YAML file to one: text where it fits, else field by field, and every step checked.

use std::collections::BTreeMap;

use serde_json::Value;

use super::edit;
use super::fields::{self, Change, Path, Step};
use super::keep;
use super::source::{Source, comments};
use super::text;
use super::{Choice, Kept, Merged, Open};
use crate::yaml::scalar;

/// None where one of the versions cannot be read, or where nobody can tell which document is which.
pub(super) fn merge(base: &str, ours: &str, theirs: &str, choices: &BTreeMap<String, Choice>) -> Option<Merged> {
    let (base, ours, theirs) = (Source::read(base)?, Source::read(ours)?, Source::read(theirs)?);
    let (base_value, our_value, their_value) = (base.value(), ours.value(), theirs.value());
    let keeps = keep::marks(&ours);
    let changes = fields::changes(&base_value, &our_value, &their_value);
    if changes.iter().any(|change| change.at.0.is_empty()) {
        return None;
    }
    let single = [&base, &ours, &theirs].iter().all(|source| source.documents.len() <= 1);
    let name = |path: &Path| shown(path, single);
    let (mut take, mut open) = (Vec::new(), Vec::new());
    for change in changes {
        if keeps.iter().any(|keep| change.at.starts_with(&keep.at)) {
            continue;
        }
        match choices.get(&name(&change.at)) {
            Some(Choice::Keep) => {}
            Some(Choice::Take) => take.push(Change { open: false, ..change }),
            None if change.open => open.push(change),
            None => take.push(change),
        }
    }
    let untouched = keeps.is_empty() && choices.is_empty() && open.is_empty();
    let mut is_partial = false;
    let merged_text = match text::clean(base.text, ours.text, theirs.text) {
        Some(merged) if untouched && means(&merged, &expected(&our_value, &take)) => merged,
        _ => {
            let chosen = |change: &Change| choices.contains_key(&name(&change.at));
            let (edited, refused) = apply_lists_whole(&base, &ours, &theirs, &our_value, take, &chosen);
            is_partial = !refused.is_empty();
            open.extend(refused);
            with_remarks(&base, edited, &theirs)
        }
    };
    let next = next_base(&base, &theirs, &open);
    // What did not fit beside the rest may fit by itself, now that the rest is in: the next run would find that it does.
    if is_partial && untouched && next != base.text {
        return merge(&next, &merged_text, theirs.text, choices);
    }
    let open = open.iter().map(|change| Open {
        at: name(&change.at),
        base: change.base.as_ref().map(scalar::flow),
        ours: change.ours.as_ref().map(scalar::flow),
        theirs: change.theirs.as_ref().map(scalar::flow),
    });
    let kept = keeps.iter().map(|keep| Kept {
        at: name(&keep.at),
        reason: keep.reason.clone(),
        needed: fields::get(&our_value, &keep.at) != fields::get(&their_value, &keep.at),
    });
    Some(Merged { text: merged_text, base: next, open: open.collect(), kept: kept.collect() })
}

/// The value that some changes give.
fn expected(ours: &Value, take: &[Change]) -> Value {
    let mut value = ours.clone();
    for change in take {
        let _ = fields::put(&mut value, &change.at, change.theirs.clone());
    }
    value
}

/// Whether a text is read as a value, whatever the order of lists that have none.
fn means(text: &str, value: &Value) -> bool {
    Source::read(text).is_some_and(|source| fields::canonical(&source.value()) == fields::canonical(value))
}

/// All changes that can be made. Where an item of a list must stay, none comes into that list either: the one may be in
/// the place of the other.
fn apply_lists_whole(
    base: &Source<'_>,
    ours: &Source<'_>,
    theirs: &Source<'_>,
    our_value: &Value,
    mut take: Vec<Change>,
    chosen: &impl Fn(&Change) -> bool,
) -> (String, Vec<Change>) {
    let mut open: Vec<Change> = Vec::new();
    loop {
        let (text, refused) = apply_all(base, ours, theirs, our_value, take.clone(), chosen);
        let list = |change: &Change| match change.at.0.split_last() {
            Some((Step::Item(_), list)) => Some(list.to_vec()),
            _ => None,
        };
        let stuck: Vec<_> = refused.iter().filter_map(list).collect();
        let (held, free): (Vec<Change>, Vec<Change>) = take.into_iter().partition(|change| {
            let is_refused = refused.iter().any(|refused| refused.at == change.at);
            is_refused || list(change).is_some_and(|list| stuck.contains(&list)) && !chosen(change)
        });
        let more = held.len() > refused.len();
        open.extend(held.into_iter().map(|change| Change { open: true, ..change }));
        if !more {
            return (text, open);
        }
        take = free;
    }
}

/// One change after the other, each only if the text then means what it should and no comment of a person is lost, unless
/// they chose so.
fn apply_all(
    base: &Source<'_>,
    ours: &Source<'_>,
    theirs: &Source<'_>,
    our_value: &Value,
    take: Vec<Change>,
    chosen: &impl Fn(&Change) -> bool,
) -> (String, Vec<Change>) {
    let (mut text, mut value) = (ours.text.to_owned(), our_value.clone());
    let known = comments(base.text);
    let mut refused = Vec::new();
    for change in take {
        match step(&text, &value, theirs, &change) {
            Some(next) if chosen(&change) || keeps_comments(&text, &next.0, &known) => (text, value) = next,
            _ => refused.push(Change { open: true, ..change }),
        }
    }
    (text, refused)
}

/// Whether every comment of a person is still there: those that the templates did not write.
fn keeps_comments(before: &str, after: &str, known: &[String]) -> bool {
    let mut left = comments(after);
    comments(before)
        .into_iter()
        .filter(|comment| !known.contains(comment))
        .all(|comment| left.iter().position(|other| *other == comment).map(|index| left.remove(index)).is_some())
}

fn with_remarks(base: &Source<'_>, text: String, theirs: &Source<'_>) -> String {
    let Some(ours) = Source::read(&text) else {
        return text;
    };
    let said = edit::remarks(base, &ours, theirs);
    let fits = means(&said, &ours.value()) && keeps_comments(&text, &said, &comments(base.text));
    if fits { said } else { text }
}

/// What the next merge starts from: what the templates have now, but for the fields that wait for a decision.
fn next_base(base: &Source<'_>, theirs: &Source<'_>, open: &[Change]) -> String {
    let (mut text, mut value) = (theirs.text.to_owned(), theirs.value());
    for change in open {
        let back = Change { theirs: change.base.clone(), ..change.clone() };
        match step(&text, &value, base, &back) {
            Some(next) => (text, value) = next,
            // Then nothing moves on: what was taken is the same on both sides, and what is open stays so.
            None => return base.text.to_owned(),
        }
    }
    text
}

/// One change in a text and in its value, if the text then means the value.
fn step(text: &str, value: &Value, from: &Source<'_>, change: &Change) -> Option<(String, Value)> {
    let mut meant = value.clone();
    fields::put(&mut meant, &change.at, change.theirs.clone())?;
    let edited = edit::apply(&Source::read(text)?, from, &change.at, &meant)?;
    means(&edited, &meant).then_some((edited, meant))
}

/// A path as people write it. Where files hold one document, it is not named.
fn shown(path: &Path, single: bool) -> String {
    let skip = usize::from(single && path.0.len() > 1 && matches!(path.0.first(), Some(Step::Item(_))));
    Path(path.0[skip..].to_vec()).to_string()
}

/// What a person changed, field by field. None where a version cannot be read.
pub(super) fn edits(base: &str, ours: &str) -> Option<Vec<Open>> {
    let (base, ours) = (Source::read(base)?, Source::read(ours)?);
    let single = base.documents.len() <= 1 && ours.documents.len() <= 1;
    let (before, after) = (base.value(), ours.value());
    let edit = |change: Change| Open {
        at: shown(&change.at, single),
        base: change.base.as_ref().map(scalar::flow),
        ours: change.theirs.as_ref().map(scalar::flow),
        theirs: change.base.as_ref().map(scalar::flow),
    };
    Some(fields::changes(&before, &before, &after).into_iter().map(edit).collect())
}
