//! What people said of single sites: their exclusions (`exclusions.json` of the state folder, a list).

use std::path::Path;

use bedrail_waf_rules::exclusion::SiteExclusion;

use crate::{RulesError, io};

/// Bytes of the file.
const MOST: u64 = 16 << 20;

/// The exclusions of all sites.
#[derive(Debug, Default)]
pub struct Exclusions(pub Vec<SiteExclusion>);

impl Exclusions {
    /// Reads them; none where there is no file.
    ///
    /// # Errors
    /// [`RulesError`] for a file that is damaged: nothing is guessed.
    pub fn read(state: &Path) -> Result<Exclusions, RulesError> {
        let path = state.join("exclusions.json");
        let bad = |reason: String| RulesError::NotNow(format!("{}: {reason}", path.display()));
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Exclusions::default()),
            Ok(found) if found.len() > MOST => return Err(bad(format!("it has more than {MOST} bytes"))),
            _ => {}
        }
        let bytes = std::fs::read(&path).map_err(io("read", &path))?;
        serde_json::from_slice(&bytes).map(Exclusions).map_err(|error| bad(error.to_string()))
    }
}
