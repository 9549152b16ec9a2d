//! Alerts as text: the queue, an item, sources, policies, the account.

use std::io::{self, Write};

use bedrail_app::alerts::Source;
use bedrail_app::alerts::policy::Policy;
use bedrail_app::alerts::prove::{OfWard, Proof, Spread, Verdict};
use bedrail_app::alerts::receive::Receipt;
use bedrail_app::alerts::short;
use bedrail_app::alerts::work::{Detail, Item, Queue};
use bedrail_model::text::{harmless, harmless_lines};
use jiff::Timestamp;

use super::alert_desk::due;
use super::grid::{Text, Tone, grid};
use super::words;
use crate::cli::terminal::Look;
use crate::rank;
use crate::web::views::alerts::SHIFTS;

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn thousands(value: u64) -> String {
    words::thousands(value)
}

pub(crate) fn write_queue(queue: &Queue, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let open: Vec<String> = queue
        .open
        .iter()
        .filter(|(_, items)| *items > 0)
        .map(|(when, items)| format!("{} {}", thousands(*items), rank::alert(*when)))
        .collect();
    let open =
        if open.is_empty() { "nothing is open".to_owned() } else { format!("open: {}", open.join(", ")) };
    writeln!(out, "{} of {} shown; {open}.", queue.page.rows.len(), thousands(queue.page.total))?;
    if queue.page.rows.is_empty() {
        return Ok(());
    }
    let rows = queue.page.rows.iter().map(|it| {
        let name = it.rule.1.as_deref().unwrap_or(&it.rule.0);
        let device = match (&it.device, it.address) {
            (Some((_, name)), _) => name.clone(),
            (None, Some(address)) => format!("{address}, unknown device"),
            (None, None) => "unknown device".to_owned(),
        };
        let has = match (&it.closed, &it.taken) {
            (Some(closed), _) => format!("closed: {}", closed.reason.words()),
            (None, Some((owner, _))) => owner.clone(),
            (None, None) => "nobody".to_owned(),
        };
        let tone = if it.late { Tone::Urgent } else { Tone::Plain };
        vec![
            Text::lines([rank::alert(it.when).to_owned(), due(it)], tone),
            Text::lines([name.to_owned(), it.id.to_string()], Tone::Plain),
            Text::lines(
                [device, it.attacker.as_ref().map_or(String::new(), |from| format!("from {from}"))],
                Tone::Plain,
            ),
            Text::toned(outcome(it), Tone::Plain),
            Text::toned(thousands(it.events.0), Tone::Number),
            Text::from(has),
        ]
    });
    write!(out, "{}", grid(&["when", "alert", "device", "outcome", "events", "who"], rows, look))
}

fn outcome(it: &Item) -> &'static str {
    it.outcome.code()
}

pub(crate) fn write_item(detail: &Detail, out: &mut dyn Write) -> io::Result<()> {
    let it = &detail.item;
    let name = it.rule.1.as_deref().unwrap_or(&it.rule.0);
    writeln!(out, "{} ({}), from {}", harmless(name), harmless(&it.rule.0), harmless(&it.source.1))?;
    writeln!(
        out,
        "outcome: {}; severity by its author: {}; {}",
        outcome(it),
        it.severity,
        rank::alert(it.when)
    )?;
    match (&it.device, it.address) {
        (Some((id, name)), _) => writeln!(out, "device: {} ({id})", harmless(name))?,
        (None, Some(address)) => {
            writeln!(out, "device: unknown, at {address}: work for the inventory")?;
        }
        (None, None) => writeln!(out, "device: unknown")?,
    }
    if let Some(attacker) = &it.attacker {
        writeln!(out, "other side: {}", harmless(attacker))?;
    }
    if !it.path.is_empty() {
        writeln!(out, "path, as a class: {}", harmless(&it.path))?;
    }
    writeln!(
        out,
        "{} from {} to {}; opened {}{}",
        words::count(it.events.0, "event", "events"),
        minute(it.span.0),
        minute(it.span.1),
        minute(it.opened),
        if it.reopened > 0 { format!(", again {} times", it.reopened) } else { String::new() }
    )?;
    match (&it.closed, &it.taken) {
        (Some(closed), _) => {
            let (by, sentence) = (harmless(&closed.by), harmless(&closed.sentence));
            writeln!(out, "closed by {by} at {}: {} — {sentence}", minute(closed.at), closed.reason.words())?;
        }
        (None, Some((owner, _))) => writeln!(out, "{} has it; {}", harmless(owner), due(it))?,
        (None, None) => writeln!(out, "nobody has it; {}", due(it))?,
    }
    if it.closed.is_none() && !it.is_own {
        writeln!(out, "why {}: {}", rank::alert(detail.why.when()), rank::alert_sentence(&detail.why))?;
    }
    writeln!(out, "number: {}", short::of(it.id))?;
    if let Some(decision) = &it.decision {
        let (by, sentence) = (harmless(&decision.by), harmless(&decision.sentence));
        writeln!(out, "{by} at {}: {}. {sentence}", minute(decision.at), decision.verdict.words())?;
    }
    for link in &detail.links {
        writeln!(out, "belongs to {}: {}", link.kind.words(), harmless(&link.text))?;
    }
    for step in &detail.steps {
        let text = harmless_lines(&step.text);
        writeln!(out, "{}  {}  {}: {text}", minute(step.at), step.kind, harmless(&step.who))?;
    }
    if !detail.events.is_empty() {
        writeln!(out, "\nnewest events:")?;
    }
    for event in &detail.events {
        let side = |address: Option<std::net::IpAddr>, port: Option<u16>| match (address, port) {
            (Some(address), Some(port)) => std::net::SocketAddr::new(address, port).to_string(),
            (Some(address), None) => address.to_string(),
            (None, _) => "?".to_owned(),
        };
        writeln!(
            out,
            "{}  {} -> {}  sha256 {}",
            event.at(),
            side(event.from, event.from_port),
            side(event.to, event.to_port),
            event.original
        )?;
    }
    if detail.events_missing {
        writeln!(out, "There are more events than are shown; older ones may be kept no longer.")?;
    }
    Ok(())
}

