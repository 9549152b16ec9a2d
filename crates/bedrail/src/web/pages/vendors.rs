//! Vendors: the list with the makers' scores, and one with its agreements, clauses, questionnaires, requests and incidents.

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::rights::Right;
use bedrail_app::vendors::{
    self, AgreementDetail, HOW_ENDED, IncidentLine, KINDS_ASKED, KNOWN, LinkRow, MakerLine, NewEnd,
    NewRequest, NewSignature, Notice, OwnIncidentRow, RequestRow, SetVendor, VendorDetail, VendorLine,
};
use bedrail_app::vendors::{CLAUSES, Question, Standing};
use bedrail_model::ids::{IncidentId, VendorId};
use bedrail_model::text::harmless;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Page, id_of, refuse, show};
use crate::web::api::programme::{iso_day, some_day};
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// What the forms about a vendor begin with.
struct Fields {
    name: String,
    services: String,
    holds: String,
    ephi: Vec<Choice>,
    associate: Vec<Choice>,
    contact: String,
    security_contact: String,
    notice_days: String,
    subcontractors: String,
    attested: String,
    renewal: String,
    maker: String,
}

impl Fields {
    fn of(row: Option<&vendors::VendorRow>) -> Fields {
        let t = &texts().vendors;
        let text = |it: Option<&String>| it.map(|it| harmless(it).into_owned()).unwrap_or_default();
        let known = |chosen: Option<&String>| {
            let words = [t.yes, t.no, t.unknown];
            Choice::list(KNOWN.iter().copied().zip(words), Some(chosen.map_or("unknown", String::as_str)))
        };
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        Fields {
            name: text(row.map(|it| &it.name)),
            services: text(row.map(|it| &it.services)),
            holds: text(row.map(|it| &it.holds)),
            ephi: known(row.map(|it| &it.ephi)),
            associate: known(row.map(|it| &it.associate)),
            contact: text(row.map(|it| &it.contact)),
            security_contact: text(row.map(|it| &it.security_contact)),
            notice_days: row.and_then(|it| it.notice_days).map(|days| days.to_string()).unwrap_or_default(),
            subcontractors: row
                .map(|it| harmless(&it.subcontractors.join("\n")).into_owned())
                .unwrap_or_default(),
            attested: day(row.and_then(|it| it.attested)),
            renewal: day(row.and_then(|it| it.renewal)),
            maker: text(row.map(|it| &it.maker)),
        }
    }
}

#[derive(Template)]
#[template(path = "vendors.html")]
struct VendorsPage {
    frame: Frame,
    problem: Option<String>,
    headline: String,
    rows: Vec<RowView>,
    makers: Vec<MakerView>,
    form: Fields,
    may: bool,
}

struct RowView {
    link: String,
    name: String,
    services: String,
    holds: String,
    tone: Tone,
    state: String,
    ends: String,
    answers: String,
    waiting: String,
}

struct MakerView {
    name: String,
    link: Option<String>,
    devices: String,
    bills: String,
    asked: String,
    late: String,
    days: String,
}

fn standing(line: &VendorLine) -> (Tone, String) {
    let t = &texts().vendors;
    let word = match line.standing {
        Standing::None => t.state_none,
        Standing::Draft => t.state_draft,
        Standing::Signed => t.state_signed,
        Standing::Expired => t.state_expired,
        Standing::Ended => t.state_ended,
    };
    let open = line.row.ephi == "unknown" || line.row.associate == "unknown";
    match (line.bare, line.standing, open) {
        (true, ..) => (Tone::Act, (t.bare)(word)),
        (_, Standing::Signed, _) => (Tone::Good, word.to_owned()),
        (_, _, true) => (Tone::Unknown, t.not_said.to_owned()),
        _ => (Tone::Plain, word.to_owned()),
    }
}

