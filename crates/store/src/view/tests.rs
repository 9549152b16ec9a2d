//! The second lock by itself: statements on PostgreSQL that forget the organisation.

use bedrail_model::ids::OrgId;
use bedrail_model::organisation::OrgKind;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};

use super::View;
use crate::migrations::ORGANISATION_TABLES;
use crate::sql::{get, values};
use crate::{Address, Error, Store, organisations};

/// Whether row-level security counts for the role at all: it does not for a superuser.
const UNBOUND: &str = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
/// Takes off what ties a row to others, so that a made-up row of each table stands alone.
const TIES: &str = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
    FROM pg_constraint WHERE contype IN ('f', 'c') AND connamespace = 'public'::regnamespace AND conrelid <> 0";
const COLUMNS: &str = "SELECT quote_ident(column_name), data_type::text FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position";

/// A transaction for writing in one organisation, without the first lock.
async fn open(store: &Store, org: OrgId) -> View {
    View::new(store.write.begin().await.unwrap(), org, store.statements.clone()).await.unwrap()
}

/// Writes a row that means nothing into a table.
async fn make_up(view: &View, table: &str) -> Result<u64, Error> {
    let (mut names, mut made) = (Vec::new(), Vec::new());
    for column in view.all(COLUMNS, values![table]).await? {
        let (name, kind): (String, String) = (get(&column, 0)?, get(&column, 1)?);
        made.push(match (name.as_str(), kind.as_str()) {
            ("org_id", _) => "current_setting('bedrail.org')::uuid",
            (_, "uuid") => "gen_random_uuid()",
            (_, "bytea") => "'made up'::bytea",
            (_, "text") => "'made up'",
            _ => "1",
        });
        names.push(name);
    }
    let text = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), made.join(", "));
    view.execute(&text, vec![]).await
}

async fn count(view: &View, table: &str) -> i64 {
    let row = view.one(&format!("SELECT count(*) FROM {table}"), vec![]).await.unwrap();
    get(&row.unwrap(), 0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_forgets_the_organisation_reaches_only_its_own_rows() {
    let Some(url) = bedrail_testkit::postgres::database() else { return };
    let store = Store::open(&Address::Postgres(url)).await.unwrap();
    let nobody = store.reference_view().await.unwrap();
    let unbound: bool = get(&nobody.one(UNBOUND, vec![]).await.unwrap().unwrap(), 0).unwrap();
    assert!(!unbound, "the role of the tests walks past row-level security, so that they would show nothing");
    for tie in nobody.all(TIES, vec![]).await.unwrap() {
        store.write.execute_unprepared(&get::<String>(&tie, 0).unwrap()).await.unwrap();
    }
    drop(nobody);
    let at = "2026-03-03T10:00:00Z".parse().unwrap();
    let one = organisations::ensure_first(&store, "One", at).await.unwrap();
    let two = organisations::add(&store, "Two", OrgKind::Maker, at).await.unwrap();
    for org in [one, two] {
        let view = open(&store, org).await;
        for table in ORGANISATION_TABLES {
            make_up(&view, table).await.unwrap_or_else(|error| panic!("{table}: {error:?}"));
        }
        view.transaction.commit().await.unwrap();
    }

    for table in ORGANISATION_TABLES {
        for (org, other) in [(one, two), (two, one)] {
            assert_eq!(count(&store.view(org).await.unwrap(), table).await, 1, "{table}");
            let view = open(&store, org).await;
            assert_eq!(
                view.execute(&format!("UPDATE {table} SET org_id = org_id"), vec![]).await.unwrap(),
                1
            );
            assert_eq!(view.execute(&format!("DELETE FROM {table}"), vec![]).await.unwrap(), 1, "{table}");
            drop(view);
            // What is written must be the organisation's own too.
            let view = open(&store, org).await;
            let give_away = format!("UPDATE {table} SET org_id = '{other}'");
            assert!(view.execute(&give_away, vec![]).await.is_err(), "{table} can be given away");
        }
        assert_eq!(
            count(&store.reference_view().await.unwrap(), table).await,
            0,
            "{table} without an organisation"
        );
    }
}
