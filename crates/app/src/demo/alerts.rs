//! A day of alerts in the sample hospital, as Suricata would write it: scanners that are stopped, attempts on Log4j that are
//! let through to a few devices, one sign of success, one address that nobody knows. All made up.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use super::random::Random;
use crate::alerts::decide::{self, Verdict};
use crate::alerts::pause::{self, Wait};
use crate::alerts::policy::{self, NewPolicy};
use crate::alerts::rota::{self, NewDuty};
use crate::alerts::work::{self, Item, ItemFilter, Reason};
use crate::alerts::{self, NewSource, links, receive};
use crate::page::PageRequest;
use crate::{Actor, Context, Error};
use bedrail_model::alert::{Outcome, SourceKind};

/// What people call the source.
const SOURCE: &str = "Suricata at the border (sample)";
/// The ranges of the sample that face the outside: the networks kept for documentation (RFC 5737).
const OWN: [&str; 3] = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"];
/// Alerts of scanners.
const SCANS: u32 = 900;
/// The rule of scans: a day brings hundreds.
const SCAN: (u32, &str) = (9_100_001, "SAMPLE SCAN Suspicious inbound to mySQL port 3306");
const OTHERS: [(u32, &str, u8); 3] = [
    (9_100_002, "SAMPLE SCAN Potential SSH scan", 2),
    (9_100_003, "SAMPLE WEB_SERVER /etc/passwd in address", 2),
    (9_100_004, "SAMPLE POLICY SMB1 traffic", 3),
];
const LOG4J: (u32, &str) = (9_100_005, "SAMPLE EXPLOIT Apache Log4j lookup over LDAP (CVE-2021-44228)");
const SUCCESS: (u32, &str) = (9_100_006, "SAMPLE ATTACK_RESPONSE class file fetched after a lookup");

struct Alert<'a> {
    second: u32,
    rule: (u32, &'a str),
    severity: u8,
    from: &'a str,
    to: &'a str,
    action: &'a str,
}

fn write(out: &mut String, it: &Alert<'_>) {
    let (hour, minute, second) = (it.second / 3_600 % 24, it.second / 60 % 60, it.second % 60);
    // Into a text: it cannot fail.
    let _ = writeln!(
        out,
        r#"{{"timestamp":"2025-02-14T{hour:02}:{minute:02}:{second:02}.000000+0000","event_type":"alert","host":"border-1","src_ip":"{}","src_port":{},"dest_ip":"{}","dest_port":443,"proto":"TCP","alert":{{"action":"{}","gid":1,"signature_id":{},"signature":"{}","category":"sample","severity":{}}}}}"#,
        it.from,
        40_000 + it.second % 20_000,
        it.to,
        it.action,
        it.rule.0,
        it.rule.1,
        it.severity
    );
}

fn stats(out: &mut String, second: u32, alerts: u32) {
    let (hour, minute) = (second / 3_600 % 24, second / 60 % 60);
    let _ = writeln!(
        out,
        r#"{{"timestamp":"2025-02-14T{hour:02}:{minute:02}:00.000000+0000","event_type":"stats","host":"border-1","stats":{{"uptime":{},"detect":{{"alert":{alerts},"alert_queue_overflow":0}}}}}}"#,
        86_400 + second
    );
}

/// The day, line by line.
pub(super) fn day(list: &[u8]) -> String {
    let (inside, outside) = addresses(list);
    let mut chance = Random::of("alerts");
    let mut pick = |from: &[String]| {
        let bound = (from.len() as u64).max(1);
        let at = usize::try_from(chance.below(bound)).unwrap_or(0);
        from.get(at).cloned().unwrap_or_default()
    };
    let mut out = String::new();
    let mut raised = 0;
    stats(&mut out, 0, raised);
    for number in 0..SCANS {
        let second = number * (86_400 / SCANS);
        let from = format!("198.18.{}.{}", number % 3, 10 + number % 40);
        let other = OTHERS[number as usize % OTHERS.len()];
        let (rule, severity, to) = match number % 5 {
            0..3 => (SCAN, 2, pick(&outside)),
            _ => ((other.0, other.1), other.2, pick(&outside)),
        };
        write(&mut out, &Alert { second, rule, severity, from: &from, to: &to, action: "blocked" });
        raised += 1;
        if number % 100 == 99 {
            let line = format!(
                r#"{{"timestamp":"2025-02-14T00:00:00.000000+0000","event_type":"flow","proto":"{number}"}}"#
            );
            let _ = writeln!(out, "{line}");
        }
        // In the middle of the noise, like the noise, but for one word.
        if number == 500 {
            for to in outside.iter().take(6) {
                let rule = LOG4J;
                write(
                    &mut out,
                    &Alert { second, rule, severity: 1, from: "198.18.77.7", to, action: "allowed" },
                );
                raised += 1;
            }
            let to = outside.first().cloned().unwrap_or_default();
            let second = second + 4;
            let success =
                Alert { second, rule: SUCCESS, severity: 1, from: &to, to: "198.18.77.7", action: "allowed" };
            write(&mut out, &success);
            let inner = pick(&inside);
            let odd = Alert {
                second,
                rule: (9_100_004, OTHERS[2].1),
                severity: 3,
                from: "10.99.99.99",
                to: &inner,
                action: "allowed",
            };
            write(&mut out, &odd);
            let unknown = Alert {
                second,
                rule: LOG4J,
                severity: 1,
                from: "198.18.77.7",
                to: "192.0.2.250",
                action: "blocked",
            };
            write(&mut out, &unknown);
            raised += 3;
        }
    }
    // The sensor counts two more than came: the account shows it.
    stats(&mut out, 86_340, raised + 2);
    out
}

