//! Sets of addresses of both families.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;

use ipnet::IpNet;
use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use rangemap::RangeInclusiveSet;

/// Addresses as one line of numbers: IPv4 stands where IPv6 maps it (`::ffff:0:0/96`), which no packet carries.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Addresses(RangeInclusiveSet<u128>);

const IPV4: RangeInclusive<u128> = 0xffff_0000_0000..=0xffff_ffff_ffff;

impl Addresses {
    /// A block without its exceptions. A block that is none holds nothing.
    pub fn block(cidr: &str, except: &[String]) -> Self {
        let mut set = RangeInclusiveSet::new();
        let ranges = |cidr: &str| cidr.parse().map(ranges).unwrap_or_default();
        for range in ranges(cidr) {
            set.insert(range);
        }
        for range in except.iter().flat_map(|cidr| ranges(cidr)) {
            set.remove(range);
        }
        Self(set)
    }

    /// None where the peer means pods.
    pub(super) fn of_peer(peer: &NetworkPolicyPeer) -> Option<Self> {
        let block = peer.ip_block.as_ref()?;
        Some(Self::block(&block.cidr, block.except.as_deref().unwrap_or_default()))
    }

    /// All addresses, cut into pieces that each of `blocks` holds whole or not at all.
    pub(super) fn cut(blocks: impl Iterator<Item = Self>) -> Vec<Self> {
        let mut starts = vec![0, *IPV4.start(), *IPV4.end() + 1];
        for range in blocks.flat_map(|block| block.0.into_iter()) {
            starts.push(*range.start());
            starts.extend(range.end().checked_add(1));
        }
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([u128::MAX]);
        starts.iter().zip(ends).map(|(start, end)| Self([*start..=end].into_iter().collect())).collect()
    }

    pub fn insert(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    pub fn holds(&self, other: &Self) -> bool {
        other.0.iter().all(|range| self.0.gaps(range).next().is_none())
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&number(address))
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// A block's addresses; an IPv6 block never holds those that stand for IPv4.
fn ranges(block: IpNet) -> Vec<RangeInclusive<u128>> {
    let whole = number(block.network())..=number(block.broadcast());
    if matches!(block, IpNet::V4(_)) || whole.end() < IPV4.start() || whole.start() > IPV4.end() {
        return vec![whole];
    }
    let mut set: RangeInclusiveSet<u128> = [whole].into_iter().collect();
    set.remove(IPV4);
    set.into_iter().collect()
}

/// `10.0.0.0-10.255.255.255, fc00::-fdff:…`.
impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |number: &u128| Ipv6Addr::from_bits(*number).to_canonical();
        let ranges: Vec<String> = self
            .0
            .iter()
            .map(|range| match (shown(range.start()), shown(range.end())) {
                (first, last) if first == last => first.to_string(),
                (first, last) => format!("{first}-{last}"),
            })
            .collect();
        f.write_str(&ranges.join(", "))
    }
}
