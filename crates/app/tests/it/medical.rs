//! Medical advisories: taken in once for everybody, decided on by each organisation for itself.

use std::path::Path;

use bedrail_app::actor::Via;
use bedrail_app::affected::{self, AffectedDevice, Question};
use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::medical::{self, Decide, Decision, HeldFor, MedicalDetail, MedicalFilter, Said, Standing};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::{Actor, Context, Error, accounts, breakfast, decisions, devices, organisations};
use bedrail_assess::named_product::Name;
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::decision::{Origin, Verdict};
use bedrail_model::organisation::OrgKind;
use bedrail_model::vex::Justification;
use serde_json::{Value, json};

use crate::story::{list, open, two_with};

const PUMPS: &str = "Asset tag,Maker,Model,Version\n\
    P-1,Orbis Medical,Flow 300,3.60\nP-2,Orbis Medical,Flow 300,3.64.1\nP-3,Orbis Medical,Flow 300,4.0\n\
    P-4,Orbis,Flow 500,1.0\nP-5,Nimbus,Cloud 9,1.0\n";

/// An advisory of Orbis: Flow 300 up to 3.64, and a product with a longer name than ours.
fn advisory(id: &str, released: &str, tlp: &str) -> Value {
    let product = |name: &str, versions: &str, id: &str| {
        json!({"category": "product_name", "name": name, "branches": [{"category": "product_version_range",
            "name": versions, "product": {"product_id": id, "name": format!("{name} {versions}")}}]})
    };
    json!({
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Flow: no password",
            "publisher": {"category": "vendor", "name": "Orbis Medical", "namespace": "https://orbis.example",
                "contact_details": "psirt@orbis.example"},
            "distribution": {"tlp": {"label": tlp}},
            "tracking": {"id": id, "status": "final", "version": "1", "current_release_date": released,
                "initial_release_date": released}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Orbis Medical GmbH", "branches": [
            product("Flow 300", "<= 3.64", "P1"), product("Flow 500 Infusion Workstation Ward", "<= 2.0", "P2")]}]},
        "vulnerabilities": [{"cve": "CVE-2024-99901", "product_status": {"known_affected": ["P1", "P2"]},
            "remediations": [
                {"category": "workaround", "details": "Close the port.", "product_ids": ["P1", "P2"]},
                {"category": "vendor_fix", "details": "Install 4.0 on Flow 300.", "product_ids": ["P1"]}]}],
    })
}

fn write(folder: &Path, name: &str, document: &Value) {
    std::fs::write(folder.join(name), document.to_string()).unwrap();
}

