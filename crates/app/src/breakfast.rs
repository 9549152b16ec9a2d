//! The answer by breakfast: for one weakness, ward by ward, who has it, who may have it, who is on each, and what to ask. A paper
//! that can lie on the table of a ward round.

use std::collections::BTreeMap;

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::data_status::DataStatus;
use bedrail_model::finding::Weakness;
use bedrail_store::weaknesses;
use jiff::Timestamp;

use crate::affected::{self, AffectedDevice, Question, Totals};
use crate::page::{MAX_LIMIT, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error, decisions};

/// Devices on the paper at most; the rest is counted.
pub const MOST: u64 = 5_000;

/// A ward with its devices.
#[derive(Debug, Clone, PartialEq)]
pub struct Ward {
    /// Site; empty where no list says one.
    pub site: String,
    /// Ward; empty where no list says one.
    pub ward: String,
    /// Devices in the ward.
    pub devices: u64,
    /// Those that are affected.
    pub affected: Vec<AffectedDevice>,
    /// Those of which it cannot be told.
    pub cannot_tell: Vec<AffectedDevice>,
}

/// The paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakfast {
    /// The weakness.
    pub weakness: Weakness,
    /// Totals over the organisation.
    pub totals: Totals,
    /// Wards with an affected or unclear device, those with most affected ones first.
    pub wards: Vec<Ward>,
    /// Devices that are not on the paper.
    pub left_out: u64,
    /// What would settle the unclear ones: reason, the fact, devices.
    pub questions: Vec<(Reason, String, u64)>,
    /// When the first record of it was published, as far as it is held.
    pub published: Option<Timestamp>,
    /// When it was first found here.
    pub found: Option<Timestamp>,
    /// How old and whole the data is.
    pub data: DataStatus,
}

/// The paper on a weakness, by any of its ids.
///
/// # Errors
/// [`Error::NotFound`] when the data held does not know it.
pub async fn of(ctx: &Context, actor: &Actor, id: &str) -> Result<Breakfast, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let weakness = decisions::weakness(ctx, &view, id).await?;
    let found = weaknesses::first_found(&view, &weakness.id).await?;
    drop(view);
    let question = Question { text: weakness.id.clone(), ..Question::default() };
    let mut offset = 0;
    let mut wards: BTreeMap<(String, String), Ward> = BTreeMap::new();
    let last = loop {
        let page = PageRequest::at(offset, MAX_LIMIT);
        let answer = affected::ask(ctx, actor, &question, &page).await?;
        offset += answer.rows.len() as u64;
        for row in &answer.rows {
            let place = |text: &Option<String>| text.clone().unwrap_or_default();
            let (site, ward) = (place(&row.facts.site), place(&row.facts.ward));
            let devices = answer.wards.iter().find(|it| it.site == site && it.ward == ward);
            let devices = devices.map_or(0, |it| it.devices);
            let empty = || Ward {
                site: site.clone(),
                ward: ward.clone(),
                devices,
                affected: Vec::new(),
                cannot_tell: Vec::new(),
            };
            let ward = wards.entry((site.clone(), ward.clone())).or_insert_with(empty);
            match row.answer {
                Answer::Affected => ward.affected.push(row.clone()),
                Answer::CannotTell => ward.cannot_tell.push(row.clone()),
                Answer::NotAffected => {}
            }
        }
        if answer.rows.is_empty() || offset >= answer.matching.min(MOST) {
            break answer;
        }
    };
    let mut wards: Vec<Ward> = wards.into_values().collect();
    wards.sort_by_key(|ward| std::cmp::Reverse((ward.affected.len(), ward.cannot_tell.len())));
    let records = ctx.inner.judge.records(&weakness.id);
    Ok(Breakfast {
        published: records.iter().filter_map(|record| record.published).min(),
        weakness,
        totals: last.totals,
        wards,
        left_out: last.matching.saturating_sub(offset),
        questions: last.unknowns,
        found,
        data: last.data,
    })
}
