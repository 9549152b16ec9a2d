//! A proposed exclusion: text that who runs the firewall puts into its file. The server writes nothing there.

use bedrail_assess::firewall::{self as count, Preview};
use bedrail_model::firewall::Told;
use bedrail_model::ids::FirewallId;
use bedrail_waf_rules::exclusion::SiteExclusion;
use bedrail_waf_rules::hospital;
use bedrail_waf_rules::life::SiteId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::{missing, page, standing};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What is asked for: these rules do not look at this one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The key of the site.
    pub site: String,
    /// The rule.
    pub rule: u32,
    /// The place: `ARGS:note`.
    pub place: String,
    /// The path, exactly.
    pub path: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// Why it is harmless there.
    pub reason: String,
    /// The last day on which it holds; ninety days from today without it.
    pub until: Option<Date>,
}

/// Days that an exclusion holds unless it is said otherwise.
const DAYS: i64 = 90;

/// An exclusion as text, and what it would have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// One element of the list in `exclusions.json` of the firewall's state folder.
    pub text: String,
    /// What it would have let through of the events that are kept.
    pub preview: Preview,
    /// The events that this was counted from.
    pub events: u64,
    /// Rules of ours that go on looking where the hospital profile makes the same exclusion.
    pub guards: Vec<u32>,
}

/// Proposes an exclusion. That it was asked for, and with which reason, is in the audit log.
///
/// # Errors
/// [`Error::NotFound`] for a firewall or a site of ours that is not there, [`Error::Invalid`] for what cannot be excluded, with the reason.
pub async fn propose(
    ctx: &Context,
    actor: &Actor,
    id: FirewallId,
    wanted: &Wanted,
) -> Result<Proposal, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::HandleAlerts).await?;
    let all = standing(ctx, &view, &fleet).await?;
    drop(view);
    let firewall = all.firewalls.iter().find(|it| it.id == id).ok_or_else(|| missing(id))?;
    let report = all.reports.get(&id).and_then(|report| report.as_ref().ok());
    let known = report.is_some_and(|report| report.status.sites.iter().any(|it| it.key == wanted.site));
    let site = SiteId::new(&wanted.site).filter(|_| known);
    let site = site.ok_or_else(|| Error::not_found(format!("that site of firewall {}", firewall.name)))?;
    let today = ctx.clock.today();
    let until = wanted.until.unwrap_or_else(|| today.saturating_add(DAYS.days()));
    if until < today {
        return Err(Error::invalid("the last day of the exclusion is over"));
    }
    let exclusion = SiteExclusion {
        site,
        rules: vec![wanted.rule],
        target: wanted.place.clone(),
        path: wanted.path.clone(),
        method: wanted.method.clone(),
        reason: wanted.reason.trim().to_owned(),
        author: actor.name.clone(),
        expires: end_of(until)?,
    };
    exclusion.check(ctx.clock.now()).map_err(|error| Error::invalid(error.to_string()))?;
    let text = serde_json::to_string_pretty(&exclusion).map_err(|error| Error::Internal(Box::new(error)))?;
    let (told, kept) = page::told(firewall).await;
    let told: Vec<Told> = told.into_iter().filter(|it| it.site == wanted.site).collect();
    let (path, method) = (wanted.path.as_deref(), wanted.method.as_deref());
    let preview = count::preview(&told, wanted.rule, &wanted.place, path, method);
    let change = ctx.change(actor, Right::HandleAlerts, "firewall.propose").await?;
    let detail = format!(
        "site {}: rule {} not at {} until {until}, proposed: {}; {} of the kept requests would have passed",
        wanted.site, wanted.rule, wanted.place, exclusion.reason, preview.through
    );
    change.commit(&firewall.name, &detail).await?;
    Ok(Proposal { text, preview, events: kept.events, guards: guards(wanted.rule) })
}

fn end_of(day: Date) -> Result<Timestamp, Error> {
    let next = day.saturating_add(1.day()).to_zoned(TimeZone::UTC);
    next.map(|at| at.timestamp()).map_err(|_| Error::invalid("that is no day of a calendar"))
}

/// Rules of ours that look for the same weakness where the hospital profile leaves this rule out (decision 1712).
fn guards(rule: u32) -> Vec<u32> {
    // A test of the rules reads every row.
    let rows = hospital::exclusions().unwrap_or_default();
    let met = rows.into_iter().filter(|it| it.rules.contains(&rule));
    let mut all: Vec<u32> = met.flat_map(|it| it.guards).collect();
    all.sort_unstable();
    all.dedup();
    all
}
