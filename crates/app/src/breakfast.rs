//! The answer by breakfast: for one weakness or medical advisory, ward by ward, who has it, who may have it, who is on each, and what to ask. A paper
//! that can lie on the table of a ward round.

use std::collections::HashMap;

use bedrail_model::answer::Reason;
use bedrail_model::data_status::DataStatus;
use bedrail_model::finding::Weakness;
use bedrail_store::weaknesses;
use jiff::Timestamp;

use crate::affected::{self, AffectedDevice, Question, Totals, WardBlock};
use crate::medical::statements;
use crate::page::{MAX_LIMIT, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error, decisions};

/// Devices on the paper at most; the rest is counted.
pub const MOST: u64 = 5_000;

/// A ward with its devices.
#[derive(Debug, Clone, PartialEq)]
pub struct WardPaper {
    /// Its numbers, over all of its devices.
    pub block: WardBlock,
    /// Those that are affected or of which it cannot be told, the affected ones first; not all of them where some are left out.
    pub devices: Vec<AffectedDevice>,
}

/// The paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakfast {
    /// The weakness, or a medical advisory put as one.
    pub weakness: Weakness,
    /// Totals over the organisation.
    pub totals: Totals,
    /// Wards with an affected or unclear device, those with most affected ones first.
    pub wards: Vec<WardPaper>,
    /// Devices that are not on the paper.
    pub left_out: u64,
    /// What would settle the unclear ones: reason, the fact, devices.
    pub questions: Vec<(Reason, String, u64)>,
    /// When the first record of it was published, as far as it is held.
    pub published: Option<Timestamp>,
    /// When it was first found here; a medical advisory: when it was taken in.
    pub found: Option<Timestamp>,
    /// How old and whole the data is.
    pub data: DataStatus,
}

/// What the paper is about, and its times.
struct About {
    /// What to ask for.
    question: String,
    weakness: Weakness,
    published: Option<Timestamp>,
    found: Option<Timestamp>,
}

/// The paper on a weakness, by any of its ids, or on a medical advisory.
///
/// # Errors
/// [`Error::NotFound`] when the data held does not know it.
pub async fn of(ctx: &Context, actor: &Actor, id: &str) -> Result<Breakfast, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    // Where both go by the id, the weakness is meant; what the advisory says is then part of that.
    let about = match decisions::weakness(ctx, &view, id).await {
        Ok(weakness) => {
            let records = ctx.inner.judge.records(&weakness.id);
            About {
                question: weakness.id.clone(),
                published: records.iter().filter_map(|record| record.published).min(),
                found: weaknesses::first_found(&view, &weakness.id).await?,
                weakness,
            }
        }
        Err(missing @ Error::NotFound { .. }) => {
            let it = statements::of_advisory(ctx, &fleet, &view, id).await?.ok_or(missing)?;
            let question = it.id.to_string();
            About { question, published: it.released, found: Some(it.taken_in), weakness: it.weakness }
        }
        Err(error) => return Err(error),
    };
    drop((fleet, view));
    let About { question, weakness, published, found } = about;
    let question = Question { text: question, ..Question::default() };
    let mut offset = 0;
    let mut devices: HashMap<(String, String), Vec<AffectedDevice>> = HashMap::new();
    let last = loop {
        let page = PageRequest::at(offset, MAX_LIMIT);
        let mut answer = affected::ask(ctx, actor, &question, &page).await?;
        offset += answer.rows.len() as u64;
        let ended = answer.rows.is_empty() || offset >= answer.matching.min(MOST);
        for row in std::mem::take(&mut answer.rows) {
            let place = |text: &Option<String>| text.clone().unwrap_or_default();
            devices.entry((place(&row.facts.site), place(&row.facts.ward))).or_default().push(row);
        }
        if ended {
            break answer;
        }
    };
    let touched = last.wards.into_iter().filter(|block| block.affected + block.cannot_tell > 0);
    let mut wards: Vec<WardPaper> = touched
        .map(|block| {
            let place = (block.site.clone(), block.ward.clone());
            let mut devices = devices.remove(&place).unwrap_or_default();
            devices.sort_by_key(|device| device.answer);
            WardPaper { block, devices }
        })
        .collect();
    wards.sort_by_key(|ward| std::cmp::Reverse((ward.block.affected, ward.block.cannot_tell)));
    Ok(Breakfast {
        published,
        weakness,
        totals: last.totals,
        wards,
        left_out: last.matching.saturating_sub(offset),
        questions: last.unknowns,
        found,
        data: last.data,
    })
}
