use bedrail_app::affected::{self, Question, Reading, Totals, Understood};
use bedrail_app::alerts::work::{self, ItemFilter};
use bedrail_app::clock::Clock;
use bedrail_app::context::Settings;
use bedrail_app::decisions::{self, DecisionFilter};
use bedrail_app::devices::{self, DeviceFilter, ImportDevices};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::vex::{self, VexFilter};
use bedrail_app::{Actor, Context, Error, accounts, demo, exposure, names};
use bedrail_model::answer::Reason;
use bedrail_model::device::Exposure;
use bedrail_model::exposure::ExposureSource;

async fn open(dir: &std::path::Path) -> (Context, Actor) {
    let settings = Settings {
        data_dir: dir.to_owned(),
        database: None,
        clock: Clock::Fixed("2025-02-15T10:00:00Z".parse().unwrap()),
        parser: None,
        key_file: None,
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
    assert_eq!((all.totals.affected, all.totals.cannot_tell, all.totals.outside), (76, 489, 7));
    let outside = ask(&ctx, &actor, "CVE-2021-44228", Some(Exposure::Outside)).await;
    assert_eq!(outside.matching, 7);
    assert!(outside.rows.iter().all(|row| row.facts.exposure == Exposure::Outside));

    // Each of those that face the outside is a piece of work that somebody has to take.
    let rule = Some("exploited:CVE-2021-44228".to_owned());
    let filter = ItemFilter { rule, ..ItemFilter::default() };
    let queue = work::list(&ctx, &actor, &filter, &PageRequest::at(0, 100)).await.unwrap();
    assert_eq!(queue.page.total, all.totals.affected_outside);
    assert!(queue.page.rows.iter().all(|it| it.is_own && it.device.is_some()));

    seen_from_outside(&ctx, &actor).await;
    several_at_once(&ctx, &actor, all.totals).await;
    names_of_the_press(&ctx, &actor).await;
    names_alone(&ctx, &actor).await;
    let said = names::list(&ctx, &actor).await.unwrap();
    assert_eq!(said.len(), 1);
    let question = Question { text: "CVE-2024-21907".to_owned(), ..Question::default() };
    let answer = affected::ask(&ctx, &actor, &question, &PageRequest::at(0, 500)).await.unwrap();
    let by_name = answer.rows.iter().find(|row| row.identified.is_some()).unwrap();
    assert_eq!(by_name.component.as_deref(), Some("Newtonsoft.Json"));
    let proposed = VexFilter { standing: Some(vex::Standing::Proposed), ..VexFilter::default() };
    let (statements, tally) = vex::list(&ctx, &actor, &proposed, &page).await.unwrap();
    assert!(statements.total >= 1, "{tally:?}");
    let decided = decisions::list(&ctx, &actor, &DecisionFilter::default(), &page).await.unwrap();
    let mut verdicts: Vec<&str> = decided.rows.iter().map(|row| row.decision.verdict.code()).collect();
    verdicts.sort_unstable();
    assert_eq!(verdicts, ["affected", "not_affected", "risk_accepted", "under_investigation"]);

    let again = demo::load(&ctx, &actor, &silent).await.unwrap();
    assert_eq!((again.devices_added(), again.sboms_unchanged), (0, again.sboms));
}

/// The made-up scan, list of translations and record of Shodan show each kind.
async fn seen_from_outside(ctx: &Context, actor: &Actor) {
    let list = exposure::list(ctx, actor, &PageRequest::at(0, 100)).await.unwrap();
    let totals = list.totals;
    assert_eq!((totals.outside, totals.seen, totals.contradicted), (63, 6, 2));
    assert_eq!((list.unknown.len(), list.several.len(), list.files.len()), (2, 0, 3));
    let rows = &list.devices.rows;
    let judged: Vec<_> = rows.iter().take(7).map(|row| row.reach.judged.source).collect();
    let contradicted = rows.iter().filter(|row| row.reach.judged.contradicted).count();
    assert_eq!((contradicted, rows.len()), (2, 63), "{judged:?}");
    assert!(rows[..2].iter().all(|row| row.reach.judged.contradicted), "contradictions first");
    let of = |model: &str| {
        let row = rows
            .iter()
            .find(|row| row.facts.model.as_deref() == Some(model) && !row.reach.evidence.is_empty());
        &row.unwrap().reach
    };
    let handed_on = of("LumQ Theatre");
    assert_eq!(handed_on.judged.source, Some(ExposureSource::Nmap), "seen at the border: {handed_on:#?}");
    assert!(of("RendroMind Stroke").evidence[0].stale, "a record of another year");
    assert_eq!(of("InquaWeb Viewer").judged.hints, 1);
    assert_eq!(of("QualConnect").declared, Exposure::Unknown);
}

/// A letter that names several weaknesses is answered for each and for all together.
async fn several_at_once(ctx: &Context, actor: &Actor, log4shell: Totals) {
    let letter = "Dear all, GHSA-jfh8-c2jp-5v3q is CVE\u{2013}2021\u{2013}44228; see also CVE-2014-0160 and CVE-2099-12345.";
    let answer = ask(ctx, actor, letter, None).await;
    let Understood::Several { each, left_out: 0 } = &answer.understood else {
        panic!("{:?}", answer.understood)
    };
    let ids: Vec<&str> = each.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["CVE-2021-44228", "CVE-2014-0160", "CVE-2099-12345"]);
    assert_eq!(each[0].totals, log4shell);
    assert!(each[2].weakness.is_none() && each[2].totals.cannot_tell == answer.totals.fleet);
    let most = each[..2].iter().map(|one| one.totals.affected);
    assert!(answer.totals.affected >= most.clone().max().unwrap() && answer.totals.affected <= most.sum());
    assert!(answer.totals.cannot_tell < answer.totals.fleet, "what is not known does not drown what is");
    let page = PageRequest::at(0, 500);
    let question = Question { text: letter.into(), ..Question::default() };
    let rows = affected::ask(ctx, actor, &question, &page).await.unwrap().rows;
    for row in rows.iter().filter(|row| row.reason == Reason::VersionInRange) {
        assert!(!row.affected_by.is_empty() && !row.evidence.is_empty(), "{row:?}");
    }
}

