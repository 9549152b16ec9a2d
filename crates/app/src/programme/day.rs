//! How the programme stood from day to day: once a day the computed facts and every state are written down. A past day is
//! shown as it was known then, and, from the same facts, as it is known now.

use bedrail_comply::signal::{Signal, Value};
use bedrail_comply::state::Moment;
use bedrail_store::View;
use bedrail_store::programme::{self as rows, DayRow, StateRow};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::judged::{self, Judged};
use super::{Row, catalogues, gather, see, value};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// A computed fact, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptFact {
    pub(super) signal: String,
    pub(super) subject: String,
    value: String,
    observed: String,
    pub(super) evidence: String,
}

impl KeptFact {
    pub(super) fn of(
        signal: &str,
        subject: &str,
        what: Value,
        observed: Timestamp,
        evidence: String,
    ) -> KeptFact {
        KeptFact {
            signal: signal.to_owned(),
            subject: subject.to_owned(),
            value: value::write(what),
            observed: observed.to_string(),
            evidence,
        }
    }

    /// Nothing is known of a system, and this is why.
    pub(super) fn unknown(signal: &str, subject: &str, asked: Timestamp, why: String) -> KeptFact {
        KeptFact {
            signal: signal.to_owned(),
            subject: subject.to_owned(),
            value: String::new(),
            observed: asked.to_string(),
            evidence: why,
        }
    }

    /// Whether it says something; otherwise it says why nothing is known.
    pub(super) fn is_known(&self) -> bool {
        !self.value.is_empty()
    }

    pub(super) fn value(&self) -> Result<Value, Error> {
        let signal =
            Signal::of(&self.signal).ok_or_else(|| Error::not_found(format!("signal {}", self.signal)))?;
        value::read(signal, &self.value)
    }

    pub(super) fn observed(&self) -> Result<Timestamp, Error> {
        self.observed.parse().map_err(|error| Error::Internal(Box::new(error)))
    }

    pub(super) fn read_all(text: &str) -> Result<Vec<KeptFact>, Error> {
        serde_json::from_str(text).map_err(|error| Error::Internal(Box::new(error)))
    }

    /// Its cells in a list: signal, system, value, when, where to look.
    pub(super) fn cells(&self) -> Vec<String> {
        [&self.signal, &self.subject, &self.value, &self.observed, &self.evidence].map(Clone::clone).to_vec()
    }
}

/// A past day.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The day.
    pub day: Date,
    /// When it was noted; `None` where nobody did: then nothing is known of the day but documents and decisions.
    pub taken: Option<Timestamp>,
    /// How every requirement stood, as known then.
    pub then: Vec<StateRow>,
    /// How every requirement stood that day, as known now.
    pub now: Vec<Row>,
    /// The versions of the catalogues that `then` was computed by.
    pub catalogues: Vec<String>,
    pub(super) facts: Vec<KeptFact>,
}

/// The days that something is kept of, the newest first.
///
/// # Errors
/// [`Error::Denied`] without the right; when the database cannot be used.
pub async fn days(ctx: &Context, actor: &Actor) -> Result<Vec<Date>, Error> {
    Ok(rows::days(&see(ctx, actor).await?).await?)
}

/// Writes down how the programme stands today, in the place of an earlier note of the same day. Days before are never touched.
///
/// # Errors
/// [`Error::Denied`] without the right; when the database cannot be used.
pub async fn note(ctx: &Context, actor: &Actor) -> Result<Date, Error> {
    let known = gather::known(ctx, actor, true).await?;
    let judged = known.judged()?;
    let states = &judged.states;
    let facts = serde_json::to_string(&known.computed()).map_err(|error| Error::Internal(Box::new(error)))?;
    let digest = hex::encode(Sha256::digest(&facts));
    let day = judged.moment.day();
    let row = DayRow { day, taken: known.now, facts, catalogues: versions()? };
    let kept = states
        .iter()
        .map(|it| StateRow {
            requirement: it.requirement.id.clone(),
            applies: judged::applies(&it.applies).to_owned(),
            state: it.state.code().to_owned(),
            overdue: it.is_overdue(),
            reason: it.reason(),
            catalogue: it.catalogue.clone(),
        })
        .collect();
    let change = ctx.change(actor, Right::KeepProgramme, "programme.day").await?;
    rows::note_day(&change, &row, kept).await?;
    change
        .commit_with(&day.to_string(), "how every requirement stands", None, Some(format!("sha256 {digest}")))
        .await?;
    Ok(day)
}

/// The versions of the catalogues that states are computed by.
pub(super) fn versions() -> Result<Vec<String>, Error> {
    Ok(catalogues()?.files.iter().map(bedrail_comply::catalog::Catalogue::version).collect())
}

/// The last moment of a day, in UTC.
pub(super) fn end_of(day: Date) -> Result<Timestamp, Error> {
    let next = day.checked_add(1.day()).and_then(|next| next.to_zoned(TimeZone::UTC));
    let next = next.map_err(|_| Error::invalid(format!("{day} is no day of the calendar")))?;
    Ok(next.timestamp() - jiff::SignedDuration::from_micros(1))
}

/// A past day, as known then and as known now.
///
/// # Errors
/// [`Error::Invalid`] for a day that has not come; [`Error::Denied`] without the right.
pub async fn on(ctx: &Context, actor: &Actor, day: Date) -> Result<Past, Error> {
    let now = ctx.clock.now();
    if day > now.to_zoned(TimeZone::UTC).date() {
        return Err(Error::invalid(format!("{day} has not come yet")));
    }
    let view = see(ctx, actor).await?;
    let kept = rows::day_of(&view, day).await?;
    let facts = kept.as_ref().map(|row| KeptFact::read_all(&row.facts)).transpose()?.unwrap_or_default();
    let moment = Moment { at: end_of(day)?, known_by: now, zone: TimeZone::UTC };
    let (proofs, decisions) = (rows::proofs(&view).await?, rows::decisions(&view).await?);
    let answers = bedrail_store::self_answers::all(&view).await?;
    let known_now = Judged::of(&facts, &proofs, &decisions, &answers, moment)?;
    let mut now: Vec<Row> = known_now.states.iter().map(judged::row).collect::<Result<_, _>>()?;
    let mut then = rows::states_of(&view, day).await?;
    now.retain(|row| super::in_scope(actor.scope(), &row.id));
    then.retain(|row| super::in_scope(actor.scope(), &row.requirement));
    Ok(Past {
        day,
        taken: kept.as_ref().map(|row| row.taken),
        then,
        now,
        catalogues: kept.map(|row| row.catalogues).unwrap_or_default(),
        facts,
    })
}

/// What was written down of a day: when, how every requirement stood, and the facts. Nothing is judged anew.
pub(super) async fn written(
    view: &View,
    day: Date,
) -> Result<Option<(Timestamp, Vec<StateRow>, Vec<KeptFact>)>, Error> {
    let Some(row) = rows::day_of(view, day).await? else { return Ok(None) };
    Ok(Some((row.taken, rows::states_of(view, day).await?, KeptFact::read_all(&row.facts)?)))
}
