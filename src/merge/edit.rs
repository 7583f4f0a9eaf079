//! One change of a value, made in the text that holds it: the lines that it needs, and no others.
//!
//! Nothing here is trusted: whoever calls compares the value of the result with the value that was meant.

use std::ops::Range;

use serde_json::Value;

use super::fields::{Path, Step, get};
use super::source::{Child, Source, indent};
use crate::yaml::node::Kind;
use crate::yaml::scalar;

/// `text` with the field at a path as it is in `from`: put in, replaced, or taken away where `from` has none.
/// `meant` is the value of the result, for what is written in brackets. None where the text has no place for it.
pub(super) fn apply(text: &Source<'_>, from: &Source<'_>, at: &Path, meant: &Value) -> Option<String> {
    let (last, above) = at.0.split_last()?;
    let parent = Path(above.to_vec());
    if parent.0.is_empty() {
        return document(text, from, at);
    }
    if let Some(bracket) = bracket(text, at) {
        let node = text.node(&bracket)?;
        let new = scalar::flow(get(meant, &bracket)?);
        return Some(replaced(text, text.offset(node.at)..text.offset(node.end), &new));
    }
    let children = text.children(&parent)?;
    let new = from.node(at).is_some();
    match (children.iter().position(|child| child.step == *last), new) {
        (None, false) => None,
        (Some(index), false) => remove(text, &parent, &children, index),
        (Some(index), true) => replace(text, &children[index], from, at),
        (None, true) => insert(text, &parent, &children, from, at),
    }
}

/// The outermost node in brackets on the way to a path, the field itself aside.
fn bracket(text: &Source<'_>, at: &Path) -> Option<Path> {
    let above = (1..at.0.len()).map(|depth| Path(at.0[..depth].to_vec()));
    above.into_iter().find(|path| text.node(path).is_some_and(|node| text.is_flow(node)))
}

fn replaced(text: &Source<'_>, range: Range<usize>, new: &str) -> String {
    let mut out = text.text.to_owned();
    out.replace_range(range, new);
    out
}

/// A whole document comes at the end, or goes with its rule.
fn document(text: &Source<'_>, from: &Source<'_>, at: &Path) -> Option<String> {
    let index = |source: &Source<'_>| {
        let node = source.node(at)?;
        source.documents.iter().position(|document| std::ptr::eq(document, node))
    };
    match (index(text), index(from)) {
        (None, Some(index)) => {
            let lines = from.slice(&from.document(index)?);
            Some(format!("{}---\n{}", text.text, lines))
        }
        (Some(index), None) => {
            let lines = text.document(index)?;
            let rule = lines.start.saturating_sub(1).max(1);
            // The first document has no rule above it: the one below goes.
            let lines = if index == 0 && rule == lines.start { lines.start..lines.end + 1 } else { rule..lines.end };
            Some(replaced(text, text.start(lines.start)..text.start(lines.end), ""))
        }
        _ => None,
    }
}

fn remove(text: &Source<'_>, parent: &Path, children: &[Child<'_>], index: usize) -> Option<String> {
    let child = &children[index];
    let next = children.get(index + 1);
    if text.is_led(child) {
        // The dash before it stays, for the next key.
        let next = next?;
        return Some(replaced(text, text.offset(child.at)..text.offset(next.at), ""));
    }
    if children.len() == 1 {
        return None;
    }
    let start = text.remark(children, index, parent.0.len() == 1).start;
    let lines = start..text.extent(child).end;
    Some(replaced(text, text.start(lines.start)..text.start(lines.end), ""))
}

fn replace(text: &Source<'_>, child: &Child<'_>, from: &Source<'_>, at: &Path) -> Option<String> {
    let new = from.node(at)?;
    if text.is_inline(child.value) && from.is_inline(new) {
        let range = text.offset(child.value.at)..text.offset(child.value.end);
        return Some(replaced(text, range, from.inline(new)));
    }
    let (siblings, index) = place(from, at)?;
    let lines = from.extent(&siblings[index]);
    let chunk = moved(from, &siblings[index], lines, child.at.column)?;
    let start = text.offset(child.at);
    let end = text.start(text.extent(child).end);
    Some(replaced(text, start..end, chunk.get(child.at.column - 1..)?))
}

