//! One service: its layers joined, its values parsed, its own contradictions found.

use std::collections::BTreeMap;

use super::{Collector, build, defaults, flows};
use crate::answers::layer::Layer as _;
use crate::answers::raw::Raw;
use crate::answers::{ServiceAnswers, StorageAnswers};
use crate::preset::{Preset, Presets};
use crate::problem::Problem;
use crate::spec::name::{Name, Namespace, PortName};
use crate::spec::number::{ContainerPort, PortChoice};
use crate::spec::path::MountPath;
use crate::spec::probe::Probe;
use crate::spec::quantity::Bytes;
use crate::spec::scalar::Scalar;
use crate::spec::service::{
    Exception, Health, MAIN_PORT, Range, Resources, SecretMount, ServiceSpec, Storage, Workload,
};
use crate::spec::word::{EnvName, EnvValue, PresetId, Switch, Word};

/// The service, unless something essential is missing or wrong; then the collector has the problems.
pub(crate) fn resolve(
    collector: &mut Collector,
    name: Name,
    given: &ServiceAnswers,
    presets: &Presets,
    namespace: &Namespace,
) -> Option<ServiceSpec> {
    let key = |leaf: &str| format!("services.{name}.{leaf}");
    let Some(preset_raw) = &given.preset else {
        collector.required::<PresetId>(&key("preset"), "preset", None);
        return None;
    };
    let preset = presets.find(preset_raw, &key("preset")).map_err(|problem| collector.add(problem)).ok()?;
    let own_storage = given.storage.clone();
    let answers = given.clone().over(preset.defaults.clone());

    let image = collector.required(&key("image"), "image", answers.image.as_ref());
    let schedule_given = answers.schedule.is_some();
    let port_choice = collector.given(&key("port"), answers.port.as_ref());
    let workload = match &answers.workload {
        Some(raw) => collector.given(&key("workload"), Some(raw)),
        None if schedule_given => Some(Workload::Scheduled),
        None if port_choice == Some(PortChoice::None) => Some(Workload::Worker),
        None => Some(Workload::Service),
    }?;
    let port = match (workload, port_choice) {
        (Workload::Service, Some(PortChoice::Port(port))) => Some(port),
        _ => None,
    };
    if workload == Workload::Service && port_choice == Some(PortChoice::None) {
        collector.add(
            Problem::new(
                format!("`{}` is `service`, and `port` is `none`", key("workload")),
                "a service answers on a port; what nobody connects to is a worker",
                "set `workload: worker`, or give a port",
            )
            .at(answers.workload.as_ref().and_then(|raw| raw.origin.place())),
        );
    }
    if workload != Workload::Scheduled && schedule_given {
        collector.add(
            Problem::new(
                format!("`{}` is set, and the workload is `{workload}`", key("schedule")),
                "only a scheduled job has a schedule",
                "set `workload: scheduled`, or remove `schedule`",
            )
            .at(answers.schedule.as_ref().and_then(|raw| raw.origin.place())),
        );
    }
    let ports = named_ports(collector, &key("ports"), &answers.ports, port);
    let storage = storage(collector, &key("storage"), own_storage, preset, workload);
    let env = environment(collector, &key("env"), &answers, preset, port);
    let health = health(collector, &key("health"), &answers, port, &ports, workload);
    let keeps = storage.values().any(|storage| storage.keep);
    let replicas = replicas(collector, &key("replicas"), &answers, keeps);
    let resources = resources(collector, &key("resources"), &answers, &storage);
    let service = ServiceSpec {
        preset: preset.id.clone(),
        path: collector.or(&key("path"), answers.path.as_ref(), defaults::parsed(".")?),
        workload,
        port,
        ports,
        user: collector.or(&key("user"), answers.user.as_ref(), defaults::parsed(defaults::USER)?),
        command: words(collector, &key("command"), answers.command.as_deref()),
        args: words(collector, &key("args"), answers.args.as_deref()),
        env,
        secrets: secrets(collector, &key("secrets"), &answers),
        health,
        storage,
        expose: flows::expose(collector, &key("expose"), &answers.expose, port, &name),
        allow_from: flows::callers(collector, &key("allow-from"), answers.allow_from.as_deref(), port, namespace),
        talks_to: flows::destinations(collector, &key("talks-to"), answers.talks_to.as_deref()),
        schedule: collector.or(&key("schedule"), answers.schedule.as_ref(), defaults::parsed(defaults::SCHEDULE)?),
        time_zone: collector.or(&key("time-zone"), answers.time_zone.as_ref(), defaults::parsed(defaults::TIME_ZONE)?),
        grace: collector.or(&key("grace-seconds"), answers.grace_seconds.as_ref(), defaults::parsed(defaults::GRACE)?),
        runtime_class: collector.given(&key("runtime-class"), answers.runtime_class.as_ref()),
        priority_class: collector.given(&key("priority-class"), answers.priority_class.as_ref()),
        region: collector.given(&key("region"), answers.region.as_ref()),
        user_namespace: collector.or(&key("user-namespace"), answers.user_namespace.as_ref(), Switch::False).is_on(),
        pull_secret: collector.given(&key("pull-secret"), answers.pull_secret.as_ref()),
        build: build::resolve(collector, &key("build"), &answers.build, preset, &name),
        exceptions: exceptions(collector, &key("exceptions"), &answers),
        // What may be missing comes last, so that everything else has been looked at.
        image: image?,
        resources: resources?,
        replicas: replicas?,
        name,
    };
    mounts_apart(collector, &service, given);
    Some(service)
}

