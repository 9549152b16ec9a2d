//! The log of `serve` and `worker` on standard error, as text or as JSON lines. `docs/logging.md` says what stands in
//! it and what never does.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer, Registry, fmt};

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A line for a person.
    Text,
    /// A JSON object a line.
    Json,
}

/// Our own crates: `bedrail`, `bedrail_app`, `bedrail_store` and so on.
const OURS: &str = "bedrail";
/// Says that a handler panicked.
const PANICS: &str = "tower_http::catch_panic";

/// Begins the log of this process. What libraries would say stays out: it may hold addresses, queries and headers.
pub(crate) fn begin(form: Form, level: LevelFilter) {
    let wanted = Targets::new().with_target(OURS, level).with_target(PANICS, LevelFilter::ERROR.min(level));
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let layer: Box<dyn Layer<Registry> + Send + Sync> = match form {
        Form::Text => lines.boxed(),
        Form::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let log = tracing_subscriber::registry().with(layer.with_filter(wanted));
    // A second log in one process would be a mistake in a test; the first stays.
    let _ = tracing::subscriber::set_global_default(log);
}
