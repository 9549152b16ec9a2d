//! Lists as CSV (RFC 4180), streamed page by page, with formulas made harmless for spreadsheets.

use std::future::Future;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bedrail_app::Error;
use bedrail_app::exports::{head, lines};
use futures_util::stream;

use super::error::Failure;

/// Rows of one page of a list, and the length of the whole list.
type Rows = (Vec<Vec<String>>, u64);

/// Streams a whole list, asking for one page after the other. The first page is asked for before anything is sent, so
/// that a refusal is still an error and not half a file.
pub(crate) async fn stream<F, P>(
    name: &str,
    header: &'static [&'static str],
    fetch: F,
) -> Result<Response, Failure>
where
    F: Fn(u64) -> P + Send + 'static,
    P: Future<Output = Result<Rows, Error>> + Send,
{
    let (rows, total) = fetch(0).await?;
    let begun = Bytes::from(lines(std::iter::once(head(header)).chain(rows.iter().cloned())));
    let sent = rows.len() as u64;
    let rest = stream::try_unfold((fetch, sent, total), |(fetch, sent, total)| async move {
        if sent >= total {
            return Ok(None);
        }
        let (rows, total) = fetch(sent).await.map_err(std::io::Error::other)?;
        let next = if rows.is_empty() { total } else { sent + rows.len() as u64 };
        Ok::<_, std::io::Error>(Some((Bytes::from(lines(rows.into_iter())), (fetch, next, total))))
    });
    let body = futures_util::StreamExt::chain(stream::iter([Ok(begun)]), rest);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}
