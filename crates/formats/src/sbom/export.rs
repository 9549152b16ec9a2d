//! Writing a bill of materials as it was understood: CycloneDX 1.6 JSON and SPDX 2.3 JSON, to send on or back.
//!
//! What a format has no field for is kept in properties of our own where there are such (CycloneDX), which our reader reads
//! again, and is listed in the notes where there are none.

use std::io;

use bedrail_model::component::Inventory;
use sha2::{Digest as _, Sha256};

mod cyclonedx;
mod licence;
mod spdx2;

pub(crate) use cyclonedx::LOST_MARK;
pub use cyclonedx::{CONFIRMED_PROPERTY, CPE_PROPERTY, IDENTIFIER_PROPERTY, LOST_PROPERTY};
pub use licence::{LicenceFault, fault_of};

/// What stands beside an identifier that the bill does not give and people of an organisation said: a property's value
/// (CycloneDX), the comment of a reference (SPDX).
pub const CONFIRMED: &str = "confirmed by the organisation; not from the bill of materials";
/// The scheme of [`Component::other_identifiers`](bedrail_model::component::Component) under which our readers keep an identifier
/// that stands beside [`CONFIRMED`]: nothing is judged by what another house said.
pub const CONFIRMED_ELSEWHERE: &str = "confirmed-elsewhere";

/// A format that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// CycloneDX 1.6, JSON.
    CycloneDx,
    /// SPDX 2.3, JSON.
    Spdx,
}

impl Target {
    /// Both.
    pub const ALL: [Target; 2] = [Target::CycloneDx, Target::Spdx];

    /// The stable code: `cyclonedx`, `spdx`.
    pub const fn code(self) -> &'static str {
        match self {
            Target::CycloneDx => "cyclonedx",
            Target::Spdx => "spdx",
        }
    }

    /// The format of a code.
    pub fn from_code(code: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.code() == code)
    }

    /// What a file of it ends with, by its own convention.
    pub const fn ending(self) -> &'static str {
        match self {
            Target::CycloneDx => ".cdx.json",
            Target::Spdx => ".spdx.json",
        }
    }
}

/// When and by what a document is written.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'s> {
    /// The moment, which both formats want to whole seconds.
    pub at: jiff::Timestamp,
    /// The version of this program.
    pub program_version: &'s str,
}

impl Stamp<'_> {
    fn moment(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

/// A document as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What the format has no place for, in words.
    pub notes: Vec<String>,
}

/// Writes an inventory. `confirmed` are the components, in order, whose package URL and CPE names the bill does not give and people
/// of an organisation said: they are marked ([`CONFIRMED`]).
///
/// # Errors
/// When it cannot be put into JSON, which no inventory of a reader causes.
pub fn write(
    inventory: &Inventory,
    confirmed: &[usize],
    target: Target,
    stamp: &Stamp<'_>,
) -> io::Result<Written> {
    match target {
        Target::CycloneDx => cyclonedx::write(inventory, confirmed, stamp),
        Target::Spdx => spdx2::write(inventory, confirmed, stamp),
    }
}

/// A UUID of what is written: the same content at the same moment has the same (RFC 9562 §5.8).
fn uuid(inventory: &Inventory, stamp: &Stamp<'_>) -> String {
    let mut digest = Sha256::new();
    digest.update(stamp.moment());
    for component in &inventory.components {
        let texts = [
            Some(&component.reference),
            Some(&component.name),
            component.version.as_ref(),
            component.purl.as_ref(),
        ];
        for text in texts {
            digest.update([0]);
            digest.update(text.map_or("", String::as_str));
        }
    }
    let digest = digest.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Notes on what has no place, each said once with its number.
#[derive(Default)]
struct Notes(Vec<(&'static str, usize)>);

impl Notes {
    fn add(&mut self, what: &'static str) {
        match self.0.iter_mut().find(|(it, _)| *it == what) {
            Some((_, count)) => *count += 1,
            None => self.0.push((what, 1)),
        }
    }

    fn into_words(self) -> Vec<String> {
        self.0.into_iter().map(|(what, count)| format!("{count} {what}")).collect()
    }
}

fn to_json(document: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(document)?;
    bytes.push(b'\n');
    Ok(bytes)
}