fn of<'d>(detail: &'d MedicalDetail, release: &str) -> &'d Said {
    detail
        .said
        .iter()
        .find(|it| it.release_name == release)
        .unwrap_or_else(|| panic!("{release}: {detail:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_decided_on_once_for_one_organisation_and_can_be_taken_back() {
    decided_once(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        decided_once(Some(url)).await;
    }
}

async fn decided_once(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let other = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    let (actor, elsewhere) = (Actor::system(org), Actor::system(other));
    for actor in [&actor, &elsewhere] {
        devices::import(&ctx, actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.json", &advisory("OM-1", "2024-03-08T09:00:00Z", "WHITE"));
    let report = medical::import(&ctx, &actor, folder.path()).await.unwrap();
    assert_eq!((report.taken, report.unchanged, report.refused.len()), (1, 0, 0), "{report:?}");

    let detail = medical::get(&ctx, &actor, "om-1").await.unwrap();
    assert_eq!(detail.row.standing, Standing::Matched);
    assert_eq!(of(&detail, "Orbis Medical Flow 300 3.60").answer, Answer::Affected);
    // Finer than the boundary, so nobody knows; 4.0 lies outside.
    assert_eq!(of(&detail, "Orbis Medical Flow 300 3.64.1").answer, Answer::CannotTell);
    assert_eq!(of(&detail, "Orbis Medical Flow 300 4.0").answer, Answer::NotAffected);
    assert!(detail.said.iter().all(|it| !it.release_name.contains("Nimbus")), "{detail:#?}");
    let advice: Vec<&str> = detail.advice.iter().map(|it| it.details.as_str()).collect();
    assert_eq!(advice, ["Install 4.0 on Flow 300.", "Close the port."], "the maker's fix comes first");
    let waiting = of(&detail, "Orbis Flow 500 1.0");
    assert_eq!((waiting.answer, waiting.candidates.len()), (Answer::CannotTell, 1));

    let command = Decide {
        advisory: detail.row.id,
        release: waiting.release,
        key: waiting.candidates[0].key.clone(),
        decision: Some(Decision::Same),
    };
    medical::decide(&ctx, &actor, &command).await.unwrap();
    let answer = async |actor: &Actor| {
        of(&medical::get(&ctx, actor, "OM-1").await.unwrap(), "Orbis Flow 500 1.0").answer
    };
    assert_eq!(answer(&actor).await, Answer::Affected);
    assert_eq!(answer(&elsewhere).await, Answer::CannotTell, "another organisation decides for itself");
    assert!(medical::decisions(&ctx, &elsewhere).await.unwrap().is_empty());
    let of_release = medical::of_release(&ctx, &actor, waiting.release).await.unwrap();
    assert_eq!((of_release.len(), of_release[0].said.answer), (1, Answer::Affected));
    // Two more devices of another model are touched; a release's own page, which its supplier sees, counts its own.
    let row = &of_release[0].row;
    assert_eq!((row.affected, row.cannot_tell, of_release[0].said.devices), (1, 0, 1));
    let row = medical::get(&ctx, &actor, "OM-1").await.unwrap().row;
    assert_eq!((row.affected, row.cannot_tell), (2, 1));
    let missing = medical::of_release(&ctx, &elsewhere, waiting.release).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })), "a release of another organisation");
    let stolen = medical::decide(&ctx, &elsewhere, &command).await;
    assert!(matches!(stolen, Err(Error::NotFound { .. })), "{stolen:?}");
    let wrong = Decide { key: "nimbus|cloud9".into(), ..command.clone() };
    assert!(matches!(medical::decide(&ctx, &actor, &wrong).await, Err(Error::NotFound { .. })));

    let log = audit::list(&ctx, &actor, &AuditFilter::default(), &PageRequest::default()).await.unwrap();
    assert_eq!(log.rows[0].action, "medical.decide");
    assert!(log.rows[0].detail.contains("Flow 500 Infusion Workstation Ward"), "{}", log.rows[0].detail);

    let taken = medical::decisions(&ctx, &actor).await.unwrap();
    assert_eq!(taken.len(), 1);
    let back = medical::take_back(&ctx, &elsewhere, &taken[0].own_key, &taken[0].their_key).await;
    assert!(matches!(back, Err(Error::NotFound { .. })));
    medical::take_back(&ctx, &actor, &taken[0].own_key, &taken[0].their_key).await.unwrap();
    assert_eq!(answer(&actor).await, Answer::CannotTell, "taking it back judges again");
    let refused = Decide { decision: Some(Decision::Different), ..command };
    medical::decide(&ctx, &actor, &refused).await.unwrap();
    let detail = medical::get(&ctx, &actor, "OM-1").await.unwrap();
    assert!(detail.said.iter().all(|it| it.release_name != "Orbis Flow 500 1.0"), "{detail:#?}");
    rights(&ctx, &actor).await;
}

