//! From the events of an incident to the clocks of the law: whom it wants told and by when, and how that moved.
//!
//! Days are civil days in UTC: no organisation says its zone yet.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_comply::breach::{
    self, Case, Clocks, Count, Form, Knower, Recipient, Recorded, Role, StateClock, StateRules, Statement,
    Tick,
};
use bedrail_comply::device_report::ReportClocks;
use bedrail_comply::penalty::{Penalties, Tier};
use bedrail_model::incident::{Assessment, Event, Harm, Incident, IncidentKind, KnownBy, LetterKind, What};
use bedrail_model::organisation::OrgKind;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::{Actor, Context, Error, organisations};

/// On which side of a contract, and of the rules on devices, the organisation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// A hospital, or another covered entity.
    CoveredEntity,
    /// Somebody who works for one.
    BusinessAssociate,
    /// A maker of devices.
    Maker,
}

/// The side of the actor's organisation.
pub(crate) async fn side(ctx: &Context, actor: &Actor) -> Result<Side, Error> {
    Ok(Side::of(organisations::present(ctx, actor).await?.kind))
}

impl Side {
    /// The side of a kind of organisation.
    pub(crate) fn of(kind: OrgKind) -> Side {
        match kind {
            OrgKind::BusinessAssociate => Side::BusinessAssociate,
            OrgKind::Maker => Side::Maker,
            OrgKind::CoveredEntity | OrgKind::Hybrid => Side::CoveredEntity,
        }
    }
}

/// Somebody who is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockLine {
    /// The stable code of who: individuals, media, secretary, covered_entity.
    pub recipient: &'static str,
    /// The State, for media.
    pub state: Option<String>,
    /// The house's own target.
    pub target: Date,
    /// The last day in time.
    pub limit: Date,
    /// The last day before any delay for law enforcement.
    pub base: Date,
    /// Nobody is told before this day.
    pub not_before: Option<Date>,
    /// Where the limit stands written.
    pub citation: String,
    /// When it was done.
    pub done: Option<Date>,
    /// Days from today to the limit; negative past it.
    pub days_left: i64,
}

/// The clock of a State.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateLine {
    /// Postal code.
    pub state: String,
    /// Affected residents.
    pub residents: u64,
    /// Its clock.
    pub answer: StateAnswer,
}

/// What is known of a State's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateAnswer {
    /// By a dated row with a citation.
    Due {
        /// The last day.
        on: Date,
        /// The citation.
        citation: String,
    },
    /// By counsel.
    Checked {
        /// The last day; `None` where nothing is due.
        due: Option<Date>,
        /// Who said it.
        by: String,
    },
    /// Nobody knows. It is never taken for the 60 days of HIPAA.
    CannotTell,
}

/// A report on a device that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// To whom.
    pub to: String,
    /// The last day.
    pub due: Date,
    /// Where it stands written.
    pub citation: String,
    /// Days from today; negative past it.
    pub days_left: i64,
}

/// A limit that moved by an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedLine {
    /// Whose, as [`ClockLine::recipient`].
    pub recipient: &'static str,
    /// The State, for media.
    pub state: Option<String>,
    /// Where it stood.
    pub from: Option<Date>,
    /// Where it stands.
    pub to: Option<Date>,
}

/// What one violation of one provision could cost, in US dollars: a range for counsel, no prediction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Penalty {
    /// 1 to 4.
    pub tier: u8,
    /// The least.
    pub least: u64,
    /// The most for one violation.
    pub most: u64,
    /// The most in a calendar year by the rule.
    pub cap: u64,
    /// The same while the notice of 2019 stands.
    pub notice_cap: u64,
}

/// The events that stand: neither corrected nor corrections that only take away.
pub(crate) fn standing(events: &[Event]) -> impl Iterator<Item = &Event> {
    let gone: BTreeSet<u64> = events.iter().filter_map(|event| event.corrects).collect();
    events.iter().filter(move |event| !gone.contains(&event.number) && event.what != What::Withdrawn)
}

/// The newest answer on harm, and when the house became aware of it.
pub(super) fn harm(events: &[Event]) -> Option<(Harm, Date)> {
    standing(events)
        .filter_map(|event| if let What::Harm { harm, on } = event.what { Some((harm, on)) } else { None })
        .last()
}

