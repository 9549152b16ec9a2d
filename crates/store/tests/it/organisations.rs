use std::collections::BTreeMap;

use bedrail_model::action::{Action, Kind, State as ActionState, Window};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::campaign::{Campaign, Counts, Look, Occasion, Ward, WardCounts};
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::exposure::{Confidence, Evidence, ExposureSource, Inside, Protocol, Vantage};
use bedrail_model::finding::Weakness;
use bedrail_model::firewall::{Behind, Firewall, Mode, Product, Word};
use bedrail_model::ids::{
    AccountId, ActionId, AlertItemId, CampaignId, ClassId, ContentId, DeviceId, DocumentId, ExposureImportId,
    FirewallId, IncidentId, OrgId, ReleaseId, SiteId, SoftwareId, VexDocumentId, VexStatementId,
};
use bedrail_model::incident::{
    Assessment, Event, Exception, Factor, FactorAnswer, Incident, IncidentKind, Letter, LetterKind, Reader,
    Sending, Weighed, What,
};
use bedrail_model::money::{Currency, Money};
use bedrail_model::organisation::OrgKind;
use bedrail_store::audit::EntryFilter;
use bedrail_store::classes::CountShift;
use bedrail_store::devices::{DeviceKeys, DeviceRow};
use bedrail_store::exposure::{ImportRow, PIECES_OF_AN_ADDRESS};
use bedrail_store::findings::NewFinding;
use bedrail_store::memberships::Given;
use bedrail_store::product_aliases::AliasRow;
use bedrail_store::releases::ReleaseRow;
use bedrail_store::sboms::{Bone, ContentCounts, ContentRow};
use bedrail_store::single_sign_on::ProviderRow;
use bedrail_store::vex::{IssuerKey, VexDocumentRow, VexIssuerRow, VexStatementRow};
use bedrail_store::weaknesses::TouchShift;
use bedrail_store::{Change, Stamp, Store, View};
use bedrail_store::{
    accounts, actions, audit, campaigns, classes, devices, documents, exposure, findings, firewalls,
    incidents, memberships, organisations, product_aliases, releases, sboms, single_sign_on, sites, vex,
    weaknesses,
};

use crate::stores;

fn stamp() -> Stamp {
    Stamp {
        at: "2026-03-03T10:00:00Z".parse().unwrap(),
        actor: "test".into(),
        via: "by itself",
        account: None,
        address: None,
        action: "test",
        key: None,
    }
}

/// A weakness that the software of both organisations has: known exploited, so that it is on the first page too.
const WEAKNESS: &str = "CVE-2026-0001";

/// The provider of both organisations.
const ISSUER: &str = "https://login.example";

/// The software that has it.
fn software() -> SoftwareId {
    SoftwareId::from_digest([9; 16])
}

/// What one organisation has one of.
struct Filled {
    device: DeviceId,
    release: ReleaseId,
    class: ClassId,
    content: ContentId,
    document: DocumentId,
    account: AccountId,
    campaign: CampaignId,
    action: ActionId,
    incident: IncidentId,
    firewall: FirewallId,
}

fn campaign(change: &Change) -> Campaign {
    Campaign {
        id: CampaignId::generate(),
        weakness: WEAKNESS.into(),
        name: "the weakness".into(),
        started: change.at(),
        author: "test (by itself)".into(),
        closed: None,
    }
}

fn look() -> Look {
    let counts = Counts { devices: 1, affected: 1, ..Counts::default() };
    let ward = Ward { site: "Site".into(), ward: String::new() };
    Look {
        at: stamp().at,
        day: jiff::civil::date(2026, 3, 3),
        occasion: Occasion::Day,
        sound: true,
        wards: vec![WardCounts { ward, counts }],
    }
}

fn action(change: &Change, campaign: CampaignId) -> Action {
    Action {
        id: ActionId::generate(),
        kind: Kind::Patch,
        decision: None,
        campaign: Some(campaign),
        ward: Some(Ward { site: "Site".into(), ward: String::new() }),
        weakness: Some(WEAKNESS.into()),
        asked: None,
        what: "install".into(),
        owner: "biomed".into(),
        due: jiff::civil::date(2026, 4, 1),
        window: Some(Window { from: change.at(), to: change.at() + jiff::SignedDuration::from_hours(1) }),
        limit: None,
        proof_needed: None,
        remaining_risk: None,
        cost: None,
        amount: Some(Money { cents: 1_050, currency: Currency::USD }),
        state: ActionState::Open,
        seen: None,
        created: change.at(),
        author: "test (by itself)".into(),
    }
}

/// The alert item of an incident; nothing has it.
fn alert_item() -> AlertItemId {
    AlertItemId::from_digest([3; 16])
}

