//! What stands around every page: the places, the account, the theme.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bedrail_app::notices;
use bedrail_app::rights::Right;

use super::error::Failure;
use super::session::SignedIn;
use super::state::State;
use super::texts::{Places, Texts};
use super::viewer;
use super::words::{self, DataNote};

/// A place in the rail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Its name.
    name: fn(&Places) -> &'static str,
    /// Its address.
    pub(crate) path: &'static str,
    /// What one must be allowed to see there.
    right: Right,
}

/// The rail, in order.
pub(crate) const PLACES: &[Place] = &[
    Place { name: |t| t.today, path: "/", right: Right::SeeFleet },
    Place { name: |t| t.guide, path: "/guide", right: Right::SeeFleet },
    Place { name: |t| t.clients, path: "/clients", right: Right::AdviseClients },
    Place { name: |t| t.affected, path: "/affected", right: Right::SeeFleet },
    Place { name: |t| t.priorities, path: "/priorities", right: Right::SeeFleet },
    Place { name: |t| t.devices, path: "/devices", right: Right::SeeFleet },
    Place { name: |t| t.exposure, path: "/exposure", right: Right::SeeFleet },
    Place { name: |t| t.releases, path: "/releases", right: Right::SeeReleases },
    Place { name: |t| t.advisories, path: "/advisories", right: Right::SeeFleet },
    Place { name: |t| t.medical, path: "/medical", right: Right::SeeFleet },
    Place { name: |t| t.decisions, path: "/decisions", right: Right::SeeFleet },
    Place { name: |t| t.alerts, path: "/alerts", right: Right::SeeFleet },
    Place { name: |t| t.firewall, path: "/firewall", right: Right::SeeFleet },
    Place { name: |t| t.actions, path: "/actions", right: Right::SeeFleet },
    Place { name: |t| t.incidents, path: "/incidents", right: Right::SeeFleet },
    Place { name: |t| t.campaigns, path: "/campaigns", right: Right::SeeFleet },
    Place { name: |t| t.programme, path: "/programme", right: Right::SeeFleet },
    Place { name: |t| t.self_assessment, path: "/self-assessment", right: Right::SeeFleet },
    Place { name: |t| t.facts, path: "/facts", right: Right::SeeFleet },
    Place { name: |t| t.risk_analysis, path: "/risk-analysis", right: Right::SeeFleet },
    Place { name: |t| t.response, path: "/response", right: Right::SeeFleet },
    Place { name: |t| t.reports, path: "/reports", right: Right::SeeFleet },
    Place { name: |t| t.policies, path: "/policies", right: Right::SeeFleet },
    Place { name: |t| t.training, path: "/training", right: Right::SeeWorkforce },
    Place { name: |t| t.attestations, path: "/attestations", right: Right::SeeWorkforce },
    Place { name: |t| t.roster, path: "/roster", right: Right::SeeWorkforce },
    Place { name: |t| t.vendors, path: "/vendors", right: Right::SeeFleet },
    Place { name: |t| t.registers, path: "/registers", right: Right::KeepRegisters },
    Place { name: |t| t.unknowns, path: "/unknowns", right: Right::SeeFleet },
    Place { name: |t| t.vex, path: "/vex", right: Right::SeeFleet },
    Place { name: |t| t.data, path: "/data", right: Right::OwnAccount },
    Place { name: |t| t.notices, path: "/notices", right: Right::OwnAccount },
    Place { name: |t| t.people, path: "/people", right: Right::SeePeople },
    Place { name: |t| t.jobs, path: "/jobs", right: Right::SeeJobs },
    Place { name: |t| t.audit, path: "/audit", right: Right::SeeAudit },
];

/// The cookie that remembers a chosen theme.
pub(crate) const THEME: &str = "theme";

/// The frame of a page for somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Who.
    pub(crate) visitor: SignedIn,
    /// The account's name.
    pub(crate) account: String,
    /// The organisation's name.
    pub(crate) organisation: String,
    /// The token that forms carry.
    pub(crate) token: String,
    /// The chosen theme; `None` follows the machine.
    pub(crate) theme: Option<&'static str>,
    /// The place of the rail that this page belongs to.
    pub(crate) place: &'static str,
    /// The page's own address, to come back to.
    pub(crate) back: String,
    /// How old and whole the data behind the page is.
    pub(crate) data: DataNote,
    /// Notices that the visitor has not seen.
    pub(crate) unread: u64,
    /// The words of the visitor's language.
    pub(crate) t: &'static Texts,
    /// The code of the zone that times are written in, where the visitor chose one.
    pub(crate) zone: Option<&'static str>,
}

impl Place {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        (self.name)(&viewer::texts().places)
    }
}

impl Frame {
    /// The places that the visitor may see.
    pub(crate) fn places(&self) -> impl Iterator<Item = &'static Place> {
        PLACES.iter().filter(|place| self.visitor.may(place.right))
    }

    /// Whether the visitor may do what a right's code says: what a page shows goes by it, and the use case asks again.
    pub(crate) fn may(&self, code: &str) -> bool {
        Right::from_code(code).is_some_and(|right| self.visitor.may(right))
    }

    /// The emergency access that lasts here, a sentence each: everybody in the organisation sees it.
    pub(crate) fn emergencies(&self) -> impl Iterator<Item = String> {
        self.visitor.emergencies.iter().map(|each| {
            let until = words::minute(each.until);
            (self.t.frame.emergency)(&each.name, &until, &each.reason)
        })
    }

    /// Refuses a page that is of no use without a right.
    pub(crate) fn need(&self, right: Right) -> Result<(), Failure> {
        if self.visitor.may(right) { Ok(()) } else { Err(Failure::denied(right)) }
    }

    /// The organisations that the visitor can go over to.
    pub(crate) fn others(&self) -> impl Iterator<Item = (String, &str)> {
        let present = self.visitor.account.org;
        let all = self.visitor.account.organisations.iter();
        all.filter(move |(id, _)| *id != present).map(|(id, name)| (id.to_string(), name.as_str()))
    }

    /// The frame around a page at a path.
    pub(crate) fn new(
        visitor: SignedIn,
        theme: Option<&'static str>,
        path: &str,
        back: String,
        data: DataNote,
    ) -> Frame {
        let first = path.split('/').nth(1).and_then(|part| part.split('.').next()).unwrap_or_default();
        let place = PLACES.iter().find(|place| place.path[1..] == *first).map_or("", |place| place.path);
        Frame {
            account: visitor.account.name.clone(),
            organisation: visitor.account.org_name.clone(),
            token: visitor.token.clone(),
            visitor,
            theme,
            place,
            back,
            data,
            unread: 0,
            t: viewer::texts(),
            zone: viewer::chosen_zone().map(|zone| zone.code),
        }
    }
}

impl FromRequestParts<State> for Frame {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Frame, Failure> {
        let visitor = SignedIn::from_request_parts(parts, state).await?;
        let back = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let data = DataNote::of(&state.ctx.data_status(), state.now());
        let unread = notices::unread(&state.ctx, &visitor.actor()).await?;
        Ok(Frame { unread, ..Frame::new(visitor, theme(&parts.headers), parts.uri.path(), back, data) })
    }
}

/// The theme that the browser remembers.
pub(crate) fn theme(headers: &HeaderMap) -> Option<&'static str> {
    match cookie(headers, THEME) {
        Some("dark") => Some("dark"),
        Some("light") => Some("light"),
        _ => None,
    }
}

/// The value of a cookie that the browser sent.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}
