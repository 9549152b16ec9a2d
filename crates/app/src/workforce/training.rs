//! Courses: which are asked of whom, what learning systems say, certificates.

use bedrail_model::ids::DutyId;
use bedrail_model::workforce::{Assignment, ClosedFor, Duty, DutyKind, How, Stage};
use bedrail_store::workforce::night as night_rows;
use bedrail_store::workforce::{duties as rows, roster};
use bedrail_workforce::course::{self, Course};
use bedrail_workforce::dates;
use bedrail_workforce::list::Entry;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::import::{ImportRoster, Known, Outcome, Report, has_day, read};
use super::me::{Certificate, certificate_in};
use super::{days, today_of};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// A course and who takes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssignCourse {
    /// The course's code.
    pub course: String,
    /// Roles that take it, parted by commas; `*` for everybody.
    pub roles: String,
    /// Days that somebody has.
    pub days: u32,
}

/// Asks roles to take a course. Asking others takes the place of what was asked before; what is under way or done stays.
///
/// # Errors
/// [`Error::NotFound`] for no such course, [`Error::Invalid`] for no role, [`Error::Denied`] without the right.
pub async fn assign(ctx: &Context, actor: &Actor, command: &AssignCourse) -> Result<DutyId, Error> {
    let course = course::of(&command.course)
        .ok_or_else(|| Error::not_found(format!("the course {}", command.course)))?;
    let roles = super::roles(&command.roles);
    if roles.is_empty() {
        return Err(Error::Invalid {
            message: "it does not say who takes the course".into(),
            hint: Some("name roles of the roster, or * for everybody".into()),
        });
    }
    let given = days("the time to take it", command.days)?;
    let change = ctx.change(actor, Right::KeepWorkforce, "training.assign").await?;
    let there = rows::of_subject(&change, DutyKind::Course, &course.code).await?;
    let same = there.iter().find(|duty| duty.closed.is_none() && duty.sha256 == course.sha256);
    let duty = match same {
        Some(duty) => {
            rows::set_roles(&change, duty.id, &roles).await?;
            Duty { roles, ..duty.clone() }
        }
        None => {
            for old in there.iter().filter(|duty| duty.closed.is_none()) {
                rows::close(&change, old.id, ClosedFor::Replaced).await?;
            }
            let duty = of_course(course, roles, given, &change);
            rows::add(&change, &duty).await?;
            duty
        }
    };
    night_rows::close_of_movers(&change, night_rows::Whose::All).await?;
    let assigned = super::follow_duty(&change, &duty).await?;
    change.commit(&duty.title, &format!("asked of {}; {assigned} assigned", duty.roles.join(", "))).await?;
    Ok(duty.id)
}

fn of_course(course: &Course, roles: Vec<String>, given: u32, change: &bedrail_store::Change) -> Duty {
    Duty {
        id: DutyId::generate(),
        kind: DutyKind::Course,
        subject: course.code.clone(),
        version: course.version,
        sha256: course.sha256.clone(),
        title: course.title.clone(),
        body: String::new(),
        roles,
        days: given,
        due: None,
        valid_days: Some(course.valid_days),
        opened: change.at(),
        opened_by: change.actor().to_owned(),
        closed: None,
    }
}

