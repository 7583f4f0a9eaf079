//! Blocks of addresses.

use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;

use super::scalar::{Refusal, Scalar, choice};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Cidr(IpNet);

impl FromStr for Cidr {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let Ok(net) = text.parse::<IpNet>() else {
            return Err(Refusal::new(Self::RULE, format!("for example `{}`", Self::EXAMPLE)));
        };
        if net.to_string() != text || net.trunc() != net {
            return Err(Refusal::new(
                "Kubernetes 1.36 and later refuse address bits behind the prefix",
                format!("for example `{}`", net.trunc()),
            ));
        }
        Ok(Self(net))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Scalar for Cidr {
    const RULE: &'static str = "a block of addresses is an address and a prefix length";
    const EXAMPLE: &'static str = "10.20.0.0/16";
}

choice!(
    /// How people outside the cluster reach a service.
    Via,
    "a service is exposed via one of these",
    { Gateway = "gateway", Ingress = "ingress", None = "none" }
);
