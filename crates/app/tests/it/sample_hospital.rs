use bedrail_app::affected::{self, Question};
use bedrail_app::clock::Clock;
use bedrail_app::context::Settings;
use bedrail_app::devices::{self, DeviceFilter, ImportDevices};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::{Actor, Context, Error, accounts, demo};
use bedrail_model::device::Exposure;

async fn open(dir: &std::path::Path) -> (Context, Actor) {
    let settings = Settings {
        data_dir: dir.to_owned(),
        database: None,
        clock: Clock::Fixed("2025-02-15T10:00:00Z".parse().unwrap()),
        parser: None,
        max_data_age_days: 7,
    };
    let ctx = Context::open(settings).await.unwrap();
    let org = accounts::ensure_organisation(&ctx, demo::ORGANISATION).await.unwrap();
    (ctx, Actor::system(org))
}

fn silent(_: &str, _: usize, _: usize) {}

#[tokio::test]
async fn the_sample_hospital_is_loaded_once_and_answers_for_log4shell() {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor) = open(dir.path()).await;
    let report = demo::load(&ctx, &actor, &silent).await.unwrap();
    assert_eq!((report.devices_added(), report.sboms_unchanged), (2500, 0));

    let page = PageRequest::default();
    assert_eq!(devices::list(&ctx, &actor, &DeviceFilter::default(), &page).await.unwrap().total, 2500);
    assert_eq!(releases::list(&ctx, &actor, &ReleaseFilter::default(), &page).await.unwrap().total, 150);

    let all = ask(&ctx, &actor, "CVE-2021-44228", None).await;
    // 34 devices have a bill that names Log4j without saying which; the others have no bill at all.
    assert_eq!((all.totals.affected, all.totals.cannot_tell, all.totals.outside), (76, 499, 7));
    let outside = ask(&ctx, &actor, "CVE-2021-44228", Some(Exposure::Outside)).await;
    assert_eq!(outside.matching, 7);
    assert!(outside.rows.iter().all(|row| row.facts.exposure == Exposure::Outside));

    let again = demo::load(&ctx, &actor, &silent).await.unwrap();
    assert_eq!((again.devices_added(), again.sboms_unchanged), (0, again.sboms));
}

async fn ask(ctx: &Context, actor: &Actor, text: &str, exposure: Option<Exposure>) -> affected::Affected {
    let question = Question { text: text.into(), exposure, ..Question::default() };
    affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap()
}

#[tokio::test]
async fn the_sample_hospital_does_not_mix_with_real_devices() {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor) = open(dir.path()).await;
    let list = ImportDevices {
        file_name: "ours.csv".into(),
        bytes: b"Asset tag,Manufacturer,Model,Version\nP-1,Somebody Real,Flow,1.0\n".to_vec(),
        mapping: Vec::new(),
        dry_run: false,
    };
    devices::import(&ctx, &actor, list).await.unwrap();
    let refused = demo::load(&ctx, &actor, &silent).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict { .. }), "{refused}");
}
