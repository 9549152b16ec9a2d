//! Facts out of what Bedrail knows: one table, a row for each signal, and small functions in files by subject. Where Bedrail
//! cannot know, a function says why, and the signal is unknown for that reason; nothing that Bedrail does well itself is said
//! of another system.
//!
//! To feed a further signal: a row in [`FED`], a function in the file of its subject, and, where what it needs is not read yet,
//! a field of [`Known`] with the statement that fills it. Signals whose facts come later stand in [`LATER`], each with its reason.

mod alerts;
mod decided;
mod incidents;
mod inventory;
mod later;
mod risks;
mod weaknesses;
mod written;

mod firewall;

use std::sync::Arc;

use bedrail_comply::fact::{Fact, NewFact, Subject, Word};
use bedrail_comply::signal::{About, Signal, Value};
use bedrail_comply::state::Moment;
use bedrail_model::action::Action;
use bedrail_model::data_status::DataStatus;
use bedrail_model::decision::Decision;
use bedrail_store::programme::{self as rows, DecisionRow, ProofRow};
use bedrail_store::{actions, decisions};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::day::KeptFact;
use super::judged::Judged;
use super::office::{self, Office};
use crate::fleet::Fleet;
use crate::rights::Right;
use crate::workforce::signals;
use crate::{Actor, Context, Error, audit};

pub use later::LATER;

/// What is said of one system by a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// The system; `None` for all of them together.
    pub(super) system: Option<String>,
    /// The value; `None` where it is not known.
    pub(super) value: Option<Value>,
    /// Where to look; where there is no value, why not.
    pub(super) why: String,
}

impl Told {
    /// A value of all systems together.
    pub(super) fn all(value: Value, evidence: impl Into<String>) -> Vec<Told> {
        vec![Told { system: None, value: Some(value), why: evidence.into() }]
    }

    /// A value of one system.
    pub(super) fn of(system: impl Into<String>, value: Value, evidence: impl Into<String>) -> Told {
        Told { system: Some(system.into()), value: Some(value), why: evidence.into() }
    }

    /// Nothing is known, and this is why.
    pub(super) fn unknown(why: impl Into<String>) -> Vec<Told> {
        vec![Told { system: None, value: None, why: why.into() }]
    }
}

/// What one function says of all systems together, with where to look; `None` where it cannot say.
pub(super) type Said = Option<(Value, String)>;

/// What is said, or why nothing is.
fn told(said: Said, why_not: &str) -> Vec<Told> {
    said.map_or_else(|| Told::unknown(why_not), |(value, words)| Told::all(value, words))
}

const NO_PEOPLE: &str = "nobody has counted it yet: nothing of it is kept, or the night's count is still to come (/roster, /policies)";
const NO_VENDORS: &str = "no vendor is written down of whom it could be told (/vendors)";
const NO_NOTICE_DAYS: &str = "a vendor that holds ePHI has no agreement in force, or an agreement names no days for telling (/vendors)";
const NO_WORD_OF_SUBCONTRACTORS: &str =
    "no vendor names a subcontractor, or not each of those that do confirmed their agreements (/vendors)";
const NO_ENTRIES: &str = "nothing is written down in its register (/registers)";
const NO_FIREWALLS: &str =
    "no firewall is registered, or not of every device is it known whether it faces the outside (/firewall)";
const NO_RULES: &str =
    "no firewall before a device that faces the outside says how old its rules are (/firewall)";

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Fed {
    /// The signal.
    pub signal: &'static str,
    /// What is told of its systems, each of them once.
    pub(super) from: fn(&Known) -> Vec<Told>,
}

const fn row(signal: &'static str, from: fn(&Known) -> Vec<Told>) -> Fed {
    Fed { signal, from }
}

