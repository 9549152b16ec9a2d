//! Requests that are sent twice and carried out once: a caller gives each a key, and the answer is kept under it. Kept
//! bodies are sealed: some answers show a token or a code that is stored nowhere else but as a hash.

pub use bedrail_store::idempotency::AnswerRow as Answer;

use std::sync::Arc;
use std::time::Duration;

use bedrail_model::ids::OrgId;
use bedrail_store::idempotency::{self as rows, Mark};
use sha2::{Digest as _, Sha256};

use crate::{Actor, Context, Error};

/// The longest key, in bytes.
const KEY_LIMIT: usize = 255;
/// How often a key is renewed while its request is carried out: a few times within the pause after which it counts as cut off.
const RENEW: Duration = Duration::from_secs(3);

/// What a key stands for.
#[derive(Debug, Clone)]
pub enum Key {
    /// Nothing yet: the caller may carry the request out by an actor that has the key ([`Actor::once`]), renews it
    /// meanwhile, and must finish or forget it.
    Free(Taken),
    /// The same request, which is still under way.
    Busy,
    /// The same request, which was carried out; its answer was lost with its process.
    CarriedOut,
    /// The same request, with its answer.
    Answered(Answer),
    /// Another request.
    Other,
}

/// A key that was taken for a request.
#[derive(Debug, Clone)]
pub struct Taken(Arc<Mark>);

impl Taken {
    pub(crate) fn mark(&self) -> Arc<Mark> {
        self.0.clone()
    }
}

/// What a kept body belongs to.
fn about(org: OrgId, id: &[u8]) -> String {
    format!("answer {org} {}", hex::encode(id))
}

/// Takes a key for a request of the actor; `request` is a digest of what is asked. Keys of different actors never meet.
///
/// # Errors
/// [`Error::Invalid`] for a key that cannot be used.
pub async fn begin(ctx: &Context, actor: &Actor, key: &str, request: &[u8]) -> Result<Key, Error> {
    if key.is_empty() || key.len() > KEY_LIMIT {
        return Err(Error::invalid(format!("an idempotency key has 1 to {KEY_LIMIT} bytes")));
    }
    let owner = actor.account.map(|account| account.to_string()).unwrap_or_default();
    let id = Sha256::new().chain_update(owner).chain_update([0]).chain_update(key).finalize().to_vec();
    let org = actor.org;
    Ok(match rows::begin(&ctx.inner.store, org, &id, request, ctx.clock.now()).await? {
        rows::Key::Free(nonce) => Key::Free(Taken(Arc::new(Mark { org, id, nonce }))),
        rows::Key::Busy => Key::Busy,
        rows::Key::CarriedOut => Key::CarriedOut,
        rows::Key::Other => Key::Other,
        rows::Key::Answered(answer) => {
            let body = ctx.inner.secrets.open(&about(org, &id), &answer.body)?;
            Key::Answered(Answer { body, ..answer })
        }
    })
}

/// Says now and then that the request is still being carried out, until dropped: the same request sent again waits for it
/// meanwhile, and takes its place when it is cut off.
pub async fn keep_alive(ctx: Context, taken: Taken) {
    loop {
        tokio::time::sleep(RENEW).await;
        if let Err(error) = rows::renew(&ctx.inner.store, &taken.0, ctx.clock.now()).await {
            tracing::warn!(%error, "cannot renew an idempotency key");
        }
    }
}

/// Keeps the answer to the request that took the key.
///
/// # Errors
/// When the database cannot be used.
pub async fn finish(ctx: &Context, taken: &Taken, answer: Answer) -> Result<(), Error> {
    let body = ctx.inner.secrets.seal(&about(taken.0.org, &taken.0.id), &answer.body)?;
    Ok(rows::finish(&ctx.inner.store, &taken.0, Answer { body, ..answer }).await?)
}

/// Gives the key free after a fault of ours: the request may be sent again.
///
/// # Errors
/// When the database cannot be used.
pub async fn forget(ctx: &Context, taken: &Taken) -> Result<(), Error> {
    Ok(rows::forget(&ctx.inner.store, &taken.0).await?)
}
