//! Signals whose facts are in registers, the plan for incidents, the risk analysis and with vendors: each is unknown until somebody says
//! something, says what was said, and is of its organisation alone.

use bedrail_app::clock::Clock;
use bedrail_app::programme::{self, StateWord as State};
use bedrail_app::response::{self, EntryKind, NewEntry};
use bedrail_app::risk_analysis::{self, Declare};
use bedrail_app::vendors::{self, SetVendor};
use bedrail_app::written::{self, New};
use bedrail_app::{Actor, Context, devices};
use jiff::civil::date;

use crate::story;

const LIST: &str = "\
Asset tag,Serial,Manufacturer,Model,Version,Site,Ward,Exposure
P-1,S1,Orbis,Flow,1,North,ICU,outside
P-2,S2,Velta,Monitor,1,South,ICU,
";
const MORE: &str = "\
Asset tag,Serial,Manufacturer,Model,Version,Site,Ward,Exposure
P-3,S3,Orbis,Flow,1,North,ICU,outside
";

/// A requirement that asks for each signal.
const ASKED_BY: &[(&str, &str)] = &[
    ("ir_plan.age_days", "sr-164-308-a-6-i"),
    ("ir_exercise.age_days", "sr-164-308-a-6-i"),
    ("log_review.overdue", "sr-164-308-a-1-ii-d"),
    ("reminder.days_since_last", "sr-164-308-a-5-ii-a"),
    ("role.security_official.filled", "sr-164-308-a-2"),
    ("role.privacy_official.filled", "priv-official"),
    ("role.privacy_contact.filled", "priv-contact"),
    ("org.hipaa_role_set", "sr-164-306-c"),
    ("org.is_clearinghouse", "sr-164-308-a-4-ii-a"),
    ("org.group_health_plan", "sr-164-314-b-1"),
    ("asset.count_with_ephi", "sr-164-306-a"),
    ("finding.open_without_risk", "sr-164-308-a-1-ii-a"),
    ("asset_change_since_review", "sr-164-306-e"),
    ("vendor.subcontractor_without_baa", "sr-164-314-a-2-iii"),
];

/// The facts of a signal: system and value of each; none where it is unknown, with a reason.
async fn facts(ctx: &Context, actor: &Actor, id: &str) -> Vec<(String, String)> {
    let (_, requirement) = ASKED_BY.iter().find(|(signal, _)| *signal == id).unwrap();
    let detail = programme::get(ctx, actor, requirement).await.unwrap();
    let found = detail.signals.into_iter().find(|it| it.id == id).unwrap();
    assert!(!found.facts.is_empty() || !found.unknown.is_empty(), "{id} says nothing, and not why");
    let mut facts: Vec<(String, String)> = found.facts.into_iter().map(|it| (it.system, it.value)).collect();
    facts.sort();
    facts
}

async fn value(ctx: &Context, actor: &Actor, id: &str) -> Option<String> {
    let mut all = facts(ctx, actor, id).await;
    assert!(all.len() < 2, "{id}: {all:?}");
    all.pop().map(|(_, value)| value)
}

async fn write(ctx: &Context, actor: &Actor, kind: &str, day: &str, system: &str, fields: &[(&str, &str)]) {
    let fields = fields.iter().map(|(code, value)| ((*code).to_owned(), (*value).to_owned())).collect();
    let new = New { day: day.to_owned(), system: system.to_owned(), fields };
    written::write(ctx, actor, kind, &new).await.unwrap();
}

fn at(ctx: &Context, moment: &str) -> Context {
    let mut later = ctx.clone();
    later.clock = Clock::Fixed(moment.parse().unwrap());
    later
}

