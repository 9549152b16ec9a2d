//! Medical advisories: what is new for my makers, and does it touch us?

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Redirect;
use bedrail_app::Error;
use bedrail_app::medical::provider::{self, ProviderRow};
use bedrail_app::medical::{
    self, Candidate, Decide, Decision, MedicalDetail, MedicalRow, NameDecision, OfRelease, Said, Standing,
};
use bedrail_app::page::{Page as List, PageRequest};
use bedrail_app::rights::Right;
use bedrail_model::answer::Answer;
use bedrail_model::product_advisory::Remediation;
use jiff::Timestamp;

use super::{Page, show};
use crate::web::api::medical::decision_of;
use crate::web::assets;
use crate::web::error::{Failure, sentence};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::{Choice, Pager, advisory_link};
use crate::web::query::MedicalQuery;
use crate::web::state::State;
use crate::web::texts::TextOf;
use crate::web::texts::keys::MedicalPage as MedicalTexts;
use crate::web::tone::Tone;
use crate::web::{viewer, words};

#[derive(Template)]
#[template(path = "medical.html")]
struct MedicalPage {
    frame: Frame,
    headline: String,
    text: String,
    standings: Vec<Choice>,
    active: bool,
    rows: Vec<RowView>,
    pager: Pager,
    decides: bool,
    decided: Vec<DecidedView>,
    updates: bool,
    providers: Vec<ProviderView>,
}

/// A publisher that advisories are fetched from.
struct ProviderView {
    url: String,
    namespace: String,
    name: String,
    asked: String,
    outcome: String,
    tone: Tone,
    state: &'static str,
}

/// A decision that was taken on two names.
struct DecidedView {
    own_key: String,
    their_key: String,
    own_name: String,
    their_name: String,
    what: &'static str,
    day: String,
}

struct RowView {
    link: String,
    name: String,
    title: String,
    publisher: String,
    released: String,
    tone: Tone,
    state: String,
    affected: String,
    cannot_tell: String,
}

/// `GET /medical`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<MedicalQuery>,
) -> Page {
    let (filter, request) = (query.filter()?, query.paging.request());
    let list = medical::list(&state.ctx, &frame.visitor.actor(), &filter, &request).await?;
    let decided = medical::decisions(&state.ctx, &frame.visitor.actor()).await?;
    let providers = provider::list(&state.ctx, &frame.visitor.actor()).await?;
    let changes = provider::may_change(&state.ctx, &frame.visitor.actor()).await?;
    show(&list_view(frame, &list, (decided, &providers, changes), &query, &request))
}

/// `POST /medical/providers/add`
pub(crate) async fn add_provider(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let field = |name| submission.field(name).unwrap_or_default();
    let (url, namespace) = (field("url"), field("namespace"));
    provider::add(&state.ctx, &submission.visitor.actor(), url, namespace).await?;
    Ok(Redirect::to("/medical#providers"))
}

/// `POST /medical/providers/remove`
pub(crate) async fn remove_provider(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let url = submission.field("url").unwrap_or_default();
    provider::remove(&state.ctx, &submission.visitor.actor(), url).await?;
    Ok(Redirect::to("/medical#providers"))
}

/// `POST /medical/take-back`
pub(crate) async fn take_back(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let field = |name: &str| submission.field(name).unwrap_or_default();
    medical::take_back(&state.ctx, &submission.visitor.actor(), field("own"), field("their")).await?;
    Ok(Redirect::to("/medical"))
}

fn list_view(
    frame: Frame,
    list: &List<MedicalRow>,
    (decided, providers, changes): (Vec<NameDecision>, &[ProviderRow], bool),
    query: &MedicalQuery,
    request: &PageRequest,
) -> MedicalPage {
    let standing = query.standing();
    let t = &viewer::texts().medical;
    let headline = (t.headline)(standing, query.text.as_deref(), list.total);
    let codes = Standing::ALL.map(|it| (it.code(), standing_words(it).1));
    MedicalPage {
        decides: frame.visitor.may(Right::DecideNames),
        decided: decided.into_iter().map(decided_view).collect(),
        updates: changes,
        providers: providers.iter().map(provider_view).collect(),
        frame,
        headline,
        text: query.text.clone().unwrap_or_default(),
        standings: Choice::list(codes, standing.map(Standing::code)),
        active: query.text.is_some() || standing.is_some(),
        rows: list.rows.iter().map(row_view).collect(),
        pager: Pager::of(&query.link(), list, request, t.advisories),
    }
}

