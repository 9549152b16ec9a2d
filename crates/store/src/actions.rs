//! What is to be done about weaknesses. Ended, never deleted.

use bedrail_model::action::{Action, Asked, State};
use bedrail_model::ids::{ActionId, DecisionId};
use jiff::civil::Date;
use sea_orm::QueryResult;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, decision_id, weakness, what, owner, due, limit_on, limit_source, proof_needed, remaining_risk,
            cost, state, ended, ended_by, ended_note, created, author, question, asked FROM action ",
            $rest
        )
    };
}

const ALL: &str = columns!("WHERE org_id = $1");
const ONE: &str = columns!("WHERE org_id = $1 AND id = $2");
const INSERT: &str =
    "INSERT INTO action (org_id, changed, id, decision_id, weakness, what, owner, due, limit_on,
        limit_source, proof_needed, remaining_risk, cost, state, created, author, question, asked)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open', $14, $15, $16, $17)";
const CHANGE: &str = "UPDATE action SET owner = $3, due = $4, changed = $5
    WHERE org_id = $1 AND id = $2 AND state = 'open'";
const END: &str = "UPDATE action SET state = $3, ended = $4, ended_by = $5, ended_note = $6, changed = $7
    WHERE org_id = $1 AND id = $2 AND state = 'open'";
const REOPEN: &str =
    "UPDATE action SET state = 'open', ended = NULL, ended_by = NULL, ended_note = NULL, changed = $3
    WHERE org_id = $1 AND id = $2 AND state <> 'open'";
pub(crate) const STATEMENTS: &[&str] = &[ALL, ONE, INSERT, CHANGE, END, REOPEN];

fn day(column: &'static str, text: &str) -> Result<Date, Error> {
    code(column, text, |text| text.parse().ok())
}

fn read(row: &QueryResult) -> Result<Action, Error> {
    let limit = match (get::<Option<String>>(row, 6)?, get::<Option<String>>(row, 7)?) {
        (Some(on), source) => Some((day("action.limit_on", &on)?, source.unwrap_or_default())),
        (None, _) => None,
    };
    let word: String = get(row, 11)?;
    let ended = get::<Option<i64>>(row, 12)?.map(time).transpose()?;
    let by = get::<Option<String>>(row, 13)?.unwrap_or_default();
    let note = get::<Option<String>>(row, 14)?.unwrap_or_default();
    let state = code("action.state", &word, |word| {
        Some(match word {
            "open" => State::Open,
            "done" => State::Done { at: ended?, by, proof: note },
            "dropped" => State::Dropped { at: ended?, by, reason: note },
            _ => return None,
        })
    })?;
    Ok(Action {
        id: ActionId::from_uuid(get(row, 0)?),
        decision: get::<Option<_>>(row, 1)?.map(DecisionId::from_uuid),
        weakness: get(row, 2)?,
        asked: match (get(row, 17)?, get(row, 18)?) {
            (Some(question), Some(whom)) => Some(Asked { question, whom }),
            _ => None,
        },
        what: get(row, 3)?,
        owner: get(row, 4)?,
        due: day("action.due", &get::<String>(row, 5)?)?,
        limit,
        proof_needed: get(row, 8)?,
        remaining_risk: get(row, 9)?,
        cost: get(row, 10)?,
        state,
        created: time(get(row, 15)?)?,
        author: get(row, 16)?,
    })
}

/// All actions, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<Action>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// One action.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: ActionId) -> Result<Option<Action>, Error> {
    view.one(ONE, values![view.org().uuid(), id.uuid()]).await?.as_ref().map(read).transpose()
}

/// Keeps a new, open action.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, action: &Action) -> Result<(), Error> {
    let (limit, source) =
        action.limit.as_ref().map(|(day, source)| (day.to_string(), source.as_str())).unzip();
    let values = values![
        change.org().uuid(),
        change.number,
        action.id.uuid(),
        action.decision.map(DecisionId::uuid),
        action.weakness.as_deref(),
        action.what.as_str(),
        action.owner.as_str(),
        action.due.to_string(),
        limit,
        source,
        action.proof_needed.as_deref(),
        action.remaining_risk.as_deref(),
        action.cost.as_deref(),
        micros(action.created),
        action.author.as_str(),
        action.asked.as_ref().map(|asked| asked.question.as_str()),
        action.asked.as_ref().map(|asked| asked.whom.as_str())
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Gives an open action another owner and another day; false where it is not open.
///
/// # Errors
/// When the database refuses.
pub async fn hand_over(change: &Change, id: ActionId, owner: &str, due: Date) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), owner, due.to_string(), change.number];
    Ok(change.execute(CHANGE, values).await? > 0)
}

/// Ends an open action as done, by a proof, or as dropped, for a reason; false where it is not open.
///
/// # Errors
/// When the database refuses.
pub async fn end(change: &Change, id: ActionId, done: bool, note: &str) -> Result<bool, Error> {
    let word = if done { "done" } else { "dropped" };
    let at = micros(change.at());
    let values = values![change.org().uuid(), id.uuid(), word, at, change.actor(), note, change.number];
    Ok(change.execute(END, values).await? > 0)
}

/// Opens an ended action again; false where it is open.
///
/// # Errors
/// When the database refuses.
pub async fn reopen(change: &Change, id: ActionId) -> Result<bool, Error> {
    Ok(change.execute(REOPEN, values![change.org().uuid(), id.uuid(), change.number]).await? > 0)
}
