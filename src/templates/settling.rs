//! Where values were placed in a text, and whether they can stand there: that shows when the text around them is there.

use super::placing::Kind;

// Neither YAML nor a value that has been placed has such characters in it.
const OPEN: char = '\u{1}';
const COMMENT: char = '\u{2}';
const OR: char = '\u{3}';
const CLOSE: char = '\u{4}';

/// What was placed, until the text around it is there to look at.
pub(super) struct Mark<'t> {
    /// Whether it is text for a comment.
    is_comment: bool,
    /// As it stands by itself.
    written: &'t str,
    /// As it is where every letter counts; nothing where it cannot be so.
    plain: &'t str,
}

impl<'t> Mark<'t> {
    pub(super) fn value(written: &str, plain: &str) -> String {
        format!("{OPEN}{written}{OR}{plain}{CLOSE}")
    }

    /// Whether a text is, or has in it, what was placed before.
    pub(super) fn is_in(text: &str) -> bool {
        text.contains([OPEN, OR, CLOSE])
    }

    pub(super) fn comment(text: &str) -> String {
        format!("{OPEN}{COMMENT}{text}{OR}{text}{CLOSE}")
    }

    /// The mark that a text begins with, behind its first character, and what follows it.
    fn read(text: &'t str) -> (Self, &'t str) {
        let (all, after) = text.split_once(CLOSE).unwrap_or((text, ""));
        let (written, plain) = all.split_once(OR).unwrap_or((all, ""));
        let comment = written.strip_prefix(COMMENT);
        (Self { is_comment: comment.is_some(), written: comment.unwrap_or(written), plain }, after)
    }
}

/// A value that cannot stand where it is.
pub(crate) struct Misplaced {
    /// The line of the rendered text.
    pub line: usize,
    pub value: String,
    pub fault: &'static Fault,
}

pub(crate) struct Fault {
    pub what: &'static str,
    pub why: &'static str,
    pub help: &'static str,
}

static INSIDE: Fault = Fault {
    what: "is placed inside of a longer one",
    why: "it needs quotes or brackets, which would be letters there",
    help: "join what belongs together, and place that: `{{ \"https://house.example/\" ~ service.name }}`",
};
static NO_COMMENT: Fault = Fault {
    what: "is placed with `comment`, and not in a comment",
    why: "it would be read as a part of the file, whatever is in it",
    help: "place it without `|comment`",
};
static UNSHOWN: Fault = Fault {
    what: "is placed in a block of text",
    why: "there are characters in it that stand in quotes only",
    help: "place it by itself",
};
static LINES: Fault = Fault {
    what: "makes the lines below a part of its instruction",
    why: "`<<` begins a document there, and `\\` at the end of a line goes on with it",
    help: "put more than the value beside it, or leave it out",
};

/// A rendered text as it is written.
pub(crate) fn settle(text: String, kind: Kind) -> Result<String, Misplaced> {
    if !text.contains(OPEN) {
        return Ok(text);
    }
    match kind {
        Kind::Yaml => yaml(&text),
        Kind::Json | Kind::Dockerfile | Kind::Text => by_line(&text, kind),
    }
}

fn misplaced(out: &str, mark: &Mark<'_>, fault: &'static Fault) -> Misplaced {
    let line = out.matches('\n').count() + 1;
    Misplaced { line, value: mark.written.to_owned(), fault }
}

/// Where every line is by itself.
fn by_line(text: &str, kind: Kind) -> Result<String, Misplaced> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once(OPEN) {
        out.push_str(before);
        let (mark, after) = Mark::read(marked);
        let line = out.rsplit('\n').next().unwrap_or_default();
        let next = after.split('\n').next().unwrap_or_default();
        let fault = match kind {
            Kind::Json if mark.is_comment => Some(&NO_COMMENT),
            Kind::Json => {
                // No string goes on in the next line.
                let quotes = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
                let begins = line.trim_end().is_empty() || line.trim_end().ends_with([':', ',', '[', '{']);
                let ends = next.trim().is_empty() || next.trim_start().starts_with([':', ',', ']', '}', OPEN]);
                (!begins || !ends || quotes % 2 == 1).then_some(&INSIDE)
            }
            _ if mark.is_comment && !line.trim_start().starts_with('#') => Some(&NO_COMMENT),
            Kind::Dockerfile => {
                let is_document = mark.written.contains("<<")
                    || line.ends_with('<') && mark.written.starts_with('<')
                    || mark.written.ends_with('<') && next.trim_start_matches(OPEN).starts_with('<');
                let goes_on = next.trim().is_empty() && mark.written.trim_end().ends_with('\\');
                ((is_document || goes_on) && !line.trim_start().starts_with('#')).then_some(&LINES)
            }
            Kind::Yaml | Kind::Text => None,
        };
        if let Some(fault) = fault {
            return Err(misplaced(&out, &mark, fault));
        }
        out.push_str(mark.written);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// What a line of YAML stands in, from the lines above it.
#[derive(Default)]
struct Reading {
    /// An open quote.
    quote: Option<char>,
    /// How many `[` and `{` are open.
    depth: usize,
    /// The column of the key whose block of text this is.
    block: Option<usize>,
    /// The last character that says something, on any line above.
    last: Option<char>,
    /// Where on its line a scalar in single quotes has ended.
    ended: Option<usize>,
}

fn yaml(text: &str) -> Result<String, Misplaced> {
    let mut out = String::with_capacity(text.len());
    let mut reading = Reading::default();
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if reading.block.is_some_and(|block| !line.trim().is_empty() && indent <= block) {
            reading.block = None;
        }
        if reading.block.is_some() { plain(line, &mut out)? } else { reading.line(line, &mut out)? }
    }
    Ok(out)
}

