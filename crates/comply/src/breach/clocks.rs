//! The clocks of a case, as of its events.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use bedrail_model::clock::{Clock, Length, Rule};

use super::states::{StateClock, StateRules};
use super::{
    Assessment, BadEvent, Case, Count, Event, Judgement, LARGE, MEDIA_ABOVE, OUTER_LIMIT_DAYS, Recorded,
    Role, Statement, discovery, hold,
};

/// Who is to be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipient {
    /// Each affected individual (164.404).
    Individuals,
    /// Prominent media of a State or jurisdiction (164.406).
    Media(String),
    /// The Secretary of HHS (164.408).
    Secretary,
    /// The covered entity, by its business associate (164.410).
    CoveredEntity,
    /// Whom the law of a State names.
    State(String),
}

/// How the Secretary is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// When the individuals are told (164.408(b)).
    Immediate,
    /// Once a year, with the log of small breaches (164.408(c)).
    Annual,
}

/// Whether it is presumed to be a breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presumption {
    /// It is, until an assessment shows a low probability of compromise (164.402(2)).
    Presumed,
    /// An assessment, an exception or secured PHI says that nobody is to be told. The record is kept (164.414(b)).
    NotNotifiable,
}

/// Something due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Who is to be told.
    pub recipient: Recipient,
    /// The house's own target; comes first.
    pub target: Date,
    /// The outer limit, inclusive: the last day in time.
    pub limit: Date,
    /// The outer limit before any law-enforcement delay.
    pub base: Date,
    /// Nobody is told before this day.
    pub not_before: Option<Date>,
    /// What the limit rests on.
    pub citation: &'static str,
    /// When it was done.
    pub done: Option<Date>,
}

impl Due {
    /// The day of the week of the limit, so that people act before a weekend: the date does not move.
    pub fn weekday(&self) -> Weekday {
        self.limit.weekday()
    }

    /// Whether it is past its limit on a day.
    pub fn is_over(&self, today: Date) -> bool {
        self.done.unwrap_or(today) > self.limit
    }

    /// As a clock of the house: target first, limit second. The limit is a fixed day, for it is computed here, delay and all.
    pub fn clock(&self, discovered: Date, zone: &TimeZone) -> Option<Clock> {
        let moment = |day: Date| day.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
        Some(Clock {
            started: moment(discovered)?,
            rule: Rule {
                target: Length::On(self.target),
                limit: Some(Length::On(self.limit)),
                citation: Some(self.citation.to_owned()),
            },
            holds: Vec::new(),
            stopped: self.done.and_then(moment),
        })
    }
}

/// What a case asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clocks {
    /// The day of discovery, where it is known, and where it comes from.
    pub discovered: Option<(Date, &'static str)>,
    /// Whether it is presumed to be a breach.
    pub presumption: Presumption,
    /// Why.
    pub judgement: Judgement,
    /// Whether it is a security incident in any case (164.304).
    pub security_incident: bool,
    /// How many are affected, where somebody counted.
    pub affected: Option<u64>,
    /// How many of them have no State on record: whose media and whose law are not known.
    pub without_state: u64,
    /// How the Secretary is told, where somebody counted.
    pub route: Option<Route>,
    /// The first day on which notice is allowed again.
    pub hold_until: Option<Date>,
    /// What is due, by recipient. Empty where nobody is to be told.
    pub due: Vec<Due>,
    /// The clocks of affected States.
    pub states: BTreeMap<String, StateClock>,
}

impl Clocks {
    /// What is due to a recipient.
    pub fn to(&self, recipient: &Recipient) -> Option<&Due> {
        self.due.iter().find(|due| due.recipient == *recipient)
    }
}

/// What the events say, gathered.
struct Gathered<'a> {
    discovered: Option<(Date, &'static str)>,
    associate: Option<Date>,
    count: Option<&'a Count>,
    statements: Vec<Statement>,
    assessment: Option<&'a Assessment>,
    ransomware: bool,
    notified: BTreeMap<Recipient, Date>,
}

