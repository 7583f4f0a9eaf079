//! What packs say about themselves: versions, and where something is called something else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::image::registry;
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
    "this is a path below the project, with `{output}` and `{service}` for what differs by project, or `{path}/` before it",
    "{output}/{service}/service.yaml",
    |text| {
        let plain = text.replace("{output}", "o").replace("{service}", "s").replace("{path}", "p");
        let is_first = text.match_indices("{path}").all(|(at, _)| at == 0) && (!text.starts_with("{path}") || text.starts_with("{path}/"));
        let fits = crate::lock::inside(&plain) && !plain.contains(['{', '}']) && is_first;
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
    /// The git repository that a pack is fetched from.
    RepositoryUrl,
    "a repository is named by a URL of https, ssh or file, or as `user@host:path`; it holds no password and no token, for it is committed",
    "https://example.com/platform/packs.git",
    repository
);

fn repository(text: &str) -> Result<(), String> {
    let example = || Err("for example `https://example.com/platform/packs.git`".to_owned());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%+@:[]".contains(&byte);
    if text.len() > 500 || !text.bytes().all(plain) {
        return example();
    }
    if RepositoryUrl::has_secret(text) {
        return Err("leave it out: git asks for it, or its credential helper or ssh key knows it".to_owned());
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let (authority, path) = match scheme {
        "https" | "ssh" => rest.split_once('/').unwrap_or((rest, "")),
        "file" if rest.starts_with('/') => return Ok(()),
        "" if rest.split('/').next().is_some_and(|first| first.contains(':')) => {
            rest.split_once(':').unwrap_or((rest, ""))
        }
        "" => {
            return Err(
                "a folder is named by `path`, a repository on this machine by `file:///srv/packs.git`".to_owned()
            );
        }
        _ => return example(),
    };
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    // Neither an option of ssh, nor `ext::` and what else git would start.
    let fits = (user.is_empty() || user.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_'))
        && host.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '[')
        && !path.is_empty()
        && !path.starts_with(['-', ':']);
    if fits { Ok(()) } else { example() }
}

impl RepositoryUrl {
    /// Whether a text has a password or a token in it, and so is not to be printed. ssh alone has users by plain names.
    pub fn has_secret(text: &str) -> bool {
        let (scheme, rest) = text.split_once("://").unwrap_or(("ssh", text));
        let user = rest.split('/').next().and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
        user.is_some_and(|user| scheme != "ssh" || user.contains(':'))
    }
}

text!(
    /// What of a repository is fetched.
    Revision,
    "this is a tag, a branch or a whole commit id of the repository",
    "v1.2.0",
    |text| {
        let plain = |char: char| char.is_alphanumeric() || "._-+@/#=,".contains(char);
        let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.') && !part.ends_with(".lock");
        let fits = (1..=200).contains(&text.len()) && text.chars().all(plain) && text.split('/').all(part);
        if fits && !text.starts_with(['-', '+', '@']) && !text.contains("..") { Ok(()) } else { Err("for example `v1.2.0`".to_owned()) }
    }
);

impl Revision {
    /// The commit that it is, where it names one itself.
    pub fn commit(&self) -> Option<Commit> {
        self.as_str().parse().ok()
    }
}

text!(
    /// A commit, by all of its digits.
    Commit,
    "a commit is named by 40 or 64 hexadecimal digits",
    "3f2c1a9e5b7d8064c1f2a3b4d5e6f708192a3b4c",
    |text| {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if matches!(text.len(), 40 | 64) && text.bytes().all(digit) { Ok(()) } else { Err("name all of its digits".to_owned()) }
    }
);

impl Commit {
    /// As people name it.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

text!(
    /// A registry, or a part of one, that images may come from.
    Registry,
    "a registry is a host, and perhaps the beginning of a path in it",
    "ghcr.io/acme",
    |text| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_/:".contains(&byte);
        let valid = (1..=200).contains(&text.len()) && text.bytes().all(fits) && !text.starts_with('/') && !text.ends_with('/') && !text.contains("//");
        match valid {
            true if registry(&format!("{text}/app")).is_some() => Ok(()),
            true => Err(format!("for example `docker.io/{text}`")),
            false => Err("for example `ghcr.io/acme`".to_owned()),
        }
    }
);

impl Registry {
    /// Whether an image is of it. What names no host is Docker Hub's.
    pub fn holds(&self, image: &str) -> bool {
        let image = if registry(image).is_some() { image.to_owned() } else { format!("docker.io/{image}") };
        image.strip_prefix(self.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

text!(
    /// The key of a label.
    LabelKey,
    "a label's key is a name, perhaps behind a domain and `/`",
    "acme.example/cost-centre",
    |text| {
        let (domain, name) = text.split_once('/').map_or((None, text), |(domain, name)| (Some(domain), name));
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let ends = |text: &str| text.starts_with(|char: char| char.is_ascii_alphanumeric()) && text.ends_with(|char: char| char.is_ascii_alphanumeric());
        let is_name = name.len() <= 63 && name.bytes().all(fits) && ends(name);
        let part = |part: &str| ends(part) && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let is_domain = |domain: &str| domain.len() <= 253 && domain.split('.').all(part);
        if is_name && domain.is_none_or(is_domain) { Ok(()) } else { Err("for example `acme.example/cost-centre`".to_owned()) }
    }
);
