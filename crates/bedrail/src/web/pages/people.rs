//! The people of the organisation: who is a member, who is invited, what each may do?

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::accounts::erasure;
use bedrail_app::accounts::invitations::{self, Invite};
use bedrail_app::people::{self, Grant, Member};
use bedrail_app::rights::{ROLES, Right, Role};
use bedrail_model::engagement::Scope;
use bedrail_model::ids::{AccountId, InvitationId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Page, id_of, refuse, show};
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::meanwhile;
use crate::web::qr;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    headline: String,
    members: Vec<MemberRow>,
    invitations: Vec<InvitationRow>,
    manages: bool,
    problem: Option<String>,
    done: Option<String>,
}

struct MemberRow {
    link: String,
    name: String,
    full_name: String,
    roles: String,
    signed_in: String,
    factor: (Tone, &'static str),
    state: String,
}

struct InvitationRow {
    id: String,
    who: String,
    roles: String,
    by: String,
    expires: String,
}

/// `GET /people`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>) -> Page {
    show(&list_page(&state, frame).await?)
}

async fn list_page(state: &State, frame: Frame) -> Result<PeoplePage, Failure> {
    let (now, actor) = (state.now(), frame.visitor.actor());
    let members = people::list(&state.ctx, &actor).await?;
    let manages = frame.visitor.may(Right::ManagePeople);
    let open = if manages { invitations::open(&state.ctx, &actor).await? } else { Vec::new() };
    let invitations = open.into_iter().map(|each| invitation_row(each, now)).collect();
    Ok(people_page(frame, &members, invitations, manages, now))
}

