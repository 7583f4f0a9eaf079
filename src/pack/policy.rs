//! What a pack insists on, whatever answers and edits say: a platform team's rules beside ours.

use std::fmt::Display;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::answers::file;
use crate::answers::raw::Raw;
use crate::manifest::Object;
use crate::problem::{Place, Problem, shown};
use crate::spec::number::Replicas;
use crate::spec::pack::{LabelKey, Registry};
use crate::spec::quantity::{Bytes, Cpu};
use crate::spec::scalar::Scalar;
use crate::spec::service::{ProjectSpec, Relaxation, ServiceSpec};
use crate::spec::word::Word;

/// Every object of a service bears this one.
const OF_SERVICE: &str = "app.kubernetes.io/instance";

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
    fn parse<T: Scalar>(&self) -> Result<Limits<T>, Problem> {
        let value = |raw: &Option<Raw<Word>>, key| -> Result<Option<T>, Problem> {
            raw.as_ref().map(|raw| Raw::<T>::new(raw.text.clone(), raw.origin.clone()).parse(key)).transpose()
        };
        Ok(Limits { min: value(&self.min, "min")?, max: value(&self.max, "max")? })
    }
}

impl PolicyFile {
    pub(super) fn parse(&self, pack: &str) -> Result<Policy, Problem> {
        fn all<T: Scalar>(raw: &[Raw<T>], key: &str) -> Result<Vec<T>, Problem> {
            raw.iter().map(|raw| raw.parse(key)).collect()
        }
        Ok(Policy {
            pack: pack.to_owned(),
            registries: all(&self.registries, "registries")?,
            labels: all(&self.labels, "labels")?,
            no_exceptions: all(&self.no_exceptions, "no-exceptions")?,
            memory: self.memory.parse()?,
            cpu: self.cpu.parse()?,
            replicas: self.replicas.parse()?,
        })
    }
}

impl Policy {
    /// What answers ask for against it.
    pub fn refusals(&self, project: &ProjectSpec) -> Vec<Problem> {
        project.services.iter().flat_map(|service| self.service(service)).collect()
    }

    fn service(&self, service: &ServiceSpec) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse = |key: &str, value: &str, why: String, help: String| {
            problems.push(
                Problem::new(format!("`services.{}.{key}` is {}", service.name, shown(value)), why, help)
                    .at(Some(Place::Path(file::NAME.to_owned()))),
            );
        };
        for exception in &service.exceptions {
            if self.no_exceptions.contains(&exception.rule) {
                let why = format!("the pack `{}` allows no exception from it", self.pack);
                refuse(
                    "exceptions",
                    exception.rule.as_str(),
                    why,
                    "remove the exception, and mend what needs it".to_owned(),
                );
            }
        }
        let pack = &self.pack;
        outside(&self.memory, service.resources.memory, "resources.memory", pack, &mut refuse);
        outside(&self.cpu, service.resources.cpu_limit, "resources.cpu-limit", pack, &mut refuse);
        outside(&self.replicas, service.replicas.min, "replicas.min", pack, &mut refuse);
        outside(&self.replicas, service.replicas.max, "replicas.max", pack, &mut refuse);
        problems
    }

    /// What objects have against it, wherever they come from.
    pub fn breaches(&self, objects: &[Object]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for object in objects {
            let pods = object.pods();
            let containers =
                pods.iter().flat_map(|pods| pods.spec.init_containers.iter().flatten().chain(&pods.spec.containers));
            for image in containers.filter_map(|container| container.image.as_deref()) {
                if !self.registries.is_empty() && !self.registries.iter().any(|registry| registry.holds(image)) {
                    let registries: Vec<&str> = self.registries.iter().map(Registry::as_str).collect();
                    let why = format!("the pack `{}` allows images of {}", self.pack, registries.join(", "));
                    let help = format!("push it there, and name it so, for example `{}/app:1.0.0`", registries[0]);
                    problems.push(breach(object, format!("its image is {}", shown(image)), why, help));
                }
            }
            let Some(labels) = object.metadata.labels.as_ref().filter(|labels| labels.contains_key(OF_SERVICE)) else {
                continue;
            };
            for label in &self.labels {
                if !labels.contains_key(label.as_str()) {
                    let why = format!("the pack `{}` wants it on every object of a service", self.pack);
                    let help = format!("fill the block `labels` of the templates with `{label}`");
                    problems.push(breach(object, format!("it has no label `{label}`"), why, help));
                }
            }
        }
        problems
    }
}

fn breach(object: &Object, what: String, why: String, help: String) -> Problem {
    Problem::new(format!("{}: {what}", object.title()), why, help).at(Some(object.place("/metadata")))
}

fn outside<T: Copy + Display + PartialOrd>(
    limits: &Limits<T>,
    value: T,
    key: &str,
    pack: &str,
    refuse: &mut impl FnMut(&str, &str, String, String),
) {
    if let Some(min) = limits.min.filter(|min| value < *min) {
        refuse(
            key,
            &value.to_string(),
            format!("the pack `{pack}` wants {min} at least"),
            format!("for example `{min}`"),
        );
    }
    if let Some(max) = limits.max.filter(|max| value > *max) {
        refuse(
            key,
            &value.to_string(),
            format!("the pack `{pack}` allows {max} at most"),
            format!("for example `{max}`"),
        );
    }
}
