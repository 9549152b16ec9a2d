//! `bedrail sbom`: what a bill of materials holds, and adding one to a release.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrail_app::intake;
use bedrail_app::sboms::{self, AddSbom, SbomReceipt};
use bedrail_model::text::harmless;

use super::{bills, session};
use crate::cli::args::{Place, Sbom, SbomCommand, TextOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::{inspection, words};

pub(crate) fn run(place: &Place, options: Sbom) -> Result<Exit, Failure> {
    match options.command {
        SbomCommand::Inspect { file, format } => inspect(&file, format),
        SbomCommand::Check { of, format, database } => bills::check(place, &of, format, &database),
        SbomCommand::Diff { before, after, format, database } => {
            bills::diff(place, &before, &after, format, &database)
        }
        SbomCommand::Propose { of, format, database } => bills::propose(place, &of, format, &database),
        SbomCommand::Export { of, format, output, database } => {
            bills::export(place, &of, format, output.as_deref(), &database)
        }
        SbomCommand::Add { file, maker, model, release_version, database } => {
            let bytes = input::read(&file)?;
            let file_name = input::file_name(&file);
            let command =
                AddSbom { file_name, document: bytes.into(), maker, model, version: release_version };
            session::block_on(async {
                let settings = session::settings(place, &database, bedrail_app::clock::Clock::System);
                let (ctx, actor) = session::open(settings, &database).await?;
                let receipt = sboms::add(&ctx, &actor, command).await?;
                print_receipt(&receipt)?;
                Ok(Exit::Success)
            })
        }
    }
}

fn inspect(file: &Path, format: TextOrJson) -> Result<Exit, Failure> {
    let bytes = input::read(file)?;
    let name = file.display().to_string();
    let inventory = intake::read_sbom(&bytes).map_err(|refusal| Failure::unreadable(&name, &refusal))?;
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        TextOrJson::Text => inspection::write_text(&name, &inventory, &mut out)?,
        TextOrJson::Json => inspection::write_json(&name, &inventory, &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Success)
}

fn print_receipt(receipt: &SbomReceipt) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let state = match (receipt.unchanged, receipt.new_release) {
        (true, _) => "is on it already, nothing changed",
        (false, true) => "added to the new release",
        (false, false) => "added",
    };
    writeln!(out, "{}: {} {state}.", harmless(&receipt.release_name), harmless(&receipt.format))?;
    writeln!(
        out,
        "Read: {}, {}, {}; {} without a usable identifier.",
        words::count(receipt.components, "component", "components"),
        words::count(receipt.services, "service", "services"),
        words::count(receipt.relations, "relation", "relations"),
        words::thousands(receipt.without_identifier),
    )?;
    writeln!(
        out,
        "{} it, {} cannot be told; {} it.",
        words::count(u64::from(receipt.affected), "weakness affects", "weaknesses affect"),
        words::thousands(u64::from(receipt.cannot_tell)),
        words::count(receipt.devices, "device runs", "devices run"),
    )?;
    inspection::write_remarks(&receipt.warnings, &mut out)
}
