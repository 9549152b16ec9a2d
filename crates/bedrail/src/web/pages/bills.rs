//! Bills of materials looked at: what does one lack, and what changed from one release to another?

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Response;
use bedrail_app::bills::{self, BillQuality, Change, Comparison, Direction, SETS, Standing, Target};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::support::{Grounds, SupportOf};
use bedrail_app::{Actor, Error};
use bedrail_model::answer::Answer;
use bedrail_model::component::Inventory;
use bedrail_model::ids::ReleaseId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::releases::{attachment, release_id};
use super::{Page, show};
use crate::bill_letter::{letter, title};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::blank;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::release_name;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::views::bill::headline;
use crate::web::words;

#[derive(Template)]
#[template(path = "bill_quality.html")]
struct QualityPage {
    frame: Frame,
    release: String,
    release_link: String,
    headline: String,
    sets: Vec<SetView>,
    odd_licences: Vec<(String, String)>,
    /// Until when components are supported, in a sentence.
    support: String,
    ends: Vec<EndView>,
    /// Of how many it is not known, and why.
    not_known: Vec<(String, &'static str)>,
    letter: Option<String>,
}

/// The end of a component's support.
struct EndView {
    component: String,
    product: String,
    tone: Tone,
    when: String,
}

/// One element set.
struct SetView {
    title: &'static str,
    citation: &'static str,
    url: &'static str,
    reading: String,
    rows: Vec<ElementView>,
}

/// One element of it.
struct ElementView {
    name: &'static str,
    tone: Tone,
    standing: &'static str,
    having: String,
    lacking: Vec<String>,
    left_out: String,
}

/// Components named for one element on the page; the letter has more.
const NAMED: usize = 30;

/// `GET /releases/{id}/quality`
pub(crate) async fn quality(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let id = release_id(&id)?;
    let quality = bills::quality(&state.ctx, &frame.visitor.actor(), id).await?;
    show(&quality_view(frame, id, &quality))
}

fn quality_view(frame: Frame, id: ReleaseId, quality: &BillQuality) -> QualityPage {
    let (report, inventory, t) = (&quality.report, &quality.inventory, &texts().bill);
    let by_set = SETS.iter().map(|set| (t.by_set)(set.title, report.counts(set).lacking, set.elements.len()));
    let odd = report.odd_licences.iter();
    QualityPage {
        frame,
        release: quality.release.clone(),
        release_link: format!("/releases/{id}"),
        headline: (t.headline)(&by_set.collect::<Vec<_>>().join("; ")),
        sets: SETS.iter().map(|set| set_view(set, quality)).collect(),
        odd_licences: odd
            .map(|(licence, bearers)| (licence.clone(), (texts().counts.components)(bearers.len() as u64)))
            .collect(),
        support: support_words(&quality.support),
        ends: ends(&quality.support, inventory),
        not_known: not_known(&quality.support),
        letter: letter(&quality.release, inventory, report),
    }
}

fn support_words(support: &SupportOf) -> String {
    let t = &texts().bill;
    match support {
        SupportOf::NoList => t.support_no_list.to_owned(),
        SupportOf::Damaged(why) => (t.support_damaged)(why),
        SupportOf::Told(report) => {
            (t.support_told)(report.ended().len() as u64, report.ending().len() as u64, report.open() as u64)
        }
    }
}

fn ends(support: &SupportOf, inventory: &Inventory) -> Vec<EndView> {
    let (SupportOf::Told(report), t) = (support, &texts().bill) else { return Vec::new() };
    let view = |at, grounds: &Grounds, tone, when| EndView {
        component: title(inventory, at),
        product: format!("{} {}", grounds.product, grounds.cycle),
        tone,
        when,
    };
    let ended = report.ended().into_iter().map(|(at, day, grounds)| {
        let when =
            day.map_or_else(|| t.support_ended.to_owned(), |day| (t.support_ended_on)(&day.to_string()));
        view(at, grounds, Tone::Act, when)
    });
    let ending = report.ending().into_iter();
    let ending = ending
        .map(|(at, day, grounds)| view(at, grounds, Tone::Plain, (t.support_ends_on)(&day.to_string())));
    ended.chain(ending).collect()
}

fn not_known(support: &SupportOf) -> Vec<(String, &'static str)> {
    let SupportOf::Told(report) = support else { return Vec::new() };
    let rows = report.not_known().into_iter();
    rows.map(|(why, many)| ((texts().counts.components)(many as u64), why.words())).collect()
}

fn set_view(set: &'static bills::ElementSet, quality: &BillQuality) -> SetView {
    let (report, t) = (&quality.report, &texts().bill);
    let counts = report.counts(set);
    let row = |(element, name): &(bills::Element, &'static str)| {
        let (tone, standing, lacking) = match report.of(*element) {
            Standing::Whole => (Tone::Good, t.whole, &[][..]),
            Standing::Lacking => (Tone::Unknown, t.lacking, &[][..]),
            Standing::LackingOn(lacking) => (Tone::Unknown, t.lacking, lacking.as_slice()),
            Standing::CannotTell(_) => (Tone::Plain, t.not_told, &[][..]),
        };
        let why = match report.of(*element) {
            Standing::CannotTell(why) => (*why).to_owned(),
            _ => String::new(),
        };
        let having =
            report.having(*element).map(|having| (t.having)(having as u64, report.components as u64));
        let left = lacking.len().saturating_sub(NAMED);
        ElementView {
            name,
            tone,
            standing,
            having: having.unwrap_or(why),
            lacking: lacking.iter().take(NAMED).map(|at| title(&quality.inventory, *at)).collect(),
            left_out: if left > 0 { words::fill(texts().release.and_more, left) } else { String::new() },
        }
    };
    SetView {
        title: set.title,
        citation: set.citation,
        url: set.url,
        reading: (t.reading)(counts.whole, counts.lacking, counts.cannot_tell),
        rows: set.elements.iter().map(row).collect(),
    }
}

/// Which two releases.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CompareQuery {
    /// The earlier: its id, or maker, model and version.
    before: String,
    /// The later.
    after: String,
}

