//! Who reaches a service and what it reaches.

use std::collections::BTreeMap;

use super::{Collector, defaults};
use crate::answers::raw::Origin;
use crate::answers::{Answers, CallerAnswers, DestinationAnswers, ExposeAnswers};
use crate::problem::{Place, Problem, nearest, shown};
use crate::spec::name::{Name, OwnNamespace};
use crate::spec::network::Via;
use crate::spec::number::ContainerPort;
use crate::spec::service::{Caller, Destination, Expose, From, MAIN_PORT, ServiceSpec};

pub(crate) fn expose(
    collector: &mut Collector,
    key: &str,
    given: &ExposeAnswers,
    port: Option<ContainerPort>,
    service: &Name,
) -> Option<Expose> {
    let host = collector.given(&format!("{key}.host"), given.host.as_ref());
    let via = collector.given(&format!("{key}.via"), given.via.as_ref());
    let via = match (via, given.host.is_some()) {
        (Some(Via::None), _) | (None, false) => return None,
        (Some(via), true) => via,
        // The successor of Ingress, and what clusters install today.
        (None, true) => Via::Gateway,
        (Some(_), false) => {
            collector.required::<crate::spec::name::Host>(&format!("{key}.host"), "host", None);
            return None;
        }
    };
    let place = given.host.as_ref().and_then(|raw| raw.origin.place());
    if port.is_none() {
        collector.add(
            Problem::new(
                format!("`{key}` names a host, and the app has no port"),
                "there is nothing that a request could be routed to",
                "give `port`, or remove `expose`",
            )
            .at(place),
        );
    }
    let (namespace, through) = defaults::route(via);
    Some(Expose {
        host: host?,
        via,
        from_namespace: collector.or(
            &format!("{key}.from-namespace"),
            given.from_namespace.as_ref(),
            defaults::parsed(namespace)?,
        ),
        through: collector.or(&format!("{key}.through"), given.through.as_ref(), defaults::parsed(through)?),
        tls_secret: collector.or(
            &format!("{key}.tls-secret"),
            given.tls_secret.as_ref(),
            defaults::parsed(&format!("{service}-tls"))?,
        ),
    })
}

/// Nothing said: the pods of the own namespace may come, so that the first deployment can be used at all.
pub(crate) fn callers(
    collector: &mut Collector,
    key: &str,
    given: Option<&[CallerAnswers]>,
    port: Option<ContainerPort>,
    namespace: &OwnNamespace,
) -> Vec<Caller> {
    let (Some(main), Some(own)) = (defaults::parsed(MAIN_PORT), defaults::parsed(namespace.as_str())) else {
        return Vec::new();
    };
    let Some(entries) = given else {
        let own = Caller { from: From::Namespace(own), port: main };
        return port.map(|_| own).into_iter().collect();
    };
    let mut callers = Vec::new();
    for entry in entries {
        let service = collector.given(&format!("{key}.service"), entry.service.as_ref());
        let namespace = collector.given(&format!("{key}.namespace"), entry.namespace.as_ref());
        let cidr = collector.given(&format!("{key}.cidr"), entry.cidr.as_ref());
        let port = collector.or(&format!("{key}.port"), entry.port.as_ref(), main.clone());
        let places = [
            entry.service.as_ref().map(|raw| &raw.origin),
            entry.namespace.as_ref().map(|raw| &raw.origin),
            entry.cidr.as_ref().map(|raw| &raw.origin),
        ];
        if one_of(collector, key, &places, "`service`, `namespace`, `cidr`") {
            let from = service.map(From::Service).or(namespace.map(From::Namespace)).or(cidr.map(From::Cidr));
            callers.extend(from.map(|from| Caller { from, port }));
        }
    }
    callers
}

