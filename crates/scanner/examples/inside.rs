//! Prints what a scan of the paths named finds: for looking at it without the rest of the program.
#![expect(clippy::print_stdout, reason = "a tool for developers")]

use std::path::PathBuf;

use bedrail_scanner::budget::Shared;
use bedrail_scanner::{Options, scan};

fn main() {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let report = scan(&paths, &Options::default(), &Shared::default());
    for found in &report.found {
        let version = found.version.as_deref().unwrap_or("?");
        println!(
            "{}\t{} {version}\t{:?}\t{}\t{}",
            found.place,
            found.name,
            found.versions,
            found.remarks.join("; "),
            found.evidence.first().map_or("", |it| it.shows.as_str())
        );
    }
    for it in &report.not_scanned {
        println!("not scanned\t{}\t{}", it.place, it.reason);
    }
    println!("{} files, {} bytes", report.files, report.bytes);
}
