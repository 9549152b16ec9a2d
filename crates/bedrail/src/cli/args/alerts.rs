//! What can be typed after `bedrail alerts`.

use std::net::SocketAddr;
use std::path::PathBuf;

use bedrail_model::alert::Network;
use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::{Database, DeskCommand, PaperFormat, TableOrJson, TextOrJson};

#[derive(Debug, Args)]
pub(crate) struct AlertsArgs {
    #[command(subcommand)]
    pub(crate) command: AlertsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// List the work that alerts make, the most urgent first
    List {
        /// Open items, closed ones, all
        #[arg(long, value_parser = ["open", "closed", "all"], default_value = "open")]
        state: String,
        /// Only those that nobody has
        #[arg(long)]
        untaken: bool,
        /// Only those past the time of their next step
        #[arg(long)]
        late: bool,
        /// Only those on which nobody has decided
        #[arg(long)]
        undecided: bool,
        /// Only those whose clocks stand still
        #[arg(long)]
        paused: bool,
        /// Only those that ended so
        #[arg(long, value_parser = ["blocked", "allowed", "unknown", "success"])]
        outcome: Option<String>,
        /// Text in rule, name, address, network or path
        #[arg(long)]
        text: Option<String>,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[arg(long, value_enum, default_value_t)]
        format: PaperFormat,
        #[command(flatten)]
        database: Database,
    },
    /// Show one item: what happened to it, and its newest events
    Show {
        /// Its id or short number
        id: String,
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Take items, or give them to somebody
    Take {
        /// Their ids or short numbers
        #[arg(required = true)]
        ids: Vec<String>,
        /// Who has them then [default: you]
        #[arg(long)]
        owner: Option<String>,
        /// Who has them now
        #[arg(long)]
        from: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Close items, with a reason and a sentence
    Close {
        /// Their ids or short numbers
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why
        #[arg(long, value_parser = ["false_alarm", "expected", "stopped", "not_affected", "mended", "incident"])]
        reason: String,
        /// Why, in a sentence
        #[arg(long)]
        because: String,
        #[command(flatten)]
        database: Database,
    },
    /// Open a closed item again
    Reopen {
        /// Its id
        id: String,
        /// Why, in a sentence
        #[arg(long)]
        because: String,
        #[command(flatten)]
        database: Database,
    },
    /// Say something about an item
    Comment {
        /// Its id
        id: String,
        /// What
        text: String,
        #[command(flatten)]
        database: Database,
    },
    /// Take in what was closed in a SIEM or ticket system: CSV with columns for id, person and sentence
    Closings {
        /// The file
        file: PathBuf,
        /// The system, such as ServiceNow
        #[arg(long)]
        system: String,
        /// The columns: id, person, sentence, in this order
        #[arg(long, value_delimiter = ',', default_value = "id,person,sentence")]
        columns: Vec<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Show that every event that was received is accounted for
    Prove {
        /// The first day of receipt, in UTC [default: a month before the last]
        #[arg(long)]
        from: Option<Date>,
        /// The last day [default: today]
        #[arg(long)]
        to: Option<Date>,
        /// Only one device, by id
        #[arg(long)]
        device: Option<String>,
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// List where alerts come from
    Sources {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Add a source of alerts
    AddSource {
        #[command(flatten)]
        settings: Box<SourceSettings>,
        #[command(flatten)]
        database: Database,
    },
    /// Set a source up anew
    SetSource {
        /// Its name or id as it is
        source: String,
        #[command(flatten)]
        settings: Box<SourceSettings>,
        #[command(flatten)]
        database: Database,
    },
    /// Read what is new in a file of alerts
    Import {
        /// The file
        file: PathBuf,
        /// The source, by name or id
        #[arg(long)]
        source: String,
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Read what is new in the files that sources follow, once; a server does it all the time
    Follow {
        #[command(flatten)]
        database: Database,
    },
    /// Listen for syslog until stopped
    Listen {
        /// The source, by name or id
        #[arg(long)]
        source: String,
        /// Take datagrams here (RFC 5426)
        #[arg(long, value_name = "ADDRESS:PORT")]
        udp: Option<SocketAddr>,
        /// Take connections here (RFC 6587)
        #[arg(long, value_name = "ADDRESS:PORT")]
        tcp: Option<SocketAddr>,
        /// Take TLS connections here (RFC 5425)
        #[arg(long, value_name = "ADDRESS:PORT", requires = "tls_cert")]
        tls: Option<SocketAddr>,
        /// The certificate chain for --tls, PEM
        #[arg(long, value_name = "FILE", requires = "tls_key")]
        tls_cert: Option<PathBuf>,
        /// Its private key, PEM
        #[arg(long, value_name = "FILE")]
        tls_key: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// List written policies that close items
    Policies {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Write a policy that closes items of a rule; without --yes show how many it would close
    AddPolicy {
        #[command(flatten)]
        policy: Box<PolicySettings>,
        #[command(flatten)]
        database: Database,
    },
    /// End a policy
    EndPolicy {
        /// Its id
        id: String,
        #[command(flatten)]
        database: Database,
    },
    #[command(flatten)]
    Desk(DeskCommand),
}

/// What a source is like.
#[derive(Debug, Args)]
pub(crate) struct SourceSettings {
    /// What people call it
    #[arg(long)]
    pub(crate) name: String,
    /// The kind of its lines [default: told line by line]
    #[arg(long, value_parser = ["eve", "modsecurity", "coraza", "wazuh", "cef", "syslog", "mapped"])]
    pub(crate) kind: Option<String>,
    /// The mapping file of JSON of another kind; see docs/alerts.md
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// The zone of times that name none, such as Europe/Berlin [default: UTC]
    #[arg(long)]
    pub(crate) zone: Option<String>,
    /// A network of ours, beside those that are never routed outside; several times
    #[arg(long, value_name = "NETWORK")]
    pub(crate) own: Vec<Network>,
    /// The highest severity number of plain syslog that is an alert, 0 to 7
    #[arg(long, default_value_t = bedrail_app::alerts::SYSLOG_SEVERITY)]
    pub(crate) syslog_severity: u8,
    /// The file to follow, through rotations
    #[arg(long, value_name = "FILE")]
    pub(crate) follow: Option<PathBuf>,
    /// Days that events are kept; their numbers stay
    #[arg(long, default_value_t = bedrail_app::alerts::KEEP_DAYS)]
    pub(crate) keep_days: u32,
    /// Minutes without anything after which it counts as silent
    #[arg(long)]
    pub(crate) silent_minutes: Option<u32>,
}

/// What a policy says.
#[derive(Debug, Args)]
pub(crate) struct PolicySettings {
    /// What people call it
    #[arg(long)]
    pub(crate) name: String,
    /// The id of the rule, as items show it
    #[arg(long)]
    pub(crate) rule: String,
    /// The reason that stands at the items
    #[arg(long, value_parser = ["false_alarm", "expected", "stopped", "not_affected", "mended"])]
    pub(crate) reason: String,
    /// Why such items may be closed, in a sentence
    #[arg(long)]
    pub(crate) because: String,
    /// Of this source only, by name or id
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// From this network only, as items show it
    #[arg(long)]
    pub(crate) attacker: Option<String>,
    /// On this device only, by id
    #[arg(long)]
    pub(crate) device: Option<String>,
    /// Of this class of path only
    #[arg(long)]
    pub(crate) path: Option<String>,
    /// It closes what was not stopped, too; no policy closes a sign of success
    #[arg(long)]
    pub(crate) not_stopped: bool,
    /// For how many days
    #[arg(long)]
    pub(crate) days: u32,
    /// Write it
    #[arg(long)]
    pub(crate) yes: bool,
}

impl AlertsCommand {
    /// The database that it works on.
    pub(crate) fn database(&self) -> &Database {
        match self {
            AlertsCommand::List { database, .. }
            | AlertsCommand::Show { database, .. }
            | AlertsCommand::Take { database, .. }
            | AlertsCommand::Close { database, .. }
            | AlertsCommand::Reopen { database, .. }
            | AlertsCommand::Comment { database, .. }
            | AlertsCommand::Closings { database, .. }
            | AlertsCommand::Prove { database, .. }
            | AlertsCommand::Sources { database, .. }
            | AlertsCommand::AddSource { database, .. }
            | AlertsCommand::SetSource { database, .. }
            | AlertsCommand::Import { database, .. }
            | AlertsCommand::Follow { database, .. }
            | AlertsCommand::Listen { database, .. }
            | AlertsCommand::Policies { database, .. }
            | AlertsCommand::AddPolicy { database, .. }
            | AlertsCommand::EndPolicy { database, .. } => database,
            AlertsCommand::Desk(command) => command.database(),
        }
    }
}
