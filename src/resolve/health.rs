//! The checks of a service: what they ask, and whether there is anything to ask.

use std::collections::BTreeMap;

use super::{Collector, defaults};
use crate::answers::ServiceAnswers;
use crate::problem::Problem;
use crate::spec::name::PortName;
use crate::spec::number::ContainerPort;
use crate::spec::probe::Probe;
use crate::spec::service::{Health, MAIN_PORT, Workload};

pub(crate) fn health(
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
            Some(Probe::Http { port: Some(name), .. }) if name.as_str() != MAIN_PORT => None,
            Some(Probe::Http { .. } | Probe::Tcp | Probe::Grpc { .. }) if port.is_none() => Some((
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
