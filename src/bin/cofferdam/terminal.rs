//! What is printed, and in which colour. Colour only on a terminal; `NO_COLOR` is honoured by anstream.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use cofferdam::problem::Problem;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const PLACE: Style = AnsiColor::Blue.on_default().bold();
const HELP: Style = AnsiColor::Green.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();

/// Whether a person can be asked.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether standard output is looked at, and not taken in by a program.
pub(crate) fn is_read_by_people() -> bool {
    let out = std::io::stdout();
    out.is_terminal() || AutoStream::choice(&out) != ColorChoice::Never
}

/// Standard output, at once. A reader that has seen enough is no failure.
pub(crate) fn print(text: &str) -> bool {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => true,
        Err(error) => error.kind() == ErrorKind::BrokenPipe,
    }
}

/// A line on standard error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

pub(crate) fn complain(problems: &[Problem]) {
    let mut out = String::new();
    for problem in problems {
        out.push_str(&format!("{ERROR}error:{ERROR:#} {BOLD}{}{BOLD:#}\n", problem.what));
        if let Some(place) = &problem.place {
            out.push_str(&format!("  {PLACE}-->{PLACE:#} {place}\n"));
        }
        out.push_str(&format!("  why: {}\n", problem.why));
        if !problem.help.is_empty() {
            out.push_str(&format!("  {HELP}help:{HELP:#} {}\n", problem.help));
        }
        out.push('\n');
    }
    if problems.len() > 1 {
        out.push_str(&format!("{} problems; nothing was written\n", problems.len()));
    }
    let _ = anstream::stderr().lock().write_all(out.as_bytes());
}
