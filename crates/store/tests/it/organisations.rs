use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::ids::{ClassId, ContentId, DeviceId, OrgId, ReleaseId, SiteId};
use bedrail_model::organisation::OrgKind;
use bedrail_store::audit::EntryFilter;
use bedrail_store::devices::{DeviceKeys, DeviceRow};
use bedrail_store::releases::ReleaseRow;
use bedrail_store::sboms::{ContentCounts, ContentRow};
use bedrail_store::{Stamp, Store};
use bedrail_store::{
    audit, classes, devices, documents, findings, organisations, releases, sboms, sites, weaknesses,
};

use crate::stores;

fn stamp() -> Stamp {
    Stamp {
        at: "2026-03-03T10:00:00Z".parse().unwrap(),
        actor: "test (by itself)".into(),
        address: None,
        action: "test",
    }
}

/// One of everything.
async fn fill(store: &Store, org: OrgId, tag: &str) -> (DeviceId, ReleaseId, ClassId, ContentId) {
    let change = store.change(org, stamp()).await.unwrap();
    let (site, release, class) = (SiteId::generate(), ReleaseId::generate(), ClassId::generate());
    sites::add(&change, &[(site, format!("Site {tag}"))]).await.unwrap();
    let content = ContentId::from_digest([7; 16]);
    let row = ContentRow { id: content, counts: ContentCounts::default(), skeleton: Vec::new() };
    sboms::add_content(&change, &row, b"packed".to_vec()).await.unwrap();
    let row =
        ReleaseRow { id: release, maker: "Orbis".into(), model: "Flow".into(), version: None, content: None };
    releases::add(&change, &[row]).await.unwrap();
    let document = documents::add(&change, &[1; 32], "sbom", "a.json", 3).await.unwrap();
    sboms::add(&change, release, document, content).await.unwrap();
    classes::add(&change, &[(class, release, Some("Linux".into()))]).await.unwrap();
    classes::shift_devices(&change, &[(class, 1)].into()).await.unwrap();
    let id = DeviceId::generate();
    let facts =
        DeviceFacts { asset_tag: Some(tag.into()), exposure: Exposure::Outside, ..DeviceFacts::default() };
    let at = change.at();
    let row =
        DeviceRow { id, class, site: Some(site), facts, sources: String::new(), created: at, updated: at };
    let keys = DeviceKeys { asset: Some("same tag".into()), ..DeviceKeys::default() };
    devices::put(&change, &[(row, keys)]).await.unwrap();
    weaknesses::recount(&change, None).await.unwrap();
    change.commit(tag, "").await.unwrap();
    (id, release, class, content)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_crosses_from_one_organisation_to_another() {
    for (store, _dir) in stores().await {
        let at = stamp().at;
        let one = organisations::ensure_first(&store, "One", at).await.unwrap();
        let two = organisations::add(&store, "Two", OrgKind::Maker, at).await.unwrap();
        let empty = organisations::add(&store, "Three", OrgKind::Hybrid, at).await.unwrap();
        let (device, release, class, content) = fill(&store, one, "first").await;
        fill(&store, two, "second").await;

        let view = store.view(one).await.unwrap();
        assert_eq!(devices::changed_since(&view, 0).await.unwrap().len(), 1);
        assert_eq!(devices::get_one(&view, device).await.unwrap().unwrap().id, device);
        assert_eq!(audit::page(&view, &EntryFilter::default(), 10, 0).await.unwrap().1, 1);
        drop(view);

        // The other one asks for everything of the first by its ids.
        let view = store.view(empty).await.unwrap();
        assert_eq!(devices::get_one(&view, device).await.unwrap(), None);
        assert_eq!(devices::by_ids(&view, &[device]).await.unwrap(), []);
        assert_eq!(devices::keys(&view).await.unwrap(), []);
        assert_eq!(devices::changed_since(&view, 0).await.unwrap(), []);
        assert_eq!(releases::changed_since(&view, 0).await.unwrap(), []);
        assert_eq!(releases::by_name(&view, "Orbis", "Flow", None).await.unwrap(), None);
        assert!(releases::by_key(&view).await.unwrap().is_empty());
        assert_eq!(classes::changed_since(&view, 0).await.unwrap(), []);
        assert_eq!(classes::of_release(&view, release).await.unwrap(), []);
        assert!(classes::by_key(&view).await.unwrap().is_empty());
        assert_eq!(sites::changed_since(&view, 0).await.unwrap(), []);
        assert!(sites::by_key(&view).await.unwrap().is_empty());
        assert_eq!(sboms::contents_changed_since(&view, 0).await.unwrap(), []);
        assert_eq!(sboms::present(&view, release).await.unwrap(), None);
        assert_eq!(sboms::history(&view, release).await.unwrap(), []);
        assert_eq!(sboms::inventory(&view, content).await.unwrap(), None);
        assert!(!sboms::has_content(&view, content).await.unwrap());
        assert_eq!(sboms::skeleton(&view, content).await.unwrap(), []);
        assert_eq!(findings::of_class(&view, class).await.unwrap(), []);
        assert_eq!(findings::history_of_class(&view, class).await.unwrap(), []);
        assert_eq!(findings::weaknesses_of(&view, &[class]).await.unwrap(), Vec::<String>::new());
        assert!(!findings::any(&view).await.unwrap());
        assert_eq!(weaknesses::page(&view, "", 10, 0).await.unwrap(), (vec![], 0));
        assert_eq!(weaknesses::urgent(&view, 5).await.unwrap(), vec![]);
        assert_eq!(audit::page(&view, &EntryFilter::default(), 10, 0).await.unwrap(), (vec![], 0));
        assert_eq!(organisations::changes(&view).await.unwrap().0, 0);
        drop(view);

        // A change of the other one does not reach the first's class: the foreign key carries the organisation.
        let change = store.change(empty, stamp()).await.unwrap();
        classes::shift_devices(&change, &[(class, 5)].into()).await.unwrap();
        releases::set_content(&change, release, content).await.unwrap();
        change.commit("nothing", "").await.unwrap();
        let view = store.view(one).await.unwrap();
        assert_eq!(classes::changed_since(&view, 0).await.unwrap()[0].devices, 1);
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
