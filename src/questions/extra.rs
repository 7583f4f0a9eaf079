//! What packs ask, as rows like ours. The answers stand in `extra`: of a service, or of the project for all of its services.

use super::{Category, Field, Kind, Question};
use crate::answers::draft::Draft;
use crate::answers::raw::{Origin, Raw};
use crate::pack::{Asked, Of, unasked};
use crate::problem::{Problem, shown};
use crate::spec::scalar::Refusal;

/// A row for each question of the packs.
pub fn rows(asked: &[Asked]) -> Vec<Question<'_>> {
    asked.iter().map(row).collect()
}

/// Takes `KEY=ANSWER`, as a flag gives it.
pub fn give(asked: &[Asked], entry: &str, draft: &mut Draft, origin: &Origin) -> Result<(), Problem> {
    let Some((key, answer)) = entry.split_once('=') else {
        let what = format!("{} is no answer", shown(entry));
        return Err(Problem::new(what, "an answer names what it answers", "write it KEY=ANSWER").at(origin.place()));
    };
    let Some(found) = asked.iter().find(|asked| asked.key.as_str() == key) else {
        return Err(unasked(format!("{} answers nothing", shown(key)), key, asked.iter()).at(origin.place()));
    };
    let again = get(found, draft).filter(|(earlier, by)| by == origin && earlier != answer);
    if let Some((earlier, _)) = again {
        let what = format!("`{}` is {} and {}", found.path, shown(&earlier), shown(answer));
        return Err(Problem::new(what, "a question has one answer", "leave one of them out").at(origin.place()));
    }
    set(found, draft, answer, origin).map_err(|refusal| {
        Problem::new(format!("`{}` is {}", found.path, shown(answer)), refusal.why, refusal.help).at(origin.place())
    })
}

fn row(asked: &Asked) -> Question<'_> {
    let words = asked.words();
    Question {
        key: &asked.path,
        flag: "extra",
        category: if asked.default.is_some() { Category::Packs } else { Category::Basics },
        prompt: &asked.ask,
        help: &asked.help,
        kind: if words.is_empty() { Kind::Text } else { Kind::OneOf(words) },
        default: asked.default.as_deref(),
        unknowable: &asked.why,
        field: Field::Extra(asked),
        applies: |_, _| true,
        // A preset, or the project that a service joins, may have answered it.
        only_if_unknown: asked.default.is_none(),
    }
}

pub(super) fn get(asked: &Asked, draft: &Draft) -> Option<(String, Origin)> {
    let of_service = draft.service.extra.get(asked.key.as_str()).filter(|_| asked.of == Of::Service);
    let raw = of_service.or_else(|| draft.project.extra.get(asked.key.as_str()))?;
    Some((raw.text.clone(), raw.origin.clone()))
}

pub(super) fn set(asked: &Asked, draft: &mut Draft, text: &str, origin: &Origin) -> Result<(), Refusal> {
    asked.check(text)?;
    let answers = match asked.of {
        Of::Project => &mut draft.project.extra,
        Of::Service => &mut draft.service.extra,
    };
    answers.insert(asked.key.to_string(), Raw::new(text, origin.clone()));
    Ok(())
}

pub(super) fn clear(asked: &Asked, draft: &mut Draft) {
    match asked.of {
        Of::Project => draft.project.extra.remove(asked.key.as_str()),
        Of::Service => draft.service.extra.remove(asked.key.as_str()),
    };
}
