//! Answers to what packs ask, and the labels and annotations made of them.

use std::collections::BTreeMap;

use super::{Around, Collector};
use crate::answers::ServiceAnswers;
use crate::answers::raw::Raw;
use crate::pack::{Asked, Of, Pack, Phrase, unasked};
use crate::preset::Preset;
use crate::problem::{Problem, shown};
use crate::spec::name::Name;
use crate::spec::pack::LabelKey;
use crate::spec::scalar::{Refusal, Scalar};
use crate::spec::word::{LabelValue, Line};

/// Answers as somebody gave them.
pub(super) type Given = BTreeMap<String, Raw<Line>>;

/// What is answered and made of it, for the project or for one service.
pub(super) struct Extra {
    pub(super) answers: BTreeMap<String, Line>,
    pub(super) labels: BTreeMap<LabelKey, LabelValue>,
    pub(super) annotations: BTreeMap<LabelKey, Line>,
}

/// The project's own answers.
pub(super) fn of_project(collector: &mut Collector, project: Option<&Name>, given: &Given, pack: &Pack) -> Extra {
    for (key, raw) in given {
        if !pack.asked.iter().any(|asked| asked.key.as_str() == key) {
            let what = format!("`extra.{key}` answers nothing");
            collector.add(unasked(what, key, pack.asked.iter()).at(raw.origin.place()));
        }
    }
    let mut answers = BTreeMap::new();
    for asked in pack.asked.iter().filter(|asked| asked.of == Of::Project) {
        let key = asked.key.to_string();
        let line = answer(collector, "", asked, given.get(&key).map(|raw| (format!("extra.{key}"), raw)));
        answers.extend(line.map(|line| (key, line)));
    }
    let place = |name: &str| match name {
        "project" => project.map(Name::as_str),
        key => answers.get(key).map(Line::as_str),
    };
    let phrases = pack.metadata.labels.iter().filter(|(_, phrase)| !phrase.is_of_services(&pack.asked));
    let labels = filled(collector, "the project", phrases, place);
    Extra { labels, annotations: BTreeMap::new(), answers }
}

/// What a service answers, else the project for all of them, else the preset, else the pack that asks.
pub(super) fn of_service(
    collector: &mut Collector,
    name: &Name,
    given: &ServiceAnswers,
    preset: &Preset,
    around: &Around<'_>,
) -> Extra {
    let pack = around.pack;
    let above = format!("services.{name}.");
    for (key, raw) in given.extra.iter().chain(&preset.defaults.extra) {
        match pack.asked.iter().find(|asked| asked.key.as_str() == key) {
            None => {
                let asked = pack.asked.iter().filter(|asked| asked.of == Of::Service);
                let what = format!("`{above}extra.{key}` answers nothing");
                collector.add(unasked(what, key, asked).at(raw.origin.place()));
            }
            Some(asked) if asked.of == Of::Project => {
                collector.add(asked.misplaced(&format!("{above}extra.{key}")).at(raw.origin.place()));
            }
            Some(asked) if !asked.is_about(preset) => {
                let what = format!("`{above}extra.{key}` answers nothing");
                let why = format!(
                    "it is asked about services of {}, and this one is of {}",
                    asked.presets.join(", "),
                    preset.id
                );
                collector.add(Problem::new(what, why, "leave it out").at(raw.origin.place()));
            }
            Some(_) => {}
        }
    }
    let mut answers = BTreeMap::new();
    for asked in pack.asked.iter().filter(|asked| asked.of == Of::Service && asked.is_about(preset)) {
        let key = asked.key.to_string();
        let own = given.extra.get(&key).map(|raw| (format!("{above}extra.{key}"), raw));
        let found = own
            .or_else(|| around.of_all.get(&key).map(|raw| (format!("extra.{key}"), raw)))
            .or_else(|| preset.defaults.extra.get(&key).map(|raw| (format!("{above}extra.{key}"), raw)));
        let line = answer(collector, &above, asked, found);
        answers.extend(line.map(|line| (key, line)));
    }
    let place = |word: &str| match word {
        "project" => around.project.map(Name::as_str),
        "service" => Some(name.as_str()),
        key => answers.get(key).or_else(|| around.extra.answers.get(key)).map(Line::as_str),
    };
    let labels = filled(collector, &format!("services.{name}"), pack.metadata.labels.iter(), place);
    let annotations = filled(collector, &format!("services.{name}"), pack.metadata.annotations.iter(), place);
    Extra { labels, annotations, answers }
}

/// The answer that was found by its key, or the pack's own.
fn answer(collector: &mut Collector, above: &str, asked: &Asked, found: Option<(String, &Raw<Line>)>) -> Option<Line> {
    let Some((key, raw)) = found else {
        if asked.default.is_none() {
            let what = format!("`{above}{}` is missing", asked.path);
            let help = match asked.of {
                Of::Project => format!("set `{}` beside `services:`", asked.entry()),
                Of::Service => format!("set `{}` here, or beside `services:` for all of them", asked.entry()),
            };
            collector.add(Problem::new(what, &asked.why, help).at(collector.here.clone()));
        }
        return asked.default.as_ref()?.parse().ok();
    };
    let refused = |refusal: Refusal| {
        collector.add(
            Problem::new(format!("`{key}` is {}", shown(&raw.text)), refusal.why, refusal.help).at(raw.origin.place()),
        );
    };
    asked.check(&raw.text).map_err(refused).ok()
}

/// Phrases with their answers. One whose answer is missing or wrong has been complained about already.
fn filled<'a, T: Scalar>(
    collector: &mut Collector,
    subject: &str,
    phrases: impl Iterator<Item = (&'a LabelKey, &'a Phrase)>,
    answer: impl Fn(&str) -> Option<&'a str>,
) -> BTreeMap<LabelKey, T> {
    let mut all = BTreeMap::new();
    for (key, phrase) in phrases {
        let Some(text) = phrase.filled(&answer) else { continue };
        match text.parse::<T>() {
            Ok(value) => {
                all.insert(key.clone(), value);
            }
            Err(refusal) => collector.add(
                Problem::new(
                    format!("`{key}` of {subject} would be {}", shown(&text)),
                    refusal.why,
                    format!("{} makes it of answers: give one that fits", phrase.place),
                )
                .at(collector.here.clone()),
            ),
        }
    }
    all
}
