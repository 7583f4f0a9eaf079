//! The shell: reads files, asks, writes. Every decision is the library's.

mod cli;
mod commands;
mod difference;
mod disk;
mod editor;
mod git;
mod packs;
mod prompt;
mod scan;
mod terminal;
mod transaction;

use std::process::ExitCode;

use cofferdam::problem::Problem;
use cofferdam::report::Verdict;

/// How a command ended: what it says on standard output, and how well.
pub(crate) struct Outcome {
    pub(crate) text: String,
    pub(crate) verdict: Verdict,
}

impl Outcome {
    pub(crate) fn fine(text: impl Into<String>) -> Self {
        Self { text: text.into(), verdict: Verdict::Fine }
    }
}

/// Why a command could not do its work.
pub(crate) enum Failure {
    Problems(Verdict, Vec<Problem>),
    /// A person pressed Ctrl-C, or chose to stop. Nothing was written.
    Stopped,
}

impl Failure {
    /// All of them, or all that is wrong with any.
    pub(crate) fn unless_all<T>(results: impl IntoIterator<Item = Result<T, Self>>) -> Result<Vec<T>, Self> {
        let (mut all, mut verdict, mut problems) = (Vec::new(), Verdict::Fine, Vec::new());
        for result in results {
            match result {
                Ok(one) => all.push(one),
                Err(Self::Problems(how, found)) => {
                    verdict = verdict.max(how);
                    problems.extend(found);
                }
                Err(Self::Stopped) => return Err(Self::Stopped),
            }
        }
        if problems.is_empty() { Ok(all) } else { Err(Self::Problems(verdict, problems)) }
    }
}

impl From<Vec<Problem>> for Failure {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(Verdict::Failed, problems)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problems(Verdict::Failed, vec![problem])
    }
}

fn main() -> ExitCode {
    let matches = match cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(usage) => {
            let _ = usage.print();
            // clap would exit with 2, which means "out of date" here.
            return ExitCode::from(u8::from(usage.use_stderr()));
        }
    };
    match commands::run(&matches) {
        Ok(outcome) => {
            let code = if terminal::print(&outcome.text) { outcome.verdict.code() } else { 1 };
            ExitCode::from(code)
        }
        Err(Failure::Problems(verdict, problems)) => {
            terminal::complain(&problems);
            ExitCode::from(verdict.code())
        }
        Err(Failure::Stopped) => {
            terminal::say("Stopped. Nothing was written.");
            // What a shell reports for a program that Ctrl-C ended.
            ExitCode::from(130)
        }
    }
}
