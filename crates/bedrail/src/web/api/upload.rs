//! A file sent to the API: the body itself, or the first file of a multipart form.

use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;

use crate::web::error::Failure;
use crate::web::form::too_large_or_unreadable;
use crate::web::state::State;

/// A file sent to the API.
#[derive(Debug)]
pub(crate) struct Upload {
    /// Its name, where a multipart form gives one.
    pub(crate) file_name: Option<String>,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

impl FromRequest<State> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &State) -> Result<Upload, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.unwrap_or_default().starts_with("multipart/form-data") {
            let bytes: Bytes =
                request.extract().await.map_err(|rejection: axum::extract::rejection::BytesRejection| {
                    Failure::of_status(rejection.status())
                })?;
            return Ok(Upload { file_name: None, bytes: bytes.to_vec() });
        }
        let mut multipart: Multipart = request.extract().await.map_err(|_| missing())?;
        while let Some(field) = multipart.next_field().await.map_err(too_large_or_unreadable)? {
            if field.name() == Some("file") || field.file_name().is_some() {
                let file_name = field.file_name().map(str::to_owned);
                let bytes = field.bytes().await.map_err(too_large_or_unreadable)?.to_vec();
                return Ok(Upload { file_name, bytes });
            }
        }
        Err(missing())
    }
}

fn missing() -> Failure {
    bedrail_app::Error::Invalid {
        message: "the form has no file".to_owned(),
        hint: Some("send the file as the field `file`, or as the body itself".to_owned()),
    }
    .into()
}
