//! Whether a device faces the outside: judged from what a device list declares and from what was seen, with the source, the
//! date and how far it can be believed.
//!
//! Seen beats said: a list that says "no" and a scan that says "yes" are a contradiction, and "yes" holds. What somebody did not
//! see says nothing: a scan without an open port, or Shodan knowing nothing, is no evidence of the contrary. Old evidence is
//! believed less and never becomes silence; only who removes it says that it no longer holds.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::Hash;
use std::net::IpAddr;

use bedrail_model::device::Exposure;
use bedrail_model::exposure::{Confidence, Evidence, ExposureSource, Protocol};
use jiff::{SignedDuration, Timestamp};

/// Evidence older than this is believed one step less: those who scan from outside on a schedule do it at least every three
/// months (PCI DSS 4.0, requirement 11.3.2).
pub const STALE_AFTER: SignedDuration = SignedDuration::from_hours(92 * 24);

/// Evidence older than this is believed least, and a device list older than this one step less: an inventory and a network map are
/// looked through at least every twelve months (proposed 45 CFR 164.308(a)(1)(ii)(B), 90 FR 898).
pub const OLD_AFTER: SignedDuration = SignedDuration::from_hours(366 * 24);

/// From which confidence on a piece of evidence decides. What is less is a hint: it is listed and changes no answer.
pub const DECIDES: Confidence = Confidence::Medium;

/// What a device list declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// How far the device can be reached from, by the list.
    pub exposure: Exposure,
    /// When the list said so.
    pub said: Option<Timestamp>,
}

/// A piece of evidence on the device.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'e> {
    /// What it says.
    pub evidence: &'e Evidence,
    /// When the file was received. Its age counts from here where it does not say when it was seen.
    pub received: Timestamp,
    /// Where it was seen at an address outside that a border hands on to the device: to which address inside, and when the list
    /// that says so was received.
    pub via: Option<(IpAddr, Timestamp)>,
}

impl Piece<'_> {
    /// How old it is: since it was seen, else since the file was received.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.evidence.seen.unwrap_or(self.received))
    }

    /// How far it can be believed today, and whether that is less than when it was seen. It is no better than the list that
    /// makes it the device's.
    pub fn believed(&self, now: Timestamp) -> (Confidence, bool) {
        let (confidence, stale) = at_age(self.evidence.confidence, self.age(now));
        match self.via.map(|(_, listed)| at_age(confidence, now.duration_since(listed))) {
            Some((less, true)) => (less, true),
            _ => (confidence, stale),
        }
    }
}

/// Whether a device faces the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outside {
    /// It does.
    Yes,
    /// Nobody has said or seen it.
    CannotTell,
    /// A list says that it does not, and nothing that decides says otherwise.
    No,
}

impl Outside {
    /// All of them, the pressing first.
    pub const ALL: [Outside; 3] = [Outside::Yes, Outside::CannotTell, Outside::No];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Outside::Yes => "yes",
            Outside::CannotTell => "cannot_tell",
            Outside::No => "no",
        }
    }

    /// What an exposure says of it.
    pub const fn of(exposure: Exposure) -> Outside {
        match exposure {
            Exposure::Outside => Outside::Yes,
            Exposure::Unknown => Outside::CannotTell,
            Exposure::Flat | Exposure::Isolated | Exposure::Offline => Outside::No,
        }
    }
}

/// What is judged of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whether it faces the outside.
    pub outside: Outside,
    /// How far it can be reached from.
    pub exposure: Exposure,
    /// How far that can be believed today; `None` where it cannot be told.
    pub confidence: Option<Confidence>,
    /// Who says so; `None` where nobody does.
    pub source: Option<ExposureSource>,
    /// When it was seen or said; `None` where the source does not tell.
    pub seen: Option<Timestamp>,
    /// How old that is; of evidence that says no time, since it was received.
    pub age: Option<SignedDuration>,
    /// Whether it is so old that it is believed less than when it was seen.
    pub stale: bool,
    /// Whether a list says that it does not face the outside and it was seen that it does.
    pub contradicted: bool,
    /// Pieces that are too weak to decide.
    pub hints: usize,
    /// Of the pieces handed in, the one that decides.
    pub by: Option<usize>,
    /// All of it in a sentence.
    pub sentence: String,
}

