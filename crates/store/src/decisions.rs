//! What people of an organisation decided on weaknesses. Taken back, never deleted.

use std::collections::HashMap;

use bedrail_model::decision::{Basis, Decision, Origin, Scope, Verdict};
use bedrail_model::ids::{DecisionId, DeviceId, ReleaseId};
use bedrail_model::severity::Severity;
use bedrail_model::vex::Justification;
use jiff::civil::Date;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::sql::{batches, code, get, micros, time, values};
use crate::{Change, Error, View};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, weakness, scope, release_id, maker, model, up_to, verdict, justification, until, approver,
            components, reason, author, decided, review_on, statement, records, severity, exploited, withdrawn
            FROM decision ",
            $rest
        )
    };
}

const ALL: &str = columns!("WHERE org_id = $1");
const ONE: &str = columns!("WHERE org_id = $1 AND id = $2");
const DEVICES: &str = "SELECT decision_id, device_id FROM decision_device WHERE org_id = $1";
const DEVICES_OF_ONE: &str = "SELECT decision_id, device_id FROM decision_device
    WHERE org_id = $1 AND decision_id = $2";
/// What is in force moves with every decision and with every one that is taken back.
const NEWEST: &str = "SELECT COALESCE(MAX(changed), 0) FROM decision WHERE org_id = $1";
const INSERT: &str = "INSERT INTO decision (org_id, changed, id, weakness, scope, release_id, maker, model, up_to, verdict,
        justification, until, approver, components, reason, author, decided, review_on, statement, records, severity,
        exploited)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)";
const INSERT_DEVICES: &str = "INSERT INTO decision_device (org_id, decision_id, device_id)
    SELECT $1, $2, v.column1 FROM (VALUES {rows}) v";
const WITHDRAW: &str = "UPDATE decision SET withdrawn = $3, withdrawn_by = $4, changed = $5
    WHERE org_id = $1 AND id = $2 AND withdrawn IS NULL";
pub(crate) const STATEMENTS: &[&str] = &[ALL, ONE, DEVICES, DEVICES_OF_ONE, NEWEST, INSERT, WITHDRAW];

fn day(column: &'static str, text: Option<String>) -> Result<Option<Date>, Error> {
    text.map(|text| code(column, &text, |text| text.parse().ok())).transpose()
}

fn verdict(row: &QueryResult) -> Result<Verdict, Error> {
    let word: String = get(row, 7)?;
    let justification = get::<Option<String>>(row, 8)?;
    let until = day("decision.until", get(row, 9)?)?;
    let approver = get::<Option<String>>(row, 10)?;
    code("decision.verdict", &word, |word| {
        Some(match word {
            "under_investigation" => Verdict::UnderInvestigation,
            "affected" => Verdict::Affected,
            "fixed" => Verdict::Fixed,
            "not_affected" => Verdict::NotAffected(Justification::from_name(&justification?)?),
            "risk_accepted" => Verdict::RiskAccepted { until: until?, approver: approver? },
            _ => return None,
        })
    })
}

fn scope(row: &QueryResult, devices: Vec<DeviceId>) -> Result<Scope, Error> {
    let word: String = get(row, 2)?;
    let release = get::<Option<Uuid>>(row, 3)?.map(ReleaseId::from_uuid);
    let (maker, model) = (get::<Option<String>>(row, 4)?, get::<Option<String>>(row, 5)?);
    let up_to = get(row, 6)?;
    code("decision.scope", &word, |word| {
        Some(match word {
            "devices" => Scope::Devices(devices),
            "release" => Scope::Release(release?),
            "model" => Scope::Model { maker: maker?, model: model?, up_to },
            "organisation" => Scope::Organisation,
            _ => return None,
        })
    })
}

fn severity(number: i64) -> Severity {
    usize::try_from(number).ok().and_then(|at| Severity::ALL.get(at).copied()).unwrap_or_default()
}

