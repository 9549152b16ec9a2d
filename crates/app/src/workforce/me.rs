//! What is asked of oneself: by an account whose address is on the roster, or by a personal link. Everything here is judged by who the
//! person is, never by what a page sends.

use std::collections::BTreeMap;
use std::net::IpAddr;

use bedrail_model::ids::{AttemptId, DocumentId, DutyId, OrgId};
use bedrail_model::workforce::{Assignment, Duty, DutyKind, How, Stage, Worker};
use bedrail_store::accounts;
use bedrail_store::workforce::night::{self, Counted};
use bedrail_store::workforce::training::{self as attempts, AttemptRow};
use bedrail_store::workforce::{duties, policies, roster};
use bedrail_store::{Change, View, organisations};
use bedrail_workforce::course::{self, Course};
use bedrail_workforce::quiz::{self, Judged, Order};
use bedrail_workforce::{certificate, dates};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::roster::{Item, items};
use super::{personal, subject, today_of};
use crate::link_code;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Attempts at one quiz in a day.
pub const TRIES_A_DAY: usize = 5;

/// Somebody of the roster, as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// Where.
    pub org: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// Who.
    pub worker: Worker,
    /// When the link was opened that they came by.
    pub opened: Option<Timestamp>,
    actor: Actor,
}

impl Me {
    /// Whether they came by a personal link.
    pub fn by_link(&self) -> bool {
        self.opened.is_some()
    }

    /// The same person at an address.
    #[must_use]
    pub fn at(self, address: Option<IpAddr>) -> Me {
        Me { actor: self.actor.at(address), ..self }
    }
}

/// The person of the roster with the address of the actor's account; `None` where there is none, or several, and for an account whose
/// home is another organisation: what that one writes down as the address says nothing here.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_account(ctx: &Context, actor: &Actor) -> Result<Option<Me>, Error> {
    let Some(account) = actor.account else { return Ok(None) };
    let account = accounts::by_id(&ctx.inner.store, account).await?;
    let at_home = account.filter(|account| account.home == actor.org);
    let Some(mail) = at_home.and_then(|account| account.mail).map(|mail| mail.to_lowercase()) else {
        return Ok(None);
    };
    let view = ctx.view(actor, Right::OwnAccount).await?;
    let today = ctx.clock.today();
    let mut found = roster::by_mail(&view, &mail).await?;
    found.retain(|row| row.worker.is_there(today));
    let (1, Some(row)) = (found.len(), found.pop()) else { return Ok(None) };
    let org_name = organisations::one(&view).await?.name;
    Ok(Some(Me { org: actor.org, org_name, worker: row.worker, opened: None, actor: actor.clone() }))
}

/// The person whose link this browser opened.
///
/// # Errors
/// [`Error::NotFound`] for what opens nothing, or nothing any more.
pub async fn of_link(ctx: &Context, session: &str) -> Result<Me, Error> {
    let (org, id, opened) = personal::whose(ctx, session).await?;
    let view = ctx.inner.store.view(org).await?;
    let worker = roster::one(&view, id).await?.ok_or_else(link_code::gone)?.worker;
    if !worker.is_there(ctx.clock.today()) {
        return Err(link_code::gone());
    }
    let org_name = organisations::one(&view).await?.name;
    let actor = Actor::by_link(org, worker.id, worker.name.clone());
    Ok(Me { org, org_name, worker, opened: Some(opened), actor })
}

async fn look(ctx: &Context, me: &Me) -> Result<View, Error> {
    Ok(ctx.inner.store.view(me.org).await?)
}

/// What is asked of the person, what is open first.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(ctx: &Context, me: &Me) -> Result<Vec<Item>, Error> {
    items(&look(ctx, me).await?, me.worker.id).await
}

