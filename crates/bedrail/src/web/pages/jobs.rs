//! Background jobs: what is being done, what waits, what failed?

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Redirect;
use bedrail_app::jobs::{self, Detail, Job, Regularly};
use bedrail_app::rights::Right;
use bedrail_model::ids::JobId;
use bedrail_model::job::JobState;
use jiff::Timestamp;

use super::{Page, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::{Choice, Pager};
use crate::web::query::JobsQuery;
use crate::web::state::State;
use crate::web::texts::TextOf;
use crate::web::texts::keys::JobsPage as JobsPageTexts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "jobs.html")]
struct JobsPage {
    frame: Frame,
    headline: String,
    rows: Vec<RowView>,
    pager: Pager,
    /// Kinds that the visitor may start: code and words.
    starts: Vec<(&'static str, String)>,
    regular: Vec<RegularView>,
}

/// Work that is done by the clock.
struct RegularView {
    kind: &'static str,
    title: String,
    steps: Vec<&'static str>,
    pace: String,
    last: String,
    next: String,
    /// The paces that the visitor may choose from.
    choices: Vec<Choice>,
}

/// Paces that are offered, in minutes.
const PACES: &[(u32, TextOf<JobsPageTexts>)] = &[
    (15, |t| t.every_quarter),
    (60, |t| t.every_hour),
    (3 * 60, |t| t.every_3_hours),
    (6 * 60, |t| t.every_6_hours),
    (12 * 60, |t| t.every_12_hours),
    (24 * 60, |t| t.every_day),
    (7 * 24 * 60, |t| t.every_week),
];

fn pace_words(minutes: u32) -> String {
    let t = &texts().jobs;
    match PACES.iter().find(|(each, _)| *each == minutes) {
        Some((_, words)) => words(t).to_owned(),
        None => (t.every)(minutes.into()),
    }
}

fn regular_view(row: &Regularly, frame: &Frame, now: Timestamp) -> RegularView {
    let may_choose = frame.visitor.may(Right::ManageJobs) && frame.visitor.may(row.right);
    let offered = row.choice.filter(|_| may_choose).map_or(&[][..], |_| PACES);
    let mut choices: Vec<Choice> = offered
        .iter()
        .map(|(minutes, words)| Choice {
            value: minutes.to_string(),
            text: words(&texts().jobs).to_owned(),
            chosen: *minutes == row.minutes,
        })
        .collect();
    if !choices.is_empty() && choices.iter().all(|choice| !choice.chosen) {
        let (value, text) = (row.minutes.to_string(), pace_words(row.minutes));
        choices.push(Choice { value, text, chosen: true });
    }
    let t = &texts().jobs;
    RegularView {
        kind: row.kind,
        title: title(row.words),
        steps: row.steps.to_vec(),
        pace: pace_words(row.minutes),
        last: row.last.map_or_else(|| t.never_yet.to_owned(), |at| words::ago(at, now)),
        next: row.next.map_or_else(
            || t.when_a_worker.to_owned(),
            |at| if at <= now { t.now.to_owned() } else { words::minute(at) },
        ),
        choices,
    }
}

/// Words with a capital, as a title.
fn title(words: &str) -> String {
    crate::web::error::sentence(words).trim_end_matches('.').to_owned()
}

/// `POST /jobs/pace`: how often regular work is done.
pub(crate) async fn pace(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let kind = submission.field("kind").unwrap_or_default();
    let minutes = submission.field("minutes").map(str::parse).transpose();
    let minutes = minutes.map_err(|_| bedrail_app::Error::invalid("the minutes are not a number"))?;
    jobs::set_pace(&state.ctx, &submission.visitor.actor(), kind, minutes).await?;
    Ok(Redirect::to("/jobs#clock"))
}

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    frame: Frame,
    row: RowView,
    facts: Vec<(&'static str, String)>,
    lines: Vec<(String, String)>,
    result: Option<ResultLink>,
    /// Whether the visitor may see the list of all jobs.
    to_list: bool,
}

struct RowView {
    id: String,
    title: String,
    tone: Tone,
    state: &'static str,
    when: String,
    words: String,
    by: String,
    /// Steps done and in all, for a bar; `None` where it is not known.
    bar: Option<(u64, u64)>,
    may_cancel: bool,
    may_retry: bool,
}

/// `GET /jobs`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<JobsQuery>,
) -> Page {
    let actor = frame.visitor.actor();
    let request = query.paging.request();
    let page = jobs::list(&state.ctx, &actor, query.state()?, &request).await?;
    let counts = jobs::counts(&state.ctx, &actor).await?;
    let pager = Pager::of(&query.link(), &page, &request, texts().counts.jobs);
    let regular = jobs::regularly(&state.ctx, &actor).await?;
    show(&list_view(frame, (&counts, &regular), page.rows, pager, state.now()))
}

