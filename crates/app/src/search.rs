//! The search over everything that bears a name here: devices, weaknesses, components, makers, releases, people.
//!
//! Everything but weaknesses and people is cut from the summary in memory (`crate::fleet`), so that a search with each
//! key pressed touches none of the fleet's tables. Each kind is looked through only for who may see it; a supplier finds
//! the releases of its own makers and nothing else.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use bedrail_model::device::DeviceFacts;
use bedrail_model::finding::Weakness;
use bedrail_model::ids::ReleaseId;
use bedrail_model::purl::Parts;
use bedrail_store::{View, weaknesses};

use crate::affected::{ids, nicknames};
use crate::devices::{self, DeviceRow};
use crate::fleet::{Fleet, Release};
use crate::people::{self, Member};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Hits of each kind unless asked otherwise.
pub const DEFAULT_LIMIT: usize = 20;
/// Hits of each kind at most.
pub const MAX_LIMIT: usize = 50;
/// A longer text is no name of anything; it is looked through for ids by the main question.
const LONGEST: usize = 200;

/// What a name can belong to, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A device, by asset tag, serial number, UDI, address, host name, or what else its list says.
    Device,
    /// A weakness that touches the organisation, by the beginning of an id; or any by its whole id.
    Weakness,
    /// A component of a bill of materials, by a part of its name.
    Component,
    /// A maker, by a part of its name.
    Maker,
    /// A release, by words of maker, model and version.
    Release,
    /// A member, by a part of name or address.
    Person,
}

impl Kind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Device => "device",
            Kind::Weakness => "weakness",
            Kind::Component => "component",
            Kind::Maker => "maker",
            Kind::Release => "release",
            Kind::Person => "person",
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Hit {
    /// A device.
    Device {
        /// Its row, as the list has it.
        row: Box<DeviceRow>,
        /// The fact that bears the text where it is not the name: its field in device lists, and what it says.
        matched: Option<(&'static str, String)>,
    },
    /// A weakness.
    Weakness {
        /// What it is.
        weakness: Box<Weakness>,
        /// Affected devices.
        affected: u64,
        /// Devices of which it cannot be told.
        cannot_tell: u64,
    },
    /// Components of one name.
    Component {
        /// The name.
        name: String,
        /// Releases that contain one.
        releases: u64,
        /// Devices that run one of those.
        devices: u64,
    },
    /// A maker.
    Maker {
        /// Its name.
        name: String,
        /// Its releases.
        releases: u64,
        /// Devices that run one of those.
        devices: u64,
    },
    /// A release.
    Release {
        /// Id.
        id: ReleaseId,
        /// `maker model version`.
        name: String,
        /// Devices that run it.
        devices: u64,
        /// Whether a bill of materials is there.
        has_sbom: bool,
    },
    /// A member of the organisation.
    Person(Box<Member>),
}

/// What was found of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Which.
    pub kind: Kind,
    /// All of it, exactly.
    pub total: u64,
    /// The best of it, the best first.
    pub hits: Vec<Hit>,
    /// Whether the first hit bears the text as its whole name, and no other hit does.
    pub exact: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The text looked for.
    pub text: String,
    /// Whether the text names weaknesses or a package: then the main question answers it better than any list.
    pub question: bool,
    /// Kinds of which something was found, in the order of [`Kind`].
    pub groups: Vec<Group>,
}

impl Found {
    /// All hits, exactly.
    pub fn total(&self) -> u64 {
        self.groups.iter().map(|group| group.total).sum()
    }

    /// The one right hit: the only one, or the only one that bears the text as its whole name.
    pub fn only(&self) -> Option<&Hit> {
        let mut exact = self.groups.iter().filter(|group| group.exact);
        match (exact.next(), exact.next()) {
            (Some(group), None) => group.hits.first(),
            (None, _) if self.total() == 1 => self.groups.first()?.hits.first(),
            _ => None,
        }
    }
}