fn words(collector: &mut Collector, key: &str, given: Option<&[Raw<Word>]>) -> Vec<Word> {
    given.unwrap_or_default().iter().filter_map(|raw| collector.given(key, Some(raw))).collect()
}

fn named_ports(
    collector: &mut Collector,
    key: &str,
    given: &BTreeMap<String, Raw<ContainerPort>>,
    main: Option<ContainerPort>,
) -> BTreeMap<PortName, ContainerPort> {
    let mut ports = BTreeMap::new();
    for (name, raw) in given {
        let key = format!("{key}.{name}");
        let port_name: Option<PortName> = collector.given(&key, Some(&Raw::new(name.clone(), raw.origin.clone())));
        let number = collector.given(&key, Some(raw));
        let (Some(port_name), Some(number)) = (port_name, number) else {
            continue;
        };
        if main == Some(number) || port_name.as_str() == MAIN_PORT || ports.values().any(|other| *other == number) {
            collector.add(
                Problem::new(
                    format!("`{key}` is taken"),
                    format!("two ports of one pod differ in name and number; `{MAIN_PORT}` is the main port's name"),
                    "give it another name and number, or remove it",
                )
                .at(raw.origin.place()),
            );
        }
        ports.insert(port_name, number);
    }
    ports
}

/// What the preset says is written, with what the person says over it, path by path.
fn storage(
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

fn environment(
    collector: &mut Collector,
    key: &str,
    answers: &ServiceAnswers,
    preset: &Preset,
    port: Option<ContainerPort>,
) -> BTreeMap<EnvName, EnvValue> {
    let mut env = BTreeMap::new();
    if let (Some(variable), Some(port)) = (&preset.port_variable, port)
        && let (Ok(variable), Ok(value)) = (variable.parse(), port.to_string().parse())
    {
        env.insert(variable, value);
    }
    for (name, raw) in &answers.env {
        let key = format!("{key}.{name}");
        let variable: Option<EnvName> = collector.given(&key, Some(&Raw::new(name.clone(), raw.origin.clone())));
        let value = collector.given(&key, Some(raw));
        if let (Some(variable), Some(value)) = (variable, value) {
            env.insert(variable, value);
        }
    }
    env
}

fn health(
    collector: &mut Collector,
    key: &str,
    answers: &ServiceAnswers,
    port: Option<ContainerPort>,
    ports: &BTreeMap<PortName, ContainerPort>,
    workload: Workload,
) -> Option<Health> {
    let given = &answers.health;
    let ready = collector.given(&format!("{key}.ready"), given.ready.as_ref());
    let live = collector.given(&format!("{key}.live"), given.live.as_ref());
    let startup = collector.or(
        &format!("{key}.startup-seconds"),
        given.startup_seconds.as_ref(),
        defaults::parsed(defaults::STARTUP)?,
    );
    if matches!(workload, Workload::Scheduled | Workload::Once) {
        return None;
    }
    for (leaf, probe, raw) in [("ready", &ready, &given.ready), ("live", &live, &given.live)] {
        let missing = match probe {
            Some(Probe::Http { port: Some(name), .. }) if name.as_str() != MAIN_PORT && !ports.contains_key(name) => {
                Some((format!("there is no port named `{name}`"), "name it under `ports`"))
            }
            Some(Probe::Http { port: None, .. } | Probe::Tcp | Probe::Grpc { .. }) if port.is_none() => Some((
                "the app has no port to ask on".to_owned(),
                "use `exec:` with a program of the image, or remove it",
            )),
            _ => None,
        };
        // A preset's check is for the usual case; without a port it falls away.
        if let (Some((why, help)), Some(raw)) = (missing, raw)
            && !matches!(raw.origin, crate::answers::raw::Origin::Preset(_))
        {
            collector.add(Problem::new(format!("`{key}.{leaf}` is `{}`", raw.text), why, help).at(raw.origin.place()));
        }
    }
    let same_question = matches!((&ready, &live), (Some(Probe::Http { .. }), Some(_))) && ready == live;
    if same_question {
        collector.add(
            Problem::new(
                format!("`{key}.ready` and `{key}.live` ask the same"),
                "a slow dependency would then restart pods that only need to be left alone for a while",
                "set `live: tcp`, or a path that looks at the process alone",
            )
            .at(given.live.as_ref().and_then(|raw| raw.origin.place())),
        );
    }
    let exec_only = |probe: Option<Probe>| {
        probe.filter(|probe| matches!(probe, Probe::Exec(_) | Probe::Http { port: Some(_), .. }))
    };
    if port.is_none() {
        let ready = exec_only(ready);
        let live = exec_only(live).or_else(|| ready.clone())?;
        return Some(Health { ready: ready.unwrap_or_else(|| live.clone()), live, startup });
    }
    Some(Health {
        ready: ready.unwrap_or(Probe::Tcp),
        // That the port still accepts connections is all that can be asked of an unknown app.
        live: live.unwrap_or(Probe::Tcp),
        startup,
    })
}

fn replicas(collector: &mut Collector, key: &str, answers: &ServiceAnswers, keeps: bool) -> Option<Range> {
    let given = &answers.replicas;
    let default = if keeps { defaults::STATEFUL_REPLICAS } else { defaults::REPLICAS };
    let max_given = collector.given(&format!("{key}.max"), given.max.as_ref());
    let fallback = defaults::parsed(default)?;
    let min =
        collector.or(&format!("{key}.min"), given.min.as_ref(), max_given.map_or(fallback, |max| fallback.min(max)));
    let max = max_given.unwrap_or(min);
    if max < min {
        collector.add(
            Problem::new(
                format!("`{key}.max` is {max}, and `min` is {min}"),
                "there are never fewer than `min` and never more than `max` pods",
                format!("set `max: {min}` or more"),
            )
            .at(given.max.as_ref().and_then(|raw| raw.origin.place())),
        );
    }
    Some(Range { min, max })
}

fn resources(
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

fn secrets(collector: &mut Collector, key: &str, answers: &ServiceAnswers) -> Vec<SecretMount> {
    let entries = answers.secrets.as_deref().unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| {
            let name = collector.required(&format!("{key}.name"), "secret", entry.name.as_ref());
            let mount = collector.required(&format!("{key}.mount"), "secret", entry.mount.as_ref());
            Some(SecretMount { name: name?, mount: mount? })
        })
        .collect()
}

fn exceptions(collector: &mut Collector, key: &str, answers: &ServiceAnswers) -> Vec<Exception> {
    let entries = answers.exceptions.as_deref().unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| {
            let rule = collector.required(&format!("{key}.rule"), "exception", entry.rule.as_ref());
            let reason = collector.required(&format!("{key}.reason"), "exception", entry.reason.as_ref());
            Some(Exception { rule: rule?, reason: reason? })
        })
        .collect()
}

/// A secret and a volume at one path would hide each other.
fn mounts_apart(collector: &mut Collector, service: &ServiceSpec, given: &ServiceAnswers) {
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
