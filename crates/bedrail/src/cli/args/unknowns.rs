//! What can be typed after `bedrail unknowns`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct UnknownsArgs {
    #[command(subcommand)]
    pub(crate) command: UnknownsCommand,
}

/// How one is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum QuestionFormat {
    /// The question, ready to be sent
    #[default]
    Question,
    /// JSON
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UnknownsCommand {
    /// List what is not known, the fact that would settle most devices first
    List {
        /// Free text: what is asked for, maker, model, component
        text: Option<String>,
        /// Only facts of a kind, such as `bill`, `versions`, `condition`
        #[arg(long)]
        kind: Option<String>,
        /// Rows at most
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Write the question that would settle one
    Ask {
        /// Its key
        key: String,
        /// Note that somebody was asked: who
        #[arg(long, requires = "owner", requires = "due")]
        whom: Option<String>,
        /// Who follows it up
        #[arg(long)]
        owner: Option<String>,
        /// By the end of which day an answer is expected
        #[arg(long, value_name = "DAY")]
        due: Option<Date>,
        #[arg(long, value_enum, default_value_t)]
        format: QuestionFormat,
        #[command(flatten)]
        database: Database,
    },
    /// Record what somebody answered: all devices concerned are judged by it
    Answer(Box<AnswerArgs>),
    /// List what was answered
    Answers {
        /// Only what holds for a release: its id, or maker, model and version in one text
        #[arg(long)]
        release: Option<String>,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Take an answer back: all devices concerned are judged without it
    TakeBack {
        /// Its id
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("about").required(true).args(["release", "model"])))]
#[command(group(ArgGroup::new("said").required(true).args(["runs_on", "contains", "has", "has_not", "lacks"])))]
pub(crate) struct AnswerArgs {
    /// It holds for a release: its id, or maker, model and version in one text
    #[arg(long)]
    pub(crate) release: Vec<String>,
    /// It holds for every release of a model
    #[arg(long, requires = "maker")]
    pub(crate) model: Option<String>,
    /// The maker of the model
    #[arg(long)]
    pub(crate) maker: Option<String>,
    /// It runs on an operating system, such as "Windows 10 1809"
    #[arg(long, value_name = "SYSTEM")]
    pub(crate) runs_on: Option<String>,
    /// It contains a component
    #[arg(long, value_name = "NAME", requires = "version")]
    pub(crate) contains: Option<String>,
    /// The version of the component
    #[arg(long)]
    pub(crate) version: Option<String>,
    /// The package URL of the component
    #[arg(long)]
    pub(crate) purl: Option<String>,
    /// It has or runs a product (CPE)
    #[arg(long, value_name = "CPE")]
    pub(crate) has: Option<String>,
    /// It does not have or run a product (CPE), in no version
    #[arg(long, value_name = "CPE")]
    pub(crate) has_not: Option<String>,
    /// It does not contain a component; it counts where there is no bill of materials
    #[arg(long, value_name = "NAME")]
    pub(crate) lacks: Option<String>,
    /// Who said so
    #[arg(long, value_name = "WHO")]
    pub(crate) said_by: String,
    /// On which day
    #[arg(long, value_name = "DAY")]
    pub(crate) said_on: Date,
    /// Where it stands: a letter, a message, the nameplate
    #[arg(long)]
    pub(crate) source: String,
    /// A file that shows it; it is kept
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
    /// The key of the question that it answers
    #[arg(long)]
    pub(crate) key: Option<String>,
    #[command(flatten)]
    pub(crate) database: Database,
}