fn insert(text: &Source<'_>, parent: &Path, children: &[Child<'_>], from: &Source<'_>, at: &Path) -> Option<String> {
    let (siblings, index) = place(from, at)?;
    let first = children.first()?;
    let column = first.at.column;
    let top = parent.0.len() == 1;
    let remark = from.remark(&siblings, index, top);
    let lines = remark.start..from.extent(&siblings[index]).end;
    let chunk = moved(from, &siblings[index], lines, column)?;
    // Behind the nearest of those that stand before it there.
    let before =
        siblings[..index].iter().rev().find_map(|sibling| children.iter().position(|child| child.step == sibling.step));
    let line = match before {
        Some(before) => text.extent(&children[before]).end,
        // A key that shares its line with a dash stays where it is.
        None if text.is_led(first) => text.extent(first).end,
        None => text.remark(children, 0, top).start,
    };
    let start = text.start(line);
    let missing = if text.text[..start].ends_with('\n') || start == 0 { "" } else { "\n" };
    Some(replaced(text, start..start, &format!("{missing}{chunk}")))
}

/// The block that holds a field, and where in it the field stands.
fn place<'s>(source: &'s Source<'_>, at: &Path) -> Option<(Vec<Child<'s>>, usize)> {
    let (last, above) = at.0.split_last()?;
    let parent = Path(above.to_vec());
    let children = source.children(&parent)?;
    let index = children.iter().position(|child| child.step == *last)?;
    Some((children, index))
}

/// Some lines of a child, indented so that it begins in `column`. Shifting every line alike keeps any block intact.
fn moved(source: &Source<'_>, child: &Child<'_>, lines: Range<usize>, column: usize) -> Option<String> {
    let mut out = String::new();
    for line in lines {
        let mut text = source.line(line).to_owned();
        if line == child.at.line && source.is_led(child) {
            // What stands before it in its line is not its own.
            let lead: String = text.chars().take(child.at.column - 1).collect();
            text = format!("{}{}", " ".repeat(child.at.column - 1), text.get(lead.len()..)?);
        }
        if text.trim().is_empty() {
            out.push('\n');
            continue;
        }
        let depth = (indent(&text) + column).checked_sub(child.at.column)?;
        out.push_str(&format!("{}{}\n", " ".repeat(depth), text.trim_start_matches(' ')));
    }
    Some(out)
}

/// What the templates say about a field now, where a person left what they said before.
pub(super) fn remarks(base: &Source<'_>, ours: &Source<'_>, theirs: &Source<'_>) -> String {
    let (base, theirs) = (said(base), said(theirs));
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    ours.walk(&mut |path, children, index| {
        let child = &children[index];
        let (Some(base), Some(theirs)) = (base.get(path), theirs.get(path)) else {
            return;
        };
        let said = said_of(ours, children, index, path.0.len() == 2);
        if said.above == base.above && said.above != theirs.above {
            let lines = ours.remark(children, index, path.0.len() == 2);
            let pad = " ".repeat(child.at.column - 1);
            let new = theirs.above.iter().map(|line| format!("{pad}{line}\n")).collect();
            if !ours.is_led(child) {
                edits.push((ours.start(lines.start)..ours.start(lines.end), new));
            }
        }
        if said.behind == base.behind && said.behind != theirs.behind {
            let new = theirs.behind.as_deref().map_or(String::new(), |comment| format!(" {comment}"));
            match ours.trailing(child) {
                Some((offset, rest)) => edits.push((offset..offset + rest.len(), new)),
                None => {
                    let line = ours.line(child.at.line);
                    let end = ours.start(child.at.line) + line.trim_end().len();
                    // Behind a value of several lines there is no place.
                    let block = matches!(child.value.kind, Kind::Mapping(_) | Kind::Sequence(_));
                    if block || ours.is_inline(child.value) {
                        edits.push((end..end, new));
                    }
                }
            }
        }
    });
    let mut out = ours.text.to_owned();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
    edits.dedup_by(|a, b| a.0.start == b.0.start);
    for (range, new) in edits {
        out.replace_range(range, &new);
    }
    out
}

/// The comments of a field.
#[derive(Eq, PartialEq)]
pub(super) struct Said {
    pub(super) above: Vec<String>,
    pub(super) behind: Option<String>,
}

/// The comments of every field in a block.
pub(super) fn said(source: &Source<'_>) -> std::collections::BTreeMap<Path, Said> {
    let mut found = std::collections::BTreeMap::new();
    source.walk(&mut |path, children, index| {
        found.insert(path.clone(), said_of(source, children, index, path.0.len() == 2));
    });
    found
}

fn said_of(source: &Source<'_>, children: &[Child<'_>], index: usize, top: bool) -> Said {
    let lines = source.remark(children, index, top);
    let child = &children[index];
    // The first key of a list's item speaks through the item.
    let silent = matches!(child.step, Step::Key(_)) && source.is_led(child);
    Said {
        above: lines.map(|line| source.line(line).trim().to_owned()).filter(|_| !silent).collect(),
        behind: source.trailing(child).map(|(_, rest)| rest.trim().to_owned()),
    }
}
