//! Advisories: what is new for us, and does it touch us?

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};
use bedrail_app::advisories::{self, AdvisoryDetail, AdvisoryRow, Record};
use bedrail_app::alerts::links::Kind;
use bedrail_app::feeds::MentionedBy;
use bedrail_app::page::{Page as List, PageRequest};
use bedrail_app::{Error, campaigns, medical};
use jiff::Timestamp;

use super::alert_desk;
use super::{Page, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Pager, WeaknessWords, advisory_link, weakness_tone};
use crate::web::query::ListQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "advisories.html")]
struct AdvisoriesPage {
    frame: Frame,
    headline: String,
    text: String,
    rows: Vec<RowView>,
    pager: Pager,
}

struct RowView {
    weakness: WeaknessWords,
    tone: Tone,
    mark: String,
    ask: String,
    affected: String,
    cannot_tell: String,
    releases: String,
}

/// `GET /advisories`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<ListQuery>,
) -> Page {
    let request = query.paging.request();
    let list = advisories::list(&state.ctx, &frame.visitor.actor(), query.text.as_deref(), &request).await?;
    show(&list_view(frame, &list, &query, &request, state.now()))
}

fn list_view(
    frame: Frame,
    list: &List<AdvisoryRow>,
    query: &ListQuery,
    request: &PageRequest,
    now: Timestamp,
) -> AdvisoriesPage {
    let (t, total) = (&texts().advisories, list.total);
    AdvisoriesPage {
        frame,
        headline: match (&query.text, list.total) {
            (Some(text), _) => (t.matching)(total, text),
            (None, 0) => t.none.to_owned(),
            (None, _) => (t.all)(total),
        },
        text: query.text.clone().unwrap_or_default(),
        rows: list.rows.iter().map(|row| row_view(row, now)).collect(),
        pager: Pager::of(&query.link("/advisories"), list, request, texts().counts.weaknesses),
    }
}

fn row_view(row: &AdvisoryRow, now: Timestamp) -> RowView {
    let t = texts();
    let (tone, mark) = if row.affected == 0 {
        (Tone::Unknown, t.why.cannot_tell.to_owned())
    } else if row.weakness.malicious {
        (Tone::Act, t.advisories.malicious.to_owned())
    } else if row.weakness.kev.is_some() {
        (Tone::Act, t.why.exploited.to_owned())
    } else {
        (weakness_tone(&row.weakness), t.why.affected.to_owned())
    };
    RowView {
        ask: Link::to("/affected").with("q", &row.weakness.id).to_string(),
        weakness: WeaknessWords::of(&row.weakness, now),
        tone,
        mark,
        affected: words::number(row.affected),
        cannot_tell: words::number(row.cannot_tell),
        releases: words::number(row.releases),
    }
}

#[derive(Template)]
#[template(path = "advisory.html")]
struct AdvisoryPage {
    frame: Frame,
    /// Alerts that belong to it: ids, and what their rules are called.
    alerts: Vec<(String, String)>,
    weakness: WeaknessWords,
    headline: String,
    aliases: String,
    vector: Option<String>,
    ask: String,
    /// Where a decision on it is taken.
    decide: String,
    /// The answer by breakfast.
    wards: String,
    touched: bool,
    /// The campaign that runs on it: its page.
    campaign: Option<String>,
    /// Weaknesses that its records mention, each with its page.
    mentions: Vec<(String, String)>,
    mentioned_by: Vec<MentionRow>,
    records: Vec<RecordView>,
}

/// An advisory that mentions the weakness.
struct MentionRow {
    id: String,
    link: String,
    source: String,
    summary: String,
}

/// A record as a source published it.
struct RecordView {
    id: String,
    source: String,
    dates: String,
    details: Option<String>,
    affected: Vec<(String, String)>,
    more: usize,
    links: String,
    references: Vec<String>,
    credit: String,
}

