//! What `bedrail doctor` found, for people and as `bedrail.doctor/1`.

use std::io::{self, Write};

use bedrail_app::doctor::{Check, Health};
use bedrail_model::text::harmless;
use serde::Serialize;

use super::{json_text, words};
use crate::cli::terminal::Look;

const SCHEMA: &str = "bedrail.doctor/1";

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    /// The worst of all.
    health: &'static str,
    checks: Vec<View<'a>>,
}

#[derive(Serialize)]
struct View<'a> {
    part: &'a str,
    health: &'static str,
    words: &'a str,
    mend: Option<&'a str>,
}

/// Writes the JSON shape.
pub(crate) fn write_json(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    let worst = checks.iter().map(|check| check.health).max().unwrap_or(Health::Fine);
    let view = |check| {
        let Check { part, health, words, mend }: &Check = check;
        View { part, health: health.code(), words, mend: mend.as_deref() }
    };
    let report = Report { schema: SCHEMA, health: worst.code(), checks: checks.iter().map(view).collect() };
    json_text::write(&report, out)
}

/// Writes a line for each part, what to do below it, and a last line with the verdict.
pub(crate) fn write_text(checks: &[Check], look: Look, out: &mut dyn Write) -> io::Result<()> {
    for check in checks {
        let (word, colour) = match check.health {
            Health::Fine => ("ok", "32"),
            Health::Warning => ("warning", "33"),
            Health::Broken => ("BROKEN", "31"),
        };
        let word = format!("{word:8}");
        let word = if look.colour { format!("\u{1b}[{colour}m{word}\u{1b}[0m") } else { word };
        let part = check.part.replace('_', " ");
        writeln!(out, "{word} {part:20} {}", harmless(&check.words))?;
        if let Some(mend) = &check.mend {
            writeln!(out, "{:29} hint: {}", "", harmless(mend))?;
        }
    }
    let count = |health| checks.iter().filter(|check| check.health == health).count() as u64;
    let (broken, warnings) = (count(Health::Broken), count(Health::Warning));
    let told = match (broken, warnings) {
        (0, 0) => "All is well.".to_owned(),
        (0, warnings) => format!("It works; {} to look at.", words::count(warnings, "thing", "things")),
        (broken, _) => format!("{} broken.", words::count(broken, "part is", "parts are")),
    };
    writeln!(out, "\n{told}")
}
