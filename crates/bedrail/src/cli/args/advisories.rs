//! What can be typed after `bedrail advisories`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct Advisories {
    #[command(subcommand)]
    pub(crate) command: AdvisoriesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdvisoriesCommand {
    /// Take in a CSAF document, or all of a folder that mirrors a publisher's
    Import {
        /// The document or the folder
        path: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// List those about names like ours
    List {
        /// Free text: id, title, maker, product, weakness
        text: Option<String>,
        /// Also those about products that we do not have
        #[arg(long)]
        all: bool,
        /// Rows at most
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show one: what it says of our releases, and what to do
    Show {
        /// The publisher's id, such as ICSMA-22-088-01
        id: String,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
}
