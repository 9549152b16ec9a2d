//! What every handler has at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_app::single_sign_on::House;
use bedrail_app::{Context, Document};
use bedrail_model::ids::{AccountId, OrgId};
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::Options;
use super::error::Failure;
use super::limits::Limits;
use super::meter::Meter;

/// Uploads that are read at once. They wait in files; a child process reads each, and several would fill the machine.
pub(crate) const UPLOADS_AT_ONCE: usize = 4;
/// The largest upload, in bytes: several times the largest bill of materials seen in the wild.
pub(crate) const UPLOAD_LIMIT: usize = 64 << 20;
/// The largest body of any other request, in bytes.
pub(crate) const BODY_LIMIT: usize = 64 << 10;
/// Streams of events at once; each looks at the database once a second.
const STREAMS_AT_ONCE: usize = 200;
/// Device lists that wait for a person's "take over", over all accounts.
const WAITING_LISTS: usize = 8;

/// What every handler has at hand. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// The use cases' context.
    pub(crate) ctx: Context,
    /// How the web is served.
    pub(crate) options: Arc<Options>,
    /// How many requests each caller has left.
    pub(crate) limits: Arc<Limits>,
    /// What the server counts of itself.
    pub(crate) meter: Arc<Meter>,
    /// Permits for uploads.
    uploads: Arc<Semaphore>,
    /// Permits for streams of events.
    streams: Arc<Semaphore>,
    /// Device lists that were shown as a preview and wait to be taken over.
    pub(crate) waiting: Arc<WaitingLists>,
    /// Turns true when the server is told to stop: what is open for long ends then.
    pub(crate) stop: watch::Receiver<bool>,
}

impl State {
    /// The state of a server.
    pub(crate) fn new(
        ctx: Context,
        options: Options,
        meter: Arc<Meter>,
        stop: watch::Receiver<bool>,
    ) -> State {
        State {
            ctx,
            options: Arc::new(options),
            uploads: Arc::new(Semaphore::new(UPLOADS_AT_ONCE)),
            streams: Arc::new(Semaphore::new(STREAMS_AT_ONCE)),
            waiting: Arc::default(),
            stop,
            limits: Arc::default(),
            meter,
        }
    }

    /// What who runs the server says of single sign-on.
    pub(crate) fn house(&self) -> House {
        let Options { public_url, providers, .. } = &*self.options;
        House { public_url: public_url.clone(), providers: providers.clone() }
    }

    /// The present moment by the context's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.ctx.clock.now()
    }

    /// Waits for nothing: a page without its stream works as well, and is only not live.
    pub(crate) fn begin_stream(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.streams.clone().try_acquire_owned().map_err(|_| {
            Failure::unavailable(
                "Too many pages are live already.",
                Some("Reload the page to see what moved."),
            )
        })
    }

    /// Uploads that could begin now.
    pub(crate) fn uploads_left(&self) -> usize {
        self.uploads.available_permits()
    }

    /// Waits for nothing: an upload beyond the limit is turned away so that what child processes take stays bounded.
    pub(crate) fn begin_upload(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Failure> {
        self.uploads.try_acquire().map_err(|_| {
            Failure::unavailable("Too many uploads are under way.", Some("Try again in a minute."))
        })
    }
}

/// A device list as uploaded, between its preview and the decision to take it over.
#[derive(Debug, Clone)]
pub(crate) struct WaitingList {
    /// The file's name.
    pub(crate) file_name: String,
    /// The file.
    pub(crate) document: Document,
}

/// Whose list waits. The organisation belongs to it: somebody signed in to two at once takes over nothing of one in the
/// other.
pub(crate) type Whose = (AccountId, OrgId);

/// Device lists that wait, one per account and organisation, a few in all; the oldest gives way. Kept as long as the server
/// runs: after a restart the file is chosen again.
#[derive(Debug, Default)]
pub(crate) struct WaitingLists(Mutex<HashMap<Whose, (Timestamp, WaitingList)>>);

impl WaitingLists {
    /// Keeps a list.
    pub(crate) fn keep(&self, whose: Whose, list: WaitingList, now: Timestamp) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.insert(whose, (now, list));
        if lists.len() > WAITING_LISTS
            && let Some(oldest) = lists.iter().min_by_key(|(_, (kept, _))| *kept).map(|(whose, _)| *whose)
        {
            lists.remove(&oldest);
        }
    }

    /// The list, which stays.
    pub(crate) fn get(&self, whose: Whose) -> Option<WaitingList> {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.get(&whose).map(|(_, list)| list.clone())
    }

    /// Forgets the list.
    pub(crate) fn forget(&self, whose: Whose) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&whose);
    }
}
