//! Which devices face the outside, by whom it was said or seen, and since when: the list, the files, and what is nobody's.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::exposure::{
    self, DeviceReach, EvidenceFile, ExposureList, ExposureReport, ImportExposure, LooseAddress, Outside,
    ReachRow, SeenPiece, ago, what,
};
use bedrail_app::page::PageRequest;
use bedrail_app::rights::Right;

use super::{Page, refuse, show};
use crate::web::api::exposure::{import_id, vantage};
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Pager, release_name};
use crate::web::query::Paging;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// Addresses shown of each kind; the API and the command line have the rest.
const ADDRESSES: usize = 100;
/// Devices of a report that are named.
const NAMED: usize = 20;
/// Pieces of evidence shown of a device.
const PIECES: usize = 20;

#[derive(Template)]
#[template(path = "exposure.html")]
struct ExposurePage {
    frame: Frame,
    headline: String,
    problem: Option<String>,
    report: Option<ReportView>,
    rows: Vec<RowView>,
    pager: Pager,
    several: Vec<LooseView>,
    unknown: Vec<LooseView>,
    files: Vec<FileView>,
    changes: bool,
}

/// What became of a file.
struct ReportView {
    sentence: String,
    notes: Vec<String>,
    /// Device, its address and what the file says of it.
    devices: Vec<(String, String, &'static str)>,
    more: String,
    remarks: Vec<String>,
}

struct RowView {
    name: String,
    link: String,
    release: String,
    known: KnownView,
}

/// How it is known how far a device can be reached from.
pub(super) struct KnownView {
    pub(super) tone: Tone,
    pub(super) word: &'static str,
    pub(super) confidence: String,
    pub(super) sentence: String,
    pub(super) declared: String,
    pub(super) pieces: Vec<PieceView>,
    pub(super) more: String,
}

/// A piece of evidence.
pub(super) struct PieceView {
    pub(super) text: String,
    pub(super) age: String,
    pub(super) confidence: String,
    pub(super) why: String,
    pub(super) link: String,
    pub(super) place: String,
}

struct LooseView {
    address: String,
    pieces: String,
    devices: Vec<(String, String)>,
}

struct FileView {
    id: String,
    name: String,
    link: String,
    detail: String,
    state: String,
    stands: bool,
}

impl KnownView {
    /// Of a device.
    pub(super) fn of(reach: &DeviceReach) -> KnownView {
        let (t, judged) = (&texts().exposure, &reach.judged);
        let seen = judged.by.is_some();
        let (tone, word) = match judged.outside {
            Outside::Yes if judged.contradicted => (Tone::Act, t.contradicted),
            Outside::Yes if seen => (Tone::Plan, t.seen_outside),
            Outside::Yes => (Tone::Plan, t.said_outside),
            Outside::CannotTell => (Tone::Unknown, t.cannot_tell),
            Outside::No => (Tone::Plain, t.said_inside),
        };
        let by = reach.declared_by.clone().map(|by| format!(" ({by})")).unwrap_or_default();
        let left = reach.evidence.len().saturating_sub(PIECES) as u64;
        KnownView {
            tone,
            word,
            confidence: judged.confidence.map(|it| it.words().to_owned()).unwrap_or_default(),
            sentence: judged.sentence.clone(),
            declared: format!("{}{by}", reach.declared.sentence()),
            pieces: reach.evidence.iter().take(PIECES).map(piece).collect(),
            more: if left > 0 { (t.more_pieces)(left) } else { String::new() },
        }
    }
}

/// Who says how far a device can be reached from, and how old that is: "nmap scan, 12 days ago".
pub(super) fn said_by(reach: &DeviceReach) -> String {
    let source = reach.judged.source.map(|source| source.words().to_owned());
    let contradicted = reach.judged.contradicted.then(|| texts().exposure.list_otherwise.to_owned());
    source.into_iter().chain(reach.judged.age.map(ago)).chain(contradicted).collect::<Vec<_>>().join(", ")
}

fn piece(it: &SeenPiece) -> PieceView {
    let (t, evidence) = (&texts().exposure, &it.evidence);
    let inside = evidence.inside.map(|inside| inside.address).or(it.via);
    let inside = inside.map(|inside| (t.handed_on_to)(&inside.to_string())).unwrap_or_default();
    let age = ago(it.age);
    PieceView {
        text: format!("{}: {}{inside}", evidence.source.words(), what(evidence)),
        age: match evidence.seen {
            Some(at) => (t.seen_on)(&words::day(at), &age),
            None => (t.received_on)(&words::day(it.received), &age),
        },
        confidence: match it.decides {
            true => it.confidence.words().to_owned(),
            false => t.hint.to_owned(),
        },
        why: evidence.why.to_string(),
        link: format!("/documents/{}", it.document),
        place: format!("{}, {}", it.file_name, it.place),
    }
}

/// `GET /exposure`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>, Query(paging): Query<Paging>) -> Page {
    show(&view(frame, &state, &paging.request()).await?)
}

