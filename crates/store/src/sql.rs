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
    crate::actions::STATEMENTS,
    crate::alerts::STATEMENTS,
    crate::alerts::account::STATEMENTS,
    crate::alerts::addresses::STATEMENTS,
    crate::alerts::answers::STATEMENTS,
    crate::alerts::items::STATEMENTS,
    crate::alerts::links::STATEMENTS,
    crate::alerts::pauses::STATEMENTS,
    crate::alerts::policies::STATEMENTS,
    crate::alerts::rota::STATEMENTS,
    crate::alerts::segments::STATEMENTS,
    crate::alerts::standing::STATEMENTS,
    crate::alerts::tickets::STATEMENTS,
    crate::anchors::STATEMENTS,
    crate::audit::STATEMENTS,
    crate::campaigns::STATEMENTS,
    crate::change::STATEMENTS,
    crate::classes::STATEMENTS,
    crate::client_notes::STATEMENTS,
    crate::decisions::STATEMENTS,
    crate::devices::STATEMENTS,
    crate::documents::STATEMENTS,
    crate::exposure::STATEMENTS,
    crate::factors::STATEMENTS,
    crate::facts::STATEMENTS,
    crate::findings::STATEMENTS,
    crate::firewalls::STATEMENTS,
    crate::incidents::STATEMENTS,
    crate::incidents::BREACH_STATEMENTS,
    crate::incidents::WHOLE_STATEMENTS,
    crate::incidents::READER_STATEMENTS,
    crate::response::STATEMENTS,
    crate::risk::STATEMENTS,
    crate::invitations::STATEMENTS,
    crate::jobs::STATEMENTS,
    crate::jobs::figures::STATEMENTS,
    crate::idempotency::STATEMENTS,
    crate::memberships::STATEMENTS,
    crate::notices::STATEMENTS,
    crate::organisations::STATEMENTS,
    crate::personal::STATEMENTS,
    crate::personal::FORGET,
    crate::personal::FORGET_NAMES,
    crate::platforms::STATEMENTS,
    crate::advisory_providers::STATEMENTS,
    crate::product_advisories::STATEMENTS,
    crate::product_aliases::STATEMENTS,
    crate::component_names::STATEMENTS,
    crate::programme::STATEMENTS,
    crate::registers::STATEMENTS,
    crate::regular::STATEMENTS,
    crate::releases::STATEMENTS,
    crate::results::STATEMENTS,
    crate::sboms::STATEMENTS,
    crate::self_answers::STATEMENTS,
    crate::sessions::STATEMENTS,
    crate::signals::STATEMENTS,
    crate::single_sign_on::STATEMENTS,
    crate::sites::STATEMENTS,
    crate::software::STATEMENTS,
    crate::tokens::STATEMENTS,
    crate::tries::STATEMENTS,
    crate::vendors::STATEMENTS,
    crate::vex::STATEMENTS,
    crate::weaknesses::STATEMENTS,
    crate::written::STATEMENTS,
    crate::workforce::duties::STATEMENTS,
    crate::workforce::links::STATEMENTS,
    crate::workforce::night::STATEMENTS,
    crate::workforce::policies::STATEMENTS,
    crate::workforce::roster::STATEMENTS,
    crate::workforce::training::STATEMENTS,
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

/// Statements with their values. A boxed type: a compiler that is to prove a future `Send` gives up on closures in it.
pub(crate) type Batches<'a> = Box<dyn Iterator<Item = (String, Vec<Value>)> + Send + 'a>;

/// Splits rows into statements: the text around `{rows}` with as many rows as one statement may have. The sizes are
/// powers of two, so that only a handful of texts exist and each stays prepared. `shared` values come first. A statement
/// is made when it is asked for, so that the database can be busy with the one before.
pub(crate) fn batches<'a, const COLUMNS: usize>(
    template: &'a str,
    shared: &'a [Value],
    rows: impl IntoIterator<Item = [Value; COLUMNS], IntoIter: Send + 'a>,
) -> Batches<'a> {
    split(shared, rows.into_iter(), move |size| {
        template.replacen("{rows}", &rows_text(size, COLUMNS, shared.len() + 1), 1)
    })
}

fn split<'a, const COLUMNS: usize>(
    shared: &'a [Value],
    mut rows: impl Iterator<Item = [Value; COLUMNS]> + Send + 'a,
    text: impl Fn(usize) -> String + Send + 'a,
) -> Batches<'a> {
    let most = 1 << MAX_ROWS.min((MAX_PARAMETERS - shared.len()) / COLUMNS).ilog2();
    let mut taken: Vec<[Value; COLUMNS]> = Vec::new();
    Box::new(std::iter::from_fn(move || {
        if taken.is_empty() {
            taken.extend(rows.by_ref().take(most));
        }
        let size = 1 << taken.len().checked_ilog2()?;
        let values = shared.iter().cloned().chain(taken.drain(..size).flatten()).collect();
        Some((text(size), values))
    }))
}

/// The statement with `?` for each `$N`, and its values in the order in which they are met. SQLite keeps the names of
/// parameters in a list that it walks for every one of them: with thousands that takes far longer than the statement.
pub(crate) fn unnamed(sql: &str, values: Vec<Value>) -> (String, Vec<Value>) {
    let mut parts = sql.split('$');
    let mut text = String::with_capacity(sql.len());
    text.push_str(parts.next().unwrap_or_default());
    let mut met = Vec::with_capacity(values.len());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let place = part[..digits].parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match place.filter(|place| *place < values.len()) {
            Some(place) => {
                met.push(place);
                text.push('?');
                text.push_str(&part[digits..]);
            }
            None => {
                text.push('$');
                text.push_str(part);
            }
        }
    }
    let in_order = met.iter().copied().eq(0..values.len());
    let values = if in_order { values } else { met.iter().map(|place| values[*place].clone()).collect() };
    (text, values)
}

/// Splits ids into statements: the text around `{ids}` with as many as one statement may have.
pub(crate) fn id_batches<'a>(
    template: &'a str,
    shared: &'a [Value],
    ids: impl IntoIterator<Item = Value, IntoIter: Send + 'a>,
) -> Batches<'a> {
    split(shared, ids.into_iter().map(|id| [id]), move |size| {
        template.replacen("{ids}", &list_text(size, shared.len() + 1), 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unnamed_parameters_follow_the_text() {
        let given = [1, 2, 3, 4].map(sea_orm::Value::from);
        let (text, met) =
            unnamed("UPDATE t SET a = $2, b = $2 FROM (VALUES ($3),($4)) v WHERE c = $1", given.to_vec());
        assert_eq!(text, "UPDATE t SET a = ?, b = ? FROM (VALUES (?),(?)) v WHERE c = ?");
        assert_eq!(met, values![2, 2, 3, 4, 1]);
    }
}
