//! Adding a bill of materials: what was read, what was lost, what it means.

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::jobs::imports;
use bedrail_app::rights::Right;
use bedrail_app::sboms::{self, AddSbom, SbomReceipt};
use serde::Deserialize;

use super::{Page, refuse, show};
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// Names of the release, to fill the form with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Names {
    maker: String,
    model: String,
    version: String,
}

#[derive(Template)]
#[template(path = "upload.html")]
struct ChoosePage {
    frame: Frame,
    names: Names,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "upload_receipt.html")]
struct ReceiptPage {
    frame: Frame,
    headline: String,
    receipt: SbomReceipt,
    affected: String,
    cannot_tell: String,
    devices: String,
    repaired: String,
    lost: Vec<(String, String)>,
    mended: Vec<(String, String)>,
}

/// `GET /releases/upload`
pub(crate) async fn choose(frame: Frame, Query(names): Query<Names>) -> Page {
    frame.need(Right::ChangeReleases)?;
    show(&ChoosePage { frame, names, problem: None })
}

/// `POST /releases/upload`
pub(crate) async fn add(Extract(state): Extract<State>, mut form: Submission) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let file = form.file.take();
    let text = |name| form.field(name).map(str::to_owned);
    let (maker, model, version) = (text("maker"), text("model"), text("version"));
    let names = Names {
        maker: maker.clone().unwrap_or_default(),
        model: model.clone().unwrap_or_default(),
        version: version.clone().unwrap_or_default(),
    };
    let frame = form.frame("/releases/upload");
    let added = match file {
        Some((file_name, document)) => {
            let command = AddSbom { file_name, document, maker, model, version };
            if imports::is_long_bill(&command.document) {
                let id = imports::ask_sbom(&state.ctx, &form.visitor.actor(), command).await?;
                return Ok(Redirect::to(&format!("/jobs/{id}")).into_response());
            }
            sboms::add(&state.ctx, &form.visitor.actor(), command).await
        }
        None => Err(Error::invalid("choose a file first")),
    };
    match added {
        Ok(receipt) => show(&receipt_view(frame, receipt)).map(IntoResponse::into_response),
        Err(error @ Error::Invalid { .. }) => {
            refuse(&ChoosePage { frame, names, problem: Some(told(&error)) })
        }
        Err(error) => Err(error.into()),
    }
}

/// The receipt of a document that a job added.
pub(crate) fn receipt_page(frame: Frame, receipt: SbomReceipt) -> Page {
    show(&receipt_view(frame, receipt))
}

fn receipt_view(frame: Frame, receipt: SbomReceipt) -> ReceiptPage {
    let split = |lost: bool| {
        receipt
            .warnings
            .iter()
            .filter(|warning| warning.lost == lost)
            .map(|warning| (warning.place.clone(), warning.message.clone()))
            .collect::<Vec<_>>()
    };
    let (lost, mended) = (split(true), split(false));
    let (t, counts, release) = (&texts().upload, &texts().counts, receipt.release_name.as_str());
    let headline = match lost.len() as u64 {
        _ if receipt.unchanged => (t.unchanged)(release),
        0 => (t.read_all)(receipt.components, release),
        lost => (t.read_but)(receipt.components, release, lost),
    };
    ReceiptPage {
        frame,
        headline,
        affected: (counts.weaknesses)(u64::from(receipt.affected)),
        cannot_tell: (counts.things)(u64::from(receipt.cannot_tell)),
        devices: (counts.devices)(receipt.devices),
        repaired: (counts.things)(mended.len() as u64),
        receipt,
        lost,
        mended,
    }
}
