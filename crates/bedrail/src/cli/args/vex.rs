//! What can be typed after `bedrail vex`.

use std::path::PathBuf;

use bedrail_app::vex::{Format, Standing};
use bedrail_model::ids::{ReleaseId, VexStatementId};
use bedrail_model::vex::Justification;
use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct VexArgs {
    #[command(subcommand)]
    pub(crate) command: VexCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VexCommand {
    /// Take in documents: OpenVEX, CSAF or CycloneDX
    Add {
        /// The documents
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The OpenPGP signature of a single document [default: FILE.asc beside it, where there is one]
        #[arg(long, value_name = "FILE")]
        signature: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// List statements, and what they say of our releases
    List {
        /// Free text: weakness, issuer, product, release
        text: Option<String>,
        /// Only those that stand so: proposed, unclear, in_force, unpinned, unmatched, lapsed, declined, replaced
        #[arg(long, value_parser = standing)]
        standing: Option<Standing>,
        /// Only those that another issuer contradicts
        #[arg(long)]
        contradicted: bool,
        /// Only those of which something was accepted that takes nothing away
        #[arg(long, conflicts_with = "expired")]
        unused: bool,
        /// Only those of which something was accepted, and what it stood on is gone
        #[arg(long)]
        expired: bool,
        #[command(flatten)]
        shown: Shown,
    },
    /// List statements that matched nothing of ours
    Unmatched {
        #[command(flatten)]
        shown: Shown,
    },
    /// Accept what a statement says of a release: it becomes a decision
    Accept {
        /// The statement's id
        id: VexStatementId,
        /// The release's id
        #[arg(long)]
        release: ReleaseId,
        /// The justification that the statement means, where it gives its reason in free text only
        #[arg(long, value_parser = justification)]
        justification: Option<Justification>,
        /// Why it is accepted [default: the statement's own words]
        #[arg(long)]
        reason: Option<String>,
        /// Of “affected”: what is to be done [default: the statement's own advice]
        #[arg(long, requires = "owner")]
        action: Option<String>,
        /// Of “affected”: the person or team who does it
        #[arg(long, requires = "due")]
        owner: Option<String>,
        /// Of “affected”: by the end of which day
        #[arg(long, requires = "owner", value_name = "DATE")]
        due: Option<Date>,
        #[command(flatten)]
        database: Database,
    },
    /// Write our decisions as statements for others
    Export {
        /// openvex, csaf or cyclonedx
        #[arg(long, value_parser = written_format)]
        format: Format,
        /// Of this release alone [default: all]
        #[arg(long)]
        release: Option<ReleaseId>,
        #[command(flatten)]
        database: Database,
    },
    /// Put a statement aside, or take it up again
    Decline {
        /// The statement's id
        id: VexStatementId,
        /// Take it up again
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        database: Database,
    },
    /// List issuers: those whose word counts, and those that nobody pinned
    Issuers {
        #[command(flatten)]
        database: Database,
    },
    /// Say that an issuer's word counts
    Pin {
        /// What the issuer is known by, as `vex issuers` shows it
        key: String,
        /// A maker of whose products it may speak; repeat for several [default: all makers]
        #[arg(long = "maker", value_name = "MAKER")]
        makers: Vec<String>,
        /// Write down a rule: its statements are accepted without a person, where nothing asks for one
        #[arg(long)]
        automatic: bool,
        /// Only what this public key signed counts: PEM, or an OpenPGP certificate [default: whoever pins trusts the way the documents come]
        #[arg(long, value_name = "FILE")]
        signing_key: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// Say that an issuer's word does not count any more
    Unpin {
        /// What the issuer is known by
        key: String,
        #[command(flatten)]
        database: Database,
    },
}

/// How many rows of a list are shown, and how.
#[derive(Debug, Args)]
pub(crate) struct Shown {
    /// Rows at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TableOrJson,
    #[command(flatten)]
    pub(crate) database: Database,
}

impl VexCommand {
    /// The database that it works on.
    pub(crate) fn database(&self) -> &Database {
        match self {
            VexCommand::Add { database, .. }
            | VexCommand::Accept { database, .. }
            | VexCommand::Export { database, .. }
            | VexCommand::Decline { database, .. }
            | VexCommand::Issuers { database }
            | VexCommand::Pin { database, .. }
            | VexCommand::Unpin { database, .. } => database,
            VexCommand::List { shown, .. } | VexCommand::Unmatched { shown } => &shown.database,
        }
    }
}

fn standing(text: &str) -> Result<Standing, String> {
    Standing::from_code(text).ok_or_else(|| {
        let codes: Vec<&str> = Standing::ALL.iter().map(|it| it.code()).collect();
        format!("one of {}", codes.join(", "))
    })
}

fn justification(text: &str) -> Result<Justification, String> {
    Justification::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Justification::ALL.iter().map(|it| it.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

fn written_format(text: &str) -> Result<Format, String> {
    Format::from_code(text).ok_or_else(|| "one of openvex, csaf, cyclonedx".to_owned())
}
