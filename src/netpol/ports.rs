//! Sets of ports by protocol.

use std::collections::BTreeMap;
use std::fmt;

use rangemap::RangeInclusiveSet;

/// What a NetworkPolicy can tell apart.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

impl Protocol {
    const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// As a manifest names it; TCP where it names none.
    pub fn named(name: Option<&str>) -> Self {
        match name {
            Some("UDP") => Self::Udp,
            Some("SCTP") => Self::Sctp,
            _ => Self::Tcp,
        }
    }
}

/// Ports by protocol. Two sets are equal where they hold the same ports, however they came about.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Ports(BTreeMap<Protocol, RangeInclusiveSet<u16>>);

impl Ports {
    pub const fn nothing() -> Self {
        Self(BTreeMap::new())
    }

    pub fn everything() -> Self {
        Self(Protocol::ALL.into_iter().map(|protocol| (protocol, [1..=u16::MAX].into_iter().collect())).collect())
    }

    /// Nothing where `last` comes before `first`.
    pub fn insert(&mut self, protocol: Protocol, first: u16, last: u16) {
        if first <= last {
            self.0.entry(protocol).or_default().insert(first..=last);
        }
    }

    pub fn add(&mut self, other: &Self) {
        for (protocol, ranges) in &other.0 {
            self.0.entry(*protocol).or_default().extend(ranges.iter().cloned());
        }
    }

    pub fn intersection(&self, other: &Self) -> Self {
        let mut both = BTreeMap::new();
        for (protocol, ranges) in &self.0 {
            let Some(others) = other.0.get(protocol) else { continue };
            let ranges: RangeInclusiveSet<u16> = ranges.intersection(others).collect();
            if !ranges.is_empty() {
                both.insert(*protocol, ranges);
            }
        }
        Self(both)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `TCP 8080, 9000-9010; UDP 53`.
impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::everything() {
            return f.write_str("every port");
        }
        let protocols: Vec<String> = self
            .0
            .iter()
            .map(|(protocol, ranges)| {
                let ranges: Vec<String> = ranges
                    .iter()
                    .map(|range| match (range.start(), range.end()) {
                        (first, last) if first == last => first.to_string(),
                        (first, last) => format!("{first}-{last}"),
                    })
                    .collect();
                format!("{} {}", format!("{protocol:?}").to_uppercase(), ranges.join(", "))
            })
            .collect();
        f.write_str(&protocols.join("; "))
    }
}
