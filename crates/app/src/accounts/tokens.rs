//! Tokens: what a program shows instead of a password. A token acts in one organisation in its owner's name, with at
//! most the rights that the owner has at that moment, until it expires, is ended, or the membership or account is.

use std::net::IpAddr;

use bedrail_model::ids::TokenId;
use bedrail_store::tokens as rows;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::{Account, Proof};
use crate::actor::Via;
use crate::rights::{Right, Rights};
use crate::{Actor, Context, Error};

/// The first letters of every token, so that scanners for lost secrets know one when they see it.
pub const PREFIX: &str = "brt_";
/// Days that a token stands unless asked otherwise.
pub const DAYS: u16 = 90;
/// Days that a token stands at most.
pub const DAYS_AT_MOST: u16 = 365;
/// The longest name, in characters.
const NAME_LIMIT: usize = 80;
/// Tokens of one person in one organisation at most.
const TOKENS_AT_MOST: usize = 50;
/// The last use is written down at most this often, so that asking seldom writes.
const MINUTES_BETWEEN_NOTES: i64 = 5;

/// A token as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Id.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it was made for; it may less where its owner may less.
    pub rights: Rights,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it opens nothing, exclusive.
    pub expires: Timestamp,
    /// When it was last used, a few minutes off.
    pub used: Option<Timestamp>,
    /// From which address.
    pub used_from: Option<String>,
}

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// What it may do: rights that its owner has.
    pub rights: Vec<Right>,
    /// Days that it stands.
    pub days: u16,
}

/// What no token does.
const ONLY_A_PERSON: [Right; 4] =
    [Right::OwnAccount, Right::UseTokens, Right::TakeEmergency, Right::ErasePeople];

/// The rights that a token of the actor can have: the actor's, but for what only a person does.
pub fn offered(actor: &Actor) -> impl Iterator<Item = Right> {
    actor.rights().iter().filter(|right| !ONLY_A_PERSON.contains(right))
}

/// The actor's tokens in the present organisation, newest first.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn own(ctx: &Context, actor: &Actor) -> Result<Vec<Token>, Error> {
    actor.need(Right::UseTokens)?;
    let Some(account) = actor.account else { return Ok(Vec::new()) };
    let found = rows::of_owner(&ctx.inner.store, account, actor.org).await?;
    Ok(found.into_iter().map(token).collect())
}

fn token(row: rows::TokenRow) -> Token {
    let rights = row.rights.split_whitespace().filter_map(Right::from_code).collect();
    Token {
        id: row.id,
        name: row.name,
        rights,
        created: row.created,
        expires: row.expires,
        used: row.used,
        used_from: row.used_from,
    }
}

/// Makes a token for the actor in the present organisation. Returns its id and its text, which is shown this once.
///
/// # Errors
/// [`Error::Denied`] without the right, [`Error::Invalid`] for a name, rights or days that a token cannot have.
pub async fn make(ctx: &Context, actor: &Actor, new: &NewToken) -> Result<(TokenId, String), Error> {
    actor.need(Right::UseTokens)?;
    let account = actor.account.ok_or_else(|| Error::not_found("your account"))?;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_LIMIT || name.chars().any(char::is_control) {
        return Err(Error::invalid(format!("a token's name has 1 to {NAME_LIMIT} characters on one line")));
    }
    if new.days == 0 || new.days > DAYS_AT_MOST {
        return Err(Error::invalid(format!("a token stands 1 to {DAYS_AT_MOST} days")));
    }
    let offered: Rights = offered(actor).collect();
    if new.rights.is_empty() || new.rights.iter().any(|right| !offered.has(*right)) {
        let hint = Some("choose at least one right, among those that you have yourself".into());
        return Err(Error::Invalid { message: "a token cannot have these rights".into(), hint });
    }
    if own(ctx, actor).await?.len() >= TOKENS_AT_MOST {
        return Err(Error::Conflict {
            message: format!("you have {TOKENS_AT_MOST} tokens already; end some first"),
        });
    }
    let secret: [u8; 32] = rand::random();
    let rights: Rights = new.rights.iter().copied().collect();
    let codes: Vec<&str> = rights.iter().map(Right::code).collect();
    let codes = codes.join(" ");
    let change = ctx.change(actor, Right::UseTokens, "token.make").await?;
    let expires = change.at() + SignedDuration::from_hours(24 * i64::from(new.days));
    let id = rows::add(&change, account, (name, &codes), &Sha256::digest(secret).into(), expires).await?;
    let subject = change.personal(account.uuid(), name).await?;
    change.commit(&subject, &format!("{codes}; {} days", new.days)).await?;
    Ok((id, format!("{PREFIX}{}_{}", id.uuid().simple(), hex::encode(secret))))
}

/// Ends one of the actor's tokens.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub async fn end(ctx: &Context, actor: &Actor, id: TokenId) -> Result<(), Error> {
    let account = actor.account.ok_or_else(|| Error::not_found("your account"))?;
    let name = own(ctx, actor).await?.into_iter().find(|token| token.id == id).map(|token| token.name);
    let change = ctx.change(actor, Right::UseTokens, "token.end").await?;
    if !rows::remove(&change, account, id).await? {
        return Err(Error::not_found(format!("token {id}")));
    }
    let subject = change.personal(account.uuid(), &name.unwrap_or_default()).await?;
    Ok(change.commit(&subject, "").await?)
}

/// Who asks with a token: its owner as a member of its organisation, with the rights that both have.
///
/// # Errors
/// [`Error::NotFound`] for whatever is not the text of a token that stands.
pub async fn visit(ctx: &Context, text: &str, address: Option<IpAddr>) -> Result<(Account, Actor), Error> {
    let missing = || Error::not_found("the token");
    let (id, secret) = parts(text).ok_or_else(missing)?;
    let row = rows::by_id(&ctx.inner.store, id).await?.ok_or_else(missing)?;
    let now = ctx.clock.now();
    // Digests are compared, so time tells nothing about the secret.
    if Sha256::digest(secret)[..] != row.secret || now >= row.expires {
        return Err(missing());
    }
    let (mut account, actor) = super::visit_by(ctx, row.account, row.org, Via::Api, Proof::Trusted).await?;
    if row.used.is_none_or(|used| now > used + SignedDuration::from_mins(MINUTES_BETWEEN_NOTES)) {
        let from = address.map(|address| address.to_string());
        rows::note_use(&ctx.inner.store, id, now, from.as_deref()).await?;
    }
    let token = token(row);
    let actor = actor.by_token(&token.name, token.rights).at(address);
    account.rights = actor.rights();
    Ok((account, actor))
}

/// The id and the secret in the text of a token.
fn parts(text: &str) -> Option<(TokenId, [u8; 32])> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(secret, &mut bytes).ok()?;
    Some((id.parse().ok()?, bytes))
}
