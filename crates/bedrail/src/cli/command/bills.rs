//! `bedrail sbom check`, `diff` and `export`: bills of materials looked at, in files or on releases.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrail_app::bills::{self, BillQuality, Compared, Target};
use bedrail_app::clock::Clock;
use bedrail_app::feeds::DataDir;
use bedrail_app::scan::{self, ByName, NotAffected, ScanOptions};
use bedrail_app::{Error, intake, support};
use bedrail_model::component::Inventory;
use bedrail_model::text::harmless;

use super::session;
use crate::bill_letter::letter;
use crate::cli::args::{CheckFormat, Database, ExportFormat, Place, ProposeFormat, TextOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{bills as shown, json_text, proposals};
use crate::cli::{input, output_file};
use crate::web::views::bill::{ComparisonView, QualityView};

/// Whether an argument is a file: it is there, or it is standard input. Else it names a release.
fn is_file(of: &Path) -> bool {
    of.as_os_str() == "-" || of.exists()
}

fn read(file: &Path) -> Result<Inventory, Failure> {
    let (name, bytes) = (file.display().to_string(), input::read(file)?);
    intake::read_sbom(&bytes).map_err(|refusal| Failure::unreadable(&name, &refusal))
}

pub(crate) fn check(
    place: &Place,
    of: &Path,
    format: CheckFormat,
    database: &Database,
) -> Result<Exit, Failure> {
    let quality = if is_file(of) {
        let inventory = read(of)?;
        let report = bills::assess(&inventory);
        let dir = DataDir::new(place.data_dir());
        let support = support::of(&dir, &inventory, Clock::System.today());
        BillQuality { release: of.display().to_string(), inventory, report, support }
    } else {
        session::block_on(async {
            let (ctx, actor) =
                session::open(session::settings(place, database, Clock::System), database).await?;
            let release = found(bills::find(&ctx, &actor, &of.to_string_lossy()).await, of)?;
            Ok(bills::quality(&ctx, &actor, release).await?)
        })?
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        CheckFormat::Text => shown::write_quality(&quality, &mut out)?,
        CheckFormat::Json => json_text::write(&QualityView::from(&quality), &mut out)?,
        CheckFormat::Letter => {
            let letter = letter(&quality.release, &quality.inventory, &quality.report);
            let text =
                letter.unwrap_or_else(|| "Nothing is missing: there is nothing to ask for.\n".to_owned());
            out.write_all(text.as_bytes())?;
        }
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// What is no release may be a file that is not there.
fn found<T>(result: Result<T, Error>, of: &Path) -> Result<T, Failure> {
    match result {
        Err(Error::Invalid { message, hint }) => {
            let hint = hint.map_or_else(String::new, |hint| format!("{hint}; "));
            Err(Failure::new(format!("there is no file {}, and {message}", of.display()))
                .hint(format!("{hint}put the name of a release in quotes")))
        }
        other => Ok(other?),
    }
}

pub(crate) fn diff(
    place: &Place,
    before: &Path,
    after: &Path,
    format: TextOrJson,
    database: &Database,
) -> Result<Exit, Failure> {
    let comparison = if is_file(before) && is_file(after) {
        bills::compare(judged(place, before)?, judged(place, after)?)
    } else {
        session::block_on(async {
            let (ctx, actor) =
                session::open(session::settings(place, database, Clock::System), database).await?;
            let mut both = Vec::with_capacity(2);
            for one in [before, after] {
                both.push(if is_file(one) {
                    judged(place, one)?
                } else {
                    let release = found(bills::find(&ctx, &actor, &one.to_string_lossy()).await, one)?;
                    bills::of_release(&ctx, &actor, release).await?
                });
            }
            let (after, before) = (both.pop().unwrap_or_default(), both.pop().unwrap_or_default());
            Ok(bills::compare(before, after))
        })?
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        TextOrJson::Text => shown::write_comparison(&comparison, &mut out)?,
        TextOrJson::Json => json_text::write(&ComparisonView::from(&comparison), &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// A file, judged against the data that is held.
fn judged(place: &Place, file: &Path) -> Result<Compared, Failure> {
    let (name, bytes) = (file.display().to_string(), input::read(file)?);
    let options = ScanOptions {
        now: Clock::System.now(),
        max_data_age_days: session::MAX_DATA_AGE_DAYS,
        accepted: Vec::new(),
        not_affected: NotAffected::Hide,
        by_name: ByName::default(),
    };
    let report = scan::scan(&place.data_dir(), &name, &bytes, &options)
        .map_err(|error| super::scan::failure(&name, &error))?;
    Ok(bills::scanned(report))
}

pub(crate) fn propose(
    place: &Place,
    of: &Path,
    format: ProposeFormat,
    database: &Database,
) -> Result<Exit, Failure> {
    let inventory = if is_file(of) {
        read(of)?
    } else {
        session::block_on(async {
            let (ctx, actor) =
                session::open(session::settings(place, database, Clock::System), database).await?;
            let release = found(bills::find(&ctx, &actor, &of.to_string_lossy()).await, of)?;
            Ok(bills::inventory(&ctx, &actor, release).await?)
        })?
    };
    let proposed = bills::propose(&place.data_dir(), &inventory).map_err(|error| {
        Failure::because("cannot use the vulnerability data", &error)
            .hint("bedrail db status says what is held")
    })?;
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        ProposeFormat::Text => proposals::write_text(&inventory, &proposed, &mut out)?,
        ProposeFormat::Json => proposals::write_json(&inventory, &proposed, &mut out)?,
        ProposeFormat::Csv => proposals::write_csv(&inventory, &proposed, &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Success)
}

pub(crate) fn export(
    place: &Place,
    of: &Path,
    format: ExportFormat,
    output: Option<&Path>,
    database: &Database,
) -> Result<Exit, Failure> {
    let target = match format {
        ExportFormat::Cyclonedx => Target::CycloneDx,
        ExportFormat::Spdx => Target::Spdx,
    };
    let written = if is_file(of) {
        bills::write(&read(of)?, target, Clock::System.now())?
    } else {
        session::block_on(async {
            let (ctx, actor) =
                session::open(session::settings(place, database, Clock::System), database).await?;
            let release = found(bills::find(&ctx, &actor, &of.to_string_lossy()).await, of)?;
            Ok(bills::export(&ctx, &actor, release, target).await?.document)
        })?
    };
    // What came from outside is escaped once more, so that no terminal acts on it; it stays the same JSON.
    let document: serde_json::Value = serde_json::from_slice(&written.bytes)
        .map_err(|error| Failure::because("cannot write the document", &error))?;
    output_file::write_to(output, |out| json_text::write(&document, out))?;
    let mut stderr = io::stderr().lock();
    for note in &written.notes {
        // The document is written; nobody is left to tell when standard error is gone.
        let _ = writeln!(stderr, "note: {}", harmless(note));
    }
    Ok(Exit::Success)
}
