use bedrail_model::job::JobState;
use bedrail_model::organisation::OrgKind;
use bedrail_store::jobs::{self, Lease, NewJob, Outcome, Progress};
use bedrail_store::{Lock, Stamp, Store, organisations};
use jiff::{SignedDuration, Timestamp};

use crate::stores;

fn now() -> Timestamp {
    "2026-03-03T10:00:00Z".parse().unwrap()
}

fn seconds(count: i64) -> Timestamp {
    now() + SignedDuration::from_secs(count)
}

fn job(unique: Option<&str>) -> NewJob<'_> {
    NewJob { kind: "check", payload: "{}", unique, run_at: now(), account: None }
}

async fn claim(store: &Store, at: Timestamp) -> Option<Lease> {
    let until = at + SignedDuration::from_secs(60);
    jobs::claim(store, "test", at, until).await.unwrap().map(|(_, lease)| lease)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_job_is_claimed_once_however_many_ask() {
    for (store, _dir) in stores().await {
        for _ in 0..20 {
            jobs::add_by_clock(&store, None, &job(None), now()).await.unwrap();
        }
        let claims = (0..30).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { claim(&store, now()).await })
        });
        let mut claimed = Vec::new();
        for one in claims {
            claimed.extend(one.await.unwrap().map(|lease| lease.job));
        }
        // On PostgreSQL a claim may find its row just taken; then it comes again.
        while let Some(lease) = claim(&store, now()).await {
            claimed.push(lease.job);
        }
        assert_eq!(claimed.len(), 20);
        claimed.sort_unstable();
        claimed.dedup();
        assert_eq!(claimed.len(), 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_lease_writes_nothing() {
    for (store, _dir) in stores().await {
        jobs::add_by_clock(&store, None, &job(None), now()).await.unwrap();
        let first = claim(&store, now()).await.unwrap();
        assert_eq!(claim(&store, seconds(59)).await, None);
        let beat = async |lease, at, until| {
            jobs::beat(&store, lease, &Progress::default(), at, until).await.unwrap()
        };
        assert_eq!(beat(first, seconds(50), seconds(110)).await, Some(false));
        assert_eq!(claim(&store, seconds(109)).await, None);

        let second = claim(&store, seconds(111)).await.unwrap();
        assert_eq!(second.job, first.job);
        assert_eq!(beat(first, seconds(112), seconds(172)).await, None);
        let done = Outcome::Done("done".into());
        assert!(!jobs::end(&store, first, &done, seconds(112)).await.unwrap());
        assert!(jobs::end(&store, second, &done, seconds(113)).await.unwrap());
        assert!(!jobs::end(&store, second, &done, seconds(114)).await.unwrap());
        assert_eq!(claim(&store, seconds(9999)).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_work_is_enqueued_once_until_it_is_over() {
    for (store, _dir) in stores().await {
        let add = async || jobs::add_by_clock(&store, None, &job(Some("work")), now()).await.unwrap();
        assert!(add().await.is_some());
        assert_eq!(add().await, None);
        let lease = claim(&store, now()).await.unwrap();
        assert_eq!(add().await, None);
        let later = Outcome::Again("not yet".into(), seconds(30));
        assert!(jobs::end(&store, lease, &later, now()).await.unwrap());
        assert_eq!(add().await, None);
        assert_eq!(claim(&store, seconds(29)).await, None);
        let lease = claim(&store, seconds(30)).await.unwrap();
        assert!(jobs::end(&store, lease, &Outcome::Failed("no".into()), seconds(31)).await.unwrap());
        assert!(add().await.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_comes_and_ends_with_the_change_or_not_at_all() {
    for (store, _dir) in stores().await {
        let org = organisations::ensure_first(&store, "One", now()).await.unwrap();
        let other = organisations::add(&store, "Two", OrgKind::Maker, now()).await.unwrap();
        let change = async |org| {
            let stamp = Stamp {
                at: now(),
                actor: "test".into(),
                via: "by itself",
                account: None,
                action: "test",
                address: None,
                key: None,
            };
            store.change(org, stamp).await.unwrap()
        };
        let dropped = change(org).await;
        jobs::add(&dropped, &job(None)).await.unwrap();
        drop(dropped);
        assert_eq!(claim(&store, now()).await, None);
        let kept = change(org).await;
        let id = jobs::add(&kept, &job(None)).await.unwrap().unwrap();
        kept.commit("a job", "").await.unwrap();

        // The other organisation neither sees nor stops it.
        let view = store.view(other).await.unwrap();
        assert_eq!(jobs::one(&view, id).await.unwrap(), None);
        assert_eq!(jobs::list(&view, None, 10, 0).await.unwrap(), []);
        assert_eq!(jobs::pulse(&view).await.unwrap(), (0, 0));
        drop(view);
        let foreign = change(other).await;
        assert!(!jobs::cancel(&foreign, id).await.unwrap());
        drop(foreign);

        let lease = claim(&store, now()).await.unwrap();
        let dropped = change(org).await;
        assert!(jobs::end_with(&dropped, lease, "done").await.unwrap());
        drop(dropped);
        let asked = change(org).await;
        assert!(jobs::cancel(&asked, id).await.unwrap());
        asked.commit("stop", "").await.unwrap();
        let progress = Progress { done: 1, total: 2, words: "half".into() };
        assert_eq!(jobs::beat(&store, lease, &progress, now(), seconds(60)).await.unwrap(), Some(true));
        assert!(jobs::end(&store, lease, &Outcome::Cancelled, now()).await.unwrap());
        let again = change(org).await;
        assert!(jobs::retry(&again, id).await.unwrap());
        again.commit("again", "").await.unwrap();
        let lease = claim(&store, now()).await.unwrap();
        let kept = change(org).await;
        assert!(jobs::end_with(&kept, lease, "done").await.unwrap());
        kept.commit("done", "").await.unwrap();
        let view = store.view(org).await.unwrap();
        let row = jobs::one(&view, id).await.unwrap().unwrap();
        assert_eq!((row.state, row.words.as_str(), row.attempt), (JobState::Done, "done", 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_has_a_limit_and_goes_with_its_job() {
    for (store, _dir) in stores().await {
        let org = organisations::ensure_first(&store, "One", now()).await.unwrap();
        let id = jobs::add_by_clock(&store, Some(org), &job(None), now()).await.unwrap().unwrap();
        for line in 0..jobs::LINES_AT_MOST + 5 {
            jobs::add_line(&store, id, now(), &format!("line {line}")).await.unwrap();
        }
        let lines = async || jobs::lines(&store.view(org).await.unwrap(), id).await.unwrap();
        assert_eq!(lines().await.len(), jobs::LINES_AT_MOST as usize);
        let lease = claim(&store, now()).await.unwrap();
        jobs::end(&store, lease, &Outcome::Done(String::new()), now()).await.unwrap();
        assert_eq!(jobs::sweep(&store, now()).await.unwrap(), 0);
        assert_eq!(jobs::sweep(&store, seconds(1)).await.unwrap(), 1);
        assert_eq!(lines().await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_holds_a_lock_at_a_time_whichever_way_they_opened_the_database() {
    for (store, dir) in stores().await {
        let other = match &dir {
            Some(dir) => {
                Store::open(&bedrail_store::Address::File(dir.path().join("test.sqlite"))).await.unwrap()
            }
            // A second pool would need the address; the advisory lock is taken by another connection of this one.
            None => store.clone(),
        };
        let held = store.lock(Lock::Matching).await.unwrap();
        let waiting = tokio::spawn(async move { other.lock(Lock::Matching).await.map(drop) });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished());
        drop(held);
        waiting.await.unwrap().unwrap();
    }
}
