//! Self-assessment: the questions with what was answered, and one question at a time, which fits a phone.

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::programme::{self, ANSWERS, Asked, Questions, Reply, Wanted};
use bedrail_app::rights::Right;
use jiff::Timestamp;

use super::{Page, refuse, show};
use crate::web::api::programme::some_day;
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::Choice;
use crate::web::query::SelfAssessmentQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "self_assessment.html")]
struct SelfAssessmentPage {
    frame: Frame,
    headline: String,
    problem: Option<String>,
    sites: Vec<Choice>,
    open: bool,
    one: Option<OnePart>,
    rows: Vec<RowPart>,
    keeps: bool,
}

struct RowPart {
    link: String,
    text: String,
    citation: String,
    site: String,
    tone: Tone,
    answer: String,
    by: String,
}

struct OnePart {
    requirement: String,
    site: String,
    text: String,
    citation: String,
    evidence: Vec<String>,
    computed_too: bool,
    answers: Vec<Choice>,
    note: String,
    look: String,
    before: Option<String>,
    next: Option<String>,
}

fn link_of(it: &Asked) -> String {
    Link::to("/self-assessment")
        .with("requirement", &it.question.requirement)
        .with("site", &it.site)
        .to_string()
}

fn answer_of(it: &Asked) -> (Tone, String) {
    let t = &texts().self_assessment;
    match it.answer.as_ref().map(|answer| answer.answer.as_str()) {
        None => (Tone::Unknown, t.not_answered.to_owned()),
        Some("yes") => (Tone::Known, t.yes.to_owned()),
        Some("no") => (Tone::Act, t.no.to_owned()),
        Some(_) => (Tone::Unknown, t.not_sure.to_owned()),
    }
}

fn said_by(it: &Asked, now: Timestamp) -> Option<String> {
    let answer = it.answer.as_ref()?;
    Some((texts().self_assessment.answered_by)(
        &words::ago(answer.added, now),
        &answer.added_by,
        &answer.note,
    ))
}

fn row(it: &Asked, now: Timestamp) -> RowPart {
    let (tone, answer) = answer_of(it);
    RowPart {
        link: link_of(it),
        text: it.question.text.clone(),
        citation: it.question.citation.clone(),
        site: it.site.clone(),
        tone,
        answer,
        by: said_by(it, now).unwrap_or_default(),
    }
}

fn one(it: &Asked, all: &Questions, now: Timestamp) -> OnePart {
    let at = all
        .rows
        .iter()
        .position(|row| row.question.requirement == it.question.requirement && row.site == it.site);
    let open = |row: &&Asked| row.answer.is_none();
    let next = all.rows.iter().skip(at.map_or(0, |at| at + 1)).find(open);
    let answer = it.answer.as_ref();
    OnePart {
        requirement: it.question.requirement.clone(),
        site: it.site.clone(),
        text: it.question.text.clone(),
        citation: it.question.citation.clone(),
        evidence: it.question.evidence.clone(),
        computed_too: it.question.computed_too,
        answers: Choice::list(ANSWERS.iter().copied(), answer.map(|answer| answer.answer.as_str())),
        note: answer.map(|answer| answer.note.clone()).unwrap_or_default(),
        look: answer.map(|answer| answer.evidence.clone()).unwrap_or_default(),
        before: said_by(it, now),
        next: next.map(link_of),
    }
}

fn view(frame: Frame, all: &Questions, query: &SelfAssessmentQuery, now: Timestamp) -> SelfAssessmentPage {
    let t = &texts().self_assessment;
    let wanted = |it: &&Asked| {
        query.requirement.as_ref().is_some_and(|id| *id == it.question.requirement)
            && it.site == query.site.as_deref().unwrap_or_default()
    };
    let of_site = |it: &&Asked| {
        let site = query.site.as_deref().unwrap_or_default();
        (site.is_empty() || it.site.is_empty() || it.site == site) && !(query.open && it.answer.is_some())
    };
    SelfAssessmentPage {
        headline: (t.headline)(all.answered as u64, all.total as u64),
        problem: None,
        sites: Choice::list(all.sites.iter().map(|site| (site.clone(), site.clone())), query.site.as_deref()),
        open: query.open,
        one: all.rows.iter().find(wanted).map(|it| one(it, all, now)),
        rows: all.rows.iter().filter(of_site).map(|it| row(it, now)).collect(),
        keeps: frame.visitor.may(Right::KeepProgramme),
        frame,
    }
}

/// `GET /self-assessment`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<SelfAssessmentQuery>,
) -> Page {
    let all = programme::questions(&state.ctx, &frame.visitor.actor(), &Wanted::default()).await?;
    show(&view(frame, &all, &query, state.now()))
}

/// `POST /self-assessment`: saves an answer, and goes on to the next question without one.
pub(crate) async fn reply(Extract(state): Extract<State>, mut form: Submission) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let document = form.file.take();
    let text = |name| form.field(name).map(str::to_owned);
    let actor = form.visitor.actor();
    let requirement = text("requirement").unwrap_or_default();
    let command = some_day(form.field("due")).map(|due| Reply {
        requirement: requirement.clone(),
        site: text("site"),
        answer: text("answer").unwrap_or_default(),
        note: text("note"),
        evidence: text("evidence"),
        document,
        owner: text("owner"),
        due,
    });
    let done = match command {
        Ok(command) => programme::reply(&state.ctx, &actor, command).await,
        Err(error) => Err(error),
    };
    let all = programme::questions(&state.ctx, &actor, &Wanted::default()).await?;
    let site = text("site").unwrap_or_default();
    match done {
        Ok(_) => {
            let mine = |it: &&Asked| it.question.requirement == requirement && it.site == site;
            let next = all.rows.iter().find(mine).and_then(|it| one(it, &all, state.now()).next);
            Ok(Redirect::to(next.as_deref().unwrap_or("/self-assessment")).into_response())
        }
        Err(error @ Error::Invalid { .. }) => {
            let query = SelfAssessmentQuery { site: Some(site), requirement: Some(requirement), open: false };
            let page = view(form.frame("/self-assessment"), &all, &query, state.now());
            refuse(&SelfAssessmentPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(super) fn sample() -> Page {
    use crate::web::sample::{self, HOSTILE};
    let question = bedrail_app::programme::Question {
        requirement: "sr-164-308-a-8".to_owned(),
        citation: "45 CFR 164.308(a)(8)".to_owned(),
        text: HOSTILE.to_owned(),
        evidence: vec![HOSTILE.to_owned()],
        signals: Vec::new(),
        computed_too: true,
    };
    let answer = programme::SelfAnswerRow {
        id: bedrail_model::ids::SelfAnswerId::generate(),
        requirement: question.requirement.clone(),
        site: HOSTILE.to_owned(),
        answer: "no".to_owned(),
        note: HOSTILE.to_owned(),
        evidence: HOSTILE.to_owned(),
        sha256: None,
        action: None,
        added: sample::now(),
        added_by: HOSTILE.to_owned(),
    };
    let asked = Asked { question, site: HOSTILE.to_owned(), answer: Some(answer) };
    let all = Questions { rows: vec![asked], answered: 1, total: 70, sites: vec![HOSTILE.to_owned()] };
    let query = SelfAssessmentQuery {
        site: Some(HOSTILE.to_owned()),
        requirement: Some("sr-164-308-a-8".to_owned()),
        open: false,
    };
    show(&view(sample::frame("/self-assessment"), &all, &query, sample::now()))
}
