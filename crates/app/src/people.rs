//! The people of an organisation: who is a member, with which roles, until when.

use bedrail_model::engagement::Scope;
use bedrail_model::ids::AccountId;
use bedrail_store::memberships::{self as rows, Given, MemberRow};
use bedrail_store::{accounts as accounts_rows, factors, single_sign_on};
use jiff::Timestamp;

use crate::accounts::{self, OneTime};
use crate::rights::{Right, Role};
use crate::seen::{self, Fields, Seen};
use crate::{Actor, Context, Error, notices};

/// Members that are listed at most.
const MOST: u32 = 10_000;
/// The longest name of a person, in characters.
const NAME_LIMIT: usize = 120;
/// The longest address for mail, in characters (RFC 5321 §4.5.3.1.3).
const MAIL_LIMIT: usize = 254;
/// Makers that a supplier speaks for at most.
const MAKERS_AT_MOST: usize = 50;

/// Requirements, and sites, that an engagement names at most.
const NAMED_AT_MOST: usize = 200;

/// What a membership gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grant {
    /// The roles.
    pub roles: Vec<Role>,
    /// The makers that a supplier speaks for.
    pub makers: Vec<String>,
    /// From when on it counts no more, exclusive.
    pub valid_until: Option<Timestamp>,
    /// The period that an auditor looks at: from (inclusive), to (exclusive).
    pub about: (Option<Timestamp>, Option<Timestamp>),
    /// The requirements and sites that an auditor looks at.
    pub scope: Scope,
}

impl Grant {
    /// Refuses what no membership can give.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Error> {
        let has = |role| self.roles.contains(&role);
        let plain = |maker: &String| {
            !maker.trim().is_empty()
                && maker.chars().count() <= NAME_LIMIT
                && !maker.chars().any(char::is_control)
        };
        let refused = if self.roles.is_empty() {
            "a member has at least one role"
        } else if has(Role::Auditor) && self.roles.len() > 1 {
            "an auditor changes nothing and so has no other role"
        } else if has(Role::Auditor) && self.valid_until.is_none() {
            "an auditor's membership has an end"
        } else if has(Role::Administrator) && self.valid_until.is_some() {
            "an administrator's membership has no end; end it when the time has come"
        } else if has(Role::Supplier) && self.makers.is_empty() {
            "a supplier speaks for at least one maker"
        } else if !has(Role::Supplier) && !self.makers.is_empty() {
            "only a supplier speaks for makers"
        } else if self.makers.len() > MAKERS_AT_MOST || !self.makers.iter().all(plain) {
            "a supplier speaks for 50 makers at most, each a name on one line"
        } else if !has(Role::Auditor) && self.about != (None, None) {
            "only an auditor looks at a period"
        } else if !has(Role::Auditor) && !self.scope.is_whole() {
            "only an auditor looks at some requirements or sites"
        } else if [&self.scope.requirements, &self.scope.sites]
            .iter()
            .any(|all| all.len() > NAMED_AT_MOST || !all.iter().all(plain))
        {
            "an engagement names 200 requirements and 200 sites at most, each on one line"
        } else if let Some(stranger) = crate::programme::unknown_requirement(&self.scope) {
            return Err(Error::Invalid {
                message: format!("there is no requirement and no catalogue {stranger:?}"),
                hint: Some(
                    "name it as /programme does, such as sr-164-308-a-8 or hipaa-security-rule".into(),
                ),
            });
        } else if self.valid_until.is_some_and(|end| end <= now) {
            "the end of a membership lies ahead"
        } else if matches!(self.about, (Some(from), Some(to)) if from >= to) {
            "a period begins before it ends"
        } else {
            return Ok(());
        };
        Err(Error::invalid(refused))
    }

    /// The codes of the roles, as they are stored.
    pub(crate) fn codes(&self) -> String {
        let mut roles = self.roles.clone();
        roles.sort_by_key(|role| *role as usize);
        roles.dedup();
        roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(" ")
    }

    /// As it is stored.
    pub(crate) fn given<'a>(&'a self, codes: &'a str) -> Given<'a> {
        Given {
            roles: codes,
            makers: &self.makers,
            valid_until: self.valid_until,
            about: self.about,
            scope: self.scope.clone(),
        }
    }

    /// What of a membership people change.
    fn fields(&self) -> Fields {
        let moment = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        vec![
            ("roles", self.codes().replace(' ', ", ")),
            ("makers", self.makers.join(", ")),
            ("valid until", moment(self.valid_until)),
            ("about from", moment(self.about.0)),
            ("about to", moment(self.about.1)),
            ("scope", self.scope.words()),
        ]
    }

    /// What the audit log says.
    pub(crate) fn words(&self) -> String {
        let mut words = self.codes().replace(' ', ", ");
        if !self.makers.is_empty() {
            words += &format!(" for {}", self.makers.join(", "));
        }
        if let Some(end) = self.valid_until {
            words += &format!(", until {end}");
        }
        if self.about != (None, None) {
            let moment = |at: Option<Timestamp>| at.map_or("…".to_owned(), |at| at.to_string());
            words += &format!(", about {} to {}", moment(self.about.0), moment(self.about.1));
        }
        if !self.scope.is_whole() {
            words += &format!(", about {}", self.scope.words());
        }
        words
    }
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub id: AccountId,
    /// The sign-in name.
    pub name: String,
    /// The person's name; empty where nobody gave one.
    pub full_name: String,
    /// The address for mail.
    pub mail: Option<String>,
    /// Whether this organisation looks after the account.
    pub at_home: bool,
    /// When somebody last signed in with the account, anywhere.
    pub signed_in: Option<Timestamp>,
    /// When the account was closed.
    pub closed: Option<Timestamp>,
    /// Whether the account has a second factor.
    pub second_factor: bool,
    /// Whether the account has a password.
    pub password: bool,
    /// Whether an identity at the organisation's provider for single sign-on is linked to it.
    pub linked: bool,
    /// What the membership gives.
    pub grant: Grant,
    /// Since when.
    pub since: Timestamp,
    /// Until when, exclusive, emergency access was taken.
    pub emergency_until: Option<Timestamp>,
}

