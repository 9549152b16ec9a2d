//! Which devices face the outside, as text.

use std::io::{self, Write};

use bedrail_app::exposure::{
    DeviceReach, ExposureList, ExposureReport, LooseAddress, ReachRow, SeenPiece, ago, what,
};
use bedrail_model::exposure::Vantage;
use bedrail_model::text::harmless;

use super::grid::{Text, Tone, grid};
use super::{inspection, words};
use crate::cli::terminal::Look;

/// Addresses listed of each kind.
const ADDRESSES: usize = 20;

/// "yes, high confidence".
pub(crate) fn in_short(reach: &DeviceReach) -> String {
    let confidence = reach.judged.confidence.map(|it| format!(", {}", it.words())).unwrap_or_default();
    let contradicted = if reach.judged.contradicted { ", the list says otherwise" } else { "" };
    format!("{}{confidence}{contradicted}", reach.judged.exposure.sentence())
}

pub(crate) fn write_report(report: &ExposureReport, out: &mut dyn Write) -> io::Result<()> {
    let pieces = words::count(report.pieces, "piece of evidence", "pieces of evidence");
    let devices = words::count(report.joined.len() as u64, "device", "devices");
    let state = match (report.dry_run, report.unchanged) {
        (true, _) => "; nothing was stored",
        (false, true) => "; it is held already, nothing changed",
        (false, false) => "",
    };
    writeln!(out, "{}: {pieces} on {devices}{state}.", report.format)?;
    if report.pieces == 0 {
        writeln!(out, "Nothing in it answers. That is no evidence that nothing can be reached.")?;
    }
    if report.vantage == Vantage::Unknown && report.format.starts_with("nmap") {
        writeln!(out, "Nobody said from where it was scanned: --from outside or --from inside says it.")?;
    }
    for it in &report.joined {
        let seen = words::count(it.pieces, "piece", "pieces");
        let known = match (it.firm, it.is_new, it.is_contradicted()) {
            (0, ..) => "too weak to decide",
            (_, _, true) => "it faces the outside, and the device list says otherwise",
            (_, true, false) => "it faces the outside; nobody had said so",
            (_, false, false) => "it faces the outside, as was known",
        };
        writeln!(out, "  {}: {seen}; {known}", harmless(&it.name))?;
    }
    write_loose(
        "Addresses of several devices: it is nobody's until the list is put right",
        &report.several,
        out,
    )?;
    write_loose("Addresses of no device in the list: unknown devices", &report.unknown, out)?;
    write_loose("Addresses of the border that a NAT list hands on", &report.handed_on, out)?;
    inspection::write_remarks(&report.warnings, out)
}

fn write_loose(title: &str, addresses: &[LooseAddress], out: &mut dyn Write) -> io::Result<()> {
    if addresses.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}: {}", words::thousands(addresses.len() as u64))?;
    for it in addresses.iter().take(ADDRESSES) {
        let inside = it.inside.map(|inside| format!(", handed on to {inside}")).unwrap_or_default();
        let names: Vec<&str> = it.devices.iter().map(|(_, name)| name.as_str()).collect();
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        let pieces = words::count(it.pieces, "piece", "pieces");
        writeln!(out, "  {}{inside} ({pieces}){}", it.address, harmless(&names))?;
    }
    if addresses.len() > ADDRESSES {
        writeln!(out, "  and {} more", words::thousands((addresses.len() - ADDRESSES) as u64))?;
    }
    Ok(())
}

pub(crate) fn write_list(list: &ExposureList, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let totals = list.totals;
    writeln!(
        out,
        "{} the outside: {} seen, {} of them although the device list says otherwise. Of {} nobody has said or seen it.",
        match totals.outside {
            1 => "1 device faces".to_owned(),
            more => format!("{} devices face", words::thousands(more)),
        },
        words::thousands(totals.seen),
        words::thousands(totals.contradicted),
        words::thousands(totals.cannot_tell)
    )?;
    if !list.devices.rows.is_empty() {
        let header = ["Device", "Release", "Judged", "Because"];
        let row = |row: &ReachRow| {
            let facts = &row.facts;
            let tone = if row.reach.judged.contradicted { Tone::Attention } else { Tone::Plain };
            vec![
                Text::from(row.name.as_str()),
                Text::from(words::joined(&[&facts.maker, &facts.model, &facts.version], " ")),
                Text::toned(in_short(&row.reach), tone),
                Text::from(row.reach.judged.sentence.as_str()),
            ]
        };
        write!(out, "\n{}", grid(&header, list.devices.rows.iter().map(row), look))?;
    }
    let shown = list.devices.rows.len() as u64;
    if shown < list.devices.total {
        writeln!(out, "… and {} more (--limit)", words::thousands(list.devices.total - shown))?;
    }
    write_loose(
        "Addresses of several devices: it is nobody's until the list is put right",
        &list.several,
        out,
    )?;
    write_loose("Addresses of no device in the list: unknown devices", &list.unknown, out)?;
    if !list.files.is_empty() {
        writeln!(out, "\nFiles")?;
    }
    for it in &list.files {
        let state = match &it.removed {
            Some((at, by)) => format!("removed {} by {}", words::day(*at), harmless(by)),
            None => words::count(it.pieces, "piece of evidence", "pieces of evidence"),
        };
        let (name, day) = (harmless(&it.name), words::day(it.received));
        writeln!(
            out,
            "  {}  {name} ({}, looked from {}, {day}): {state}",
            it.id,
            it.format,
            it.vantage.code()
        )?;
    }
    Ok(())
}

pub(crate) fn write_device(row: &ReachRow, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}.", harmless(&row.name), in_short(&row.reach))?;
    writeln!(out, "{}", harmless(&row.reach.judged.sentence))?;
    let by = row.reach.declared_by.as_deref().map(|by| format!(" ({by})")).unwrap_or_default();
    writeln!(out, "Declared: {}{}", row.reach.declared.sentence(), harmless(&by))?;
    row.reach.evidence.iter().try_for_each(|it| writeln!(out, "  {}", harmless(&piece(it))))
}

/// A piece of evidence in a line.
fn piece(it: &SeenPiece) -> String {
    let evidence = &it.evidence;
    let via = match (evidence.inside, it.via) {
        (Some(inside), _) => format!(" is handed on to {}", inside.address),
        (None, Some(inside)) => format!(" answers, handed on to {inside}"),
        (None, None) => " answers".to_owned(),
    };
    let when = match evidence.seen {
        Some(_) => format!("seen {}", ago(it.age)),
        None => format!("received {}", ago(it.age)),
    };
    let weak = if it.decides { "" } else { "; decides nothing" };
    format!(
        "{}{via}; {when}; {}{weak}: {} ({}, {}, {})",
        what(evidence),
        it.confidence.words(),
        evidence.why,
        evidence.source.words(),
        it.file_name,
        it.place
    )
}
