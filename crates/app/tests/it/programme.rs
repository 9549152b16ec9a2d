//! The programme: states follow facts, documents and decisions; a past day stays as it was; a binder shows every change.

use std::io::{Seek as _, SeekFrom, Write as _};

use bedrail_app::clock::Clock;
use bedrail_app::programme::{self, Decide, Filter, Period, Prove, StateWord as State};
use bedrail_app::{Actor, Context, Error, devices, organisations};
use bedrail_model::organisation::OrgKind;
use jiff::civil::{Date, date};

use crate::story;

/// One signal, shown by a document alone: days since the last evaluation.
const EVALUATION: &str = "sr-164-308-a-8";
/// Addressable.
const LOGOFF: &str = "sr-164-312-a-2-iii";

fn document(requirement: &str, signal: &str, shows: &str, expires: Option<Date>) -> Prove {
    Prove {
        requirement: requirement.to_owned(),
        signal: Some(signal.to_owned()),
        system: None,
        shows: shows.to_owned(),
        about_from: date(2026, 2, 1),
        about_to: None,
        collected: Some(date(2026, 2, 1)),
        collector: "the compliance office".to_owned(),
        expires,
        file_name: "../../report.txt".to_owned(),
        document: format!("{signal} {shows} {expires:?}\n").as_str().into(),
    }
}

fn decision(outcome: &str) -> Decide {
    Decide {
        requirement: LOGOFF.to_owned(),
        outcome: outcome.to_owned(),
        measure: Some("locked rooms".to_owned()),
        systems: Vec::new(),
        reason: "monitors must never log off beside a patient".to_owned(),
        approver: "the chief nurse".to_owned(),
        decided: Some(date(2026, 2, 1)),
        review_by: date(2026, 12, 1),
        proof: None,
    }
}

async fn row(ctx: &Context, actor: &Actor, id: &str) -> programme::Row {
    programme::get(ctx, actor, id).await.unwrap().row
}

fn at(ctx: &Context, moment: &str) -> Context {
    let mut later = ctx.clone();
    later.clock = Clock::Fixed(moment.parse().unwrap());
    later
}