/// A device sold under another brand: no word of its name is in the advisory, and what a person said of it counts all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_product_of_another_maker_that_was_said_to_be_the_same_is_judged_as_it() {
    two_with(PUMPS, async |ctx, actor, elsewhere| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a.json", &advisory("OM-1", "2024-03-08T09:00:00Z", "WHITE"));
        medical::import(&ctx, &actor, folder.path()).await.unwrap();
        let detail = medical::get(&ctx, &actor, "OM-1").await.unwrap();
        assert!(detail.said.iter().all(|it| !it.release_name.contains("Nimbus")), "{detail:#?}");
        let rows = releases::list(&ctx, &actor, &ReleaseFilter::default(), &PageRequest::default())
            .await
            .unwrap()
            .rows;
        let nimbus = rows.iter().find(|it| it.maker == "Nimbus").unwrap();
        let flow = Name::new("Orbis Medical GmbH", "Flow 300").key();
        let command =
            Decide { advisory: detail.row.id, release: nimbus.id, key: flow, decision: Some(Decision::Same) };
        medical::decide(&ctx, &actor, &command).await.unwrap();
        let detail = medical::get(&ctx, &actor, "OM-1").await.unwrap();
        assert_eq!(of(&detail, "Nimbus Cloud 9 1.0").answer, Answer::Affected, "1.0 is below 3.64");
        let detail = medical::get(&ctx, &elsewhere, "OM-1").await.unwrap();
        assert!(
            detail.said.iter().all(|it| !it.release_name.contains("Nimbus")),
            "they said nothing: {detail:#?}"
        );
    })
    .await;
}

/// Who may look may not decide, and who may decide may not take documents in.
async fn rights(ctx: &Context, admin: &Actor) {
    use bedrail_app::rights::{Right, Rights, Role};
    let auditor = Rights::of_roles(&[Role::Auditor]);
    assert!(auditor.has(Right::SeeFleet) && !auditor.has(Right::DecideNames));
    let engineer = Rights::of_roles(&[Role::Engineer]);
    assert!(engineer.has(Right::DecideNames) && !engineer.has(Right::UpdateData));
    let first = accounts::ensure_administrator(ctx, admin.org).await.unwrap();
    assert!(first.is_some() && admin.via == Via::System);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_newer_documents_replace_and_what_may_not_be_shared_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), None).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let actor = Actor::system(org);
    let folder = tempfile::tempdir().unwrap();
    let import = async || {
        let report = medical::import(&ctx, &actor, folder.path()).await.unwrap();
        (report.taken, report.unchanged, report.refused)
    };
    write(folder.path(), "a.json", &advisory("OM-1", "2024-03-08T09:00:00Z", "WHITE"));
    assert_eq!(import().await, (1, 0, Vec::new()));
    assert_eq!(import().await, (0, 1, Vec::new()), "the same bytes again");
    write(folder.path(), "a.json", &advisory("OM-1", "2024-02-01T09:00:00Z", "WHITE"));
    assert_eq!(import().await, (0, 1, Vec::new()), "an older version");
    let newer = advisory("OM-1", "2024-04-01T09:00:00+02:00", "WHITE");
    write(folder.path(), "a.json", &newer);
    std::fs::create_dir(folder.path().join("below")).unwrap();
    write(&folder.path().join("below"), "red.json", &advisory("OM-2", "2024-04-01T09:00:00Z", "RED"));
    std::fs::write(folder.path().join("broken.json"), "{\"document\":").unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no advisory").unwrap();
    let (taken, unchanged, refused) = import().await;
    assert_eq!((taken, unchanged), (1, 0));
    let files: Vec<&str> = refused.iter().map(|(file, _)| file.as_str()).collect();
    assert_eq!(files, ["below/red.json", "broken.json"]);
    assert!(refused[0].1.contains("TLP:RED") && refused[1].1.contains("cut off"), "{refused:?}");

    let all = MedicalFilter { foreign: true, ..MedicalFilter::default() };
    let page = medical::list(&ctx, &actor, &all, &PageRequest::default()).await.unwrap();
    assert_eq!((page.total, page.rows[0].standing), (1, Standing::Foreign), "there are no devices");
    assert_eq!(page.rows[0].released.as_deref(), Some("2024-04-01T09:00:00+02:00"));
    let missing = medical::import(&ctx, &actor, &folder.path().join("nowhere")).await;
    assert!(matches!(missing, Err(Error::Invalid { hint: Some(_), .. })), "{missing:?}");
}

