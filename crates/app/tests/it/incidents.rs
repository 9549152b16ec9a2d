//! An incident from an alert to a decision and a letter: clocks from events, history that stays, and who sees what is privileged.

use std::collections::BTreeMap;

use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::incidents::{
    self, Decided, IncidentDetail, NewAssessment, NewEvent, NewLetter, NewSending, Open, StateAnswer,
};
use bedrail_app::organisations::{self, SetOrganisation};
use bedrail_app::page::PageRequest;
use bedrail_app::people::Grant;
use bedrail_app::rights::Role;
use bedrail_app::seen::Seen;
use bedrail_app::today::{self, Task};
use bedrail_app::{Actor, Context, Error, devices};
use bedrail_model::ids::{DeviceId, IncidentId};
use bedrail_model::incident::{Factor, Harm, IncidentKind, KnownBy, LetterKind, Weighed, What};
use bedrail_model::organisation::OrgKind;
use jiff::civil::{Date, date};

use crate::ends::member;
use crate::story;

const LIST: &str = "\
Asset tag,Manufacturer,Model,Version,Site,Ward,Exposure
P-1,Orbis,Flow,1,North,ICU,outside
P-2,Orbis,Flow,1,North,ICU,
";
const HOSTILE: &str = "<script>alert(1)</script>";

/// Two organisations with the same devices, on each database.
async fn on_both(story: impl AsyncFn(Context, Actor, Actor)) {
    story::two_with(LIST, story).await;
}

fn of(role: Role) -> Grant {
    Grant { roles: vec![role], ..Grant::default() }
}

async fn pump(ctx: &Context, actor: &Actor) -> DeviceId {
    let page = PageRequest::default();
    devices::list(ctx, actor, &devices::DeviceFilter::default(), &page).await.unwrap().rows[0].id
}

fn lost(on: Date) -> Open {
    Open {
        title: format!("A laptop is gone {HOSTILE}"),
        kind: Some(IncidentKind::LostDevice),
        owner: "Kim".into(),
        harm: Some(Harm::None),
        discovered: Some((KnownBy::Workforce, on)),
        occurred: Some((date(2026, 1, 10), None)),
        ..Open::default()
    }
}

fn event(what: What) -> NewEvent {
    NewEvent { what, note: "because".into(), corrects: None, privileged: false }
}

fn counted(total: u64, by_state: &[(&str, u64)]) -> What {
    let by_state = by_state.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect();
    What::Counted { total, by_state }
}

fn limit(detail: &IncidentDetail, recipient: &str) -> Option<Date> {
    detail.clocks.iter().find(|line| line.recipient == recipient).map(|line| line.limit)
}

async fn get(ctx: &Context, actor: &Actor, id: IncidentId) -> IncidentDetail {
    incidents::get(ctx, actor, id).await.unwrap()
}

fn full(seen: u64, weighed: Weighed) -> NewAssessment {
    let answer = |factor: Factor| (factor, (format!("{HOSTILE} {}", factor.code()), "the log".to_owned()));
    NewAssessment {
        seen,
        factors: Factor::ALL.iter().copied().map(answer).collect(),
        weighed: Some(weighed),
        reason: "the four together".into(),
        ..NewAssessment::default()
    }
}