fn list_view(
    frame: Frame,
    (counts, regular): (&[(JobState, u64)], &[Regularly]),
    rows: Vec<Job>,
    pager: Pager,
    now: Timestamp,
) -> JobsPage {
    let manages = frame.visitor.may(Right::ManageJobs);
    let may_start = |kind: &&jobs::Kind| manages && kind.by_hand && frame.visitor.may(kind.right);
    JobsPage {
        headline: headline(counts),
        starts: jobs::KINDS.iter().filter(may_start).map(|kind| (kind.code, title(kind.words))).collect(),
        regular: regular.iter().map(|row| regular_view(row, &frame, now)).collect(),
        rows: rows.into_iter().map(|job| row(job, &frame, now)).collect(),
        pager,
        frame,
    }
}

/// `GET /jobs/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<JobIdText>) -> Page {
    let detail = jobs::get(&state.ctx, &frame.visitor.actor(), id.0).await?;
    show(&one_view(frame, detail, state.now()))
}

fn one_view(frame: Frame, detail: Detail, now: Timestamp) -> JobPage {
    let Detail { job, lines, result } = detail;
    let t = &texts().jobs;
    let mut facts = vec![
        (t.is_for, if job.common { t.installation } else { t.organisation }.to_owned()),
        (t.asked_by, format!("{}, {}", job.created_by, words::minute(job.created))),
        (t.attempts, (t.attempts_of)(job.attempts.0, job.attempts.1)),
    ];
    facts.extend(job.started.map(|at| (t.begun, words::minute(at))));
    facts.extend(job.ended.map(|at| (t.over, words::minute(at))));
    facts.extend(job.worker.clone().map(|worker| (t.worker, worker)));
    let lines = lines.into_iter().map(|line| (words::time(line.at), line.text)).collect();
    let row = row(job, &frame, now);
    let result = result.map(|result| ResultLink {
        link: format!("/jobs/{}/result", row.id),
        text: if result.is_file { (t.save_file)(&result.name) } else { t.open_report.to_owned() },
        note: (t.result_until)(&words::bytes(result.bytes), &words::minute(result.expires)),
        is_file: result.is_file,
    });
    let manages = frame.visitor.may(Right::SeeJobs);
    JobPage { facts, lines, result, to_list: manages, row, frame }
}

/// The way to what came out of a job.
struct ResultLink {
    link: String,
    text: String,
    note: String,
    is_file: bool,
}

fn headline(counts: &[(JobState, u64)]) -> String {
    let of = |state| counts.iter().find(|(each, _)| *each == state).map_or(0, |(_, jobs)| *jobs);
    let (running, waiting, failed) = (of(JobState::Running), of(JobState::Waiting), of(JobState::Failed));
    (texts().jobs.headline)(running, waiting, failed)
}

fn row(job: Job, frame: &Frame, now: Timestamp) -> RowView {
    let own = job.account == Some(frame.visitor.account.id);
    let manages = (own || frame.visitor.may(Right::ManageJobs))
        && jobs::Kind::of(&job.kind).is_none_or(|kind| frame.visitor.may(kind.right));
    let again = job.state == JobState::Waiting && job.run_at > now;
    let t = &texts().jobs;
    let (tone, state) = match job.state {
        JobState::Running if job.cancel_asked => (Tone::Known, t.stopping),
        JobState::Running => (Tone::Known, t.running),
        JobState::Waiting if job.attempts.0 > 0 => (Tone::Plan, t.later),
        JobState::Waiting => (Tone::Plain, t.waiting),
        JobState::Done => (Tone::Plain, t.done),
        JobState::Failed => (Tone::Act, t.failed),
        JobState::Cancelled => (Tone::Plain, t.stopped),
    };
    let when = match (job.state, job.ended, job.started) {
        (JobState::Waiting, ..) if again => (t.from)(&words::time(job.run_at)),
        (JobState::Running, _, Some(started)) => (t.since)(&words::time(started)),
        (_, Some(ended), _) => words::time_ago(ended, now),
        _ => words::time_ago(job.created, now),
    };
    RowView {
        id: job.id.to_string(),
        title: title(job.title),
        tone,
        state,
        when,
        bar: (job.state == JobState::Running && job.progress.1 > 0).then_some(job.progress),
        words: match (job.state, job.progress) {
            (JobState::Running, (done, 0)) if done > 0 => format!("{}: {}", job.words, words::number(done)),
            _ => job.words,
        },
        by: job.created_by,
        may_cancel: manages && !job.foreign && !job.state.is_over() && !job.cancel_asked,
        may_retry: manages
            && !job.foreign
            && (again || matches!(job.state, JobState::Failed | JobState::Cancelled)),
    }
}

