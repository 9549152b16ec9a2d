//! What can be typed after `bedrail campaign`.

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct Campaigns {
    #[command(subcommand)]
    pub(crate) command: CampaignCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CampaignCommand {
    /// Start one on a weakness; one that is open on it is shown as it is
    Start {
        /// The weakness, by an id or by what the press calls it: CVE-2021-44228, Log4Shell
        weakness: String,
        /// What to call it [default: what the press calls the weakness, else its id]
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// List them, the open ones first
    List {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show how one stands: wards, questions, actions, the time of each step
    Show {
        /// Its id, or the weakness of an open one
        campaign: String,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Put somebody on a ward, or on all of them
    Assign {
        /// Its id, or the weakness of an open one
        campaign: String,
        /// The ward [default: all wards]
        #[arg(long, requires = "site")]
        ward: Option<String>,
        /// The site of the ward
        #[arg(long)]
        site: Option<String>,
        /// `patch`, `isolate`, `replace`, `shield`, `accept` or `other`
        #[arg(long, default_value = "patch")]
        kind: String,
        /// Who does it
        #[arg(long)]
        owner: String,
        /// By the end of which day
        #[arg(long, value_name = "DAY")]
        due: Date,
        /// What is to be done, in words
        #[arg(long, default_value = "", hide_default_value = true)]
        what: String,
        /// What it costs, as an amount in the organisation's currency: 1250.50
        #[arg(long)]
        amount: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// End one with a sentence; what is still open is shown and goes on
    Close {
        /// Its id, or the weakness
        campaign: String,
        /// Why it ends
        #[arg(long)]
        sentence: String,
        #[command(flatten)]
        database: Database,
    },
}
