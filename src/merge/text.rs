//! Three texts to one by lines: for what has no fields, and as the first try for what has.

use std::collections::BTreeMap;
use std::ops::Range;

use similar::{ConflictStyle, MergeRegion, MergeResolution, TextMerge};

use super::{Choice, Merged, Open};

/// The three as one, if no line is claimed by both.
pub(super) fn clean(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let merge = TextMerge::from_lines(base, ours, theirs);
    (!merge.is_conflicted()).then(|| joined(&merge, taken))
}

pub(super) fn merge(base: &str, ours: &str, theirs: &str, choices: &BTreeMap<String, Choice>) -> Merged {
    let merge = TextMerge::from_lines(base, ours, theirs);
    let choice = |region: &MergeRegion| choices.get(&named(&region.ours_range()));
    let text = joined(&merge, |region| match choice(region) {
        Some(Choice::Take) if region.is_conflict() => Side::Theirs,
        _ => taken(region),
    });
    let next = joined(&merge, |region| match choice(region) {
        None if region.is_conflict() => Side::Base,
        _ => Side::Theirs,
    });
    let open = merge.conflicts().filter(|region| choice(region).is_none()).map(|region| Open {
        at: named(&region.ours_range()),
        base: Some(lines(&merge, region, Side::Base)),
        ours: Some(lines(&merge, region, Side::Ours)),
        theirs: Some(lines(&merge, region, Side::Theirs)),
    });
    Merged { open: open.collect(), text, base: next, kept: Vec::new() }
}

/// The text with both versions of what is open between markers.
pub(super) fn marked(base: &str, ours: &str, theirs: &str) -> String {
    let mut merge = TextMerge::from_lines(base, ours, theirs);
    merge.conflict_style(ConflictStyle::Diff3).labels("written before", "yours", "templates");
    merge.to_string()
}

#[derive(Clone, Copy)]
enum Side {
    Base,
    Ours,
    Theirs,
}

/// Where both have something, a person's stays.
fn taken(region: &MergeRegion) -> Side {
    match region.resolution() {
        MergeResolution::Theirs => Side::Theirs,
        _ => Side::Ours,
    }
}

fn joined(merge: &TextMerge<'_, '_, '_, str>, side: impl Fn(&MergeRegion) -> Side) -> String {
    merge.regions().iter().map(|region| lines(merge, region, side(region))).collect()
}

fn lines(merge: &TextMerge<'_, '_, '_, str>, region: &MergeRegion, side: Side) -> String {
    let collect = |range: Range<usize>, line: &dyn Fn(usize) -> Option<String>| range.filter_map(line).collect();
    match side {
        Side::Base => collect(region.base_range(), &|index| merge.base_line(index).map(str::to_owned)),
        Side::Ours => collect(region.ours_range(), &|index| merge.ours_line(index).map(str::to_owned)),
        Side::Theirs => collect(region.theirs_range(), &|index| merge.theirs_line(index).map(str::to_owned)),
    }
}

/// The lines of a person's text that a decision is about.
fn named(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("after line {}", range.start),
        1 => format!("line {}", range.start + 1),
        _ => format!("lines {}-{}", range.start + 1, range.end),
    }
}
