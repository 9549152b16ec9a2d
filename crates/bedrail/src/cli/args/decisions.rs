//! What can be typed after `bedrail decide`, `bedrail decisions` and `bedrail actions`.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::{Database, TableOrJson};

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerdictWord {
    /// Somebody looks into it
    UnderInvestigation,
    /// It is there, and something is done (needs --action, --owner, --due)
    Affected,
    /// It cannot do harm here (needs --justification)
    NotAffected,
    /// It was there, and is mended
    Fixed,
    /// The risk is accepted (needs --until, --approver)
    RiskAccepted,
}

/// Why it cannot do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum JustificationWord {
    /// The component is not there
    ComponentNotPresent,
    /// The weak code is not there
    VulnerableCodeNotPresent,
    /// The weak code never runs
    VulnerableCodeNotInExecutePath,
    /// Nobody from outside can steer it
    VulnerableCodeCannotBeControlledByAdversary,
    /// Something in the product stops the attack
    InlineMitigationsAlreadyExist,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("where").required(true).args(["device", "release", "model", "everywhere"])))]
pub(crate) struct DecideArgs {
    /// The weaknesses, by any of their ids
    #[arg(required = true)]
    pub(crate) weaknesses: Vec<String>,
    /// What is decided
    #[arg(long, value_enum)]
    pub(crate) verdict: VerdictWord,
    /// Why, in a sentence
    #[arg(long)]
    pub(crate) reason: String,
    /// On these devices: id, asset tag or serial number
    #[arg(long, value_name = "DEVICE")]
    pub(crate) device: Vec<String>,
    /// On every device of a release: its id, or maker, model and version in one text
    #[arg(long)]
    pub(crate) release: Option<String>,
    /// On every release of a model
    #[arg(long, requires = "maker")]
    pub(crate) model: Option<String>,
    /// The maker of the model
    #[arg(long)]
    pub(crate) maker: Option<String>,
    /// The last version of the model, inclusive [default: every version]
    #[arg(long, value_name = "VERSION", requires = "model")]
    pub(crate) up_to: Option<String>,
    /// Everywhere in the organisation, now and later
    #[arg(long)]
    pub(crate) everywhere: bool,
    /// Why it is not affected
    #[arg(long, value_enum)]
    pub(crate) justification: Option<JustificationWord>,
    /// The last day on which the risk is accepted
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<Date>,
    /// Who answers for the risk, by name or office
    #[arg(long)]
    pub(crate) approver: Option<String>,
    /// What is to be done
    #[arg(long, requires = "owner", requires = "due")]
    pub(crate) action: Option<String>,
    /// Who does it
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// By the end of which day
    #[arg(long, value_name = "DAY")]
    pub(crate) due: Option<Date>,
    /// The day on which it is to be looked at again
    #[arg(long, value_name = "DAY")]
    pub(crate) review_on: Option<Date>,
    /// Only say what it would touch
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct Decisions {
    #[command(subcommand)]
    pub(crate) command: DecisionsCommand,
}

/// Which decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum StateWord {
    /// Those in force
    #[default]
    InForce,
    /// Those to be looked at again
    ToReview,
    /// Those that were taken back
    TakenBack,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DecisionsCommand {
    /// List them, the last first
    List {
        /// Free text: weakness, reason, maker, model
        text: Option<String>,
        #[arg(long, value_enum, default_value_t)]
        state: StateWord,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Take one back: what it took away stands again
    TakeBack {
        /// Its id
        id: String,
        #[command(flatten)]
        database: Database,
    },
}

/// When to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhenWord {
    /// Now
    Immediate,
    /// Before the next maintenance
    OutOfCycle,
    /// With the next maintenance
    Scheduled,
    /// Not now
    Defer,
}

#[derive(Debug, Args)]
pub(crate) struct Priorities {
    /// Free text: weakness, maker, model
    pub(crate) text: Option<String>,
    /// Only what is to be acted on then
    #[arg(long, value_enum)]
    pub(crate) when: Option<WhenWord>,
    /// What if these were isolated: `outside`, or a release by id or name
    #[arg(long, value_name = "WHAT")]
    pub(crate) isolate: Option<String>,
    /// Rows at most
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) limit: u32,
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TableOrJson,
    #[command(flatten)]
    pub(crate) database: Database,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TableOrCsv {
    /// A table for people
    #[default]
    Table,
    /// JSON for programs
    Json,
    /// CSV for spreadsheets
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Actions {
    #[command(subcommand)]
    pub(crate) command: ActionsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ActionsCommand {
    /// List what is to be done, by its day
    List {
        /// Free text: what, who, weakness
        text: Option<String>,
        /// `open`, `done` or `dropped`; of the done ones `closed` or `not_shown`
        #[arg(long, default_value = "open")]
        state: String,
        /// `patch`, `isolate`, `replace`, `shield`, `accept`, `ask` or `other`
        #[arg(long)]
        kind: Option<String>,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrCsv,
        #[command(flatten)]
        database: Database,
    },
    /// Write the calendar of what is to be done (iCalendar)
    Calendar {
        #[command(flatten)]
        database: Database,
    },
    /// What it costs, by the quarter in which it is due
    Budget {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Say that one is done, and what shows it
    Done {
        /// Its id
        id: String,
        /// What shows it
        #[arg(long)]
        proof: String,
        #[command(flatten)]
        database: Database,
    },
    /// Say that one will not be done, and why
    Drop {
        /// Its id
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        database: Database,
    },
}
