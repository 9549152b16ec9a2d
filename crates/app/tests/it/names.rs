//! Names of components: said once, remembered by one organisation, and every release with the name judged by it at once.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use bedrail_app::affected::{self, AffectedDevice, Question};
use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::bills::{self, Target};
use bedrail_app::feeds::{self, DataDir, Origin};
use bedrail_app::names::{self, Confirm};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, Error, accounts, devices, organisations};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ids::ReleaseId;
use bedrail_model::organisation::OrgKind;

use crate::follow::{numbers_are_right, record, touched};
use crate::story;

const LEFT: &str = "CVE-2026-0001";
const VIEWER: &str = "CVE-2026-0002";
const VIEWER_CPE: &str = "cpe:2.3:a:orbis:viewer:*:*:*:*:*:*:*:*";
const LIST: &str = "Asset tag,Manufacturer,Model,Version\nF-1,Orbis,Flow,1\nN-1,Orbis,Newer,1\n";

/// What a messy bill says: names, versions, suppliers, and package URLs where it has them.
const FLOW: &[(&str, &str, &str, &str)] = &[
    ("Left", "1.2.0", "", ""),
    ("left", "1.1.0", "Acme", ""),
    ("Viewer", "1.9", "Orbis Ltd", ""),
    ("left", "1.0.0", "", "pkg:npm/gate@9.0.0"),
    ("nobody knows", "1", "", ""),
];

fn bill(model: &str, parts: &[(&str, &str, &str, &str)]) -> AddSbom {
    let part = |(at, (name, version, supplier, purl)): (usize, &(&str, &str, &str, &str))| {
        let purl = if purl.is_empty() { String::new() } else { format!(r#","purl":"{purl}""#) };
        let supplier = if supplier.is_empty() {
            String::new()
        } else {
            format!(r#","supplier":{{"name":"{supplier}"}}"#)
        };
        format!(
            r#"{{"type":"library","bom-ref":"c{at}","name":"{name}","version":"{version}"{supplier}{purl}}}"#
        )
    };
    let parts: Vec<String> = parts.iter().enumerate().map(part).collect();
    let document = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{{"component":{{"type":"firmware","bom-ref":"root",
        "name":"{model}","version":"1","supplier":{{"name":"Orbis"}},"purl":"pkg:npm/%40orbis/{model}@1"}}}},"components":[{}]}}"#,
        parts.join(",")
    );
    AddSbom {
        file_name: format!("{model}.json"),
        document: document.into_bytes().into(),
        maker: None,
        model: None,
        version: None,
    }
}

/// A package of npm and a product of NVD, each with a weakness.
async fn fetch(dir: &Path) {
    let mirror = tempfile::tempdir().unwrap();
    let (npm, nvd) = (mirror.path().join("osv/npm"), mirror.path().join("nvd/json/cve/2.0"));
    fs::create_dir_all(&npm).unwrap();
    fs::create_dir_all(&nvd).unwrap();
    let mut zip = zip::ZipWriter::new(File::create(npm.join("all.zip")).unwrap());
    let records =
        [record(LEFT, "left", "1.3.0", 1, false), record("CVE-2026-0003", "gate", "2.0.0", 1, false)];
    for (at, record) in records.iter().enumerate() {
        zip.start_file(format!("{at}.json"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(record.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let viewer = format!(
        r#"{{"totalResults":1,"format":"NVD_CVE","version":"2.0","timestamp":"2026-02-10T08:00Z","vulnerabilities":[{{"cve":{{
        "id":"{VIEWER}","vulnStatus":"Analyzed","lastModified":"2026-02-01T10:00:00.000","descriptions":[{{"lang":"en","value":"A flaw."}}],
        "configurations":[{{"nodes":[{{"operator":"OR","cpeMatch":[{{"vulnerable":true,"criteria":"{VIEWER_CPE}","versionEndIncluding":"2.0"}}]}}]}}]}}}}]}}"#
    );
    fs::write(nvd.join("nvdcve-2.0-2026.json.gz"), viewer).unwrap();
    let now = "2026-02-12T10:00:00Z".parse().unwrap();
    let origin = Origin::Mirror(mirror.path().to_owned());
    feeds::update(&DataDir::new(dir), &origin, feeds::Options::default(), now, &|_| {}).await.unwrap();
}

