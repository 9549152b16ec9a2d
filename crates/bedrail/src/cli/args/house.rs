//! Who the house is: organisations, accounts, the audit log.

use std::path::PathBuf;

use bedrail_model::organisation::OrgKind;
use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::Database;
use crate::cli::sso_args::SsoCommand;

#[derive(Debug, Args)]
pub(crate) struct Organisation {
    #[command(subcommand)]
    pub(crate) command: OrganisationCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OrganisationCommand {
    /// List the organisations of this installation
    List {
        #[command(flatten)]
        database: Database,
    },
    /// Add an organisation, with a first administrator and a one-time password
    Add {
        /// Its name
        name: String,
        /// What the law calls it
        #[arg(long, value_name = "KIND", default_value = "covered_entity", value_parser = parse_kind)]
        kind: OrgKind,
        /// Sign-in name of its first administrator; an account that is there becomes a member
        #[arg(long, value_name = "NAME")]
        administrator: String,
        #[command(flatten)]
        database: Database,
    },
    /// Set single sign-on up, show it, turn it off
    Sso {
        #[command(subcommand)]
        command: SsoCommand,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check every link of the log: of an exported file, without any database, or of the database
    Verify {
        /// An exported file; `-` is standard input; without it the database is checked
        file: Option<PathBuf>,
        /// A head that was noted earlier, NUMBER:HASH: the log must have come by it
        #[arg(long, value_name = "HEAD", value_parser = parse_head)]
        head: Option<(i64, Vec<u8>)>,
        /// The public key that was noted earlier: an exported file must be signed by it
        #[arg(long, value_name = "KEY", requires = "file")]
        key: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Write down that a head of the log was noted outside: with an authority, in public, with a notary
    Anchor {
        /// The head as `audit verify` prints it, NUMBER:HASH [default: that of now]
        #[arg(long, value_name = "HEAD", default_value = "", hide_default_value = true)]
        head: String,
        /// `time_stamp`, `published` or `deposited`
        #[arg(long)]
        kind: String,
        /// Who keeps it
        #[arg(long, value_name = "NAME")]
        keeper: String,
        /// Where it is found: an address, a number
        #[arg(long, value_name = "TEXT")]
        place: String,
        /// The day on which it was noted there
        #[arg(long, value_name = "DAY")]
        noted: Date,
        /// The reply of the time-stamp authority (RFC 3161), or a receipt
        #[arg(long, value_name = "FILE")]
        reply: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// List where heads of the log were noted outside
    Anchors {
        #[command(flatten)]
        database: Database,
    },
    /// Write the whole log to a file that `audit verify` checks anywhere
    Export {
        /// The file; it must not be there yet; `-` is standard output
        file: PathBuf,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    #[command(subcommand)]
    pub(crate) command: AccountCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// List the members of the organisation
    List {
        #[command(flatten)]
        database: Database,
    },
    /// Make somebody an administrator with a one-time password, whatever state the account is in
    Emergency {
        /// Sign-in name; an account that is not there is made
        name: String,
        #[command(flatten)]
        database: Database,
    },
    /// Give a member a one-time password; sessions and tokens end
    ResetPassword {
        /// Sign-in name
        name: String,
        #[command(flatten)]
        database: Database,
    },
    /// Take a member's second factor away; sessions and tokens end
    ResetSecondFactor {
        /// Sign-in name
        name: String,
        #[command(flatten)]
        database: Database,
    },
    /// Unlink a member from the identity at the organisation's provider; sessions and tokens end
    Unlink {
        /// Sign-in name
        name: String,
        #[command(flatten)]
        database: Database,
    },
    /// Erase everything that names a person, in every organisation and in the audit log; nobody can bring it back
    Erase {
        /// Sign-in name; with `--invited` the name or address in the invitation
        name: String,
        /// Erase somebody who was invited and never joined
        #[arg(long)]
        invited: bool,
        /// Say that you mean it
        #[arg(long, required = true)]
        for_good: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Close a member's account: it opens nothing any more
    Close {
        /// Sign-in name
        name: String,
        #[command(flatten)]
        database: Database,
    },
}

/// A head as `audit verify` prints it.
fn parse_head(text: &str) -> Result<(i64, Vec<u8>), String> {
    let wrong = || "expected NUMBER:HASH as `bedrail audit verify` prints it".to_owned();
    let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
    let hash = hex::decode(hash).map_err(|_| wrong())?;
    let number = number.parse().map_err(|_| wrong())?;
    if hash.len() == 32 { Ok((number, hash)) } else { Err(wrong()) }
}

/// A kind of organisation by its code.
fn parse_kind(text: &str) -> Result<OrgKind, String> {
    let codes = OrgKind::ALL.map(OrgKind::code).join(", ");
    OrgKind::from_code(text).ok_or_else(|| format!("expected one of {codes}"))
}
