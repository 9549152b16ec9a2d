//! What can be typed. The words here are the ones of `--help`; what they mean is decided in [`super::command`].

mod advisories;
mod alert_desk;
mod alerts;
mod campaigns;
mod decisions;
mod doctor;
mod exposure;
mod facts;
pub(crate) mod firewall;
mod fleet;
mod house;
pub(crate) mod incidents;
mod later;
mod mend;
mod names;
mod office;
mod programme;
pub(crate) mod response;
mod sbom;
mod serving;
mod unknowns;
mod vex;
#[cfg(unix)]
mod waf;
mod workforce;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use bedrail_app::clock::Clock;

use super::sso_args::{Providers, PublicAddress};

pub(crate) use advisories::{Advisories, AdvisoriesCommand};
pub(crate) use alert_desk::DeskCommand;
pub(crate) use alerts::{AlertsArgs, AlertsCommand, PolicySettings, SourceSettings};
pub(crate) use campaigns::{CampaignCommand, Campaigns};
pub(crate) use decisions::{
    Actions, ActionsCommand, DecideArgs, Decisions, DecisionsCommand, JustificationWord, Priorities,
    StateWord, TableOrCsv, VerdictWord, WhenWord,
};
pub(crate) use doctor::Doctor;
pub(crate) use exposure::{ExposureArgs, ExposureCommand};
pub(crate) use facts::{FactsArgs, FactsCommand};
pub(crate) use firewall::{FirewallArgs, FirewallCommand};
pub(crate) use fleet::{Affected, AnswerWord, Devices, DevicesCommand};
pub(crate) use house::{AccountArgs, AccountCommand, Audit, AuditCommand, Organisation, OrganisationCommand};
pub(crate) use incidents::{IncidentCommand, Incidents};
pub(crate) use later::Later;
pub(crate) use mend::{Mend, MendCommand, MendLog4j};
pub(crate) use names::{Names, NamesCommand, Which};
pub(crate) use office::{
    ClientsArgs, ClientsCommand, GuideArgs, RegistersArgs, RegistersCommand, VendorAddArgs, VendorsArgs,
    VendorsCommand,
};
pub(crate) use programme::{
    EvidenceArgs, EvidenceCommand, ProgrammeArgs, ProgrammeCommand, ProgrammeDecideArgs, ProveArgs,
    SelfAnswerArgs,
};
pub(crate) use sbom::{CheckFormat, ExportFormat, ProposeFormat, Sbom, SbomCommand};
pub(crate) use serving::{Log, Network};
pub(crate) use unknowns::{AnswerArgs, QuestionFormat, UnknownsArgs, UnknownsCommand};
pub(crate) use vex::{Shown, VexArgs, VexCommand};
#[cfg(unix)]
pub(crate) use waf::{ProfileWord, Waf, WafCommand, WafMirror, WafRulesCommand, WafUpdate};
pub(crate) use workforce::{PeopleArgs, PeopleCommand};

/// Help in the terminal's own colours; clap leaves them out where `NO_COLOR` is set or no terminal is there.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Cyan.on_default().bold())
    .usage(AnsiColor::Cyan.on_default().bold())
    .literal(AnsiColor::Green.on_default())
    .placeholder(AnsiColor::Yellow.on_default());