pub(crate) fn destinations(
    collector: &mut Collector,
    key: &str,
    given: Option<&[DestinationAnswers]>,
) -> Vec<Destination> {
    let mut destinations = Vec::new();
    for entry in given.unwrap_or_default() {
        let service = collector.given(&format!("{key}.service"), entry.service.as_ref());
        let namespace = collector.given(&format!("{key}.namespace"), entry.namespace.as_ref());
        let cidr = collector.given(&format!("{key}.cidr"), entry.cidr.as_ref());
        let host = collector.given(&format!("{key}.host"), entry.host.as_ref());
        let internet = collector.given(&format!("{key}.internet"), entry.internet.as_ref());
        let places = [
            entry.service.as_ref().map(|raw| &raw.origin),
            entry.namespace.as_ref().map(|raw| &raw.origin),
            entry.cidr.as_ref().map(|raw| &raw.origin),
            entry.host.as_ref().map(|raw| &raw.origin),
            entry.internet.as_ref().map(|raw| &raw.origin),
        ];
        if !one_of(collector, key, &places, "`service`, `namespace`, `cidr`, `host`, `internet`") {
            continue;
        }
        if let Some(service) = service {
            destinations.push(Destination::Service(service));
            continue;
        }
        if entry.service.is_some() {
            continue;
        }
        let Some(port) = collector.required(&format!("{key}.port"), "talks-to", entry.port.as_ref()) else {
            continue;
        };
        destinations.extend(
            namespace
                .map(|namespace| Destination::Namespace { namespace, port })
                .or(cidr.map(|cidr| Destination::Cidr { cidr, port }))
                .or(host.map(|host| Destination::Host { host, port }))
                .or(internet.filter(|on| on.is_on()).map(|_| Destination::Internet { port })),
        );
    }
    destinations
}

fn one_of(collector: &mut Collector, key: &str, given: &[Option<&Origin>], choices: &str) -> bool {
    let count = given.iter().flatten().count();
    if count != 1 {
        let place = given.iter().flatten().next().and_then(|origin| origin.place());
        collector.add(
            Problem::new(
                format!("an entry of `{key}` names {count} ends of the connection"),
                format!("each entry has exactly one of {choices}"),
                "make an entry of each",
            )
            .at(place),
        );
    }
    count == 1
}

/// What only all services together show: names that nobody bears, ports that nobody opens.
pub(crate) fn check(
    collector: &mut Collector,
    services: &[ServiceSpec],
    names: &BTreeMap<Name, Origin>,
    answers: &Answers,
) {
    for service in services {
        let given = answers.services.get(service.name.as_str());
        let place_of = |name: &Name, callers: bool| -> Option<Place> {
            let given = given?;
            let origins: Vec<_> = if callers {
                given.allow_from.iter().flatten().filter_map(|entry| entry.service.as_ref()).collect()
            } else {
                given.talks_to.iter().flatten().filter_map(|entry| entry.service.as_ref()).collect()
            };
            origins.into_iter().find(|raw| raw.text == name.as_str())?.origin.place()
        };
        let mentioned = service
            .talks_to
            .iter()
            .filter_map(|destination| match destination {
                Destination::Service(name) => Some((name, false)),
                _ => None,
            })
            .chain(service.allow_from.iter().filter_map(|caller| match &caller.from {
                From::Service(name) => Some((name, true)),
                _ => None,
            }));
        for (name, callers) in mentioned {
            let key = if callers { "allow-from" } else { "talks-to" };
            let what = format!("`services.{}.{key}` names the service {}", service.name, shown(name.as_str()));
            let place = place_of(name, callers);
            if !names.contains_key(name) {
                let help = match nearest(name.as_str(), names.keys().map(Name::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "add it with `cofferdam add`, or name its namespace instead".to_owned(),
                };
                collector.add(Problem::new(what, "there is no such service in this project", help).at(place));
            } else if let Some(target) = services.iter().find(|other| other.name == *name)
                && !callers
                && target.port.is_none()
            {
                collector.add(
                    Problem::new(
                        what,
                        format!("`{name}` has no port to connect to"),
                        format!("give `services.{name}.port`, or remove the entry"),
                    )
                    .at(place),
                );
            }
        }
        for caller in &service.allow_from {
            if service.port_named(caller.port.as_str()).is_none() {
                let known: Vec<&str> = service
                    .port
                    .map(|_| MAIN_PORT)
                    .into_iter()
                    .chain(service.ports.keys().map(|name| name.as_str()))
                    .collect();
                let help = if known.is_empty() {
                    "give `port` or `ports`, or set `allow-from: []`".to_owned()
                } else {
                    format!("its ports: {}", known.join(", "))
                };
                collector.add(
                    Problem::new(
                        format!("`services.{}.allow-from` opens the port `{}`", service.name, caller.port),
                        "the app has no port of that name",
                        help,
                    )
                    .at(given.and_then(|given| given.allow_from.as_ref()?.first()?.port.as_ref()?.origin.place())),
                );
            }
        }
    }
}
