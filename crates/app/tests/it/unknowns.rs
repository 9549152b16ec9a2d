//! What is not known: grouped by the fact that would settle it, asked, answered, judged again at once, and taken back.

use bedrail_app::actions::{self, ActionFilter};
use bedrail_app::affected::{self, Question};
use bedrail_app::answered::{self, Fact, Holds, Record};
use bedrail_app::page::PageRequest;
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::unknowns::{self, Ask, Kind, Unknown, UnknownFilter};
use bedrail_app::{Actor, Context, Error, accounts, audit, devices, organisations, releases, rematch};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ids::ReleaseId;
use bedrail_model::organisation::OrgKind;
use jiff::civil::date;

use crate::{products, story};

const VIEWER: &str = "CVE-2026-0002";

async fn on_both(story: impl AsyncFn(Context, Actor)) {
    for database in [None, bedrail_testkit::postgres::database()].into_iter().enumerate() {
        let (at, database) = database;
        if at == 0 || database.is_some() {
            let folder = tempfile::tempdir().unwrap();
            products::fetch(folder.path()).await;
            let ctx = story::open(&folder.path().join("data"), database).await;
            let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
            story(ctx, Actor::system(org)).await;
        }
    }
}

fn record(holds: Holds, fact: Fact) -> Record {
    Record {
        holds: vec![holds],
        fact,
        said_by: "product security of Orbis".into(),
        said_on: date(2026, 3, 1),
        source: "mail of that day".into(),
        document: None,
        question: None,
    }
}

fn pump() -> Holds {
    Holds::Model { maker: "ORBIS".into(), model: "flow 300".into() }
}

const WINDOWS_7: &str = "cpe:2.3:o:microsoft:windows_7:*:*:*:*:*:*:*:*";

async fn groups(ctx: &Context, actor: &Actor) -> Vec<Unknown> {
    let page = PageRequest::default();
    unknowns::list(ctx, actor, &UnknownFilter::default(), &page).await.unwrap().page.rows
}

async fn viewer(ctx: &Context, actor: &Actor) -> Option<(Answer, Reason)> {
    products::said(ctx, actor, VIEWER).await.map(|(answer, reason, _)| (answer, reason))
}

/// Judging again changes nothing.
async fn nothing_moves(ctx: &Context) {
    let again = rematch::all(ctx).await.unwrap();
    assert_eq!((again.changed, again.opened, again.closed), (0, 0, 0));
}