/// Looks for a text in all names that the actor may see; at most `limit` hits of each kind, totals exact.
///
/// # Errors
/// [`Error::Denied`] for who may not even see releases; [`Error::Invalid`] for an empty text.
pub async fn search(ctx: &Context, actor: &Actor, text: &str, limit: usize) -> Result<Found, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeReleases).await?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Invalid {
            message: "there is nothing to look for".into(),
            hint: Some("type a part of a name, a serial number, an address or an id".into()),
        });
    }
    let may_ask = actor.may(Right::SeeFleet);
    if text.chars().count() > LONGEST {
        return Ok(Found { text: text.to_owned(), question: may_ask, groups: Vec::new() });
    }
    let (limit, lower) = (limit.clamp(1, MAX_LIMIT), text.to_lowercase());
    let mut groups = Vec::new();
    if may_ask {
        groups.push(found_devices(&fleet, &view, text, limit).await?);
        groups.push(found_weaknesses(ctx, &view, text, limit).await?);
        groups.push(components(&fleet, &lower, limit));
    }
    let seen = releases_seen(&fleet, actor);
    groups.push(makers(&seen, &lower, limit));
    groups.push(releases(&seen, &lower, limit));
    if actor.may(Right::SeePeople) {
        groups.push(members(&people::list(ctx, actor).await?, &lower, limit));
    }
    groups.retain(|group| group.total > 0);
    Ok(Found { text: text.to_owned(), question: may_ask && is_question(text), groups })
}

/// Whether the main question understands a text as weaknesses or as a package.
fn is_question(text: &str) -> bool {
    !ids::all(text).is_empty()
        || text.split_whitespace().any(|word| Parts::read(word).is_some())
        || nicknames::whole(text).is_some()
}

/// How well a name fits a text, both in lower case; the smaller, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Whole,
    Begins,
    BeginsWord,
    Within,
}

fn fit(name: &str, text: &str) -> Option<Fit> {
    let at = name.find(text)?;
    Some(if name.len() == text.len() {
        Fit::Whole
    } else if at == 0 {
        Fit::Begins
    } else {
        let begins = |(at, _): (usize, &str)| {
            name[..at].chars().next_back().is_some_and(|before| !before.is_alphanumeric())
        };
        if name.match_indices(text).any(begins) { Fit::BeginsWord } else { Fit::Within }
    })
}

/// A candidate: how well it fits, its weight, its name in lower case, and what it is.
type Candidate<'a, T> = (Fit, Reverse<u64>, &'a str, T);

/// The best candidates, the best first; equally good ones by weight, then by name. Only what is shown is sorted.
fn top<T>(candidates: &mut Vec<Candidate<'_, T>>, limit: usize) {
    let order = |a: &Candidate<'_, T>, b: &Candidate<'_, T>| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2));
    if limit < candidates.len() {
        candidates.select_nth_unstable_by(limit, order);
        candidates.truncate(limit);
    }
    candidates.sort_by(order);
}

/// The group of the best candidates.
fn best<T>(kind: Kind, mut candidates: Vec<Candidate<'_, T>>, limit: usize, hit: impl Fn(T) -> Hit) -> Group {
    let (total, exact) = (candidates.len() as u64, one_is_whole(&candidates));
    top(&mut candidates, limit);
    Group { kind, total, hits: candidates.into_iter().map(|(.., one)| hit(one)).collect(), exact }
}

