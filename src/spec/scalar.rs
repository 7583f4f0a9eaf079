//! What every single value has in common: one door in (`FromStr`), a rule it keeps, an example that keeps it.

use std::fmt::Display;
use std::str::FromStr;

/// Why a text is refused, and what would be right instead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    pub why: String,
    pub help: String,
}

impl Refusal {
    pub fn new(why: impl Into<String>, help: impl Into<String>) -> Self {
        Self { why: why.into(), help: help.into() }
    }
}

pub trait Scalar: FromStr<Err = Refusal> + Display {
    /// The rule, for JSON Schema, `explain` and the wizard's help. One sentence without a full stop.
    const RULE: &'static str;
    /// A value that is right.
    const EXAMPLE: &'static str;
    /// The JSON type an editor should offer: `string`, `integer` or `boolean`.
    const JSON_TYPE: &'static str = "string";
    /// The words to choose from, where the value is one of a few.
    const CHOICES: &'static [&'static str] = &[];
}

/// A value that is kept as its text.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $rule:literal, $example:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::spec::scalar::Refusal;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let check: fn(&str) -> Result<(), String> = $check;
                match check(text) {
                    Ok(()) => Ok(Self(text.to_owned())),
                    Err(help) => Err($crate::spec::scalar::Refusal::new(<Self as $crate::spec::scalar::Scalar>::RULE, help)),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $crate::spec::scalar::Scalar for $name {
            const RULE: &'static str = $rule;
            const EXAMPLE: &'static str = $example;
        }
    };
}

/// A value that is one of a few words.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident, $rule:literal, { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::spec::scalar::Refusal;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|choice| choice.as_str() == text).ok_or_else(|| {
                    let words: Vec<&str> = Self::ALL.iter().map(|choice| choice.as_str()).collect();
                    let near = $crate::problem::nearest(text, words.iter().copied()).unwrap_or(words[0]);
                    $crate::spec::scalar::Refusal::new(
                        format!("{}: {}", <Self as $crate::spec::scalar::Scalar>::RULE, words.join(", ")),
                        format!("for example `{near}`"),
                    )
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::spec::scalar::Scalar for $name {
            const RULE: &'static str = $rule;
            const EXAMPLE: &'static str = { let all: &[&str] = &[$($word),+]; all[0] };
            const CHOICES: &'static [&'static str] = &[$($word),+];
        }
    };
}

/// A whole number within bounds, written the one canonical way.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $range:expr, $rule:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub struct $name(u32);

        impl $name {
            pub const fn get(self) -> u32 {
                self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::spec::scalar::Refusal;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                use $crate::spec::scalar::Scalar as _;
                // `0777`, `1e3` and `+5` mean different numbers to different YAML readers.
                text.parse::<u32>().ok()
                    .filter(|number| number.to_string() == text && $range.contains(number))
                    .map(Self)
                    .ok_or_else(|| $crate::spec::scalar::Refusal::new(Self::RULE, format!("for example `{}`", Self::EXAMPLE)))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl $crate::spec::scalar::Scalar for $name {
            const RULE: &'static str = $rule;
            const EXAMPLE: &'static str = $example;
            const JSON_TYPE: &'static str = "integer";
        }
    };
}

pub(crate) use {choice, number, text};
