//! Statements of others: taken in by one organisation for itself, compared with what it has, and proposed once their issuer
//! is pinned.

use bedrail_app::actions::{self, ActionFilter, NewAction};
use bedrail_app::exposure::{self, ImportExposure};
use bedrail_app::page::PageRequest;
use bedrail_app::vex::{
    self, Accept, AddVex, Export, Format, Idle, Need, Pin, Speaks, Spoken, Standing, StatementRow, Use,
    VexFilter, VexReceipt,
};
use bedrail_app::{Actor, Context, Error, accounts, decisions, devices, jobs, organisations, sboms};
use bedrail_model::decision::{Origin, Review, Verdict};
use bedrail_model::exposure::Vantage;
use bedrail_model::organisation::OrgKind;
use serde_json::{Value, json};

use crate::story::{databases, list, open};

const PUMPS: &str = "Asset tag,Maker,Model,Version,Kind,Exposure\n\
    P-1,Orbis Medical,Flow 300,3.60,scale,isolated\nP-2,Orbis Medical,Flow 300,3.60,scale,isolated\n\
    P-3,Orbis Medical,Flow 300,4.0,infusion pump,outside\nP-4,Nimbus,Cloud 9,1.0,scale,isolated\n";

const PURL: &str = "pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-12";

fn openvex(id: &str, version: u32, author: &str, statements: &Value) -> Vec<u8> {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": id, "author": author, "role": "vendor",
        "timestamp": "2026-01-01T00:00:00Z", "version": version, "statements": statements})
    .to_string()
    .into_bytes()
}

/// Orbis on its pump, on a component, on something that nobody has, and without a word of why.
fn statements() -> Value {
    json!([
        {"vulnerability": {"name": "CVE-2024-99901"}, "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path",
            "products": [{"@id": "pkg:generic/orbis%20medical/flow%20300@3.60"}]},
        {"vulnerability": {"name": "CVE-2024-99902"}, "status": "fixed", "products": [{"@id": PURL}]},
        {"vulnerability": {"name": "CVE-2024-99903"}, "status": "fixed", "products": [{"@id": "pkg:npm/left-pad@1.0.0"}]},
        {"vulnerability": {"name": "CVE-2024-99904"}, "status": "not_affected", "products": [{"@id": PURL}]},
    ])
}

async fn add(ctx: &Context, actor: &Actor, bytes: Vec<u8>) -> VexReceipt {
    let command = AddVex { file_name: "vex.json".into(), document: bytes.into(), signature: None };
    vex::add(ctx, actor, command).await.unwrap()
}

async fn all(ctx: &Context, actor: &Actor, filter: VexFilter) -> Vec<StatementRow> {
    vex::list(ctx, actor, &filter, &PageRequest::default()).await.unwrap().0.rows
}

async fn on(ctx: &Context, actor: &Actor, weakness: &str) -> StatementRow {
    let filter = VexFilter { text: Some(weakness.to_owned()), ..VexFilter::default() };
    let mut rows = all(ctx, actor, filter).await;
    assert_eq!(rows.len(), 1, "{weakness}: {rows:#?}");
    rows.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_matched_proposed_when_pinned_replaced_and_kept_apart() {
    for database in databases() {
        story(database).await;
    }
}

async fn story(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let other = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    let (actor, elsewhere) = (Actor::system(org), Actor::system(other));
    for actor in [&actor, &elsewhere] {
        devices::import(&ctx, actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    }
    let bill = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
        {"type": "library", "name": "openssl", "version": "3.0.15-1~deb12u1",
            "purl": "pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=amd64&distro=debian-12.13"}]});
    let bill = sboms::AddSbom {
        file_name: "cloud.json".into(),
        document: bill.to_string().into_bytes().into(),
        maker: Some("Nimbus".into()),
        model: Some("Cloud 9".into()),
        version: Some("1.0".into()),
    };
    sboms::add(&ctx, &actor, bill).await.unwrap();

    let receipt =
        add(&ctx, &actor, openvex("https://orbis.example/1", 1, "Orbis PSIRT", &statements())).await;
    assert_eq!((receipt.statements, receipt.pinned, receipt.unchanged), (4, false, false));
    let count = |standing| receipt.standings.iter().find(|(it, _)| *it == standing).map(|(_, count)| *count);
    assert_eq!(
        (count(Standing::Unpinned), count(Standing::Unmatched), count(Standing::Lapsed)),
        (Some(2), Some(1), Some(1))
    );
    let again = add(&ctx, &actor, openvex("https://orbis.example/1", 1, "Orbis PSIRT", &statements())).await;
    assert!(again.unchanged && again.id == receipt.id);

    pinning(&ctx, &actor).await;
    matched(&ctx, &actor).await;
    contradicted(&ctx, &actor).await;
    replaced(&ctx, &actor).await;

    // Nothing of all that is there for another organisation.
    assert!(all(&ctx, &elsewhere, VexFilter::default()).await.is_empty());
    assert!(vex::issuers(&ctx, &elsewhere).await.unwrap().is_empty());
    let row = on(&ctx, &actor, "CVE-2024-99903").await;
    assert!(matches!(vex::decline(&ctx, &elsewhere, row.id, true).await, Err(Error::NotFound { .. })));
    assert!(matches!(vex::unpin(&ctx, &elsewhere, "orbis psirt").await, Err(Error::NotFound { .. })));
    let receipt =
        add(&ctx, &elsewhere, openvex("https://orbis.example/1", 1, "Orbis PSIRT", &statements())).await;
    assert!(!receipt.unchanged && !receipt.pinned, "the same bytes elsewhere are another matter");
}