#[tokio::test]
async fn a_document_counts_until_it_lapses_and_a_failing_one_never_helps() {
    for database in story::databases() {
        let dir = tempfile::tempdir().unwrap();
        let ctx = story::open(dir.path(), database).await;
        let ctx = at(&ctx, "2026-03-03T10:00:00Z");
        let actor = Actor::system(organisations::add(&ctx, "Shown", OrgKind::CoveredEntity).await.unwrap());
        let other = Actor::system(organisations::add(&ctx, "Other", OrgKind::CoveredEntity).await.unwrap());
        let before = row(&ctx, &actor, EVALUATION).await;
        let good = document(EVALUATION, "evaluation.age_days", "12", Some(date(2026, 3, 10)));
        let id = programme::prove(&ctx, &actor, good.clone()).await.unwrap();
        assert_eq!(programme::prove(&ctx, &actor, good).await.unwrap(), id, "the same is kept once");
        let detail = programme::get(&ctx, &actor, EVALUATION).await.unwrap();
        let signal = detail.signals.iter().find(|it| it.id == "evaluation.age_days").unwrap();
        assert_eq!((signal.state, signal.facts.len()), (State::Evidenced, 1));
        assert_eq!(detail.proofs[0].file_name, "report.txt");
        assert!(detail.row.state >= before.state);
        // The other organisation sees nothing of it.
        let there = programme::get(&ctx, &other, EVALUATION).await.unwrap();
        assert!(there.proofs.is_empty() && there.row.state == before.state);
        let Err(Error::NotFound { .. }) = programme::withdraw(&ctx, &other, id).await else {
            panic!("not theirs")
        };

        let shown = detail.row.state;
        let bad = document(EVALUATION, "evaluation.age_days", "900", None);
        programme::prove(&ctx, &actor, bad).await.unwrap();
        assert!(row(&ctx, &actor, EVALUATION).await.state <= shown, "one more failing fact never helps");

        let later = at(&ctx, "2028-03-11T10:00:00Z");
        let lapsed = row(&later, &actor, EVALUATION).await;
        assert!(lapsed.overdue && lapsed.state != State::Evidenced, "{lapsed:?}");
        let overdue = Filter { overdue: true, ..Filter::default() };
        assert!(
            programme::list(&later, &actor, &overdue)
                .await
                .unwrap()
                .rows
                .iter()
                .any(|it| it.id == EVALUATION)
        );
        ctx.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_decision_gives_a_choice_on_addressable_items_alone() {
    for database in story::databases() {
        let dir = tempfile::tempdir().unwrap();
        let ctx = at(&story::open(dir.path(), database).await, "2026-03-03T10:00:00Z");
        let actor = Actor::system(organisations::add(&ctx, "Decides", OrgKind::CoveredEntity).await.unwrap());
        programme::decide(&ctx, &actor, &decision("alternative")).await.unwrap();
        assert_eq!(row(&ctx, &actor, LOGOFF).await.state, State::Claimed, "without a document it is a claim");
        let required = Decide { requirement: EVALUATION.to_owned(), ..decision("not_reasonable") };
        let Err(Error::Invalid { .. }) = programme::decide(&ctx, &actor, &required).await else {
            panic!("required")
        };
        for wrong in [
            Decide { reason: " ".to_owned(), ..decision("not_reasonable") },
            Decide { approver: String::new(), ..decision("not_reasonable") },
            Decide { review_by: date(2026, 1, 1), ..decision("not_reasonable") },
            Decide { measure: None, ..decision("alternative") },
            Decide { outcome: "ignored".to_owned(), ..decision("alternative") },
            Decide { decided: Some(date(2027, 1, 1)), ..decision("alternative") },
        ] {
            let Err(Error::Invalid { .. }) = programme::decide(&ctx, &actor, &wrong).await else {
                panic!("{wrong:?}")
            };
        }
        // Past its review date it counts no more; a newer one, that nothing is done instead, ends it.
        let late = row(&at(&ctx, "2026-12-02T10:00:00Z"), &actor, LOGOFF).await;
        assert!(late.overdue && late.state == State::Unknown, "{late:?}");
        programme::decide(&ctx, &actor, &decision("implement")).await.unwrap();
        assert_eq!(row(&ctx, &actor, LOGOFF).await.state, State::Unknown);
        ctx.close().await.unwrap();
    }
}

const LIST: &str = "Asset tag,Manufacturer,Model,Version,Site,Ward,Owner\nF-1,Orbis,Flow,1,North,ICU,Ann\n";

#[tokio::test]
async fn a_past_day_stays_as_it_was_and_every_changed_byte_of_a_binder_is_found() {
    for database in story::databases() {
        let dir = tempfile::tempdir().unwrap();
        let ctx = at(&story::open(dir.path(), database).await, "2026-03-03T10:00:00Z");
        let actor = Actor::system(organisations::add(&ctx, "Keeps", OrgKind::CoveredEntity).await.unwrap());
        devices::import(&ctx, &actor, story::list("list.csv", LIST, false)).await.unwrap();
        let id = programme::prove(&ctx, &actor, document(EVALUATION, "evaluation.age_days", "12", None))
            .await
            .unwrap();
        let day = programme::note(&ctx, &actor).await.unwrap();
        let before = programme::on(&ctx, &actor, day).await.unwrap();
        let then = |past: &programme::Past| past.then.clone();
        assert!(before.taken.is_some() && !before.then.is_empty());

        let next = at(&ctx, "2026-03-04T10:00:00Z");
        programme::withdraw(&next, &actor, id).await.unwrap();
        programme::note(&next, &actor).await.unwrap();
        let after = programme::on(&next, &actor, day).await.unwrap();
        assert_eq!(then(&after), then(&before), "as known then does not move");
        let now = |past: &programme::Past| past.now.iter().find(|it| it.id == EVALUATION).unwrap().state;
        assert!(now(&after) < now(&before), "as known now does");
        let Err(Error::Invalid { .. }) = programme::on(&next, &actor, date(2026, 3, 5)).await else {
            panic!("future")
        };

        let path = dir.path().join("binder.zip");
        let file = std::fs::File::create(&path).unwrap();
        let period = Period { from: day, to: date(2026, 3, 4) };
        let sealed = programme::export(&next, &actor, period, file).await.unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let key: [u8; 32] = hex_of(&sealed.key);
        let verified = programme::verify(bytes.as_slice(), Some(&key)).unwrap();
        let paths: Vec<&str> = verified.manifest.entries.iter().map(|it| it.path.as_str()).collect();
        for wanted in [
            "states/as-known-then/2026-03-03.csv",
            "states/as-known-now.csv",
            "facts/2026-03-03.csv",
            "audit/audit.jsonl",
            "alerts/account.csv",
            "decisions/addressable.csv",
            "catalogues/hipaa-security-rule.yaml",
            &format!("proofs/{id}.txt"),
        ] {
            assert!(paths.contains(&wanted), "{wanted}: {paths:?}");
        }
        for place in (0..bytes.len()).step_by(bytes.len() / 40) {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(programme::verify(changed.as_slice(), Some(&key)).is_err(), "byte {place}");
        }
        // A document that is damaged in the data folder is no evidence: nothing is sealed.
        let digest =
            verified.manifest.entries.iter().find(|it| it.path.ends_with(&format!("{id}.txt"))).unwrap();
        let kept = dir.path().join("documents").join(&digest.sha256[..2]).join(&digest.sha256);
        let mut kept = std::fs::File::options().write(true).open(kept).unwrap();
        kept.seek(SeekFrom::Start(0)).unwrap();
        kept.write_all(b"X").unwrap();
        let again = programme::export(&next, &actor, period, Vec::new()).await;
        let Err(Error::Unavailable { .. }) = again else { panic!("{again:?}") };
        ctx.close().await.unwrap();
    }
}

fn hex_of(text: &str) -> [u8; 32] {
    let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(byte)
}
