//! Products and releases: what is inside this model, and what is missing from its bill of materials?

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bedrail_app::answered::{self, FactRow};
use bedrail_app::medical::OfRelease;
use bedrail_app::page::{Direction, Page as List, PageRequest};
use bedrail_app::releases::{self, ReleaseDetail, ReleaseFilter, ReleaseRow, ReleaseSbom, ReleaseSort};
use bedrail_app::rights::Right;
use bedrail_app::{Error, sboms};
use bedrail_model::component::{Component, ComponentKind};
use bedrail_model::device::Exposure;
use bedrail_model::ids::{DocumentId, ReleaseId};
use jiff::Timestamp;
use serde::Deserialize;

use super::device::FindingView;
use super::devices::Column;
use super::medical::OfReleaseView;
use super::tree::{self, Branch};
use super::{Page, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Choice, Pager, release_name};
use crate::web::query::{RELEASE_SORTS, ReleasesQuery};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::texts::keys::ReleasePage as ReleasePageTexts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "releases.html")]
struct ReleasesPage {
    frame: Frame,
    headline: String,
    text: String,
    sboms: Vec<Choice>,
    columns: Vec<Column>,
    rows: Vec<RowView>,
    pager: Pager,
    active: bool,
}

struct RowView {
    link: String,
    name: String,
    devices: String,
    devices_link: String,
    components: Option<String>,
    state: String,
    tone: Tone,
}

/// `GET /releases`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<ReleasesQuery>,
) -> Page {
    let (filter, request) = (query.filter()?, query.paging.request());
    let list = releases::list(&state.ctx, &frame.visitor.actor(), &filter, &request).await?;
    show(&list_view(frame, &list, &filter, &query.link(), &request))
}

fn list_view(
    frame: Frame,
    list: &List<ReleaseRow>,
    filter: &ReleaseFilter,
    link: &Link,
    request: &PageRequest,
) -> ReleasesPage {
    let chosen = filter.sbom.map(|sbom| if sbom { "true" } else { "false" });
    let (t, total) = (&texts().releases, list.total);
    ReleasesPage {
        frame,
        headline: match (filter.sbom, &filter.text) {
            (Some(false), _) => (t.unknown)(total),
            (Some(true), _) => (t.known)(total),
            (None, Some(text)) => (t.matching)(total, text),
            (None, None) if total == 0 => t.no_releases.to_owned(),
            (None, None) => (t.all)(total),
        },
        text: filter.text.clone().unwrap_or_default(),
        sboms: Choice::list(
            [("true", texts().devices.with_bill), ("false", texts().devices.without_bill)],
            chosen,
        ),
        columns: columns(link, filter.sort, filter.direction),
        rows: list.rows.iter().map(row_view).collect(),
        pager: Pager::of(link, list, request, texts().counts.releases),
        active: filter.text.is_some() || filter.sbom.is_some(),
    }
}

fn columns(link: &Link, sort: ReleaseSort, direction: Direction) -> Vec<Column> {
    let t = texts();
    let names = [
        (t.releases.release, Some(ReleaseSort::Name), false),
        (t.words.devices, Some(ReleaseSort::Devices), true),
        (t.words.components, None, true),
        (t.words.state, Some(ReleaseSort::Affected), false),
    ];
    let column = |(name, key, numeric): (&'static str, Option<ReleaseSort>, bool)| {
        let code =
            key.and_then(|key| RELEASE_SORTS.iter().find(|(_, sort)| *sort == key)).map(|(code, _)| *code);
        Column::new(link, name, code, key == Some(sort), direction, numeric)
    };
    names.into_iter().map(column).collect()
}

fn row_view(row: &ReleaseRow) -> RowView {
    let (state, tone) = state_of(row);
    RowView {
        link: format!("/releases/{}", row.id),
        name: release_name(Some(&row.maker), Some(&row.model), row.version.as_deref()),
        devices: words::number(row.devices),
        devices_link: Link::to("/devices").with("release", row.id).to_string(),
        components: row.components.map(words::number),
        state,
        tone,
    }
}

fn state_of(row: &ReleaseRow) -> (String, Tone) {
    let t = &texts().devices;
    if row.components.is_none() {
        return (t.no_bill.to_owned(), Tone::Unknown);
    }
    match (u64::from(row.affected), u64::from(row.known_exploited), u64::from(row.cannot_tell)) {
        (0, _, 0) => (t.nothing_found.to_owned(), Tone::Plain),
        (0, _, unknown) => ((t.untold)(unknown), Tone::Unknown),
        (affected, 0, _) => ((t.affect_it)(affected), Tone::Plan),
        (affected, exploited, _) => ((texts().releases.affect_it_exploited)(affected, exploited), Tone::Act),
    }
}

#[derive(Template)]
#[template(path = "release.html")]
struct ReleasePage {
    frame: Frame,
    id: String,
    name: String,
    headline: String,
    devices: String,
    devices_link: String,
    upload: String,
    letter: String,
    sbom: Option<SbomView>,
    findings: Vec<FindingView>,
    medical: Vec<OfReleaseView>,
    /// What was answered, each in a sentence with who said it.
    facts: Vec<(String, String)>,
}