pub(crate) fn write_receipt(receipt: &Receipt, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{}: {}, {}, {} no alerts, {} not understood.",
        words::count(receipt.lines, "line", "lines"),
        words::count(receipt.events, "event", "events"),
        words::count(receipt.counters, "reading of counters", "readings of counters"),
        thousands(receipt.no_alerts),
        thousands(receipt.not_understood)
    )?;
    for (reason, lines) in &receipt.reasons {
        writeln!(out, "  not understood, {reason}: {}", thousands(*lines))?;
    }
    let opened = words::count(receipt.opened, "item", "items");
    writeln!(out, "{opened} opened, {} came again.", thousands(receipt.reopened))
}

pub(crate) fn write_sources(all: &[Source], look: Look, out: &mut dyn Write) -> io::Result<()> {
    if all.is_empty() {
        return writeln!(out, "No source was added; `bedrail alerts add-source --name …` adds one.");
    }
    let rows = all.iter().map(|it| {
        let settings = &it.settings;
        let kind = settings.kind.map_or("told line by line", bedrail_model::alert::SourceKind::code);
        let state = match (&it.trouble, it.silent) {
            (Some((text, _)), _) => Text::toned(text.clone(), Tone::Urgent),
            (None, true) => Text::toned("silent", Tone::Urgent),
            (None, false) if it.is_watched() => Text::from("fine"),
            (None, false) => Text::from("not known: how long it may be silent is not set"),
        };
        let follows = settings.path.clone().unwrap_or_default();
        vec![
            Text::lines([settings.name.clone(), it.id.to_string()], Tone::Plain),
            Text::lines([kind.to_owned(), follows], Tone::Plain),
            Text::from(it.heard.map_or("nothing yet".to_owned(), minute)),
            Text::toned(format!("{} days", settings.keep_days), Tone::Number),
            state,
        ]
    });
    write!(out, "{}", grid(&["source", "kind", "heard", "kept", "state"], rows, look))
}

pub(crate) fn write_policies(all: &[Policy], look: Look, out: &mut dyn Write) -> io::Result<()> {
    if all.is_empty() {
        return writeln!(out, "No policy was written; every item is looked at.");
    }
    let rows = all.iter().map(|it| {
        let state = if it.in_force { format!("until {}", minute(it.expires)) } else { "ended".to_owned() };
        let only = [
            it.new.attacker.as_ref().map(|from| format!("from {from}")),
            it.new.path.clone(),
            it.new.not_stopped.then(|| "also what was not stopped".to_owned()),
        ];
        vec![
            Text::lines([it.new.name.clone(), it.id.to_string()], Tone::Plain),
            Text::lines([it.new.rule.clone()].into_iter().chain(only.into_iter().flatten()), Tone::Plain),
            Text::lines([it.new.reason.words().to_owned(), it.new.sentence.clone()], Tone::Plain),
            Text::lines([it.approved.1.clone(), state], Tone::Plain),
        ]
    });
    write!(out, "{}", grid(&["policy", "closes rule", "why", "by"], rows, look))
}