/// The newest count.
pub(super) fn count(events: &[Event]) -> Option<(u64, &BTreeMap<String, u64>)> {
    let last = standing(events).filter(|event| matches!(event.what, What::Counted { .. })).last()?;
    match &last.what {
        What::Counted { total, by_state } => Some((*total, by_state)),
        _ => None,
    }
}

/// The newest first and last day on which it happened.
pub(super) fn occurred(events: &[Event]) -> Option<(Date, Option<Date>)> {
    standing(events)
        .filter_map(|it| if let What::Occurred { from, to } = it.what { Some((from, to)) } else { None })
        .last()
}

/// Whether a State or territory is one of the list.
pub(super) fn jurisdiction(state: &str) -> Result<(), Error> {
    if JURISDICTIONS.split(' ').any(|it| it == state) {
        return Ok(());
    }
    Err(Error::Invalid {
        message: format!("{state:?} is no State or territory"),
        hint: Some("write its postal code in capital letters, such as OH".into()),
    })
}

/// Postal codes, as the file of State clocks lists them.
const JURISDICTIONS: &str = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC \
                             ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR GU VI AS MP";

fn knower(by: KnownBy) -> Knower {
    match by {
        KnownBy::Entity => Knower::Entity,
        KnownBy::Workforce => Knower::Workforce,
        KnownBy::Wrongdoer => Knower::Wrongdoer,
        KnownBy::Diligence => Knower::Diligence,
    }
}

fn recipient(kind: LetterKind, state: Option<&String>) -> Recipient {
    match (kind, state) {
        (LetterKind::Individual, _) => Recipient::Individuals,
        (LetterKind::Media, state) => Recipient::Media(state.cloned().unwrap_or_default()),
        (LetterKind::Hhs, _) => Recipient::Secretary,
    }
}

/// An event as the rule takes it; `None` where it moves no clock.
fn event(side: Side, what: &What) -> Option<breach::Event> {
    Some(match what {
        What::Occurred { from, .. } => breach::Event::Occurred(*from),
        // The knowledge of an associate's own people starts its clock.
        What::Known { by, on } if side == Side::BusinessAssociate && *by != KnownBy::Wrongdoer => {
            breach::Event::AssociateDiscovered { on: *on, agent: false }
        }
        What::Known { by, on } => breach::Event::Known(knower(*by), *on),
        What::AssociateDiscovered { on, agent } => {
            breach::Event::AssociateDiscovered { on: *on, agent: *agent }
        }
        What::AssociateTold { on } => breach::Event::AssociateTold(*on),
        What::Counted { total, by_state } => {
            let by_state = by_state.clone();
            breach::Event::Counted(Count { entity: String::new(), total: *total, by_state })
        }
        What::LawEnforcement { written, on, until, documented } => breach::Event::LawEnforcement(Statement {
            form: if *written { Form::Written } else { Form::Oral },
            on: *on,
            hold_until: *until,
            documented: *documented,
        }),
        What::Notified { kind, state, on } => {
            breach::Event::Notified { recipient: recipient(*kind, state.as_ref()), on: *on }
        }
        What::Note | What::Withdrawn | What::Harm { .. } | What::StateChecked { .. } => return None,
    })
}

