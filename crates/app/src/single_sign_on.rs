//! Single sign-on by OpenID Connect: an organisation trusts a provider to say who its people are and, if it likes, what
//! they may do here.
//!
//! A person of a provider is known by issuer and subject, never by an address for mail. An identity is linked to an account
//! when the account is made for it, when an invitation is taken up with it, or by the person who is signed in. What the
//! provider says of roles counts anew at every sign-in ([`arrive`]); how far its word carries is [`crate::accounts::Proof`].

use bedrail_model::ids::OrgId;
use bedrail_store::single_sign_on::{self as rows, ProviderRow};

use crate::people;
use crate::rights::Right;
use crate::seen::{self, Seen};
use crate::{Actor, Context, Error};

pub mod arrive;
mod claims;
pub mod flow;
pub mod identities;
mod provider;
mod settings;

pub use arrive::{Arrival, finish};
pub use flow::{Answer, Checked, Pending, Purpose, begin, return_address};
pub(crate) use provider::Providers;
pub use provider::{House, Trouble};
pub use settings::{BY_HAND_ONLY, MappedValue, Newcomers, Settings};

/// Why somebody does not come in by single sign-on. The words are for the person; nothing that a provider said is in them
/// but a short code.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// There is no such door.
    #[error("there is no single sign-on at this address")]
    NoDoor,
    /// The browser did not begin this sign-in, or too long ago, or came back a second time.
    #[error("this sign-in was not begun in this browser, has been used, or took longer than ten minutes")]
    NotBegun,
    /// The provider refuses.
    #[error("{name} did not let you in ({code})")]
    Said {
        /// The provider's name.
        name: String,
        /// Its code.
        code: String,
    },
    /// The provider cannot be spoken with.
    #[error("{name} cannot be asked: {trouble}")]
    Trouble {
        /// The provider's name.
        name: String,
        /// Why.
        #[source]
        trouble: Trouble,
    },
    /// What the provider said does not hold.
    #[error("what {name} said of you is not believed: {what}")]
    Untrusted {
        /// The provider's name.
        name: String,
        /// What does not hold.
        what: Untrusted,
    },
    /// No value of the claim gives a role.
    #[error("{name} knows you, but gives you no role here")]
    NoRole {
        /// The provider's name.
        name: String,
    },
    /// Nobody here knows the person, and people come by invitation.
    #[error("{name} knows you, but nobody here has invited you yet")]
    NotInvited {
        /// The provider's name.
        name: String,
    },
    /// The account is closed, or its membership has ended.
    #[error("your account here is closed, or your membership has ended")]
    Left,
    /// Something else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl Failed {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Failed::NoDoor => "no_single_sign_on",
            Failed::NotBegun => "sign_in_not_begun",
            Failed::Said { .. } => "provider_refused",
            Failed::Trouble { .. } => "provider_unavailable",
            Failed::Untrusted { .. } => "provider_not_believed",
            Failed::NoRole { .. } => "no_role",
            Failed::NotInvited { .. } => "not_invited",
            Failed::Left => "left",
            Failed::Other(_) => "other",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Failed::NoDoor => Some("ask an administrator for the address of your sign-in page"),
            Failed::NotBegun => Some("begin again"),
            Failed::Said { .. } => Some("try again; if that does not help, ask who runs the provider"),
            Failed::Trouble { .. } => {
                Some("try again in a moment; if that does not help, tell an administrator")
            }
            Failed::Untrusted { .. } => Some("try again; if that does not help, tell an administrator"),
            Failed::NoRole { .. } => {
                Some("ask who runs the provider for a group that has a role here, or an administrator here")
            }
            Failed::NotInvited { .. } => Some(
                "ask an administrator for an invitation; or, with an account here, sign in with its password and link it under Account",
            ),
            Failed::Left => Some("ask an administrator"),
            Failed::Other(error) => error.hint(),
        }
    }
}

