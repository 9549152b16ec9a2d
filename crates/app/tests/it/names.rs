//! Names of components: said once, remembered by one organisation, and every release with the name judged by it at once.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use bedrail_app::affected::{self, AffectedDevice, Question};
use bedrail_app::answered::{self, Fact, Holds, Record};
use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::bills::{self, Target};
use bedrail_app::feeds::{self, DataDir, Origin};
use bedrail_app::names::{self, Confirm, Reach};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, Error, accounts, devices, organisations, rematch};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ids::ReleaseId;
use bedrail_model::organisation::OrgKind;
use jiff::civil::date;

use crate::follow::{numbers_are_right, record, touched};
use crate::story;

const LEFT: &str = "CVE-2026-0001";
const VIEWER: &str = "CVE-2026-0002";
const GATE: &str = "CVE-2026-0003";
/// Known by a product of NVD alone.
const DJANGO: &str = "CVE-2026-0004";
const LOG4SHELL: &str = "CVE-2021-44228";
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

/// Packages of npm, Maven and PyPI and products of NVD, each with a weakness.
async fn fetch(dir: &Path) {
    let mirror = tempfile::tempdir().unwrap();
    let (osv, nvd) = (mirror.path().join("osv"), mirror.path().join("nvd/json/cve/2.0"));
    fs::create_dir_all(&nvd).unwrap();
    let of = |ecosystem: &str, record: String| {
        record.replace("\"npm\"", &format!("\"{ecosystem}\"")).replace("SEMVER", "ECOSYSTEM")
    };
    let log4j = record(LOG4SHELL, "org.apache.logging.log4j:log4j-core", "2.15.0", 1, false);
    for (ecosystem, records) in [
        ("npm", vec![record(LEFT, "left", "1.3.0", 1, false), record(GATE, "gate", "2.0.0", 1, false)]),
        ("Maven", vec![of("Maven", log4j)]),
        ("PyPI", vec![of("PyPI", record("CVE-2026-0005", "django", "2.0", 1, false))]),
    ] {
        fs::create_dir_all(osv.join(ecosystem)).unwrap();
        let mut zip = zip::ZipWriter::new(File::create(osv.join(ecosystem).join("all.zip")).unwrap());
        for (at, record) in records.iter().enumerate() {
            zip.start_file(format!("{at}.json"), zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(record.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }
    let product = |id: &str, cpe: &str, last: &str| {
        format!(
            r#"{{"cve":{{"id":"{id}","vulnStatus":"Analyzed","lastModified":"2026-02-01T10:00:00.000","descriptions":[{{"lang":"en","value":"A flaw."}}],
            "configurations":[{{"nodes":[{{"operator":"OR","cpeMatch":[{{"vulnerable":true,"criteria":"{cpe}","versionEndIncluding":"{last}"}}]}}]}}]}}}}"#
        )
    };
    let django = "cpe:2.3:a:djangoproject:django:*:*:*:*:*:*:*:*";
    let products = [product(VIEWER, VIEWER_CPE, "2.0"), product(DJANGO, django, "3.2")].join(",");
    let products = format!(
        r#"{{"totalResults":2,"format":"NVD_CVE","version":"2.0","timestamp":"2026-02-10T08:00Z","vulnerabilities":[{products}]}}"#
    );
    fs::write(nvd.join("nvdcve-2.0-2026.json.gz"), products).unwrap();
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
    of_model(ctx, actor, "Flow").await
}