/// An issuer is pinned for the makers it may speak for, and proposes nothing on others.
async fn pinning(ctx: &Context, actor: &Actor) {
    let pin = |makers: &[&str], automatic| Pin {
        key: " Orbis PSIRT ".into(),
        makers: makers.iter().map(|&it| it.to_owned()).collect(),
        automatic,
        ..Pin::default()
    };
    assert!(matches!(
        vex::pin(ctx, actor, &Pin { key: " ".into(), ..pin(&[], false) }).await,
        Err(Error::Invalid { .. })
    ));
    vex::pin(ctx, actor, &pin(&["orbis  medical"], true)).await.unwrap();
    let issuers = vex::issuers(ctx, actor).await.unwrap();
    let [issuer] = issuers.as_slice() else { panic!("{issuers:?}") };
    assert_eq!((issuer.key.as_str(), issuer.documents, issuer.automatic.is_some()), ("orbis psirt", 1, true));
    assert_eq!(on(ctx, actor, "CVE-2024-99901").await.standing, Standing::Proposed);
    let component = on(ctx, actor, "CVE-2024-99902").await;
    assert_eq!(component.standing, Standing::Unpinned, "the component is in a product of Nimbus");
    vex::pin(ctx, actor, &pin(&["Orbis Medical", "Nimbus"], true)).await.unwrap();
    assert_eq!(on(ctx, actor, "CVE-2024-99902").await.standing, Standing::Proposed);
}

async fn matched(ctx: &Context, actor: &Actor) {
    let pump = on(ctx, actor, "CVE-2024-99901").await;
    let [spoken] = pump.spoken.as_slice() else { panic!("{pump:#?}") };
    assert_eq!(
        (spoken.release_name.as_str(), spoken.devices, spoken.speaks),
        ("Orbis Medical Flow 300 3.60", 2, Speaks::Yes)
    );
    assert!(spoken.needs.is_empty() && spoken.components.is_empty(), "{spoken:?}");
    let component = on(ctx, actor, "CVE-2024-99902").await;
    let [spoken] = component.spoken.as_slice() else { panic!("{component:#?}") };
    assert_eq!(
        spoken.components,
        ["openssl 3.0.15-1~deb12u1"],
        "a finer release of the distribution is the same"
    );
    let unmatched = VexFilter { standing: Some(Standing::Unmatched), ..VexFilter::default() };
    let unmatched: Vec<String> = all(ctx, actor, unmatched).await.into_iter().map(|it| it.weakness).collect();
    assert_eq!(unmatched, ["CVE-2024-99903"]);
    let lapsed = on(ctx, actor, "CVE-2024-99904").await;
    assert!(lapsed.standing == Standing::Lapsed && lapsed.lapse.is_some(), "{lapsed:?}");

    vex::decline(ctx, actor, pump.id, true).await.unwrap();
    assert_eq!(on(ctx, actor, "CVE-2024-99901").await.standing, Standing::Declined);
    vex::decline(ctx, actor, pump.id, false).await.unwrap();
    assert_eq!(on(ctx, actor, "CVE-2024-99901").await.standing, Standing::Proposed);
}

