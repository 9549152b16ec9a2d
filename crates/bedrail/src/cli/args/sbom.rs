//! The arguments of `bedrail sbom`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Database, TextOrJson};

#[derive(Debug, Args)]
pub(crate) struct Sbom {
    #[command(subcommand)]
    pub(crate) command: SbomCommand,
}

/// How a check is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Text for people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// A letter to the supplier that asks for what is missing
    Letter,
}

/// How proposals are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProposeFormat {
    /// Text for people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// A component list to complete: what you move to the columns purl and CPE is read by `sbom add`
    Csv,
}

/// A format to write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// CycloneDX 1.6, JSON
    #[default]
    Cyclonedx,
    /// SPDX 2.3, JSON
    Spdx,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SbomCommand {
    /// Say what a bill of materials holds, what was mended and what was lost
    Inspect {
        /// The bill of materials; - reads standard input
        file: PathBuf,
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
    },
    /// Say what a bill of materials lacks, by the element sets of NTIA, CISA and FDA, each apart
    Check {
        /// A file, or a release: its id, or maker, model and version in one argument; - reads standard input
        of: PathBuf,
        #[arg(long, value_enum, default_value_t)]
        format: CheckFormat,
        #[command(flatten)]
        database: Database,
    },
    /// Say what changed from one bill of materials to another, and which weaknesses came and went
    Diff {
        /// The earlier: a file, or a release
        before: PathBuf,
        /// The later: a file, or a release
        after: PathBuf,
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Propose package URLs and CPE names for components that have none, from the names in the vulnerability data
    Propose {
        /// A file, or a release: its id, or maker, model and version in one argument; - reads standard input
        of: PathBuf,
        #[arg(long, value_enum, default_value_t)]
        format: ProposeFormat,
        #[command(flatten)]
        database: Database,
    },
    /// Write a bill of materials as CycloneDX 1.6 or SPDX 2.3, to send it on or back
    Export {
        /// A file, or a release: its id, or maker, model and version in one argument; - reads standard input
        of: PathBuf,
        /// What to write
        #[arg(long, value_enum, default_value_t)]
        format: ExportFormat,
        /// The file to write [default: standard output]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// Add a bill of materials to a release
    Add {
        /// The bill of materials
        file: PathBuf,
        /// Maker [default: the document's subject]
        #[arg(long)]
        maker: Option<String>,
        /// Model [default: the document's subject]
        #[arg(long)]
        model: Option<String>,
        /// Software or firmware version [default: the document's subject]
        #[arg(long = "version", value_name = "VERSION")]
        release_version: Option<String>,
        #[command(flatten)]
        database: Database,
    },
}