/// The bill of materials and its quality.
struct SbomView {
    /// How many components have no identifier of their own; empty where all have.
    unnamed: String,
    file_name: String,
    document: String,
    described: String,
    quality: Vec<(Tone, String)>,
    warnings: Vec<(Tone, String, String)>,
    warnings_left: usize,
    remarks: String,
    branches: Vec<Branch>,
    filter: String,
    tree_reading: String,
}

/// Which part of the tree is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TreeQuery {
    component: String,
}

/// `GET /releases/{id}`
pub(crate) async fn one(
    frame: Frame,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Query(query): Query<TreeQuery>,
) -> Page {
    let (actor, id) = (frame.visitor.actor(), release_id(&id)?);
    let detail = releases::get(&state.ctx, &actor, id).await?;
    let medical = bedrail_app::medical::of_release(&state.ctx, &actor, id).await?;
    // What was answered to the house is the house's own; a supplier learns the answer alone.
    let facts = match frame.visitor.may(Right::SeeFleet) {
        true => answered::list(&state.ctx, &actor, Some(id), &PageRequest::default()).await?.rows,
        false => Vec::new(),
    };
    show(&view(frame, &detail, (&medical, &facts), query.component.trim(), state.now()))
}

#[derive(Template)]
#[template(path = "branch.html")]
struct BranchPage {
    frame: Frame,
    release: String,
    release_link: String,
    name: String,
    parts: String,
    branches: Vec<Branch>,
    left_out: usize,
}

/// `GET /releases/{id}/components/{index}`: what one component is made of; the tree puts it in its place.
pub(crate) async fn branch(
    frame: Frame,
    Extract(state): Extract<State>,
    Path((id, index)): Path<(String, u32)>,
) -> Page {
    let detail = releases::get(&state.ctx, &frame.visitor.actor(), release_id(&id)?).await?;
    let missing = || Error::not_found("this component");
    let sbom = detail.sbom.as_ref().ok_or_else(missing)?;
    let component = sbom.inventory.components.get(index as usize).ok_or_else(missing)?;
    let (branches, left_out) = tree::below(sbom, index, &id);
    show(&BranchPage {
        frame,
        release: name_of(&detail.row),
        release_link: format!("/releases/{id}"),
        name: tree::title(component),
        parts: (texts().counts.parts)((branches.len() + left_out) as u64),
        branches,
        left_out,
    })
}

/// `GET /documents/{id}`: a document as it was received.
pub(crate) async fn document(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    document_as_received(&state, &visitor, &id).await
}

/// A document as it was received, for the page and for the API.
pub(crate) async fn document_as_received(
    state: &State,
    visitor: &SignedIn,
    id: &str,
) -> Result<Response, Failure> {
    let id: DocumentId = id.parse().map_err(|_| Error::not_found("this document"))?;
    let (name, bytes) = sboms::document(&state.ctx, &visitor.actor(), id).await?;
    Ok(attachment(&name, bytes))
}

/// A file to be saved, never shown: its bytes come from outside.
pub(crate) fn attachment(name: &str, bytes: Vec<u8>) -> Response {
    let safe = safe_name(name);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{safe}\"")),
    ];
    (headers, bytes).into_response()
}

/// A file's name that a header can carry.
pub(crate) fn safe_name(name: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || ".-_ ".contains(letter);
    name.chars().map(|letter| if safe(letter) { letter } else { '_' }).collect()
}

/// A release's id in an address; what is no id names nothing.
pub(crate) fn release_id(text: &str) -> Result<ReleaseId, Error> {
    text.parse().map_err(|_| Error::not_found("this release"))
}

fn name_of(row: &ReleaseRow) -> String {
    release_name(Some(&row.maker), Some(&row.model), row.version.as_deref())
}

fn view(
    frame: Frame,
    detail: &ReleaseDetail,
    (medical, facts): (&[OfRelease], &[FactRow]),
    filter: &str,
    now: Timestamp,
) -> ReleasePage {
    let (row, name) = (&detail.row, name_of(&detail.row));
    let upload = Link::to("/releases/upload")
        .with("maker", &row.maker)
        .with("model", &row.model)
        .with_some("version", row.version.as_deref());
    let decide = Link::to("/decisions/new").with("release", row.id);
    let quality = detail.sbom.as_ref().map(quality).unwrap_or_default();
    ReleasePage {
        frame,
        id: row.id.to_string(),
        headline: super::medical::in_headline(medical, |t| t.it) + headline(detail).as_str(),
        devices: (texts().counts.devices)(row.devices),
        devices_link: Link::to("/devices").with("release", row.id).to_string(),
        upload: upload.to_string(),
        letter: letter(&name, detail.sbom.as_ref()),
        sbom: detail.sbom.as_ref().map(|sbom| sbom_view(sbom, &row.id.to_string(), filter, quality)),
        findings: detail
            .findings
            .iter()
            .map(|finding| FindingView::of(finding, (&name, &decide), Exposure::Flat, now))
            .collect(),
        medical: super::medical::of_release(medical),
        facts: super::unknowns::standing(facts),
        name,
    }
}