async fn contradicted(ctx: &Context, actor: &Actor) {
    let says = json!([{"vulnerability": {"name": "CVE-2024-99901"}, "status": "affected", "action_statement": "Isolate it.",
        "products": [{"@id": "pkg:generic/orbis%20medical/flow%20300"}]}]);
    add(ctx, actor, openvex("https://cert.example/7", 1, "CERT", &says)).await;
    let filter = VexFilter { contradicted: true, ..VexFilter::default() };
    let mut rows = all(ctx, actor, filter).await;
    rows.sort_by(|a, b| a.issuer.cmp(&b.issuer));
    let [cert, maker] = rows.as_slice() else { panic!("{rows:#?}") };
    assert_eq!(
        (cert.otherwise[0].issuer.as_str(), maker.otherwise[0].issuer.as_str()),
        ("Orbis PSIRT", "CERT")
    );
    assert!(maker.spoken[0].needs.contains(&Need::Contradicted));
    // It speaks of all versions, so of the pumps that face the outside too.
    let outside: Vec<&Spoken> = cert.spoken.iter().filter(|it| it.release_name.ends_with("4.0")).collect();
    assert_eq!(outside[0].needs, [Need::Exposed, Need::Life]);
    assert_eq!(cert.standing, Standing::Unpinned);
}

async fn replaced(ctx: &Context, actor: &Actor) {
    let later = json!([statements()[2].clone()]);
    let receipt = add(ctx, actor, openvex("https://orbis.example/1", 3, "Orbis PSIRT", &later)).await;
    assert!(!receipt.outdated);
    let filter = VexFilter { standing: Some(Standing::Replaced), ..VexFilter::default() };
    assert_eq!(all(ctx, actor, filter.clone()).await.len(), 4);
    let none = VexFilter { contradicted: true, ..VexFilter::default() };
    assert!(all(ctx, actor, none).await.is_empty(), "what is replaced contradicts nobody");
    // A version that comes late does not count.
    let receipt = add(ctx, actor, openvex("https://orbis.example/1", 2, "Orbis PSIRT", &statements())).await;
    assert!(receipt.outdated);
    assert_eq!(all(ctx, actor, filter).await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_vex_is_refused_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), None).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    let command = AddVex { file_name: "a.txt".into(), document: b"hello".to_vec().into(), signature: None };
    let error = vex::add(&ctx, &actor, command).await.unwrap_err();
    assert!(error.to_string().contains("no JSON") && error.hint().is_some(), "{error}");
    assert!(all(&ctx, &actor, VexFilter::default()).await.is_empty());
}

/// Log4j inside the pump of one organisation; once alone, once beside another version of itself.
async fn with_log4j(ctx: &Context, actor: &Actor, version: &str, copies: &[&str]) {
    let purl = |copy: &&str| {
        json!({"type": "library", "group": "org.apache.logging.log4j", "name": "log4j-core", "version": copy,
            "bom-ref": copy, "purl": format!("pkg:maven/org.apache.logging.log4j/log4j-core@{copy}")})
    };
    let components: Vec<Value> = copies.iter().map(purl).collect();
    let bill =
        json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components});
    let bill = sboms::AddSbom {
        file_name: "pump.json".into(),
        document: bill.to_string().into_bytes().into(),
        maker: Some("Orbis Medical".into()),
        model: Some("Flow 300".into()),
        version: Some(version.into()),
    };
    sboms::add(ctx, actor, bill).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted_is_a_decision_with_its_origin_and_goes_out_again() {
    for database in databases() {
        accepted(database).await;
    }
}

