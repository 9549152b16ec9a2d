//! Recognised security practices (Pub. L. 116-321; 42 USC 17941): how each stood on every day of the last twelve months, as it was
//! written down that day. HHS considers what was in place for not less than the previous twelve months.

use std::collections::HashMap;

use bedrail_comply::continuity::{self, Continuity};
use bedrail_comply::state::State;
use bedrail_store::programme as rows;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::anchor::AnchorRow;
use super::{STATES, catalogue_id, catalogue_name, catalogues, in_scope, see};
use crate::{Actor, Context, Error};

/// Catalogues of recognised practices: the practices of section 405(d) that the statute names, and the goals that HHS built on the
/// NIST framework, which it takes in among the others.
const RECOGNISED: [&str; 2] = ["hicp-405d", "hph-performance-goals"];

/// A practice over twelve months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practice {
    /// Its id.
    pub id: String,
    /// The name of its catalogue.
    pub catalogue: String,
    /// Where it stands written.
    pub citation: String,
    /// A few words.
    pub title: String,
    /// Its days.
    pub over: Continuity,
    /// Days of which something was written down.
    pub noted: u32,
}

/// All practices over twelve months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practices {
    /// First day, inclusive.
    pub from: Date,
    /// Last day, inclusive.
    pub to: Date,
    /// The practices, in order of the catalogues.
    pub rows: Vec<Practice>,
    /// Heads of the audit log that were noted outside in these months or later: what was written before each cannot be written anew.
    pub anchors: Vec<AnchorRow>,
}

/// The practices over the twelve months that end today. A day that nobody wrote down is unknown.
///
/// # Errors
/// [`Error::Denied`] without the right; when the database cannot be used.
pub async fn practices(ctx: &Context, actor: &Actor) -> Result<Practices, Error> {
    let (from, to) = continuity::twelve_months(ctx.clock.now().to_zoned(TimeZone::UTC).date());
    let view = see(ctx, actor).await?;
    let wanted: Vec<_> = catalogues()?
        .files
        .iter()
        .filter(|file| RECOGNISED.contains(&catalogue_id(&file.file)))
        .flat_map(|file| file.requirements.iter().map(move |it| (catalogue_id(&file.file), it)))
        .filter(|(_, it)| in_scope(actor.scope(), &it.id))
        .collect();
    let ids: Vec<&str> = wanted.iter().map(|(_, it)| it.id.as_str()).collect();
    let mut daily: HashMap<String, Vec<(Date, State)>> = HashMap::new();
    for (day, id, applies, state) in rows::states_between(&view, (from, to), &ids).await? {
        let known = STATES.into_iter().find(|known| known.code() == state && applies != "no");
        daily.entry(id).or_default().push((day, known.unwrap_or(State::Unknown)));
    }
    let mut anchors = bedrail_store::anchors::all(&view).await?;
    anchors.retain(|row| row.noted >= from);
    let practice = |(catalogue, it): &(&str, &bedrail_comply::catalog::Requirement)| {
        let days = daily.get(&it.id).map(Vec::as_slice).unwrap_or_default();
        Practice {
            id: it.id.clone(),
            catalogue: catalogue_name(catalogue).to_owned(),
            citation: it.citation.clone(),
            title: it.title.clone(),
            over: continuity::over(from, to, days),
            noted: u32::try_from(days.len()).unwrap_or(u32::MAX),
        }
    };
    Ok(Practices { from, to, rows: wanted.iter().map(practice).collect(), anchors })
}

impl Practice {
    /// The stretches on which it was evidenced: first and last day of each.
    pub fn evidenced(&self) -> Vec<(Date, Date)> {
        let (mut runs, mut begin) = (Vec::new(), Some(self.over.from));
        for gap in &self.over.gaps {
            if let (Some(from), Ok(last)) = (begin, gap.from.yesterday())
                && from <= last
            {
                runs.push((from, last));
            }
            begin = gap.to.tomorrow().ok();
        }
        if let Some(from) = begin.filter(|from| *from <= self.over.to) {
            runs.push((from, self.over.to));
        }
        runs
    }
}
