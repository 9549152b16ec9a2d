//! Clients: whoever is a member of several organisations sees how each stands, what is overdue, and what was written down with it.
//!
//! Every number is computed as the member that one is there, by that organisation's own transaction: nothing is put together by a
//! query over organisations. Who is no member of an organisation, or only speaks for a maker there, does not see that it exists.

use bedrail_model::ids::{ClientNoteId, OrgId};
pub use bedrail_store::client_notes::ClientNoteRow;
use bedrail_store::{client_notes as rows, memberships, organisations};
use jiff::civil::Date;

use crate::actor::Via;
use crate::guide::Dated;
use crate::guide::dates::{self, For};
use crate::programme::{self, Figures, Filter};
use crate::rights::Right;
use crate::typed::{choice, needed_text};
use crate::{Actor, Context, Error, accounts};

/// What is written down: code and words.
pub const KINDS: &[(&str, &str)] = &[("note", "note"), ("task", "task"), ("sign_off", "sign-off")];
/// Notes of one client at most.
const MOST: usize = 10_000;
/// Overdue requirements that are named.
const NAMED: usize = 10;

/// A client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientLine {
    /// Which.
    pub org: OrgId,
    /// Its name.
    pub name: String,
    /// The two figures; nothing where the client asks for a second factor that this sign-in has not.
    pub figures: Option<Figures>,
    /// Requirements that are overdue: title and citation, the first few.
    pub overdue: Vec<(String, String)>,
    /// Vendors that hold ePHI without an agreement in force.
    pub bare_vendors: u64,
    /// Requests past their last day; nothing where one may not see the registers.
    pub late_requests: Option<u64>,
    /// Open tasks, and of these the late ones.
    pub tasks: (u64, u64),
    /// The last sign-off.
    pub signed_off: Option<ClientNoteRow>,
    /// Whether one may write things down there.
    pub may_write: bool,
}

/// A client with what was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDetail {
    /// As in the list.
    pub line: ClientLine,
    /// What was written down, the newest first.
    pub notes: Vec<ClientNoteRow>,
    /// What is due in the next year.
    pub dates: Vec<Dated>,
}

/// Whether somebody sits at the machine's own terminal: they have every organisation's data in hand, and no membership.
fn at_terminal(actor: &Actor) -> bool {
    actor.account.is_none() && actor.via == Via::CommandLine
}

/// The actor as the member that they are in an organisation; `None` where the client asks for a second factor first.
async fn there(ctx: &Context, actor: &Actor, org: OrgId) -> Result<Option<Actor>, Error> {
    actor.need(Right::OwnAccount)?;
    let gone = || Error::not_found(format!("client {org}"));
    if at_terminal(actor) {
        let known = organisations::all(&ctx.inner.store).await?.contains(&org);
        return if known { Ok(Some(Actor::at_terminal(org, actor.name.clone()))) } else { Err(gone()) };
    }
    let account = actor.account.ok_or_else(gone)?;
    let visited = accounts::visit_by(ctx, account, org, actor.via, actor.proof()).await;
    let (account, there) = visited.map_err(|error| match error {
        Error::NotFound { .. } => gone(),
        other => other,
    })?;
    if !there.may(Right::SeeFleet) {
        return Err(gone());
    }
    Ok((!account.must_set_up_factor).then(|| there.at(actor.address)))
}

fn factor() -> Error {
    Error::Invalid {
        message: "this client asks for a second factor".into(),
        hint: Some("set one up under Account, then come back".into()),
    }
}

fn closed(org: OrgId, name: String) -> ClientLine {
    ClientLine {
        org,
        name,
        figures: None,
        overdue: Vec::new(),
        bare_vendors: 0,
        late_requests: None,
        tasks: (0, 0),
        signed_off: None,
        may_write: false,
    }
}

