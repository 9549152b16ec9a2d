//! Signing: the analysis as it stands becomes one document, kept and known by its SHA-256. Who signs says what they saw; where it
//! became another one since, nothing is signed.

use bedrail_comply::risk::{self as core, Grade, Level, Treatment};
use bedrail_store::documents;
use bedrail_store::risk::{self as rows, BroughtRow, SignedRow};
use sha2::{Digest as _, Sha256};

use super::{Asset, LONGEST_TEXT, RiskLine, covered, get, needed};
use crate::rights::Right;
use crate::{Actor, Context, Document, Error, vault};

/// What would be signed of these products and lines, as one number: SHA-256 in hexadecimal.
pub(super) fn seen(
    assets: &[Asset],
    lines: &[RiskLine],
    brought: &[(BroughtRow, Level)],
) -> Result<String, Error> {
    let products: Vec<(&str, u64, Option<bool>, &str)> =
        assets.iter().map(|it| (it.name.as_str(), it.devices, it.holds, it.holds_what.as_str())).collect();
    let text = serde_json::to_vec(&(products, signed_lines(lines, brought)))
        .map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(hex::encode(Sha256::digest(text)))
}

/// Signs the analysis as it stands: its document is kept, and known by its SHA-256 from then on.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] without a scope or without devices, [`Error::Conflict`] where the analysis is not the one
/// that was seen ([`RiskAnalysis::seen`](super::RiskAnalysis::seen)).
pub async fn sign(ctx: &Context, actor: &Actor, scope: &str, seen: Option<&str>) -> Result<SignedRow, Error> {
    actor.need(Right::KeepProgramme)?;
    let scope = needed("what it covers", scope, LONGEST_TEXT)?;
    let it = get(ctx, actor).await?;
    if seen.is_some_and(|seen| seen != it.seen) {
        return Err(Error::Conflict {
            message: "the risk analysis is another one than you saw: a risk was judged, or devices or findings changed. Nothing was \
                      signed; look at it again, then sign"
                .to_owned(),
        });
    }
    let (fleet, _) = ctx.fleet(actor, Right::SeeFleet).await?;
    let devices = fleet.devices.list.iter().map(|device| format!("{}{}", covered::DEVICE, device.id));
    let everywhere = (!it.brought.is_empty()).then(|| EVERYWHERE.to_owned());
    let products = it.assets.iter().map(|asset| asset.name.clone());
    let analysis = core::Analysis {
        scope: scope.clone(),
        assets: devices.chain(products).chain(everywhere).collect(),
        lines: signed_lines(&it.lines, &it.brought),
        catalogue: "hipaa-security-rule, 45 CFR 164.308(a)(1)(ii)(A)".to_owned(),
    };
    let change = ctx.change(actor, Right::KeepProgramme, "risk.sign").await?;
    let number = rows::signed(&change).await?.last().map_or(1, |last| last.number + 1);
    let signed = analysis
        .sign(change.actor(), change.at())
        .map_err(|error| Error::Invalid { message: error.to_string(), hint: None })?;
    let size = signed.document.len();
    let kept = vault::keep(ctx, &Document::from(signed.document.into_bytes())).await?;
    let name = format!("risk-analysis-{number}.json");
    let row = SignedRow {
        number,
        scope,
        document: documents::add(&change, &kept.sha256, "risk_analysis", &name, size).await?,
        sha256: kept.hex(),
        devices: fleet.devices.list.len() as u64,
        lines: (it.lines.len() + it.brought.len()) as u64,
        unknown: it.counts[4]
            + it.brought.iter().filter(|(_, level)| *level == Level::Unknown).count() as u64,
        at: change.at(),
        author: change.actor().to_owned(),
    };
    rows::add_signed(&change, &row).await?;
    let detail = format!("sha256 {}, {} devices, {} lines", row.sha256, row.devices, row.lines);
    change.commit(&format!("risk analysis {number}"), &detail).await?;
    Ok(row)
}

/// The lines as they are signed: those of products, then those of a workbook from elsewhere.
fn signed_lines(lines: &[RiskLine], brought: &[(BroughtRow, Level)]) -> Vec<core::Line> {
    lines.iter().map(line_of).chain(brought.iter().map(|(row, _)| brought_line(row))).collect()
}

/// What lines of a workbook from elsewhere are about: they name no product.
const EVERYWHERE: &str = "the organisation";

/// A threat of a workbook as a line: nobody treated it here.
pub(super) fn brought_line(row: &BroughtRow) -> core::Line {
    let grade = |code: &Option<String>| code.as_deref().and_then(Grade::from_code);
    core::Line {
        asset: EVERYWHERE.to_owned(),
        holds_ephi: None,
        threat: row.threat.clone(),
        vulnerability: format!("{} ({}, {})", row.vulnerability, row.file_name, row.place),
        likelihood: grade(&row.likelihood),
        impact: grade(&row.impact),
        treatment: Treatment::Undecided,
        measures: Vec::new(),
        likelihood_after: None,
        impact_after: None,
        plan: None,
    }
}

fn line_of(line: &RiskLine) -> core::Line {
    match &line.judged {
        Some(judged) => judged.line.clone(),
        None => core::Line {
            asset: line.asset.clone(),
            holds_ephi: line.holds,
            threat: line.threat.words.to_owned(),
            vulnerability: line.shows.clone(),
            likelihood: None,
            impact: None,
            treatment: Treatment::Undecided,
            measures: Vec::new(),
            likelihood_after: None,
            impact_after: None,
            plan: None,
        },
    }
}

/// The document of a signed analysis, byte for byte, with its name.
///
/// # Errors
/// [`Error::NotFound`], also where the file is gone or is not the one that was signed.
pub async fn document(ctx: &Context, actor: &Actor, number: u64) -> Result<(String, Vec<u8>), Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let all = rows::signed(&view).await?;
    let missing = || Error::not_found(format!("signed risk analysis {number}"));
    let row = all.into_iter().find(|row| row.number == number).ok_or_else(missing)?;
    drop(view);
    let text = covered::read(ctx, &row).await.ok_or_else(missing)?;
    Ok((format!("risk-analysis-{number}.json"), text.into_bytes()))
}
