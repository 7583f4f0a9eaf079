//! The templates of packs that lie on each other, as one environment.

pub(crate) mod placing;
pub(crate) mod settling;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};

use self::placing::Kind;
use crate::pack::Layer;
use crate::problem::{Place, Problem};

/// Rendering that takes longer than this is a template that never ends.
const FUEL: u64 = 2_000_000;

/// Texts by path without `.j2`, laid out as their output lands, of packs that lie on each other.
#[derive(Debug)]
pub struct Templates {
    layers: Arc<Vec<Texts>>,
    environment: OnceLock<Environment<'static>>,
}

#[derive(Debug)]
struct Texts {
    /// Where the pack is, for messages.
    at: String,
    by_path: BTreeMap<String, Cow<'static, str>>,
}

impl Templates {
    pub fn new(layers: &[Layer]) -> Self {
        let name = |path: &str| Some(path.strip_prefix("templates/")?.strip_suffix(".j2")?.to_owned());
        let texts = |layer: &Layer| Texts {
            at: layer.path("templates"),
            by_path: layer.files.iter().filter_map(|(path, text)| Some((name(path)?, text.clone()))).collect(),
        };
        Self { layers: Arc::new(layers.iter().map(texts).collect()), environment: OnceLock::new() }
    }

    /// The template of a file of a kind.
    pub(crate) fn get(&self, path: &str, kind: Kind) -> Result<minijinja::Template<'_, '_>, Error> {
        self.environment().get_template(&format!("{path}~{}", kind.name()))
    }

    /// Whether an expression is true of some values.
    pub(crate) fn holds(&self, expression: &str, values: &serde_json::Value) -> Result<bool, Error> {
        let expression = self.environment().compile_expression(expression)?;
        Ok(expression.eval(minijinja::value::Serde(values))?.is_true())
    }

    fn environment(&self) -> &Environment<'static> {
        self.environment.get_or_init(|| environment(Arc::clone(&self.layers)))
    }

    /// What a template says, and what those say that it takes up; nothing where there is none of that name.
    pub(crate) fn lines<'t>(&'t self, path: &str) -> impl Iterator<Item = &'t str> {
        self.texts(path).into_iter().rev().flat_map(|(_, text)| text.lines())
    }

    /// A template and those that it takes up, the uppermost first, each with the number of its pack.
    pub(crate) fn texts(&self, path: &str) -> Vec<(usize, &str)> {
        let layers = self.layers.iter().enumerate().rev();
        let all = layers.filter_map(|(number, layer)| Some((number, &**layer.by_path.get(path)?)));
        let count = taken_up(all.clone().map(|(_, text)| text)).count();
        all.take(count).collect()
    }

    /// A template and everything that it includes.
    pub(crate) fn parts<'t>(&'t self, path: &'t str) -> BTreeSet<&'t str> {
        let (mut parts, mut open) = (BTreeSet::new(), vec![path]);
        while let Some(path) = open.pop() {
            if parts.insert(path) {
                open.extend(self.lines(path).filter_map(included).map(|(path, _)| path));
            }
        }
        parts
    }

    /// Whether there are others than those that cofferdam brings.
    pub(crate) fn are_layered(&self) -> bool {
        self.layers.len() > 1
    }

    /// Where a line of a template of the environment stands.
    pub(crate) fn place(&self, name: &str, line: usize) -> Source {
        let Name { path, layer, .. } = Name::of(name);
        let number = top(&self.layers, path, layer.unwrap_or(usize::MAX)).map_or(0, |(number, _)| number);
        Source { file: format!("{}/{path}.j2", self.layers[number].at), line, is_ours: number == 0 }
    }
}

/// A line of a template.
pub struct Source {
    /// As messages name it.
    pub file: String,
    pub line: usize,
    /// Whether cofferdam brings it: then what is wrong with it is our fault.
    pub is_ours: bool,
}

