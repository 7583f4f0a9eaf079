//! What answers ask for against a policy.

use super::Policy;
use crate::answers::raw::{Origin, Raw};
use crate::answers::{Answers, ServiceAnswers, file};
use crate::problem::{Place, Problem, shown};
use crate::spec::scalar::Refusal;
use crate::spec::service::{Controller, ProjectSpec, Range, Relaxation, ServiceSpec};

impl Policy {
    /// About a project that has been made of `answers`.
    pub fn refusals(&self, project: &ProjectSpec, answers: &Answers) -> Vec<Problem> {
        project.services.iter().flat_map(|service| self.of_service(service, answers)).collect()
    }

    fn of_service(&self, service: &ServiceSpec, answers: &Answers) -> Vec<Problem> {
        let name = service.name.as_str();
        let none = ServiceAnswers::default();
        let given = answers.services.get(name).unwrap_or(&none);
        // What nobody wrote belongs to the service.
        let of_service =
            || answers.places.get(name).and_then(Origin::place).or_else(|| Some(Place::Path(file::NAME.to_owned())));
        let mut problems = Vec::new();
        let mut refuse = |key: &str, value: &str, place: Option<Place>, refusal: Option<Refusal>| {
            problems.extend(refusal.map(|Refusal { why, help }| {
                Problem::new(format!("`services.{name}.{key}` is {}", shown(value)), why, help)
                    .at(place.or_else(of_service))
            }));
        };
        let exceptions = || given.exceptions.iter().flatten().filter_map(|one| one.rule.as_ref());
        let excepted = |rule: &str| exceptions().find(|raw| raw.text == rule);
        let (image, resources, Range { min, max }) = (service.image.to_string(), &service.resources, service.replicas);
        refuse("image", &image, place(given.image.as_ref()), self.image_refusal(&image, name));
        refuse(
            "resources.memory",
            &resources.memory.to_string(),
            place(given.resources.memory.as_ref()),
            self.memory.refusal(&self.pack, resources.memory),
        );
        if service.has_exception(Relaxation::NoCpuLimit) {
            let rule = Relaxation::NoCpuLimit.as_str();
            let help = "remove the exception, and say `resources.cpu-limit`".to_owned();
            let refusal = self.cpu.unlimited(&self.pack).map(|refusal| Refusal { help, ..refusal });
            refuse("exceptions", rule, place(excepted(rule)), refusal);
        }
        refuse(
            "resources.cpu-limit",
            &resources.cpu_limit.to_string(),
            place(given.resources.cpu_limit.as_ref()),
            self.cpu.refusal(&self.pack, resources.cpu_limit),
        );
        // A job has as many pods as it has runs.
        if matches!(service.controller(), Controller::Deployment | Controller::StatefulSet) {
            for (key, count, raw) in
                [("replicas.min", min, &given.replicas.min), ("replicas.max", max, &given.replicas.max)]
            {
                refuse(key, &count.to_string(), place(raw.as_ref()), self.replicas.refusal(&self.pack, count));
            }
        }
        for exception in service.exceptions.iter().filter(|exception| self.no_exceptions.contains(&exception.rule)) {
            let rule = exception.rule.as_str();
            let why = format!("the pack `{}` allows no exception from it", self.pack);
            let refusal = Refusal::new(why, "remove the exception, and mend what needs it");
            refuse("exceptions", rule, place(excepted(rule)), Some(refusal));
        }
        problems
    }
}

fn place<T>(raw: Option<&Raw<T>>) -> Option<Place> {
    raw?.origin.place()
}
