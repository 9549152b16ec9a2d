//! The risk analysis: what was signed and what it covers, the risks, where patient data is.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{Redirect, Response};
use bedrail_app::Error;
use bedrail_app::rights::Right;
use bedrail_app::risk_analysis::{
    self, Asset, BroughtRow, Grade, Level, RiskAnalysis, RiskLine, THREATS, Treatment,
};
use bedrail_model::text::harmless;
use serde::Deserialize;

use super::releases::attachment;
use super::{Page, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::{Submission, blank};
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken_response::{HoldingSent, JudgeSent, yes_or_no};
use crate::web::texts::keys::RiskPage as Texts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// Lines and products on the page; all of them are in the report and the API.
const MOST: usize = 50;

/// Which lines and products the page shows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RiskQuery {
    /// Words of the product, the threat, or what the inventory shows, all of them.
    #[serde(deserialize_with = "blank")]
    text: Option<String>,
    /// The code of the level that stays.
    #[serde(deserialize_with = "blank")]
    stays: Option<String>,
}

impl RiskQuery {
    fn is_plain(&self) -> bool {
        self.text.is_none() && self.stays.is_none()
    }

    fn has(&self, texts: &[&str]) -> bool {
        let all = texts.join(" ").to_lowercase();
        self.text
            .as_deref()
            .unwrap_or_default()
            .to_lowercase()
            .split_whitespace()
            .all(|word| all.contains(word))
    }

    fn line(&self, line: &RiskLine) -> bool {
        let stays = self.stays.as_deref().is_none_or(|code| code == line.residual.code());
        stays && self.has(&[&line.asset, line.threat.words, &line.shows])
    }
}

#[derive(Template)]
#[template(path = "risk_analysis.html")]
struct RiskAnalysisPage {
    frame: Frame,
    headline: String,
    covered: Option<(Tone, String)>,
    joined: Vec<(String, String)>,
    joined_words: String,
    signed: Vec<(String, String, String)>,
    text: String,
    levels: Vec<Choice>,
    active: bool,
    lines: Vec<LineView>,
    more: u64,
    more_words: String,
    brought: Vec<BroughtView>,
    brought_more: Option<String>,
    products: Vec<ProductView>,
    more_products: Option<String>,
    assets: Vec<Choice>,
    threats: Vec<Choice>,
    grades: Vec<Choice>,
    grades_after: Vec<Choice>,
    treatments: Vec<Choice>,
    yes_no: Vec<Choice>,
    keeps: bool,
    seen: String,
}

