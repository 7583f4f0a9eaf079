//! `# cofferdam:keep: why`: a person's word that a field, and what is below it, is theirs whatever the templates say.

use super::edit::said;
use super::fields::Path;
use super::source::Source;

const MARK: &str = "cofferdam:keep";

pub(super) struct Keep {
    pub(super) at: Path,
    pub(super) reason: Option<String>,
}

/// The fields that are marked, behind their line or in the comment above.
pub(super) fn marks(source: &Source<'_>) -> Vec<Keep> {
    if !source.text.contains(MARK) {
        return Vec::new();
    }
    let marked = |(at, said): (Path, super::edit::Said)| {
        let reason = said.above.iter().chain(&said.behind).find_map(|comment| mark(comment))?;
        Some(Keep { at, reason })
    };
    said(source).into_iter().filter_map(marked).collect()
}

/// Whether a comment is a mark, and with what reason. `keep` alone or `keep: why`, so that `keeper` is no mark.
pub(super) fn mark(comment: &str) -> Option<Option<String>> {
    let rest = comment.trim_start_matches('#').trim_start().strip_prefix(MARK)?;
    match rest.strip_prefix(':') {
        Some(reason) => Some(Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty())),
        None => rest.trim().is_empty().then_some(None),
    }
}
