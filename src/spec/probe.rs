//! How the kubelet asks whether the app is ready and alive.

use std::fmt;
use std::str::FromStr;

use super::name::PortName;
use super::path::HttpPath;
use super::scalar::{Refusal, Scalar};
use super::word::Word;

/// `/readyz`, `metrics:/readyz` (another port of the app), `tcp`, `grpc`, `grpc:readiness`, `exec:/bin/check now`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Probe {
    Http { port: Option<PortName>, path: HttpPath },
    Tcp,
    Grpc { service: Option<Word> },
    Exec(Vec<Word>),
}

impl FromStr for Probe {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let refused = || Refusal::new(Self::RULE, "for example `/readyz`, `tcp`, `grpc` or `exec:/app/check ready`");
        match text.split_once(':') {
            _ if text.starts_with('/') => Ok(Self::Http { port: None, path: text.parse().map_err(|_| refused())? }),
            None if text == "tcp" => Ok(Self::Tcp),
            None if text == "grpc" => Ok(Self::Grpc { service: None }),
            Some(("grpc", service)) => Ok(Self::Grpc { service: Some(service.parse().map_err(|_| refused())?) }),
            Some(("exec", command)) => {
                let words: Result<Vec<Word>, _> = command.split_whitespace().map(str::parse).collect();
                match words {
                    // A program by its full path: distroless images have no shell and no PATH to search.
                    Ok(words) if words.first().is_some_and(|word| word.as_str().starts_with('/')) => {
                        Ok(Self::Exec(words))
                    }
                    _ => Err(Refusal::new(
                        "a command is a program by its full path and its arguments; there is no shell to interpret more",
                        "for example `exec:/app/check ready`",
                    )),
                }
            }
            Some((port, path)) => Ok(Self::Http {
                port: Some(port.parse().map_err(|_| refused())?),
                path: path.parse().map_err(|_| refused())?,
            }),
            None => Err(refused()),
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { port: None, path } => write!(f, "{path}"),
            Self::Http { port: Some(port), path } => write!(f, "{port}:{path}"),
            Self::Tcp => f.write_str("tcp"),
            Self::Grpc { service: None } => f.write_str("grpc"),
            Self::Grpc { service: Some(service) } => write!(f, "grpc:{service}"),
            Self::Exec(words) => {
                let words: Vec<&str> = words.iter().map(Word::as_str).collect();
                write!(f, "exec:{}", words.join(" "))
            }
        }
    }
}

impl Scalar for Probe {
    const RULE: &'static str = "a check is an HTTP path (`/readyz`, or `metrics:/readyz` on another port), `tcp`, `grpc`, or `exec:` and a command";
    const EXAMPLE: &'static str = "/readyz";
}
