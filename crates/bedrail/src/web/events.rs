//! Live pages: a stream of server-sent events that says what moved, never what it is. A page that hears of it asks for
//! itself again, with the rights that its visitor has then.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State as Extract;
use axum::response::sse::{Event, KeepAlive, Sse};
use bedrail_app::{jobs, notices};
use futures_util::Stream;
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{self, Instant};

use super::error::Failure;
use super::session::SignedIn;
use super::state::State;

/// How often a stream looks whether anything moved.
const LOOK: Duration = Duration::from_secs(1);
/// A stream ends after this long, and the browser opens another: whoever has left by then gets none.
const LONGEST: Duration = Duration::from_secs(300);

/// An open stream.
struct Listener {
    state: State,
    visitor: SignedIn,
    seen: Pulse,
    ends: Instant,
    _permit: OwnedSemaphorePermit,
}

/// What moved in the organisation, as server-sent events: `jobs` when a background job did, `notices` when a notice came. The data of an event says no more;
/// ask for what it names.
#[utoipa::path(
    get, path = "/events", tag = "events", security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "A stream that ends after five minutes; open another", content_type = "text/event-stream", body = String),
        (status = 401, body = super::error::Problem, content_type = "application/problem+json")
    )
)]
pub(crate) async fn listen(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let permit = state.begin_stream()?;
    let seen = pulse(&state, &visitor).await;
    let ends = Instant::now() + LONGEST;
    let listener = Listener { state, visitor, seen, ends, _permit: permit };
    Ok(Sse::new(stream::unfold(listener, next))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

/// What is compared: jobs that the visitor sees, and notices. A database that is away for a moment has not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Pulse {
    jobs: Option<(i64, i64)>,
    notices: Option<i64>,
}

async fn pulse(state: &State, visitor: &SignedIn) -> Pulse {
    let actor = visitor.actor();
    Pulse {
        jobs: jobs::pulse(&state.ctx, &actor).await.ok(),
        notices: notices::pulse(&state.ctx, &actor).await.ok(),
    }
}

async fn next(mut listener: Listener) -> Option<(Result<Event, Infallible>, Listener)> {
    let mut stop = listener.state.stop.clone();
    loop {
        tokio::select! {
            () = time::sleep(LOOK) => {}
            Ok(_) = stop.wait_for(|stop| *stop) => return None,
        }
        if Instant::now() > listener.ends {
            return None;
        }
        let now = pulse(&listener.state, &listener.visitor).await;
        let moved = if now.jobs.is_some() && now.jobs != listener.seen.jobs {
            listener.seen.jobs = now.jobs;
            "jobs"
        } else if now.notices.is_some() && now.notices != listener.seen.notices {
            listener.seen.notices = now.notices;
            "notices"
        } else {
            continue;
        };
        return Some((Ok(Event::default().event(moved).data("moved")), listener));
    }
}