/// The clocks of a case of one covered entity.
///
/// # Errors
/// [`BadEvent`] for dates ahead of the moment at which they were recorded, discovery before occurrence, counts that do
/// not add up.
pub fn clocks(
    case: &Case,
    events: &[Recorded],
    states: &StateRules,
    zone: &TimeZone,
) -> Result<Clocks, BadEvent> {
    check(case, events, zone)?;
    let gathered = gather(case, events);
    let judgement = gathered.assessment.map_or_else(Judgement::unassessed, Assessment::judge);
    let notifiable = judgement.notifiable;
    let hold_until = hold::until(&gathered.statements);
    let affected = gathered.count.map(|count| count.total);
    let route = affected.map(|total| if total >= LARGE { Route::Immediate } else { Route::Annual });
    let mut due = if notifiable { all_due(case, &gathered, route) } else { Vec::new() };
    for it in &mut due {
        it.base = it.limit;
        if let Some(until) = hold_until {
            // The rule says to delay for the time stated and gives no days back: the later of the two, and no later.
            it.limit = it.limit.max(until);
            it.target = it.target.max(until);
            it.not_before = Some(until);
        }
        it.done = gathered.notified.get(&it.recipient).copied();
    }
    let by_state = gathered.count.map(|count| &count.by_state).filter(|_| notifiable);
    let discovered = gathered.discovered.map(|(on, _)| on);
    Ok(Clocks {
        discovered: gathered.discovered,
        presumption: if notifiable { Presumption::Presumed } else { Presumption::NotNotifiable },
        judgement,
        security_incident: gathered.ransomware || gathered.discovered.is_some(),
        affected,
        without_state: gathered.count.map_or(0, |count| count.total.saturating_sub(residents(count))),
        route,
        hold_until,
        due,
        states: by_state.map(|by_state| states.of(by_state.keys(), discovered)).unwrap_or_default(),
    })
}

/// The clocks of each covered entity of one event at a business associate: each counts its own people.
///
/// # Errors
/// As [`clocks`].
pub fn per_entity(
    case: &Case,
    events: &[Recorded],
    states: &StateRules,
    zone: &TimeZone,
) -> Result<BTreeMap<String, Clocks>, BadEvent> {
    let entities: std::collections::BTreeSet<&str> = events
        .iter()
        .filter_map(
            |it| if let Event::Counted(count) = &it.event { Some(count.entity.as_str()) } else { None },
        )
        .collect();
    let of = |entity: &str| {
        let theirs = |it: &&Recorded| !matches!(&it.event, Event::Counted(count) if count.entity != entity);
        let events: Vec<Recorded> = events.iter().filter(theirs).cloned().collect();
        clocks(case, &events, states, zone)
    };
    entities.into_iter().map(|entity| Ok((entity.to_owned(), of(entity)?))).collect()
}

fn gather<'a>(case: &Case, events: &'a [Recorded]) -> Gathered<'a> {
    let mut gathered = Gathered {
        discovered: discovery::discovered(case.role, events.iter().map(|it| &it.event)),
        associate: None,
        count: None,
        statements: Vec::new(),
        assessment: None,
        ransomware: false,
        notified: BTreeMap::new(),
    };
    let mut in_order: Vec<&Recorded> = events.iter().collect();
    in_order.sort_by_key(|it| it.at);
    for it in in_order {
        match &it.event {
            Event::AssociateDiscovered { on, .. } => {
                gathered.associate = Some(gathered.associate.map_or(*on, |before| before.min(*on)));
            }
            // The newest count and the newest assessment count.
            Event::Counted(count) => gathered.count = Some(count),
            Event::Assessed(assessment) => gathered.assessment = Some(assessment),
            Event::LawEnforcement(statement) => gathered.statements.push(statement.clone()),
            Event::Ransomware => gathered.ransomware = true,
            Event::Notified { recipient, on } => {
                // The first notice is the one that stops the clock.
                let first = gathered.notified.entry(recipient.clone()).or_insert(*on);
                *first = (*first).min(*on);
            }
            // What 164.410 asks of the associate is done on the day on which the covered entity was told.
            Event::AssociateTold(on) => {
                let first = gathered.notified.entry(Recipient::CoveredEntity).or_insert(*on);
                *first = (*first).min(*on);
            }
            Event::Occurred(_) | Event::Known(..) => {}
        }
    }
    gathered
}