#[derive(Template)]
#[template(path = "bill_compare.html")]
struct ComparePage {
    frame: Frame,
    before: String,
    after: String,
    headline: String,
    comparison: Option<ComparisonView>,
    /// Releases to choose from: name and link.
    choices: Vec<(String, String)>,
}

/// What changed.
struct ComparisonView {
    names: String,
    versions: Vec<(Tone, &'static str, String, String, String)>,
    added: Vec<String>,
    removed: Vec<String>,
    judged: bool,
    /// What happened, the weakness with its link, what is said of it.
    weaknesses: Vec<(&'static str, String, String, String)>,
}

/// `GET /releases/compare`
pub(crate) async fn compare(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<CompareQuery>,
) -> Page {
    let actor = frame.visitor.actor();
    let (before, after) = (query.before.trim(), query.after.trim());
    if before.is_empty() || after.is_empty() {
        let known = if before.is_empty() { after } else { before };
        let choices = choices(&state, &actor, known, before.is_empty()).await?;
        let headline = texts().bill.choose.to_owned();
        let (before, after) = (before.to_owned(), after.to_owned());
        return show(&ComparePage { frame, before, after, headline, comparison: None, choices });
    }
    let earlier = bills::find(&state.ctx, &actor, before).await?;
    let later = bills::find(&state.ctx, &actor, after).await?;
    let comparison = bills::compare_releases(&state.ctx, &actor, earlier, later).await?;
    show(&compare_view(frame, &comparison))
}

/// Other releases with a bill of materials, those of the same maker and model first.
async fn choices(
    state: &State,
    actor: &Actor,
    known: &str,
    for_before: bool,
) -> Result<Vec<(String, String)>, Error> {
    let filter = ReleaseFilter { sbom: Some(true), ..ReleaseFilter::default() };
    let list = releases::list(&state.ctx, actor, &filter, &PageRequest::at(0, 500)).await?;
    let known = match known {
        "" => None,
        known => Some(bills::find(&state.ctx, actor, known).await?),
    };
    let own = list.rows.iter().find(|row| Some(row.id) == known);
    let mut rows: Vec<&releases::ReleaseRow> = list.rows.iter().filter(|row| Some(row.id) != known).collect();
    rows.sort_by_key(|row| !own.is_some_and(|own| own.maker == row.maker && own.model == row.model));
    let choice = |row: &releases::ReleaseRow| {
        let name = release_name(Some(&row.maker), Some(&row.model), row.version.as_deref());
        let link = match (known, for_before) {
            (Some(known), true) => Link::to("/releases/compare").with("before", row.id).with("after", known),
            (Some(known), false) => Link::to("/releases/compare").with("before", known).with("after", row.id),
            (None, _) => Link::to("/releases/compare").with("after", row.id),
        };
        (name, link.to_string())
    };
    Ok(rows.into_iter().map(choice).collect())
}

fn compare_view(frame: Frame, comparison: &Comparison) -> ComparePage {
    let t = &texts().bill;
    let (before, after) = (&comparison.before, &comparison.after);
    let mut view = ComparisonView {
        names: (t.from_to)(&before.name, &after.name),
        versions: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        judged: comparison.judged(),
        weaknesses: weaknesses(comparison),
    };
    for change in &comparison.bill.changes {
        match *change {
            Change::Added(at) => view.added.push(title(&after.inventory, at)),
            Change::Removed(at) => view.removed.push(title(&before.inventory, at)),
            Change::Version { before: old, after: new, direction } => {
                let (tone, word) = match direction {
                    Direction::Up => (Tone::Plain, t.up),
                    Direction::Down => (Tone::Plan, t.down),
                    Direction::Same => (Tone::Plain, t.same),
                    Direction::Unknown => (Tone::Unknown, t.untold),
                };
                let version =
                    |version: &Option<String>| version.clone().unwrap_or_else(|| t.no_version.to_owned());
                let (old, new) = (before.inventory.component(old), after.inventory.component(new));
                let row = (tone, word, new.name.clone(), version(&old.version), version(&new.version));
                view.versions.push(row);
            }
        }
    }
    ComparePage {
        frame,
        before: before.name.clone(),
        after: after.name.clone(),
        headline: headline(comparison),
        comparison: Some(view),
        choices: Vec::new(),
    }
}

fn weaknesses(comparison: &Comparison) -> Vec<(&'static str, String, String, String)> {
    let t = &texts().bill;
    let word = |answer: Answer| match answer {
        Answer::Affected => texts().words.affected,
        Answer::CannotTell => texts().words.cannot_tell,
        Answer::NotAffected => "",
    };
    let row = |what: &'static str, id: &str, said: String| {
        (what, id.to_owned(), format!("/advisories/{}", crate::web::link::Encoded(id)), said)
    };
    let new = comparison.new.iter().map(|(id, answer)| row(t.new, id, word(*answer).to_owned()));
    let gone = comparison.gone.iter().map(|(id, answer)| row(t.gone, id, word(*answer).to_owned()));
    let changed = comparison.changed.iter();
    let changed = changed.map(|(id, old, new)| row(t.now, id, (t.was)(word(*new), word(*old))));
    new.chain(changed).chain(gone).collect()
}

/// Which format.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ExportQuery {
    /// `cyclonedx` (1.6 JSON; also without it) or `spdx` (2.3 JSON).
    #[serde(deserialize_with = "blank")]
    format: Option<String>,
}