/// Two organisations with the same bill.
async fn on_both(story: impl AsyncFn(&Context, &Actor, &Actor)) {
    let databases = [None, bedrail_testkit::postgres::database()];
    for (at, database) in databases.into_iter().enumerate() {
        if at > 0 && database.is_none() {
            continue;
        }
        let dir = tempfile::tempdir().unwrap();
        fetch(dir.path()).await;
        let ctx = story::open(dir.path(), database).await;
        let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
        let other = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
        let (actor, elsewhere) = (Actor::system(org), Actor::system(other));
        for actor in [&actor, &elsewhere] {
            devices::import(&ctx, actor, story::list("devices.csv", LIST, false)).await.unwrap();
            sboms::add(&ctx, actor, bill("Flow", FLOW)).await.unwrap();
        }
        story(&ctx, &actor, &elsewhere).await;
        numbers_are_right_for(&ctx, &actor).await;
        numbers_are_right_for(&ctx, &elsewhere).await;
    }
}

/// The counts against the findings, where every release has a bill.
async fn numbers_are_right_for(ctx: &Context, actor: &Actor) {
    sboms::add(ctx, actor, bill("Newer", &[("other", "1", "", "")])).await.unwrap();
    numbers_are_right(ctx, actor).await;
}

async fn flow(ctx: &Context, actor: &Actor) -> ReleaseId {
    let page = PageRequest::default();
    let rows = releases::list(ctx, actor, &ReleaseFilter::default(), &page).await.unwrap().rows;
    rows.into_iter().find(|row| row.model == "Flow").unwrap().id
}

/// What is said of the device of a model.
async fn said(ctx: &Context, actor: &Actor, weakness: &str, model: &str) -> Option<AffectedDevice> {
    for answer in [None, Some(Answer::NotAffected)] {
        let question = Question { text: weakness.to_owned(), answer, ..Question::default() };
        let found = affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap();
        let mut rows = found.rows.into_iter();
        if let Some(row) = rows.find(|row| row.facts.model.as_deref() == Some(model)) {
            return Some(row);
        }
    }
    None
}

