//! `bedrail db`: fetching, carrying and looking at vulnerability data.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use bedrail_app::clock::Clock;
use bedrail_app::feeds::update::{Options, Origin, Progress, UpdateReport, update};
use bedrail_app::feeds::{Addresses, Data, DataDir, FeedError, bundle};
use bedrail_model::text::{harmless, harmless_lines};

use super::session;
use crate::cli::args::{Db, DbCommand, Place, TextOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{data_status, update_report, words};
use crate::cli::progress::Steps;
use crate::cli::terminal::Look;

pub(crate) fn run(place: &Place, options: Db) -> Result<Exit, Failure> {
    let dir = DataDir::new(place.data_dir());
    match options.command {
        DbCommand::Update { mirror, from_bundle, allow_older } => bring_up_to_date(
            &dir,
            &origin(mirror, from_bundle),
            Options { allow_older, ..Options::default() },
        ),
        DbCommand::Support { folder } => take_support(&dir, &folder),
        DbCommand::Bundle { file } => bundle(&dir, &file),
        DbCommand::Status { format, max_data_age, as_of } => {
            let data = Data::open(&dir).map_err(|error| failure("cannot open the data", &error))?;
            let status = data.status(as_of.clock().now(), max_data_age);
            let mut out = BufWriter::new(io::stdout().lock());
            match format {
                TextOrJson::Text => data_status::write_text(&status, Look::of_stdout(), &mut out)?,
                TextOrJson::Json => data_status::write_json(&status, &mut out)?,
            }
            out.flush()?;
            Ok(Exit::Success)
        }
        DbCommand::Move { to, from } => super::moving::run(place, to, from),
        DbCommand::Dump { id } => dump(&dir, &id),
    }
}

fn origin(mirror: Option<PathBuf>, bundle: Option<PathBuf>) -> Origin {
    match (mirror, bundle) {
        (Some(folder), _) => Origin::Mirror(folder),
        (None, Some(file)) => Origin::Bundle(file),
        (None, None) => Origin::Addresses(Addresses::from_env()),
    }
}

/// A source that could not be had, or was refused, leaves the data incomplete: that is the exit code.
fn bring_up_to_date(dir: &DataDir, origin: &Origin, options: Options) -> Result<Exit, Failure> {
    let steps = Steps::new();
    let show = |progress| match progress {
        Progress::Fetching { source, bytes, total } => steps.show_bytes(&source, bytes, total),
        Progress::Indexing { records, total } => {
            steps.show(
                "index",
                usize::try_from(records).unwrap_or(usize::MAX),
                usize::try_from(total).unwrap_or(0),
            );
        }
    };
    let report: UpdateReport = session::block_on(async {
        let now = Clock::System.now();
        update(dir, origin, options, now, &show)
            .await
            .map_err(|error| failure("cannot update the data", &error))
    })?;
    drop(steps);
    let mut out = io::stdout().lock();
    update_report::write(&report, Look::of_stdout(), &mut out)?;
    out.flush()?;
    Ok(if update_report::is_whole(&report) { Exit::Success } else { Exit::Incomplete })
}

/// Takes over a list of support ends, and says what could not be read of it.
fn take_support(dir: &DataDir, folder: &Path) -> Result<Exit, Failure> {
    let taken = bedrail_app::support::take(dir, folder, Clock::System.now())?;
    let mut out = io::stdout().lock();
    let (products, cycles) = (
        words::count(taken.products, "product", "products"),
        words::count(taken.cycles, "release cycle", "release cycles"),
    );
    writeln!(
        out,
        "Took over {products} with {cycles}: `bedrail sbom check` and the pages of releases say what has ended."
    )?;
    for warning in &taken.warnings {
        writeln!(out, "  not read: {}", harmless(warning))?;
    }
    Ok(if taken.warnings.is_empty() { Exit::Success } else { Exit::Incomplete })
}

fn bundle(dir: &DataDir, file: &Path) -> Result<Exit, Failure> {
    let feeds = bundle::write(dir, file).map_err(|error| failure("cannot write the bundle", &error))?;
    let feeds = words::count(feeds, "feed", "feeds");
    let file = file.display().to_string();
    writeln!(
        io::stdout().lock(),
        "Wrote {feeds} to {}: bedrail db update --from-bundle takes it.",
        harmless(&file)
    )?;
    Ok(Exit::Success)
}

/// Each record as it was received, where the original is kept; what the index holds of it goes to standard error, so
/// that the output is the original alone.
fn dump(dir: &DataDir, id: &str) -> Result<Exit, Failure> {
    let data = Data::open(dir).map_err(|error| failure("cannot open the data", &error))?;
    let records = data.dump(id).map_err(|error| failure("cannot print the record", &error))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut notes = io::stderr().lock();
    // A program gets the record byte for byte; a terminal must not act on what is in it.
    let is_terminal = io::stdout().is_terminal();
    for record in &records {
        let (id, source) = (harmless(&record.id), harmless(&record.source));
        match &record.original {
            Some(original) if is_terminal => writeln!(out, "{}", harmless_lines(original.trim_end()))?,
            Some(original) => writeln!(out, "{}", original.trim_end())?,
            None => writeln!(notes, "{id} ({source}): the original is no longer kept")?,
        }
        for (package, rule) in &record.affected {
            writeln!(notes, "{id} ({source}): {}: {}", harmless(package), harmless(rule))?;
        }
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// The readers write message and hint in one line.
fn failure(doing: &str, error: &FeedError) -> Failure {
    Failure::because(doing, error)
}
