//! The key of a work item: events with the same key are one piece of work, counted.
//!
//! A key depends on what an event says and on nothing else: not on when it came, what came before it, or how often.

use std::net::IpAddr;

use super::{Event, Network, Outcome, PathClass};
use crate::ids::DeviceId;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A device, by the address that it held at that time.
    Device(DeviceId),
    /// An address of which no device is known.
    Address(IpAddr),
    /// Nobody says.
    Unknown,
}

/// The key of a work item.
///
/// Normalised so: the rule's id without blanks around it, in the case it has; addresses in canonical form; the attacker's
/// address as its [`Network::of_attacker`]; the path as its [`PathClass`]. Ports, sensors, times, counts, names of rules and
/// severities are no part of it.
///
/// The outcome is: a sign of success never folds into what was blocked or merely seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey<'a> {
    /// The source, by the stable name or id that whoever keeps the ledger gives it.
    pub source: &'a str,
    /// The rule.
    pub rule: &'a str,
    /// Device or address.
    pub subject: Subject,
    /// The attacker's network.
    pub attacker: Option<Network>,
    /// The class of the path.
    pub path: &'a PathClass,
    /// The outcome.
    pub outcome: Outcome,
}

impl<'a> ItemKey<'a> {
    /// The key of an event of a source. `device` is who held the address of [`Event::device`] at that time.
    pub fn of(source: &'a str, event: &'a Event<'_>, device: Option<DeviceId>) -> ItemKey<'a> {
        let subject = match (device, event.device().address) {
            (Some(device), _) => Subject::Device(device),
            (None, Some(address)) => Subject::Address(address.to_canonical()),
            (None, None) => Subject::Unknown,
        };
        ItemKey {
            source,
            rule: event.rule.id.trim(),
            subject,
            attacker: event.attacker().address.map(Network::of_attacker),
            path: &event.path,
            outcome: event.outcome,
        }
    }

    /// The key as bytes, for a digest: a version, then each part behind its length, so that no two keys share them.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        let mut part = |content: &[u8]| {
            // A part is a short text or an address; none comes near four gigabytes.
            bytes.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend(content);
        };
        part(&[VERSION]);
        part(self.source.as_bytes());
        part(self.rule.as_bytes());
        match self.subject {
            Subject::Device(device) => {
                part(b"device");
                part(device.uuid().as_bytes());
            }
            Subject::Address(address) => {
                part(b"address");
                part(octets(address).as_slice());
            }
            Subject::Unknown => part(b"unknown"),
        }
        match self.attacker {
            Some(network) => {
                part(octets(network.address()).as_slice());
                part(&[network.bits()]);
            }
            None => part(b""),
        }
        part(self.path.as_str().as_bytes());
        part(self.outcome.code().as_bytes());
    }
}

/// Of the layout of [`ItemKey::write`]: another one would part the items that there are from their events.
const VERSION: u8 = 1;

enum Octets {
    V4([u8; 4]),
    V6([u8; 16]),
}

impl Octets {
    fn as_slice(&self) -> &[u8] {
        match self {
            Octets::V4(octets) => octets,
            Octets::V6(octets) => octets,
        }
    }
}