fn provider_view(row: &ProviderRow) -> ProviderView {
    let t = &viewer::texts().medical;
    let (tone, state) = match (row.fetched, row.whole) {
        (None, _) => (Tone::Unknown, t.not_asked),
        (Some(_), true) => (Tone::Plain, t.all_read),
        (Some(_), false) => (Tone::Unknown, t.not_all_read),
    };
    ProviderView {
        url: row.url.clone(),
        namespace: row.namespace.clone(),
        name: row.name.clone(),
        asked: row.fetched.map(words::minute).unwrap_or_default(),
        outcome: row.outcome.clone(),
        tone,
        state,
    }
}

fn decided_view(it: NameDecision) -> DecidedView {
    DecidedView {
        what: match it.decision {
            Decision::Same => viewer::texts().medical.the_same,
            Decision::Different => viewer::texts().medical.another,
        },
        day: words::day(it.decided),
        own_key: it.own_key,
        their_key: it.their_key,
        own_name: it.own_name,
        their_name: it.their_name,
    }
}

/// Colour and word of a standing.
fn standing_words(standing: Standing) -> (Tone, &'static str) {
    let t = &viewer::texts().medical;
    match standing {
        Standing::Matched => (Tone::Plan, t.matched),
        Standing::Undecided => (Tone::Unknown, t.undecided),
        Standing::RuledOut => (Tone::Plain, t.ruled_out),
        Standing::Foreign => (Tone::Plain, t.foreign),
    }
}

fn row_view(row: &MedicalRow) -> RowView {
    let (tone, state) = standing_words(row.standing);
    let state = match row.questions as u64 {
        0 => state.to_owned(),
        names => (viewer::texts().medical.to_confirm)(state, names),
    };
    RowView {
        link: medical_link(row),
        name: row.name.clone(),
        title: row.title.clone(),
        publisher: row.publisher.clone(),
        released: day_of(row.released.as_deref()),
        tone,
        state,
        affected: words::number(row.affected),
        cannot_tell: words::number(row.cannot_tell),
    }
}

fn medical_link(row: &MedicalRow) -> String {
    format!("/medical/{}", row.id)
}

/// The day of a moment as the document writes it; what is no moment stays as it is.
fn day_of(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), words::day)
}

#[derive(Template)]
#[template(path = "medical_advisory.html")]
struct AdvisoryPage {
    frame: Frame,
    id: String,
    name: String,
    title: String,
    headline: String,
    pills: Vec<String>,
    wards: String,
    decides: bool,
    said: Vec<SaidView>,
    advice: Vec<AdviceView>,
    contact: Option<String>,
    summary: Vec<String>,
    weaknesses: Vec<WeaknessView>,
    products: Vec<(String, String, String)>,
    losses: Vec<(String, String)>,
    document: String,
    links: Vec<(String, String)>,
}

/// What the advisory says of one release.
pub(crate) struct SaidView {
    pub(crate) release: String,
    pub(crate) release_name: String,
    pub(crate) devices: String,
    pub(crate) tone: Tone,
    pub(crate) answer: &'static str,
    pub(crate) why: String,
    /// The name of the advisory that it is by, with its versions.
    pub(crate) by: Option<CandidateView>,
    pub(crate) candidates: Vec<CandidateView>,
}

/// A name of the advisory.
pub(crate) struct CandidateView {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) versions: String,
}

/// What the publisher advises.
pub(crate) struct AdviceView {
    pub(crate) what: &'static str,
    pub(crate) details: String,
    pub(crate) url: Option<String>,
}

struct WeaknessView {
    id: String,
    link: Option<String>,
    title: String,
    score: String,
    text: String,
}

/// `GET /medical/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = medical::get(&state.ctx, &frame.visitor.actor(), &id).await?;
    show(&view(frame, &detail))
}