/// Whether exactly one candidate bears the text as its whole name.
fn one_is_whole<T>(candidates: &[Candidate<'_, T>]) -> bool {
    candidates.iter().filter(|(fit, ..)| *fit == Fit::Whole).count() == 1
}

/// Facts that name one device and no other.
fn identities(facts: &DeviceFacts) -> [(&'static str, Option<&String>); 5] {
    [
        ("asset_tag", facts.asset_tag.as_ref()),
        ("serial", facts.serial.as_ref()),
        ("udi", facts.udi.as_ref()),
        ("address", facts.address.as_ref()),
        ("host_name", facts.host_name.as_ref()),
    ]
}

async fn found_devices(fleet: &Fleet, view: &View, text: &str, limit: usize) -> Result<Group, Error> {
    let (rows, total) = devices::search(fleet, view, text, limit).await?;
    let lower = text.to_lowercase();
    let named = |row: &DeviceRow| {
        let is = |(_, value): &(_, Option<&String>)| value.is_some_and(|value| value.to_lowercase() == lower);
        identities(&row.facts).iter().any(is)
    };
    // Whole names come first, so that two of them are the first two.
    let exact = rows.first().is_some_and(named) && !rows.get(1).is_some_and(named) && limit > 1;
    let hit = |row: DeviceRow| {
        let others = identities(&row.facts).into_iter().filter(|(_, value)| *value != Some(&row.name));
        let matched = others
            .filter_map(|(field, value)| Some((field, value?)))
            .find(|(_, value)| value.to_lowercase().contains(&lower))
            .map(|(field, value)| (field, value.clone()));
        let by_name = row.name.to_lowercase().contains(&lower);
        Hit::Device { matched: matched.filter(|_| !by_name), row: Box::new(row) }
    };
    Ok(Group { kind: Kind::Device, total, hits: rows.into_iter().map(hit).collect(), exact })
}

/// Weaknesses by the beginning of an id, or by a whole one.
async fn found_weaknesses(ctx: &Context, view: &View, text: &str, limit: usize) -> Result<Group, Error> {
    let mut group = Group { kind: Kind::Weakness, total: 0, hits: Vec::new(), exact: false };
    let id = match ids::all(text).as_slice() {
        [one] => one.id.clone(),
        [] if ids::is_beginning(text) => text.to_owned(),
        _ => return Ok(group),
    };
    let most = u32::try_from(limit).unwrap_or(u32::MAX);
    let (rows, total) = weaknesses::page(view, &id, most, 0).await?;
    let is = |weakness: &Weakness| {
        weakness.id.eq_ignore_ascii_case(&id)
            || weakness.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(&id))
    };
    let mut hits: Vec<_> = rows
        .into_iter()
        .map(|row| (!is(&row.weakness), row.weakness, row.affected, row.cannot_tell))
        .collect();
    hits.sort_by_key(|(other, ..)| *other);
    (group.total, group.exact) = (total, hits.first().is_some_and(|(other, ..)| !other));
    if !group.exact
        && let Some(known) = ctx.weakness(view, &id).await?
    {
        hits.insert(0, (false, known, 0, 0));
        hits.truncate(limit);
        (group.total, group.exact) = (total + 1, true);
    }
    let hit = |(_, weakness, affected, cannot_tell)| Hit::Weakness {
        weakness: Box::new(weakness),
        affected,
        cannot_tell,
    };
    group.hits = hits.into_iter().map(hit).collect();
    Ok(group)
}

fn components(fleet: &Fleet, lower: &str, limit: usize) -> Group {
    let software = &fleet.bills.software;
    // One name is borne by many versions: first the names with their uses, then who bears those that are shown.
    let mut named: HashMap<&str, (Fit, u64)> = HashMap::new();
    let mut met: Vec<u32> = Vec::new();
    for (at, one) in (0..).zip(software) {
        if let Some(fit) = fit(&one.search, lower)
            && !fleet.bills.uses(at).is_empty()
        {
            named.entry(&one.search).or_insert((fit, 0)).1 += fleet.bills.uses(at).len() as u64;
            met.push(at);
        }
    }
    let mut candidates: Vec<Candidate<'_, ()>> =
        named.into_iter().map(|(name, (fit, uses))| (fit, Reverse(uses), name, ())).collect();
    let (total, exact) = (candidates.len() as u64, one_is_whole(&candidates));
    top(&mut candidates, limit);
    let mut shown: HashMap<&str, Vec<u32>> =
        candidates.iter().map(|(_, _, name, ())| (*name, Vec::new())).collect();
    for at in met {
        if let Some(which) = shown.get_mut(software[at as usize].search.as_str()) {
            which.push(at);
        }
    }
    let hit = |(_, _, name, ()): &Candidate<'_, ()>| {
        let which = shown.get(name).map_or(&[][..], Vec::as_slice);
        let (releases, devices) = containing(fleet, which);
        let name = which.first().map_or(*name, |at| &software[*at as usize].row.facts.name);
        Hit::Component { name: name.to_owned(), releases, devices }
    };
    Group { kind: Kind::Component, total, hits: candidates.iter().map(hit).collect(), exact }
}

