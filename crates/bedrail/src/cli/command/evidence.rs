//! `bedrail evidence`: one sealed ZIP of a period, and its check without this program's data.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use bedrail_app::clock::Clock;
use bedrail_app::programme::{self, Period, VerifiedBinder, WantedBinder};
use bedrail_model::engagement::Scope;
use bedrail_model::text::harmless;

use super::session;
use crate::cli::args::{Database, EvidenceArgs, EvidenceCommand, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

pub(crate) fn run(place: &Place, options: EvidenceArgs) -> Result<Exit, Failure> {
    match options.command {
        EvidenceCommand::Export { from, to, requirements, sites, output, database } => {
            let scope = Scope { requirements, sites };
            export(place, &database, WantedBinder { period: Period { from, to }, scope }, &output)
        }
        EvidenceCommand::Verify { file, key } => verify(&file, key.as_ref()),
    }
}

fn export(place: &Place, database: &Database, wanted: WantedBinder, file: &Path) -> Result<Exit, Failure> {
    let shown = file.display().to_string();
    session::block_on(async {
        let settings = session::settings(place, database, Clock::System);
        let (ctx, actor) = session::open(settings, database).await?;
        let opened = OpenOptions::new().write(true).create_new(true).open(file);
        let opened = opened.map_err(|error| {
            Failure::because(&format!("cannot write {shown}"), &error)
                .hint("name a file that is not there yet")
        })?;
        let beside = opened.try_clone()?;
        let sealed = match programme::export(&ctx, &actor, wanted, BufWriter::new(beside)).await {
            Ok(sealed) => sealed,
            Err(error) => {
                // Half a binder is none; it is ours, and nothing more can be done where it cannot be removed.
                let _ = fs::remove_file(file);
                return Err(error.into());
            }
        };
        opened.sync_all().map_err(|error| Failure::because(&format!("cannot write {shown}"), &error))?;
        let mut out = io::stdout().lock();
        writeln!(out, "Sealed {} files, {} bytes, in {shown}.", sealed.files, sealed.bytes)?;
        writeln!(out, "Head {}", sealed.head)?;
        writeln!(out, "Key  {}", sealed.key)?;
        writeln!(
            out,
            "Note the key elsewhere. Check the binder anywhere with `bedrail evidence verify {shown}`."
        )?;
        Ok(Exit::Success)
    })
}

fn verify(file: &Path, key: Option<&[u8; 32]>) -> Result<Exit, Failure> {
    let shown = file.display().to_string();
    let verified = if file == Path::new("-") {
        programme::verify(io::stdin().lock(), key)
    } else {
        let opened =
            File::open(file).map_err(|error| Failure::because(&format!("cannot open {shown}"), &error))?;
        programme::verify(BufReader::new(opened), key)
    };
    let VerifiedBinder { manifest, key: signed_by, bytes } =
        verified.map_err(|error| Failure::because(&format!("{shown} does not hold"), &error))?;
    let mut out = io::stdout().lock();
    let binder = &manifest.binder;
    writeln!(out, "The binder holds, all {bytes} bytes of it: {} files.", manifest.entries.len())?;
    writeln!(out, "Of   {}: {}", harmless(&binder.name), harmless(&binder.title))?;
    writeln!(out, "From {} to {}, sealed {}", binder.from, binder.to, binder.sealed_at)?;
    if let Some(scope) = &binder.engagement {
        writeln!(out, "Only {}", harmless(scope))?;
    }
    writeln!(out, "Head {}", manifest.head)?;
    let noted = if key.is_some() { "" } else { " (compare it with the one that was noted)" };
    writeln!(out, "Key  {signed_by}{noted}")?;
    Ok(Exit::Success)
}
