//! The devices, and the main question about them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{AsOf, Database, ListFormat, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct Devices {
    #[command(subcommand)]
    pub(crate) command: DevicesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DevicesCommand {
    /// Take over a device list (CSV): adds new devices, updates known ones
    Import {
        /// The list
        file: PathBuf,
        /// Read a column as a field, before the known headings: --map "Inv. No.=asset_tag"
        #[arg(long = "map", value_name = "HEADER=FIELD", value_parser = parse_mapping)]
        mapping: Vec<(String, String)>,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// List devices
    List {
        /// Free text: serial, tag, maker, model, ward, owner, address
        text: Option<String>,
        /// Rows at most
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
        #[command(flatten)]
        database: Database,
    },
}

/// `header=field`; a header may hold `=`, a field never does.
fn parse_mapping(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((header, field)) if !header.trim().is_empty() && !field.trim().is_empty() => {
            Ok((header.trim().to_owned(), field.trim().to_owned()))
        }
        _ => Err("expected HEADER=FIELD, such as \"Inv. No.=asset_tag\"".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Affected {
    /// A weakness id (CVE-2021-44228), a purl, or a name (log4j)
    pub(crate) query: String,
    /// Only devices that face the outside, as declared or seen, and how that is known
    #[arg(long)]
    pub(crate) exposed: bool,
    /// Only this answer [default: affected and cannot-tell]
    #[arg(long, value_enum)]
    pub(crate) answer: Option<AnswerWord>,
    /// Devices to list at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerWord {
    Affected,
    CannotTell,
    NotAffected,
}