impl Source {
    /// What is wrong with it, told to whoever can mend it.
    pub fn problem(self, what: &str, why: impl Into<String>, help: impl Into<String>) -> Problem {
        if self.is_ours {
            Problem::internal(format!("{}:{}: {what}", self.file, self.line), why)
        } else {
            let place = Place::File { path: self.file, line: self.line, column: 1 };
            Problem::new(what, why, help).at(Some(place))
        }
    }
}

/// The uppermost text of a path, up to a layer.
fn top<'t>(layers: &'t [Texts], path: &str, most: usize) -> Option<(usize, &'t str)> {
    let numbered = layers.iter().enumerate().take(most.saturating_add(1)).rev();
    numbered.into_iter().find_map(|(number, layer)| Some((number, &**layer.by_path.get(path)?)))
}

/// How the environment names a template: `path~kind#layer@indent`, where all but the first may be missing.
struct Name<'n> {
    path: &'n str,
    /// Of the file that it becomes a part of.
    kind: Kind,
    /// The highest pack that it may come from.
    layer: Option<usize>,
    indent: usize,
}

impl<'n> Name<'n> {
    fn of(name: &'n str) -> Self {
        let (before, indent) = name.split_once('@').unwrap_or((name, "0"));
        let (before, layer) = before.split_once('#').map_or((before, None), |(path, layer)| (path, layer.parse().ok()));
        let (path, kind) = before.split_once('~').map_or((before, None), |(path, kind)| (path, Kind::named(kind)));
        // What nobody foresaw is the strictest.
        let kind = kind.unwrap_or(Kind::Yaml);
        match indent.parse::<u8>() {
            Ok(indent) => Self { path, kind, layer, indent: indent.into() },
            // Then it is the name of no template.
            Err(_) => Self { path: name, kind, layer: None, indent: 0 },
        }
    }
}

/// The template that a line includes, and how deep.
pub(crate) fn included(line: &str) -> Option<(&str, usize)> {
    let target =
        line.trim().strip_prefix("{% include \"")?.strip_suffix("\" %}").filter(|target| !target.contains('"'))?;
    let name = Name::of(target);
    Some((name.path, name.indent))
}

/// What a line asks for that is not followed, or not allowed, in a word, with why and what to do.
pub(crate) fn unfollowed(line: &str) -> Option<(&'static str, &'static str, &'static str)> {
    if included(line).is_some() || takes_up(line) {
        return None;
    }
    // What is said about a tag is none.
    let line = line.split("{#").next().unwrap_or_default();
    let is_shown = line.contains("{% raw %}");
    let word = |tag: &str| tag.trim_start_matches(['-', '+']).split_whitespace().next().unwrap_or_default().to_owned();
    let words: Vec<String> = line.split("{%").skip(1).map(word).collect();
    let uses = |wanted: &str| !is_shown && words.iter().any(|word| word == wanted);
    match () {
        () if uses("include") => Some((
            "include",
            "it is followed as `{% include \"deploy/service/_labels.yaml\" %}` alone on its line",
            "write it so",
        )),
        () if uses("extends") => {
            Some(("extends", "it is followed as `{% extends \"below\" %}` alone on its line", "write it so"))
        }
        () if uses("import") || uses("from") => {
            Some(("import", "a template has macros of its own, and takes up others with `include`", "leave it out"))
        }
        () if uses("autoescape") => {
            Some(("autoescape", "every value is placed as what it is: nobody switches that off", "leave it out"))
        }
        () => None,
    }
}

