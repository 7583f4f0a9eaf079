//! YAML text with the places of its nodes: what an edit cuts out and puts in, by whole lines where it can.

use std::ops::Range;

use serde_json::Value;

use super::fields::{Path, Step};
use super::lists::{self, DOCUMENTS};
use crate::yaml::node::{Entry, Kind, Node, Position};
use crate::yaml::read::read;

/// A text and its documents.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    /// Where each line begins, and where the text ends.
    starts: Vec<usize>,
    pub(super) documents: Vec<Node>,
}

/// A child of a block: an entry of a map, or an item of a list.
pub(super) struct Child<'s> {
    pub(super) step: Step,
    /// Where its key stands, or its dash.
    pub(super) at: Position,
    pub(super) value: &'s Node,
}

impl<'t> Source<'t> {
    /// None where the text is no YAML that everybody reads alike.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let documents = read("", text).ok()?;
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Some(Self { text, starts, documents })
    }

    pub(super) fn value(&self) -> Value {
        self.documents.iter().map(Node::to_kubernetes).collect()
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// A line without its end, counted from 1.
    pub(super) fn line(&self, line: usize) -> &'t str {
        self.text.get(self.start(line)..self.start(line + 1)).unwrap_or_default().trim_end_matches('\n')
    }

    /// The offset that a line begins at.
    pub(super) fn start(&self, line: usize) -> usize {
        self.starts.get(line - 1).copied().unwrap_or(self.text.len())
    }

    pub(super) fn offset(&self, at: Position) -> usize {
        let line = self.line(at.line);
        let within = line.char_indices().nth(at.column - 1).map_or(line.len(), |(offset, _)| offset);
        self.start(at.line) + within
    }

    /// The text of some lines.
    pub(super) fn slice(&self, lines: &Range<usize>) -> &'t str {
        self.text.get(self.start(lines.start)..self.start(lines.end)).unwrap_or_default()
    }

    /// The node at a path that is not empty.
    pub(super) fn node(&self, path: &Path) -> Option<&Node> {
        let (first, rest) = path.0.split_first()?;
        let Step::Item(name) = first else {
            return None;
        };
        let documents: Vec<Value> = self.documents.iter().map(Node::to_kubernetes).collect();
        let mut node = self.documents.get(lists::find(DOCUMENTS, &documents, name)?)?;
        let mut list = "";
        for step in rest {
            node = match (step, &node.kind) {
                (Step::Key(key), Kind::Mapping(entries)) => {
                    list = key;
                    &entries.iter().find(|entry| entry.key == *key)?.value
                }
                (Step::Item(name), Kind::Sequence(items)) => {
                    let values: Vec<Value> = items.iter().map(Node::to_kubernetes).collect();
                    items.get(lists::find(list, &values, name)?)?
                }
                _ => return None,
            };
        }
        Some(node)
    }

    /// The children of the block at a path, in order. None where there is no block.
    pub(super) fn children(&self, path: &Path) -> Option<Vec<Child<'_>>> {
        let node = self.node(path)?;
        if self.is_flow(node) {
            return None;
        }
        self.below(node, path)
    }

    fn below<'s>(&self, node: &'s Node, path: &Path) -> Option<Vec<Child<'s>>> {
        match &node.kind {
            Kind::Mapping(entries) => {
                let child = |entry: &'s Entry| Child {
                    step: Step::Key(entry.key.clone()),
                    at: entry.key_at,
                    value: &entry.value,
                };
                Some(entries.iter().map(child).collect())
            }
            Kind::Sequence(items) => {
                let Some(Step::Key(list)) = path.0.last() else {
                    return None;
                };
                let values: Vec<Value> = items.iter().map(Node::to_kubernetes).collect();
                let [names] = lists::names(list, [&values])?;
                let child = |(item, name)| Some(Child { step: Step::Item(name), at: self.dash(item)?, value: item });
                items.iter().zip(names).map(child).collect()
            }
            Kind::Scalar { .. } => None,
        }
    }

    /// Every child of every block, with its path, from the top down.
    pub(super) fn walk<'s>(&'s self, found: &mut impl FnMut(&Path, &[Child<'s>], usize)) {
        let documents: Vec<Value> = self.documents.iter().map(Node::to_kubernetes).collect();
        let Some([names]) = lists::names(DOCUMENTS, [&documents]) else {
            return;
        };
        for (document, name) in self.documents.iter().zip(names) {
            self.walk_below(document, &mut Path(vec![Step::Item(name)]), found);
        }
    }

    fn walk_below<'s>(&'s self, node: &'s Node, path: &mut Path, found: &mut impl FnMut(&Path, &[Child<'s>], usize)) {
        if self.is_flow(node) {
            return;
        }
        let children = self.below(node, path).unwrap_or_default();
        for (index, child) in children.iter().enumerate() {
            path.0.push(child.step.clone());
            found(path, &children, index);
            self.walk_below(child.value, path, found);
            path.0.pop();
        }
    }

    /// Where the dash of a list's item stands.
    fn dash(&self, item: &Node) -> Option<Position> {
        let before: Vec<char> = self.line(item.at.line).chars().take(item.at.column - 1).collect();
        let column = before.iter().rposition(|char| *char != ' ').filter(|index| before[*index] == '-')? + 1;
        Some(Position { line: item.at.line, column })
    }

    /// Whether a node is written in brackets.
    pub(super) fn is_flow(&self, node: &Node) -> bool {
        let first = self.text.get(self.offset(node.at)..).and_then(|rest| rest.chars().next());
        !matches!(node.kind, Kind::Scalar { .. }) && matches!(first, Some('[' | '{'))
    }

    /// Whether a node is written behind its key, in one line.
    pub(super) fn is_inline(&self, node: &Node) -> bool {
        let text = self.inline(node);
        !text.is_empty() && !text.contains('\n') && !text.starts_with(['|', '>']) && !self.is_block(node)
    }

    fn is_block(&self, node: &Node) -> bool {
        !matches!(node.kind, Kind::Scalar { .. }) && !self.is_flow(node)
    }

    /// The text of a scalar, or of a node in brackets.
    pub(super) fn inline(&self, node: &Node) -> &'t str {
        self.text.get(self.offset(node.at)..self.offset(node.end)).unwrap_or_default()
    }

    /// The last line of a child, without what stands below it.
    fn last_line(&self, at: Position, value: &Node) -> usize {
        let text = self.text.get(self.offset(value.at)..).unwrap_or_default();
        match &value.kind {
            Kind::Scalar { plain: false, .. } if text.starts_with(['|', '>']) => {
                // Its lines are those that are indented more than its key; blank ones at the end may be anybody's.
                let deeper = |line: &usize| {
                    let text = self.line(*line);
                    text.trim().is_empty() || indent(text) >= at.column
                };
                let lines = (value.at.line + 1..=self.lines()).take_while(deeper);
                lines.filter(|line| !self.line(*line).trim().is_empty()).last().unwrap_or(value.at.line)
            }
            Kind::Mapping(entries) if !self.is_flow(value) => {
                entries.last().map_or(at.line, |entry| self.last_line(entry.key_at, &entry.value))
            }
            Kind::Sequence(items) if !self.is_flow(value) => {
                items.last().map_or(at.line, |item| self.last_line(self.dash(item).unwrap_or(item.at), item))
            }
            _ => value.end.line.max(at.line),
        }
    }

    /// The lines of a child: from its key or dash to its last value, and the comments below that are indented deeper.
    pub(super) fn extent(&self, child: &Child<'_>) -> Range<usize> {
        let mut end = self.last_line(child.at, child.value) + 1;
        while end <= self.lines() && is_comment(self.line(end)) && indent(self.line(end)) >= child.at.column {
            end += 1;
        }
        child.at.line..end
    }

    /// The lines of comment right above a child: what is said about it. What stands above the first key of a
    /// document is said about the document.
    pub(super) fn remark(&self, children: &[Child<'_>], index: usize, top: bool) -> Range<usize> {
        let child = &children[index];
        let above = match index.checked_sub(1) {
            Some(before) => self.extent(&children[before]).end,
            None if top => return child.at.line..child.at.line,
            None => 1,
        };
        let mut start = child.at.line;
        while start > above && is_comment(self.line(start - 1)) && indent(self.line(start - 1)) + 1 == child.at.column {
            start -= 1;
        }
        start..child.at.line
    }

    /// Whether a child shares its first line with what holds it, as the first key of a list's item does.
    pub(super) fn is_led(&self, child: &Child<'_>) -> bool {
        indent(self.line(child.at.line)) + 1 < child.at.column
    }

    /// The lines that a document's text has to itself, from the end of the one before.
    pub(super) fn document(&self, index: usize) -> Option<Range<usize>> {
        let document = self.documents.get(index)?;
        let is_rule = |line: &usize| self.line(*line).starts_with("---");
        let start = (1..=document.at.line).rev().find(is_rule).map_or(1, |line| line + 1);
        let end = (document.at.line..=self.lines()).find(is_rule).unwrap_or(self.lines() + 1);
        (start <= document.at.line).then_some(start..end)
    }

    /// The comment behind the value or the key in a line, with where it begins.
    pub(super) fn trailing(&self, child: &Child<'_>) -> Option<(usize, &'t str)> {
        let behind = match &child.value.kind {
            Kind::Scalar { .. } if self.is_inline(child.value) => self.offset(child.value.end),
            _ if self.is_flow(child.value) => self.offset(child.value.end),
            // A block, or nothing: the comment stands behind the key.
            _ => {
                let key = self.offset(child.at);
                let line = self.text.get(key..self.start(child.at.line + 1))?;
                key + line.find(": #").or_else(|| line.find(":  #")).or_else(|| line.find("- #"))? + 1
            }
        };
        let rest = self.text.get(behind..)?.split('\n').next()?;
        let comment = rest.trim_start();
        comment.starts_with('#').then_some((behind, rest))
    }
}

pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Every comment of a text, in order.
pub(super) fn comments(text: &str) -> Vec<String> {
    let options = granit_parser::options! { block_scalar_eof_without_line_feed: true, emit_comments: true };
    let mut comments: Vec<String> = granit_parser::Parser::new_from_str_with_options(text, options)
        .map_while(Result::ok)
        .filter_map(|(event, _)| match event {
            granit_parser::Event::Comment(text, ..) => Some(text.trim().to_owned()),
            _ => None,
        })
        .collect();
    comments.sort_unstable();
    comments
}
