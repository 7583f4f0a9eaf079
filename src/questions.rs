//! What a question is: its key in `cofferdam.yaml`, its flag, its words. The wizard, the command line and `explain` are made
//! from rows of them, ours and those of packs.

mod extra;
mod fields;
mod ours;

pub use self::extra::{give, rows};
pub use self::ours::QUESTIONS;
use crate::answers::draft::Draft;
use crate::answers::raw::Origin;
use crate::pack::{Asked, Of};
use crate::preset::Preset;
use crate::spec::scalar::Refusal;

pub struct Question<'p> {
    /// Where it stands in the file, below the service or the project.
    pub key: &'p str,
    /// Without its dashes.
    pub flag: &'static str,
    pub category: Category,
    pub prompt: &'p str,
    /// One line, with an example.
    pub help: &'p str,
    pub kind: Kind<'p>,
    /// What holds where neither detection nor a preset says anything.
    pub default: Option<&'p str>,
    /// Why nobody but a person can answer it, where there is no default.
    pub unknowable: &'p str,
    pub field: Field<'p>,
    /// Whether it has a meaning for what is known so far.
    applies: fn(&Draft, Option<&Preset>) -> bool,
    /// Asked only where there is no default.
    pub only_if_unknown: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind<'p> {
    Text,
    Preset,
    Choice(&'static [&'static str]),
    /// Words that a pack names.
    OneOf(&'p [String]),
}

impl<'p> Kind<'p> {
    /// The words to choose from, where a reply is one of a few.
    pub fn words(self) -> Option<Vec<&'p str>> {
        match self {
            Self::Text | Self::Preset => None,
            Self::Choice(words) => Some(words.to_vec()),
            Self::OneOf(words) => Some(words.iter().map(String::as_str).collect()),
        }
    }
}

/// Where the answer is kept.
pub enum Field<'p> {
    Own(Own),
    /// Among the answers to what packs ask.
    Extra(&'p Asked),
}

/// A field of the answers.
pub struct Own {
    get: fn(&Draft) -> Option<(String, Origin)>,
    set: fn(&mut Draft, &str, &Origin) -> Result<(), Refusal>,
    clear: fn(&mut Draft),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Category {
    /// Asked always.
    Basics,
    Work,
    Network,
    Resources,
    Runtime,
    Build,
    Isolation,
    /// What packs ask, and have an answer to themselves.
    Packs,
    Project,
}

impl Category {
    /// What lies behind "more".
    pub const MORE: &'static [Self] = &[
        Self::Work,
        Self::Network,
        Self::Resources,
        Self::Runtime,
        Self::Build,
        Self::Isolation,
        Self::Packs,
        Self::Project,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Basics => "The basics",
            Self::Work => "What kind of work it does: schedule, checks, start and stop",
            Self::Network => "Network: who may connect, routes, more ports",
            Self::Resources => "Resources: CPU, memory, number of pods",
            Self::Runtime => "Runtime: environment, secrets, user, command",
            Self::Build => "Build: toolchain, package manager, entry point",
            Self::Isolation => "Isolation: sandbox, region, exceptions",
            Self::Packs => "Packs: what yours ask",
            Self::Project => "Project: name, namespace, Kubernetes version, pipeline",
        }
    }
}

impl Question<'_> {
    /// A right reply, for messages.
    pub fn example(&self) -> &str {
        match &self.field {
            Field::Own(_) => self.help.rsplit('`').nth(1).unwrap_or("VALUE"),
            Field::Extra(asked) => asked.example(),
        }
    }

    pub fn get(&self, draft: &Draft) -> Option<(String, Origin)> {
        match &self.field {
            Field::Own(own) => (own.get)(draft),
            Field::Extra(asked) => extra::get(asked, draft),
        }
    }

    pub fn set(&self, draft: &mut Draft, text: &str, origin: &Origin) -> Result<(), Refusal> {
        match &self.field {
            Field::Own(own) => (own.set)(draft, text, origin),
            Field::Extra(asked) => extra::set(asked, draft, text, origin),
        }
    }

    pub fn clear(&self, draft: &mut Draft) {
        match &self.field {
            Field::Own(own) => (own.clear)(draft),
            Field::Extra(asked) => extra::clear(asked, draft),
        }
    }

    /// Whether it has a meaning for what is known so far, of a service of a preset.
    pub fn applies(&self, draft: &Draft, preset: Option<&Preset>) -> bool {
        let is_about = match &self.field {
            Field::Own(_) => true,
            Field::Extra(asked) => preset.is_none_or(|preset| asked.is_about(preset)),
        };
        is_about && (self.applies)(draft, preset)
    }

    /// Whether a project has one answer to it, for all of its services.
    pub fn is_of_project(&self) -> bool {
        match &self.field {
            Field::Own(_) => self.category == Category::Project,
            Field::Extra(asked) => asked.of == Of::Project,
        }
    }

    /// The flag that gives an answer, as words of a command line.
    pub fn words(&self, answer: &str) -> [String; 2] {
        let value = match &self.field {
            Field::Own(_) => answer.to_owned(),
            Field::Extra(asked) => format!("{}={answer}", asked.key),
        };
        [format!("--{}", self.flag), value]
    }
}

/// Ours, then those of packs.
pub fn all<'p>(extra: &'p [Question<'p>]) -> impl Iterator<Item = &'p Question<'p>> {
    QUESTIONS.iter().chain(extra)
}

/// Ours, by its key.
pub fn question(key: &str) -> Option<&'static Question<'static>> {
    QUESTIONS.iter().find(|question| question.key == key)
}