/// `POST /medical/{id}/decide`
pub(crate) async fn decide(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let field = |name: &str| submission.field(name).unwrap_or_default();
    let decision = match field("decision") {
        "open" => None,
        word => Some(decision_of(word)?),
    };
    let command = Decide {
        advisory: id.parse().map_err(|_| Error::not_found("this medical advisory"))?,
        release: field("release").parse().map_err(|_| Error::not_found("this release"))?,
        key: field("key").to_owned(),
        decision,
    };
    medical::decide(&state.ctx, &submission.visitor.actor(), &command).await?;
    Ok(Redirect::to(&format!("/medical/{}", command.advisory)))
}

fn view(frame: Frame, detail: &MedicalDetail) -> AdvisoryPage {
    let (row, it, t) = (&detail.row, &detail.advisory, &viewer::texts().medical);
    let score = row.score.map(|score| format!("CVSS {score:.1}"));
    let severity = it.severity_text.as_ref().map(|text| (t.severity)(text));
    let tlp = Some(it.tlp.label().to_owned()).filter(|label| !label.is_empty());
    let status = Some((t.version)(&it.status, &it.version)).filter(|_| it.status != "final");
    let lost = it.warnings.iter().filter(|warning| warning.lost);
    AdvisoryPage {
        decides: frame.visitor.may(Right::DecideNames),
        frame,
        id: row.id.to_string(),
        name: row.name.clone(),
        title: it.title.clone(),
        headline: headline(detail),
        wards: format!("{}/wards", medical_link(row)),
        pills: [score, severity, tlp, status].into_iter().flatten().collect(),
        said: detail.said.iter().map(said_view).collect(),
        advice: detail.advice.iter().map(advice_view).collect(),
        contact: it.publisher.contact.clone(),
        summary: it
            .notes
            .iter()
            .filter(|note| matches!(note.category.as_str(), "summary" | "description" | "details"))
            .map(|note| note.text.clone())
            .collect(),
        weaknesses: it.weaknesses.iter().map(weakness_view).collect(),
        products: it
            .products
            .iter()
            .take(PRODUCTS_SHOWN)
            .map(|product| {
                let versions = product.version.text();
                let versions = if versions.is_empty() { &product.full_name } else { versions };
                (product.maker.clone(), product.product.clone(), versions.to_owned())
            })
            .collect(),
        losses: lost.map(|warning| (warning.place.clone(), warning.message.clone())).collect(),
        document: (t.document)(
            &it.format,
            &it.version,
            &day_of(it.released.as_deref()),
            &words::minute(detail.added),
            detail.provider.as_deref(),
            &detail.sha256,
        ),
        links: it
            .links
            .iter()
            .filter(|link| link.url.starts_with("https://"))
            .map(|link| (link.summary.clone(), link.url.clone()))
            .collect(),
    }
}

/// Products of a document shown on its page.
const PRODUCTS_SHOWN: usize = 200;

fn headline(detail: &MedicalDetail) -> String {
    let (row, t) = (&detail.row, &viewer::texts().medical);
    match row.standing {
        Standing::Matched => (t.it_affects)(&row.name, row.affected, row.cannot_tell),
        Standing::Undecided => (t.it_may_affect)(&row.name, row.cannot_tell),
        Standing::RuledOut => (t.it_affects_none)(&row.name),
        Standing::Foreign => (t.it_is_foreign)(&row.name),
    }
}

/// What the advisory says of one release.
pub(crate) fn said_view(said: &Said) -> SaidView {
    let t = &viewer::texts().medical;
    let (tone, answer) = match said.answer {
        Answer::Affected => (Tone::Plan, t.affected),
        Answer::CannotTell => (Tone::Unknown, t.cannot_tell),
        Answer::NotAffected => (Tone::Plain, t.not_affected),
    };
    SaidView {
        release: said.release.to_string(),
        release_name: said.release_name.clone(),
        devices: words::count(said.devices, "device"),
        tone,
        answer,
        why: sentence(&said.why.sentence()),
        by: said.by.as_ref().map(candidate_view),
        candidates: said.candidates.iter().map(candidate_view).collect(),
    }
}

