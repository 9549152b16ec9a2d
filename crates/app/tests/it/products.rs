//! A device that is known by product names (CPE): judged by NVD on the whole of it, and again when a record changes.

use std::fs;
use std::path::Path;

use bedrail_app::affected::{self, Affected, Question};
use bedrail_app::feeds::change::Received;
use bedrail_app::feeds::{self, DataDir, Origin};
use bedrail_app::page::PageRequest;
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, accounts, devices, organisations, rematch};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::organisation::OrgKind;

use crate::story;

/// Firmware before a version, on its hardware.
pub(crate) fn firmware(before: &str, day: u32) -> String {
    record(
        "CVE-2026-0001",
        day,
        &format!(
            r#"{{"vulnerable":true,"criteria":"cpe:2.3:o:orbis:flow_300_firmware:*:*:*:*:*:*:*:*","versionEndExcluding":"{before}"}}"#
        ),
        "cpe:2.3:h:orbis:flow_300:-:*:*:*:*:*:*:*",
    )
}

/// A viewer, where it runs on Windows 7.
pub(crate) fn viewer(day: u32) -> String {
    record(
        "CVE-2026-0002",
        day,
        r#"{"vulnerable":true,"criteria":"cpe:2.3:a:orbis:viewer:*:*:*:*:*:*:*:*","versionEndIncluding":"2.0"}"#,
        "cpe:2.3:o:microsoft:windows_7:-:*:*:*:*:*:*:*",
    )
}

pub(crate) fn record(cve: &str, day: u32, weak: &str, on: &str) -> String {
    format!(
        r#"{{"cve":{{"id":"{cve}","vulnStatus":"Analyzed","lastModified":"2026-02-{day:02}T10:00:00.000",
        "descriptions":[{{"lang":"en","value":"A flaw."}}],"configurations":[{{"operator":"AND","nodes":[
        {{"operator":"OR","cpeMatch":[{weak}]}},{{"operator":"OR","cpeMatch":[{{"vulnerable":false,"criteria":"{on}"}}]}}]}}]}}}}"#
    )
}

/// The bill of a pump, with parts that only a CPE names, and more of them.
pub(crate) fn bill(more: &str) -> String {
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{{"component":{{"type":"device","bom-ref":"root",
        "name":"Flow 300","version":"1","supplier":{{"name":"Orbis"}},"cpe":"cpe:2.3:h:orbis:flow_300:-:*:*:*:*:*:*:*"}}}},
        "components":[{{"type":"firmware","bom-ref":"f","name":"flow-firmware","version":"3.1","cpe":"cpe:/o:orbis:flow_300_firmware:3.1"}},
        {{"type":"application","bom-ref":"v","name":"viewer","version":"2.0","cpe":"cpe:2.3:a:orbis:viewer:*:*:*:*:*:*:*:*"}},
        {{"type":"library","bom-ref":"n","name":"gate","version":"1","purl":"pkg:npm/gate@1"}}{more}]}}"#
    )
}

const WINDOWS: &str = r#",{"type":"operating-system","bom-ref":"w","name":"Windows 7","cpe":"cpe:2.3:o:microsoft:windows_7:-:sp1:*:*:*:*:*:*"}"#;
const LIST: &str = "Asset tag,Manufacturer,Model,Version\nP-1,Orbis,Flow 300,1\n";

pub(crate) async fn fetch(folder: &Path) {
    let feeds = folder.join("mirror/nvd/json/cve/2.0");
    fs::create_dir_all(&feeds).unwrap();
    let text = format!(
        r#"{{"totalResults":2,"format":"NVD_CVE","version":"2.0","timestamp":"2026-02-10T08:00Z","vulnerabilities":[{},{}]}}"#,
        firmware("3.2", 1),
        viewer(1)
    );
    fs::write(feeds.join("nvdcve-2.0-2026.json.gz"), text).unwrap();
    let now = "2026-02-12T10:00:00Z".parse().unwrap();
    let origin = Origin::Mirror(folder.join("mirror"));
    let dir = DataDir::new(folder.join("data"));
    feeds::update(&dir, &origin, feeds::Options::default(), now, &|_| {}).await.unwrap();
}

