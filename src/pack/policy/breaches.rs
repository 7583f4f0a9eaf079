//! What objects have against a policy, whoever wrote them.

use k8s_openapi::api::core::v1::Container;

use super::Policy;
use crate::manifest::{Object, Pods, Typed};
use crate::problem::{Problem, shown};
use crate::spec::number::Replicas;
use crate::spec::quantity::{Bytes, Cpu};
use crate::spec::scalar::Refusal;

/// Every object of a service bears this one.
const OF_SERVICE: &str = "app.kubernetes.io/instance";

impl Policy {
    pub fn breaches(&self, objects: &[Object]) -> Vec<Problem> {
        objects.iter().flat_map(|object| self.of_object(object)).collect()
    }

    fn of_object(&self, object: &Object) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(Pods { spec, pointer, .. }) = object.pods() {
            let first = spec.init_containers.iter().flatten().enumerate().map(|one| ("initContainers", one));
            for (list, (index, container)) in
                first.chain(spec.containers.iter().enumerate().map(|one| ("containers", one)))
            {
                problems.extend(self.of_container(object, &format!("{pointer}/{list}/{index}"), container));
            }
        }
        for (pointer, count) in counts(object) {
            // None at all is too few wherever one is.
            let pods = count.max(1).to_string().parse::<Replicas>().ok();
            let refusal = pods.and_then(|pods| self.replicas.refusal(&self.pack, pods));
            problems.extend(refusal.map(|refusal| breach(object, pointer, format!("it has {count} pods"), refusal)));
        }
        let labels = object.metadata.labels.as_ref().filter(|labels| labels.contains_key(OF_SERVICE));
        for label in
            self.labels.iter().filter(|label| labels.is_some_and(|labels| !labels.contains_key(label.as_str())))
        {
            let why = format!("the pack `{}` wants it on every object of a service", self.pack);
            let help = format!("put it back, or let a pack write it: `labels: {{ {label}: … }}` in its pack.yaml");
            let refusal = Refusal::new(why, help);
            problems.push(breach(object, "/metadata", format!("it has no label `{label}`"), refusal));
        }
        problems
    }

    fn of_container(&self, object: &Object, pointer: &str, container: &Container) -> Vec<Problem> {
        let name = &container.name;
        let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
        let limit = |key: &str| limits.and_then(|limits| limits.get(key)).map(|limit| limit.0.as_str());
        let image = container.image.as_deref().unwrap_or_default();
        let memory = limit("memory").unwrap_or_default();
        let cpu = limit("cpu").unwrap_or_default();
        // What cannot be read as an amount is told elsewhere.
        let too_much = memory.parse::<Bytes>().ok().and_then(|memory| self.memory.refusal(&self.pack, memory));
        let too_fast = cpu.parse::<Cpu>().ok().and_then(|cpu| self.cpu.refusal(&self.pack, cpu));
        let found = [
            ("image", format!("its image is {}", shown(image)), self.image_refusal(image, name)),
            ("resources/limits/memory", format!("`{name}` may use {memory} of memory"), too_much),
            ("resources/limits/cpu", format!("`{name}` may use {cpu} of CPU"), too_fast),
        ];
        let breaches = found
            .into_iter()
            .filter_map(|(field, what, refusal)| Some(breach(object, &format!("{pointer}/{field}"), what, refusal?)));
        breaches.collect()
    }
}

/// How many pods an object keeps, and where it says so.
fn counts(object: &Object) -> Vec<(&'static str, i32)> {
    let said = match &object.typed {
        Typed::Deployment(set) => vec![("/spec/replicas", set.spec.replicas)],
        Typed::StatefulSet(set) => vec![("/spec/replicas", set.spec.replicas)],
        Typed::HorizontalPodAutoscaler(scaler) => {
            vec![("/spec/minReplicas", scaler.spec.min_replicas), ("/spec/maxReplicas", Some(scaler.spec.max_replicas))]
        }
        _ => Vec::new(),
    };
    said.into_iter().filter_map(|(pointer, count)| Some((pointer, count?))).collect()
}

fn breach(object: &Object, pointer: &str, what: String, refusal: Refusal) -> Problem {
    Problem::new(format!("{}: {what}", object.title()), refusal.why, refusal.help).at(Some(object.place(pointer)))
}
