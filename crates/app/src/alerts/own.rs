//! Our own judgement as a source of alerts: what we find ourselves is work of the same ledger, counted in the same way.
//!
//! A fact is told of when it comes to be so, once; when it is so no longer it may be told of again ([`FACTS`] lists the kinds).
//! Which facts stand is in the database, written by the transaction that stores their events, so that the end of a process
//! loses none and doubles none.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_model::alert::{
    Direction, Endpoint, Event, EventTime, Outcome, PathClass, Rule, Side, SourceKind,
};
use bedrail_model::answer::Answer;
use bedrail_model::device::Exposure;
use bedrail_model::firewall::Word;
use bedrail_model::ids::{AlertSourceId, DeviceId};
use bedrail_model::severity::Severity;
use bedrail_store::alerts::{self as rows, SourceRow, standing};
use bedrail_store::{Change, View, weaknesses};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::batch::Batch;
use super::receive::{self, Receipt, Way};
use super::{NewSource, Source};
use crate::affected::marks;
use crate::firewall::{self, State};
use crate::fleet::Fleet;
use crate::medical::judged;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What the source is called.
pub const NAME: &str = "Bedrail itself";
/// Weaknesses that are looked at: the catalogue of known exploited ones is far shorter.
const WEAKNESSES: u32 = 10_000;
/// Facts told of at once; the rest follows with the next look.
const AT_ONCE: usize = 2_000;

/// A kind of fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// What the rule of an event begins with.
    pub code: &'static str,
    /// How severe it is.
    pub severity: Severity,
    /// The kind of source that the event is of.
    pub source: SourceKind,
}

/// Known to be exploited, on a device that faces the outside. One item a device.
pub const EXPLOITED: Kind = Kind { code: "exploited", severity: Severity::Critical, source: SourceKind::Own };
/// A medical advisory. One item for each of our releases that it calls affected.
pub const ADVISORY: Kind = Kind { code: "advisory", severity: Severity::High, source: SourceKind::Own };
/// The end of support. One item for each release and day.
pub const SUPPORT: Kind = Kind { code: "support-ended", severity: Severity::Medium, source: SourceKind::Own };
/// A source that is silent.
pub const SILENT: Kind =
    Kind { code: "source-silent", severity: Severity::High, source: SourceKind::Silence };
/// A rule set of our firewall was rejected, or brought back. One item for each word of it.
pub const RULES: Kind = Kind { code: "firewall-rules", severity: Severity::High, source: SourceKind::Own };
/// A firewall of ours that says nothing any more.
pub const FIREWALL: Kind =
    Kind { code: "firewall-silent", severity: Severity::High, source: SourceKind::Silence };
/// All kinds.
pub const FACTS: [Kind; 6] = [EXPLOITED, ADVISORY, SUPPORT, SILENT, RULES, FIREWALL];
/// Days for which a word of a firewall stands.
const WORD_DAYS: i64 = 30;

/// A fact that is so now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fact {
    kind: Kind,
    /// The rule: the code of the kind, and what it is about.
    rule: String,
    /// In words.
    name: String,
    device: Option<DeviceId>,
}

impl Fact {
    fn new(kind: Kind, about: &str, name: String) -> Fact {
        Fact { kind, rule: format!("{}:{about}", kind.code), name, device: None }
    }

    /// What tells it from all others.
    fn key(&self) -> String {
        match self.device {
            Some(device) => format!("{} {device}", self.rule),
            None => self.rule.clone(),
        }
    }

    fn event(&self, at: Timestamp) -> Event<'_> {
        let line = format!("{} {} {at}", self.key(), self.name);
        Event {
            source: self.kind.source,
            sensor: None,
            time: EventTime { at, flaw: None },
            rule: Rule {
                id: self.rule.as_str().into(),
                name: Some(self.name.as_str().into()),
                severity: self.kind.severity,
                also: 0,
            },
            from: Endpoint::default(),
            to: Endpoint::default(),
            direction: Direction::Unknown,
            attacker: Side::From,
            path: PathClass::default(),
            outcome: Outcome::Unknown,
            count: 1,
            original: Sha256::digest(line).into(),
        }
    }
}

