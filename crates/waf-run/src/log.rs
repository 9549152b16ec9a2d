//! What was said about rule sets: one JSON object a line in `rules.log`; the report hands it on to the server's audit log.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use bedrail_waf_rules::life::Said;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{RulesError, io};

/// The file in the state folder.
pub const FILE: &str = "rules.log";

/// One sentence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sentence {
    /// When.
    pub at: Timestamp,
    /// The sentence.
    pub text: String,
    /// Whether somebody should look now.
    pub alert: bool,
}

/// Appends sentences and has them on the disk before it returns.
///
/// # Errors
/// [`RulesError::Io`].
pub fn append(state: &Path, said: &[Said], now: Timestamp) -> Result<Vec<Sentence>, RulesError> {
    let sentence = |it: &Said| Sentence { at: now, text: it.text.clone(), alert: it.alert };
    let all: Vec<Sentence> = said.iter().map(sentence).collect();
    if all.is_empty() {
        return Ok(all);
    }
    let path = state.join(FILE);
    let mut text = String::new();
    for one in &all {
        let line = serde_json::to_string(one);
        text.push_str(&line.map_err(|error| io("write", &path)(std::io::Error::other(error)))?);
        text.push('\n');
    }
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
    let mut file = file.map_err(io("write", &path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io("write", &path))?;
    Ok(all)
}
