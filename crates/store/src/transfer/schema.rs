//! The tables as an embedded database describes them: columns with their kinds, keys, and an order in which each table
//! comes after those that it refers to.

use sea_orm::{ConnectionTrait as _, QueryResult, Value};
use uuid::Uuid;

use super::side::Side;
use crate::Error;
use crate::migrations::ORGANISATION_TABLES;
use crate::sql::get;
use crate::view::without_nul;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Uuid,
    Text,
    Number,
    Real,
    Bytes,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// The columns of the primary key, in its order.
    pub(crate) key: Vec<usize>,
    /// Whether PostgreSQL shows one organisation's rows at a time.
    pub(crate) guarded: bool,
    /// The tables that it refers to.
    refers: Vec<String>,
}

const COLUMNS: &str = "SELECT t.name, c.name, c.type, c.pk FROM sqlite_schema t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT IN ('migration', 'moving')
    ORDER BY t.name, c.cid";
const REFERENCES: &str =
    "SELECT DISTINCT t.name, f.\"table\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
    WHERE t.type = 'table' AND f.\"table\" <> t.name ORDER BY 1, 2";

impl Kind {
    fn of(declared: &str) -> Option<Kind> {
        match declared.to_ascii_lowercase().as_str() {
            "uuid" => Some(Kind::Uuid),
            "text" => Some(Kind::Text),
            "bigint" => Some(Kind::Number),
            "double precision" => Some(Kind::Real),
            "bytea" => Some(Kind::Bytes),
            _ => None,
        }
    }

    /// The value of a column of a row, and whether U+0000 in it was replaced.
    pub(crate) fn read(self, row: &QueryResult, index: usize) -> Result<(Value, bool), Error> {
        let value = match self {
            Kind::Uuid => get::<Option<Uuid>>(row, index)?.into(),
            Kind::Number => get::<Option<i64>>(row, index)?.into(),
            Kind::Real => get::<Option<f64>>(row, index)?.into(),
            Kind::Bytes => get::<Option<Vec<u8>>>(row, index)?.into(),
            Kind::Text => {
                let text = get::<Option<String>>(row, index)?;
                if let Some(text) = text.as_ref().filter(|text| text.contains('\0')) {
                    return Ok((Value::from(without_nul(text)), true));
                }
                text.into()
            }
        };
        Ok((value, false))
    }

    /// A value's bytes; none for one that is not there.
    pub(crate) fn bytes(self, value: &Value) -> Option<Vec<u8>> {
        match value {
            Value::Uuid(held) => held.as_ref().map(|uuid| uuid.as_bytes().to_vec()),
            Value::BigInt(held) => held.map(|number| number.to_be_bytes().to_vec()),
            Value::Double(held) => held.map(|number| number.to_bits().to_be_bytes().to_vec()),
            Value::Bytes(held) => held.as_ref().map(|bytes| bytes.to_vec()),
            Value::String(held) => held.as_ref().map(|text| text.as_bytes().to_vec()),
            _ => None,
        }
    }
}

/// All tables of an embedded database, each after those that it refers to.
pub(crate) async fn tables(side: &Side) -> Result<Vec<Table>, Error> {
    let mut tables: Vec<Table> = Vec::new();
    for row in side.connection.query_all_raw(side.statement(COLUMNS, vec![])).await? {
        let (table, name): (String, String) = (get(&row, 0)?, get(&row, 1)?);
        let (declared, key): (String, i32) = (get(&row, 2)?, get(&row, 3)?);
        let kind = Kind::of(&declared).ok_or_else(|| Error::Corrupt {
            column: "a column's type",
            value: format!("{table}.{name} {declared}"),
        })?;
        if tables.last().is_none_or(|last| last.name != table) {
            let guarded = ORGANISATION_TABLES.contains(&table.as_str());
            tables.push(Table {
                name: table,
                columns: Vec::new(),
                key: Vec::new(),
                guarded,
                refers: Vec::new(),
            });
        }
        let Some(table) = tables.last_mut() else { continue };
        if key > 0 {
            let place = usize::try_from(key).unwrap_or(1) - 1;
            table.key.resize(table.key.len().max(place + 1), 0);
            table.key[place] = table.columns.len();
        }
        table.columns.push(Column { name, kind });
    }
    for row in side.connection.query_all_raw(side.statement(REFERENCES, vec![])).await? {
        let (table, refers): (String, String) = (get(&row, 0)?, get(&row, 1)?);
        if let Some(table) = tables.iter_mut().find(|each| each.name == table) {
            table.refers.push(refers);
        }
    }
    order(tables)
}

/// Puts each table after those that it refers to.
fn order(mut left: Vec<Table>) -> Result<Vec<Table>, Error> {
    let mut ordered: Vec<Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_there = |name: &String| ordered.iter().any(|table| table.name == *name);
        let Some(next) = left.iter().position(|table| table.refers.iter().all(is_there)) else {
            let names: Vec<&str> = left.iter().map(|table| table.name.as_str()).collect();
            return Err(Error::Corrupt {
                column: "foreign keys",
                value: format!("a circle of {}", names.join(", ")),
            });
        };
        ordered.push(left.remove(next));
    }
    Ok(ordered)
}
