//! One service: its layers joined, its values parsed, its own contradictions found.

use std::collections::BTreeMap;

use super::health::health;
use super::storage::{mounts_apart, resources, storage};
use super::{Around, Collector, build, defaults, extra, flows};
use crate::answers::ServiceAnswers;
use crate::answers::layer::Layer as _;
use crate::answers::raw::Raw;
use crate::preset::Preset;
use crate::problem::Problem;
use crate::spec::name::{Name, PortName};
use crate::spec::number::{ContainerPort, PortChoice};
use crate::spec::service::{Exception, MAIN_PORT, Range, SecretMount, ServiceSpec, Workload};
use crate::spec::word::{EnvName, EnvValue, PresetId, Switch, Word};

/// The service, unless something essential is missing or wrong; then the collector has the problems.
pub(crate) fn resolve(
    collector: &mut Collector,
    name: Name,
    given: &ServiceAnswers,
    around: &Around<'_>,
) -> Option<ServiceSpec> {
    let key = |leaf: &str| format!("services.{name}.{leaf}");
    let Some(preset_raw) = &given.preset else {
        collector.required::<PresetId>(&key("preset"), "preset", None);
        return None;
    };
    let preset = around.pack.presets.find(preset_raw, &key("preset")).map_err(|problem| collector.add(problem)).ok()?;
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
    if preset.toolchain.as_deref() == Some("static") && port.is_some_and(|port| port.get() != 8080) {
        collector.add(
            Problem::new(
                format!("`{}` is not 8080", key("port")),
                "the image of a static site listens on 8080",
                "leave `port` out",
            )
            .at(answers.port.as_ref().and_then(|raw| raw.origin.place())),
        );
    }
    let ports = named_ports(collector, &key("ports"), &answers.ports, port);
    let storage = storage(collector, &key("storage"), own_storage, preset, workload);
    let env = environment(collector, &key("env"), &answers, preset, port);
    let health = health(collector, &key("health"), &answers, port, &ports, workload);
    let keeps = storage.values().any(|storage| storage.keep);
    let replicas = replicas(collector, &key("replicas"), &answers, keeps);
    let resources = resources(collector, &key("resources"), &answers, &storage);
    let extra::Extra { answers: extra, labels, annotations } =
        extra::of_service(collector, &name, given, preset, around);
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
        allow_from: flows::callers(
            collector,
            &key("allow-from"),
            answers.allow_from.as_deref(),
            port,
            around.namespace,
        ),
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
        extra,
        labels,
        annotations,
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
        if main == Some(number)
            || [MAIN_PORT, "http", "grpc", "tcp"].contains(&port_name.as_str())
            || ports.values().any(|other| *other == number)
        {
            collector.add(
                Problem::new(
                    format!("`{key}` is taken"),
                    format!("two ports of one pod differ in name and number; `{MAIN_PORT}`, `http`, `grpc` and `tcp` are the main port's names"),
                    "give it another name and number, or remove it",
                )
                .at(raw.origin.place()),
            );
        }
        ports.insert(port_name, number);
    }
    ports
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

fn replicas(collector: &mut Collector, key: &str, answers: &ServiceAnswers, keeps: bool) -> Option<Range> {
    let given = &answers.replicas;
    let max_given = collector.given(&format!("{key}.max"), given.max.as_ref());
    let fallback = defaults::parsed(defaults::replicas(keeps))?;
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
    if keeps && max > min {
        collector.add(
            Problem::new(
                format!("`{key}.max` is {max}, and the service keeps data"),
                "each pod would have a volume of its own; their number does not follow the load",
                "leave `max` out, or keep the data in another service",
            )
            .at(given.max.as_ref().and_then(|raw| raw.origin.place())),
        );
    }
    Some(Range { min, max })
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
