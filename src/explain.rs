//! Why a thing is there and what breaks without it: a rule, a preset, a question, or one line of a manifest.

use crate::answers::file;
use crate::kubernetes::{FEATURES, KubeVersion};
use crate::manifest::{self, Object};
use crate::merge;
use crate::pack::Pack;
use crate::preset::Preset;
use crate::problem::{Problem, nearest, shown};
use crate::questions::{Question, all, rows};
use crate::rules::{self, Rule};
use crate::spec::pack::LabelKey;
use crate::spec::scalar::Scalar as _;

/// A thing by its name.
pub fn thing(name: &str, pack: &Pack) -> Result<String, Problem> {
    let presets = &pack.presets;
    let asked = rows(&pack.asked);
    let mut parts = Vec::new();
    parts.extend(rules::find(name).map(rule));
    parts.extend(presets.get(name).map(preset));
    parts.extend(
        all(&asked)
            .find(|question| question.key == name)
            .or_else(|| all(&asked).find(|question| question.flag == name))
            .or_else(|| asked.iter().find(|question| question.key.strip_prefix("extra.") == Some(name)))
            .map(question_text),
    );
    if name == file::NAME {
        parts.push(answers_file(&asked));
    }
    if name == "kubernetes" {
        parts.push(versions());
    }
    if parts.is_empty() {
        let known: Vec<&str> = rules::ALL
            .iter()
            .map(|rule| rule.id)
            .chain(presets.ids())
            .chain(all(&asked).map(|question| question.key))
            .collect();
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a rule, a preset, a key of cofferdam.yaml, or FILE:LINE of a manifest; `cofferdam explain --list` has them all".to_owned(),
        };
        return Err(Problem::new(
            format!("nobody knows {}", shown(name)),
            "there is no rule, preset or question of that name",
            help,
        ));
    }
    Ok(parts.join("\n"))
}

/// Every name that [`thing`] knows, in groups.
pub fn list(pack: &Pack) -> String {
    let mut out = String::from("Rules\n");
    for rule in rules::ALL {
        out.push_str(&format!("  {:<28} {}\n", rule.id, rule.summary));
    }
    out.push_str("\nPresets\n");
    for preset in pack.presets.iter() {
        out.push_str(&format!("  {:<28} {}\n", preset.id, preset.summary));
    }
    out.push_str("\nKeys of cofferdam.yaml\n");
    for question in all(&rows(&pack.asked)) {
        out.push_str(&format!("  {:<28} {}\n", question.key, question.prompt));
    }
    out
}

fn rule(rule: &Rule) -> String {
    let mut out = format!(
        "{} (rule, {})\n  {}\n  without it: {}\n  instead: {}\n",
        rule.id,
        rule.severity.as_str(),
        rule.summary,
        rule.why,
        rule.remedy
    );
    for standard in rule.standards {
        out.push_str(&format!("  asked for by: {standard}\n"));
    }
    out
}

fn preset(preset: &Preset) -> String {
    let mut out = format!("{} (preset)\n  {}\n", preset.id, preset.summary);
    if preset.chain.len() > 1 {
        out.push_str(&format!("  refines: {}\n", preset.chain[1..].join(", ")));
    }
    out.push_str(&format!("  `cofferdam preset show {}` has all of its values\n", preset.id));
    out
}

fn question_text(question: &Question<'_>) -> String {
    let mut out = format!(
        "{} (key of {}, flag --{})\n  {}\n  {}\n",
        question.key,
        file::NAME,
        question.flag,
        question.prompt,
        question.help
    );
    if let Some(words) = question.kind.words() {
        out.push_str(&format!("  one of: {}\n", words.join(", ")));
    }
    if let Some(default) = question.default {
        out.push_str(&format!("  default: {default}, unless the preset or the app says otherwise\n"));
    }
    out
}

