//! Policies: made of a template or brought along, written in versions, approved, published, looked at again. A text never changes once
//! it was written; who signs, signs its hash.

use std::collections::BTreeMap;

use bedrail_model::ids::{DutyId, PolicyId};
use bedrail_model::workforce::{ClosedFor, Duty, DutyKind, Policy, PolicyReview, PolicyVersion, Tally};
use bedrail_store::workforce::night as night_rows;
use bedrail_store::workforce::{duties, policies as rows};
use bedrail_store::{Change, documents, memberships};
use bedrail_workforce::compare::{self, Line};
use bedrail_workforce::dates;
use bedrail_workforce::template::{self, Template};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::wording::{usable_body, words_of};
use super::{days, line, needed, text, today_of};
use crate::rights::{Right, Rights};
use crate::{Actor, Context, Document, Error, accounts, programme, vault};

/// Members looked through for those who may approve.
const MEMBERS: u32 = 10_000;
/// Days that somebody has to sign where nobody says otherwise.
pub const SIGN_DAYS: u32 = 30;

/// A policy in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The policy.
    pub policy: Policy,
    /// The version in force today.
    pub in_force: Option<PolicyVersion>,
    /// The newest version, where it is another one.
    pub draft: Option<PolicyVersion>,
    /// Who signed the version in force: the duty and how it stands.
    pub signing: Option<(DutyId, Tally)>,
    /// Whether its day to be looked at again is over.
    pub overdue: bool,
}

/// The policies, and the templates of which none was made yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    /// The policies, by title; given up ones last.
    pub rows: Vec<Row>,
    /// Templates that no policy was made of.
    pub open: Vec<&'static Template>,
    /// Today, as the clock has it.
    pub today: Date,
}

/// A policy with its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// As in the list.
    pub row: Row,
    /// Its versions, the newest first.
    pub versions: Vec<PolicyVersion>,
    /// Its reviews, the newest first.
    pub reviews: Vec<PolicyReview>,
    /// The requirements that it answers: id and title.
    pub answers: Vec<(String, String)>,
    /// Whether the actor may approve the newest version, or why not.
    pub approval: Result<(), String>,
    /// Today, as the clock has it.
    pub today: Date,
}

/// Two versions line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The policy.
    pub policy: Policy,
    /// What stayed, went and came.
    pub lines: Vec<Line>,
    /// Versions that are documents without words, and why: nothing of them is compared.
    pub wordless: Vec<(u64, Vec<String>)>,
}

/// A new policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewPolicy {
    /// The code of the template; none for a policy of one's own.
    pub template: Option<String>,
    /// What it is called; the template's title without it.
    pub title: String,
    /// Values of the template's variables.
    pub values: BTreeMap<String, String>,
    /// The text of a policy of one's own, in Markdown.
    pub body: String,
    /// Roles that sign it, parted by commas; `*` for everybody; empty where nobody does.
    pub roles: String,
    /// Days that somebody has to sign.
    pub sign_days: Option<u32>,
}

/// A new version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewVersion {
    /// The version that the writer saw last.
    pub seen: u64,
    /// The text, in Markdown.
    pub body: String,
    /// What changed.
    pub note: String,
}

fn not_found(id: PolicyId) -> Error {
    Error::not_found(format!("policy {id}"))
}

fn row_of(
    policy: Policy,
    in_force: &[(PolicyId, PolicyVersion)],
    newest: &[(PolicyId, PolicyVersion)],
    signing: &[(Duty, Tally)],
    today: Date,
) -> Row {
    let version = |all: &[(PolicyId, PolicyVersion)]| {
        all.iter().find(|(id, _)| *id == policy.id).map(|(_, it)| it.clone())
    };
    let in_force = version(in_force);
    let draft =
        version(newest).filter(|newest| in_force.as_ref().is_none_or(|it| it.version != newest.version));
    let subject = policy.id.to_string();
    let signing =
        signing.iter().find(|(duty, _)| duty.subject == subject).map(|(duty, tally)| (duty.id, *tally));
    let overdue = policy.retired.is_none() && policy.review_by.is_some_and(|by| by < today);
    Row { policy, in_force, draft, signing, overdue }
}