/// `POST /jobs`: starts one by hand.
pub(crate) async fn start(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let kind = submission.field("kind").unwrap_or_default();
    let started = jobs::start(&state.ctx, &submission.visitor.actor(), kind).await?;
    // Where the same work is under way already, the list shows it.
    Ok(Redirect::to(&started.map_or_else(|| "/jobs".to_owned(), |id| format!("/jobs/{id}"))))
}

/// `POST /jobs/{id}/cancel`
pub(crate) async fn cancel(
    Extract(state): Extract<State>,
    Path(id): Path<JobIdText>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    jobs::cancel(&state.ctx, &submission.visitor.actor(), id.0).await?;
    Ok(Redirect::to(&format!("/jobs/{}", id.0)))
}

/// `POST /jobs/{id}/retry`
pub(crate) async fn retry(
    Extract(state): Extract<State>,
    Path(id): Path<JobIdText>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    jobs::retry(&state.ctx, &submission.visitor.actor(), id.0).await?;
    Ok(Redirect::to(&format!("/jobs/{}", id.0)))
}

/// A job's id in an address; what is none names nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JobIdText(pub(crate) JobId);

impl<'de> serde::Deserialize<'de> for JobIdText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<JobIdText, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(JobIdText(text.parse().unwrap_or(JobId::from_uuid(uuid::Uuid::nil()))))
    }
}

/// Jobs in every state, with a hostile name.
#[cfg(test)]
fn sample_jobs() -> Vec<Job> {
    use crate::web::sample;
    let job = |state, words: &str, progress| Job {
        id: JobId::generate(),
        kind: "feed.update".into(),
        title: "fetch vulnerability data",
        common: true,
        foreign: false,
        state,
        run_at: sample::now(),
        attempts: (1, 5),
        worker: Some("ward-server 4711".into()),
        cancel_asked: false,
        progress,
        words: words.into(),
        created: sample::now(),
        created_by: sample::HOSTILE.into(),
        started: Some(sample::now()),
        ended: None,
        account: None,
    };
    vec![
        job(JobState::Running, "fetching osv/Maven, bytes", (31_000_000, 87_000_000)),
        job(JobState::Waiting, "no vulnerability data could be fetched", (0, 0)),
        job(JobState::Done, "251,377 advisories held", (0, 0)),
        job(JobState::Failed, sample::HOSTILE, (0, 0)),
        job(JobState::Cancelled, "stopped when asked to", (0, 0)),
    ]
}

/// The list with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::link::Link;
    use crate::web::sample;
    let rows = sample_jobs();
    let request = bedrail_app::page::PageRequest::default();
    let pager =
        Pager::new(&Link::to("/jobs"), rows.len(), 5, (request.offset, request.limit), texts().counts.jobs);
    let counts = [(JobState::Running, 1), (JobState::Waiting, 1), (JobState::Failed, 1)];
    let regular = Regularly {
        kind: "feed.update",
        words: "fetch vulnerability data",
        steps: &["Asks each source whether it has anything newer."],
        minutes: 90,
        chosen: true,
        choice: Some((15, 10_080)),
        right: Right::UpdateData,
        last: Some(sample::now()),
        next: None,
    };
    show(&list_view(sample::frame("/jobs"), (&counts, &[regular]), rows, pager, sample::now()))
}

/// One job with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    let lines =
        vec![jobs::Line { at: sample::now(), text: format!("osv/Maven: not taken: {}", sample::HOSTILE) }];
    let result = bedrail_app::results::Produced {
        name: "devices.csv".into(),
        is_file: true,
        bytes: 12_345_678,
        expires: sample::now(),
    };
    let detail = Detail { job: sample_jobs().swap_remove(0), lines, result: Some(result) };
    show(&one_view(sample::frame("/jobs"), detail, sample::now()))
}
