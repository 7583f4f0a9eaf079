//! Which question comes next, what its default is, and what a reply changes. Pure: the shell only asks and stores.
//!
//! Flags, a script, `--yes` and a person all go through [`Interview`]; there is no second way to make answers.

mod defaults;

use std::collections::BTreeMap;

pub use self::defaults::PLACEHOLDER_REGISTRY;
use crate::answers::draft::Draft;
use crate::answers::layer::Layer as _;
use crate::answers::raw::{Origin, Raw};
use crate::answers::{Answers, ProjectAnswers};
use crate::detect::{Detection, Tree, detect};
use crate::pack::{Pack, Policy};
use crate::preset::Preset;
use crate::problem::{Problem, shown};
use crate::questions::{self, Category, Kind, Question, question};
use crate::spec::scalar::Refusal;

/// A conversation about one service.
pub struct Interview<'p> {
    pack: &'p Pack,
    /// What packs ask.
    extra: &'p [Question<'p>],
    tree: Tree,
    /// The folder's name, for an app that has none.
    folder: String,
    /// What flags and replies say.
    pub given: Draft,
    pub detected: Detection,
    /// The project that the service joins; none where it begins one.
    joins: Option<ProjectAnswers>,
    /// Whether another service of it is in the same folder, and owns `Dockerfile`.
    shares_folder: bool,
    /// Keys that were asked, in order.
    asked: Vec<&'p str>,
    /// Replies that were taken back, by key: they are there to be mended when their questions come again.
    recalled: BTreeMap<&'p str, String>,
    /// The category that a person wants to see more of.
    pub more: Option<Category>,
}

/// A question with everything needed to ask it now.
pub struct Asking<'p> {
    pub question: &'p Question<'p>,
    /// What Enter means; none where only a person can know.
    pub default: Option<String>,
    /// Whether Enter means no answer: nothing holds then, or what nobody can put into a word.
    pub may_be_left: bool,
    /// Where the default comes from.
    pub origin: Origin,
    /// What was replied before the person went back.
    pub recalled: Option<String>,
    /// The words to choose from, with what each means.
    pub choices: Vec<(String, String)>,
}

