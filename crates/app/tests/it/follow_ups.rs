//! What follows from an exercise: a line becomes an action with who and until when, once, and its proof is seen at the exercise.

use bedrail_app::actions::{self, ActionFilter, Step};
use bedrail_app::page::PageRequest;
use bedrail_app::people::Grant;
use bedrail_app::response::{self, EntryKind, FollowUp, NewEntry, NewFollowUp};
use bedrail_app::rights::Role;
use bedrail_app::{Actor, Context, Error};
use jiff::civil::date;

use crate::ends::member;
use crate::story;

const HOSTILE: &str = "<script>alert(1)</script>";

fn exercise(follow_ups: &str) -> NewEntry {
    NewEntry {
        kind: EntryKind::Exercise,
        name: "No network".into(),
        place: "North".into(),
        rank: 0,
        person: "Kim".into(),
        reach: String::new(),
        body: "Pumps ran on.".into(),
        follow_ups: follow_ups.into(),
        day: Some(date(2026, 2, 1)),
        withdrawn: false,
    }
}

fn follow_up(what: &str) -> NewFollowUp {
    NewFollowUp {
        exercise: "no NETWORK".into(),
        place: "north".into(),
        what: what.into(),
        owner: format!("Lou {HOSTILE}"),
        due: date(2026, 4, 1),
        proof_needed: Some("a printed list".into()),
    }
}

async fn stages(ctx: &Context, actor: &Actor) -> Vec<(String, &'static str)> {
    let plan = response::get(ctx, actor).await.unwrap();
    plan.follow_ups.iter().map(|it: &FollowUp| (it.what.clone(), it.stage())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_an_exercise_becomes_an_action_and_closes_by_its_proof() {
    story::two_on_each(async |ctx, one, two| {
        let lines = "Print the telephone list anew\n\n  Train   the night shift \n";
        response::put(&ctx, &one, &exercise(lines)).await.unwrap();
        let (print, train) = ("Print the telephone list anew", "Train the night shift");
        let both = |first, second| vec![(print.to_owned(), first), (train.to_owned(), second)];
        assert_eq!(stages(&ctx, &one).await, both("not_put_down", "not_put_down"));

        let id = response::follow(&ctx, &one, &follow_up(print)).await.unwrap();
        assert_eq!(stages(&ctx, &one).await, both("open", "not_put_down"));
        let listed =
            actions::list(&ctx, &one, &ActionFilter::default(), &PageRequest::default()).await.unwrap();
        assert_eq!(listed.rows.len(), 1);
        let action = &listed.rows[0].action;
        assert_eq!((action.id, action.due), (id, date(2026, 4, 1)));
        assert!(action.what.contains("No network") && action.what.contains(print), "{action:?}");

        let again = response::follow(&ctx, &one, &follow_up(print)).await;
        assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
        for (bad, why) in [
            (follow_up("Buy a boat"), "no such line"),
            (NewFollowUp { exercise: "Fire".into(), ..follow_up(train) }, "no such exercise"),
            (NewFollowUp { place: String::new(), ..follow_up(train) }, "of another place"),
        ] {
            let refused = response::follow(&ctx, &one, &bad).await;
            assert!(matches!(refused, Err(Error::NotFound { .. })), "{why}: {refused:?}");
        }
        let nobody = NewFollowUp { owner: " ".into(), ..follow_up(train) };
        let refused = response::follow(&ctx, &one, &nobody).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let auditor = Grant {
            roles: vec![Role::Auditor],
            valid_until: Some("2027-01-01T00:00:00Z".parse().unwrap()),
            ..Grant::default()
        };
        let auditor = member(&ctx, &one, "auditor", auditor).await;
        let refused = response::follow(&ctx, &auditor, &follow_up(train)).await;
        assert!(matches!(refused, Err(Error::Denied { .. })), "{refused:?}");

        // The other organisation has the same exercise, and none of this.
        response::put(&ctx, &two, &exercise(lines)).await.unwrap();
        assert_eq!(stages(&ctx, &two).await, both("not_put_down", "not_put_down"));

        actions::step(&ctx, &one, id, &Step::Done("list of 2 March".into())).await.unwrap();
        let plan = response::get(&ctx, &one).await.unwrap();
        assert_eq!(
            (plan.follow_ups[0].stage(), plan.follow_ups[0].proof()),
            ("closed", Some("list of 2 March"))
        );

        // A line that the exercise no longer has stays with its action; one that was dropped can be put down anew.
        let second = response::follow(&ctx, &one, &follow_up(train)).await.unwrap();
        actions::step(&ctx, &one, second, &Step::Dropped("another way".into())).await.unwrap();
        response::follow(&ctx, &one, &follow_up(train)).await.unwrap();
        response::put(&ctx, &one, &exercise(train)).await.unwrap();
        assert_eq!(stages(&ctx, &one).await, [(train.to_owned(), "open"), (print.to_owned(), "closed"),]);
    })
    .await;
}