/// `GET /advisories/{id}`
pub(crate) async fn one(
    frame: Frame,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let actor = frame.visitor.actor();
    match advisories::get(&state.ctx, &actor, &id).await {
        Ok(detail) => {
            let campaign = campaigns::open_on(&state.ctx, &actor, &detail.weakness.id).await?;
            let alerts = alert_desk::linked(&state, &actor, Kind::Finding, &detail.weakness.id).await?;
            let page = AdvisoryPage {
                alerts,
                campaign: campaign.map(|campaign| format!("/campaigns/{}", campaign.id)),
                ..view(frame, &detail, state.now())
            };
            Ok(show(&page)?.into_response())
        }
        // A medical advisory is asked about by its id as a weakness is.
        Err(missing @ Error::NotFound { .. }) => {
            let medical = medical::get(&state.ctx, &actor, &id).await.map_err(|_| missing)?;
            Ok(Redirect::to(&format!("/medical/{}", medical.row.id)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn view(frame: Frame, detail: &AdvisoryDetail, now: Timestamp) -> AdvisoryPage {
    let (weakness, totals) = (&detail.weakness, &detail.totals);
    let (t, id) = (&texts().advisory, weakness.id.as_str());
    let headline = match (totals.affected, totals.cannot_tell) {
        (0, 0) => (t.not_found)(id, totals.fleet),
        (0, unknown) => (t.untold)(id, unknown),
        (affected, 0) => (t.touches)(id, affected, totals.affected_wards),
        (affected, unknown) => (t.touches_but)(id, affected, totals.affected_wards, unknown),
    };
    AdvisoryPage {
        frame,
        headline,
        aliases: weakness.aliases.join(", "),
        vector: weakness.cvss.as_ref().map(|cvss| cvss.vector.clone()),
        ask: Link::to("/affected").with("q", &weakness.id).to_string(),
        wards: format!("{}/wards", advisory_link(&weakness.id)),
        decide: Link::to("/decisions/new").with("weakness", &weakness.id).to_string(),
        touched: totals.affected + totals.cannot_tell > 0,
        campaign: None,
        alerts: Vec::new(),
        mentions: weakness.mentions.iter().map(|id| (id.clone(), advisory_link(id))).collect(),
        mentioned_by: detail.mentioned_by.iter().map(mention_row).collect(),
        records: detail.records.iter().map(record_view).collect(),
        weakness: WeaknessWords::of(weakness, now),
    }
}

fn mention_row(mention: &MentionedBy) -> MentionRow {
    MentionRow {
        id: mention.advisory.clone(),
        link: advisory_link(&mention.weakness),
        source: mention.source.clone(),
        summary: mention.summary.clone(),
    }
}

/// Packages of one record shown on the page.
const PACKAGES_SHOWN: usize = 60;

fn record_view(record: &Record) -> RecordView {
    let dates = [("published", record.published), ("changed", record.modified)];
    let dates: Vec<String> =
        dates.into_iter().filter_map(|(what, at)| Some(format!("{what} {}", words::day(at?)))).collect();
    RecordView {
        id: record.id.clone(),
        source: record.source.clone(),
        dates: dates.join(", "),
        details: record.details.clone(),
        affected: record.affected.iter().take(PACKAGES_SHOWN).cloned().collect(),
        more: record.affected.len().saturating_sub(PACKAGES_SHOWN),
        links: (texts().counts.references)(record.references.len() as u64),
        references: record.references.iter().filter(|link| link.starts_with("https://")).cloned().collect(),
        credit: record.credit.clone(),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::sample;
    let rows = sample::today().urgent;
    let list = List { total: rows.len() as u64, rows, offset: 0, next: None };
    let query = ListQuery::default();
    show(&list_view(sample::frame("/advisories"), &list, &query, &query.paging.request(), sample::now()))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    show(&view(sample::frame("/advisories/x"), &sample::advisory(), sample::now()))
}