fn letter(kind: LetterKind) -> NewLetter {
    let fields = [
        "what_happened",
        "kinds_of_phi",
        "what_to_do",
        "what_we_do",
        "toll_free",
        "email",
        "postal_address",
        "signer",
    ];
    let fields: BTreeMap<String, String> =
        fields.iter().map(|name| ((*name).to_owned(), format!("{HOSTILE} {name}"))).collect();
    NewLetter { kind, state: None, fields }
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_follow_the_events_and_history_stays() {
    on_both(async |ctx, one, _| {
        let id = incidents::open(&ctx, &one, &lost(date(2026, 2, 2))).await.unwrap();
        let detail = get(&ctx, &one, id).await;
        // 60 days after 2 February.
        assert_eq!(limit(&detail, "individuals"), Some(date(2026, 4, 3)));
        assert_eq!(limit(&detail, "secretary"), None, "nobody counted, so nobody can tell by which route");
        assert_eq!((detail.presumed, detail.affected, detail.hhs_at_once), (true, None, None));
        assert_eq!(detail.clocks[0].days_left, 31);

        incidents::add_event(&ctx, &one, id, event(counted(620, &[("OH", 600)]))).await.unwrap();
        let detail = get(&ctx, &one, id).await;
        assert_eq!((detail.affected, detail.without_state, detail.hhs_at_once), (Some(620), 20, Some(true)));
        assert_eq!(limit(&detail, "secretary"), Some(date(2026, 4, 3)));
        assert_eq!(limit(&detail, "media"), Some(date(2026, 4, 3)));
        assert_eq!(detail.states[0].answer, StateAnswer::CannotTell, "never 60 days for want of a row");

        // Counted anew: fewer than 500, so the yearly log, and no media.
        incidents::add_event(&ctx, &one, id, event(counted(120, &[("OH", 120)]))).await.unwrap();
        let detail = get(&ctx, &one, id).await;
        assert_eq!(limit(&detail, "secretary"), Some(date(2027, 3, 1)));
        assert_eq!(limit(&detail, "media"), None);
        let last = detail.events.last().unwrap();
        assert!(last.moved.iter().any(|it| it.recipient == "media" && it.to.is_none()), "{:?}", last.moved);
        assert!(detail.events.iter().any(|line| line.words.starts_with("620 people")), "history stays");

        // The day of discovery was wrong: the first entry stays, another stands in its place.
        let known = detail.events.iter().find(|line| matches!(line.event.what, What::Known { .. })).unwrap();
        let what = What::Known { by: KnownBy::Entity, on: date(2026, 2, 20) };
        let new = NewEvent { corrects: Some(known.event.number), ..event(what) };
        incidents::add_event(&ctx, &one, id, new.clone()).await.unwrap();
        let detail = get(&ctx, &one, id).await;
        assert_eq!(limit(&detail, "individuals"), Some(date(2026, 4, 21)));
        let before = detail.events.iter().find(|line| line.event.number == known.event.number).unwrap();
        assert_eq!(before.corrected_by, Some(detail.events.last().unwrap().event.number));
        assert!(matches!(incidents::add_event(&ctx, &one, id, new).await, Err(Error::Invalid { .. })));

        // Law enforcement.
        let held = What::LawEnforcement {
            written: true,
            on: date(2026, 3, 1),
            until: Some(date(2026, 6, 1)),
            documented: true,
        };
        incidents::add_event(&ctx, &one, id, event(held)).await.unwrap();
        let detail = get(&ctx, &one, id).await;
        assert_eq!(
            (limit(&detail, "individuals"), detail.hold_until),
            (Some(date(2026, 6, 1)), Some(date(2026, 6, 1)))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn today_says_whom_to_tell_first_and_until_when() {
    on_both(async |ctx, one, two| {
        async fn notices(ctx: &Context, actor: &Actor) -> Vec<(u64, Date)> {
            let tasks = today::today(ctx, actor).await.unwrap().tasks.into_iter();
            let notices = tasks.filter_map(|task| match task {
                Task::NoticeRuns { number, limit, .. } => Some((number, limit)),
                _ => None,
            });
            notices.collect()
        }
        assert!(notices(&ctx, &one).await.is_empty());
        let later = incidents::open(&ctx, &one, &lost(date(2026, 2, 20))).await.unwrap();
        let later = get(&ctx, &one, later).await;
        assert_eq!(notices(&ctx, &one).await, [(later.incident.number, date(2026, 4, 21))]);
        let first = incidents::open(&ctx, &one, &lost(date(2026, 2, 2))).await.unwrap();
        let first = get(&ctx, &one, first).await;
        assert_eq!(
            notices(&ctx, &one).await,
            [(first.incident.number, date(2026, 4, 3))],
            "the day that comes first"
        );
        assert!(notices(&ctx, &two).await.is_empty(), "it is the other organisation's");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_and_leaves_nothing() {
    on_both(async |ctx, one, _| {
        let id = incidents::open(&ctx, &one, &lost(date(2026, 2, 2))).await.unwrap();
        let before = get(&ctx, &one, id).await.events.len();
        let known = |on: Date| What::Known { by: KnownBy::Entity, on };
        let bad = [
            (known(date(2026, 3, 4)), "a day ahead"),
            (known(date(2026, 1, 9)), "discovery before it happened"),
            (known(date(1980, 1, 1)), "too long ago"),
            (What::Occurred { from: date(2026, 2, 3), to: None }, "it happened after it was discovered"),
            (
                What::Occurred { from: date(2026, 1, 3), to: Some(date(2026, 1, 2)) },
                "it ends before it begins",
            ),
            (What::Harm { harm: Harm::Death, on: date(2026, 3, 4) }, "harm ahead"),
            (
                What::Occurred { from: date(2026, 1, 3), to: Some(date(2026, 3, 4)) },
                "it lasts into the days ahead",
            ),
            (counted(10, &[("OH", 11)]), "more in a State than in all"),
            (counted(10, &[("XX", 1)]), "no such State"),
            (What::Withdrawn, "nothing is withdrawn"),
            (What::StateChecked { state: "oh".into(), due: None }, "no postal code"),
        ];
        for (what, why) in bad {
            let told = incidents::add_event(&ctx, &one, id, event(what)).await;
            assert!(matches!(told, Err(Error::Invalid { .. })), "{why}: {told:?}");
        }
        for text in ["x".repeat(4_001), "bell \u{7}".to_owned()] {
            let new = NewEvent { note: text, ..event(What::Note) };
            assert!(matches!(incidents::add_event(&ctx, &one, id, new).await, Err(Error::Invalid { .. })));
        }
        assert_eq!(get(&ctx, &one, id).await.events.len(), before);
        let ahead = incidents::open(&ctx, &one, &lost(date(2026, 3, 9))).await;
        assert!(matches!(ahead, Err(Error::Invalid { .. })), "{ahead:?}");
        assert_eq!(incidents::list(&ctx, &one).await.unwrap().len(), 1, "nothing of it was kept");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_does_not_change_into_what_its_incidents_contradict() {
    on_both(async |ctx, one, _| {
        // An associate told on a day before our own people knew: of an associate itself that cannot be.
        let id = incidents::open(&ctx, &one, &lost(date(2026, 2, 2))).await.unwrap();
        let told = event(What::AssociateTold { on: date(2026, 1, 30) });
        incidents::add_event(&ctx, &one, id, told).await.unwrap();
        let as_it_is = organisations::present(&ctx, &one).await.unwrap();
        let become_a = |kind: OrgKind| SetOrganisation { kind, ..as_it_is.settings() };
        let refused =
            organisations::set(&ctx, &one, &Seen::Whatever, become_a(OrgKind::BusinessAssociate)).await;
        let Err(Error::Conflict { message }) = refused else { panic!("{refused:?}") };
        assert!(message.contains("incident 1 "), "{message}");
        assert_eq!(organisations::present(&ctx, &one).await.unwrap().kind, as_it_is.kind);
        // What contradicts nothing may become of another kind, and every incident is still read.
        for kind in [OrgKind::Hybrid, OrgKind::Maker, OrgKind::CoveredEntity] {
            organisations::set(&ctx, &one, &Seen::Whatever, become_a(kind)).await.unwrap();
            assert_eq!(incidents::list(&ctx, &one).await.unwrap().len(), 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_added_by_what_people_call_them() {
    on_both(async |ctx, one, two| {
        let id = incidents::open(&ctx, &one, &lost(date(2026, 2, 2))).await.unwrap();
        let named = |text: &str| vec![text.to_owned()];
        let nothing = incidents::attach_named(&ctx, &one, id, &named("no such device"), &[]).await;
        assert!(matches!(nothing, Err(Error::NotFound { .. })), "{nothing:?}");
        let wrong = incidents::attach_named(&ctx, &one, id, &[], &named("12")).await;
        assert!(matches!(wrong, Err(Error::Invalid { .. })), "{wrong:?}");
        let theirs = incidents::attach_named(&ctx, &two, id, &named("P-1"), &[]).await;
        assert!(matches!(theirs, Err(Error::NotFound { .. })), "{theirs:?}");
        let device = pump(&ctx, &one).await;
        for text in [device.to_string(), " p-2 ".to_owned(), "P-1".to_owned()] {
            incidents::attach_named(&ctx, &one, id, &[text], &[]).await.unwrap();
        }
        assert_eq!(get(&ctx, &one, id).await.devices.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_device_to_a_decision_to_a_letter() {
    on_both(async |ctx, one, two| {
        let device = pump(&ctx, &one).await;
        let open = Open { devices: vec![device], ..lost(date(2026, 2, 2)) };
        let id = incidents::open(&ctx, &one, &open).await.unwrap();
        assert!(matches!(incidents::get(&ctx, &two, id).await, Err(Error::NotFound { .. })));
        let theirs = incidents::attach(&ctx, &two, id, &[], &[]).await;
        assert!(matches!(theirs, Err(Error::NotFound { .. })));
        let detail = get(&ctx, &one, id).await;
        assert!(detail.prefilled.iter().any(|line| {
            line.factor == Factor::Nature && line.text.contains("whether it stores or shows PHI is not known")
        }));
        assert!(detail.prefilled.iter().all(|line| !line.text.contains("could not be reached from outside")));

        // Nothing is decided while something is missing.
        assert_eq!(incidents::assess(&ctx, &one, id, full(0, Weighed::NotLow)).await.unwrap(), 1);
        let early = incidents::decide(&ctx, &one, id, 1).await;
        let Err(Error::Invalid { message, .. }) = early else { panic!("{early:?}") };
        assert!(message.contains("nobody counted"), "{message}");
        incidents::add_event(&ctx, &one, id, event(counted(120, &[("OH", 120)]))).await.unwrap();
        let Err(Error::Invalid { message, .. }) = incidents::decide(&ctx, &one, id, 1).await else {
            panic!()
        };
        assert!(message.contains("OH"), "{message}");
        let checked = What::StateChecked { state: "OH".into(), due: Some(date(2026, 3, 20)) };
        incidents::add_event(&ctx, &one, id, event(checked)).await.unwrap();

        // Two approvers at once: one is the one.
        let (first, second) =
            tokio::join!(incidents::decide(&ctx, &one, id, 1), incidents::decide(&ctx, &one, id, 1));
        let ok =
            [&first, &second].into_iter().filter(|it| matches!(it, Ok(Decided { notifiable: true }))).count();
        assert_eq!(ok, 1, "{first:?} {second:?}");
        assert!([first, second].iter().any(|it| matches!(it, Err(Error::Conflict { .. }))));

        assert!(matches!(incidents::close(&ctx, &one, id, "done").await, Err(Error::Conflict { .. })));
        let mut lacking = letter(LetterKind::Individual);
        lacking.fields.remove("what_to_do");
        lacking.fields.remove("kinds_of_phi");
        let refused = incidents::write(&ctx, &one, id, &lacking).await;
        let Err(Error::Invalid { message, .. }) = refused else { panic!("{refused:?}") };
        assert!(message.contains("“What people should do”"), "{message}");
        assert!(message.contains("“Kinds of information involved”"), "all are named: {message}");
        let mut named = letter(LetterKind::Individual);
        named.fields.insert("recipient_name".into(), "somebody".into());
        assert!(matches!(incidents::write(&ctx, &one, id, &named).await, Err(Error::Invalid { .. })));
        for (number, kind) in [(1, LetterKind::Individual), (2, LetterKind::Individual), (3, LetterKind::Hhs)]
        {
            let mut new = letter(kind);
            if kind == LetterKind::Hhs {
                new.fields.insert("location_of_phi".into(), "a laptop".into());
                new.fields.insert("safeguards_before".into(), "a password".into());
            }
            assert_eq!(incidents::write(&ctx, &one, id, &new).await.unwrap(), number);
        }
        let sending = |on: Date, proof: &str| NewSending { on, how: "mail".into(), proof: proof.into() };
        let sent = |number: u64, new: NewSending| {
            let (ctx, one) = (ctx.clone(), one.clone());
            async move { incidents::sent(&ctx, &one, id, number, &new).await }
        };
        assert!(matches!(sent(2, sending(date(2026, 3, 2), " ")).await, Err(Error::Invalid { .. })));
        assert!(matches!(sent(2, sending(date(2026, 3, 9), "slip")).await, Err(Error::Invalid { .. })));
        sent(2, sending(date(2026, 3, 2), "slip")).await.unwrap();
        assert!(matches!(sent(2, sending(date(2026, 3, 2), "slip")).await, Err(Error::Conflict { .. })));
        let detail = get(&ctx, &one, id).await;
        assert!(detail.clocks.iter().any(|it| it.recipient == "individuals" && it.done.is_some()));
        assert_eq!(detail.letters[1].version, 2);
        assert!(
            detail.letters[1].text.contains("10 January 2026")
                && detail.letters[1].text.contains("«recipient_name»")
        );
        sent(3, sending(date(2026, 3, 3), "portal 1")).await.unwrap();
        incidents::close(&ctx, &one, id, "told").await.unwrap();
        let late = incidents::add_event(&ctx, &one, id, event(What::Note)).await;
        assert!(matches!(late, Err(Error::Conflict { .. })));
        incidents::reopen(&ctx, &one, id, "more was found").await.unwrap();
        incidents::add_event(&ctx, &one, id, event(What::Note)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn privileged_text_is_for_those_who_may_see_it() {
    on_both(async |ctx, one, _| {
        let counsel = member(&ctx, &one, "counsel", of(Role::Counsel)).await;
        let analyst = member(&ctx, &one, "analyst", of(Role::Analyst)).await;
        let end = ctx.clock.now() + jiff::SignedDuration::from_hours(10);
        let grant = Grant { valid_until: Some(end), ..of(Role::Auditor) };
        let auditor = member(&ctx, &one, "auditor", grant).await;
        let engineer = member(&ctx, &one, "engineer", of(Role::Engineer)).await;
        let id = incidents::open(&ctx, &engineer, &lost(date(2026, 2, 2))).await.unwrap();
        assert!(matches!(
            incidents::open(&ctx, &auditor, &lost(date(2026, 2, 2))).await,
            Err(Error::Denied { .. })
        ));

        let secret = "SECRET-advice";
        let note = NewEvent { note: secret.into(), privileged: true, ..event(What::Note) };
        assert!(matches!(
            incidents::add_event(&ctx, &analyst, id, note.clone()).await,
            Err(Error::Denied { .. })
        ));
        let hidden = incidents::add_event(&ctx, &counsel, id, note).await.unwrap();
        // What stops a clock, moves a limit, or says that counsel looked is not for everybody who handles incidents.
        let told = What::Notified { kind: LetterKind::Individual, state: None, on: date(2026, 2, 3) };
        let held = What::LawEnforcement {
            written: true,
            on: date(2026, 2, 3),
            until: Some(date(2026, 12, 1)),
            documented: true,
        };
        for what in [told.clone(), held.clone()] {
            let tried = incidents::add_event(&ctx, &engineer, id, event(what)).await;
            assert!(matches!(tried, Err(Error::Denied { .. })));
        }
        let hold = incidents::add_event(&ctx, &counsel, id, event(held)).await.unwrap();
        let away = NewEvent { corrects: Some(hold), note: "oops".into(), ..event(What::Withdrawn) };
        let tried = incidents::add_event(&ctx, &engineer, id, away.clone()).await;
        assert!(matches!(tried, Err(Error::Denied { .. })));
        let early = incidents::add_event(&ctx, &counsel, id, event(told)).await.unwrap_err().to_string();
        assert!(early.contains("2026-12-01"), "{early}");
        incidents::add_event(&ctx, &counsel, id, away).await.unwrap();
        // A day that everybody's clocks follow from is kept from nobody.
        let secret_day = What::Occurred { from: date(2026, 1, 2), to: None };
        let secret_day = NewEvent { privileged: true, ..event(secret_day) };
        let tried = incidents::add_event(&ctx, &counsel, id, secret_day).await;
        assert!(matches!(tried, Err(Error::Invalid { .. })));
        let draft = NewAssessment { reason: secret.into(), ..full(0, Weighed::LowProbability) };
        assert!(matches!(
            incidents::assess(&ctx, &analyst, id, draft.clone()).await,
            Err(Error::Denied { .. })
        ));
        incidents::assess(&ctx, &counsel, id, draft).await.unwrap();
        let mut new = letter(LetterKind::Individual);
        new.fields.insert("what_happened".into(), secret.into());
        incidents::write(&ctx, &counsel, id, &new).await.unwrap();

        for other in [&analyst, &auditor, &engineer] {
            let detail = get(&ctx, other, id).await;
            assert!(!format!("{detail:?}").contains(secret), "{}", other.name);
            assert!(detail.withheld && detail.penalties.is_none() && detail.assessments.is_empty());
            let over = NewEvent { corrects: Some(hidden), ..event(What::Note) };
            assert!(incidents::add_event(&ctx, other, id, over).await.is_err());
        }
        let detail = get(&ctx, &counsel, id).await;
        assert!(format!("{detail:?}").contains(secret) && !detail.withheld);
        assert_eq!(detail.penalties.unwrap().unwrap().len(), 4);

        // The audit log says that it was read and written, and nothing of what it says.
        let log = audit::list(&ctx, &one, &AuditFilter::default(), &PageRequest::at(0, 200)).await.unwrap();
        assert!(
            log.rows
                .iter()
                .any(|row| row.action == "incident.read_privileged" && row.actor.contains("counsel"))
        );
        assert!(!format!("{log:?}").contains(secret));
        assert!(!format!("{log:?}").contains(HOSTILE));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn harm_starts_the_clocks_of_device_reports() {
    on_both(async |ctx, one, _| {
        let open = Open { harm: Some(Harm::Death), ..lost(date(2026, 2, 2)) };
        let id = incidents::open(&ctx, &one, &open).await.unwrap();
        let detail = get(&ctx, &one, id).await;
        // Ten working days after 2 February 2026, Washington's Birthday (16 February) left out.
        assert_eq!(detail.reports[0].due, date(2026, 2, 17), "{:?}", detail.reports);
        assert_eq!(detail.reports_checked, "not checked");
        let what = What::Harm { harm: Harm::None, on: date(2026, 2, 3) };
        let number =
            detail.events.iter().find(|it| matches!(it.event.what, What::Harm { .. })).unwrap().event.number;
        let new = NewEvent { corrects: Some(number), ..event(what) };
        incidents::add_event(&ctx, &one, id, new).await.unwrap();
        assert!(get(&ctx, &one, id).await.reports.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_draft_is_not_approved_unseen_and_the_checklist_is_of_the_kind() {
    on_both(async |ctx, one, _| {
        let id = incidents::open(&ctx, &one, &lost(date(2026, 2, 2))).await.unwrap();
        incidents::assess(&ctx, &one, id, full(0, Weighed::LowProbability)).await.unwrap();
        let stale = incidents::assess(&ctx, &one, id, full(0, Weighed::LowProbability)).await;
        assert!(matches!(stale, Err(Error::Conflict { .. })), "two wrote at once");
        assert_eq!(incidents::assess(&ctx, &one, id, full(1, Weighed::LowProbability)).await.unwrap(), 2);
        assert!(matches!(incidents::decide(&ctx, &one, id, 1).await, Err(Error::Conflict { .. })));
        assert!(!incidents::decide(&ctx, &one, id, 2).await.unwrap().notifiable);
        let detail = get(&ctx, &one, id).await;
        assert!(!detail.presumed && detail.clocks.is_empty() && detail.open_ends.is_empty(), "{detail:#?}");

        incidents::tick(&ctx, &one, id, "police", "no. 12").await.unwrap();
        assert!(matches!(incidents::tick(&ctx, &one, id, "police", "").await, Err(Error::Conflict { .. })));
        let other = incidents::tick(&ctx, &one, id, "backups", "").await;
        assert!(matches!(other, Err(Error::NotFound { .. })), "a step of another kind");
        incidents::hand_over(&ctx, &one, id, "Lou").await.unwrap();
        incidents::close(&ctx, &one, id, "nobody has to be told").await.unwrap();
    })
    .await;
}
