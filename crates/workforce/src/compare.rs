//! Two versions of a text side by side, line by line.

use std::time::Duration;

use similar::{Algorithm, ChangeTag, TextDiff};

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It stands in both.
    Same,
    /// It stands in the earlier one alone.
    Gone,
    /// It stands in the later one alone.
    New,
}

/// A line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What became of it.
    pub became: Became,
    /// The line, without its end.
    pub text: String,
}

/// The lines of two texts, in order. Texts that would take too long are compared less finely.
pub fn lines(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .timeout(Duration::from_millis(200))
        .diff_lines(before, after);
    let changes = diff.iter_all_changes().map(|change| Line {
        became: match change.tag() {
            ChangeTag::Equal => Became::Same,
            ChangeTag::Delete => Became::Gone,
            ChangeTag::Insert => Became::New,
        },
        text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
    });
    changes.collect()
}