/// The guard rail for connected medical devices: which of them does a weakness touch?
#[derive(Debug, Parser)]
#[command(name = "bedrail", version, styles = STYLES, max_term_width = 100, subcommand_required = true)]
#[command(after_help = "Exit codes: 0 done, 1 error, 2 usage, 3 found at or above the bar, 4 incomplete.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where everything is kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// The data folder [default: bedrail in the user's data folder, ~/.local/share]
    #[arg(long = "data", value_name = "DIR", env = "BEDRAIL_DATA", global = true, hide_env_values = true)]
    #[arg(help_heading = "Where")]
    #[cfg_attr(windows, arg(help = "The data folder [default: bedrail in %LOCALAPPDATA%]"))]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the web pages and the API
    Serve(Later<Serve>),
    /// Do background jobs, beside the servers that share the database
    Worker(Later<Worker>),
    /// Load or write out the sample hospital
    Demo(Later<Demo>),
    /// Fetch, carry and look at vulnerability data
    Db(Later<Db>),
    /// Judge a bill of materials, or look into files, folders, archives and images; no server, no database
    Scan(Later<Scan>),
    /// Mend files of servers where no newer release can be installed
    Mend(Later<Mend>),
    /// Look into bills of materials, and add them to releases
    Sbom(Later<Sbom>),
    /// Say what names in bills of materials mean that give no identifier
    Names(Later<Names>),
    /// Take over and list devices
    Devices(Later<Devices>),
    /// Which devices face the outside: take in evidence, and look at it
    Exposure(Later<ExposureArgs>),
    /// Which of my devices are affected?
    Affected(Later<Affected>),
    /// Take in and look at advisories about medical devices
    Advisories(Later<Advisories>),
    /// Take in alerts of other programs, work them off, prove that none is lost
    Alerts(Later<AlertsArgs>),
    /// What first: every place where a weakness is, in one order, each rank explained
    Priorities(Later<Priorities>),
    /// Decide on weaknesses, with a scope that holds now and later
    Decide(Later<DecideArgs>),
    /// Look at what was decided, and take it back
    Decisions(Later<Decisions>),
    /// See what is to be done, and end it
    Actions(Later<Actions>),
    /// Everything that is done about one weakness: start a campaign, see how it stands, end it
    Campaign(Later<Campaigns>),
    /// When something happened: timelines, breach clocks, decisions and letters
    Incidents(Later<Incidents>),
    /// What we do not know: what to ask whom, and what was answered
    Unknowns(Later<UnknownsArgs>),
    /// Take in and look at what others state of weaknesses in products (VEX)
    Vex(Later<VexArgs>),
    /// How every requirement of the law stands, what shows it, and what was decided
    Programme(Later<ProgrammeArgs>),
    /// Write physical and media facts down: disposal, custody, visits, reviews of access, drills
    Facts(Later<FactsArgs>),
    /// The risk analysis: what threatens which products, what is done about it, what stays
    Risk(Later<response::RiskArgs>),
    /// The plan for incidents: contacts, downtime steps, who may disconnect what, and the pack for print
    Response(Later<response::ResponseArgs>),
    /// Write a report: board page, risk analysis, action plan, wards, document request
    Report(Later<response::ReportArgs>),
    /// Who works here, what is asked of them to sign and to learn, and the policies
    People(Later<PeopleArgs>),
    /// What to do next, and the dates of the year
    Guide(Later<GuideArgs>),
    /// Vendors: who holds what, agreements with their clauses, what makers were asked for
    Vendors(Later<VendorsArgs>),
    /// The registers of the Privacy Rule: requests, complaints, sanctions, with their clocks
    Registers(Later<RegistersArgs>),
    /// Clients of an adviser: how each organisation here stands, notes, tasks, sign-offs
    Clients(Later<ClientsArgs>),
    /// Seal the evidence of a period for an auditor, and check such a binder
    Evidence(Later<EvidenceArgs>),
    /// Put a firewall in front of devices, and look after its rule sets
    #[cfg(unix)]
    Waf(Later<Waf>),
    /// Which firewalls stand in front of which devices: register ours and those of others, and look at them
    Firewall(Later<FirewallArgs>),
    /// List and add the organisations of this installation
    Organisation(Later<Organisation>),
    /// Look after accounts from the machine's own terminal, when nobody can sign in
    Account(Later<AccountArgs>),
    /// Check the audit log, and carry it away
    Audit(Later<Audit>),
    /// Examine this installation and say what to mend
    Doctor(Later<Doctor>),
    /// Show how a judgement comes about
    Explain(Later<Explain>),
    /// Print the OpenAPI document of the REST API
    Openapi,
    /// Parse one upload from standard input, under limits (the server calls this)
    #[command(hide = true)]
    ParseUpload {
        /// What the upload is
        kind: UploadKind,
    },
}

