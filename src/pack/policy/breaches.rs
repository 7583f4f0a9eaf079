//! What objects have against a policy, whoever wrote them.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Container;

use super::{Limits, Policy};
use crate::manifest::{Kustomization, Object, Pods, Typed};
use crate::problem::{Problem, shown};
use crate::rules::exception_key;
use crate::spec::number::Replicas;
use crate::spec::pack::LabelKey;
use crate::spec::scalar::Refusal;

/// What a kustomization may say and change nothing that a policy is about, or nothing that is not looked at
/// (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>).
const HARMLESS: [&str; 8] = [
    "buildMetadata",
    "configMapGenerator",
    "generatorOptions",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "secretGenerator",
    "sortOptions",
];

impl Policy {
    /// `is_of_service` says of a file whether it is about one service.
    pub fn breaches(&self, objects: &[Object], is_of_service: impl Fn(&str) -> bool) -> Vec<Problem> {
        let scaler = |object: &Object| match &object.typed {
            Typed::HorizontalPodAutoscaler(scaler) => Some(scaler.spec.scale_target_ref.name.clone()),
            _ => None,
        };
        let scaled: BTreeSet<String> = objects.iter().filter_map(scaler).collect();
        objects
            .iter()
            .flat_map(|object| self.of_object(object, scaled.contains(object.name()), &is_of_service))
            .collect()
    }

    fn of_object(&self, object: &Object, is_scaled: bool, is_of_service: impl Fn(&str) -> bool) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(Pods { spec, pointer, .. }) = object.pods() {
            let first = spec.init_containers.iter().flatten().enumerate().map(|one| ("initContainers", one));
            for (list, (index, container)) in
                first.chain(spec.containers.iter().enumerate().map(|one| ("containers", one)))
            {
                problems.extend(self.of_container(object, &format!("{pointer}/{list}/{index}"), container));
            }
        }
        for (pointer, count) in counts(object, is_scaled) {
            let what = format!("it has {}", pods(count));
            problems.extend(self.count_refusal(count).map(|refusal| breach(object, pointer, what, refusal)));
        }
        if let Typed::Kustomization(kustomization) = &object.typed {
            problems.extend(self.of_kustomization(object, kustomization));
        }
        for rule in &self.no_exceptions {
            let key = exception_key(rule.as_str());
            if object.annotation(&key).is_some() {
                let why = format!("the pack `{}` allows no exception from {}", self.pack, rule.as_str());
                let refusal = Refusal::new(why, "remove the annotation, and mend what needs it");
                let pointer = format!("/metadata/annotations/{}", key.replace('/', "~1"));
                problems.push(breach(object, &pointer, format!("it has the annotation `{key}`"), refusal));
            }
        }
        if is_of_service(&object.path) {
            problems.extend(self.of_labels(object, object.metadata.labels.as_ref(), "it", "/metadata"));
            if let Some(pods) = object.pods() {
                let pointer = pods.pointer.trim_end_matches("/spec");
                problems.extend(self.of_labels(object, pods.labels, "its pods", &format!("{pointer}/metadata")));
            }
        }
        problems
    }

    fn of_labels(
        &self,
        object: &Object,
        labels: Option<&BTreeMap<String, String>>,
        whose: &str,
        pointer: &str,
    ) -> Vec<Problem> {
        let is_there = |label: &&LabelKey| {
            labels.and_then(|labels| labels.get(label.as_str())).is_some_and(|value| !value.trim().is_empty())
        };
        let missing = self.labels.iter().filter(|label| !is_there(label));
        let breaches = missing.map(|label| {
            let why = format!("the pack `{}` wants it on every object of a service, and on its pods", self.pack);
            let help = format!("put it back, or let a pack write it: `labels: {{ {label}: … }}` in its pack.yaml");
            let verb = if whose == "it" { "has" } else { "have" };
            breach(object, pointer, format!("{whose} {verb} no label `{label}`"), Refusal::new(why, help))
        });
        breaches.collect()
    }

    fn of_kustomization(&self, object: &Object, kustomization: &Kustomization) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, image) in kustomization.images.iter().enumerate() {
            let Some(new) = &image.new_name else { continue };
            let app = image.name.rsplit('/').next().unwrap_or_default();
            let what = format!("the image {} becomes {}", shown(&image.name), shown(new));
            let refusal = self.image_refusal(new, app);
            let pointer = format!("/images/{index}/newName");
            problems.extend(refusal.map(|refusal| breach(object, &pointer, what, refusal)));
        }
        for (index, other) in kustomization.replicas.iter().enumerate() {
            let what = format!("{} gets {}", shown(&other.name), pods(other.count));
            let pointer = format!("/replicas/{index}/count");
            let refusal = self.count_refusal(other.count);
            problems.extend(refusal.map(|refusal| breach(object, &pointer, what, refusal)));
        }
        problems
    }

    /// What objects change so that nothing here can tell whether they keep the policy.
    pub fn unseen(&self, objects: &[Object]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for object in objects.iter().filter(|_| !self.is_empty()) {
            let Typed::Kustomization(kustomization) = &object.typed else { continue };
            for (index, resource) in
                kustomization.resources.iter().enumerate().filter(|(_, resource)| is_remote(resource))
            {
                let why = format!("nobody looks whether it keeps the policy of the pack `{}`", self.pack);
                let help = "keep a copy beside it, or let a policy of the cluster's own judge it";
                let what = format!("{} comes from elsewhere", shown(resource));
                let place = object.place(&format!("/resources/{index}"));
                problems.push(Problem::new(what, why, help).at(Some(place)));
            }
            for field in kustomization.rest.keys().filter(|field| !HARMLESS.contains(&field.as_str())) {
                let why = format!("nobody looks whether what comes out keeps the policy of the pack `{}`", self.pack);
                let help = "change the files themselves, or let a policy of the cluster's own judge what comes out";
                let place = object.place(&format!("/{field}"));
                problems.push(Problem::new(format!("`{field}` changes what is built"), why, help).at(Some(place)));
            }
        }
        problems
    }

    fn count_refusal(&self, count: i32) -> Option<Refusal> {
        let number = |bound: Replicas| i64::from(bound.get());
        let limits = Limits { min: self.replicas.min.map(number), max: self.replicas.max.map(number) };
        limits.refusal(&self.pack, count.into())
    }

    fn of_container(&self, object: &Object, pointer: &str, container: &Container) -> Vec<Problem> {
        let name = &container.name;
        let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
        let limit = |key: &str| limits.and_then(|limits| limits.get(key)).map(|limit| limit.0.as_str());
        let image = container.image.as_deref().unwrap_or_default();
        let amount = |key: &str| limit(key).unwrap_or("any amount");
        let found = [
            ("image", format!("its image is {}", shown(image)), self.image_refusal(image, name)),
            (
                "resources/limits/memory",
                format!("`{name}` may use {} of memory", amount("memory")),
                self.memory.refusal_of(&self.pack, limit("memory")),
            ),
            (
                "resources/limits/cpu",
                format!("`{name}` may use {} of CPU", amount("cpu")),
                self.cpu.refusal_of(&self.pack, limit("cpu")),
            ),
        ];
        let breaches = found
            .into_iter()
            .filter_map(|(field, what, refusal)| Some(breach(object, &format!("{pointer}/{field}"), what, refusal?)));
        breaches.collect()
    }
}