/// An incident with one of everything.
async fn incident(change: &Change, device: DeviceId) -> IncidentId {
    let (id, author) = (IncidentId::generate(), "test (by itself)".to_owned());
    let head = Incident {
        id,
        number: incidents::next_number(change).await.unwrap(),
        title: "gone".into(),
        kind: IncidentKind::LostDevice,
        opened: change.at(),
        author: author.clone(),
        owner: "kim".into(),
        closed: None,
    };
    incidents::add(change, &head).await.unwrap();
    incidents::add_event(change, id, &counted(change, 1)).await.unwrap();
    assert!(incidents::add_device(change, id, device).await.unwrap());
    assert!(!incidents::add_device(change, id, device).await.unwrap());
    assert!(incidents::add_alert(change, id, alert_item()).await.unwrap());
    assert!(incidents::add_step(change, id, "count", "").await.unwrap());
    assert!(!incidents::add_step(change, id, "count", "again").await.unwrap());
    let answer = FactorAnswer { factor: Factor::Nature, answer: "names".into(), evidence: String::new() };
    let draft = Assessment {
        version: 1,
        at: change.at(),
        author: author.clone(),
        secured: Some(("disk encryption".into(), false)),
        exception: Some((Exception::CouldNotRetain, "why".into())),
        factors: vec![answer],
        weighed: Some(Weighed::NotLow),
        reason: "because".into(),
        approved: None,
    };
    incidents::add_assessment(change, id, &draft).await.unwrap();
    assert_eq!(incidents::assessments(change, id).await.unwrap(), [draft]);
    let letter = Letter {
        number: 1,
        kind: LetterKind::Media,
        state: Some("OH".into()),
        version: 1,
        text: "text".into(),
        at: change.at(),
        author,
        sent: None,
    };
    incidents::add_letter(change, id, &letter).await.unwrap();
    assert_eq!(incidents::letters(change, id).await.unwrap(), [letter]);
    let reader = Reader {
        number: 1,
        account: bedrail_model::ids::AccountId::generate(),
        name: "kim".into(),
        reason: "asked by counsel".into(),
        at: change.at(),
        by: head.author.clone(),
        ended: None,
    };
    incidents::add_reader(change, id, &reader).await.unwrap();
    assert_eq!(incidents::readers(change, id).await.unwrap(), [reader]);
    assert!(incidents::end_reader(change, id, 1).await.unwrap());
    assert!(!incidents::end_reader(change, id, 1).await.unwrap());
    id
}

fn counted(change: &Change, number: u64) -> Event {
    Event {
        number,
        at: change.at(),
        author: "test (by itself)".into(),
        what: What::Counted { total: 3, by_state: [("OH".to_owned(), 2)].into() },
        note: String::new(),
        corrects: None,
        privileged: true,
    }
}

fn sending(change: &Change) -> Sending {
    let on = jiff::civil::date(2026, 3, 3);
    Sending { on, how: "mail".into(), proof: "slip".into(), by: "test (by itself)".into(), at: change.at() }
}

/// One of everything.
async fn fill(store: &Store, org: OrgId, tag: &str) -> Filled {
    let reference = store.reference().await.unwrap();
    let kev = bedrail_model::finding::KnownExploited {
        added: "2026-01-01".parse().unwrap(),
        due: None,
        ransomware: false,
    };
    let weakness = Weakness { id: WEAKNESS.into(), kev: Some(kev), ..Weakness::default() };
    weaknesses::put(&reference, [&weakness]).await.unwrap();
    reference.commit().await.unwrap();

    let change = store.change(org, stamp()).await.unwrap();
    let (site, release, class) = (SiteId::generate(), ReleaseId::generate(), ClassId::generate());
    sites::add(&change, &[(site, format!("Site {tag}"))]).await.unwrap();
    let content = ContentId::from_digest([7; 16]);
    let bone = Bone { software: software(), parent: None };
    let row = ContentRow { id: content, counts: ContentCounts::default(), skeleton: vec![bone] };
    sboms::add_content(&change, &row, b"packed".to_vec()).await.unwrap();
    let row =
        ReleaseRow { id: release, maker: "Orbis".into(), model: "Flow".into(), version: None, content: None };
    releases::add(&change, &[row]).await.unwrap();
    let document = documents::add(&change, &[1; 32], "sbom", "a.json", 3).await.unwrap();
    sboms::add(&change, release, document, content).await.unwrap();
    classes::add(&change, &[(class, release, Some("Linux".into()))]).await.unwrap();
    classes::shift_devices(&change, &[(class, 1)].into()).await.unwrap();
    let device = DeviceId::generate();
    devices::put(&change, &[pump(&change, device, class, Some(site), tag)]).await.unwrap();
    findings::put(&change, &[finding(class)]).await.unwrap();
    weaknesses::recount(&change).await.unwrap();
    let account = accounts::add(&change, &format!("{tag} person"), "no hash").await.unwrap();
    let given = Given { roles: "administrator", ..Given::default() };
    memberships::put(&change, account, &given).await.unwrap();
    let provider = ProviderRow {
        org,
        org_name: String::new(),
        slug: tag.to_lowercase(),
        active: true,
        passwords: true,
        settings: "{}".into(),
        secret: vec![1],
    };
    single_sign_on::put(&change, &provider).await.unwrap();
    let campaign = campaign(&change);
    campaigns::add(&change, &campaign).await.unwrap();
    campaigns::add_look(&change, campaign.id, &look()).await.unwrap();
    let incident = incident(&change, device).await;
    let firewall = firewall(&change, device).await;
    let action = action(&change, campaign.id);
    actions::add(&change, &action, &[device]).await.unwrap();
    let alias = AliasRow {
        own_key: "orbis|flow".into(),
        their_key: "orbis|flow300".into(),
        own_name: format!("Orbis Flow of {tag}"),
        their_name: "Orbis Flow 300".into(),
        same: true,
        decided: change.at(),
    };
    product_aliases::set(&change, &alias).await.unwrap();
    let (vex_row, statement) = statement_of(&change, document);
    vex::add(&change, &vex_row, &[statement]).await.unwrap();
    vex::pin(&change, &issuer(&change)).await.unwrap();
    exposure::add(&change, &scan(&change, document), [seen(Some(443), Confidence::High)]).await.unwrap();
    single_sign_on::link(&change, ISSUER, &account.to_string(), account).await.unwrap();
    change.commit(tag, "").await.unwrap();
    Filled {
        device,
        release,
        class,
        content,
        document,
        account,
        campaign: campaign.id,
        action: action.id,
        incident,
        firewall,
    }
}

