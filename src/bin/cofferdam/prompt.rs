//! One question on a terminal. Esc goes back, Ctrl-C stops; the cursor is shown again whatever happens.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use console::{Key, Term, measure_text_width, style};
use dialoguer::Select;
use dialoguer::theme::ColorfulTheme;

use crate::Failure;

pub(crate) enum Reply {
    Text(String),
    Back,
}

/// A terminal that people are asked on.
pub(crate) struct Prompt {
    term: Term,
    interrupted: Arc<AtomicBool>,
}

impl Drop for Prompt {
    fn drop(&mut self) {
        // dialoguer hides it while a list is open.
        let _ = self.term.show_cursor();
    }
}

impl Prompt {
    pub(crate) fn new() -> io::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        // A handler, so that reading a key returns instead of ending the process with the cursor hidden.
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        Ok(Self { term: Term::stderr(), interrupted })
    }

    /// A line of text; Enter on nothing takes the default.
    pub(crate) fn text(&self, prompt: &str, help: &str, default: Option<&str>, start: &str) -> Result<Reply, Failure> {
        let hint = default.map(|default| format!(" {}", style(format!("({default})")).dim())).unwrap_or_default();
        self.line(&format!("{} {}{hint}", style("?").green().bold(), style(prompt).bold()));
        for line in wrapped(help, usize::from(self.term.size().1).saturating_sub(3)) {
            self.line(&format!("  {}", style(line).dim()));
        }
        let mut typed: Vec<char> = start.chars().collect();
        loop {
            let shown: String = typed.iter().collect();
            let _ = self.term.clear_line();
            let _ = self.term.write_str(&format!("  {} {shown}", style("›").cyan()));
            match self.key()? {
                Key::Enter => break,
                Key::Escape => {
                    self.line("");
                    return Ok(Reply::Back);
                }
                Key::Backspace => {
                    typed.pop();
                }
                Key::Char('\u{15}') => typed.clear(),
                Key::Char('\u{4}') => return Err(Failure::Stopped),
                Key::Char(char) if !char.is_control() => typed.push(char),
                _ => {}
            }
        }
        let typed: String = typed.into_iter().collect();
        let reply =
            if typed.trim().is_empty() { default.unwrap_or_default().to_owned() } else { typed.trim().to_owned() };
        let _ = self.term.clear_line();
        self.line(&format!("  {} {}", style("›").cyan(), style(&reply).cyan()));
        Ok(Reply::Text(reply))
    }

    /// One of a list; the index of the choice, or none for Esc.
    pub(crate) fn select(&self, prompt: &str, items: &[String], default: usize) -> Result<Option<usize>, Failure> {
        let theme = ColorfulTheme::default();
        let select = Select::with_theme(&theme).with_prompt(prompt).items(items).default(default).report(true);
        match select.interact_on_opt(&self.term) {
            Ok(choice) if !self.interrupted.load(Ordering::Relaxed) => Ok(choice),
            _ => Err(Failure::Stopped),
        }
    }

    pub(crate) fn line(&self, text: &str) {
        let _ = self.term.write_line(text);
    }

    /// Two columns; the second is broken between words and keeps its place.
    pub(crate) fn table(&self, rows: &[(&str, &str)]) {
        let left = rows.iter().map(|(left, _)| measure_text_width(left)).max().unwrap_or(0) + 2;
        let right = usize::from(self.term.size().1).saturating_sub(left + 3).max(20);
        for (name, text) in rows {
            for (index, line) in wrapped(text, right).iter().enumerate() {
                let name = if index == 0 { name } else { "" };
                self.line(&format!("  {name:<left$}{}", style(line).dim()));
            }
        }
    }

    fn key(&self) -> Result<Key, Failure> {
        let key = self.term.read_key();
        if self.interrupted.load(Ordering::Relaxed) {
            self.line("");
            return Err(Failure::Stopped);
        }
        match key {
            Ok(Key::CtrlC) | Err(_) => {
                self.line("");
                Err(Failure::Stopped)
            }
            Ok(key) => Ok(key),
        }
    }
}

/// A sentence in lines that fit; a terminal would break it in the middle of a word.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| measure_text_width(line));
        match lines.last_mut() {
            Some(last) if line == 0 => last.push_str(word),
            Some(last) if line + 1 + measure_text_width(word) <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