/// An assessment as the rule takes it.
pub(super) fn assessment(it: &Assessment, harm: Option<Harm>) -> breach::Assessment {
    use bedrail_model::incident as ours;
    breach::Assessment {
        harm: harm.map(|harm| match harm {
            Harm::Death => breach::Harm::Death,
            Harm::SeriousInjury => breach::Harm::SeriousInjury,
            Harm::None => breach::Harm::None,
            Harm::NotKnown => breach::Harm::NotKnown,
        }),
        secured: it
            .secured
            .as_ref()
            .map(|(method, key_apart)| breach::Secured { method: method.clone(), key_apart: *key_apart }),
        exception: it.exception.as_ref().map(|(exception, why)| {
            let exception = match exception {
                ours::Exception::GoodFaithWorkforce => breach::Exception::GoodFaithWorkforce,
                ours::Exception::InadvertentInternal => breach::Exception::InadvertentInternal,
                ours::Exception::CouldNotRetain => breach::Exception::CouldNotRetain,
            };
            (exception, why.clone())
        }),
        factors: it
            .factors
            .iter()
            .map(|answer| breach::FactorAnswer {
                factor: match answer.factor {
                    ours::Factor::Nature => breach::Factor::Nature,
                    ours::Factor::Recipient => breach::Factor::Recipient,
                    ours::Factor::AcquiredOrViewed => breach::Factor::AcquiredOrViewed,
                    ours::Factor::Mitigation => breach::Factor::Mitigation,
                },
                answer: answer.answer.clone(),
            })
            .collect(),
        weighed: it.weighed.map(|weighed| match weighed {
            ours::Weighed::LowProbability => breach::Weighed::LowProbability,
            ours::Weighed::NotLow => breach::Weighed::NotLow,
        }),
        reason: it.reason.clone(),
        approver: it.approved.as_ref().map(|approved| approved.by.clone()),
    }
}

fn rules(events: &[Event]) -> Result<StateRules, String> {
    let mut rules = StateRules::embedded().map_err(|error| error.to_string())?;
    for event in standing(events) {
        if let What::StateChecked { state, due } = &event.what {
            let tick = Tick {
                jurisdiction: state.clone(),
                due: *due,
                by: event.author.clone(),
                on: event.at.to_zoned(TimeZone::UTC).date(),
                note: event.note.clone(),
            };
            rules.ticks.insert(state.clone(), tick);
        }
    }
    Ok(rules)
}

/// That law enforcement lets notices go out on a day (45 CFR 164.412).
pub(super) fn not_held(clocks: &Clocks, on: Date) -> Result<(), Error> {
    match clocks.hold_until.filter(|until| on < *until) {
        None => Ok(()),
        Some(until) => Err(Error::Invalid {
            message: format!("law enforcement allows no notice before {until} (45 CFR 164.412)"),
            hint: None,
        }),
    }
}

/// The clocks by events and approved assessments. Drafts move nothing: until somebody approved one, a breach is presumed.
pub(super) fn compute(
    incident: &Incident,
    events: &[Event],
    assessments: &[Assessment],
    side: Side,
) -> Result<Clocks, String> {
    let mut recorded: Vec<Recorded> = standing(events)
        .filter_map(|it| Some(Recorded { at: it.at, event: event(side, &it.what)? }))
        .collect();
    if incident.kind == IncidentKind::Ransomware {
        recorded.push(Recorded { at: incident.opened, event: breach::Event::Ransomware });
    }
    let harm = harm(events).map(|(harm, _)| harm);
    for it in assessments {
        if let Some(approved) = &it.approved {
            let event = breach::Event::Assessed(Box::new(assessment(it, harm)));
            recorded.push(Recorded { at: approved.at, event });
        }
    }
    let role = match side {
        Side::BusinessAssociate => Role::BusinessAssociate,
        Side::CoveredEntity | Side::Maker => Role::CoveredEntity,
    };
    let case = Case { role, ..Case::default() };
    breach::clocks(&case, &recorded, &rules(events)?, &TimeZone::UTC).map_err(|error| error.to_string())
}

fn said(recipient: &Recipient) -> (&'static str, Option<String>) {
    match recipient {
        Recipient::Individuals => ("individuals", None),
        Recipient::Media(state) => ("media", Some(state.clone())),
        Recipient::Secretary => ("secretary", None),
        Recipient::CoveredEntity => ("covered_entity", None),
        Recipient::State(state) => ("state", Some(state.clone())),
    }
}

/// Days from one day to another.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// What is due, the nearest limit first.
pub(crate) fn lines(clocks: &Clocks, today: Date) -> Vec<ClockLine> {
    let line = |due: &breach::Due| {
        let (recipient, state) = said(&due.recipient);
        ClockLine {
            recipient,
            state,
            target: due.target,
            limit: due.limit,
            base: due.base,
            not_before: due.not_before,
            citation: due.citation.to_owned(),
            done: due.done,
            days_left: days_between(today, due.limit),
        }
    };
    let mut lines: Vec<ClockLine> = clocks.due.iter().map(line).collect();
    lines.sort_by_key(|line| (line.done.is_some(), line.limit));
    lines
}

