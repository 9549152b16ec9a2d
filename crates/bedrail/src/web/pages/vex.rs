//! Statements of others on weaknesses in products: what is proposed, what matched nothing, whose word counts.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::page::Page as List;
use bedrail_app::rights::Right;
use bedrail_app::vex::{
    self, Accept, AddVex, Issuer, Pin, Speaks, Spoken, Standing, StatementRow, Tally, VexFilter, VexReceipt,
};
use bedrail_model::vex::{Product, Status};

use super::{Page, refuse, show};
use crate::web::api::vex::statement_id;
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::{Choice, Pager};
use crate::web::query::VexQuery;
use crate::web::state::State;
use crate::web::taken::ActionSent;
use crate::web::tone::Tone;
use crate::web::{viewer, words};

#[derive(Template)]
#[template(path = "vex.html")]
struct VexPage {
    frame: Frame,
    headline: String,
    problem: Option<String>,
    done: Option<String>,
    text: String,
    standings: Vec<Choice>,
    active: bool,
    /// What is to be looked at beside: addresses with their words.
    beside: Vec<(String, String)>,
    rows: Vec<RowView>,
    pager: Pager,
    issuers: Vec<IssuerView>,
    takes: bool,
    decides: bool,
}

struct RowView {
    id: String,
    weakness: String,
    says: String,
    why: Option<String>,
    tone: Tone,
    state: &'static str,
    notes: Vec<String>,
    may_decline: bool,
    aside: bool,
    decline: &'static str,
    issuer: String,
    document: String,
    original: String,
    spoken: Vec<SpokenView>,
    /// What it names, where that is nothing of ours.
    products: Vec<String>,
}

struct SpokenView {
    release: String,
    name: String,
    detail: String,
    /// Whether one click accepts it.
    may_accept: bool,
    /// Whether it is accepted with an action, and what the statement advises.
    advice: Option<String>,
    decision: Option<String>,
}

struct IssuerView {
    key: String,
    name: String,
    pinned: bool,
    tone: Tone,
    state: String,
    rule: Option<String>,
    /// What its documents must be signed with.
    signed_with: Option<String>,
    makers: String,
}

/// `GET /vex`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<VexQuery>,
) -> Page {
    show(&view(frame, &state, &query).await?)
}

/// `POST /vex/add`
pub(crate) async fn add(Extract(state): Extract<State>, mut form: Submission) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let file = form.file.take();
    let frame = form.frame("/vex");
    let added = match file {
        Some((file_name, document)) => {
            let signature = form.field("signature").map(|it| it.as_bytes().to_vec());
            let command = AddVex { file_name, document, signature };
            vex::add(&state.ctx, &form.visitor.actor(), command).await
        }
        None => Err(Error::invalid("choose a file first")),
    };
    let page = view(frame, &state, &VexQuery::default()).await?;
    match added {
        Ok(receipt) => {
            show(&VexPage { done: Some(taken(&receipt)), ..page }).map(IntoResponse::into_response)
        }
        Err(error @ Error::Invalid { .. }) => refuse(&VexPage { problem: Some(told(&error)), ..page }),
        Err(error) => Err(error.into()),
    }
}

