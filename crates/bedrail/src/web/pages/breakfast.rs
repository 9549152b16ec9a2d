//! The answer by breakfast: one weakness, ward by ward, on paper.

use askama::Template;
use axum::extract::{Path, State as Extract};
use bedrail_app::affected::{AffectedDevice, Reading};
use bedrail_app::breakfast::{self, Breakfast, WardPaper};
use bedrail_model::answer::Answer;
use bedrail_model::ids::ProductAdvisoryId;
use jiff::Timestamp;

use super::decisions::DecidedView;
use super::{Page, show};
use crate::web::assets;
use crate::web::frame::Frame;
use crate::web::parts::{WeaknessWords, advisory_link, release_name};
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "breakfast.html")]
struct BreakfastPage {
    frame: Frame,
    headline: String,
    weakness: WeaknessWords,
    back: String,
    /// What the paper leaves out.
    note: Option<String>,
    times: Vec<String>,
    wards: Vec<WardView>,
    left_out: Option<String>,
    questions: Vec<(String, String, String)>,
}

struct WardView {
    title: String,
    reading: String,
    rows: Vec<RowView>,
}

struct RowView {
    link: String,
    name: String,
    release: String,
    owner: Option<String>,
    tone: Tone,
    answer: &'static str,
    reason: &'static str,
    component: String,
    fixed_in: String,
    decided: Option<DecidedView>,
}

/// `GET /advisories/{id}/wards`
pub(crate) async fn page(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let paper = breakfast::of(&state.ctx, &frame.visitor.actor(), &id).await?;
    show(&view(frame, &paper, state.now()))
}

/// `GET /medical/{id}/wards`: the same for what one medical advisory says.
pub(crate) async fn medical(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let paper = breakfast::of(&state.ctx, &frame.visitor.actor(), &id).await?;
    // By our own id an advisory alone is meant.
    let alone = id.parse::<ProductAdvisoryId>().is_ok();
    let weakness = &paper.weakness;
    let reading =
        Reading::Advisory { id: weakness.id.clone(), weaknesses: weakness.mentions.clone() }.sentence();
    let note = alone.then_some(reading);
    show(&BreakfastPage { back: format!("/medical/{id}"), note, ..view(frame, &paper, state.now()) })
}

fn view(frame: Frame, paper: &Breakfast, now: Timestamp) -> BreakfastPage {
    let (t, totals) = (&texts().breakfast, &paper.totals);
    let times = [
        paper.published.map(|at| (t.published)(&words::minute(at))),
        paper.found.map(|at| (t.found)(&words::minute(at))),
        Some((t.made)(&words::minute(now))),
        paper.found.zip(paper.published).map(|(found, published)| {
            (t.took)(found.duration_since(published).as_hours().max(0).unsigned_abs())
        }),
    ];
    BreakfastPage {
        frame,
        headline: (t.headline)(
            &paper.weakness.id,
            totals.affected,
            totals.cannot_tell,
            totals.affected_wards,
        ),
        weakness: WeaknessWords::of(&paper.weakness, now),
        back: advisory_link(&paper.weakness.id),
        note: None,
        times: times.into_iter().flatten().collect(),
        wards: paper.wards.iter().map(|ward| ward_view(ward, paper)).collect(),
        left_out: (paper.left_out > 0).then(|| (t.left_out)(paper.left_out)),
        questions: paper
            .questions
            .iter()
            .map(|(reason, fact, devices)| {
                let question = (texts().affected.question_text)(*reason, fact);
                (fact.clone(), (texts().counts.devices)(*devices), question)
            })
            .collect(),
    }
}

fn ward_view(ward: &WardPaper, paper: &Breakfast) -> WardView {
    let t = texts();
    let named =
        |text: &str, none: &'static str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
    let block = &ward.block;
    WardView {
        title: format!(
            "{}, {}",
            named(&block.ward, t.affected.no_ward),
            named(&block.site, t.affected.no_site)
        ),
        reading: (t.breakfast.ward)(block.affected, block.cannot_tell, block.devices),
        rows: ward.devices.iter().map(|row| row_view(row, paper)).collect(),
    }
}

fn row_view(row: &AffectedDevice, paper: &Breakfast) -> RowView {
    let facts = &row.facts;
    let version = row.version.as_deref().unwrap_or_default();
    let component = row.component.as_ref().map(|name| format!("{name} {version}").trim_end().to_owned());
    RowView {
        link: format!("/devices/{}", row.device),
        name: row.name.clone(),
        release: release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref()),
        owner: facts.owner.clone(),
        tone: Tone::of_answer(row.answer, Some(&paper.weakness), facts.exposure),
        answer: crate::web::parts::answer_word(row.answer),
        reason: row.reason.sentence(),
        component: component.unwrap_or_default(),
        fixed_in: if row.answer == Answer::Affected { row.fixed_in.join(", ") } else { String::new() },
        decided: row.decision.as_ref().map(DecidedView::of),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use bedrail_app::affected::WardBlock;

    use crate::web::sample;
    let answer = sample::affected();
    let block = WardBlock { site: sample::HOSTILE.to_owned(), ..answer.wards[3].clone() };
    let devices = answer.rows;
    let paper = Breakfast {
        weakness: sample::log4shell(),
        totals: answer.totals,
        wards: vec![WardPaper { block, devices }],
        left_out: 12,
        questions: answer.unknowns,
        published: Some(sample::now()),
        found: Some(sample::now()),
        data: answer.data,
    };
    show(&view(sample::frame("/advisories/x/wards"), &paper, sample::now()))
}
