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
    /// Take in a CSAF document, a list of what makers say of Log4j, or all of a folder
    Import {
        /// The document or the folder
        path: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// Fetch what is new from the providers that were added
    Update {
        /// A folder that mirrors them, with HOST/PATH for each address, in place of the net
        #[arg(long, value_name = "FOLDER")]
        mirror: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// List the providers that advisories are fetched from
    Providers {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Add a provider, by its domain or the address of its provider-metadata.json
    AddProvider {
        /// psirt.example.com, or the address of its /csaf/provider-metadata.json
        provider: String,
        /// The publisher's namespace, where the address does not show it and you know it to be right
        #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
        namespace: String,
        #[command(flatten)]
        database: Database,
    },
    /// Take a provider away; what was fetched from it stays
    RemoveProvider {
        /// The address that `advisories providers` shows
        provider: String,
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
