//! What a pack asks of those who use it: one row for each question. The answers stand in `extra` of `cofferdam.yaml`.

use regex_lite::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Layer;
use super::layer::kept;
use crate::answers::raw::{Origin, Raw};
use crate::preset::Preset;
use crate::problem::{Place, Problem, nearest, shown};
use crate::spec::name::Name;
use crate::spec::scalar::{Refusal, choice};
use crate::spec::word::{Line, PresetId, Sentence};

/// A question of a pack.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What templates, labels and annotations know the answer by.
    pub key: Name,
    /// Where the answer stands, below the service or the project.
    pub path: String,
    pub of: Of,
    /// The presets whose services have an answer, and those of what refines them; all, if none is named.
    pub presets: Vec<String>,
    pub ask: String,
    /// One line about it.
    pub help: String,
    /// Who wants to know.
    pub why: String,
    rule: Rule,
    pub default: Option<String>,
    /// Where its pack has it.
    pub place: Place,
}

choice!(
    /// Who has one answer.
    Of,
    "a question is about one of these",
    { Project = "project", Service = "service" }
);

/// Which answers are right.
#[derive(Clone, Debug)]
enum Rule {
    AnyLine,
    /// All of the answer, by a regular expression.
    Pattern {
        text: String,
        whole: Regex,
    },
    OneOf(Vec<String>),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct AskedFile {
    /// What the answer is known by
    key: Option<Raw<Name>>,
    /// Whether each service has an answer of its own, or the project has one for all
    of: Option<Raw<Of>>,
    /// The presets of the services that it is asked about, if not all; those that refine them count too
    #[serde(default)]
    presets: Vec<Raw<PresetId>>,
    /// The question
    #[schemars(extend("examples" = ["Which cost centre pays for it?"]))]
    ask: Option<Raw<Sentence>>,
    /// One line about it, with an example between backticks
    #[schemars(extend("examples" = ["four digits, as the ledger has them: `4711`"]))]
    help: Option<Raw<Sentence>>,
    /// A regular expression that the whole answer matches
    #[schemars(extend("examples" = ["[0-9]{4}"]))]
    pattern: Option<Raw<Line>>,
    /// The answers to choose from
    #[serde(default)]
    one_of: Vec<Raw<Line>>,
    /// What holds where nobody answers
    #[schemars(extend("examples" = ["silver"]))]
    default: Option<Raw<Line>>,
}

impl AskedFile {
    /// The question of a pack whose head is at `path`, or all that is wrong with it.
    pub(super) fn parse(&self, pack: &str, path: &str) -> Result<Asked, Vec<Problem>> {
        let mut problems = Vec::new();
        let key = kept(self.key(), &mut problems);
        let ask = kept(self.ask(), &mut problems);
        let presets = kept(self.presets(), &mut problems);
        let of = kept(self.of.as_ref().map_or(Ok(Of::Service), |raw| raw.parse("of")), &mut problems);
        let help = kept(self.help.as_ref().map(|raw| raw.parse("help")).transpose(), &mut problems);
        let rule = kept(self.rule(), &mut problems);
        let default = kept(self.default.as_ref().map(|raw| raw.parse("default")).transpose(), &mut problems);
        let (Some(key), Some(ask), Some(presets), Some(of), Some(help), Some(rule), Some(default)) =
            (key, ask, presets, of, help, rule, default)
        else {
            return Err(problems);
        };
        let asked = Asked {
            path: format!("extra.{key}"),
            of,
            presets,
            why: format!("the pack `{pack}` asks: {ask}"),
            ask: ask.to_string(),
            help: help.map_or_else(|| format!("the pack {pack} asks it"), |help| help.to_string()),
            rule,
            default: default.map(|default| default.to_string()),
            place: self.origin().map_or_else(|| Place::Path(path.to_owned()), |origin| origin.place_in(path)),
            key,
        };
        let problems: Vec<Problem> =
            [self.wrong_default(&asked), self.unhelpful(&asked)].into_iter().flatten().collect();
        if problems.is_empty() { Ok(asked) } else { Err(problems) }
    }

    /// Where it begins, as well as anybody can tell.
    fn origin(&self) -> Option<&Origin> {
        self.key.as_ref().map(|raw| &raw.origin).or(self.ask.as_ref().map(|raw| &raw.origin))
    }

    fn missing(&self, key: &str, example: &str) -> Problem {
        let why = "a question has a key, by which its answer is known, and the words that ask it";
        Problem::new(format!("a question has no `{key}`"), why, format!("for example `{key}: {example}`"))
            .at(self.origin().and_then(Origin::place))
    }

    fn key(&self) -> Result<Name, Problem> {
        let raw = self.key.as_ref().ok_or_else(|| self.missing("key", "cost-centre"))?;
        if RESERVED.contains(&raw.text.as_str()) {
            let why = "labels and annotations know the service and its project by these names";
            return Err(
                Problem::new(format!("`key` is `{}`", raw.text), why, "for example `owner`").at(raw.origin.place())
            );
        }
        raw.parse("key")
    }

    fn presets(&self) -> Result<Vec<String>, Problem> {
        if let (Some(preset), Some(of)) = (self.presets.first(), &self.of)
            && of.text == Of::Project.as_str()
        {
            let why = "a project has one answer, for all of its services, whatever they are";
            return Err(Problem::new(
                "`presets` of a question about the project",
                why,
                "remove `of: project`, or `presets`",
            )
            .at(preset.origin.place()));
        }
        self.presets.iter().map(|raw| Ok(raw.parse("presets")?.to_string())).collect()
    }