impl Member {
    fn of(row: MemberRow) -> Member {
        let grant = Grant {
            roles: accounts::roles(&row.membership.roles),
            makers: row.membership.makers,
            valid_until: row.membership.valid_until,
            about: row.membership.about,
            scope: row.membership.scope,
        };
        Member {
            id: row.membership.account,
            at_home: row.home == row.membership.org,
            name: row.name,
            full_name: row.full_name,
            mail: row.mail,
            signed_in: row.signed_in,
            closed: row.closed,
            second_factor: row.second_factor,
            password: row.password,
            linked: row.linked,
            grant,
            since: row.membership.created,
            emergency_until: row.membership.emergency.map(|(until, _)| until),
        }
    }

    /// Which state of the membership this is: what a change of it names.
    pub fn version(&self) -> String {
        seen::version(&self.grant.fields())
    }

    /// Whether the membership counts at a moment.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.closed.is_none()
            && !self.grant.roles.is_empty()
            && self.grant.valid_until.is_none_or(|end| now < end)
    }
}

/// The members of the actor's organisation, by sign-in name.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<Member>, Error> {
    let view = ctx.view(actor, Right::SeePeople).await?;
    Ok(rows::of_organisation(&view, MOST).await?.into_iter().map(Member::of).collect())
}

/// One member of the actor's organisation.
///
/// # Errors
/// [`Error::NotFound`] for who is no member.
pub async fn one(ctx: &Context, actor: &Actor, id: AccountId) -> Result<Member, Error> {
    list(ctx, actor).await?.into_iter().find(|member| member.id == id).ok_or_else(|| no_member(id))
}

