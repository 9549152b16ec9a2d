//! Evidence that something can be reached from outside: where it was seen, by whom, when, and how far that can be believed.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;

/// From where somebody looked. A scan file does not say it; whoever imports it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vantage {
    /// From outside of the organisation.
    Outside,
    /// From inside.
    Inside,
    /// Nobody says.
    #[default]
    Unknown,
}

impl Vantage {
    /// All of them.
    pub const ALL: [Vantage; 3] = [Vantage::Outside, Vantage::Inside, Vantage::Unknown];

    /// The stable code used in JSON and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Vantage::Outside => "outside",
            Vantage::Inside => "inside",
            Vantage::Unknown => "unknown",
        }
    }

    /// The place that a stable code names.
    pub fn from_code(code: &str) -> Option<Vantage> {
        Vantage::ALL.into_iter().find(|vantage| vantage.code() == code)
    }
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExposureSource {
    /// A device list.
    Declared,
    /// A scan by nmap.
    Nmap,
    /// Shodan's record of a host.
    Shodan,
    /// Shodan's InternetDB.
    InternetDb,
    /// A list of what a border translates to what is inside.
    Nat,
}

impl ExposureSource {
    /// All of them.
    pub const ALL: [ExposureSource; 5] = [
        ExposureSource::Declared,
        ExposureSource::Nmap,
        ExposureSource::Shodan,
        ExposureSource::InternetDb,
        ExposureSource::Nat,
    ];

    /// The stable code used in JSON and the database.
    pub const fn code(self) -> &'static str {
        match self {
            ExposureSource::Declared => "declared",
            ExposureSource::Nmap => "nmap",
            ExposureSource::Shodan => "shodan",
            ExposureSource::InternetDb => "internetdb",
            ExposureSource::Nat => "nat",
        }
    }

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            ExposureSource::Declared => "device list",
            ExposureSource::Nmap => "nmap scan",
            ExposureSource::Shodan => "Shodan",
            ExposureSource::InternetDb => "InternetDB",
            ExposureSource::Nat => "NAT list",
        }
    }

    /// The source that a stable code names.
    pub fn from_code(code: &str) -> Option<ExposureSource> {
        ExposureSource::ALL.into_iter().find(|source| source.code() == code)
    }
}

/// How far a piece of evidence carries. Ordered from the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It may be so: somebody could look.
    Low,
    /// It is said, or was seen by somebody of whom the place or time is not known.
    Medium,
    /// It was seen from outside at a time that is given.
    High,
}

impl Confidence {
    /// All of them.
    pub const ALL: [Confidence; 3] = [Confidence::Low, Confidence::Medium, Confidence::High];

    /// The stable code used in JSON and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }

    /// As an adjective: "high confidence".
    pub const fn words(self) -> &'static str {
        match self {
            Confidence::Low => "low confidence",
            Confidence::Medium => "medium confidence",
            Confidence::High => "high confidence",
        }
    }

    /// One step less.
    #[must_use]
    pub const fn lower(self) -> Confidence {
        match self {
            Confidence::High => Confidence::Medium,
            Confidence::Medium | Confidence::Low => Confidence::Low,
        }
    }

    /// The confidence that a stable code names.
    pub fn from_code(code: &str) -> Option<Confidence> {
        Confidence::ALL.into_iter().find(|confidence| confidence.code() == code)
    }
}

/// A transport protocol. A port belongs to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
    /// Not said.
    Unknown,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Protocol; 4] = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp, Protocol::Unknown];

    /// The stable code used in JSON and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Sctp => "sctp",
            Protocol::Unknown => "unknown",
        }
    }

    /// The protocol that a word names, in any case.
    pub fn from_word(word: &str) -> Option<Protocol> {
        Protocol::ALL.into_iter().find(|protocol| protocol.code().eq_ignore_ascii_case(word))
    }
}

/// An address and a port inside, where a border hands on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Inside {
    /// The address.
    pub address: IpAddr,
    /// The port; `None` where all are handed on.
    pub port: Option<u16>,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The address that can be reached, in canonical form.
    pub address: IpAddr,
    /// The port; `None` where no port is named, or all are meant.
    pub port: Option<u16>,
    /// The protocol.
    pub protocol: Protocol,
    /// What answers there, in the words of the source: `http nginx 1.18.0`.
    pub service: Option<String>,
    /// Who it is inside, where a border translates.
    pub inside: Option<Inside>,
    /// Who says so.
    pub source: ExposureSource,
    /// When it was seen; `None` where that is not said.
    pub seen: Option<Timestamp>,
    /// How far it carries.
    pub confidence: Confidence,
    /// Why not further, or how far: a sentence for who reads it.
    pub why: Cow<'static, str>,
}

