//! Who looks at a page, as far as it changes words: the language of its texts and the zone of its times. Set around each
//! request and read wherever words are made, so that no function in between has to carry it
//! (`docs/decisions/0503-viewer-around-a-request.md`).

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use jiff::tz::TimeZone;

use super::frame::cookie;
use super::texts::{ENGLISH, Texts};

/// The cookie that remembers a chosen zone.
pub(crate) const ZONE: &str = "zone";

/// A zone that can be chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zone {
    /// The stable code, as the cookie has it.
    pub(crate) code: &'static str,
    /// Its name for people.
    pub(crate) name: &'static str,
    /// Its rule (POSIX.1-2017 §8.3, `TZ`). The present rule is used for all years: enough for what happened since 2007.
    rule: &'static str,
}

const fn zone(code: &'static str, name: &'static str, rule: &'static str) -> Zone {
    Zone { code, name, rule }
}

/// The zones that can be chosen, from east of the Atlantic to west of the Pacific.
pub(crate) const ZONES: &[Zone] = &[
    zone("utc", "UTC", "UTC0"),
    zone("ireland-uk", "Britain and Ireland", "GMT0BST,M3.5.0/1,M10.5.0"),
    zone("central-europe", "Central Europe", "CET-1CEST,M3.5.0,M10.5.0/3"),
    zone("atlantic", "Atlantic (Puerto Rico, Virgin Islands)", "AST4"),
    zone("eastern", "Eastern (New York)", "EST5EDT,M3.2.0,M11.1.0"),
    zone("central", "Central (Chicago)", "CST6CDT,M3.2.0,M11.1.0"),
    zone("mountain", "Mountain (Denver)", "MST7MDT,M3.2.0,M11.1.0"),
    zone("arizona", "Arizona (Phoenix)", "MST7"),
    zone("pacific", "Pacific (Los Angeles)", "PST8PDT,M3.2.0,M11.1.0"),
    zone("alaska", "Alaska (Anchorage)", "AKST9AKDT,M3.2.0,M11.1.0"),
    zone("hawaii", "Hawaii (Honolulu)", "HST10"),
    zone("guam", "Guam and the Marianas", "CHST-10"),
];

impl Zone {
    /// The zone that a code names.
    pub(crate) fn of(code: &str) -> Option<&'static Zone> {
        ZONES.iter().find(|zone| zone.code == code)
    }

    /// Its rule, ready for use.
    pub(crate) fn rule(&self) -> TimeZone {
        // The test below sees to it that every rule can be read.
        TimeZone::posix(self.rule).unwrap_or(TimeZone::UTC)
    }
}

/// Who looks.
#[derive(Debug, Clone)]
struct Viewer {
    zone: Option<&'static Zone>,
    rule: TimeZone,
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
        Viewer { zone, rule: zone.map_or(TimeZone::UTC, Zone::rule) }
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

/// The texts in the viewer's language. There is one so far.
pub(crate) fn texts() -> &'static Texts {
    &ENGLISH
}

#[cfg(test)]
pub(crate) fn looking_from<T>(code: &str, work: impl FnOnce() -> T) -> T {
    let zone = Zone::of(code);
    VIEWER.sync_scope(Viewer { zone, rule: zone.map_or(TimeZone::UTC, Zone::rule) }, work)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn every_zone_has_a_rule_of_its_own_that_can_be_read() {
        let summer: Timestamp = "2026-07-01T12:00:00Z".parse().unwrap();
        for zone in ZONES {
            assert!(TimeZone::posix(zone.rule).is_ok(), "{}", zone.code);
            assert_eq!(Zone::of(zone.code).unwrap().name, zone.name);
            let name = summer.to_zoned(zone.rule()).strftime("%Z").to_string();
            assert!(zone.rule.contains(&name), "{}: {name}", zone.code);
        }
    }
}
