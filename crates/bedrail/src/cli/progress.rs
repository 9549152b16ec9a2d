//! Progress on standard error while something takes long; nothing at all where no terminal shows it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Bytes: a name, a bar, how far, how fast.
const BYTES: &str = "{prefix:24} {bar:24} {bytes:>10} {total_bytes:>10} {binary_bytes_per_sec:>12}";
/// The same, and how long it will still take.
const BYTES_LEFT: &str =
    "{prefix:24} {bar:24} {bytes:>10} {total_bytes:>10} {binary_bytes_per_sec:>12} {eta:>4} left";
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
        self.advance(what, THINGS, (done as u64, Some(total as u64)), true);
    }

    /// So many bytes of so many.
    pub(crate) fn show_bytes(&self, what: &str, done: u64, total: Option<u64>) {
        self.advance(what, if total.is_some() { BYTES } else { BYTES_UNKNOWN }, (done, total), true);
    }

    /// So many bytes, and how long the rest will take, where somebody says how many there are.
    pub(crate) fn show_bytes_left(&self, what: &str, done: u64, total: Option<u64>) {
        self.advance(what, if total.is_some() { BYTES_LEFT } else { BYTES_UNKNOWN }, (done, total), false);
    }

    /// So many things of which it may turn out only later how many there are.
    pub(crate) fn show_things(&self, what: &str, done: u64, total: Option<u64>) {
        self.advance(what, if total.is_some() { THINGS } else { ROWS }, (done, total), false);
    }

    /// So many rows of which nobody says how many there will be.
    pub(crate) fn show_rows(&self, what: &str, done: u64) {
        self.advance(what, ROWS, (done, None), true);
    }

    /// Moves a bar, which is left alone when all is done if that `ends` it.
    fn advance(&self, what: &str, template: &str, (done, total): (u64, Option<u64>), ends: bool) {
        // A bar is a picture: one that panicked while drawing leaves nothing broken behind.
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(what.to_owned()).or_insert_with(|| {
            let bar = ProgressBar::no_length().with_prefix(what.to_owned());
            bar.set_style(style(template));
            self.all.add(bar)
        });
        // How many there are turned out.
        if total.is_some() && bar.length().is_none() {
            bar.set_style(style(template));
        }
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(done);
        if ends && total == Some(done) {
            bar.abandon();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("=> ")
}
