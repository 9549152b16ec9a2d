//! What ends by itself: invitations, tokens, memberships, emergency access.

use bedrail_app::accounts::invitations::{self, Invite};
use bedrail_app::accounts::tokens::{self, NewToken};
use bedrail_app::accounts::{SignIn, emergency};
use bedrail_app::actor::Via;
use bedrail_app::clock::Clock;
use bedrail_app::people::Grant;
use bedrail_app::rights::{Right, Role};
use bedrail_app::{Actor, Context, Error, accounts};
use jiff::SignedDuration;

use crate::story::open;

const PASSWORD: &str = "drei rote Lampen";

/// The same installation, hours later.
fn later(ctx: &Context, hours: i64) -> Context {
    let mut later = ctx.clone();
    later.clock = Clock::Fixed(ctx.clock.now() + SignedDuration::from_hours(hours));
    later
}

/// Somebody who came in by an invitation.
pub(crate) async fn member(ctx: &Context, admin: &Actor, name: &str, grant: Grant) -> Actor {
    let invite = Invite { full_name: String::new(), mail: None, grant };
    let (_, code) = invitations::invite(ctx, admin, &invite).await.unwrap();
    invitations::accept_new(ctx, &code, name, PASSWORD).await.unwrap();
    let SignIn::Done(account) = accounts::sign_in(ctx, name, PASSWORD, None).await.unwrap() else {
        panic!("no second factor is set up")
    };
    accounts::visit(ctx, account.id, account.org, Via::Web).await.unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_for_a_time_ends_by_itself() {
    ends(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        ends(Some(url)).await;
    }
}

async fn ends(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let admin = Actor::system(org);
    let of = |role| Grant { roles: vec![role], ..Grant::default() };

    // An invitation, after a week.
    let invite = Invite { full_name: "Ann".into(), mail: None, grant: of(Role::Analyst) };
    let (_, code) = invitations::invite(&ctx, &admin, &invite).await.unwrap();
    assert!(invitations::look(&later(&ctx, 7 * 24 - 1), &code).await.is_ok());
    for late in [later(&ctx, 7 * 24), later(&ctx, 9_999)] {
        let accepted = invitations::accept_new(&late, &code, "late", PASSWORD).await;
        assert!(matches!(accepted, Err(Error::NotFound { .. })));
    }

    // A token, after its days.
    let engineer = member(&ctx, &admin, "engineer", of(Role::Engineer)).await;
    let new = NewToken { name: "import".into(), rights: vec![Right::ChangeDevices], days: 2 };
    let (_, token) = tokens::make(&ctx, &engineer, &new).await.unwrap();
    assert!(tokens::visit(&later(&ctx, 47), &token, None).await.is_ok());
    let expired = tokens::visit(&later(&ctx, 48), &token, None).await;
    assert!(matches!(expired, Err(Error::NotFound { .. })));

    // Emergency access, after four hours; a token has no part in it.
    let id = engineer.account.unwrap();
    emergency::begin(&ctx, &engineer, "the pumps of ward 3 stopped").await.unwrap();
    let rights = async |ctx: &Context| accounts::visit(ctx, id, org, Via::Web).await.unwrap().1.rights();
    assert!(rights(&later(&ctx, 3)).await.has(Right::UpdateData));
    assert!(!rights(&later(&ctx, 4)).await.has(Right::UpdateData));
    assert_eq!(emergency::present(&later(&ctx, 3), &engineer).await.unwrap().len(), 1);
    assert_eq!(emergency::present(&later(&ctx, 4), &engineer).await.unwrap(), []);
    let (_, by_token) = tokens::visit(&later(&ctx, 1), &token, None).await.unwrap();
    assert!(by_token.may(Right::ChangeDevices) && !by_token.may(Right::UpdateData));

    // An auditor's membership, at its end.
    let end = ctx.clock.now() + SignedDuration::from_hours(10);
    let auditor =
        member(&ctx, &admin, "auditor", Grant { valid_until: Some(end), ..of(Role::Auditor) }).await;
    let id = auditor.account.unwrap();
    assert!(accounts::visit(&later(&ctx, 9), id, org, Via::Web).await.is_ok());
    assert!(accounts::visit(&later(&ctx, 10), id, org, Via::Web).await.is_err());
    assert!(matches!(emergency::begin(&ctx, &auditor, "I would like to").await, Err(Error::Denied { .. })));
}