/// `POST /people/erase-invited`: erases somebody who never joined.
pub(crate) async fn erase_invited(
    Extract(state): Extract<State>,
    form: Submission,
) -> Result<Response, Failure> {
    let named = form.field("named").unwrap_or_default();
    let erased = erasure::erase_invited(&state.ctx, &form.visitor.actor(), named).await;
    let page = list_page(&state, form.frame("/people")).await?;
    match erased {
        Ok(erased) => {
            let done = (texts().people.erased)(erased.values, erased.invitations);
            Ok(show(&PeoplePage { done: Some(done), ..page })?.into_response())
        }
        Err(Error::NotFound { .. }) => {
            let problem = texts().people.erase_none.to_owned();
            refuse(&PeoplePage { problem: Some(problem), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

fn people_page(
    frame: Frame,
    members: &[Member],
    invitations: Vec<InvitationRow>,
    manages: bool,
    now: Timestamp,
) -> PeoplePage {
    let counting = members.iter().filter(|member| member.counts(now));
    let bare = counting.clone().filter(|member| !member.second_factor).count() as u64;
    let (t, members_counted) = (&texts().people, counting.count() as u64);
    let headline = match bare {
        0 => (t.all_with_factor)(members_counted),
        _ => (t.some_without)(members_counted, bare),
    };
    let members = members.iter().map(|member| member_row(member, now)).collect();
    PeoplePage { frame, headline, members, invitations, manages, problem: None, done: None }
}

fn member_row(member: &Member, now: Timestamp) -> MemberRow {
    let t = &texts().people;
    MemberRow {
        link: format!("/people/{}", member.id),
        name: member.name.clone(),
        full_name: member.full_name.clone(),
        roles: roles_text(&member.grant),
        signed_in: member.signed_in.map_or(t.never.into(), |at| words::time_ago(at, now)),
        factor: if member.second_factor { (Tone::Good, t.yes) } else { (Tone::Plan, t.no) },
        state: state_text(member, now),
    }
}

fn state_text(member: &Member, now: Timestamp) -> String {
    let t = &texts().people;
    if let Some(closed) = member.closed {
        return (t.closed)(&words::ago(closed, now));
    }
    if member.emergency_until.is_some_and(|until| now < until) {
        return t.in_emergency.into();
    }
    match member.grant.valid_until {
        Some(end) if end <= now => (t.ended)(&words::ago(end, now)),
        Some(end) => (t.until)(&words::day(end - jiff::SignedDuration::from_secs(1))),
        None => String::new(),
    }
}

fn roles_text(grant: &Grant) -> String {
    let mut text = grant.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
    if !grant.makers.is_empty() {
        text += &(texts().people.for_makers)(&grant.makers.join(", "));
    }
    text
}

fn invitation_row(each: invitations::Invitation, now: Timestamp) -> InvitationRow {
    let who = [each.full_name.clone(), each.mail.clone().unwrap_or_default()];
    let who = who.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let t = &texts().people;
    InvitationRow {
        id: each.id.to_string(),
        who: if who.is_empty() { t.nameless.into() } else { who },
        roles: roles_text(&each.grant),
        by: each.created_by,
        expires: if each.expires <= now { t.expired.into() } else { words::time_until(each.expires, now) },
    }
}

/// The part of a form that says what a membership gives.
struct GrantForm {
    roles: Vec<RoleBox>,
    makers: String,
    until: String,
    from: String,
    to: String,
    requirements: String,
    sites: String,
}

struct RoleBox {
    code: &'static str,
    name: &'static str,
    purpose: &'static str,
    chosen: bool,
}

impl GrantForm {
    fn of(grant: &Grant) -> GrantForm {
        let last = |at: Option<Timestamp>| {
            let day = at.map(|at| (at - jiff::SignedDuration::from_secs(1)).to_zoned(TimeZone::UTC).date());
            day.map(|day| day.to_string()).unwrap_or_default()
        };
        let first = grant.about.0.map(|at| at.to_zoned(TimeZone::UTC).date().to_string()).unwrap_or_default();
        let roles = ROLES.iter().map(|row| RoleBox {
            code: row.code,
            name: row.name,
            purpose: row.purpose,
            chosen: grant.roles.contains(&row.role),
        });
        GrantForm {
            roles: roles.collect(),
            makers: grant.makers.join("\n"),
            until: last(grant.valid_until),
            from: first,
            to: last(grant.about.1),
            requirements: grant.scope.requirements.join("\n"),
            sites: grant.scope.sites.join("\n"),
        }
    }
}

/// What a form says that a membership is to give. Days are whole days in UTC; the last one counts.
fn grant_of(form: &Submission) -> Result<Grant, Error> {
    let mut roles = Vec::new();
    for (code, _) in form.fields_under("role.") {
        roles.push(Role::from_code(code).ok_or_else(|| Error::invalid("there is no such role"))?);
    }
    let lines = |name: &str| -> Vec<String> {
        let all = form.field(name).unwrap_or_default().lines();
        all.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    let makers = lines("makers");
    let scope = Scope { requirements: lines("requirements"), sites: lines("sites") };
    let after = |name| {
        day(form, name).map(|day| day.map(|day| midnight(day.saturating_add(jiff::Span::new().days(1)))))
    };
    let from = day(form, "from")?.map(midnight);
    Ok(Grant { roles, makers, valid_until: after("until")?, about: (from, after("to")?), scope })
}

fn day(form: &Submission, name: &str) -> Result<Option<Date>, Error> {
    let read =
        |text: &str| text.parse::<Date>().map_err(|_| Error::invalid("a day is written as 2026-11-24"));
    form.field(name).map(read).transpose()
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    frame: Frame,
    full_name: String,
    mail: String,
    grant: GrantForm,
    problem: Option<String>,
}

/// `GET /people/invite`
pub(crate) async fn invite_page(frame: Frame) -> Page {
    frame.need(Right::ManagePeople)?;
    let grant = GrantForm::of(&Grant::default());
    show(&InvitePage { frame, full_name: String::new(), mail: String::new(), grant, problem: None })
}

#[derive(Template)]
#[template(path = "invited.html")]
struct InvitedPage {
    frame: Frame,
    who: String,
    organisation: String,
    code: String,
    link: String,
    address: String,
    qr: String,
    days: i64,
}

/// `POST /people/invite`: answers with the code, which is shown this once.
pub(crate) async fn invite(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    form: Submission,
) -> Result<Response, Failure> {
    let full_name = form.field("full_name").unwrap_or_default().to_owned();
    let mail = form.field("mail").map(str::to_owned);
    let invited = async {
        let wanted = Invite { full_name: full_name.clone(), mail: mail.clone(), grant: grant_of(&form)? };
        invitations::invite(&state.ctx, &form.visitor.actor(), &wanted).await
    };
    match invited.await {
        Ok((_, code)) => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
            let scheme = if state.options.over_tls() { "https" } else { "http" };
            let address = format!("{scheme}://{host}/invitation");
            let link = Link::to(address.as_str()).with("code", &code).to_string();
            let who = if full_name.is_empty() {
                mail.unwrap_or_else(|| texts().people.the_person.into())
            } else {
                full_name
            };
            let frame = form.frame("/people");
            let organisation = frame.organisation.clone();
            let (qr, days) = (qr::svg(&link).unwrap_or_default(), invitations::DAYS);
            Ok(show(&InvitedPage { frame, who, organisation, code, link, address, qr, days })?
                .into_response())
        }
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let grant = GrantForm::of(&grant_of(&form).unwrap_or_default());
            let problem = Some(told(&error));
            let frame = form.frame("/people");
            refuse(&InvitePage { frame, full_name, mail: mail.unwrap_or_default(), grant, problem })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /people/invitations/{id}/take-back`
pub(crate) async fn take_back(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Redirect, Failure> {
    let id: InvitationId = id_of(&id)?;
    invitations::take_back(&state.ctx, &form.visitor.actor(), id).await?;
    Ok(Redirect::to("/people"))
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    headline: String,
    path: String,
    version: String,
    name: String,
    full_name: String,
    mail: String,
    facts: Vec<(&'static str, String)>,
    grant: GrantForm,
    manages: bool,
    at_home: bool,
    closed: bool,
    linked: bool,
    second_factor: bool,
    one_time: Option<String>,
    problem: Option<String>,
}

fn person_page(frame: Frame, member: &Member, now: Timestamp) -> PersonPage {
    let (t, list, roles) = (&texts().person, &texts().people, roles_text(&member.grant));
    let home = if member.at_home { t.this_organisation } else { t.other_organisation };
    let facts = vec![
        (list.roles, roles.clone()),
        (t.since, words::day(member.since)),
        (texts().words.state, state_text(member, now)),
        (list.last_sign_in, member.signed_in.map_or(list.never.into(), words::minute)),
        (t.signs_in, ways_in(member).to_owned()),
        (list.second_factor, if member.second_factor { list.yes } else { list.no }.to_owned()),
        (t.looked_after_by, home.to_owned()),
    ];
    let factor = if member.second_factor { t.with_factor } else { t.without_factor };
    let headline = match state_text(member, now).as_str() {
        "" => (t.headline)(&member.name, &roles, factor),
        state => (t.headline_and)(&member.name, &roles, factor, state),
    };
    PersonPage {
        headline,
        manages: frame.visitor.may(Right::ManagePeople),
        path: format!("/people/{}", member.id),
        version: member.version(),
        name: member.name.clone(),
        full_name: member.full_name.clone(),
        mail: member.mail.clone().unwrap_or_default(),
        facts: facts.into_iter().filter(|(_, fact)| !fact.is_empty()).collect(),
        grant: GrantForm::of(&member.grant),
        at_home: member.at_home,
        closed: member.closed.is_some(),
        linked: member.linked,
        second_factor: member.second_factor,
        one_time: None,
        problem: None,
        frame,
    }
}

/// `GET /people/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let member = people::one(&state.ctx, &frame.visitor.actor(), id_of(&id)?).await?;
    show(&person_page(frame, &member, state.now()))
}

/// What is done to a member by a button.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deed {
    End,
    Close,
    OpenAgain,
    ResetSecondFactor,
    ResetPassword,
    Unlink,
    Erase,
}

/// `POST /people/{id}`: what the membership gives.
pub(crate) async fn set(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let (id, actor) = (id_of(&id)?, form.visitor.actor());
    let done = match grant_of(&form) {
        Ok(grant) => people::set(&state.ctx, &actor, id, &meanwhile::seen(&form), &grant).await.map(|_| ()),
        Err(error) => Err(error),
    };
    if let Err(Error::Stale(stale)) = done {
        let path = format!("/people/{id}");
        return meanwhile::page(&form, &path, &path, *stale);
    }
    answer(&state, &form, id, done.map(|()| None)).await
}

/// `POST /people/{id}/{deed}`
pub(crate) async fn act(
    Extract(state): Extract<State>,
    Path((id, deed)): Path<(String, Deed)>,
    form: Submission,
) -> Result<Response, Failure> {
    let (ctx, actor) = (&state.ctx, form.visitor.actor());
    let id: AccountId = id_of(&id)?;
    let done = match deed {
        Deed::End => {
            let ended = people::end(ctx, &actor, id).await;
            if ended.is_ok() {
                return Ok(Redirect::to("/people").into_response());
            }
            ended.map(|()| None)
        }
        Deed::Erase => {
            let member = people::one(ctx, &actor, id).await?;
            let erased = match form.field("confirm") == Some(member.name.as_str()) {
                true => erasure::erase(ctx, &actor, id).await.map(|_| ()),
                false => {
                    Err(Error::invalid("type the sign-in name to say that you mean it; nothing was erased"))
                }
            };
            if erased.is_ok() {
                return Ok(Redirect::to("/people").into_response());
            }
            erased.map(|()| None)
        }
        Deed::Close => people::close(ctx, &actor, id).await.map(|()| None),
        Deed::OpenAgain => people::open_again(ctx, &actor, id).await.map(|()| None),
        Deed::ResetSecondFactor => people::reset_second_factor(ctx, &actor, id).await.map(|()| None),
        Deed::Unlink => people::unlink_sign_in(ctx, &actor, id).await.map(|()| None),
        Deed::ResetPassword => people::reset_password(ctx, &actor, id).await.map(Some),
    };
    answer(&state, &form, id, done.map(|shown| shown.map(|shown| shown.password))).await
}

/// The member's page after something was done, with the one-time password that is shown once, or what was in the way.
async fn answer(
    state: &State,
    form: &Submission,
    id: AccountId,
    done: Result<Option<String>, Error>,
) -> Result<Response, Failure> {
    let path = format!("/people/{id}");
    let (one_time, problem) = match done {
        Ok(None) => return Ok(Redirect::to(&path).into_response()),
        Ok(Some(one_time)) => (Some(one_time), None),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => (None, Some(told(&error))),
        Err(error) => return Err(error.into()),
    };
    let member = people::one(&state.ctx, &form.visitor.actor(), id).await?;
    let refused = problem.is_some();
    let page = PersonPage { one_time, problem, ..person_page(form.frame("/people"), &member, state.now()) };
    if refused { refuse(&page) } else { Ok(show(&page)?.into_response()) }
}

#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample::{HOSTILE, frame, now};
    let member = |name: &str, roles: &[Role], second_factor| Member {
        id: AccountId::generate(),
        name: name.into(),
        full_name: HOSTILE.into(),
        mail: None,
        at_home: true,
        signed_in: Some(now()),
        closed: None,
        second_factor,
        password: true,
        linked: false,
        grant: Grant { roles: roles.to_vec(), ..Grant::default() },
        since: now(),
        emergency_until: None,
    };
    let members =
        [member("admin", &[Role::Administrator], true), member("nurse.west", &[Role::Engineer], false)];
    let invitation = InvitationRow {
        id: InvitationId::generate().to_string(),
        who: HOSTILE.into(),
        roles: "auditor".into(),
        by: "admin (web)".into(),
        expires: "until tomorrow".into(),
    };
    show(&people_page(frame("/people"), &members, vec![invitation], true, now()))
}

/// By what a member signs in, in words.
fn ways_in(member: &Member) -> &'static str {
    let t = &texts().person;
    match (member.password, member.linked) {
        (true, true) => t.by_both,
        (false, true) => t.by_provider,
        (true, false) => t.by_password,
        (false, false) => t.by_nothing,
    }
}