/// A firewall with a device behind it and a word that somebody should hear.
async fn firewall(change: &Change, device: DeviceId) -> FirewallId {
    let id = FirewallId::generate();
    let row = Firewall {
        id,
        name: "Border".into(),
        product: Product::Own,
        mode: Mode::Unknown,
        rules_on: None,
        proof: String::new(),
        document: None,
        said_by: "the network group".into(),
        added: change.at(),
        added_by: change.actor().into(),
        expires: Some(jiff::civil::date(2027, 1, 31)),
        files: Some(("/var/log/waf".into(), "events.jsonl".into())),
        source: None,
        taken: 0,
        withdrawn: None,
    };
    firewalls::add(change, &row).await.unwrap();
    assert_eq!(firewalls::all(change).await.unwrap(), [row]);
    let behind = Behind { firewall: id, site: "pump".into(), device };
    firewalls::add_device(change, &behind).await.unwrap();
    firewalls::add_device(change, &behind).await.unwrap();
    assert_eq!(firewalls::devices(change).await.unwrap(), [behind]);
    let word = Word { firewall: id, number: 1, at: change.at(), text: "rejected".into(), alert: true };
    assert!(firewalls::take(change, id, 0, 1).await.unwrap());
    assert!(!firewalls::take(change, id, 0, 1).await.unwrap(), "somebody else was there before");
    firewalls::add_word(change, &word).await.unwrap();
    assert_eq!(firewalls::words(change, id).await.unwrap(), [word]);
    id
}

/// A device as one organisation lists it; the asset tag is the same everywhere.
fn pump(
    change: &Change,
    id: DeviceId,
    class: ClassId,
    site: Option<SiteId>,
    tag: &str,
) -> (DeviceRow, DeviceKeys) {
    let facts =
        DeviceFacts { asset_tag: Some(tag.into()), exposure: Exposure::Outside, ..DeviceFacts::default() };
    let at = change.at();
    let row = DeviceRow { id, class, site, facts, sources: String::new(), created: at, updated: at };
    (row, DeviceKeys { asset: Some("same tag".into()), ..DeviceKeys::default() })
}

/// A document with one statement; its bytes are the same everywhere.
fn statement_of(change: &Change, document: DocumentId) -> (VexDocumentRow, VexStatementRow) {
    let id = VexDocumentId::generate();
    let row = VexDocumentRow {
        id,
        document,
        sha256: vec![1; 32],
        name: "M-1".into(),
        title: None,
        format: "OpenVEX 0.2.0".into(),
        issuer_key: "maker.example".into(),
        issuer_name: "Maker".into(),
        role: Some("vendor".into()),
        namespace: None,
        version: "1".into(),
        issued: Some("2026-01-01T00:00:00Z".into()),
        updated: None,
        tlp: String::new(),
        lost: 0,
        added: change.at(),
        replaced_by: None,
        by_decider: true,
        signature: Some("c2lnbmVk".into()),
        signed_by: Some("SHA256:00".into()),
    };
    let statement = VexStatementRow {
        id: VexStatementId::generate(),
        document: id,
        position: 0,
        weakness: WEAKNESS.into(),
        status: "fixed".into(),
        body: "{}".into(),
        declined: None,
    };
    (row, statement)
}

