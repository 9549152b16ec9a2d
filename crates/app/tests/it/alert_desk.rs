//! The desk of alerts: deciding, pauses, who is told when, what items belong to, short numbers.

use bedrail_app::accounts::invitations::{self, Invite};
use bedrail_app::actions::{ActionFilter, NewAction};
use bedrail_app::actor::Via;
use bedrail_app::alerts::decide::{self, Verdict};
use bedrail_app::alerts::links::{self, Kind};
use bedrail_app::alerts::pause::{self, Wait};
use bedrail_app::alerts::prove::{self, Period};
use bedrail_app::alerts::rota::{self, NewAbsence, NewDuty};
use bedrail_app::alerts::work::{self, Item, ItemFilter, Reason, Step};
use bedrail_app::alerts::{short, upkeep};
use bedrail_app::clock::Clock;
use bedrail_app::page::PageRequest;
use bedrail_app::people::Grant;
use bedrail_app::rights::Role;
use bedrail_app::today::{self, Task};
use bedrail_app::{Actor, Context, Error, accounts, actions, notices, organisations};
use bedrail_assess::priority::When;
use bedrail_model::organisation::OrgKind;
use jiff::{SignedDuration, Timestamp};

use crate::alerts::{alert, items, later, opened, push};
use crate::story::databases;

const WHY: &str = "It was looked at together with the ward.";

fn minutes_later(ctx: &Context, minutes: i64) -> Context {
    let mut later = ctx.clone();
    later.clock = Clock::Fixed(ctx.clock.now() + SignedDuration::from_mins(minutes));
    later
}

fn seen(item: &Item) -> [(bedrail_model::ids::AlertItemId, u64); 1] {
    [(item.id, item.events.0)]
}

