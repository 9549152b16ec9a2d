use bedrail_model::exposure::Inside;

use super::*;

const NOW: &str = "2026-11-27T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(days * 24)
}

fn evidence(source: ExposureSource, confidence: Confidence, seen: Option<i64>) -> Evidence {
    Evidence {
        address: "203.0.113.9".parse().unwrap(),
        port: Some(443),
        protocol: Protocol::Tcp,
        service: Some("https".into()),
        inside: None,
        source,
        seen: seen.map(days_ago),
        confidence,
        why: "it answered".into(),
    }
}

/// What is declared and how many days ago; evidence with its confidence and age; the answer.
#[test]
fn the_table_of_answers() {
    use Confidence::{High, Low, Medium};
    use Exposure::{Flat, Isolated, Offline, Unknown};
    use ExposureSource::{Declared as List, InternetDb, Nat, Nmap, Shodan};
    use Outside::{CannotTell, No, Yes};
    type Seen = (ExposureSource, Confidence, Option<i64>);
    type Row<'r> =
        (u32, Exposure, i64, &'r [Seen], Outside, Option<Confidence>, Option<ExposureSource>, bool);
    let rows: &[Row<'_>] = &[
        // A list alone.
        (1, Exposure::Outside, 1, &[], Yes, Some(Medium), Some(List), false),
        (2, Flat, 1, &[], No, Some(Medium), Some(List), false),
        (3, Isolated, 1, &[], No, Some(Medium), Some(List), false),
        (4, Offline, 1, &[], No, Some(Medium), Some(List), false),
        (5, Unknown, 1, &[], CannotTell, None, None, false),
        (6, Flat, 400, &[], No, Some(Low), Some(List), false),
        (7, Exposure::Outside, 400, &[], Yes, Some(Low), Some(List), false),
        // Seen beats said.
        (8, Flat, 1, &[(Nmap, High, Some(2))], Yes, Some(High), Some(Nmap), true),
        (9, Offline, 1, &[(Shodan, High, Some(2))], Yes, Some(High), Some(Shodan), true),
        (10, Isolated, 1, &[(Nat, Medium, None)], Yes, Some(Medium), Some(Nat), true),
        (11, Unknown, 1, &[(InternetDb, Medium, None)], Yes, Some(Medium), Some(InternetDb), false),
        (12, Exposure::Outside, 1, &[(Nmap, High, Some(2))], Yes, Some(High), Some(Nmap), false),
        // Age lowers what is believed and takes nothing away.
        (13, Flat, 1, &[(Nmap, High, Some(92))], Yes, Some(High), Some(Nmap), true),
        (14, Flat, 1, &[(Nmap, High, Some(93))], Yes, Some(Medium), Some(Nmap), true),
        (15, Flat, 1, &[(Nmap, High, Some(4_000))], Yes, Some(Low), Some(Nmap), true),
        (16, Flat, 1, &[(Nmap, Medium, Some(93))], Yes, Some(Low), Some(Nmap), true),
        (17, Unknown, 1, &[(Nmap, High, Some(4_000))], Yes, Some(Low), Some(Nmap), false),
        // An old sign beside a fresh list that says the same.
        (18, Exposure::Outside, 1, &[(Nmap, High, Some(4_000))], Yes, Some(Medium), Some(List), false),
        // Both are believed alike: what was seen is shown.
        (24, Exposure::Outside, 1, &[(Nat, Medium, None)], Yes, Some(Medium), Some(Nat), false),
        // A list of 366 days ago is no older than a year.
        (25, Flat, 366, &[], No, Some(Medium), Some(List), false),
        // Hints decide nothing.
        (19, Flat, 1, &[(Nmap, Low, Some(2))], No, Some(Medium), Some(List), false),
        (20, Unknown, 1, &[(Nmap, Low, Some(2))], CannotTell, None, None, false),
        // The most credible today decides, then the newest.
        (21, Flat, 1, &[(Nat, Medium, None), (Nmap, High, Some(80))], Yes, Some(High), Some(Nmap), true),
        (22, Flat, 1, &[(Nmap, High, Some(4_000)), (Nat, Medium, None)], Yes, Some(Medium), Some(Nat), true),
        (23, Flat, 1, &[(Nmap, High, Some(9)), (Shodan, High, Some(3))], Yes, Some(High), Some(Shodan), true),
    ];
    for (row, declared, said, seen, outside, confidence, source, contradicted) in rows {
        let seen: Vec<Evidence> = seen.iter().map(|(from, level, at)| evidence(*from, *level, *at)).collect();
        let pieces: Vec<Piece<'_>> =
            seen.iter().map(|evidence| Piece { evidence, received: days_ago(1), via: None }).collect();
        let declared = Declared { exposure: *declared, said: Some(days_ago(*said)) };
        let judged = judge(declared, &pieces, now());
        assert_eq!(
            (judged.outside, judged.confidence, judged.source, judged.contradicted),
            (*outside, *confidence, *source, *contradicted),
            "row {row}: {judged:?}"
        );
        let exposure = if *outside == Yes { Exposure::Outside } else { declared.exposure };
        assert_eq!(judged.exposure, exposure, "row {row}");
        let weak = seen.iter().filter(|it| it.confidence == Low).count();
        assert_eq!(judged.hints, weak, "row {row}");
        assert!(!judged.stale || *outside != CannotTell, "row {row}: nothing is old where nothing is known");
        assert!(judged.sentence.ends_with('.'), "row {row}: {}", judged.sentence);
    }
}

/// A quarter and a year to the day are not past.
#[test]
fn age_lowers_what_is_believed_after_a_quarter_and_a_year() {
    use Confidence::{High, Low, Medium};
    let hour = SignedDuration::from_hours(1);
    for (age, expected) in [
        (STALE_AFTER, (High, false)),
        (STALE_AFTER + hour, (Medium, true)),
        (OLD_AFTER, (Medium, true)),
        (OLD_AFTER + hour, (Low, true)),
    ] {
        assert_eq!(at_age(High, age), expected, "{age:?}");
    }
    assert_eq!(Outside::ALL.map(Outside::code), ["yes", "cannot_tell", "no"]);
}

#[test]
fn weak_signs_are_listed_where_nothing_decides() {
    let weak = evidence(ExposureSource::Nmap, Confidence::Low, Some(2));
    let piece = || Piece { evidence: &weak, received: days_ago(1), via: None };
    let said = |exposure, pieces: &[Piece<'_>]| {
        judge(Declared { exposure, said: Some(days_ago(400)) }, pieces, now()).sentence
    };
    let (one, two) =
        (" One weak sign is listed that decides nothing.", " Weak signs are listed that decide nothing.");
    for (exposure, pieces, ends) in [
        (Exposure::Flat, vec![], " The list is older than a year, so it is believed less."),
        (Exposure::Flat, vec![piece()], one),
        (Exposure::Flat, vec![piece(), piece()], two),
        (Exposure::Unknown, vec![piece()], one),
        (Exposure::Unknown, vec![], "Nobody has said or seen how far it can be reached from."),
        (Exposure::Outside, vec![piece()], " The list is older than a year, so it is believed less."),
    ] {
        assert!(said(exposure, &pieces).ends_with(ends), "{}", said(exposure, &pieces));
    }
    assert!(!judge(Declared { exposure: Exposure::Unknown, said: Some(days_ago(400)) }, &[], now()).stale);
    let rule = evidence(ExposureSource::Nat, Confidence::Medium, None);
    let let_in = Piece { evidence: &rule, received: days_ago(1), via: None };
    assert!(said(Exposure::Unknown, &[let_in]).contains("(https) is let in"));
}

#[test]
fn what_says_no_time_is_as_old_as_the_file() {
    let seen = evidence(ExposureSource::InternetDb, Confidence::Medium, None);
    let declared = Declared { exposure: Exposure::Unknown, said: None };
    for (received, confidence, stale) in [(1, Confidence::Medium, false), (100, Confidence::Low, true)] {
        let judged =
            judge(declared, &[Piece { evidence: &seen, received: days_ago(received), via: None }], now());
        assert_eq!((judged.confidence, judged.stale, judged.seen), (Some(confidence), stale, None));
        assert_eq!(judged.age, Some(SignedDuration::from_hours(received * 24)));
    }
}

#[test]
fn the_sentence_says_what_when_and_who_contradicts() {
    let seen = evidence(ExposureSource::Nmap, Confidence::High, Some(100));
    let declared = Declared { exposure: Exposure::Flat, said: Some(days_ago(3)) };
    let judged = judge(declared, &[Piece { evidence: &seen, received: days_ago(1), via: None }], now());
    assert_eq!(
        judged.sentence,
        "Nmap scan: 203.0.113.9 port 443/tcp (https) answers, seen 100 days ago; it answered; believed less for its age. \
         The device list says otherwise: on the open inner network."
    );
    let inside = "10.0.0.9".parse().unwrap();
    let rule = Evidence {
        inside: Some(Inside { address: inside, port: None }),
        ..evidence(ExposureSource::Nat, Confidence::Medium, None)
    };
    let judged = judge(declared, &[Piece { evidence: &rule, received: days_ago(1), via: None }], now());
    assert!(judged.sentence.starts_with(
        "NAT list: 203.0.113.9 port 443/tcp (https) is handed on to 10.0.0.9; the file was received yesterday and says no time"
    ));
    let none = Declared { exposure: Exposure::Unknown, said: Some(days_ago(3)) };
    assert_eq!(judge(none, &[], now()).sentence, "Nobody has said or seen how far it can be reached from.");
    assert_eq!(
        judge(declared, &[], now()).sentence,
        "A device list says: on the open inner network, 3 days ago."
    );
}

/// Seen days ago, listed days ago: the chain is no better than its weaker part.
#[test]
fn what_is_handed_on_is_believed_as_far_as_both_carry() {
    let seen = |days| evidence(ExposureSource::Shodan, Confidence::High, Some(days));
    for (seen, listed, expected) in [
        (seen(3), 3, (Confidence::High, false)),
        (seen(3), 100, (Confidence::Medium, true)),
        (seen(3), 400, (Confidence::Low, true)),
        (seen(100), 3, (Confidence::Medium, true)),
        (seen(100), 100, (Confidence::Low, true)),
    ] {
        let via = Some(("10.0.0.9".parse().unwrap(), days_ago(listed)));
        let piece = Piece { evidence: &seen, received: days_ago(1), via };
        assert_eq!(piece.believed(now()), expected, "{listed} {:?}", seen.seen);
        let judged = judge(Declared { exposure: Exposure::Flat, said: None }, &[piece], now());
        assert!(judged.sentence.contains("answers, and a NAT list hands it on to 10.0.0.9, seen"));
    }
}

#[test]
fn an_address_of_several_devices_is_nobodys() {
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    let holders = Holders::of([
        (1, ip("10.0.0.1")),
        (1, ip("203.0.113.1")),
        (2, ip("10.0.0.2")),
        (3, ip("10.0.0.2")),
        (4, ip("203.0.113.4")),
        (4, ip("203.0.113.4")),
    ]);
    for (address, inside, expected) in [
        ("10.0.0.1", None, Joined::Device(1)),
        ("203.0.113.4", None, Joined::Device(4)),
        ("10.0.0.2", None, Joined::Several(vec![2, 3])),
        ("10.0.0.9", None, Joined::Unknown),
        // Who is inside counts, not who has the border's address.
        ("203.0.113.4", Some("10.0.0.1"), Joined::Device(1)),
        ("203.0.113.4", Some("10.0.0.2"), Joined::Several(vec![2, 3])),
        // The list knows the device by its outer address.
        ("203.0.113.4", Some("10.0.0.9"), Joined::Device(4)),
        ("203.0.113.5", Some("10.0.0.9"), Joined::Unknown),
    ] {
        assert_eq!(holders.join(ip(address), inside.map(ip)), expected, "{address} {inside:?}");
    }
}

#[test]
fn what_is_seen_outside_goes_where_the_border_hands_it_on() {
    let seen = |port, protocol| Evidence {
        port,
        protocol,
        ..evidence(ExposureSource::Shodan, Confidence::High, Some(1))
    };
    let rule = |port, protocol| Evidence {
        port,
        protocol,
        inside: Some(Inside { address: "10.0.0.1".parse().unwrap(), port: None }),
        ..evidence(ExposureSource::Nat, Confidence::Medium, None)
    };
    for (seen, rule, expected) in [
        (seen(Some(443), Protocol::Tcp), rule(Some(443), Protocol::Tcp), true),
        (seen(Some(443), Protocol::Tcp), rule(None, Protocol::Unknown), true),
        (seen(None, Protocol::Unknown), rule(Some(443), Protocol::Tcp), true),
        (seen(Some(80), Protocol::Tcp), rule(Some(443), Protocol::Tcp), false),
        (seen(Some(443), Protocol::Udp), rule(Some(443), Protocol::Tcp), false),
        (rule(Some(443), Protocol::Tcp), rule(Some(443), Protocol::Tcp), false),
        (seen(Some(443), Protocol::Tcp), seen(Some(443), Protocol::Tcp), false),
    ] {
        assert_eq!(is_handed_on(&seen, &rule), expected, "{seen:?} {rule:?}");
    }
}
