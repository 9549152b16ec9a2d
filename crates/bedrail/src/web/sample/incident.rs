//! An incident with hostile words wherever somebody writes.

use bedrail_app::incidents::{
    AlertLine, CHECKLIST, ClockLine, DeviceLine, EventLine, IncidentDetail, MovedLine, Penalty, PrefillLine,
    ReportLine, StateAnswer, StateLine, StepLine,
};
use bedrail_model::ids::{AlertItemId, DeviceId, IncidentId};
use bedrail_model::incident::{
    Assessment, Event, Exception, Factor, FactorAnswer, Harm, Incident, IncidentKind, KnownBy, Letter,
    LetterKind, Sending, StepDone, Weighed, What,
};
use jiff::civil::date;

use super::{HOSTILE, now};

fn event(number: u64, what: What) -> EventLine {
    EventLine {
        event: Event {
            number,
            at: now(),
            author: format!("ann (web) {HOSTILE}"),
            what,
            note: HOSTILE.to_owned(),
            corrects: None,
            privileged: number == 2,
        },
        corrected_by: (number == 1).then_some(2),
        words: format!("what {HOSTILE}"),
        moved: vec![MovedLine {
            recipient: "individuals",
            state: None,
            from: None,
            to: Some(date(2027, 1, 10)),
        }],
    }
}

fn clock(recipient: &'static str, days_left: i64) -> ClockLine {
    ClockLine {
        recipient,
        state: (recipient == "media").then(|| "OH".to_owned()),
        target: date(2026, 12, 11),
        limit: date(2027, 1, 10),
        base: date(2027, 1, 10),
        not_before: Some(date(2026, 12, 1)),
        citation: "45 CFR 164.404(b)".to_owned(),
        done: (recipient == "secretary").then_some(date(2026, 11, 20)),
        days_left,
    }
}

fn assessment() -> Assessment {
    let answer = |factor: &Factor| FactorAnswer {
        factor: *factor,
        answer: HOSTILE.to_owned(),
        evidence: HOSTILE.to_owned(),
    };
    Assessment {
        version: 1,
        at: now(),
        author: format!("ann (web) {HOSTILE}"),
        secured: Some((HOSTILE.to_owned(), true)),
        exception: Some((Exception::CouldNotRetain, HOSTILE.to_owned())),
        factors: Factor::ALL.iter().map(answer).collect(),
        weighed: Some(Weighed::NotLow),
        reason: HOSTILE.to_owned(),
        approved: None,
    }
}

fn letter(number: u64) -> Letter {
    let sent = Sending {
        on: date(2026, 11, 20),
        how: HOSTILE.to_owned(),
        proof: HOSTILE.to_owned(),
        by: HOSTILE.to_owned(),
        at: now(),
    };
    Letter {
        number,
        kind: LetterKind::Individual,
        state: None,
        version: number,
        text: format!("Dear «recipient_name»\n{HOSTILE}"),
        at: now(),
        author: HOSTILE.to_owned(),
        sent: (number == 1).then_some(sent),
    }
}

fn head() -> Incident {
    Incident {
        id: IncidentId::from_digest([9; 16]),
        number: 4,
        title: format!("A laptop is gone {HOSTILE}"),
        kind: IncidentKind::LostDevice,
        opened: now(),
        author: format!("ann (web) {HOSTILE}"),
        owner: HOSTILE.to_owned(),
        closed: None,
    }
}

fn vendors() -> bedrail_app::vendors::Concerned {
    let named = || (bedrail_model::ids::VendorId::generate(), HOSTILE.to_owned());
    let (vendor, name) = named();
    bedrail_app::vendors::Concerned {
        joined: vec![bedrail_app::vendors::VendorNotice {
            vendor,
            name,
            agreed_days: Some(10),
            discovered: Some(date(2026, 11, 1)),
            told: None,
            notice: Some(bedrail_app::vendors::notice(date(2026, 11, 1), Some(10))),
            late: true,
        }],
        perhaps: vec![named()],
        others: vec![named()],
    }
}

/// An incident.
pub(crate) fn incident() -> IncidentDetail {
    let done = StepDone { step: "patients".into(), at: now(), by: HOSTILE.into(), note: HOSTILE.into() };
    let states = [
        ("OH", StateAnswer::CannotTell),
        ("PA", StateAnswer::Checked { due: Some(date(2026, 12, 1)), by: HOSTILE.to_owned() }),
        ("NY", StateAnswer::Checked { due: None, by: HOSTILE.to_owned() }),
    ];
    let state =
        |(state, answer): (&str, StateAnswer)| StateLine { state: state.into(), residents: 510, answer };
    let penalty = Penalty { tier: 1, least: 145, most: 73_011, cap: 2_190_294, notice_cap: 36_505 };
    let report = ReportLine {
        to: "FDA and the maker".into(),
        due: date(2026, 12, 4),
        citation: "21 CFR 803.30(a)(1)".into(),
        days_left: 12,
    };
    IncidentDetail {
        incident: head(),
        events: vec![
            event(1, What::Known { by: KnownBy::Workforce, on: date(2026, 11, 11) }),
            event(2, What::Note),
        ],
        devices: vec![DeviceLine {
            id: DeviceId::from_digest([1; 16]),
            name: HOSTILE.into(),
            product: HOSTILE.into(),
            place: HOSTILE.into(),
        }],
        alerts: vec![AlertLine {
            id: AlertItemId::from_digest([2; 16]),
            rule: HOSTILE.into(),
            device: Some(HOSTILE.into()),
            events: 3,
            outcome: "allowed".into(),
            first: now(),
        }],
        vendors: vendors(),
        steps: CHECKLIST
            .iter()
            .take(2)
            .map(|row| StepLine { row, done: (row.code == "patients").then(|| done.clone()) })
            .collect(),
        harm: Some((Harm::Death, date(2026, 11, 20))),
        reports: vec![report],
        reports_checked: "not checked".into(),
        discovered: Some((date(2026, 11, 11), "known to the workforce")),
        earlier_sign: Some(date(2026, 11, 1)),
        occurred: Some((date(2026, 11, 1), Some(date(2026, 11, 3)))),
        affected: Some(1_030),
        without_state: 20,
        presumed: true,
        hhs_at_once: Some(true),
        clocks: vec![clock("individuals", 49), clock("media", -2), clock("secretary", 49)],
        states: states.into_iter().map(state).collect(),
        hold_until: Some(date(2026, 12, 1)),
        questions: Factor::ALL.iter().map(|factor| (*factor, "Which?")).collect(),
        prefilled: vec![PrefillLine {
            factor: Factor::Nature,
            text: HOSTILE.into(),
            source: "device list".into(),
        }],
        decision: None,
        assessments: vec![assessment()],
        letters: vec![letter(1), letter(2)],
        penalties: Some(Ok(vec![penalty])),
        open_ends: vec![HOSTILE.into()],
        readers: vec![bedrail_model::incident::Reader {
            number: 1,
            account: bedrail_model::ids::AccountId::generate(),
            name: HOSTILE.into(),
            reason: HOSTILE.into(),
            at: now(),
            by: HOSTILE.into(),
            ended: None,
        }],
        withheld: true,
        privileged: true,
        at: now(),
    }
}