fn is(name: &str, supplier: Option<&str>, identifier: &str) -> Confirm {
    Confirm {
        name: name.to_owned(),
        supplier: supplier.map(str::to_owned),
        identifier: Some(identifier.to_owned()),
        other_supplier: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_confirmed_once_and_judged_by_at_once_and_can_be_taken_back() {
    on_both(async |ctx, actor, elsewhere| {
        let before = said(ctx, actor, LEFT, "Flow").await.unwrap();
        assert_eq!((before.answer, before.reason), (Answer::CannotTell, Reason::NameOnly));
        let done = names::confirm(ctx, actor, &[is(" LEFT", None, "pkg:npm/left")]).await.unwrap();
        assert_eq!((done.bills, done.releases, done.opened, done.closed), (1, 1, 1, 0));
        let row = said(ctx, actor, LEFT, "Flow").await.unwrap();
        assert_eq!((row.answer, row.component.as_deref()), (Answer::Affected, Some("Left")));
        assert_eq!(
            (row.version.as_deref(), row.purl.as_deref()),
            (Some("1.2.0"), Some("pkg:npm/left@1.2.0"))
        );
        let identified = row.identified.unwrap();
        assert_eq!((identified.identifier.as_str(), identified.at), ("pkg:npm/left", ctx.clock.now()));
        assert!(!identified.by.is_empty());
        let detail = releases::get(ctx, actor, flow(ctx, actor).await).await.unwrap();
        let finding = detail.findings.iter().find(|it| it.weakness.id == LEFT).unwrap();
        assert_eq!(finding.identified.as_ref(), Some(&identified));

        // Nobody else hears of it, and what has an identifier of its own keeps it.
        assert_eq!(said(ctx, elsewhere, LEFT, "Flow").await.unwrap().answer, Answer::CannotTell);
        assert!(names::list(ctx, elsewhere).await.unwrap().is_empty());
        assert!(matches!(names::take_back(ctx, elsewhere, "left", None).await, Err(Error::NotFound { .. })));
        assert!(
            said(ctx, actor, "CVE-2026-0003", "Flow").await.is_none(),
            "gate 9.0.0 is later than what is affected"
        );

        // What comes later is judged by it, too: affected, and not.
        sboms::add(ctx, actor, bill("Newer", &[("left", "1.0.0", "", "")])).await.unwrap();
        assert_eq!(said(ctx, actor, LEFT, "Newer").await.unwrap().answer, Answer::Affected);
        sboms::add(ctx, actor, bill("Newer", &[("left", "1.4.0", "", "")])).await.unwrap();
        assert!(said(ctx, actor, LEFT, "Newer").await.is_none());
        assert_eq!(touched(ctx, actor, LEFT).await, (1, 0));
        sboms::add(ctx, actor, bill("Newer", &[("left", "", "", "")])).await.unwrap();
        assert_eq!(said(ctx, actor, LEFT, "Newer").await.unwrap().reason, Reason::NoVersion);

        let done = names::take_back(ctx, actor, "Left", None).await.unwrap();
        assert_eq!((done.releases, done.closed), (2, 2));
        let row = said(ctx, actor, LEFT, "Flow").await.unwrap();
        assert_eq!((row.answer, row.reason, row.identified), (Answer::CannotTell, Reason::NameOnly, None));
        let log = audit::list(ctx, actor, &AuditFilter::default(), &PageRequest::default()).await.unwrap();
        let entry = |action: &str| log.rows.iter().find(|row| row.action == action).unwrap();
        assert!(entry("names.confirm").detail.contains("is pkg:npm/left; 1 releases judged again"));
        assert!(entry("names.take_back").detail.contains("open again"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_only_a_cpe_names_is_confirmed_with_all_that_are_exact() {
    on_both(async |ctx, actor, elsewhere| {
        let release = flow(ctx, actor).await;
        let found = names::of_release(ctx, actor, release).await.unwrap();
        let open: Vec<(&str, usize)> =
            found.open.iter().map(|row| (row.name.as_str(), row.proposals.len())).collect();
        assert_eq!(open.len(), 4, "{open:?}");
        assert_eq!((open[0], open[3]), (("Viewer", 1), ("nobody knows", 0)));
        let (exact, seen) = names::exact(ctx, actor, release).await.unwrap();
        assert_eq!(exact.len(), 1, "{exact:?}");
        assert_eq!((exact[0].name.as_str(), exact[0].identifier.as_str()), ("Viewer", VIEWER_CPE));
        let other = flow(ctx, elsewhere).await;
        assert!(matches!(names::of_release(ctx, actor, other).await, Err(Error::NotFound { .. })));
        let refused = names::confirm_exact(ctx, actor, release, "something else").await;
        assert!(matches!(refused, Err(Error::Conflict { .. })));
        let (names, done) = names::confirm_exact(ctx, actor, release, &seen).await.unwrap();
        assert_eq!((names, done.releases, done.opened), (1, 1, 1));
        let row = said(ctx, actor, VIEWER, "Flow").await.unwrap();
        assert_eq!(row.answer, Answer::Affected);
        assert!(row.evidence[0].rule.contains("was confirmed by a person"), "{}", row.evidence[0].rule);
        assert_eq!(row.identified.unwrap().identifier, VIEWER_CPE);
        let known = names::of_release(ctx, actor, release).await.unwrap();
        assert_eq!((known.open.len(), known.named.len(), known.named[0].components), (3, 1, 1));

        // What goes out has the identifiers, and what came in stays as it was.
        for target in [Target::CycloneDx, Target::Spdx] {
            let written = bills::export(ctx, actor, release, target).await.unwrap();
            let text = String::from_utf8(written.document.bytes).unwrap();
            assert!(text.contains("cpe:2.3:a:orbis:viewer:1.9:"), "{text}");
        }
        let inventory = bills::inventory(ctx, actor, release).await.unwrap();
        assert!(inventory.components.iter().all(|component| component.cpes.is_empty()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_on_a_name_is_never_silence_without_evidence() {
    on_both(async |ctx, actor, _| {
        let refused =
            |command: Confirm| async move { names::confirm(ctx, actor, &[command]).await.unwrap_err() };
        for (identifier, why) in [
            ("pkg:npm/nothing-like-it", "knows no"),
            ("cpe:2.3:a:orbis:unheard_of:*:*:*:*:*:*:*:*", "knows no"),
            ("pkg:npm/left@1.2.0", "has a version"),
            ("left", "neither"),
        ] {
            let error = refused(is("Left", None, identifier)).await;
            assert!(matches!(&error, Error::Invalid { message, .. } if message.contains(why)), "{error}");
        }
        assert!(matches!(refused(is(" ", None, "pkg:npm/left")).await, Error::Invalid { .. }));
        let none = Confirm { name: "nobody knows".to_owned(), ..Confirm::default() };
        assert!(matches!(refused(none).await, Error::Invalid { .. }), "there is nothing to decline");

        // Two makers: the bill's supplier is not the vendor of the product.
        let two = is("left", Some("Acme"), VIEWER_CPE);
        assert!(matches!(refused(two.clone()).await, Error::Conflict { .. }));
        // All or none.
        assert!(names::confirm(ctx, actor, &[is("Left", None, "pkg:npm/left"), two.clone()]).await.is_err());
        assert!(names::list(ctx, actor).await.unwrap().is_empty());
        names::confirm(ctx, actor, &[Confirm { other_supplier: true, ..two }]).await.unwrap();
        names::take_back(ctx, actor, "LEFT", Some("acme ")).await.unwrap();

        // Another package of the same kind: that it is not affected rests on the decision, and is told with it.
        names::confirm(ctx, actor, &[is("left", Some("Acme"), "pkg:npm/left")]).await.unwrap();
        names::confirm(ctx, actor, &[is("Left", None, "pkg:npm/gate")]).await.unwrap();
        let row = said(ctx, actor, LEFT, "Flow").await.unwrap();
        assert_eq!(
            (row.answer, row.component.as_deref()),
            (Answer::Affected, Some("left")),
            "the other is affected"
        );
        sboms::add(ctx, actor, bill("Newer", &[("Left", "1.2.0", "", "")])).await.unwrap();
        let row = said(ctx, actor, LEFT, "Newer").await.unwrap();
        assert_eq!((row.answer, row.reason), (Answer::NotAffected, Reason::Decided));
        assert_eq!(row.identified.unwrap().identifier, "pkg:npm/gate");
        // No record speaks of the weakness by product names, so the word settles nothing.
        names::confirm(ctx, actor, &[is("Left", None, VIEWER_CPE)]).await.unwrap();
        let row = said(ctx, actor, LEFT, "Newer").await.unwrap();
        assert_eq!((row.answer, row.reason), (Answer::CannotTell, Reason::NameOnly));

        // None of these: nothing is proposed any more, and it stays untold.
        let none = Confirm { name: "Left".to_owned(), ..Confirm::default() };
        names::confirm(ctx, actor, &[none]).await.unwrap();
        let row = said(ctx, actor, LEFT, "Newer").await.unwrap();
        assert_eq!((row.answer, row.reason, row.identified), (Answer::CannotTell, Reason::NameOnly, None));
        let found = names::of_release(ctx, actor, flow(ctx, actor).await).await.unwrap();
        let left = found.open.iter().find(|row| row.name == "Left").unwrap();
        assert_eq!((left.proposals.len(), left.found), (0, 1));
        assert_eq!(left.declined.as_ref().unwrap().declined, ["pkg:npm/left"]);
    })
    .await;
}
