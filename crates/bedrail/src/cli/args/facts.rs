//! What can be typed after `bedrail facts`.

use std::path::PathBuf;

use bedrail_model::ids::WrittenFactId;
use clap::{Args, Subcommand};

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    #[command(subcommand)]
    pub(crate) command: FactsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FactsCommand {
    /// List what was written down, and what is due again
    List {
        /// Of this kind: disposal, custody, visitor, access_review, downtime_drill, …
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// About this system: a serial number, a site, a vendor
        #[arg(long, value_name = "NAME")]
        system: Option<String>,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// List the kinds of facts with their fields
    Kinds,
    /// Write a fact down
    Write {
        /// Its kind
        kind: String,
        /// What it is about: a serial number, a site, a vendor, a system
        system: String,
        /// The day on which it was, such as 2026-03-01 [default: today]
        #[arg(long, value_name = "DAY")]
        day: Option<String>,
        /// A field, as by=porter; may be given several times
        #[arg(long = "field", value_name = "FIELD=VALUE", value_parser = parse_field)]
        fields: Vec<(String, String)>,
        #[command(flatten)]
        database: Database,
    },
    /// Take a fact back: it shows nothing any more, and stays in the list
    TakeBack {
        /// Its id, as `facts list` has it
        id: WrittenFactId,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        database: Database,
    },
    /// Take a list of facts of one kind in (CSV)
    Import {
        /// The kind
        kind: String,
        /// The list; `-` is standard input
        file: PathBuf,
        /// Which column stands for what, as day=Date; may be given several times
        #[arg(long = "map", value_name = "FIELD=COLUMN")]
        mapping: Vec<String>,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        database: Database,
    },
}

fn parse_field(text: &str) -> Result<(String, String), String> {
    let (code, value) = text.split_once('=').ok_or("expected a field and its value, as by=porter")?;
    Ok((code.trim().to_owned(), value.to_owned()))
}

impl FactsCommand {
    /// The database that it works on; none for the table of kinds.
    pub(crate) fn database(&self) -> Option<&Database> {
        match self {
            FactsCommand::Kinds => None,
            FactsCommand::List { database, .. }
            | FactsCommand::Write { database, .. }
            | FactsCommand::TakeBack { database, .. }
            | FactsCommand::Import { database, .. } => Some(database),
        }
    }
}