/// What an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UploadKind {
    /// A bill of materials
    Sbom,
    /// A device list, after a line that says how its columns are mapped
    Devices,
    /// Statements on weaknesses
    Vex,
    /// Evidence of exposure, after a line that says from where it was seen and when it was received
    Exposure,
    /// A PDF or DOCX whose words are wanted
    Words,
    /// A workbook of the SRA tool
    Sra,
    /// A file to be looked into, after a line with its name
    Files,
}

/// Which database holds devices, releases and findings.
#[derive(Debug, Clone, Args)]
pub(crate) struct Database {
    /// PostgreSQL address, postgres://… [default: an embedded database in the data folder]
    #[arg(long, value_name = "URL", env = "BEDRAIL_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// File with the key for stored secrets; servers that share a database share it [default: secret.key in the data
    /// folder]
    #[arg(long, value_name = "FILE", env = "BEDRAIL_KEY_FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// The organisation to work in, by name or id; needed where there are several
    #[arg(long, value_name = "NAME", env = "BEDRAIL_ORGANISATION")]
    pub(crate) organisation: Option<String>,
}

/// The moment that is taken as now.
#[derive(Debug, Clone, Args)]
pub(crate) struct AsOf {
    /// Take the end of this day (or this moment, RFC 3339) as now: the age of the data is counted to it
    #[arg(long, value_name = "DATE", value_parser = parse_moment)]
    as_of: Option<Timestamp>,
}

impl AsOf {
    /// The clock to go by.
    pub(crate) fn clock(&self) -> Clock {
        self.as_of.map_or(Clock::System, Clock::Fixed)
    }
}

/// A day (its last second, UTC) or a moment.
fn parse_moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let day: Date = text.parse().map_err(|_| "expected a date such as 2025-02-28".to_owned())?;
    let end = day.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).map_err(|error| error.to_string())?;
    Ok(end.timestamp())
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A host name that people reach this server by, beside localhost; give it once for each
    #[arg(long, value_name = "NAME")]
    pub(crate) allowed_host: Vec<String>,
    #[command(flatten)]
    pub(crate) public: PublicAddress,
    #[command(flatten)]
    pub(crate) providers: Providers,
    /// People reach this server over TLS, by a proxy in front: cookies are then sent over TLS only
    #[arg(long, conflicts_with = "tls_cert")]
    pub(crate) behind_tls: bool,
    /// Leave background jobs to `bedrail worker`
    #[arg(long, help_heading = "Background jobs")]
    pub(crate) no_worker: bool,
    #[command(flatten)]
    pub(crate) jobs: Jobs,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    // Last: their headings would take over what comes after them.
    #[command(flatten)]
    pub(crate) network: Network,
    #[command(flatten)]
    pub(crate) log: Log,
}

#[derive(Debug, Args)]
pub(crate) struct Worker {
    #[command(flatten)]
    pub(crate) jobs: Jobs,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) log: Log,
}

