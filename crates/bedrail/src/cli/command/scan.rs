//! `bedrail scan`: judges a bill of materials, or what is inside of files. No store: read, look up, print, done.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use bedrail_app::scan::files;
use bedrail_app::scan::{self, AcceptedGap, ByName, NotAffected, ScanError, ScanOptions, ScanReport};
use bedrail_model::component::Inventory;
use bedrail_model::text::harmless;

use crate::cli::args::{Place, Scan};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{Output, words};
use crate::cli::terminal::Look;
use crate::cli::verdict::verdict;
use crate::cli::{input, output_file};

mod into_files;
mod to_server;

use into_files::Into;

pub(crate) fn run(place: &Place, options: &Scan) -> Result<Exit, Failure> {
    let scan_options = ScanOptions {
        now: options.as_of.clock().now(),
        max_data_age_days: options.max_data_age,
        accepted: options.accept_unknown.as_deref().map(read_accepted).transpose()?.unwrap_or_default(),
        not_affected: if options.show_not_affected { NotAffected::Show } else { NotAffected::Hide },
        by_name: if options.by_cpe { ByName::Always } else { ByName::WherePurlIsSilent },
    };
    let report = match document(options) {
        Some(file) => {
            let name = file.display().to_string();
            let bytes = input::read(file)?;
            scan::scan(&place.data_dir(), &name, &bytes, &scan_options)
                .map_err(|error| failure(&name, &error))?
        }
        None => match into_files::run(place, options, &scan_options)? {
            Into::Judged(report) => *report,
            Into::Written(exit) => return Ok(exit),
        },
    };
    show(&report, options)?;
    tell(&report, options);
    Ok(verdict(&report, &options.fail_on))
}

/// The one document that was named, where it is one. Whatever cannot be opened is for the reader of documents to complain about.
fn document(options: &Scan) -> Option<&Path> {
    let [path] = options.paths.as_slice() else { return None };
    if options.into.inventory.is_some() || options.into.server.to_server.is_some() {
        return None;
    }
    // A pipe can be read once only, so it is taken for what it always was.
    if path.as_os_str() == "-" || !path.exists() || !(path.is_dir() || path.is_file()) {
        return Some(path);
    }
    let is_document = File::open(path).and_then(|mut file| files::is_document(&mut file));
    (path.is_file() && is_document.unwrap_or(true)).then_some(path.as_path())
}

pub(super) fn failure(name: &str, error: &ScanError) -> Failure {
    match error {
        ScanError::Unreadable(refusal) => Failure::unreadable(name, refusal),
        ScanError::Data(error) => Failure::because("cannot use the vulnerability data", error)
            .hint("bedrail db status says what is held, bedrail db update replaces it"),
    }
}

fn read_accepted(path: &Path) -> Result<Vec<AcceptedGap>, Failure> {
    let name = path.display().to_string();
    let bytes = input::read(path)?;
    let text = String::from_utf8(bytes).map_err(|error| Failure::because(&name, &error))?;
    scan::parse_accepted(&text).map_err(|error| Failure::because(&name, &error))
}

fn show(report: &ScanReport, options: &Scan) -> Result<(), Failure> {
    let look = if options.output.is_some() { Look::PLAIN } else { Look::of_stdout() };
    let output = Output::of(options.format);
    output_file::write_to(options.output.as_deref(), |out| (output.write)(report, look, out))
}

/// What the person at the terminal must know beside the answer: the answer itself, where it went to a file or is for
/// programs, and agreed gaps that nothing needs any more.
fn tell(report: &ScanReport, options: &Scan) {
    let mut stderr = io::stderr().lock();
    let mut lines = Vec::new();
    if options.output.is_some() || !Output::of(options.format).for_people {
        lines.push(words::headline(report));
        lines.extend(words::gaps(report));
    }
    if let Some(file) = &options.accept_unknown {
        lines.extend(report.unused_accepted.iter().map(|gap| {
            format!(
                "warning: {} line {}: `{}` names nothing that cannot be judged",
                file.display(),
                gap.line,
                gap.what
            )
        }));
    }
    for line in lines {
        // The answer is written; nobody is left to tell when standard error is gone.
        let _ = writeln!(stderr, "{}", harmless(&line));
    }
}

/// What was not looked into, on standard error: a bill of materials has no place for it.
fn tell_warnings(inventory: &Inventory) {
    let mut stderr = io::stderr().lock();
    for warning in &inventory.warnings {
        // The bill is written; nobody is left to tell when standard error is gone.
        let _ = writeln!(stderr, "{}: {}", harmless(&warning.place), harmless(&warning.message));
    }
}
