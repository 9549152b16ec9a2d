use bedrail_app::accounts::sessions::SessionFacts;
use bedrail_app::affected::{self, Question, Understood};
use bedrail_app::audit::AuditFilter;
use bedrail_app::clock::Clock;
use bedrail_app::context::Settings;
use bedrail_app::devices::{self, DeviceFilter, ImportDevices, RowOutcome};
use bedrail_app::page::PageRequest;
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, Error, accounts, audit, organisations, releases, today};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::device::Exposure;
use bedrail_model::organisation::OrgKind;

const LIST: &str = "\
Asset tag,Serial,Manufacturer,Model,Version,Site,Ward,Owner,Exposure,Type
P-1,S1,Orbis,Flow 300,2.1,North,ICU,Kim,outside,infusion pump
P-2,S2,orbis,FLOW 300,2.1,North,ICU,,isolated,infusion pump
P-3,S3,Orbis,Flow 300,2.1,South,ER,Kim,,infusion pump
M-1,S1,Velta,Monitor 7,1.0,North,ICU,Lou,flat,patient monitor
,,Velta,Monitor 7,1.0,North,ICU,Lou,flat,patient monitor
";

const SBOM: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,
 "metadata":{"component":{"type":"firmware","bom-ref":"root","name":"Flow 300","version":"2.1","supplier":{"name":"Orbis"}}},
 "components":[
  {"type":"library","bom-ref":"app","name":"pump-app","version":"2.1"},
  {"type":"library","bom-ref":"log","group":"org.apache.logging.log4j","name":"log4j-core","version":"2.14.1","purl":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}],
 "dependencies":[{"ref":"root","dependsOn":["app"]},{"ref":"app","dependsOn":["log"]}]}"#;

/// The databases that a story is told on: the embedded one, and PostgreSQL where it is there.
pub(crate) fn databases() -> impl Iterator<Item = Option<String>> {
    std::iter::once(None).chain(bedrail_testkit::postgres::database().map(Some))
}

pub(crate) async fn open(dir: &std::path::Path, database: Option<String>) -> Context {
    let settings = Settings {
        data_dir: dir.to_owned(),
        database,
        clock: Clock::Fixed("2026-03-03T10:00:00Z".parse().unwrap()),
        parser: None,
        key_file: None,
        max_data_age_days: 7,
    };
    Context::open(settings).await.unwrap()
}

/// Two organisations on each database, with nothing in them.
pub(crate) async fn two_on_each(story: impl AsyncFn(Context, Actor, Actor)) {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let ctx = open(dir.path(), database).await;
        let one = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
        let two = organisations::add(&ctx, "Elsewhere", OrgKind::CoveredEntity).await.unwrap();
        story(ctx, one, Actor::system(two)).await;
    }
}

/// Two organisations on each database, both with the devices of a list.
pub(crate) async fn two_with(devices: &str, story: impl AsyncFn(Context, Actor, Actor)) {
    two_on_each(async |ctx, one, two| {
        for actor in [&one, &two] {
            devices::import(&ctx, actor, list("devices.csv", devices, false)).await.unwrap();
        }
        story(ctx, one, two).await;
    })
    .await;
}

