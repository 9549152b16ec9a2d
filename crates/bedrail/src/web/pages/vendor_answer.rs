//! The page behind the link of a questionnaire: nobody signed in, once. It names who asks, and nothing of the vendor.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bedrail_app::Error;
use bedrail_app::vendors::QUESTIONS;
use bedrail_app::vendors::answer::{self, Answers, Asked};
use bedrail_model::text::harmless;

use super::show;
use crate::web::assets;
use crate::web::caller::Caller;
use crate::web::error::{Failure, OwnPage, told};
use crate::web::state::State as Server;
use crate::web::texts::Texts;
use crate::web::viewer::texts;

#[derive(Template)]
#[template(path = "vendor_answer.html")]
struct AnswerPage {
    t: &'static Texts,
    code: String,
    state: State,
    problem: Option<String>,
}

enum State {
    Asked(AskedView),
    Taken,
    Gone,
}

struct AskedView {
    organisation: String,
    form: String,
    answerer: String,
    /// Id, text, chosen answer, note.
    questions: Vec<(&'static str, &'static str, String, String)>,
}

fn view(it: &Asked, given: &Answers) -> AskedView {
    let question = |question: &'static bedrail_app::vendors::Question| {
        let (answer, note) = given.answers.get(question.id).cloned().unwrap_or_default();
        (question.id, question.text, answer, harmless(&note).into_owned())
    };
    AskedView {
        organisation: harmless(&it.organisation).into_owned(),
        form: it.form.clone(),
        answerer: harmless(&given.answerer).into_owned(),
        questions: QUESTIONS.iter().map(question).collect(),
    }
}

fn page_of(code: String, state: State, problem: Option<String>) -> AnswerPage {
    AnswerPage { t: texts(), code, state, problem }
}

/// `GET /vendors/answer/{code}`: looking takes nothing, so that a program that follows links in mails does no harm.
pub(crate) async fn page(
    Extract(state): Extract<Server>,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    match answer::look(&state.ctx, &code).await {
        Ok(asked) => {
            let asked = State::Asked(view(&asked, &Answers::default()));
            Ok(show(&page_of(code, asked, None))?.into_response())
        }
        Err(error) => gone(error),
    }
}

/// `POST /vendors/answer/{code}`: no session, so the secret of the link and the token of its form stand for who it is.
pub(crate) async fn take(
    Extract(state): Extract<Server>,
    Path(code): Path<String>,
    caller: Caller,
    axum::Form(fields): axum::Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let one = |name: &str| {
        fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let answers: BTreeMap<String, (String, String)> = QUESTIONS
        .iter()
        .map(|it| (it.id.to_owned(), (one(&format!("answer-{}", it.id)), one(&format!("note-{}", it.id)))))
        .collect();
    let given = Answers { answerer: one("answerer"), answers };
    match answer::take(&state.ctx, &code, &one("form"), &given, caller.address).await {
        Ok(()) => Ok(show(&page_of(String::new(), State::Taken, None))?.into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let asked = answer::look(&state.ctx, &code).await?;
            let page = page_of(code, State::Asked(view(&asked, &given)), Some(told(&error)));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, OwnPage, show(&page)?).into_response())
        }
        Err(error) => gone(error),
    }
}

/// The same page for every link that opens nothing.
fn gone(error: Error) -> Result<Response, Failure> {
    let Error::NotFound { .. } = error else { return Err(error.into()) };
    let page = page_of(String::new(), State::Gone, None);
    Ok((StatusCode::NOT_FOUND, OwnPage, show(&page)?).into_response())
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> super::Page {
    use crate::web::sample::HOSTILE;
    let asked = Asked { organisation: HOSTILE.into(), form: "0".repeat(32) };
    let given = Answers { answerer: HOSTILE.into(), answers: BTreeMap::new() };
    show(&page_of("x".into(), State::Asked(view(&asked, &given)), Some("x".into())))
}
