//! `bedrail mend log4j`: the class is taken out, and what is left is told.

use std::io::{self, Write};
use std::path::Path;

use bedrail_app::clock::Clock;
use bedrail_app::mend::{self, Leave, Mended, Mending};
use bedrail_app::scan::files::{self, Progress, Scanning};
use bedrail_app::scan::{ByName, NotAffected, ScanOptions, ScanReport};
use bedrail_model::answer::Answer;
use bedrail_model::text::harmless;

use super::scan::failure;
use crate::cli::args::{Mend, MendCommand, MendLog4j, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::words;

pub(crate) fn run(place: &Place, options: Mend) -> Result<Exit, Failure> {
    let MendCommand::Log4j(options) = options.command;
    let name = options.file.display().to_string();
    let mut out = io::stdout().lock();
    if options.undo {
        let undone = mend::undo(&options.file).map_err(|error| Failure::because(&name, &error))?;
        writeln!(out, "{} is as it was on {}.", harmless(&name), undone.at)?;
        return left(place, &options.file, &mut out);
    }
    let mended = mend::mend(&options.file, &mending(&options), Clock::System.now())
        .map_err(|error| Failure::because(&name, &error))?;
    tell(&name, &mended, options.dry_run, &mut out)?;
    if options.dry_run {
        return Ok(Exit::Success);
    }
    left(place, &options.file, &mut out)
}

fn mending(options: &MendLog4j) -> Mending {
    let leave = match &options.instruction {
        Some(document) => Leave::Instruction(document.clone()),
        None => Leave::OwnServer,
    };
    Mending { leave, break_signature: options.break_signature, dry_run: options.dry_run }
}

fn tell(name: &str, mended: &Mended, dry_run: bool, out: &mut dyn Write) -> io::Result<()> {
    let done = if dry_run { "Would be taken out of" } else { "Taken out of" };
    writeln!(out, "{done} {}:", harmless(name))?;
    for class in &mended.removed {
        writeln!(out, "  {}", harmless(class))?;
    }
    let entries = words::count(mended.compared, "other entry", "other entries");
    writeln!(out, "Compared: {entries}, each as before.")?;
    if let Some((document, sha256)) = &mended.instruction {
        writeln!(out, "By the instruction in {} (SHA-256 {sha256}).", harmless(document))?;
    }
    if !mended.signatures_broken.is_empty() {
        writeln!(out, "Signatures that hold no more: {}.", mended.signatures_broken.len())?;
    }
    writeln!(out, "SHA-256 before {}, after {}.", mended.before, mended.after)?;
    if !dry_run {
        writeln!(
            out,
            "The file as it was is kept beside it; `--undo` puts it back. Start the program anew: it runs what it loaded."
        )?;
    }
    Ok(())
}

/// Tells which weaknesses are in the file now.
fn left(place: &Place, file: &Path, out: &mut dyn Write) -> Result<Exit, Failure> {
    let name = file.display().to_string();
    let inside = files::look_into(&[file.to_owned()], &Scanning::default(), &Progress::default());
    let options = ScanOptions {
        now: Clock::System.now(),
        max_data_age_days: 7,
        accepted: Vec::new(),
        not_affected: NotAffected::Hide,
        by_name: ByName::WherePurlIsSilent,
    };
    let report: ScanReport = files::judge_files(&place.data_dir(), &name, inside, &options)
        .map_err(|error| failure(&name, &error))?;
    let mut open =
        report.findings.iter().filter(|one| one.judgement.answer != Answer::NotAffected).peekable();
    if open.peek().is_none() {
        let unjudged = words::count(report.not_assessed.len() as u64, "part", "parts");
        writeln!(
            out,
            "No weakness that the data held knows is left in it; {unjudged} could not be judged (`bedrail scan` says more)."
        )?;
        return Ok(Exit::Success);
    }
    writeln!(out, "Still in it:")?;
    for one in open {
        let component = report.inventory.component(one.component);
        let version = component.version.as_deref().unwrap_or("of an unknown version");
        let word = if one.judgement.answer == Answer::Affected { "affected" } else { "cannot tell" };
        writeln!(
            out,
            "  {:<18} {word:<12} {} {}",
            one.judgement.weakness.id,
            harmless(&component.name),
            harmless(version)
        )?;
    }
    Ok(Exit::Success)
}
