//! What stands between a device and who sends it requests, and whether it stops attacks on a weakness.
//!
//! A shield holds where a firewall of ours blocks at the site of the device, its report is fresh, and every probe of the family of
//! rules that covers the weakness was refused by the rule set that decides now. It is a word on requests that come through the
//! firewall: a way past it is not seen, and the weakness is still there. So it never changes an answer.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bedrail_formats::firewall::{Report, Shield as Probed, Site};
use bedrail_model::device::Exposure;
use bedrail_model::firewall::{Behind, Firewall, Mode, Product};
use bedrail_model::ids::{DeviceId, FirewallId};
use bedrail_store::{View, firewalls as rows};
use bedrail_waf_rules::patches::{self, Family};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{PROBES_HOURS, SILENT_MINUTES, files};
use crate::fleet::Fleet;
use crate::{Context, Error};

/// Whether what is known of a firewall counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does.
    Fresh,
    /// The day until which it was said is over.
    Expired,
    /// Ours has written no report for some time.
    Silent,
    /// The report of ours cannot be read here.
    Unread,
}

impl State {
    /// The stable code used in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            State::Fresh => "fresh",
            State::Expired => "expired",
            State::Silent => "silent",
            State::Unread => "unread",
        }
    }
}

/// How it is known that a device stands behind a firewall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlacedBy {
    /// Somebody said so.
    Said,
    /// The site of ours sends to its address, which no other device has.
    Address,
}

/// What a firewall of ours does about a weakness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShieldState {
    /// Every probe was stopped: shielded, not fixed.
    Holds,
    /// Rules object to every probe, and the site lets it pass.
    DetectsOnly,
    /// Probes passed that no rule objected to.
    Leaks,
    /// Nothing was shown yet for the rule set that decides, or too long ago, or the firewall is silent.
    NotShown,
}

impl ShieldState {
    /// The stable code used in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            ShieldState::Holds => "holds",
            ShieldState::DetectsOnly => "detects_only",
            ShieldState::Leaks => "leaks",
            ShieldState::NotShown => "not_shown",
        }
    }
}

/// Rules that cover a weakness, at the site of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shield {
    /// The weakness.
    pub weakness: String,
    /// The key of the family of rules.
    pub family: &'static str,
    /// What the family is, for people.
    pub name: &'static str,
    /// What its rules do not see.
    pub limits: &'static str,
    /// Whether it holds.
    pub state: ShieldState,
    /// Probes, of these stopped, and when.
    pub probed: Option<(u64, u64, Timestamp)>,
    /// The rule set that decided then.
    pub rule_set: Option<String>,
    /// Beginnings of paths of the site that are never blocked.
    pub never_block: Vec<String>,
}

/// A firewall before a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// Which.
    pub firewall: FirewallId,
    /// What people call it.
    pub name: String,
    /// The product.
    pub product: Product,
    /// The key of the site, of ours.
    pub site: Option<String>,
    /// What it does: as said, or as the site itself says.
    pub mode: Mode,
    /// Whether that counts.
    pub state: State,
    /// How it is known that the device stands behind it.
    pub by: PlacedBy,
    /// Who said that it is there, and when.
    pub said: (String, Timestamp),
    /// What it does about weaknesses that were asked for; of ours alone.
    pub shields: Vec<Shield>,
}

impl Shield {
    /// In a sentence.
    pub fn sentence(&self) -> String {
        let probed = self.probed.map_or_else(String::new, |(probes, stopped, at)| {
            let set = self.rule_set.as_deref().unwrap_or_default();
            format!("{stopped} of {probes} probes were stopped on {at:.0} with {set}")
        });
        match self.state {
            ShieldState::Holds => {
                let never = if self.never_block.is_empty() {
                    String::new()
                } else {
                    format!(" Never blocked: {}.", self.never_block.join(", "))
                };
                format!(
                    "{}: shielded, not fixed. {probed}; none reached the device. Not seen: {}; a way past the firewall.{never}",
                    self.weakness, self.limits
                )
            }
            ShieldState::DetectsOnly => {
                format!(
                    "{}: not shielded: the rules see the attack, and the site lets it pass.",
                    self.weakness
                )
            }
            ShieldState::Leaks => format!("{}: not shielded: {probed}.", self.weakness),
            ShieldState::NotShown => {
                format!("{}: not shielded: nothing shows that the rules stop it now.", self.weakness)
            }
        }
    }
}

impl Between {
    /// Whether a weakness that was asked for is shielded here.
    pub fn holds(&self) -> bool {
        self.shields.iter().any(|it| it.state == ShieldState::Holds)
    }

    /// Whether it blocks, and that counts.
    pub fn blocks(&self) -> bool {
        self.state == State::Fresh && self.mode == Mode::Block
    }

