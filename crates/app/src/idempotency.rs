//! Requests that are sent twice and carried out once: a caller gives each a key, and the answer is kept under it. Kept
//! bodies are sealed: some answers show a token or a code that is stored nowhere else but as a hash.

pub use bedrail_store::idempotency::{AnswerRow as Answer, Key};

use bedrail_store::idempotency as rows;
use sha2::{Digest as _, Sha256};

use crate::{Actor, Context, Error};

/// The longest key, in bytes.
const KEY_LIMIT: usize = 255;

/// A key that was taken for a request.
#[derive(Debug, Clone)]
pub struct Taken {
    actor: Actor,
    id: Vec<u8>,
}

impl Taken {
    /// What the kept body belongs to.
    fn about(&self) -> String {
        format!("answer {} {}", self.actor.org, hex::encode(&self.id))
    }
}

/// Takes a key for a request of the actor; `request` is a digest of what is asked. Keys of different actors never meet.
///
/// # Errors
/// [`Error::Invalid`] for a key that cannot be used.
pub async fn begin(ctx: &Context, actor: &Actor, key: &str, request: &[u8]) -> Result<(Taken, Key), Error> {
    if key.is_empty() || key.len() > KEY_LIMIT {
        return Err(Error::invalid(format!("an idempotency key has 1 to {KEY_LIMIT} bytes")));
    }
    let owner = actor.account.map(|account| account.to_string()).unwrap_or_default();
    let id = Sha256::new().chain_update(owner).chain_update([0]).chain_update(key).finalize().to_vec();
    let mut state = rows::begin(&ctx.inner.store, actor.org, &id, request, ctx.clock.now()).await?;
    let taken = Taken { actor: actor.clone(), id };
    if let Key::Answered(answer) = &mut state {
        answer.body = ctx.inner.secrets.open(&taken.about(), &answer.body)?;
    }
    Ok((taken, state))
}

/// Keeps the answer to the request that took the key.
///
/// # Errors
/// When the database cannot be used.
pub async fn finish(ctx: &Context, taken: &Taken, answer: Answer) -> Result<(), Error> {
    let body = ctx.inner.secrets.seal(&taken.about(), &answer.body)?;
    let answer = Answer { body, ..answer };
    Ok(rows::finish(&ctx.inner.store, taken.actor.org, &taken.id, answer).await?)
}

/// Gives the key free after a fault of ours: the request may be sent again.
///
/// # Errors
/// When the database cannot be used.
pub async fn forget(ctx: &Context, taken: &Taken) -> Result<(), Error> {
    Ok(rows::forget(&ctx.inner.store, taken.actor.org, &taken.id).await?)
}
