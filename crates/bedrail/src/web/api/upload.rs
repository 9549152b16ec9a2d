//! Files sent to the API: one as the body itself or as the first file of a multipart form, or two of a form by their names.

use axum::RequestExt;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use bedrail_app::document::Arrival;
use bedrail_app::vex::MOST_SIGNATURE;
use bedrail_app::workforce::sheets::SignedList;
use bedrail_app::{Context, Document};
use futures_util::StreamExt as _;

use crate::web::error::Failure;
use crate::web::form::{received, too_large, too_large_or_unreadable};
use crate::web::state::{State, UPLOAD_LIMIT};

/// A file sent to the API.
#[derive(Debug)]
pub(crate) struct Upload {
    /// Its name, where a multipart form gives one.
    pub(crate) file_name: Option<String>,
    /// Its content.
    pub(crate) document: Document,
}

impl FromRequest<State> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &State) -> Result<Upload, Failure> {
        if !is_form(&request) {
            return Ok(Upload { file_name: None, document: whole_body(request, &state.ctx).await? });
        }
        let mut multipart: Multipart = request.extract().await.map_err(|_| missing())?;
        while let Some(field) = multipart.next_field().await.map_err(too_large_or_unreadable)? {
            if field.name() == Some("file") || field.file_name().is_some() {
                let file_name = field.file_name().map(str::to_owned);
                return Ok(Upload { file_name, document: received(field, &state.ctx).await? });
            }
        }
        Err(missing())
    }
}

/// A document and the signature beside it: the body itself, or the files `file` and `signature` of a multipart form.
#[derive(Debug)]
pub(crate) struct SignedUpload {
    /// The document.
    pub(crate) upload: Upload,
    /// The signature, as it came.
    pub(crate) signature: Option<Vec<u8>>,
}

impl FromRequest<State> for SignedUpload {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &State) -> Result<SignedUpload, Failure> {
        if !is_form(&request) {
            let document = whole_body(request, &state.ctx).await?;
            return Ok(SignedUpload { upload: Upload { file_name: None, document }, signature: None });
        }
        let mut multipart: Multipart = request.extract().await.map_err(|_| missing())?;
        let (mut upload, mut signature) = (None, None);
        while let Some(field) = multipart.next_field().await.map_err(too_large_or_unreadable)? {
            let file_name = field.file_name().map(str::to_owned);
            match field.name() {
                Some("signature") => {
                    signature = Some(beginning(field).await?);
                }
                name if upload.is_none() && (name == Some("file") || file_name.is_some()) => {
                    upload = Some(Upload { file_name, document: received(field, &state.ctx).await? });
                }
                _ => {}
            }
        }
        Ok(SignedUpload { upload: upload.ok_or_else(missing)?, signature })
    }
}

/// A list of who signed and the scan that shows it: the files `list` and `scan` of a multipart form.
#[derive(Debug)]
pub(crate) struct ListAndScan {
    list: Option<(String, Document)>,
    scan: Option<(String, Document)>,
}

impl FromRequest<State> for ListAndScan {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &State) -> Result<ListAndScan, Failure> {
        let (mut list, mut scan) = (None, None);
        // What is no form has no files; that is said once it is known that there is something to sign.
        let Ok(mut multipart): Result<Multipart, _> = request.extract().await else {
            return Ok(ListAndScan { list, scan });
        };
        while let Some(field) = multipart.next_field().await.map_err(too_large_or_unreadable)? {
            let name = field.file_name().unwrap_or_default().to_owned();
            match field.name() {
                Some("list") => list = Some((name, received(field, &state.ctx).await?)),
                Some("scan") => scan = Some((name, received(field, &state.ctx).await?)),
                _ => {}
            }
        }
        Ok(ListAndScan { list, scan })
    }
}

impl ListAndScan {
    /// What is to be taken in. Asked for once it is known that there is something to sign.
    pub(crate) fn command(self, dry_run: bool) -> Result<SignedList, Failure> {
        Ok(SignedList { list: self.list.ok_or_else(two_missing)?, scan: self.scan, dry_run })
    }
}

fn two_missing() -> Failure {
    bedrail_app::Error::Invalid {
        message: "the form has no file `list`".to_owned(),
        hint: Some(
            "send a multipart form with the files `list` (CSV) and `scan` (PDF, PNG or JPEG)".to_owned(),
        ),
    }
    .into()
}

/// A signature, which is short: one byte more than it may have shows that it is longer, and no more is held.
async fn beginning(mut field: Field<'_>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(part) = field.chunk().await.map_err(too_large_or_unreadable)? {
        let room = (MOST_SIGNATURE + 1).saturating_sub(bytes.len());
        bytes.extend_from_slice(&part[..part.len().min(room)]);
    }
    Ok(bytes)
}

fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.unwrap_or_default().starts_with("multipart/form-data")
}

/// Takes over a body, part by part, into a temporary file.
async fn whole_body(request: Request, ctx: &Context) -> Result<Document, Failure> {
    let mut arrival = Arrival::begin(ctx).map_err(bedrail_app::Error::from)?;
    let mut room = UPLOAD_LIMIT;
    let mut parts = request.into_body().into_data_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| Failure::of_status(StatusCode::BAD_REQUEST))?;
        room = room.checked_sub(part.len()).ok_or_else(too_large)?;
        arrival.take(&part).map_err(bedrail_app::Error::from)?;
    }
    Ok(arrival.end())
}

fn missing() -> Failure {
    bedrail_app::Error::Invalid {
        message: "the form has no file".to_owned(),
        hint: Some("send the file as the field `file`, or as the body itself".to_owned()),
    }
    .into()
}
