//! Names of components: which of them does a bill give without an identifier, what may they be, and what was said of them?

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Redirect;
use bedrail_app::bills::Proposal;
use bedrail_app::names::{self, Confirm, ConfirmedName, Exact, OfRelease, Unnamed};
use bedrail_app::rights::Right;
use bedrail_model::ids::ReleaseId;

use super::releases::release_id;
use super::{Page, show};
use crate::web::api::names::moment;
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::state::State;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "names.html")]
struct NamesPage {
    frame: Frame,
    headline: String,
    /// No release: where a form comes back to.
    id: &'static str,
    decides: bool,
    said: Vec<SaidView>,
}

/// What was said of a name.
struct SaidView {
    name: String,
    supplier: String,
    what: String,
    by: String,
}

#[derive(Template)]
#[template(path = "release_names.html")]
struct OfReleasePage {
    frame: Frame,
    release: String,
    release_link: String,
    id: String,
    headline: String,
    decides: bool,
    exact: Vec<(String, String)>,
    exact_reading: String,
    confirm_all: String,
    seen: String,
    open: Vec<OpenView>,
    left: String,
    said: Vec<SaidView>,
}

/// A name that waits for a person.
struct OpenView {
    name: String,
    supplier: String,
    detail: String,
    proposals: Vec<ProposedView>,
    /// What was put away before.
    declined: String,
    /// When.
    seen: String,
    /// Where else it stands.
    reach: String,
    /// That all makers are meant, where that has to be said.
    everywhere: String,
}

/// What it may be.
struct ProposedView {
    identifier: String,
    reason: &'static str,
    other: bool,
}

/// Names shown on the page, and proposals for each; the API and the command line have the rest.
const NAMES: usize = 100;
const PROPOSALS: usize = 4;

/// `GET /names`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>) -> Page {
    let said = names::list(&state.ctx, &frame.visitor.actor()).await?;
    show(&list_view(frame, &said))
}

fn list_view(frame: Frame, said: &[ConfirmedName]) -> NamesPage {
    NamesPage {
        decides: frame.visitor.may(Right::DecideNames),
        frame,
        headline: (texts().names.known)(said.len() as u64),
        id: "",
        said: said.iter().map(said_view).collect(),
    }
}

fn said_view(it: &ConfirmedName) -> SaidView {
    let t = &texts().names;
    SaidView {
        name: it.name.clone(),
        supplier: it.supplier.clone().unwrap_or_default(),
        what: match &it.identifier {
            Some(identifier) => identifier.clone(),
            None => (t.none_of)(&it.declined.join(", ")),
        },
        by: (t.by)(&it.author, &words::day(it.decided)),
    }
}

/// `GET /releases/{id}/names`
pub(crate) async fn of_release(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let (actor, id) = (frame.visitor.actor(), release_id(&id)?);
    let found = names::of_release(&state.ctx, &actor, id).await?;
    let exact = names::exact_of(&found);
    show(&of_release_view(frame, id, &found, exact))
}

fn of_release_view(
    frame: Frame,
    id: ReleaseId,
    found: &OfRelease,
    (exact, seen): (Vec<Exact>, String),
) -> OfReleasePage {
    let t = &texts().names;
    let with = found.open.iter().filter(|row| !row.proposals.is_empty()).count() as u64;
    let components: u64 = exact.iter().map(|it| it.components).sum();
    let left = found.open.len().saturating_sub(NAMES) as u64;
    let named = |it: &Exact| {
        let supplier = it.supplier.as_deref().map(|it| format!(" ({it})")).unwrap_or_default();
        (format!("{}{supplier}", it.name), it.identifier.clone())
    };
    OfReleasePage {
        decides: frame.visitor.may(Right::DecideNames),
        frame,
        release: found.release.clone(),
        release_link: format!("/releases/{id}"),
        id: id.to_string(),
        headline: (t.headline)(found.open.len() as u64, with),
        exact_reading: (t.exact_reading)(exact.len() as u64, components),
        confirm_all: (t.confirm_all)(exact.len() as u64),
        exact: exact.iter().map(named).collect(),
        seen,
        open: found.open.iter().take(NAMES).map(open_view).collect(),
        left: if left > 0 { (t.left)(left) } else { String::new() },
        said: found.named.iter().map(|it| said_view(&it.said)).collect(),
    }
}

fn open_view(row: &Unnamed) -> OpenView {
    let t = &texts().names;
    let proposed = |it: &Proposal| {
        Some(ProposedView {
            identifier: it.unversioned()?.to_string(),
            reason: it.confidence.words(),
            other: it.confidence == bedrail_app::bills::Confidence::OtherSupplier,
        })
    };
    let declined = row.declined.as_ref().map(|it| (t.none_of)(&it.declined.join(", ")));
    OpenView {
        name: row.name.clone(),
        supplier: row.supplier.clone().unwrap_or_default(),
        detail: (t.detail)(row.supplier.as_deref(), &row.versions, row.components),
        proposals: row.proposals.iter().take(PROPOSALS).filter_map(proposed).collect(),
        declined: declined.unwrap_or_default(),
        seen: row.declined.as_ref().map(|it| it.decided.to_string()).unwrap_or_default(),
        reach: (t.reach)(row.reach.releases, row.reach.makers),
        everywhere: match row.supplier {
            None if row.reach.makers > 1 => (t.everywhere)(row.reach.makers),
            _ => String::new(),
        },
    }
}

/// The page that a form came from: that of a release, else the list.
fn back(form: &Submission) -> Redirect {
    let release = form.field("release").and_then(|it| it.parse::<ReleaseId>().ok());
    Redirect::to(&release.map_or_else(|| "/names".to_owned(), |id| format!("/releases/{id}/names")))
}

/// `POST /names`
pub(crate) async fn confirm(Extract(state): Extract<State>, form: Submission) -> Result<Redirect, Failure> {
    let text = |name: &str| form.field(name).map(str::to_owned);
    let command = Confirm {
        name: text("name").unwrap_or_default(),
        supplier: text("supplier"),
        identifier: text("identifier"),
        other_supplier: form.field("other").is_some(),
        everywhere: form.field("everywhere").is_some(),
        seen: form.field("seen").map(moment).transpose()?,
    };
    names::confirm(&state.ctx, &form.visitor.actor(), &[command]).await?;
    Ok(back(&form))
}

/// `POST /names/take-back`
pub(crate) async fn take_back(Extract(state): Extract<State>, form: Submission) -> Result<Redirect, Failure> {
    let name = form.field("name").unwrap_or_default();
    names::take_back(&state.ctx, &form.visitor.actor(), name, form.field("supplier")).await?;
    Ok(back(&form))
}

/// `POST /releases/{id}/names/exact`
pub(crate) async fn confirm_exact(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Redirect, Failure> {
    let id = release_id(&id)?;
    let seen = form.field("seen").unwrap_or_default();
    names::confirm_exact(&state.ctx, &form.visitor.actor(), id, seen).await?;
    Ok(Redirect::to(&format!("/releases/{id}/names")))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::sample;
    show(&list_view(sample::frame("/names"), &sample::names::said()))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_of_release() -> Page {
    use crate::web::sample;
    let found = sample::names::of_release();
    let exact = names::exact_of(&found);
    show(&of_release_view(sample::frame("/releases/x/names"), ReleaseId::generate(), &found, exact))
}