impl<'p> Interview<'p> {
    pub fn new(
        pack: &'p Pack,
        extra: &'p [Question<'p>],
        tree: Tree,
        folder: &str,
        given: Draft,
        joins: Option<ProjectAnswers>,
        shares_folder: bool,
    ) -> Self {
        let wanted = given.service.preset.as_ref().map(|raw| raw.text.clone());
        let mut interview = Self {
            pack,
            extra,
            tree,
            folder: folder.to_owned(),
            given,
            detected: Detection::default(),
            joins,
            shares_folder,
            asked: Vec::new(),
            recalled: BTreeMap::new(),
            more: None,
        };
        interview.look(wanted.as_deref());
        interview
    }

    /// Looks at the app again, for one type if a person has chosen it.
    fn look(&mut self, wanted: Option<&str>) {
        self.detected = detect(&self.tree, &self.pack.presets, wanted);
        if self.shares_folder {
            // The one that stands there is a neighbour's, and so is the name beside it.
            self.detected.service.build.dockerfile = None;
            self.detected.notes.retain(|note| note.until != Some("build.dockerfile"));
        }
    }

    fn questions(&self) -> impl Iterator<Item = &'p Question<'p>> + use<'p> {
        questions::all(self.extra)
    }

    /// What is about the project is decided where the service joins one.
    fn is_decided(&self, question: &Question<'_>) -> bool {
        self.joins.is_some() && question.is_of_project()
    }

    /// What lies behind "more" here.
    pub fn categories(&self) -> Vec<Category> {
        let open = || self.questions().filter(|question| !self.is_decided(question));
        let asks = |category: &Category| open().any(|question| question.category == *category);
        Category::MORE.iter().copied().filter(asks).collect()
    }

    /// The next question, or none where everything asked for is known.
    pub fn next(&self) -> Option<Asking<'p>> {
        let question = self.questions().find(|question| {
            let wanted = question.category == Category::Basics || Some(question.category) == self.more;
            wanted
                && !self.asked.contains(&question.key)
                // A flag has answered already.
                && question.get(&self.given).is_none()
                && !self.is_decided(question)
                && self.applies(question)
                && (!question.only_if_unknown || self.asking(question).default.is_none())
        })?;
        Some(self.asking(question))
    }

    /// Takes a reply, or says why not. Pressing Enter on a default stores nothing: a default stays a default.
    pub fn reply(&mut self, question: &'p Question<'p>, text: &str, origin: &Origin) -> Result<(), Problem> {
        let asking = self.asking(question);
        let text = text.trim();
        let is_default = asking.default.as_deref() == Some(text) && *origin == Origin::Reply;
        if text.is_empty() && asking.may_be_left {
            self.recalled.remove(question.key);
            self.asked.push(question.key);
            return Ok(());
        }
        let mut draft = self.given.clone();
        question.set(&mut draft, text, origin).map_err(|refusal| {
            let what =
                if text.is_empty() { "this is empty".to_owned() } else { format!("{} does not fit", shown(text)) };
            Problem::new(what, refusal.why, refusal.help).at(origin.place())
        })?;
        if question.key == "preset" {
            let raw: Raw<crate::spec::word::PresetId> = Raw::new(text, origin.clone());
            self.pack.presets.find(&raw, "preset")?;
        }
        // What no other answer could make right is told at once.
        let refusal =
            |policy: &Policy| policy.image_refusal(text, &self.default_name(&self.draft()).unwrap_or_default());
        if question.key == "image"
            && let Some(Refusal { why, help }) = self.pack.policies().find_map(refusal)
        {
            return Err(Problem::new(format!("{} does not fit", shown(text)), why, help).at(origin.place()));
        }
        if !is_default {
            self.given = draft;
        }
        self.recalled.remove(question.key);
        self.asked.push(question.key);
        if question.key == "preset" {
            self.look(Some(text));
        }
        Ok(())
    }

    /// Takes the last reply back, so that its question comes again. False at the first.
    pub fn back(&mut self) -> bool {
        let Some(key) = self.asked.pop() else {
            return false;
        };
        if let Some(question) = self.questions().find(|question| question.key == key) {
            if let Some((reply, _)) = question.get(&self.given) {
                self.recalled.insert(question.key, reply);
            }
            question.clear(&mut self.given);
        }
        if key == "preset" {
            // What was found for the type that was chosen goes with the choice.
            self.look(None);
        }
        true
    }

    /// How many questions have been asked.
    pub fn count(&self) -> usize {
        self.asked.len()
    }

    /// Everything known so far: replies and flags over what was detected.
    pub fn draft(&self) -> Draft {
        let mut draft = Draft {
            project: self
                .given
                .project
                .clone()
                .over(self.joins.clone().unwrap_or_default())
                .over(self.detected.project.clone()),
            name: self.given.name.clone().over(self.detected.name.clone()),
            service: self.given.service.clone().over(self.detected.service.clone()),
        };
        let preset = draft.service.preset.as_ref().and_then(|raw| self.pack.presets.get(&raw.text));
        let is_built = preset.is_none_or(|preset| preset.dockerfile.is_some());
        if self.shares_folder && is_built && draft.service.build.dockerfile.is_none() {
            let name = self.default_name(&draft).map(|name| Raw::new(format!("Dockerfile.{name}"), Origin::Default));
            draft.service.build.dockerfile = name;
        }
        draft
    }

    pub fn preset(&self) -> Option<&Preset> {
        self.pack.presets.get(&self.draft().service.preset?.text)
    }

    /// Whether a question has a meaning for what is known so far, by the preset too.
    fn applies(&self, question: &Question<'_>) -> bool {
        let mut draft = self.draft();
        if let Some(preset) = self.preset() {
            draft.service = draft.service.over(preset.defaults.clone());
        }
        question.applies(&draft, self.preset())
    }

    /// What the person should know, less what they have decided themselves.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        let open = |key: &str| {
            question(key).is_none_or(|question| !self.is_decided(question) && question.get(&self.given).is_none())
        };
        self.detected.notes.iter().filter(move |note| note.until.is_none_or(open)).map(|note| note.text.as_str())
    }

    /// What was read from the app's files: key, value, file.
    pub fn evidence(&self) -> Vec<(&'p str, String, String)> {
        let draft = Draft {
            project: self.detected.project.clone(),
            name: self.detected.name.clone(),
            service: self.detected.service.clone(),
        };
        self.questions()
            .filter(|question| !self.is_decided(question))
            .filter_map(|question| {
                let (value, origin) = question.get(&draft)?;
                match origin {
                    Origin::Detected(file) => Some((question.key, value, file)),
                    _ => None,
                }
            })
            .collect()
    }

    /// The file's content: everything that somebody or something decided.
    pub fn answers(&self) -> Result<Answers, Vec<Problem>> {
        let mut draft = self.draft();
        let mut problems = Vec::new();
        for key in ["preset", "name", "image", "build.entry"] {
            let Some(question) = question(key) else { continue };
            if question.get(&draft).is_some() || !self.applies(question) {
                continue;
            }
            let asking = self.asking(question);
            let Some(default) = asking.default else {
                problems.push(self.missing(question));
                if key == "preset" {
                    // What else is missing depends on it.
                    break;
                }
                continue;
            };
            if let Err(refusal) = question.set(&mut draft, &default, &asking.origin) {
                problems.push(Problem::new(format!("`{key}` is {}", shown(&default)), refusal.why, refusal.help));
            }
        }
        // A project that is joined is told elsewhere what it lacks.
        let asked = self.extra.iter().filter(|question| !self.is_decided(question));
        let asked = asked.filter(|question| self.applies(question));
        let open = asked.filter(|question| self.asking(question).default.is_none());
        problems.extend(open.map(|question| self.missing(question)));
        if !problems.is_empty() {
            return Err(problems);
        }
        let name = draft.name.map(|raw| raw.text).unwrap_or_default();
        let mut project = self.joins.clone().unwrap_or(draft.project);
        if project.project.is_none() {
            project.project = Some(Raw::new(name.clone(), Origin::Default));
        }
        Ok(Answers {
            cofferdam: Some(Raw::new("1", Origin::Default)),
            project,
            services: BTreeMap::from([(name, draft.service)]),
            places: BTreeMap::new(),
        })
    }

    fn missing(&self, question: &Question<'_>) -> Problem {
        let [flag, value] = question.words(self.example(question));
        Problem::new(
            format!("`{}` is missing", question.key),
            question.unknowable,
            format!("give `{flag} {value}`, or set `{}` in {}", question.key, crate::answers::file::NAME),
        )
    }

    /// The flags that give the same answers without asking, as words of a command line.
    pub fn flags(&self) -> Vec<String> {
        let mut words = Vec::new();
        for question in self.questions() {
            if let Some((value, _)) = question.get(&self.given) {
                words.extend(question.words(&value));
            }
        }
        words
    }

    /// A right reply to a question, for this app where its type makes a difference.
    pub fn example<'q>(&'q self, question: &'q Question<'_>) -> &'q str {
        let of_type = if question.key == "build.entry" { self.preset().and_then(Preset::example_entry) } else { None };
        of_type.unwrap_or(question.example())
    }

    fn asking(&self, question: &'p Question<'p>) -> Asking<'p> {
        let draft = self.draft();
        let choices = match question.kind {
            Kind::Preset => self.pack.presets.iter().map(|preset| (preset.id.clone(), preset.title.clone())).collect(),
            kind => kind.words().into_iter().flatten().map(|word| (word.to_owned(), String::new())).collect(),
        };
        let (default, origin) = self.default(question, &draft);
        let may_be_left = default.is_none() && question.category != Category::Basics;
        Asking { question, default, may_be_left, origin, choices, recalled: self.recalled.get(question.key).cloned() }
    }
}