async fn kinds(ctx: &Context, actor: &Actor, item: &Item) -> Vec<String> {
    let detail = work::get(ctx, actor, item.id).await.unwrap();
    detail.steps.into_iter().map(|step| step.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn today_begins_with_what_is_to_be_taken_at_once() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let now = async || {
            let tasks = today::today(&ctx, &actor).await.unwrap().tasks;
            tasks.first().and_then(|task| match task {
                Task::AlertsNow { alerts } => Some(*alerts),
                _ => None,
            })
        };
        assert_eq!(now().await, None);
        let tried = alert(1, 7, "ET EXPLOIT x", "203.0.113.9", "10.20.1.8", "allowed");
        push(&ctx, &actor, source, &tried).await;
        assert_eq!(now().await, None, "it can wait for its time");
        let succeeded = alert(2, 9, "ATTACK_RESPONSE root", "203.0.113.9", "10.20.1.7", "allowed");
        push(&ctx, &actor, source, &succeeded).await;
        let all = items(&ctx, &actor, &ItemFilter::default()).await;
        let at_once = all.iter().filter(|item| item.when == When::Immediate).count() as u64;
        assert!(at_once > 0, "{:?}", all.iter().map(|item| item.when).collect::<Vec<_>>());
        assert_eq!(now().await, Some(at_once));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_item_is_is_said_once_and_stops_its_clock() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        push(&ctx, &actor, source, &alert(1, 7, "ET EXPLOIT x", "203.0.113.9", "10.20.1.7", "allowed")).await;
        push(&ctx, &actor, source, &alert(1, 8, "ET EXPLOIT y", "203.0.113.9", "10.20.1.8", "allowed")).await;
        let all = items(&ctx, &actor, &ItemFilter::default()).await;
        let [one, other] = [&all[0], &all[1]];

        // Three hours later everybody still wonders: that is written down, and the time runs on.
        let at = later(&ctx, 3);
        let short = decide::decide(&at, &actor, &seen(one), Verdict::Attack, "yes").await;
        assert!(matches!(short, Err(Error::Invalid { .. })));
        decide::decide(&at, &actor, &seen(one), Verdict::NotKnown, WHY).await.unwrap();
        let undecided = ItemFilter { undecided: true, ..ItemFilter::default() };
        assert_eq!(items(&at, &actor, &undecided).await.len(), 2);
        let shown = work::one(&at, &actor, one.id).await.unwrap();
        assert_eq!(shown.taken.as_ref().unwrap().0, actor.name, "who decides on what nobody has, has it");
        assert_eq!(shown.next().unwrap().0, Step::Decide);

        // Nobody decides on events that they have not seen.
        push(&at, &actor, source, &alert(2, 7, "ET EXPLOIT x", "203.0.113.9", "10.20.1.7", "allowed")).await;
        let old = decide::decide(&at, &actor, &seen(one), Verdict::Attack, WHY).await;
        assert!(matches!(old, Err(Error::Conflict { .. })), "{old:?}");
        decide::decide(&at, &actor, &[(one.id, 2)], Verdict::Attack, WHY).await.unwrap();
        let shown = work::one(&at, &actor, one.id).await.unwrap();
        assert_eq!(shown.next().unwrap().0, Step::Close);
        assert_eq!(items(&at, &actor, &undecided).await.len(), 1);
        // A change of mind is written down and counted no second time.
        decide::decide(&at, &actor, &[(one.id, 2)], Verdict::Harmless, WHY).await.unwrap();
        assert_eq!(kinds(&at, &actor, one).await, ["taken", "judged", "decided", "judged"]);

        // Closing says what it is, where nobody said it before: too late here.
        let late = later(&ctx, 24 * 9);
        work::close(&late, &actor, &seen(other), Reason::FalseAlarm, WHY).await.unwrap();
        assert_eq!(kinds(&late, &actor, other).await, ["decided", "closed"]);
        let closed = decide::decide(&late, &actor, &seen(other), Verdict::Attack, WHY).await;
        assert!(matches!(closed, Err(Error::Conflict { .. })));
        let period = Period { from: "2026-01-01".parse().unwrap(), to: "2026-12-31".parse().unwrap() };
        let proof = prove::prove(&late, &actor, period, None).await.unwrap();
        assert_eq!((proof.times.deciding.count, proof.times.deciding.missed), (2, 1));
        assert_eq!(proof.times.deciding.p50, 3 * 3600);
        let work: Vec<_> = proof.shifts.iter().map(|it| (it.shift.code(), it.done)).collect();
        assert_eq!(work, [("early", [1, 2, 1])]);

        // It comes again: it is a new question.
        push(&late, &actor, source, &alert(3, 8, "ET EXPLOIT y", "203.0.113.9", "10.20.1.8", "allowed"))
            .await;
        let again = work::one(&late, &actor, other.id).await.unwrap();
        assert!(again.decision.is_none() && again.closed.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_stand_still_for_a_reason_and_go_on_by_themselves() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let line = |second| alert(second, 7, "ET EXPLOIT x", "203.0.113.9", "10.20.1.8", "allowed");
        push(&ctx, &actor, source, &line(1)).await;
        push(
            &ctx,
            &actor,
            source,
            &alert(2, 9, "ATTACK_RESPONSE root", "203.0.113.9", "10.20.1.7", "allowed"),
        )
        .await;
        let all = items(&ctx, &actor, &ItemFilter::default()).await;
        let (success, item) = (&all[0], &all[1]);
        assert_eq!(success.when, When::Immediate);
        let now = ctx.clock.now();
        let hours = |hours: i64| now + SignedDuration::from_hours(hours);

        // What nobody has, what is past, what is too long, what shows success: refused.
        let nobody = pause::pause(&ctx, &actor, item.id, Wait::Maker, WHY, hours(2)).await;
        assert!(matches!(nobody, Err(Error::Conflict { .. })), "{nobody:?}");
        work::take(&ctx, &actor, &[item.id, success.id], None, None).await.unwrap();
        for until in [now, hours(24 * 40)] {
            let refused = pause::pause(&ctx, &actor, item.id, Wait::Maker, WHY, until).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{until}: {refused:?}");
        }
        let refused = pause::pause(&ctx, &actor, success.id, Wait::Care, WHY, hours(1)).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");

        // Two days of waiting for the maker.
        pause::pause(&ctx, &actor, item.id, Wait::Maker, WHY, hours(48)).await.unwrap();
        let twice = pause::pause(&ctx, &actor, item.id, Wait::Maker, WHY, hours(48)).await;
        assert!(matches!(twice, Err(Error::Conflict { .. })));
        let paused = work::one(&later(&ctx, 40), &actor, item.id).await.unwrap();
        assert_eq!((paused.next(), paused.late), (None, false), "nothing is due");
        let filter = ItemFilter { paused: true, ..ItemFilter::default() };
        assert_eq!(items(&ctx, &actor, &filter).await.len(), 1);
        assert_eq!(upkeep::watch(&later(&ctx, 47)).await.unwrap().resumed, 0);
        // The server slept for an hour: the pause was over when it was over.
        assert_eq!(upkeep::watch(&later(&ctx, 49)).await.unwrap().resumed, 1);
        assert_eq!(upkeep::watch(&later(&ctx, 49)).await.unwrap().resumed, 0);
        let moved = work::one(&later(&ctx, 49), &actor, item.id).await.unwrap();
        assert!(moved.paused_until.is_none() && moved.due[1] > item.due[1] && moved.due[2] > item.due[2]);
        let detail = work::get(&ctx, &actor, item.id).await.unwrap();
        assert_eq!(detail.pauses[0].ended, Some(hours(48)));

        // Something new happens: it cannot wait any longer, and what is due stays moved.
        let at = later(&ctx, 50);
        pause::pause(&at, &actor, item.id, Wait::Window, WHY, hours(70)).await.unwrap();
        push(&later(&ctx, 52), &actor, source, &line(3)).await;
        let woken = work::one(&later(&ctx, 52), &actor, item.id).await.unwrap();
        assert!(woken.paused_until.is_none() && woken.due[2] >= moved.due[2], "{woken:?}");
        push(&later(&ctx, 53), &actor, source, &line(4)).await;
        let same = work::one(&later(&ctx, 53), &actor, item.id).await.unwrap();
        assert_eq!(same.due, woken.due, "more of the same moves nothing");

        // By hand, and by closing.
        pause::pause(&later(&ctx, 54), &actor, item.id, Wait::Ward, WHY, hours(55)).await.unwrap();
        pause::resume(&later(&ctx, 54), &actor, item.id).await.unwrap();
        let twice = pause::resume(&later(&ctx, 54), &actor, item.id).await;
        assert!(matches!(twice, Err(Error::Conflict { .. })));
        pause::pause(&later(&ctx, 54), &actor, item.id, Wait::Ward, WHY, hours(55)).await.unwrap();
        work::close(&later(&ctx, 54), &actor, &[(item.id, 3)], Reason::Mended, WHY).await.unwrap();
        let detail = work::get(&ctx, &actor, item.id).await.unwrap();
        assert!(detail.item.paused_until.is_none() && detail.pauses.iter().all(|it| it.ended.is_some()));
        let period = Period { from: "2026-01-01".parse().unwrap(), to: "2026-12-31".parse().unwrap() };
        let pauses = prove::prove(&ctx, &actor, period, None).await.unwrap().pauses;
        let counts: Vec<_> = pauses.iter().map(|it| (it.reason.as_str(), it.pauses, it.items)).collect();
        assert_eq!(counts, [("maker", 1, 1), ("ward", 2, 1), ("window", 1, 1)]);
    }
}

/// Somebody who may handle alerts, and signs in.
async fn member(ctx: &Context, admin: &Actor, name: &str) -> Actor {
    let grant = Grant { roles: vec![Role::Analyst], ..Grant::default() };
    let mail = Some(format!("{name}@hospital.example"));
    let invite = Invite { full_name: String::new(), mail, grant };
    let (_, code) = invitations::invite(ctx, admin, &invite).await.unwrap();
    invitations::accept_new(ctx, &code, name, "drei rote Lampen").await.unwrap();
    let signed_in = accounts::sign_in(ctx, name, "drei rote Lampen", None).await.unwrap();
    let accounts::SignIn::Done(account) = signed_in else { panic!("no second factor is set up") };
    accounts::visit(ctx, account.id, account.org, Via::Web).await.unwrap().1
}

async fn duty(
    ctx: &Context,
    actor: &Actor,
    days: &str,
    times: (&str, &str),
    who: &str,
    deputy: Option<&str>,
) {
    let new = NewDuty {
        weekdays: rota::weekdays(days).unwrap(),
        from: rota::minute(times.0).unwrap(),
        to: rota::minute(times.1).unwrap(),
        person: who.to_owned(),
        deputy: deputy.map(str::to_owned),
        site: None,
        ward: None,
    };
    rota::add_duty(ctx, actor, &new).await.unwrap();
}

async fn told(ctx: &Context, actor: &Actor) -> Vec<String> {
    let all = notices::list(ctx, actor).await.unwrap().into_iter().map(|(notice, _)| notice);
    all.filter(|notice| notice.kind == "alert").map(|notice| notice.title).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_on_duty_is_told_then_the_deputy_then_all() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let (kim, ana, lou) = (
            member(&ctx, &actor, "kim").await,
            member(&ctx, &actor, "ana").await,
            member(&ctx, &actor, "lou").await,
        );
        // A Tuesday, ten in the morning.
        duty(&ctx, &actor, "tue", ("08:00", "16:00"), "kim", Some("ana")).await;
        let rota = rota::get(&ctx, &actor).await.unwrap();
        assert_eq!(
            rota.now,
            (Some("kim".into()), Some("ana".into()), "Duty on Tuesday, 08:00 to 16:00.".into())
        );
        let outsider = NewDuty { person: "mel".into(), ..new_duty("kim") };
        assert!(matches!(rota::add_duty(&ctx, &actor, &outsider).await, Err(Error::Invalid { .. })));
        let same = NewDuty { deputy: Some("kim".into()), ..new_duty("kim") };
        assert!(matches!(rota::add_duty(&ctx, &actor, &same).await, Err(Error::Invalid { .. })));

        let success = alert(2, 7, "ATTACK_RESPONSE root", "203.0.113.9", "10.20.1.7", "allowed");
        push(&ctx, &actor, source, &success).await;
        let item = items(&ctx, &actor, &ItemFilter::default()).await.remove(0);
        assert_eq!(told(&ctx, &lou).await.len(), 0, "the rota says who is told first");
        // In the first minute the person on duty, after half an hour the deputy, after an hour all.
        assert_eq!(upkeep::watch(&minutes_later(&ctx, 1)).await.unwrap().told, 1);
        assert_eq!(upkeep::watch(&minutes_later(&ctx, 2)).await.unwrap().told, 0);
        let counts = async || {
            [told(&ctx, &kim).await, told(&ctx, &ana).await, told(&ctx, &lou).await].map(|it| it.len())
        };
        assert_eq!(counts().await, [1, 0, 0]);
        assert_eq!(
            notices::unread(&ctx, &kim).await.unwrap() - notices::unread(&ctx, &ana).await.unwrap(),
            1
        );
        assert_eq!(upkeep::watch(&minutes_later(&ctx, 29)).await.unwrap().told, 0);
        assert_eq!(upkeep::watch(&minutes_later(&ctx, 31)).await.unwrap().told, 1);
        assert_eq!(counts().await, [1, 1, 0]);
        assert_eq!(upkeep::watch(&minutes_later(&ctx, 61)).await.unwrap().told, 1);
        assert_eq!(counts().await, [2, 2, 1]);
        assert_eq!(upkeep::watch(&minutes_later(&ctx, 100)).await.unwrap().told, 0, "once an hour");
        assert_eq!(upkeep::watch(&minutes_later(&ctx, 125)).await.unwrap().told, 1, "again and again");
        let steps = work::get(&ctx, &actor, item.id).await.unwrap().steps;
        let steps: Vec<_> = steps.iter().map(|step| (step.kind.as_str(), step.who.as_str())).collect();
        assert_eq!(steps, [("told_duty", "kim"), ("told_deputy", "ana"), ("told", "bedrail")]);
        work::take(&ctx, &kim, &[item.id], None, None).await.unwrap();
        assert_eq!(upkeep::watch(&minutes_later(&ctx, 600)).await.unwrap().told, 0);
    }
}

