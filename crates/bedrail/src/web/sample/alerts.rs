//! An alert, and an account.

use std::collections::BTreeMap;

use bedrail_app::alerts::decide::{Decision, Verdict};
use bedrail_app::alerts::prove::{
    Disposition, OfSource, OfWard, PauseCount, Period, Proof, Shift, ShiftWork, Times,
};
use bedrail_app::alerts::work::{Item, Judged, Why};
use bedrail_app::priority::When;
use bedrail_model::alert::Outcome;
use bedrail_model::device::Exposure;
use bedrail_model::ids::{AlertItemId, AlertSourceId, DeviceId};
use bedrail_model::severity::Severity;

use super::{HOSTILE, now};

/// A work item with hostile texts.
pub(crate) fn alert() -> Item {
    Item {
        id: AlertItemId::generate(),
        source: (AlertSourceId::generate(), HOSTILE.into()),
        rule: ("1:2034647".into(), Some(HOSTILE.into())),
        severity: Severity::High,
        device: Some((DeviceId::generate(), HOSTILE.into())),
        address: Some("10.20.1.7".parse().unwrap()),
        attacker: Some("203.0.113.0/24".into()),
        path: "/fhir/patient/**".into(),
        outcome: Outcome::Success,
        events: (12, 40),
        span: (now(), now()),
        when: When::Immediate,
        opened: now(),
        due: [now(); 3],
        late: true,
        taken: Some((HOSTILE.into(), now())),
        closed: None,
        reopened: 1,
        told: 2,
        is_own: false,
        decision: Some(Decision {
            verdict: Verdict::Attack,
            sentence: HOSTILE.into(),
            at: now(),
            by: HOSTILE.into(),
        }),
        paused_until: None,
    }
}

/// By what it is judged when to act on it.
pub(crate) fn alert_why() -> Why {
    let judged = Judged {
        outcome: Outcome::Success,
        severity: Severity::High,
        exposure: Exposure::Outside,
        harm: None,
        is_weak: true,
    };
    Why { judged, weaknesses: vec!["CVE-2021-44228".into()], has_device: true }
}

/// The account of two days.
pub(crate) fn alert_account() -> Proof {
    let day = |text: &str| text.parse().unwrap();
    let period = Period { from: day("2026-11-21"), to: day("2026-11-22") };
    let lines =
        bedrail_app::alerts::prove::Lines { events: 12, counters: 1, no_alerts: 3, not_understood: 1 };
    let source = OfSource {
        source: (AlertSourceId::generate(), HOSTILE.into()),
        lines,
        events_in: 12,
        events_accounted: 12,
        source_reported: Some(13),
        source_lost: Some(1),
        compared: 12,
        lies: 1,
        missed: Some(2),
        gaps: 1,
    };
    let open = Disposition { code: "open".into(), by_policy: false, events: 12, items: 3 };
    Proof {
        period,
        device: None,
        lines,
        all_lines: 17,
        from_outside: 17,
        events_in: 12,
        events_accounted: 12,
        by_disposition: vec![open],
        sources: vec![source],
        reasons: BTreeMap::from([("broken_json".to_owned(), 1)]),
        items: 3,
        times: Times::default(),
        shifts: vec![ShiftWork { who: HOSTILE.into(), shift: Shift::Night, done: [3, 2, 1] }],
        pauses: vec![PauseCount { reason: "maker".into(), pauses: 2, items: 1, lasted: 7_200_000_000 }],
        rules: vec![("1:7".into(), Some(HOSTILE.into()), 12, 3)],
        by_day: vec![(period.from, 4), (period.to, 8)],
        wards: vec![OfWard { place: Some((HOSTILE.into(), HOSTILE.into())), events: 12, items: 3 }],
    }
}