fn octets(address: IpAddr) -> Octets {
    match address {
        IpAddr::V4(address) => Octets::V4(address.octets()),
        IpAddr::V6(address) => Octets::V6(address.octets()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::{Direction, Endpoint, EventTime, Rule, Side, SourceKind};
    use super::*;
    use crate::severity::Severity;

    /// An event by the indices of its parts.
    fn event(rule: u8, from: u8, to: u8, path: u8, outcome: usize, second: i64) -> Event<'static> {
        let addresses = [
            "203.0.113.1",
            "203.0.113.77",
            "198.51.100.2",
            "2001:db8::1",
            "2001:db8::2",
            "::ffff:203.0.113.9",
        ];
        let address = |at: u8| addresses.get(usize::from(at)).map(|text| text.parse().expect("an address"));
        Event {
            source: SourceKind::Eve,
            sensor: None,
            time: EventTime { at: Timestamp::from_second(second).expect("a moment"), flaw: None },
            rule: Rule {
                id: ["1:1", " 1:1 ", "1:2", ""][usize::from(rule)].into(),
                name: None,
                severity: Severity::High,
                also: 0,
            },
            from: Endpoint::new(address(from), Some(second as u16)),
            to: Endpoint::new(address(to), None),
            direction: Direction::Inbound,
            attacker: Side::From,
            path: PathClass::of(["", "/a", "/a?x=1", "/a/b"][usize::from(path)]),
            outcome: Outcome::ALL[outcome],
            count: 1,
            original: [second as u8; 32],
        }
    }

    fn bytes(event: &Event<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        ItemKey::of("sensor 1", event, None).write(&mut bytes);
        bytes
    }

    fn events() -> impl Strategy<Value = Vec<Event<'static>>> {
        let one = (0..4_u8, 0..7_u8, 0..7_u8, 0..4_u8, 0..4_usize, 0..100_000_i64)
            .prop_map(|(rule, from, to, path, outcome, at)| event(rule, from, to, path, outcome, at));
        proptest::collection::vec(one, 1..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn order_and_repetition_change_no_key(events in events(), seed in any::<u64>(), times in 1..4_u64) {
            let count = |events: &mut dyn Iterator<Item = &Event<'static>>| {
                let mut items: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
                for event in events {
                    *items.entry(bytes(event)).or_default() += 1;
                }
                items
            };
            let once = count(&mut events.iter());
            let mut shuffled: Vec<_> = (0..times).flat_map(|_| events.iter()).collect();
            // A shuffle of our own: sorted by a hash of position and seed.
            let mut at = 0_u64;
            shuffled.sort_by_cached_key(|_| {
                at += 1;
                (at ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            });
            let many = count(&mut shuffled.into_iter());
            prop_assert_eq!(once.iter().map(|(key, n)| (key.clone(), n * times)).collect::<BTreeMap<_, _>>(), many);
        }

        #[test]
        fn equal_bytes_are_equal_keys_and_no_others(events in events()) {
            let mut by_bytes: HashMap<Vec<u8>, ItemKey<'_>> = HashMap::new();
            for event in &events {
                let key = ItemKey::of("sensor 1", event, None);
                prop_assert_eq!(*by_bytes.entry(bytes(event)).or_insert(key), key);
            }
            let keys: std::collections::HashSet<_> = by_bytes.values().collect();
            prop_assert_eq!(keys.len(), by_bytes.len());
        }
    }

    #[test]
    fn what_is_part_of_a_key_and_what_is_not() {
        let base = event(0, 0, 2, 1, 0, 1);
        let same = |other: &Event<'_>| bytes(&base) == bytes(other);
        assert!(same(&event(1, 0, 2, 1, 0, 1)), "blanks around a rule's id");
        assert!(
            same(&event(0, 1, 2, 1, 0, 99)),
            "another address of the attacker's network, another time and port"
        );
        assert!(same(&event(0, 5, 2, 1, 0, 1)), "the same network written as IPv6");
        assert!(same(&event(0, 0, 2, 2, 0, 1)), "another query");
        assert!(!same(&event(2, 0, 2, 1, 0, 1)), "another rule");
        assert!(!same(&event(0, 2, 2, 1, 0, 1)), "another network");
        assert!(!same(&event(0, 0, 1, 1, 0, 1)), "another address");
        assert!(!same(&event(0, 0, 2, 3, 0, 1)), "another path");
        let keys: std::collections::HashSet<_> =
            (0..Outcome::ALL.len()).map(|outcome| bytes(&event(0, 0, 2, 1, outcome, 1))).collect();
        assert_eq!(keys.len(), Outcome::ALL.len(), "an outcome never folds into another");
        let device = DeviceId::from_digest([7; 16]);
        assert_eq!(ItemKey::of("s", &base, Some(device)).subject, Subject::Device(device));
        assert_eq!(ItemKey::of("s", &event(0, 0, 6, 0, 0, 1), None).subject, Subject::Unknown);
    }

    /// The layout is in databases: a change of these bytes must be meant.
    #[test]
    fn the_layout_is_fixed() {
        let written = bytes(&event(0, 0, 2, 1, 3, 1));
        let expected = concat!(
            "\0\0\0\u{1}\u{1}",
            "\0\0\0\u{8}sensor 1",
            "\0\0\0\u{3}1:1",
            "\0\0\0\u{7}address",
            "\0\0\0\u{4}",
        );
        let rest = [198, 51, 100, 2, 0, 0, 0, 4, 203, 0, 113, 0, 0, 0, 0, 1, 24];
        let end = "\0\0\0\u{2}/a\0\0\0\u{7}success";
        assert_eq!(written, [expected.as_bytes(), &rest, end.as_bytes()].concat());
    }
}