/// What does not hold of what a provider said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// The issuer is another one.
    #[error("it comes from another issuer")]
    Issuer,
    /// It is meant for another client.
    #[error("it is meant for another program")]
    Audience,
    /// It answers another sign-in.
    #[error("it answers another sign-in")]
    Nonce,
    /// It has expired or lies ahead.
    #[error("it has expired or lies in the future")]
    Time,
    /// No published key of the provider signed it.
    #[error("it is not signed by a key that the provider publishes")]
    Key,
    /// The kind of signature is not taken, or there is none.
    #[error("it is not signed as it should be")]
    Signature,
    /// It names nobody, or somebody else.
    #[error("it does not say who you are")]
    Subject,
    /// It cannot be read.
    #[error("it cannot be read")]
    Form,
}

/// An organisation's provider with its sealed secret.
pub(crate) struct Door {
    pub(crate) org: OrgId,
    pub(crate) settings: Settings,
    secret: Vec<u8>,
}

impl Door {
    fn of(row: ProviderRow) -> Result<Door, Error> {
        Ok(Door { org: row.org, settings: Settings::of(&row)?, secret: row.secret })
    }

    fn name(&self) -> String {
        self.settings.name.clone()
    }

    fn trouble(&self, trouble: Trouble) -> Failed {
        Failed::Trouble { name: self.name(), trouble }
    }

    fn untrusted(&self, what: Untrusted) -> Failed {
        Failed::Untrusted { name: self.name(), what }
    }

    /// A provider's code is words of letters and `_` (RFC 6749, 4.1.2.1); anything else is not repeated.
    fn said(&self, code: &str) -> Failed {
        let plain = |letter: u8| letter.is_ascii_lowercase() || letter == b'_';
        let code =
            if code.len() <= 40 && code.bytes().all(plain) { code } else { "for no reason that it names" };
        Failed::Said { name: self.name(), code: code.to_owned() }
    }
}

/// What a sealed secret belongs to: copied elsewhere it opens nothing.
fn about(org: OrgId) -> String {
    format!("single_sign_on {org}")
}

async fn open_door(ctx: &Context, slug: &str) -> Result<Door, Failed> {
    let row = rows::by_slug(&ctx.inner.store, slug).await.map_err(Error::from)?;
    Ok(Door::of(row.filter(|row| row.active).ok_or(Failed::NoDoor)?)?)
}

/// What a sign-in page shows of an organisation's provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorPlate {
    /// The word in the address.
    pub slug: String,
    /// The organisation.
    pub org: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// What the button says after "Sign in with".
    pub name: String,
    /// Whether members may sign in by a password too.
    pub passwords: bool,
}

impl DoorPlate {
    fn of(row: ProviderRow) -> Result<DoorPlate, Error> {
        let name = Settings::of(&row)?.name;
        let ProviderRow { slug, org, org_name, passwords, .. } = row;
        Ok(DoorPlate { slug, org, org_name, name, passwords })
    }
}

/// The sign-in page of a word; `None` where there is none. Without a word: the one of the only organisation here.
///
/// # Errors
/// When the database cannot be used.
pub async fn door_plate(ctx: &Context, slug: Option<&str>) -> Result<Option<DoorPlate>, Error> {
    let row = match slug {
        Some(slug) => rows::by_slug(&ctx.inner.store, slug).await?,
        None => rows::sole(&ctx.inner.store).await?,
    };
    row.filter(|row| row.active).map(DoorPlate::of).transpose()
}

/// The sign-in page of an organisation whose invitation or membership somebody has in hand; `None` without a provider.
///
/// # Errors
/// When the database cannot be used.
pub async fn door_plate_of(ctx: &Context, org: OrgId) -> Result<Option<DoorPlate>, Error> {
    let row = rows::of_organisation(&ctx.inner.store.view(org).await?).await?;
    row.filter(|row| row.active).map(DoorPlate::of).transpose()
}

/// What the actor's organisation says of its provider; `None` where it has none.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn present(ctx: &Context, actor: &Actor) -> Result<Option<Settings>, Error> {
    let view = ctx.view(actor, Right::ManageOrganisation).await?;
    rows::of_organisation(&view).await?.as_ref().map(Settings::of).transpose()
}

