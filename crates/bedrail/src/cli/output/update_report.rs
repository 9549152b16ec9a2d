//! What an update of the vulnerability data did, for people.

use std::io::{self, Write};

use bedrail_app::feeds::sources::{Need, Source};
use bedrail_app::feeds::update::{Outcome, UpdateReport};
use bedrail_model::text::harmless;

use super::grid::{Text, Tone, grid};
use super::words;
use crate::cli::terminal::Look;

/// Warnings shown at most; thousands of the same kind help nobody.
const WARNINGS_SHOWN: usize = 20;

/// Whether every source that belongs to an installation is as new as it can be, and none was refused.
pub(crate) fn is_whole(report: &UpdateReport) -> bool {
    report.sources.iter().all(|(name, outcome)| match outcome {
        Outcome::Updated | Outcome::Unchanged => true,
        Outcome::NotFetched(_) => !is_expected(name),
        Outcome::Refused(_) => false,
    })
}

fn is_expected(name: &str) -> bool {
    Source::named(name).is_some_and(|source| source.need == Need::Expected)
}

/// Writes the text; the first line says what is in use now.
pub(crate) fn write(report: &UpdateReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let advisories = words::count(report.advisories, "advisory", "advisories");
    let what = if report.rebuilt { "A new index is in use" } else { "Nothing changed" };
    writeln!(out, "{what}: {advisories}.")?;
    let header = ["Source", "Outcome", "Why"];
    let rows = report.sources.iter().map(|(name, outcome)| row(name, outcome));
    writeln!(out)?;
    out.write_all(grid(&header, rows, look).as_bytes())?;
    if report.warnings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nLeft out ({})", words::thousands(report.warnings.len() as u64))?;
    for warning in report.warnings.iter().take(WARNINGS_SHOWN) {
        writeln!(out, "  {}: {}", harmless(&warning.place), harmless(&warning.message))?;
    }
    if report.warnings.len() > WARNINGS_SHOWN {
        writeln!(out, "  … and {} more", words::thousands((report.warnings.len() - WARNINGS_SHOWN) as u64))?;
    }
    Ok(())
}

fn row(name: &str, outcome: &Outcome) -> Vec<Text> {
    let (word, tone, why) = match outcome {
        Outcome::Updated => ("updated", Tone::Plain, ""),
        Outcome::Unchanged => ("unchanged", Tone::Faint, ""),
        Outcome::NotFetched(why) => ("not fetched", Tone::Attention, why.as_str()),
        Outcome::Refused(why) => ("refused", Tone::Urgent, why.as_str()),
    };
    vec![name.into(), Text::toned(word, tone), why.into()]
}
