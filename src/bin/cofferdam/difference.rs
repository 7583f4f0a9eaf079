//! What differs between two texts: a patch for programs, or lines in colour for people, with the words that changed.

use anstyle::{AnsiColor, Style};
use cofferdam::problem::visible;
use similar::{ChangeTag, TextDiff};

use crate::terminal::{self, BOLD};

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// Lines around a change that show where it is.
const CONTEXT: usize = 3;

/// For standard output, whoever reads it.
pub(crate) fn printed(path: &str, old: &str, new: &str) -> String {
    if terminal::is_read_by_people() { for_people(path, old, new) } else { patch(path, old, new) }
}

/// A unified diff, as programs read it.
fn patch(path: &str, old: &str, new: &str) -> String {
    let (from, to) = names(path, old, new);
    TextDiff::from_lines(old, new).unified_diff().context_radius(CONTEXT).header(&from, &to).to_string()
}

/// The same to be looked at: the texts are anybody's, and do nothing to a terminal.
pub(crate) fn for_people(path: &str, old: &str, new: &str) -> String {
    let (from, to) = names(path, old, new);
    let diff = TextDiff::from_lines(old, new);
    let mut out = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        if out.is_empty() {
            out.push_str(&format!("{BOLD}--- {}{BOLD:#}\n{BOLD}+++ {}{BOLD:#}\n", visible(&from), visible(&to)));
        }
        out.push_str(&format!("{PLACE}{}{PLACE:#}\n", hunk.header()));
        for change in hunk.ops().iter().flat_map(|op| diff.iter_inline_changes(op)) {
            let style = match change.tag() {
                ChangeTag::Equal => Style::new(),
                ChangeTag::Delete => OLD,
                ChangeTag::Insert => NEW,
            };
            let mut pieces = vec![(false, change.tag().to_string())];
            for (differs, text) in change.iter_strings_lossy() {
                let text = visible(text.trim_end_matches('\n'));
                match pieces.last_mut() {
                    Some((last, piece)) if *last == differs => piece.push_str(&text),
                    _ => pieces.push((differs, text)),
                }
            }
            for (differs, piece) in pieces {
                let style = if differs { style.invert() } else { style };
                out.push_str(&format!("{style}{piece}{style:#}"));
            }
            out.push('\n');
            if change.missing_newline() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

/// What the head of a patch calls the two; where there is no text, there is no file.
fn names(path: &str, old: &str, new: &str) -> (String, String) {
    let name = |side: char, text: &str| {
        if text.is_empty() { "/dev/null".to_owned() } else { format!("{side}/{path}") }
    };
    (name('a', old), name('b', new))
}