/// What the press calls a weakness is answered as the weakness, and it is said which one it is.
async fn names_of_the_press(ctx: &Context, actor: &Actor) {
    let answer = ask(ctx, actor, "are we affected by LOG4SHELL?", None).await;
    assert!(matches!(&answer.understood, Understood::Weakness(weakness) if weakness.id == "CVE-2021-44228"));
    assert_eq!(answer.readings[0].sentence(), "Log4Shell is CVE-2021-44228.");
    let answer = ask(ctx, actor, "amnesia:33", None).await;
    assert!(matches!(&answer.understood, Understood::Several { each, .. } if each.len() == 33));
    assert_eq!((answer.totals.affected, answer.totals.cannot_tell), (0, answer.totals.fleet));
    let answer = ask(ctx, actor, "cve 2021 44228", None).await;
    assert!(matches!(&answer.readings[..], [Reading::Mended { id, .. }] if id == "CVE-2021-44228"));
}

/// A bill that says "log4j" and nothing more may mean any package of the product, whichever its weakness.
async fn names_alone(ctx: &Context, actor: &Actor) {
    let answer = ask(ctx, actor, "CVE-2021-45046", None).await;
    let alone = answer.unknowns.iter().filter(|(reason, _, _)| *reason == Reason::NameOnly);
    let devices: u64 = alone.map(|(_, _, devices)| devices).sum();
    assert!(devices >= 20, "{:#?}", answer.unknowns);
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
        document: "Asset tag,Manufacturer,Model,Version\nP-1,Somebody Real,Flow,1.0\n".into(),
        mapping: Vec::new(),
        dry_run: false,
    };
    devices::import(&ctx, &actor, list).await.unwrap();
    let refused = demo::load(&ctx, &actor, &silent).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict { .. }), "{refused}");
}
