//! What people were asked to sign or to learn: the list, one with who is missing by ward, the printed sheet and what comes back of it.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::page::{Page as Part, PageRequest};
use bedrail_app::rights::Right;
use bedrail_app::workforce::duties::{self, Again, Detail, MOST_ON_SHEET, NewStatement, PersonRow, Standing};
use bedrail_app::workforce::markdown;
use bedrail_app::workforce::sheets::{self, Sheet, SignedList};
use bedrail_model::ids::DutyId;
use bedrail_model::workforce::{DutyKind, EVERYBODY, Stage};
use serde::Deserialize;

use super::roster::{ReportView, place, report, waiting};
use super::training::{WardView, wards};
use super::{Page, id_of, refuse, show};
use crate::web::api::programme::{iso_day, some_day};
use crate::web::assets;
use crate::web::draw::coverage;
use crate::web::error::{Failure, told};
use crate::web::form::{Submission, blank};
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::qr;
use crate::web::state::State;
use crate::web::viewer::texts;
use crate::web::words;

/// People named on the page; the sheet has more.
const SHOWN: u32 = 100;

#[derive(Template)]
#[template(path = "attestations.html")]
struct ListPage {
    frame: Frame,
    headline: String,
    problem: Option<String>,
    rows: Vec<RowView>,
    today: String,
    typed: NewStatement,
    may: bool,
}

struct RowView {
    link: String,
    title: String,
    kind: &'static str,
    due: String,
    signed: String,
    late: u64,
}

fn row(it: &Standing) -> RowView {
    let t = &texts().attestations;
    RowView {
        link: format!("/attestations/{}", it.duty.id),
        title: it.duty.title.clone(),
        kind: it.duty.kind.words(),
        due: it.duty.due.map(words::civil).unwrap_or_default(),
        signed: (t.signed_of)(it.tally.done, it.tally.asked),
        late: it.tally.late,
    }
}

fn list_view(frame: Frame, rows: &[Standing], today: String) -> ListPage {
    let t = &texts().attestations;
    let late = rows.iter().map(|row| row.tally.late).sum();
    ListPage {
        headline: (t.headline)(rows.len() as u64, late),
        problem: None,
        rows: rows.iter().map(row).collect(),
        today,
        typed: NewStatement { days: 30, ..NewStatement::default() },
        may: frame.visitor.may(Right::KeepWorkforce),
        frame,
    }
}

async fn list_page(state: &State, frame: Frame) -> Result<ListPage, Failure> {
    let kinds = [DutyKind::Statement, DutyKind::Policy];
    let rows = duties::list(&state.ctx, &frame.visitor.actor(), &kinds).await?;
    Ok(list_view(frame, &rows, state.ctx.clock.today().to_string()))
}

/// `GET /attestations`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>) -> Page {
    show(&list_page(&state, frame).await?)
}

fn whole(form: &Submission, name: &str) -> Result<Option<u32>, Error> {
    let wrong = |_| Error::invalid("days are a whole number");
    form.field(name).map(|text| text.parse().map_err(wrong)).transpose()
}

