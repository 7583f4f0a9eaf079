//! What a service writes and what it may use: volumes, memory, disk, and that they fit each other.

use std::collections::BTreeMap;

use super::{Collector, defaults};
use crate::answers::{ServiceAnswers, StorageAnswers};
use crate::preset::Preset;
use crate::problem::Problem;
use crate::spec::path::MountPath;
use crate::spec::quantity::Bytes;
use crate::spec::scalar::Scalar as _;
use crate::spec::service::{Resources, ServiceSpec, Storage, Workload};
use crate::spec::word::Switch;

/// What the preset says is written, with what the person says over it, path by path.
pub(crate) fn storage(
    collector: &mut Collector,
    key: &str,
    own: Option<Vec<StorageAnswers>>,
    preset: &Preset,
    workload: Workload,
) -> BTreeMap<MountPath, Storage> {
    let mut all = BTreeMap::new();
    for (entries, is_own) in [(preset.defaults.storage.clone(), false), (own, true)] {
        let mut seen = Vec::new();
        for entry in entries.unwrap_or_default() {
            let Some(path) = collector.required::<MountPath>(&format!("{key}.path"), "storage", entry.path.as_ref())
            else {
                continue;
            };
            let place = entry.path.as_ref().and_then(|raw| raw.origin.place());
            if is_own && seen.contains(&path) {
                collector.add(
                    Problem::new(
                        format!("`{key}` names `{path}` twice"),
                        "one path holds one volume",
                        "remove one of them",
                    )
                    .at(place.clone()),
                );
            }
            seen.push(path.clone());
            let keep = collector.or(&format!("{key}.keep"), entry.keep.as_ref(), Switch::False).is_on();
            let memory = collector.or(&format!("{key}.memory"), entry.memory.as_ref(), Switch::False).is_on();
            if keep && memory {
                collector.add(
                    Problem::new(
                        format!("`{path}` is kept and in memory"),
                        "memory ends with its pod",
                        "set one of `keep` and `memory`",
                    )
                    .at(place.clone()),
                );
            }
            if keep && path.as_str() == "/tmp" {
                collector.add(
                    Problem::new(
                        "`/tmp` is kept",
                        "what must outlive a pod does not belong among temporary files",
                        "keep another path, for example `/data`",
                    )
                    .at(place),
                );
            }
            let default = if keep { defaults::KEPT } else { defaults::SCRATCH };
            let Some(default) = defaults::parsed(default) else { continue };
            let size = collector.or(&format!("{key}.size"), entry.size.as_ref(), default);
            let class = collector.given(&format!("{key}.class"), entry.class.as_ref());
            all.insert(path, Storage { size, keep, memory, class });
        }
    }
    // A read-only root with nowhere to put a temporary file breaks most runtimes, whatever the app is.
    if let (Some(path), Some(size)) = (defaults::parsed("/tmp"), defaults::parsed(defaults::SCRATCH)) {
        all.entry(path).or_insert(Storage { size, keep: false, memory: false, class: None });
    }
    if workload == Workload::Once && all.values().any(|storage| storage.keep) {
        collector.add(Problem::new(
            format!("`{key}` keeps data, and the workload is `once`"),
            "a job that runs once has nothing to come back to",
            "use a scheduled job or a service, or scratch storage",
        ));
    }
    all
}

pub(crate) fn resources(
    collector: &mut Collector,
    key: &str,
    answers: &ServiceAnswers,
    storage: &BTreeMap<MountPath, Storage>,
) -> Option<Resources> {
    let given = &answers.resources;
    let cpu = collector.or(&format!("{key}.cpu"), given.cpu.as_ref(), defaults::parsed(defaults::CPU)?);
    let cpu_limit =
        collector.or(&format!("{key}.cpu-limit"), given.cpu_limit.as_ref(), defaults::parsed(defaults::CPU_LIMIT)?);
    // A preset's limit follows a person's larger request instead of contradicting it.
    let limit_is_theirs =
        given.cpu_limit.as_ref().is_some_and(|raw| !matches!(raw.origin, crate::answers::raw::Origin::Preset(_)));
    if cpu_limit < cpu && limit_is_theirs {
        collector.add(
            Problem::new(
                format!("`{key}.cpu-limit` is {cpu_limit}, and `cpu` is {cpu}"),
                "a container cannot be promised more than it may use",
                format!("set `cpu-limit: {cpu}` or more"),
            )
            .at(given.cpu_limit.as_ref().and_then(|raw| raw.origin.place())),
        );
    }
    let cpu_limit = cpu_limit.max(cpu);
    let memory = collector.or(&format!("{key}.memory"), given.memory.as_ref(), defaults::parsed(defaults::MEMORY)?);
    let in_memory: Bytes = storage.values().filter(|storage| storage.memory).map(|storage| storage.size).sum();
    if in_memory >= memory {
        collector.add(
            Problem::new(
                format!("storage in memory adds up to {in_memory}, and `{key}.memory` is {memory}"),
                "files in memory count against the memory limit, and the app needs some too",
                "raise `resources.memory`, or put them on disk",
            )
            .at(given.memory.as_ref().and_then(|raw| raw.origin.place())),
        );
    }
    let on_disk: Bytes =
        storage.values().filter(|storage| !storage.memory && !storage.keep).map(|storage| storage.size).sum();
    let needed = on_disk + defaults::parsed(defaults::LOGS)?;
    let disk = collector.or(&format!("{key}.disk"), given.disk.as_ref(), needed);
    if disk < on_disk {
        collector.add(
            Problem::new(
                format!("`{key}.disk` is {disk}, and scratch storage adds up to {on_disk}"),
                "the kubelet evicts a pod whose files outgrow this limit, before its storage is full",
                format!("set `disk: {needed}` or more, or leave it out"),
            )
            .at(given.disk.as_ref().and_then(|raw| raw.origin.place())),
        );
    }
    Some(Resources { cpu, cpu_limit, memory, disk })
}

/// A secret and a volume at one path would hide each other.
pub(crate) fn mounts_apart(collector: &mut Collector, service: &ServiceSpec, given: &ServiceAnswers) {
    let mut taken: Vec<&MountPath> = service.storage.keys().collect();
    for (index, secret) in service.secrets.iter().enumerate() {
        if taken.contains(&&secret.mount) {
            let place = given.secrets.as_ref().and_then(|entries| entries.get(index)?.mount.as_ref()?.origin.place());
            collector.add(
                Problem::new(
                    format!("`services.{}` mounts two things at `{}`", service.name, secret.mount),
                    "the second hides the first",
                    format!("for example `{}`", MountPath::EXAMPLE),
                )
                .at(place),
            );
        }
        taken.push(&secret.mount);
    }
}
