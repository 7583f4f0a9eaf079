//! What must fit together across files: selectors and pods, ports and ports, mounts and volumes, quota and rollouts.

mod ports;
mod quota;

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::VolumeMount;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use self::ports::{container_ports, policy_ports_exist, probes_ask_existing_ports, service_ports_exist};
pub(in crate::verify) use self::quota::quota_holds_the_largest_rollout;
use self::quota::{amount, of_pod, requests_fit_limits};
use crate::dockerfile::StepKind;
use crate::manifest::{Object, Pods, Typed};
use crate::plan::Elsewhere;
use crate::problem::Problem;
use crate::rules::Subject;
use crate::selector::PodIndex;
use crate::spec::quantity::{Amount as _, Bytes};

/// Each join by itself; all are run.
const JOINS: [fn(&Subject<'_>) -> Vec<Problem>; 8] = [
    selectors_meet_pods,
    service_ports_exist,
    policy_ports_exist,
    mounts_have_volumes,
    requests_fit_limits,
    probes_ask_existing_ports,
    references_exist,
    images_and_manifests_agree,
];

pub(super) fn check(subject: &Subject<'_>, elsewhere: &Elsewhere) -> Vec<Problem> {
    let mut problems = misfits(subject);
    problems.extend(quota_holds_the_largest_rollout(subject));
    problems.extend(kustomization_is_complete(subject, elsewhere));
    problems
}

/// What does not fit together, so that it cannot work.
pub(super) fn misfits(subject: &Subject<'_>) -> Vec<Problem> {
    JOINS.iter().flat_map(|join| join(subject)).collect()
}

pub(super) fn wrong(object: &Object, pointer: &str, what: impl Into<String>, why: &str) -> Problem {
    Problem::new(format!("{}: {}", object.title(), what.into()), why, "").at(Some(object.place(pointer)))
}

fn all_pods<'a>(subject: &Subject<'a>) -> impl Iterator<Item = Pods<'a>> + use<'a> {
    subject.objects.iter().filter_map(Object::pods)
}

fn selectors_meet_pods(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let index = PodIndex::new(all_pods(subject));
    for object in subject.objects {
        let (selector, own): (Option<LabelSelector>, bool) = match &object.typed {
            Typed::Deployment(set) => (Some(set.spec.selector.clone()), true),
            Typed::StatefulSet(set) => (Some(set.spec.selector.clone()), true),
            Typed::PodDisruptionBudget(budget) => (budget.spec.as_ref().and_then(|spec| spec.selector.clone()), false),
            Typed::Service(service) => {
                let labels = service.spec.as_ref().and_then(|spec| spec.selector.clone());
                (labels.map(|labels| LabelSelector { match_labels: Some(labels), ..LabelSelector::default() }), false)
            }
            Typed::NetworkPolicy(policy) => (policy.spec.as_ref().and_then(|spec| spec.pod_selector.clone()), false),
            _ => continue,
        };
        // An empty selector means every pod, and is meant so.
        let Some(selector) = selector.filter(|selector| *selector != LabelSelector::default()) else { continue };
        let met = index
            .met(Some(&selector))
            .filter(|pods| pods.object.namespace() == object.namespace())
            .filter(|pods| !own || std::ptr::eq(pods.object, object))
            .count();
        if met != 1 {
            problems.push(wrong(
                object,
                "/spec/selector",
                format!("its selector meets the pods of {met} workloads"),
                "it must meet those of exactly one",
            ));
        }
    }
    problems
}