/// Changes what a membership gives, from the member's next request on. Returns its version.
///
/// # Errors
/// [`Error::Invalid`] for what no membership can give, [`Error::Conflict`] for the last administrator, [`Error::Stale`]
/// where it is not what was seen.
pub async fn set(
    ctx: &Context,
    actor: &Actor,
    id: AccountId,
    seen: &Seen,
    grant: &Grant,
) -> Result<String, Error> {
    actor.need(Right::ManagePeople)?;
    grant.check(ctx.clock.now())?;
    let change = ctx.change(actor, Right::ManagePeople, "people.set").await?;
    let members = members(&change).await?;
    let member = find(&members, id)?;
    let what = format!("the membership of {}", member.name);
    seen::expect(seen, &what, &member.grant.fields(), &grant.fields())?;
    if !grant.roles.contains(&Role::Administrator) {
        keep_an_administrator(&members, id, change.at())?;
    }
    let codes = grant.codes();
    rows::put(&change, id, &grant.given(&codes)).await?;
    let detail = format!("{}; before: {}", grant.words(), member.grant.words());
    notices::tell_members(&change, &format!("{} has other roles", member.name), &detail).await?;
    let subject = mark_of(&change, member).await?;
    change.commit(&subject, &detail).await?;
    Ok(seen::version(&grant.fields()))
}

/// Ends a membership: sessions and tokens in this organisation die with it.
///
/// # Errors
/// [`Error::NotFound`] for who is no member, [`Error::Conflict`] for the last administrator.
pub async fn end(ctx: &Context, actor: &Actor, id: AccountId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManagePeople, "people.end").await?;
    let members = members(&change).await?;
    let member = find(&members, id)?;
    keep_an_administrator(&members, id, change.at())?;
    rows::remove(&change, id).await?;
    let detail = format!("before: {}", member.grant.words());
    notices::tell_members(&change, &format!("{} is no member any more", member.name), &detail).await?;
    let subject = mark_of(&change, member).await?;
    Ok(change.commit(&subject, &detail).await?)
}

/// Closes an account that this organisation looks after: it opens nothing anywhere from its next request on.
///
/// # Errors
/// [`Error::NotFound`] for who is no member, [`Error::Denied`] for an account with another home, [`Error::Conflict`]
/// for the last administrator or an account that is closed.
pub async fn close(ctx: &Context, actor: &Actor, id: AccountId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManagePeople, "account.close").await?;
    let members = members(&change).await?;
    let member = find(&members, id)?;
    at_home(actor, member)?;
    keep_administrators(&change, id).await?;
    if !accounts_rows::close(&change, id).await? {
        return Err(Error::Conflict { message: "the account is closed already".into() });
    }
    let subject = mark_of(&change, member).await?;
    Ok(change.commit(&subject, "").await?)
}

/// Opens a closed account that this organisation looks after again.
///
/// # Errors
/// [`Error::NotFound`] for who is no member, [`Error::Denied`] for an account with another home.
pub async fn open_again(ctx: &Context, actor: &Actor, id: AccountId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManagePeople, "account.open_again").await?;
    let members = members(&change).await?;
    let member = find(&members, id)?;
    at_home(actor, member)?;
    accounts_rows::open_again(&change, id).await?;
    let subject = mark_of(&change, member).await?;
    Ok(change.commit(&subject, "").await?)
}

/// Takes the second factor away from an account that this organisation looks after, and ends its sessions and tokens:
/// for a lost phone without recovery codes.
///
/// # Errors
/// [`Error::NotFound`] for who is no member, [`Error::Denied`] for an account with another home.
pub async fn reset_second_factor(ctx: &Context, actor: &Actor, id: AccountId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManagePeople, "account.reset_second_factor").await?;
    let members = members(&change).await?;
    let member = find(&members, id)?;
    at_home(actor, member)?;
    factors::remove(&change, id).await?;
    accounts_rows::end_everything(&change, id).await?;
    let subject = mark_of(&change, member).await?;
    Ok(change.commit(&subject, "").await?)
}

/// Gives an account that this organisation looks after a one-time password, which is shown this once, and ends its
/// sessions and tokens.
///
/// # Errors
/// [`Error::NotFound`] for who is no member, [`Error::Denied`] for an account with another home.
pub async fn reset_password(ctx: &Context, actor: &Actor, id: AccountId) -> Result<OneTime, Error> {
    actor.need(Right::ManagePeople)?;
    let one_time = accounts::one_time_password(ctx).await?;
    let change = ctx.change(actor, Right::ManagePeople, "account.reset_password").await?;
    let members = members(&change).await?;
    let member = find(&members, id)?;
    at_home(actor, member)?;
    accounts_rows::set_password(&change, id, &one_time.hash, true).await?;
    accounts_rows::end_everything(&change, id).await?;
    let subject = mark_of(&change, member).await?;
    change.commit(&subject, "").await?;
    Ok(OneTime { name: member.name.clone(), password: one_time.password })
}