/// Something that is asked of the person, with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What.
    pub duty: Duty,
    /// How it stands.
    pub assignment: Assignment,
    /// The text to be signed, in Markdown; empty for a course.
    pub body: String,
    /// A document that is signed with it.
    pub document: Option<(DocumentId, String)>,
    /// The course.
    pub course: Option<&'static Course>,
    /// Attempts at its quiz, the newest first.
    pub attempts: Vec<AttemptRow>,
}

fn not_asked() -> Error {
    Error::not_found("this among what is asked of you")
}

/// One thing that is asked of the person.
///
/// # Errors
/// [`Error::NotFound`] for what is not asked of them.
pub async fn get(ctx: &Context, me: &Me, id: DutyId) -> Result<Asked, Error> {
    let view = look(ctx, me).await?;
    let duty = duties::one(&view, id).await?.ok_or_else(not_asked)?;
    let assignment = duties::last(&view, id, me.worker.id).await?.ok_or_else(not_asked)?;
    let (body, document) = match duty.kind {
        DutyKind::Policy => text_of(&view, &duty).await?,
        DutyKind::Statement => (duty.body.clone(), None),
        DutyKind::Course => (String::new(), None),
    };
    let course = if duty.kind == DutyKind::Course { course::of(&duty.subject) } else { None };
    let attempts = match course {
        Some(_) => attempts::of_worker(&view, me.worker.id, id).await?,
        None => Vec::new(),
    };
    Ok(Asked { duty, assignment, body, document, course, attempts })
}

/// The text of the version of a policy that a duty is about.
async fn text_of(view: &View, duty: &Duty) -> Result<(String, Option<(DocumentId, String)>), Error> {
    let id = duty.subject.parse().map_err(|_| not_asked())?;
    let version = policies::versions(view, id).await?.into_iter().find(|it| it.version == duty.version);
    let version = version.ok_or_else(not_asked)?;
    Ok((version.body, version.document))
}

/// The document that goes with a policy which is asked of the person.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn document(ctx: &Context, me: &Me, id: DutyId) -> Result<(String, Vec<u8>), Error> {
    let asked = get(ctx, me, id).await?;
    let (document, name) = asked.document.ok_or_else(not_asked)?;
    let row =
        bedrail_store::documents::get_one(&look(ctx, me).await?, document).await?.ok_or_else(not_asked)?;
    Ok((name, crate::vault::document(ctx, &hex::encode(row.sha256)).await?.bytes()?))
}

/// What is open of the person; a conflict in words where it is not.
async fn open_one(change: &Change, me: &Me, id: DutyId) -> Result<(Duty, Assignment), Error> {
    let duty = duties::one(change, id).await?.ok_or_else(not_asked)?;
    let assignment = duties::last(change, id, me.worker.id).await?.ok_or_else(not_asked)?;
    let conflict = |message: &str| Err(Error::Conflict { message: message.to_owned() });
    match (duty.closed, assignment.stage) {
        (_, Stage::Done) => conflict("this is done already"),
        (Some(_), _) | (_, Stage::Closed) => conflict(
            "this is not asked for any more; where a newer version took its place, read and sign that one",
        ),
        (None, Stage::Open) => Ok((duty, assignment)),
    }
}

/// Signs the text that was shown: its hash is sent along, and another one is refused.
///
/// # Errors
/// [`Error::NotFound`] for what is not asked of the person, [`Error::Conflict`] for a version that is not in force any more, or is
/// signed.
pub async fn sign(ctx: &Context, me: &Me, id: DutyId, seen: &str) -> Result<(), Error> {
    let change = ctx.change(&me.actor, Right::OwnAccount, "workforce.sign").await?;
    let (duty, assignment) = open_one(&change, me, id).await?;
    if duty.kind == DutyKind::Course {
        return Err(Error::invalid("a course is taken, not signed"));
    }
    if seen != duty.sha256 {
        return Err(Error::Conflict {
            message: "this is not the text that is asked for; open it again and read it".into(),
        });
    }
    let done = Assignment { sha256: Some(duty.sha256.clone()), ..assignment };
    finish(&change, me, &duty, done).await?;
    let name = subject(&change, &me.worker).await?;
    let detail = format!("{} {}, version {}", duty.kind.words(), duty.title, duty.version);
    change.commit_with(&name, &detail, None, Some(format!("sha256 {}", duty.sha256))).await?;
    Ok(())
}

