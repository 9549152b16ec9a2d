use bedrail_store::{Address, STATEMENTS, Store};

use crate::stores;

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_prepares_on_both_schemas() {
    for (store, _dir) in stores().await {
        for sql in STATEMENTS.iter().copied().flatten() {
            let sql = sql.replace("{ids}", "$2");
            store.prepare(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_scans_a_table_of_the_fleet() {
    let (store, _dir) = stores().await.swap_remove(0);
    for sql in STATEMENTS.iter().copied().flatten() {
        for step in store.plan(sql).await.unwrap() {
            let scans = ["device", "finding", "f", "software", "judgement", "content", "document", "class"]
                .iter()
                .any(|table| step == format!("SCAN {table}"));
            // The one statement that walks all findings counts them anew after a re-judgement; none of a page does.
            let whole = sql.starts_with("INSERT INTO weakness_count");
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
