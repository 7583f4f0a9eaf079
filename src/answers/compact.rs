//! The one-word form of an entry of a list: for flags, and for a line in the wizard.
//!
//! `/data=10Gi:keep`, `service:web`, `namespace:monitoring:metrics`, `cidr:10.0.0.0/8:5432`, `api.stripe.com:443`.

use super::raw::{Origin, Raw};
use super::{CallerAnswers, DestinationAnswers, ExceptionAnswers, SecretAnswers, StorageAnswers};
use crate::spec::scalar::{Refusal, Scalar};

pub trait Compact: Sized {
    /// The forms, for help and errors.
    const FORMS: &'static str;
    /// What stands between entries in one line.
    const SEPARATOR: char = ',';
    fn from_word(word: &str, origin: &Origin) -> Result<Self, Refusal>;
    fn to_word(&self) -> String;
}

/// A list in one line; `none` is the empty list.
pub fn list<T: Compact>(text: &str, origin: &Origin) -> Result<Vec<T>, Refusal> {
    let text = text.trim();
    if text == "none" || text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(T::SEPARATOR).map(|word| T::from_word(word.trim(), origin)).collect()
}

pub fn line<T: Compact>(entries: &[T]) -> String {
    if entries.is_empty() {
        return "none".to_owned();
    }
    entries.iter().map(Compact::to_word).collect::<Vec<_>>().join(&T::SEPARATOR.to_string())
}

fn refusal<T: Compact>() -> Refusal {
    Refusal::new(
        format!("an entry is written {}", T::FORMS),
        format!("several are joined by `{}`; `none` for no entry", T::SEPARATOR),
    )
}

impl Compact for StorageAnswers {
    const FORMS: &'static str =
        "`/path=SIZE`, with `:keep` behind it where the data must outlive the pod, or `:memory`";

    fn from_word(word: &str, origin: &Origin) -> Result<Self, Refusal> {
        let (place, mode) = match word.rsplit_once(':') {
            Some((place, mode)) => (place, Some(mode)),
            None => (word, None),
        };
        let (path, size) = match place.split_once('=') {
            Some((path, size)) => (path, Some(size)),
            None => (place, None),
        };
        if !path.starts_with('/') || !matches!(mode, None | Some("keep" | "memory")) {
            return Err(refusal::<Self>());
        }
        Ok(Self {
            path: Some(Raw::new(path, origin.clone())),
            size: size.map(|size| Raw::new(size, origin.clone())),
            keep: (mode == Some("keep")).then(|| Raw::new("true", origin.clone())),
            memory: (mode == Some("memory")).then(|| Raw::new("true", origin.clone())),
            class: None,
        })
    }

    fn to_word(&self) -> String {
        let on = |switch: &Option<Raw<_>>| switch.as_ref().is_some_and(|switch| switch.text == "true");
        let mut word = text(&self.path);
        if let Some(size) = &self.size {
            word.push_str(&format!("={}", size.text));
        }
        if on(&self.keep) {
            word.push_str(":keep");
        }
        if on(&self.memory) {
            word.push_str(":memory");
        }
        word
    }
}

impl Compact for CallerAnswers {
    const FORMS: &'static str = "`service:NAME`, `namespace:NAME` or `cidr:ADDRESS/BITS`, with `:PORT-NAME` behind it where it is not the main port";

    fn from_word(word: &str, origin: &Origin) -> Result<Self, Refusal> {
        let (kind, rest) = word.split_once(':').ok_or_else(refusal::<Self>)?;
        let (peer, port) = match rest.rsplit_once(':') {
            Some((peer, port)) if kind != "cidr" || peer.contains('/') => (peer, Some(port)),
            _ => (rest, None),
        };
        let mut entry = Self { port: port.map(|port| Raw::new(port, origin.clone())), ..Self::default() };
        match kind {
            "service" => entry.service = Some(Raw::new(peer, origin.clone())),
            "namespace" => entry.namespace = Some(Raw::new(peer, origin.clone())),
            "cidr" => entry.cidr = Some(Raw::new(peer, origin.clone())),
            _ => return Err(refusal::<Self>()),
        }
        Ok(entry)
    }