/// Every number that is kept is what a count of everything gives, and judging again changes nothing.
async fn all_is_in_line(ctx: &Context, actor: &Actor) {
    nothing_moves(ctx).await;
    let page = PageRequest::default();
    let inbox = bedrail_app::advisories::list(ctx, actor, None, &page).await.unwrap();
    for row in inbox.rows {
        let question = Question { text: row.weakness.id.clone(), ..Question::default() };
        let totals = affected::ask(ctx, actor, &question, &page).await.unwrap().totals;
        assert_eq!(
            (row.affected, row.cannot_tell),
            (totals.affected, totals.cannot_tell),
            "{}",
            row.weakness.id
        );
        assert!(row.releases > 0, "{}", row.weakness.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_settles_a_condition_on_all_devices_and_taking_it_back_opens_it_again() {
    on_both(async |ctx, actor| {
        products::add(&ctx, &actor, products::bill("")).await;
        assert_eq!(viewer(&ctx, &actor).await, Some((Answer::CannotTell, Reason::PlatformUnknown)));
        let found = groups(&ctx, &actor).await;
        let group = found.iter().find(|one| one.kind == Kind::Condition).unwrap();
        assert_eq!(group.fact, "whether the operating system or firmware is microsoft windows_7");
        assert_eq!((group.devices, group.weaknesses, group.product_names()), (1, Some(1), vec![WINDOWS_7.to_owned()]));

        // Asked, and waited for.
        let ask = Ask {
            key: group.key.clone(),
            whom: "Orbis".into(),
            owner: "biomed".into(),
            due: date(2026, 3, 10),
        };
        unknowns::ask(&ctx, &actor, &ask).await.unwrap();
        let detail = unknowns::get(&ctx, &actor, &group.key).await.unwrap();
        assert_eq!(detail.unknown.asked.unwrap().action.asked.unwrap().whom, "Orbis");
        assert_eq!(detail.wards.iter().map(|ward| ward.2).sum::<u64>(), 1);

        // It does not have it.
        let no = Record { question: Some(group.key.clone()), ..record(pump(), Fact::HasNot(WINDOWS_7.into())) };
        let done = answered::record(&ctx, &actor, no).await.unwrap();
        assert_eq!((done.releases, done.devices, done.closed), (1, 1, 1));
        assert_eq!(viewer(&ctx, &actor).await, None);
        assert!(groups(&ctx, &actor).await.iter().all(|one| one.kind != Kind::Condition));
        all_is_in_line(&ctx, &actor).await;
        let waiting = actions::list(&ctx, &actor, &ActionFilter::default(), &PageRequest::default()).await;
        assert_eq!(waiting.unwrap().total, 0, "the action that waited is done by the answer");

        // Another bill for the release is judged by it, too; the bill itself says otherwise, and counts more.
        products::add(&ctx, &actor, products::bill(r#",{"type":"library","bom-ref":"z","name":"z","version":"1"}"#)).await;
        assert_eq!(viewer(&ctx, &actor).await, None);
        let windows = r#",{"type":"operating-system","bom-ref":"w","name":"Windows 7","cpe":"cpe:2.3:o:microsoft:windows_7:-:sp1:*:*:*:*:*:*"}"#;
        products::add(&ctx, &actor, products::bill(windows)).await;
        assert_eq!(viewer(&ctx, &actor).await, Some((Answer::Affected, Reason::VersionInRange)));
        products::add(&ctx, &actor, products::bill("")).await;
        assert_eq!(viewer(&ctx, &actor).await, None);

        // Taken back, it is open again; the log has all of it.
        let id = done.ids[0];
        assert!(matches!(answered::revoke(&ctx, &actor, id, " ").await, Err(Error::Invalid { .. })));
        answered::revoke(&ctx, &actor, id, "it was about another model").await.unwrap();
        assert_eq!(viewer(&ctx, &actor).await, Some((Answer::CannotTell, Reason::PlatformUnknown)));
        assert!(matches!(answered::revoke(&ctx, &actor, id, "again").await, Err(Error::Conflict { .. })));
        all_is_in_line(&ctx, &actor).await;
        let log = audit::list(&ctx, &actor, &audit::AuditFilter::default(), &PageRequest::default()).await.unwrap();
        for action in ["unknown.ask", "fact.record", "fact.revoke"] {
            assert!(log.rows.iter().any(|entry| entry.action == action), "{action}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_runs_makes_a_condition_true_and_nothing_takes_affected_away() {
    on_both(async |ctx, actor| {
        products::add(&ctx, &actor, products::bill("")).await;
        let firmware = async || products::said(&ctx, &actor, "CVE-2026-0001").await.map(|said| said.0);
        assert_eq!(firmware().await, Some(Answer::Affected));
        answered::record(&ctx, &actor, record(pump(), Fact::RunsOn("Windows 7 SP1".into()))).await.unwrap();
        assert_eq!(viewer(&ctx, &actor).await, Some((Answer::Affected, Reason::VersionInRange)));
        // Whoever says that it is not there is not believed against who says that it is.
        let hardware = "cpe:2.3:h:orbis:flow_300:*:*:*:*:*:*:*:*";
        for product in [WINDOWS_7, hardware] {
            answered::record(&ctx, &actor, record(pump(), Fact::HasNot(product.into()))).await.unwrap();
        }
        assert_eq!(viewer(&ctx, &actor).await, Some((Answer::Affected, Reason::VersionInRange)));
        assert_eq!(firmware().await, Some(Answer::Affected));
        all_is_in_line(&ctx, &actor).await;

        // The list of another house says what its devices run.
        let clinic = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
        let clinic = Actor::system(clinic);
        products::add(&ctx, &clinic, products::bill("")).await;
        assert_eq!(viewer(&ctx, &clinic).await, Some((Answer::CannotTell, Reason::PlatformUnknown)));
        assert!(answered::list(&ctx, &clinic, None, &PageRequest::default()).await.unwrap().rows.is_empty());
        let list = "Asset tag,Manufacturer,Model,Version,Operating system\nP-1,Orbis,Flow 300,1,Windows 7\nP-2,Orbis,Flow 300,1,Debian 11\n";
        devices::import(&ctx, &clinic, story::list("systems.csv", list, false)).await.unwrap();
        let question = Question { text: VIEWER.into(), ..Question::default() };
        let answer = affected::ask(&ctx, &clinic, &question, &PageRequest::default()).await.unwrap();
        assert_eq!((answer.totals.affected, answer.totals.cannot_tell), (1, 1), "{:#?}", answer.rows);
        all_is_in_line(&ctx, &clinic).await;
    })
    .await;
}

const PARTS: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,
 "metadata":{"component":{"type":"firmware","bom-ref":"root","name":"Flow 300","version":"1","supplier":{"name":"Orbis"}}},
 "components":[{"type":"library","bom-ref":"l","group":"org.apache.logging.log4j","name":"log4j-core","purl":"pkg:maven/org.apache.logging.log4j/log4j-core"}]}"#;

async fn release(ctx: &Context, actor: &Actor) -> ReleaseId {
    let filter = releases::ReleaseFilter::default();
    releases::list(ctx, actor, &filter, &PageRequest::default()).await.unwrap().rows[0].id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_filled_in_and_what_is_lacking_counts_only_without_a_bill() {
    for database in [None, bedrail_testkit::postgres::database()].into_iter().enumerate() {
        let (at, database) = database;
        if at > 0 && database.is_none() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let ctx = story::open(folder.path(), database).await;
        let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
        versions(&ctx, &Actor::system(org)).await;
    }
}

/// The starter advisories know Log4Shell.
async fn versions(ctx: &Context, actor: &Actor) {
    let list = "Asset tag,Manufacturer,Model,Version\nP-1,Orbis,Flow 300,1\nP-2,Orbis,Flow 300,1\n";
    devices::import(ctx, actor, story::list("devices.csv", list, false)).await.unwrap();
    let found = groups(ctx, actor).await;
    assert_eq!((found[0].kind, found[0].devices, found[0].weaknesses), (Kind::Bill, 2, None));
    let totals = async |text: &str| {
        let question = Question { text: text.into(), ..Question::default() };
        affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap().totals
    };
    // Without a bill, who was asked for a component by name can say that it is not there; of a weakness that says nothing yet.
    assert_eq!(totals("log4j-core").await.cannot_tell, 2);
    let id = release(ctx, actor).await;
    answered::record(ctx, actor, record(Holds::Release(id), Fact::Lacks("log4j-core".into()))).await.unwrap();
    assert_eq!((totals("log4j-core").await.cannot_tell, totals("log4j-api").await.cannot_tell), (0, 2));
    assert_eq!(totals("CVE-2021-44228").await.cannot_tell, 2);
    // Something known of it does not make the rest of it known.
    let other = Fact::Contains {
        name: "gate".into(),
        version: "1".into(),
        purl: Some("pkg:npm/gate@1".into()),
        cpe: None,
    };
    answered::record(ctx, actor, record(Holds::Release(id), other)).await.unwrap();
    assert_eq!(totals("CVE-2021-44228").await.cannot_tell, 2);
    assert_eq!(groups(ctx, actor).await[0].kind, Kind::Bill);

    let command = AddSbom {
        file_name: "flow.json".into(),
        document: PARTS.into(),
        maker: None,
        model: None,
        version: None,
    };
    sboms::add(ctx, actor, command).await.unwrap();
    // What the bill says is there, whatever was said before.
    let contained = totals("log4j-core").await;
    assert_eq!(contained.affected + contained.cannot_tell, 2);
    let found = groups(ctx, actor).await;
    let group = found.iter().find(|one| one.kind == Kind::Versions).unwrap();
    assert_eq!(
        (group.devices, &group.components[..]),
        (2, &["org.apache.logging.log4j/log4j-core".to_owned()][..])
    );
    let said = |version: &str| Fact::Contains {
        name: "org.apache.logging.log4j/log4j-core".into(),
        version: version.into(),
        purl: None,
        cpe: None,
    };
    for nothing in ["", "unknown"] {
        let refused = answered::record(ctx, actor, record(Holds::Release(id), said(nothing))).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{nothing:?}: {refused:?}");
    }
    let done = answered::record(ctx, actor, record(Holds::Release(id), said("2.14.1"))).await.unwrap();
    assert!(done.changed > 0, "{done:?}");
    assert_eq!((totals("CVE-2021-44228").await.affected, totals("CVE-2021-44228").await.cannot_tell), (2, 0));
    assert!(groups(ctx, actor).await.iter().all(|one| one.kind != Kind::Versions));
    let shown = releases::get(ctx, actor, id).await.unwrap();
    assert!(
        shown.findings.iter().any(|one| one.version.as_deref() == Some("2.14.1")),
        "{:#?}",
        shown.findings
    );
    answered::revoke(ctx, actor, done.ids[0], "another release").await.unwrap();
    assert_eq!((totals("CVE-2021-44228").await.affected, totals("CVE-2021-44228").await.cannot_tell), (0, 2));

    let nobody = answered::record(ctx, actor, record(Holds::Release(ReleaseId::generate()), said("1"))).await;
    assert!(matches!(nobody, Err(Error::NotFound { .. })), "{nobody:?}");
    let tomorrow = Record { said_on: date(2027, 1, 1), ..record(Holds::Release(id), said("1")) };
    assert!(matches!(answered::record(ctx, actor, tomorrow).await, Err(Error::Invalid { .. })));
    let clinic = organisations::add(ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    let foreign = answered::revoke(ctx, &Actor::system(clinic), done.ids[0], "not mine").await;
    assert!(matches!(foreign, Err(Error::NotFound { .. })), "{foreign:?}");
    assert!(groups(ctx, &Actor::system(clinic)).await.is_empty());
}

/// The NVD records of the starter data know Windows 7, and CVE-2018-0886 on it (CredSSP).
#[tokio::test(flavor = "multi_thread")]
async fn the_operating_system_of_a_device_list_is_judged_like_a_component() {
    for database in [None, bedrail_testkit::postgres::database()].into_iter().enumerate() {
        let (at, database) = database;
        if at > 0 && database.is_none() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let ctx = story::open(folder.path(), database).await;
        let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
        systems(&ctx, &Actor::system(org)).await;
    }
}

async fn systems(ctx: &Context, actor: &Actor) {
    let list = "Asset tag,Manufacturer,Model,Version,Operating system
P-1,Orbis,Flow 300,1,Windows 7 SP1
P-2,Orbis,Flow 300,1,Debian 11
P-3,Orbis,Vista,2,Windows 7 SP1
P-4,Orbis,Vista,2,odd system
";
    devices::import(ctx, actor, story::list("systems.csv", list, false)).await.unwrap();
    let answers = async |text: &str| {
        let question = Question { text: text.into(), ..Question::default() };
        let answer = affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap();
        (answer.totals.affected, answer.totals.cannot_tell)
    };
    // Without bills: those that run it are affected by it, of the others it cannot be told.
    assert_eq!(answers("CVE-2018-0886").await, (2, 2));
    // NVD has it as SMB 1.0 on Windows: that it runs Windows does not say which SMB is on.
    assert_eq!(answers("CVE-2017-0144").await, (0, 4));
    nothing_moves(ctx).await;
    // With one: of what the bill does not say and the list does, the list is believed; the rest is known to the list of parts.
    let command = AddSbom {
        file_name: "flow.json".into(),
        document: PARTS.into(),
        maker: None,
        model: None,
        version: None,
    };
    sboms::add(ctx, actor, command).await.unwrap();
    assert_eq!((answers("CVE-2018-0886").await, answers("CVE-2017-0144").await), ((2, 1), (0, 3)));
    nothing_moves(ctx).await;

    // Said of a release that has no system in a list, and by a release that is not there yet.
    answered::record(ctx, actor, record(pump(), Fact::RunsOn("Windows 7 SP1".into()))).await.unwrap();
    let later = PARTS.replace(r#""version":"1","supplier""#, r#""version":"9","supplier""#);
    let command = AddSbom {
        file_name: "later.json".into(),
        document: later.as_str().into(),
        maker: None,
        model: None,
        version: None,
    };
    sboms::add(ctx, actor, command).await.unwrap();
    let list = "Asset tag,Manufacturer,Model,Version\nP-9,Orbis,Flow 300,9\n";
    devices::import(ctx, actor, story::list("later.csv", list, false)).await.unwrap();
    assert_eq!((answers("CVE-2018-0886").await, answers("CVE-2017-0144").await), ((4, 1), (0, 5)));
    nothing_moves(ctx).await;
}
