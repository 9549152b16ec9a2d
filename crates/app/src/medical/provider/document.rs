//! One document of a provider: fetched, and checked before it counts.

use bedrail_formats::csaf::{self, provider};
use bedrail_formats::limits::Limits;
use sha2::{Digest as _, Sha256, Sha512};

use super::plain;
use super::walk::Entry;
use super::way::Way;

/// A hash file has one line.
const HASH: u64 = 64 << 10;

/// A document that may be taken in.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) content: Vec<u8>,
    /// Whether a hash of the provider was there to check it by.
    pub(super) hashed: bool,
    /// By which the server knows it again.
    pub(super) tag: String,
}

/// Fetches a document; `None` where the server says that it is as it was.
///
/// # Errors
/// In words: it is not to be had, or is not what it should be.
pub(super) async fn fetch(
    way: &Way,
    entry: &Entry,
    namespace: &str,
    known: Option<&str>,
) -> Result<Option<Checked>, String> {
    // Where the list gives times, those say whether it changed.
    let tag = known.filter(|_| entry.updated.is_empty());
    let Some(answered) = way.get_if_changed(&entry.url, csaf::MAX_BYTES, tag).await? else {
        return Ok(None);
    };
    let hashed = check_hash(way, entry, &answered.content).await?;
    // Up to 32 MB of JSON: not on a thread that serves others.
    let (entry, namespace) = (entry.clone(), namespace.to_owned());
    let checking = tokio::task::spawn_blocking(move || {
        check_head(&entry, &answered.content, &namespace)?;
        Ok(Checked { content: answered.content, hashed, tag: answered.tag })
    });
    checking.await.map_err(|_| "it could not be read".to_owned())?.map(Some)
}

/// Whether a hash was there; a wrong one is an error.
async fn check_hash(way: &Way, entry: &Entry, content: &[u8]) -> Result<bool, String> {
    for url in &entry.hashes {
        let Ok(bytes) = way.get(url, HASH).await else { continue };
        let digest = if url.ends_with(".sha256") {
            hex::encode(Sha256::digest(content))
        } else {
            hex::encode(Sha512::digest(content))
        };
        let given = provider::read_hash(&String::from_utf8_lossy(&bytes), digest.len());
        let given = given.ok_or_else(|| format!("{url} holds no hash; the document was not taken"))?;
        if given != digest {
            return Err(format!("it has another hash than {url} says; it was not taken"));
        }
        return Ok(true);
    }
    Ok(false)
}

/// The id has to make the name of the file (CSAF section 5.1), and nobody speaks in another's name.
fn check_head(entry: &Entry, content: &[u8], namespace: &str) -> Result<(), String> {
    let advisory = csaf::read(content, &Limits::default()).map_err(|error| error.to_string())?;
    let file = entry.url.rsplit('/').next().unwrap_or_default();
    let wanted = provider::file_name(&advisory.id);
    if file != wanted {
        return Err(format!("its id `{}` belongs into a file `{wanted}`; it was not taken", advisory.id));
    }
    if plain(&advisory.publisher.namespace) != plain(namespace) {
        let said = &advisory.publisher.namespace;
        return Err(format!("it is said to be of {said}, the provider is {namespace}; it was not taken"));
    }
    Ok(())
}
