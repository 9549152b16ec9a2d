//! What first: the sample hospital in one order, without what is decided, and as it would be.

use bedrail_app::decisions::{self, Decide, ScopeChoice};
use bedrail_app::organisations;
use bedrail_app::page::PageRequest;
use bedrail_app::priority::{self, Isolate, Priorities, PriorityFilter, When};
use bedrail_app::{Actor, Context, accounts, demo};
use bedrail_model::decision::{Origin, Verdict};
use bedrail_model::organisation::OrgKind;
use bedrail_model::vex::Justification;

use crate::story;

async fn list(ctx: &Context, actor: &Actor, isolate: Option<Isolate>) -> Priorities {
    let filter = PriorityFilter { isolate, ..PriorityFilter::default() };
    priority::list(ctx, actor, &filter, &PageRequest::at(0, 500)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hospital_is_in_one_order_and_isolating_helps() {
    for database in [None, bedrail_testkit::postgres::database()] {
        let dir = tempfile::tempdir().unwrap();
        let ctx = story::open(dir.path(), database).await;
        let org = accounts::ensure_organisation(&ctx, demo::ORGANISATION).await.unwrap();
        let actor = Actor::system(org);
        demo::load(&ctx, &actor, &|_, _, _| {}).await.unwrap();
        one_order(&ctx, &actor).await;
    }
}

async fn one_order(ctx: &Context, actor: &Actor) {
    let is = list(ctx, actor, None).await;
    assert_eq!(is.counts.iter().sum::<u64>(), is.page.total);
    assert!(is.counts[0] > 0 && is.handled > 0, "{:?} {}", is.counts, is.handled);
    let ranks: Vec<When> = is.page.rows.iter().map(|row| row.rank.when).collect();
    assert!(ranks.is_sorted_by(|a, b| a >= b), "the most urgent first");
    let first = &is.page.rows[0];
    assert!(first.rank.when == When::Immediate && first.weakness.kev.is_some(), "{first:?}");

    // A release alone, then all that faces the outside.
    let release = list(ctx, actor, Some(Isolate::Release(first.release))).await;
    let (devices, without) = release.what_if.unwrap();
    assert!(devices >= first.devices && without == is.counts);
    let moved = release
        .page
        .rows
        .iter()
        .find(|row| row.release == first.release && row.weakness.id == first.weakness.id);
    assert!(moved.is_none_or(|row| row.rank.when < When::Immediate));
    let outside = list(ctx, actor, Some(Isolate::Outside)).await;
    assert!(outside.counts[0] < is.counts[0] || outside.page.rows.iter().all(|row| row.outside == 0));
    assert_eq!(list(ctx, actor, None).await.counts, is.counts, "nothing was written");

    // What is decided leaves the list; another organisation sees nothing of it.
    let command = Decide {
        weaknesses: vec![first.weakness.id.clone()],
        scope: ScopeChoice::Release(first.release),
        verdict: Verdict::NotAffected(Justification::InlineMitigationsAlreadyExist),
        reason: "the gateway in front of it drops such requests".into(),
        review_on: None,
        action: None,
        origin: Origin::Person,
    };
    decisions::decide(ctx, actor, &command).await.unwrap();
    let now = list(ctx, actor, None).await;
    let gone =
        |row: &priority::PriorityRow| (row.release, &row.weakness.id) != (first.release, &first.weakness.id);
    assert!(now.page.rows.iter().all(gone));
    let other = organisations::add(ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    assert_eq!(list(ctx, &Actor::system(other), None).await.page.total, 0);
}
