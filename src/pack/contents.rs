//! What belongs to a pack, and how much of it may: the same wherever its files are read from.

use super::layer::{CHANGES, Files, HEAD, Layer, digest, joined};
use crate::lock;
use crate::problem::Problem;
use crate::yaml::read::LARGEST;

/// More files than any pack has that people wrote.
const MOST: usize = 5_000;

/// Where the files of a pack stand, from its folder: two texts, and folders with the ending of what is read there.
const PLACES: [(&str, &str); 5] =
    [(HEAD, ""), (CHANGES, ""), ("presets", ".yaml"), ("templates", ".j2"), ("cases", ".yaml")];

/// What stands at a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Found {
    File { size: u64 },
    Link,
    Other,
}

/// A pack while its files are gathered.
pub struct Contents {
    at: String,
    files: Files,
    /// What stands where files of a pack stand, and is none.
    ignored: Vec<String>,
    problems: Vec<Problem>,
}

impl Contents {
    /// Of the pack whose folder messages call `at`.
    pub fn new(at: &str) -> Self {
        Self { at: at.to_owned(), files: Files::new(), ignored: Vec::new(), problems: Vec::new() }
    }

    /// Where to look. Everything at and below these is shown to [`Self::take`].
    pub fn places() -> impl Iterator<Item = &'static str> {
        PLACES.into_iter().map(|(place, _)| place)
    }

    /// Takes a file in, if it belongs to a pack. `read` is asked for those alone.
    pub fn take(&mut self, path: &str, found: Found, read: impl FnOnce() -> Result<Vec<u8>, String>) {
        // As it can be printed.
        let shown = path.escape_debug().to_string();
        match text(path, found, read) {
            Ok(Some(text)) => {
                self.files.insert(path.to_owned(), text.into());
            }
            Ok(None) => {
                let name = path.rsplit('/').next().unwrap_or(path);
                if path.contains('/') && !name.starts_with('.') && !name.starts_with("README") {
                    self.ignored.push(shown);
                }
            }
            Err((what, why, help)) => {
                let problem = Problem::new(format!("{shown} {what}"), why, help);
                self.problems.push(problem.within(&joined(&self.at, &shown)));
            }
        }
    }

    /// Whether there is so much that nobody need look on.
    pub fn is_full(&self) -> bool {
        self.files.len() > MOST
    }

    /// Of the files, unless something is wrong with one.
    pub fn digest(&self) -> Option<String> {
        self.problems.is_empty().then(|| digest(&self.files))
    }

    pub fn layer(mut self) -> Result<Layer, Vec<Problem>> {
        self.problems.sort_by(|one, other| one.place.cmp(&other.place));
        if self.is_full() {
            let problem = Problem::new(
                format!("the pack has more than {MOST} files"),
                "packs are read whole each time",
                "check whether it is the folder that you meant",
            );
            self.problems.push(problem.within(&self.at));
        } else if self.problems.is_empty() && !self.files.contains_key(HEAD) {
            let problem = Problem::new(
                format!("there is no pack in {}", self.at),
                format!("the folder of a pack holds `{HEAD}`"),
                "name another folder, or begin a pack there with `cofferdam preset new`",
            );
            self.problems.push(problem.within(&self.at));
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let mut layer = Layer::read(&self.at, self.files)?;
        layer.ignored = self.ignored;
        Ok(layer)
    }
}

/// What is wrong with a file, why, and what to do.
type Refused = (&'static str, String, &'static str);

/// The text at a path, if one of a pack's belongs there.
fn text(path: &str, found: Found, read: impl FnOnce() -> Result<Vec<u8>, String>) -> Result<Option<String>, Refused> {
    let refused = |what, why: &str, help| Err((what, why.to_owned(), help));
    let size = match found {
        Found::File { size } => size,
        Found::Link => {
            let why = "links are never followed: they may lead out of the pack";
            return refused("is a link", why, "put the file itself there");
        }
        Found::Other => return refused("is no plain file", "a pack consists of texts", "remove it"),
    };
    if !belongs(path) {
        return Ok(None);
    }
    if !lock::inside(path) || path.contains(|char: char| char.is_control() || char == char::REPLACEMENT_CHARACTER) {
        return refused("is no name for a file", "a pack is read on every system, by its paths", "rename it");
    }
    if size > LARGEST as u64 {
        return refused("is too long", &format!("a text of a pack has at most {LARGEST} bytes"), "split it");
    }
    let bytes = read().map_err(|why| ("cannot be read", why, "make it readable"))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => refused("is not UTF-8", "a pack consists of texts", "save it as UTF-8"),
    }
}

fn belongs(path: &str) -> bool {
    PLACES.iter().any(|(place, ending)| match path.strip_prefix(place) {
        Some("") => ending.is_empty(),
        Some(rest) => !ending.is_empty() && rest.starts_with('/') && rest.ends_with(ending),
        None => false,
    })
}
