//! Amounts that must add up: the quota holds every pod of the largest rollout.

use std::collections::BTreeMap;
use std::iter::Sum;

use k8s_openapi::api::core::v1::Container;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{all_pods, wrong};
use crate::manifest::{Pods, Typed};
use crate::problem::Problem;
use crate::rules::Subject;
use crate::spec::quantity::{Amount, Bytes, Cpu};

/// What a container asks for, or may have.
pub(super) fn amount<T: Amount>(container: &Container, limits: bool, name: &str) -> Option<T> {
    let resources = container.resources.as_ref()?;
    let amounts = if limits { resources.limits.as_ref()? } else { resources.requests.as_ref()? };
    T::read(&amounts.get(name)?.0)
}

/// What a pod counts for: its containers together, or the one that needs most before they run
/// (<https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>).
pub(super) fn of_pod<T: Ord + Sum + Default>(pods: &Pods<'_>, amount: impl Fn(&Container) -> Option<T>) -> T {
    let first = || pods.spec.init_containers.iter().flatten();
    // Those run beside the others.
    let stays = |container: &&Container| container.restart_policy.as_deref() == Some("Always");
    let together: T = pods.spec.containers.iter().chain(first().filter(stays)).filter_map(&amount).sum();
    together.max(first().filter_map(&amount).max().unwrap_or_default())
}

/// A pod that asks for more than it may have is refused by every API server.
pub(super) fn requests_fit_limits(subject: &Subject<'_>) -> Vec<Problem> {
    fn exceeds<T: Amount + Ord>(container: &Container, name: &str) -> bool {
        let (asked, most): (Option<T>, Option<T>) = (amount(container, false, name), amount(container, true, name));
        asked.zip(most).is_some_and(|(asked, most)| asked > most)
    }
    let mut problems = Vec::new();
    for pods in all_pods(subject) {
        let lists =
            [("initContainers", pods.spec.init_containers.as_deref()), ("containers", Some(&*pods.spec.containers))];
        for (list, containers) in lists {
            for (index, container) in containers.into_iter().flatten().enumerate() {
                for name in ["cpu", "memory", "ephemeral-storage"] {
                    let is_wrong =
                        if name == "cpu" { exceeds::<Cpu>(container, name) } else { exceeds::<Bytes>(container, name) };
                    if is_wrong {
                        problems.push(wrong(
                            pods.object,
                            &format!("{}/{list}/{index}/resources/requests/{name}", pods.pointer),
                            format!("`{}` asks for more {name} than it may have", container.name),
                            "the API server refuses such a pod",
                        ));
                    }
                }
            }
        }
    }
    problems
}

/// From the objects alone, without the reckoning that wrote the quota.
pub(in crate::verify) fn quota_holds_the_largest_rollout(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let Some((object, hard)) = subject.objects.iter().find_map(|object| match &object.typed {
        Typed::ResourceQuota(quota) => Some((object, quota.spec.as_ref()?.hard.as_ref()?)),
        _ => None,
    }) else {
        return problems;
    };
    let mut pods_needed = 0_u32;
    let mut cpu: BTreeMap<&str, Cpu> = BTreeMap::new();
    let mut bytes: BTreeMap<&str, Bytes> = BTreeMap::new();
    for pods in all_pods(subject) {
        let count = largest(subject, &pods);
        pods_needed = count.saturating_add(pods_needed);
        for (key, limits) in [("requests.cpu", false), ("limits.cpu", true)] {
            let one: Cpu = of_pod(&pods, |container| amount(container, limits, "cpu"));
            *cpu.entry(key).or_default() = cpu.get(key).copied().unwrap_or_default() + one * count;
        }
        for (key, limits, name) in [
            ("requests.memory", false, "memory"),
            ("limits.memory", true, "memory"),
            ("requests.ephemeral-storage", false, "ephemeral-storage"),
            ("limits.ephemeral-storage", true, "ephemeral-storage"),
        ] {
            let one: Bytes = of_pod(&pods, |container| amount(container, limits, name));
            *bytes.entry(key).or_default() = bytes.get(key).copied().unwrap_or_default() + one * count;
        }
    }
    let text = |key: &str| hard.get(key).map(|quantity| quantity.0.as_str());
    let mut short = Vec::new();
    let mut needs = |key: &str, needed: String, holds: bool| {
        if !holds {
            short.push(format!("`{key}` {needed}, not {}", text(key).unwrap_or("none")));
        }
    };
    let pods = text("pods").and_then(|text| text.parse::<u32>().ok());
    needs("pods", pods_needed.to_string(), pods.is_some_and(|hard| hard >= pods_needed));
    for (key, needed) in cpu {
        let holds = text(key).is_none_or(|text| Cpu::read(text).is_some_and(|hard| hard >= needed));
        needs(key, needed.to_string(), holds);
    }
    for (key, needed) in bytes {
        let holds = text(key).is_some_and(|text| Bytes::read(text).is_some_and(|hard| hard >= needed));
        needs(key, needed.to_string(), holds);
    }
    if !short.is_empty() {
        let what = format!("the largest rollout needs more: {}", short.join("; "));
        let mut problem = wrong(object, "/spec/hard", what, "an update would wait for ever");
        problem.help =
            "raise it as far; a pack says in `sidecars` of its pack.yaml what its own containers use".to_owned();
        problems.push(problem);
    }
    problems
}

/// The most pods that an object may have at once by its own numbers.
fn largest(subject: &Subject<'_>, pods: &Pods<'_>) -> u32 {
    let object = pods.object;
    let scaled = subject.objects.iter().find_map(|other| match &other.typed {
        Typed::HorizontalPodAutoscaler(scaler) => {
            (scaler.spec.scale_target_ref.name == object.name()).then_some(scaler.spec.max_replicas)
        }
        _ => None,
    });
    let count = match &object.typed {
        Typed::Deployment(set) => {
            let surge = set.spec.strategy.as_ref().and_then(|strategy| {
                match strategy.rolling_update.as_ref()?.max_surge.as_ref()? {
                    IntOrString::Int(surge) => Some(*surge),
                    IntOrString::String(_) => None,
                }
            });
            let count = scaled.or(set.spec.replicas).unwrap_or(1);
            // The quota counts a pod until it is gone, and a new one is ready after five seconds at the earliest.
            let grace = u32::try_from(pods.spec.termination_grace_period_seconds.unwrap_or(30)).unwrap_or(u32::MAX);
            let ending = i32::try_from(grace.div_ceil(5)).unwrap_or(i32::MAX).min(count);
            count.saturating_add(surge.unwrap_or(1)).saturating_add(ending)
        }
        Typed::StatefulSet(set) => set.spec.replicas.unwrap_or(1),
        _ => 1,
    };
    u32::try_from(count).unwrap_or(0)
}
