//! Vendors, registers and the guide as text.

use std::io::{self, Write};

use bedrail_app::clients::{ClientDetail, ClientLine};
use bedrail_app::guide::Guide;
use bedrail_app::registers::{EntryLine, RegisterLine};
use bedrail_app::vendors::{MakerLine, VendorDetail, VendorLine};
use bedrail_model::text::harmless;

use super::grid::{Text, Tone, grid};
use super::words;
use crate::cli::terminal::Look;

fn number(count: u64) -> Text {
    Text::toned(words::thousands(count), Tone::Number)
}

fn standing(line: &VendorLine) -> Text {
    let tone = if line.bare { Tone::Attention } else { Tone::Plain };
    Text::toned(line.standing.code(), tone)
}

pub(crate) fn write_vendors(rows: &[VendorLine], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let row = |it: &VendorLine| {
        vec![
            Text::from(it.row.name.as_str()),
            standing(it),
            Text::from(it.ends.map(|(day, _)| day.to_string()).unwrap_or_default().as_str()),
            Text::from(it.row.ephi.as_str()),
            Text::from(it.row.associate.as_str()),
            number(it.waiting.0),
            Text::toned(it.row.id.to_string(), Tone::Faint),
        ]
    };
    let header = ["Vendor", "Agreement", "Ends", "ePHI", "Associate", "Open requests", "Id"];
    write!(out, "{}", grid(&header, rows.iter().map(row), look))
}

pub(crate) fn write_vendor(detail: &VendorDetail, out: &mut dyn Write) -> io::Result<()> {
    let line = &detail.line;
    writeln!(
        out,
        "{} ({}): {}",
        harmless(&line.row.name),
        line.standing.code(),
        harmless(&line.row.services)
    )?;
    for it in &detail.agreements {
        let missing = if it.missing.is_empty() {
            "all twelve clauses".to_owned()
        } else {
            format!("missing: {}", it.missing.join(", "))
        };
        let title = harmless(&it.row.title).into_owned();
        writeln!(out, "  Agreement {} ({}), {title}: {missing}", it.row.id, it.standing.code())?;
    }
    for it in &detail.requests {
        let state = match &it.answered {
            Some((on, _)) => format!("answered {on}"),
            None => format!("due {}", it.due),
        };
        writeln!(out, "  Request {} ({}), {}: {state}", it.id, it.kind, harmless(&it.about))?;
    }
    for it in &detail.incidents {
        let due = it
            .notice
            .map_or_else(|| "day of discovery unknown".to_owned(), |it| format!("must tell by {}", it.due()));
        writeln!(out, "  Incident {}: {due}", it.incident.0)?;
    }
    Ok(())
}

pub(crate) fn write_makers(rows: &[MakerLine], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let row = |it: &MakerLine| {
        vec![
            Text::from(it.maker.as_str()),
            number(it.devices),
            number(it.releases),
            number(it.with_bill),
            number(it.asked),
            number(it.answered),
            number(it.late),
            Text::from(it.days.map(|days| days.to_string()).unwrap_or_default().as_str()),
        ]
    };
    let header = ["Maker", "Devices", "Releases", "With a bill", "Asked", "Answered", "Late", "Days"];
    write!(out, "{}", grid(&header, rows.iter().map(row), look))
}

pub(crate) fn write_registers(rows: &[RegisterLine], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let row = |it: &RegisterLine| {
        let reviewed = it
            .reviewed
            .as_ref()
            .map_or_else(|| "never".to_owned(), |(at, _)| at.strftime("%Y-%m-%d").to_string());
        vec![
            Text::from(it.kind.code),
            Text::from(it.kind.name),
            number(it.open),
            number(it.late),
            number(it.entries),
            Text::from(reviewed.as_str()),
            Text::from(it.kind.citation),
        ]
    };
    let header = ["Register", "Name", "Open", "Late", "Entries", "Looked at", "Citation"];
    write!(out, "{}", grid(&header, rows.iter().map(row), look))
}

pub(crate) fn write_entries(rows: &[EntryLine], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let row = |it: &EntryLine| {
        let late = it.left.is_some_and(|left| left < 0);
        let due = it.due.map(|day| day.to_string()).unwrap_or_default();
        vec![
            number(it.number),
            Text::from(it.received.to_string().as_str()),
            Text::toned(due, if late { Tone::Attention } else { Tone::Plain }),
            Text::from(if it.extended { "extended" } else { "" }),
            Text::from(it.outcome.unwrap_or_default()),
            Text::toned(it.id.to_string(), Tone::Faint),
        ]
    };
    let header = ["Number", "Received", "Due", "", "Outcome", "Id"];
    write!(out, "{}", grid(&header, rows.iter().map(row), look))
}

pub(crate) fn write_clients(rows: &[ClientLine], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let row = |it: &ClientLine| {
        let figure = |count: Option<u32>| {
            Text::toned(count.map(|it| it.to_string()).unwrap_or_default(), Tone::Number)
        };
        let signed = it.signed_off.as_ref().map(|note| note.at.strftime("%Y-%m-%d").to_string());
        vec![
            Text::from(it.name.as_str()),
            figure(it.figures.map(|figures| figures.of)),
            figure(it.figures.map(|figures| figures.evidenced)),
            figure(it.figures.map(|figures| figures.overdue)),
            number(it.bare_vendors),
            number(it.late_requests.unwrap_or_default()),
            number(it.tasks.0),
            Text::from(signed.unwrap_or_else(|| "never".to_owned())),
            Text::toned(it.org.to_string(), Tone::Faint),
        ]
    };
    let header = [
        "Client",
        "Asked",
        "Evidenced",
        "Overdue",
        "No agreement",
        "Late requests",
        "Tasks",
        "Signed off",
        "Id",
    ];
    write!(out, "{}", grid(&header, rows.iter().map(row), look))
}

pub(crate) fn write_client(detail: &ClientDetail, out: &mut dyn Write) -> io::Result<()> {
    let line = &detail.line;
    writeln!(out, "{}", harmless(&line.name))?;
    if let Some(figures) = line.figures {
        writeln!(out, "{} asked, {} evidenced, {} overdue", figures.of, figures.evidenced, figures.overdue)?;
    }
    for note in &detail.notes {
        let due = note.due.map(|day| format!(", due {day}")).unwrap_or_default();
        let done = if note.done.is_some() { ", done" } else { "" };
        let day = note.at.strftime("%Y-%m-%d");
        writeln!(out, "  {day} {}{due}{done} ({}): {}", note.kind, note.id, harmless(&note.body))?;
    }
    for date in &detail.dates {
        writeln!(out, "{}  {}", date.day, harmless(&date.what))?;
    }
    Ok(())
}

pub(crate) fn write_guide(guide: &Guide, out: &mut dyn Write) -> io::Result<()> {
    for (number, step) in (1..).zip(&guide.steps) {
        writeln!(
            out,
            "{number}. {} (about {} min; {})\n   {}",
            step.what, step.minutes, step.link, step.why
        )?;
    }
    if guide.steps.is_empty() {
        writeln!(out, "Nothing presses.")?;
    }
    for date in &guide.dates {
        writeln!(out, "{}  {}", date.day, harmless(&date.what))?;
    }
    Ok(())
}
