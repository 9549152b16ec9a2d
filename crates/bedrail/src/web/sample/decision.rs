//! Decisions, actions, and what comes first.

use std::sync::Arc;

use bedrail_app::actions::ActionRow;
use bedrail_app::actions::proof::{Check, Runs};
use bedrail_app::affected::Totals;
use bedrail_app::campaigns::{CampaignDetail, CampaignWard, OpenQuestion, Step, StepRow};
use bedrail_app::decisions::{Brief, DecisionRow, Preview, Touched};
use bedrail_app::page::Page;
use bedrail_app::priority::{Exploitation, Harm, Priorities, PriorityRow, Rank, Risk, When};
use bedrail_model::action::{Action, Kind, State, Window};
use bedrail_model::answer::Reason;
use bedrail_model::campaign::{Campaign, Counts, Look, Occasion, Ward, WardCounts};
use bedrail_model::clock::Standing;
use bedrail_model::decision::{Basis, Decision, Origin, Review, Scope, Verdict};
use bedrail_model::device::Exposure;
use bedrail_model::ids::{ActionId, AlertItemId, CampaignId, DecisionId, ReleaseId};
use bedrail_model::money::{Currency, Money};
use bedrail_model::severity::Severity;
use bedrail_model::vex::Justification;
use jiff::civil::date;

use super::{HOSTILE, log4shell, now};

/// A decision in short.
pub(super) fn brief() -> Brief {
    let row = decision();
    Brief {
        id: row.decision.id,
        verdict: row.decision.verdict,
        reason: row.decision.reason,
        author: row.decision.author,
        decided: row.decision.decided,
    }
}

/// A decision that is to be looked at again.
pub(crate) fn decision() -> DecisionRow {
    let scope = Scope::Model {
        maker: "Orbis Medical".into(),
        model: format!("Flow 300 {HOSTILE}"),
        up_to: Some("3.2".into()),
    };
    DecisionRow {
        decision: Decision {
            id: DecisionId::from_digest([4; 16]),
            weakness: "CVE-2021-44228".into(),
            scope,
            verdict: Verdict::NotAffected(Justification::VulnerableCodeNotInExecutePath),
            components: vec!["pkg:maven/org.apache.logging.log4j/log4j-core".into()],
            reason: format!("The maker showed that the look-up class was taken out. {HOSTILE}"),
            author: "ann (web)".into(),
            decided: now(),
            review_on: Some(date(2027, 1, 15)),
            origin: Origin::Person,
            basis: Basis::default(),
            withdrawn: None,
        },
        weakness: Some(log4shell()),
        place: format!("Orbis Medical Flow 300 up to 3.2 {HOSTILE}"),
        reviews: vec![
            Review::NowExploited,
            Review::Severer { from: Severity::High, to: Severity::Critical },
            Review::OtherComponents(vec![format!("log4j-core-shaded {HOSTILE}")]),
        ],
    }
}

/// What a decision would touch.
pub(crate) fn preview() -> Preview {
    Preview {
        touched: vec![Touched {
            weakness: log4shell(),
            affected: 38,
            cannot_tell: 12,
            decided: 3,
            outside: 5,
            releases: 4,
            components: vec!["log4j-core 2.14.1".into(), format!("log4j-core 2.11.0 {HOSTILE}")],
            keys: Vec::new(),
        }],
        devices: 130,
        warnings: vec!["CVE-2021-44228 is known to be exploited.".into()],
    }
}

/// An action that is late.
pub(crate) fn action() -> ActionRow {
    ActionRow {
        action: Action {
            asked: None,
            id: ActionId::from_digest([5; 16]),
            decision: Some(DecisionId::from_digest([4; 16])),
            weakness: Some("CVE-2021-44228".into()),
            what: format!("Install 3.65 on the pumps of surgery {HOSTILE}"),
            owner: format!("Biomed team A {HOSTILE}"),
            due: date(2024, 3, 20),
            limit: Some((date(2024, 12, 24), "CISA's catalogue".into())),
            proof_needed: Some("photo of the version screen of each pump".into()),
            remaining_risk: Some("the pumps stay on the open network until then".into()),
            cost: Some("two nights".into()),
            kind: Kind::Patch,
            campaign: None,
            ward: Some(Ward { site: "Main".into(), ward: format!("Surgery {HOSTILE}") }),
            window: Some(Window { from: now(), to: now() + jiff::SignedDuration::from_hours(4) }),
            amount: Some(Money { cents: 1_250_050, currency: Currency::USD }),
            seen: None,
            state: State::Open,
            created: now(),
            author: "ann (web)".into(),
        },
        standing: Standing::Late,
        check: Some(Check {
            devices: 3,
            gone: 3,
            runs: vec![Runs {
                release: ReleaseId::from_digest([6; 16]),
                name: format!("Orbis Medical Flow 300 3.65 {HOSTILE}"),
                devices: 3,
                received: Some(now()),
            }],
            recorded: true,
            sound: true,
            ..Check::default()
        }),
        alerts: (1..=3)
            .map(|at| (AlertItemId::from_digest([at; 16]), format!("ET EXPLOIT {at} {HOSTILE}")))
            .collect(),
    }
}