/// A line of a block of text, where every letter counts.
fn plain(line: &str, out: &mut String) -> Result<(), Misplaced> {
    let mut rest = line;
    while let Some((before, marked)) = rest.split_once(OPEN) {
        out.push_str(before);
        let (mark, after) = Mark::read(marked);
        if mark.plain.is_empty() && mark.written != "\"\"" {
            return Err(misplaced(out, &mark, &UNSHOWN));
        }
        out.push_str(mark.plain);
        rest = after;
    }
    out.push_str(rest);
    Ok(())
}

impl Reading {
    fn line(&mut self, line: &str, out: &mut String) -> Result<(), Misplaced> {
        // The line without its values and its comment.
        let mut bare = String::new();
        self.ended = None;
        let mut is_comment = false;
        let mut rest = line;
        while let Some(char) = rest.chars().next() {
            let after = &rest[char.len_utf8()..];
            if char == OPEN {
                let (mark, after) = Mark::read(after);
                let fault = match () {
                    () if is_comment => None,
                    () if mark.is_comment => Some(&NO_COMMENT),
                    () if self.quote.is_some() || !self.begins(&bare) || !self.ends(after) => Some(&INSIDE),
                    () if bare.trim().is_empty() && !self.begins_a_line(after) => Some(&INSIDE),
                    () => None,
                };
                if let Some(fault) = fault {
                    return Err(misplaced(out, &mark, fault));
                }
                out.push_str(mark.written);
                if !is_comment {
                    bare.push('v');
                }
                rest = after;
                continue;
            }
            out.push(char);
            if !is_comment {
                is_comment = self.character(char, &bare);
                if !is_comment {
                    bare.push(char);
                }
            }
            rest = after;
            // What is escaped means nothing here.
            if char == '\\'
                && self.quote == Some('"')
                && let Some(escaped) = rest.chars().next()
            {
                out.push(escaped);
                bare.push('v');
                rest = &rest[escaped.len_utf8()..];
            }
        }
        let bare = untagged(&bare);
        if self.quote.is_none() {
            self.block = block(bare);
        }
        self.last = bare.chars().last().or(self.last);
        Ok(())
    }

    /// Takes a character of the line in. True where a comment begins.
    fn character(&mut self, char: char, bare: &str) -> bool {
        let begins = || bare.is_empty() || bare.ends_with([' ', '[', '{']);
        match (self.quote, char) {
            (Some(quote), _) if quote == char => {
                self.quote = None;
                self.ended = Some(bare.len() + 1);
            }
            (Some(_), _) => {}
            (None, '#') => return bare.is_empty() || bare.ends_with(' '),
            (None, '"' | '\'') if begins() && self.begins(bare) => self.quote = Some(char),
            // One that stands for itself.
            (None, '\'') if bare.ends_with('\'') && self.ended == Some(bare.len()) => self.quote = Some(char),
            (None, '[' | '{') if begins() && self.begins(bare) => self.depth += 1,
            (None, ']' | '}') => self.depth = self.depth.saturating_sub(1),
            (None, _) => {}
        }
        false
    }

    /// Whether a value begins behind a part of a line.
    fn begins(&self, bare: &str) -> bool {
        let said = untagged(bare);
        // In brackets, a value may follow a comma, or a key in quotes, at once.
        let is_near = self.depth > 0 && (bare.ends_with("\":") || bare.ends_with(','));
        let is_apart = bare.is_empty() || bare.ends_with([' ', '[', '{']) || is_near;
        is_apart
            && match said.chars().last() {
                None => true,
                Some('-') => said.chars().all(|char| [' ', '-'].contains(&char)),
                Some(',' | '[' | '{') => self.depth > 0,
                Some(last) => [':', '?'].contains(&last),
            }
    }

    /// Whether a value begins on a line, and does not go on with one of the line above.
    fn begins_a_line(&self, after: &str) -> bool {
        let is_spoken_of = |last| [':', '-', ',', '[', '{', '?'].contains(&last);
        self.last.is_none_or(is_spoken_of) || after.trim_start().starts_with(':')
    }

    /// Whether a value ends before a part of a line.
    fn ends(&self, after: &str) -> bool {
        let next = after.trim_start();
        match next.chars().next() {
            None => true,
            Some('#') => after.starts_with(' '),
            Some(':') => next[1..].starts_with([' ', '\n']) || next.len() == 1,
            Some(',' | ']' | '}') => self.depth > 0,
            Some(_) => false,
        }
    }
}

/// A part of a line without the tag or anchor at its end, which is not yet the value.
fn untagged(bare: &str) -> &str {
    let mut said = bare.trim_end();
    while let Some((before, _)) = said.rsplit_once(' ').filter(|(_, last)| last.starts_with(['!', '&'])) {
        said = before.trim_end();
    }
    said
}

/// The column of the key or entry that a block of text begins behind, if one does.
fn block(bare: &str) -> Option<usize> {
    let (before, head) = bare.rsplit_once(' ').unwrap_or(("", bare));
    let is_head = head.starts_with(['|', '>'])
        && head[1..].chars().all(|char| ['+', '-'].contains(&char) || char.is_ascii_digit());
    let before = untagged(before);
    if !is_head || !(before.is_empty() || before.ends_with([':', '-'])) {
        return None;
    }
    let indent = bare.len() - bare.trim_start().len();
    if before.is_empty() {
        // It stands below its key, and so does the text, which may be as far to the right.
        return Some(indent.saturating_sub(1));
    }
    let mut column = indent;
    while let Some(rest) = before.get(column..).and_then(|rest| rest.strip_prefix("- ")) {
        column += 2 + rest.len() - rest.trim_start().len();
    }
    Some(column)
}
