//! Background jobs: what is being done, what waits, what failed?

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Redirect;
use bedrail_app::jobs::{self, Job, Line};
use bedrail_app::rights::Right;
use bedrail_model::ids::JobId;
use bedrail_model::job::JobState;
use jiff::Timestamp;

use super::{Page, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Pager;
use crate::web::query::JobsQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
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
}

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    frame: Frame,
    row: RowView,
    facts: Vec<(&'static str, String)>,
    lines: Vec<(String, String)>,
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
    let pager = Pager::of(&query.link(), &page, &request, "job");
    show(&list_view(frame, &counts, page.rows, pager, state.now()))
}

fn list_view(
    frame: Frame,
    counts: &[(JobState, u64)],
    rows: Vec<Job>,
    pager: Pager,
    now: Timestamp,
) -> JobsPage {
    let manages = frame.visitor.may(Right::ManageJobs);
    let may_start = |kind: &&jobs::Kind| manages && kind.by_hand && frame.visitor.may(kind.right);
    JobsPage {
        headline: headline(counts),
        starts: jobs::KINDS
            .iter()
            .filter(may_start)
            .map(|kind| (kind.code, crate::web::error::sentence(kind.words).trim_end_matches('.').to_owned()))
            .collect(),
        rows: rows.into_iter().map(|job| row(job, &frame, now)).collect(),
        pager,
        frame,
    }
}

/// `GET /jobs/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<JobIdText>) -> Page {
    let (job, lines) = jobs::get(&state.ctx, &frame.visitor.actor(), id.0).await?;
    show(&one_view(frame, job, lines, state.now()))
}

fn one_view(frame: Frame, job: Job, lines: Vec<Line>, now: Timestamp) -> JobPage {
    let mut facts = vec![
        ("For", if job.common { "the whole installation" } else { "this organisation" }.to_owned()),
        ("Asked for by", format!("{}, {}", job.created_by, words::minute(job.created))),
        ("Attempts", format!("{} of {} at most", job.attempts.0, job.attempts.1)),
    ];
    facts.extend(job.started.map(|at| ("Last begun", words::minute(at))));
    facts.extend(job.ended.map(|at| ("Over", words::minute(at))));
    facts.extend(job.worker.clone().map(|worker| ("Worker", worker)));
    let lines = lines.into_iter().map(|line| (words::minute(line.at), line.text)).collect();
    JobPage { facts, lines, row: row(job, &frame, now), frame }
}

fn headline(counts: &[(JobState, u64)]) -> String {
    let of = |state| counts.iter().find(|(each, _)| *each == state).map_or(0, |(_, jobs)| *jobs);
    let (running, waiting, failed) = (of(JobState::Running), of(JobState::Waiting), of(JobState::Failed));
    let now = match running {
        0 => "Nothing is being done right now".to_owned(),
        running => {
            format!("{} {} being done", words::count(running, "job"), words::verb(running, "is", "are"))
        }
    };
    let waits = format!("{} {}", words::number(waiting), words::verb(waiting, "waits", "wait"));
    match failed {
        0 => format!("{now}; {waits}, none has failed."),
        failed => format!("{now}; {waits}, {} failed.", words::number(failed)),
    }
}

fn row(job: Job, frame: &Frame, now: Timestamp) -> RowView {
    let manages = frame.visitor.may(Right::ManageJobs)
        && jobs::Kind::of(&job.kind).is_none_or(|kind| frame.visitor.may(kind.right));
    let again = job.state == JobState::Waiting && job.run_at > now;
    let (tone, state) = match job.state {
        JobState::Running if job.cancel_asked => (Tone::Known, "stopping"),
        JobState::Running => (Tone::Known, "running"),
        JobState::Waiting if job.attempts.0 > 0 => (Tone::Plan, "tried again later"),
        JobState::Waiting => (Tone::Plain, "waiting"),
        JobState::Done => (Tone::Plain, "done"),
        JobState::Failed => (Tone::Act, "failed"),
        JobState::Cancelled => (Tone::Plain, "stopped"),
    };
    let when = match (job.state, job.ended, job.started) {
        (JobState::Waiting, ..) if again => format!("from {}", words::minute(job.run_at)),
        (JobState::Running, _, Some(started)) => format!("since {}", words::minute(started)),
        (_, Some(ended), _) => words::ago(ended, now),
        _ => words::ago(job.created, now),
    };
    RowView {
        id: job.id.to_string(),
        title: crate::web::error::sentence(job.title).trim_end_matches('.').to_owned(),
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
    let pager = Pager::new(&Link::to("/jobs"), rows.len(), 5, (request.offset, request.limit), "job");
    let counts = [(JobState::Running, 1), (JobState::Waiting, 1), (JobState::Failed, 1)];
    show(&list_view(sample::frame("/jobs"), &counts, rows, pager, sample::now()))
}

/// One job with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    let lines = vec![Line { at: sample::now(), text: format!("osv/Maven: not taken: {}", sample::HOSTILE) }];
    show(&one_view(sample::frame("/jobs"), sample_jobs().swap_remove(0), lines, sample::now()))
}