pub(crate) fn list(file: &str, text: &str, dry_run: bool) -> ImportDevices {
    ImportDevices { file_name: file.into(), document: text.into(), mapping: Vec::new(), dry_run }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_and_a_bill_answer_who_has_log4j() {
    list_and_bill(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        list_and_bill(Some(url)).await;
    }
}

async fn list_and_bill(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    assert_eq!(accounts::ensure_organisation(&ctx, "Another").await.unwrap(), org);
    let actor = Actor::system(org);

    let dry = devices::import(&ctx, &actor, list("devices.csv", LIST, true)).await.unwrap();
    assert_eq!((dry.count(RowOutcome::Added), dry.count(RowOutcome::Refused)), (4, 1), "{dry:#?}");
    let page = PageRequest::default();
    assert_eq!(devices::list(&ctx, &actor, &DeviceFilter::default(), &page).await.unwrap().total, 0);

    let report = devices::import(&ctx, &actor, list("devices.csv", LIST, false)).await.unwrap();
    assert_eq!(report.count(RowOutcome::Added), 4);
    assert_eq!(report.releases_without_sbom, 2);
    let again = devices::import(&ctx, &actor, list("devices.csv", LIST, false)).await.unwrap();
    assert_eq!((again.count(RowOutcome::Unchanged), again.count(RowOutcome::Refused)), (4, 1), "{again:#?}");

    let rows = devices::list(&ctx, &actor, &DeviceFilter::default(), &page).await.unwrap().rows;
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["P-1", "P-3", "M-1", "P-2"]);
    assert!(rows.iter().all(|row| !row.has_sbom));

    let command = AddSbom {
        file_name: "flow.cdx.json".into(),
        document: SBOM.into(),
        maker: None,
        model: None,
        version: None,
    };
    let receipt = sboms::add(&ctx, &actor, command.clone()).await.unwrap();
    assert_eq!(
        (receipt.release_name.as_str(), receipt.new_release, receipt.unchanged),
        ("Orbis Flow 300 2.1", false, false)
    );
    assert_eq!((receipt.components, receipt.devices), (3, 3));
    assert!(sboms::add(&ctx, &actor, command).await.unwrap().unchanged);

    let question = Question { text: "log4j".into(), ..Question::default() };
    let answer = affected::ask(&ctx, &actor, &question, &page).await.unwrap();
    assert!(
        matches!(&answer.understood, Understood::ComponentName { names, count: 1, .. } if names == &["org.apache.logging.log4j/log4j-core"])
    );
    assert_eq!((answer.totals.affected, answer.totals.cannot_tell, answer.totals.fleet), (3, 1, 4));
    assert_eq!(
        (answer.totals.outside, answer.totals.without_owner, answer.totals.wards, answer.totals.sites),
        (1, 1, 2, 2)
    );
    assert_eq!(answer.totals.affected_outside, 1);
    let first = &answer.rows[0];
    assert_eq!(first.name, "P-1");
    assert_eq!(first.path, ["Flow 300", "pump-app", "org.apache.logging.log4j/log4j-core"]);
    assert_eq!(first.facts.exposure, Exposure::Outside);
    let unknown = answer.rows.iter().find(|row| row.name == "M-1").unwrap();
    assert_eq!((unknown.answer, unknown.reason), (Answer::CannotTell, Reason::NoBillOfMaterials));
    assert!(answer.unknowns.iter().any(|(reason, fact, devices)| {
        *reason == Reason::NoBillOfMaterials
            && fact == "the bill of materials of Velta Monitor 7 1.0"
            && *devices == 1
    }));

    // The starter advisories know Log4Shell: the weakness reaches the devices through the bill.
    let question =
        Question { text: "https://nvd.nist.gov/vuln/detail/cve-2021-44228".into(), ..Question::default() };
    let before = ctx.statements();
    let answer = affected::ask(&ctx, &actor, &question, &page).await.unwrap();
    assert!(ctx.statements() - before <= 8, "a page costs a handful of statements, whatever the fleet");
    assert!(matches!(&answer.understood, Understood::Weakness(weakness) if weakness.id == "CVE-2021-44228"));
    assert_eq!((answer.totals.affected, answer.totals.cannot_tell, answer.matching), (3, 1, 4));
    assert_eq!((answer.rows[0].name.as_str(), answer.rows[0].answer), ("P-1", Answer::Affected));
    assert!(!answer.rows[0].evidence.is_empty());
    let none = Question { text: "CVE-1999-0001".into(), ..Question::default() };
    let answer = affected::ask(&ctx, &actor, &none, &page).await.unwrap();
    assert_eq!(answer.understood, Understood::UnknownWeakness("CVE-1999-0001".into()));
    assert_eq!((answer.totals.affected, answer.totals.cannot_tell), (0, 4), "unknown is no all-clear");
    assert_eq!(answer.unknowns.len(), 1);
    assert_eq!((answer.unknowns[0].0, answer.unknowns[0].2), (Reason::NoRecord, 4));

    // Nothing of it is seen from another organisation.
    let other = Actor::system(bedrail_model::ids::OrgId::generate());
    assert!(affected::ask(&ctx, &other, &question, &page).await.is_err());

    details(&ctx, &actor, first, receipt.document).await;
    newest_entries(&ctx, &actor, ["document.read", "sbom.add"]).await;
    assert!(matches!(
        affected::ask(&ctx, &actor, &Question::default(), &page).await,
        Err(Error::Invalid { .. })
    ));
}

