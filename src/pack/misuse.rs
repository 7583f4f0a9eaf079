//! What a pack means and does not say: blocks that nobody has, templates that nobody uses. Left alone, they would change
//! nothing without a word.

use std::collections::BTreeSet;

use super::asked::{Asked, unasked};
use super::{BUILT_IN, Layer};
use crate::preset::{Preset, Presets, path_of};
use crate::problem::{Place, Problem, nearest, shown};
use crate::questions::{QUESTIONS, question};
use crate::spec::scalar::Refusal;
use crate::templates::{block, included, longest, taken_up, takes_up, unfollowed};

/// About every pack but what cofferdam brings.
pub(super) fn problems(layers: &[Layer], presets: &Presets) -> Vec<Problem> {
    let used = used(layers, presets);
    let mut problems: Vec<Problem> = presets.iter().flat_map(|preset| unknown_types(preset, layers)).collect();
    // Ours are held by a test.
    let theirs = presets.iter().filter(|preset| preset.pack != BUILT_IN);
    problems.extend(theirs.flat_map(|preset| unfindable(preset, layers)));
    for asked in layers.iter().flat_map(|layer| &layer.asked) {
        let what = |id: &str| format!("`presets` of the question `{}` names {}", asked.key, shown(id));
        let unknown = asked.presets.iter().filter_map(|id| unknown_type(id, layers, what(id)));
        problems.extend(unknown.map(|problem| problem.at(Some(asked.place.clone()))));
    }
    for (number, layer) in layers.iter().enumerate().skip(1) {
        for output in &layer.outputs {
            let path = format!("templates/{}.j2", output.template);
            if !layers.iter().any(|layer| layer.files.contains_key(&path)) {
                let known = layer.files.keys().filter_map(|path| name(path));
                let help = match nearest(&output.template, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write {path}"),
                };
                problems.push(
                    Problem::new(format!("there is no {path}"), "a file is made from a template", help)
                        .at(Some(output.place.clone())),
                );
            }
        }
        for (path, text) in &layer.files {
            let Some(name) = name(path) else { continue };
            let lower = layers[..number].iter().rev().filter_map(|layer| Some(&**layer.files.get(path)?));
            let below: Vec<&str> = taken_up(lower).collect();
            if !used.contains(name) {
                let help = match nearest(name, used.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `templates/{near}.j2`?"),
                    None => "name it below `files:` in pack.yaml, or include it".to_owned(),
                };
                problems.push(problem(layer, path, 1, format!("nothing uses {path}"), "it would change nothing", help));
            }
            if let Some(line) = longest(text) {
                let help = "write it in several, with `{% set … %}`".to_owned();
                let what = "this is too long".to_owned();
                problems.push(problem(
                    layer,
                    path,
                    line,
                    what,
                    "a tag has 4000 characters at most, and a template 500 branches",
                    help,
                ));
            }
            for (index, line) in text.lines().enumerate() {
                let target = included(line).map(|(target, _)| target);
                let known = || layers.iter().flat_map(|layer| layer.files.keys()).filter_map(|path| self::name(path));
                if let Some(target) = target.filter(|target| known().all(|known| known != *target)) {
                    let help = match nearest(target, known()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "name it as it is called below `templates/`, without `.j2`".to_owned(),
                    };
                    let what = format!("there is no template {}", shown(target));
                    problems.push(problem(layer, path, index + 1, what, "it cannot be included", help));
                }
                if let Some((word, why, help)) = unfollowed(line) {
                    let what = format!("`{word}` cannot be used so");
                    problems.push(problem(layer, path, index + 1, what, why, help.to_owned()));
                }
                if takes_up(line) && below.is_empty() {
                    let help = "write the whole template, without this line".to_owned();
                    let what = format!("there is no {path} below");
                    problems.push(problem(layer, path, index + 1, what, "no lower pack has a template here", help));
                }
                let Some(name) = block(line).filter(|_| text.lines().any(takes_up) && !below.is_empty()) else {
                    continue;
                };
                let known: BTreeSet<&str> = below.iter().flat_map(|text| text.lines()).filter_map(block).collect();
                if !known.contains(name) {
                    let help = match nearest(name, known.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("there are: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
                    };
                    let what = format!("there is no block `{name}` below");
                    problems.push(problem(
                        layer,
                        path,
                        index + 1,
                        what,
                        "what is in it would be written nowhere",
                        help,
                    ));
                }
            }
        }
    }
    problems
}

/// Types that a preset is to be found before, and that are none.
fn unknown_types(preset: &Preset, layers: &[Layer]) -> Vec<Problem> {
    let place = place(preset, "detect.before", layers);
    let what = |id: &str| format!("`detect.before` of the preset `{}` names {}", preset.id, shown(id));
    let named = preset.detect.before.iter().flatten();
    let unknown = named.filter_map(|raw| unknown_type(&raw.text, layers, what(&raw.text)));
    unknown.map(|problem| problem.at(place.clone())).collect()
}

/// What presets look for in files, and can never find.
fn unfindable(preset: &Preset, layers: &[Layer]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for fact in preset.detect.facts.iter().flatten() {
        if let Some(key) = &fact.key
            && (question(&key.text).is_none() && key.text != "version" || key.text == "preset")
        {
            let what = format!("`detect.facts` of the preset `{}` finds {}", preset.id, shown(&key.text));
            let help = match nearest(&key.text, QUESTIONS.iter().map(|question| question.key)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "name a key of cofferdam.yaml, or `version`; `cofferdam explain --list` has them all".to_owned()
                }
            };
            problems.push(Problem::new(what, "nothing is asked by that name", help));
        }
        if let Some(pattern) = &fact.pattern
            && regex_lite::Regex::new(&pattern.text).map_or(true, |regex| regex.captures_len() < 2)
        {
            let what = format!("`detect.facts` of the preset `{}` has the pattern {}", preset.id, shown(&pattern.text));
            let help = "for example `port: ([0-9]+)`";
            problems.push(Problem::new(what, "a pattern is a regular expression with a group: the value", help));
        }
    }
    let place = place(preset, "detect.facts", layers);
    problems.into_iter().map(|problem| problem.at(place.clone())).collect()
}

