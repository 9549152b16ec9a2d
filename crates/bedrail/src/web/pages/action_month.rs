//! The month: days on which actions are due, and maintenance windows.

use askama::Template;
use axum::extract::{Query, State as Extract};
use bedrail_app::Error;
use bedrail_app::actions::ActionRow;
use bedrail_app::actions::board::{self, CalendarDay};
use bedrail_app::rights::Right;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;

use super::actions::when_words;
use super::{Page, show};
use crate::web::assets;
use crate::web::draw::month as drawn;
use crate::web::form::blank;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::{self, texts};
use crate::web::words;

#[derive(Template)]
#[template(path = "actions_calendar.html")]
struct CalendarPage {
    frame: Frame,
    headline: String,
    month: String,
    previous: (String, String),
    next: (String, String),
    reading: String,
    wide: String,
    narrow: String,
    rows: Vec<DayView>,
    may_link: bool,
}

struct DayView {
    id: String,
    day: String,
    lines: Vec<LineView>,
}

struct LineView {
    tone: Tone,
    word: &'static str,
    what: String,
    owner: String,
    when: String,
}

/// Which month.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct MonthQuery {
    /// `2026-11`; the present one without it.
    #[serde(deserialize_with = "blank")]
    month: Option<String>,
}

/// Months that the page goes back and on.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// The first day of the month that is asked for.
fn first_of(query: &MonthQuery, now: Timestamp) -> Result<Date, Error> {
    let wrong = || Error::Invalid {
        message: "that is no month".into(),
        hint: Some("a month is written as 2026-03".into()),
    };
    let Some(text) = &query.month else {
        return Ok(now.to_zoned(viewer::rule()).date().first_of_month());
    };
    let day: Date = format!("{}-01", text.trim()).parse().map_err(|_| wrong())?;
    if YEARS.contains(&day.year()) { Ok(day) } else { Err(wrong()) }
}

/// `GET /actions/calendar`
pub(crate) async fn calendar(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<MonthQuery>,
) -> Page {
    let first = first_of(&query, state.now())?;
    let days = board::month(&state.ctx, &frame.visitor.actor(), first, &viewer::rule()).await?;
    show(&view(frame, first, &days, state.now()))
}

fn view(frame: Frame, first: Date, days: &[CalendarDay], now: Timestamp) -> CalendarPage {
    let t = &texts().actions;
    let link = |month: Date| {
        let code = month.strftime("%Y-%m").to_string();
        (Link::to("/actions/calendar").with("month", code).to_string(), month.strftime("%B %Y").to_string())
    };
    let count =
        |of: fn(&CalendarDay) -> &Vec<ActionRow>| days.iter().map(|day| of(day).len() as u64).sum::<u64>();
    let windows: std::collections::BTreeSet<_> =
        days.iter().flat_map(|day| &day.windows).map(|row| row.action.id).collect();
    let month = first.strftime("%B %Y").to_string();
    let (due, windows) = (count(|day| &day.due), windows.len() as u64);
    let cells: Vec<drawn::Cell> = days.iter().map(|day| cell(day, now)).collect();
    CalendarPage {
        headline: (t.month_headline)(&month, due, windows),
        reading: (t.month_reading)(&month, due, windows),
        wide: drawn::grid(&cells, 900.0, true, "wide-only", &month),
        narrow: drawn::grid(&cells, 380.0, false, "narrow-only", &month),
        previous: link(first.saturating_sub(1.months())),
        next: link(first.saturating_add(1.months())),
        rows: days
            .iter()
            .filter(|day| !(day.due.is_empty() && day.windows.is_empty()))
            .map(|day| day_view(day, now))
            .collect(),
        may_link: frame.visitor.may(Right::UseTokens) && frame.visitor.may(Right::ReadCalendar),
        month,
        frame,
    }
}

fn cell(day: &CalendarDay, now: Timestamp) -> drawn::Cell {
    let due = day.due.iter().map(|row| (when_words(row, now).0, row.action.what.clone()));
    let windows = day.windows.iter().map(|row| (Tone::Known, row.action.what.clone()));
    drawn::Cell { day: day.day, lines: due.chain(windows).collect(), anchor: format!("#day-{}", day.day) }
}

fn day_view(day: &CalendarDay, now: Timestamp) -> DayView {
    let t = &texts().actions;
    let due = day.due.iter().map(|row| LineView {
        tone: when_words(row, now).0,
        word: t.due_on,
        what: row.action.what.clone(),
        owner: row.action.owner.clone(),
        when: String::new(),
    });
    let windows = day.windows.iter().map(|row| LineView {
        tone: Tone::Known,
        word: t.window_on,
        what: row.action.what.clone(),
        owner: row.action.owner.clone(),
        when: row
            .action
            .window
            .map(|window| (t.window)(&words::minute(window.from), &words::minute(window.to)))
            .unwrap_or_default(),
    });
    DayView {
        id: format!("day-{}", day.day),
        day: words::civil(day.day),
        lines: due.chain(windows).collect(),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let first = jiff::civil::date(2026, 11, 1);
    let day = |day: i64, due, windows| CalendarDay { day: first.saturating_add(day.days()), due, windows };
    let days: Vec<CalendarDay> = (0..30)
        .map(|at| match at {
            4 => day(at, vec![sample::action(); 5], vec![sample::action()]),
            _ => day(at, Vec::new(), Vec::new()),
        })
        .collect();
    show(&view(sample::frame("/actions/calendar"), first, &days, sample::now()))
}