/// All policies, with what is in force on a day; today without one.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(ctx: &Context, actor: &Actor, on: Option<Date>) -> Result<Policies, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let today = ctx.clock.today();
    let in_force = rows::in_force(&view, on.unwrap_or(today)).await?;
    let newest = rows::newest(&view).await?;
    let tallies = duties::tallies(&view).await?;
    let signing: Vec<(Duty, Tally)> = duties::all(&view)
        .await?
        .into_iter()
        .filter(|duty| duty.kind == DutyKind::Policy && duty.closed.is_none())
        .map(|duty| (tallies.get(&duty.id).copied().unwrap_or_default(), duty))
        .map(|(tally, duty)| (duty, tally))
        .collect();
    let mut all: Vec<Row> = rows::all(&view)
        .await?
        .into_iter()
        .map(|policy| row_of(policy, &in_force, &newest, &signing, today))
        .collect();
    all.sort_by_key(|row| (row.policy.retired.is_some(), row.policy.title.to_lowercase()));
    let used = |it: &&Template| {
        let made = |row: &Row| {
            row.policy.retired.is_none() && row.policy.template.as_deref() == Some(it.code.as_str())
        };
        !all.iter().any(made)
    };
    let open = template::all().iter().filter(used).collect();
    Ok(Policies { rows: all, open, today })
}

/// One policy with its texts.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] without the right.
pub async fn get(ctx: &Context, actor: &Actor, id: PolicyId) -> Result<Detail, Error> {
    let listed = list(ctx, actor, None).await?;
    let row = listed.rows.into_iter().find(|row| row.policy.id == id).ok_or_else(|| not_found(id))?;
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let mut versions = rows::versions(&view, id).await?;
    let reviews = rows::reviews(&view, id).await?;
    let approval = match versions.last() {
        Some(newest) => may_approve(&view, actor, newest).await?,
        None => Err("there is no version".to_owned()),
    };
    versions.reverse();
    let answers = answers(&row.policy.cites)?;
    Ok(Detail { row, versions, reviews, answers, approval, today: listed.today })
}

/// Requirements with their titles; one that is in no catalogue any more keeps its id.
fn answers(cites: &[String]) -> Result<Vec<(String, String)>, Error> {
    let all = programme::catalogues()?;
    let title = |id: &String| all.requirement(id).map_or_else(|| id.clone(), |it| it.title.clone());
    Ok(cites.iter().map(|id| (id.clone(), title(id))).collect())
}

/// A version of a policy.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] without the right.
pub async fn version(
    ctx: &Context,
    actor: &Actor,
    id: PolicyId,
    version: u64,
) -> Result<(Policy, PolicyVersion), Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let policy = rows::one(&view, id).await?.ok_or_else(|| not_found(id))?;
    let found = rows::versions(&view, id).await?.into_iter().find(|it| it.version == version);
    Ok((policy, found.ok_or_else(|| Error::not_found(format!("version {version}")))?))
}

/// Two versions line by line.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] without the right.
pub async fn compared(
    ctx: &Context,
    actor: &Actor,
    id: PolicyId,
    (before, after): (u64, u64),
) -> Result<Compared, Error> {
    let (policy, old) = version(ctx, actor, id, before).await?;
    let (_, new) = version(ctx, actor, id, after).await?;
    let wordless = |it: &&PolicyVersion| it.document.is_some() && it.body.is_empty();
    let wordless =
        [&old, &new].into_iter().filter(wordless).map(|it| (it.version, it.left_out.clone())).collect();
    let lines = tokio::task::spawn_blocking(move || compare::lines(&old.body, &new.body)).await;
    Ok(Compared { policy, lines: lines.map_err(|error| Error::Internal(Box::new(error)))?, wordless })
}

/// Who it is, by whichever way they came: `kim (page)`, `kim (API)` and `kim, token ci (API)` are kim. No sign-in name has a blank.
fn person(stamp: &str) -> &str {
    let name = stamp.rsplit_once(" (").map_or(stamp, |(name, _)| name);
    name.split_once(", token ").map_or(name, |(name, _)| name)
}

/// Whether an actor may approve a version: with the right, and not who wrote it, where somebody else could.
async fn may_approve(
    view: &bedrail_store::View,
    actor: &Actor,
    version: &PolicyVersion,
) -> Result<Result<(), String>, Error> {
    if !actor.may(Right::ApprovePolicies) {
        return Ok(Err("your roles do not let you approve policies".to_owned()));
    }
    if version.approved.is_some() {
        return Ok(Err("this version is approved already".to_owned()));
    }
    if person(&version.author) != person(&actor.name) {
        return Ok(Ok(()));
    }
    let members = memberships::of_organisation(view, MEMBERS).await?;
    let may = |row: &&memberships::MemberRow| {
        let rights = Rights::of_roles(&accounts::roles(&row.membership.roles));
        row.closed.is_none() && rights.has(Right::ApprovePolicies)
    };
    let others =
        members.iter().filter(may).filter(|row| Some(row.membership.account) != actor.account).count();
    match others {
        0 => Ok(Ok(())),
        _ => Ok(Err("who wrote a version does not approve it; somebody else here may".to_owned())),
    }
}

