//! How good a bill of materials is, and what changed from one to another, for people.

use std::io::{self, Write};

use bedrail_app::bills::{BillQuality, Change, Comparison, Direction, SETS, Standing};
use bedrail_app::support::SupportOf;
use bedrail_model::answer::Answer;
use bedrail_model::text::harmless;

use crate::bill_letter::title;
use crate::web::words::{count, number};

/// Components named for one element; the letter and the JSON have all of them.
const NAMED: usize = 5;

/// Writes what a bill lacks; the first line is the answer.
pub(crate) fn write_quality(quality: &BillQuality, out: &mut dyn Write) -> io::Result<()> {
    let (report, inventory) = (&quality.report, &quality.inventory);
    let whole: Vec<&str> =
        SETS.iter().filter(|set| report.counts(set).lacking == 0).map(|set| set.title).collect();
    let answer = match whole.len() {
        0 => "lacks something by every element set".to_owned(),
        n if n == SETS.len() => "lacks nothing that its format can say".to_owned(),
        _ => format!("lacks nothing that its format can say by {}", whole.join(" and ")),
    };
    writeln!(
        out,
        "{}: the bill of materials of {} {answer}.",
        harmless(&quality.release),
        count(report.components as u64, "component")
    )?;
    for set in &SETS {
        let counts = report.counts(set);
        writeln!(
            out,
            "\n{}: {} of {} whole, {} lacking, {} not told",
            set.title,
            counts.whole,
            set.elements.len(),
            counts.lacking,
            counts.cannot_tell
        )?;
        for (element, name) in set.elements {
            match report.of(*element) {
                Standing::Whole => writeln!(out, "  whole    {name}")?,
                Standing::Lacking => writeln!(out, "  lacking  {name}")?,
                Standing::CannotTell(why) => writeln!(out, "  not told {name}: {why}")?,
                Standing::LackingOn(lacking) => {
                    let named: Vec<String> =
                        lacking.iter().take(NAMED).map(|at| title(inventory, *at)).collect();
                    let more = if lacking.len() > NAMED { ", …" } else { "" };
                    let (some, all) = (number(lacking.len() as u64), number(report.components as u64));
                    writeln!(out, "  lacking  {name}: on {some} of {all}: {}{more}", named.join(", "))?;
                }
            }
        }
    }
    if !report.odd_licences.is_empty() {
        writeln!(out, "\nLicences that are no SPDX expression")?;
        for (licence, bearers) in &report.odd_licences {
            writeln!(out, "  {}: {}", harmless(licence), count(bearers.len() as u64, "component"))?;
        }
    }
    for (component, statement) in &report.gaps {
        let of = component.map_or("the whole product".to_owned(), |at| title(inventory, at));
        writeln!(out, "\nThe document says itself that {of} is not fully listed: {}", harmless(statement))?;
    }
    if report.losses > 0 {
        writeln!(
            out,
            "\n{} could not be read: `bedrail sbom inspect` says which.",
            count(report.losses as u64, "thing")
        )?;
    }
    write_support(quality, out)
}

/// Writes until when the components are supported.
fn write_support(quality: &BillQuality, out: &mut dyn Write) -> io::Result<()> {
    let inventory = &quality.inventory;
    let report = match &quality.support {
        SupportOf::NoList => {
            return writeln!(out, "\nEnd of support: no list is held (`bedrail db support FOLDER`).");
        }
        SupportOf::Damaged(why) => return writeln!(out, "\nEnd of support: not told: {}", harmless(why)),
        SupportOf::Told(report) => report,
    };
    let (ended, ending) = (report.ended(), report.ending());
    writeln!(
        out,
        "\nEnd of support: ended for {}, announced for {}, open for {}, not known of {}",
        count(ended.len() as u64, "component"),
        number(ending.len() as u64),
        number(report.open() as u64),
        number(report.not_known().iter().map(|(_, many)| *many as u64).sum())
    )?;
    for (at, day, grounds) in ended {
        let day = day.map_or_else(|| "a day not told".to_owned(), |day| day.to_string());
        let (title, of) = (title(inventory, at), harmless(&grounds.product));
        writeln!(out, "  ended    {title}: {of} {} on {day}", harmless(&grounds.cycle))?;
    }
    for (at, day, grounds) in ending {
        let (title, of) = (title(inventory, at), harmless(&grounds.product));
        writeln!(out, "  ends     {title}: {of} {} on {day}", harmless(&grounds.cycle))?;
    }
    for (why, many) in report.not_known() {
        writeln!(out, "  not told {}: {}", count(many as u64, "component"), why.words())?;
    }
    Ok(())
}

/// Writes what changed; the first line is the answer.
pub(crate) fn write_comparison(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let (before, after) = (&comparison.before, &comparison.after);
    writeln!(
        out,
        "From {} to {}: {}",
        harmless(&before.name),
        harmless(&after.name),
        crate::web::views::bill::headline(comparison)
    )?;
    for change in &comparison.bill.changes {
        match change {
            Change::Version { before: old, after: new, direction } => {
                let version =
                    |text: &Option<String>| harmless(text.as_deref().unwrap_or("no version")).into_owned();
                let (old, new) = (before.inventory.component(*old), after.inventory.component(*new));
                let mark = match direction {
                    Direction::Up => "up",
                    Direction::Down => "DOWN",
                    Direction::Same => "same",
                    Direction::Unknown => "changed",
                };
                let name = harmless(&new.name);
                writeln!(out, "  {mark:<8} {name} {} > {}", version(&old.version), version(&new.version))?;
            }
            Change::Added(at) => writeln!(out, "  added    {}", title(&after.inventory, *at))?,
            Change::Removed(at) => writeln!(out, "  removed  {}", title(&before.inventory, *at))?,
        }
    }
    if !comparison.judged() {
        return Ok(());
    }
    let word = |answer: Answer| if answer == Answer::Affected { "affected" } else { "cannot tell" };
    for (id, answer) in &comparison.new {
        writeln!(out, "  new      {} ({})", harmless(id), word(*answer))?;
    }
    for (id, answer) in &comparison.gone {
        writeln!(out, "  gone     {} ({})", harmless(id), word(*answer))?;
    }
    for (id, old, new) in &comparison.changed {
        writeln!(out, "  now      {} ({}, was {})", harmless(id), word(*new), word(*old))?;
    }
    Ok(())
}
