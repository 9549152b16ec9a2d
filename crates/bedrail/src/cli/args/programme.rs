//! What can be typed after `bedrail programme` and `bedrail evidence`.

use std::path::PathBuf;

use bedrail_model::ids::ProofId;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct ProgrammeArgs {
    #[command(subcommand)]
    pub(crate) command: ProgrammeCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProgrammeCommand {
    /// List the requirements with their states, and the two figures
    List {
        /// Of this catalogue: hipaa-security-rule, privacy-and-admin, breach-notification, …
        #[arg(long, value_name = "NAME")]
        catalogue: Option<String>,
        /// In this state
        #[arg(long, value_enum, value_name = "STATE")]
        state: Option<StateOf>,
        /// Only those with something past its date
        #[arg(long)]
        overdue: bool,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show one requirement: its signals, facts, documents and decisions
    Show {
        /// Its id, as `programme list` shows it
        id: String,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show how the requirements stood on a past day, as known then and as known now
    On {
        /// The day, such as 2026-03-01
        day: Date,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Write down how the requirements stand today (the server does it every day)
    Note {
        #[command(flatten)]
        database: Database,
    },
    /// Bring a document that shows something
    Prove(ProveArgs),
    /// Take a document back: it counts no more
    Withdraw {
        /// The document's id, as `programme show` has it
        id: ProofId,
        #[command(flatten)]
        database: Database,
    },
    /// Decide on an addressable specification (45 CFR 164.306(d))
    Decide(ProgrammeDecideArgs),
    /// List the questions of the self-assessment with what was answered
    Ask {
        /// For this site
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// Only those without a yes or a no
        #[arg(long)]
        open: bool,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Answer a question of the self-assessment
    Answer(SelfAnswerArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// The requirement's id
    pub(crate) id: String,
    /// The document: PDF, DOCX without macros, PNG, JPEG, CSV, TXT
    pub(crate) file: PathBuf,
    /// The value that it shows: yes, 0, 12, 95/100, as the signal counts
    #[arg(long, value_name = "VALUE")]
    pub(crate) shows: String,
    /// The signal that it shows; needed where the requirement has several
    #[arg(long, value_name = "ID")]
    pub(crate) signal: Option<String>,
    /// The system that it is about
    #[arg(long, value_name = "NAME")]
    pub(crate) system: Option<String>,
    /// The first day that it is about
    #[arg(long, value_name = "DAY")]
    pub(crate) about_from: Date,
    /// The last day that it is about
    #[arg(long, value_name = "DAY")]
    pub(crate) about_to: Option<Date>,
    /// The day on which it was collected [default: today]
    #[arg(long, value_name = "DAY")]
    pub(crate) collected: Option<Date>,
    /// Who collected it
    #[arg(long, value_name = "NAME")]
    pub(crate) collector: String,
    /// The last day on which it counts
    #[arg(long, value_name = "DAY")]
    pub(crate) expires: Option<Date>,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct ProgrammeDecideArgs {
    /// The requirement's id
    pub(crate) id: String,
    /// What is decided
    #[arg(value_enum)]
    pub(crate) outcome: OutcomeWord,
    /// Of an alternative: the measure that stands in its place
    #[arg(long, value_name = "TEXT")]
    pub(crate) measure: Option<String>,
    /// A system for which it holds, such as a model; may be given several times [default: all]
    #[arg(long = "system", value_name = "NAME")]
    pub(crate) systems: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who approved it
    #[arg(long, value_name = "NAME")]
    pub(crate) approver: String,
    /// The day of the decision [default: today]
    #[arg(long, value_name = "DAY")]
    pub(crate) decided: Option<Date>,
    /// The last day on which it holds without a new look
    #[arg(long, value_name = "DAY")]
    pub(crate) review_by: Date,
    /// A document that shows the measure or the assessment, by its id
    #[arg(long, value_name = "ID")]
    pub(crate) proof: Option<ProofId>,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct SelfAnswerArgs {
    /// The requirement's id, as `programme ask` lists it
    pub(crate) id: String,
    /// The answer
    #[arg(value_enum)]
    pub(crate) answer: AnswerWord,
    /// The site, where it is asked for each
    #[arg(long, value_name = "NAME")]
    pub(crate) site: Option<String>,
    /// What is to be said with it
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Where to look: a page of this program, the number of a paper
    #[arg(long, value_name = "TEXT")]
    pub(crate) evidence: Option<String>,
    /// A document that shows it
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
    /// Of a "no": who closes the gap
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<String>,
    /// Of a "no": by the end of which day
    #[arg(long, value_name = "DAY")]
    pub(crate) due: Option<Date>,
    #[command(flatten)]
    pub(crate) database: Database,
}

/// The answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerWord {
    /// It is so
    Yes,
    /// It is not so: a gap, which becomes an action
    No,
    /// Nobody knows
    NotSure,
}

impl AnswerWord {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            AnswerWord::Yes => "yes",
            AnswerWord::No => "no",
            AnswerWord::NotSure => "not_sure",
        }
    }
}

/// The lawful outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeWord {
    /// Implemented as the specification says
    Implement,
    /// An equivalent measure stands in its place
    Alternative,
    /// Not reasonable and appropriate here
    NotReasonable,
}

impl OutcomeWord {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            OutcomeWord::Implement => "implement",
            OutcomeWord::Alternative => "alternative",
            OutcomeWord::NotReasonable => "not_reasonable",
        }
    }
}

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateOf {
    /// Facts or documents show it
    Evidenced,
    /// People say so
    Claimed,
    /// Some of it is so
    Partly,
    /// Nothing in force says anything
    Unknown,
    /// Facts show that it is not so
    No,
}

impl StateOf {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            StateOf::Evidenced => "evidenced",
            StateOf::Claimed => "claimed",
            StateOf::Partly => "partly",
            StateOf::Unknown => "unknown",
            StateOf::No => "no",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct EvidenceArgs {
    #[command(subcommand)]
    pub(crate) command: EvidenceCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// Seal the evidence of a period in one ZIP that anybody can check
    Export {
        /// The first day
        #[arg(long, value_name = "DAY")]
        from: Date,
        /// The last day
        #[arg(long, value_name = "DAY")]
        to: Date,
        /// Only this requirement, or all of a catalogue; can be given several times
        #[arg(long = "requirement", value_name = "ID")]
        requirements: Vec<String>,
        /// Only this site, of what is said of sites; can be given several times
        #[arg(long = "site", value_name = "NAME")]
        sites: Vec<String>,
        /// The file; it must not be there yet
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// Check a binder to its last byte; no data folder, no network
    Verify {
        /// The binder; `-` is standard input
        file: PathBuf,
        /// The public key that was noted earlier, in hexadecimal: the binder must be signed by it
        #[arg(long, value_name = "KEY", value_parser = parse_key)]
        key: Option<[u8; 32]>,
    },
}

fn parse_key(text: &str) -> Result<[u8; 32], String> {
    let bytes = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| "expected 64 hexadecimal digits as `bedrail evidence export` prints them".to_owned())
}

impl ProgrammeCommand {
    /// The database that it works on.
    pub(crate) fn database(&self) -> &Database {
        match self {
            ProgrammeCommand::List { database, .. }
            | ProgrammeCommand::Show { database, .. }
            | ProgrammeCommand::On { database, .. }
            | ProgrammeCommand::Note { database }
            | ProgrammeCommand::Ask { database, .. }
            | ProgrammeCommand::Withdraw { database, .. } => database,
            ProgrammeCommand::Prove(options) => &options.database,
            ProgrammeCommand::Decide(options) => &options.database,
            ProgrammeCommand::Answer(options) => &options.database,
        }
    }
}
