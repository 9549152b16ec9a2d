//! What is to be done about weaknesses. Ended, never deleted.

use std::collections::HashMap;

use bedrail_model::action::{Action, Asked, Kind, Seen, State, Window};
use bedrail_model::campaign::Ward;
use bedrail_model::ids::{ActionId, CampaignId, DecisionId, DeviceId};
use bedrail_model::money::Money;
use jiff::civil::Date;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::sql::{batches, code, get, id_batches, micros, time, values};
use crate::{Change, Error, View};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, decision_id, weakness, what, owner, due, limit_on, limit_source, proof_needed, remaining_risk,
            cost, state, ended, ended_by, ended_note, created, author, question, asked, kind, campaign_id, site, ward,
            window_from, window_to, cost_cents, cost_currency, seen, seen_what FROM action ",
            $rest
        )
    };
}

const ALL: &str = columns!("WHERE org_id = $1");
const ONE: &str = columns!("WHERE org_id = $1 AND id = $2");
const INSERT: &str =
    "INSERT INTO action (org_id, changed, id, decision_id, weakness, what, owner, due, limit_on,
        limit_source, proof_needed, remaining_risk, cost, state, created, author, question, asked, kind, campaign_id, site,
        ward, window_from, window_to, cost_cents, cost_currency)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open', $14, $15, $16, $17, $18, $19, $20, $21, $22,
        $23, $24, $25)";
const CHANGE: &str = "UPDATE action SET owner = $3, due = $4, changed = $5
    WHERE org_id = $1 AND id = $2 AND state = 'open'";
const END: &str = "UPDATE action SET state = $3, ended = $4, ended_by = $5, ended_note = $6, changed = $7
    WHERE org_id = $1 AND id = $2 AND state = 'open'";
const REOPEN: &str =
    "UPDATE action SET state = 'open', ended = NULL, ended_by = NULL, ended_note = NULL, seen = NULL,
        seen_what = NULL, changed = $3
    WHERE org_id = $1 AND id = $2 AND state <> 'open'";
const SEEN: &str = "UPDATE action SET seen = $3, seen_what = $4, changed = $5
    WHERE org_id = $1 AND id = $2 AND state = 'done'";
const PLAN: &str =
    "UPDATE action SET kind = $3, window_from = $4, window_to = $5, cost_cents = $6, cost_currency = $7,
        changed = $8
    WHERE org_id = $1 AND id = $2 AND state = 'open'";
const INSERT_DEVICES: &str = "INSERT INTO action_device (org_id, action_id, device_id)
    SELECT $1, $2, v.column1 FROM (VALUES {rows}) v";
const DEVICES: &str =
    "SELECT action_id, device_id FROM action_device WHERE org_id = $1 AND action_id IN ({ids})";
const DEVICE_COUNTS: &str =
    "SELECT action_id, COUNT(*) FROM action_device WHERE org_id = $1 AND action_id IN ({ids})
    GROUP BY action_id";