fn mounts_have_volumes(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for pods in all_pods(subject) {
        let mut volumes: Vec<&str> = pods.spec.volumes.iter().flatten().map(|volume| volume.name.as_str()).collect();
        if let Typed::StatefulSet(set) = &pods.object.typed {
            volumes.extend(
                set.spec.volume_claim_templates.iter().flatten().filter_map(|claim| claim.metadata.name.as_deref()),
            );
        }
        let containers = || pods.spec.init_containers.iter().flatten().chain(&pods.spec.containers);
        let mounts = || containers().map(|container| container.volume_mounts.as_deref().unwrap_or_default());
        let names: BTreeSet<&str> = mounts().flatten().map(|mount| mount.name.as_str()).collect();
        let shares_a_path = |mounts: &[VolumeMount]| {
            let paths: BTreeSet<&str> = mounts.iter().map(|mount| mount.mount_path.as_str()).collect();
            paths.len() != mounts.len()
        };
        let called: BTreeSet<&str> = containers().map(|container| container.name.as_str()).collect();
        if called.len() != containers().count() {
            problems.push(wrong(
                pods.object,
                pods.pointer,
                "two containers share a name",
                "the API server refuses such a pod",
            ));
        }
        let unique: BTreeSet<&str> = volumes.iter().copied().collect();
        if unique.len() != volumes.len() || mounts().any(shares_a_path) {
            problems.push(wrong(
                pods.object,
                pods.pointer,
                "two volumes or mounts share a name or a path",
                "one of them would be lost",
            ));
        }
        for name in names.symmetric_difference(&unique) {
            problems.push(wrong(
                pods.object,
                pods.pointer,
                format!("`{name}` is a volume without a mount, or a mount without a volume"),
                "the pod would not start, or the app not write",
            ));
        }
        let claimed = pods.spec.volumes.iter().flatten().filter_map(|volume| volume.persistent_volume_claim.as_ref());
        for claim in claimed {
            let exists = subject.objects.iter().any(|object| {
                matches!(object.typed, Typed::PersistentVolumeClaim(_)) && object.name() == claim.claim_name
            });
            if !exists {
                problems.push(wrong(
                    pods.object,
                    pods.pointer,
                    format!("there is no claim `{}`", claim.claim_name),
                    "the pod would wait for it",
                ));
            }
        }
        let scratch: Bytes = pods
            .spec
            .volumes
            .iter()
            .flatten()
            .filter_map(|volume| volume.empty_dir.as_ref())
            .filter(|dir| dir.medium.as_deref() != Some("Memory"))
            .filter_map(|dir| Bytes::read(&dir.size_limit.as_ref()?.0))
            .sum();
        let limit: Bytes = of_pod(&pods, |container| amount(container, true, "ephemeral-storage"));
        if limit < scratch {
            problems.push(wrong(
                pods.object,
                pods.pointer,
                format!("scratch volumes hold {scratch}, the disk limit is {limit}"),
                "the pod would be evicted before its volumes are full",
            ));
        }
    }
    problems
}