    /// In a sentence.
    pub fn sentence(&self) -> String {
        let site = self.site.as_ref().map(|key| format!(", site {key}")).unwrap_or_default();
        let age = match self.state {
            State::Fresh => String::new(),
            State::Expired => "; what was said of it is past its day".to_owned(),
            State::Silent => "; it says nothing any more".to_owned(),
            State::Unread => "; its report cannot be read here".to_owned(),
        };
        let by = match (self.product, self.by) {
            (Product::Own, PlacedBy::Address) => ", which sends to its address".to_owned(),
            (Product::Own, PlacedBy::Said) => String::new(),
            (_, _) => format!(", as {} said on {}", self.said.0, self.said.1.strftime("%Y-%m-%d")),
        };
        format!(
            "{} ({}{site}) stands in front: {}{by}{age}",
            self.name,
            self.product.words(),
            self.mode.words()
        )
    }
}

/// All firewalls of an organisation that are not taken back, with what ours say, at a moment.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) firewalls: Vec<Firewall>,
    pub(crate) reports: HashMap<FirewallId, Result<Report, String>>,
    behind: HashMap<DeviceId, BTreeMap<(FirewallId, String), PlacedBy>>,
    now: Timestamp,
}

/// Reads what is known now.
pub(crate) async fn standing(ctx: &Context, view: &View, fleet: &Fleet) -> Result<Standing, Error> {
    let now = ctx.clock.now();
    let mut firewalls = rows::all(view).await?;
    firewalls.retain(|it| it.withdrawn.is_none());
    let mut all = Standing { firewalls, reports: HashMap::new(), behind: HashMap::new(), now };
    if all.firewalls.is_empty() {
        return Ok(all);
    }
    for firewall in &all.firewalls {
        if let Some((folder, _)) = &firewall.files {
            all.reports.insert(firewall.id, files::report(folder).await);
        }
    }
    all.place(fleet, rows::devices(view).await?);
    Ok(all)
}

/// Whether a report is too old to say anything of now. One of the future is none.
pub(crate) fn is_silent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).abs() > SignedDuration::from_mins(SILENT_MINUTES)
}

impl Standing {
    /// Puts devices behind their firewalls: those that somebody named, and those whose address a site of ours sends to.
    fn place(&mut self, fleet: &Fleet, said: Vec<Behind>) {
        let known: HashSet<FirewallId> = self.firewalls.iter().map(|it| it.id).collect();
        for one in said.into_iter().filter(|it| known.contains(&it.firewall)) {
            let places = self.behind.entry(one.device).or_default();
            places.insert((one.firewall, one.site), PlacedBy::Said);
        }
        let mut wanted: HashMap<std::net::IpAddr, Vec<(FirewallId, String)>> = HashMap::new();
        for (id, report) in &self.reports {
            let sites = report.iter().flat_map(|report| &report.status.sites);
            for (address, key) in sites.filter_map(|it| Some((it.device_address()?, &it.key))) {
                wanted.entry(address).or_default().push((*id, key.clone()));
            }
        }
        if wanted.is_empty() {
            return;
        }
        let mut holders: HashMap<std::net::IpAddr, Vec<DeviceId>> = HashMap::new();
        for device in &fleet.devices.list {
            for address in device.addresses.iter().filter(|address| wanted.contains_key(address)) {
                holders.entry(*address).or_default().push(device.id);
            }
        }
        for (address, devices) in holders {
            // Of an address that several devices have it cannot be told who stands behind the site.
            let [device] = devices[..] else { continue };
            for place in &wanted[&address] {
                self.behind.entry(device).or_default().entry(place.clone()).or_insert(PlacedBy::Address);
            }
        }
    }

    /// Whether anything is registered.
    pub(crate) fn is_empty(&self) -> bool {
        self.firewalls.is_empty()
    }

    /// The devices that stand behind a firewall.
    pub(crate) fn devices(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.behind.keys().copied()
    }

    /// How many devices stand behind a firewall, or behind one of its sites.
    pub(crate) fn count(&self, id: FirewallId, site: Option<&str>) -> u64 {
        let is = |(firewall, key): &(FirewallId, String)| {
            *firewall == id && site.is_none_or(|site| key == site || key.is_empty())
        };
        self.behind.values().filter(|places| places.keys().any(is)).count() as u64
    }

    /// The devices behind a site of a firewall.
    pub(crate) fn of_site(&self, id: FirewallId, site: &str) -> BTreeSet<DeviceId> {
        let is = |(firewall, key): &(FirewallId, String)| *firewall == id && key == site;
        let met = self.behind.iter().filter(|(_, places)| places.keys().any(is));
        met.map(|(device, _)| *device).collect()
    }

    /// Whether what is known of a firewall counts.
    pub(crate) fn state(&self, firewall: &Firewall) -> State {
        match self.reports.get(&firewall.id) {
            Some(Ok(report)) if is_silent(report.at, self.now) => State::Silent,
            Some(Ok(_)) => State::Fresh,
            Some(Err(_)) => State::Unread,
            None if firewall.expires.is_some_and(|day| day < self.today()) => State::Expired,
            None => State::Fresh,
        }
    }

    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// How many days old the rules of a firewall are; `None` where nobody says.
    pub(crate) fn rule_days(&self, firewall: &Firewall) -> Option<i64> {
        let day = match self.reports.get(&firewall.id) {
            Some(report) => {
                let current = report.as_ref().ok()?.rules.current.as_ref()?;
                current.signed_at.to_zoned(TimeZone::UTC).date()
            }
            None => firewall.rules_on?,
        };
        Some(i64::from(day.until(self.today()).ok()?.get_days()).max(0))
    }

