//! Who says that these are the rules. A rule set that decides anything is a [`Trusted`], and there are two ways to make
//! one: a release signed by the pinned key, or a pack signed by this installation.

pub mod pack;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use bedrail_signature::{Pin, PinnedKey, SignatureError};
pub use pack::PackHead;

use crate::conf::{self, VetError};
use crate::hash::sha256;
use crate::tree::{self, Limits, Tree, TreeError};
use crate::version::RulesVersion;

/// Where the trust in a rule set comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Origin {
    /// A release, signed by the pinned key.
    Release {
        /// Fingerprint of the key.
        key: String,
        /// When it was signed, by the signer's clock.
        signed_at: Timestamp,
    },
    /// A pack signed by this installation.
    Local {
        /// The public key, hexadecimal.
        key: String,
        /// When.
        signed_at: Timestamp,
    },
}

/// A rule set whose origin was checked. Only the functions of this module make one.
#[derive(Debug, Clone)]
pub struct Trusted {
    name: String,
    version: RulesVersion,
    tree: Tree,
    hash: String,
    received: String,
    origin: Origin,
}

impl Trusted {
    /// `crs`, or the name of a pack.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Its version, read from the signed bytes.
    pub fn version(&self) -> &RulesVersion {
        &self.version
    }
    /// Its files.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }
    /// SHA-256 of the canonical manifest of its files.
    pub fn hash(&self) -> &str {
        &self.hash
    }
    /// SHA-256 of what was received: the archive, or the manifest of a pack.
    pub fn received(&self) -> &str {
        &self.received
    }
    /// Who signed it.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
    /// The sentence for the audit log.
    pub fn sentence(&self) -> String {
        let (name, version, received) = (&self.name, &self.version, &self.received);
        match &self.origin {
            Origin::Release { key, signed_at } => {
                format!("rule set {name} {version} (SHA-256 {received}) is signed by {key}, {signed_at}")
            }
            Origin::Local { key, signed_at } => format!(
                "rule set {name} {version} (SHA-256 {received}) carries no signature of its makers; this installation signed it itself (key {key}, {signed_at})"
            ),
        }
    }
}

/// The rule set that a new one must not fall behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The newest version that was ever trusted under this name.
    pub version: RulesVersion,
    /// SHA-256 of the manifest of its files.
    pub hash: String,
}

/// Why a rule set is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The archive or folder does not hold.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A rule file does what no rule file may.
    #[error(transparent)]
    Vet(#[from] VetError),
    /// A pack does not hold.
    #[error("the pack is refused: {reason}")]
    BadPack {
        /// Why.
        reason: String,
    },
    /// It does not say its version, or says two.
    #[error("the rule set does not say which version it is: {reason}")]
    NoVersion {
        /// What was found.
        reason: String,
    },
    /// It is older than what is held.
    #[error(
        "version {offered} is older than {held}, which is held already; an old rule set can bring back what a newer one mended, and is refused"
    )]
    Older {
        /// The version offered.
        offered: RulesVersion,
        /// The version held.
        held: RulesVersion,
    },
    /// The same version, with other files.
    #[error(
        "version {version} is held already with other content (SHA-256 {held}, offered {offered}); a release never changes, so this one is refused"
    )]
    Changed {
        /// The version.
        version: RulesVersion,
        /// The hash held.
        held: String,
        /// The hash offered.
        offered: String,
    },
    /// Nothing new.
    #[error("version {version} is held already, nothing to do")]
    Same {
        /// The version.
        version: RulesVersion,
    },
}

/// Checks a release of the Core Rule Set: signature first, then the archive, then its version.
///
/// # Errors
/// [`TrustError`]: nothing of the archive is opened before its signature holds.
pub fn release(
    archive: &[u8],
    signature: Option<&[u8]>,
    key: &PinnedKey,
    held: Option<&Held>,
    limits: &Limits,
    now: Timestamp,
) -> Result<Trusted, TrustError> {
    if archive.len() as u64 > limits.bytes_in {
        let what = "the archive".to_owned();
        return Err(TreeError::TooLarge { what, limit: limits.bytes_in, unit: "bytes" }.into());
    }
    let signature = signature.ok_or(SignatureError::Missing)?;
    let signed = key.verify(archive, signature, now)?;
    let tree = tree::open_archive(archive, limits)?;
    conf::vet(&tree)?;
    let version = core_rule_set_version(&tree)?;
    let hash = tree.hash();
    not_behind(&version, &hash, held)?;
    let origin = Origin::Release { key: signed.by, signed_at: signed.at };
    Ok(Trusted { name: "crs".to_owned(), version, tree, hash, received: sha256(archive), origin })
}

/// Checks a pack of one's own. A pack named `crs` must be the Core Rule Set in the version it says.
///
/// # Errors
/// [`TrustError`].
pub fn local(
    signed: &Tree,
    public: &[u8],
    held: Option<&Held>,
    limits: &Limits,
) -> Result<Trusted, TrustError> {
    let (head, tree) = pack::verify(signed, public, limits)?;
    conf::vet(&tree)?;
    if head.name == "crs" {
        let inside = core_rule_set_version(&tree)?;
        if inside != head.version {
            let reason = format!("the pack says {}, its rules say {inside}", head.version);
            return Err(TrustError::NoVersion { reason });
        }
    }
    let hash = tree.hash();
    not_behind(&head.version, &hash, held)?;
    let received = sha256(signed.get(pack::MANIFEST).unwrap_or_default());
    let origin = Origin::Local { key: hex::encode(public), signed_at: head.signed_at };
    Ok(Trusted { name: head.name, version: head.version, tree, hash, received, origin })
}

fn not_behind(version: &RulesVersion, hash: &str, held: Option<&Held>) -> Result<(), TrustError> {
    let Some(held) = held else { return Ok(()) };
    if *version < held.version {
        return Err(TrustError::Older { offered: version.clone(), held: held.version.clone() });
    }
    if *version > held.version {
        return Ok(());
    }
    let version = version.clone();
    if hash == held.hash {
        return Err(TrustError::Same { version });
    }
    Err(TrustError::Changed { version, held: held.hash.clone(), offered: hash.to_owned() })
}

/// The version that the files of a Core Rule Set say themselves (`SecComponentSignature`).
///
/// # Errors
/// [`TrustError::NoVersion`] when there is none, or two.
pub fn core_rule_set_version(tree: &Tree) -> Result<RulesVersion, TrustError> {
    let mut versions: Vec<RulesVersion> = Vec::new();
    for (path, _) in tree.files().filter(|(path, _)| path.starts_with("rules/") && path.ends_with(".conf")) {
        let text = tree.text(path).unwrap_or_default();
        for directive in conf::directives(path, &text)? {
            let said = directive.words.first().and_then(|word| word.strip_prefix("OWASP_CRS/"));
            if let (true, Some(said)) = (directive.name == "SecComponentSignature", said) {
                let version = said.parse::<RulesVersion>();
                versions.push(version.map_err(|error| TrustError::NoVersion { reason: error.to_string() })?);
            }
        }
    }
    versions.dedup();
    match versions.len() {
        1 => Ok(versions.remove(0)),
        0 => Err(TrustError::NoVersion { reason: "no SecComponentSignature \"OWASP_CRS/…\"".to_owned() }),
        _ => Err(TrustError::NoVersion { reason: "it says several".to_owned() }),
    }
}
