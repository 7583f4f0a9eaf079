//! A value as somebody gave it, not yet parsed, with the place where they gave it.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::problem::{Place, Problem, shown};
use crate::spec::scalar::Scalar;

/// Where a value came from, strongest first in the order of DESIGN: flags > file > preset > detected > default.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Origin {
    #[default]
    Default,
    Flag(&'static str),
    /// Line and column of `cofferdam.yaml`, from 1.
    File {
        line: usize,
        column: usize,
    },
    Preset(String),
    /// Read from this file of the app.
    Detected(String),
    /// A reply in the wizard.
    Reply,
}

/// The text of a `T`. Parsed by `resolve`, so that all problems are found together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Raw<T> {
    pub text: String,
    pub origin: Origin,
    kind: PhantomData<fn() -> T>,
}

impl<T> Raw<T> {
    pub fn new(text: impl Into<String>, origin: Origin) -> Self {
        Self { text: text.into(), origin, kind: PhantomData }
    }
}

impl<T: Scalar> Raw<T> {
    /// The value, or a problem that names `key`.
    pub fn parse(&self, key: &str) -> Result<T, Problem> {
        self.text.parse().map_err(|refusal: crate::spec::scalar::Refusal| {
            let what = if self.text.is_empty() {
                format!("`{key}` is empty")
            } else {
                format!("`{key}` is {}", shown(&self.text))
            };
            Problem::new(what, refusal.why, refusal.help).at(self.origin.place())
        })
    }
}

impl Origin {
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Default | Self::Reply => None,
            Self::Flag(flag) => Some(Place::Flag(format!("--{flag}"))),
            Self::File { line, column } => {
                Some(Place::File { path: super::file::NAME.to_owned(), line: *line, column: *column })
            }
            Self::Preset(id) => Some(Place::Preset(id.clone())),
            Self::Detected(path) => Some(Place::Path(path.clone())),
        }
    }

    /// The same for what stands in another file than the answers.
    pub fn place_in(&self, path: &str) -> Place {
        match *self {
            Self::File { line, column } => Place::File { path: path.to_owned(), line, column },
            _ => Place::Path(path.to_owned()),
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Reply => f.write_str("your reply"),
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::File { line, .. } => write!(f, "{}:{line}", super::file::NAME),
            Self::Preset(id) => write!(f, "preset {id}"),
            Self::Detected(path) => f.write_str(path),
        }
    }
}

/// How [`super::file`] hands a scalar with its place through serde.
#[derive(Deserialize)]
struct Located {
    #[serde(rename = "$text")]
    text: String,
    #[serde(rename = "$line")]
    line: usize,
    #[serde(rename = "$column")]
    column: usize,
}

impl<'de, T> Deserialize<'de> for Raw<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Located { text, line, column } = Located::deserialize(deserializer)?;
        Ok(Self::new(text, Origin::File { line, column }))
    }
}

impl<T: Scalar> Serialize for Raw<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (T::JSON_TYPE, self.text.parse::<u32>()) {
            ("integer", Ok(number)) => serializer.serialize_u32(number),
            // `8080` where `none` would be right too.
            (_, Ok(number)) if number.to_string() == self.text && T::EXAMPLE.parse::<u32>().is_ok() => {
                serializer.serialize_u32(number)
            }
            _ if T::CHOICES == ["true", "false"] => serializer.serialize_bool(self.text == "true"),
            _ => serializer.serialize_str(&self.text),
        }
    }
}

impl<T: Scalar> JsonSchema for Raw<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        std::any::type_name::<T>().into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let types = match T::JSON_TYPE {
            "string" if T::CHOICES == ["true", "false"] => serde_json::json!("boolean"),
            // Editors should not complain about `1` where a text is meant.
            "string" if T::CHOICES.is_empty() => serde_json::json!(["string", "integer", "boolean", "number"]),
            other => serde_json::json!(other),
        };
        let mut schema = json_schema!({ "type": types, "description": T::RULE, "examples": [T::EXAMPLE] });
        if !T::CHOICES.is_empty() && T::CHOICES != ["true", "false"] {
            schema.insert("enum".to_owned(), serde_json::json!(T::CHOICES));
        }
        schema
    }
}