pub(crate) fn write_account(proof: &Proof, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let (from, to) = (proof.period.from, proof.period.to);
    writeln!(
        out,
        "{from} to {to} (UTC): {} received, {} accounted for{}",
        words::count(proof.events_in, "event", "events"),
        thousands(proof.events_accounted),
        match proof.verdict() {
            Verdict::Whole => ": all of them.",
            Verdict::NotAllCame => ": all that came, and NOT ALL CAME, see below.",
            Verdict::NothingCame => ". Nothing came: whether anything happened is not known.",
            Verdict::Wrong => ". THEY DIFFER.",
        }
    )?;
    for it in &proof.by_disposition {
        let policy = if it.by_policy { ", by a written policy" } else { "" };
        let items = words::count(it.items, "item", "items");
        writeln!(out, "  {}{policy}: {} in {items}", it.code, words::count(it.events, "event", "events"))?;
    }
    if !proof.sources.is_empty() {
        let rows = proof.sources.iter().map(|it| {
            let says = match (it.source_reported, it.difference()) {
                (Some(says), Some(0)) => format!("{}, all came", thousands(says)),
                (Some(says), Some(missing)) if missing > 0 => {
                    format!("{}, {missing} of them did not come", thousands(says))
                }
                (Some(says), more) => format!("{}, {} more came", thousands(says), -more.unwrap_or(0)),
                (None, _) => "nothing of itself".to_owned(),
            };
            let more = [
                it.source_lost
                    .filter(|lost| *lost > 0)
                    .map(|lost| format!("lost by itself: {}", thousands(lost))),
                (it.lies > 0).then(|| format!("its counters went back {} times", it.lies)),
                (it.gaps > 0).then(|| format!("{} files lost before they were read", it.gaps)),
                it.missed.map(|missed| format!("missing by their numbers: {}", thousands(missed))),
            ];
            vec![
                Text::from(it.source.1.clone()),
                Text::toned(thousands(it.lines.all()), Tone::Number),
                Text::toned(thousands(it.events_in), Tone::Number),
                Text::toned(thousands(it.events_accounted), Tone::Number),
                Text::toned(thousands(it.lines.not_understood), Tone::Number),
                Text::lines([says].into_iter().chain(more.into_iter().flatten()), Tone::Plain),
            ]
        });
        let header = ["source", "lines", "events", "accounted", "not understood", "it says"];
        write!(out, "{}", grid(&header, rows, look))?;
    }
    for (reason, lines) in &proof.reasons {
        writeln!(out, "not understood, {reason}: {}", thousands(*lines))?;
    }
    write_wards(&proof.wards, out)?;
    write_spread("taken", &proof.times.taking, out)?;
    write_spread("decided", &proof.times.deciding, out)?;
    write_spread("closed", &proof.times.closing, out)?;
    for (who, taken, closed) in &proof.times.by_person {
        writeln!(out, "{}: {taken} taken, {closed} closed", harmless(who))?;
    }
    for (shift, (taken, closed)) in SHIFTS.iter().zip(proof.times.by_shift) {
        if taken + closed > 0 {
            writeln!(out, "{shift}: {taken} taken, {closed} closed")?;
        }
    }
    for it in &proof.shifts {
        let [taken, decided, closed] = it.done;
        let (who, shift) = (harmless(&it.who), it.shift.code());
        writeln!(out, "{who}, {shift} shift: {taken} taken, {decided} decided, {closed} closed")?;
    }
    for it in &proof.pauses {
        let hours = it.lasted / 3_600_000_000;
        let items = words::count(it.items, "item", "items");
        writeln!(out, "clocks stood still for {}: {} times, {items}, {hours} h", it.reason, it.pauses)?;
    }
    Ok(())
}

fn write_wards(wards: &[OfWard], out: &mut dyn Write) -> io::Result<()> {
    for it in wards {
        let place = match &it.place {
            None => "of no known device".to_owned(),
            Some((site, ward)) if site.is_empty() && ward.is_empty() => "no ward is said".to_owned(),
            Some((site, ward)) => [site, ward].map(|it| harmless(it).into_owned()).join(" "),
        };
        let events = words::count(it.events, "event", "events");
        writeln!(out, "{}: {events} in {}", place.trim(), words::count(it.items, "item", "items"))?;
    }
    Ok(())
}

fn write_spread(what: &str, it: &Spread, out: &mut dyn Write) -> io::Result<()> {
    if it.count == 0 {
        return Ok(());
    }
    let time = |seconds: i64| match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    };
    writeln!(
        out,
        "{what}: {} times; half within {}, nine of ten within {}, {} too late",
        thousands(it.count),
        time(it.p50),
        time(it.p90),
        thousands(it.missed)
    )
}
