//! Amounts of CPU, memory and disk: the few forms that answers have, and all that manifests may have.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul};
use std::str::FromStr;

use super::scalar::{Refusal, Scalar};

/// Thousandths of a core.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Cpu(u64);

impl Cpu {
    /// Thousandths of a core.
    pub const fn in_millis(self) -> u64 {
        self.0
    }

    pub const fn millis(millis: u64) -> Self {
        Self(millis)
    }
}

impl FromStr for Cpu {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let millis = match text.strip_suffix('m') {
            Some(millis) => millis.parse().ok(),
            None => decimal(text, 1000),
        };
        millis
            .filter(|millis| (1..=1_000_000_000_000).contains(millis))
            .map(Self)
            .ok_or_else(|| Refusal::new(Self::RULE, "for example `250m` (a quarter of a core) or `2`"))
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) { write!(f, "{}", self.0 / 1000) } else { write!(f, "{}m", self.0) }
    }
}

impl Scalar for Cpu {
    const RULE: &'static str = "an amount of CPU is in cores or in thousandths (`m`), 1m or more";
    const EXAMPLE: &'static str = "250m";
}

/// Bytes of memory or disk.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Bytes(u64);

const UNITS: [(&str, u64); 8] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("k", 1000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
];

impl Bytes {
    pub const fn mebi(count: u64) -> Self {
        Self(count << 20)
    }

    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Bytes {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let (number, unit) = UNITS
            .iter()
            .find_map(|(unit, factor)| text.strip_suffix(unit).map(|number| (number, *factor)))
            .unwrap_or((text, 1));
        let help = match text {
            _ if text.ends_with('m') => "`m` means thousandths; for example `128Mi`",
            _ if text.ends_with('B') => "Kubernetes writes no `B`; for example `128Mi`",
            _ => "for example `128Mi` or `10Gi`",
        };
        decimal(number, unit)
            .filter(|bytes| (1 << 10..=1 << 60).contains(bytes))
            .map(Self)
            .ok_or_else(|| Refusal::new(Self::RULE, help))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, factor) in [("Ti", 1u64 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)] {
            if self.0 >= factor && self.0.is_multiple_of(factor) {
                return write!(f, "{}{unit}", self.0 / factor);
            }
        }
        write!(f, "{}", self.0)
    }
}

impl Scalar for Bytes {
    const RULE: &'static str =
        "an amount of memory or disk is a number and a unit (`Ki`, `Mi`, `Gi`, `Ti`, `k`, `M`, `G`, `T`), 1Ki or more";
    const EXAMPLE: &'static str = "128Mi";
}

/// A plain decimal times a unit, exact or refused; no exponent, no sign.
fn decimal(text: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 9 || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return None;
    }
    let scale = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let fraction: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let part = fraction.checked_mul(unit)?;
    if !part.is_multiple_of(scale) {
        return None;
    }
    whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(part / scale)
}

/// An amount as an API server reads it, in any form, rounded up; none where it refuses it.
pub trait Amount: Sized {
    fn read(text: &str) -> Option<Self>;
}

impl Amount for Cpu {
    fn read(text: &str) -> Option<Self> {
        Some(Self(whole(nanos(text)?, 1_000_000)))
    }
}

impl Amount for Bytes {
    fn read(text: &str) -> Option<Self> {
        Some(Self(whole(nanos(text)?, 1_000_000_000)))
    }
}

fn whole(nanos: u128, unit: u128) -> u64 {
    u64::try_from(nanos.div_ceil(unit)).unwrap_or(u64::MAX)
}

/// Billionths, rounded up; the largest number stands for more than that
/// (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>). Nothing here may be negative.
fn nanos(text: &str) -> Option<u128> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') {
        return None;
    }
    let (doublings, tens) = match suffix {
        "Ki" => (10, 0),
        "Mi" => (20, 0),
        "Gi" => (30, 0),
        "Ti" => (40, 0),
        "Pi" => (50, 0),
        "Ei" => (60, 0),
        "n" => (0, -9),
        "u" => (0, -6),
        "m" => (0, -3),
        "" => (0, 0),
        "k" => (0, 3),
        "M" => (0, 6),
        "G" => (0, 9),
        "T" => (0, 12),
        "P" => (0, 15),
        "E" => (0, 18),
        _ => (0, suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?),
    };
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let count: u128 = digits.parse().unwrap_or(u128::MAX);
    let count = count.saturating_mul(1 << doublings);
    let tens = tens.saturating_add(9).saturating_sub(i32::try_from(fraction.len()).unwrap_or(i32::MAX));
    let power = 10u128.checked_pow(tens.unsigned_abs());
    Some(match power {
        Some(power) if tens < 0 => count.div_ceil(power),
        Some(power) => count.saturating_mul(power),
        None if tens < 0 => 1,
        None => u128::MAX,
    })
}

macro_rules! arithmetic {
    ($($name:ident),+) => {$(
        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
        }

        impl Mul<u32> for $name {
            type Output = Self;
            fn mul(self, count: u32) -> Self {
                Self(self.0.saturating_mul(u64::from(count)))
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
                amounts.fold(Self(0), Add::add)
            }
        }
    )+};
}

arithmetic!(Cpu, Bytes);
