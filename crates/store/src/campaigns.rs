//! Campaigns, and how each stood. Closed, never deleted; of what the clock looked at, the last of a day stays.

use bedrail_model::campaign::{Campaign, Closed, Counts, Look, Occasion, Ward, WardCounts};
use bedrail_model::ids::CampaignId;
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, code, get, micros, time, values};
use crate::{Change, Error, View};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, weakness, name, started, author, closed, closed_by, closed_for, closed_open FROM campaign ",
            $rest
        )
    };
}

const ALL: &str = columns!("WHERE org_id = $1 ORDER BY started DESC, id");
const ONE: &str = columns!("WHERE org_id = $1 AND id = $2");
const ANY_OPEN: &str = "SELECT 1 FROM campaign WHERE org_id = $1 AND closed IS NULL LIMIT 1";
const INSERT: &str = "INSERT INTO campaign (org_id, changed, id, weakness, name, started, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const CLOSE: &str =
    "UPDATE campaign SET closed = $3, closed_by = $4, closed_for = $5, closed_open = $6, changed = $7
    WHERE org_id = $1 AND id = $2 AND closed IS NULL";
const REOPEN: &str =
    "UPDATE campaign SET closed = NULL, closed_by = NULL, closed_for = NULL, closed_open = NULL, changed = $3
    WHERE org_id = $1 AND id = $2 AND closed IS NOT NULL";
const SET_STARTED: &str = "UPDATE campaign SET started = $3, changed = $4 WHERE org_id = $1 AND id = $2";
const LOOKS: &str = "SELECT taken, day, occasion, sound FROM campaign_look
    WHERE org_id = $1 AND campaign_id = $2 ORDER BY taken";
const WARDS: &str = "SELECT taken, site, ward, devices, affected, cannot_tell, outside, handled, ruled_out
    FROM campaign_ward WHERE org_id = $1 AND campaign_id = $2 ORDER BY taken, site, ward";
const LAST_LOOK: &str = "SELECT taken, day, occasion, sound FROM campaign_look
    WHERE org_id = $1 AND campaign_id = $2 ORDER BY taken DESC LIMIT 1";
const WARDS_OF_LOOK: &str =
    "SELECT taken, site, ward, devices, affected, cannot_tell, outside, handled, ruled_out
    FROM campaign_ward WHERE org_id = $1 AND campaign_id = $2 AND taken = $3 ORDER BY site, ward";
/// Those that a new look takes the place of: one at the same moment, and by the clock the others of the day.
const REPLACED: &str = "SELECT taken FROM campaign_look WHERE org_id = $1 AND campaign_id = $2
    AND (taken = $3 OR ($4 = 'day' AND day = $5 AND occasion = 'day'))";
const FORGET_WARDS: &str = "DELETE FROM campaign_ward WHERE org_id = $1 AND campaign_id = $2 AND taken = $3";
const FORGET_LOOK: &str = "DELETE FROM campaign_look WHERE org_id = $1 AND campaign_id = $2 AND taken = $3";
const INSERT_LOOK: &str = "INSERT INTO campaign_look (org_id, campaign_id, taken, day, occasion, sound)
    VALUES ($1, $2, $3, $4, $5, $6)";
const INSERT_WARDS: &str =
    "INSERT INTO campaign_ward (org_id, campaign_id, taken, site, ward, devices, affected, cannot_tell,
        outside, handled, ruled_out)
    SELECT $1, $2, CAST($3 AS bigint), v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8
    FROM (VALUES {rows}) v";
pub(crate) const STATEMENTS: &[&str] = &[
    ALL,
    ONE,
    ANY_OPEN,
    INSERT,
    CLOSE,
    REOPEN,
    SET_STARTED,
    LOOKS,
    WARDS,
    LAST_LOOK,
    WARDS_OF_LOOK,
    REPLACED,
    FORGET_WARDS,
    FORGET_LOOK,
    INSERT_LOOK,
];

fn count(row: &QueryResult, index: usize) -> Result<u64, Error> {
    Ok(u64::try_from(get::<i64>(row, index)?).unwrap_or_default())
}

fn read(row: &QueryResult) -> Result<Campaign, Error> {
    let closed = match get::<Option<i64>>(row, 5)? {
        None => None,
        Some(at) => Some(Closed {
            at: time(at)?,
            by: get::<Option<String>>(row, 6)?.unwrap_or_default(),
            sentence: get::<Option<String>>(row, 7)?.unwrap_or_default(),
            open_actions: u64::try_from(get::<Option<i64>>(row, 8)?.unwrap_or_default()).unwrap_or_default(),
        }),
    };
    Ok(Campaign {
        id: CampaignId::from_uuid(get(row, 0)?),
        weakness: get(row, 1)?,
        name: get(row, 2)?,
        started: time(get(row, 3)?)?,
        author: get(row, 4)?,
        closed,
    })
}

fn read_look(row: &QueryResult) -> Result<Look, Error> {
    let day: Date = code("campaign_look.day", &get::<String>(row, 1)?, |text| text.parse().ok())?;
    Ok(Look {
        at: time(get(row, 0)?)?,
        day,
        occasion: code("campaign_look.occasion", &get::<String>(row, 2)?, Occasion::from_code)?,
        sound: get::<i64>(row, 3)? != 0,
        wards: Vec::new(),
    })
}

