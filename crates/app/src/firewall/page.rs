//! The register and one firewall, as they are shown.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_assess::firewall::{self as count, PathCount, Preview, RuleCount, Suspect};
pub use bedrail_formats::firewall::Report;
use bedrail_formats::firewall::{Shield as Probed, Site};
use bedrail_model::firewall::{Firewall, Mode, Told, Word};
use bedrail_model::ids::{DeviceId, FirewallId};
use bedrail_store::firewalls as rows;
use jiff::Timestamp;

use super::{Standing, State, files, is_silent, missing, standing};
use crate::fleet::Fleet;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Rows of a table of counts.
const MOST_ROWS: usize = 50;
/// Devices named of a site.
const MOST_NAMED: usize = 50;

/// A firewall in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirewallRow {
    /// The firewall as registered.
    pub firewall: Firewall,
    /// Whether what is known of it counts.
    pub state: State,
    /// How many days old its rules are; `None` where nobody says.
    pub rule_days: Option<i64>,
    /// Devices behind it.
    pub devices: u64,
    /// Of ours: sites with their modes.
    pub sites: Vec<(String, Mode)>,
    /// Of ours: when its report was written.
    pub heard: Option<Timestamp>,
    /// Of ours: why its report cannot be read.
    pub trouble: Option<String>,
}

impl FirewallRow {
    fn of(firewall: &Firewall, standing: &Standing) -> FirewallRow {
        let report = standing.reports.get(&firewall.id);
        let read = report.and_then(|report| report.as_ref().ok());
        let sites = read.map(|report| &report.status.sites).into_iter().flatten();
        FirewallRow {
            state: standing.state(firewall),
            rule_days: standing.rule_days(firewall),
            devices: standing.count(firewall.id, None),
            sites: sites.map(|site| (site.key.clone(), site.mode())).collect(),
            heard: read.map(|report| report.at),
            trouble: report.and_then(|report| report.as_ref().err().cloned()),
            firewall: firewall.clone(),
        }
    }
}

/// A site of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteDetail {
    /// What the proxy says of it.
    pub site: Site,
    /// Devices behind it: id and name; some, where they are many.
    pub devices: Vec<(DeviceId, String)>,
    /// Rules that fired, the most frequent first.
    pub rules: Vec<RuleCount>,
    /// Classes of paths, the most frequent first.
    pub paths: Vec<PathCount>,
    /// Rules that hit many requests of ordinary clients, and what leaving them out there would have done.
    pub suspects: Vec<(Suspect, Preview)>,
    /// What probes showed.
    pub shields: Vec<Probed>,
}

/// The events that are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// How many.
    pub events: u64,
    /// The first and the last.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Lines that are no event.
    pub other: u64,
    /// Why there are none.
    pub trouble: Option<String>,
}

/// One firewall.
#[derive(Debug, Clone, PartialEq)]
pub struct FirewallDetail {
    /// In short.
    pub row: FirewallRow,
    /// Devices behind it as a whole: id and name; some, where they are many.
    pub devices: Vec<(DeviceId, String)>,
    /// What ours says of itself.
    pub report: Option<Report>,
    /// Its sites.
    pub sites: Vec<SiteDetail>,
    /// The events that are looked at.
    pub kept: Kept,
    /// What it said of its rule sets, the newest first.
    pub words: Vec<Word>,
}

/// All firewalls that are not taken back, by name.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<FirewallRow>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let all = standing(ctx, &view, &fleet).await?;
    Ok(all.firewalls.iter().map(|firewall| FirewallRow::of(firewall, &all)).collect())
}

/// The firewalls of ours that say nothing, or nothing that can be read.
///
/// # Errors
/// When the database cannot be used.
pub(crate) async fn silent(ctx: &Context, actor: &Actor) -> Result<Vec<FirewallId>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let all = rows::all(&view).await?;
    drop(view);
    let mut silent = Vec::new();
    for firewall in all.iter().filter(|it| it.withdrawn.is_none()) {
        let Some((folder, _)) = &firewall.files else { continue };
        let report = files::report(folder).await;
        if report.is_err() || report.is_ok_and(|it| is_silent(it.at, ctx.clock.now())) {
            silent.push(firewall.id);
        }
    }
    Ok(silent)
}

/// One firewall. Of ours, what it told of is counted from the newest part of its events.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or it is taken back.
pub async fn get(ctx: &Context, actor: &Actor, id: FirewallId) -> Result<FirewallDetail, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let mut all = standing(ctx, &view, &fleet).await?;
    let firewall = all.firewalls.iter().find(|it| it.id == id).ok_or_else(|| missing(id))?;
    let row = FirewallRow::of(firewall, &all);
    let words = rows::words(&view, id).await?;
    drop(view);
    let (told, kept) = told(&row.firewall).await;
    let devices = named(&fleet, &all.of_site(id, ""));
    let report = all.reports.remove(&id).and_then(Result::ok);
    let shown = report.iter().flat_map(|report| report.status.sites.iter().map(move |site| (report, site)));
    let sites = shown.map(|(report, site)| {
        let told: Vec<Told> = told.iter().filter(|it| it.site == site.key).cloned().collect();
        site_detail(report, site, &told, named(&fleet, &all.of_site(id, &site.key)))
    });
    let sites = sites.collect();
    Ok(FirewallDetail { row, devices, sites, report, kept, words })
}

/// What a firewall of ours told of, the newest part.
pub(super) async fn told(firewall: &Firewall) -> (Vec<Told>, Kept) {
    let Some((folder, events)) = &firewall.files else { return (Vec::new(), Kept::default()) };
    match files::events(folder, events).await {
        Ok(found) => {
            let times = || found.told.iter().filter_map(|it| it.at);
            let kept = Kept {
                events: found.told.len() as u64,
                span: times().min().zip(times().max()),
                other: found.other,
                trouble: None,
            };
            (found.told, kept)
        }
        Err(error) => (Vec::new(), Kept { trouble: Some(error.to_string()), ..Kept::default() }),
    }
}

fn named(fleet: &Fleet, ids: &BTreeSet<DeviceId>) -> Vec<(DeviceId, String)> {
    if ids.is_empty() {
        return Vec::new();
    }
    let met = fleet.devices.list.iter().filter(|device| ids.contains(&device.id));
    let named: BTreeMap<String, DeviceId> =
        met.map(|device| (format!("{} {}", device.name, device.id), device.id)).collect();
    let name = |(name, id): (String, DeviceId)| (id, name.rsplit_once(' ').map_or("", |it| it.0).to_owned());
    named.into_iter().take(MOST_NAMED).map(name).collect()
}

fn site_detail(report: &Report, site: &Site, told: &[Told], devices: Vec<(DeviceId, String)>) -> SiteDetail {
    let (mut rules, mut paths) = (count::by_rule(told), count::by_path(told));
    rules.truncate(MOST_ROWS);
    paths.truncate(MOST_ROWS);
    let seen = |it: Suspect| {
        let preview = count::preview(told, it.rule, &it.place, it.path.as_deref(), it.method.as_deref());
        (it, preview)
    };
    SiteDetail {
        devices,
        rules,
        paths,
        suspects: count::suspects(told).into_iter().take(MOST_ROWS).map(seen).collect(),
        shields: report.shields.iter().filter(|it| it.site == site.key).cloned().collect(),
        site: site.clone(),
    }
}
