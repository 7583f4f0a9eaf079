//! What packs say about themselves: versions, and where something is called something else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::scalar::{Refusal, Scalar, text};

/// The version of a pack: semantic versioning, as everybody orders it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Version(semver::Version);

impl FromStr for Version {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let refusal = |_| Refusal::new(Self::RULE, format!("for example `{}`", Self::EXAMPLE));
        semver::Version::parse(text).map(Self).map_err(refusal)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Scalar for Version {
    const RULE: &'static str = "a version is three numbers joined by dots, as semver.org describes it";
    const EXAMPLE: &'static str = "1.4.0";
}

/// Versions of cofferdam that a pack works with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Needs(semver::VersionReq);

impl Needs {
    pub fn matches(&self, version: &Version) -> bool {
        self.0.matches(&version.0)
    }
}

impl FromStr for Needs {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let refusal = |_| Refusal::new(Self::RULE, format!("for example `{}`", Self::EXAMPLE));
        semver::VersionReq::parse(text).map(Self).map_err(refusal)
    }
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Scalar for Needs {
    const RULE: &'static str = "this is a range of versions as Cargo writes it";
    const EXAMPLE: &'static str = ">=0.1, <2";
}

text!(
    /// Where something stands in `cofferdam.yaml`.
    AnswerPath,
    "this is a path of keys joined by dots, `*` for every service",
    "services.*.health.ready",
    |text| {
        let key = |key: &str| key == "*" || !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if text.split('.').all(key) { Ok(()) } else { Err("for example `services.*.health.ready`".to_owned()) }
    }
);

text!(
    /// Where the plan puts a file of any project.
    PathPattern,
    "this is a path below the project, with `{output}`, `{service}` and `{path}` for what differs by project",
    "{output}/{service}/service.yaml",
    |text| {
        let plain = text.replace("{output}", "o").replace("{service}", "s").replace("{path}", "p");
        let fits = crate::lock::inside(&plain) && !plain.contains(['{', '}']);
        if fits { Ok(()) } else { Err("for example `{output}/{service}/service.yaml`".to_owned()) }
    }
);

text!(
    /// The folder of a pack: it may lie beside the project.
    PackPath,
    "a pack is named by its folder, from the project's own",
    "../house-pack",
    |text| {
        let part = |part: &str| part == ".." || part == "." || !part.is_empty();
        let printable = !text.chars().any(char::is_control) && !text.contains('\\');
        let fits = (1..=200).contains(&text.len()) && !text.starts_with('/') && text.trim_end_matches('/').split('/').all(part);
        if fits && printable { Ok(()) } else { Err("for example `../house-pack`".to_owned()) }
    }
);

text!(
    /// A registry, or a part of one, that images may come from.
    Registry,
    "a registry is a host, and perhaps the beginning of a path in it",
    "ghcr.io/acme",
    |text| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_/:".contains(&byte);
        let valid = (1..=200).contains(&text.len()) && text.bytes().all(fits) && !text.starts_with('/') && !text.ends_with('/');
        if valid { Ok(()) } else { Err("for example `ghcr.io/acme`".to_owned()) }
    }
);

impl Registry {
    /// Whether an image is of it. What names no host is Docker Hub's.
    pub fn holds(&self, image: &str) -> bool {
        let has_host = image.split_once('/').is_some_and(|(host, _)| host.contains(['.', ':']) || host == "localhost");
        let image = if has_host { image.to_owned() } else { format!("docker.io/{image}") };
        image.strip_prefix(self.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

text!(
    /// The key of a label.
    LabelKey,
    "a label's key is a name, perhaps behind a domain and `/`",
    "acme.example/cost-centre",
    |text| {
        let name = text.rsplit_once('/').map_or(text, |(_, name)| name);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        let valid = (1..=63).contains(&name.len()) && text.len() <= 317 && text.bytes().all(fits) && text.matches('/').count() <= 1;
        if valid { Ok(()) } else { Err("for example `acme.example/cost-centre`".to_owned()) }
    }
);
