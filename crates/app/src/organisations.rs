//! Organisations: whose everything is, and what each asks of its members.

use bedrail_model::ids::OrgId;
use bedrail_model::money::Currency;
use bedrail_model::organisation::OrgKind;
use bedrail_store::organisations::{self as rows, OrganisationRow};
use jiff::Timestamp;

use crate::incidents::{Record, Side};
use crate::rights::Right;
use crate::seen::{self, Fields, Seen};
use crate::{Actor, Context, Error};

/// The longest name, in characters.
const NAME_LIMIT: usize = 120;

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Id.
    pub id: OrgId,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: OrgKind,
    /// Whether every member must have a second factor.
    pub second_factor: bool,
    /// What costs are counted in; amounts that were put down before stay in what they were counted in then.
    pub currency: Currency,
    /// Since when.
    pub created: Timestamp,
}

impl From<OrganisationRow> for Organisation {
    fn from(row: OrganisationRow) -> Organisation {
        Organisation {
            id: row.id,
            name: row.name,
            kind: row.kind,
            second_factor: row.second_factor,
            currency: row.currency,
            created: row.created,
        }
    }
}

/// What an administrator sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetOrganisation {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: OrgKind,
    /// Whether every member must have a second factor.
    pub second_factor: bool,
    /// What costs are counted in.
    pub currency: Currency,
}

impl SetOrganisation {
    fn fields(&self) -> Fields {
        let factor = if self.second_factor { "for everybody" } else { "by choice" };
        vec![
            ("name", self.name.clone()),
            ("kind", self.kind.words().to_owned()),
            ("second factor", factor.to_owned()),
            ("currency", self.currency.to_string()),
        ]
    }

    /// Which state of the settings this is: what a change of them names.
    pub fn version(&self) -> String {
        seen::version(&self.fields())
    }
}

impl Organisation {
    /// What an administrator set.
    pub fn settings(&self) -> SetOrganisation {
        SetOrganisation {
            name: self.name.clone(),
            kind: self.kind,
            second_factor: self.second_factor,
            currency: self.currency,
        }
    }
}

/// The actor's organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn present(ctx: &Context, actor: &Actor) -> Result<Organisation, Error> {
    // Whoever acts here may know where; a token has no right of its owner's own account.
    let rights = [Right::OwnAccount, Right::ManageOrganisation, Right::SeeAudit];
    let right = rights.into_iter().find(|right| actor.may(*right)).unwrap_or(Right::OwnAccount);
    let view = ctx.view(actor, right).await?;
    Ok(rows::one(&view).await?.into())
}

/// All organisations of the installation: for the person at the machine's own terminal.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(ctx: &Context) -> Result<Vec<Organisation>, Error> {
    Ok(rows::list(&ctx.inner.store).await?.into_iter().map(Organisation::from).collect())
}

/// A further organisation, made from the machine's own terminal. It is empty and has no members.
///
/// # Errors
/// [`Error::Invalid`] for a name that cannot be used, [`Error::Conflict`] for one that is taken.
pub async fn add(ctx: &Context, name: &str, kind: OrgKind) -> Result<OrgId, Error> {
    let name = usable_name(name)?;
    if all(ctx).await?.iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
        return Err(Error::Conflict { message: format!("there is an organisation named {name} already") });
    }
    Ok(rows::add(&ctx.inner.store, &name, kind, ctx.clock.now()).await?)
}

/// Sets the actor's organisation. Returns the version of its settings.
///
/// # Errors
/// [`Error::Denied`] without the right, [`Error::Invalid`] for a name that cannot be used, [`Error::Stale`] where the
/// settings are not what was seen, [`Error::Conflict`] for a kind under which what is written down of an incident contradicts itself.
pub async fn set(
    ctx: &Context,
    actor: &Actor,
    seen: &Seen,
    command: SetOrganisation,
) -> Result<String, Error> {
    actor.need(Right::ManageOrganisation)?;
    let name = usable_name(&command.name)?;
    let command = SetOrganisation { name: name.clone(), ..command };
    let change = ctx.change(actor, Right::ManageOrganisation, "organisation.set").await?;
    let before = Organisation::from(rows::one(&change).await?);
    seen::expect(seen, "the settings", &before.settings().fields(), &command.fields())?;
    let side = Side::of(command.kind);
    if side != Side::of(before.kind) {
        Record::fit(&change, side).await?;
    }
    rows::set(&change, &name, command.kind, command.second_factor, command.currency).await?;
    let before = in_words(&before.settings());
    let after = in_words(&command);
    change.commit_with(&name, "", Some(before), Some(after)).await?;
    Ok(command.version())
}

/// The settings in words, for the audit log.
fn in_words(settings: &SetOrganisation) -> String {
    let factor =
        if settings.second_factor { "second factor for everybody" } else { "second factor by choice" };
    format!("{}, {}, {factor}, costs in {}", settings.name, settings.kind.words(), settings.currency)
}

fn usable_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_LIMIT || name.chars().any(char::is_control) {
        return Err(Error::invalid(format!(
            "an organisation's name has 1 to {NAME_LIMIT} characters on one line"
        )));
    }
    Ok(name.to_owned())
}

/// A way through all organisations. What fails for one is logged and hinders none of the others; at the end it is said.
pub(crate) struct Round {
    words: &'static str,
    organisations: Vec<OrgId>,
    begun: usize,
    failed: u64,
}

impl Round {
    /// The way, from its begin. What is done, in words such as "noting, organisations".
    pub(crate) async fn of(ctx: &Context, words: &'static str) -> Result<Round, Error> {
        let organisations = rows::all(&ctx.inner.store).await?;
        Ok(Round { words, organisations, begun: 0, failed: 0 })
    }

    /// Who acts for the next organisation; `None` after the last.
    pub(crate) fn next(&mut self) -> Option<Actor> {
        let org = self.organisations.get(self.begun)?;
        self.begun += 1;
        Some(Actor::system(*org))
    }

    /// What came of it.
    pub(crate) fn done(&mut self, actor: &Actor, result: Result<(), Error>) {
        if let Err(error) = result {
            self.failed += 1;
            let cause = &error as &dyn std::error::Error;
            tracing::error!(cause, org = %actor.org, "{} failed for an organisation", self.words);
        }
    }

    /// Organisations before the one that it is at, and all.
    pub(crate) fn place(&self) -> (u64, u64) {
        (self.begun.saturating_sub(1) as u64, self.organisations.len() as u64)
    }

    /// What is done.
    pub(crate) fn words(&self) -> &'static str {
        self.words
    }

    /// How many there are, where all went well.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it failed for one: trying again may help.
    pub(crate) fn end(self) -> Result<u64, Error> {
        let total = self.organisations.len() as u64;
        match self.failed {
            0 => Ok(total),
            failed => {
                let message = format!("{}: it failed for {failed} of {total}", self.words);
                Err(Error::Unavailable { message, hint: None })
            }
        }
    }
}
