//! Rule sets and the proxy that runs, joined: `bedrail waf rules` and the loop that carries a rule set through its stages.
//!
//! Everything lies in the state folder of the proxy: the rule sets and their state (`waf/rulesets/`, see
//! [`bedrail_waf_rules::disk`]), what judges compile (`waf/assembled/`), known-good requests of sites (`waf/good/SITE.jsonl`),
//! and what was said (`rules.log`). For a server, a report lies beside the events ([`report`]).

pub mod control;
pub mod desk;
pub mod engine;
pub mod follow;
pub mod good;
pub mod key;
pub mod log;
pub mod look;
pub mod overview;
pub mod own_tests;
pub mod report;
pub mod sites;
pub mod update;

/// Why a command on rule sets did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// A file or folder.
    #[error("cannot {what} {path}")]
    Io {
        /// `read`, `write`, `lock`.
        what: &'static str,
        /// Where.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another program writes to the folder of rule sets.
    #[error(
        "{path}: another command is at work on the rule sets of this folder; hint: wait until it has ended"
    )]
    Busy {
        /// The lock.
        path: String,
    },
    /// The key file.
    #[error(
        "{path} is no Ed25519 key in PKCS#8: {reason}; hint: the key of an installation is `audit.key` in its data folder"
    )]
    Key {
        /// Where.
        path: String,
        /// Why.
        reason: String,
    },
    /// The folder of rule sets.
    #[error(transparent)]
    Disk(#[from] bedrail_waf_rules::disk::DiskError),
    /// The files of a rule set.
    #[error(transparent)]
    Tree(#[from] bedrail_waf_rules::tree::TreeError),
    /// No trust.
    #[error(transparent)]
    Trust(#[from] bedrail_waf_rules::trust::TrustError),
    /// Nothing came from a source.
    #[error(transparent)]
    Source(#[from] bedrail_waf_rules::source::SourceError),
    /// It cannot be put together.
    #[error(transparent)]
    Assemble(#[from] bedrail_waf_rules::assemble::AssembleError),
    /// A rule file.
    #[error(transparent)]
    Vet(#[from] bedrail_waf_rules::conf::VetError),
    /// The judge's program.
    #[error("{engine}: {reason}")]
    Engine {
        /// The program.
        engine: String,
        /// Why.
        reason: String,
    },
    /// The proxy refused or is not there.
    #[error("the proxy of {state}: {reason}")]
    Proxy {
        /// Its state folder.
        state: String,
        /// Why.
        reason: String,
    },
    /// A line of a file of known-good requests.
    #[error("{path}, line {line}: {reason}")]
    Good {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// It cannot be done now.
    #[error("{0}")]
    NotNow(String),
}

/// An error of a path.
pub(crate) fn io(what: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> RulesError {
    let path = path.display().to_string();
    move |source| RulesError::Io { what, path, source }
}

/// Puts a file in its place at once, with these permissions.
pub(crate) fn put(path: &std::path::Path, bytes: &[u8], mode: u32) -> Result<(), RulesError> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = std::path::PathBuf::from(partial);
    let open = std::fs::OpenOptions::new().create(true).write(true).truncate(true).mode(mode).open(&partial);
    let mut file = open.map_err(io("write", &partial))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io("write", &partial))?;
    std::fs::rename(&partial, path).map_err(io("rename", &partial))
}
