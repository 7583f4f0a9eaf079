//! Layers of answers to a `ProjectSpec`: defaults last, every value parsed, every problem found.

mod build;
pub(crate) mod defaults;
mod extra;
mod flows;
mod health;
mod service;
mod storage;

use std::collections::BTreeMap;
use std::ops::Add;

use self::extra::Extra;
use crate::answers::raw::Raw;
use crate::answers::{Answers, file};
use crate::kubernetes::Feature;
use crate::pack::Pack;
use crate::problem::{Place, Problem};
use crate::spec::name::{Name, OwnNamespace};
use crate::spec::scalar::Scalar;
use crate::spec::service::{Ci, ProjectSpec, Resources};

/// Collects problems while values are parsed, so that one bad value does not hide the next.
pub(crate) struct Collector {
    problems: Vec<Problem>,
    /// Where a value that is missing belongs.
    here: Option<Place>,
}

impl Collector {
    pub(crate) fn add(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The value that somebody gave, if they gave one and it is right.
    pub(crate) fn given<T: Scalar>(&mut self, key: &str, raw: Option<&Raw<T>>) -> Option<T> {
        match raw?.parse(key) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.add(problem);
                None
            }
        }
    }

    /// The same, or the default, which is always right.
    pub(crate) fn or<T: Scalar>(&mut self, key: &str, raw: Option<&Raw<T>>, default: T) -> T {
        self.given(key, raw).unwrap_or(default)
    }

    /// A value that must be given.
    pub(crate) fn required<T: Scalar>(&mut self, key: &str, flag: &str, raw: Option<&Raw<T>>) -> Option<T> {
        self.required_like(key, flag, raw, T::EXAMPLE)
    }

    /// The same, with an example that fits the app better than the type's own.
    pub(crate) fn required_like<T: Scalar>(
        &mut self,
        key: &str,
        flag: &str,
        raw: Option<&Raw<T>>,
        example: &str,
    ) -> Option<T> {
        if raw.is_none() {
            self.add(
                Problem::new(
                    format!("`{key}` is missing"),
                    format!("nobody else can know it: {}", T::RULE),
                    format!("set `{}: {}` (`--{flag}` of `init` and `add`)", leaf(key), example),
                )
                .at(self.here.clone()),
            );
        }
        self.given(key, raw)
    }
}

fn leaf(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// What a service is resolved among.
pub(crate) struct Around<'p> {
    /// None where the project's name is wrong.
    project: Option<&'p Name>,
    namespace: &'p OwnNamespace,
    /// What the project answers for all of its services.
    of_all: &'p extra::Given,
    extra: &'p Extra,
    pack: &'p Pack,
}

/// Every choice made, or everything that stands in the way.
pub fn resolve(answers: &Answers, pack: &Pack) -> Result<ProjectSpec, Vec<Problem>> {
    let mut collector = Collector { problems: Vec::new(), here: Some(Place::Path(file::NAME.to_owned())) };
    collector.given("cofferdam", answers.cofferdam.as_ref());
    let project = &answers.project;
    let name: Option<Name> = collector.required("project", "project", project.project.as_ref());
    let namespace = match &project.namespace {
        Some(raw) => collector.given("namespace", Some(raw)),
        None => name.as_ref().and_then(|name| name.as_str().parse().ok()),
    };
    let kubernetes = collector.or("kubernetes", project.kubernetes.as_ref(), defaults::KUBERNETES);
    let output = match &project.output {
        Some(raw) => collector.given("output", Some(raw)),
        None => defaults::parsed(defaults::OUTPUT),
    };
    let ci = collector.or("ci", project.ci.as_ref(), Ci::None);
    let extra = extra::of_project(&mut collector, name.as_ref(), &project.extra, pack);
    if answers.services.is_empty() {
        collector.add(
            Problem::new("there are no services", "a project without services deploys nothing", "run `cofferdam add`")
                .at(Some(Place::Path(file::NAME.to_owned()))),
        );
    }
    let mut services = Vec::new();
    let mut names = BTreeMap::new();
    for (key, given) in &answers.services {
        let path = format!("services.{key}");
        let raw: Raw<Name> = Raw::new(key.clone(), answers.places.get(key).cloned().unwrap_or_default());
        let Some(service_name) = collector.given(&path, Some(&raw)) else {
            continue;
        };
        if let Some(place) = raw.origin.place() {
            collector.here = Some(place);
        }
        names.insert(service_name.clone(), raw.origin);
        // A wrong namespace must not hide what is wrong with the services.
        let own = namespace.clone().or_else(|| defaults::parsed(defaults::STAND_IN_NAMESPACE));
        if let Some(own) = own {
            let around =
                Around { project: name.as_ref(), namespace: &own, of_all: &project.extra, extra: &extra, pack };
            services.extend(service::resolve(&mut collector, service_name, given, &around));
        }
    }
    for service in services.iter().filter(|service| service.user_namespace) {
        let given = answers.services.get(service.name.as_str()).and_then(|given| given.user_namespace.as_ref());
        if !kubernetes.may_use(Feature::UserNamespaces) {
            collector.add(
                Problem::new(
                    format!("`services.{}.user-namespace` is set, and `kubernetes` is {kubernetes}", service.name),
                    "user namespaces are general from Kubernetes 1.36 on; an older node may ignore or refuse them",
                    "set `kubernetes: \"1.36\"`, or remove `user-namespace`",
                )
                .at(given.and_then(|raw| raw.origin.place())),
            );
        }
    }
    flows::check(&mut collector, &services, &names, answers);
    build::check_shared_dockerfiles(&mut collector, &services);
    // In the order of the file, as a person works through it.
    collector.problems.sort_by(|a, b| a.place.cmp(&b.place));
    // What a project answers for all of its services is wrong once.
    collector.problems.dedup();
    match (name, namespace, output) {
        (Some(name), Some(namespace), Some(output)) if collector.problems.is_empty() => {
            let Extra { answers: extra, labels, .. } = extra;
            let sidecars = pack.layers.iter().map(|layer| layer.sidecars).fold(Resources::default(), Add::add);
            Ok(ProjectSpec { name, namespace, kubernetes, output, ci, extra, labels, sidecars, services })
        }
        _ => Err(collector.problems),
    }
}