    fn to_word(&self) -> String {
        let port = self.port.as_ref().map(|port| format!(":{}", port.text)).unwrap_or_default();
        if let Some(service) = &self.service {
            format!("service:{}{port}", service.text)
        } else if let Some(cidr) = &self.cidr {
            format!("cidr:{}{port}", cidr.text)
        } else {
            format!("namespace:{}{port}", text(&self.namespace))
        }
    }
}

impl Compact for DestinationAnswers {
    const FORMS: &'static str =
        "`service:NAME`, `HOST:PORT`, `internet:PORT`, `cidr:ADDRESS/BITS:PORT` or `namespace:NAME:PORT`";

    fn from_word(word: &str, origin: &Origin) -> Result<Self, Refusal> {
        let raw = |text: &str| Raw::<crate::spec::number::Port>::new(text, origin.clone());
        let mut entry = Self::default();
        let (head, rest) = word.split_once(':').ok_or_else(refusal::<Self>)?;
        match (head, rest.rsplit_once(':')) {
            ("service", None) => entry.service = Some(Raw::new(rest, origin.clone())),
            ("internet", None) => {
                entry.internet = Some(Raw::new("true", origin.clone()));
                entry.port = Some(raw(rest));
            }
            ("cidr", Some((cidr, port))) => {
                entry.cidr = Some(Raw::new(cidr, origin.clone()));
                entry.port = Some(raw(port));
            }
            ("namespace", Some((namespace, port))) => {
                entry.namespace = Some(Raw::new(namespace, origin.clone()));
                entry.port = Some(raw(port));
            }
            (host, None) if host.contains('.') => {
                entry.host = Some(Raw::new(host, origin.clone()));
                entry.port = Some(raw(rest));
            }
            _ => return Err(refusal::<Self>()),
        }
        Ok(entry)
    }

    fn to_word(&self) -> String {
        let port = text(&self.port);
        if let Some(service) = &self.service {
            format!("service:{}", service.text)
        } else if let Some(host) = &self.host {
            format!("{}:{port}", host.text)
        } else if let Some(cidr) = &self.cidr {
            format!("cidr:{}:{port}", cidr.text)
        } else if let Some(namespace) = &self.namespace {
            format!("namespace:{}:{port}", namespace.text)
        } else {
            format!("internet:{port}")
        }
    }
}

impl Compact for SecretAnswers {
    const FORMS: &'static str = "`NAME=/mount/path`";

    fn from_word(word: &str, origin: &Origin) -> Result<Self, Refusal> {
        let (name, mount) = word.split_once('=').ok_or_else(refusal::<Self>)?;
        Ok(Self { name: Some(Raw::new(name, origin.clone())), mount: Some(Raw::new(mount, origin.clone())) })
    }

    fn to_word(&self) -> String {
        format!("{}={}", text(&self.name), text(&self.mount))
    }
}

impl Compact for ExceptionAnswers {
    const FORMS: &'static str = "`RULE=the reason in one sentence`";
    /// A sentence may hold commas.
    const SEPARATOR: char = ';';

    fn from_word(word: &str, origin: &Origin) -> Result<Self, Refusal> {
        let (rule, reason) = word.split_once('=').ok_or_else(refusal::<Self>)?;
        Ok(Self { rule: Some(Raw::new(rule, origin.clone())), reason: Some(Raw::new(reason, origin.clone())) })
    }

    fn to_word(&self) -> String {
        format!("{}={}", text(&self.rule), text(&self.reason))
    }
}

/// A list of plain values, one word each.
impl<T: Scalar> Compact for Raw<T> {
    const FORMS: &'static str = T::RULE;

    fn from_word(word: &str, origin: &Origin) -> Result<Self, Refusal> {
        Ok(Self::new(word, origin.clone()))
    }

    fn to_word(&self) -> String {
        self.text.clone()
    }
}

fn text<T>(raw: &Option<Raw<T>>) -> String {
    raw.as_ref().map(|raw| raw.text.clone()).unwrap_or_default()
}
