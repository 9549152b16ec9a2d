//! What can be typed for `bedrail doctor`.

use std::path::PathBuf;

use clap::Args;

use super::{AsOf, Database, TextOrJson};

/// How the installation is examined.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Look at every entry of the audit log, every document, every block of the index and the database file
    #[arg(long)]
    pub(crate) deep: bool,
    /// How to show what was found
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// The certificate that `serve` speaks TLS with, to see until when it counts
    #[arg(long, value_name = "FILE", env = "BEDRAIL_TLS_CERT", hide_env_values = true, requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE", env = "BEDRAIL_TLS_KEY", hide_env_values = true, requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The address that people use, as given to `serve`
    #[arg(long, value_name = "URL", env = "BEDRAIL_PUBLIC_URL", hide_env_values = true)]
    pub(crate) public_url: Option<String>,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
}
