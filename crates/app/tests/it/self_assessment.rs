//! The self-assessment: saved answer by answer, a "no" becomes an action that a proof closes, and a word is a claim.

use bedrail_app::actions::{self, ActionFilter};
use bedrail_app::page::PageRequest;
use bedrail_app::programme::{self, Reply, StateWord as State, Wanted};
use bedrail_app::{Actor, Context, Error, accounts, devices, organisations};
use bedrail_model::organisation::OrgKind;
use jiff::civil::date;

use crate::story;

const LIST: &str = "\
Asset tag,Manufacturer,Model,Version,Site,Ward
P-1,Orbis,Flow,1,North,ICU
P-2,Orbis,Flow,1,South,ICU
";
const HOSTILE: &str = "<script>alert(1)</script> '; DROP TABLE self_answer; --";
/// Asked once: days since the last evaluation.
const EVALUATION: &str = "sr-164-308-a-8";

fn says(requirement: &str, answer: &str) -> Reply {
    Reply { requirement: requirement.to_owned(), answer: answer.to_owned(), ..Reply::default() }
}

async fn state(ctx: &Context, actor: &Actor, requirement: &str, signal: &str) -> State {
    let detail = programme::get(ctx, actor, requirement).await.unwrap();
    detail.signals.iter().find(|it| it.id == signal).unwrap().state
}

async fn open_actions(ctx: &Context, actor: &Actor) -> Vec<String> {
    let page = PageRequest::default();
    let listed = actions::list(ctx, actor, &ActionFilter::default(), &page).await.unwrap();
    listed.rows.into_iter().map(|row| row.action.what).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_becomes_an_action_that_a_proof_closes_and_a_word_is_a_claim() {
    for database in story::databases() {
        let dir = tempfile::tempdir().unwrap();
        let ctx = story::open(dir.path(), database).await;
        let one = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
        let two = Actor::system(organisations::add(&ctx, "Elsewhere", OrgKind::CoveredEntity).await.unwrap());
        devices::import(&ctx, &one, story::list("devices.csv", LIST, false)).await.unwrap();
        const AGE: &str = "evaluation.age_days";
        let all = programme::questions(&ctx, &one, &Wanted::default()).await.unwrap();
        assert_eq!(
            (all.answered, all.sites.as_slice()),
            (0, ["North".to_owned(), "South".to_owned()].as_slice())
        );

        // Not sure: kept, and says nothing.
        programme::reply(&ctx, &one, says(EVALUATION, "not_sure")).await.unwrap();
        assert_eq!(state(&ctx, &one, EVALUATION, AGE).await, State::Unknown);
        assert_eq!(programme::questions(&ctx, &one, &Wanted::default()).await.unwrap().answered, 0);

        // No: who closes it and until when has to be said; said twice it is one action.
        let bare = programme::reply(&ctx, &one, says(EVALUATION, "no")).await;
        assert!(matches!(bare, Err(Error::Invalid { .. })), "{bare:?}");
        let no = Reply {
            note: Some(HOSTILE.to_owned()),
            owner: Some("the compliance office".to_owned()),
            due: Some(date(2026, 4, 1)),
            ..says(EVALUATION, "no")
        };
        programme::reply(&ctx, &one, no.clone()).await.unwrap();
        programme::reply(&ctx, &one, no).await.unwrap();
        assert_eq!(state(&ctx, &one, EVALUATION, AGE).await, State::No);
        assert_eq!(open_actions(&ctx, &one).await.len(), 1);

        // A word closes nothing and is a claim; with what shows it the action closes.
        programme::reply(&ctx, &one, says(EVALUATION, "yes")).await.unwrap();
        assert_eq!(state(&ctx, &one, EVALUATION, AGE).await, State::Claimed);
        assert_eq!(open_actions(&ctx, &one).await.len(), 1);
        let shown = Reply {
            document: Some(("evaluation.txt".to_owned(), "Report of the evaluation\n".into())),
            ..says(EVALUATION, "yes")
        };
        programme::reply(&ctx, &one, shown).await.unwrap();
        assert_eq!(state(&ctx, &one, EVALUATION, AGE).await, State::Evidenced);
        assert_eq!(open_actions(&ctx, &one).await, Vec::<String>::new());
        let wanted = Wanted { requirement: Some(EVALUATION.to_owned()), ..Wanted::default() };
        let again = programme::questions(&ctx, &one, &wanted).await.unwrap();
        assert!(again.answered == 1 && again.rows.len() == 1 && again.rows[0].answer.is_some());

        // The other organisation knows nothing of it, and has questions of its own.
        assert_eq!(programme::questions(&ctx, &two, &Wanted::default()).await.unwrap().answered, 0);
        assert_eq!(state(&ctx, &two, EVALUATION, AGE).await, State::Unknown);
        ctx.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_about_sites_is_asked_for_each_and_one_site_does_not_stand_for_all() {
    for database in story::databases() {
        let dir = tempfile::tempdir().unwrap();
        let ctx = story::open(dir.path(), database).await;
        let one = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
        devices::import(&ctx, &one, story::list("devices.csv", LIST, false)).await.unwrap();
        let all = programme::questions(&ctx, &one, &Wanted::default()).await.unwrap();
        let first = all.rows.iter().find(|it| it.site == "North").unwrap();
        let (id, signal) = (first.question.requirement.clone(), first.question.signals[0].id);
        for (site, wrong) in [(None, true), (Some("West"), true), (Some("north"), false)] {
            let reply = Reply { site: site.map(str::to_owned), ..says(&id, "yes") };
            let done = programme::reply(&ctx, &one, reply).await;
            assert_eq!(matches!(done, Err(Error::Invalid { .. })), wrong, "{site:?}: {done:?}");
        }
        assert_ne!(state(&ctx, &one, &id, signal).await, State::Evidenced, "nobody asked in South");
        let open = Wanted { site: Some("North".to_owned()), open: true, requirement: None };
        let left = programme::questions(&ctx, &one, &open).await.unwrap().rows;
        assert!(left.iter().all(|it| it.question.requirement != id && it.site != "South"));
        let stranger = programme::reply(&ctx, &one, says("sr-no-such", "yes")).await;
        assert!(matches!(stranger, Err(Error::NotFound { .. })), "{stranger:?}");
        let odd = programme::reply(&ctx, &one, says(EVALUATION, "perhaps")).await;
        assert!(matches!(odd, Err(Error::Invalid { .. })), "{odd:?}");
        ctx.close().await.unwrap();
    }
}