/// What is computed from what Bedrail holds. [`FOLLOWING`] come about elsewhere. A signal may have several rows: their systems
/// are then told apart by name, and of one system the worst counts.
pub const FED: &[Fed] = &[
    row("asset.location_unknown", inventory::location_unknown),
    row("asset.owner_missing", inventory::owner_missing),
    row("asset.not_seen_days", inventory::not_seen),
    row("asset.criticality_set_pct", inventory::criticality),
    row("device.flat_network", inventory::flat_network),
    row("os.unsupported_count", inventory::unsupported),
    row("sbom.coverage_pct", inventory::bill_coverage),
    row("scan.age_days", inventory::bill_age),
    row("exposure.open_count", inventory::seen_outside),
    row("exposure.scanned_pct", inventory::outside_looked_into),
    row("kev.open_count", weaknesses::known_exploited),
    row("remediation.overdue", weaknesses::actions_overdue),
    row("risk.accepted_expired", weaknesses::accepted_expired),
    row("mttr_days_by_severity", weaknesses::days_to_fix),
    row("risk_analysis.age_days", risks::age),
    row("risk_analysis.asset_coverage_pct", risks::coverage),
    row("risk_analysis.judged_pct", risks::judged),
    row("asset.count_with_ephi", risks::with_patient_data),
    row("finding.open_without_risk", risks::findings_outside),
    row("asset_change_since_review", risks::unchanged),
    row("alert.undispositioned", alerts::waiting),
    row("control_decision.rationale_present_pct", decided::reasons_documented),
    row("control.review_overdue", decided::measures_overdue),
    row("incident.without_breach_decision", incidents::undecided),
    row("incident.open_days_p95", incidents::open_days),
    row("incident.without_mitigation", incidents::without_measure),
    row("breach.notice_overdue", incidents::notices_overdue),
    row("breach.letter_unproved", incidents::notices_unproved),
    row("breach.hold_undocumented", incidents::holds_undocumented),
    row("access_review.overdue", written::access_reviews),
    row("facility.access_review_overdue", written::room_reviews),
    row("visitor_log.gap", written::visitor_gaps),
    row("vendor_session.unsupervised", written::unwatched_sessions),
    row("asset.retired_without_sanitization", written::retired_unwiped),
    row("asset.reassigned_without_wipe", written::handed_on_unwiped),
    row("asset_move.without_backup", written::moved_without_copy),
    row("downtime_drill.age_days", written::downtime_drills),
    row("contingency_test.age_days", written::contingency_tests),
    row("ir_exercise.age_days", written::incident_exercises),
    row("ir_plan.age_days", written::plan_age),
    row("log_review.overdue", written::log_reviews),
    row("reminder.days_since_last", written::reminders),
    row("role.security_official.filled", written::security_official),
    row("role.privacy_official.filled", written::privacy_official),
    row("role.privacy_contact.filled", written::privacy_contact),
    row("org.hipaa_role_set", written::roles_recorded),
    row("org.is_clearinghouse", written::is_clearinghouse),
    row("org.group_health_plan", written::has_group_health_plan),
    row("vendor.ephi_without_baa", |known| told(office::without_agreement(&known.office), NO_VENDORS)),
    row("baa.expiring_90d", |known| told(office::ending_soon(&known.office), NO_VENDORS)),
    row("vendor.subcontractor_unattested", |known| {
        told(office::subcontractors_unattested(&known.office), NO_VENDORS)
    }),
    row("vendor.subcontractor_without_baa", |known| {
        told(office::subcontractors_without_agreement(&known.office), NO_WORD_OF_SUBCONTRACTORS)
    }),
    row("baa.clause_gap_count", |known| told(office::clause_gaps(&known.office), NO_VENDORS)),
    row("baa.clause.comply", |known| told(office::clause_comply(&known.office), NO_VENDORS)),
    row("baa.clause.flowdown", |known| told(office::clause_flowdown(&known.office), NO_VENDORS)),
    row("baa.clause.report", |known| told(office::clause_report(&known.office), NO_VENDORS)),
    row("baa.notice_days_max", |known| told(office::notice_days(&known.office), NO_NOTICE_DAYS)),
    row("complaint.overdue", |known| told(office::complaints_late(&known.office), NO_ENTRIES)),
    row("privacy_request.overdue", |known| told(office::requests_late(&known.office), NO_ENTRIES)),
    row("sanction_log.last_review", |known| told(office::sanctions_looked_at(&known.office), NO_ENTRIES)),
    row("waf.coverage_pct", |known| told(firewall::coverage(known), NO_FIREWALLS)),
    row("waf.rules_age_days", |known| told(firewall::rules_age(known), NO_RULES)),
];