/// A list of what makers say of Log4j, as NCSC-NL writes it.
const LIST: &str = "\
| Supplier | Product | Version (see Status) | Status CVE-2021-4104 | Status CVE-2021-44228 | Status CVE-2021-45046 | Status CVE-2021-45105 | Notes | Links |
|:---|:---|:---:|:---:|:---:|:---:|:---:|:---|---:|
|Orbis Medical|Flow 300|3.60, 3.64| |Workaround| | |Close the port|[letter](https://orbis.example/log4j)|
|Orbis Medical|Flow 500| | |Not vuln| | ||[letter](https://orbis.example/log4j)|
|Nimbus|All| | | |Vulnerable| |||
|Nimbus|Cloud 9|cut off|
";

/// What is said of the device with a tag, by a question.
async fn about(ctx: &Context, actor: &Actor, text: &str, tag: &str) -> Option<AffectedDevice> {
    let question = Question { text: text.to_owned(), ..Question::default() };
    let answer = affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap();
    answer.rows.into_iter().find(|it| it.name == tag)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_answers_for_sealed_devices_and_clears_none() {
    sealed(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        sealed(Some(url)).await;
    }
}

async fn sealed(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let other = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    let (actor, elsewhere) = (Actor::system(org), Actor::system(other));
    for actor in [&actor, &elsewhere] {
        devices::import(&ctx, actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    }
    let before = about(&ctx, &actor, "CVE-2021-44228", "P-1").await.unwrap();
    assert_eq!((before.answer, before.reason), (Answer::CannotTell, Reason::NoBillOfMaterials));

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("software_list_o.md"), LIST).unwrap();
    std::fs::write(folder.path().join("README.md"), "# About this list").unwrap();
    let report = medical::import(&ctx, &actor, folder.path()).await.unwrap();
    assert_eq!((report.taken, report.refused.len(), report.other_texts), (1, 0, 1), "{report:?}");
    let read = &report.lists[0];
    assert_eq!((read.rows, read.advisories, read.not_understood.len()), (3, 2, 1), "{read:?}");
    assert_eq!(read.not_understood[0].0, "line 6");

    // That it is affected counts at once, with who said so and where.
    let pump = about(&ctx, &actor, "CVE-2021-44228", "P-1").await.unwrap();
    assert_eq!((pump.answer, pump.reason), (Answer::Affected, Reason::Stated));
    let said = &pump.evidence[0];
    assert!(
        said.source.contains("NCSC-NL") && said.snapshot.contains("undated, taken in 2026-03-03"),
        "{said:?}"
    );
    assert!(
        said.rule.contains("3.60, 3.64") && said.rule.contains("https://orbis.example/log4j"),
        "{said:?}"
    );
    // That it is not affected is told, and is no answer.
    let claimed = about(&ctx, &actor, "CVE-2021-44228", "P-4").await.unwrap();
    assert_eq!((claimed.answer, claimed.reason), (Answer::CannotTell, Reason::StatementUnclear));
    assert!(claimed.evidence[0].rule.contains("calls it mended or not affected"), "{claimed:?}");
    // What is said of one weakness is not said of another.
    let other_weakness = about(&ctx, &actor, "CVE-2021-45046", "P-1").await.unwrap();
    assert_eq!((other_weakness.answer, other_weakness.evidence.len()), (Answer::CannotTell, 0));
    let all_of_maker = about(&ctx, &actor, "CVE-2021-45046", "P-5").await.unwrap();
    assert_eq!((all_of_maker.answer, all_of_maker.reason), (Answer::Affected, Reason::Stated));

    chain_and_paper(&ctx, &actor, &pump).await;
    // A person decides, for one organisation.
    let command = decisions::Decide {
        weaknesses: vec!["CVE-2021-44228".to_owned()],
        scope: decisions::ScopeChoice::Release(claimed.release),
        verdict: Verdict::NotAffected(Justification::ComponentNotPresent),
        reason: "the maker's letter says so".to_owned(),
        review_on: None,
        action: None,
        origin: Origin::Person,
    };
    decisions::decide(&ctx, &actor, &command).await.unwrap();
    assert!(about(&ctx, &actor, "CVE-2021-44228", "P-4").await.is_none(), "ruled out");
    let there = about(&ctx, &elsewhere, "CVE-2021-44228", "P-4").await.unwrap();
    assert_eq!(there.answer, Answer::CannotTell, "another organisation decides for itself");

    // The same list in a newer form takes the place of the one before: what it does not say any more is gone.
    std::fs::write(folder.path().join("software_list_o.md"), LIST.replace("|Workaround|", "| |")).unwrap();
    assert_eq!(medical::import(&ctx, &actor, folder.path()).await.unwrap().taken, 1);
    let after = about(&ctx, &actor, "CVE-2021-44228", "P-1").await.unwrap();
    assert_eq!(after.answer, Answer::CannotTell, "{after:?}");
}

/// The chain of one device, and the paper of one advisory.
async fn chain_and_paper(ctx: &Context, actor: &Actor, pump: &AffectedDevice) {
    let chain = medical::explain(ctx, actor, "CVE-2021-44228", pump.release).await.unwrap();
    assert_eq!((chain.len(), chain[0].answer, chain[0].version.as_str()), (1, Answer::Affected, "3.60"));
    assert_eq!(chain[0].names[0].held, HeldFor::SameByRule);
    let id = chain[0].advisory.clone();
    assert_eq!(id, "ncsc-nl-log4shell/CVE-2021-44228/Orbis Medical");
    let paper = breakfast::of(ctx, actor, &id).await.unwrap();
    assert_eq!((paper.weakness.id.as_str(), paper.totals.affected), (id.as_str(), 1));
    assert_eq!(paper.wards.iter().map(|it| it.devices.len()).sum::<usize>(), 4, "{paper:#?}");
    assert!(paper.found.is_some() && paper.published.is_none());
    assert!(paper.questions.iter().any(|(_, fact, _)| fact.contains("Flow 500")), "{:?}", paper.questions);
    let (_, alone) = affected::of_device(ctx, actor, &id, pump.device).await.unwrap();
    assert_eq!(alone.unwrap().answer, Answer::Affected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisory_of_its_own_publisher_counts_for_the_weakness_it_speaks_of() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), None).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    devices::import(&ctx, &actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    let document = advisory("OM-1", "2024-03-08T09:00:00Z", "WHITE").to_string().into_bytes();
    medical::take(&ctx, &actor, vec![("om-1.json".to_owned(), document)]).await.unwrap();
    // The data does not know this weakness: of nothing else can it be told.
    let known = about(&ctx, &actor, "CVE-2024-99901", "P-1").await.unwrap();
    assert_eq!((known.answer, known.reason), (Answer::Affected, Reason::Stated));
    assert!(known.evidence[0].snapshot.contains("of 2024-03-08"), "{known:?}");
    let unknown = about(&ctx, &actor, "CVE-2024-99901", "P-5").await.unwrap();
    assert_eq!((unknown.answer, unknown.reason), (Answer::CannotTell, Reason::NoRecord));
    // By its own id only what it names is listed, and what it rules out on request.
    assert!(about(&ctx, &actor, "om-1", "P-5").await.is_none());
    assert_eq!(about(&ctx, &actor, "om-1", "P-2").await.unwrap().answer, Answer::CannotTell);
    let out = Question { text: "OM-1".into(), answer: Some(Answer::NotAffected), ..Question::default() };
    let out = affected::ask(&ctx, &actor, &out, &PageRequest::default()).await.unwrap();
    assert_eq!(out.rows.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["P-3"]);
}
