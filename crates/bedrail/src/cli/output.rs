//! How answers are shown: one file for each format, each with its own structs, all from the same report.

use std::io::{self, Write};

use bedrail_app::scan::ScanReport;

use super::args::ScanFormat;
use super::terminal::Look;

pub(crate) mod advisories;
pub(crate) mod affected_devices;
pub(crate) mod alert_desk;
pub(crate) mod alerts;
pub(crate) mod bills;
pub(crate) mod campaigns;
pub(crate) mod checks;
mod csv;
mod cyclonedx;
pub(crate) mod data_status;
pub(crate) mod decisions;
pub(crate) mod device_list;
pub(crate) mod exposure;
pub(crate) mod firewall;
pub(crate) mod grid;
mod html;
pub(crate) mod import_report;
pub(crate) mod incidents;
pub(crate) mod inspection;
mod json;
pub(crate) mod json_text;
pub(crate) mod names;
pub(crate) mod office;
pub(crate) mod programme;
pub(crate) mod proposals;
mod sarif;
mod table;
pub(crate) mod unknowns;
pub(crate) mod update_report;
pub(crate) mod vex;
pub(crate) mod words;

/// A way to show the report of a scan.
pub(crate) struct Output {
    /// Its name on the command line.
    pub(crate) format: ScanFormat,
    /// Whether its first line is the answer; where not, the answer is said on standard error.
    pub(crate) for_people: bool,
    /// Writes it.
    pub(crate) write: fn(&ScanReport, Look, &mut dyn Write) -> io::Result<()>,
}

/// Every way. A new one is one row and one file.
pub(crate) const OUTPUTS: [Output; 6] = [
    Output { format: ScanFormat::Table, for_people: true, write: table::write },
    Output { format: ScanFormat::Json, for_people: false, write: json::write },
    Output { format: ScanFormat::Csv, for_people: false, write: csv::write },
    Output { format: ScanFormat::Sarif, for_people: false, write: sarif::write },
    Output { format: ScanFormat::Cyclonedx, for_people: false, write: cyclonedx::write },
    Output { format: ScanFormat::Html, for_people: true, write: html::write },
];

impl Output {
    /// The way that was asked for.
    pub(crate) fn of(format: ScanFormat) -> &'static Output {
        // A test holds that every format has its row; the first row is the one for people.
        OUTPUTS.iter().find(|output| output.format == format).unwrap_or(&OUTPUTS[0])
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_format_of_the_command_line_has_one_row() {
        for format in ScanFormat::value_variants() {
            assert_eq!(OUTPUTS.iter().filter(|output| output.format == *format).count(), 1, "{format:?}");
        }
    }
}
