//! Progress on standard error while something takes long; nothing at all where no terminal shows it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Bytes: a name, a bar, how far, how fast.
const BYTES: &str = "{prefix:24} {bar:24} {bytes:>10} {total_bytes:>10} {binary_bytes_per_sec:>12}";
/// Bytes of which nobody says how many there will be.
const BYTES_UNKNOWN: &str = "{prefix:24} {spinner}  {bytes:>10} {binary_bytes_per_sec:>12}";
/// Things: a name, a bar, how far, how fast.
const THINGS: &str = "{prefix:24} {bar:24} {human_pos:>10} {human_len:>10} {per_sec:>12}";

/// Rows of which nobody says how many there will be.
const ROWS: &str = "{prefix:32} {spinner}  {human_pos:>12} {per_sec:>14}";

/// Bars by name, one below the other.
pub(crate) struct Steps {
    all: MultiProgress,
    bars: Mutex<HashMap<String, ProgressBar>>,
}

impl Steps {
    /// No bar yet. indicatif draws to standard error, and only where that is a terminal.
    pub(crate) fn new() -> Steps {
        Steps { all: MultiProgress::new(), bars: Mutex::default() }
    }

    /// So many things of so many.
    pub(crate) fn show(&self, what: &str, done: usize, total: usize) {
        self.advance(what, THINGS, done as u64, Some(total as u64));
    }

    /// So many bytes of so many.
    pub(crate) fn show_bytes(&self, what: &str, done: u64, total: Option<u64>) {
        self.advance(what, if total.is_some() { BYTES } else { BYTES_UNKNOWN }, done, total);
    }

    /// So many rows of which nobody says how many there will be.
    pub(crate) fn show_rows(&self, what: &str, done: u64) {
        self.advance(what, ROWS, done, None);
    }

    fn advance(&self, what: &str, template: &str, done: u64, total: Option<u64>) {
        // A bar is a picture: one that panicked while drawing leaves nothing broken behind.
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(what.to_owned()).or_insert_with(|| {
            let bar = ProgressBar::no_length().with_prefix(what.to_owned());
            let style =
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style.progress_chars("=> "));
            self.all.add(bar)
        });
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(done);
        if total == Some(done) {
            bar.abandon();
        }
    }
}