fn new_duty(person: &str) -> NewDuty {
    NewDuty {
        weekdays: rota::weekdays("mon-sun").unwrap(),
        from: 0,
        to: rota::DAY,
        person: person.into(),
        deputy: None,
        site: None,
        ward: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_is_stood_in_for_and_a_gap_goes_to_all() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let (kim, ana) = (member(&ctx, &actor, "kim").await, member(&ctx, &actor, "ana").await);
        duty(&ctx, &actor, "tue", ("08:00", "16:00"), "kim", None).await;
        let day = "2026-03-03".parse().unwrap();
        let away = NewAbsence { person: "kim".into(), first: day, last: day, deputy: Some("ana".into()) };
        let id = rota::add_absence(&ctx, &actor, &away).await.unwrap();
        let backwards = NewAbsence { last: "2026-03-02".parse().unwrap(), ..away.clone() };
        assert!(matches!(rota::add_absence(&ctx, &actor, &backwards).await, Err(Error::Invalid { .. })));
        let line =
            |second, rule| alert(second, rule, "ATTACK_RESPONSE root", "203.0.113.9", "10.20.1.7", "allowed");
        push(&ctx, &actor, source, &line(2, 7)).await;
        upkeep::watch(&minutes_later(&ctx, 1)).await.unwrap();
        assert_eq!((told(&ctx, &kim).await.len(), told(&ctx, &ana).await.len()), (0, 1), "ana stands in");
        // There is no deputy: all are told when it would be their turn.
        upkeep::watch(&minutes_later(&ctx, 31)).await.unwrap();
        assert_eq!((told(&ctx, &kim).await.len(), told(&ctx, &ana).await.len()), (1, 2));

        // In the evening nobody has duty: all at once.
        let evening = later(&ctx, 8);
        push(&evening, &actor, source, &line(3, 8)).await;
        upkeep::watch(&minutes_later(&evening, 1)).await.unwrap();
        assert_eq!((told(&ctx, &kim).await.len(), told(&ctx, &ana).await.len()), (2, 3));
        let why = rota::get(&evening, &actor).await.unwrap().now.2;
        assert!(why.starts_with("Nobody has duty"), "{why}");

        // In New York it is one in the afternoon then.
        rota::set_zone(&ctx, &actor, "eastern").await.unwrap();
        assert!(matches!(rota::set_zone(&ctx, &actor, "atlantis").await, Err(Error::Invalid { .. })));
        assert_eq!(rota::get(&evening, &actor).await.unwrap().now.0.as_deref(), Some("ana"));
        rota::remove_absence(&ctx, &actor, id).await.unwrap();
        assert!(matches!(rota::remove_absence(&ctx, &actor, id).await, Err(Error::NotFound { .. })));
        let found = rota::get(&evening, &actor).await.unwrap();
        assert_eq!(found.now.0.as_deref(), Some("kim"));
        // Who leaves is away for good.
        bedrail_app::people::end(&ctx, &actor, kim.account.unwrap()).await.unwrap();
        let found = rota::get(&evening, &actor).await.unwrap();
        assert_eq!((found.now.0, found.duties[0].person.as_str()), (None, "somebody who left"));
        rota::remove_duty(&ctx, &actor, found.duties[0].id).await.unwrap();
        assert!(rota::get(&ctx, &actor).await.unwrap().now.2.starts_with("There is no rota"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn items_belong_to_weaknesses_actions_campaigns_and_incidents() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        push(&ctx, &actor, source, &alert(1, 7, "ET EXPLOIT x", "203.0.113.9", "10.20.1.7", "allowed")).await;
        let item = items(&ctx, &actor, &ItemFilter::default()).await.remove(0);
        for (kind, target) in [
            (Kind::Finding, "CVE-1999-99999"),
            (Kind::Action, "0190b6a2-7c1e-7000-8000-000000000000"),
            (Kind::Campaign, "Log4Shell"),
        ] {
            let missing = links::add(&ctx, &actor, item.id, kind, target).await;
            assert!(matches!(missing, Err(Error::NotFound { .. })), "{kind:?}: {missing:?}");
        }
        for odd in ["", " ", "two\nlines", &"x".repeat(101)] {
            let refused = links::add(&ctx, &actor, item.id, Kind::Incident, odd).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{odd}");
        }
        for _ in 0..2 {
            links::add(&ctx, &actor, item.id, Kind::Incident, "I-7").await.unwrap();
        }
        let due = "2026-03-10".parse().unwrap();
        let new = NewAction {
            what: "Take it off the net".into(),
            owner: "biomed".into(),
            due,
            ..NewAction::default()
        };
        let nothing = NewAction { what: String::new(), ..new.clone() };
        assert!(links::make_action(&ctx, &actor, item.id, &nothing).await.is_err());
        let action = links::make_action(&ctx, &actor, item.id, &new).await.unwrap();
        let listed =
            actions::list(&ctx, &actor, &ActionFilter::default(), &PageRequest::default()).await.unwrap();
        assert_eq!(listed.rows[0].action.id, action);
        let found = work::get(&ctx, &actor, item.id).await.unwrap();
        let texts: Vec<_> = found.links.iter().map(|link| (link.kind, link.text.as_str())).collect();
        assert_eq!(texts, [(Kind::Action, "Take it off the net"), (Kind::Incident, "I-7")]);
        let back = links::to(&ctx, &actor, Kind::Action, &action.to_string()).await.unwrap();
        assert_eq!(back, [(item.id, "ET EXPLOIT x".to_owned())]);
        links::remove(&ctx, &actor, item.id, Kind::Incident, "I-7").await.unwrap();
        let gone = links::remove(&ctx, &actor, item.id, Kind::Incident, "I-7").await;
        assert!(matches!(gone, Err(Error::NotFound { .. })));
        assert_eq!(kinds(&ctx, &actor, &item).await, ["linked", "linked", "unlinked"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_from_paper_leads_back() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        push(&ctx, &actor, source, &alert(1, 7, "ET EXPLOIT x", "203.0.113.9", "10.20.1.7", "allowed")).await;
        let item = items(&ctx, &actor, &ItemFilter::default()).await.remove(0);
        let number = short::of(item.id);
        for typed in [number.clone(), number.replace(' ', ""), number.replace(' ', "-"), item.id.to_string()]
        {
            assert_eq!(short::find(&ctx, &actor, &typed).await.unwrap(), item.id, "{typed}");
        }
        assert!(matches!(short::find(&ctx, &actor, "12").await, Err(Error::Invalid { .. })));
        work::close(&ctx, &actor, &seen(&item), Reason::FalseAlarm, WHY).await.unwrap();
        // A printed list is read on when an alert is closed long since.
        assert_eq!(short::find(&ctx, &actor, &number).await.unwrap(), item.id);
        let other = if number == "000 000 000" { "000 000 018" } else { "000 000 000" };
        assert!(matches!(short::find(&ctx, &actor, other).await, Err(Error::NotFound { .. })));
        let stranger = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
        let stranger = Actor::system(stranger);
        assert!(matches!(short::find(&ctx, &stranger, &number).await, Err(Error::NotFound { .. })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_named_at_no_desk() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let kim = member(&ctx, &actor, "kim-who-leaves").await;
        push(&ctx, &actor, source, &alert(1, 7, "ET EXPLOIT x", "203.0.113.9", "10.20.1.8", "allowed")).await;
        let item = items(&ctx, &actor, &ItemFilter::default()).await.remove(0);
        decide::decide(&ctx, &kim, &seen(&item), Verdict::Attack, WHY).await.unwrap();
        links::add(&ctx, &kim, item.id, Kind::Incident, "I-7").await.unwrap();
        let until: Timestamp = ctx.clock.now() + SignedDuration::from_hours(2);
        pause::pause(&ctx, &kim, item.id, Wait::Ward, WHY, until).await.unwrap();
        assert!(format!("{:?}", work::get(&ctx, &actor, item.id).await.unwrap()).contains("kim-who-leaves"));
        bedrail_app::people::end(&ctx, &actor, kim.account.unwrap()).await.unwrap();
        accounts::erasure::erase(&ctx, &actor, kim.account.unwrap()).await.unwrap();
        let found = format!("{:?}", work::get(&ctx, &actor, item.id).await.unwrap());
        assert!(!found.contains("kim-who-leaves"), "{found}");
    }
}
