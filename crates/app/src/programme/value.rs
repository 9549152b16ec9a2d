//! Values of signals as people type and read them: "yes", "3", "95/100". What is typed is read by the signal's rule.

use bedrail_comply::signal::{Rule, Signal, Value};

use crate::Error;

/// A value in the words that [`read`] takes.
pub(crate) fn write(value: Value) -> String {
    match value {
        Value::Flag(true) => "yes".to_owned(),
        Value::Flag(false) => "no".to_owned(),
        Value::Count(count) => count.to_string(),
        Value::Share { met, of } => format!("{met}/{of}"),
        Value::Days(days) => days.to_string(),
        Value::Hours(hours) => hours.to_string(),
    }
}

/// What is to be typed for a signal.
pub(crate) fn form(signal: &Signal) -> &'static str {
    match signal.rule {
        Rule::Yes | Rule::Applies => "yes or no",
        Rule::NoneLeft | Rule::AtLeastOne => "how many, as 0",
        Rule::AtMostDays(_) => "how many days, as 12",
        Rule::AtMostHours(_) => "how many hours, as 12",
        Rule::AtLeastPercent(..) => "how many of how many, as 95/100",
    }
}

/// The value that a person typed.
///
/// # Errors
/// [`Error::Invalid`] where it is not of the kind that the signal counts.
pub(crate) fn read(signal: &Signal, text: &str) -> Result<Value, Error> {
    let text = text.trim();
    let share = || {
        let (met, of) = text.split_once('/')?;
        let (met, of) = (met.trim().parse().ok()?, of.trim().parse().ok()?);
        (met <= of).then_some(Value::Share { met, of })
    };
    let days = || text.parse::<i64>().ok().filter(|number| *number >= 0);
    let value = match signal.rule {
        Rule::Yes | Rule::Applies => match text.to_ascii_lowercase().as_str() {
            "yes" => Some(Value::Flag(true)),
            "no" => Some(Value::Flag(false)),
            _ => None,
        },
        Rule::NoneLeft | Rule::AtLeastOne => text.parse().ok().map(Value::Count),
        Rule::AtMostDays(_) => days().map(Value::Days),
        Rule::AtMostHours(_) => days().map(Value::Hours),
        Rule::AtLeastPercent(..) => share(),
    };
    value.ok_or_else(|| Error::Invalid {
        message: format!("{text:?} says nothing of {}: {}", signal.id, signal.how),
        hint: Some(format!("type {}", form(signal))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_not_a_value_is_refused() {
        for (id, good, bad) in [
            ("role.designation_document", "yes", "perhaps"),
            ("site.plan_missing", "0", "-1"),
            ("evaluation.age_days", "12", "12 days"),
            ("recovery.rto_actual_hours", "70", "x"),
            ("workstation.class_set_pct", "9/10", "11/10"),
        ] {
            let signal = Signal::of(id).unwrap();
            assert_eq!(write(read(signal, good).unwrap()), good, "{id}");
            let Err(Error::Invalid { hint: Some(_), .. }) = read(signal, bad) else { panic!("{id}: {bad}") };
        }
    }
}