struct LineView {
    asset: String,
    threat: &'static str,
    shows: String,
    before: (Tone, &'static str),
    treatment: String,
    measures: Vec<String>,
    stays: (Tone, &'static str),
}

/// A threat of a workbook from elsewhere.
struct BroughtView {
    words: String,
    place: String,
    level: (Tone, &'static str),
}

struct ProductView {
    name: String,
    holds: (Tone, &'static str),
    what: String,
    counts: [String; 4],
}

/// `GET /risk-analysis`
pub(crate) async fn page(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<RiskQuery>,
) -> Page {
    let analysis = risk_analysis::get(&state.ctx, &frame.visitor.actor()).await?;
    show(&view(frame, &analysis, &query))
}

fn level(t: &Texts, level: Level) -> (Tone, &'static str) {
    match level {
        Level::Low => (Tone::Known, t.low),
        Level::Moderate => (Tone::Plan, t.moderate),
        Level::High => (Tone::Plan, t.high),
        Level::Critical => (Tone::Act, t.critical),
        Level::Unknown => (Tone::Unknown, t.unknown),
    }
}

fn treatment(t: &Texts, treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::Reduce => t.reduce,
        Treatment::Accept => t.accept,
        Treatment::Avoid => t.avoid,
        Treatment::Transfer => t.transfer,
        Treatment::Undecided => t.undecided,
    }
}

fn line_view(line: &RiskLine, t: &Texts) -> LineView {
    let said = line.judged.as_ref().map(|judged| &judged.line);
    let word = treatment(t, said.map_or(Treatment::Undecided, |line| line.treatment));
    let mut told = match said.and_then(|line| line.plan.as_ref()) {
        Some(plan) => (t.plan)(word, &harmless(&plan.owner), plan.due.as_deref().unwrap_or_default()),
        None => word.to_owned(),
    };
    if line.overdue {
        told = format!("{told} ({})", t.overdue);
    }
    let measures = said.map(|line| line.measures.as_slice()).unwrap_or_default();
    LineView {
        asset: harmless(&line.asset).into_owned(),
        threat: line.threat.words,
        shows: harmless(&line.shows).into_owned(),
        before: level(t, line.inherent),
        treatment: told,
        measures: measures.iter().map(|line| harmless(line).into_owned()).collect(),
        stays: level(t, line.residual),
    }
}

fn brought_view(row: &BroughtRow, at: Level, t: &Texts) -> BroughtView {
    let parts = [row.threat.as_str(), row.vulnerability.as_str()];
    let words = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    BroughtView {
        words: harmless(&words).into_owned(),
        place: harmless(&format!("{}, {}", row.file_name, row.place)).into_owned(),
        level: level(t, at),
    }
}

fn product_view(asset: &Asset, t: &Texts) -> ProductView {
    let counts = [asset.devices, asset.outside, asset.known_exploited, asset.unclear];
    ProductView {
        name: harmless(&asset.name).into_owned(),
        holds: match asset.holds {
            Some(true) => (Tone::Plan, t.yes),
            Some(false) => (Tone::Known, t.no),
            None => (Tone::Unknown, t.nobody_said),
        },
        what: harmless(&asset.holds_what).into_owned(),
        counts: counts.map(words::number),
    }
}

fn covered(it: &RiskAnalysis, t: &Texts) -> Option<(Tone, String)> {
    let covered = it.covered.as_ref()?;
    if !covered.holds {
        return Some((Tone::Act, t.does_not_hold.to_owned()));
    }
    let tone = if covered.share.0 == covered.share.1 { Tone::Good } else { Tone::Plan };
    let day = words::day(covered.signed.at);
    Some((tone, (t.covers)(covered.share.0, covered.share.1, covered.signed.number, &day)))
}

fn view(frame: Frame, it: &RiskAnalysis, query: &RiskQuery) -> RiskAnalysisPage {
    let t = &texts().risk;
    let words_of = |grade: Grade| match grade {
        Grade::Low => t.low,
        Grade::Moderate => t.moderate,
        Grade::High => t.high,
    };
    let grades = || Grade::ALL.into_iter().map(|grade| (grade.code(), words_of(grade)));
    let names = it.assets.iter().map(|asset| (asset.name.as_str(), harmless(&asset.name).into_owned()));
    let lines: Vec<&RiskLine> = it.lines.iter().filter(|line| query.line(line)).collect();
    let products: Vec<&Asset> =
        it.assets.iter().filter(|asset| query.has(&[&asset.name, &asset.holds_what])).collect();
    let more = lines.len().saturating_sub(MOST) as u64;
    let levels = [Level::Unknown, Level::Critical, Level::High, Level::Moderate, Level::Low];
    let joined = it.covered.as_ref().map(|covered| covered.joined.as_slice()).unwrap_or_default();
    RiskAnalysisPage {
        headline: (t.headline)(it.counts[4], it.lines.len() as u64),
        covered: covered(it, t),
        joined: joined
            .iter()
            .map(|(id, name)| (format!("/devices/{id}"), harmless(name).into_owned()))
            .collect(),
        joined_words: (t.joined)(it.covered.as_ref().map_or(0, |covered| covered.joined_total)),
        signed: it
            .signed
            .iter()
            .map(|row| {
                let line = (t.row)(row.number, &words::day(row.at), &harmless(&row.author));
                (format!("/risk-analysis/{}/document", row.number), line, row.sha256.clone())
            })
            .collect(),
        text: query.text.clone().unwrap_or_default(),
        levels: Choice::list(levels.map(|it| (it.code(), level(t, it).1)), query.stays.as_deref()),
        active: !query.is_plain(),
        lines: lines.into_iter().take(MOST).map(|line| line_view(line, t)).collect(),
        more,
        more_words: (t.more)(more),
        brought: it.brought.iter().take(MOST).map(|(row, at)| brought_view(row, *at, t)).collect(),
        brought_more: it.brought.len().checked_sub(MOST + 1).map(|more| (t.more)(more as u64 + 1)),
        more_products: products.len().checked_sub(MOST + 1).map(|more| (t.more)(more as u64 + 1)),
        products: products.into_iter().take(MOST).map(|asset| product_view(asset, t)).collect(),
        assets: Choice::list(names, None),
        threats: Choice::list(THREATS.iter().map(|row| (row.code, row.words)), None),
        grades: Choice::list(grades(), None),
        grades_after: Choice::list([("", t.not_judged)].into_iter().chain(grades()), None),
        treatments: Choice::list(Treatment::ALL.into_iter().map(|it| (it.code(), treatment(t, it))), None),
        yes_no: Choice::list([("yes", t.yes), ("no", t.no)], None),
        keeps: frame.visitor.may(Right::KeepProgramme),
        seen: it.seen.clone(),
        frame,
    }
}

fn text(submission: &Submission, name: &str) -> String {
    submission.field(name).unwrap_or_default().to_owned()
}

fn said(submission: &Submission, name: &str) -> Option<String> {
    submission.field(name).map(str::to_owned)
}

/// `POST /risk-analysis/judge`
pub(crate) async fn judge(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let sent = JudgeSent {
        asset: text(&submission, "asset"),
        threat: text(&submission, "threat"),
        likelihood: text(&submission, "likelihood"),
        impact: text(&submission, "impact"),
        treatment: text(&submission, "treatment"),
        measures: text(&submission, "measures"),
        likelihood_after: said(&submission, "likelihood_after"),
        impact_after: said(&submission, "impact_after"),
        owner: text(&submission, "owner"),
        due: said(&submission, "due"),
        action: said(&submission, "action"),
        reason: text(&submission, "reason"),
    };
    risk_analysis::judge(&state.ctx, &submission.visitor.actor(), &sent.command()?).await?;
    Ok(Redirect::to("/risk-analysis#lines"))
}

/// `POST /risk-analysis/declare`
pub(crate) async fn declare(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let holds = yes_or_no(&text(&submission, "holds"))?;
    let sent = HoldingSent {
        asset: text(&submission, "asset"),
        holds,
        what: text(&submission, "what"),
        source: text(&submission, "source"),
    };
    risk_analysis::declare(&state.ctx, &submission.visitor.actor(), &sent.command()).await?;
    Ok(Redirect::to("/risk-analysis#where"))
}

/// `POST /risk-analysis/sign`
pub(crate) async fn sign(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let (scope, seen) = (text(&submission, "scope"), text(&submission, "seen"));
    risk_analysis::sign(&state.ctx, &submission.visitor.actor(), &scope, Some(&seen)).await?;
    Ok(Redirect::to("/risk-analysis#signed"))
}

/// The signed document that a path names, for the page and for the API.
pub(crate) async fn signed_document(
    state: &State,
    visitor: &SignedIn,
    number: &str,
) -> Result<Response, Failure> {
    let missing = || Error::not_found(format!("signed risk analysis {number}"));
    let number = number.parse().map_err(|_| missing())?;
    let (name, bytes) = risk_analysis::document(&state.ctx, &visitor.actor(), number).await?;
    Ok(attachment(&name, bytes))
}

/// `GET /risk-analysis/{number}/document`
pub(crate) async fn document(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    signed_document(&state, &visitor, &number).await
}

/// The page with made-up values.
#[cfg(test)]
pub(super) fn sample() -> Page {
    use crate::web::sample::{self, HOSTILE};
    let asset = |name: &str, holds| Asset {
        name: name.to_owned(),
        devices: 3,
        holds,
        holds_what: HOSTILE.to_owned(),
        ..Asset::default()
    };
    let line = |threat| RiskLine {
        asset: HOSTILE.to_owned(),
        holds: None,
        threat,
        shows: HOSTILE.to_owned(),
        judged: None,
        inherent: Level::Unknown,
        residual: Level::Unknown,
        overdue: true,
    };
    let brought = BroughtRow {
        sha256: HOSTILE.to_owned(),
        file_name: HOSTILE.to_owned(),
        place: HOSTILE.to_owned(),
        threat: HOSTILE.to_owned(),
        vulnerability: HOSTILE.to_owned(),
        likelihood: Some("high".to_owned()),
        impact: None,
        at: sample::now(),
        author: HOSTILE.to_owned(),
    };
    let analysis = RiskAnalysis {
        assets: vec![asset(HOSTILE, Some(true)), asset("b", Some(false)), asset("c", None)],
        lines: THREATS.iter().map(line).collect(),
        counts: [0, 0, 0, 0, THREATS.len() as u64],
        signed: Vec::new(),
        covered: None,
        brought: vec![(brought, Level::Critical)],
        seen: "00".to_owned(),
        at: sample::now(),
    };
    show(&view(sample::frame("/risk-analysis"), &analysis, &RiskQuery::default()))
}