/// The hash that people sign: of the text, and of the document where there is one.
fn hash(body: &str, document: Option<&[u8; 32]>) -> String {
    let mut digest = Sha256::new();
    digest.update(body);
    if let Some(document) = document {
        digest.update([0]);
        digest.update(document);
    }
    hex::encode(digest.finalize())
}

/// Makes a policy, of a template or of one's own words, with its first version as a draft.
///
/// # Errors
/// [`Error::NotFound`] for no such template, [`Error::Invalid`] for what cannot be, [`Error::Denied`] without the right.
pub async fn make(ctx: &Context, actor: &Actor, new: &NewPolicy) -> Result<PolicyId, Error> {
    let template = match &new.template {
        Some(code) => {
            Some(template::of(code).ok_or_else(|| Error::not_found(format!("the template {code}")))?)
        }
        None => None,
    };
    let title = match (line("the title", &new.title)?, template) {
        (title, Some(template)) if title.is_empty() => template.title.clone(),
        (title, _) => needed("the title", &title)?,
    };
    for value in new.values.values() {
        line("a value", value)?;
    }
    let body =
        usable_body(&template.map_or_else(|| new.body.clone(), |it| template::fill(&it.body, &new.values)))?;
    let sign_days = days("the time to sign", new.sign_days.unwrap_or(SIGN_DAYS))?;
    let change = ctx.change(actor, Right::KeepWorkforce, "policy.make").await?;
    let policy = Policy {
        id: PolicyId::generate(),
        template: new.template.clone(),
        title,
        cites: template.map(|it| it.cites.clone()).unwrap_or_default(),
        roles: super::roles(&new.roles),
        sign_days,
        review_months: template.map_or(12, |it| it.review_months),
        review_by: None,
        retired: None,
    };
    rows::add(&change, &policy).await?;
    let version = draft(&change, 1, Brought { body, ..Brought::default() }, String::new());
    rows::add_version(&change, policy.id, &version).await?;
    change.commit(&policy.title, &format!("version 1, sha256 {}", version.sha256)).await?;
    Ok(policy.id)
}

/// What a version is made of: words, and the document that they are of.
#[derive(Debug, Default)]
struct Brought {
    body: String,
    document: Option<(bedrail_model::ids::DocumentId, String, [u8; 32])>,
    left_out: Vec<String>,
}

fn draft(change: &Change, number: u64, brought: Brought, note: String) -> PolicyVersion {
    let Brought { body, document, left_out } = brought;
    PolicyVersion {
        version: number,
        sha256: hash(&body, document.as_ref().map(|(.., sha256)| sha256)),
        body,
        document: document.map(|(id, name, _)| (id, name)),
        left_out,
        note,
        at: change.at(),
        author: change.actor().to_owned(),
        approved: None,
        from: None,
        until: None,
    }
}

async fn standing(change: &Change, id: PolicyId) -> Result<(Policy, Vec<PolicyVersion>), Error> {
    let policy = rows::one(change, id).await?.ok_or_else(|| not_found(id))?;
    if policy.retired.is_some() {
        return Err(Error::Conflict { message: "the policy was given up".into() });
    }
    Ok((policy, rows::versions(change, id).await?))
}

/// Writes a version: a draft until it is approved and published.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] where somebody wrote another one meanwhile, [`Error::Invalid`] for a text that is empty, too
/// long, or the one that is there.
pub async fn write(ctx: &Context, actor: &Actor, id: PolicyId, new: &NewVersion) -> Result<u64, Error> {
    let (body, note) = (usable_body(&new.body)?, text("what changed", &new.note)?);
    let change = ctx.change(actor, Right::KeepWorkforce, "policy.write").await?;
    let (policy, versions) = standing(&change, id).await?;
    let last = versions.last().map_or(0, |it| it.version);
    if new.seen != last {
        return Err(Error::Conflict {
            message: format!("somebody wrote version {last} meanwhile; compare it with yours first"),
        });
    }
    if body.is_empty() {
        return Err(Error::invalid("the text is missing"));
    }
    if versions.last().is_some_and(|it| it.body == body) {
        return Err(Error::invalid("nothing in the text is other than in the newest version"));
    }
    let version = draft(&change, last + 1, Brought { body, ..Brought::default() }, note);
    rows::add_version(&change, id, &version).await?;
    change.commit(&policy.title, &format!("version {}, sha256 {}", version.version, version.sha256)).await?;
    Ok(version.version)
}