/// Answers of presets that are none. Left alone, everybody who uses the preset would be told.
pub(super) fn wrong_answers(layers: &[Layer], presets: &Presets, asked: &[Asked]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for preset in presets.iter() {
        for (key, raw) in &preset.defaults.extra {
            let what = format!("`extra.{key}` of the preset `{}` is {}", preset.id, shown(&raw.text));
            let problem = match asked.iter().find(|asked| asked.key.as_str() == key) {
                Some(asked) => asked.check(&raw.text).err().map(|Refusal { why, help }| Problem::new(what, why, help)),
                None => Some(unasked(what, key, asked.iter())),
            };
            problems.extend(problem.map(|problem| problem.at(place(preset, &format!("defaults.extra.{key}"), layers))));
        }
    }
    problems
}

/// Where a pack says something about a preset.
fn place(preset: &Preset, key: &str, layers: &[Layer]) -> Option<Place> {
    let source = preset.source(key)?;
    let layer = layers.iter().find(|layer| layer.name.as_str() == source.pack)?;
    Some(Place::File { path: layer.path(&source.file), line: source.line, column: 1 })
}

/// That a preset of any pack, whether or not it is kept here, is none.
fn unknown_type(id: &str, layers: &[Layer], what: String) -> Option<Problem> {
    let known = || layers.iter().flat_map(|layer| &layer.presets).map(String::as_str);
    let help = match nearest(id, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "see `cofferdam preset list`".to_owned(),
    };
    known().all(|other| other != id).then(|| Problem::new(what, "there is no such preset", help))
}

fn problem(layer: &Layer, path: &str, line: usize, what: String, why: &str, help: String) -> Problem {
    Problem::new(what, why, help).at(Some(Place::File { path: layer.path(path), line, column: 1 }))
}

/// The templates that something is written from.
fn used(layers: &[Layer], presets: &Presets) -> BTreeSet<String> {
    let mut used: BTreeSet<String> = layers[0].files.keys().filter_map(|path| name(path)).map(str::to_owned).collect();
    used.extend(presets.iter().filter_map(|preset| Some(format!("docker/{}.Dockerfile", preset.dockerfile.as_ref()?))));
    for layer in layers {
        // A preset that is not kept here may use them.
        if layer.presets.iter().any(|id| !layer.files.contains_key(&path_of(id))) {
            used.extend(
                layer
                    .files
                    .keys()
                    .filter_map(|path| name(path))
                    .filter(|name| name.starts_with("docker/"))
                    .map(str::to_owned),
            );
        }
        used.extend(layer.outputs.iter().map(|output| output.template.clone()));
        let lines = layer.files.iter().filter(|(path, _)| name(path).is_some()).flat_map(|(_, text)| text.lines());
        used.extend(lines.filter_map(included).map(|(path, _)| path.to_owned()));
    }
    used
}

fn name(path: &str) -> Option<&str> {
    path.strip_prefix("templates/")?.strip_suffix(".j2")
}
