//! What a page's form sends: its fields, perhaps a file, and the token that shows that it is our form.

use std::str::FromStr;

use axum::RequestExt;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use bedrail_app::document::Arrival;
use bedrail_app::{Context, Document};
use serde::{Deserialize, Deserializer};

use super::error::Failure;
use super::frame::{self, Frame};
use super::session::{self, SignedIn};
use super::state::State;
use super::words::DataNote;

/// The hidden field that carries the token. It comes before any file, so that nothing large is read without it.
pub(crate) const TOKEN_FIELD: &str = "token";
/// The longest text field of a form with a file, in bytes.
const FIELD_LIMIT: usize = 16 << 10;

/// A form sent by somebody who is signed in, with its token checked.
#[derive(Debug)]
pub(crate) struct Submission {
    /// Who.
    pub(crate) visitor: SignedIn,
    /// The theme that the browser remembers.
    theme: Option<&'static str>,
    data: DataNote,
    fields: Vec<(String, String)>,
    /// The file, if one was chosen: its name and content.
    pub(crate) file: Option<(String, Document)>,
}

impl Submission {
    /// The frame for a page that answers this form, which belongs to a path.
    pub(crate) fn frame(&self, path: &str) -> Frame {
        Frame::new(self.visitor.clone(), self.theme, path, path.to_owned(), self.data.clone())
    }

    /// A field, without blanks around it; `None` where it is missing or empty.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let value = self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// All fields but the token's.
    pub(crate) fn all(&self) -> &[(String, String)] {
        &self.fields
    }

    /// A field exactly as typed, for passwords.
    pub(crate) fn verbatim(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Fields whose name starts with a prefix: the rest of the name and the value.
    pub(crate) fn fields_under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.fields.iter().filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, value.as_str())))
    }
}

impl FromRequest<State> for Submission {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &State) -> Result<Submission, Failure> {
        let (mut parts, body) = request.into_parts();
        let visitor = session::visitor(&mut parts, state).await?;
        visitor.ready(session::path(&parts))?;
        let theme = frame::theme(&parts.headers);
        let data = DataNote::of(&state.ctx.data_status(), state.now());
        let kind =
            parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let with_file = kind.starts_with("multipart/form-data");
        let request = Request::from_parts(parts, body);
        if with_file {
            let multipart = request.extract().await.map_err(|_| unreadable())?;
            return read_multipart(
                Submission { visitor, theme, data, fields: Vec::new(), file: None },
                multipart,
                &state.ctx,
            )
            .await;
        }
        let axum::Form(fields): axum::Form<Vec<(String, String)>> =
            request.extract().await.map_err(|_| unreadable())?;
        let submission = Submission { visitor, theme, data, fields, file: None };
        if submission.visitor.owns(submission.verbatim(TOKEN_FIELD)) {
            Ok(submission)
        } else {
            Err(Failure::forged())
        }
    }
}

async fn read_multipart(
    mut submission: Submission,
    mut multipart: Multipart,
    ctx: &Context,
) -> Result<Submission, Failure> {
    let mut checked = false;
    while let Some(field) = multipart.next_field().await.map_err(too_large_or_unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if !checked {
            let token = field.text().await.map_err(too_large_or_unreadable)?;
            if name != TOKEN_FIELD || !submission.visitor.owns(&token) {
                return Err(Failure::forged());
            }
            checked = true;
        } else if let Some(file_name) = field.file_name().map(str::to_owned) {
            let document = received(field, ctx).await?;
            if document.length() > 0 {
                submission.file = Some((file_name, document));
            }
        } else {
            let value = field.text().await.map_err(too_large_or_unreadable)?;
            if value.len() > FIELD_LIMIT {
                return Err(unreadable());
            }
            submission.fields.push((name, value));
        }
    }
    if checked { Ok(submission) } else { Err(Failure::forged()) }
}

/// Takes over the file of a form, part by part, into a temporary file. The parts are small and the disk's cache takes them,
/// so that writing them here holds up nobody.
pub(crate) async fn received(mut field: Field<'_>, ctx: &Context) -> Result<Document, Failure> {
    let mut arrival = Arrival::begin(ctx).map_err(bedrail_app::Error::from)?;
    while let Some(part) = field.chunk().await.map_err(too_large_or_unreadable)? {
        arrival.take(&part).map_err(bedrail_app::Error::from)?;
    }
    Ok(arrival.end())
}

fn unreadable() -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, "invalid", "The form cannot be read.")
        .hint("Reload the page and try again.")
}

/// Tells a body that is too large from one that is broken.
#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
pub(crate) fn too_large_or_unreadable(error: axum::extract::multipart::MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    unreadable()
}

/// A file beyond the limit.
pub(crate) fn too_large() -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The file is larger than 64 MB.")
        .hint("Compress it (gz, xz and zst are read), or load it with `bedrail sbom add` on the server.")
}

/// For query fields: an empty text is no value.
pub(crate) fn blank<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: std::fmt::Display,
{
    let text = Option::<String>::deserialize(deserializer)?;
    match text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map(Some).map_err(serde::de::Error::custom),
        None => Ok(None),
    }
}