async fn of_model(ctx: &Context, actor: &Actor, model: &str) -> ReleaseId {
    let page = PageRequest::default();
    let rows = releases::list(ctx, actor, &ReleaseFilter::default(), &page).await.unwrap().rows;
    rows.into_iter().find(|row| row.model == model).unwrap().id
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
        ..Confirm::default()
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
        assert!(said(ctx, actor, GATE, "Flow").await.is_none(), "gate 9.0.0 is later than what is affected");

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
            assert_eq!(text.matches("confirmed by the organisation").count(), 1, "{text}");
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
        let again = Confirm { seen: Some(ctx.clock.now()), ..is("Left", None, VIEWER_CPE) };
        names::confirm(ctx, actor, &[again]).await.unwrap();
        let row = said(ctx, actor, LEFT, "Newer").await.unwrap();
        assert_eq!((row.answer, row.reason), (Answer::CannotTell, Reason::NameOnly));

        // Nor does it where the weakness is known by product names, and what was confirmed by its package.
        sboms::add(ctx, actor, bill("Newer", &[("Django", "3.2", "", "")])).await.unwrap();
        assert_eq!(said(ctx, actor, DJANGO, "Newer").await.unwrap().reason, Reason::NameOnly);
        names::confirm(ctx, actor, &[is("Django", None, "pkg:pypi/django")]).await.unwrap();
        let row = said(ctx, actor, DJANGO, "Newer").await.unwrap();
        assert_eq!((row.answer, row.reason), (Answer::CannotTell, Reason::NameOnly));
        assert_eq!(row.identified.unwrap().identifier, "pkg:pypi/django");
        sboms::add(ctx, actor, bill("Newer", &[("Left", "1.2.0", "", "")])).await.unwrap();

        // None of these: nothing is proposed any more, and it stays untold.
        let seen = Some(ctx.clock.now());
        let none = Confirm { name: "Left".to_owned(), seen, ..Confirm::default() };
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

/// Somebody was asked and said that a release contains this.
async fn answer(
    ctx: &Context,
    actor: &Actor,
    release: ReleaseId,
    (name, version): (&str, &str),
    purl: Option<&str>,
) {
    let (name, version, purl) = (name.to_owned(), version.to_owned(), purl.map(str::to_owned));
    let record = Record {
        holds: vec![Holds::Release(release)],
        fact: Fact::Contains { name, version, purl, cpe: None },
        said_by: "product security of Orbis".into(),
        said_on: date(2026, 3, 1),
        source: "mail of that day".into(),
        document: None,
        question: None,
    };
    answered::record(ctx, actor, record).await.unwrap();
}

/// Every number is right, and judging again changes nothing.
async fn all_is_in_line(ctx: &Context, actor: &Actor) {
    numbers_are_right_for(ctx, actor).await;
    let again = rematch::all(ctx).await.unwrap();
    assert_eq!((again.changed, again.opened, again.closed), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_stays_when_a_name_in_the_bill_is_confirmed_and_is_judged_by_its_own_name() {
    on_both(async |ctx, actor, _| {
        let release = flow(ctx, actor).await;
        let log4j = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1";
        answer(ctx, actor, release, ("log4j-core", "2.14.1"), Some(log4j)).await;
        answer(ctx, actor, release, ("gate", "1.0.0"), None).await;
        let now = async || {
            let mut all = Vec::new();
            for weakness in [LOG4SHELL, LEFT, GATE] {
                let row = said(ctx, actor, weakness, "Flow").await.unwrap();
                assert!(row.answer == Answer::Affected || row.reason == Reason::NameOnly, "{row:?}");
                all.push(row.answer);
            }
            all
        };
        let (yes, open) = (Answer::Affected, Answer::CannotTell);
        assert_eq!(now().await, [yes, open, open]);
        all_is_in_line(ctx, actor).await;

        let done = names::confirm(ctx, actor, &[is("Left", None, "pkg:npm/left")]).await.unwrap();
        assert_eq!((done.bills, done.releases, done.opened, done.closed), (1, 1, 1, 0));
        assert_eq!(now().await, [yes, yes, open]);
        all_is_in_line(ctx, actor).await;

        // What was answered has a name alone, too, and stands in no bill.
        let done = names::confirm(ctx, actor, &[is("Gate", None, "pkg:npm/gate")]).await.unwrap();
        assert_eq!((done.bills, done.releases, done.opened, done.closed), (0, 1, 1, 0));
        assert_eq!(now().await, [yes, yes, yes]);
        let row = said(ctx, actor, GATE, "Flow").await.unwrap();
        assert_eq!((row.component.as_deref(), row.version.as_deref()), (Some("gate"), Some("1.0.0")));
        assert_eq!(row.identified.unwrap().identifier, "pkg:npm/gate");
        all_is_in_line(ctx, actor).await;

        // Another bill of the release is judged by all of it.
        sboms::add(ctx, actor, bill("Flow", &[("LEFT", "1.0.0", "", "")])).await.unwrap();
        assert_eq!(now().await, [yes, yes, yes]);
        let done = names::take_back(ctx, actor, "gate", None).await.unwrap();
        assert_eq!((done.bills, done.releases, done.opened, done.closed), (0, 1, 0, 1));
        assert_eq!(now().await, [yes, yes, open]);
        names::take_back(ctx, actor, "left", None).await.unwrap();
        assert_eq!(now().await, [yes, open, open]);
        all_is_in_line(ctx, actor).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_nobody_speaks_of_several_makers_only_where_that_is_said() {
    on_both(async |ctx, actor, elsewhere| {
        let list = "Asset tag,Manufacturer,Model,Version\nM-1,Velta,Monitor,1\n";
        devices::import(ctx, actor, story::list("more.csv", list, false)).await.unwrap();
        let monitor = bill("Monitor", &[("LEFT", "1.2.0", "", "")]);
        let monitor = AddSbom { maker: Some("Velta".to_owned()), ..monitor };
        sboms::add(ctx, actor, monitor).await.unwrap();
        let release = flow(ctx, actor).await;
        let found = names::of_release(ctx, actor, release).await.unwrap();
        let reach = |name: &str| found.open.iter().find(|row| row.name == name).unwrap().reach;
        assert_eq!(reach("Left"), Reach { releases: 2, makers: 2 });
        assert_eq!(reach("Viewer"), Reach { releases: 1, makers: 1 });

        let left = is("Left", None, "pkg:npm/left");
        let refused = names::confirm(ctx, actor, std::slice::from_ref(&left)).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Conflict { message } if message.contains("2 makers (Orbis, Velta), 2 releases")),
            "{refused}"
        );
        assert!(names::list(ctx, actor).await.unwrap().is_empty());
        // The other house has it of one maker, and one supplier's name is that supplier's.
        names::confirm(ctx, elsewhere, std::slice::from_ref(&left)).await.unwrap();
        names::confirm(ctx, actor, &[is("left", Some("Acme"), "pkg:npm/left")]).await.unwrap();
        assert!(names::list(ctx, actor).await.unwrap().iter().all(|said| said.supplier.is_some()));
        let done = names::confirm(ctx, actor, &[Confirm { everywhere: true, ..left }]).await.unwrap();
        assert_eq!((done.bills, done.releases), (2, 2));
        assert_eq!(said(ctx, actor, LEFT, "Monitor").await.unwrap().answer, Answer::Affected);

        // What was answered is spoken of, too.
        for release in [release, of_model(ctx, actor, "Monitor").await] {
            answer(ctx, actor, release, ("gate", "1.0.0"), None).await;
        }
        let gate = is("gate", None, "pkg:npm/gate");
        let refused = names::confirm(ctx, actor, std::slice::from_ref(&gate)).await.unwrap_err();
        assert!(matches!(refused, Error::Conflict { .. }), "{refused}");
        names::confirm(ctx, actor, &[Confirm { everywhere: true, ..gate }]).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_was_not_seen_is_not_replaced() {
    on_both(async |ctx, actor, _| {
        names::confirm(ctx, actor, &[is("Left", None, "pkg:npm/left")]).await.unwrap();
        let standing = names::said_of(ctx, actor, " left", None).await.unwrap().unwrap();
        let gate = is("LEFT", None, "pkg:npm/gate");
        let early = Some("2026-03-03T09:00:00Z".parse().unwrap());
        for seen in [None, early] {
            let refused = names::confirm(ctx, actor, &[Confirm { seen, ..gate.clone() }]).await.unwrap_err();
            let told = ["pkg:npm/left", standing.author.as_str(), "2026-03-03T10:00:00Z"];
            assert!(
                matches!(&refused, Error::Conflict { message } if told.iter().all(|it| message.contains(it))),
                "{refused}"
            );
        }
        assert_eq!(said(ctx, actor, LEFT, "Flow").await.unwrap().answer, Answer::Affected);
        let seen = Some(standing.decided);
        names::confirm(ctx, actor, &[Confirm { seen, ..gate }]).await.unwrap();
        let standing = names::said_of(ctx, actor, "left", None).await.unwrap().unwrap();
        assert_eq!(standing.identifier.as_deref(), Some("pkg:npm/gate"));
        assert_eq!(names::said_of(ctx, actor, "left", Some("Acme")).await.unwrap(), None);
    })
    .await;
}