fn read_ward(row: &QueryResult) -> Result<WardCounts, Error> {
    Ok(WardCounts {
        ward: Ward { site: get(row, 1)?, ward: get(row, 2)? },
        counts: Counts {
            devices: count(row, 3)?,
            affected: count(row, 4)?,
            cannot_tell: count(row, 5)?,
            outside: count(row, 6)?,
            handled: count(row, 7)?,
            ruled_out: count(row, 8)?,
        },
    })
}

/// All campaigns, the last first.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<Campaign>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// One campaign.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: CampaignId) -> Result<Option<Campaign>, Error> {
    view.one(ONE, values![view.org().uuid(), id.uuid()]).await?.as_ref().map(read).transpose()
}

/// Whether a campaign is open.
///
/// # Errors
/// When the database cannot be used.
pub async fn is_any_open(view: &View) -> Result<bool, Error> {
    Ok(view.one(ANY_OPEN, values![view.org().uuid()]).await?.is_some())
}

/// Keeps a new, open campaign.
///
/// # Errors
/// When the database refuses, as where one about the weakness is open.
pub async fn add(change: &Change, campaign: &Campaign) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        campaign.id.uuid(),
        campaign.weakness.as_str(),
        campaign.name.as_str(),
        micros(campaign.started),
        campaign.author.as_str()
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Closes an open campaign; false where it is not open.
///
/// # Errors
/// When the database refuses.
pub async fn close(change: &Change, id: CampaignId, sentence: &str, open: u64) -> Result<bool, Error> {
    let open = i64::try_from(open).unwrap_or(i64::MAX);
    let (org, at) = (change.org().uuid(), micros(change.at()));
    let values = values![org, id.uuid(), at, change.actor(), sentence, open, change.number];
    Ok(change.execute(CLOSE, values).await? > 0)
}

/// Opens a closed campaign again; false where it is open.
///
/// # Errors
/// When the database refuses, as where another about the weakness is open.
pub async fn reopen(change: &Change, id: CampaignId) -> Result<bool, Error> {
    Ok(change.execute(REOPEN, values![change.org().uuid(), id.uuid(), change.number]).await? > 0)
}

/// Lets a campaign have begun at another moment: for the made-up history of the sample.
///
/// # Errors
/// When the database refuses.
pub async fn set_started(change: &Change, id: CampaignId, started: Timestamp) -> Result<(), Error> {
    let values = values![change.org().uuid(), id.uuid(), micros(started), change.number];
    change.execute(SET_STARTED, values).await?;
    Ok(())
}

/// How a campaign stood, the first look first.
///
/// # Errors
/// When the database cannot be used.
pub async fn looks(view: &View, id: CampaignId) -> Result<Vec<Look>, Error> {
    let key = || values![view.org().uuid(), id.uuid()];
    let rows = view.all(LOOKS, key()).await?;
    let mut looks: Vec<Look> = rows.iter().map(read_look).collect::<Result<_, _>>()?;
    // Both are in the order of time.
    let mut at = 0;
    for row in view.all(WARDS, key()).await? {
        let taken = time(get(&row, 0)?)?;
        while looks.get(at).is_some_and(|look| look.at < taken) {
            at += 1;
        }
        if let Some(look) = looks.get_mut(at).filter(|look| look.at == taken) {
            look.wards.push(read_ward(&row)?);
        }
    }
    Ok(looks)
}

/// How a campaign stood at the last look.
///
/// # Errors
/// When the database cannot be used.
pub async fn last_look(view: &View, id: CampaignId) -> Result<Option<Look>, Error> {
    let row = view.one(LAST_LOOK, values![view.org().uuid(), id.uuid()]).await?;
    let Some(mut look) = row.as_ref().map(read_look).transpose()? else { return Ok(None) };
    let rows = view.all(WARDS_OF_LOOK, values![view.org().uuid(), id.uuid(), micros(look.at)]).await?;
    look.wards = rows.iter().map(read_ward).collect::<Result<_, _>>()?;
    Ok(Some(look))
}

/// Keeps a look. One by the clock takes the place of the one before it on the same day.
///
/// # Errors
/// When the database refuses.
pub async fn add_look(change: &Change, id: CampaignId, look: &Look) -> Result<(), Error> {
    let (org, id) = (change.org().uuid(), id.uuid());
    let (day, occasion) = (look.day.to_string(), look.occasion.code());
    for row in change.all(REPLACED, values![org, id, micros(look.at), occasion, day.as_str()]).await? {
        let taken: i64 = get(&row, 0)?;
        change.execute(FORGET_WARDS, values![org, id, taken]).await?;
        change.execute(FORGET_LOOK, values![org, id, taken]).await?;
    }
    let values = values![org, id, micros(look.at), day, occasion, i64::from(look.sound)];
    change.execute(INSERT_LOOK, values).await?;
    let shared = values![org, id, micros(look.at)];
    let number = |count: u64| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
    let rows = look.wards.iter().map(|WardCounts { ward, counts }| {
        [
            ward.site.as_str().into(),
            ward.ward.as_str().into(),
            number(counts.devices),
            number(counts.affected),
            number(counts.cannot_tell),
            number(counts.outside),
            number(counts.handled),
            number(counts.ruled_out),
        ]
    });
    change.execute_batches(batches(INSERT_WARDS, &shared, rows)).await?;
    Ok(())
}
