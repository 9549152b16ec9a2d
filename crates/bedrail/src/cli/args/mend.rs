//! `bedrail mend`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Mend {
    #[command(subcommand)]
    pub(crate) command: MendCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MendCommand {
    /// Take the class JndiLookup out of a file of a server; the file as it was is kept beside it
    Log4j(MendLog4j),
}

#[derive(Debug, Args)]
pub(crate) struct MendLog4j {
    /// The jar, war or ear
    pub(crate) file: PathBuf,
    /// The file belongs to a server or computer of the house, and to no medical device
    #[arg(long, conflicts_with = "instruction")]
    #[arg(required_unless_present_any = ["instruction", "undo"])]
    pub(crate) own_server: bool,
    /// The document in which the maker of the device says that the class is to be taken out
    #[arg(long, value_name = "FILE")]
    pub(crate) instruction: Option<PathBuf>,
    /// Also where an archive is signed, which holds no more then
    #[arg(long)]
    pub(crate) break_signature: bool,
    /// Say what would be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Put the file back as it was
    #[arg(long, conflicts_with_all = ["own_server", "instruction", "break_signature", "dry_run"])]
    pub(crate) undo: bool,
}
