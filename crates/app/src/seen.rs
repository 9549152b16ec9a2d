//! Two people at one record: whoever changes it says which state of it they saw, and who saw an old one changes nothing
//! but is told what stands there now.
//!
//! The version of a record is a digest of what can be changed in it. It needs no column, and a record that was changed
//! and changed back is the one that was seen.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::Error;

/// Bytes of a version: enough that two states of one record never share one.
const VERSION_BYTES: usize = 12;

/// The state of a record that a change is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Whatever is there is overwritten: the command line, and programs that say so.
    Whatever,
    /// One of these versions. None at all is no state of any record.
    Version(Vec<String>),
}

/// The fields of a record that people change, each with its value in words.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// A field on which the caller and the record differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The field.
    pub field: &'static str,
    /// What the caller wants.
    pub wanted: String,
    /// What stands there.
    pub present: String,
}

/// A record that was changed since the caller looked. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Which: "the membership of ann".
    pub what: String,
    /// Its version now.
    pub version: String,
    /// What the caller wants otherwise than it stands there now.
    pub clashes: Vec<Clash>,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "somebody else changed {} meanwhile: ", self.what)?;
        for (index, Clash { field, wanted, present }) in self.clashes.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(f, "{comma}{field} is now {}, you want {}", shown(present), shown(wanted))?;
        }
        Ok(())
    }
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "empty" } else { value }
}

/// The version of a record with these fields.
pub(crate) fn version(fields: &Fields) -> String {
    let mut digest = Sha256::new();
    for text in fields.iter().flat_map(|(name, value)| [*name, value.as_str()]) {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    hex::encode(&digest.finalize()[..VERSION_BYTES])
}

/// Refuses a change of a record that is not (any more) what was seen. To be asked inside the change, which holds the
/// organisation's lock. Who wants what is there already has lost nothing.
///
/// # Errors
/// [`Error::Stale`] with what differs.
pub(crate) fn expect(seen: &Seen, what: &str, present: &Fields, wanted: &Fields) -> Result<(), Error> {
    let now = version(present);
    let known = match seen {
        Seen::Whatever => true,
        Seen::Version(versions) => versions.contains(&now),
    };
    if known || present == wanted {
        return Ok(());
    }
    let value = |fields: &Fields, name: &str| {
        let found = fields.iter().find(|(field, _)| *field == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut names: Vec<&'static str> = present.iter().map(|(name, _)| *name).collect();
    names.extend(wanted.iter().map(|(name, _)| *name).filter(|name| value(present, name).is_empty()));
    names.sort_unstable();
    names.dedup();
    let clashes = names.into_iter().filter_map(|field| {
        let (wanted, present) = (value(wanted, field), value(present, field));
        (wanted != present).then_some(Clash { field, wanted, present })
    });
    let clashes = clashes.collect();
    Err(Error::Stale(Box::new(Stale { what: what.to_owned(), version: now, clashes })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(roles: &str) -> Fields {
        vec![("roles", roles.to_owned()), ("end", String::new())]
    }

    #[test]
    fn who_saw_an_old_state_is_told_what_differs() {
        let (old, new, wanted) = (fields("engineer"), fields("analyst"), fields("auditor"));
        let seen = Seen::Version(vec![version(&old)]);
        assert!(expect(&seen, "it", &old, &wanted).is_ok());
        assert!(expect(&Seen::Whatever, "it", &new, &wanted).is_ok());
        assert!(expect(&seen, "it", &new, &new).is_ok(), "what is wanted is there");
        let Err(Error::Stale(stale)) = expect(&seen, "the membership of ann", &new, &wanted) else {
            panic!("an old state was taken");
        };
        assert_eq!(stale.version, version(&new));
        let clash = Clash { field: "roles", wanted: "auditor".into(), present: "analyst".into() };
        assert_eq!(stale.clashes, [clash]);
        assert_eq!(
            stale.to_string(),
            "somebody else changed the membership of ann meanwhile: roles is now analyst, you want auditor"
        );
        assert!(expect(&Seen::Version(Vec::new()), "it", &new, &wanted).is_err());
    }

    #[test]
    fn a_version_tells_fields_apart() {
        let of = |pairs: &[(&'static str, &str)]| {
            version(&pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
        };
        assert_eq!(of(&[("a", "b")]).len(), 2 * VERSION_BYTES);
        assert_ne!(of(&[("a", "bc")]), of(&[("ab", "c")]));
        assert_ne!(of(&[("a", ""), ("b", "x")]), of(&[("a", "x"), ("b", "")]));
    }
}
