//! Background jobs.

use bedrail_app::jobs::{Detail, Job, Line, Regularly};
use bedrail_app::results::Produced;
use serde::Serialize;
use utoipa::ToSchema;

/// A background job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobView {
    /// Id.
    id: String,
    /// The stable code of its kind: `feed.update`, `rematch`, …
    kind: String,
    /// What it does, in words.
    title: &'static str,
    /// Whether it is for the whole installation rather than for the organisation.
    common: bool,
    /// Whether it is for the whole installation and your organisation does not run that: you see how it stands, and cannot
    /// stop it.
    foreign: bool,
    /// `waiting`, `running`, `done`, `failed`, `cancelled`.
    state: &'static str,
    /// Not before, RFC 3339.
    run_at: String,
    /// How often it was begun.
    attempt: u32,
    /// How often it may be begun.
    attempts_at_most: u32,
    /// The worker that has it, or had it last.
    worker: Option<String>,
    /// Whether somebody asked for it to be stopped.
    cancel_asked: bool,
    /// Steps done.
    done: u64,
    /// Steps in all; 0 where that is not known.
    total: u64,
    /// What it is at, or what came out, or why it failed.
    words: String,
    /// When it was asked for, RFC 3339.
    created: String,
    /// By whom.
    created_by: String,
    /// When it was last begun, RFC 3339.
    started: Option<String>,
    /// When it was over, RFC 3339.
    ended: Option<String>,
}

impl From<&Job> for JobView {
    fn from(job: &Job) -> JobView {
        JobView {
            id: job.id.to_string(),
            kind: job.kind.clone(),
            title: job.title,
            common: job.common,
            foreign: job.foreign,
            state: job.state.code(),
            run_at: job.run_at.to_string(),
            attempt: job.attempts.0,
            attempts_at_most: job.attempts.1,
            worker: job.worker.clone(),
            cancel_asked: job.cancel_asked,
            done: job.progress.0,
            total: job.progress.1,
            words: job.words.clone(),
            created: job.created.to_string(),
            created_by: job.created_by.clone(),
            started: job.started.map(|at| at.to_string()),
            ended: job.ended.map(|at| at.to_string()),
        }
    }
}

/// A background job with its log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobDetailView {
    /// The job.
    job: JobView,
    /// Its log, the oldest line first.
    log: Vec<LineView>,
    /// What came out, for `GET /jobs/{id}/result`; none where nothing did, or it is no longer given out.
    result: Option<ResultView>,
}

/// What came out of a job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResultView {
    /// The name of the file, or of what is reported on.
    name: String,
    /// Whether it is a file to be saved; else a report as JSON.
    is_file: bool,
    /// Its length as it is kept.
    bytes: u64,
    /// Until when it is given out, RFC 3339.
    expires: String,
}

impl From<&Produced> for ResultView {
    fn from(result: &Produced) -> ResultView {
        ResultView {
            name: result.name.clone(),
            is_file: result.is_file,
            bytes: result.bytes,
            expires: result.expires.to_string(),
        }
    }
}

/// A line of a job's log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineView {
    /// When, RFC 3339.
    at: String,
    /// What.
    text: String,
}

impl JobDetailView {
    /// The view of a job with its log and what came out.
    pub(crate) fn of(detail: &Detail) -> JobDetailView {
        let line = |line: &Line| LineView { at: line.at.to_string(), text: line.text.clone() };
        JobDetailView {
            job: JobView::from(&detail.job),
            log: detail.lines.iter().map(line).collect(),
            result: detail.result.as_ref().map(ResultView::from),
        }
    }
}

/// A job that was started, or not because the same work is under way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StartedView {
    /// The job; none where the same work is waiting or running already.
    pub(crate) id: Option<String>,
}

/// Work that is done by the clock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegularView {
    /// The stable code of its kind.
    kind: &'static str,
    /// What it does, in short.
    title: &'static str,
    /// What it does, each in a sentence.
    steps: &'static [&'static str],
    /// Minutes between the end of one and the next.
    minutes: u32,
    /// Whether somebody chose these minutes.
    chosen: bool,
    /// Whether people may choose.
    settable: bool,
    /// When it was last over, RFC 3339.
    last: Option<String>,
    /// When it is done next, RFC 3339; none where no worker does it.
    next: Option<String>,
}

impl From<&Regularly> for RegularView {
    fn from(row: &Regularly) -> RegularView {
        RegularView {
            kind: row.kind,
            title: row.words,
            steps: row.steps,
            minutes: row.minutes,
            chosen: row.chosen,
            settable: row.choice.is_some(),
            last: row.last.map(|at| at.to_string()),
            next: row.next.map(|at| at.to_string()),
        }
    }
}