async fn detail(ctx: &Context, there: &Actor, name: String) -> Result<ClientDetail, Error> {
    let today = ctx.clock.today();
    let whole = programme::whole(ctx, there).await?;
    let view = ctx.view(there, Right::SeeFleet).await?;
    let notes = rows::all(&view).await?;
    let open = || notes.iter().filter(|note| note.kind == "task" && note.done.is_none());
    let late = open().filter(|note| note.due.is_some_and(|due| due < today)).count() as u64;
    let overdue = whole.programme.rows.iter().filter(|row| row.overdue && row.applies == "yes");
    let line = ClientLine {
        figures: Some(whole.programme.figures),
        overdue: overdue.take(NAMED).map(|row| (row.title.clone(), row.citation.clone())).collect(),
        bare_vendors: whole.office.bare(),
        late_requests: there.may(Right::KeepRegisters).then(|| whole.office.late_entries()),
        tasks: (open().count() as u64, late),
        signed_off: notes.iter().find(|note| note.kind == "sign_off").cloned(),
        may_write: there.may(Right::AdviseClients),
        ..closed(there.org, name)
    };
    let last = today.saturating_add(jiff::ToSpan::days(365));
    let whom = For::actor(there);
    let mut dates = dates::of_papers(&whole.office, &whole.decisions, &whole.proofs, whom);
    dates.extend(dates::of_people(&view, today).await?);
    dates.sort();
    dates.retain(|date| date.day <= last);
    Ok(ClientDetail { line, notes, dates })
}

/// All organisations that the actor's account is a member of, by name, each with how it stands; at the machine's own terminal, all.
///
/// # Errors
/// [`Error::Denied`] for a token, which acts in one organisation; [`Error::NotFound`] for who has no account.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<ClientLine>, Error> {
    actor.need(Right::OwnAccount)?;
    if at_terminal(actor) {
        let mut lines = Vec::new();
        for org in organisations::all(&ctx.inner.store).await? {
            lines.push(get(ctx, actor, org).await?.line);
        }
        lines.sort_by_key(|line| line.name.to_lowercase());
        return Ok(lines);
    }
    let account = actor.account.ok_or_else(|| Error::not_found("an account with clients"))?;
    let mut lines = Vec::new();
    for membership in memberships::of_account(&ctx.inner.store, account).await? {
        // Ended memberships, and those that the sign-in does not open, are none.
        let there = match there(ctx, actor, membership.org).await {
            Ok(there) => there,
            Err(Error::NotFound { .. }) => continue,
            Err(error) => return Err(error),
        };
        let name = membership.org_name;
        lines.push(match there {
            Some(there) => detail(ctx, &there, name).await?.line,
            None => closed(membership.org, name),
        });
    }
    Ok(lines)
}

/// One client.
///
/// # Errors
/// [`Error::NotFound`] where the actor is no member; [`Error::Invalid`] where the client asks for a second factor.
pub async fn get(ctx: &Context, actor: &Actor, org: OrgId) -> Result<ClientDetail, Error> {
    let there = there(ctx, actor, org).await?.ok_or_else(factor)?;
    let view = ctx.view(&there, Right::SeeFleet).await?;
    let name = organisations::one(&view).await?.name;
    drop(view);
    detail(ctx, &there, name).await
}

/// Writes something down with a client. A sign-off keeps the two figures as they are now.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] without the right there, [`Error::Invalid`].
pub async fn write(
    ctx: &Context,
    actor: &Actor,
    org: OrgId,
    kind: &str,
    body: &str,
    due: Option<Date>,
) -> Result<ClientNoteId, Error> {
    let there = there(ctx, actor, org).await?.ok_or_else(factor)?;
    there.need(Right::AdviseClients)?;
    let codes: Vec<&str> = KINDS.iter().map(|(code, _)| *code).collect();
    let kind = choice("what it is", kind, &codes, "note")?;
    let body = needed_text("the text", body)?;
    let due = due.filter(|_| kind == "task");
    let figures = match kind.as_str() {
        "sign_off" => {
            let it = programme::list(ctx, &there, &Filter::default()).await?.figures;
            Some((it.of, it.evidenced, it.overdue))
        }
        _ => None,
    };
    let change = ctx.change(&there, Right::AdviseClients, "client.write").await?;
    if rows::all(&change).await?.len() >= MOST {
        return Err(Error::invalid(format!("a client has at most {MOST} notes")));
    }
    let id = ClientNoteId::generate();
    let author = change.actor().to_owned();
    let row = ClientNoteRow { id, kind, body, due, at: change.at(), author, done: None, figures };
    rows::add(&change, &row).await?;
    change.commit("notes of the adviser", &row.kind).await?;
    Ok(id)
}

/// Notes that a task was done.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] without the right there.
pub async fn done(ctx: &Context, actor: &Actor, org: OrgId, note: ClientNoteId) -> Result<(), Error> {
    let there = there(ctx, actor, org).await?.ok_or_else(factor)?;
    let change = ctx.change(&there, Right::AdviseClients, "client.done").await?;
    if !rows::done(&change, note).await? {
        return Err(Error::not_found(format!("an open task {note}")));
    }
    Ok(change.commit("notes of the adviser", "a task is done").await?)
}