/// Signals that come about elsewhere: the walk along the audit log, once a day, and what follows from the states themselves
/// (`judged.rs`).
pub const FOLLOWING: &[&str] = &[CHAIN, "addressable.decided_pct", "addressable.overdue_review"];

/// Whether the chain of the audit log holds: it is walked once a day, not for every page.
pub(super) const CHAIN: &str = "record.integrity_verified";

/// What is known of an organisation at a moment. Each subject reads its own part, in statements whose number does not grow with
/// what they read.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) now: Timestamp,
    fleet: Arc<Fleet>,
    data: DataStatus,
    actions: Vec<Action>,
    weaknesses: Vec<Decision>,
    inventory: inventory::Inventory,
    fixed: Vec<weaknesses::Fixed>,
    alerts: alerts::Alerts,
    incidents: incidents::Incidents,
    written: Vec<bedrail_store::written::WrittenRow>,
    answers: Vec<bedrail_store::self_answers::SelfAnswerRow>,
    chain: Option<KeptFact>,
    people: signals::People,
    /// Vendors and registers.
    pub(super) office: Office,
    firewalls: crate::firewall::Standing,
    /// The newest signed risk analysis.
    risks: Option<crate::risk_analysis::Covered>,
    /// Devices that a list wrote something of since it was signed.
    changed_since_signing: u64,
    /// What was said of what products hold, in the order in which it was said.
    holdings: Vec<bedrail_store::risk::HoldingRow>,
    /// The plan for incidents, as in force.
    plan: Vec<crate::response::EntryRow>,
    pub(super) proofs: Vec<ProofRow>,
    pub(super) decisions: Vec<DecisionRow>,
}