pub(crate) const STATEMENTS: &[&str] =
    &[ALL, ONE, INSERT, CHANGE, END, REOPEN, SEEN, PLAN, DEVICES, DEVICE_COUNTS];

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
    let asked = match (get(row, 17)?, get(row, 18)?) {
        (Some(question), Some(whom)) => Some(Asked { question, whom }),
        _ => None,
    };
    let kind = match get::<Option<String>>(row, 19)? {
        Some(word) => code("action.kind", &word, Kind::from_code)?,
        None if asked.is_some() => Kind::Ask,
        None => Kind::Other,
    };
    let seen = get::<Option<i64>>(row, 27)?.map(time).transpose()?;
    Ok(Action {
        id: ActionId::from_uuid(get(row, 0)?),
        kind,
        campaign: get::<Option<_>>(row, 20)?.map(CampaignId::from_uuid),
        ward: match (get(row, 21)?, get(row, 22)?) {
            (Some(site), Some(ward)) => Some(Ward { site, ward }),
            _ => None,
        },
        window: window(row)?,
        amount: amount(row)?,
        seen: match (seen, get::<Option<String>>(row, 28)?) {
            (Some(at), what) => Some(Seen { at, evidence: what.unwrap_or_default() }),
            (None, _) => None,
        },
        decision: get::<Option<_>>(row, 1)?.map(DecisionId::from_uuid),
        weakness: get(row, 2)?,
        asked,
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

fn window(row: &QueryResult) -> Result<Option<Window>, Error> {
    Ok(match (get::<Option<i64>>(row, 23)?, get::<Option<i64>>(row, 24)?) {
        (Some(from), Some(to)) => Some(Window { from: time(from)?, to: time(to)? }),
        _ => None,
    })
}

fn amount(row: &QueryResult) -> Result<Option<Money>, Error> {
    let (Some(cents), Some(word)) = (get::<Option<i64>>(row, 25)?, get::<Option<String>>(row, 26)?) else {
        return Ok(None);
    };
    let currency = code("action.cost_currency", &word, |word| word.parse().ok())?;
    Ok(Some(Money { cents: u64::try_from(cents).unwrap_or_default(), currency }))
}

/// Cents and currency as they are stored.
fn stored(amount: Option<Money>) -> (Option<i64>, Option<String>) {
    let stored = |money: Money| (i64::try_from(money.cents).unwrap_or(i64::MAX), money.currency.to_string());
    amount.map(stored).unzip()
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

/// Keeps a new, open action, and which devices it is about.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, action: &Action, devices: &[DeviceId]) -> Result<(), Error> {
    let (limit, source) =
        action.limit.as_ref().map(|(day, source)| (day.to_string(), source.as_str())).unzip();
    let (cents, currency) = stored(action.amount);
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
        action.asked.as_ref().map(|asked| asked.whom.as_str()),
        action.kind.code(),
        action.campaign.map(CampaignId::uuid),
        action.ward.as_ref().map(|ward| ward.site.as_str()),
        action.ward.as_ref().map(|ward| ward.ward.as_str()),
        action.window.map(|window| micros(window.from)),
        action.window.map(|window| micros(window.to)),
        cents,
        currency
    ];
    change.execute(INSERT, values).await?;
    let shared = values![change.org().uuid(), action.id.uuid()];
    let rows = devices.iter().map(|id| [Value::from(id.uuid())]);
    change.execute_batches(batches(INSERT_DEVICES, &shared, rows)).await?;
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

/// Notes what the program saw that shows a done action to be done; false where it is not done.
///
/// # Errors
/// When the database refuses.
pub async fn see(change: &Change, id: ActionId, evidence: &str) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), micros(change.at()), evidence, change.number];
    Ok(change.execute(SEEN, values).await? > 0)
}

/// Gives an open action another kind, window and amount; false where it is not open.
///
/// # Errors
/// When the database refuses.
pub async fn plan(
    change: &Change,
    id: ActionId,
    kind: Kind,
    window: Option<Window>,
    amount: Option<Money>,
) -> Result<bool, Error> {
    let (cents, currency) = stored(amount);
    let values = values![
        change.org().uuid(),
        id.uuid(),
        kind.code(),
        window.map(|window| micros(window.from)),
        window.map(|window| micros(window.to)),
        cents,
        currency,
        change.number
    ];
    Ok(change.execute(PLAN, values).await? > 0)
}

/// The devices that actions are about.
///
/// # Errors
/// When the database cannot be used.
pub async fn devices(view: &View, actions: &[ActionId]) -> Result<HashMap<ActionId, Vec<DeviceId>>, Error> {
    let ids = actions.iter().map(|id| Value::from(id.uuid()));
    let shared = values![view.org().uuid()];
    let mut found: HashMap<ActionId, Vec<DeviceId>> = HashMap::new();
    for row in view.all_batches(id_batches(DEVICES, &shared, ids)).await? {
        let (action, device) = (get::<Uuid>(&row, 0)?, get::<Uuid>(&row, 1)?);
        found.entry(ActionId::from_uuid(action)).or_default().push(DeviceId::from_uuid(device));
    }
    Ok(found)
}

/// How many devices actions are about.
///
/// # Errors
/// When the database cannot be used.
pub async fn device_counts(view: &View, actions: &[ActionId]) -> Result<HashMap<ActionId, u64>, Error> {
    let ids = actions.iter().map(|id| Value::from(id.uuid()));
    let shared = values![view.org().uuid()];
    let row = |row: &QueryResult| {
        let count = get::<i64>(row, 1)?.unsigned_abs();
        Ok((ActionId::from_uuid(get(row, 0)?), count))
    };
    view.all_batches(id_batches(DEVICE_COUNTS, &shared, ids)).await?.iter().map(row).collect()
}