/// How background jobs are done.
#[derive(Debug, Clone, Args)]
pub(crate) struct Jobs {
    /// Jobs done at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    #[arg(help_heading = "Background jobs")]
    pub(crate) jobs_at_once: u8,
    /// Whether vulnerability data is fetched by the clock, every six hours: on or off
    #[arg(long, value_enum, value_name = "WHEN", env = "BEDRAIL_FEEDS", hide_env_values = true)]
    #[arg(default_value_t, hide_possible_values = true)]
    #[arg(help_heading = "Background jobs")]
    pub(crate) feeds: Feeds,
    /// Seconds after which the jobs of a worker that gives no sign of life go to another
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    #[arg(help_heading = "Background jobs")]
    pub(crate) job_lease: u64,
    /// Let webhooks go to private, loopback and link-local addresses
    #[arg(long, help_heading = "Background jobs")]
    pub(crate) allow_private_webhooks: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Feeds {
    #[default]
    On,
    Off,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    #[command(subcommand)]
    pub(crate) command: DemoCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DemoCommand {
    /// Load the sample hospital: invented makers, devices and bills of materials
    Load {
        /// Do nothing where there are devices already
        #[arg(long)]
        if_empty: bool,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Write its device list and bills of materials to a folder, to look at
    Write {
        /// The folder; made where missing
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Db {
    #[command(subcommand)]
    pub(crate) command: DbCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Fetch vulnerability data and build the index from it
    Update {
        /// Take the files from a folder laid out like the public addresses, instead of the internet
        #[arg(long, value_name = "DIR", conflicts_with = "from_bundle")]
        mirror: Option<PathBuf>,
        /// Take everything from a file that `bedrail db bundle` wrote
        #[arg(long, value_name = "FILE")]
        from_bundle: Option<PathBuf>,
        /// Take over data older than the data held
        #[arg(long)]
        allow_older: bool,
    },
    /// Take over a list of the ends of support, as endoflife.date's data is passed on
    Support {
        /// A folder with endoflife.json and endoflife-products-meta.json
        folder: PathBuf,
    },
    /// Write all data held to one file, to carry it to a network without internet
    Bundle {
        /// The file to write
        file: PathBuf,
    },
    /// Show each source: date, records, age, and whether it is missing, partial or stale
    Status {
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
        /// Data older than this many days is stale
        #[arg(long, value_name = "DAYS", default_value_t = 7)]
        max_data_age: u32,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Move everything in the database between the embedded one and PostgreSQL, and prove that it arrived
    Move {
        /// To the empty PostgreSQL database at this address, from the embedded one in the data folder
        #[arg(long, value_name = "URL", required_unless_present = "from", conflicts_with = "from")]
        to: Option<String>,
        /// From the PostgreSQL at this address, to an embedded one in the data folder
        #[arg(long, value_name = "URL")]
        from: Option<String>,
    },
    /// Print one record as held
    Dump {
        /// Id of the record or of any of its aliases: CVE-2021-44228
        id: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TextOrJson {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TableOrJson {
    #[default]
    Table,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum PaperFormat {
    #[default]
    Table,
    /// To print: boxes to tick, and short numbers
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ListFormat {
    #[default]
    Table,
    Json,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For people at a terminal
    #[default]
    Table,
    /// The documented shape, schema bedrail.scan/1
    Json,
    /// One line per finding
    Csv,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// CycloneDX 1.6 JSON with vulnerabilities
    Cyclonedx,
    /// One self-contained page
    Html,
}

/// What `--fail-on` asks for: the smallest thing that makes exit code 3 (or, for `unknown`, 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub(crate) enum Bar {
    /// Anything that affects, unrated weaknesses too
    Low,
    /// Severity medium or more
    Medium,
    /// Severity high or more
    High,
    /// Severity critical, and malicious packages
    Critical,
    /// Listed by CISA as known to be exploited
    Kev,
    /// Anything that cannot be judged makes the answer incomplete (exit code 4)
    Unknown,
}

#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// A bill of materials (- reads standard input), or files, folders, archives and images to look into
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How to show the answer
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ScanFormat,
    /// Write to this file instead of standard output; it appears only when whole
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// What makes exit code 3 (`unknown`: 4); give it several times to combine
    #[arg(long, value_enum, value_name = "BAR", value_delimiter = ',')]
    pub(crate) fail_on: Vec<Bar>,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    /// Data older than this many days makes the answer incomplete
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(crate) max_data_age: u32,
    /// Agreed gaps, one a line: `purl-or-name[@version]  # reason`
    #[arg(long, value_name = "FILE")]
    pub(crate) accept_unknown: Option<PathBuf>,
    /// Also list the weaknesses that were looked at and do not affect
    #[arg(long)]
    pub(crate) show_not_affected: bool,
    /// Judge every component by its product name (CPE), too, not only where its package URL says nothing
    #[arg(long)]
    pub(crate) by_cpe: bool,
    #[command(flatten)]
    pub(crate) into: Into,
}

/// How files are looked into.
#[derive(Debug, Args)]
#[command(next_help_heading = "Looking into files")]
pub(crate) struct Into {
    /// Write what is inside as a bill of materials instead of judging it
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with_all = ["format", "fail_on", "accept_unknown"])]
    pub(crate) inventory: Option<ExportFormat>,
    /// Read every entry of every archive: slower, and finds a library whose classes were all renamed
    #[arg(long)]
    pub(crate) thorough: bool,
    /// Stay on the file systems of the paths named
    #[arg(long)]
    pub(crate) one_file_system: bool,
    /// Leave out this path, or everything of this name; give it several times
    #[arg(long, value_name = "PATH")]
    pub(crate) exclude: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ToServer,
}

/// Where what is inside of files is sent.
#[derive(Debug, Args)]
pub(crate) struct ToServer {
    /// Send what is inside to this server, as the bill of materials of a release or of a device's release; the files stay here
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["inventory", "format", "fail_on", "accept_unknown", "output"])]
    pub(crate) to_server: Option<String>,
    /// File with an API token [default: the variable BEDRAIL_TOKEN]
    #[arg(long, value_name = "FILE", requires = "to_server")]
    pub(crate) token_file: Option<PathBuf>,
    /// The device whose release it is, by asset tag, serial number or id
    #[arg(long, value_name = "DEVICE", requires = "to_server", conflicts_with_all = ["maker", "model", "release_version"])]
    pub(crate) device: Option<String>,
    /// Maker of the release
    #[arg(long, requires = "to_server")]
    pub(crate) maker: Option<String>,
    /// Model of the release
    #[arg(long, requires = "to_server")]
    pub(crate) model: Option<String>,
    /// Software or firmware version of the release
    #[arg(long = "version", value_name = "VERSION", requires = "to_server")]
    pub(crate) release_version: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(subcommand)]
    pub(crate) command: ExplainCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExplainCommand {
    /// Compare two versions by the rules of their ecosystem: prints <, = or >, and ? where the rules refuse
    Version {
        /// The ecosystem as OSV names it (Maven, npm, PyPI, Debian, …), a rule (RPM, SemVer) or a package URL's type (gem)
        #[arg(long)]
        ecosystem: String,
        #[command(flatten)]
        pairs: Pairs,
    },
    /// Say whether a CPE that a criterion names covers another: prints match, no or unknown
    Cpe {
        #[command(flatten)]
        pairs: Pairs,
    },
    /// Show why a device is said to have a weakness, or not: the chain from the record to the answer
    Finding {
        /// The weakness by any of its ids, or a medical advisory by its id
        weakness: String,
        /// The device: id, asset tag or serial number
        device: String,
        #[command(flatten)]
        database: Database,
    },
}

/// Two of a kind, or many pairs of them.
#[derive(Debug, Args)]
pub(crate) struct Pairs {
    /// Read pairs `A B` from standard input, one a line, and print one answer a line
    #[arg(long, conflicts_with = "pair")]
    pub(crate) stdin: bool,
    /// Say why, on standard error
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// The two: versions in any order; of CPEs the criterion first, then the candidate
    #[arg(value_names = ["A", "B"], num_args = 2, required_unless_present = "stdin")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) pair: Vec<String>,
}

impl Place {
    /// The data folder: the one named, else `bedrail` in the user's data folder (XDG Base Directory 0.8; on Windows that of local data).
    pub(crate) fn data_dir(&self) -> PathBuf {
        if let Some(named) = &self.data {
            return named.clone();
        }
        let absolute =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        // `HOME` is there where somebody works in a shell of Unix on Windows, and not where the program runs as a service.
        let of_windows = || if cfg!(windows) { absolute("LOCALAPPDATA") } else { None };
        absolute("XDG_DATA_HOME")
            .or_else(of_windows)
            .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
            .unwrap_or_else(|| PathBuf::from("."))
            .join("bedrail")
    }
}
