//! Packs of one's own: a folder of rules, signed with the key of this installation. The only door for an unsigned tree.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use ring::signature::{ED25519, UnparsedPublicKey};

use super::TrustError;
use crate::tree::{Limits, Tree};
use crate::version::RulesVersion;

/// The file that lists every file of a pack.
pub const MANIFEST: &str = "bedrail-pack.manifest";
/// The file that signs the list.
pub const SIGNATURE: &str = "bedrail-pack.sig";
/// First line of a manifest. A signature of anything else that the installation signs never fits it.
const FORMAT: &str = "bedrail-waf-rules 1";

/// What a manifest says above the list of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackHead {
    /// `crs`, or a name of one's own: lower-case letters, digits and hyphens, at most 40.
    pub name: String,
    /// Its version.
    pub version: RulesVersion,
    /// When it was signed.
    pub signed_at: Timestamp,
}

/// Signs a tree: it comes back with manifest and signature among its files.
///
/// `sign` makes an Ed25519 signature (RFC 8032) of the bytes with the key whose public half is `public`.
///
/// # Errors
/// [`TrustError::BadPack`] for a name that is none, [`TrustError::Tree`] for a tree that is too large.
pub fn sign(
    tree: &Tree,
    head: &PackHead,
    public: &[u8],
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
    limits: &Limits,
) -> Result<Tree, TrustError> {
    if !plain_name(&head.name) {
        return Err(bad("its name must be lower-case letters, digits and hyphens, at most 40"));
    }
    let bare = bare(tree, limits)?;
    let manifest = manifest_text(&bare, head);
    let signature = format!("{}\n{}\n", hex::encode(public), BASE64.encode(sign(manifest.as_bytes())));
    let mut files: Vec<(String, Vec<u8>)> =
        bare.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    files.push((MANIFEST.to_owned(), manifest.into_bytes()));
    files.push((SIGNATURE.to_owned(), signature.into_bytes()));
    Ok(Tree::from_files(files, limits)?)
}

/// Checks a pack against the key of this installation: the signature fits the manifest, the manifest fits the files, no
/// file more and none less. What comes back are the files without manifest and signature.
///
/// # Errors
/// [`TrustError`] says what does not fit.
pub(super) fn verify(tree: &Tree, public: &[u8], limits: &Limits) -> Result<(PackHead, Tree), TrustError> {
    let missing =
        |name: &str| bad(&format!("it has no {name}; hint: sign the folder with `bedrail waf rules sign`"));
    let manifest = tree.text(MANIFEST).ok_or_else(|| missing(MANIFEST))?;
    let signature = tree.text(SIGNATURE).ok_or_else(|| missing(SIGNATURE))?;
    let mut lines = signature.lines();
    let (by, signature) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    if lines.next().is_some() {
        return Err(bad("its signature file has more than two lines"));
    }
    if by != hex::encode(public) {
        return Err(bad("it was signed with another key than that of this installation"));
    }
    let signature = BASE64.decode(signature).map_err(|_| bad("its signature is no base64"))?;
    let right = UnparsedPublicKey::new(&ED25519, public).verify(manifest.as_bytes(), &signature).is_ok();
    if !right {
        return Err(bad("the signature does not fit the manifest"));
    }
    let head = read_head(&manifest)?;
    let bare = bare(tree, limits)?;
    let expected = manifest_text(&bare, &head);
    if expected != manifest {
        return Err(bad(&first_difference(&manifest, &expected)));
    }
    Ok((head, bare))
}

fn bare(tree: &Tree, limits: &Limits) -> Result<Tree, TrustError> {
    let others = tree.files().filter(|(path, _)| !matches!(*path, MANIFEST | SIGNATURE));
    Ok(Tree::from_files(others.map(|(path, bytes)| (path, bytes.to_vec())), limits)?)
}

fn manifest_text(bare: &Tree, head: &PackHead) -> String {
    let PackHead { name, version, signed_at } = head;
    let files = bare.manifest();
    format!("{FORMAT}\nname {name}\nversion {version}\nsigned {signed_at}\n{files}")
}

fn read_head(manifest: &str) -> Result<PackHead, TrustError> {
    let mut lines = manifest.lines();
    if lines.next() != Some(FORMAT) {
        return Err(bad("its manifest is of another format"));
    }
    let mut field = |name: &str| {
        let line = lines.next().and_then(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(str::to_owned).ok_or_else(|| bad(&format!("its manifest has no `{name}`")))
    };
    let (name, version, signed) = (field("name")?, field("version")?, field("signed")?);
    if !plain_name(&name) {
        return Err(bad("its name is none"));
    }
    let version = version.parse().map_err(|_| bad("its version is none"))?;
    let signed_at = signed.parse().map_err(|_| bad("its time of signing is none"))?;
    Ok(PackHead { name, version, signed_at })
}

fn plain_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn first_difference(signed: &str, found: &str) -> String {
    let path = |line: &str| line.splitn(3, ' ').nth(2).unwrap_or(line).to_owned();
    for line in signed.lines() {
        if !found.lines().any(|other| other == line) {
            return format!("`{}` is not there as it was signed", path(line));
        }
    }
    let more = found.lines().find(|line| !signed.lines().any(|other| other == *line));
    more.map_or_else(
        || "its manifest differs".to_owned(),
        |line| format!("`{}` was added after signing", path(line)),
    )
}

fn bad(reason: &str) -> TrustError {
    TrustError::BadPack { reason: reason.to_owned() }
}
