//! Evidence that something can be reached from outside: where it was seen, by whom, when, and how far that can be believed.

use std::net::IpAddr;

use jiff::Timestamp;

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
    pub why: &'static str,
}