async fn finish(change: &Change, me: &Me, duty: &Duty, done: Assignment) -> Result<(), Error> {
    let today = today_of(change);
    let done = Assignment {
        ended: Some(change.at()),
        how: Some(if me.by_link() { How::Link } else { How::Account }),
        expires: dates::expiry(today, duty.valid_days),
        ..done
    };
    if !duties::done(change, &done).await? {
        return Err(Error::Conflict { message: "this is done already".into() });
    }
    let counted = Counted::Both(duty.id, &me.worker.site, &me.worker.ward);
    Ok(night::tally(change, counted, today).await?)
}

/// A quiz as it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiz {
    /// The attempt.
    pub id: AttemptId,
    /// The duty.
    pub duty: DutyId,
    /// The course.
    pub course: &'static Course,
    /// The order of questions and answers.
    pub order: Order,
    /// Until when it is taken, exclusive.
    pub ends: Timestamp,
}

fn course_of(duty: &Duty) -> Result<&'static Course, Error> {
    course::of(&duty.subject).ok_or_else(|| Error::not_found(format!("the course {}", duty.subject)))
}

/// Begins a quiz, or goes on with the one that is under way.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] where the course is not open, or was tried too often today.
pub async fn begin(ctx: &Context, me: &Me, id: DutyId) -> Result<Quiz, Error> {
    let change = ctx.change(&me.actor, Right::OwnAccount, "training.begin").await?;
    let (duty, _) = open_one(&change, me, id).await?;
    let course = course_of(&duty)?;
    let now = change.at();
    let before = attempts::of_worker(&change, me.worker.id, id).await?;
    let running =
        before.iter().find(|it| it.answered.is_none() && it.ends > now && it.sha256 == course.sha256);
    if let Some(it) = running {
        return Ok(Quiz { id: it.id, duty: id, course, order: quiz::order(course, it.seed), ends: it.ends });
    }
    if before.iter().filter(|it| it.begun > now - SignedDuration::from_hours(24)).count() >= TRIES_A_DAY {
        return Err(Error::Conflict {
            message: format!(
                "the quiz was tried {TRIES_A_DAY} times in a day; read the course again and come back tomorrow"
            ),
        });
    }
    let attempt = AttemptRow {
        id: AttemptId::generate(),
        duty: id,
        worker: me.worker.id,
        course: course.code.clone(),
        sha256: course.sha256.clone(),
        seed: rand::random(),
        begun: now,
        ends: now + SignedDuration::from_mins(i64::from(course.quiz_minutes)),
        answered: None,
        chosen: None,
    };
    attempts::add(&change, &attempt).await?;
    let name = subject(&change, &me.worker).await?;
    change.commit(&name, &course.title).await?;
    Ok(Quiz {
        id: attempt.id,
        duty: id,
        course,
        order: quiz::order(course, attempt.seed),
        ends: attempt.ends,
    })
}

/// What came of a quiz.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The course.
    pub course: &'static Course,
    /// What is right.
    pub judged: Judged,
    /// The number of the certificate, where it was passed.
    pub certificate: Option<String>,
    /// The first day on which it no longer holds.
    pub expires: Option<Date>,
}

