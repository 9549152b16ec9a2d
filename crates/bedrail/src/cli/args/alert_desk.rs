//! What can be typed after `bedrail alerts` about deciding, pauses, links and the rota.

use clap::Subcommand;
use jiff::civil::Date;

use super::{Database, TextOrJson};

#[derive(Debug, Subcommand)]
pub(crate) enum DeskCommand {
    /// Say what items are, and what will be done
    Decide {
        /// Their ids or short numbers
        #[arg(required = true)]
        ids: Vec<String>,
        /// What they are; `unknown` leaves the time for deciding running
        #[arg(long = "as", value_parser = ["attack", "breach", "harmless", "false_alarm", "unknown"])]
        verdict: String,
        /// What will be done, in a sentence
        #[arg(long)]
        because: String,
        #[command(flatten)]
        database: Database,
    },
    /// Let the clocks of an item stand still, with a reason and for a time
    Pause {
        /// Its id or short number
        id: String,
        /// What it waits for: the maker, the ward, patient care first, a change window
        #[arg(long = "for", value_parser = ["maker", "ward", "care", "window"])]
        wait: String,
        /// Why, in a sentence
        #[arg(long)]
        because: String,
        /// For how many hours
        #[arg(long)]
        hours: u16,
        #[command(flatten)]
        database: Database,
    },
    /// Let the clocks of an item go on
    Resume {
        /// Its id or short number
        id: String,
        #[command(flatten)]
        database: Database,
    },
    /// Say what an item belongs to
    Link {
        /// Its id or short number
        id: String,
        #[arg(long, value_parser = ["finding", "action", "campaign", "incident"])]
        kind: String,
        /// The id of the weakness, the action or the campaign; or what the incident is called
        #[arg(long)]
        to: String,
        #[command(flatten)]
        database: Database,
    },
    /// Say that an item does not belong to something
    Unlink {
        /// Its id or short number
        id: String,
        #[arg(long, value_parser = ["finding", "action", "campaign", "incident"])]
        kind: String,
        /// What was linked
        #[arg(long)]
        to: String,
        #[command(flatten)]
        database: Database,
    },
    /// Put an action down that an item asks for, about its device
    MakeAction {
        /// Its id or short number
        id: String,
        /// What is to be done
        #[arg(long)]
        what: String,
        /// Who does it
        #[arg(long)]
        owner: String,
        /// By the end of which day
        #[arg(long)]
        due: Date,
        #[command(flatten)]
        database: Database,
    },
    /// Show who has duty, who is away, and who is told when
    Rota {
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Add a duty to the rota
    AddDuty {
        /// On which days of the week: mon, mon-fri, sat,sun
        #[arg(long)]
        days: String,
        /// From when, such as 08:00
        #[arg(long)]
        from: String,
        /// Until when; an end that is not later is of the next day
        #[arg(long)]
        to: String,
        /// Who has it, by sign-in name
        #[arg(long)]
        person: String,
        /// Who stands in, by sign-in name
        #[arg(long)]
        deputy: Option<String>,
        /// For the alerts of devices of this site alone
        #[arg(long)]
        site: Option<String>,
        /// For those of this ward alone
        #[arg(long)]
        ward: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Take a duty away
    RemoveDuty {
        /// Its id
        id: String,
        #[command(flatten)]
        database: Database,
    },
    /// Write down that somebody is away
    AddAbsence {
        /// Who is away, by sign-in name
        #[arg(long)]
        person: String,
        /// The first day
        #[arg(long)]
        first: Date,
        /// The last day, inclusive
        #[arg(long)]
        last: Date,
        /// Who stands in, by sign-in name
        #[arg(long)]
        deputy: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Take an absence away
    RemoveAbsence {
        /// Its id
        id: String,
        #[command(flatten)]
        database: Database,
    },
    /// Set the zone that days and shifts of the rota are read in
    RotaZone {
        /// Its code, such as eastern or central-europe
        zone: String,
        #[command(flatten)]
        database: Database,
    },
}

impl DeskCommand {
    /// The database that it works on.
    pub(crate) fn database(&self) -> &Database {
        match self {
            DeskCommand::Decide { database, .. }
            | DeskCommand::Pause { database, .. }
            | DeskCommand::Resume { database, .. }
            | DeskCommand::Link { database, .. }
            | DeskCommand::Unlink { database, .. }
            | DeskCommand::MakeAction { database, .. }
            | DeskCommand::Rota { database, .. }
            | DeskCommand::AddDuty { database, .. }
            | DeskCommand::RemoveDuty { database, .. }
            | DeskCommand::AddAbsence { database, .. }
            | DeskCommand::RemoveAbsence { database, .. }
            | DeskCommand::RotaZone { database, .. } => database,
        }
    }
}
