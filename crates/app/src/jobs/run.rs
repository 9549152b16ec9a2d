//! One job being done: what its handler has at hand.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_model::ids::OrgId;
use bedrail_store::jobs::{self as rows, JobRow, Lease, Progress};
use bedrail_store::{Change, Store};

use crate::organisations::Round;
use crate::{Context, Error};

/// One job being done.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) ctx: Context,
    pub(crate) job: Arc<JobRow>,
    /// Whether webhooks may go to private addresses.
    pub(crate) allow_private: bool,
    lease: Lease,
    progress: Arc<Mutex<Progress>>,
    held: Arc<AtomicBool>,
}

/// How a handler comes to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// What came out, in words.
    With(String),
    /// The job was ended by the transaction that did it ([`Run::end_with`]).
    Already,
}

/// Why a handler did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Trying again may help.
    Again(String),
    /// Trying again cannot help.
    Never(String),
    /// Another worker has the job; nothing is to be written.
    Lost,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        let words = match (&error, error.hint()) {
            (_, Some(hint)) => format!("{error}; {hint}"),
            (_, None) => error.to_string(),
        };
        match error {
            Error::Unavailable { .. } => Stop::Again(words),
            Error::Internal(source) => {
                let cause: &(dyn std::error::Error + 'static) = source.as_ref();
                tracing::error!(cause, "a background job failed");
                Stop::Again(words)
            }
            Error::NotFound { .. }
            | Error::Invalid { .. }
            | Error::Conflict { .. }
            | Error::Stale(_)
            | Error::Denied { .. } => Stop::Never(words),
        }
    }
}

impl From<bedrail_store::Error> for Stop {
    fn from(error: bedrail_store::Error) -> Stop {
        Error::from(error).into()
    }
}

impl Run {
    pub(super) fn new(ctx: Context, job: JobRow, lease: Lease, allow_private: bool) -> Run {
        Run { ctx, job: Arc::new(job), allow_private, lease, progress: Arc::default(), held: Arc::default() }
    }

    /// The organisation that the job is for.
    pub(crate) fn org(&self) -> Result<OrgId, Stop> {
        self.job.org.ok_or_else(|| Stop::Never("it belongs to no organisation".into()))
    }

    /// Says that all that is left is one transaction, which ends the job: it is not to be cut off where the lease cannot be
    /// renewed. An embedded database takes no other write while it runs, so that nobody else can claim the job, and
    /// whoever lost the lease all the same is refused at the end.
    pub(crate) fn hold(&self) {
        self.held.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_held(&self) -> bool {
        self.held.load(Ordering::Relaxed)
    }

    /// What was asked for.
    pub(crate) fn payload<T: serde::de::DeserializeOwned>(&self) -> Result<T, Stop> {
        serde_json::from_str(&self.job.payload)
            .map_err(|error| Stop::Never(format!("what was asked for cannot be read: {error}")))
    }

    /// Says how far the job is; people see it within a second or two. Cheap, from any thread.
    pub(crate) fn tell(&self, done: u64, total: u64, words: impl Into<String>) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) =
            Progress { done, total, words: words.into() };
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says how far a way through all organisations is.
    pub(crate) fn tell_of(&self, round: &Round) {
        let (done, total) = round.place();
        self.tell(done, total, round.words());
    }

    /// Adds a line to the job's log. No secrets.
    pub(crate) async fn log(&self, text: impl AsRef<str> + Send) -> Result<(), Stop> {
        let store: &Store = &self.ctx.inner.store;
        Ok(rows::add_line(store, self.job.id, self.ctx.clock.now(), text.as_ref()).await?)
    }

    /// Ends the job by the transaction that does it, so that it is done once, whenever the process dies.
    pub(crate) async fn end_with(
        &self,
        change: Change,
        subject: &str,
        detail: &str,
        words: &str,
    ) -> Result<Ended, Stop> {
        if !rows::end_with(&change, self.lease, words).await? {
            return Err(Stop::Lost);
        }
        change.commit(subject, detail).await?;
        Ok(Ended::Already)
    }
}