/// The pages of one device, its release, its document, and the first page.
async fn details(
    ctx: &Context,
    actor: &Actor,
    first: &affected::AffectedDevice,
    document: bedrail_model::ids::DocumentId,
) {
    let detail = devices::get(ctx, actor, first.device).await.unwrap();
    assert!(detail.sources.contains(&("serial".into(), "list devices.csv, line 2, 3 March 2026".into())));
    assert_eq!(detail.components, Some(3));
    let release = releases::get(ctx, actor, first.release).await.unwrap();
    assert_eq!(release.sbom.unwrap().inventory.components.len(), 3);
    let (name, bytes) = sboms::document(ctx, actor, document).await.unwrap();
    assert_eq!((name.as_str(), bytes.as_slice()), ("flow.cdx.json", SBOM.as_bytes()));
    assert_eq!(today::today(ctx, actor).await.unwrap().devices, 4);
}

#[tokio::test]
async fn the_first_administrator_signs_in_and_changes_the_password() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), None).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let first = accounts::ensure_administrator(&ctx, org).await.unwrap().unwrap();
    // Another start, and another server with the same key, say the same and take nothing away.
    let again = accounts::ensure_administrator(&ctx, org).await.unwrap().unwrap();
    let second = accounts::ensure_administrator(&open(dir.path(), None).await, org).await.unwrap().unwrap();
    assert_eq!((&again, &second), (&first, &first));
    // A server with another key cannot say it, and leaves it as it is.
    std::fs::rename(dir.path().join("secret.key"), dir.path().join("kept.key")).unwrap();
    let other = accounts::ensure_administrator(&open(dir.path(), None).await, org).await.unwrap().unwrap();
    assert_eq!((other.name.as_str(), other.one_time_password), ("admin", None));
    std::fs::rename(dir.path().join("kept.key"), dir.path().join("secret.key")).unwrap();
    assert!(matches!(accounts::sign_in(&ctx, "nobody", "x", None).await, Err(Error::Denied { .. })));
    let signed_in =
        accounts::sign_in(&ctx, "Admin", second.one_time_password.as_deref().unwrap(), None).await.unwrap();
    let accounts::SignIn::Done(account) = signed_in else { panic!("no second factor is set up") };
    assert!(account.must_change_password);
    assert_eq!(accounts::ensure_administrator(&ctx, org).await.unwrap(), None);

    let later = "2026-03-04T10:00:00Z".parse().unwrap();
    let facts = SessionFacts { account: Some(account.id), ..SessionFacts::default() };
    accounts::sessions::save(&ctx, "s1", &facts, b"data", later).await.unwrap();
    assert_eq!(accounts::sessions::load(&ctx, "s1").await.unwrap().as_deref(), Some(b"data".as_slice()));
    let actor = Actor::system(org).as_account(account.id, "admin".into());
    let present = second.one_time_password.as_deref().unwrap();
    let weak = accounts::change_password(&ctx, &actor, present, "password1234").await;
    assert!(matches!(weak, Err(Error::Invalid { .. })));
    accounts::change_password(&ctx, &actor, present, "drei rote Lampen").await.unwrap();
    assert_eq!(accounts::sessions::load(&ctx, "s1").await.unwrap(), None);
    let again = accounts::sign_in(&ctx, "admin", "drei rote Lampen", None).await.unwrap();
    assert!(matches!(again, accounts::SignIn::Done(account) if !account.must_change_password));
    for _ in 0..8 {
        let _ = accounts::sign_in(&ctx, "admin", "wrong", None).await;
    }
    let slowed = accounts::sign_in(&ctx, "admin", "drei rote Lampen", None).await;
    assert!(matches!(slowed, Err(Error::Unavailable { .. })));
}

/// The newest entries of the audit log; reading an original document leaves one too.
async fn newest_entries(ctx: &Context, actor: &Actor, expected: [&str; 2]) {
    let log = audit::list(ctx, actor, &AuditFilter::default(), &PageRequest::default()).await.unwrap();
    let actions: Vec<&str> = log.rows.iter().take(2).map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, expected);
}