fn headline(detail: &ReleaseDetail) -> String {
    let (row, t) = (&detail.row, &texts().release);
    let Some(components) = row.components else { return (t.unknown)(&name_of(row)) };
    match (u64::from(row.affected), u64::from(row.known_exploited), u64::from(row.cannot_tell)) {
        (0, _, 0) => (t.clear)(components),
        (0, _, unknown) => (t.clear_but)(components, unknown),
        (affected, 0, _) => (t.affected)(affected),
        (affected, exploited, _) => (t.exploited)(affected, exploited),
    }
}

/// What a bill of materials should say of each component, and how to see that it does not (NTIA minimum elements,
/// 2021, section IV: supplier, name, version, identifiers).
type Check = (fn(&ReleasePageTexts) -> &'static str, fn(&Component) -> bool);
const CHECKS: &[Check] = &[
    (|t| t.no_version, |component| component.version.is_none()),
    (|t| t.no_identifier, |component| component.purl.is_none()),
    (|t| t.no_supplier, |component| component.supplier.is_none()),
    (|t| t.no_licence, |component| component.licences.is_empty()),
    (|t| t.no_hash, |component| component.hashes.is_empty()),
];

fn quality(sbom: &ReleaseSbom) -> Vec<(Tone, String)> {
    let t = &texts().release;
    let components: Vec<&Component> = sbom
        .inventory
        .components
        .iter()
        .filter(|component| component.kind != ComponentKind::Service)
        .collect();
    let mut rows = Vec::new();
    for (index, (what, missing)) in CHECKS.iter().enumerate() {
        let count = components.iter().filter(|component| missing(component)).count() as u64;
        if count > 0 {
            let tone = if index < 2 { Tone::Unknown } else { Tone::Plain };
            rows.push((tone, (t.lacking)(count, components.len() as u64, what(t))));
        }
    }
    if sbom.inventory.relations.is_empty() && components.len() > 1 {
        rows.push((Tone::Unknown, t.no_relations.to_owned()));
    }
    for gap in &sbom.inventory.known_gaps {
        let of = gap
            .component
            .map_or(t.whole_product.to_owned(), |index| tree::title(sbom.inventory.component(index)));
        rows.push((Tone::Unknown, (t.not_listed)(&of, &gap.statement.to_string())));
    }
    let lost = sbom.inventory.warnings.iter().filter(|warning| warning.lost).count() as u64;
    if lost > 0 {
        rows.push((Tone::Unknown, (t.unread)(lost)));
    }
    rows
}

/// A letter to the maker: for the bill of materials where there is none, for what is missing where there is one.
fn letter(name: &str, sbom: Option<&ReleaseSbom>) -> String {
    let Some(sbom) = sbom else { return (texts().release.letter_none)(name) };
    let report = bedrail_app::bills::assess(&sbom.inventory);
    crate::bill_letter::letter(name, &sbom.inventory, &report).unwrap_or_default()
}

/// Warnings shown on the page; the document itself has the rest.
const WARNINGS_SHOWN: usize = 100;

fn sbom_view(sbom: &ReleaseSbom, release: &str, filter: &str, quality: Vec<(Tone, String)>) -> SbomView {
    let inventory = &sbom.inventory;
    let (branches, tree_reading) =
        if filter.is_empty() { tree::whole(sbom, release) } else { tree::found(sbom, filter) };
    let shown = inventory.warnings.iter().take(WARNINGS_SHOWN);
    let unnamed = inventory.components.iter().filter(|it| bedrail_app::names::is_bare(it)).count() as u64;
    SbomView {
        unnamed: if unnamed > 0 { (texts().names.in_release)(unnamed) } else { String::new() },
        file_name: sbom.file_name.clone(),
        document: format!("/documents/{}", sbom.document),
        described: (texts().release.described)(
            &inventory.format_in_words(),
            &words::minute(sbom.added),
            &sbom.sha256,
        ),
        quality,
        warnings: shown
            .map(|warning| {
                (
                    if warning.lost { Tone::Unknown } else { Tone::Plain },
                    warning.place.clone(),
                    warning.message.clone(),
                )
            })
            .collect(),
        warnings_left: inventory.warnings.len().saturating_sub(WARNINGS_SHOWN),
        remarks: (texts().counts.remarks)(inventory.warnings.len() as u64),
        branches,
        filter: filter.to_owned(),
        tree_reading,
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::sample;
    let list = List {
        rows: vec![sample::release_row(true), sample::release_row(false)],
        total: 2,
        offset: 0,
        next: None,
    };
    let (filter, request) = (ReleaseFilter::default(), PageRequest::default());
    show(&list_view(sample::frame("/releases"), &list, &filter, &Link::to("/releases"), &request))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    show(&view(
        sample::frame("/releases/x"),
        &sample::release(true),
        (&[sample::of_release()], &[sample::fact()]),
        "",
        sample::now(),
    ))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_unknown() -> Page {
    use crate::web::sample;
    show(&view(sample::frame("/releases/x"), &sample::release(false), (&[], &[]), "", sample::now()))
}
