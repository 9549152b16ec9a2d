use bedrail_store::{Address, STATEMENTS, Store};

use crate::stores;

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_prepares_on_both_schemas() {
    for (store, _dir) in stores().await {
        for sql in STATEMENTS.iter().copied().flatten() {
            let sql = with_one_id(sql);
            store.prepare(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        }
    }
}

/// Tables that grow with the fleet or with time, and the letters that statements call them by.
const FLEET: &[&str] = &[
    "device",
    "finding",
    "f",
    "software",
    "judgement",
    "content",
    "document",
    "d",
    "class",
    "release",
    "sbom",
    "s",
    "weakness_count",
    "audit_entry",
    "notice",
    "site",
];

/// A statement on a list of ids, as it is asked for one.
fn with_one_id(sql: &str) -> String {
    let next = (1..).find(|number| !sql.contains(&format!("${number}"))).unwrap();
    sql.replace("{ids}", &format!("${next}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_scans_a_table_of_the_fleet() {
    let (store, _dir) = stores().await.swap_remove(0);
    for sql in STATEMENTS.iter().copied().flatten() {
        for step in store.plan(&with_one_id(sql)).await.unwrap() {
            let scans = FLEET.iter().any(|table| {
                step.strip_prefix("SCAN ")
                    .is_some_and(|scan| scan == *table || scan.starts_with(&format!("{table} ")))
            });
            // The one statement that walks all findings counts them anew after work that was cut off; none of a page does.
            let whole = sql.starts_with("INSERT INTO weakness_count")
                || sql.starts_with("SELECT c.id, COALESCE(n.affected");
            assert!(!scans || whole, "{sql}: {step}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_twice_migrates_once() {
    let dir = tempfile::tempdir().unwrap();
    let address = Address::File(dir.path().join("test.sqlite"));
    let (one, two) = tokio::join!(Store::open(&address), Store::open(&address));
    one.unwrap().close().await.unwrap();
    two.unwrap().close().await.unwrap();
    Store::open(&address).await.unwrap();
}
