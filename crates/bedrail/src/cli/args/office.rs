//! What can be typed after `bedrail vendors`, `bedrail registers`, `bedrail clients` and `bedrail guide`.

use std::path::PathBuf;

use bedrail_model::ids::{AgreementId, ClientNoteId, IncidentId, OrgId, VendorId, VendorRequestId};
use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::{Database, TableOrJson};

#[derive(Debug, Args)]
pub(crate) struct VendorsArgs {
    #[command(subcommand)]
    pub(crate) command: VendorsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VendorsCommand {
    /// List the vendors, those first through whom ePHI flows without an agreement
    List {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show one vendor: agreements, clauses, requests, incidents
    Show {
        /// Its id, as `vendors list` shows it
        id: VendorId,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show every maker of devices with its score
    Makers {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Put a vendor in the register
    Add(VendorAddArgs),
    /// Begin the draft of an agreement, with its text
    Draft {
        /// The vendor's id
        id: VendorId,
        /// What people call the agreement
        title: String,
        /// Its text: PDF, DOCX without macros, PNG, JPEG, TXT
        file: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// Note where a clause stands in the text of a draft
    Check {
        /// The vendor's id
        id: VendorId,
        /// The agreement's id
        agreement: AgreementId,
        /// The clause, such as `report`; `vendors show` lists those that are missing
        clause: String,
        /// Where it stands, such as "section 4"; empty where it was not found after all
        place: String,
        #[command(flatten)]
        database: Database,
    },
    /// Mark a draft as signed; refused while one of the twelve clauses is missing
    Sign {
        /// The vendor's id
        id: VendorId,
        /// The agreement's id
        agreement: AgreementId,
        /// The day of the signature
        #[arg(long, value_name = "DAY")]
        on: Date,
        /// Who signed for the vendor
        #[arg(long, value_name = "NAME")]
        signer: String,
        /// The last day on which it holds [default: no end]
        #[arg(long, value_name = "DAY")]
        expires: Option<Date>,
        #[command(flatten)]
        database: Database,
    },
    /// Make a link by which a vendor answers twelve questions about security, once
    Link {
        /// The vendor's id
        id: VendorId,
        #[command(flatten)]
        database: Database,
    },
    /// Note that a maker was asked for a bill of materials or its security form
    Ask {
        /// The vendor's id
        id: VendorId,
        /// sbom or mds2
        kind: String,
        /// Of which model
        about: String,
        /// By when [default: 30 days]
        #[arg(long, value_name = "DAY")]
        due: Option<Date>,
        #[command(flatten)]
        database: Database,
    },
    /// Note that an incident is a vendor's own, when it found out and when it told us
    Incident {
        /// The vendor's id
        id: VendorId,
        /// The incident's id, as `incidents list` shows it
        incident: IncidentId,
        /// When the vendor found out, by its own word
        #[arg(long, value_name = "DAY")]
        discovered: Option<Date>,
        /// When it told us
        #[arg(long, value_name = "DAY")]
        told: Option<Date>,
        #[command(flatten)]
        database: Database,
    },
    /// Note the answer to a request
    Answered {
        /// The vendor's id
        id: VendorId,
        /// The request's id
        request: VendorRequestId,
        /// What came
        answer: String,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VendorAddArgs {
    /// Its name
    pub(crate) name: String,
    /// What it does
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) services: String,
    /// What data of patients it holds
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) holds: String,
    /// Whether it holds electronic PHI: yes, no, unknown
    #[arg(long, value_name = "WORD", default_value = "unknown")]
    pub(crate) ephi: String,
    /// Whether it is a business associate: yes, no, unknown
    #[arg(long, value_name = "WORD", default_value = "unknown")]
    pub(crate) associate: String,
    /// Days within which it tells of a breach
    #[arg(long, value_name = "DAYS")]
    pub(crate) notice_days: Option<u32>,
    /// What it is called as a maker of devices
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) maker: String,
    #[command(flatten)]
    pub(crate) database: Database,
}

impl VendorsCommand {
    /// The database that it works on.
    pub(crate) fn database(&self) -> &Database {
        match self {
            VendorsCommand::List { database, .. }
            | VendorsCommand::Show { database, .. }
            | VendorsCommand::Makers { database, .. }
            | VendorsCommand::Draft { database, .. }
            | VendorsCommand::Check { database, .. }
            | VendorsCommand::Sign { database, .. }
            | VendorsCommand::Link { database, .. }
            | VendorsCommand::Ask { database, .. }
            | VendorsCommand::Incident { database, .. }
            | VendorsCommand::Answered { database, .. } => database,
            VendorsCommand::Add(options) => &options.database,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RegistersArgs {
    #[command(subcommand)]
    pub(crate) command: RegistersCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegistersCommand {
    /// List the registers: open and late entries, and when somebody looked at each
    List {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// List the entries of a register by number and day; no names
    Show {
        /// Its code: access, amendment, accounting, restriction, complaint, sanction, notice, minimum
        kind: String,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Write an entry down
    Add {
        /// Its code: access, amendment, accounting, restriction, complaint, sanction, notice, minimum
        kind: String,
        /// Whom or what it is about; `-` reads it from standard input, so that no name stands in the shell's history
        about: String,
        /// The day of receipt [default: today]
        #[arg(long, value_name = "DAY")]
        received: Option<Date>,
        /// A field of the register and what it says; once for each (a wrong name lists those that there are)
        #[arg(long = "field", value_name = "FIELD=TEXT", value_parser = pair)]
        fields: Vec<(String, String)>,
        #[command(flatten)]
        database: Database,
    },
    /// Note that you looked at a whole register, empty or not
    Review {
        /// Its code
        kind: String,
        /// A remark
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        #[command(flatten)]
        database: Database,
    },
}

impl RegistersCommand {
    /// The database that it works on.
    pub(crate) fn database(&self) -> &Database {
        match self {
            RegistersCommand::List { database, .. }
            | RegistersCommand::Show { database, .. }
            | RegistersCommand::Add { database, .. }
            | RegistersCommand::Review { database, .. } => database,
        }
    }
}

/// `FIELD=TEXT`.
fn pair(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("write FIELD=TEXT")?;
    Ok((field.trim().to_owned(), value.to_owned()))
}

#[derive(Debug, Args)]
pub(crate) struct ClientsArgs {
    #[command(subcommand)]
    pub(crate) command: ClientsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientsCommand {
    /// List all organisations of this installation with the two figures and what is overdue
    List {
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Show one client: notes, tasks, sign-offs, what is due in the next year
    Show {
        /// The client's id, as `clients list` shows it
        client: OrgId,
        #[arg(long, value_enum, default_value_t)]
        format: TableOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Write a note, a task or a sign-off down with a client
    Write {
        /// The client's id
        client: OrgId,
        /// note, task, sign_off
        kind: String,
        /// What is written down
        text: String,
        /// Of a task: by when
        #[arg(long, value_name = "DAY")]
        due: Option<Date>,
        #[command(flatten)]
        database: Database,
    },
    /// Note that a task was done
    Done {
        /// The client's id
        client: OrgId,
        /// The task's id, as `clients show` shows it
        task: ClientNoteId,
        #[command(flatten)]
        database: Database,
    },
}

impl ClientsCommand {
    /// The database that it works on.
    pub(crate) fn database(&self) -> &Database {
        match self {
            ClientsCommand::List { database, .. }
            | ClientsCommand::Show { database, .. }
            | ClientsCommand::Write { database, .. }
            | ClientsCommand::Done { database, .. } => database,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct GuideArgs {
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TableOrJson,
    #[command(flatten)]
    pub(crate) database: Database,
}
