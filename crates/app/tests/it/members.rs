use bedrail_app::actor::Via;
use bedrail_app::audit::AuditFilter;
use bedrail_app::devices::{self, DeviceFilter};
use bedrail_app::organisations::{self, SetOrganisation};
use bedrail_app::page::PageRequest;
use bedrail_app::seen::Seen;
use bedrail_app::{Error, accounts, audit};
use bedrail_model::money::Currency;
use bedrail_model::organisation::OrgKind;

use crate::story::{list, open};

const PUMP: &str = "Asset tag,Maker,Model\nP-1,Orbis,Flow 300\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_two_organisations_goes_from_one_to_the_other_and_nothing_crosses() {
    two_organisations(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        two_organisations(Some(url)).await;
    }
}

async fn two_organisations(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let first = accounts::ensure_organisation(&ctx, "Advisers").await.unwrap();
    let admin = accounts::ensure_administrator(&ctx, first).await.unwrap().unwrap();
    let clinic = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    assert!(matches!(
        organisations::add(&ctx, "lakeside clinic", OrgKind::Maker).await,
        Err(Error::Conflict { .. })
    ));

    let account =
        accounts::sign_in(&ctx, "admin", admin.one_time_password.as_deref().unwrap(), None).await.unwrap();
    let accounts::SignIn::Done(account) = account else { panic!("no second factor is set up") };
    let (_, at_home) = accounts::visit(&ctx, account.id, first, Via::Web).await.unwrap();
    devices::import(&ctx, &at_home, list("pumps.csv", PUMP, false)).await.unwrap();
    assert!(matches!(accounts::enter(&ctx, &at_home, clinic).await, Err(Error::NotFound { .. })));

    let member = accounts::give_administrator(&ctx, clinic, "Admin").await.unwrap();
    assert_eq!(member.one_time_password, None, "the account keeps its password");
    let account = accounts::enter(&ctx, &at_home, clinic).await.unwrap();
    assert_eq!((account.org, account.organisations.len()), (clinic, 2));
    let (_, at_clinic) = accounts::visit(&ctx, account.id, clinic, Via::Web).await.unwrap();
    let page = PageRequest::default();
    assert_eq!(devices::list(&ctx, &at_clinic, &DeviceFilter::default(), &page).await.unwrap().total, 0);
    assert_eq!(devices::list(&ctx, &at_home, &DeviceFilter::default(), &page).await.unwrap().total, 1);
    let log = audit::list(&ctx, &at_clinic, &AuditFilter::default(), &page).await.unwrap();
    assert_eq!(log.rows[0].action, "account.enter");

    let wanted = SetOrganisation {
        name: "Lakeside".into(),
        kind: OrgKind::Hybrid,
        second_factor: true,
        currency: Currency::USD,
    };
    organisations::set(&ctx, &at_clinic, &Seen::Whatever, wanted).await.unwrap();
    let now = organisations::present(&ctx, &at_clinic).await.unwrap();
    assert_eq!((now.name.as_str(), now.kind, now.second_factor), ("Lakeside", OrgKind::Hybrid, true));
    assert_eq!(organisations::present(&ctx, &at_home).await.unwrap().name, "Advisers");
}
