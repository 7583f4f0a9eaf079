//! Whole numbers with a meaning.

use super::scalar::number;

number!(
    /// A port that the app listens on.
    ContainerPort,
    (1024..=65535),
    "a container's port is a whole number from 1024 to 65535: below 1024 a process without capabilities may not listen",
    "8080"
);

number!(
    /// A port somewhere else.
    Port,
    (1..=65535),
    "a port is a whole number from 1 to 65535",
    "443"
);

number!(Replicas, (1..=1000), "a number of replicas is a whole number from 1 to 1000", "2");

number!(
    /// The user and group that the container runs as.
    UserId,
    (1..=2_147_483_647),
    "a user is a number from 1 to 2147483647, never 0: that is root",
    "65532"
);

number!(Seconds, (1..=3600), "a number of seconds is a whole number from 1 to 3600", "60");

number!(
    /// The format of `cofferdam.yaml`. Another number means that a newer cofferdam wrote it.
    Format,
    (1..=1),
    "this version of cofferdam reads format 1; a newer one writes other formats",
    "1"
);

/// The port of the app, or the statement that nothing connects to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PortChoice {
    Port(ContainerPort),
    None,
}

impl std::str::FromStr for PortChoice {
    type Err = super::scalar::Refusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self::None) } else { text.parse().map(Self::Port) }
    }
}

impl std::fmt::Display for PortChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Port(port) => port.fmt(f),
            Self::None => f.write_str("none"),
        }
    }
}

impl super::scalar::Scalar for PortChoice {
    const RULE: &'static str =
        "the port the app listens on, from 1024 to 65535, or `none` where nothing connects to it";
    const EXAMPLE: &'static str = "8080";
}
