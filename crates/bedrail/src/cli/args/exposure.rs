//! What can be typed after `bedrail exposure`.

use std::path::PathBuf;

use bedrail_model::exposure::Vantage;
use bedrail_model::ids::ExposureImportId;
use clap::{Args, Subcommand, ValueEnum};

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct ExposureArgs {
    #[command(subcommand)]
    pub(crate) command: ExposureCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExposureCommand {
    /// Take in a file with evidence: nmap XML, Shodan host or InternetDB JSON, a NAT list (CSV, XLSX)
    Import {
        /// The file; nothing is looked up anywhere
        file: PathBuf,
        /// From where somebody scanned: a scan does not say it
        #[arg(long = "from", value_enum, value_name = "PLACE")]
        from: Option<FromWhere>,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// List devices that face the outside, as declared or seen, with the evidence and its age
    List {
        /// One device with all evidence on it: id, asset tag or serial number
        #[arg(long)]
        device: Option<String>,
        /// Devices at most
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Take the evidence of a file away again
    Remove {
        /// The file's id, as `exposure list` shows it
        id: ExposureImportId,
        #[command(flatten)]
        database: Database,
    },
}

/// From where somebody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FromWhere {
    /// From outside of the organisation
    Outside,
    /// From inside: an open port says nothing of outside
    Inside,
}

impl From<FromWhere> for Vantage {
    fn from(place: FromWhere) -> Vantage {
        match place {
            FromWhere::Outside => Vantage::Outside,
            FromWhere::Inside => Vantage::Inside,
        }
    }
}

impl ExposureCommand {
    /// The database that it works on.
    pub(crate) fn database(&self) -> &Database {
        match self {
            ExposureCommand::Import { database, .. }
            | ExposureCommand::List { database, .. }
            | ExposureCommand::Remove { database, .. } => database,
        }
    }
}
