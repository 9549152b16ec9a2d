//! The law-enforcement delay (45 CFR 164.412).

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::ORAL_HOLD_DAYS;

/// In which form law enforcement asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In writing, with a time.
    Written,
    /// By word of mouth.
    Oral,
}

/// A statement of law enforcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its form.
    pub form: Form,
    /// Its day.
    pub on: Date,
    /// The first day on which notice is allowed again, as a written one states.
    pub hold_until: Option<Date>,
    /// Whether statement and official are documented. An oral one without is no delay.
    pub documented: bool,
}

impl Statement {
    /// The first day on which notice is allowed again. `None` where it delays nothing: an oral one that is not documented, a
    /// written one without its time.
    pub fn until(&self) -> Option<Date> {
        match self.form {
            Form::Written => self.hold_until,
            Form::Oral => self.documented.then(|| self.on.saturating_add(ORAL_HOLD_DAYS.days())),
        }
    }
}

/// The first day on which notice is allowed again after all statements. A written one that follows an oral one within its
/// 30 days takes its place, be it shorter or longer.
pub(super) fn until(statements: &[Statement]) -> Option<Date> {
    let superseded = |oral: &Statement| {
        oral.form == Form::Oral
            && statements.iter().any(|it| {
                it.form == Form::Written
                    && it.until().is_some()
                    && oral.on <= it.on
                    && oral.until().is_some_and(|end| it.on <= end)
            })
    };
    statements.iter().filter(|it| !superseded(it)).filter_map(Statement::until).max()
}
