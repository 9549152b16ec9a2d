//! What is asked of groups of people: statements with a day, policies to sign, courses to take. How each stands by ward, who is
//! missing, printed sheets for wards without computers. What comes back of them is in [`super::sheets`].

use bedrail_model::ids::DutyId;
use bedrail_model::workforce::{ClosedFor, Duty, DutyKind, Stage, Tally};
use bedrail_store::workforce::duties as rows;
use bedrail_store::workforce::night::{self as night_rows, Counted};
use bedrail_workforce::{dates, markdown};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

pub use bedrail_store::workforce::duties::PersonRow;
pub use bedrail_store::workforce::night::Again;

use super::{days, needed, text, today_of};
use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Names on one sheet at most.
pub const MOST_ON_SHEET: u32 = 300;

/// A duty and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What.
    pub duty: Duty,
    /// How it stood when it was last counted.
    pub tally: Tally,
}

/// A duty by wards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What.
    pub duty: Duty,
    /// The text that is signed, in Markdown; empty for a course.
    pub body: String,
    /// All together.
    pub tally: Tally,
    /// Site, ward, and how it stands there.
    pub wards: Vec<(String, String, Tally)>,
}

/// A new statement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewStatement {
    /// What it is called.
    pub title: String,
    /// What is signed, in Markdown.
    pub body: String,
    /// Roles that sign it, parted by commas; `*` for everybody.
    pub roles: String,
    /// By when.
    pub due: Option<Date>,
    /// Days that who joins later has.
    pub days: u32,
    /// Days after which it is asked again; never without it.
    pub valid_days: Option<u32>,
}

pub(super) fn not_found(id: DutyId) -> Error {
    Error::not_found(format!("what is asked under {id}"))
}

/// Open duties of some kinds, those with most people late first.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(ctx: &Context, actor: &Actor, kinds: &[DutyKind]) -> Result<Vec<Standing>, Error> {
    let view = ctx.view(actor, Right::SeeWorkforce).await?;
    let tallies = rows::tallies(&view).await?;
    let all = rows::all(&view).await?;
    let mut found: Vec<Standing> = all
        .into_iter()
        .filter(|duty| duty.closed.is_none() && kinds.contains(&duty.kind))
        .map(|duty| Standing { tally: tallies.get(&duty.id).copied().unwrap_or_default(), duty })
        .collect();
    found.sort_by_key(|it| (std::cmp::Reverse(it.tally.late), it.duty.title.to_lowercase()));
    Ok(found)
}

/// One duty by wards.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] without the right.
pub async fn get(ctx: &Context, actor: &Actor, id: DutyId) -> Result<Detail, Error> {
    let view = ctx.view(actor, Right::SeeWorkforce).await?;
    let duty = rows::one(&view, id).await?.ok_or_else(|| not_found(id))?;
    let wards = rows::wards(&view, id).await?;
    let sum = |mut all: Tally, (.., it): &(String, String, Tally)| {
        all.asked += it.asked;
        all.done += it.done;
        all.late += it.late;
        all
    };
    let tally = wards.iter().fold(Tally::default(), sum);
    let body = match duty.kind {
        DutyKind::Policy => {
            let id = duty.subject.parse().map_err(|_| not_found(id))?;
            let versions = bedrail_store::workforce::policies::versions(&view, id).await?;
            versions.into_iter().find(|it| it.version == duty.version).map(|it| it.body).unwrap_or_default()
        }
        _ => duty.body.clone(),
    };
    Ok(Detail { duty, body, tally, wards })
}

/// Duties of a kind together by wards.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn wards(
    ctx: &Context,
    actor: &Actor,
    kind: DutyKind,
) -> Result<Vec<(String, String, Tally)>, Error> {
    Ok(rows::wards_of_kind(&ctx.view(actor, Right::SeeWorkforce).await?, kind).await?)
}