async fn accepted(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let actor = Actor::system(org);
    devices::import(&ctx, &actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    with_log4j(&ctx, &actor, "3.60", &["2.14.1"]).await;
    with_log4j(&ctx, &actor, "4.0", &["2.14.1", "2.13.0"]).await;
    let says = json!([{"vulnerability": {"name": "CVE-2021-44228"}, "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path", "impact_statement": "JNDI is compiled out.",
        "products": [{"@id": "pkg:generic/orbis%20medical/flow%20300",
            "subcomponents": [{"@id": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}]}]}]);
    add(&ctx, &actor, openvex("https://orbis.example/9", 1, "Orbis PSIRT", &says)).await;
    let row = on(&ctx, &actor, "44228").await;
    let release = |name: &str| row.spoken.iter().find(|it| it.release_name.ends_with(name)).unwrap().release;
    let command = |name: &str| Accept {
        statement: row.id,
        release: release(name),
        justification: None,
        reason: None,
        action: None,
    };
    let early = vex::accept(&ctx, &actor, &command("3.60")).await.unwrap_err();
    assert!(early.to_string().contains("not pinned"), "{early}");
    vex::pin(&ctx, &actor, &Pin { key: "orbis psirt".into(), makers: vec![], ..Pin::default() })
        .await
        .unwrap();

    let decision = vex::accept(&ctx, &actor, &command("3.60")).await.unwrap();
    let taken = decisions::get(&ctx, &actor, decision).await.unwrap().decision;
    assert_eq!(taken.origin, Origin::Statement(row.id.to_string()));
    assert!(
        taken.reason.contains("JNDI is compiled out.") && taken.reason.contains("Orbis PSIRT"),
        "{taken:?}"
    );
    let again = vex::accept(&ctx, &actor, &command("3.60")).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    let other = vex::accept(&ctx, &actor, &command("4.0")).await.unwrap_err();
    assert!(
        other.to_string().contains("log4j-core"),
        "another version in the release is not spoken of: {other}"
    );
    let now = on(&ctx, &actor, "44228").await;
    let of = |name: &str| now.spoken.iter().find(|it| it.release_name.ends_with(name)).unwrap();
    assert_eq!((of("3.60").decision, of("3.60").finding, of("4.0").decision), (Some(decision), None, None));

    for format in [Format::OpenVex, Format::Csaf, Format::CycloneDx] {
        let written =
            vex::export(&ctx, &actor, &Export { format, release: Some(release("3.60")) }).await.unwrap();
        for words in ["CVE-2021-44228", "log4j-core", "2.14.1", "JNDI is compiled out."] {
            assert!(written.text.contains(words), "{words}: {}", written.text);
        }
    }
    let none =
        vex::export(&ctx, &actor, &Export { format: Format::Csaf, release: Some(release("4.0")) }).await;
    assert!(matches!(none, Err(Error::Invalid { .. })), "{none:?}");
    decisions::take_back(&ctx, &actor, decision).await.unwrap();
    assert_eq!(on(&ctx, &actor, "44228").await.standing, Standing::Proposed);
}

#[tokio::test(flavor = "multi_thread")]
async fn affected_is_accepted_with_the_action_that_the_issuer_advises() {
    for database in databases() {
        affected_accepted(database).await;
    }
}

async fn affected_accepted(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let other = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    let (actor, elsewhere) = (Actor::system(org), Actor::system(other));
    for actor in [&actor, &elsewhere] {
        devices::import(&ctx, actor, list("pumps.csv", PUMPS, false)).await.unwrap();
        with_log4j(&ctx, actor, "3.60", &["2.14.1"]).await;
    }
    let says = json!([{"vulnerability": {"name": "CVE-2021-44228"}, "status": "affected",
        "action_statement": "Install 4.0 on every pump.",
        "products": [{"@id": "pkg:generic/orbis%20medical/flow%20300",
            "subcomponents": [{"@id": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}]}]}]);
    add(&ctx, &actor, openvex("https://orbis.example/7", 1, "Orbis PSIRT", &says)).await;
    vex::pin(&ctx, &actor, &Pin { key: "orbis psirt".into(), makers: vec![], ..Pin::default() })
        .await
        .unwrap();
    let row = on(&ctx, &actor, "44228").await;
    let release = row.spoken.iter().find(|it| it.release_name.ends_with("3.60")).unwrap().release;
    let action = |what: &str| NewAction {
        what: what.to_owned(),
        owner: "Biomedical engineering".to_owned(),
        due: jiff::civil::date(2026, 4, 1),
        ..NewAction::default()
    };
    let command = |action: Option<NewAction>| Accept {
        statement: row.id,
        release,
        justification: None,
        reason: None,
        action,
    };
    let refused = vex::accept(&ctx, &actor, &command(None)).await.unwrap_err();
    assert!(refused.to_string().contains("needs an action"), "{refused}");
    let foreign = vex::accept(&ctx, &elsewhere, &command(Some(action("")))).await;
    assert!(matches!(foreign, Err(Error::NotFound { .. })), "{foreign:?}");
    let decision = vex::accept(&ctx, &actor, &command(Some(action("")))).await.unwrap();
    let taken = decisions::get(&ctx, &actor, decision).await.unwrap();
    assert_eq!(taken.decision.verdict, Verdict::Affected);
    let listed =
        actions::list(&ctx, &actor, &ActionFilter::default(), &PageRequest::default()).await.unwrap();
    assert_eq!(listed.rows[0].action.what, "Install 4.0 on every pump.");
    assert_eq!(listed.rows[0].action.decision, Some(decision));
}

/// A component that its bill knows by a product name (CPE) is what a statement on that name speaks of, in its own version alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_matched_by_a_product_name() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), None).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    devices::import(&ctx, &actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    let bill = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
        {"type": "library", "name": "TLS of the gateway", "version": "1.0.2k",
            "cpe": "cpe:2.3:a:openssl:openssl:1.0.2k:*:*:*:*:*:*:*"}]});
    let bill = sboms::AddSbom {
        file_name: "cloud.json".into(),
        document: bill.to_string().into_bytes().into(),
        maker: Some("Nimbus".into()),
        model: Some("Cloud 9".into()),
        version: Some("1.0".into()),
    };
    sboms::add(&ctx, &actor, bill).await.unwrap();
    let says = |version: &str, weakness: &str| {
        json!({"vulnerability": {"name": weakness}, "status": "fixed", "products": [{
            "identifiers": {"cpe23": format!("cpe:2.3:a:openssl:openssl:{version}:*:*:*:*:*:*:*")}}]})
    };
    let both = json!([says("1.0.2k", "CVE-2024-99920"), says("3.0.0", "CVE-2024-99921")]);
    add(&ctx, &actor, openvex("https://maker.example/cpe", 1, "Maker", &both)).await;
    let row = on(&ctx, &actor, "99920").await;
    assert_eq!((row.spoken.len(), row.spoken[0].speaks), (1, Speaks::Yes), "{row:#?}");
    assert_eq!(row.spoken[0].components, ["TLS of the gateway 1.0.2k"]);
    assert_eq!(on(&ctx, &actor, "99921").await.standing, Standing::Unmatched);
}

