//! People of the workforce, what is asked of them, policies, and attempts at quizzes. What is asked of thousands is written by one
//! statement for each duty, never person by person.

pub mod duties;
pub mod links;
pub mod night;
pub mod policies;
pub mod roster;
pub mod training;

use jiff::civil::Date;
use sea_orm::QueryResult;

use crate::Error;
use crate::sql::{code, get};

/// A stored day.
fn day(row: &QueryResult, index: usize) -> Result<Date, Error> {
    code("a day", &get::<String>(row, index)?, |text| text.parse().ok())
}

/// A stored day, where there is one.
fn some_day(row: &QueryResult, index: usize) -> Result<Option<Date>, Error> {
    get::<Option<String>>(row, index)?.map(|text| code("a day", &text, |text| text.parse().ok())).transpose()
}

fn count(row: &QueryResult, index: usize) -> Result<u64, Error> {
    Ok(u64::try_from(get::<i64>(row, index)?).unwrap_or_default())
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Lines of a text, without empty ones.
fn lines(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
