//! The desk of alerts: decisions, pauses, links, the rota.

use bedrail_app::alerts::decide::Decision;
use bedrail_app::alerts::links::Link;
use bedrail_app::alerts::pause::Pause;
use bedrail_app::alerts::prove::{PauseCount, ShiftWork};
use bedrail_app::alerts::rota::{AbsenceShown, DutyShown, RUNGS, Rota, clock_text, day_name};
use serde::Serialize;
use utoipa::ToSchema;

/// What somebody made of a work item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionOfAlertView {
    /// `attack`, `breach`, `harmless`, `false_alarm`, `unknown`; the last one leaves the clock running.
    verdict: &'static str,
    /// What will be done.
    sentence: String,
    /// RFC 3339.
    at: String,
    /// By whom.
    by: String,
}

impl From<&Decision> for DecisionOfAlertView {
    fn from(it: &Decision) -> DecisionOfAlertView {
        let (sentence, by) = (it.sentence.clone(), it.by.clone());
        DecisionOfAlertView { verdict: it.verdict.code(), sentence, at: it.at.to_string(), by }
    }
}

/// A pause of the clocks of a work item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertPauseView {
    /// `maker`, `ward`, `care`, `window`.
    wait: &'static str,
    /// In a sentence.
    sentence: String,
    /// When it began, RFC 3339.
    begun: String,
    /// When it is over at the latest, RFC 3339.
    until: String,
    /// When it ended, RFC 3339; `null` while it lasts.
    ended: Option<String>,
    /// Who paused it.
    who: String,
}

impl From<&Pause> for AlertPauseView {
    fn from(it: &Pause) -> AlertPauseView {
        AlertPauseView {
            wait: it.wait.row().code,
            sentence: it.sentence.clone(),
            begun: it.span.0.to_string(),
            until: it.span.1.to_string(),
            ended: it.ended.map(|at| at.to_string()),
            who: it.who.clone(),
        }
    }
}

/// What a work item belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertLinkView {
    /// `finding`, `action`, `campaign`, `incident`.
    kind: &'static str,
    /// Its id, or what it is called.
    target: String,
    /// In words.
    text: String,
    /// When it was added, RFC 3339.
    added: String,
    /// By whom.
    by: String,
}

impl From<&Link> for AlertLinkView {
    fn from(it: &Link) -> AlertLinkView {
        AlertLinkView {
            kind: it.kind.code(),
            target: it.target.clone(),
            text: it.text.clone(),
            added: it.added.to_string(),
            by: it.by.clone(),
        }
    }
}

/// A weekly duty.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DutyView {
    /// Id.
    id: String,
    /// The day on which it begins.
    weekday: &'static str,
    /// From when, such as `08:00`.
    from: String,
    /// Until when; an end that is not later is of the day after.
    to: String,
    /// Who has it.
    person: String,
    /// Who stands in.
    deputy: Option<String>,
    /// For the alerts of devices of this site alone.
    site: Option<String>,
    /// For those of this ward alone.
    ward: Option<String>,
}

impl From<&DutyShown> for DutyView {
    fn from(it: &DutyShown) -> DutyView {
        DutyView {
            id: it.id.to_string(),
            weekday: day_name(it.duty.weekday),
            from: clock_text(it.duty.from),
            to: clock_text(it.duty.to),
            person: it.person.clone(),
            deputy: it.deputy.clone(),
            site: it.duty.site.clone(),
            ward: it.duty.ward.clone(),
        }
    }
}

/// An absence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AbsenceView {
    /// Id.
    id: String,
    /// Who is away.
    person: String,
    /// The first day, as an ISO date.
    first: String,
    /// The last day, inclusive.
    last: String,
    /// Who stands in.
    deputy: Option<String>,
}

impl From<&AbsenceShown> for AbsenceView {
    fn from(it: &AbsenceShown) -> AbsenceView {
        AbsenceView {
            id: it.id.to_string(),
            person: it.person.clone(),
            first: it.absence.first.to_string(),
            last: it.absence.last.to_string(),
            deputy: it.deputy.clone(),
        }
    }
}

/// When who is told that nobody has an item, by when to act.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EscalationView {
    /// `immediate`, `out-of-cycle`, `scheduled`, `defer`.
    when: &'static str,
    /// The person on duty, minutes before the time for taking is up.
    on_duty_minutes_before: u32,
    /// The deputy.
    deputy_minutes_before: u32,
    /// All who may handle alerts; again every hour from then on.
    all_minutes_before: u32,
}

/// The rota.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RotaView {
    /// The code of the zone that it is read in.
    zone: &'static str,
    /// Who has duty now for devices of no place in particular.
    on_duty: Option<String>,
    /// Who is told next.
    deputy: Option<String>,
    /// Why, in a sentence.
    why: String,
    /// Duties, by day and time.
    duties: Vec<DutyView>,
    /// Absences that are not over.
    absences: Vec<AbsenceView>,
    /// When who is told.
    escalation: Vec<EscalationView>,
}

impl From<&Rota> for RotaView {
    fn from(it: &Rota) -> RotaView {
        let (on_duty, deputy, why) = it.now.clone();
        let escalation = RUNGS.map(|(when, [first, second, last])| EscalationView {
            when: when.code(),
            on_duty_minutes_before: first,
            deputy_minutes_before: second,
            all_minutes_before: last,
        });
        RotaView {
            zone: it.zone,
            on_duty,
            deputy,
            why,
            duties: it.duties.iter().map(DutyView::from).collect(),
            absences: it.absences.iter().map(AbsenceView::from).collect(),
            escalation: escalation.into(),
        }
    }
}

/// What somebody did in a shift.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShiftWorkView {
    /// Who.
    who: String,
    /// `early` (6 to 14), `late` (14 to 22), `night`, in the zone of the rota.
    shift: &'static str,
    /// Items taken.
    taken: u64,
    /// Items decided.
    decided: u64,
    /// Items closed.
    closed: u64,
}

impl From<&ShiftWork> for ShiftWorkView {
    fn from(it: &ShiftWork) -> ShiftWorkView {
        let [taken, decided, closed] = it.done;
        ShiftWorkView { who: it.who.clone(), shift: it.shift.code(), taken, decided, closed }
    }
}

/// Pauses for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PauseCountView {
    /// `maker`, `ward`, `care`, `window`.
    wait: String,
    /// How many began.
    pauses: u64,
    /// Of how many items.
    items: u64,
    /// Seconds that those which ended lasted.
    lasted_seconds: u64,
}

impl From<&PauseCount> for PauseCountView {
    fn from(it: &PauseCount) -> PauseCountView {
        let lasted_seconds = it.lasted / 1_000_000;
        PauseCountView { wait: it.reason.clone(), pauses: it.pauses, items: it.items, lasted_seconds }
    }
}
