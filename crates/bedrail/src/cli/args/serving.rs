//! What can be typed for processes that stay: the network, and the log.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tracing_subscriber::filter::LevelFilter;

use crate::log::Form;
use crate::web::net::CONNECTIONS;

/// How the server is reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct Network {
    /// The server's certificate and those up to the root, PEM: it then speaks TLS itself; read again when it changes
    #[arg(long, value_name = "FILE", env = "BEDRAIL_TLS_CERT", hide_env_values = true, requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE", env = "BEDRAIL_TLS_KEY", hide_env_values = true, requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Address without TLS that sends people on to the public address
    #[arg(long, value_name = "ADDRESS", requires = "tls_cert", requires = "public_url")]
    pub(crate) redirect_http: Option<SocketAddr>,
    /// Connections open at once; what comes beyond is told to come back
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS, value_parser = parse_connections)]
    pub(crate) max_connections: usize,
    /// File with the token that a program must show to see /metrics; without it they are shown on this machine only
    #[arg(long, value_name = "FILE", env = "BEDRAIL_METRICS_TOKEN_FILE", hide_env_values = true)]
    pub(crate) metrics_token_file: Option<PathBuf>,
}

fn parse_connections(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=100_000).contains(number))
        .ok_or_else(|| "expected 1 to 100000".into())
}

/// What is logged, and how. `docs/logging.md`.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Log")]
pub(crate) struct Log {
    /// The form of the log on standard error: lines for people, or a JSON object a line
    #[arg(long, value_enum, value_name = "FORM", env = "BEDRAIL_LOG_FORMAT", hide_env_values = true)]
    #[arg(default_value_t)]
    log_format: LogForm,
    /// The least that is logged
    #[arg(
        long,
        value_enum,
        value_name = "LEVEL",
        env = "BEDRAIL_LOG",
        hide_env_values = true,
        default_value_t
    )]
    log: LogLevel,
}

impl Log {
    /// Begins the log.
    pub(crate) fn begin(self) {
        let form = match self.log_format {
            LogForm::Text => Form::Text,
            LogForm::Json => Form::Json,
        };
        let level = match self.log {
            LogLevel::Off => LevelFilter::OFF,
            LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
        };
        crate::log::begin(form, level);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum LogForm {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum LogLevel {
    Off,
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}
