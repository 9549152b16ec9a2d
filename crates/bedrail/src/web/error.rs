//! The only place that turns errors into responses: status, stable code, safe message, request id. Handlers return a
//! [`Failure`]; [`render`] wraps every route and writes it as problem details (RFC 9457) for the API and as a page for
//! people.

use askama::Template;
use axum::Json;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, IntoResponseParts, Redirect, Response, ResponseParts};
use bedrail_app::Error;
use bedrail_app::rights::Right;
use bedrail_app::seen::{Clash, Stale};
use serde::Serialize;

use super::assets;
use super::guard::RequestId;
use super::link::{Link, own_path};
use super::net::SlowBody;
use super::texts::Texts;
use super::viewer::texts;

/// A request that could not be answered.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: Option<String>,
    /// Where a record was changed meanwhile: what it is now.
    stale: Option<Box<Stale>>,
}

impl Failure {
    /// A failure with a status, a stable code and a sentence.
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Failure {
        Failure { status, code, message: message.into(), hint: None, stale: None }
    }

    /// Nobody is signed in.
    pub(crate) fn not_signed_in() -> Failure {
        Failure::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in first.")
    }

    /// The one-time password must be changed before anything else.
    pub(crate) fn must_change_password() -> Failure {
        Failure::new(StatusCode::FORBIDDEN, "must_change_password", "Change the one-time password first.")
    }

    /// The second factor that the organisation asks for must be set up before anything else.
    pub(crate) fn must_set_up_factor() -> Failure {
        let message = "Your organisation asks for a second factor. Set it up first.";
        Failure::new(StatusCode::FORBIDDEN, "must_set_up_second_factor", message)
    }

    /// The password was right, and the code of the second factor is missing.
    pub(crate) fn needs_code() -> Failure {
        Failure::new(
            StatusCode::UNAUTHORIZED,
            "second_factor_needed",
            "The code of the second factor is missing.",
        )
        .hint("Send it as `code`.")
    }

    /// The organisation takes no password.
    pub(crate) fn by_provider() -> Failure {
        let message = "Your organisation signs in by single sign-on and takes no password.";
        Failure::new(StatusCode::FORBIDDEN, "single_sign_on_needed", message)
            .hint("Programs use a token, made under Account, API tokens.")
    }

    /// The token opens nothing.
    pub(crate) fn wrong_token() -> Failure {
        let message = "This token is not valid: it is wrong, has expired, or was ended.";
        Failure::new(StatusCode::UNAUTHORIZED, "wrong_token", message)
            .hint("Make a new one under Account, API tokens.")
    }

    /// The visitor's roles do not allow it.
    pub(crate) fn denied(right: Right) -> Failure {
        let message = format!("Your roles do not let you {}.", right.words());
        Failure::new(StatusCode::FORBIDDEN, "denied", message).hint("An administrator can give you the role.")
    }

    /// The request cannot be shown to come from our own pages.
    pub(crate) fn forged() -> Failure {
        Failure::new(
            StatusCode::FORBIDDEN,
            "forged_request",
            "This request did not come from a page of ours, or the page is too old.",
        )
        .hint("Reload the page and try again.")
    }

    /// Something is not there right now.
    pub(crate) fn unavailable(message: &str, hint: Option<&str>) -> Failure {
        Failure {
            hint: hint.map(str::to_owned),
            ..Failure::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
        }
    }