/// Reads what is known now. The audit log is walked where it is looked into deeply; otherwise the last walk counts.
pub(super) async fn known(ctx: &Context, actor: &Actor, deep: bool) -> Result<Known, Error> {
    let now = ctx.clock.now();
    let chain = if deep { Some(walked(ctx, actor, now).await?) } else { None };
    let side = crate::incidents::side(ctx, actor).await?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let chain = match chain {
        Some(fact) => Some(fact),
        None => last_walk(&view).await?,
    };
    let actions = actions::all(&view).await?;
    let risks = crate::risk_analysis::newest(ctx, &view, &fleet).await?;
    let changed_since_signing = match &risks {
        Some(last) => bedrail_store::signals::devices_listed_since(&view, last.signed.at).await?,
        None => 0,
    };
    Ok(Known {
        now,
        firewalls: crate::firewall::standing(ctx, &view, &fleet).await?,
        risks,
        changed_since_signing,
        holdings: bedrail_store::risk::holdings(&view).await?,
        plan: crate::response::entries(&view).await?,
        data: ctx.data_status(),
        weaknesses: decisions::all(&view).await?,
        inventory: inventory::Inventory::read(ctx, &view, &fleet, now).await?,
        fixed: weaknesses::fixed(&view, &actions, now).await?,
        alerts: alerts::Alerts::read(&view, now).await?,
        incidents: incidents::Incidents::read(&view, side, now).await?,
        written: bedrail_store::written::all(&view).await?,
        answers: bedrail_store::self_answers::all(&view).await?,
        chain,
        people: signals::read(&view, now.to_zoned(TimeZone::UTC).date()).await?,
        office: Office::read(&view, now).await?,
        proofs: rows::proofs(&view).await?,
        decisions: rows::decisions(&view).await?,
        fleet,
        actions,
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
    let Some(row) = rows::last_day(view).await? else { return Ok(None) };
    Ok(KeptFact::read_all(&row.facts)?.into_iter().find(|fact| fact.signal == CHAIN))
}

impl Known {
    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// The facts that the program computes now, and what it cannot say, with the reason.
    pub(super) fn computed(&self) -> Vec<KeptFact> {
        let mut facts: Vec<KeptFact> = self.chain.iter().cloned().collect();
        for row in FED {
            let Some(signal) = Signal::of(row.signal) else { continue };
            for told in (row.from)(self) {
                let system = told.system.as_deref().unwrap_or(subject_name(signal.about));
                facts.push(match told.value {
                    Some(value) => KeptFact::of(row.signal, system, value, self.now, told.why),
                    None => KeptFact::unknown(row.signal, system, self.now, told.why),
                });
            }
        }
        for (signal, how) in signals::COMPUTED {
            let Some(about) = Signal::of(signal).map(|signal| signal.about) else { continue };
            let system = subject_name(about);
            facts.push(match how(&self.people) {
                Some((value, evidence)) => KeptFact::of(signal, system, value, self.now, evidence),
                None => KeptFact::unknown(signal, system, self.now, NO_PEOPLE.to_owned()),
            });
        }
        facts
    }

    /// All that counts now, ready to be judged.
    pub(super) fn judged(&self) -> Result<Judged, Error> {
        Judged::of(&self.computed(), &self.proofs, &self.decisions, &self.answers, Moment::then(self.now))
    }

    fn devices(&self) -> u64 {
        self.fleet.devices.briefs.len() as u64
    }

    /// How many devices are so; unknown where there are no devices.
    fn count(&self, is: impl Fn(&crate::fleet::Brief) -> bool, words: &str, link: &str) -> Vec<Told> {
        if self.devices() == 0 {
            return Told::unknown(NO_DEVICES);
        }
        let count = self.fleet.devices.briefs.iter().filter(|device| is(device)).count() as u64;
        Told::all(Value::Count(count), format!("{count} of {} devices {words} ({link})", self.devices()))
    }
}

/// Why nothing is said of devices.
const NO_DEVICES: &str = "no device list was brought yet (/devices)";

/// That nothing is counted is only said where all could be counted; otherwise it is unknown, and this is why.
fn unless_untold(told: Vec<Told>, untold: Option<String>) -> Vec<Told> {
    match untold {
        Some(why) if told.iter().all(|it| it.value == Some(Value::Count(0))) => Told::unknown(why),
        _ => told,
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bedrail_comply::signal::{Kind, SIGNALS};

    use super::*;

    /// What Bedrail does well itself is said of Bedrail alone: what is computed about systems that hold records comes from what
    /// people wrote down of those systems.
    #[test]
    fn only_computed_signals_are_computed_and_none_about_record_systems() {
        for row in FED {
            let signal = Signal::of(row.signal).unwrap_or_else(|| panic!("{}", row.signal));
            assert!(matches!(signal.kind, Kind::Computed { .. }), "{}", row.signal);
            assert!(
                signal.about != About::RecordSystem || WRITTEN_OF.contains(&row.signal),
                "{}",
                row.signal
            );
            assert_ne!(signal.about, About::Bedrail, "{}: Bedrail's own are noted by the day", row.signal);
        }
        for (name, _) in signals::COMPUTED {
            let signal = Signal::of(name).unwrap_or_else(|| panic!("{name}"));
            assert!(matches!(signal.kind, Kind::Computed { .. }), "{name}");
        }
        assert_eq!(Signal::of(CHAIN).unwrap().about, About::Bedrail);
    }

    /// Signals about record systems whose facts people write down, system by system.
    const WRITTEN_OF: &[&str] = &["access_review.overdue", "log_review.overdue"];

    #[test]
    fn every_computed_signal_is_fed_or_says_why_its_facts_come_later() {
        let people = signals::COMPUTED.iter().map(|(signal, _)| *signal);
        let fed: BTreeSet<&str> =
            FED.iter().map(|row| row.signal).chain(FOLLOWING.iter().copied()).chain(people).collect();
        let later: BTreeSet<&str> = LATER.iter().map(|(signal, _)| *signal).collect();
        assert_eq!(later.len(), LATER.len(), "none twice");
        for signal in SIGNALS.iter().filter(|it| matches!(it.kind, Kind::Computed { .. })) {
            let (is_fed, is_later) = (fed.contains(signal.id), later.contains(signal.id));
            assert!(is_fed != is_later, "{}: fed {is_fed}, later {is_later}", signal.id);
        }
        for (signal, reason) in LATER {
            assert!(Signal::of(signal).is_some() && !reason.is_empty(), "{signal}");
        }
    }
}