    /// What stands before a device, and what it does about weaknesses: each by its id and all its other names.
    pub(crate) fn before(&self, device: DeviceId, weaknesses: &[(&str, &[String])]) -> Vec<Between> {
        let places = self.behind.get(&device).into_iter().flatten();
        places.flat_map(|((id, key), by)| self.between(*id, key, *by, weaknesses)).collect()
    }

    fn between(
        &self,
        id: FirewallId,
        key: &str,
        by: PlacedBy,
        weaknesses: &[(&str, &[String])],
    ) -> Vec<Between> {
        let Some(firewall) = self.firewalls.iter().find(|it| it.id == id) else { return Vec::new() };
        let of = |site: Option<&Site>| {
            let shields = site.map(|site| self.shields(firewall, site, weaknesses)).unwrap_or_default();
            Between {
                firewall: id,
                name: firewall.name.clone(),
                product: firewall.product,
                site: site
                    .map(|it| it.key.clone())
                    .or_else(|| Some(key.to_owned()).filter(|it| !it.is_empty())),
                mode: site.map_or(firewall.mode, Site::mode),
                state: self.state(firewall),
                by,
                said: (firewall.said_by.clone(), firewall.added),
                shields,
            }
        };
        let Some(Ok(report)) = self.reports.get(&id) else { return vec![of(None)] };
        // A device behind a firewall of ours as a whole: which site is its own is not known, so that no shield is claimed.
        match report.status.sites.iter().find(|it| it.key == key) {
            Some(site) => vec![of(Some(site))],
            None => vec![of(None)],
        }
    }

    fn shields(&self, firewall: &Firewall, site: &Site, weaknesses: &[(&str, &[String])]) -> Vec<Shield> {
        let Some(Ok(report)) = self.reports.get(&firewall.id) else { return Vec::new() };
        let mut shields = Vec::new();
        for (id, names) in weaknesses {
            let names = std::iter::once(*id).chain(names.iter().map(String::as_str));
            for family in patches::covering(names) {
                let probed = report.shields.iter().find(|it| it.site == site.key && it.family == family.key);
                shields.push(Shield {
                    weakness: (*id).to_owned(),
                    family: family.key,
                    name: family.name,
                    limits: family.limits,
                    state: self.shield_state(report, site, family, probed),
                    probed: probed.map(|it| (it.probes, it.stopped, it.at)),
                    rule_set: probed.map(|it| it.rule_set.clone()),
                    never_block: site.never_block.clone(),
                });
            }
        }
        shields
    }

    fn shield_state(
        &self,
        report: &Report,
        site: &Site,
        family: &Family,
        probed: Option<&Probed>,
    ) -> ShieldState {
        let Some(probed) = probed else { return ShieldState::NotShown };
        let decides = report.status.judges.iter().find(|it| it.roles.iter().any(|role| role == "current"));
        let age = self.now.duration_since(probed.at).abs();
        let now = !is_silent(report.at, self.now)
            && age <= SignedDuration::from_hours(PROBES_HOURS)
            && decides.is_some_and(|it| it.rule_set == probed.rule_set)
            && probed.mode == site.mode
            // A report of a program that knows fewer probes shows less.
            && probed.probes >= family.probes().len() as u64;
        match (now, site.mode()) {
            (false, _) => ShieldState::NotShown,
            (true, _) if probed.objected < probed.probes => ShieldState::Leaks,
            (true, Mode::Block) if probed.stopped == probed.probes => ShieldState::Holds,
            (true, Mode::Block) => ShieldState::Leaks,
            (true, Mode::Unknown | Mode::Off | Mode::Detect) => ShieldState::DetectsOnly,
        }
    }

    /// Of the devices that face the outside: how many, how many of these stand behind a firewall that blocks, and the age in days
    /// of the oldest rules before any of them; `None` for the age where one of them does not say.
    pub(crate) fn outside(&self, fleet: &Fleet) -> (u64, u64, Option<i64>) {
        let (mut all, mut behind, mut oldest, mut unsaid) = (0, 0, None, false);
        for (at, device) in fleet.devices.list.iter().enumerate() {
            if fleet.devices.briefs[at].exposure != Exposure::Outside {
                continue;
            }
            all += 1;
            let before = self.before(device.id, &[]);
            behind += u64::from(before.iter().any(Between::blocks));
            for one in before.iter().filter(|it| it.state == State::Fresh) {
                let firewall = self.firewalls.iter().find(|it| it.id == one.firewall);
                match firewall.and_then(|it| self.rule_days(it)) {
                    Some(days) => oldest = oldest.max(Some(days)),
                    None => unsaid = true,
                }
            }
        }
        (all, behind, oldest.filter(|_| !unsaid))
    }
}