pub(crate) async fn add(ctx: &Context, actor: &Actor, bill: String) {
    devices::import(ctx, actor, story::list("devices.csv", LIST, false)).await.unwrap();
    let command = AddSbom {
        file_name: "pump.json".into(),
        document: bill.into_bytes().into(),
        maker: None,
        model: None,
        version: None,
    };
    sboms::add(ctx, actor, command).await.unwrap();
}

pub(crate) async fn ask(ctx: &Context, actor: &Actor, text: &str) -> Affected {
    let question = Question { text: text.into(), ..Question::default() };
    affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap()
}

/// Answer, reason and rule of the one device, by a weakness.
pub(crate) async fn said(ctx: &Context, actor: &Actor, cve: &str) -> Option<(Answer, Reason, String)> {
    let answer = ask(ctx, actor, cve).await;
    assert!(answer.rows.len() <= 1, "{answer:#?}");
    let row = answer.rows.first()?;
    let evidence = row.evidence.first()?;
    assert_eq!(evidence.advisory, format!("NVD-{cve}"));
    Some((row.answer, evidence.reason, evidence.rule.clone()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_judged_as_a_whole_and_again_when_a_record_changes() {
    whole_device(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        whole_device(Some(url)).await;
    }
}

async fn whole_device(database: Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    fetch(folder.path()).await;
    let ctx = story::open(&folder.path().join("data"), database).await;
    let hospital = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    let clinic = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    let clinic = Actor::system(clinic);
    add(&ctx, &hospital, bill("")).await;
    add(&ctx, &clinic, bill(WINDOWS)).await;

    // Firmware and hardware are both in the bill.
    for actor in [&hospital, &clinic] {
        let (answer, reason, rule) = said(&ctx, actor, "CVE-2026-0001").await.unwrap();
        assert_eq!((answer, reason), (Answer::Affected, Reason::VersionInRange));
        assert_eq!(rule, "before 3.2; its CPE is from the bill of materials");
    }
    // The same viewer, in a device of which the system is not known, and in one that runs it.
    let (answer, reason, rule) = said(&ctx, &hospital, "CVE-2026-0002").await.unwrap();
    assert_eq!((answer, reason), (Answer::CannotTell, Reason::PlatformUnknown));
    assert_eq!(
        rule,
        "up to 2.0; affected if the operating system or firmware is microsoft windows_7: not known; its CPE is from the \
         bill of materials"
    );
    let (answer, reason, _) = said(&ctx, &clinic, "CVE-2026-0002").await.unwrap();
    assert_eq!((answer, reason), (Answer::Affected, Reason::VersionInRange));

    changes(&ctx, &hospital, &clinic).await;
}

/// Records that change, or are rejected, take their findings along, in both organisations.
async fn changes(ctx: &Context, hospital: &Actor, clinic: &Actor) {
    let fixed = firmware("3.1", 20);
    let received = [Received { source: "nvd/modified", json: fixed.as_bytes() }];
    let moved = rematch::receive(ctx, &received).await.unwrap().unwrap();
    // The firmware in two devices, and nothing else.
    assert_eq!((moved.software, moved.closed), (2, 2));
    assert_eq!(said(ctx, hospital, "CVE-2026-0001").await, None);
    assert!(said(ctx, clinic, "CVE-2026-0002").await.is_some());
    let rejected = viewer(20).replace("Analyzed", "Rejected");
    let received = [Received { source: "nvd/modified", json: rejected.as_bytes() }];
    let moved = rematch::receive(ctx, &received).await.unwrap().unwrap();
    assert_eq!((moved.software, moved.closed), (2, 2));
    assert!(ask(ctx, clinic, "CVE-2026-0002").await.rows.iter().all(|row| row.answer != Answer::Affected));
    // Judging everything again changes nothing.
    let again = rematch::all(ctx).await.unwrap();
    assert_eq!((again.changed, again.opened, again.closed), (0, 0, 0));
}