fn answers_file(asked: &[Question<'_>]) -> String {
    let mut out =
        format!("{} holds what people decided; everything else follows the preset and the defaults.\n\n", file::NAME);
    for question in all(asked) {
        out.push_str(&format!("  {:<32} {}\n", question.key, question.prompt));
    }
    out
}

fn versions() -> String {
    let mut out =
        format!("kubernetes: one of {}; {} by default\n", KubeVersion::CHOICES.join(", "), KubeVersion::DEFAULT);
    for feature in FEATURES {
        out.push_str(&format!("  {:?}: {}\n", feature.feature, feature.why));
    }
    out
}

/// A line of a manifest: which field it is, the reason beside it, the rules that look at it, and the packs that want it.
pub fn line(path: &str, text: &str, line: usize, kubernetes: KubeVersion, pack: &Pack) -> Result<String, Vec<Problem>> {
    let objects = manifest::parse(path, &text.into(), kubernetes)?;
    let shown_line = line_of(path, text, line).map_err(|problem| vec![problem])?;
    let mut out = format!("{path}:{line}\n{shown_line}\n\n");
    let Some((object, pointer)) = objects.iter().find_map(|object| Some((object, object.field_at(line)?))) else {
        out.push_str("Nothing but a comment or white space stands here.\n");
        return Ok(out);
    };
    let keys: Vec<String> = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
    out.push_str(&format!("{}: {}\n", object.title(), merge::field(&keys)));
    if let Some(reason) = reason(text, line) {
        out.push_str(&format!("  here because: {reason}\n"));
    }
    let about: Vec<&&Rule> = rules::ALL.iter().filter(|rule| concerns(rule, object, &pointer)).collect();
    for rule in &about {
        out.push_str(&format!("  without it: {} ({})\n", rule.why, rule.id));
    }
    let wanted = wanted(&keys, pack);
    out.extend(wanted.iter().map(|what| format!("  {what}\n")));
    if about.is_empty() && wanted.is_empty() {
        out.push_str(
            "  No rule is about this field; it follows cofferdam.yaml, the preset or Kubernetes' own needs.\n",
        );
    }
    Ok(out)
}

/// What packs have to do with a label or an annotation.
fn wanted(keys: &[String], pack: &Pack) -> Vec<String> {
    let [.., kind, key] = keys else { return Vec::new() };
    let is_key = |other: &LabelKey| other.as_str() == key;
    let phrases = match kind.as_str() {
        "labels" => &pack.metadata.labels,
        "annotations" => &pack.metadata.annotations,
        _ => return Vec::new(),
    };
    let made = phrases.iter().filter(|(other, _)| is_key(other));
    let mut wanted: Vec<String> = made.map(|(_, phrase)| format!("made of `{phrase}`: {}", phrase.place)).collect();
    if kind == "labels" {
        let insisting = pack.layers.iter().filter(|layer| layer.policy.labels().iter().any(is_key));
        wanted.extend(
            insisting
                .map(|layer| format!("without it: the pack `{}` wants it on every object of a service", layer.name)),
        );
    }
    wanted
}

fn line_of<'t>(path: &str, text: &'t str, line: usize) -> Result<&'t str, Problem> {
    line.checked_sub(1).and_then(|index| text.lines().nth(index)).ok_or_else(|| {
        let lines = text.lines().count();
        Problem::new(
            format!("{path} has no line {line}"),
            format!("its lines go from 1 to {lines}"),
            "name one of them",
        )
    })
}

/// A line of the answers file: the question that it answers.
pub fn answer(text: &str, line: usize, pack: &Pack) -> Result<String, Vec<Problem>> {
    let shown_line = line_of(file::NAME, text, line).map_err(|problem| vec![problem])?;
    let documents = crate::yaml::read::read(file::NAME, text)?;
    let pointer = documents.first().and_then(|document| document.pointer_at(line)).unwrap_or_default();
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let below: Vec<&str> = if parts.first() == Some(&"services") { parts.into_iter().skip(2).collect() } else { parts };
    let key = below.join(".");
    let extra = rows(&pack.asked);
    let asked = all(&extra)
        .filter(|question| question.key == key || question.key.starts_with(&format!("{key}.")) && !key.is_empty());
    let about: String = asked.map(question_text).collect::<Vec<_>>().join("\n");
    let about = if about.is_empty() { "No question is about this line.\n".to_owned() } else { about };
    Ok(format!("{}:{line}\n{shown_line}\n\n{about}", file::NAME))
}

/// A line of a Dockerfile: the comment above it and the rules about Dockerfiles.
pub fn instruction(path: &str, text: &str, line: usize) -> Result<String, Problem> {
    let shown_line = line_of(path, text, line)?;
    let mut out = format!("{path}:{line}\n{shown_line}\n\n");
    if let Some(reason) = reason(text, line) {
        out.push_str(&format!("  here because: {reason}\n"));
    }
    let word = shown_line.split_whitespace().next().unwrap_or_default();
    let about = match word {
        "FROM" => &["latest-base-image"][..],
        "USER" => &["root-image-user"],
        "ENTRYPOINT" | "CMD" => &["shell-form-entrypoint"],
        _ => &[],
    };
    for rule in about.iter().filter_map(|id| rules::find(id)) {
        out.push_str(&format!("  without it: {} ({})\n", rule.why, rule.id));
    }
    Ok(out)
}

/// The comment of the line, or the one right above it.
fn reason(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let own = lines.get(line - 1)?.split_once(" # ").map(|(_, reason)| reason.trim().to_owned());
    own.or_else(|| lines.get(line.checked_sub(2)?)?.trim().strip_prefix("# ").map(str::to_owned))
}

fn concerns(rule: &Rule, object: &Object, pointer: &str) -> bool {
    let of_kind = !matches!(rule.id, "missing-network-policy") || object.kind == "NetworkPolicy";
    of_kind
        && rule.fields.iter().any(|field| {
            let parts: Vec<&str> = pointer.split('/').filter(|part| part.parse::<usize>().is_err()).collect();
            parts.join("/").ends_with(&format!("/{field}"))
        })
}
