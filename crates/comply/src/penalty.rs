//! Civil money penalties (45 CFR 160.404): the range by tier and date, with the yearly caps and those of the 2019 notice of
//! enforcement discretion. A range of exposure for counsel, never a prediction.

use jiff::civil::Date;
use serde::Deserialize;

use crate::catalog::{Fault, text, yaml};

/// How much the violator knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Did not know and could not have known.
    NoKnowledge,
    /// Reasonable cause.
    ReasonableCause,
    /// Wilful neglect, corrected within 30 days.
    NeglectCorrected,
    /// Wilful neglect, not corrected.
    NeglectUncorrected,
}

impl Tier {
    /// 1 to 4, as the tables count them.
    pub const fn number(self) -> u8 {
        match self {
            Tier::NoKnowledge => 1,
            Tier::ReasonableCause => 2,
            Tier::NeglectCorrected => 3,
            Tier::NeglectUncorrected => 4,
        }
    }

    fn of(number: u8) -> Option<Tier> {
        [Tier::NoKnowledge, Tier::ReasonableCause, Tier::NeglectCorrected, Tier::NeglectUncorrected]
            .into_iter()
            .find(|tier| tier.number() == number)
    }
}

/// Amounts of one tier, in whole US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts {
    /// The tier.
    pub tier: Tier,
    /// The least for one violation.
    pub min: u64,
    /// The most for one violation.
    pub max: u64,
    /// The most for all violations of one provision in a calendar year, by the rule.
    pub cap: u64,
    /// The same by the notice of 2019, which HHS can end.
    pub notice_cap: u64,
}

/// The table, by the day from which each set of amounts holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Penalties {
    /// For violations before 3 November 2015.
    statutory: Vec<Amounts>,
    /// For violations since, by the day of assessment, oldest first.
    adjusted: Vec<(Date, Vec<Amounts>)>,
}

/// Violations since this day are fined by the adjusted amounts (45 CFR 102.3: after 2 November 2015).
pub const ADJUSTED_SINCE: Date = jiff::civil::date(2015, 11, 3);

/// What a number of violations could cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    /// The amounts it was computed from.
    pub amounts: Amounts,
    /// The day from which they hold; `None` for those of the statute.
    pub effective: Option<Date>,
    /// The least, in US dollars.
    pub least: u64,
    /// The most under the rule.
    pub most: u64,
    /// The most while the notice of 2019 stands.
    pub most_by_notice: u64,
}

/// Why a range cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotTell {
    /// No amounts for the day.
    #[error(
        "no amounts are at hand for a penalty assessed on {assessed}; the first of the table hold from {first}"
    )]
    NoAmounts {
        /// The day of assessment.
        assessed: Date,
        /// The first day of the table.
        first: Date,
    },
    /// A violation after its assessment.
    #[error("a violation of {violated} cannot be fined on {assessed}")]
    Order {
        /// The violation.
        violated: Date,
        /// The assessment.
        assessed: Date,
    },
    /// Out of time (160.414).
    #[error(
        "no action after six years (45 CFR 160.414): the violation of {violated} is out of time on {assessed}"
    )]
    OutOfTime {
        /// The violation.
        violated: Date,
        /// The day.
        assessed: Date,
    },
    /// A table without the tier.
    #[error("the table has no amounts of this tier")]
    NoTier,
}

#[derive(Deserialize)]
struct File {
    civil_money_penalties: Table,
}

#[derive(Deserialize)]
struct Table {
    statutory_2009: Vec<StatutoryRow>,
    adjusted: Vec<serde_saphyr::Spanned<AdjustedRow>>,
}

#[derive(Deserialize)]
struct StatutoryRow {
    tier: u8,
    min: u64,
    max: Option<u64>,
    annual_cap_rule: u64,
    annual_cap_2019_notice: u64,
}

#[derive(Deserialize)]
struct AdjustedRow {
    effective: String,
    amounts: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    tier: u8,
    min: u64,
    max: u64,
    cap: u64,
    notice_cap: u64,
}

impl Penalties {
    /// The table in the program.
    ///
    /// # Errors
    /// The fault; a test sees to it that ours has none.
    pub fn embedded() -> Result<Penalties, Fault> {
        Penalties::read("privacy-and-admin.yaml", text("privacy-and-admin.yaml"))
    }

    /// The table of a file.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn read(name: &str, text: &str) -> Result<Penalties, Fault> {
        let table = yaml::<File>(name, text)?.civil_money_penalties;
        let fault = |line: u64, message: String| Fault { file: name.to_owned(), line, message };
        let tier = |line: u64, number: u8| {
            Tier::of(number).ok_or_else(|| fault(line, format!("there is no tier {number}")))
        };
        let statutory = table.statutory_2009.into_iter().map(|row| {
            Ok(Amounts {
                tier: tier(0, row.tier)?,
                min: row.min,
                // Tier 4 has no maximum of its own: the yearly cap is all.
                max: row.max.unwrap_or(row.annual_cap_rule),
                cap: row.annual_cap_rule,
                notice_cap: row.annual_cap_2019_notice,
            })
        });
        let statutory = statutory.collect::<Result<_, Fault>>()?;
        let mut adjusted = Vec::new();
        for row in table.adjusted {
            let line = row.referenced.line();
            let effective: Date = row
                .value
                .effective
                .parse()
                .map_err(|_| fault(line, format!("`effective` is no date: {:?}", row.value.effective)))?;
            let amounts = row.value.amounts.into_iter().map(|row| {
                Ok(Amounts {
                    tier: tier(line, row.tier)?,
                    min: row.min,
                    max: row.max,
                    cap: row.cap,
                    notice_cap: row.notice_cap,
                })
            });
            adjusted.push((effective, amounts.collect::<Result<Vec<_>, Fault>>()?));
        }
        adjusted.sort_by_key(|(effective, _)| *effective);
        Ok(Penalties { statutory, adjusted })
    }

    /// What a number of violations of one provision in one calendar year could cost, when assessed on a day.
    ///
    /// # Errors
    /// [`CannotTell`].
    pub fn exposure(
        &self,
        tier: Tier,
        violations: u64,
        violated: Date,
        assessed: Date,
    ) -> Result<Exposure, CannotTell> {
        if assessed < violated {
            return Err(CannotTell::Order { violated, assessed });
        }
        if assessed > crate::retention::years_after(violated, 6) {
            return Err(CannotTell::OutOfTime { violated, assessed });
        }
        let (effective, table) = if violated < ADJUSTED_SINCE {
            (None, &self.statutory)
        } else {
            let row = self.adjusted.iter().rev().find(|(effective, _)| *effective <= assessed);
            let first = self.adjusted.first().map_or(Date::MAX, |(first, _)| *first);
            let (effective, table) = row.ok_or(CannotTell::NoAmounts { assessed, first })?;
            (Some(*effective), table)
        };
        let amounts = *table.iter().find(|amounts| amounts.tier == tier).ok_or(CannotTell::NoTier)?;
        let times = |each: u64, cap: u64| each.saturating_mul(violations).min(cap);
        Ok(Exposure {
            amounts,
            effective,
            // The lowest end lies under the lower of the two caps.
            least: times(amounts.min, amounts.cap.min(amounts.notice_cap)),
            most: times(amounts.max, amounts.cap),
            most_by_notice: times(amounts.max, amounts.cap.min(amounts.notice_cap)),
        })
    }
}
