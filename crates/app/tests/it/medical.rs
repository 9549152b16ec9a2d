//! Medical advisories: taken in once for everybody, decided on by each organisation for itself.

use std::path::Path;

use bedrail_app::actor::Via;
use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::medical::{self, Decide, Decision, MedicalDetail, MedicalFilter, Said, Standing};
use bedrail_app::organisations;
use bedrail_app::page::PageRequest;
use bedrail_app::{Actor, Context, Error, accounts, devices};
use bedrail_model::answer::Answer;
use bedrail_model::organisation::OrgKind;
use serde_json::{Value, json};

use crate::story::{list, open};

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
