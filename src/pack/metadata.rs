//! Labels and annotations that packs put on every service, made of answers.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::asked::{Asked, Of, RESERVED};
use crate::answers::raw::Raw;
use crate::problem::{Place, Problem, nearest, shown};
use crate::spec::name::Name;
use crate::spec::pack::LabelKey;
use crate::spec::scalar::Scalar;
use crate::spec::word::Line;

/// What cofferdam writes itself: selectors and guards go by it.
const OURS: [&str; 3] = ["app.kubernetes.io", "pod-security.kubernetes.io", "cofferdam"];

#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// On the pods and all objects of a service; on the project's too, where it says nothing about a service.
    pub labels: BTreeMap<LabelKey, Phrase>,
    /// On pods.
    pub annotations: BTreeMap<LabelKey, Phrase>,
}

/// A text with answers in it.
#[derive(Clone, Debug)]
pub struct Phrase {
    pieces: Vec<Piece>,
    /// Where a pack has it.
    pub place: Place,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    /// `{key}`.
    Answer(String),
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct PhrasesFile(BTreeMap<String, Raw<Line>>);

impl PhrasesFile {
    /// The phrases of `labels` or `annotations`, whichever `kind` names.
    pub(super) fn parse(&self, kind: &str, path: &str) -> impl Iterator<Item = Result<(LabelKey, Phrase), Problem>> {
        self.0.iter().map(move |(key, raw)| phrase(kind, path, key, raw))
    }
}

fn phrase(kind: &str, path: &str, key: &str, raw: &Raw<Line>) -> Result<(LabelKey, Phrase), Problem> {
    let key: LabelKey = Raw::new(key, raw.origin.clone()).parse(kind)?;
    let domain = key.as_str().split_once('/').map(|(domain, _)| domain);
    if domain.is_some_and(|domain| OURS.contains(&domain)) {
        let why = "cofferdam writes these itself: selectors and guards go by them";
        let help = format!("name it after a domain of your own, for example `{}`", LabelKey::EXAMPLE);
        return Err(Problem::new(format!("`{kind}` has `{key}`"), why, help).at(raw.origin.place()));
    }
    let text = raw.parse(&format!("{kind}.{key}"))?;
    Ok((key, Phrase { pieces: pieces(text.as_str()), place: raw.origin.place_in(path) }))
}

impl Metadata {
    /// What an upper pack says under the same key takes the place of what a lower one says.
    #[must_use]
    pub(super) fn over(self, mut below: Self) -> Self {
        below.labels.extend(self.labels);
        below.annotations.extend(self.annotations);
        below
    }

    /// Phrases that place what no pack asks.
    pub(super) fn problems(&self, asked: &[Asked]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (key, phrase) in self.labels.iter().chain(&self.annotations) {
            let known = || asked.iter().map(|asked| asked.key.as_str()).chain(RESERVED);
            for name in phrase.names().filter(|name| !known().any(|known| known == *name)) {
                let help = match nearest(name, known()) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => format!("ask it below `questions:`, or place one of {}", braced(known())),
                };
                let what = format!("`{key}` places {}", shown(&format!("{{{name}}}")));
                problems
                    .push(Problem::new(what, format!("no pack asks `{name}`"), help).at(Some(phrase.place.clone())));
            }
        }
        problems
    }
}

fn braced<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{{{name}}}`")).collect::<Vec<_>>().join(", ")
}

/// Braces around anything but a key are text: those of JSON, for example.
fn pieces(mut text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some((before, after)) = text.split_once('{') {
        pieces.push(Piece::Text(before.to_owned()));
        text = match after.split_once('}').filter(|(name, _)| name.parse::<Name>().is_ok()) {
            Some((name, behind)) => {
                pieces.push(Piece::Answer(name.to_owned()));
                behind
            }
            None => {
                pieces.push(Piece::Text("{".to_owned()));
                after
            }
        };
    }
    pieces.push(Piece::Text(text.to_owned()));
    pieces
}

/// As its pack has it.
impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Answer(name) => write!(f, "{{{name}}}"),
        })
    }
}

impl Phrase {
    /// The keys of the answers in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Answer(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// Whether it differs by service.
    pub fn is_of_services(&self, asked: &[Asked]) -> bool {
        let is_asked = |name: &str| asked.iter().any(|asked| asked.of == Of::Service && asked.key.as_str() == name);
        self.names().any(|name| name == "service" || is_asked(name))
    }

    /// With its answers; None where one is missing.
    pub fn filled<'a>(&'a self, answer: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
        let filled = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Answer(name) => answer(name),
        });
        filled.collect()
    }
}