/// Brings an existing document along as a version: PDF, DOCX without macros, or text, under the limits of documents that show something.
/// It is kept as it came, by its hash, and its words are the text of the version, so that they can be edited, compared and found. What
/// is in the document and not in the text is said with the version.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] for a document of another type, too large, with macros, with a password, cut off or
/// otherwise not built as it should be.
pub async fn bring(
    ctx: &Context,
    actor: &Actor,
    id: PolicyId,
    (name, document): (String, Document),
    note: &str,
) -> Result<u64, Error> {
    actor.need(Right::KeepWorkforce)?;
    let note = text("what changed", note)?;
    let (name, media_type) = programme::told(&name, &document).await?;
    let kept = vault::keep(ctx, &document).await?;
    let (body, left_out) = words_of(ctx, media_type, document.clone()).await?;
    let change = ctx.change(actor, Right::KeepWorkforce, "policy.bring").await?;
    let (policy, versions) = standing(&change, id).await?;
    let last = versions.last().map_or(0, |it| it.version);
    let size = usize::try_from(document.length()).unwrap_or(usize::MAX);
    let row = documents::add(&change, &kept.sha256, "policy", &name, size).await?;
    let brought = Brought { body, document: Some((row, name, kept.sha256)), left_out };
    let version = draft(&change, last + 1, brought, note);
    rows::add_version(&change, id, &version).await?;
    let detail = format!("version {}, a document, sha256 {}", version.version, kept.hex());
    change.commit(&policy.title, &detail).await?;
    Ok(version.version)
}

/// Approves the newest version.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] for another version than the newest, one that is approved, or by who wrote it where somebody
/// else could.
pub async fn approve(ctx: &Context, actor: &Actor, id: PolicyId, version: u64) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ApprovePolicies, "policy.approve").await?;
    let (policy, versions) = standing(&change, id).await?;
    let newest = versions.last().filter(|it| it.version == version);
    let newest =
        newest.ok_or_else(|| Error::Conflict { message: "this is not the newest version".into() })?;
    may_approve(&change, actor, newest).await?.map_err(|message| Error::Conflict { message })?;
    if let Some(name) = template::variables(&newest.body).first() {
        return Err(Error::Conflict { message: format!("the text still has {{{{{name}}}}} in it") });
    }
    rows::approve(&change, id, version).await?;
    Ok(change.commit(&policy.title, &format!("version {version}, sha256 {}", newest.sha256)).await?)
}

/// Publishes an approved version: it is in force from today, the one before is not any more, and its roles are asked to sign it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] for a version that is not approved, or was published.
pub async fn publish(ctx: &Context, actor: &Actor, id: PolicyId, version: u64) -> Result<(), Error> {
    let change = ctx.change(actor, Right::KeepWorkforce, "policy.publish").await?;
    let (policy, versions) = standing(&change, id).await?;
    let today = today_of(&change);
    let chosen = versions.iter().find(|it| it.version == version);
    let chosen = chosen.ok_or_else(|| Error::not_found(format!("version {version}")))?;
    if !rows::publish(&change, id, version, today).await? {
        let message = if chosen.approved.is_none() {
            "this version is not approved yet"
        } else {
            "this version was published before"
        };
        return Err(Error::Conflict { message: message.into() });
    }
    let next = dates::next_review(today, policy.review_months);
    rows::set(&change, &Policy { review_by: Some(next), ..policy.clone() }).await?;
    let assigned = ask(&change, &policy, chosen).await?;
    let detail = format!(
        "version {version} in force from {today}, sha256 {}; {assigned} asked to sign",
        chosen.sha256
    );
    Ok(change.commit(&policy.title, &detail).await?)
}

/// Asks the roles of a policy to sign a version, in the place of what was asked before.
async fn ask(change: &Change, policy: &Policy, version: &PolicyVersion) -> Result<u64, Error> {
    let today = today_of(change);
    for old in duties::of_subject(change, DutyKind::Policy, &policy.id.to_string()).await? {
        if old.closed.is_none() && duties::close(change, old.id, ClosedFor::Replaced).await? {
            night_rows::tally(change, night_rows::Counted::Duty(old.id), today).await?;
        }
    }
    if policy.roles.is_empty() {
        return Ok(0);
    }
    let duty = Duty {
        id: DutyId::generate(),
        kind: DutyKind::Policy,
        subject: policy.id.to_string(),
        version: version.version,
        sha256: version.sha256.clone(),
        title: policy.title.clone(),
        body: String::new(),
        roles: policy.roles.clone(),
        days: policy.sign_days,
        due: None,
        valid_days: None,
        opened: change.at(),
        opened_by: change.actor().to_owned(),
        closed: None,
    };
    duties::add(change, &duty).await?;
    super::follow_duty(change, &duty).await
}

