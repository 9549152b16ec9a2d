//! The store on every database that is there.

#![expect(
    clippy::unwrap_used,
    reason = "a story that cannot go on fails; clippy knows only functions marked as tests"
)]

use bedrail_store::{Address, Store};

mod jobs;
mod organisations;
mod processes;
mod statements;

/// SQLite in a folder that lives as long as the test, and PostgreSQL where it is installed.
async fn stores() -> Vec<(Store, Option<tempfile::TempDir>)> {
    let dir = tempfile::tempdir().unwrap();
    let file = Store::open(&Address::File(dir.path().join("test.sqlite"))).await.unwrap();
    let mut stores = vec![(file, Some(dir))];
    if let Some(url) = bedrail_testkit::postgres::database() {
        stores.push((Store::open(&Address::Postgres(url)).await.unwrap(), None));
    }
    stores
}
