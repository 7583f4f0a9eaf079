//! Text to nodes, with every bound that keeps a hostile file from costing more than it is worth.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StructureStyle};

use super::node::{Entry, Kind, Node, Position};
use crate::problem::{Place, Problem, shown};

/// No manifest or answers file of a person comes near this; a larger one is refused before it is parsed.
pub const LARGEST: usize = 4 << 20;

/// How many nodes aliases may add up to ("billion laughs").
const NODE_BUDGET: usize = 500_000;

/// All documents of a text. Problems name `path`.
pub fn read(path: &str, text: &str) -> Result<Vec<Node>, Vec<Problem>> {
    let mut reader = Reader {
        path,
        events: Parser::new_from_str_with_options(
            text,
            granit_parser::options! { block_scalar_eof_without_line_feed: true, emit_comments: false },
        ),
        anchors: BTreeMap::new(),
        budget: NODE_BUDGET,
        duplicates: Vec::new(),
    };
    if text.len() > LARGEST {
        return Err(vec![
            Problem::new(
                format!("this file is {} bytes long", text.len()),
                format!("a YAML file may have {LARGEST} bytes here"),
                "split it, or check whether it is the file you meant",
            )
            .at(Some(Place::Path(path.to_owned()))),
        ]);
    }
    let documents = reader.documents().map_err(|problem| vec![*problem])?;
    if reader.duplicates.is_empty() { Ok(documents) } else { Err(reader.duplicates) }
}

struct Reader<'a, I> {
    path: &'a str,
    events: I,
    anchors: BTreeMap<usize, Node>,
    budget: usize,
    duplicates: Vec<Problem>,
}

type Step<T> = Result<T, Box<Problem>>;

impl<'t, I: Iterator<Item = Result<(Event<'t>, Span), ScanError>>> Reader<'_, I> {
    fn documents(&mut self) -> Step<Vec<Node>> {
        let mut documents = Vec::new();
        while let Some(event) = self.events.next() {
            let (event, span) = self.scanned(event)?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(..) => self.anchors.clear(),
                Event::StreamStart | Event::DocumentEnd => {}
                event => {
                    let node = self.node(event, span)?;
                    // `---` with nothing behind it is no document to anyone.
                    if !node.is_null() {
                        documents.push(node);
                    }
                }
            }
        }
        Ok(documents)
    }

    fn node(&mut self, event: Event<'t>, span: Span) -> Step<Node> {
        let at = position(span.start);
        let mut end = position(span.end);
        self.spend(1, at)?;
        let (anchor, kind) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (anchor, Kind::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain && tag.is_none() })
            }
            Event::SequenceStart(style, anchor, _) => {
                let mut items: Vec<Node> = Vec::new();
                loop {
                    let (event, span) = self.next(at)?;
                    if matches!(event, Event::SequenceEnd) {
                        end = end_of(style, &span, items.last());
                        break;
                    }
                    items.push(self.node(event, span)?);
                }
                (anchor, Kind::Sequence(items))
            }
            Event::MappingStart(style, anchor, _) => {
                let (entries, span) = self.entries(at)?;
                end = end_of(style, &span, entries.last().map(|entry| &entry.value));
                (anchor, Kind::Mapping(entries))
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let Some(node) = node else {
                    return Err(self.problem(at, "this alias refers to nothing that stands before it"));
                };
                self.spend(size(&node), at)?;
                (0, node.kind)
            }
            other => return Err(self.problem(at, format!("unexpected {other:?}"))),
        };
        let node = Node { at, end, kind };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    /// The entries, and where the event that ended them stands.
    fn entries(&mut self, at: Position) -> Step<(Vec<Entry>, Span)> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = BTreeSet::new();
        loop {
            let (event, span) = self.next(at)?;
            if matches!(event, Event::MappingEnd) {
                return Ok((entries, span));
            }
            let key_at = position(span.start);
            let Kind::Scalar { text: key, plain } = self.node(event, span)?.kind else {
                return Err(self.problem(key_at, "a key must be one word, not a list or a map"));
            };
            let (event, span) = self.next(key_at)?;
            let value = self.node(event, span)?;
            if !seen.insert(key.clone()) {
                self.duplicates.push(
                    Problem::new(
                        format!("the key {} stands here a second time", shown(&key)),
                        "readers disagree about which of two equal keys counts",
                        "keep one of them",
                    )
                    .at(self.place(key_at)),
                );
            }
            let merges = plain && key == "<<";
            entries.push(Entry { key, key_at, merges, value });
        }
    }

    fn next(&mut self, after: Position) -> Step<(Event<'t>, Span)> {
        match self.events.next() {
            Some(event) => self.scanned(event),
            None => Err(self.problem(after, "the file ends in the middle of this")),
        }
    }

    fn scanned(&self, event: Result<(Event<'t>, Span), ScanError>) -> Step<(Event<'t>, Span)> {
        event.map_err(|error| {
            let at = Position { line: error.marker().line().max(1), column: error.marker().col() + 1 };
            self.problem(at, error.to_string())
        })
    }

    fn spend(&mut self, nodes: usize, at: Position) -> Step<()> {
        match self.budget.checked_sub(nodes) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            None => Err(self.problem(at, format!("more than {NODE_BUDGET} values, aliases counted in full"))),
        }
    }

    fn problem(&self, at: Position, why: impl Into<String>) -> Box<Problem> {
        Box::new(
            Problem::new(
                "this is not valid YAML",
                why,
                "check the indentation and quote values that hold `: `, `#`, `{` or `*`",
            )
            .at(self.place(at)),
        )
    }

    fn place(&self, at: Position) -> Option<Place> {
        Some(Place::File { path: self.path.to_owned(), line: at.line, column: at.column })
    }
}

fn position(marker: Marker) -> Position {
    Position { line: marker.line().max(1), column: marker.col() + 1 }
}

/// A block has no end of its own: its last value's is meant.
fn end_of(style: StructureStyle, span: &Span, last: Option<&Node>) -> Position {
    match (style, last) {
        (StructureStyle::Block, Some(last)) => last.end,
        _ => position(span.end),
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Scalar { .. } => 0,
        Kind::Sequence(items) => items.iter().map(size).sum(),
        Kind::Mapping(entries) => entries.iter().map(|entry| size(&entry.value)).sum(),
    }
}
