//! `Problem`: the one shape of a message to a person. It holds no colour and prints nothing; the shell paints it.

use std::fmt;

/// Something that stops the work, said so that a person can act on it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// What is wrong, in lower case and without a full stop; values in backticks.
    pub what: String,
    pub place: Option<Place>,
    /// The rule that it breaks.
    pub why: String,
    /// A command or a line that would be right.
    pub help: String,
}

/// Where a value came from, and so where a person would change it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Place {
    /// Lines and columns count from 1.
    File { path: String, line: usize, column: usize },
    /// A whole file or folder.
    Path(String),
    /// A command line flag, with its dashes.
    Flag(String),
    /// A value that a preset brings.
    Preset(String),
}

impl Place {
    /// The file or folder that it is in.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File { path, .. } | Self::Path(path) => Some(path),
            Self::Flag(_) | Self::Preset(_) => None,
        }
    }
}

impl Problem {
    pub fn new(what: impl Into<String>, why: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), place: None, why: why.into(), help: help.into() }
    }

    #[must_use]
    pub fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// The same, found in another file than the answers.
    #[must_use]
    pub fn within(mut self, path: &str) -> Self {
        self.place = Some(match self.place {
            Some(Place::File { line, column, .. }) => Place::File { path: path.to_owned(), line, column },
            _ => Place::Path(path.to_owned()),
        });
        self
    }

    /// A fault in a built-in template, preset or table: never the person's mistake.
    pub fn internal(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(
            format!("internal error: {}", what.into()),
            why,
            "this is a bug in cofferdam; please report it together with your cofferdam.yaml",
        )
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => write!(f, "{path}:{line}:{column}"),
            Self::Path(path) => write!(f, "{path}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Preset(id) => write!(f, "preset {id}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.what)?;
        if let Some(place) = &self.place {
            writeln!(f, "  --> {place}")?;
        }
        writeln!(f, "  why: {}", self.why)?;
        writeln!(f, "  help: {}", self.help)
    }
}

/// A value as it is shown inside a message: one line, in backticks, cut where it would flood the screen.
pub fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    let mut text: String = value.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if value.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    format!("`{}`", text.replace("\\'", "'").replace("\\\"", "\""))
}

/// Text of others as a terminal may get it: what would move the cursor, or show something else than what stands there, is
/// written out.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() && char != '\t' || misleads(char) {
            out.extend(char.escape_debug());
        } else {
            out.push(char);
        }
    }
    out
}

/// Line separators, zero-width and bidirectional marks change what a person sees.
pub(crate) fn misleads(char: char) -> bool {
    matches!(
        char,
        '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// The known word nearest to a misspelt one, where one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2.max(candidate.len() / 4) && *distance < candidate.len())
        .min()
        .map(|(_, candidate)| candidate)
}
