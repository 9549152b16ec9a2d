//! What can be typed after `bedrail people`.

use std::path::PathBuf;

use bedrail_model::ids::WorkerId;
use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct PeopleArgs {
    #[command(subcommand)]
    pub(crate) command: PeopleCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    /// List the roster: who works here, paid or not
    Roster {
        /// Part of a name, an address or a number
        #[arg(long, default_value = "", hide_default_value = true)]
        text: String,
        /// Only this ward
        #[arg(long, default_value = "", hide_default_value = true)]
        ward: String,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Take a roster over from a CSV file, or look it through
    Import {
        /// The file; `-` is standard input
        file: PathBuf,
        /// Look it through and change nothing
        #[arg(long)]
        dry_run: bool,
        /// The file has completions of courses: person, course, completed, score
        #[arg(long)]
        completions: bool,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Note the last day of somebody who leaves
    Leave {
        /// The person's id
        person: WorkerId,
        /// The last day [default: today]
        #[arg(long)]
        last: Option<Date>,
        #[command(flatten)]
        database: Database,
    },
    /// List the policies: what is in force, or was on a day, who signed, what is to be looked at again
    Policies {
        /// What was in force on this day
        #[arg(long, value_name = "DAY")]
        on: Option<Date>,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// List what is asked of people: policies, statements, courses
    Asked {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Assign and remind now (the server does it every day)
    Night {
        #[command(flatten)]
        database: Database,
    },
}

impl PeopleCommand {
    /// Which database.
    pub(crate) fn database(&self) -> &Database {
        match self {
            PeopleCommand::Roster { database, .. }
            | PeopleCommand::Import { database, .. }
            | PeopleCommand::Leave { database, .. }
            | PeopleCommand::Policies { database, .. }
            | PeopleCommand::Asked { database, .. }
            | PeopleCommand::Night { database } => database,
        }
    }
}