/// `POST /attestations`
pub(crate) async fn open(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let text = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let typed = NewStatement {
        title: text("title"),
        body: text("body"),
        roles: text("roles"),
        due: None,
        days: 30,
        valid_days: None,
    };
    let command = (|| {
        let (due, days) = (some_day(form.field("due"))?, whole(&form, "days")?.unwrap_or(30));
        Ok::<_, Error>(NewStatement { due, days, valid_days: whole(&form, "again")?, ..typed.clone() })
    })();
    let done = match command {
        Ok(command) => duties::open(&state.ctx, &form.visitor.actor(), &command).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(id) => Ok(Redirect::to(&format!("/attestations/{id}")).into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let page = list_page(&state, form.frame("/attestations")).await?;
            refuse(&ListPage { problem: Some(told(&error)), typed, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// A ward of a duty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PlaceQuery {
    #[serde(deserialize_with = "blank")]
    site: Option<String>,
    #[serde(deserialize_with = "blank")]
    ward: Option<String>,
}

impl PlaceQuery {
    fn place(&self) -> (&str, &str) {
        (self.site.as_deref().unwrap_or_default(), self.ward.as_deref().unwrap_or_default())
    }

    fn of(form: &Submission) -> PlaceQuery {
        let text = |name: &str| form.field(name).map(str::to_owned);
        PlaceQuery { site: text("site"), ward: text("ward") }
    }
}

#[derive(Template)]
#[template(path = "attestation.html")]
struct OnePage {
    frame: Frame,
    problem: Option<String>,
    id: String,
    title: String,
    kind: &'static str,
    roles: String,
    due: String,
    signed: String,
    late: u64,
    sha256: String,
    text: String,
    closed: bool,
    signs: bool,
    course: bool,
    wards: Vec<WardView>,
    reading: String,
    wide: String,
    narrow: String,
    missing_title: String,
    missing: Vec<PersonView>,
    more: Option<String>,
    site: String,
    ward: String,
    sheet: String,
    report: Option<ReportView>,
    seen: String,
    today: String,
    may: bool,
}

struct PersonView {
    id: String,
    link: String,
    name: String,
    mail: String,
    number: String,
    place: String,
    due: String,
}

fn person(it: &PersonRow) -> PersonView {
    PersonView {
        id: it.worker.to_string(),
        link: format!("/roster/{}", it.worker),
        name: it.name.clone(),
        mail: it.mail.clone().unwrap_or_else(|| texts().attestations.no_mail.to_owned()),
        number: it.external.clone().unwrap_or_default(),
        place: place(&it.site, &it.ward),
        due: words::civil(it.due),
    }
}

fn one_view(
    frame: Frame,
    detail: &Detail,
    missing: &Part<PersonRow>,
    query: &PlaceQuery,
    today: String,
) -> OnePage {
    let t = &texts().attestations;
    let duty = &detail.duty;
    let page = Link::to(format!("/attestations/{}", duty.id));
    let (views, drawn) = wards(&detail.wards, |site, ward| Some(page.with("site", site).with("ward", ward)));
    let (site, ward) = query.place();
    let named = place(site, ward);
    let everybody = duty.roles.iter().any(|role| role == EVERYBODY);
    let absent = detail.tally.asked.saturating_sub(detail.tally.done);
    let more = missing.total.saturating_sub(missing.rows.len() as u64);
    OnePage {
        problem: None,
        id: duty.id.to_string(),
        title: duty.title.clone(),
        kind: duty.kind.words(),
        roles: if everybody { texts().policies.everybody.to_owned() } else { duty.roles.join(", ") },
        due: duty.due.map(words::civil).unwrap_or_default(),
        signed: (t.signed_of)(detail.tally.done, detail.tally.asked),
        late: detail.tally.late,
        sha256: duty.sha256.clone(),
        text: markdown::html(&detail.body),
        closed: duty.closed.is_some(),
        signs: duty.kind != DutyKind::Course,
        course: duty.kind == DutyKind::Course,
        reading: (t.by_ward_reading)(views.len() as u64, absent),
        wide: coverage::rows(&drawn, 900.0, 330.0, "wide-only", t.by_ward),
        narrow: coverage::rows(&drawn, 380.0, 176.0, "narrow-only", t.by_ward),
        wards: views,
        missing_title: if named.is_empty() { t.missing.to_owned() } else { (t.missing_at)(&named) },
        missing: missing.rows.iter().map(person).collect(),
        more: (more > 0).then(|| (t.more)(more)),
        sheet: page
            .at(&format!("/attestations/{}/sheet", duty.id))
            .with("site", site)
            .with("ward", ward)
            .to_string(),
        report: None,
        seen: String::new(),
        site: site.to_owned(),
        ward: ward.to_owned(),
        today,
        may: frame.visitor.may(Right::KeepWorkforce),
        frame,
    }
}

async fn one_page(state: &State, frame: Frame, id: DutyId, query: &PlaceQuery) -> Result<OnePage, Failure> {
    let actor = frame.visitor.actor();
    let detail = duties::get(&state.ctx, &actor, id).await?;
    let page = PageRequest::at(0, SHOWN);
    let missing = duties::people(&state.ctx, &actor, id, Stage::Open, query.place(), &page).await?;
    Ok(one_view(frame, &detail, &missing, query, state.ctx.clock.today().to_string()))
}

/// `GET /attestations/{id}`
pub(crate) async fn one(
    frame: Frame,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Query(query): Query<PlaceQuery>,
) -> Page {
    show(&one_page(&state, frame, id_of(&id)?, &query).await?)
}

/// What a form came to: back, or the page again with what was wrong.
async fn ended<T>(
    state: &State,
    form: &Submission,
    id: DutyId,
    done: Result<T, Error>,
) -> Result<Response, Failure> {
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/attestations/{id}")).into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let page = one_page(state, form.frame("/attestations"), id, &PlaceQuery::of(form)).await?;
            refuse(&OnePage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /attestations/{id}/close`
pub(crate) async fn close(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let done = duties::close(&state.ctx, &form.visitor.actor(), id).await;
    ended(&state, &form, id, done).await
}

/// `POST /attestations/{id}/again`
pub(crate) async fn again(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let text = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let again = Again { site: text("site"), ward: text("ward"), role: text("role"), note: text("note") };
    let done = match whole(&form, "days") {
        Ok(days) => duties::again(&state.ctx, &form.visitor.actor(), id, &again, days.unwrap_or(14)).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

#[derive(Template)]
#[template(path = "attestation_sheet.html")]
struct SheetPage {
    frame: Frame,
    headline: String,
    place: String,
    version: Option<String>,
    text: String,
    sha256: String,
    people: Vec<PersonView>,
    address: String,
    code: String,
    more: Option<String>,
}

/// `GET /attestations/{id}/sheet`: on paper, for a ward without computers.
pub(crate) async fn sheet(
    frame: Frame,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Query(query): Query<PlaceQuery>,
) -> Page {
    let (t, id, actor) = (&texts().attestations, id_of::<DutyId>(&id)?, frame.visitor.actor());
    let detail = duties::get(&state.ctx, &actor, id).await?;
    let page = PageRequest::at(0, MOST_ON_SHEET);
    let found = duties::people(&state.ctx, &actor, id, Stage::Open, query.place(), &page).await?;
    let (site, ward) = query.place();
    let back = Link::to(format!("/attestations/{id}")).with("site", site).with("ward", ward);
    let address = format!("{}{back}", state.options.public_url.as_deref().unwrap_or_default());
    let more = found.total.saturating_sub(found.rows.len() as u64);
    show(&SheetPage {
        headline: (t.sheet_title)(&detail.duty.title),
        place: place(site, ward),
        version: (detail.duty.kind == DutyKind::Policy).then(|| (t.sheet_version)(detail.duty.version)),
        text: markdown::html(&detail.body),
        sha256: detail.duty.sha256.clone(),
        people: found.rows.iter().map(person).collect(),
        code: qr::svg_named(&address, t.sheet_back).unwrap_or_default(),
        address,
        more: (more > 0).then(|| (t.more)(more)),
        frame,
    })
}

/// `POST /attestations/{id}/signed`: who signed a sheet, with its scan.
pub(crate) async fn signed(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    mut form: Submission,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let id = id_of(&id)?;
    let scan = form.file.take();
    let command = (|| {
        let scan = scan.ok_or_else(|| Error::invalid("choose the scan of the sheet first"))?;
        let people = form.all().iter().filter(|(name, _)| name == "signed").map(|(_, id)| id.trim());
        let people = people
            .map(|id| id.parse().map_err(|_| Error::invalid("somebody ticked is nobody of the roster")));
        Ok::<_, Error>(Sheet {
            sha256: form.field("sha256").unwrap_or_default().to_owned(),
            signed: people.collect::<Result<_, _>>()?,
            on: iso_day(form.field("on").unwrap_or_default())?,
            scan,
        })
    })();
    let done = match command {
        Ok(sheet) => sheets::take_sheet(&state.ctx, &form.visitor.actor(), id, &sheet).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /attestations/{id}/list`: a list of who signed. First it is looked through and waits; then the scan comes, and it is taken.
pub(crate) async fn list_signed(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    mut form: Submission,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let id = id_of::<DutyId>(&id)?;
    let (dry_run, mut seen) = (form.field("take").is_none(), String::new());
    let scan = if dry_run { None } else { form.file.take() };
    let done = match waiting(&state, &form) {
        Ok(file) => {
            seen.clone_from(&file.file_name);
            let command = SignedList { list: (file.file_name, file.document), scan, dry_run };
            sheets::take_list(&state.ctx, &form.visitor.actor(), id, &command).await
        }
        Err(error) => Err(error),
    };
    let page = one_page(&state, form.frame("/attestations"), id, &PlaceQuery::default()).await?;
    match done {
        Ok(found) => {
            let t = &texts().attestations;
            let words = if dry_run { t.list_preview } else { t.list_taken };
            let sentence = words(found.changed, found.unchanged, found.refused);
            let report = Some(report(&found, sentence, dry_run));
            Ok(show(&OnePage { report, seen, ..page })?.into_response())
        }
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            refuse(&OnePage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}
