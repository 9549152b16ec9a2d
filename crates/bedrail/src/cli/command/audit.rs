//! `bedrail audit`: the log as evidence that others can check.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use bedrail_app::audit;
use bedrail_app::audit::chain::Verified;
use bedrail_app::audit::file::{Noted, VerifiedFile};
use bedrail_app::clock::Clock;
use bedrail_app::programme::{self, NewAnchor};
use bedrail_model::text::harmless;

use super::session;
use crate::cli::args::{Audit, AuditCommand, Database, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;

pub(crate) fn run(place: &Place, options: Audit) -> Result<Exit, Failure> {
    match options.command {
        AuditCommand::Verify { file: Some(file), head, key, .. } => verify_file(&file, &Noted { head, key }),
        AuditCommand::Verify { file: None, head, database, .. } => verify(place, &database, head.as_ref()),
        AuditCommand::Export { file, database } => export(place, &database, &file),
        AuditCommand::Anchor { head, kind, keeper, place: found, noted, reply, database } => {
            let reply = match reply {
                Some(file) => Some((input::file_name(&file), input::read(&file)?.into())),
                None => None,
            };
            anchor(place, &database, &NewAnchor { head, kind, keeper, place: found, noted, reply })
        }
        AuditCommand::Anchors { database } => anchors(place, &database),
    }
}

/// Checks a file without opening any database.
fn verify_file(file: &Path, noted: &Noted) -> Result<Exit, Failure> {
    let shown = file.display().to_string();
    let verified = if file == Path::new("-") {
        audit::file::verify(io::stdin().lock(), noted)
    } else {
        let opened =
            File::open(file).map_err(|error| Failure::because(&format!("cannot open {shown}"), &error))?;
        audit::file::verify(BufReader::new(opened), noted)
    };
    let VerifiedFile { name, exported_at, chain, key } =
        verified.map_err(|error| Failure::because(&format!("{shown} does not hold"), &error))?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "All {} entries of {} hold together, exported {}.",
        chain.entries,
        harmless(&name),
        harmless(&exported_at)
    )?;
    writeln!(out, "{}Head {}:{}", erased(&chain), chain.sequence, hex::encode(&chain.hash))?;
    writeln!(
        out,
        "Key  {}{}",
        harmless(&key),
        if noted.key.is_some() { "" } else { " (compare it with the one that was noted)" }
    )?;
    Ok(Exit::Success)
}

/// A line on what was erased, where anything was.
fn erased(chain: &Verified) -> String {
    match chain.erased {
        0 => String::new(),
        1 => "1 name or address in it was erased.\n".to_owned(),
        more => format!("{more} names and addresses in it were erased.\n"),
    }
}

fn anchor(place: &Place, database: &Database, new: &NewAnchor) -> Result<Exit, Failure> {
    session::block_on(async {
        let settings = session::settings(place, database, Clock::System);
        let (ctx, actor) = session::open(settings, database).await?;
        let row = programme::anchor(&ctx, &actor, new).await?;
        writeln!(io::stdout().lock(), "noted: number {}, head {}:{}", row.number, row.entry, row.head)?;
        Ok(Exit::Success)
    })
}

fn anchors(place: &Place, database: &Database) -> Result<Exit, Failure> {
    session::block_on(async {
        let settings = session::settings(place, database, Clock::System);
        let (ctx, actor) = session::open(settings, database).await?;
        let mut out = io::stdout().lock();
        for row in programme::anchors(&ctx, &actor).await? {
            let line = format!(
                "{}  {}  {}  {}  {}:{}",
                row.noted, row.kind, row.keeper, row.place, row.entry, row.head
            );
            writeln!(out, "{}", harmless(&line))?;
        }
        Ok(Exit::Success)
    })
}

/// Checks the log in the database.
fn verify(place: &Place, database: &Database, head: Option<&(i64, Vec<u8>)>) -> Result<Exit, Failure> {
    session::block_on(async {
        let settings = session::settings(place, database, Clock::System);
        let (ctx, actor) = session::open(settings, database).await?;
        let (chain, key) = audit::head_past(&ctx, &actor, head).await?;
        let mut out = io::stdout().lock();
        writeln!(out, "All {} entries hold together.", chain.entries)?;
        writeln!(out, "{}Head {}:{}", erased(&chain), chain.sequence, hex::encode(&chain.hash))?;
        writeln!(out, "Key  {key}")?;
        Ok(Exit::Success)
    })
}

fn export(place: &Place, database: &Database, file: &Path) -> Result<Exit, Failure> {
    session::block_on(async {
        let settings = session::settings(place, database, Clock::System);
        let (ctx, actor) = session::open(settings, database).await?;
        if file == Path::new("-") {
            audit::export(&ctx, &actor, BufWriter::new(io::stdout().lock())).await?;
            return Ok(Exit::Success);
        }
        let shown = file.display().to_string();
        let opened = OpenOptions::new().write(true).create_new(true).open(file);
        let opened = opened.map_err(|error| {
            Failure::because(&format!("cannot write {shown}"), &error)
                .hint("name a file that is not there yet")
        })?;
        let chain = audit::export(&ctx, &actor, BufWriter::new(&opened)).await?;
        opened.sync_all().map_err(|error| Failure::because(&format!("cannot write {shown}"), &error))?;
        writeln!(
            io::stdout().lock(),
            "Wrote {} entries to {shown}. Check it anywhere with `bedrail audit verify {shown}`.",
            chain.entries
        )?;
        Ok(Exit::Success)
    })
}
