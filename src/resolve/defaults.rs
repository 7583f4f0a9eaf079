//! What holds where neither a person nor a preset says otherwise. The last layer.

use std::str::FromStr;

use crate::kubernetes::KubeVersion;
use crate::spec::network::Via;

pub(crate) const KUBERNETES: KubeVersion = KubeVersion::DEFAULT;
pub(crate) const OUTPUT: &str = "deploy";
/// Only for looking at the services of a project whose namespace is wrong; nothing is written then.
pub(crate) const STAND_IN_NAMESPACE: &str = "stand-in";

/// The user of the distroless `nonroot` images; above 10000, as every scanner wants it.
pub(crate) const USER: &str = "65532";
/// Two, so that one may be drained or updated.
pub(crate) const REPLICAS: &str = "2";
pub(crate) const CPU: &str = "100m";
pub(crate) const CPU_LIMIT: &str = "1";
pub(crate) const MEMORY: &str = "256Mi";
pub(crate) const SCRATCH: &str = "64Mi";
pub(crate) const KEPT: &str = "10Gi";
/// For logs that the node keeps, beside the scratch storage.
pub(crate) const LOGS: &str = "64Mi";
pub(crate) const GRACE: &str = "30";
pub(crate) const STARTUP: &str = "60";
pub(crate) const SCHEDULE: &str = "17 3 * * *";
pub(crate) const TIME_ZONE: &str = "Etc/UTC";
pub(crate) const GATEWAY_NAMESPACE: &str = "gateway-system";
pub(crate) const GATEWAY: &str = "public";

/// How many pods, by whether they keep data.
pub(crate) const fn replicas(keeps: bool) -> &'static str {
    // One, because two pods with a volume each hold different data unless the app replicates it.
    if keeps { "1" } else { REPLICAS }
}

/// The namespace of what routes to a service, and what it routes through.
pub(crate) const fn route(via: Via) -> (&'static str, &'static str) {
    match via {
        Via::Ingress => ("ingress", "traefik"),
        Via::Gateway | Via::None => (GATEWAY_NAMESPACE, GATEWAY),
    }
}

/// A default is right by construction: it stands in this file.
pub(crate) fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
