//! Packs of one's own, signed with the key of the installation.

use std::path::Path;

use bedrail_waf_rules::tree::{self, Limits};
use bedrail_waf_rules::trust::{PackHead, TrustError, core_rule_set_version, pack};
use bedrail_waf_rules::version::RulesVersion;
use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use crate::{RulesError, io};

/// Bytes of a key file; one in PKCS#8 has 83 or 85.
const MOST: u64 = 4_096;

/// A signing key.
#[derive(Debug)]
pub struct Key(Ed25519KeyPair);

impl Key {
    /// Reads a key: Ed25519 in PKCS#8 (RFC 8410), as `audit.key` of an installation is.
    ///
    /// # Errors
    /// [`RulesError::Io`], [`RulesError::Key`].
    pub fn read(path: &Path) -> Result<Key, RulesError> {
        let bad = |reason: String| RulesError::Key { path: path.display().to_string(), reason };
        let length = std::fs::metadata(path).map_err(io("read", path))?.len();
        if length > MOST {
            return Err(bad(format!("it has {length} bytes, a key has fewer than {MOST}")));
        }
        let bytes = std::fs::read(path).map_err(io("read", path))?;
        Ed25519KeyPair::from_pkcs8(&bytes).map(Key).map_err(|error| bad(error.to_string()))
    }

    /// The public half.
    pub fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

/// Signs a folder of rules: `bedrail-pack.manifest` and `bedrail-pack.sig` are written into it. Says the head.
///
/// Without a name it must be a Core Rule Set, which says its version itself; with one it needs a version.
///
/// # Errors
/// [`RulesError`]; the folder is as it was then.
pub fn sign(
    folder: &Path,
    key: &Key,
    name: Option<&str>,
    version: Option<RulesVersion>,
    now: Timestamp,
) -> Result<PackHead, RulesError> {
    let limits = Limits::default();
    let tree = tree::open_folder(folder, &limits)?;
    bedrail_waf_rules::conf::vet(&tree)?;
    let name = name.unwrap_or("crs").to_owned();
    let version = match version {
        Some(version) => version,
        None if name == "crs" => core_rule_set_version(&tree)?,
        None => {
            let reason =
                "a pack of one's own has no version of itself; hint: say it with --version".to_owned();
            return Err(TrustError::NoVersion { reason }.into());
        }
    };
    let head = PackHead { name, version, signed_at: now };
    let signed =
        pack::sign(&tree, &head, key.public(), |bytes| key.0.sign(bytes).as_ref().to_vec(), &limits)?;
    for file in [pack::MANIFEST, pack::SIGNATURE] {
        let path = folder.join(file);
        std::fs::write(&path, signed.get(file).unwrap_or_default()).map_err(io("write", &path))?;
    }
    Ok(head)
}