/// Looks at what is so now, and receives what came to be so as events. Doing it twice at once does it once.
///
/// # Errors
/// When the database cannot be used.
pub async fn look(ctx: &Context, actor: &Actor) -> Result<Receipt, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let now = ctx.clock.now();
    let mut facts = exploited(ctx, &fleet, &view).await?;
    facts.extend(advisories(ctx, &fleet, &view).await?);
    facts.extend(past_support(&fleet, now.to_zoned(TimeZone::UTC).date()));
    facts.extend(silent(&view, now).await?);
    facts.extend(firewalls(ctx, &fleet, &view).await?);
    let before = standing::all(&view).await?;
    let known = rows::sources(&view).await?.into_iter().find(is_own);
    drop(view);
    let all: BTreeSet<String> = facts.iter().map(Fact::key).collect();
    let gone: Vec<String> = before.iter().filter(|fact| !all.contains(*fact)).cloned().collect();
    facts.retain(|fact| !before.contains(&fact.key()));
    facts.truncate(AT_ONCE);
    if facts.is_empty() && gone.is_empty() {
        return Ok(Receipt::default());
    }
    let row = known.unwrap_or_else(|| NewSource::named(NAME).own_row(AlertSourceId::generate(), now));
    let events: Vec<_> = facts.iter().map(|fact| (fact.device, fact.event(now))).collect();
    let mut batch = Batch::of_own(row.id, &events);
    let sha256 = receive::pack(ctx, &mut batch).await?;
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.own").await?;
    // Under the lock of the change: whoever looked at the same time has told already.
    if standing::all(&change).await? != before || !is_there(&change, &row).await? {
        return Ok(Receipt::default());
    }
    let new: Vec<String> = facts.iter().map(Fact::key).collect();
    standing::follow(&change, &new, &gone).await?;
    let mut receipt = Receipt::default();
    let mut detail = format!("{} facts are so no longer", gone.len());
    if !batch.is_empty() {
        let (received, words) = receive::write(&change, &row, batch, sha256, &Way::Own).await?;
        (receipt, detail) = (received, format!("{words}; {detail}"));
    }
    change.commit(NAME, &detail).await?;
    Ok(receipt)
}

/// Whether a source is Bedrail itself.
pub(super) fn is_own(row: &SourceRow) -> bool {
    row.kind == SourceKind::Own.code()
}

/// Whether the source is there; it is made where none is. False where somebody else made one meanwhile.
async fn is_there(change: &Change, row: &SourceRow) -> Result<bool, Error> {
    let all = rows::sources(change).await?;
    if let Some(there) = all.iter().find(|it| is_own(it)) {
        return Ok(there.id == row.id);
    }
    let taken = all.iter().any(|it| it.name == row.name);
    let name = if taken { format!("{NAME} (own findings)") } else { row.name.clone() };
    rows::add_source(change, &SourceRow { name, ..row.clone() }).await?;
    Ok(true)
}

/// Devices that face the outside and have something that is known to be exploited.
async fn exploited(ctx: &Context, fleet: &Fleet, view: &View) -> Result<Vec<Fact>, Error> {
    let outside = |index: &usize| fleet.devices.briefs[*index].exposure == Exposure::Outside;
    let outside: Vec<usize> = (0..fleet.devices.briefs.len()).filter(outside).collect();
    let mut facts = Vec::new();
    if outside.is_empty() {
        return Ok(facts);
    }
    for row in weaknesses::urgent(view, WEAKNESSES).await? {
        let id = row.weakness.id;
        let marks = marks::weakness(ctx, fleet, view, &id).await?;
        for index in &outside {
            let (device, class) = (&fleet.devices.list[*index], fleet.devices.briefs[*index].class);
            let mark = marks.of_device(device.id, class);
            if mark.is_some_and(|mark| mark.answer == Answer::Affected) {
                let name =
                    format!("{id} is known to be exploited and affects this device, which faces the outside");
                facts.push(Fact { device: Some(device.id), ..Fact::new(EXPLOITED, &id, name) });
            }
        }
    }
    Ok(facts)
}

