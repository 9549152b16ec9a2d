//! Incidents and breaches: decisions, clocks, notices and their proofs. All incidents are read in a handful of statements.

use bedrail_comply::breach::Presumption;
use bedrail_comply::signal::Value;
use bedrail_model::incident::{Event, What};
use bedrail_store::View;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Known, Told, unless_untold};
use crate::Error;
use crate::incidents::{Record, Side, notice_lines, standing};

/// How far back incidents count for the days that they stay open.
const YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Steps of the checklist that lessen the harm to people (45 CFR 164.530(f)).
const MITIGATE: &[&str] = &["contain", "wipe", "retrieve", "credentials"];

/// What is known of all incidents.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    /// Incidents.
    all: u64,
    /// Those whose assessment nobody approved.
    undecided: u64,
    /// Days for which those of the last year were or are open, in order.
    open_days: Vec<i64>,
    /// Those in which a breach is presumed.
    presumed: u64,
    /// Of these, those without a measure against the harm.
    without_measure: u64,
    /// Notices that the law wants, sent or not.
    notices: u64,
    /// Of these, those past their outer limit and not sent.
    late: u64,
    /// Of these, those that are still to be sent and within their limit.
    running: u64,
    /// Notices that were sent.
    sent: u64,
    /// Of these, those of which no letter with a proof of sending is kept.
    unproved: u64,
    /// Delays that law enforcement asked for.
    holds: u64,
    /// Of these, those of which there is no statement on record.
    holds_undocumented: u64,
}

impl Incidents {
    pub(super) async fn read(view: &View, side: Side, now: Timestamp) -> Result<Incidents, Error> {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut sum = Incidents::default();
        for record in Record::read_all(view, side).await? {
            sum.take(&record, now, today);
        }
        sum.open_days.sort_unstable();
        Ok(sum)
    }

    fn take(&mut self, record: &Record, now: Timestamp, today: Date) {
        self.all += 1;
        self.undecided += u64::from(record.decision().is_none());
        let incident = &record.incident;
        if incident.opened >= now - YEAR || incident.closed.is_none() {
            let end = incident.closed.as_ref().map_or(now, |closed| closed.at);
            self.open_days.push((end.as_second() - incident.opened.as_second()).max(0) / 86_400);
        }
        if record.clocks.presumption == Presumption::Presumed {
            self.presumed += 1;
            let measure = record.steps.iter().any(|step| MITIGATE.contains(&step.step.as_str()));
            self.without_measure += u64::from(!measure);
            for line in notice_lines(&record.clocks, today) {
                self.notices += 1;
                self.late += u64::from(line.done.is_none() && line.limit < today);
                self.running += u64::from(line.done.is_none() && line.limit >= today);
            }
        }
        self.take_events(record);
    }

    fn take_events(&mut self, record: &Record) {
        let events: &[Event] = &record.events;
        for event in standing(events) {
            match &event.what {
                What::Notified { kind, state, .. } => {
                    let proved = record.letters.iter().any(|letter| {
                        letter.kind == *kind
                            && letter.state == *state
                            && letter.sent.as_ref().is_some_and(|sent| !sent.proof.trim().is_empty())
                    });
                    self.sent += 1;
                    self.unproved += u64::from(!proved);
                }
                What::LawEnforcement { written, documented, .. } => {
                    self.holds += 1;
                    self.holds_undocumented += u64::from(!written && !documented);
                }
                _ => {}
            }
        }
    }
}

const NONE: &str = "no incident is on record (/incidents)";

/// Until somebody says otherwise an incident may be about PHI.
pub(super) fn undecided(known: &Known) -> Vec<Told> {
    let it = &known.incidents;
    if it.all == 0 {
        return Told::unknown(NONE);
    }
    let words = format!(
        "{} of {} incidents have no approved decision on a breach (/incidents)",
        it.undecided, it.all
    );
    Told::all(Value::Count(it.undecided), words)
}

/// The 95th percentile by rank, rounded up: of few incidents the longest.
pub(super) fn open_days(known: &Known) -> Vec<Told> {
    let days = &known.incidents.open_days;
    let rank = (days.len() * 95).div_ceil(100);
    let Some(value) = rank.checked_sub(1).and_then(|at| days.get(at)) else { return Told::unknown(NONE) };
    let words =
        format!("95 of 100 incidents of the last year were open for at most {value} days (/incidents)");
    Told::all(Value::Days(*value), words)
}

pub(super) fn without_measure(known: &Known) -> Vec<Told> {
    let it = &known.incidents;
    if it.presumed == 0 {
        return Told::unknown("in no incident on record a breach is presumed (/incidents)");
    }
    let words = format!(
        "in {} of {} presumed breaches no step against the harm is ticked (/incidents)",
        it.without_measure, it.presumed
    );
    Told::all(Value::Count(it.without_measure), words)
}

pub(super) fn notices_overdue(known: &Known) -> Vec<Told> {
    let it = &known.incidents;
    if it.notices == 0 {
        return Told::unknown("no notice is due by the incidents on record (/incidents)");
    }
    let words =
        format!("{} of {} notices are past their limit and not sent (/incidents)", it.late, it.notices);
    // A notice that still runs shows nothing yet: neither that people were told, nor that they were not.
    let why = || format!("{} notices are still to be sent, within their limits (/incidents)", it.running);
    unless_untold(Told::all(Value::Count(it.late), words), (it.running > 0).then(why))
}

pub(super) fn notices_unproved(known: &Known) -> Vec<Told> {
    let it = &known.incidents;
    if it.sent == 0 {
        return Told::unknown("no notice was sent (/incidents)");
    }
    let words =
        format!("{} of {} notices have no letter with a proof of sending (/incidents)", it.unproved, it.sent);
    Told::all(Value::Count(it.unproved), words)
}

pub(super) fn holds_undocumented(known: &Known) -> Vec<Told> {
    let it = &known.incidents;
    if it.holds == 0 {
        return Told::unknown("law enforcement asked for no delay (/incidents)");
    }
    let words =
        format!("{} of {} delays have no statement on record (/incidents)", it.holds_undocumented, it.holds);
    Told::all(Value::Count(it.holds_undocumented), words)
}
