//! Small tools that every table file uses: values in, values out, many rows in one statement.

use jiff::Timestamp;
use sea_orm::{QueryResult, TryGetable, Value};

use crate::Error;

/// Parameters bound in one statement at most: SQLite's limit is 32,766, PostgreSQL's 65,535.
const MAX_PARAMETERS: usize = 30_000;
/// Rows written by one statement at most; more gains nothing.
const MAX_ROWS: usize = 1024;

/// Every plain statement of this crate, for the test that prepares each on both migrated schemas.
pub const STATEMENTS: &[&[&str]] = &[
    crate::accounts::STATEMENTS,
    crate::audit::STATEMENTS,
    crate::change::STATEMENTS,
    crate::classes::STATEMENTS,
    crate::devices::STATEMENTS,
    crate::documents::STATEMENTS,
    crate::factors::STATEMENTS,
    crate::findings::STATEMENTS,
    crate::invitations::STATEMENTS,
    crate::jobs::STATEMENTS,
    crate::idempotency::STATEMENTS,
    crate::memberships::STATEMENTS,
    crate::notices::STATEMENTS,
    crate::organisations::STATEMENTS,
    crate::releases::STATEMENTS,
    crate::sboms::STATEMENTS,
    crate::sessions::STATEMENTS,
    crate::sites::STATEMENTS,
    crate::software::STATEMENTS,
    crate::tokens::STATEMENTS,
    crate::weaknesses::STATEMENTS,
];

/// Values to bind, in the order of `$1`, `$2`…
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(sea_orm::Value::from($value)),*] };
}
pub(crate) use values;

/// A column of a row.
pub(crate) fn get<T: TryGetable>(row: &QueryResult, index: usize) -> Result<T, Error> {
    Ok(row.try_get_by_index(index)?)
}

/// A time as it is stored.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A stored time.
pub(crate) fn time(micros: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(micros)
        .map_err(|_| Error::Corrupt { column: "a time", value: micros.to_string() })
}

/// A stored code of the model.
pub(crate) fn code<T>(
    column: &'static str,
    text: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Error> {
    read(text).ok_or_else(|| Error::Corrupt { column, value: text.to_owned() })
}

/// `($1, $2), ($3, $4)` for so many rows of so many columns, counted from `first`.
fn rows_text(rows: usize, columns: usize, first: usize) -> String {
    let mut text = String::with_capacity(rows * (columns * 7 + 3));
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            use std::fmt::Write as _;
            let _ = write!(text, "{}${}", if column == 0 { "" } else { "," }, first + row * columns + column);
        }
        text.push(')');
    }
    text
}

/// `$2,$3,…` for so many values, counted from `first`.
pub(crate) fn list_text(count: usize, first: usize) -> String {
    let row = rows_text(1, count, first);
    row[1..row.len() - 1].to_owned()
}

/// Splits rows into statements: the text around `{rows}` with as many rows as one statement may have. The sizes are
/// powers of two, so that only a handful of texts exist and each stays prepared. `shared` values come first.
pub(crate) fn batches<const COLUMNS: usize>(
    template: &str,
    shared: &[Value],
    rows: impl IntoIterator<Item = [Value; COLUMNS]>,
) -> Vec<(String, Vec<Value>)> {
    let rows: Vec<[Value; COLUMNS]> = rows.into_iter().collect();
    let mut rest = rows.into_iter();
    let mut left = rest.len();
    let most = MAX_ROWS.min((MAX_PARAMETERS - shared.len()) / COLUMNS);
    let mut statements = Vec::new();
    while left > 0 {
        let size = 1 << left.min(most).ilog2();
        let text = template.replacen("{rows}", &rows_text(size, COLUMNS, shared.len() + 1), 1);
        let mut values = shared.to_vec();
        values.extend(rest.by_ref().take(size).flatten());
        statements.push((text, values));
        left -= size;
    }
    statements
}

/// The statement with `?` for each `$N`, and its values in the order in which they are met. SQLite keeps the names of
/// parameters in a list that it walks for every one of them: with thousands that takes far longer than the statement.
pub(crate) fn unnamed(sql: &str, values: &[Value]) -> (String, Vec<Value>) {
    let mut parts = sql.split('$');
    let mut text = String::with_capacity(sql.len());
    text.push_str(parts.next().unwrap_or_default());
    let mut met = Vec::with_capacity(values.len());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number = part[..digits].parse::<usize>().ok();
        match number.and_then(|number| values.get(number.checked_sub(1)?)) {
            Some(value) => {
                met.push(value.clone());
                text.push('?');
                text.push_str(&part[digits..]);
            }
            None => {
                text.push('$');
                text.push_str(part);
            }
        }
    }
    (text, met)
}

/// Splits ids into statements: the text around `{ids}` with as many as one statement may have.
pub(crate) fn id_batches(
    template: &str,
    shared: &[Value],
    ids: impl IntoIterator<Item = Value>,
) -> Vec<(String, Vec<Value>)> {
    let ids: Vec<Value> = ids.into_iter().collect();
    let mut statements = Vec::new();
    let mut rest = ids.as_slice();
    while !rest.is_empty() {
        let size = 1 << rest.len().min(MAX_ROWS).ilog2();
        let (now, later) = rest.split_at(size);
        let text = template.replacen("{ids}", &list_text(size, shared.len() + 1), 1);
        statements.push((text, shared.iter().chain(now).cloned().collect()));
        rest = later;
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unnamed_parameters_follow_the_text() {
        let given = [1, 2, 3, 4].map(sea_orm::Value::from);
        let (text, met) =
            unnamed("UPDATE t SET a = $2, b = $2 FROM (VALUES ($3),($4)) v WHERE c = $1", &given);
        assert_eq!(text, "UPDATE t SET a = ?, b = ? FROM (VALUES (?),(?)) v WHERE c = ?");
        assert_eq!(met, values![2, 2, 3, 4, 1]);
    }
}