/// Releases that an advisory calls affected, as far as devices run them.
async fn advisories(ctx: &Context, fleet: &Fleet, view: &View) -> Result<Vec<Fact>, Error> {
    let judged = judged::within(ctx, fleet, view).await?;
    let mut facts = Vec::new();
    for (held, hits) in judged.advisories() {
        for hit in hits.iter().filter(|hit| hit.answer == Answer::Affected) {
            let release = &judged.products.releases[hit.release as usize];
            let devices = judged.devices(hit.release);
            if devices > 0 {
                let about = format!("{}:{}", held.id, release.row.id);
                let name = format!(
                    "{} says that {} is affected ({})",
                    held.advisory.id,
                    release.name,
                    counted(devices)
                );
                facts.push(Fact::new(ADVISORY, &about, name));
            }
        }
    }
    Ok(facts)
}

/// Releases with devices whose support has ended by a day.
fn past_support(fleet: &Fleet, today: Date) -> Vec<Fact> {
    let mut ended: BTreeMap<(u32, Date), u64> = BTreeMap::new();
    for device in &fleet.devices.list {
        let end = device.support_ends.as_deref().and_then(|text| text.parse::<Date>().ok());
        if let Some(end) = end.filter(|end| *end < today) {
            let release = fleet.products.release_of[device.class as usize];
            *ended.entry((release, end)).or_default() += 1;
        }
    }
    let fact = |((release, end), devices): ((u32, Date), u64)| {
        let release = &fleet.products.releases[release as usize];
        let name = format!("{} has no support of its maker since {end} ({})", release.name, counted(devices));
        Fact::new(SUPPORT, &format!("{}:{end}", release.row.id), name)
    };
    ended.into_iter().map(fact).collect()
}

/// Sources that are silent.
async fn silent(view: &View, now: Timestamp) -> Result<Vec<Fact>, Error> {
    let all = rows::sources(view).await?.into_iter().map(|row| Source::of(row, now));
    let fact = |source: Source| {
        let since = source.heard.unwrap_or(source.added);
        let name = format!("nothing has come from {} since {since:.0}", source.settings.name);
        Fact::new(SILENT, &source.id.to_string(), name)
    };
    Ok(all.filter(|source| source.silent).map(fact).collect())
}

/// Rule sets of our firewalls that were rejected or brought back, and firewalls of ours that are silent.
async fn firewalls(ctx: &Context, fleet: &Fleet, view: &View) -> Result<Vec<Fact>, Error> {
    let all = firewall::standing(ctx, view, fleet).await?;
    let name = |id| all.firewalls.iter().find(|it| it.id == id).map_or("a firewall", |it| it.name.as_str());
    let since = ctx.clock.now() - SignedDuration::from_hours(24 * WORD_DAYS);
    let words = bedrail_store::firewalls::alarms(view, since).await?;
    let word = |word: &Word| {
        let about = format!("{}:{}:{}", word.firewall, word.number, word.at.as_second());
        Fact::new(RULES, &about, format!("{}: {}", name(word.firewall), word.text))
    };
    let mut facts: Vec<Fact> = words.iter().map(word).collect();
    let silent = all.firewalls.iter().filter(|it| it.files.is_some() && all.state(it) != State::Fresh);
    facts.extend(silent.map(|it| {
        let text = format!("the firewall {} says nothing any more, or its report cannot be read", it.name);
        Fact::new(FIREWALL, &it.id.to_string(), text)
    }));
    Ok(facts)
}

fn counted(devices: u64) -> String {
    if devices == 1 { "1 device".to_owned() } else { format!("{devices} devices") }
}

/// The page of what an event of ours is about: a weakness, an advisory, a release or the sources. `None` for rules of others.
pub fn page_of(rule: &str) -> Option<String> {
    let (code, about) = rule.split_once(':')?;
    let kind = FACTS.into_iter().find(|kind| kind.code == code)?;
    let first = about.split(':').next().unwrap_or_default();
    Some(match kind.code {
        code if code == EXPLOITED.code => format!("/advisories/{first}"),
        code if code == ADVISORY.code => format!("/medical/{first}"),
        code if code == SUPPORT.code => format!("/releases/{first}"),
        code if code == RULES.code || code == FIREWALL.code => format!("/firewall/{first}"),
        _ => "/alerts/sources".to_owned(),
    })
}
