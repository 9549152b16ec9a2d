//! `bedrail db move`: the database of an installation, from the embedded one to PostgreSQL and back.

use std::io::{self, Write};

use bedrail_app::clock::Clock;
use bedrail_app::moving::{self, Moved, Step, Way};
use bedrail_model::text::harmless;

use super::session;
use crate::cli::args::{Database, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::words;
use crate::cli::progress::Steps;

pub(crate) fn run(place: &Place, to: Option<String>, from: Option<String>) -> Result<Exit, Failure> {
    let way = match (to, from) {
        (Some(url), _) => Way::To(url),
        (None, Some(url)) => Way::From(url),
        (None, None) => return Err(Failure::usage("name --to or --from")),
    };
    let database = Database { database: None, key_file: None, organisation: None };
    let settings = session::settings(place, &database, Clock::System);
    let moved = session::block_on(async {
        let steps = Steps::new();
        let show = |step| match step {
            Step::Copied { table, rows } => steps.show_rows(&format!("copying {table}"), rows),
            Step::Checked { table, rows } => steps.show_rows(&format!("comparing {table}"), rows),
        };
        Ok(moving::run(&settings, &way, &show).await?)
    })?;
    tell(&moved, &way)?;
    Ok(Exit::Success)
}

fn tell(moved: &Moved, way: &Way) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for table in moved.tables.iter().filter(|table| table.rows > 0) {
        writeln!(out, "{:24} {:>10}  {}", table.name, table.rows, hex::encode(&table.sum[..8]))?;
    }
    writeln!(
        out,
        "{} in {} arrived: count and sum of hashes are the same on both sides.",
        words::count(moved.rows(), "row", "rows"),
        words::count(moved.tables.len() as u64, "table", "tables")
    )?;
    for (name, entries) in &moved.chains {
        writeln!(out, "The audit log of {} holds in the target: {entries} entries.", harmless(name))?;
    }
    if moved.replaced() > 0 {
        let texts = words::count(moved.replaced(), "text", "texts");
        writeln!(out, "{texts} with U+0000, which PostgreSQL cannot hold, have U+FFFD there now.")?;
    }
    let start = match way {
        Way::To(_) => {
            "Start with BEDRAIL_DATABASE set to that address. The embedded database is unchanged: put it away."
        }
        Way::From(_) => "Start without --database. The PostgreSQL database is unchanged: put it away.",
    };
    writeln!(out, "{start}")?;
    out.flush()
}
