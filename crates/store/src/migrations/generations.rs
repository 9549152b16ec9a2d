//! A database of each released version opens, with everything that it held. `tests/generations` has one file for each:
//! its first line says which steps it has taken and what their text was, every other line is a row.

use std::fmt::Write as _;
use std::path::PathBuf;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait as _, Value};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{LOG, LOG_TABLE, MIGRATIONS, ORGANISATION_TABLES, dialect, guard};
use crate::database::{Address, one};
use crate::transfer::{Kind, Side, tables};
use crate::{Store, sql};

/// Columns whose values a later step moved elsewhere: table, column, and why.
const MOVED: &[(&str, &str, &str)] = &[];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/generations")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap()).collect()
}

/// The text of a step, as a generation remembers it.
fn print(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// A value as a line holds it: its kind, then itself. What is not there is left out.
fn written(kind: Kind, value: &Value) -> Option<String> {
    let bytes = kind.bytes(value)?;
    Some(match value {
        Value::Uuid(Some(uuid)) => format!("u:{uuid}"),
        Value::String(Some(text)) => format!("t:{text}"),
        Value::BigInt(Some(number)) => format!("n:{number}"),
        Value::Double(Some(number)) => format!("r:{number}"),
        _ => format!("b:{}", hex(&bytes)),
    })
}

fn read(text: &str) -> Value {
    let (kind, text) = text.split_at(2);
    match kind {
        "u:" => text.parse::<Uuid>().unwrap().into(),
        "t:" => text.into(),
        "n:" => text.parse::<i64>().unwrap().into(),
        "r:" => text.parse::<f64>().unwrap().into(),
        _ => unhex(text).into(),
    }
}

/// A stored row.
struct Row {
    table: String,
    columns: Vec<(String, Value)>,
}

impl Row {
    fn of(line: &Json) -> Row {
        let columns = line["row"].as_object().unwrap().iter();
        let columns = columns.map(|(name, value)| (name.clone(), read(value.as_str().unwrap()))).collect();
        Row { table: line["table"].as_str().unwrap().to_owned(), columns }
    }

    /// Its organisation, where PostgreSQL asks for it.
    fn org(&self) -> Option<String> {
        let (_, org) = self.columns.iter().find(|(name, _)| name == "org_id")?;
        let guarded = ORGANISATION_TABLES.contains(&self.table.as_str());
        match org {
            Value::Uuid(Some(org)) if guarded => Some(org.to_string()),
            _ => None,
        }
    }

    fn insert(&self, backend: DbBackend) -> Statement {
        let names: Vec<String> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let places: Vec<String> = (1..=names.len()).map(|place| format!("${place}")).collect();
        let text =
            format!("INSERT INTO {} ({}) VALUES ({})", self.table, names.join(", "), places.join(", "));
        Statement::from_sql_and_values(backend, text, self.columns.iter().map(|(_, value)| value.clone()))
    }

    /// Asks how many rows like this one there are.
    fn count(&self, backend: DbBackend) -> Statement {
        let moved =
            |name: &str| MOVED.iter().any(|(table, column, _)| *table == self.table && *column == name);
        let compared: Vec<&(String, Value)> = self.columns.iter().filter(|(name, _)| !moved(name)).collect();
        let wanted: Vec<String> =
            (1..).zip(&compared).map(|(place, (name, _))| format!("\"{name}\" = ${place}")).collect();
        let text = format!("SELECT count(*) FROM {} WHERE {}", self.table, wanted.join(" AND "));
        Statement::from_sql_and_values(backend, text, compared.iter().map(|(_, value)| value.clone()))
    }
}

/// Makes the database of a generation as it was.
async fn make(connection: &DatabaseConnection, steps: &[i64], rows: &[Row]) {
    let backend = connection.get_database_backend();
    connection.execute_unprepared(LOG_TABLE).await.unwrap();
    for migration in MIGRATIONS.iter().filter(|migration| steps.contains(&migration.number)) {
        connection.execute_unprepared(&dialect(migration.text, backend)).await.unwrap();
        let values = [migration.number.into(), migration.why.into()];
        connection.execute_raw(Statement::from_sql_and_values(backend, LOG, values)).await.unwrap();
    }
    // What the steps themselves put in is in the rows as well.
    connection.execute_unprepared("DELETE FROM reference_state").await.unwrap();
    for row in rows {
        let inserted = connection.execute_raw(row.insert(backend)).await;
        inserted.unwrap_or_else(|error| panic!("{}: {error}", row.table));
    }
    if backend == DbBackend::Postgres {
        for table in ORGANISATION_TABLES {
            let there = format!("SELECT to_regclass('{table}') IS NOT NULL");
            let there = connection.query_one_raw(Statement::from_string(backend, there)).await.unwrap();
            if sql::get::<bool>(&there.unwrap(), 0).unwrap() {
                connection.execute_unprepared(&guard(table)).await.unwrap();
            }
        }
    }
}

async fn is_there(store: &Store, row: &Row) -> bool {
    let transaction = store.read.begin().await.unwrap();
    let backend = transaction.get_database_backend();
    if let Some(org) = row.org().filter(|_| backend == DbBackend::Postgres) {
        let text = "SELECT set_config('bedrail.org', $1, true)";
        let statement = Statement::from_sql_and_values(backend, text, [org.into()]);
        transaction.query_one_raw(statement).await.unwrap();
    }
    let found = transaction.query_one_raw(row.count(backend)).await.unwrap().unwrap();
    sql::get::<i64>(&found, 0).unwrap() > 0
}

/// The steps that a generation has taken, and its rows.
fn generation(text: &str) -> (Vec<i64>, Vec<Row>) {
    let mut lines = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let head = lines.next().unwrap();
    let steps = head["steps"].as_object().unwrap();
    for (number, held) in steps {
        let migration = MIGRATIONS.iter().find(|step| step.number.to_string() == *number).unwrap();
        assert_eq!(held, &print(migration.text), "step {number} is in a release and must not change");
    }
    let steps = steps.keys().map(|number| number.parse().unwrap()).collect();
    (steps, lines.map(|line| Row::of(&line)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_each_generation_opens_with_everything_that_it_held() {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect();
    assert!(!files.is_empty());
    for path in files {
        let (steps, rows) = generation(&std::fs::read_to_string(&path).unwrap());
        let dir = tempfile::tempdir().unwrap();
        let embedded = Address::File(dir.path().join("bedrail.sqlite"));
        let postgres = bedrail_testkit::postgres::database().map(Address::Postgres);
        for address in [Some(embedded), postgres].into_iter().flatten() {
            let connection = one(&address).await.unwrap();
            make(&connection, &steps, &rows).await;
            connection.close().await.unwrap();
            let store = Store::open(&address).await.unwrap();
            let schema = store.schema().await.unwrap();
            assert_eq!(schema.found, schema.known);
            for row in &rows {
                assert!(is_there(&store, row).await, "{}: a row of {} is gone", path.display(), row.table);
            }
        }
    }
}

#[test]
fn steps_expand_and_say_where_they_contract() {
    for migration in MIGRATIONS {
        let (remarks, lines): (Vec<&str>, Vec<&str>) =
            migration.text.lines().partition(|line| line.trim_start().starts_with("--"));
        let text = lines.join("\n").to_uppercase();
        let contracts = remarks.iter().any(|line| line.starts_with("-- contracts: "));
        for word in ["DROP TABLE", "DROP COLUMN", "DROP INDEX", "RENAME ", "ALTER COLUMN"] {
            let step = migration.number;
            assert!(contracts || !text.contains(word), "step {step}: {word}; see migrations/README.md");
        }
        for added in text.split("ADD COLUMN").skip(1) {
            let added = added.split(';').next().unwrap_or_default();
            let filled = !added.contains("NOT NULL") || added.contains("DEFAULT");
            assert!(filled, "step {}: the release before does not fill {added}", migration.number);
        }
    }
}

#[tokio::test]
#[ignore = "writes a file: run at a release, see migrations/README.md"]
async fn write_a_generation() {
    let from = PathBuf::from(std::env::var("BEDRAIL_GENERATION_FROM").unwrap());
    let side = Side::source(&Address::File(from)).await.unwrap();
    let steps: Map<String, Json> =
        MIGRATIONS.iter().map(|step| (step.number.to_string(), print(step.text).into())).collect();
    let source = "made up: a clinic that is nowhere, its devices and people";
    let mut text = json!({ "SOURCE": source, "steps": steps }).to_string() + "\n";
    for table in tables(&side).await.unwrap() {
        let found = side.connection.query_all_raw(side.select(&table, None, None, 1_000_000)).await.unwrap();
        for row in &found {
            let columns = table.columns.iter().enumerate().filter_map(|(at, column)| {
                let (value, _) = column.kind.read(row, at).unwrap();
                Some((column.name.clone(), written(column.kind, &value)?.into()))
            });
            let columns: Map<String, Json> = columns.collect();
            text += &(json!({ "table": table.name, "row": columns }).to_string() + "\n");
        }
    }
    let newest = MIGRATIONS.last().unwrap().number;
    std::fs::write(folder().join(format!("{newest:04}.jsonl")), text).unwrap();
}

/// A step that changes rows reaches those of all organisations, and the guards stand again after it. Step 24 takes back rules that
/// were written before they did anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_changes_the_rows_of_all_organisations() {
    let dir = tempfile::tempdir().unwrap();
    let embedded = Address::File(dir.path().join("bedrail.sqlite"));
    let postgres = bedrail_testkit::postgres::database().map(Address::Postgres);
    for address in [Some(embedded), postgres].into_iter().flatten() {
        let connection = one(&address).await.unwrap();
        let steps: Vec<i64> =
            MIGRATIONS.iter().map(|step| step.number).filter(|number| *number < 24).collect();
        let backend = connection.get_database_backend();
        make(&connection, &steps, &[]).await;
        let orgs = [Uuid::from_u128(1), Uuid::from_u128(2)];
        for org in orgs {
            let transaction = connection.begin().await.unwrap();
            if backend == DbBackend::Postgres {
                let text = "SELECT set_config('bedrail.org', $1, true)";
                let bound = Statement::from_sql_and_values(backend, text, [org.to_string().into()]);
                transaction.query_one_raw(bound).await.unwrap();
            }
            for text in [
                "INSERT INTO organisation (id, name, created) VALUES ($1, 'x', 0)",
                "INSERT INTO vex_issuer (org_id, changed, issuer_key, name, makers, pinned, pinned_by, automatic, automatic_by)
                 VALUES ($1, 1, 'k', 'n', '', 0, 'ann', 5, 'ann')",
            ] {
                transaction.execute_raw(Statement::from_sql_and_values(backend, text, [org.into()])).await.unwrap();
            }
            transaction.commit().await.unwrap();
        }
        connection.close().await.unwrap();
        let store = Store::open(&address).await.unwrap();
        for org in orgs {
            let transaction = store.read.begin().await.unwrap();
            let counted = "SELECT COUNT(*) FROM vex_issuer WHERE automatic IS NULL";
            let unbound = transaction.query_one_raw(Statement::from_string(backend, counted)).await.unwrap();
            let seen: i64 = sql::get(&unbound.unwrap(), 0).unwrap();
            assert_eq!(seen, if backend == DbBackend::Postgres { 0 } else { 2 }, "the guards stand");
            if backend == DbBackend::Postgres {
                let text = "SELECT set_config('bedrail.org', $1, true)";
                let bound = Statement::from_sql_and_values(backend, text, [org.to_string().into()]);
                transaction.query_one_raw(bound).await.unwrap();
                let row = transaction.query_one_raw(Statement::from_string(backend, counted)).await.unwrap();
                assert_eq!(sql::get::<i64>(&row.unwrap(), 0).unwrap(), 1);
            }
        }
    }
}
