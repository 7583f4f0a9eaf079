//! What a pack insists on, whatever answers and edits say: a platform team's rules beside ours.

mod breaches;

use std::fmt::Display;

use schemars::JsonSchema;
use serde::Deserialize;

use super::layer::kept;
use crate::answers::raw::{Origin, Raw};
use crate::answers::{Answers, ServiceAnswers, file};
use crate::problem::{Place, Problem, shown};
use crate::spec::number::Replicas;
use crate::spec::pack::{LabelKey, Registry};
use crate::spec::quantity::{Bytes, Cpu};
use crate::spec::scalar::Scalar;
use crate::spec::service::{Controller, ProjectSpec, Range, Relaxation, ServiceSpec};
use crate::spec::word::Word;

#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Who insists, for messages.
    pack: String,
    registries: Vec<Registry>,
    labels: Vec<LabelKey>,
    no_exceptions: Vec<Relaxation>,
    memory: Limits<Bytes>,
    cpu: Limits<Cpu>,
    replicas: Limits<Replicas>,
}

#[derive(Clone, Copy, Debug)]
struct Limits<T> {
    min: Option<T>,
    max: Option<T>,
}

impl<T: Copy + Display + PartialOrd> Limits<T> {
    /// Why a pack does not allow a value, and one that it does.
    fn refusal(&self, pack: &str, value: T) -> Option<(String, String)> {
        let low = self.min.filter(|min| value < *min).map(|min| (format!("wants {min} at least"), min));
        let high = || self.max.filter(|max| value > *max).map(|max| (format!("allows {max} at most"), max));
        let (insists, bound) = low.or_else(high)?;
        Some((format!("the pack `{pack}` {insists}"), format!("for example `{bound}`")))
    }
}