/// Addresses of the sample's devices: inner ones, and those that face the outside.
fn addresses(list: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut reader = csv::Reader::from_reader(list);
    let place: HashMap<String, usize> = reader
        .headers()
        .map(|headers| headers.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect())
        .unwrap_or_default();
    let at = place.get("IP address").copied().unwrap_or(usize::MAX);
    let exposed = place.get("Exposure").copied().unwrap_or(usize::MAX);
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for record in reader.records().flatten() {
        let Some(address) = record.get(at).filter(|text| text.parse::<IpAddr>().is_ok()) else { continue };
        let list = if record.get(exposed) == Some("outside") { &mut outside } else { &mut inside };
        list.push(address.to_owned());
    }
    (inside, outside)
}

/// Takes the day in once, and does what a hospital did with it by noon.
pub(super) async fn take(ctx: &Context, actor: &Actor, list: &[u8]) -> Result<(), Error> {
    if alerts::sources(ctx, actor).await?.iter().any(|source| source.settings.name == SOURCE) {
        return Ok(());
    }
    let own = OWN.iter().filter_map(|text| text.parse().ok()).collect();
    let new = NewSource { kind: Some(SourceKind::Eve), own, ..NewSource::named(SOURCE) };
    let source = alerts::add_source(ctx, actor, &new).await?;
    receive::push(ctx, actor, source, day(list).as_bytes()).await?;
    let policy = NewPolicy {
        name: "scans that the border stops".into(),
        sentence: "The border stops these scans every day; a device has never been reached by one.".into(),
        reason: Reason::Stopped,
        rule: format!("1:{}", SCAN.0),
        source: Some(source),
        attacker: None,
        device: None,
        path: None,
        not_stopped: false,
        days: policy::LONGEST_DAYS,
    };
    policy::add(ctx, actor, &policy).await?;
    let through = ItemFilter { outcome: Some(Outcome::Allowed), ..ItemFilter::default() };
    let queue = work::list(ctx, actor, &through, &PageRequest::default()).await?;
    let mut log4j = queue.page.rows.iter().filter(|item| item.rule.0 == format!("1:{}", LOG4J.0));
    if let Some(item) = log4j.next() {
        work::take(ctx, actor, &[item.id], Some("Odd Marwen"), None).await?;
        work::comment(ctx, actor, item.id, "Asked the maker; the gateway is on the list of the campaign.")
            .await?;
    }
    if let Some(item) = log4j.next() {
        work::take(ctx, actor, &[item.id], Some("Odd Marwen"), None).await?;
        decided_and_waiting(ctx, actor, item).await?;
    }
    if let Some(item) = log4j.next() {
        work::take(ctx, actor, &[item.id], Some("Odd Marwen"), None).await?;
        let sentence = "The release in this server has no Log4j 2; the maker's bill and a scan say so.";
        let seen = [(item.id, item.events.0)];
        work::close(ctx, actor, &seen, Reason::NotAffected, sentence).await?;
    }
    rota(ctx, actor).await
}

/// An attempt that was looked at and waits for the maker, with the incident that it is part of.
async fn decided_and_waiting(ctx: &Context, actor: &Actor, item: &Item) -> Result<(), Error> {
    let will = "The maker says by tomorrow whether this release can be reached; the server is off the internet meanwhile.";
    decide::decide(ctx, actor, &[(item.id, item.events.0)], Verdict::Attack, will).await?;
    links::add(ctx, actor, item.id, links::Kind::Incident, "I-2025-07").await?;
    let until = ctx.clock.now() + jiff::SignedDuration::from_hours(20);
    let why = "The maker was asked for the list of components of this release.";
    pause::pause(ctx, actor, item.id, Wait::Maker, why, until).await
}

/// A week of duties, for those who may handle alerts here: the first by day, the second as deputy and by night.
async fn rota(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let people = rota::get(ctx, actor).await?.people;
    let Some(first) = people.first() else { return Ok(()) };
    let second = people.get(1);
    rota::set_zone(ctx, actor, "eastern").await?;
    for (days, from, to, person, deputy) in [
        ("mon-fri", "07:00", "19:00", first, second),
        ("mon-sun", "19:00", "07:00", second.unwrap_or(first), second.map(|_| first)),
    ] {
        let new = NewDuty {
            weekdays: rota::weekdays(days)?,
            from: rota::minute(from)?,
            to: rota::minute(to)?,
            person: person.clone(),
            deputy: deputy.cloned(),
            site: None,
            ward: None,
        };
        rota::add_duty(ctx, actor, &new).await?;
    }
    Ok(())
}