fn row(line: &VendorLine) -> RowView {
    let t = &texts().vendors;
    let (tone, state) = standing(line);
    RowView {
        link: format!("/vendors/{}", line.row.id),
        name: harmless(&line.row.name).into_owned(),
        services: harmless(&line.row.services).into_owned(),
        holds: harmless(&line.row.holds).into_owned(),
        tone,
        state,
        ends: line.ends.map(|(day, left)| (t.ends_in)(&words::civil(day), left)).unwrap_or_default(),
        answers: line.answers.map(|(good, of)| (t.good_answers)(good, of)).unwrap_or_default(),
        waiting: (t.waiting)(line.waiting.0, line.waiting.1),
    }
}

fn maker(line: &MakerLine) -> MakerView {
    let t = &texts().vendors;
    MakerView {
        name: harmless(&line.maker).into_owned(),
        link: line.vendor.map(|id| format!("/vendors/{id}")),
        devices: words::number(line.devices),
        bills: (t.so_many_of)(line.with_bill, line.releases),
        asked: (t.so_many_of)(line.answered, line.asked),
        late: words::number(line.late),
        days: line.days.map(|days| days.to_string()).unwrap_or_default(),
    }
}

fn list_view(frame: Frame, lines: &[VendorLine], makers: &[MakerLine]) -> VendorsPage {
    let bare = lines.iter().filter(|line| line.bare).count() as u64;
    VendorsPage {
        problem: None,
        headline: (texts().vendors.headline)(lines.len() as u64, bare),
        rows: lines.iter().map(row).collect(),
        makers: makers.iter().map(maker).collect(),
        form: Fields::of(None),
        may: frame.visitor.may(Right::KeepProgramme),
        frame,
    }
}

async fn listed(state: &State, frame: Frame) -> Result<VendorsPage, Failure> {
    let actor = frame.visitor.actor();
    let lines = vendors::list(&state.ctx, &actor).await?;
    Ok(list_view(frame, &lines, &vendors::makers(&state.ctx, &actor).await?))
}

/// `GET /vendors`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>) -> Page {
    show(&listed(&state, frame).await?)
}

fn sent(form: &Submission) -> Result<SetVendor, Error> {
    let text = |name| form.field(name).unwrap_or_default().to_owned();
    let days = form
        .field("notice_days")
        .map(|days| days.parse().map_err(|_| Error::invalid("the days of notice are a whole number")));
    Ok(SetVendor {
        name: text("name"),
        services: text("services"),
        holds: text("holds"),
        ephi: text("ephi"),
        associate: text("associate"),
        contact: text("contact"),
        security_contact: text("security_contact"),
        notice_days: days.transpose()?,
        subcontractors: text("subcontractors").lines().map(str::to_owned).collect(),
        attested: some_day(form.field("attested"))?,
        renewal: some_day(form.field("renewal"))?,
        maker: text("maker"),
    })
}

