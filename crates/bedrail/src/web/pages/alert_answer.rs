//! The page behind the link of a reminder: one alert, one button, nobody signed in. It says what the mail said and no more.

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bedrail_app::Error;
use bedrail_app::alerts::answer::{self, Asked};
use bedrail_model::text::harmless;
use serde::Deserialize;

use super::show;
use crate::rank;
use crate::web::assets;
use crate::web::caller::Caller;
use crate::web::error::{Failure, OwnPage, told};
use crate::web::state::State as Server;
use crate::web::texts::Texts;
use crate::web::viewer::texts;

#[derive(Template)]
#[template(path = "alert_answer.html")]
struct AnswerPage {
    t: &'static Texts,
    code: String,
    state: State,
}

enum State {
    Asked(AskedView),
    Taken(String),
    Gone(Option<String>),
}

struct AskedView {
    rule: String,
    device: String,
    when: &'static str,
    form: String,
}

fn view(it: &Asked) -> AskedView {
    let device = it.device.as_deref().map(|device| harmless(device).into_owned());
    AskedView {
        rule: harmless(&it.rule).into_owned(),
        device: device.unwrap_or_else(|| texts().desk.unknown_device.to_owned()),
        when: rank::alert(it.when),
        form: it.form.clone(),
    }
}

/// `GET /alerts/answer/{code}`: looking takes nothing, so that a program that follows links in mails does no harm.
pub(crate) async fn page(
    Extract(state): Extract<Server>,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    match answer::look(&state.ctx, &code).await {
        Ok(asked) => {
            let state = State::Asked(view(&asked));
            Ok(show(&AnswerPage { t: texts(), code, state })?.into_response())
        }
        Err(error) => gone(error),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    form: String,
    #[serde(default)]
    comment: String,
}

/// `POST /alerts/answer/{code}`: no session, so the secret of the link and the token of its form stand for who it is.
pub(crate) async fn take(
    Extract(state): Extract<Server>,
    Path(code): Path<String>,
    caller: Caller,
    axum::Form(form): axum::Form<Answer>,
) -> Result<Response, Failure> {
    match answer::take(&state.ctx, &code, &form.form, &form.comment, caller.address).await {
        Ok(asked) => {
            let state = State::Taken(harmless(&asked.rule).into_owned());
            Ok(show(&AnswerPage { t: texts(), code: String::new(), state })?.into_response())
        }
        Err(error) => gone(error),
    }
}

/// What is wrong with a link, without telling who it was for.
fn gone(error: Error) -> Result<Response, Failure> {
    let (status, problem) = match error {
        Error::NotFound { .. } => (StatusCode::NOT_FOUND, None),
        error @ Error::Conflict { .. } => (StatusCode::CONFLICT, Some(told(&error))),
        error @ Error::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, Some(told(&error))),
        error => return Err(error.into()),
    };
    let page = AnswerPage { t: texts(), code: String::new(), state: State::Gone(problem) };
    Ok((status, OwnPage, show(&page)?).into_response())
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> super::Page {
    use crate::web::sample::HOSTILE;
    let asked = Asked {
        rule: HOSTILE.into(),
        device: Some(HOSTILE.into()),
        when: bedrail_app::priority::When::Immediate,
        form: "0".repeat(32),
    };
    show(&AnswerPage { t: texts(), code: "x".into(), state: State::Asked(view(&asked)) })
}
