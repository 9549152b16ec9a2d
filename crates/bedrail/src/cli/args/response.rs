//! What can be typed after `bedrail risk`, `bedrail response` and `bedrail report`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct RiskArgs {
    #[command(subcommand)]
    pub(crate) command: RiskCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RiskCommand {
    /// Show the risks, unknown ones first, and what the signed analysis covers
    Show {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Judge a risk
    Judge(RiskJudgeArgs),
    /// Say whether the devices of a product hold patient data
    Declare {
        /// The product, as `risk show` names it
        product: String,
        /// `yes` or `no`
        #[arg(long)]
        holds: String,
        /// What they hold
        #[arg(long, default_value = "", hide_default_value = true)]
        what: String,
        /// Where that is known from
        #[arg(long)]
        source: String,
        #[command(flatten)]
        database: Database,
    },
    /// Take the workbook of the SRA tool of HHS in: threats here, answers into the self-assessment
    Import {
        /// The workbook, XLSX
        file: PathBuf,
        /// The site that its answers are about, of questions that are asked for each
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// Who closes the gaps that it shows; without one a "no" is not taken
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
        /// Until which day
        #[arg(long, value_name = "DAY")]
        due: Option<Date>,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Sign the analysis as it stands, and keep its document
    Sign {
        /// What it covers
        #[arg(long)]
        scope: String,
        /// What `risk show` printed as seen: where the analysis is another one by now, nothing is signed
        #[arg(long, value_name = "HASH")]
        seen: Option<String>,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RiskJudgeArgs {
    /// The product, as `risk show` names it
    pub(crate) product: String,
    /// The threat's code, as `risk show` has it
    pub(crate) threat: String,
    /// `low`, `moderate` or `high`
    #[arg(long)]
    pub(crate) likelihood: String,
    /// The same
    #[arg(long)]
    pub(crate) impact: String,
    /// `reduce`, `accept`, `avoid`, `transfer` or `undecided`
    #[arg(long)]
    pub(crate) treatment: String,
    /// A measure in place; can be given several times
    #[arg(long)]
    pub(crate) measure: Vec<String>,
    /// How likely with the measures
    #[arg(long)]
    pub(crate) likelihood_after: Option<String>,
    /// How bad with them
    #[arg(long)]
    pub(crate) impact_after: Option<String>,
    /// Who sees to it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) owner: String,
    /// Until which day
    #[arg(long, value_name = "DAY")]
    pub(crate) due: Option<String>,
    /// The action that carries it out, by id
    #[arg(long)]
    pub(crate) action: Option<String>,
    /// Why
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct ResponseArgs {
    #[command(subcommand)]
    pub(crate) command: ResponseCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ResponseCommand {
    /// Show the plan: contacts, downtime steps, who may disconnect what, exercises
    Show {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Put an entry into the plan; one of the same name and place takes the place of the one before
    Put(ResponsePutArgs),
    /// Make a line of what follows from an exercise an action
    FollowUp {
        /// The exercise, by its name in the plan
        exercise: String,
        /// Its place in the plan
        #[arg(long, default_value = "", hide_default_value = true)]
        place: String,
        /// The line, as the exercise has it
        #[arg(long)]
        what: String,
        /// Who does it
        #[arg(long)]
        owner: String,
        /// Until which day
        #[arg(long, value_name = "DAY")]
        due: String,
        /// What will show that it is done
        #[arg(long, value_name = "TEXT")]
        proof_needed: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Write the pack for print and a USB stick: HTML, PDF, hashes
    Pack {
        /// The folder to write into
        #[arg(long, value_name = "DIR")]
        output: PathBuf,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ResponsePutArgs {
    /// `contact`, `downtime`, `disconnect` or `exercise`
    pub(crate) kind: String,
    /// The role, the ward, what is disconnected, the exercise
    pub(crate) name: String,
    /// The site or ward where it holds
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) place: String,
    /// Its place in the order: who is called first
    #[arg(long, default_value_t = 0)]
    pub(crate) rank: u64,
    /// Who
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) person: String,
    /// How they are reached, by telephone
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) reach: String,
    /// A step, a condition or a note; can be given several times
    #[arg(long)]
    pub(crate) line: Vec<String>,
    /// What follows from an exercise; can be given several times
    #[arg(long)]
    pub(crate) follow_up: Vec<String>,
    /// The day of an exercise
    #[arg(long, value_name = "DAY")]
    pub(crate) day: Option<String>,
    /// End what was said before of this name and place
    #[arg(long)]
    pub(crate) withdraw: bool,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// `board`, `risk-analysis`, `action-plan`, `ward-risk`, `recognised-practices` or `document-request`
    pub(crate) name: String,
    /// `pdf`, `xlsx` or `html`
    #[arg(long, default_value = "pdf")]
    pub(crate) format: String,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) database: Database,
}