/// Releases that contain some of these software identities, and devices that run those.
fn containing(fleet: &Fleet, software: &[u32]) -> (u64, u64) {
    let bills: HashSet<u32> =
        software.iter().flat_map(|at| fleet.bills.uses(*at)).map(|used| used.bill).collect();
    let has = |release: u32| {
        let content = fleet.products.releases[release as usize].row.content;
        content.and_then(|content| fleet.bills.bill_at(content)).is_some_and(|bill| bills.contains(&bill))
    };
    let releases = 0..crate::fleet::index(fleet.products.releases.len());
    let releases: HashSet<u32> = releases.filter(|release| has(*release)).collect();
    let classes = fleet.products.classes.iter().zip(&fleet.products.release_of);
    let devices = classes.filter(|(_, of)| releases.contains(of)).map(|(class, _)| class.devices).sum();
    (releases.len() as u64, devices)
}

/// The releases that the actor may see, with the devices that run each.
fn releases_seen<'a>(fleet: &'a Fleet, actor: &Actor) -> Vec<(&'a Release, u64)> {
    let mut devices = vec![0; fleet.products.releases.len()];
    for (class, release) in fleet.products.classes.iter().zip(&fleet.products.release_of) {
        devices[*release as usize] += class.devices;
    }
    let all = fleet.products.releases.iter().zip(devices);
    all.filter(|(release, _)| actor.sees_maker(&release.row.maker)).collect()
}

fn makers(seen: &[(&Release, u64)], lower: &str, limit: usize) -> Group {
    let mut named: BTreeMap<String, (&str, u64, u64)> = BTreeMap::new();
    for (release, devices) in seen {
        let one = named.entry(release.row.maker.to_lowercase()).or_insert((&release.row.maker, 0, 0));
        (one.1, one.2) = (one.1 + 1, one.2 + devices);
    }
    let candidates =
        named.iter().filter_map(|(name, of)| Some((fit(name, lower)?, Reverse(of.2), name.as_str(), *of)));
    best(Kind::Maker, candidates.collect(), limit, |(name, releases, devices)| Hit::Maker {
        name: name.to_owned(),
        releases,
        devices,
    })
}

/// Every word stands in the name, as in the list of releases.
fn releases(seen: &[(&Release, u64)], lower: &str, limit: usize) -> Group {
    let words: Vec<&str> = lower.split_whitespace().collect();
    let wanted = seen.iter().filter(|(release, _)| words.iter().all(|word| release.search.contains(word)));
    let candidates = wanted.map(|(release, devices)| {
        let fit = fit(&release.search, lower).unwrap_or(Fit::Within);
        (fit, Reverse(*devices), release.search.as_str(), (*release, *devices))
    });
    best(Kind::Release, candidates.collect(), limit, |(release, devices)| Hit::Release {
        id: release.row.id,
        name: release.name.clone(),
        devices,
        has_sbom: release.row.content.is_some(),
    })
}

fn members(members: &[Member], lower: &str, limit: usize) -> Group {
    let fitting = |member: &Member| {
        let names = [Some(&member.name), Some(&member.full_name), member.mail.as_ref()];
        names.into_iter().flatten().filter_map(|name| fit(&name.to_lowercase(), lower)).min()
    };
    let candidates = members
        .iter()
        .filter_map(|member| Some((fitting(member)?, Reverse(0), member.name.as_str(), member)));
    best(Kind::Person, candidates.collect(), limit, |member| Hit::Person(Box::new(member.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_the_better_the_more_of_it_was_typed() {
        assert_eq!(fit("log4j", "log4j"), Some(Fit::Whole));
        assert_eq!(fit("log4j-core", "log4j"), Some(Fit::Begins));
        assert_eq!(fit("apache-log4j", "log4j"), Some(Fit::BeginsWord));
        assert_eq!(fit("slog4j log4j", "log4j"), Some(Fit::BeginsWord));
        assert_eq!(fit("xlog4jx", "log4j"), Some(Fit::Within));
        assert_eq!(fit("log5j", "log4j"), None);
        assert_eq!(fit("é-é", "é"), Some(Fit::Begins));
    }

    #[test]
    fn what_the_main_question_understands_is_a_question() {
        for text in ["CVE-2021-44228", "cve 2021 44228", "pkg:maven/a/b", "Log4Shell", "GHSA-jfh8-c2jp-5v3q"]
        {
            assert!(is_question(text), "{text}");
        }
        for text in ["log4j", "P-10", "10.0.0.7", "Orbis Medical", "CVE-2021"] {
            assert!(!is_question(text), "{text}");
        }
    }
}