/// The addresses that a device list gives for one device: `10.2.0.4`, `10.2.0.4/24`, `[2001:db8::1]:443`, several with blanks,
/// commas or semicolons between them. In canonical form, each once. What is no address of one machine (a name, a network, an
/// unspecified address) is none.
pub fn addresses(text: &str) -> Vec<IpAddr> {
    let apart = |sign: char| sign.is_whitespace() || [',', ';', '|'].contains(&sign);
    let mut found = Vec::new();
    for part in text.split(apart).filter(|part| !part.is_empty()) {
        if let Some(address) = address(part)
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found
}

fn address(part: &str) -> Option<IpAddr> {
    let plain = match part.split_once('/') {
        Some((address, bits)) => machine(bare(address)?, bits.parse().ok()?),
        None => bare(part).or_else(|| part.parse::<SocketAddr>().ok().map(|socket| socket.ip())),
    };
    plain.map(|address| address.to_canonical()).filter(|address| !address.is_unspecified())
}

/// An address without its brackets and its zone (RFC 4007 §11).
fn bare(text: &str) -> Option<IpAddr> {
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    text.split('%').next()?.parse().ok()
}

/// The address of a machine written with its network's length; `None` where it is the network's own. Networks of two addresses
/// have none of their own (RFC 3021, RFC 6164).
fn machine(address: IpAddr, bits: u32) -> Option<IpAddr> {
    let is_network = match address {
        IpAddr::V4(it) => bits > 32 || (bits < 31 && it.to_bits() & (u32::MAX >> bits) == 0),
        IpAddr::V6(it) => bits > 128 || (bits < 127 && it.to_bits() & (u128::MAX >> bits) == 0),
    };
    (!is_network).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_device_are_those_of_machines() {
        for (text, expected) in [
            ("10.2.0.4", "10.2.0.4"),
            (" 10.2.0.4 , 10.2.0.5;10.2.0.4", "10.2.0.4 10.2.0.5"),
            ("10.2.0.4/24", "10.2.0.4"),
            ("10.2.0.4/32", "10.2.0.4"),
            ("10.2.0.0/24", ""),
            ("10.2.0.0/31 10.2.0.2/31", "10.2.0.0 10.2.0.2"),
            ("fe80::1%eth0 [2001:db8::7] 2001:db8::/64", "fe80::1 2001:db8::7"),
            ("10.2.0.4\r\n10.2.0.5\u{a0}10.2.0.6", "10.2.0.4 10.2.0.5 10.2.0.6"),
            (" 10.20.1.7, 10.20.1.8;fe80::1%eth0 ", "10.20.1.7 10.20.1.8 fe80::1"),
            ("[2001:db8::7]:80", "2001:db8::7"),
            ("::ffff:10.20.1.7 10.20.1.7", "10.20.1.7"),
            ("10.20.1", ""),
            ("10.2.0.4/0", "10.2.0.4"),
            ("0.0.0.0/0", ""),
            ("10.2.0.4/33", ""),
            ("10.2.0.4:104", "10.2.0.4"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("2001:db8::/32", ""),
            ("::ffff:10.2.0.4", "10.2.0.4"),
            ("DHCP", ""),
            ("0.0.0.0", ""),
            ("10.2.0.256", ""),
            ("", ""),
        ] {
            let found: Vec<String> = addresses(text).iter().map(ToString::to_string).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn codes_name_what_they_are_of() {
        assert!(Vantage::ALL.iter().all(|it| Vantage::from_code(it.code()) == Some(*it)));
        assert!(ExposureSource::ALL.iter().all(|it| ExposureSource::from_code(it.code()) == Some(*it)));
        assert!(Confidence::ALL.iter().all(|it| Confidence::from_code(it.code()) == Some(*it)));
        assert!(Confidence::ALL.iter().all(|it| it.lower() < *it || *it == Confidence::Low));
    }
}