/// `GET /releases/{id}/sbom`
pub(crate) async fn export(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Failure> {
    exported(&state, &visitor, &id, &query).await
}

/// A bill of materials in a format, for the page and for the API.
pub(crate) async fn exported(
    state: &State,
    visitor: &SignedIn,
    id: &str,
    query: &ExportQuery,
) -> Result<Response, Failure> {
    let target = match query.format.as_deref() {
        None => Target::CycloneDx,
        Some(code) => Target::from_code(code).ok_or_else(|| Error::Invalid {
            message: format!("`{code}` is no format that is written"),
            hint: Some("cyclonedx and spdx are".into()),
        })?,
    };
    let written = bills::export(&state.ctx, &visitor.actor(), release_id(id)?, target).await?;
    Ok(attachment(&written.file_name, written.document.bytes))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_quality() -> Page {
    use bedrail_app::support::{Support, SupportReport, Unknown};
    use bedrail_model::component::ComponentIndex;

    use crate::web::sample;
    let inventory = sample::sbom().inventory;
    let report = bills::assess(&inventory);
    let grounds = || Grounds { product: sample::HOSTILE.to_owned(), cycle: "1.0".to_owned() };
    let day = jiff::civil::date(2025, 1, 31);
    let rows = [
        Support::Ended(Some(day), grounds()),
        Support::Ended(None, grounds()),
        Support::Ends(Some(day), grounds()),
        Support::NotKnown(Unknown::NotListed),
    ];
    let rows = rows.into_iter().map(|said| (ComponentIndex(0), said)).collect();
    let support = SupportOf::Told(SupportReport { taken: sample::now(), today: day, rows });
    let quality = BillQuality { release: sample::HOSTILE.to_owned(), inventory, report, support };
    show(&quality_view(sample::frame("/releases/x/quality"), ReleaseId::generate(), &quality))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_compare() -> Page {
    use crate::web::sample;
    let said =
        |ids: &[(&str, Answer)]| Some(ids.iter().map(|(id, answer)| ((*id).to_owned(), *answer)).collect());
    let before = bills::Compared {
        name: "Orbis Flow 2.0".to_owned(),
        inventory: sample::sbom().inventory,
        weaknesses: said(&[("CVE-2021-44228", Answer::Affected), ("CVE-2020-1", Answer::CannotTell)]),
    };
    let mut after = before.clone();
    after.name = sample::HOSTILE.to_owned();
    after.weaknesses = said(&[("CVE-2020-1", Answer::Affected), ("CVE-2024-1", Answer::CannotTell)]);
    let parts = &mut after.inventory.components;
    parts[3].version = Some("2.17.1".to_owned());
    parts[2].version = Some("7.9.0".to_owned());
    parts[6].name = sample::HOSTILE.repeat(2);
    show(&compare_view(sample::frame("/releases/compare"), &bills::compare(before, after)))
}