fn all_due(case: &Case, gathered: &Gathered<'_>, route: Option<Route>) -> Vec<Due> {
    let target_days = case.target_days.clamp(0, OUTER_LIMIT_DAYS);
    let due = |recipient: Recipient, limit: Date, target: Date, citation: &'static str| Due {
        recipient,
        target: target.min(limit),
        limit,
        base: limit,
        not_before: None,
        citation,
        done: None,
    };
    let mut all = Vec::new();
    if let Some(on) = gathered.associate {
        let law = after(on, OUTER_LIMIT_DAYS);
        // The earlier of contract and law; a contract cannot lengthen the law.
        let by_contract = case.contract_days.map(|days| after(on, days.max(0)));
        let limit = by_contract.map_or(law, |contract| contract.min(law));
        let citation = if limit < law { "the contract (45 CFR 164.504(e))" } else { "45 CFR 164.410(b)" };
        all.push(due(Recipient::CoveredEntity, limit, after(on, target_days), citation));
    }
    let Some((on, _)) = gathered.discovered.filter(|_| case.role == Role::CoveredEntity) else { return all };
    let (limit, target) = (after(on, OUTER_LIMIT_DAYS), after(on, target_days));
    all.push(due(Recipient::Individuals, limit, target, "45 CFR 164.404(b)"));
    match route {
        Some(Route::Immediate) => all.push(due(Recipient::Secretary, limit, target, "45 CFR 164.408(b)")),
        Some(Route::Annual) => {
            let limit = annual(on.year());
            all.push(due(Recipient::Secretary, limit, target, "45 CFR 164.408(c)"));
        }
        // Nobody counted: cannot tell by which route.
        None => {}
    }
    let states = gathered.count.iter().flat_map(|count| &count.by_state);
    for (state, _) in states.filter(|(_, residents)| **residents > MEDIA_ABOVE) {
        all.push(due(Recipient::Media(state.clone()), limit, target, "45 CFR 164.406(b)"));
    }
    all
}

/// The last day for the yearly report: 60 days after the end of the calendar year of discovery, 1 March, or 29 February where
/// the deadline's year is a leap year.
pub(super) fn annual(year_of_discovery: i16) -> Date {
    Date::new(year_of_discovery, 12, 31).map_or(Date::MAX, |end| after(end, OUTER_LIMIT_DAYS))
}

fn after(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

/// What takes the place of letters where addresses are out of date (164.404(d)(2)).
pub fn substitute_notice(out_of_date: u64) -> Option<&'static str> {
    match out_of_date {
        0 => None,
        1..10 => Some("alternative written, telephone or other means"),
        _ => Some(
            "website home page for 90 days or major print/broadcast media, plus toll-free number active at least 90 days",
        ),
    }
}

fn check(case: &Case, events: &[Recorded], zone: &TimeZone) -> Result<(), BadEvent> {
    let today = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let mut occurred: Option<Date> = None;
    for it in events {
        let (what, on) = match &it.event {
            Event::Occurred(on) => {
                // The newest says it.
                occurred = Some(*on);
                ("the breach", *on)
            }
            Event::Known(_, on) => ("the discovery", *on),
            Event::AssociateDiscovered { on, .. } => ("the discovery by the business associate", *on),
            Event::AssociateTold(on) => ("the notice of the business associate", *on),
            Event::Notified { on, .. } => ("a notice", *on),
            Event::LawEnforcement(statement) => {
                if let Some(until) = statement.hold_until.filter(|until| *until < statement.on) {
                    return Err(BadEvent::Delay { statement: statement.on, until });
                }
                ("the statement of law enforcement", statement.on)
            }
            Event::Counted(count) => {
                let states = residents(count);
                if states > count.total {
                    return Err(BadEvent::Counts { states, total: count.total });
                }
                continue;
            }
            Event::Ransomware | Event::Assessed(_) => continue,
        };
        if on > today(it.at) {
            return Err(BadEvent::Future { what, on, today: today(it.at) });
        }
    }
    let discovered = discovery::discovered(case.role, events.iter().map(|it| &it.event));
    if let Some((occurred, (discovered, _))) =
        occurred.zip(discovered).filter(|(before, (on, _))| on < before)
    {
        return Err(BadEvent::Before { discovered, occurred });
    }
    let associate = events.iter().filter_map(|it| match it.event {
        Event::AssociateDiscovered { on, .. } => Some(on),
        _ => None,
    });
    let told = events.iter().filter_map(|it| match it.event {
        Event::AssociateTold(on) => Some(on),
        _ => None,
    });
    match (associate.min(), told.min()) {
        (Some(discovered), Some(told)) if told < discovered => Err(BadEvent::Told { told, discovered }),
        _ => Ok(()),
    }
}

fn residents(count: &Count) -> u64 {
    count.by_state.values().fold(0, |sum, state| sum.saturating_add(*state))
}
