//! In whatever order devices, bills of materials and advisories arrive, and however often: what is found is the same.

use std::collections::BTreeSet;

use bedrail_app::feeds::change::Received;
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, accounts, devices, rematch};

use crate::follow::{BILLS, LIST, bill, numbers_are_right, record, touched, update};
use crate::story;

/// One thing that arrives.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Arrival {
    /// The list of devices.
    Devices,
    /// The bill of materials of one of the products.
    Bill(usize),
    /// A record: id, package, first version that is not affected, day, withdrawn.
    Record(&'static str, &'static str, &'static str, u32, bool),
}

use Arrival::{Bill, Devices, Record};

/// Of two records there is an older copy, and one is withdrawn in the end.
const ARRIVALS: [Arrival; 9] = [
    Devices,
    Bill(0),
    Bill(1),
    Bill(2),
    Record("CVE-2026-0001", "left", "9.0.0", 2, false),
    Record("CVE-2026-0001", "left", "1.3.0", 5, false),
    Record("CVE-2026-0002", "gate", "1.5.0", 3, false),
    Record("CVE-2026-0002", "gate", "1.5.0", 6, true),
    Record("CVE-2026-0003", "gate", "1.5.0", 4, false),
];

/// Places in [`ARRIVALS`]: as a hospital would go about it, data first, backwards, and mixed.
const ORDERS: [[usize; 9]; 5] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
    [4, 5, 6, 7, 8, 0, 1, 2, 3],
    [8, 7, 6, 5, 4, 3, 2, 1, 0],
    [7, 3, 5, 0, 8, 1, 6, 4, 2],
    [2, 6, 0, 4, 3, 7, 1, 5, 8],
];

async fn arrive(ctx: &Context, actor: &Actor, arrival: Arrival) {
    match arrival {
        Devices => {
            devices::import(ctx, actor, story::list("devices.csv", LIST, false)).await.unwrap();
        }
        Bill(at) => {
            let (model, parts) = BILLS[at];
            let command = AddSbom {
                file_name: format!("{model}.json"),
                document: bill(model, parts).into_bytes().into(),
                maker: None,
                model: None,
                version: None,
            };
            sboms::add(ctx, actor, command).await.unwrap();
        }
        Record(id, package, fixed, day, withdrawn) => {
            let json = record(id, package, fixed, day, withdrawn);
            let received = [Received { source: "osv/npm", json: json.as_bytes() }];
            rematch::receive(ctx, &received).await.unwrap();
        }
    }
}

/// Release, component, weakness, answer, reason and the records behind it, of every finding.
async fn found(ctx: &Context, actor: &Actor) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let page = PageRequest::default();
    for row in releases::list(ctx, actor, &ReleaseFilter::default(), &page).await.unwrap().rows {
        for finding in releases::get(ctx, actor, row.id).await.unwrap().findings {
            let records: Vec<&str> = finding.evidence.iter().map(|it| it.advisory.as_str()).collect();
            let (purl, weakness) = (finding.purl.unwrap_or_default(), &finding.weakness.id);
            let said =
                format!("{:?} {:?} {:?} {records:?}", finding.answer, finding.reason, finding.fixed_in);
            assert!(
                found.insert(format!("{} {purl} {weakness} {said}", row.model)),
                "twice: {purl} {weakness}"
            );
        }
    }
    found
}

/// Everything once in one order, then everything again in another.
async fn in_order(order: [usize; 9], again: [usize; 9], database: Option<String>) -> BTreeSet<String> {
    let dir = tempfile::tempdir().unwrap();
    update(dir.path(), &[record("CVE-2026-0009", "other", "1.0.0", 1, false)], 1).await;
    let ctx = story::open(dir.path(), database).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    for place in order {
        arrive(&ctx, &actor, ARRIVALS[place]).await;
    }
    let once = found(&ctx, &actor).await;
    numbers_are_right(&ctx, &actor).await;
    // Left at 1.2.0 and a gate before 1.5.0 are in Flow and Pulse, two devices each; the withdrawn record finds nothing.
    let totals = ["CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0003"];
    for (weakness, expected) in totals.into_iter().zip([(4, 0), (0, 0), (4, 0)]) {
        assert_eq!(touched(&ctx, &actor, weakness).await, expected, "{weakness} after {order:?}");
    }
    for place in again {
        arrive(&ctx, &actor, ARRIVALS[place]).await;
    }
    assert_eq!(found(&ctx, &actor).await, once, "{order:?} and again {again:?}");
    numbers_are_right(&ctx, &actor).await;
    once
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_order_of_arrival_the_findings_are_the_same() {
    let expected = in_order(ORDERS[0], ORDERS[0], None).await;
    assert_eq!(expected.len(), 4, "{expected:#?}");
    for (at, order) in ORDERS.into_iter().enumerate().skip(1) {
        assert_eq!(in_order(order, ORDERS[at - 1], None).await, expected, "{order:?}");
    }
    for order in [ORDERS[2], ORDERS[3]] {
        let Some(url) = bedrail_testkit::postgres::database() else { return };
        assert_eq!(in_order(order, ORDERS[4], Some(url)).await, expected, "{order:?} on PostgreSQL");
    }
}