/// Judges what was chosen: of each question, counted from 0 as asked, the answer, counted from 0 as shown. Once, in time, and by whom it
/// was asked.
///
/// # Errors
/// [`Error::NotFound`] for an attempt that is not the person's; [`Error::Conflict`] for one that was answered or is over;
/// [`Error::Invalid`] for answers that are missing or were never offered.
pub async fn answer(
    ctx: &Context,
    me: &Me,
    id: AttemptId,
    chosen: &BTreeMap<usize, usize>,
) -> Result<Outcome, Error> {
    let change = ctx.change(&me.actor, Right::OwnAccount, "training.answer").await?;
    let attempt = attempts::one(&change, id).await?.filter(|it| it.worker == me.worker.id);
    let attempt = attempt.ok_or_else(|| Error::not_found("this attempt"))?;
    let conflict = |message: &str| Err(Error::Conflict { message: message.to_owned() });
    if attempt.answered.is_some() {
        return conflict("this attempt was answered already; what was said then counts");
    }
    if attempt.ends <= change.at() {
        return conflict("the time of this attempt is over; begin another one");
    }
    let (duty, assignment) = open_one(&change, me, attempt.duty).await?;
    let course = course_of(&duty)?;
    if course.sha256 != attempt.sha256 {
        return conflict("the course has changed since; begin another attempt");
    }
    let judged =
        quiz::judge(course, attempt.seed, chosen).map_err(|error| Error::invalid(error.to_string()))?;
    let each: Vec<(usize, usize)> =
        judged.each.iter().map(|(question, answer, _)| (*question, *answer)).collect();
    let kept = serde_json::to_string(&each).map_err(|error| Error::Internal(Box::new(error)))?;
    if !attempts::answer(&change, id, &kept, (judged.right, judged.of), judged.passed).await? {
        return conflict("this attempt was answered already; what was said then counts");
    }
    let number = judged.passed.then(|| certificate::number(id.uuid().as_bytes()));
    let expires = dates::expiry(today_of(&change), duty.valid_days);
    if judged.passed {
        let done = Assignment {
            score: Some((judged.right, judged.of)),
            certificate: number.clone(),
            sha256: Some(course.sha256.clone()),
            ..assignment
        };
        finish(&change, me, &duty, done).await?;
    }
    let name = subject(&change, &me.worker).await?;
    let word = if judged.passed { "passed" } else { "not passed" };
    change.commit(&name, &format!("{}: {} of {}, {word}", course.title, judged.right, judged.of)).await?;
    Ok(Outcome { course, judged, certificate: number, expires })
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its number.
    pub number: String,
    /// Whose.
    pub name: String,
    /// The organisation.
    pub organisation: String,
    /// Of what.
    pub title: String,
    /// The version of the course.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Right answers, and questions.
    pub score: Option<(u64, u64)>,
    /// The first day on which it no longer holds.
    pub expires: Option<Date>,
}

/// The certificate of a number, as somebody typed it.
pub(super) async fn certificate_in(view: &View, typed: &str) -> Result<(Certificate, Assignment), Error> {
    let unknown = || Error::not_found("a certificate with this number");
    let number = certificate::read(typed).ok_or_else(unknown)?;
    let done = duties::by_certificate(view, &number).await?.ok_or_else(unknown)?;
    let duty = duties::one(view, done.duty).await?.ok_or_else(unknown)?;
    let worker = roster::one(view, done.worker).await?.ok_or_else(unknown)?.worker;
    let found = Certificate {
        number,
        name: worker.name,
        organisation: organisations::one(view).await?.name,
        title: duty.title,
        version: duty.version,
        at: done.ended.ok_or_else(unknown)?,
        score: done.score,
        expires: done.expires,
    };
    Ok((found, done))
}

/// A certificate of the person's own.
///
/// # Errors
/// [`Error::NotFound`] for another's, or none.
pub async fn own_certificate(ctx: &Context, me: &Me, number: &str) -> Result<Certificate, Error> {
    let (found, done) = certificate_in(&look(ctx, me).await?, number).await?;
    if done.worker == me.worker.id {
        Ok(found)
    } else {
        Err(Error::not_found("a certificate with this number"))
    }
}