/// What an issuer said later of another component takes nothing back.
#[tokio::test(flavor = "multi_thread")]
async fn a_later_word_on_another_component_hides_no_contradiction() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), None).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    devices::import(&ctx, &actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    let bill = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
        {"type": "library", "name": "gate", "version": "1.0.0", "purl": "pkg:npm/gate@1.0.0"},
        {"type": "library", "name": "left", "version": "1.0.0", "purl": "pkg:npm/left@1.0.0"}]});
    let bill = sboms::AddSbom {
        file_name: "cloud.json".into(),
        document: bill.to_string().into_bytes().into(),
        maker: Some("Nimbus".into()),
        model: Some("Cloud 9".into()),
        version: Some("1.0".into()),
    };
    sboms::add(&ctx, &actor, bill).await.unwrap();
    let says = |status: &str, part: &str, day: u32| {
        json!([{"vulnerability": {"name": "CVE-2024-99910"}, "status": status,
            "timestamp": format!("2026-01-{day:02}T00:00:00Z"), "action_statement": "update",
            "justification": "vulnerable_code_not_present",
            "products": [{"@id": format!("pkg:npm/{part}@1.0.0")}]}])
    };
    add(&ctx, &actor, openvex("https://maker.example/1", 1, "Maker", &says("affected", "gate", 1))).await;
    add(&ctx, &actor, openvex("https://cert.example/1", 1, "Cert", &says("not_affected", "gate", 2))).await;
    let contradicted =
        async || all(&ctx, &actor, VexFilter { contradicted: true, ..VexFilter::default() }).await.len();
    assert_eq!(contradicted().await, 2);
    add(&ctx, &actor, openvex("https://maker.example/2", 1, "Maker", &says("fixed", "left", 3))).await;
    assert_eq!(contradicted().await, 2, "the maker spoke of another component");
    add(&ctx, &actor, openvex("https://maker.example/3", 1, "Maker", &says("fixed", "gate", 4))).await;
    assert_eq!(contradicted().await, 0, "and now of this one");
}

/// What an issuer says of log4j-core 2.14.1 in every Flow 300: that a weakness cannot do harm.
fn harmless(weaknesses: &[&str]) -> Value {
    let one = |weakness: &&str| {
        json!({"vulnerability": {"name": weakness}, "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path", "impact_statement": "That code is compiled out.",
            "products": [{"@id": "pkg:generic/orbis%20medical/flow%20300",
                "subcomponents": [{"@id": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}]}]})
    };
    weaknesses.iter().map(one).collect()
}

