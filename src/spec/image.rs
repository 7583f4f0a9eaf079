//! A container image, pinned at least by a tag.

use std::fmt;
use std::str::FromStr;

use super::scalar::{Refusal, Scalar};

/// `[registry[:port]/]path:tag[@sha256:digest]`, by the grammar of the distribution project
/// (<https://github.com/distribution/reference>).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImageRef {
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// The registry that an image names; without a name it is `docker.io`.
pub fn registry(image: &str) -> Option<&str> {
    let (first, _) = image.split_once('/')?;
    (first.contains(['.', ':']) || first == "localhost").then_some(first)
}

impl ImageRef {
    /// Registry and path, without tag and digest.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }
}

impl FromStr for ImageRef {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let (repository, tag) = match rest.rsplit_once(':') {
            // A colon before a slash belongs to the registry's port.
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
            _ => (rest, None),
        };
        let refuse = |why: &str| {
            let example = if valid_repository(repository) {
                format!("for example `{repository}:1.4.2`")
            } else {
                format!("for example `{}`", Self::EXAMPLE)
            };
            Err(Refusal::new(why, example))
        };
        if !valid_repository(repository) {
            return refuse(Self::RULE);
        }
        if tag.is_some_and(|tag| !valid_tag(tag)) {
            return refuse("a tag has 1 to 128 letters, digits, `_`, `.` and `-`, and starts with neither `.` nor `-`");
        }
        if digest.is_some_and(|digest| !valid_digest(digest)) {
            return refuse("a digest is `sha256:` and 64 lower-case hexadecimal digits");
        }
        if tag == Some("latest") && digest.is_none() {
            return refuse("`latest` names another image tomorrow: two pods of one service could run different code");
        }
        if tag.is_none() && digest.is_none() {
            return refuse("an image without a tag means `latest`, which names another image tomorrow");
        }
        Ok(Self { repository: repository.to_owned(), tag: tag.map(str::to_owned), digest: digest.map(str::to_owned) })
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl Scalar for ImageRef {
    const RULE: &'static str = "an image is `registry/path:tag` in lower case, where `@sha256:…` may follow";
    const EXAMPLE: &'static str = "ghcr.io/acme/checkout:1.4.2";
}

fn valid_repository(text: &str) -> bool {
    let mut parts = text.split('/').peekable();
    let first = parts.peek().copied().unwrap_or_default();
    let has_registry = text.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    if has_registry {
        parts.next();
        let (host, port) = first.split_once(':').unwrap_or((first, "443"));
        let host_ok = !host.is_empty()
            && host.split('.').all(|part| {
                !part.is_empty()
                    && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                    && !part.starts_with('-')
                    && !part.ends_with('-')
            });
        if !host_ok || port.parse::<u16>().is_err() {
            return false;
        }
    }
    text.len() <= 255 && parts.peek().is_some() && parts.all(valid_component)
}

fn valid_component(part: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    edge(part.bytes().next())
        && edge(part.bytes().last())
        && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

fn valid_tag(tag: &str) -> bool {
    (1..=128).contains(&tag.len())
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        && !tag.starts_with(['.', '-'])
}

fn valid_digest(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}