/// `POST /vex/{id}/aside`
pub(crate) async fn aside(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Redirect, Failure> {
    let aside = form.field("aside") != Some("false");
    vex::decline(&state.ctx, &form.visitor.actor(), statement_id(&id)?, aside).await?;
    Ok(Redirect::to("/vex"))
}

/// `POST /vex/{id}/accept`
pub(crate) async fn accept(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let release = form.field("release").unwrap_or_default();
    let field = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let sent =
        ActionSent { what: field("what"), owner: field("owner"), due: field("due"), ..ActionSent::default() };
    let with_action = form.field("owner").is_some() || form.field("due").is_some();
    let action = match with_action.then(|| sent.action()).transpose() {
        Ok(action) => action,
        Err(error) => {
            let page = view(form.frame("/vex"), &state, &VexQuery::default()).await?;
            return refuse(&VexPage { problem: Some(told(&error)), ..page });
        }
    };
    let command = Accept {
        statement: statement_id(&id)?,
        release: release.parse().map_err(|_| Error::not_found("this release"))?,
        justification: None,
        reason: None,
        action,
    };
    match vex::accept(&state.ctx, &form.visitor.actor(), &command).await {
        Ok(decision) => Ok(Redirect::to(&format!("/decisions/{decision}")).into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let page = view(form.frame("/vex"), &state, &VexQuery::default()).await?;
            refuse(&VexPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /vex/pin`
pub(crate) async fn pin(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let field = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let makers = field("makers").split(',').map(str::to_owned).collect();
    let automatic = form.field("automatic").is_some();
    let command = Pin { key: field("key"), makers, automatic, signing_key: field("signing_key") };
    match vex::pin(&state.ctx, &form.visitor.actor(), &command).await {
        Ok(()) => Ok(Redirect::to("/vex").into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let page = view(form.frame("/vex"), &state, &VexQuery::default()).await?;
            refuse(&VexPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /vex/unpin`
pub(crate) async fn unpin(Extract(state): Extract<State>, form: Submission) -> Result<Redirect, Failure> {
    vex::unpin(&state.ctx, &form.visitor.actor(), form.field("key").unwrap_or_default()).await?;
    Ok(Redirect::to("/vex"))
}

async fn view(frame: Frame, state: &State, query: &VexQuery) -> Result<VexPage, Failure> {
    let (filter, request) = (query.filter()?, query.paging.request());
    let actor = frame.visitor.actor();
    let (list, tally) = vex::list(&state.ctx, &actor, &filter, &request).await?;
    let issuers = vex::issuers(&state.ctx, &actor).await?;
    let pager = Pager::of(&query.link(), &list, &request, viewer::texts().vex.statements);
    Ok(page(frame, &list, &tally, &issuers, &filter, pager))
}

fn page(
    frame: Frame,
    list: &List<StatementRow>,
    tally: &Tally,
    issuers: &[Issuer],
    filter: &VexFilter,
    pager: Pager,
) -> VexPage {
    let t = &viewer::texts().vex;
    let of = |wanted: Standing| {
        tally.by_standing.iter().find(|(standing, _)| *standing == wanted).map_or(0, |(_, count)| *count)
    };
    let waiting = of(Standing::Proposed) + of(Standing::Unclear);
    let headline = match (&filter.text, filter.standing) {
        (None, None) if !filter.contradicted && filter.in_use.is_none() => {
            (t.headline)(waiting, of(Standing::Unmatched), of(Standing::Unpinned))
        }
        _ => (t.found)(list.total),
    };
    let codes = Standing::ALL.map(|it| (it.code(), standing_words(it).1));
    let beside = [
        ("/vex?contradicted=true", tally.contradicted, t.contradicted),
        ("/vex?use=expired", tally.expired, t.expired),
        ("/vex?use=unused", tally.unused, t.unused),
    ];
    let beside = beside.into_iter().filter(|(_, count, _)| *count > 0);
    VexPage {
        takes: frame.visitor.may(Right::TakeStatements),
        decides: frame.visitor.may(Right::Decide),
        frame,
        headline,
        problem: None,
        done: None,
        text: filter.text.clone().unwrap_or_default(),
        standings: Choice::list(codes, filter.standing.map(Standing::code)),
        active: *filter != VexFilter::default(),
        beside: beside.map(|(link, count, words)| (link.to_owned(), words(count))).collect(),
        rows: list.rows.iter().map(row_view).collect(),
        pager,
        issuers: issuers.iter().map(issuer_view).collect(),
    }
}

/// Colour and word of a standing.
fn standing_words(standing: Standing) -> (Tone, &'static str) {
    let t = &viewer::texts().vex;
    match standing {
        Standing::Proposed => (Tone::Plan, t.proposed),
        Standing::Unclear => (Tone::Unknown, t.unclear),
        Standing::InForce => (Tone::Known, t.in_force),
        Standing::Unpinned => (Tone::Unknown, t.unpinned),
        Standing::Unmatched => (Tone::Plain, t.unmatched),
        Standing::Lapsed => (Tone::Plain, t.lapsed),
        Standing::Declined => (Tone::Plain, t.declined),
        Standing::Replaced => (Tone::Plain, t.replaced),
    }
}

fn status_word(status: Status) -> &'static str {
    let t = &viewer::texts().vex;
    match status {
        Status::UnderInvestigation => t.under_investigation,
        Status::Affected => t.affected,
        Status::NotAffected => t.not_affected,
        Status::Fixed => t.fixed,
    }
}

fn row_view(row: &StatementRow) -> RowView {
    let t = &viewer::texts().vex;
    let (tone, state) = standing_words(row.standing);
    let said = &row.statement;
    let texts = [
        said.justification.map(|it| it.name().replace('_', " ")),
        said.reason.as_deref().map(|it| it.replace('_', " ")),
        said.impact.clone(),
        said.action.clone(),
        said.notes.clone(),
    ];
    let texts: Vec<String> = texts.into_iter().flatten().collect();
    let mut notes: Vec<String> = row.lapse.map(|it| it.sentence().to_owned()).into_iter().collect();
    notes.extend(
        row.otherwise.iter().map(|it| (t.otherwise)(&it.issuer, status_word(it.status), &it.release_name)),
    );
    notes.extend(row.idle.iter().map(|it| (t.idle)(&it.release_name, it.why.sentence())));
    notes.extend(row.unsigned.then(|| t.unsigned.to_owned()));
    let aside = row.standing != Standing::Declined;
    RowView {
        id: row.id.to_string(),
        weakness: row.weakness.clone(),
        says: status_word(said.status).to_owned(),
        why: (!texts.is_empty()).then(|| texts.join(". ")),
        tone,
        state,
        notes,
        may_decline: row.standing != Standing::Replaced,
        aside,
        decline: if aside { t.put_aside } else { t.take_up },
        issuer: row.issuer.clone(),
        document: row.document_name.clone(),
        original: row.original.to_string(),
        spoken: row.spoken.iter().map(|it| spoken_view(row, it)).collect(),
        products: match row.spoken.is_empty() {
            true => said.products.iter().take(5).map(Product::words).collect(),
            false => Vec::new(),
        },
    }
}

fn spoken_view(row: &StatementRow, it: &Spoken) -> SpokenView {
    let t = &viewer::texts().vex;
    let mut detail = vec![words::count(it.devices, "device")];
    detail.extend(it.components.iter().take(3).cloned());
    if it.components.len() > 3 {
        detail.push((t.more_components)(it.components.len() as u64 - 3));
    }
    detail.push(it.why.sentence());
    if !it.pinned && !row.unsigned {
        detail.push(t.not_for_maker.to_owned());
    }
    if it.speaks == Speaks::Yes {
        detail.extend(it.needs.iter().map(|need| need.sentence().to_owned()));
    }
    let waits =
        row.standing == Standing::Proposed && it.pinned && it.speaks == Speaks::Yes && it.decision.is_none();
    SpokenView {
        advice: (waits && row.statement.status == Status::Affected)
            .then(|| row.statement.action.clone().unwrap_or_default()),
        release: it.release.to_string(),
        name: it.release_name.clone(),
        detail: detail.join("; "),
        may_accept: waits
            && row.statement.status != Status::Affected
            && (row.statement.status != Status::NotAffected || row.statement.justification.is_some()),
        decision: it.decision.map(|it| format!("/decisions/{it}")),
    }
}

fn issuer_view(it: &Issuer) -> IssuerView {
    let t = &viewer::texts().vex;
    let (tone, state) = match &it.pinned {
        None => (Tone::Unknown, t.unpinned.to_owned()),
        Some((at, by)) => (Tone::Known, (t.pinned)(&words::day(*at), by)),
    };
    let rule = it.automatic.as_ref().map(|(at, by)| (t.ruled)(&words::day(*at), by));
    IssuerView {
        key: it.key.clone(),
        name: it.name.clone(),
        pinned: it.pinned.is_some(),
        tone,
        state,
        rule,
        signed_with: it.signed_with.as_deref().map(|it| (t.signed_with)(it)),
        makers: match (&it.pinned, it.makers.is_empty()) {
            (None, _) => String::new(),
            (Some(_), true) => t.all_makers.to_owned(),
            (Some(_), false) => it.makers.join(", "),
        },
    }
}

/// What was taken in, in a sentence.
fn taken(receipt: &VexReceipt) -> String {
    let t = &viewer::texts().vex;
    let lost = receipt.warnings.iter().filter(|it| it.lost).count() as u64;
    if let Some(why) = &receipt.unsigned {
        return (t.taken_unsigned)(&receipt.issuer, why);
    }
    match (receipt.unchanged, receipt.outdated) {
        (true, _) => (t.held)(&receipt.name),
        (false, true) => (t.outdated)(&receipt.name),
        (false, false) => (t.taken)(receipt.statements, &receipt.issuer, lost),
    }
}

#[cfg(test)]
pub(super) fn sample() -> Page {
    use crate::web::sample;
    let rows = vec![sample::statement()];
    let list = List { total: 1, offset: 0, next: None, rows };
    let tally = Tally { by_standing: vec![(Standing::Proposed, 1)], contradicted: 1, unused: 1, expired: 1 };
    let issuers = [Issuer {
        key: sample::HOSTILE.to_owned(),
        name: sample::HOSTILE.to_owned(),
        pinned: None,
        makers: Vec::new(),
        automatic: None,
        signed_with: Some(sample::HOSTILE.to_owned()),
        documents: 1,
    }];
    let request = bedrail_app::page::PageRequest::default();
    let pager = Pager::of(&VexQuery::default().link(), &list, &request, viewer::texts().vex.statements);
    show(&page(sample::frame("/vex"), &list, &tally, &issuers, &VexFilter::default(), pager))
}
