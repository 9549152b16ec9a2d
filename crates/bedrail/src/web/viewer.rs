//! Who looks at a page, as far as it changes what is shown: the language of its texts, the zone of its times, the theme. Set around each
//! request and read wherever words are made, so that no function in between has to carry it
//! (`docs/decisions/0503-viewer-around-a-request.md`).

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use bedrail_model::zone::Zone;
use jiff::tz::TimeZone;

use super::frame::{cookie, theme};
use super::texts::{ENGLISH, Texts};

/// The cookie that remembers a chosen zone.
pub(crate) const ZONE: &str = "zone";

/// Who looks.
#[derive(Debug, Clone)]
struct Viewer {
    zone: Option<&'static Zone>,
    rule: TimeZone,
    theme: Option<&'static str>,
}

tokio::task_local! {
    static VIEWER: Viewer;
}

/// Answers a request with its viewer around it.
pub(crate) async fn around(request: Request, next: Next) -> Response {
    let viewer = Viewer::of(request.headers());
    VIEWER.scope(viewer, next.run(request)).await
}

impl Viewer {
    fn of(headers: &HeaderMap) -> Viewer {
        let zone = cookie(headers, ZONE).and_then(Zone::of);
        Viewer { zone, rule: zone.map_or(TimeZone::UTC, Zone::rule), theme: theme(headers) }
    }
}

/// The zone that the viewer chose; `None` is UTC, which the browser turns into its own where it can.
pub(crate) fn chosen_zone() -> Option<&'static Zone> {
    VIEWER.try_with(|viewer| viewer.zone).ok().flatten()
}

/// The zone of the times that are written: the chosen one, else UTC.
pub(crate) fn rule() -> TimeZone {
    VIEWER.try_with(|viewer| viewer.rule.clone()).unwrap_or(TimeZone::UTC)
}

/// The theme that the viewer chose; `None` follows the machine.
pub(crate) fn chosen_theme() -> Option<&'static str> {
    VIEWER.try_with(|viewer| viewer.theme).ok().flatten()
}

/// The texts in the viewer's language. There is one so far.
pub(crate) fn texts() -> &'static Texts {
    &ENGLISH
}

#[cfg(test)]
pub(crate) fn looking_from<T>(code: &str, work: impl FnOnce() -> T) -> T {
    let zone = Zone::of(code);
    VIEWER.sync_scope(Viewer { zone, rule: zone.map_or(TimeZone::UTC, Zone::rule), theme: None }, work)
}
