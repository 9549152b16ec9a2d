//! What the server counts of itself: connections, requests by route and status, how long they took.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};

use super::prometheus::{Kind, Text};

/// The upper ends of the classes that durations are counted in, in seconds. The bar of a page is 0.2.
const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What requests are counted by. Bounded: methods and routes are ours, never the caller's text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    route: String,
    method: &'static str,
    /// 2 for 200 to 299.
    class: u16,
}

#[derive(Debug, Clone, Default)]
struct Took {
    /// Requests in each class of [`BOUNDS`], and beyond the last.
    classes: [u64; BOUNDS.len() + 1],
    seconds: f64,
}

/// What the server counts of itself.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    opened: AtomicU64,
    closed: AtomicU64,
    turned_away: AtomicU64,
    too_slow: AtomicU64,
    /// Requests whose answer is being made, without those that wait for their own body.
    busy: AtomicI64,
    requests: Mutex<BTreeMap<Key, Took>>,
}

/// A connection that is open.
#[derive(Debug)]
pub(crate) struct Open(Arc<Meter>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.closed.fetch_add(1, Ordering::Relaxed);
    }
}

/// A request whose answer is being made.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Meter>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that waits for its own body.
#[derive(Debug)]
pub(crate) struct Resting(Arc<Meter>);

impl Drop for Resting {
    fn drop(&mut self) {
        self.0.busy.fetch_add(1, Ordering::Relaxed);
    }
}

impl Meter {
    /// A request begins, where there are fewer than so many; it ends when what is returned is dropped.
    pub(crate) fn begin(self: &Arc<Meter>, most: usize) -> Option<Busy> {
        // Counted first: whoever is one too many goes again by dropping.
        let before = self.busy.fetch_add(1, Ordering::Relaxed);
        let busy = Busy(self.clone());
        (before < i64::try_from(most).unwrap_or(i64::MAX)).then_some(busy)
    }

    /// A request waits for its body, and takes no room, until what is returned is dropped.
    pub(crate) fn rest(self: &Arc<Meter>) -> Resting {
        self.busy.fetch_sub(1, Ordering::Relaxed);
        Resting(self.clone())
    }

    /// A connection is open until what is returned is dropped.
    pub(crate) fn connection(self: &Arc<Meter>) -> Open {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Open(self.clone())
    }

    /// A connection was refused because there are too many.
    pub(crate) fn turned_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection was ended because the caller was too slow, or asked nothing any more.
    pub(crate) fn too_slow(&self) {
        self.too_slow.fetch_add(1, Ordering::Relaxed);
    }

    /// A request was answered. `route` is the router's own text for it, none where it has no such route.
    pub(crate) fn answered(&self, method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
        let route = route.unwrap_or("(none)").to_owned();
        let key = Key { route, method: name(method), class: status.as_u16() / 100 };
        let seconds = took.as_secs_f64();
        let class = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = requests.entry(key).or_default();
        counted.classes[class] += 1;
        counted.seconds += seconds;
    }

    /// Writes it all.
    pub(crate) fn write(&self, text: &mut Text) {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let closed = load(&self.closed);
        text.family("bedrail_connections", Kind::Gauge, "Connections that are open");
        text.count("bedrail_connections", &[], load(&self.opened).saturating_sub(closed));
        text.family("bedrail_connections_total", Kind::Counter, "Connections that were accepted");
        text.count("bedrail_connections_total", &[], load(&self.opened));
        text.family("bedrail_connections_refused_total", Kind::Counter, "Connections beyond the limit");
        text.count("bedrail_connections_refused_total", &[], load(&self.turned_away));
        let help = "Connections ended because the caller was too slow or idle";
        text.family("bedrail_connections_ended_total", Kind::Counter, help);
        text.count("bedrail_connections_ended_total", &[], load(&self.too_slow));
        text.family("bedrail_requests", Kind::Gauge, "Requests whose answer is being made");
        text.count("bedrail_requests", &[], self.busy.load(Ordering::Relaxed).max(0).unsigned_abs());
        let help = "Time from the head of a request to the head of its answer";
        text.family("bedrail_request_duration_seconds", Kind::Histogram, help);
        for (key, took) in self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let class = format!("{}xx", key.class);
            let labels = [("method", key.method), ("route", &key.route), ("status", &class)];
            text.histogram("bedrail_request_duration_seconds", &labels, &BOUNDS, &took.classes, took.seconds);
        }
    }
}

/// A method's name, out of those that there are.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many_and_who_waits_for_a_body_takes_none() {
        let meter = Arc::new(Meter::default());
        let (one, two) = (meter.begin(2), meter.begin(2));
        assert!(one.is_some() && two.is_some() && meter.begin(2).is_none() && meter.begin(2).is_none());
        let resting = meter.rest();
        let three = meter.begin(2);
        assert!(three.is_some() && meter.begin(2).is_none());
        drop((three, resting));
        assert!(meter.begin(2).is_none());
        drop(one);
        assert!(meter.begin(2).is_some());
    }
}