impl<T> Default for Limits<T> {
    fn default() -> Self {
        Self { min: None, max: None }
    }
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct PolicyFile {
    /// Where the images of pods come from
    registries: Vec<Raw<Registry>>,
    /// Labels that every object of a service bears
    labels: Vec<Raw<LabelKey>>,
    /// Rules that no service may be excepted from
    no_exceptions: Vec<Raw<Relaxation>>,
    /// How much memory a pod may ask for
    memory: LimitsFile,
    /// How much CPU a pod may be limited to
    cpu: LimitsFile,
    /// How many pods a service may have
    replicas: LimitsFile,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct LimitsFile {
    /// At least
    min: Option<Raw<Word>>,
    /// At most
    max: Option<Raw<Word>>,
}

impl LimitsFile {
    fn parse<T: Scalar + Copy + Display + PartialOrd>(&self, key: &str, problems: &mut Vec<Problem>) -> Limits<T> {
        let mut value = |raw: &Option<Raw<Word>>, bound: &str| {
            let raw = raw.as_ref()?;
            kept(Raw::<T>::new(raw.text.clone(), raw.origin.clone()).parse(&format!("{key}.{bound}")), problems)
        };
        let limits = Limits { min: value(&self.min, "min"), max: value(&self.max, "max") };
        if let (Some(min), Some(max), Some(raw)) = (limits.min, limits.max, &self.max)
            && min > max
        {
            let what = format!("`{key}.max` is {max}, and `{key}.min` is {min}");
            problems.push(
                Problem::new(what, "no service could be right", "let the larger one be `max`").at(raw.origin.place()),
            );
        }
        limits
    }
}

impl PolicyFile {
    /// What the pack of a name insists on; all that is wrong with it goes to `problems`.
    pub(super) fn parse(&self, pack: &str, problems: &mut Vec<Problem>) -> Policy {
        fn all<T: Scalar>(raw: &[Raw<T>], key: &str, problems: &mut Vec<Problem>) -> Vec<T> {
            raw.iter().filter_map(|raw| kept(raw.parse(key), problems)).collect()
        }
        Policy {
            pack: pack.to_owned(),
            registries: all(&self.registries, "registries", problems),
            labels: all(&self.labels, "labels", problems),
            no_exceptions: all(&self.no_exceptions, "no-exceptions", problems),
            memory: self.memory.parse("memory", problems),
            cpu: self.cpu.parse("cpu", problems),
            replicas: self.replicas.parse("replicas", problems),
        }
    }
}

impl Policy {
    /// What `answers` ask for against it, now that they are a project.
    pub fn refusals(&self, project: &ProjectSpec, answers: &Answers) -> Vec<Problem> {
        project.services.iter().flat_map(|service| self.of_service(service, answers)).collect()
    }

    fn of_service(&self, service: &ServiceSpec, answers: &Answers) -> Vec<Problem> {
        let name = service.name.as_str();
        let none = ServiceAnswers::default();
        let given = answers.services.get(name).unwrap_or(&none);
        let image = service.image.to_string();
        let ServiceSpec { resources, replicas: Range { min, max }, .. } = service;
        let mut found = vec![
            (
                "resources.memory",
                resources.memory.to_string(),
                self.memory.refusal(&self.pack, resources.memory),
                place(given.resources.memory.as_ref()),
            ),
            (
                "resources.cpu-limit",
                resources.cpu_limit.to_string(),
                self.cpu.refusal(&self.pack, resources.cpu_limit),
                place(given.resources.cpu_limit.as_ref()),
            ),
            ("image", image.clone(), self.image_refusal(&image, name), place(given.image.as_ref())),
        ];
        // A job has as many pods as it has runs.
        if matches!(service.controller(), Controller::Deployment | Controller::StatefulSet) {
            found.push((
                "replicas.min",
                min.to_string(),
                self.replicas.refusal(&self.pack, *min),
                place(given.replicas.min.as_ref()),
            ));
            found.push((
                "replicas.max",
                max.to_string(),
                self.replicas.refusal(&self.pack, *max),
                place(given.replicas.max.as_ref()),
            ));
        }
        for exception in service.exceptions.iter().filter(|exception| self.no_exceptions.contains(&exception.rule)) {
            let why = format!("the pack `{}` allows no exception from it", self.pack);
            let help = "remove the exception, and mend what needs it".to_owned();
            let rule = exception.rule.as_str();
            let raw =
                given.exceptions.iter().flatten().filter_map(|one| one.rule.as_ref()).find(|raw| raw.text == rule);
            found.push(("exceptions", rule.to_owned(), Some((why, help)), place(raw)));
        }
        // What nobody wrote belongs to the service.
        let of_service =
            || answers.places.get(name).and_then(Origin::place).or_else(|| Some(Place::Path(file::NAME.to_owned())));
        let problem = |(key, value, refusal, place): (&str, String, Option<(String, String)>, Option<Place>)| {
            let (why, help) = refusal?;
            Some(
                Problem::new(format!("`services.{name}.{key}` is {}", shown(&value)), why, help)
                    .at(place.or_else(of_service)),
            )
        };
        found.into_iter().filter_map(problem).collect()
    }

    /// Where the images of pods come from; anywhere, if there is none.
    pub fn registries(&self) -> &[Registry] {
        &self.registries
    }

    /// What every object of a service bears.
    pub fn labels(&self) -> &[LabelKey] {
        &self.labels
    }

    /// Why an image of an app cannot come from where it does, and where it could come from.
    pub fn image_refusal(&self, image: &str, app: &str) -> Option<(String, String)> {
        let first = self.registries.first()?;
        if self.registries.iter().any(|registry| registry.holds(image)) {
            return None;
        }
        let registries: Vec<&str> = self.registries.iter().map(Registry::as_str).collect();
        let why = format!("the pack `{}` allows images of {}", self.pack, registries.join(", "));
        Some((why, format!("push it there, and name it so, for example `{first}/{app}:1.0.0`")))
    }
}

fn place<T>(raw: Option<&Raw<T>>) -> Option<Place> {
    raw?.origin.place()
}
