//! Facts out of what Bedrail knows: a table of small functions, one for each signal. Where Bedrail cannot know, a function says
//! nothing, and the signal is unknown; nothing that Bedrail does well itself is said of another system.

mod firewall;

use std::sync::Arc;

use bedrail_comply::fact::{Fact, NewFact, Subject, Word};
use bedrail_comply::signal::{About, Signal, Value};
use bedrail_comply::state::Moment;
use bedrail_model::action::{Action, Stage};
use bedrail_model::alert::SourceKind;
use bedrail_model::data_status::DataStatus;
use bedrail_model::decision::{Decision, Verdict};
use bedrail_model::device::Exposure;
use bedrail_store::programme::{self as rows, DecisionRow, ProofRow};
use bedrail_store::{actions, alerts, decisions};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::day::KeptFact;
use super::judged::Judged;
use super::office::{self, Office};
use crate::fleet::Fleet;
use crate::rights::Right;
use crate::workforce::signals;
use crate::{Actor, Context, Error, audit};

/// What is said of a signal: its value, and where to look.
pub(super) type Said = Option<(Value, String)>;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Computed {
    /// The signal.
    pub signal: &'static str,
    /// How its value comes about.
    pub(super) how: fn(&Known) -> Said,
}

const fn row(signal: &'static str, how: fn(&Known) -> Said) -> Computed {
    Computed { signal, how }
}

/// What is computed from what Bedrail holds today. Three more follow from the states themselves (`judged.rs`). Every other
/// signal is unknown until a document shows it.
pub const COMPUTED: &[Computed] = &[
    row("asset.location_unknown", location_unknown),
    row("asset.owner_missing", owner_missing),
    row("device.flat_network", flat_network),
    row("sbom.coverage_pct", bill_coverage),
    row("kev.open_count", known_exploited),
    row("remediation.overdue", actions_overdue),
    row("risk.accepted_expired", accepted_expired),
    row("exposure.open_count", seen_outside),
    row("alert.undispositioned", alerts_waiting),
    row("control_decision.rationale_present_pct", reasons_given),
    row("vendor.ephi_without_baa", |known| office::without_agreement(&known.office)),
    row("baa.expiring_90d", |known| office::ending_soon(&known.office)),
    row("vendor.subcontractor_unattested", |known| office::subcontractors_unattested(&known.office)),
    row("baa.clause_gap_count", |known| office::clause_gaps(&known.office)),
    row("baa.clause.comply", |known| office::clause_comply(&known.office)),
    row("baa.clause.flowdown", |known| office::clause_flowdown(&known.office)),
    row("baa.clause.report", |known| office::clause_report(&known.office)),
    row("baa.notice_days_max", |known| office::notice_days(&known.office)),
    row("complaint.overdue", |known| office::complaints_late(&known.office)),
    row("privacy_request.overdue", |known| office::requests_late(&known.office)),
    row("sanction_log.last_review", |known| office::sanctions_looked_at(&known.office)),
    row("waf.coverage_pct", firewall::coverage),
    row("waf.rules_age_days", firewall::rules_age),
];

/// Whether the chain of the audit log holds: it is walked once a day, not for every page.
pub(super) const CHAIN: &str = "record.integrity_verified";

/// An alert waits for its disposition this long before it counts.
const WAITS: SignedDuration = SignedDuration::from_hours(24);

/// What is known of an organisation at a moment.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) now: Timestamp,
    fleet: Arc<Fleet>,
    data: DataStatus,
    actions: Vec<Action>,
    weaknesses: Vec<Decision>,
    /// `None` where no source of alerts is set up but our own judgement.
    alerts_waiting: Option<u64>,
    chain: Option<KeptFact>,
    people: signals::People,
    /// Vendors and registers.
    pub(super) office: Office,
    firewalls: crate::firewall::Standing,
    pub(super) proofs: Vec<ProofRow>,
    pub(super) decisions: Vec<DecisionRow>,
}

