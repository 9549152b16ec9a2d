//! What can be typed after `bedrail organisation sso`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::args::{Database, TextOrJson};
use super::public_url::{self, PublicUrl};

#[derive(Debug, Subcommand)]
pub(crate) enum SsoCommand {
    /// Set it up, or change what is named here; in use afterwards
    Set(Box<SsoSet>),
    /// Show what is set, without the secret
    Show {
        #[arg(long, value_enum, default_value_t)]
        format: TextOrJson,
        #[command(flatten)]
        database: Database,
    },
    /// Take it out of use: everybody signs in by their passwords again
    Off {
        #[command(flatten)]
        database: Database,
    },
    /// Ask the provider whether it answers
    Check {
        #[command(flatten)]
        providers: Providers,
        #[command(flatten)]
        database: Database,
    },
}

/// Which providers may be asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct Providers {
    /// A single sign-on provider on a private network that may be asked: its host name, or http://host:port where it
    /// speaks plain HTTP; give it once for each
    #[arg(
        long,
        value_name = "HOST",
        env = "BEDRAIL_ALLOW_PROVIDER",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(crate) allow_provider: Vec<String>,
}

/// Where people come from and go to.
#[derive(Debug, Clone, Args)]
#[expect(rustdoc::bare_urls, reason = "the help of the command line shows the text as it stands")]
pub(crate) struct PublicAddress {
    /// The address that people reach these pages by, https://bedrail.hospital.example: what is sent elsewhere leads back
    /// to it; its host name is allowed [default: the address listened on, where that is loopback]
    #[arg(long, value_name = "URL", env = "BEDRAIL_PUBLIC_URL", hide_env_values = true)]
    #[arg(value_parser = public_url::parse)]
    pub(crate) public_url: Option<PublicUrl>,
}

#[derive(Debug, Args)]
pub(crate) struct SsoSet {
    /// Read everything from a JSON file as `show --format json` writes it; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The provider's address, exactly as it calls itself
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// What the provider calls this installation
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// File with the client's secret; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// What the button says after "Sign in with"
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The word in the address of the sign-in page
    #[arg(long, value_name = "WORD")]
    pub(crate) slug: Option<String>,
    /// A scope to ask for beside openid; give it once for each
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    /// The claim that names groups or roles: its name, or a path with dots
    #[arg(long, value_name = "CLAIM")]
    pub(crate) claim: Option<String>,
    /// A value of the claim and the roles that it gives: "it-security=analyst,compliance"; all that are named replace all
    /// that were
    #[arg(long = "map", value_name = "VALUE=ROLES")]
    pub(crate) mapping: Vec<String>,
    /// Give all roles by hand: no value of the claim gives any
    #[arg(long, conflicts_with = "mapping")]
    pub(crate) no_map: bool,
    /// People whom nobody here knows yet: they need an invitation, or get an account
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) newcomers: Option<NewcomersWord>,
    /// Whether members may sign in by a password too: on or off
    #[arg(long, value_enum, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) passwords: Option<OnOff>,
    /// A value of acr or amr that counts as a second factor; give it once for each
    #[arg(long = "factor", value_name = "VALUE")]
    pub(crate) factors: Vec<String>,
    #[command(flatten)]
    pub(crate) database: Database,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NewcomersWord {
    Invited,
    Welcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnOff {
    On,
    Off,
}