/// One that somebody says is done, and that nothing shows.
pub(crate) fn not_shown() -> ActionRow {
    let row = action();
    let by = format!("ann (web) {HOSTILE}");
    let state = State::Done { at: now(), by, proof: "seen on the screens".into() };
    let check =
        Check { devices: 3, gone: 1, open: 1, unclear: 1, sound: true, recorded: true, ..Check::default() };
    let id = ActionId::from_digest([9; 16]);
    let action = Action { id, state, ..row.action };
    ActionRow { action, check: Some(check), standing: Standing::InTime, alerts: Vec::new() }
}

/// A campaign that runs for three days.
pub(crate) fn campaign() -> CampaignDetail {
    let ward = |name: &str| Ward { site: "Main".into(), ward: name.into() };
    let (icu, surgery) = (ward("ICU"), ward(&format!("Surgery {HOSTILE}")));
    let counts = |affected, cannot_tell| Counts {
        devices: 20,
        affected,
        cannot_tell,
        outside: 1,
        ..Counts::default()
    };
    let look = |days: i64, here, there, sound| {
        let at = now() - jiff::SignedDuration::from_hours(24 * days);
        let wards = vec![
            WardCounts { ward: icu.clone(), counts: here },
            WardCounts { ward: surgery.clone(), counts: there },
        ];
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        Look { at, day, occasion: Occasion::Day, sound, wards }
    };
    let step = |step, done, all, ended| StepRow {
        step,
        done,
        all,
        begun: (all > 0).then_some(now() - jiff::SignedDuration::from_hours(50)),
        ended,
    };
    let campaign_id = CampaignId::from_digest([7; 16]);
    CampaignDetail {
        campaign: Campaign {
            id: campaign_id,
            weakness: "CVE-2021-44228".into(),
            name: format!("Log4Shell {HOSTILE}"),
            started: now() - jiff::SignedDuration::from_hours(72),
            author: format!("ann (web) {HOSTILE}"),
            closed: None,
        },
        weakness: log4shell(),
        known: true,
        totals: Totals {
            affected: 9,
            cannot_tell: 4,
            outside: 2,
            fleet: 2_500,
            ruled_out: 1,
            ..Totals::default()
        },
        wards: vec![
            CampaignWard { ward: icu.clone(), start: counts(12, 4), now: counts(9, 4), on_it: None },
            CampaignWard {
                ward: surgery.clone(),
                start: counts(3, 0),
                now: counts(0, 0),
                on_it: Some(not_shown()),
            },
        ],
        questions: vec![OpenQuestion {
            reason: Reason::NoBillOfMaterials,
            fact: format!("the bill of materials of Orbis Medical Flow 300 {HOSTILE}"),
            devices: 4,
            key: Some("bill-x".into()),
            asked: None,
        }],
        actions: vec![action(), not_shown()],
        looks: vec![
            look(3, counts(12, 4), counts(3, 0), true),
            look(2, counts(10, 4), counts(3, 0), false),
            look(0, counts(9, 4), counts(0, 0), true),
        ],
        steps: vec![
            step(Step::Known, 1, 1, Some(now())),
            step(Step::Questions, 0, 1, None),
            step(Step::Owners, 1, 2, None),
            step(Step::Shields, 0, 0, None),
            step(Step::Fixes, 0, 2, None),
            step(Step::Whole, 0, 1, None),
        ],
        data: super::data(true),
        at: now(),
    }
}

/// Places in their order, some devices thought of as isolated.
pub(crate) fn priorities() -> Priorities {
    let row = |when, exposure, harm_known| PriorityRow {
        weakness: Arc::new(log4shell()),
        release: ReleaseId::from_digest([6; 16]),
        release_name: format!("Orbis Medical Flow 300 3.2 {HOSTILE}"),
        devices: 40,
        outside: if exposure == Exposure::Outside { 7 } else { 0 },
        shielded: if exposure == Exposure::Outside { 2 } else { 0 },
        rank: Rank {
            when,
            risk: Risk::Uncontrolled,
            exploitation: Exploitation::Active,
            exposure,
            automatable: true,
            harm: Harm::Catastrophic,
            harm_known,
            severity: Severity::Critical,
            score: Some(10.0),
            ransomware: true,
        },
    };
    let rows = vec![
        row(When::Immediate, Exposure::Outside, true),
        row(When::OutOfCycle, Exposure::Flat, false),
        row(When::Scheduled, Exposure::Isolated, true),
    ];
    Priorities {
        page: Page { rows, total: 3, offset: 0, next: None },
        counts: [1, 1, 1, 0],
        what_if: Some((7, [3, 0, 0, 0])),
        handled: 2,
        at: now(),
    }
}