/// Notes that a policy was looked at and is good as it is: its day renews itself by that.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] where nothing is in force, [`Error::Invalid`] without a word on what was found.
pub async fn review(ctx: &Context, actor: &Actor, id: PolicyId, note: &str) -> Result<Date, Error> {
    let note = text("what was found", note)?;
    if note.is_empty() {
        return Err(Error::invalid("say in a sentence what was found"));
    }
    let change = ctx.change(actor, Right::KeepWorkforce, "policy.review").await?;
    let (policy, versions) = standing(&change, id).await?;
    let today = today_of(&change);
    if !versions.iter().any(|it| it.is_in_force(today)) {
        return Err(Error::Conflict {
            message: "nothing of this policy is in force; publish a version first".into(),
        });
    }
    let next = dates::next_review(today, policy.review_months);
    rows::review(&change, id, &note, next).await?;
    let before = policy.review_by.map(|day| day.to_string());
    change.commit_with(&policy.title, &note, before, Some(next.to_string())).await?;
    Ok(next)
}

/// Says who signs a policy and in how many days. Who has no such role any more is not asked any more.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] for days that cannot be.
pub async fn set_roles(
    ctx: &Context,
    actor: &Actor,
    id: PolicyId,
    roles: &str,
    given: u32,
) -> Result<(), Error> {
    let sign_days = days("the time to sign", given)?;
    let change = ctx.change(actor, Right::KeepWorkforce, "policy.roles").await?;
    let (before, versions) = standing(&change, id).await?;
    let policy = Policy { roles: super::roles(roles), sign_days, ..before.clone() };
    rows::set(&change, &policy).await?;
    let today = today_of(&change);
    let asked = duties::of_subject(&change, DutyKind::Policy, &id.to_string()).await?;
    match (asked.iter().find(|duty| duty.closed.is_none()), versions.iter().find(|it| it.is_in_force(today)))
    {
        (Some(duty), _) => {
            duties::set_roles(&change, duty.id, &policy.roles).await?;
            night_rows::close_of_movers(&change, night_rows::Whose::All).await?;
            super::follow_duty(&change, &Duty { roles: policy.roles.clone(), ..duty.clone() }).await?;
        }
        (None, Some(version)) => {
            ask(&change, &policy, version).await?;
        }
        (None, None) => {}
    }
    let (before, after) = (before.roles.join(", "), policy.roles.join(", "));
    Ok(change.commit_with(&policy.title, "who signs", Some(before), Some(after)).await?)
}

/// Gives a policy up: nothing of it is in force from today on, and nobody is asked to sign it. Its texts stay.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] where it was given up, [`Error::Invalid`] without a reason.
pub async fn retire(ctx: &Context, actor: &Actor, id: PolicyId, why: &str) -> Result<(), Error> {
    let why = needed("the reason", why)?;
    let change = ctx.change(actor, Right::KeepWorkforce, "policy.retire").await?;
    let (policy, _) = standing(&change, id).await?;
    let today = today_of(&change);
    rows::retire(&change, id, &why, today).await?;
    for duty in duties::of_subject(&change, DutyKind::Policy, &id.to_string()).await? {
        if duty.closed.is_none() && duties::close(&change, duty.id, ClosedFor::Ended).await? {
            night_rows::tally(&change, night_rows::Counted::Duty(duty.id), today).await?;
        }
    }
    Ok(change.commit(&policy.title, &why).await?)
}

/// A document that a version of a policy is: its name and its bytes.
///
/// # Errors
/// [`Error::NotFound`] where no version is that document, [`Error::Denied`] without the right.
pub async fn document(
    ctx: &Context,
    actor: &Actor,
    id: PolicyId,
    document: bedrail_model::ids::DocumentId,
) -> Result<(String, Vec<u8>), Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let missing = || Error::not_found("this document");
    let versions = rows::versions(&view, id).await?;
    let (document, name) = versions
        .into_iter()
        .filter_map(|it| it.document)
        .find(|(it, _)| *it == document)
        .ok_or_else(missing)?;
    let row = documents::get_one(&view, document).await?.ok_or_else(missing)?;
    Ok((name, vault::document(ctx, &hex::encode(row.sha256)).await?.bytes()?))
}

#[cfg(test)]
mod tests {
    use super::person;

    #[test]
    fn somebody_is_the_same_person_by_every_way() {
        for stamp in ["kim", "kim (page)", "kim (API)", "kim, token ci (API)", "kim, token ci (page) (API)"] {
            assert_eq!(person(stamp), "kim", "{stamp}");
        }
        assert_ne!(person("kim.l (page)"), "kim");
    }
}