/// Reads what is known now. The audit log is walked where it is looked into deeply; otherwise the last walk counts.
pub(super) async fn known(ctx: &Context, actor: &Actor, deep: bool) -> Result<Known, Error> {
    let now = ctx.clock.now();
    let chain = if deep { Some(walked(ctx, actor, now).await?) } else { None };
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let chain = match chain {
        Some(fact) => Some(fact),
        None => last_walk(&view).await?,
    };
    // Our own findings are a source, too; that they are all there is shows nothing of what other programs see.
    let watches = alerts::sources(&view).await?.iter().any(|source| source.kind != SourceKind::Own.code());
    let alerts_waiting = if watches { Some(rows::alerts_waiting(&view, now - WAITS).await?) } else { None };
    let firewalls = crate::firewall::standing(ctx, &view, &fleet).await?;
    Ok(Known {
        now,
        firewalls,
        fleet,
        data: ctx.data_status(),
        actions: actions::all(&view).await?,
        weaknesses: decisions::all(&view).await?,
        alerts_waiting,
        chain,
        people: signals::read(&view, now.to_zoned(TimeZone::UTC).date()).await?,
        office: Office::read(&view, now).await?,
        proofs: rows::proofs(&view).await?,
        decisions: rows::decisions(&view).await?,
    })
}

async fn walked(ctx: &Context, actor: &Actor, now: Timestamp) -> Result<KeptFact, Error> {
    let (holds, evidence) = match audit::head(ctx, actor).await {
        Ok((chain, _)) => {
            (true, format!("all {} entries of the audit log hold together (/audit)", chain.entries))
        }
        Err(Error::Conflict { message }) => (false, format!("audit log: {message}")),
        Err(error) => return Err(error),
    };
    Ok(KeptFact::of(CHAIN, "Bedrail", Value::Flag(holds), now, evidence))
}

async fn last_walk(view: &bedrail_store::View) -> Result<Option<KeptFact>, Error> {
    let Some(day) = rows::days(view).await?.into_iter().next() else { return Ok(None) };
    let kept = rows::day_of(view, day).await?;
    let facts = kept.map(|row| KeptFact::read_all(&row.facts)).transpose()?.unwrap_or_default();
    Ok(facts.into_iter().find(|fact| fact.signal == CHAIN))
}

impl Known {
    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// The facts that the program computes now.
    pub(super) fn computed(&self) -> Vec<KeptFact> {
        let said = COMPUTED.iter().filter_map(|row| {
            let (value, evidence) = (row.how)(self)?;
            let about = Signal::of(row.signal)?.about;
            Some(KeptFact::of(row.signal, subject_name(about), value, self.now, evidence))
        });
        let people = signals::COMPUTED.iter().filter_map(|(signal, how)| {
            let (value, evidence) = how(&self.people)?;
            let about = Signal::of(signal)?.about;
            Some(KeptFact::of(signal, subject_name(about), value, self.now, evidence))
        });
        said.chain(people).chain(self.chain.clone()).collect()
    }

    /// All that counts now, ready to be judged.
    pub(super) fn judged(&self) -> Result<Judged, Error> {
        Judged::of(&self.computed(), &self.proofs, &self.decisions, Moment::then(self.now))
    }

    fn devices(&self) -> u64 {
        self.fleet.devices.briefs.len() as u64
    }

    /// How many devices are so; nothing where there are no devices.
    fn count(&self, is: impl Fn(&crate::fleet::Brief) -> bool, words: &str, link: &str) -> Said {
        if self.devices() == 0 {
            return None;
        }
        let count = self.fleet.devices.briefs.iter().filter(|device| is(device)).count() as u64;
        Some((Value::Count(count), format!("{count} of {} devices {words} ({link})", self.devices())))
    }
}

/// What a fact of Bedrail's own is about, by the kind of system.
pub(super) const fn subject_name(about: About) -> &'static str {
    match about {
        About::Organisation => "the organisation",
        About::Site => "all sites",
        About::Workforce => "the workforce",
        About::RecordSystem => "all systems with ePHI",
        About::Device => "all medical devices",
        About::Vendor => "all vendors",
        About::Bedrail => "Bedrail",
    }
}

/// A fact about a system, checked.
pub(super) fn fact(kept: &KeptFact, known_at: Timestamp) -> Result<Fact, Error> {
    let signal = Signal::of(&kept.signal);
    let about = signal.map_or(About::Organisation, |signal| signal.about);
    let new = NewFact {
        signal: kept.signal.clone(),
        subject: Subject { about, name: kept.subject.clone() },
        value: kept.value()?,
        observed_at: kept.observed()?,
        known_at,
        about_from: kept.observed()?.to_zoned(TimeZone::UTC).date(),
        about_to: None,
        word: Word::Machine,
        evidence: kept.evidence.clone(),
    };
    new.check().map_err(|error| Error::Internal(Box::new(error)))
}

fn location_unknown(known: &Known) -> Said {
    let places = &known.fleet.devices.places;
    let lost = |device: &crate::fleet::Brief| {
        let place = &places[device.place as usize];
        place.site.is_empty() || place.ward.is_empty()
    };
    known.count(lost, "have no site or no ward", "/devices")
}

