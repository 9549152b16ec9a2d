//! What can be typed after `bedrail incidents`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct Incidents {
    #[command(subcommand)]
    pub(crate) command: IncidentCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IncidentCommand {
    /// List them, the open ones first, with what is due next
    List {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show one: clocks, what keeps it open, timeline, letters
    Show {
        /// Its number or id
        incident: String,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Open one, from alert items or by hand
    Open(OpenArgs),
    /// Put an event down in its timeline; nothing is ever changed
    Event(EventArgs),
    /// Add devices and alert items
    Attach {
        /// Its number or id
        incident: String,
        /// A device, by id; can be given several times
        #[arg(long)]
        device: Vec<String>,
        /// An alert item, by id; can be given several times
        #[arg(long)]
        alert: Vec<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Note that a step of the checklist was done
    Step {
        /// Its number or id
        incident: String,
        /// The code of the step, as `show` has it
        step: String,
        /// Said with it
        #[arg(long, default_value = "", hide_default_value = true)]
        note: String,
        #[command(flatten)]
        database: Database,
    },
    /// Write a version of the assessment as a breach: a draft
    Assess(AssessArgs),
    /// Approve the newest version of the assessment
    Decide {
        /// Its number or id
        incident: String,
        /// The version that is approved
        #[arg(long)]
        version: u64,
        #[command(flatten)]
        database: Database,
    },
    /// Write a letter from its template, or note that one went out
    Letter(LetterArgs),
    /// Name a single reader of what is privileged in one, or take that back
    Reader {
        /// Its number or id
        incident: String,
        /// The member, by the name that they sign in with
        #[arg(long, requires = "reason", required_unless_present = "end")]
        who: Option<String>,
        /// Why they read it
        #[arg(long)]
        reason: Option<String>,
        /// Take it back from the reader of this number
        #[arg(long, value_name = "NUMBER", conflicts_with = "who")]
        end: Option<u64>,
        #[command(flatten)]
        database: Database,
    },
    /// Close one; what the law still wants done keeps it open
    Close {
        /// Its number or id
        incident: String,
        /// Why
        #[arg(long)]
        sentence: String,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// What to call it [default: the rule of the first alert item]
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) title: String,
    /// `ransomware`, `device_compromise`, `lost_device`, `vendor_breach`, `misdirected_record` or `other`
    #[arg(long)]
    pub(crate) kind: String,
    /// Who sees to it [default: who opens it]
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) owner: String,
    /// An alert item, by id; can be given several times
    #[arg(long)]
    pub(crate) alert: Vec<String>,
    /// A device, by id; can be given several times
    #[arg(long)]
    pub(crate) device: Vec<String>,
    /// Did somebody die, or was somebody seriously injured? `death`, `serious_injury`, `none` or `not_known`
    #[arg(long)]
    pub(crate) harm: String,
    /// The day on which it was known [default: today]
    #[arg(long, value_name = "DAY")]
    pub(crate) discovered: Option<String>,
    /// Who knew: `entity`, `workforce`, `wrongdoer` or `diligence` [default: workforce]
    #[arg(long)]
    pub(crate) known_by: Option<String>,
    /// The first day on which it happened
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,
    /// The last day, where it was more than one
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<String>,
    /// What is known so far
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) note: String,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct EventArgs {
    /// Its number or id
    pub(crate) incident: String,
    /// `note`, `occurred`, `known`, `counted`, `harm`, `law_enforcement`, `associate_discovered`, `associate_told`, `notified`,
    /// `state_checked` or `withdrawn`
    pub(crate) kind: String,
    /// The day
    #[arg(long, value_name = "DAY")]
    pub(crate) on: Option<String>,
    /// The last day: of what happened, of a delay in writing, of a State's notice
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<String>,
    /// Who knew, what harm, which letter: by the kind
    #[arg(long)]
    pub(crate) code: Option<String>,
    /// The business associate acts as an agent
    #[arg(long)]
    pub(crate) agent: bool,
    /// The statement of law enforcement is in writing
    #[arg(long)]
    pub(crate) written: bool,
    /// The statement by word of mouth is documented
    #[arg(long)]
    pub(crate) documented: bool,
    /// People affected in all
    #[arg(long)]
    pub(crate) total: Option<u64>,
    /// Of them, residents by State: "OH 400, PA 120"
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) states: String,
    /// The State, by postal code
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Said with it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) note: String,
    /// The number of the event in whose place it stands
    #[arg(long, value_name = "NUMBER")]
    pub(crate) corrects: Option<u64>,
    /// For those alone who see privileged records
    #[arg(long)]
    pub(crate) privileged: bool,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct AssessArgs {
    /// Its number or id
    pub(crate) incident: String,
    /// An answer: nature=…, recipient=…, `acquired_or_viewed`=…, mitigation=…; can be given several times
    #[arg(long, value_name = "FACTOR=TEXT")]
    pub(crate) factor: Vec<String>,
    /// What an answer rests on, by its factor; can be given several times
    #[arg(long, value_name = "FACTOR=TEXT")]
    pub(crate) evidence: Vec<String>,
    /// How the four weigh together: `low_probability` or `not_low`
    #[arg(long)]
    pub(crate) weighed: Option<String>,
    /// `good_faith_workforce`, `inadvertent_internal` or `could_not_retain`
    #[arg(long, requires = "why")]
    pub(crate) exception: Option<String>,
    /// Why the exception applies
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) why: String,
    /// By which method the data was secured
    #[arg(long, value_name = "METHOD")]
    pub(crate) secured_by: Option<String>,
    /// The key was kept apart and is not exposed
    #[arg(long)]
    pub(crate) key_apart: bool,
    /// Why
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Args)]
pub(crate) struct LetterArgs {
    /// Its number or id
    pub(crate) incident: String,
    /// `individual`, `media` or `hhs`
    #[arg(long, conflicts_with = "sent")]
    pub(crate) kind: Option<String>,
    /// The State, for media, by postal code
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// A merge field: `what_happened`=…; can be given several times
    #[arg(long, value_name = "FIELD=TEXT")]
    pub(crate) field: Vec<String>,
    /// Hand out the letter of this number again, to `--output` by its ending: .txt, .docx or .pdf
    #[arg(long, value_name = "NUMBER", requires = "output", conflicts_with_all = ["kind", "sent"])]
    pub(crate) get: Option<u64>,
    /// Write it to a file, too: text, or by its ending .docx (with merge fields) or .pdf
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Note that the letter of this number went out
    #[arg(long, value_name = "NUMBER", requires_all = ["on", "how", "proof"])]
    pub(crate) sent: Option<u64>,
    /// The day on which it went out
    #[arg(long, value_name = "DAY")]
    pub(crate) on: Option<String>,
    /// How it went out: first-class mail, portal
    #[arg(long)]
    pub(crate) how: Option<String>,
    /// What shows it: a certificate of mailing, a confirmation number
    #[arg(long)]
    pub(crate) proof: Option<String>,
    #[command(flatten)]
    pub(crate) database: Database,
}