fn issuer(change: &Change) -> VexIssuerRow {
    VexIssuerRow {
        key: "maker.example".into(),
        name: "Maker".into(),
        makers: vec!["Maker".into(), "Orbis".into()],
        pinned: change.at(),
        pinned_by: "somebody (web)".into(),
        automatic: Some((change.at(), "somebody (web)".into())),
        signing_key: Some(IssuerKey { text: "a key".into(), fingerprint: "SHA256:00".into() }),
    }
}

/// A file with evidence; its bytes are the same everywhere.
fn scan(change: &Change, document: DocumentId) -> ImportRow {
    ImportRow {
        id: ExposureImportId::generate(),
        document,
        sha256: vec![1; 32],
        file_name: "scan.xml".into(),
        format: "nmap XML".into(),
        vantage: Vantage::Outside,
        pieces: 1,
        lost: 0,
        added: change.at(),
        added_by: change.actor().to_owned(),
        removed: None,
    }
}

/// Something that answers, at an address that is the same everywhere.
fn seen(port: Option<u16>, confidence: Confidence) -> (String, Evidence) {
    let evidence = Evidence {
        address: "203.0.113.9".parse().unwrap(),
        port,
        protocol: Protocol::Tcp,
        service: Some("https".into()),
        inside: Some(Inside { address: "10.0.0.9".parse().unwrap(), port: None }),
        source: ExposureSource::Nmap,
        seen: Some("2026-03-01T00:00:00Z".parse().unwrap()),
        confidence,
        why: "it answered".into(),
    };
    ("line 7".into(), evidence)
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_read_back_the_strongest_first_and_removed_at_home_alone() {
    for (store, _dir) in stores().await {
        let at = stamp().at;
        let one = organisations::ensure_first(&store, "One", at).await.unwrap();
        let two = organisations::add(&store, "Two", OrgKind::Maker, at).await.unwrap();
        let document = fill(&store, one, "first").await.document;
        let view = store.view(one).await.unwrap();
        let import = exposure::imports(&view).await.unwrap().remove(0);
        let (outer, inner) = ("203.0.113.9".parse().unwrap(), "10.0.0.9".parse().unwrap());
        for address in [outer, inner] {
            let found = exposure::of_addresses(&view, &[address]).await.unwrap().remove(0);
            assert_eq!((found.import, found.position), (import.id, 0));
            assert_eq!((found.place, found.evidence), seen(Some(443), Confidence::High));
        }
        assert_eq!((import.vantage, import.pieces, import.removed.clone()), (Vantage::Outside, 1, None));
        let before = exposure::newest(&view).await.unwrap();
        drop(view);

        let change = store.change(two, stamp()).await.unwrap();
        assert!(!exposure::remove(&change, import.id).await.unwrap());
        change.commit("nothing", "").await.unwrap();
        let view = store.view(one).await.unwrap();
        assert_eq!(exposure::newest(&view).await.unwrap(), before);
        assert_eq!(exposure::addresses(&view).await.unwrap()[0].pieces, 1);
        drop(view);

        // Weak pieces beyond what anybody reads do not hide the strong ones, wherever they stand.
        let many = (1..=PIECES_OF_AN_ADDRESS as u16 + 10).map(|port| seen(Some(port), Confidence::Low));
        let change = store.change(one, stamp()).await.unwrap();
        let other = scan(&change, document);
        exposure::add(&change, &other, many.chain([seen(None, Confidence::Medium)])).await.unwrap();
        assert!(exposure::remove(&change, import.id).await.unwrap());
        assert!(!exposure::remove(&change, import.id).await.unwrap());
        change.commit("gone", "").await.unwrap();
        let view = store.view(one).await.unwrap();
        assert!(exposure::newest(&view).await.unwrap() > before);
        let found = exposure::of_addresses(&view, &[outer, inner]).await.unwrap();
        assert_eq!(found.len(), PIECES_OF_AN_ADDRESS as usize);
        assert!(found.iter().any(|it| it.evidence.confidence == Confidence::Medium));
        assert!(found.iter().all(|it| it.import == other.id));
        let counted = exposure::addresses(&view).await.unwrap();
        assert_eq!((counted[0].pieces, counted[0].firm), (u64::from(PIECES_OF_AN_ADDRESS) + 11, 1));
        let imports = exposure::imports(&view).await.unwrap();
        let gone = imports.iter().find(|it| it.id == import.id).unwrap();
        assert_eq!((imports.len(), gone.removed.as_ref().unwrap().1.as_str()), (2, "test (by itself)"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_read_back_replaced_and_put_aside_at_home_alone() {
    for (store, _dir) in stores().await {
        let at = stamp().at;
        let one = organisations::ensure_first(&store, "One", at).await.unwrap();
        let two = organisations::add(&store, "Two", OrgKind::Maker, at).await.unwrap();
        fill(&store, one, "first").await;
        let view = store.view(one).await.unwrap();
        let (row, said) =
            (vex::documents(&view).await.unwrap().remove(0), vex::statements(&view).await.unwrap().remove(0));
        assert_eq!(vex::by_digest(&view, &[1; 32]).await.unwrap(), Some(row.clone()));
        assert_eq!((said.document, said.status.as_str(), said.declined), (row.id, "fixed", None));
        let pinned = vex::issuers(&view).await.unwrap().remove(0);
        assert_eq!(pinned.makers, ["Maker", "Orbis"]);
        let before = vex::state(&view).await.unwrap();
        drop(view);

        let change = store.change(two, stamp()).await.unwrap();
        assert!(!vex::decline(&change, said.id, true).await.unwrap());
        assert!(!vex::unpin(&change, "maker.example").await.unwrap());
        vex::replace(&change, row.id, Some(VexDocumentId::generate())).await.unwrap();
        change.commit("nothing", "").await.unwrap();
        let view = store.view(one).await.unwrap();
        assert_eq!(vex::state(&view).await.unwrap(), before);
        assert_eq!(vex::documents(&view).await.unwrap(), std::slice::from_ref(&row));
        drop(view);

        let later = VexDocumentId::generate();
        let change = store.change(one, stamp()).await.unwrap();
        assert!(vex::decline(&change, said.id, true).await.unwrap());
        vex::replace(&change, row.id, Some(later)).await.unwrap();
        vex::pin(&change, &VexIssuerRow { automatic: None, makers: vec![], ..pinned.clone() }).await.unwrap();
        change.commit("aside", "").await.unwrap();
        let view = store.view(one).await.unwrap();
        assert!(vex::state(&view).await.unwrap() > before);
        assert_eq!(vex::documents(&view).await.unwrap()[0].replaced_by, Some(later));
        assert!(vex::statements(&view).await.unwrap()[0].declined.is_some());
        let issuers = vex::issuers(&view).await.unwrap();
        assert_eq!((issuers.len(), issuers[0].automatic.clone(), issuers[0].makers.len()), (1, None, 0));
    }
}

fn finding(class: ClassId) -> NewFinding {
    NewFinding {
        class,
        weakness: WEAKNESS.into(),
        answer: Answer::Affected,
        reason: Reason::VersionInRange,
        software: software(),
        component: 0,
        ruled_out: None,
    }
}

/// How many rows each query of an organisation's tables gives, asked by the ids of what an organisation has.
#[expect(clippy::too_many_lines, reason = "a row for each query")]
async fn counts(view: &View, of: &Filled) -> BTreeMap<&'static str, usize> {
    let weakness = [WEAKNESS.to_owned()];
    let there = usize::from;
    let keys = [DeviceKeys { asset: Some("same tag".into()), ..DeviceKeys::default() }];
    let more = [(of.class, 1)].into();
    BTreeMap::from([
        ("audit::chain", audit::chain(view, 0, 10).await.unwrap().len()),
        ("audit::head", usize::try_from(audit::head(view).await.unwrap()).unwrap()),
        ("audit::page", audit::page(view, &EntryFilter::default(), 10, 0).await.unwrap().0.len()),
        ("classes::by_ids", classes::by_ids(view, &[of.class]).await.unwrap().len()),
        ("classes::by_key", classes::by_key(view).await.unwrap().len()),
        ("actions::all", actions::all(view).await.unwrap().len()),
        ("actions::devices", actions::devices(view, &[of.action]).await.unwrap().len()),
        ("actions::device_counts", actions::device_counts(view, &[of.action]).await.unwrap().len()),
        ("actions::one", there(actions::one(view, of.action).await.unwrap().is_some())),
        ("campaigns::all", campaigns::all(view).await.unwrap().len()),
        ("campaigns::is_any_open", there(campaigns::is_any_open(view).await.unwrap())),
        ("campaigns::last_look", there(campaigns::last_look(view, of.campaign).await.unwrap().is_some())),
        ("campaigns::looks", campaigns::looks(view, of.campaign).await.unwrap().len()),
        ("campaigns::one", there(campaigns::one(view, of.campaign).await.unwrap().is_some())),
        ("firewalls::all", firewalls::all(view).await.unwrap().len()),
        ("firewalls::devices", firewalls::devices(view).await.unwrap().len()),
        ("firewalls::words", firewalls::words(view, of.firewall).await.unwrap().len()),
        ("firewalls::alarms", firewalls::alarms(view, jiff::Timestamp::UNIX_EPOCH).await.unwrap().len()),
        ("incidents::about", incidents::about(view, of.incident).await.unwrap().devices.len()),
        ("incidents::about alerts", incidents::about(view, of.incident).await.unwrap().alerts.len()),
        ("incidents::all", incidents::all(view).await.unwrap().len()),
        ("incidents::assessments", incidents::assessments(view, of.incident).await.unwrap().len()),
        ("incidents::events", incidents::events(view, of.incident).await.unwrap().len()),
        ("incidents::letters", incidents::letters(view, of.incident).await.unwrap().len()),
        ("incidents::of_alert", incidents::of_alert(view, alert_item()).await.unwrap().len()),
        ("incidents::one", there(incidents::one(view, of.incident).await.unwrap().is_some())),
        ("incidents::steps", incidents::steps(view, of.incident).await.unwrap().len()),
        ("classes::changed_since", classes::changed_since(view, 0).await.unwrap().len()),
        ("classes::wrong_counts", classes::wrong_counts(view).await.unwrap().len()),
        ("classes::wrong_exploited", classes::wrong_exploited(view).await.unwrap().len()),
        ("classes::of_release", classes::of_release(view, of.release).await.unwrap().len()),
        ("devices::by_ids", devices::by_ids(view, &[of.device]).await.unwrap().len()),
        ("devices::briefs_changed_since", devices::briefs_changed_since(view, 0).await.unwrap().len()),
        ("devices::get_one", there(devices::get_one(view, of.device).await.unwrap().is_some())),
        ("devices::keys_among", devices::keys_among(view, &keys).await.unwrap().len()),
        ("devices::keys", devices::keys(view).await.unwrap().len()),
        ("documents::get_one", there(documents::get_one(view, of.document).await.unwrap().is_some())),
        ("exposure::addresses", exposure::addresses(view).await.unwrap().len()),
        ("exposure::imports", exposure::imports(view).await.unwrap().len()),
        ("exposure::newest", there(exposure::newest(view).await.unwrap() > 0)),
        (
            "exposure::of_addresses",
            exposure::of_addresses(view, &["203.0.113.9".parse().unwrap()]).await.unwrap().len(),
        ),
        ("findings::any", there(findings::any(view).await.unwrap())),
        ("findings::history_of_class", findings::history_of_class(view, of.class).await.unwrap().len()),
        ("findings::of_class", findings::of_class(view, of.class).await.unwrap().len()),
        ("findings::of_classes", findings::of_classes(view, &[of.class]).await.unwrap().len()),
        ("findings::of_weaknesses", findings::of_weaknesses(view, &weakness).await.unwrap().len()),
        ("memberships::of_organisation", memberships::of_organisation(view, 10).await.unwrap().len()),
        ("organisations::changes", usize::try_from(organisations::changes(view).await.unwrap().0).unwrap()),
        ("product_aliases::all", product_aliases::all(view).await.unwrap().len()),
        ("releases::by_key", releases::by_key(view).await.unwrap().len()),
        ("releases::by_name", there(releases::by_name(view, "Orbis", "Flow", None).await.unwrap().is_some())),
        ("releases::changed_since", releases::changed_since(view, 0).await.unwrap().len()),
        ("sboms::contents_changed_since", sboms::contents_changed_since(view, 0).await.unwrap().len()),
        ("sboms::has_content", there(sboms::has_content(view, of.content).await.unwrap())),
        ("sboms::history", sboms::history(view, of.release).await.unwrap().len()),
        ("sboms::inventory", there(sboms::inventory(view, of.content).await.unwrap().is_some())),
        ("sboms::present", there(sboms::present(view, of.release).await.unwrap().is_some())),
        ("sboms::skeleton", sboms::skeleton(view, of.content).await.unwrap().len()),
        (
            "single_sign_on::account_of",
            there(single_sign_on::account_of(view, ISSUER, &of.account.to_string()).await.unwrap().is_some()),
        ),
        ("single_sign_on::of_account", single_sign_on::of_account(view, of.account).await.unwrap().len()),
        (
            "single_sign_on::of_organisation",
            there(single_sign_on::of_organisation(view).await.unwrap().is_some()),
        ),
        ("sites::by_key", sites::by_key(view).await.unwrap().len()),
        ("sites::changed_since", sites::changed_since(view, 0).await.unwrap().len()),
        ("vex::by_digest", there(vex::by_digest(view, &[1; 32]).await.unwrap().is_some())),
        ("vex::documents", vex::documents(view).await.unwrap().len()),
        ("vex::issuers", vex::issuers(view).await.unwrap().len()),
        ("vex::state", there(vex::state(view).await.unwrap() > 0)),
        ("vex::statements", vex::statements(view).await.unwrap().len()),
        ("weaknesses::counted_ids", weaknesses::counted_ids(view).await.unwrap().len()),
        ("weaknesses::shifts_of_devices", weaknesses::shifts_of_devices(view, &more).await.unwrap().len()),
        ("weaknesses::page", weaknesses::page(view, "", 10, 0).await.unwrap().0.len()),
        ("weaknesses::urgent", weaknesses::urgent(view, 5).await.unwrap().len()),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_crosses_from_one_organisation_to_another() {
    for (store, _dir) in stores().await {
        let at = stamp().at;
        let one = organisations::ensure_first(&store, "One", at).await.unwrap();
        let two = organisations::add(&store, "Two", OrgKind::Maker, at).await.unwrap();
        let empty = organisations::add(&store, "Three", OrgKind::Hybrid, at).await.unwrap();
        let first = fill(&store, one, "first").await;
        fill(&store, two, "second").await;

        // Each query finds the one thing at home, whatever the other organisation has of the same kind and name.
        for (query, rows) in counts(&store.view(one).await.unwrap(), &first).await {
            assert_eq!(rows, 1, "{query} at home");
        }
        let (rows, total) = weaknesses::page(&store.view(one).await.unwrap(), "", 10, 0).await.unwrap();
        assert_eq!(
            (rows[0].affected, rows[0].releases, total),
            (1, 1, 1),
            "only devices at home are counted"
        );
        // Somebody else asks for everything of the first by its ids.
        for (query, rows) in counts(&store.view(empty).await.unwrap(), &first).await {
            assert_eq!(rows, 0, "{query} from another organisation");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_one_organisation_moves_nothing_of_another() {
    for (store, _dir) in stores().await {
        let at = stamp().at;
        let one = organisations::ensure_first(&store, "One", at).await.unwrap();
        let other = organisations::add(&store, "Two", OrgKind::Maker, at).await.unwrap();
        let first = fill(&store, one, "first").await;
        let before = counts(&store.view(one).await.unwrap(), &first).await;

        let change = store.change(other, stamp()).await.unwrap();
        classes::shift_devices(&change, &[(first.class, 5)].into()).await.unwrap();
        let shift = CountShift { affected: 5, ..CountShift::default() };
        classes::shift_counts(&change, &[(first.class, shift)].into()).await.unwrap();
        assert!(!product_aliases::unset(&change, "orbis|flow", "orbis|flow300").await.unwrap());
        releases::set_content(&change, first.release, first.content).await.unwrap();
        devices::clear_keys(&change, [first.device]).await.unwrap();
        findings::close(&change, &[(WEAKNESS.into(), first.class)]).await.unwrap();
        weaknesses::recount(&change).await.unwrap();
        weaknesses::shift_counts(
            &change,
            &[(WEAKNESS.into(), TouchShift { releases: -1, ..TouchShift::default() })].into(),
        )
        .await
        .unwrap();
        accounts::set_password(&change, first.account, "stolen", false).await.unwrap();
        accounts::describe(&change, first.account, "Somebody Else", None).await.unwrap();
        accounts::note_sign_in(&change, first.account, at).await.unwrap();
        assert!(!accounts::close(&change, first.account).await.unwrap());
        assert!(!memberships::remove(&change, first.account).await.unwrap());
        assert_eq!(single_sign_on::unlink(&change, first.account).await.unwrap(), 0);
        assert!(!single_sign_on::remove(&change).await.unwrap());
        assert!(!campaigns::close(&change, first.campaign, "stolen", 0).await.unwrap());
        assert!(!campaigns::reopen(&change, first.campaign).await.unwrap());
        assert!(!firewalls::withdraw(&change, first.firewall).await.unwrap());
        assert!(!firewalls::take(&change, first.firewall, 1, 2).await.unwrap());
        firewalls::remove_devices(&change, first.firewall, "pump").await.unwrap();
        assert!(!incidents::close(&change, first.incident, "stolen").await.unwrap());
        assert!(!incidents::reopen(&change, first.incident).await.unwrap());
        assert!(!incidents::set_owner(&change, first.incident, "thief").await.unwrap());
        assert!(!incidents::approve(&change, first.incident, 1, false).await.unwrap());
        assert!(!incidents::send(&change, first.incident, 1, &sending(&change)).await.unwrap());
        assert!(!actions::end(&change, first.action, true, "stolen").await.unwrap());
        assert!(!actions::see(&change, first.action, "stolen").await.unwrap());
        assert!(!actions::plan(&change, first.action, Kind::Other, None, None).await.unwrap());
        change.commit("nothing", "").await.unwrap();

        let view = store.view(one).await.unwrap();
        assert_eq!(counts(&view, &first).await, before);
        let class = &classes::changed_since(&view, 0).await.unwrap()[0];
        assert_eq!((class.devices, class.affected), (1, 0));
        assert_eq!(devices::keys(&view).await.unwrap()[0].1.asset.as_deref(), Some("same tag"));
        assert_eq!(findings::of_class(&view, first.class).await.unwrap()[0].closed, None);
        let member = &memberships::of_organisation(&view, 10).await.unwrap()[0];
        assert_eq!((member.full_name.as_str(), member.signed_in, member.closed), ("", None, None));
        let account = accounts::by_id(&store, first.account).await.unwrap().unwrap();
        assert_eq!(account.password, "no hash");

        // Nor does a row of one organisation point at a row of another: the foreign keys carry the organisation.
        let change = store.change(other, stamp()).await.unwrap();
        assert!(findings::put(&change, &[finding(first.class)]).await.is_err());
        drop(change);
        let change = store.change(other, stamp()).await.unwrap();
        assert!(incidents::add_event(&change, first.incident, &counted(&change, 2)).await.is_err());
        drop(change);
        let change = store.change(other, stamp()).await.unwrap();
        let behind = Behind { firewall: first.firewall, site: String::new(), device: first.device };
        assert!(firewalls::add_device(&change, &behind).await.is_err());
        drop(change);
        let change = store.change(other, stamp()).await.unwrap();
        assert!(campaigns::add_look(&change, first.campaign, &look()).await.is_err());
        drop(change);
        let change = store.change(other, stamp()).await.unwrap();
        let device = pump(&change, DeviceId::generate(), first.class, None, "theirs");
        assert!(devices::put(&change, &[device]).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_dropped_leaves_nothing_and_numbers_have_no_gap() {
    for (store, _dir) in stores().await {
        let org = organisations::ensure_first(&store, "One", stamp().at).await.unwrap();
        for outcome in ["kept", "dropped", "kept"] {
            let change = store.change(org, stamp()).await.unwrap();
            sites::add(&change, &[(SiteId::generate(), format!("{outcome} {}", uuid::Uuid::now_v7()))])
                .await
                .unwrap();
            match outcome {
                "kept" => change.commit("site", "").await.unwrap(),
                _ => drop(change),
            }
        }
        let view = store.view(org).await.unwrap();
        assert_eq!(organisations::changes(&view).await.unwrap().0, 2);
        assert_eq!(sites::changed_since(&view, 0).await.unwrap().len(), 2);
        assert_eq!(audit::page(&view, &EntryFilter::default(), 10, 0).await.unwrap().1, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_with_a_zero_sign_is_kept_with_the_sign_for_what_is_unreadable() {
    for (store, _dir) in stores().await {
        let org = organisations::ensure_first(&store, "One", stamp().at).await.unwrap();
        let change = store.change(org, stamp()).await.unwrap();
        sites::add(&change, &[(SiteId::generate(), "Ward\0 7".into())]).await.unwrap();
        change.commit_with("Ward\0 7", "", Some("a\0".into()), None).await.unwrap();
        let view = store.view(org).await.unwrap();
        let entry = audit::chain(&view, 0, 10).await.unwrap().remove(0);
        assert_eq!((entry.subject.as_str(), entry.before.as_deref()), ("Ward\u{fffd} 7", Some("a\u{fffd}")));
        assert_eq!(audit::hash(org, &entry), entry.hash, "the chain holds");
        let found = EntryFilter { text: "\0".into(), ..EntryFilter::default() };
        assert!(audit::page(&view, &found, 10, 0).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_the_clock_looked_at_the_last_of_a_day_stays_and_steps_stay_all() {
    for (store, _dir) in stores().await {
        let org = organisations::ensure_first(&store, "One", stamp().at).await.unwrap();
        let change = store.change(org, stamp()).await.unwrap();
        let one = campaign(&change);
        campaigns::add(&change, &one).await.unwrap();
        let at = |hours: i64, occasion, affected| {
            let at = stamp().at + jiff::SignedDuration::from_hours(hours);
            let counts = Counts { devices: 9, affected, ..Counts::default() };
            let ward = Ward { site: "Site".into(), ward: "ICU".into() };
            let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
            let wards = if affected > 0 { vec![WardCounts { ward, counts }] } else { Vec::new() };
            Look { at, day, occasion, wards, ..look() }
        };
        let looks = [
            at(0, Occasion::Start, 7),
            at(1, Occasion::Day, 6),
            at(2, Occasion::Step, 5),
            at(3, Occasion::Day, 4),
            at(20, Occasion::Day, 2),
            at(44, Occasion::Day, 0),
        ];
        for look in &looks {
            campaigns::add_look(&change, one.id, look).await.unwrap();
        }
        // At the same moment once more: the last counts.
        campaigns::add_look(&change, one.id, &at(44, Occasion::Day, 1)).await.unwrap();
        let second = Campaign { id: CampaignId::generate(), ..one.clone() };
        assert!(campaigns::add(&change, &second).await.is_err(), "one is open on a weakness at a time");
        drop(change);

        let change = store.change(org, stamp()).await.unwrap();
        campaigns::add(&change, &one).await.unwrap();
        for look in &looks {
            campaigns::add_look(&change, one.id, look).await.unwrap();
        }
        change.commit("campaign", "").await.unwrap();
        let view = store.view(org).await.unwrap();
        let kept = campaigns::looks(&view, one.id).await.unwrap();
        let affected: Vec<u64> = kept.iter().map(|look| look.total().affected).collect();
        assert_eq!(affected, [7, 5, 4, 2, 0]);
        assert_eq!(campaigns::last_look(&view, one.id).await.unwrap().as_ref(), kept.last());
        assert_eq!(kept[0], looks[0]);
    }
}