fn owner_missing(known: &Known) -> Said {
    known.count(|device| !device.owned, "have no owner", "/devices?owned=false")
}

/// A list that says nothing of the network of some devices shows nothing, unless others are known to stand in a flat one.
fn flat_network(known: &Known) -> Said {
    let said = known.count(
        |device| device.exposure == Exposure::Flat,
        "stand in a flat network",
        "/devices?exposure=flat",
    );
    let untold = known.fleet.devices.briefs.iter().any(|device| device.exposure == Exposure::Unknown);
    said.filter(|(value, _)| *value != Value::Count(0) || !untold)
}

fn bill_coverage(known: &Known) -> Said {
    let of = known.devices();
    let briefs = &known.fleet.devices.briefs;
    let met = briefs.iter().filter(|device| !known.fleet.is_blind(device.class)).count() as u64;
    (of > 0).then(|| {
        (
            Value::Share { met, of },
            format!("{met} of {of} devices run a release with a bill of materials (/releases)"),
        )
    })
}

/// None found is said only where all devices could be judged by whole data.
fn known_exploited(known: &Known) -> Said {
    let fleet = &known.fleet;
    let said = known.count(
        |device| fleet.class(device).known_exploited > 0,
        "have a weakness that is known to be exploited",
        "/priorities",
    );
    let untold =
        |device: &crate::fleet::Brief| fleet.is_blind(device.class) || fleet.class(device).cannot_tell > 0;
    let whole = known.data.complete && !known.data.starter_only && !fleet.devices.briefs.iter().any(untold);
    said.filter(|(value, _)| *value != Value::Count(0) || whole)
}

fn actions_overdue(known: &Known) -> Said {
    let today = known.today();
    let late =
        |action: &&Action| matches!(action.stage(), Stage::Open | Stage::NotShown) && action.due < today;
    let (late, all) = (known.actions.iter().filter(late).count() as u64, known.actions.len());
    (all > 0).then(|| {
        (Value::Count(late), format!("{late} of {all} actions are past their day and not shown (/actions)"))
    })
}

fn accepted_expired(known: &Known) -> Said {
    let today = known.today();
    let accepted = |decision: &&Decision| {
        decision.withdrawn.is_none() && matches!(decision.verdict, Verdict::RiskAccepted { .. })
    };
    let over = |decision: &&Decision| matches!(decision.verdict, Verdict::RiskAccepted { until, .. } if until < today);
    let all = known.weaknesses.iter().filter(accepted).count();
    let over = known.weaknesses.iter().filter(accepted).filter(over).count() as u64;
    (all > 0).then(|| (Value::Count(over), format!("{over} of {all} accepted risks ran out (/decisions)")))
}

/// That nobody was seen shows nothing; who was seen, is.
fn seen_outside(known: &Known) -> Said {
    let seen = known.fleet.devices.seen.len() as u64;
    (seen > 0).then(|| (Value::Count(seen), format!("{seen} devices were seen from outside (/exposure)")))
}

fn alerts_waiting(known: &Known) -> Said {
    let waiting = known.alerts_waiting?;
    Some((
        Value::Count(waiting),
        format!("{waiting} alerts wait for more than 24 hours for somebody to say what they are (/alerts)"),
    ))
}

/// No decision is taken in without its reason.
fn reasons_given(known: &Known) -> Said {
    let of = known.decisions.len() as u64;
    let met = known.decisions.iter().filter(|it| !it.reason.trim().is_empty()).count() as u64;
    (of > 0).then(|| {
        (Value::Share { met, of }, format!("{met} of {of} decisions on measures have a reason (/programme)"))
    })
}

#[cfg(test)]
mod tests {
    use bedrail_comply::signal::Kind;

    use super::*;

    /// What Bedrail does well itself is said of Bedrail alone: nothing is computed about systems that hold records.
    #[test]
    fn only_computed_signals_are_computed_and_none_about_record_systems() {
        for row in COMPUTED {
            let signal = Signal::of(row.signal).unwrap_or_else(|| panic!("{}", row.signal));
            assert!(matches!(signal.kind, Kind::Computed { .. }), "{}", row.signal);
            assert_ne!(signal.about, About::RecordSystem, "{}", row.signal);
        }
        for (name, _) in signals::COMPUTED {
            let signal = Signal::of(name).unwrap_or_else(|| panic!("{name}"));
            assert!(matches!(signal.kind, Kind::Computed { .. }), "{name}");
        }
        assert_eq!(Signal::of(CHAIN).unwrap().about, About::Bedrail);
    }
}