/// The line of a tag that is longer, or has more branches, than anybody writes. What reads those goes as deep as they do.
pub(crate) fn longest(text: &str) -> Option<usize> {
    const LONGEST: usize = 4_000;
    const MOST: usize = 500;
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let mut at = 0;
    while let Some(begin) =
        ["{{", "{%", "{#"].iter().filter_map(|tag| text[at..].find(tag)).min().map(|found| at + found)
    {
        if let Some(said) = text[begin..].strip_prefix("{#") {
            at = begin + 2 + said.find("#}").unwrap_or(said.len());
            continue;
        }
        let end = if text[begin..].starts_with("{{") { "}}" } else { "%}" };
        let mut quote = None;
        let mut chars = text[begin + 2..].char_indices();
        let mut length = text.len() - begin - 2;
        while let Some((index, char)) = chars.next() {
            match (quote, char) {
                (Some(_), '\\') => drop(chars.next()),
                (Some(open), _) if open == char => quote = None,
                (None, '"' | '\'') => quote = Some(char),
                (None, _) if text[begin + 2 + index..].starts_with(end) => {
                    length = index;
                    break;
                }
                _ => {}
            }
        }
        if length > LONGEST {
            return Some(line(begin));
        }
        at = begin + 2 + length;
    }
    text.match_indices("elif").nth(MOST).map(|(at, _)| line(at))
}

/// Whether a line takes up the template of the same path in the pack below.
pub(crate) fn takes_up(line: &str) -> bool {
    line.trim() == "{% extends \"below\" %}"
}

/// Of the texts of a template, the uppermost first, those that what is written is made of.
pub(crate) fn taken_up<'t>(texts: impl Iterator<Item = &'t str>) -> impl Iterator<Item = &'t str> {
    let mut goes_on = true;
    texts.take_while(move |text| {
        let is_taken = goes_on;
        goes_on = text.lines().any(takes_up);
        is_taken
    })
}

/// The block that begins on a line.
pub(crate) fn block(line: &str) -> Option<&str> {
    let tag = line.trim_start().strip_prefix("{%")?.trim_start_matches(['-', '+']).trim_start();
    tag.strip_prefix("block ")?.split_whitespace().next()
}

/// The blocks of a text, each with whether it takes up what the template below has in it.
pub(crate) fn blocks(text: &str) -> Vec<(&str, bool)> {
    let mut blocks = Vec::new();
    // By their places in the list, the innermost last.
    let mut open: Vec<usize> = Vec::new();
    for line in text.lines() {
        if let Some(name) = block(line) {
            open.push(blocks.len());
            blocks.push((name, false));
        }
        if let Some(innermost) = open.last().filter(|_| line.contains("super()")) {
            blocks[*innermost].1 = true;
        }
        if line.contains("{% endblock") {
            open.pop();
        }
    }
    blocks
}

fn environment(layers: Arc<Vec<Texts>>) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        env.set_syntax(syntax);
    }
    env.set_fuel(Some(FUEL));
    // Or an error would name what is undefined in builds for development only.
    env.set_debug(true);
    // Nobody switches escaping off, not even the author of a template.
    for filter in ["safe", "escape", "e", "tojson"] {
        env.remove_filter(filter);
    }
    env.add_filter("comment", placing::comment);
    env.add_filter("exec", placing::exec);
    env.set_auto_escape_callback(|name| AutoEscape::Custom(Name::of(name).kind.name().into()));
    env.set_formatter(placing::place);
    env.set_loader(move |name| Ok(load(&layers, name)));
    env
}

/// `deploy/service/_pod.yaml@6` is that template, indented by six: one pod for every kind that holds one.
fn load(layers: &[Texts], name: &str) -> Option<String> {
    let Name { path, kind, layer, indent } = Name::of(name);
    let kind = kind.name();
    let (number, text) = top(layers, path, layer.unwrap_or(usize::MAX))?;
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match included(line) {
            // An include inside an indented template moves by as much.
            Some((target, inner)) => {
                let _ = writeln!(out, "{{% include \"{target}~{kind}@{}\" %}}", inner + indent);
            }
            _ if takes_up(line) => {
                let below = number.checked_sub(1)?;
                let _ = writeln!(out, "{{% extends \"{path}~{kind}#{below}@{indent}\" %}}");
            }
            // Like what is included, it stands in lines of its own already. The comment takes the end of the line with it.
            _ if line.trim() == "{{ super() }}" => out.push_str("{{ super() }}{# #}\n"),
            _ if line.is_empty() => out.push('\n'),
            _ => {
                let _ = writeln!(out, "{:indent$}{line}", "");
            }
        }
    }
    Some(out)
}