/// Two organisations with the same devices, on each database. Today is 3 March 2026.
async fn on_both(story: impl AsyncFn(Context, Actor, Actor)) {
    story::two_with(LIST, story).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_of_the_programme_say_what_was_written_down_and_until_when() {
    on_both(async |ctx, one, two| {
        for (id, _) in ASKED_BY {
            assert_eq!(value(&ctx, &one, id).await, None, "{id}");
        }
        let review = [("by", "IT"), ("scope", "February"), ("result", "nothing odd")];
        write(&ctx, &one, "log_review", "2026-02-20", "Record system", &review).await;
        assert_eq!(facts(&ctx, &one, "log_review.overdue").await, [("Record system".into(), "0".into())]);
        let later = at(&ctx, "2026-03-24T10:00:00Z");
        assert_eq!(value(&later, &one, "log_review.overdue").await.as_deref(), Some("1"), "a month is over");

        let reminder = [("by", "IT"), ("way", "mail"), ("what", "do not click")];
        write(&ctx, &one, "security_reminder", "2026-03-01", "all", &reminder).await;
        assert_eq!(value(&ctx, &one, "reminder.days_since_last").await.as_deref(), Some("2"));

        let named = |office: &'static str, holder: &'static str| {
            [("office", office), ("holder", holder), ("by", "the board")]
        };
        write(&ctx, &one, "office", "2026-01-05", "all of it", &named("security_official", "Kim")).await;
        write(&ctx, &one, "office", "2026-01-05", "all of it", &named("privacy_official", "Lou")).await;
        write(&ctx, &one, "office", "2026-02-05", "all of it", &named("privacy_official", "")).await;
        assert_eq!(value(&ctx, &one, "role.security_official.filled").await.as_deref(), Some("yes"));
        assert_eq!(
            value(&ctx, &one, "role.privacy_official.filled").await.as_deref(),
            Some("no"),
            "vacant since"
        );
        assert_eq!(value(&ctx, &one, "role.privacy_contact.filled").await, None);
        let later = at(&ctx, "2027-01-08T10:00:00Z");
        assert_eq!(
            value(&later, &one, "role.security_official.filled").await,
            None,
            "nobody said so for a year"
        );

        let role = [
            ("role", "covered_entity"),
            ("clearinghouse", "no"),
            ("group_health_plan", "yes"),
            ("by", "counsel"),
        ];
        write(&ctx, &one, "hipaa_role", "2026-01-05", "all of it", &role).await;
        for (id, said) in
            [("org.hipaa_role_set", "yes"), ("org.is_clearinghouse", "no"), ("org.group_health_plan", "yes")]
        {
            assert_eq!(value(&ctx, &one, id).await.as_deref(), Some(said), "{id}");
        }
        // What does not apply by a fact is left out of the figures.
        let wall = programme::get(&ctx, &one, "sr-164-308-a-4-ii-a").await.unwrap();
        assert_eq!(wall.row.applies, "no", "{:?}", wall.row);
        for (id, _) in ASKED_BY {
            assert_eq!(value(&ctx, &two, id).await, None, "{id} of the other organisation");
        }
    })
    .await;
}

fn entry(kind: EntryKind, name: &str, day: Option<jiff::civil::Date>) -> NewEntry {
    NewEntry {
        kind,
        name: name.into(),
        place: String::new(),
        rank: 1,
        person: "Kim".into(),
        reach: "555 0100".into(),
        body: "as it was".into(),
        follow_ups: String::new(),
        day,
        withdrawn: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_shows_a_plan_that_is_there_and_exercises_of_the_plan_count() {
    on_both(async |ctx, one, two| {
        let review = [("by", "Kim"), ("result", "telephone numbers renewed")];
        write(&ctx, &one, "plan_review", "2026-02-21", "all of it", &review).await;
        assert_eq!(value(&ctx, &one, "ir_plan.age_days").await, None, "nobody to call: there is no plan");
        response::put(&ctx, &one, &entry(EntryKind::Contact, "Lead", None)).await.unwrap();
        assert_eq!(value(&ctx, &one, "ir_plan.age_days").await.as_deref(), Some("10"));

        let held = entry(EntryKind::Exercise, "No network", Some(date(2026, 2, 1)));
        response::put(&ctx, &one, &held).await.unwrap();
        assert_eq!(
            facts(&ctx, &one, "ir_exercise.age_days").await,
            [("the organisation".into(), "30".into())]
        );
        // The newest of the same part counts, wherever it was written down.
        let drill = [("by", "Kim"), ("learned", "call earlier")];
        write(&ctx, &one, "incident_exercise", "2026-01-01", "The organisation", &drill).await;
        assert_eq!(value(&ctx, &one, "ir_exercise.age_days").await.as_deref(), Some("30"));
        assert_eq!(value(&ctx, &two, "ir_exercise.age_days").await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_risk_analysis_says_what_joined_and_changed_since_and_where_patient_data_is() {
    on_both(async |ctx, one, two| {
        let holds = |asset: &str, holds| Declare {
            asset: asset.into(),
            holds,
            what: "names".into(),
            source: "manual".into(),
        };
        risk_analysis::declare(&ctx, &one, &holds("Velta Monitor", false)).await.unwrap();
        assert_eq!(value(&ctx, &one, "asset.count_with_ephi").await, None, "of the pump nobody said");
        risk_analysis::declare(&ctx, &one, &holds("Orbis Flow", true)).await.unwrap();
        assert_eq!(value(&ctx, &one, "asset.count_with_ephi").await.as_deref(), Some("1"));

        // Signed after the list was brought: what was written then is no change.
        risk_analysis::sign(&at(&ctx, "2026-03-04T10:00:00Z"), &one, "all devices", None).await.unwrap();
        let later = at(&ctx, "2026-03-05T10:00:00Z");
        assert_eq!(value(&later, &one, "finding.open_without_risk").await.as_deref(), Some("0"));
        assert_eq!(value(&later, &one, "asset_change_since_review").await.as_deref(), Some("2/2"));
        devices::import(&later, &one, story::list("more.csv", MORE, false)).await.unwrap();
        assert_eq!(
            value(&later, &one, "finding.open_without_risk").await,
            None,
            "it has no bill of materials"
        );
        assert_eq!(value(&later, &one, "asset_change_since_review").await.as_deref(), Some("2/3"));
        let covered = risk_analysis::get(&later, &one).await.unwrap().covered.unwrap();
        assert_eq!((covered.share, covered.joined_total, covered.gone, covered.unclear), ((2, 3), 1, 0, 1));
        assert_eq!(value(&later, &two, "asset.count_with_ephi").await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subcontractors_have_agreements_only_where_their_vendors_confirmed_it() {
    on_both(async |ctx, one, two| {
        const ID: &str = "vendor.subcontractor_without_baa";
        let vendor = |attested| SetVendor {
            name: "Billing".into(),
            ephi: "yes".into(),
            associate: "yes".into(),
            subcontractors: vec!["Print".into(), "Mail".into()],
            attested,
            ..SetVendor::default()
        };
        let id = vendors::set(&ctx, &one, None, &vendor(None)).await.unwrap();
        assert_eq!(value(&ctx, &one, ID).await, None, "whether they have one nobody said");
        vendors::set(&ctx, &one, Some(id), &vendor(Some(date(2026, 2, 1)))).await.unwrap();
        assert_eq!(value(&ctx, &one, ID).await.as_deref(), Some("0"));
        let state = programme::get(&ctx, &one, "sr-164-314-a-2-iii").await.unwrap().row.state;
        assert_eq!(state, State::Evidenced);
        assert_eq!(value(&ctx, &two, ID).await, None);
    })
    .await;
}