/// The clocks of affected States.
pub(super) fn state_lines(clocks: &Clocks, events: &[Event]) -> Vec<StateLine> {
    let residents = count(events).map(|(_, by_state)| by_state);
    let line = |(state, clock): (&String, &StateClock)| StateLine {
        state: state.clone(),
        residents: residents.and_then(|all| all.get(state)).copied().unwrap_or_default(),
        answer: match clock {
            StateClock::Due { on, citation } => StateAnswer::Due { on: *on, citation: citation.clone() },
            StateClock::Ticked(tick) => StateAnswer::Checked { due: tick.due, by: tick.by.clone() },
            StateClock::CannotTell => StateAnswer::CannotTell,
        },
    };
    clocks.states.iter().map(line).collect()
}

/// What each event moved, by its number. What was due then is computed from what was known then.
pub(super) fn moves(incident: &Incident, events: &[Event], side: Side) -> BTreeMap<u64, Vec<MovedLine>> {
    let mut before: BTreeMap<(&'static str, Option<String>), Date> = BTreeMap::new();
    let mut all = BTreeMap::new();
    for end in 1..=events.len() {
        let Ok(clocks) = compute(incident, &events[..end], &[], side) else { continue };
        let now: BTreeMap<_, _> = clocks.due.iter().map(|due| (said(&due.recipient), due.limit)).collect();
        let keys: BTreeSet<_> = before.keys().chain(now.keys()).cloned().collect();
        let moved = keys.into_iter().filter_map(|key| {
            let (from, to) = (before.get(&key).copied(), now.get(&key).copied());
            let (recipient, state) = key;
            (from != to).then_some(MovedLine { recipient, state, from, to })
        });
        all.insert(events[end - 1].number, moved.collect());
        before = now;
    }
    all
}

/// Reports on devices that are due where somebody was harmed, and whether counsel has checked the rows.
///
/// # Errors
/// The fault of our own rows.
pub(super) fn reports(
    events: &[Event],
    side: Side,
    today: Date,
) -> Result<(Vec<ReportLine>, String), String> {
    let rows = ReportClocks::embedded().map_err(|fault| fault.to_string())?;
    let mut lines = Vec::new();
    if let Some((harm @ (Harm::Death | Harm::SeriousInjury), on)) = harm(events) {
        let wanted: &[(&str, &str)] = match (side, harm) {
            (Side::Maker, _) => {
                &[("maker", "death_injury_or_malfunction"), ("maker", "remedial_action_or_request")]
            }
            (_, Harm::Death) => &[("user_facility", "death"), ("user_facility", "any_report_in_year")],
            _ => &[("user_facility", "serious_injury"), ("user_facility", "any_report_in_year")],
        };
        for row in wanted.iter().flat_map(|(who, when)| rows.of(who, when)) {
            let due = row.due(on, &[]);
            lines.push(ReportLine {
                to: row.to.clone(),
                due,
                citation: row.citation.clone(),
                days_left: days_between(today, due),
            });
        }
    }
    lines.sort_by_key(|line| line.due);
    Ok((lines, rows.counsel))
}

/// What one violation of one provision could cost, by tier; or why that cannot be told.
pub(super) fn penalties(events: &[Event], today: Date) -> Result<Vec<Penalty>, String> {
    let table = Penalties::embedded().map_err(|fault| fault.to_string())?;
    let (from, to) = occurred(events).ok_or("nobody said when it happened")?;
    let tiers = [Tier::NoKnowledge, Tier::ReasonableCause, Tier::NeglectCorrected, Tier::NeglectUncorrected];
    let of = |tier: Tier| -> Result<Penalty, String> {
        let exposure =
            table.exposure(tier, 1, to.unwrap_or(from), today).map_err(|error| error.to_string())?;
        Ok(Penalty {
            tier: tier.number(),
            least: exposure.amounts.min,
            most: exposure.amounts.max,
            cap: exposure.amounts.cap,
            notice_cap: exposure.amounts.notice_cap,
        })
    };
    tiers.into_iter().map(of).collect()
}
