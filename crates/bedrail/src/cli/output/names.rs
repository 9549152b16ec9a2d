//! Names of components as text.

use std::io::{self, Write};

use bedrail_app::names::{ConfirmedName, Exact, OfRelease, Rejudged};
use bedrail_model::text::harmless;

use crate::web::words::{count, number};

/// Proposals shown for one name.
const SHOWN: usize = 3;

fn from(supplier: Option<&str>) -> String {
    supplier.map(|it| format!(" from {}", harmless(it))).unwrap_or_default()
}

fn is(it: &ConfirmedName) -> String {
    match &it.identifier {
        Some(identifier) => harmless(identifier).into_owned(),
        None => format!("none of {}", harmless(&it.declined.join(", "))),
    }
}

pub(crate) fn write_list(said: &[ConfirmedName], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", count(said.len() as u64, "name"))?;
    for it in said {
        let (name, author) = (harmless(&it.name), harmless(&it.author));
        let day = it.decided.to_zoned(jiff::tz::TimeZone::UTC).date();
        writeln!(out, "{name}{} is {} ({author}, {day})", from(it.supplier.as_deref()), is(it))?;
    }
    Ok(())
}

pub(crate) fn write_open(found: &OfRelease, out: &mut dyn Write) -> io::Result<()> {
    let with = found.open.iter().filter(|row| !row.proposals.is_empty()).count() as u64;
    writeln!(
        out,
        "{} without an identifier in {}; for {} of them something is proposed. Until a person says what a name means it is told as “cannot tell”.",
        count(found.open.len() as u64, "name"),
        harmless(&found.release),
        number(with)
    )?;
    for row in &found.open {
        let versions = row.versions.join(", ");
        let version = if versions.is_empty() { "without a version" } else { &versions };
        let (name, supplier) = (harmless(&row.name), from(row.supplier.as_deref()));
        let (releases, makers) = (count(row.reach.releases, "release"), count(row.reach.makers, "maker"));
        writeln!(out, "\n{name}{supplier} ({}), in at most {releases} of {makers}", harmless(version))?;
        if row.proposals.is_empty() {
            writeln!(out, "  nothing in the data is called so")?;
        }
        for it in row.proposals.iter().take(SHOWN) {
            let identifier = it.unversioned().map(|it| it.to_string()).unwrap_or_default();
            writeln!(out, "  {}  ({})", harmless(&identifier), it.confidence.words())?;
        }
        if row.proposals.len() > SHOWN {
            writeln!(out, "  and {} more", number((row.proposals.len() - SHOWN) as u64))?;
        }
        if let Some(said) = &row.declined {
            writeln!(out, "  {}", is(said))?;
        }
    }
    for it in &found.named {
        let name = harmless(&it.said.name);
        writeln!(out, "\n{name}{} is {}", from(it.said.supplier.as_deref()), is(&it.said))?;
    }
    Ok(())
}

pub(crate) fn write_exact(exact: &[Exact], yes: bool, out: &mut dyn Write) -> io::Result<()> {
    let hint = if yes || exact.is_empty() { "" } else { "; --yes confirms them" };
    writeln!(
        out,
        "{} of one package or product with the same supplier{hint}",
        count(exact.len() as u64, "name")
    )?;
    for it in exact {
        let name = harmless(&it.name);
        writeln!(out, "{name}{} is {}", from(it.supplier.as_deref()), harmless(&it.identifier))?;
    }
    Ok(())
}

pub(crate) fn write_done(done: &Rejudged, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "Remembered. {} judged again: {} findings opened or changed, {} closed.",
        count(done.releases, "release"),
        number(done.opened),
        number(done.closed)
    )
}
