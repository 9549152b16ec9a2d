//! What several processes share: keys that make a change happen once, tries to sign in, results of jobs, paces.

use std::sync::Arc;

use bedrail_model::ids::{JobId, OrgId};
use bedrail_model::organisation::OrgKind;
use bedrail_store::idempotency::{self, AnswerRow, Key, Mark};
use bedrail_store::results::{self, ResultRow};
use bedrail_store::tries::{self, Counted};
use bedrail_store::{Change, Error, Stamp, Store, organisations, regular};
use jiff::{SignedDuration, Timestamp};

use crate::stores;

fn at(seconds: i64) -> Timestamp {
    "2026-03-03T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

async fn change(store: &Store, org: OrgId, key: Option<&Mark>) -> Change {
    let key = key.map(|key| Arc::new(key.clone()));
    let (actor, via, account) = ("test".into(), "by itself", None);
    let stamp = Stamp { at: at(0), actor, via, account, address: None, action: "test", key };
    store.change(org, stamp).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_process_died_is_taken_over_once_or_known_to_be_carried_out() {
    for (store, _dir) in stores().await {
        let org = organisations::ensure_first(&store, "One", at(0)).await.unwrap();
        let other = organisations::add(&store, "Two", OrgKind::Maker, at(0)).await.unwrap();
        let begin = async |org, id: u8, second| {
            idempotency::begin(&store, org, &[id], b"the request", at(second)).await.unwrap()
        };
        let mark = |id: u8, key: Key| match key {
            Key::Free(nonce) => Mark { org, id: vec![id], nonce },
            key => panic!("{key:?}"),
        };
        let first = mark(1, begin(org, 1, 0).await);
        assert_eq!(begin(org, 1, 9).await, Key::Busy);
        assert!(matches!(begin(other, 1, 9).await, Key::Free(_)), "keys of organisations never meet");
        idempotency::renew(&store, &first, at(9)).await.unwrap();
        assert_eq!(begin(org, 1, 18).await, Key::Busy);
        // Nobody renews it any more: the next one takes its place, and who comes late changes nothing.
        let second = mark(1, begin(org, 1, 30).await);
        let late = change(&store, org, Some(&first)).await;
        assert!(matches!(late.commit("late", "").await, Err(Error::Overtaken)));
        change(&store, org, Some(&second)).await.commit("in time", "").await.unwrap();
        assert_eq!(begin(org, 1, 60).await, Key::CarriedOut);
        // A fault after the change frees nothing; one before it does.
        idempotency::forget(&store, &second).await.unwrap();
        assert_eq!(begin(org, 1, 60).await, Key::CarriedOut);
        let third = mark(2, begin(org, 2, 60).await);
        idempotency::forget(&store, &third).await.unwrap();
        let fourth = mark(2, begin(org, 2, 60).await);
        let answer = AnswerRow { status: 200, kind: "text/plain".into(), body: b"sealed".to_vec() };
        idempotency::finish(&store, &third, answer.clone()).await.unwrap();
        assert_eq!(begin(org, 2, 61).await, Key::Busy, "an answer under an old number counts for nothing");
        idempotency::finish(&store, &fourth, answer.clone()).await.unwrap();
        assert_eq!(begin(org, 2, 61).await, Key::Answered(answer));
        let another = idempotency::begin(&store, org, &[2], b"another", at(61)).await.unwrap();
        assert_eq!(another, Key::Other);
        assert!(matches!(begin(org, 2, 61 + 25 * 3_600).await, Key::Free(_)), "kept for a day");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_are_counted_by_all_processes_together() {
    for (store, _dir) in stores().await {
        let of = |whose: u8, burst| Counted { whose: vec![whose; 32], each: 20_000_000, burst };
        let (name, all) = (of(1, 3), of(2, 100));
        let take =
            async |second| tries::take(&store, &[name.clone(), all.clone()], at(second)).await.unwrap();
        for _ in 0..3 {
            assert!(take(0).await);
        }
        assert!(!take(0).await);
        assert!(!take(19).await);
        assert!(take(20).await, "one comes back");
        assert!(!take(20).await);
        tries::give_back(&store, &name.whose, std::slice::from_ref(&all)).await.unwrap();
        assert!(take(20).await);
        // A clock that goes back by a day shuts nobody out, nor does one that ran ahead.
        assert!(take(-86_400).await);
        assert!(take(86_400).await);
        // Who is refused by one bucket takes nothing of the other.
        let (empty, shared) = (of(3, 1), of(4, 1));
        assert!(tries::take(&store, std::slice::from_ref(&empty), at(0)).await.unwrap());
        assert!(!tries::take(&store, &[shared.clone(), empty], at(0)).await.unwrap());
        assert!(tries::take(&store, &[shared], at(0)).await.unwrap());
        assert!(tries::sweep(&store, at(10 * 86_400)).await.unwrap() >= 2);
    }
}

/// Wherever the name's digest sorts among the shared ones, who takes and who gives back want the rows in one order.
#[tokio::test(flavor = "multi_thread")]
async fn who_takes_tries_and_who_gives_them_back_never_wait_for_each_other() {
    for (store, _dir) in stores().await {
        let of = |whose: u8| Counted { whose: vec![whose; 32], each: 1, burst: 1_000_000 };
        let many = (0..8).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for round in 0..25 {
                    let (name, shared) = (of(1 + 2 * (round % 3)), [of(2), of(4)]);
                    let all = [name.clone(), shared[0].clone(), shared[1].clone()];
                    assert!(tries::take(&store, &all, at(0)).await.unwrap());
                    tries::give_back(&store, &name.whose, &shared).await.unwrap();
                }
            })
        });
        for one in many.collect::<Vec<_>>() {
            one.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_of_one_organisation_and_expire() {
    for (store, _dir) in stores().await {
        let org = organisations::ensure_first(&store, "One", at(0)).await.unwrap();
        let other = organisations::add(&store, "Two", OrgKind::Maker, at(0)).await.unwrap();
        let row = |expires| ResultRow {
            job: JobId::generate(),
            kind: "text/csv".into(),
            name: "devices.csv".into(),
            bytes: 12,
            expires,
        };
        let (soon, later) = (row(at(10)), row(at(1_000)));
        let open = change(&store, org, None).await;
        for row in [&soon, &later] {
            results::put(&open, row).await.unwrap();
        }
        open.commit("two results", "").await.unwrap();
        let one = async |org, job| results::one(&store.view(org).await.unwrap(), job).await.unwrap();
        assert_eq!(one(org, soon.job).await.as_ref(), Some(&soon));
        assert_eq!(one(other, soon.job).await, None);
        assert_eq!(results::sweep(&store, other, at(5_000)).await.unwrap(), []);
        assert_eq!(results::sweep(&store, org, at(10)).await.unwrap(), [soon.job]);
        assert_eq!(one(org, soon.job).await, None);
        assert_eq!(one(org, later.job).await, Some(later));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pace_is_chosen_changed_and_given_up() {
    for (store, _dir) in stores().await {
        let org = organisations::ensure_first(&store, "One", at(0)).await.unwrap();
        for (minutes, expected) in [(Some(60), vec![("feed.update".to_owned(), 60)]), (None, vec![])] {
            let open = change(&store, org, None).await;
            regular::set(&open, "feed.update", minutes).await.unwrap();
            open.commit("pace", "").await.unwrap();
            assert_eq!(regular::all(&store).await.unwrap(), expected);
        }
    }
}
