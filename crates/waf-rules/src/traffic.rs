//! Ordinary requests of a hospital, made from the formats' own specifications with a seed: the same seed gives the same
//! requests. They are meant to be difficult: quotes, angle brackets, words like "select", passwords full of symbols.
//!
//! Half of them is for tuning, half is held back and only counted. The halves share the shapes of requests, which the
//! specifications fix, and no sentence, name or password.

mod fhir;
mod imaging;
mod messages;
mod pages;
mod words;

use crate::request::Request;

/// Which half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Looked at while rules are tuned.
    Tuning,
    /// Only counted.
    HeldBack,
}

/// A kind of traffic and how to make one of it.
struct Kind {
    /// The specification it is made from.
    source: &'static str,
    make: fn(&mut Dice) -> Request,
}

/// Every kind; requests are made of each in turn.
const KINDS: &[Kind] = &[
    Kind { source: "FHIR R4, 3.1.0 RESTful API: read, history, capabilities", make: fhir::read },
    Kind { source: "FHIR R4, 3.1.1 Search: parameters, modifiers, chains, prefixes", make: fhir::search },
    Kind { source: "FHIR R4, 3.1.1 Search by POST", make: fhir::search_by_post },
    Kind { source: "FHIR R4, 3.1.0 create, update, conditional update, in JSON", make: fhir::write_json },
    Kind { source: "FHIR R4, 3.1.0 patch (RFC 6902) and delete", make: fhir::patch_or_delete },
    Kind { source: "FHIR R4, 2.6 resources in XML", make: fhir::write_xml },
    Kind { source: "FHIR R4, 3.1.0.11 batch and transaction; 3.2 operations", make: fhir::bundle },
    Kind { source: "DICOM PS3.18, 10.6 QIDO-RS and 10.4 WADO-RS", make: imaging::query },
    Kind { source: "DICOM PS3.18, 10.5 STOW-RS (RFC 2387)", make: imaging::store },
    Kind { source: "DICOM PS3.18, 9 WADO-URI; 11 UPS-RS", make: imaging::worklist },
    Kind { source: "HL7 v2.5.1 in ER7 over HTTP (HAPI hl7overhttp)", make: messages::hl7 },
    Kind { source: "GraphQL over HTTP; FHIR R4, 3.2 GraphQL", make: messages::graphql },
    Kind { source: "HTML forms: log-in with symbols", make: pages::log_in },
    Kind { source: "HTML forms: settings of a device", make: pages::settings },
    Kind { source: "HTML forms and JSON: clinical notes in several languages", make: pages::note },
    Kind { source: "RFC 7578 uploads", make: pages::upload },
    Kind { source: "pages, scripts, images, downloads, searches of a device", make: pages::page },
    Kind { source: "SOAP 1.2 and IHE XDS.b", make: messages::soap },
];

/// The specifications that the traffic is made from.
pub fn sources() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.source)
}

/// So many requests of one half.
pub fn generate(seed: u64, half: Half, count: usize) -> Vec<Request> {
    let mut dice = Dice::new(seed, half);
    let one = |index: usize| {
        let mut request = (KINDS[index % KINDS.len()].make)(&mut dice);
        request.name = format!("{} #{index}", request.name);
        request
    };
    (0..count).map(one).collect()
}

/// A small generator of numbers (SplitMix64, Steele and others 2014), good enough to mix words.
struct Dice {
    state: u64,
    half: Half,
}

impl Dice {
    fn new(seed: u64, half: Half) -> Dice {
        let salt = if half == Half::Tuning { 0x9e37_79b9 } else { 0x7f4a_7c15 };
        Dice { state: seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ salt, half }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    /// One of a list.
    fn one(&mut self, list: &[&'static str]) -> &'static str {
        list[self.below(list.len())]
    }

    fn chance(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap_or(0))).collect()
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let hex = format!("{high:016x}{low:016x}");
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    fn date(&mut self) -> String {
        format!("20{:02}-{:02}-{:02}", 10 + self.below(17), 1 + self.below(12), 1 + self.below(28))
    }

    fn instant(&mut self) -> String {
        let date = self.date();
        format!("{date}T{:02}:{:02}:{:02}+01:00", self.below(24), self.below(60), self.below(60))
    }

    /// A DICOM unique identifier (PS3.5, 9).
    fn uid(&mut self) -> String {
        let (one, two) = (self.digits(6), self.digits(9));
        format!("1.2.840.113619.2.55.3.1{one}.1{two}.{}", 1 + self.below(400))
    }

    /// Bytes as images have them.
    fn noise(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}
