//! Networks: which addresses are ours, and whether something crossed the border.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network: an address and how many of its first bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// Text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no network; hint: write it as 10.20.0.0/16 or 2001:db8::/32")]
pub struct InvalidNetwork(String);

impl Network {
    /// The network of an address; bits beyond the length of the address count as all of them.
    pub fn of(address: IpAddr, bits: u8) -> Network {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let bits = bits.min(32);
                let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
                Network { address: IpAddr::V4(Ipv4Addr::from(u32::from(address) & mask)), bits }
            }
            IpAddr::V6(address) => {
                let bits = bits.min(128);
                let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
                Network { address: IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask)), bits }
            }
        }
    }

    /// The network by which attackers are told apart: /24 of IPv4 and /64 of IPv6, the smallest that is routed to one
    /// holder as a rule (RFC 6177 §2 for the latter).
    pub fn of_attacker(address: IpAddr) -> Network {
        match address.to_canonical() {
            address @ IpAddr::V4(_) => Network::of(address, 24),
            address @ IpAddr::V6(_) => Network::of(address, 64),
        }
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(mine), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.bits);
                (u32::from(mine) ^ u32::from(other)).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(mine), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                (u128::from(mine) ^ u128::from(other)).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }

    /// Its first address.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// How many bits count.
    pub const fn bits(&self) -> u8 {
        self.bits
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    /// An address with bits, or one alone. Bits of the host are dropped.
    fn from_str(text: &str) -> Result<Network, InvalidNetwork> {
        let invalid = || InvalidNetwork(text.to_owned());
        let (address, bits) = text.trim().split_once('/').unwrap_or((text.trim(), "128"));
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits: u8 = if text.contains('/') { bits.parse().map_err(|_| invalid())? } else { most };
        if bits > most { Err(invalid()) } else { Ok(Network::of(address, bits)) }
    }
}

/// Networks that are ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

impl Default for Networks {
    /// The addresses that are never routed outside: private (RFC 1918), shared (RFC 6598), link-local (RFC 3927, RFC 4291
    /// §2.5.6), unique local (RFC 4193) and the machine itself.
    fn default() -> Networks {
        let v4 = |a, b, bits| Network { address: IpAddr::V4(Ipv4Addr::new(a, b, 0, 0)), bits };
        let v6 =
            |first, bits| Network { address: IpAddr::V6(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0)), bits };
        Networks(vec![
            v4(10, 0, 8),
            v4(192, 168, 16),
            v4(172, 16, 12),
            v4(127, 0, 8),
            v4(169, 254, 16),
            v4(100, 64, 10),
            v6(0xfc00, 7),
            v6(0xfe80, 10),
            Network { address: IpAddr::V6(Ipv6Addr::LOCALHOST), bits: 128 },
        ])
    }
}

impl Networks {
    /// The addresses never routed outside, and these: an organisation's own public ranges.
    pub fn with(own: impl IntoIterator<Item = Network>) -> Networks {
        let mut networks = Networks::default();
        networks.0.extend(own);
        networks
    }

    /// Whether an address is ours.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// How something went from one address to the other.
    pub fn direction(&self, from: Option<IpAddr>, to: Option<IpAddr>) -> Direction {
        let (Some(from), Some(to)) = (from, to) else { return Direction::Unknown };
        match (self.contain(from), self.contain(to)) {
            (false, true) => Direction::Inbound,
            (true, false) => Direction::Outbound,
            (true, true) => Direction::Inside,
            (false, false) => Direction::Outside,
        }
    }
}

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From outside to us.
    Inbound,
    /// From us to outside.
    Outbound,
    /// Between two of ours.
    Inside,
    /// Between two others: our own public ranges are not set up, or a sensor stands at the border.
    Outside,
    /// An address is missing.
    Unknown,
}

impl Direction {
    /// All of them.
    pub const ALL: [Direction; 5] =
        [Direction::Inbound, Direction::Outbound, Direction::Inside, Direction::Outside, Direction::Unknown];

    /// The stable code used in JSON and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
            Direction::Inside => "inside",
            Direction::Outside => "outside",
            Direction::Unknown => "unknown",
        }
    }

    /// The direction that a stable code names.
    pub fn from_code(code: &str) -> Option<Direction> {
        Direction::ALL.into_iter().find(|direction| direction.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn attackers_are_told_apart_by_their_network() {
        for (one, network) in [
            ("203.0.113.99", "203.0.113.0/24"),
            ("::ffff:203.0.113.7", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("0.0.0.0", "0.0.0.0/24"),
        ] {
            assert_eq!(Network::of_attacker(address(one)).to_string(), network, "{one}");
        }
    }

    #[test]
    fn a_network_is_written_with_or_without_bits() {
        for (text, shown) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            (" 192.0.2.1 ", "192.0.2.1/32"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(text.parse::<Network>().expect("a network").to_string(), shown, "{text}");
        }
        for text in ["", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "fe80::1%eth0/64", "2001:db8::/129"]
        {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        let all: Network = "0.0.0.0/0".parse().expect("a network");
        assert!(all.contains(address("255.255.255.255")) && !all.contains(address("::1")));
    }

    /// The blocks of the RFCs named at [`Networks::default`], their first and last addresses and the neighbours outside.
    #[test]
    fn what_is_never_routed_outside_is_ours() {
        let own = Networks::default();
        for inside in [
            "10.0.0.0",
            "10.255.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "169.254.1.1",
            "127.0.0.1",
            "::1",
            "fc00::",
            "fdff:ffff::1",
            "fe80::1",
            "::ffff:10.1.1.1",
        ] {
            assert!(own.contain(address(inside)), "{inside}");
        }
        for outside in ["9.255.255.255", "172.15.255.255", "172.32.0.0", "100.128.0.0", "fe00::", "::2"] {
            assert!(!own.contain(address(outside)), "{outside}");
        }
        let wider = Networks::with(["198.51.100.0/24".parse().expect("a network")]);
        assert!(wider.contain(address("198.51.100.9")));
        let way = |from: &str, to: &str| wider.direction(Some(address(from)), Some(address(to)));
        assert_eq!(way("203.0.113.1", "198.51.100.9"), Direction::Inbound);
        assert_eq!(way("10.0.0.1", "203.0.113.1"), Direction::Outbound);
        assert_eq!(way("10.0.0.1", "198.51.100.9"), Direction::Inside);
        assert_eq!(way("203.0.113.1", "203.0.113.2"), Direction::Outside);
        assert_eq!(wider.direction(None, Some(address("10.0.0.1"))), Direction::Unknown);
    }
}
