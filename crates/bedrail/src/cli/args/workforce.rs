//! What can be typed after `bedrail people`.

use std::path::PathBuf;

use bedrail_model::ids::{DutyId, PolicyId, WorkerId};
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
        /// Only policies with these words in the title or the text
        #[arg(long, value_name = "WORDS")]
        text: Option<String>,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Bring a document as a new version of a policy; its words become the text
    Bring {
        /// The policy's id, as `people policies` shows it
        policy: PolicyId,
        /// PDF, DOCX without macros, or text
        file: PathBuf,
        /// What changed
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        note: String,
        #[command(flatten)]
        database: Database,
    },
    /// Take in a list of who signed on paper, with the scan as proof
    Signed {
        /// The id of what is asked, as `people asked` shows it
        asked: DutyId,
        /// The list in CSV: mail, staff number or name; signed (the day); version
        list: PathBuf,
        /// The scan of the signed sheets: PDF, PNG or JPEG
        #[arg(long, value_name = "FILE", required_unless_present = "dry_run")]
        scan: Option<PathBuf>,
        /// Look it through and change nothing
        #[arg(long)]
        dry_run: bool,
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
            | PeopleCommand::Bring { database, .. }
            | PeopleCommand::Signed { database, .. }
            | PeopleCommand::Asked { database, .. }
            | PeopleCommand::Night { database } => database,
        }
    }
}