fn candidate_view(it: &Candidate) -> CandidateView {
    let mut versions = it.versions.iter().take(4).cloned().collect::<Vec<_>>().join("; ");
    if it.versions.len() > 4 {
        versions.push_str(" …");
    }
    CandidateView {
        key: it.key.clone(),
        name: format!("{} {}", it.maker, it.product).trim().to_owned(),
        versions,
    }
}

/// What the publisher advises.
pub(crate) fn advice_view(it: &Remediation) -> AdviceView {
    let t = &viewer::texts().medical;
    AdviceView {
        what: match it.category.as_str() {
            "vendor_fix" => t.vendor_fix,
            "mitigation" => t.mitigation,
            "workaround" => t.workaround,
            "optional_patch" => t.optional_patch,
            "fix_planned" => t.fix_planned,
            "no_fix_planned" => t.no_fix_planned,
            "none_available" => t.none_available,
            "note" => t.note,
            _ => t.other_advice,
        },
        details: it.details.clone(),
        url: it.url.clone().filter(|url| url.starts_with("https://")),
    }
}

fn weakness_view(it: &bedrail_model::product_advisory::ProductWeakness) -> WeaknessView {
    let id = it.name().to_owned();
    let score = it.scores.iter().map(|(cvss, _)| cvss.score).max_by(f64::total_cmp);
    let text = it.notes.iter().find(|note| !note.text.is_empty());
    WeaknessView {
        link: id.starts_with("CVE-").then(|| advisory_link(&id)),
        title: it.title.clone().unwrap_or_default(),
        score: score.map(|score| format!("{score:.1}")).unwrap_or_default(),
        text: text.map(|note| note.text.clone()).unwrap_or_default(),
        id: if id.is_empty() { viewer::texts().medical.no_id.to_owned() } else { id },
    }
}

/// What one advisory says, on the page of a release or of a device.
pub(crate) struct OfReleaseView {
    pub(crate) link: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) released: String,
    pub(crate) said: SaidView,
    pub(crate) advice: Vec<AdviceView>,
}

/// What the advisories say of a release, for its page and those of its devices.
pub(crate) fn of_release(found: &[OfRelease]) -> Vec<OfReleaseView> {
    let view = |it: &OfRelease| OfReleaseView {
        link: medical_link(&it.row),
        name: it.row.name.clone(),
        title: it.row.title.clone(),
        released: day_of(it.row.released.as_deref()),
        said: said_view(&it.said),
        advice: it.advice.iter().map(advice_view).collect(),
    };
    found.iter().map(view).collect()
}

/// What the first line of a release or device begins with where advisories say that it is affected; else nothing.
pub(crate) fn in_headline(found: &[OfRelease], what: TextOf<MedicalTexts>) -> String {
    let t = &viewer::texts().medical;
    match found.iter().filter(|it| it.said.answer == Answer::Affected).count() as u64 {
        0 => String::new(),
        count => (t.affect)(count, what(t)),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::sample;
    let rows =
        vec![sample::medical().row, MedicalRow { standing: Standing::Foreign, ..sample::medical().row }];
    let list = List { total: rows.len() as u64, rows, offset: 0, next: None };
    let query = MedicalQuery::default();
    let decided = vec![NameDecision {
        own_key: "orbis|flow".into(),
        their_key: "orbis|flow300".into(),
        own_name: "Orbis Flow".into(),
        their_name: "Orbis Flow 300".into(),
        decision: Decision::Same,
        decided: sample::now(),
    }];
    let providers = [ProviderRow {
        url: format!("https://orbis.example/provider-metadata.json{}", sample::HOSTILE),
        namespace: format!("https://orbis.example{}", sample::HOSTILE),
        name: sample::HOSTILE.to_owned(),
        added: sample::now(),
        fetched: Some(sample::now()),
        outcome: sample::HOSTILE.to_owned(),
        whole: false,
    }];
    let known = (decided, &providers[..], true);
    show(&list_view(sample::frame("/medical"), &list, known, &query, &query.paging.request()))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    show(&view(sample::frame("/medical/x"), &sample::medical()))
}
