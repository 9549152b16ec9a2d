//! What can be typed after `bedrail waf`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::TextOrJson;

#[derive(Debug, Args)]
pub(crate) struct Waf {
    #[command(subcommand)]
    pub(crate) command: WafCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WafCommand {
    /// Start the reverse proxy in front of devices, and carry new rule sets through their stages
    Run {
        /// The file of sites (YAML)
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Leave the rule sets as they are: no shadow, no canary, nothing is brought back by itself
        #[arg(long)]
        no_follow: bool,
        /// What is put beside the Core Rule Set
        #[arg(long, value_enum, default_value_t)]
        profile: ProfileWord,
        #[command(flatten)]
        mirror: WafMirror,
    },
    /// Show sites, judges, counts and times of a proxy that runs, as JSON
    Status {
        /// The state folder of the proxy
        #[arg(long, value_name = "DIR")]
        state: PathBuf,
    },
    /// Look after the rule sets
    Rules(WafRules),
}

/// What is put beside the Core Rule Set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ProfileWord {
    /// Our attack rules, and what a hospital's traffic needs
    #[default]
    Hospital,
    /// Our attack rules
    Plain,
}

/// A mirror that is asked for newer rule sets by itself.
#[derive(Debug, Args)]
pub(crate) struct WafMirror {
    /// A mirror with releases (https://…) that is asked for newer ones by itself
    #[arg(long = "mirror", value_name = "URL", requires = "mirror_key")]
    pub(crate) url: Option<String>,
    /// The public key of the Core Rule Set, as it is published; only the one with the pinned fingerprint is taken
    #[arg(long = "key", id = "mirror_key", value_name = "FILE", requires = "url")]
    pub(crate) key: Option<PathBuf>,
    /// Certificates (PEM) that alone are believed of the mirror [default: those of the system]
    #[arg(long = "mirror-ca", value_name = "FILE", requires = "url")]
    pub(crate) ca: Option<PathBuf>,
    /// Follow the line with long support, not the newest release
    #[arg(long, requires = "url")]
    pub(crate) long_support: bool,
    /// Hours between two looks; each is moved by up to a fifth
    #[arg(long = "mirror-hours", value_name = "HOURS", default_value_t = 24, requires = "url", value_parser = clap::value_parser!(u32).range(1..=720))]
    pub(crate) hours: u32,
}

#[derive(Debug, Args)]
pub(crate) struct WafRules {
    #[command(subcommand)]
    pub(crate) command: WafRulesCommand,
}

/// Where the rule sets are, and how an answer is shown.
#[derive(Debug, Args)]
pub(crate) struct AtState {
    /// The state folder of the proxy
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
    /// How to show the answer
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WafRulesCommand {
    /// Sign a folder of rules with the key of this installation; a manifest and a signature are written into it
    Sign {
        /// The folder
        folder: PathBuf,
        /// The key: Ed25519 in PKCS#8 [default: audit.key in the data folder]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Its name, where it is no Core Rule Set
        #[arg(long, requires = "rules_version")]
        name: Option<String>,
        /// Its version; a Core Rule Set says its own
        #[arg(long = "rules-version", value_name = "VERSION")]
        rules_version: Option<String>,
        /// How to show the answer
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
    },
    /// Fetch a rule set, check who signed it, compile and test it in judges of their own; it then goes to the sites
    Update(WafUpdate),
    /// Show the rule set that decides, the one on its way and where it is, and how old they are
    Status {
        #[command(flatten)]
        at: AtState,
    },
    /// Carry the rule set that is on its way one stage on
    Promote {
        /// Only at this site, by its key
        #[arg(long, value_name = "KEY", conflicts_with = "now_current")]
        site: Option<String>,
        /// Let it decide everywhere at once
        #[arg(long = "current")]
        now_current: bool,
        /// Who decides this: name and role
        #[arg(long, value_name = "NAME")]
        by: String,
        #[command(flatten)]
        at: AtState,
    },
    /// Give up the rule set that is on its way; where none is, go one step back
    Rollback {
        /// Who decides this: name and role
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        at: AtState,
    },
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("from").required(true).args(["mirror", "bundle", "pack"])))]
pub(crate) struct WafUpdate {
    /// A folder or an address (https://…) with releases: v4.28.0/coreruleset-4.28.0.tar.gz, beside it the same with .asc; behind an
    /// address a file VERSIONS names them
    #[arg(long, value_name = "DIR|URL", requires = "key")]
    pub(crate) mirror: Option<String>,
    /// Certificates (PEM) that alone are believed of the mirror's address [default: those of the system]
    #[arg(long, value_name = "FILE", requires = "mirror")]
    pub(crate) mirror_ca: Option<PathBuf>,
    /// Take the line with long support from the mirror, not the newest release
    #[arg(long, requires = "mirror")]
    pub(crate) long_support: bool,
    /// One release: the archive as it was published
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) bundle: Option<PathBuf>,
    /// Its detached signature [default: the name of the bundle with .asc]
    #[arg(long, value_name = "FILE", requires = "bundle")]
    pub(crate) signature: Option<PathBuf>,
    /// A folder or archive that `bedrail waf rules sign` signed here
    #[arg(long, value_name = "PATH")]
    pub(crate) pack: Option<PathBuf>,
    /// The public key of the Core Rule Set, as it is published; only the one with the pinned fingerprint is taken
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The key that packs were signed with [default: audit.key in the data folder]
    #[arg(long, value_name = "FILE", requires = "pack")]
    pub(crate) pack_key: Option<PathBuf>,
    /// A folder with the Core Rule Set's own tests, for a rule set that does not bring them
    #[arg(long, value_name = "DIR")]
    pub(crate) own_tests: Option<PathBuf>,
    /// The judge's program
    #[arg(long, value_name = "FILE", default_value = "bedrail-waf-engine")]
    pub(crate) engine: PathBuf,
    /// What is put beside the Core Rule Set
    #[arg(long, value_enum, default_value_t)]
    pub(crate) profile: ProfileWord,
    #[command(flatten)]
    pub(crate) at: AtState,
}