/// Unlinks a member from the identity at this organisation's provider, and ends what may have been begun by it: sessions and
/// tokens, here; everywhere where this organisation looks after the account.
///
/// # Errors
/// [`Error::NotFound`] for who is no member, or has no such identity.
pub async fn unlink_sign_in(ctx: &Context, actor: &Actor, id: AccountId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManagePeople, "people.unlink_sign_in").await?;
    let members = members(&change).await?;
    let member = find(&members, id)?;
    let issuers = single_sign_on::of_account(&change, id).await?.into_iter().map(|row| row.issuer);
    let issuers = issuers.collect::<Vec<_>>().join(", ");
    if single_sign_on::unlink(&change, id).await? == 0 {
        return Err(Error::not_found("an identity that is linked to this account"));
    }
    if member.at_home {
        accounts_rows::end_everything(&change, id).await?;
    } else {
        rows::end_visits(&change, id).await?;
    }
    let title = format!("The single sign-on identity of {} was unlinked", member.name);
    notices::tell_members(&change, &title, &issuers).await?;
    let subject = mark_of(&change, member).await?;
    Ok(change.commit_with(&subject, "", Some(issuers), None).await?)
}

async fn members(change: &bedrail_store::Change) -> Result<Vec<Member>, Error> {
    Ok(rows::of_organisation(change, MOST).await?.into_iter().map(Member::of).collect())
}

fn find(members: &[Member], id: AccountId) -> Result<&Member, Error> {
    members.iter().find(|member| member.id == id).ok_or_else(|| no_member(id))
}

/// How the audit entry names a member.
async fn mark_of(change: &bedrail_store::Change, member: &Member) -> Result<String, Error> {
    Ok(change.personal(member.id.uuid(), &member.name).await?)
}

fn no_member(id: AccountId) -> Error {
    Error::not_found(format!("member {id}"))
}

/// The change holds the organisation's lock, so two administrators cannot take away each other at once.
fn keep_an_administrator(members: &[Member], id: AccountId, now: Timestamp) -> Result<(), Error> {
    if !is_last(members, id, now) {
        return Ok(());
    }
    let message = "this is the last administrator with a password; make somebody else one first";
    Err(Error::Conflict { message: message.into() })
}

/// Whether a member is the last administrator who can come in whatever becomes of a provider for single sign-on.
fn is_last(members: &[Member], id: AccountId, now: Timestamp) -> bool {
    let administrator = |member: &&Member| {
        member.counts(now) && member.password && member.grant.roles.contains(&Role::Administrator)
    };
    let (ours, others): (Vec<&Member>, Vec<&Member>) =
        members.iter().filter(administrator).partition(|member| member.id == id);
    !ours.is_empty() && others.is_empty()
}

/// Whether a member of the changed organisation is the last administrator with a password.
pub(crate) async fn is_last_administrator(
    change: &bedrail_store::Change,
    id: AccountId,
    now: Timestamp,
) -> Result<bool, Error> {
    Ok(is_last(&members(change).await?, id, now))
}

/// Refuses to close passwords where no administrator would have one: nobody could mend a provider that fails.
pub(crate) async fn need_an_administrator_with_password(change: &bedrail_store::Change) -> Result<(), Error> {
    let now = change.at();
    let administrator = |member: &Member| {
        member.counts(now) && member.password && member.grant.roles.contains(&Role::Administrator)
    };
    if members(change).await?.iter().any(administrator) {
        return Ok(());
    }
    let message = "no administrator has a password, so nobody could come in when the provider fails";
    Err(Error::Conflict { message: message.into() })
}

/// Refuses to take an account out of every organisation where one of them would be left without an administrator. The
/// change holds the lock of its own organisation and takes those of the others.
pub(crate) async fn keep_administrators(change: &bedrail_store::Change, id: AccountId) -> Result<(), Error> {
    keep_an_administrator(&members(change).await?, id, change.at())?;
    if rows::administers_alone_elsewhere(change, id).await? {
        let message = "this is the last administrator of another organisation; end the membership here instead, \
                       which takes effect at once, or have somebody else made an administrator there first";
        return Err(Error::Conflict { message: message.to_owned() });
    }
    Ok(())
}