/// `POST /exposure/import`: a file, from where it was seen, and whether it is stored.
pub(crate) async fn import(
    Extract(state): Extract<State>,
    mut form: Submission,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let (file, actor) = (form.file.take(), form.visitor.actor());
    let frame = form.frame("/exposure");
    let imported = match (file, vantage(form.field("from"))) {
        (_, Err(error)) => Err(error),
        (None, _) => Err(Error::invalid("choose a file first")),
        (Some((file_name, document)), Ok(vantage)) => {
            let dry_run = form.field("dry_run").is_some();
            let command = ImportExposure { file_name, document, vantage, dry_run };
            exposure::import(&state.ctx, &actor, command).await
        }
    };
    let page = view(frame, &state, &PageRequest::default()).await?;
    match imported {
        Ok(report) => show(&ExposurePage { report: Some(report_view(&report)), ..page })
            .map(IntoResponse::into_response),
        Err(error @ Error::Invalid { .. }) => refuse(&ExposurePage { problem: Some(told(&error)), ..page }),
        Err(error) => Err(error.into()),
    }
}

/// `POST /exposure/imports/{id}/remove`
pub(crate) async fn remove(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Redirect, Failure> {
    exposure::remove(&state.ctx, &form.visitor.actor(), import_id(&id)?).await?;
    Ok(Redirect::to("/exposure"))
}

async fn view(frame: Frame, state: &State, request: &PageRequest) -> Result<ExposurePage, Failure> {
    let list = exposure::list(&state.ctx, &frame.visitor.actor(), request).await?;
    let pager = Pager::of(&Link::to("/exposure"), &list.devices, request, texts().counts.devices);
    Ok(page(frame, &list, pager))
}

fn page(frame: Frame, list: &ExposureList, pager: Pager) -> ExposurePage {
    let totals = list.totals;
    let loose = |all: &[LooseAddress]| all.iter().take(ADDRESSES).map(loose_view).collect();
    ExposurePage {
        changes: frame.visitor.may(Right::ChangeDevices),
        frame,
        headline: (texts().exposure.headline)(
            totals.outside,
            totals.seen,
            totals.contradicted,
            totals.cannot_tell,
        ),
        problem: None,
        report: None,
        rows: list.devices.rows.iter().map(row).collect(),
        pager,
        several: loose(&list.several),
        unknown: loose(&list.unknown),
        files: list.files.iter().map(file).collect(),
    }
}

fn row(row: &ReachRow) -> RowView {
    let facts = &row.facts;
    RowView {
        name: row.name.clone(),
        link: format!("/devices/{}", row.device),
        release: release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref()),
        known: KnownView::of(&row.reach),
    }
}

fn loose_view(it: &LooseAddress) -> LooseView {
    let t = &texts().exposure;
    let inside = it.inside.map(|inside| (t.handed_on_to)(&inside.to_string())).unwrap_or_default();
    let device =
        |(id, name): &(bedrail_model::ids::DeviceId, String)| (name.clone(), format!("/devices/{id}"));
    LooseView {
        address: format!("{}{inside}", it.address),
        pieces: (t.pieces)(it.pieces),
        devices: it.devices.iter().map(device).collect(),
    }
}

fn file(row: &EvidenceFile) -> FileView {
    let t = &texts().exposure;
    FileView {
        id: row.id.to_string(),
        name: row.name.clone(),
        link: format!("/documents/{}", row.document),
        detail: (t.file_detail)(&row.format, row.vantage, &words::day(row.received), &row.received_by),
        state: match &row.removed {
            Some((at, by)) => (t.removed)(&words::day(*at), by),
            None => (t.pieces)(row.pieces),
        },
        stands: row.removed.is_none(),
    }
}

fn report_view(report: &ExposureReport) -> ReportView {
    let t = &texts().exposure;
    let mut notes = Vec::new();
    if report.pieces == 0 {
        notes.push(t.silence.to_owned());
    }
    let loose = [
        (t.several_note, report.several.len()),
        (t.unknown_note, report.unknown.len()),
        (t.border_note, report.handed_on.len()),
    ];
    notes.extend(loose.into_iter().filter(|(_, count)| *count > 0).map(|(note, count)| note(count as u64)));
    let devices = report.joined.iter().take(NAMED).map(|it| {
        let word = match (it.firm, it.is_contradicted()) {
            (0, _) => t.hint,
            (_, true) => t.contradicted,
            (_, false) => t.seen_outside,
        };
        (it.name.clone(), format!("/devices/{}", it.device), word)
    });
    let left = report.joined.len().saturating_sub(NAMED) as u64;
    let remarks = report.warnings.iter().take(NAMED);
    ReportView {
        sentence: (t.report)(report),
        notes,
        devices: devices.collect(),
        more: if left > 0 { (t.more_devices)(left) } else { String::new() },
        remarks: remarks.map(|it| (t.remark)(&it.place, &it.message)).collect(),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(super) fn sample() -> Page {
    use crate::web::sample;
    let list = sample::exposure();
    let request = PageRequest::default();
    let pager = Pager::of(&Link::to("/exposure"), &list.devices, &request, texts().counts.devices);
    let page = page(sample::frame("/exposure"), &list, pager);
    show(&ExposurePage { report: Some(report_view(&sample::exposure_report())), ..page })
}