    fn ask(&self) -> Result<Sentence, Problem> {
        self.ask.as_ref().ok_or_else(|| self.missing("ask", "Which cost centre pays for it?"))?.parse("ask")
    }

    fn wrong_default(&self, asked: &Asked) -> Option<Problem> {
        let raw = self.default.as_ref()?;
        let refusal = asked.check(&raw.text).err()?;
        let what = format!("`default` is {}", shown(&raw.text));
        Some(Problem::new(what, refusal.why, "give a default that is a right answer").at(raw.origin.place()))
    }

    /// That its help shows no right answer.
    fn unhelpful(&self, asked: &Asked) -> Option<Problem> {
        let pattern = self.pattern.as_ref().filter(|_| asked.check(asked.example()).is_err())?;
        // Then it is the default that is wrong.
        if self.default.is_some() {
            return None;
        }
        let what = format!("`help` shows no answer that matches {}", shown(&pattern.text));
        let why = "whoever answers wrong is shown one that is right";
        let help = "for example `help: four digits, as the ledger has them: `4711``, or give a `default`";
        let place = self.help.as_ref().map_or(&pattern.origin, |raw| &raw.origin).place();
        Some(Problem::new(what, why, help).at(place))
    }

    fn rule(&self) -> Result<Rule, Problem> {
        match (&self.pattern, self.one_of.as_slice()) {
            (None, []) => Ok(Rule::AnyLine),
            (None, words) => {
                let words: Result<Vec<Line>, Problem> = words.iter().map(|raw| raw.parse("one-of")).collect();
                Ok(Rule::OneOf(words?.iter().map(ToString::to_string).collect()))
            }
            (Some(pattern), []) => {
                let text = pattern.parse("pattern")?.to_string();
                // By itself first: one that closes our group would match more than the whole.
                let whole = Regex::new(&text).and_then(|_| Regex::new(&format!("^(?:{text})$"))).map_err(|error| {
                    Problem::new(format!("`pattern` is `{text}`"), error.to_string(), "for example `[0-9]{4}`")
                        .at(pattern.origin.place())
                })?;
                Ok(Rule::Pattern { text, whole })
            }
            (Some(pattern), _) => Err(Problem::new(
                "a question has `pattern` and `one-of`",
                "one of them says which answers are right",
                "remove the other",
            )
            .at(pattern.origin.place())),
        }
    }
}

/// A question that a pack asks a second time.
pub(super) fn repeated(asked: &[Asked]) -> Option<Problem> {
    let again = asked.iter().enumerate().find(|(index, one)| asked[..*index].iter().any(|other| other.key == one.key));
    again.map(|(_, one)| {
        let why = "an answer is known by the key of its question";
        Problem::new(format!("two questions have the key `{}`", one.key), why, "give one of them another")
            .at(Some(one.place.clone()))
    })
}

/// All that packs ask. A question of an upper pack takes the place of the one below that has its key.
pub(super) fn joined(layers: &[Layer]) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    for asked in layers.iter().flat_map(|layer| &layer.asked) {
        match all.iter_mut().find(|below| below.key == asked.key) {
            Some(below) => *below = asked.clone(),
            None => all.push(asked.clone()),
        }
    }
    all
}

/// That something answers what nobody asks.
pub(crate) fn unasked<'a>(what: String, key: &str, asked: impl Iterator<Item = &'a Asked>) -> Problem {
    let keys: Vec<&str> = asked.map(|asked| asked.key.as_str()).collect();
    let help = match nearest(key, keys.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if keys.is_empty() => "leave it out, or name the pack that asks it".to_owned(),
        None => format!("leave it out; what is asked: {}", keys.join(", ")),
    };
    Problem::new(what, "no pack asks it", help)
}

/// What labels and annotations place beside answers.
pub(super) const RESERVED: [&str; 2] = ["project", "service"];

impl Asked {
    /// Whether a service of a preset has an answer.
    pub fn is_about(&self, preset: &Preset) -> bool {
        self.presets.is_empty() || preset.chain.iter().any(|id| self.presets.contains(id))
    }

    /// Whether a text is a right answer.
    pub fn check(&self, text: &str) -> Result<Line, Refusal> {
        match &self.rule {
            Rule::OneOf(words) if !words.iter().any(|word| word == text) => {
                let why = format!("the answer is one of {}", words.join(", "));
                Err(Refusal::new(why, format!("for example `{}`", self.example())))
            }
            Rule::Pattern { text: pattern, whole } if !whole.is_match(text) => {
                let why = format!("the answer matches `{pattern}`: {}", self.help);
                Err(Refusal::new(why, format!("for example `{}`", self.example())))
            }
            _ => text.parse(),
        }
    }

    /// The answers to choose from, where there are few.
    pub fn words(&self) -> &[String] {
        match &self.rule {
            Rule::OneOf(words) => words,
            Rule::AnyLine | Rule::Pattern { .. } => &[],
        }
    }

    /// That a service, or a flag about one, answers what only the project does.
    pub fn misplaced(&self, path: &str) -> Problem {
        let why = "a project has one answer, for all of its services";
        Problem::new(
            format!("`{path}` is about the project"),
            why,
            format!("set `{}` beside `services:`", self.entry()),
        )
    }

    /// How an answer stands in `cofferdam.yaml`.
    pub fn entry(&self) -> String {
        format!("extra: {{ {}: {} }}", self.key, self.example())
    }

    /// A right answer, for messages.
    pub fn example(&self) -> &str {
        let chosen = self.words().first().map(String::as_str).or(self.default.as_deref());
        chosen.or_else(|| self.help.rsplit('`').nth(1)).unwrap_or("ANSWER")
    }
}