pub(crate) fn at_home(actor: &Actor, member: &Member) -> Result<(), Error> {
    if member.at_home {
        return Ok(());
    }
    let action = format!("look after the account of {}, whose home is another organisation", member.name);
    Err(Error::Denied { actor: actor.name.clone(), action })
}

/// A person's name as it may be; may be empty.
pub(crate) fn usable_full_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.chars().count() > NAME_LIMIT || name.chars().any(char::is_control) {
        return Err(Error::invalid(format!(
            "a person's name has at most {NAME_LIMIT} characters on one line"
        )));
    }
    Ok(name.to_owned())
}

/// An address for mail as it may be: something on both sides of one `@`, no blanks, nothing that could end a header.
pub(crate) fn usable_mail(mail: Option<&str>) -> Result<Option<String>, Error> {
    let Some(mail) = mail.map(str::trim).filter(|mail| !mail.is_empty()) else { return Ok(None) };
    let odd =
        |letter: char| letter.is_whitespace() || letter.is_control() || "<>,;:\"()[]\\".contains(letter);
    let parts =
        mail.split_once('@').is_some_and(|(to, at)| !to.is_empty() && at.contains('.') && !at.contains('@'));
    if !parts || mail.chars().count() > MAIL_LIMIT || mail.contains(odd) {
        return Err(Error::invalid("this is not an address for mail"));
    }
    Ok(Some(mail.to_owned()))
}

/// The member with a sign-in name; upper and lower case are the same.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub async fn named(ctx: &Context, actor: &Actor, name: &str) -> Result<Member, Error> {
    let wanted = name.to_lowercase();
    let found = list(ctx, actor).await?.into_iter().find(|member| member.name.to_lowercase() == wanted);
    found.ok_or_else(|| Error::not_found(format!("member {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_membership_gives_only_what_fits_together() {
        let now = Timestamp::UNIX_EPOCH;
        let later = Some(Timestamp::from_second(9).unwrap());
        let of = |roles: &[Role]| Grant { roles: roles.to_vec(), ..Grant::default() };
        for (grant, fits) in [
            (of(&[]), false),
            (of(&[Role::Analyst, Role::Engineer]), true),
            (of(&[Role::Auditor]), false),
            (Grant { valid_until: later, ..of(&[Role::Auditor]) }, true),
            (Grant { valid_until: later, ..of(&[Role::Auditor, Role::Analyst]) }, false),
            (Grant { valid_until: later, ..of(&[Role::Administrator]) }, false),
            (Grant { valid_until: Some(now), ..of(&[Role::Analyst]) }, false),
            (Grant { valid_until: later, about: (later, later), ..of(&[Role::Auditor]) }, false),
            (Grant { about: (later, None), ..of(&[Role::Analyst]) }, false),
            (of(&[Role::Supplier]), false),
            (Grant { makers: vec!["Orbis".into()], ..of(&[Role::Supplier]) }, true),
            (Grant { makers: vec!["Orbis\nKestrel".into()], ..of(&[Role::Supplier]) }, false),
            (Grant { makers: vec!["Orbis".into()], ..of(&[Role::Engineer]) }, false),
        ] {
            assert_eq!(grant.check(now).is_ok(), fits, "{grant:?}");
        }
    }

    #[test]
    fn addresses_for_mail_cannot_end_a_header() {
        for (mail, fits) in [
            ("ann@clinic.example", true),
            (" ann@clinic.example ", true),
            ("ann", false),
            ("ann@clinic", false),
            ("@clinic.example", false),
            ("a@b@clinic.example", false),
            ("ann@clinic.example\r\nBcc: x@y.example", false),
            ("Ann <ann@clinic.example>", false),
        ] {
            assert_eq!(usable_mail(Some(mail)).is_ok(), fits, "{mail}");
        }
        assert_eq!(usable_mail(Some(" ")).unwrap(), None);
    }
}
