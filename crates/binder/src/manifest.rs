//! The manifest: what is in a binder, for what moment, as known when, and the chain over it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{MOST_PATH_BYTES, SCHEMA};

/// As known when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// What was known at the end of the period.
    Then,
    /// What is known at the moment of sealing.
    Now,
}

/// What a binder is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The organisation's id.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// What it was made for.
    pub title: String,
    /// The engagement whose scope it has, where there is one.
    pub engagement: Option<String>,
    /// The first moment that it is about.
    #[serde(with = "moment")]
    pub from: Timestamp,
    /// The last.
    #[serde(with = "moment")]
    pub to: Timestamp,
    /// As known when.
    pub known: Known,
    /// When it was sealed.
    #[serde(with = "moment")]
    pub sealed_at: Timestamp,
    /// The versions of the catalogues that states in it were computed by.
    pub catalogues: Vec<String>,
    /// The head of the binder before it, in hexadecimal, where binders of an organisation follow one another.
    pub previous: Option<String>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its path in the ZIP.
    pub path: String,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes as they are packed in the ZIP.
    pub packed_sha256: String,
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// Since when its content was known to whoever sealed it.
    #[serde(with = "moment")]
    pub known_at: Timestamp,
    /// SHA-256 over the chain of the line before (32 zero bytes before the first) and the line without this field, as JSON.
    pub chain: String,
}

/// The manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// What the binder is about.
    pub binder: Description,
    /// Its files, by path.
    pub entries: Vec<Line>,
    /// The chain of the last line; 64 zeros without any.
    pub head: String,
}

/// A moment as RFC 3339 in UTC.
mod moment {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(moment)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

const START: [u8; 32] = [0; 32];

impl Manifest {
    pub(crate) fn new(binder: Description, mut entries: Vec<Line>) -> Manifest {
        let head = chain(&mut entries);
        Manifest { schema: SCHEMA.to_owned(), binder, entries, head }
    }

    /// Its only form: JSON in the order of the fields, indented by two, with a line end behind.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Texts, numbers and lists only; writing them cannot fail.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Whether chain and order of the lines hold.
    pub(crate) fn holds(&self) -> bool {
        let mut again = self.entries.clone();
        let head = chain(&mut again);
        again == self.entries && head == self.head && again.windows(2).all(|two| two[0].path < two[1].path)
    }
}

/// Writes the chain into lines and gives its head.
fn chain(lines: &mut [Line]) -> String {
    let mut before = START;
    for line in lines {
        line.chain = String::new();
        let bytes = serde_json::to_vec(line).unwrap_or_default();
        before = Sha256::new().chain_update(before).chain_update(bytes).finalize().into();
        line.chain = hex::encode(before);
    }
    hex::encode(before)
}

/// What is wrong with a path; `None` where nothing is.
pub(crate) fn path_fault(path: &str) -> Option<&'static str> {
    let parts = || path.split('/');
    if path.is_empty() || path.len() > MOST_PATH_BYTES {
        Some("a path has 1 to 240 bytes")
    } else if parts().any(|part| part.is_empty() || part == "." || part == "..") {
        Some("a path is relative, without empty parts and without . and ..")
    } else if path.contains(['\\', ':', '*', '?', '"', '<', '>', '|']) || path.chars().any(char::is_control) {
        Some("a path has none of \\ : * ? \" < > | and no control characters")
    } else if parts().any(|part| part.ends_with(['.', ' ']) || part.starts_with(' ')) {
        Some("parts of a path neither begin with a space nor end with a space or a point")
    } else {
        None
    }
}