/// Looks a list of completions through, or takes it over: person, course, day, score. Every line is answered for.
///
/// # Errors
/// [`Error::Invalid`] where nothing of the file can be read, or it names no course or day.
pub async fn import(ctx: &Context, actor: &Actor, command: ImportRoster) -> Result<Report, Error> {
    actor.need(Right::KeepWorkforce)?;
    let (list, digest) = read(&command.document).await?;
    if !has_day(&list) {
        return Err(Error::Invalid {
            message: "no column says on which day a course was completed".into(),
            hint: Some("columns are person (mail, staff number or name), course, completed, score".into()),
        });
    }
    let change = ctx.change(actor, Right::KeepWorkforce, "training.import").await?;
    let today = today_of(&change);
    let known = Known::of(roster::all(&change).await?.into_iter().map(|row| row.worker).collect());
    let duties: Vec<Duty> = rows::all(&change)
        .await?
        .into_iter()
        .filter(|it| it.kind == DutyKind::Course && it.closed.is_none())
        .collect();
    let mut report = Report::default();
    report.columns(&list);
    let mut touched = std::collections::BTreeSet::new();
    for (number, line) in &list.lines {
        let name = line.as_ref().map_or_else(|_| String::new(), |entry| entry.name.clone());
        let outcome = match line {
            Err(why) => Outcome::Refused(why.clone()),
            Ok(entry) => completed(&change, &known, &duties, entry, today, &mut touched).await?,
        };
        report.note(*number, name, outcome);
    }
    if command.dry_run || report.added + report.changed == 0 {
        // What was written is dropped with the change.
        return Ok(report);
    }
    for id in touched {
        night_rows::tally(&change, night_rows::Counted::Duty(id), today).await?;
    }
    let detail = format!(
        "{} completions, {} known before, {} refused",
        report.added + report.changed,
        report.unchanged,
        report.refused
    );
    report.followed = Some(super::Followed::default());
    let name = super::line("the file's name", &command.file_name).unwrap_or_default();
    change.commit_with(&name, &detail, None, Some(format!("sha256 {digest}"))).await?;
    Ok(report)
}

/// What becomes of a completion.
async fn completed(
    change: &bedrail_store::Change,
    known: &Known,
    duties: &[Duty],
    entry: &Entry,
    today: Date,
    touched: &mut std::collections::BTreeSet<DutyId>,
) -> Result<Outcome, Error> {
    let refused = |why: &str| Ok(Outcome::Refused(why.to_owned()));
    let worker = match known.find(entry) {
        Ok(Some(worker)) => worker,
        Ok(None) => return refused("nobody of the roster is meant"),
        Err(why) => return Ok(Outcome::Refused(why)),
    };
    let wanted = entry.course.clone().unwrap_or_default().to_lowercase();
    let duty = duties.iter().find(|duty| duty.subject == wanted || duty.title.to_lowercase() == wanted);
    let Some(duty) = duty else { return refused("no course that is asked for is called so") };
    let Some(day) = entry.done else { return refused("the day is missing") };
    if day > today || day < worker.starts {
        return refused("the day lies ahead, or before the person's first day");
    }
    let last = rows::last(change, duty.id, worker.id).await?;
    let at = day.to_zoned(TimeZone::UTC).map_err(|error| Error::Internal(Box::new(error)))?.timestamp();
    let expires = dates::expiry(day, duty.valid_days);
    if expires.is_some_and(|expires| expires <= today) {
        return refused("it does not hold any more");
    }
    let base = |round: u64| Assignment {
        duty: duty.id,
        worker: worker.id,
        round,
        assigned: day,
        due: day,
        stage: Stage::Done,
        note: String::new(),
        ended: Some(at),
        ended_by: Some(change.actor().to_owned()),
        how: Some(How::Import),
        closed_for: None,
        expires,
        sha256: None,
        score: entry.score.map(|score| (score, 100)),
        certificate: None,
        document: None,
    };
    touched.insert(duty.id);
    match last {
        Some(it) if it.stage == Stage::Done && it.ended.is_some_and(|ended| ended >= at) => {
            Ok(Outcome::Unchanged)
        }
        Some(it) if it.stage == Stage::Open => {
            rows::done(change, &base(it.round)).await?;
            Ok(Outcome::Changed(vec!["done"]))
        }
        last => {
            rows::add_done(change, &base(last.map_or(0, |it| it.round) + 1)).await?;
            Ok(Outcome::Added)
        }
    }
}

/// The certificate of a number, for who checks one.
///
/// # Errors
/// [`Error::NotFound`] for a number that no certificate has, [`Error::Denied`] without the right.
pub async fn check(ctx: &Context, actor: &Actor, typed: &str) -> Result<Certificate, Error> {
    let view = ctx.view(actor, Right::SeeWorkforce).await?;
    Ok(certificate_in(&view, typed).await?.0)
}
