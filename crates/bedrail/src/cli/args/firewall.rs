//! What can be typed after `bedrail firewall`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct FirewallArgs {
    #[command(subcommand)]
    pub(crate) command: FirewallCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FirewallCommand {
    /// List them: what each does, how old its rules are, who says so
    List {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show one: its sites, what it stopped and would have, what probes showed, its rule sets
    Show {
        /// Its name or id
        firewall: String,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Follow a firewall of ours: its events come into the ledger, its rule sets into the audit log
    Follow(FollowArgs),
    /// Register a firewall of somebody else as a fact with an age
    Add(AddArgs),
    /// Say anew which devices stand behind a firewall, or behind a site of ours
    Devices {
        /// Its name or id
        firewall: String,
        /// The key of the site
        #[arg(long, default_value = "", hide_default_value = true)]
        site: String,
        /// A device: id, name or address; can be given several times
        #[arg(long)]
        device: Vec<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Propose a narrow exclusion as text, with what it would have let through; nothing is changed
    Exclude(ExcludeArgs),
    /// Take one back
    Withdraw {
        /// Its name or id
        firewall: String,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("from").required(true).args(["config", "folder"])))]
pub(crate) struct FollowArgs {
    /// What to call it
    pub(crate) name: String,
    /// The file of sites that `bedrail waf run` is started with
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder with its report and its events, where the file of sites is not here
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// The name of the events file in the folder
    #[arg(long, value_name = "NAME", default_value = "events.jsonl", conflicts_with = "config")]
    pub(crate) events: String,
    /// Who says that it is there, and as what [default: who does this]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// What to call it; what was said before under this name is taken back
    pub(crate) name: String,
    /// `f5`, `cloudflare`, `imperva`, `modsecurity`, `coraza` or `other`
    #[arg(long)]
    pub(crate) product: String,
    /// `block`, `detect`, `off` or `unknown`
    #[arg(long, default_value = "unknown")]
    pub(crate) mode: String,
    /// The day of its rules, as 2026-11-01
    #[arg(long, value_name = "DAY")]
    pub(crate) rules_on: Option<String>,
    /// How one knows, in a sentence
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) proof: String,
    /// A document of the programme that shows it, by id
    #[arg(long, value_name = "ID")]
    pub(crate) document: Option<String>,
    /// Who says so, and as what
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// The last day on which it counts [default: 90 days from today]
    #[arg(long, value_name = "DAY")]
    pub(crate) expires: Option<String>,
    /// A device behind it: id, name or address; can be given several times
    #[arg(long)]
    pub(crate) device: Vec<String>,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct ExcludeArgs {
    /// Its name or id
    pub(crate) firewall: String,
    /// The key of the site
    #[arg(long)]
    pub(crate) site: String,
    /// The rule
    #[arg(long)]
    pub(crate) rule: u32,
    /// The one place where it does not look, as ARGS:note
    #[arg(long)]
    pub(crate) at: String,
    /// The path, exactly
    #[arg(long)]
    pub(crate) path: Option<String>,
    /// The method
    #[arg(long)]
    pub(crate) method: Option<String>,
    /// Why it is harmless there
    #[arg(long)]
    pub(crate) reason: String,
    /// The last day on which it holds [default: 90 days from today]
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<String>,
    #[command(flatten)]
    pub(crate) database: Database,
}
