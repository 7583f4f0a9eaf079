//! Three versions of a Dockerfile to one, by instruction: an instruction is what a person and a template change.

use std::collections::BTreeMap;

use super::keep;
use super::text;
use super::{Choice, Kept, Merged, Open};

/// An instruction with the comments above it.
#[derive(Clone, Debug)]
struct Item {
    /// Its stage and keyword, and what tells it from others of them.
    name: String,
    above: String,
    text: String,
}

/// None where one of the versions cannot be read, or where the templates put instructions in another order: order means
/// something here.
pub(super) fn merge(base: &str, ours: &str, theirs: &str, choices: &BTreeMap<String, Choice>) -> Option<Merged> {
    let (base_items, our_items, their_items) = (items(base)?, items(ours)?, items(theirs)?);
    if !same_order(&base_items, &their_items) || !same_order(&our_items, &their_items) {
        return None;
    }
    let mut merged = our_items.clone();
    let mut next = their_items.clone();
    let (mut open, mut kept) = (Vec::new(), Vec::new());
    let gone = base_items.iter().filter(|item| find(&their_items, &item.name).is_none());
    for name in their_items.iter().chain(gone).map(|item| &item.name) {
        let (base, ours, theirs) = (find(&base_items, name), find(&our_items, name), find(&their_items, name));
        let text = |item: Option<&Item>| item.map(|item| item.text.clone());
        if let Some(reason) = ours.and_then(|item| item.above.lines().find_map(|line| keep::mark(line.trim()))) {
            kept.push(Kept { at: name.clone(), reason, needed: text(ours) != text(theirs) });
            continue;
        }
        if let (Some(base), Some(ours), Some(theirs)) = (base, ours, theirs)
            && base.above == ours.above
            && let Some(index) = merged.iter().position(|item| item.name == *name)
        {
            merged[index].above.clone_from(&theirs.above);
        }
        if text(ours) == text(theirs) || text(base) == text(theirs) {
            continue;
        }
        let choice = choices.get(name);
        if text(ours) == text(base) || choice == Some(&Choice::Take) {
            put(&mut merged, &their_items, name, theirs);
        } else if choice.is_none() {
            put(&mut next, &base_items, name, base);
            open.push(Open { at: name.clone(), base: text(base), ours: text(ours), theirs: text(theirs) });
        }
    }
    let tail = |text: &str, items: &[Item]| text.get(items.iter().map(Item::len).sum::<usize>()..).map(str::to_owned);
    let by_instruction = joined(&merged) + &tail(ours, &our_items)?;
    let by_line = text::clean(base, ours, theirs)
        .filter(|text| open.is_empty() && choices.is_empty() && kept.is_empty() && says(text, &merged));
    Some(Merged {
        text: by_line.unwrap_or(by_instruction),
        base: joined(&next) + &tail(theirs, &their_items)?,
        open,
        kept,
    })
}

/// What a person changed, instruction by instruction. None where a version cannot be read.
pub(super) fn edits(base: &str, ours: &str) -> Option<Vec<Open>> {
    let (before, after) = (items(base)?, items(ours)?);
    let text = |item: Option<&Item>| item.map(|item| item.text.trim_end().to_owned());
    let added = after.iter().filter(|item| find(&before, &item.name).is_none());
    let edit = |Item { name, .. }: &Item| {
        let (base, ours) = (text(find(&before, name)), text(find(&after, name)));
        (base != ours).then(|| Open { at: name.clone(), base: base.clone(), ours, theirs: base })
    };
    Some(before.iter().chain(added).filter_map(edit).collect())
}

impl Item {
    fn len(&self) -> usize {
        self.above.len() + self.text.len()
    }
}

fn joined(items: &[Item]) -> String {
    items.iter().map(|item| format!("{}{}", item.above, item.text)).collect()
}

/// Whether a text holds these instructions, in this order.
fn says(text: &str, items: &[Item]) -> bool {
    let instructions = |items: &[Item]| items.iter().map(|item| item.text.clone()).collect::<Vec<_>>();
    self::items(text).is_some_and(|found| instructions(&found) == instructions(items))
}

fn find<'a>(items: &'a [Item], name: &str) -> Option<&'a Item> {
    items.iter().find(|item| item.name == name)
}

/// Whether the instructions that both have stand in the same order.
fn same_order(a: &[Item], b: &[Item]) -> bool {
    let common = |items: &[Item], other: &[Item]| {
        items.iter().map(|item| item.name.clone()).filter(|name| find(other, name).is_some()).collect::<Vec<_>>()
    };
    common(a, b) == common(b, a)
}

/// Puts an instruction where it stands in `order`, behind the nearest that both have; None takes it away.
fn put(items: &mut Vec<Item>, order: &[Item], name: &str, new: Option<&Item>) {
    let position = |items: &[Item], name: &str| items.iter().position(|item| item.name == name);
    match (position(items, name), new) {
        (Some(index), Some(new)) => items[index].text.clone_from(&new.text),
        (Some(index), None) => {
            items.remove(index);
        }
        (None, Some(new)) => {
            let before = order.iter().take_while(|item| item.name != name);
            let at = before.filter_map(|item| position(items, &item.name)).last().map_or(0, |index| index + 1);
            items.insert(at, new.clone());
        }
        (None, None) => {}
    }
}

fn items(text: &str) -> Option<Vec<Item>> {
    let parsed = parse_dockerfile::parse(text).ok()?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let starts: Vec<usize> = parsed
        .instructions
        .iter()
        .map(|instruction| text.get(..crate::dockerfile::offset(instruction)).unwrap_or_default().matches('\n').count())
        .collect();
    let mut items: Vec<Item> = Vec::new();
    let mut stage = String::new();
    let mut stages = 0;
    let mut from = 0;
    for (index, start) in starts.iter().copied().enumerate() {
        let limit = starts.get(index + 1).copied().unwrap_or(lines.len());
        let is_aside = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        let end = (start + 1..limit).rev().find(|line| !is_aside(lines[*line])).map_or(start + 1, |line| line + 1);
        let text: String = lines.get(start..end)?.concat();
        let mut words = text.split_whitespace();
        let keyword = words.next()?.to_ascii_uppercase();
        let about = match keyword.as_str() {
            "FROM" => {
                stages += 1;
                let alias = text.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("as")).nth(1);
                stage = alias.map_or_else(|| format!("stage {stages}"), str::to_owned);
                String::new()
            }
            "ARG" | "ENV" | "LABEL" => words.next()?.split('=').next()?.to_owned(),
            "COPY" | "ADD" => words.next_back()?.to_owned(),
            _ => String::new(),
        };
        let plain = [keyword.as_str(), about.as_str()].join(" ").trim_end().to_owned();
        let plain = if stage.is_empty() { plain } else { format!("{stage}: {plain}") };
        let nth =
            1 + items.iter().filter(|item| item.name == plain || item.name.starts_with(&format!("{plain} #"))).count();
        let name = if nth == 1 { plain } else { format!("{plain} #{nth}") };
        items.push(Item { name, above: lines.get(from..start)?.concat(), text });
        from = end;
    }
    Some(items)
}