/// People by how a duty stands with them, everywhere or at a place.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn people(
    ctx: &Context,
    actor: &Actor,
    id: DutyId,
    stage: Stage,
    place: (&str, &str),
    page: &PageRequest,
) -> Result<Page<PersonRow>, Error> {
    let view = ctx.view(actor, Right::SeeWorkforce).await?;
    let offset = page.skip_counted()?;
    let limit = u32::try_from(page.rows()).unwrap_or(u32::MAX);
    let (found, total) = rows::people(&view, id, stage, place, limit, offset).await?;
    Ok(Page::counted(found, total, offset))
}

/// Asks a group to sign a statement.
///
/// # Errors
/// [`Error::Invalid`] for what cannot be, [`Error::Denied`] without the right.
pub async fn open(ctx: &Context, actor: &Actor, new: &NewStatement) -> Result<DutyId, Error> {
    let (title, body) = (needed("the title", &new.title)?, text("the statement", &new.body)?);
    if body.is_empty() || body.len() > markdown::MOST {
        return Err(Error::invalid("the statement is missing, or too long"));
    }
    let roles = super::roles(&new.roles);
    if roles.is_empty() {
        return Err(Error::Invalid {
            message: "it does not say who signs".into(),
            hint: Some("name roles of the roster, or * for everybody".into()),
        });
    }
    let given = days("the time to sign", new.days)?;
    let valid_days = new.valid_days.map(|it| days("the time until it is asked again", it)).transpose()?;
    let change = ctx.change(actor, Right::KeepWorkforce, "statement.open").await?;
    if let Some(due) = new.due.filter(|due| *due < today_of(&change)) {
        return Err(Error::invalid(format!("{due} lies behind us")));
    }
    let duty = Duty {
        id: DutyId::generate(),
        kind: DutyKind::Statement,
        subject: String::new(),
        version: 1,
        sha256: hex::encode(Sha256::digest(&body)),
        title,
        body,
        roles,
        days: given,
        due: new.due,
        valid_days,
        opened: change.at(),
        opened_by: change.actor().to_owned(),
        closed: None,
    };
    rows::add(&change, &duty).await?;
    let assigned = super::follow_duty(&change, &duty).await?;
    let detail = format!("{} asked, sha256 {}", assigned, duty.sha256);
    change.commit(&duty.title, &detail).await?;
    Ok(duty.id)
}

/// Closes a statement or a course: it is asked of nobody any more. What was signed stays.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] for a policy, which is given up on its own page, or what is closed.
pub async fn close(ctx: &Context, actor: &Actor, id: DutyId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::KeepWorkforce, "statement.close").await?;
    let duty = rows::one(&change, id).await?.ok_or_else(|| not_found(id))?;
    if duty.kind == DutyKind::Policy {
        return Err(Error::Conflict { message: "a policy is given up on its own page".into() });
    }
    if !rows::close(&change, id, ClosedFor::Ended).await? {
        return Err(Error::Conflict { message: "this is closed already".into() });
    }
    night_rows::tally(&change, Counted::Duty(id), today_of(&change)).await?;
    Ok(change.commit(&duty.title, "asked of nobody any more").await?)
}

/// Asks again, out of turn, whoever is at a place or has a role: after an incident. Returns how many.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] without a reason, [`Error::Conflict`] where nobody is concerned, or it is closed.
pub async fn again(
    ctx: &Context,
    actor: &Actor,
    id: DutyId,
    again: &Again,
    given: u32,
) -> Result<u64, Error> {
    let note = needed("the reason", &again.note)?;
    let role = again.role.trim().to_lowercase();
    let again = Again { note, role, site: again.site.trim().to_owned(), ward: again.ward.trim().to_owned() };
    let given = days("the time", given)?;
    let change = ctx.change(actor, Right::KeepWorkforce, "training.again").await?;
    let duty = rows::one(&change, id).await?.ok_or_else(|| not_found(id))?;
    let today = today_of(&change);
    let asked = night_rows::assign_again(&change, id, &again, today, dates::after(today, given)).await?;
    if asked == 0 {
        return Err(Error::Conflict {
            message: "nobody there has this role and has it not open already".into(),
        });
    }
    night_rows::tally(&change, Counted::Duty(id), today).await?;
    change.commit(&duty.title, &format!("{asked} people asked again: {}", again.note)).await?;
    Ok(asked)
}