/// Whether a piece decides, whatever its age.
pub fn decides(evidence: &Evidence) -> bool {
    evidence.confidence >= DECIDES
}

/// How far a piece can be believed at its age, and whether that is less than when it was seen.
pub fn at_age(confidence: Confidence, age: SignedDuration) -> (Confidence, bool) {
    if age > OLD_AFTER {
        (Confidence::Low, true)
    } else if age > STALE_AFTER {
        (confidence.lower(), true)
    } else {
        (confidence, false)
    }
}

/// Judges a device by what is declared and by all pieces of evidence on it.
pub fn judge(declared: Declared, pieces: &[Piece<'_>], now: Timestamp) -> Judged {
    let deciding = pieces.iter().enumerate().filter(|(_, piece)| decides(piece.evidence));
    // The most credible today, then the newest, then the first.
    let best =
        deciding.min_by_key(|(at, piece)| (std::cmp::Reverse(piece.believed(now).0), piece.age(now), *at));
    let hints = pieces.iter().filter(|piece| !decides(piece.evidence)).count();
    let said = by_list(declared, hints, now);
    let Some((at, piece)) = best else { return said };
    let age = piece.age(now);
    let (confidence, stale) = piece.believed(now);
    if said.outside == Outside::Yes && said.confidence > Some(confidence) {
        return said;
    }
    let contradicted = said.outside == Outside::No;
    let mut sentence = sentence(piece, age, stale);
    if contradicted {
        let _ = write!(sentence, " The device list says otherwise: {}.", declared.exposure.sentence());
    }
    Judged {
        outside: Outside::Yes,
        exposure: Exposure::Outside,
        confidence: Some(confidence),
        source: Some(piece.evidence.source),
        seen: piece.evidence.seen,
        age: Some(age),
        stale,
        contradicted,
        hints,
        by: Some(at),
        sentence,
    }
}

/// What the list says by itself.
fn by_list(declared: Declared, hints: usize, now: Timestamp) -> Judged {
    let outside = Outside::of(declared.exposure);
    let age = declared.said.map(|said| now.duration_since(said));
    let stale = age.is_some_and(|age| age > OLD_AFTER);
    let confidence = if stale { Confidence::Low } else { Confidence::Medium };
    let known = outside != Outside::CannotTell;
    let mut sentence = match outside {
        Outside::Yes => "A device list says that it faces the outside".to_owned(),
        Outside::No => format!("A device list says: {}", declared.exposure.sentence()),
        Outside::CannotTell => "Nobody has said or seen how far it can be reached from".to_owned(),
    };
    if let (true, Some(age)) = (known, age) {
        let _ = write!(sentence, ", {}", ago(age));
    }
    sentence.push('.');
    if stale && known {
        sentence.push_str(" The list is older than a year, so it is believed less.");
    }
    if hints > 0 && outside != Outside::Yes {
        let what = if hints == 1 {
            "One weak sign is listed that decides"
        } else {
            "Weak signs are listed that decide"
        };
        let _ = write!(sentence, " {what} nothing.");
    }
    Judged {
        outside,
        exposure: declared.exposure,
        confidence: known.then_some(confidence),
        source: known.then_some(ExposureSource::Declared),
        seen: declared.said.filter(|_| known),
        age: age.filter(|_| known),
        stale: stale && known,
        contradicted: false,
        hints,
        by: None,
        sentence,
    }
}

/// What a piece says, how old it is and why it is believed as far as it is.
fn sentence(piece: &Piece<'_>, age: SignedDuration, stale: bool) -> String {
    let evidence = piece.evidence;
    let (source, what) = (evidence.source.words(), what(evidence));
    let mut text = match (evidence.inside, piece.via) {
        (Some(inside), _) => format!("{source}: {what} is handed on to {}", inside.address),
        (None, Some((inside, _))) => {
            format!("{source}: {what} answers, and a NAT list hands it on to {inside}")
        }
        (None, None) if evidence.source == ExposureSource::Nat => {
            format!("{source}: {what} is let in")
        }
        (None, None) => format!("{source}: {what} answers"),
    };
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    match evidence.seen {
        Some(_) => {
            let _ = write!(text, ", seen {}", ago(age));
        }
        None => {
            let _ = write!(text, "; the file was received {} and says no time", ago(age));
        }
    }
    let _ = write!(text, "; {}", evidence.why);
    if stale {
        text.push_str("; believed less for its age");
    }
    text.push('.');
    text
}

/// Address, port and service: `203.0.113.9 port 443/tcp (https nginx 1.18)`.
pub fn what(evidence: &Evidence) -> String {
    let mut text = evidence.address.to_string();
    if let Some(port) = evidence.port {
        let _ = write!(text, " port {port}");
        if evidence.protocol != Protocol::Unknown {
            let _ = write!(text, "/{}", evidence.protocol.code());
        }
    }
    if let Some(service) = &evidence.service {
        let _ = write!(text, " ({service})");
    }
    text
}

/// "today", "yesterday", "12 days ago".
pub fn ago(age: SignedDuration) -> String {
    match age.as_hours().div_euclid(24) {
        ..=0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// Whose a piece of evidence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined<D> {
    /// One device has the address.
    Device(D),
    /// Several have it, so that it is nobody's until the list is put right.
    Several(Vec<D>),
    /// No device has it: an unknown device, itself a question to the inventory.
    Unknown,
}

/// Which devices have which address.
#[derive(Debug, Clone)]
pub struct Holders<D>(HashMap<IpAddr, Vec<D>>);

impl<D> Default for Holders<D> {
    fn default() -> Holders<D> {
        Holders(HashMap::new())
    }
}

impl<D: Copy + Eq + Hash> Holders<D> {
    /// Of these devices with these addresses.
    pub fn of(devices: impl IntoIterator<Item = (D, IpAddr)>) -> Holders<D> {
        let mut holders: HashMap<IpAddr, Vec<D>> = HashMap::new();
        for (device, address) in devices {
            let of = holders.entry(address).or_default();
            if !of.contains(&device) {
                of.push(device);
            }
        }
        Holders(holders)
    }

    /// Whose evidence on an address is, that a border hands on to an address inside or not. Who is inside counts first; where the
    /// list knows nobody by that address, who has the outer one.
    pub fn join(&self, address: IpAddr, inside: Option<IpAddr>) -> Joined<D> {
        let known = |address: &IpAddr| self.0.get(address).filter(|devices| !devices.is_empty());
        let devices = inside.as_ref().and_then(known).or_else(|| known(&address));
        match devices.map(Vec::as_slice) {
            None | Some([]) => Joined::Unknown,
            Some([one]) => Joined::Device(*one),
            Some(several) => Joined::Several(several.to_vec()),
        }
    }
}

/// Whether something seen at an address outside is handed on by a rule of a border: same address, and port and protocol the same
/// where both say one.
pub fn is_handed_on(seen: &Evidence, rule: &Evidence) -> bool {
    let same_port = match (seen.port, rule.port) {
        (Some(seen), Some(rule)) => seen == rule,
        _ => true,
    };
    let same_protocol = seen.protocol == rule.protocol
        || seen.protocol == Protocol::Unknown
        || rule.protocol == Protocol::Unknown;
    seen.inside.is_none()
        && rule.inside.is_some()
        && seen.address == rule.address
        && same_port
        && same_protocol
}

#[cfg(test)]
mod tests;
