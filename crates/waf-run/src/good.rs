//! Known-good requests of a site: those that every rule set lets through, and those that were recorded, redacted and approved
//! (`waf/good/SITE.jsonl`, one [`Request::to_line`] a line).

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use bedrail_waf_rules::request::Request;
use bedrail_waf_rules::suite;

use crate::{RulesError, io};

/// Requests of a site, at most.
const MOST: usize = 2_000;
/// Bytes of a file.
const MOST_BYTES: u64 = 64 << 20;

/// The recorded ones.
///
/// # Errors
/// [`RulesError::Good`] names the line. A site without a file has none.
pub fn recorded(state: &Path, site: &str) -> Result<Vec<Request>, RulesError> {
    let path = state.join("waf").join("good").join(format!("{site}.jsonl"));
    let file = match std::fs::File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file.map_err(io("read", &path))?,
    };
    let mut all = Vec::new();
    for (index, line) in BufReader::new(file.take(MOST_BYTES)).lines().take(MOST).enumerate() {
        let line = line.map_err(io("read", &path))?;
        let bad = |reason| RulesError::Good { path: path.display().to_string(), line: index + 1, reason };
        all.push(Request::from_line(&line).map_err(bad)?);
    }
    Ok(all)
}

/// All known-good requests of a site.
///
/// # Errors
/// As [`recorded`].
pub fn of(state: &Path, site: &str) -> Result<Vec<Request>, RulesError> {
    let mut all = suite::plain();
    all.extend(recorded(state, site)?);
    Ok(all)
}
