//! What can be typed after `bedrail names`.

use clap::{Args, Subcommand};

use super::{Database, TextOrJson};

#[derive(Debug, Args)]
pub(crate) struct Names {
    #[command(subcommand)]
    pub(crate) command: NamesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NamesCommand {
    /// List what people said of names
    List {
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show the names of a release without an identifier, and what each may be
    Open {
        /// The release: its id, or maker, model and version in one argument
        release: String,
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Say what a name means; every release with it, now and later, is judged by that
    Confirm {
        #[command(flatten)]
        which: Which,
        /// A package URL or CPE name, without a version
        #[arg(long = "as", value_name = "IDENTIFIER")]
        identifier: String,
        /// It is meant although the bill names another supplier than the identifier
        #[arg(long)]
        other_supplier: bool,
        /// A name without a supplier is meant in the bills of every maker that has it
        #[arg(long)]
        everywhere: bool,
        /// Replace what was said of the name before
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Say that a name is none of what is proposed for it now
    None {
        #[command(flatten)]
        which: Which,
        /// Replace what was said of the name before
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Confirm the proposals of a release whose name and supplier are those of one package or product; without --yes show them
    Exact {
        /// The release: its id, or maker, model and version in one argument
        release: String,
        /// Confirm them
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Take back what was said of a name
    TakeBack {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        database: Database,
    },
}

/// Which name.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The name, as bills of materials give it
    pub(crate) name: String,
    /// The supplier, else the group, as they give it [default: components whose bill names none]
    #[arg(long)]
    pub(crate) supplier: Option<String>,
}

impl NamesCommand {
    /// The database that it works on.
    pub(crate) fn database(&self) -> &Database {
        match self {
            NamesCommand::List { database, .. }
            | NamesCommand::Open { database, .. }
            | NamesCommand::Confirm { database, .. }
            | NamesCommand::None { database, .. }
            | NamesCommand::Exact { database, .. }
            | NamesCommand::TakeBack { database, .. } => database,
        }
    }
}