fn references_exist(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let exists =
        |kind: &str, name: &str| subject.objects.iter().any(|object| object.kind == kind && object.name() == name);
    let namespace = subject.objects.iter().find(|object| object.kind == "Namespace").map(Object::name);
    let serves = |name: &str, port: i32| {
        subject.objects.iter().any(|object| match &object.typed {
            Typed::Service(service) if object.name() == name => {
                service.spec.iter().flat_map(|spec| spec.ports.iter().flatten()).any(|served| served.port == port)
            }
            _ => false,
        })
    };
    let applied = subject.objects.iter().find(|object| object.kind == "Kustomization").map(folder);
    for object in subject.objects {
        // What lies beside the kustomization is applied by others, elsewhere: an Application of Argo CD, for example.
        let is_elsewhere = applied.is_some_and(|applied| !is_below(applied, &object.path)) && object.pods().is_none();
        let is_placed = ["Namespace", "Kustomization"].contains(&object.kind.as_str()) || is_elsewhere;
        if !is_placed && Some(object.namespace()) != namespace {
            problems.push(wrong(
                object,
                "/metadata",
                "it is not in the project's namespace",
                "it would land beside the guardrails",
            ));
        }
        if let Some(pods) = object.pods() {
            let account = pods.spec.service_account_name.as_deref().unwrap_or("default");
            if !exists("ServiceAccount", account) {
                problems.push(wrong(
                    object,
                    pods.pointer,
                    format!("there is no account `{account}`"),
                    "the pods would not be created",
                ));
            }
        }
        match &object.typed {
            Typed::HorizontalPodAutoscaler(scaler) => {
                let target = &scaler.spec.scale_target_ref;
                let found =
                    subject.objects.iter().find(|other| other.kind == target.kind && other.name() == target.name);
                match found.map(|object| &object.typed) {
                    Some(Typed::Deployment(set)) if set.spec.replicas.is_none() => {}
                    Some(Typed::Deployment(_)) => problems.push(wrong(
                        object,
                        "/spec",
                        "its Deployment has `replicas`",
                        "each apply would undo the scaling",
                    )),
                    _ => problems.push(wrong(
                        object,
                        "/spec",
                        "what it scales does not exist",
                        "nothing would be scaled",
                    )),
                }
            }
            Typed::HttpRoute(route) => {
                for backend in route.spec.rules.iter().flat_map(|rule| &rule.backend_refs) {
                    if !serves(&backend.name, backend.port.unwrap_or_default()) {
                        problems.push(wrong(
                            object,
                            "/spec/rules",
                            format!("no Service `{}` has that port", backend.name),
                            "requests would end in errors",
                        ));
                    }
                }
            }
            Typed::Ingress(ingress) => {
                let rules = ingress.spec.iter().flat_map(|spec| spec.rules.iter().flatten());
                for path in rules.flat_map(|rule| rule.http.iter().flat_map(|http| &http.paths)) {
                    let name = path.backend.service.as_ref().map(|service| service.name.as_str()).unwrap_or_default();
                    if !exists("Service", name) {
                        problems.push(wrong(
                            object,
                            "/spec/rules",
                            format!("there is no Service `{name}`"),
                            "requests would end in errors",
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    problems
}

fn images_and_manifests_agree(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let users: BTreeSet<i64> =
        all_pods(subject).filter_map(|pods| pods.spec.security_context.as_ref()?.run_as_user).collect();
    let ports: BTreeSet<i32> =
        all_pods(subject).flat_map(|pods| container_ports(pods.spec).map(|(_, number)| number)).collect();
    for file in subject.dockerfiles {
        for step in file.last().into_iter().flat_map(|stage| &stage.steps) {
            let (agrees, what) = match &step.kind {
                StepKind::User(user) => {
                    let number = user.split(':').next().and_then(|user| user.parse().ok());
                    (number.is_some_and(|number| users.contains(&number)), "user")
                }
                StepKind::Expose(exposed) => {
                    (exposed.iter().all(|port| port.parse().is_ok_and(|port| ports.contains(&port))), "port")
                }
                _ => continue,
            };
            if !agrees {
                problems.push(Problem::new(
                    format!("{}:{}: no manifest has this {what}", file.path, step.line),
                    "image and manifest must be of one mind",
                    "",
                ));
            }
        }
    }
    problems
}

fn folder(object: &Object) -> &str {
    object.path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_below(folder: &str, path: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn kustomization_is_complete(subject: &Subject<'_>, elsewhere: &Elsewhere) -> Vec<Problem> {
    let mut problems = Vec::new();
    for object in subject.objects {
        let Typed::Kustomization(kustomization) = &object.typed else { continue };
        let folder = folder(object);
        let listed: BTreeSet<String> = kustomization.resources.iter().map(|file| format!("{folder}/{file}")).collect();
        let written: BTreeSet<String> = subject
            .objects
            .iter()
            .filter(|other| other.path != object.path)
            .filter_map(|other| match elsewhere.get(&other.path) {
                None => Some(other.path.clone()),
                Some(moved) => moved.clone(),
            })
            .filter(|path| is_below(folder, path))
            .collect();
        let listed: BTreeSet<String> = listed.into_iter().map(|path| path.trim_start_matches('/').to_owned()).collect();
        for path in listed.symmetric_difference(&written) {
            problems.push(wrong(
                object,
                "/resources",
                format!("`{path}` is listed and not written, or written and not listed"),
                "it would not be applied",
            ));
        }
    }
    problems
}