    /// A fault of ours. The cause goes to the log only.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Failure {
        tracing::error!(%cause, "request failed");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong inside Bedrail.")
    }

    /// What went wrong, for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The same failure with what to do about it.
    pub(crate) fn hint(self, hint: &str) -> Failure {
        Failure { hint: Some(hint.to_owned()), ..self }
    }

    /// A failure for a response that some layer below made by itself (a body too large, a method not allowed).
    pub(crate) fn of_status(status: StatusCode) -> Failure {
        let (code, message) = match status {
            StatusCode::NOT_FOUND => ("not_found", "There is nothing at this address."),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method_not_allowed", "This address does not take that kind of request.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "That is larger than is accepted here."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("unsupported_media_type", "This kind of content is not accepted here.")
            }
            StatusCode::REQUEST_TIMEOUT => ("timeout", "That took too long."),
            status if status.is_server_error() => ("internal", "Something went wrong inside Bedrail."),
            _ => ("invalid", "The request cannot be read."),
        };
        Failure::new(status, code, message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let stale = if let Error::Stale(stale) = &error { Some(stale.clone()) } else { None };
        let hint = error.hint().map(str::to_owned);
        let (status, code) = match &error {
            Error::NotFound { .. } => (StatusCode::NOT_FOUND, "not_found"),
            Error::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Error::Conflict { .. } => (StatusCode::CONFLICT, "conflict"),
            Error::Stale(_) => (StatusCode::CONFLICT, "changed_meanwhile"),
            Error::Denied { .. } => (StatusCode::FORBIDDEN, "denied"),
            Error::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Error::Internal(source) => {
                let cause: &(dyn std::error::Error + 'static) = source.as_ref();
                tracing::error!(cause, "use case failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
        };
        let (message, hint) = (sentence(&error.to_string()), hint.as_deref().map(sentence));
        Failure { status, code, message, hint, stale }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A fragment as a sentence: capital first, full stop last.
pub(crate) fn sentence(fragment: &str) -> String {
    let mut characters = fragment.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let mut text = first + characters.as_str();
    if !text.ends_with(['.', '!', '?', ':']) {
        text.push('.');
    }
    text
}

/// What is in the way, and what to do about it, in sentences.
pub(crate) fn told(error: &Error) -> String {
    let hint = error.hint().map(sentence).unwrap_or_default();
    format!("{} {hint}", sentence(&error.to_string())).trim().to_owned()
}

/// When to come back where something is not there right now and nothing says better, in seconds.
const COME_BACK: HeaderValue = HeaderValue::from_static("5");

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the code tells problems apart.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What went wrong, for people.
    detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The stable code.
    code: &'static str,
    /// The request, for the log.
    request_id: String,
    /// With `changed_meanwhile`: the record's version now; send it as `If-Match` to put the change on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// With `changed_meanwhile`: what the request wants otherwise than it stands there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<ChangeView>>,
}

/// A field on which a request and the record differ.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ChangeView {
    /// The field.
    field: &'static str,
    /// What the request wants; empty for nothing.
    wanted: String,
    /// What stands there now; empty for nothing.
    present: String,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    t: &'static Texts,
    message: String,
    hint: Option<String>,
    status: u16,
    request_id: String,
    form: Option<Form>,
}

impl ErrorPage {
    /// Whether there is a way back to the form.
    fn leads_back(&self) -> bool {
        self.form.as_ref().is_some_and(|form| form.page.is_some())
    }
}

/// The form that was refused.
struct Form {
    /// The page that it stood on, where that is known.
    page: Option<String>,
}

impl Form {
    /// The form that a request sends; its page is a path of our own that the browser names.
    fn of(request: &Request) -> Option<Form> {
        let named = || {
            let uri: Uri = request.headers().get(header::REFERER)?.to_str().ok()?.parse().ok()?;
            let path = own_path(uri.path_and_query().map(PathAndQuery::as_str));
            (path != "/").then(|| path.to_owned())
        };
        (request.method() == Method::POST).then(|| Form { page: named() })
    }
}

/// Turns every failed response into problem details or a page. Wraps all routes.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let scim = request.uri().path().starts_with(super::scim::PATH);
    let is_get = request.method() == Method::GET;
    let form = Form::of(&request);
    let wanted = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let request_id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let slow = request.extensions().get::<SlowBody>().cloned().unwrap_or_default();
    let response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if !failed || response.extensions().get::<OwnPage>().is_some() {
        return response;
    }
    if scim {
        return super::scim::in_words(&response);
    }
    let failure = match response.extensions().get::<Failure>() {
        // Whatever a handler made of a body that broke off: it was the caller who did not send it.
        _ if slow.is_set() => Failure::of_status(StatusCode::REQUEST_TIMEOUT),
        Some(failure) => failure.clone(),
        None => Failure::of_status(response.status()),
    };
    let mut rendered = match (api, failure.code) {
        (true, _) => problem(failure, request_id),
        (false, "not_signed_in") => {
            let link = Link::to("/sign-in");
            let link = if is_get && wanted != "/" { link.with("next", wanted) } else { link };
            Redirect::to(&link.to_string()).into_response()
        }
        (false, "must_set_up_second_factor") => Redirect::to("/account/second-factor").into_response(),
        (false, "must_change_password") => Redirect::to("/password").into_response(),
        (false, _) => page(failure, request_id, form),
    };
    if rendered.status() == StatusCode::SERVICE_UNAVAILABLE {
        rendered.headers_mut().insert(header::RETRY_AFTER, COME_BACK);
    }
    // What the response said beside its body still holds: when to come back, what is allowed instead.
    for (name, value) in response.headers() {
        let ours = rendered.headers().contains_key(name) && *name != header::RETRY_AFTER;
        if !ours && *name != header::CONTENT_LENGTH {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    rendered
}

impl From<Clash> for ChangeView {
    fn from(clash: Clash) -> ChangeView {
        ChangeView { field: clash.field, wanted: clash.wanted, present: clash.present }
    }
}

fn problem(failure: Failure, request_id: String) -> Response {
    let problem = Problem {
        kind: "about:blank",
        title: failure.status.canonical_reason().unwrap_or("Error").to_owned(),
        status: failure.status.as_u16(),
        detail: failure.message,
        hint: failure.hint,
        code: failure.code,
        request_id,
        version: failure.stale.as_ref().map(|stale| stale.version.clone()),
        changes: failure.stale.map(|stale| stale.clashes.into_iter().map(ChangeView::from).collect()),
    };
    let mut response = (failure.status, Json(problem)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn page(failure: Failure, request_id: String, form: Option<Form>) -> Response {
    let page = ErrorPage {
        t: texts(),
        message: failure.message,
        hint: failure.hint,
        status: failure.status.as_u16(),
        request_id,
        form,
    };
    match page.render() {
        Ok(html) => (failure.status, Html(html)).into_response(),
        Err(_) => failure.status.into_response(),
    }
}

/// Marks a failed response that brings its own page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnPage;

impl IntoResponseParts for OwnPage {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.extensions_mut().insert(self);
        Ok(parts)
    }
}
