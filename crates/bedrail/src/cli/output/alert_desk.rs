//! The desk of alerts as text: the list to print, the rota.

use std::io::{self, Write};

use bedrail_app::alerts::rota::{RUNGS, Rota, clock_text, day_name};
use bedrail_app::alerts::short;
use bedrail_app::alerts::work::{Item, Queue, Step};
use bedrail_app::priority::When;
use bedrail_model::text::harmless;
use jiff::Timestamp;

use crate::rank;

/// Columns of a sheet of paper: A4 and Letter in a 12-point typewriter face.
const WIDTH: usize = 78;

pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// What is due next, and when.
pub(crate) fn due(it: &Item) -> String {
    if let Some(until) = it.paused_until.filter(|_| it.closed.is_none()) {
        return format!("clocks stand still until {}", minute(until));
    }
    let Some((step, at)) = it.next() else { return String::new() };
    let what = match step {
        Step::Acknowledge => "take",
        Step::Decide => "decide",
        Step::Close => "close",
    };
    format!("{what} by {}", minute(at))
}

/// Cuts a text to fit a line.
fn fitting(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// The list as it fits paper: by when to act, each with a box to tick and the number to type back in.
pub(crate) fn write_paper(queue: &Queue, out: &mut dyn Write) -> io::Result<()> {
    let (shown, total) = (queue.page.rows.len(), queue.page.total);
    writeln!(
        out,
        "{shown} of {total} alerts. Tick, and type the number back in: bedrail alerts show NUMBER"
    )?;
    for when in When::ALL.into_iter().rev() {
        let rows: Vec<&Item> = queue.page.rows.iter().filter(|it| it.when == when).collect();
        if rows.is_empty() {
            continue;
        }
        writeln!(out, "\n{} ({})", rank::alert(when).to_uppercase(), rows.len())?;
        for it in rows {
            let name = harmless(it.rule.1.as_deref().unwrap_or(&it.rule.0));
            writeln!(out, "[ ] {}  {}", short::of(it.id), fitting(&name, WIDTH - 17))?;
            let device = match (&it.device, it.address) {
                (Some((_, name)), _) => harmless(name).into_owned(),
                (None, Some(address)) => format!("{address}, unknown device"),
                (None, None) => "unknown device".to_owned(),
            };
            let who = it.taken.as_ref().map_or("nobody".into(), |(owner, _)| harmless(owner));
            let line = format!("{device}; {}; {who}; {}", it.outcome.code(), due(it));
            writeln!(out, "    {}", fitting(&line, WIDTH - 4))?;
        }
    }
    Ok(())
}

/// The rota.
pub(crate) fn write_rota(rota: &Rota, out: &mut dyn Write) -> io::Result<()> {
    let (person, deputy, why) = &rota.now;
    match person {
        Some(person) => writeln!(out, "{} has duty now. {why}", harmless(person))?,
        None => writeln!(out, "{why}")?,
    }
    if let Some(deputy) = deputy {
        writeln!(out, "deputy: {}", harmless(deputy))?;
    }
    writeln!(out, "zone: {}", rota.zone)?;
    for it in &rota.duties {
        let (from, to) = (clock_text(it.duty.from), clock_text(it.duty.to));
        let deputy = it.deputy.as_deref().map(|name| format!(", deputy {}", harmless(name)));
        let place = [&it.duty.ward, &it.duty.site].into_iter().flatten();
        let place: String = place.map(|text| format!(", {}", harmless(text))).collect();
        writeln!(
            out,
            "{}  {}, {from} to {to}: {}{}{place}",
            it.id,
            day_name(it.duty.weekday),
            harmless(&it.person),
            deputy.unwrap_or_default()
        )?;
    }
    for it in &rota.absences {
        let deputy = it.deputy.as_deref().map(|name| format!(", {} stands in", harmless(name)));
        let (first, last) = (it.absence.first, it.absence.last);
        let person = harmless(&it.person);
        writeln!(out, "{}  away {first} to {last}: {person}{}", it.id, deputy.unwrap_or_default())?;
    }
    for (when, [first, second, last]) in RUNGS {
        writeln!(
            out,
            "{}: told {first}, {second}, {last} minutes before the time for taking is up: on duty, deputy, all",
            rank::alert(when)
        )?;
    }
    writeln!(out, "all again every hour from then on")
}