fn read(row: &QueryResult, devices: &mut HashMap<DecisionId, Vec<DeviceId>>) -> Result<Decision, Error> {
    let id = DecisionId::from_uuid(get(row, 0)?);
    Ok(Decision {
        id,
        weakness: get(row, 1)?,
        scope: scope(row, devices.remove(&id).unwrap_or_default())?,
        verdict: verdict(row)?,
        components: get::<String>(row, 11)?.lines().map(str::to_owned).collect(),
        reason: get(row, 12)?,
        author: get(row, 13)?,
        decided: time(get(row, 14)?)?,
        review_on: day("decision.review_on", get(row, 15)?)?,
        origin: get::<Option<String>>(row, 16)?.map_or(Origin::Person, Origin::Statement),
        basis: Basis {
            records: get::<String>(row, 17)?
                .split(' ')
                .filter(|id| !id.is_empty())
                .map(str::to_owned)
                .collect(),
            severity: severity(get(row, 18)?),
            exploited: get::<i64>(row, 19)? != 0,
        },
        withdrawn: get::<Option<i64>>(row, 20)?.map(time).transpose()?,
    })
}

fn by_decision(rows: &[QueryResult]) -> Result<HashMap<DecisionId, Vec<DeviceId>>, Error> {
    let mut devices: HashMap<DecisionId, Vec<DeviceId>> = HashMap::new();
    for row in rows {
        let (decision, device) = (DecisionId::from_uuid(get(row, 0)?), DeviceId::from_uuid(get(row, 1)?));
        devices.entry(decision).or_default().push(device);
    }
    devices.values_mut().for_each(|devices| devices.sort_unstable());
    Ok(devices)
}

/// All decisions, those that were taken back too, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<Decision>, Error> {
    let org = values![view.org().uuid()];
    let mut devices = by_decision(&view.all(DEVICES, org.clone()).await?)?;
    view.all(ALL, org).await?.iter().map(|row| read(row, &mut devices)).collect()
}

/// One decision.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: DecisionId) -> Result<Option<Decision>, Error> {
    let key = values![view.org().uuid(), id.uuid()];
    let mut devices = by_decision(&view.all(DEVICES_OF_ONE, key.clone()).await?)?;
    view.one(ONE, key).await?.as_ref().map(|row| read(row, &mut devices)).transpose()
}

/// The number of the last change that took a decision or took one back.
///
/// # Errors
/// When the database cannot be used.
pub async fn newest(view: &View) -> Result<i64, Error> {
    view.one(NEWEST, values![view.org().uuid()]).await?.map_or(Ok(0), |row| get(&row, 0))
}

/// Keeps a decision.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, decision: &Decision) -> Result<(), Error> {
    let (release, maker, model, up_to) = match &decision.scope {
        Scope::Release(id) => (Some(id.uuid()), None, None, None),
        Scope::Model { maker, model, up_to } => {
            (None, Some(maker.as_str()), Some(model.as_str()), up_to.as_deref())
        }
        Scope::Devices(_) | Scope::Organisation => (None, None, None, None),
    };
    let (justification, until, approver) = match &decision.verdict {
        Verdict::NotAffected(justification) => (Some(justification.name()), None, None),
        Verdict::RiskAccepted { until, approver } => (None, Some(until.to_string()), Some(approver.as_str())),
        _ => (None, None, None),
    };
    let statement = match &decision.origin {
        Origin::Person => None,
        Origin::Statement(id) => Some(id.as_str()),
    };
    let severity = Severity::ALL.iter().position(|one| *one == decision.basis.severity).unwrap_or(0);
    let org = change.org().uuid();
    let values = values![
        org,
        change.number,
        decision.id.uuid(),
        decision.weakness.as_str(),
        decision.scope.code(),
        release,
        maker,
        model,
        up_to,
        decision.verdict.code(),
        justification,
        until,
        approver,
        decision.components.join("\n"),
        decision.reason.as_str(),
        decision.author.as_str(),
        micros(decision.decided),
        decision.review_on.map(|day| day.to_string()),
        statement,
        decision.basis.records.join(" "),
        i64::try_from(severity).unwrap_or(0),
        i64::from(decision.basis.exploited)
    ];
    change.execute(INSERT, values).await?;
    if let Scope::Devices(devices) = &decision.scope {
        let shared = values![org, decision.id.uuid()];
        let rows = devices.iter().map(|device| [Value::from(device.uuid())]);
        change.execute_batches(batches(INSERT_DEVICES, &shared, rows)).await?;
    }
    Ok(())
}

/// Takes a decision back; false where it was taken back already, or never taken.
///
/// # Errors
/// When the database refuses.
pub async fn withdraw(change: &Change, id: DecisionId) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), micros(change.at()), change.actor(), change.number];
    Ok(change.execute(WITHDRAW, values).await? > 0)
}