/// Sets the provider of the actor's organisation. `secret`: the client's secret; `None` keeps the one that is held. Returns the
/// version of the settings.
///
/// # Errors
/// [`Error::Invalid`] for what cannot be used, [`Error::Conflict`] for a word that is taken or where no administrator with
/// a password would be left, [`Error::Denied`] without the right, [`Error::Stale`] where the settings are not what was seen.
pub async fn set(
    ctx: &Context,
    actor: &Actor,
    seen: &Seen,
    wanted: Settings,
    secret: Option<&str>,
) -> Result<String, Error> {
    actor.need(Right::ManageOrganisation)?;
    let wanted = wanted.trimmed();
    wanted.check()?;
    let secret = secret.map(str::trim).filter(|secret| !secret.is_empty());
    let sealed =
        secret.map(|secret| ctx.inner.secrets.seal(&about(actor.org), secret.as_bytes())).transpose()?;
    let change = ctx.change(actor, Right::ManageOrganisation, "single_sign_on.set").await?;
    let held = rows::of_organisation(&change).await?;
    let before = held.as_ref().map(Settings::of).transpose()?;
    if let Some(before) = &before {
        seen::expect(seen, "single sign-on", &before.fields(), &wanted.fields())?;
    }
    // A secret goes with the provider that it was given for.
    let same = before.as_ref().is_some_and(|before| before.issuer == wanted.issuer);
    let kept = held.filter(|_| same).map(|row| row.secret);
    let secret = sealed.or(kept).ok_or_else(|| Error::Invalid {
        message: "the client's secret is missing".into(),
        hint: Some(
            "copy it from the provider; one that was given for another issuer is not sent to this one".into(),
        ),
    })?;
    if wanted.active && !wanted.passwords {
        people::need_an_administrator_with_password(&change).await?;
    }
    let row = ProviderRow {
        org: actor.org,
        org_name: String::new(),
        slug: wanted.slug.clone(),
        active: wanted.active,
        passwords: wanted.passwords,
        settings: wanted.to_json()?,
        secret,
    };
    let put = rows::put(&change, &row).await;
    put.map_err(|error| match error.is_conflict() {
        true => Error::Conflict { message: "this word is taken; choose another one for the address".into() },
        false => error.into(),
    })?;
    let before = before.map(|before| before.words());
    change.commit_with(&wanted.slug, "", before, Some(wanted.words())).await?;
    Ok(wanted.version())
}

/// Takes the provider out of use: people sign in by their passwords again. What was said of it stays.
///
/// # Errors
/// [`Error::NotFound`] where there is none, [`Error::Denied`] without the right.
pub async fn turn_off(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManageOrganisation, "single_sign_on.set").await?;
    let held = rows::of_organisation(&change).await?.ok_or_else(none_set_up)?;
    rows::put(&change, &ProviderRow { active: false, ..held.clone() }).await?;
    Ok(change.commit(&held.slug, "off").await?)
}

/// Takes the provider away, its secret too. Identities stay linked, for the day that it is set up again.
///
/// # Errors
/// [`Error::NotFound`] where there is none, [`Error::Denied`] without the right.
pub async fn remove(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManageOrganisation, "single_sign_on.set").await?;
    let held = rows::of_organisation(&change).await?.ok_or_else(none_set_up)?;
    rows::remove(&change).await?;
    Ok(change.commit(&held.slug, "taken away").await?)
}

fn none_set_up() -> Error {
    Error::not_found("single sign-on of this organisation")
}

/// Asks the provider of the actor's organisation what it is: for who sets it up.
///
/// # Errors
/// [`Failed`] where it cannot be spoken with.
pub async fn look(ctx: &Context, actor: &Actor, house: &House) -> Result<Checked, Failed> {
    let view = ctx.view(actor, Right::ManageOrganisation).await?;
    let held = rows::of_organisation(&view).await.map_err(Error::from)?;
    let door = Door::of(held.ok_or_else(none_set_up)?)?;
    drop(view);
    flow::look(ctx, house, &door).await
}