fn orbis(automatic: bool) -> Pin {
    Pin { key: "orbis psirt".into(), makers: vec!["Orbis Medical".into()], automatic, ..Pin::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_written_rule_accepts_what_nothing_asks_a_person_for_and_takes_it_back() {
    for database in databases() {
        ruled(database).await;
    }
}

async fn ruled(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let other = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    let (actor, elsewhere) = (Actor::system(org), Actor::system(other));
    for actor in [&actor, &elsewhere] {
        devices::import(&ctx, actor, list("pumps.csv", PUMPS, false)).await.unwrap();
        with_log4j(&ctx, actor, "3.60", &["2.14.1"]).await;
        let says = harmless(&["CVE-2021-45105", "CVE-2021-44228", "CVE-2021-44832"]);
        add(&ctx, actor, openvex("https://orbis.example/9", 1, "Orbis PSIRT", &says)).await;
    }
    // Somebody has an opinion of one of them.
    let decide = decisions::Decide {
        weaknesses: vec!["CVE-2021-44832".into()],
        scope: decisions::ScopeChoice::Organisation,
        verdict: Verdict::UnderInvestigation,
        reason: "we ask them".into(),
        review_on: None,
        action: None,
        origin: Origin::Person,
    };
    decisions::decide(&ctx, &actor, &decide).await.unwrap();

    vex::pin(&ctx, &actor, &orbis(true)).await.unwrap();
    let ruled = vex::follow_rules(&ctx, &actor).await.unwrap();
    assert_eq!((ruled.accepted, ruled.taken_back, ruled.left), (1, 0, vec![]));
    let row = on(&ctx, &actor, "45105").await;
    assert_eq!((row.standing, row.idle.as_slice()), (Standing::InForce, &[][..]));
    let decision = decisions::get(&ctx, &actor, row.spoken[0].decision.unwrap()).await.unwrap().decision;
    assert!(decision.author.contains("by a written rule"), "{}", decision.author);
    for words in ["by the rule of bedrail", "Orbis PSIRT", "compiled out"] {
        assert!(decision.reason.contains(words), "{}", decision.reason);
    }
    assert_eq!(on(&ctx, &actor, "44228").await.standing, Standing::Proposed, "it is exploited");
    assert_eq!(on(&ctx, &actor, "44832").await.standing, Standing::Proposed, "somebody decided on it");
    assert_eq!(on(&ctx, &elsewhere, "45105").await.standing, Standing::Unpinned, "the rule is not theirs");
    assert_eq!(vex::follow_rules(&ctx, &actor).await.unwrap(), vex::Ruled::default(), "once is enough");

    // One of the pumps can be reached from outside now: the rule stands no more, and the job that is asked for sees to it.
    let inside = "P-1,Orbis Medical,Flow 300,3.60,scale,isolated";
    let reached = PUMPS.replace(inside, "P-1,Orbis Medical,Flow 300,3.60,scale,outside");
    devices::import(&ctx, &actor, list("reached.csv", &reached, false)).await.unwrap();
    work(&ctx, &actor).await;
    let row = on(&ctx, &actor, "45105").await;
    assert_eq!((row.standing, row.spoken[0].decision), (Standing::Proposed, None));
    assert!(row.spoken[0].needs.contains(&Need::Exposed) && row.spoken[0].finding.is_some(), "{row:#?}");
    // What was taken back once waits for a person, also where the issuer sends it anew.
    devices::import(&ctx, &actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    let says = harmless(&["CVE-2021-45105"]);
    add(&ctx, &actor, openvex("https://orbis.example/9", 2, "Orbis PSIRT", &says)).await;
    assert_eq!(vex::follow_rules(&ctx, &actor).await.unwrap(), vex::Ruled::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_ends_where_a_pump_is_seen_from_outside_whatever_the_list_says() {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor, _) = by_rule(dir.path()).await;
    let addresses = "Asset tag,Maker,Model,Version,IP address\nP-1,Orbis Medical,Flow 300,3.60,10.0.0.7\n";
    devices::import(&ctx, &actor, list("addresses.csv", addresses, false)).await.unwrap();
    assert_eq!(vex::follow_rules(&ctx, &actor).await.unwrap(), vex::Ruled::default());
    let nat = "Outside IP,Outside port,Inside IP\n203.0.113.1,443,10.0.0.7\n";
    let command = ImportExposure {
        file_name: "nat.csv".into(),
        document: nat.into(),
        vantage: Vantage::Unknown,
        dry_run: false,
    };
    exposure::import(&ctx, &actor, command).await.unwrap();
    work(&ctx, &actor).await;
    let row = on(&ctx, &actor, "45105").await;
    assert_eq!((row.standing, row.spoken[0].decision), (Standing::Proposed, None));
    assert!(row.spoken[0].needs.contains(&Need::Exposed), "{row:#?}");
}

/// Does what is asked for in the background.
async fn work(ctx: &Context, actor: &Actor) {
    let (tell, told) = tokio::sync::watch::channel(false);
    let look = std::time::Duration::from_millis(10);
    let options = jobs::Options { feeds: false, look, ..jobs::Options::default() };
    let working = tokio::spawn(jobs::work(ctx.clone(), options, told));
    loop {
        let all = jobs::list(ctx, actor, None, &PageRequest::at(0, 500)).await.unwrap().rows;
        if !all.iter().any(|job| job.kind == "statement.rules" && !job.state.is_over()) {
            break;
        }
        tokio::time::sleep(look).await;
    }
    tell.send(true).unwrap();
    working.await.unwrap();
}

/// A hospital with a rule for its pumps, of which one weakness was accepted by it.
async fn by_rule(dir: &std::path::Path) -> (Context, Actor, StatementRow) {
    let ctx = open(dir, None).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let actor = Actor::system(org);
    devices::import(&ctx, &actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    with_log4j(&ctx, &actor, "3.60", &["2.14.1"]).await;
    vex::pin(&ctx, &actor, &orbis(true)).await.unwrap();
    add(&ctx, &actor, openvex("https://orbis.example/9", 1, "Orbis PSIRT", &harmless(&["CVE-2021-45105"])))
        .await;
    assert_eq!(vex::follow_rules(&ctx, &actor).await.unwrap().accepted, 1);
    let row = on(&ctx, &actor, "45105").await;
    (ctx, actor, row)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_ends_where_anybody_says_otherwise() {
    // The issuer itself, later and in another document; somebody whom nobody pinned; each in both words.
    for author in ["Orbis PSIRT", "Somebody"] {
        for status in ["affected", "under_investigation"] {
            let dir = tempfile::tempdir().unwrap();
            let (ctx, actor, _) = by_rule(dir.path()).await;
            let says = json!([{"vulnerability": {"name": "CVE-2021-45105"}, "status": status,
                "timestamp": "2026-02-01T00:00:00Z", "action_statement": "Wait.",
                "products": [{"@id": "pkg:generic/orbis%20medical/flow%20300"}]}]);
            add(&ctx, &actor, openvex("https://other.example/1", 1, author, &says)).await;
            let ruled = vex::follow_rules(&ctx, &actor).await.unwrap();
            assert_eq!((ruled.accepted, ruled.taken_back), (0, 1), "{author} {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_ends_where_a_person_decides_puts_aside_or_takes_back() {
    let decide = decisions::Decide {
        weaknesses: vec!["CVE-2021-45105".into()],
        scope: decisions::ScopeChoice::Organisation,
        verdict: Verdict::UnderInvestigation,
        reason: "we ask them".into(),
        review_on: None,
        action: None,
        origin: Origin::Person,
    };
    for what in ["decides", "puts aside", "takes back", "unpins", "has no device"] {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, row) = by_rule(dir.path()).await;
        let release = row.spoken[0].release;
        let taken_back = match what {
            "decides" => decisions::decide(&ctx, &actor, &decide).await.map(|_| 1).unwrap(),
            "puts aside" => vex::decline(&ctx, &actor, row.id, true).await.map(|()| 1).unwrap(),
            "takes back" => {
                decisions::take_back(&ctx, &actor, row.spoken[0].decision.unwrap()).await.map(|()| 0).unwrap()
            }
            "unpins" => vex::unpin(&ctx, &actor, "orbis psirt").await.map(|()| 1).unwrap(),
            _ => {
                let gone = PUMPS.replace("Flow 300,3.60", "Flow 300,4.0");
                devices::import(&ctx, &actor, list("gone.csv", &gone, false)).await.map(|_| 1).unwrap()
            }
        };
        // The job does it, and a newer version of the document changes nothing.
        work(&ctx, &actor).await;
        let decision = row.spoken[0].decision.unwrap();
        assert!(
            decisions::get(&ctx, &actor, decision).await.unwrap().decision.withdrawn.is_some(),
            "{what} {taken_back}"
        );
        if what == "unpins" {
            vex::pin(&ctx, &actor, &orbis(true)).await.unwrap();
        }
        add(
            &ctx,
            &actor,
            openvex("https://orbis.example/9", 2, "Orbis PSIRT", &harmless(&["CVE-2021-45105"])),
        )
        .await;
        assert_eq!(vex::follow_rules(&ctx, &actor).await.unwrap().accepted, 0, "{what}");
        let now = on(&ctx, &actor, "45105").await;
        assert!(
            now.spoken.iter().filter(|it| it.release == release).all(|it| it.decision.is_none()),
            "{what}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_of_its_author_for_the_makers_that_were_named() {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor, _) = by_rule(dir.path()).await;
    let all = Pin { makers: vec![], ..orbis(true) };
    let refused = vex::pin(&ctx, &actor, &all).await.unwrap_err();
    assert!(refused.to_string().contains("names the makers"), "{refused}");
    let since = |issuers: Vec<vex::Issuer>| issuers[0].automatic.clone().unwrap();
    let before = since(vex::issuers(&ctx, &actor).await.unwrap());
    vex::pin(&ctx, &Actor::at_terminal(actor.org, "somebody else".into()), &orbis(true)).await.unwrap();
    assert_eq!(since(vex::issuers(&ctx, &actor).await.unwrap()), before);
    let wider = Pin { makers: vec!["Orbis Medical".into(), "Nimbus".into()], ..orbis(true) };
    vex::pin(&ctx, &Actor::at_terminal(actor.org, "somebody else".into()), &wider).await.unwrap();
    assert!(since(vex::issuers(&ctx, &actor).await.unwrap()).1.contains("somebody else"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_and_is_unused_or_expired_is_told() {
    for database in databases() {
        idle(database).await;
    }
}

async fn idle(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let actor = Actor::system(org);
    devices::import(&ctx, &actor, list("pumps.csv", PUMPS, false)).await.unwrap();
    with_log4j(&ctx, &actor, "3.60", &["2.14.1"]).await;
    let says = harmless(&["CVE-2021-45105", "CVE-2021-44228"]);
    add(&ctx, &actor, openvex("https://orbis.example/9", 1, "Orbis PSIRT", &says)).await;
    vex::pin(&ctx, &actor, &orbis(false)).await.unwrap();
    let mut taken = Vec::new();
    for weakness in ["45105", "44228"] {
        let row = on(&ctx, &actor, weakness).await;
        let command = Accept {
            statement: row.id,
            release: row.spoken[0].release,
            justification: None,
            reason: None,
            action: None,
        };
        taken.push(vex::accept(&ctx, &actor, &command).await.unwrap());
    }
    let of = async |wanted: Use| {
        let filter = VexFilter { in_use: Some(wanted), ..VexFilter::default() };
        let (rows, tally) = vex::list(&ctx, &actor, &filter, &PageRequest::default()).await.unwrap();
        let idle = rows.rows.iter().flat_map(|row| row.idle.iter().map(|it| (it.decision, it.why)));
        (idle.collect::<Vec<_>>(), (tally.unused, tally.expired))
    };
    assert_eq!(of(Use::Unused).await, (vec![], (0, 0)), "both take something away");

    // The release gets another version of it, which has neither weakness, and of which nothing is said.
    with_log4j(&ctx, &actor, "3.60", &["2.25.3"]).await;
    let (expired, tally) = of(Use::Expired).await;
    assert_eq!(tally, (0, 2));
    assert!(expired.iter().all(|(_, why)| *why == Idle::NothingSpokenOf), "{expired:?}");
    // Back again, and one pump after the other is gone.
    with_log4j(&ctx, &actor, "3.60", &["2.14.1"]).await;
    let gone = PUMPS.replace("Flow 300,3.60", "Flow 300,4.0");
    devices::import(&ctx, &actor, list("gone.csv", &gone, false)).await.unwrap();
    let (unused, tally) = of(Use::Unused).await;
    assert_eq!((unused[0].1, tally), (Idle::NoDevice, (2, 0)));
    devices::import(&ctx, &actor, list("pumps.csv", PUMPS, false)).await.unwrap();

    // A later version of the document is silent on both; who decided hears of it.
    assert_eq!(decisions::get(&ctx, &actor, taken[0]).await.unwrap().reviews, []);
    let later =
        json!([{"vulnerability": {"name": "CVE-2024-1"}, "status": "fixed", "products": [{"@id": PURL}]}]);
    add(&ctx, &actor, openvex("https://orbis.example/9", 2, "Orbis PSIRT", &later)).await;
    let (expired, tally) = of(Use::Expired).await;
    assert_eq!((expired.len(), tally), (2, (0, 2)));
    assert!(expired.iter().all(|(id, why)| taken.contains(id) && *why == Idle::Replaced), "{expired:?}");
    let reviews = decisions::get(&ctx, &actor, taken[0]).await.unwrap().reviews;
    assert_eq!(reviews, [Review::StatementGone]);
}
