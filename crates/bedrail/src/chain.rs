//! Why a device is said to have a weakness, or not: the chain from the record to the answer, a line each.

use bedrail_app::affected::{self, AffectedDevice, Question, Understood};
use bedrail_app::page::{MAX_LIMIT, PageRequest};
use bedrail_app::{Actor, Context, Error, devices};
use bedrail_model::answer::Answer;
use bedrail_model::ids::DeviceId;

use crate::web::parts::{Grounds, Why, release_name};

/// The chain of one device and one weakness.
///
/// # Errors
/// [`Error::NotFound`] when there is no such device; [`Error::Invalid`] when the text names no weakness.
pub(crate) async fn of(
    ctx: &Context,
    actor: &Actor,
    weakness: &str,
    device: DeviceId,
) -> Result<Vec<String>, Error> {
    let detail = devices::get(ctx, actor, device).await?;
    let facts = &detail.row.facts;
    let name = release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref());
    let head = format!("{} ({name})", detail.row.name);
    let mut whole = true;
    for answer in [None, Some(Answer::NotAffected)] {
        let question = Question {
            text: weakness.to_owned(),
            answer,
            site: facts.site.clone(),
            ward: facts.ward.clone(),
            ..Question::default()
        };
        let mut offset = 0;
        loop {
            let page = PageRequest::at(offset, MAX_LIMIT);
            let found = affected::ask(ctx, actor, &question, &page).await?;
            whole &= found.data.complete;
            if !matches!(found.understood, Understood::Weakness(_) | Understood::UnknownWeakness(_)) {
                return Err(Error::invalid(format!("“{weakness}” is not the id of one weakness")));
            }
            if let Some(row) = found.rows.iter().find(|row| row.device == device) {
                return Ok(lines(head, &name, row));
            }
            offset += found.rows.len() as u64;
            if found.rows.is_empty() || offset >= found.matching {
                break;
            }
        }
    }
    let mut told =
        vec![head, format!("No record of {weakness} in the data held names anything that it contains.")];
    if !whole {
        told.push("The data behind this is not whole and fresh: that is no all-clear.".to_owned());
    }
    Ok(told)
}

fn lines(head: String, release: &str, row: &AffectedDevice) -> Vec<String> {
    let why = Why::of(&Grounds {
        release,
        path: &row.path,
        component: row.component.as_deref(),
        version: row.version.as_deref(),
        purl: row.purl.as_deref(),
        answer: row.answer,
        reason: row.reason,
        fixed_in: &row.fixed_in,
        evidence: &row.evidence,
    });
    let numbered = why.steps.into_iter().zip(1..).map(|(step, number)| format!("{number}. {step}"));
    let decided = row.decision.iter().map(|brief| {
        format!("Decided: {} by {}: {}", brief.verdict.code().replace('_', " "), brief.author, brief.reason)
    });
    std::iter::once(head).chain(numbered).chain(decided).collect()
}
