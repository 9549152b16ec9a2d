//! What takes long to work out for an organisation: kept until something is written, and where it is large, made anew beside those
//! who ask, who see the last one until then, and of when it is.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_model::ids::OrgId;
use bedrail_store::{View, organisations};
use jiff::{SignedDuration, Timestamp};

use crate::fleet::Fleet;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// How old it may be that something was written since.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);

/// Something that is worked out from all that an organisation has.
pub(crate) trait Worked: Sized + Send + Sync + 'static {
    /// What it is, for the log.
    const WHAT: &'static str;

    /// Where it is kept.
    fn kept(ctx: &Context) -> &Kept<Self>;

    /// Whether it is made within milliseconds, so that it is made anew with every change.
    fn is_small(&self) -> bool;

    /// Whether what was made at a moment is still so now, if nothing was written since.
    fn holds(_at: Timestamp, _now: Timestamp) -> bool {
        true
    }

    /// Works it out.
    fn make(
        ctx: &Context,
        fleet: Arc<Fleet>,
        view: &View,
    ) -> impl Future<Output = Result<Self, Error>> + Send;
}

/// Something that was worked out, and of when it is.
#[derive(Debug)]
pub(crate) struct Made<T> {
    pub(crate) value: T,
    pub(crate) at: Timestamp,
    state: (i64, i64),
}

/// That of all organisations that were asked about, and the lock of whoever makes one anew beside those who ask.
#[derive(Debug)]
pub(crate) struct Kept<T>(Mutex<HashMap<OrgId, Arc<Made<T>>>>, tokio::sync::Mutex<()>);

impl<T> Default for Kept<T> {
    fn default() -> Kept<T> {
        Kept(Mutex::default(), tokio::sync::Mutex::default())
    }
}

impl<T> Kept<T> {
    fn of(&self, org: OrgId) -> Option<Arc<Made<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&org).cloned()
    }

    fn keep(&self, org: OrgId, made: &Arc<Made<T>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(org, made.clone());
    }
}

/// It as it is now; where it is large, perhaps as it was a minute ago.
pub(crate) async fn get<T: Worked>(
    ctx: &Context,
    fleet: &Arc<Fleet>,
    view: &View,
) -> Result<Arc<Made<T>>, Error> {
    let state = organisations::written(view).await?;
    let (kept, org) = (T::kept(ctx), view.org());
    let known = kept.of(org);
    // The first time is long: whoever asks meanwhile waits for it and does not do it again beside.
    let _first = if known.is_none() { Some(kept.1.lock().await) } else { None };
    if let Some(known) = known.or_else(|| kept.of(org)) {
        if known.state == state && T::holds(known.at, ctx.clock.now()) {
            return Ok(known);
        }
        if !known.value.is_small() {
            if ctx.clock.now().duration_since(known.at) >= MAX_AGE {
                renew::<T>(ctx, org);
            }
            return Ok(known);
        }
    }
    let value = T::make(ctx, fleet.clone(), view).await?;
    let fresh = Arc::new(Made { value, at: ctx.clock.now(), state });
    kept.keep(org, &fresh);
    Ok(fresh)
}

/// Runs work that computes for long on a thread of its own, so that no request waits for a thread of the runtime that computes.
pub fn beside(work: impl Future<Output = ()> + Send + 'static) {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(work));
}

/// Makes it anew for an organisation, unless somebody does already.
fn renew<T: Worked>(ctx: &Context, org: OrgId) {
    let ctx = ctx.clone();
    beside(async move {
        let kept = T::kept(&ctx);
        let Ok(_renewing) = kept.1.try_lock() else { return };
        let made = async {
            let (fleet, view) = ctx.fleet(&Actor::system(org), Right::SeeFleet).await?;
            let state = organisations::written(&view).await?;
            let value = T::make(&ctx, fleet, &view).await?;
            Ok::<_, Error>(Made { value, at: ctx.clock.now(), state })
        };
        match made.await {
            Ok(made) => kept.keep(org, &Arc::new(made)),
            Err(error) => tracing::warn!(%error, "{} could not be worked out anew", T::WHAT),
        }
    });
}