/// Whether a resource is fetched when it is built (<https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md>).
fn is_remote(resource: &str) -> bool {
    resource.contains("://")
        || resource.contains("?ref=")
        || ["git@", "github.com/"].iter().any(|start| resource.starts_with(start))
}

fn pods(count: i32) -> String {
    format!("{count} pod{}", if count == 1 { "" } else { "s" })
}

/// How many pods an object keeps, and where it says so. One where it says nothing, unless something else says it.
fn counts(object: &Object, is_scaled: bool) -> Vec<(&'static str, i32)> {
    let replicas = |count: Option<i32>| count.or((!is_scaled).then_some(1)).map(|count| ("/spec/replicas", count));
    match &object.typed {
        Typed::Deployment(set) => replicas(set.spec.replicas).into_iter().collect(),
        Typed::StatefulSet(set) => replicas(set.spec.replicas).into_iter().collect(),
        Typed::ReplicaSet(set) => replicas(set.spec.replicas).into_iter().collect(),
        Typed::ReplicationController(set) => {
            replicas(set.spec.as_ref().and_then(|spec| spec.replicas)).into_iter().collect()
        }
        Typed::HorizontalPodAutoscaler(scaler) => vec![
            ("/spec/minReplicas", scaler.spec.min_replicas.unwrap_or(1)),
            ("/spec/maxReplicas", scaler.spec.max_replicas),
        ],
        _ => Vec::new(),
    }
}

fn breach(object: &Object, pointer: &str, what: String, refusal: Refusal) -> Problem {
    Problem::new(format!("{}: {what}", object.title()), refusal.why, refusal.help).at(Some(object.place(pointer)))
}