/// `POST /vendors`
pub(crate) async fn add(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let actor = form.visitor.actor();
    let done = match sent(&form) {
        Ok(new) => vendors::set(&state.ctx, &actor, None, &new).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(id) => Ok(Redirect::to(&format!("/vendors/{id}")).into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let page = listed(&state, form.frame("/vendors")).await?;
            refuse(&VendorsPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "vendor.html")]
struct VendorPage {
    frame: Frame,
    problem: Option<String>,
    id: String,
    name: String,
    services: String,
    tone: Tone,
    state: String,
    facts: Vec<(&'static str, String)>,
    agreements: Vec<AgreementView>,
    links: Vec<LinkView>,
    requests: Vec<RequestView>,
    incidents: Vec<(String, String, Tone, String)>,
    form: Fields,
    how_ended: Vec<Choice>,
    kinds: Vec<Choice>,
    open_incidents: Vec<Choice>,
    /// The path of a link that was just made: it is shown this once.
    made: Option<String>,
    today: String,
    may: bool,
    handles: bool,
}

struct AgreementView {
    id: String,
    title: String,
    tone: Tone,
    state: String,
    days: String,
    document: Option<(String, String)>,
    draft: bool,
    over: bool,
    missing: String,
    clauses: Vec<ClauseView>,
}

struct ClauseView {
    id: &'static str,
    says: &'static str,
    citation: &'static str,
    place: String,
    checked: String,
    found: bool,
}

struct LinkView {
    state: String,
    answers: Vec<(Tone, &'static str, &'static str, String)>,
}

struct RequestView {
    id: String,
    what: String,
    days: String,
    tone: Tone,
    state: String,
    open: bool,
}

fn agreement(it: &AgreementDetail, now: Timestamp) -> AgreementView {
    let t = &texts().vendors;
    let draft = it.row.signed.is_none() && it.row.ended.is_none();
    let (tone, state) = match it.standing {
        Standing::Signed => (Tone::Good, t.state_signed),
        Standing::Expired => (Tone::Plan, t.state_expired),
        Standing::Ended => (Tone::Known, t.state_ended),
        Standing::None | Standing::Draft => (Tone::Plan, t.state_draft),
    };
    let clause = |clause: &'static bedrail_app::vendors::Clause| {
        let found = it.row.clauses.iter().find(|row| row.clause == clause.id);
        ClauseView {
            id: clause.id,
            says: clause.says,
            citation: clause.citation,
            place: found.map(|row| harmless(&row.place).into_owned()).unwrap_or_default(),
            checked: found
                .map(|row| (t.checked_by)(&harmless(&row.checked_by), &words::ago(row.checked, now)))
                .unwrap_or_default(),
            found: found.is_some(),
        }
    };
    let ended = it.row.ended.as_ref().map(|end| {
        let how = HOW_ENDED.iter().find(|(code, _)| *code == end.how).map_or("", |(_, words)| *words);
        (t.ended_on)(&words::civil(end.on), how, &harmless(&end.note))
    });
    let signed = it.row.signed.as_ref().map(|(on, by)| {
        (t.signed_on)(&words::civil(*on), &harmless(by), it.row.expires.map(words::civil).as_deref())
    });
    AgreementView {
        id: it.row.id.to_string(),
        title: harmless(&it.row.title).into_owned(),
        tone,
        state: state.to_owned(),
        days: signed.into_iter().chain(ended).collect::<Vec<_>>().join(" "),
        document: it
            .row
            .document
            .as_ref()
            .map(|(id, _, name)| (format!("/documents/{id}"), harmless(name).into_owned())),
        draft,
        over: it.row.ended.is_some(),
        missing: if draft { (t.missing)(it.missing.len() as u64) } else { String::new() },
        clauses: CLAUSES.iter().map(clause).collect(),
    }
}

fn link(it: &LinkRow, now: Timestamp) -> LinkView {
    let t = &texts().vendors;
    let answer = |(question, answer, note): &(String, String, String)| {
        let row = Question::of(question)?;
        let tone = if row.good == answer { Tone::Good } else { Tone::Plan };
        let (tone, word) = match answer.as_str() {
            "yes" => (tone, t.yes),
            "no" => (tone, t.no),
            _ => (Tone::Unknown, t.unknown),
        };
        Some((tone, row.text, word, harmless(note).into_owned()))
    };
    let state = match &it.used {
        Some((at, who)) => (t.answered_by)(&harmless(who), &words::day(*at)),
        None if it.expires <= now => t.link_over.to_owned(),
        None => (t.link_until)(&words::day(it.expires)),
    };
    LinkView { state, answers: it.answers.iter().filter_map(answer).collect() }
}

fn request(it: &RequestRow, today: Date) -> RequestView {
    let t = &texts().vendors;
    let kind = KINDS_ASKED.iter().find(|(code, _)| *code == it.kind).map_or("", |(_, words)| *words);
    let (tone, state) = match &it.answered {
        Some((on, answer)) => (Tone::Good, (t.answered_on)(&words::civil(*on), &harmless(answer))),
        None if it.due < today => (Tone::Act, t.late.to_owned()),
        None => (Tone::Plan, t.waits.to_owned()),
    };
    RequestView {
        id: it.id.to_string(),
        what: (t.asked_for)(kind, &harmless(&it.about)),
        days: (t.asked_due)(&words::civil(it.asked), &words::civil(it.due)),
        tone,
        state,
        open: it.answered.is_none(),
    }
}

fn incident(it: &IncidentLine) -> (String, String, Tone, String) {
    let link = format!("/incidents/{}", it.row.incident);
    let name = (texts().incidents.headline)(it.incident.0, &harmless(&it.incident.1));
    let (tone, words) = notice_words(it.notice.as_ref(), it.row.told, it.late);
    (link, name, tone, words)
}

/// The clock of a vendor's notice in words, the same on the pages of the vendor and of the incident.
pub(super) fn notice_words(notice: Option<&Notice>, told: Option<Date>, late: bool) -> (Tone, String) {
    let t = &texts().vendors;
    let said = told.map(words::civil);
    let words = match notice {
        None => t.discovery_unknown.to_owned(),
        Some(notice) => (t.notice_by)(
            &words::civil(notice.due()),
            notice.agreed.map(words::civil).as_deref(),
            &words::civil(notice.limit),
            said.as_deref(),
        ),
    };
    let tone = match (late, notice, told.is_some()) {
        (true, ..) => Tone::Act,
        (_, None, _) => Tone::Unknown,
        (_, _, true) => Tone::Good,
        _ => Tone::Plan,
    };
    (tone, words)
}

fn one_view(frame: Frame, it: &VendorDetail, incidents: Vec<Choice>, now: Timestamp) -> VendorPage {
    let (t, row) = (&texts().vendors, &it.line.row);
    let (tone, state) = standing(&it.line);
    let today = now.to_zoned(TimeZone::UTC).date();
    let known = |code: &str| match code {
        "yes" => t.yes.to_owned(),
        "no" => t.no.to_owned(),
        _ => t.unknown.to_owned(),
    };
    let or_not =
        |text: &str| if text.is_empty() { t.not_said.to_owned() } else { harmless(text).into_owned() };
    let day = |day: Option<Date>| day.map_or_else(|| t.not_said.to_owned(), words::civil);
    let facts = vec![
        (t.holds, or_not(&row.holds)),
        (t.ephi, known(&row.ephi)),
        (t.associate, known(&row.associate)),
        (t.contact, or_not(&row.contact)),
        (t.security_contact, or_not(&row.security_contact)),
        (t.notice_days, row.notice_days.map_or_else(|| t.not_said.to_owned(), |days| days.to_string())),
        (t.subcontractors, or_not(&row.subcontractors.join(", "))),
        (t.attested, day(row.attested)),
        (t.renewal, day(row.renewal)),
    ];
    VendorPage {
        problem: None,
        id: row.id.to_string(),
        name: harmless(&row.name).into_owned(),
        services: harmless(&row.services).into_owned(),
        tone,
        state,
        facts,
        agreements: it.agreements.iter().map(|it| agreement(it, now)).collect(),
        links: it.links.iter().map(|it| link(it, now)).collect(),
        requests: it.requests.iter().map(|it| request(it, today)).collect(),
        incidents: it.incidents.iter().map(incident).collect(),
        form: Fields::of(Some(row)),
        how_ended: Choice::list(HOW_ENDED.iter().copied(), None),
        kinds: Choice::list(KINDS_ASKED.iter().copied(), None),
        open_incidents: incidents,
        made: None,
        today: today.to_string(),
        may: frame.visitor.may(Right::KeepProgramme),
        handles: frame.visitor.may(Right::HandleIncidents),
        frame,
    }
}

async fn seen(state: &State, frame: Frame, id: VendorId) -> Result<VendorPage, Failure> {
    let actor = frame.visitor.actor();
    let detail = vendors::get(&state.ctx, &actor, id).await?;
    let incidents = bedrail_app::incidents::list(&state.ctx, &actor).await?;
    let name = |row: &bedrail_app::incidents::IncidentRow| {
        let it = &row.incident;
        (it.id.to_string(), (texts().incidents.headline)(it.number, &harmless(&it.title)))
    };
    let open = incidents.iter().filter(|row| row.incident.closed.is_none()).map(name);
    let open = Choice::list(open, None);
    Ok(one_view(frame, &detail, open, state.now()))
}

/// `GET /vendors/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    show(&seen(&state, frame, id_of(&id)?).await?)
}

/// What a form came to: back to the vendor, or the page again with what was wrong.
async fn ended<T>(
    state: &State,
    form: &Submission,
    id: VendorId,
    done: Result<T, Error>,
) -> Result<Response, Failure> {
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/vendors/{id}")).into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let page = seen(state, form.frame("/vendors"), id).await?;
            refuse(&VendorPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

fn text<'a>(form: &'a Submission, name: &str) -> &'a str {
    form.field(name).unwrap_or_default()
}

/// The agreement that a form names; a vendor has it or there is none.
fn agreement_of(
    form: &Submission,
    vendor: VendorId,
) -> Result<(VendorId, bedrail_model::ids::AgreementId), Failure> {
    Ok((vendor, id_of(text(form, "agreement"))?))
}

/// `POST /vendors/{id}`
pub(crate) async fn set(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let done = match sent(&form) {
        Ok(new) => vendors::set(&state.ctx, &form.visitor.actor(), Some(id), &new).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /vendors/{id}/draft`
pub(crate) async fn draft(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let done = vendors::draft(&state.ctx, &form.visitor.actor(), id, text(&form, "title")).await;
    ended(&state, &form, id, done).await
}

/// `POST /vendors/{id}/document`: the text of a draft.
pub(crate) async fn document(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    mut form: Submission,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let (id, file) = (id_of(&id)?, form.file.take());
    let key = agreement_of(&form, id)?;
    let done = match file {
        Some((name, file)) => vendors::document(&state.ctx, &form.visitor.actor(), key, &name, &file).await,
        None => Err(Error::invalid("choose a file first")),
    };
    ended(&state, &form, id, done).await
}

/// `POST /vendors/{id}/clauses`: where each of the twelve stands, all in one form.
pub(crate) async fn clauses(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let key = agreement_of(&form, id)?;
    let actor = form.visitor.actor();
    let places = form.fields_under("place-").map(|(clause, place)| (clause.to_owned(), place.to_owned()));
    let done = vendors::check_all(&state.ctx, &actor, key, &places.collect()).await;
    ended(&state, &form, id, done).await
}

/// `POST /vendors/{id}/sign`
pub(crate) async fn sign(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let key = agreement_of(&form, id)?;
    let new = (|| {
        Ok::<_, Error>(NewSignature {
            on: iso_day(text(&form, "on"))?,
            signer: text(&form, "signer").to_owned(),
            effective: some_day(form.field("effective"))?,
            expires: some_day(form.field("expires"))?,
        })
    })();
    let done = match new {
        Ok(new) => vendors::sign(&state.ctx, &form.visitor.actor(), key, &new).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /vendors/{id}/end`
pub(crate) async fn end(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let key = agreement_of(&form, id)?;
    let done = match iso_day(text(&form, "on")) {
        Ok(on) => {
            let new = NewEnd { on, how: text(&form, "how").to_owned(), note: text(&form, "note").to_owned() };
            vendors::end(&state.ctx, &form.visitor.actor(), key, &new).await
        }
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /vendors/{id}/link`: the link stands on the page that answers, and nowhere else.
pub(crate) async fn make_link(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let path = vendors::answer::link(&state.ctx, &form.visitor.actor(), id).await?;
    let page = seen(&state, form.frame("/vendors"), id).await?;
    Ok(show(&VendorPage { made: Some(path), ..page })?.into_response())
}

/// `POST /vendors/{id}/ask`
pub(crate) async fn ask(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let done = match some_day(form.field("due")) {
        Ok(due) => {
            let (kind, about) = (text(&form, "kind").to_owned(), text(&form, "about").to_owned());
            vendors::ask(&state.ctx, &form.visitor.actor(), id, &NewRequest { kind, about, due })
                .await
                .map(drop)
        }
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /vendors/{id}/answered`
pub(crate) async fn answered(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let key = (id, id_of(text(&form, "request"))?);
    let done = match some_day(form.field("on")) {
        Ok(on) => vendors::answered(&state.ctx, &form.visitor.actor(), key, on, text(&form, "answer")).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /vendors/{id}/incident`
pub(crate) async fn own_incident(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let incident: IncidentId = id_of(text(&form, "incident"))?;
    let days = (|| Ok::<_, Error>((some_day(form.field("discovered"))?, some_day(form.field("told"))?)))();
    let done = match days {
        Ok((discovered, told)) => {
            let row = OwnIncidentRow { vendor: id, incident, discovered, told };
            vendors::own_incident(&state.ctx, &form.visitor.actor(), &row).await
        }
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// A vendor with made-up values.
#[cfg(test)]
fn sample_row() -> vendors::VendorRow {
    use crate::web::sample::{HOSTILE, now};
    vendors::VendorRow {
        id: VendorId::generate(),
        name: HOSTILE.into(),
        services: HOSTILE.into(),
        holds: HOSTILE.into(),
        ephi: "yes".into(),
        associate: "unknown".into(),
        contact: HOSTILE.into(),
        security_contact: HOSTILE.into(),
        notice_days: Some(10),
        subcontractors: vec![HOSTILE.into()],
        attested: None,
        renewal: Some(jiff::civil::date(2026, 4, 1)),
        maker: HOSTILE.into(),
        added: now(),
        added_by: HOSTILE.into(),
    }
}

#[cfg(test)]
fn sample_line() -> VendorLine {
    VendorLine {
        row: sample_row(),
        standing: Standing::Draft,
        bare: true,
        ends: Some((jiff::civil::date(2026, 4, 1), 29)),
        gaps: vec!["report"],
        waiting: (2, 1),
        answers: Some((11, 12)),
    }
}

/// The list with made-up values.
#[cfg(test)]
pub(super) fn sample_list() -> Page {
    use crate::web::sample::{self, HOSTILE};
    let maker = MakerLine { maker: HOSTILE.into(), devices: 3, releases: 2, ..MakerLine::default() };
    show(&list_view(sample::frame("/vendors"), &[sample_line()], &[maker]))
}

/// One with made-up values.
#[cfg(test)]
pub(super) fn sample_one() -> Page {
    use crate::web::sample::{self, HOSTILE, now};
    use bedrail_model::ids::{AgreementId, DocumentId, VendorRequestId};
    let day = jiff::civil::date(2026, 2, 1);
    let row = vendors::AgreementRow {
        id: AgreementId::generate(),
        vendor: VendorId::generate(),
        title: HOSTILE.into(),
        document: Some((DocumentId::generate(), vec![0; 32], HOSTILE.into())),
        signed: None,
        effective: None,
        expires: None,
        ended: None,
        added: now(),
        added_by: HOSTILE.into(),
        clauses: vec![vendors::ClauseRow {
            clause: "uses".into(),
            place: HOSTILE.into(),
            checked: now(),
            checked_by: HOSTILE.into(),
        }],
    };
    let end = vendors::EndRow { on: day, how: "destroyed".into(), note: HOSTILE.into(), by: HOSTILE.into() };
    let over = vendors::AgreementRow { signed: Some((day, HOSTILE.into())), ended: Some(end), ..row.clone() };
    let detail = VendorDetail {
        line: sample_line(),
        agreements: vec![
            AgreementDetail { row, standing: Standing::Draft, missing: vec!["report"] },
            AgreementDetail { row: over, standing: Standing::Ended, missing: Vec::new() },
        ],
        links: vec![LinkRow {
            code: vec![0; 32],
            vendor: VendorId::generate(),
            made: now(),
            made_by: HOSTILE.into(),
            expires: now(),
            used: Some((now(), HOSTILE.into())),
            answers: vec![("abroad".into(), "yes".into(), HOSTILE.into())],
        }],
        requests: vec![RequestRow {
            id: VendorRequestId::generate(),
            vendor: VendorId::generate(),
            kind: "sbom".into(),
            about: HOSTILE.into(),
            asked: day,
            asked_by: HOSTILE.into(),
            due: day,
            answered: None,
        }],
        incidents: vec![IncidentLine {
            row: OwnIncidentRow {
                vendor: VendorId::generate(),
                incident: IncidentId::generate(),
                discovered: Some(day),
                told: None,
            },
            incident: (7, HOSTILE.into()),
            notice: Some(bedrail_app::vendors::notice(day, Some(10))),
            late: true,
        }],
    };
    show(&one_view(sample::frame("/vendors"), &detail, Choice::list([("x", HOSTILE)], None), now()))
}
