//! Weaknesses: facts for sorting and showing (no organisation), and how many devices of an organisation each touches.

use std::collections::{BTreeMap, HashMap};

use bedrail_model::finding::{Borrowed, Epss, KnownExploited, Weakness};
use bedrail_model::ids::ClassId;
use bedrail_model::severity::{Cvss, Severity};
use jiff::Timestamp;
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, get, id_batches, time, values};
use crate::{Change, Error, Reference, View};

/// A weakness with what it touches.
#[derive(Debug, Clone, PartialEq)]
pub struct CountRow {
    /// Which.
    pub weakness: Weakness,
    /// Affected devices.
    pub affected: u64,
    /// Devices of which it cannot be told.
    pub cannot_tell: u64,
    /// Releases with a finding.
    pub releases: u64,
}

/// By how much the counts of a weakness move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TouchShift {
    /// Affected devices.
    pub affected: i64,
    /// Devices of which it cannot be told.
    pub cannot_tell: i64,
    /// Releases with a finding.
    pub releases: i64,
}

macro_rules! columns {
    ($before:literal, $rest:literal) => {
        concat!(
            "SELECT w.id, w.aliases, w.summary, w.severity, w.cvss_vector, w.cvss_score, w.epss_score, ",
            "w.epss_percentile, w.kev_added, w.kev_due, w.kev_ransomware, w.malicious, w.mentions, w.severity_from, ",
            "w.epss_from, w.kev_from",
            $before,
            " FROM ",
            $rest
        )
    };
}

const BY_IDS: &str = columns!("", "weakness w WHERE w.id IN ({ids})");
const BY_ALIAS: &str =
    columns!("", "weakness w WHERE w.id = (SELECT weakness FROM weakness_alias WHERE alias = $1)");
const FIRST_FOUND: &str = "SELECT MIN(first_seen) FROM finding WHERE org_id = $1 AND weakness = $2";
const NAMES: &str = "SELECT alias, weakness FROM weakness_alias WHERE alias IN ({ids})";
const ALL_IDS: &str = "SELECT id FROM weakness";
const COUNTED_IDS: &str = "SELECT weakness FROM weakness_count WHERE org_id = $1";
const EXPLOITED: &str = "SELECT id FROM weakness WHERE kev_added IS NOT NULL";
const PAGE: &str = columns!(
    ", c.affected, c.cannot_tell, c.releases",
    "weakness_count c JOIN weakness w ON w.id = c.weakness
    WHERE c.org_id = $1 AND (lower(w.id) LIKE $2 ESCAPE '\\' OR lower(w.aliases) LIKE $2 ESCAPE '\\'
        OR lower(w.mentions) LIKE $2 ESCAPE '\\' OR lower(w.summary) LIKE $2 ESCAPE '\\')
    ORDER BY CASE WHEN w.kev_added IS NULL THEN 1 ELSE 0 END, w.severity DESC, c.affected DESC, c.cannot_tell DESC,
        w.id
    LIMIT $3 OFFSET $4"
);
const PAGE_COUNT: &str = "SELECT count(*) FROM weakness_count c JOIN weakness w ON w.id = c.weakness
    WHERE c.org_id = $1 AND (lower(w.id) LIKE $2 ESCAPE '\\' OR lower(w.aliases) LIKE $2 ESCAPE '\\'
        OR lower(w.mentions) LIKE $2 ESCAPE '\\' OR lower(w.summary) LIKE $2 ESCAPE '\\')";
const URGENT: &str = columns!(
    ", c.affected, c.cannot_tell, c.releases",
    "weakness_count c JOIN weakness w ON w.id = c.weakness
    WHERE c.org_id = $1 AND w.kev_added IS NOT NULL AND c.affected > 0
    ORDER BY c.affected DESC, w.severity DESC, w.id LIMIT $2"
);
const UPSERT: &str =
    "INSERT INTO weakness (id, aliases, summary, severity, cvss_vector, cvss_score, epss_score,
        epss_percentile, kev_added, kev_due, kev_ransomware, malicious, mentions, severity_from, epss_from, kev_from)
    VALUES {rows} ON CONFLICT (id) DO UPDATE SET aliases = excluded.aliases, summary = excluded.summary,
        severity = excluded.severity, cvss_vector = excluded.cvss_vector, cvss_score = excluded.cvss_score,
        epss_score = excluded.epss_score, epss_percentile = excluded.epss_percentile,
        kev_added = excluded.kev_added, kev_due = excluded.kev_due, kev_ransomware = excluded.kev_ransomware,
        malicious = excluded.malicious, mentions = excluded.mentions, severity_from = excluded.severity_from,
        epss_from = excluded.epss_from, kev_from = excluded.kev_from";
const UPSERT_ALIAS: &str = "INSERT INTO weakness_alias (alias, weakness) VALUES {rows}
    ON CONFLICT (alias) DO UPDATE SET weakness = excluded.weakness";
const SHIFT_COUNTS: &str = "INSERT INTO weakness_count (org_id, weakness, affected, cannot_tell, releases)
    SELECT $1, v.column1, v.column2, v.column3, v.column4 FROM (VALUES {rows}) v WHERE true
    ON CONFLICT (org_id, weakness) DO UPDATE SET affected = weakness_count.affected + excluded.affected,
        cannot_tell = weakness_count.cannot_tell + excluded.cannot_tell,
        releases = weakness_count.releases + excluded.releases";
const CLEAR_EMPTY: &str =
    "DELETE FROM weakness_count WHERE org_id = $1 AND releases = 0 AND weakness IN ({ids})";
const CLEAR_COUNTS: &str = "DELETE FROM weakness_count WHERE org_id = $1";
const COUNT: &str = "INSERT INTO weakness_count (org_id, weakness, affected, cannot_tell, releases)
    SELECT f.org_id, f.weakness, SUM(CASE WHEN f.answer = 'affected' THEN c.devices ELSE 0 END),
        SUM(CASE WHEN f.answer = 'cannot_tell' THEN c.devices ELSE 0 END), COUNT(DISTINCT c.release_id)
    FROM finding f JOIN class c ON c.org_id = f.org_id AND c.id = f.class_id
    WHERE f.org_id = $1 AND f.closed IS NULL GROUP BY f.org_id, f.weakness";
const SHIFTS_OF_DEVICES: &str = "SELECT f.weakness,
        CAST(SUM(CASE WHEN f.answer = 'affected' THEN v.column2 ELSE 0 END) AS bigint),
        CAST(SUM(CASE WHEN f.answer = 'cannot_tell' THEN v.column2 ELSE 0 END) AS bigint)
    FROM (VALUES {rows}) v JOIN finding f ON f.class_id = v.column1
    WHERE f.org_id = $1 AND f.closed IS NULL GROUP BY f.weakness";
pub(crate) const STATEMENTS: &[&str] = &[
    BY_IDS,
    BY_ALIAS,
    FIRST_FOUND,
    ALL_IDS,
    COUNTED_IDS,
    EXPLOITED,
    PAGE,
    PAGE_COUNT,
    URGENT,
    CLEAR_EMPTY,
    CLEAR_COUNTS,
    COUNT,
];

fn read(row: &QueryResult) -> Result<Weakness, Error> {
    let text = |index| get::<Option<String>>(row, index);
    let number = |index| get::<Option<f64>>(row, index);
    let date = |index| Ok::<_, Error>(text(index)?.and_then(|text| text.parse().ok()));
    let vector = text(4)?;
    let cvss = vector.zip(number(5)?).map(|(vector, score)| Cvss { vector, score });
    let percentile = number(7)?;
    let epss = number(6)?.map(|score| Epss { score, percentile });
    let due = date(9)?;
    let ransomware = get::<i64>(row, 10)? != 0;
    let ids = |index| {
        let ids = get::<String>(row, index)?;
        Ok::<Vec<String>, Error>(ids.split_whitespace().map(str::to_owned).collect())
    };
    let severity = usize::try_from(get::<i64>(row, 3)?).unwrap_or(0);
    Ok(Weakness {
        id: get(row, 0)?,
        aliases: ids(1)?,
        mentions: ids(12)?,
        summary: get(row, 2)?,
        severity: Severity::ALL.get(severity).copied().unwrap_or_default(),
        cvss,
        epss,
        kev: date(8)?.map(|added| KnownExploited { added, due, ransomware }),
        malicious: get::<i64>(row, 11)? != 0,
        borrowed: Borrowed { severity: text(13)?, epss: text(14)?, kev: text(15)? },
    })
}

fn read_count(row: &QueryResult) -> Result<CountRow, Error> {
    let count = |index| Ok::<u64, Error>(get::<i64>(row, index)?.unsigned_abs());
    Ok(CountRow { weakness: read(row)?, affected: count(16)?, cannot_tell: count(17)?, releases: count(18)? })
}

/// Weaknesses by id, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_ids(view: &View, ids: &[String]) -> Result<Vec<Weakness>, Error> {
    let ids = ids.iter().map(|id| Value::from(id.as_str()));
    view.all_batches(id_batches(BY_IDS, &[], ids)).await?.iter().map(read).collect()
}

/// The weakness that any id of its alias group names, upper and lower case the same.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_alias(view: &View, id: &str) -> Result<Option<Weakness>, Error> {
    view.one(BY_ALIAS, values![id.to_uppercase()]).await?.as_ref().map(read).transpose()
}

/// The ids that weaknesses are called by, by any of their names in upper case. Names of which nothing is held are left out.
///
/// # Errors
/// When the database cannot be used.
pub async fn names(view: &View, ids: &[String]) -> Result<HashMap<String, String>, Error> {
    let mut ids: Vec<String> = ids.iter().map(|id| id.to_uppercase()).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows = view.all_batches(id_batches(NAMES, &[], ids.into_iter().map(Value::from))).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

/// When a weakness was first found in the organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn first_found(view: &View, id: &str) -> Result<Option<Timestamp>, Error> {
    let row = view.one(FIRST_FOUND, values![view.org().uuid(), id]).await?;
    row.and_then(|row| get::<Option<i64>>(&row, 0).transpose()).transpose()?.map(time).transpose()
}

/// Ids of all weaknesses that facts are held of.
///
/// # Errors
/// When the database cannot be used.
pub async fn all_ids(view: &View) -> Result<Vec<String>, Error> {
    view.all(ALL_IDS, vec![]).await?.iter().map(|row| get(row, 0)).collect()
}

/// Ids of all weaknesses with an open finding in the organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn counted_ids(view: &View) -> Result<Vec<String>, Error> {
    view.all(COUNTED_IDS, values![view.org().uuid()]).await?.iter().map(|row| get(row, 0)).collect()
}

/// Ids of all weaknesses in the catalogue of known exploited ones.
///
/// # Errors
/// When the database cannot be used.
pub async fn known_exploited(view: &View) -> Result<Vec<String>, Error> {
    view.all(EXPLOITED, vec![]).await?.iter().map(|row| get(row, 0)).collect()
}

/// Stores facts on weaknesses, the newest word replacing the last.
///
/// # Errors
/// When the database cannot be used.
pub async fn put<'a>(
    reference: &Reference,
    weaknesses: impl IntoIterator<Item = &'a Weakness>,
) -> Result<(), Error> {
    let mut weaknesses: Vec<&Weakness> = weaknesses.into_iter().collect();
    weaknesses.sort_by(|a, b| a.id.cmp(&b.id));
    weaknesses.dedup_by(|a, b| a.id == b.id);
    reference.execute_batches(batches(UPSERT, &[], weaknesses.iter().map(|weakness| row(weakness)))).await?;
    let mut aliases: Vec<(String, &str)> = weaknesses
        .iter()
        .flat_map(|weakness| {
            let ids = std::iter::once(&weakness.id).chain(&weakness.aliases);
            ids.map(|alias| (alias.to_uppercase(), weakness.id.as_str()))
        })
        .collect();
    aliases.sort_unstable();
    aliases.dedup_by(|a, b| a.0 == b.0);
    let rows = aliases.into_iter().map(|(alias, id)| [alias.into(), id.into()]);
    reference.execute_batches(batches(UPSERT_ALIAS, &[], rows)).await?;
    Ok(())
}

fn row(weakness: &Weakness) -> [Value; 16] {
    let severity = Severity::ALL.iter().position(|one| *one == weakness.severity).unwrap_or(0);
    [
        weakness.id.as_str().into(),
        weakness.aliases.join(" ").into(),
        weakness.summary.as_str().into(),
        i64::try_from(severity).unwrap_or(0).into(),
        weakness.cvss.as_ref().map(|cvss| cvss.vector.clone()).into(),
        weakness.cvss.as_ref().map(|cvss| cvss.score).into(),
        weakness.epss.map(|epss| epss.score).into(),
        weakness.epss.and_then(|epss| epss.percentile).into(),
        weakness.kev.as_ref().map(|kev| kev.added.to_string()).into(),
        weakness.kev.as_ref().and_then(|kev| kev.due).map(|due| due.to_string()).into(),
        i64::from(weakness.kev.as_ref().is_some_and(|kev| kev.ransomware)).into(),
        i64::from(weakness.malicious).into(),
        weakness.mentions.join(" ").into(),
        weakness.borrowed.severity.clone().into(),
        weakness.borrowed.epss.clone().into(),
        weakness.borrowed.kev.clone().into(),
    ]
}

/// `LIKE` text for "contains", with its signs taken literally.
fn contains(text: &str) -> String {
    let plain = text.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{plain}%")
}

/// Weaknesses that touch the organisation: known exploited first, then by severity, then by devices; and how many.
///
/// # Errors
/// When the database cannot be used.
pub async fn page(view: &View, text: &str, limit: u32, offset: u64) -> Result<(Vec<CountRow>, u64), Error> {
    let org = view.org().uuid();
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let rows = view.all(PAGE, values![org, contains(text), i64::from(limit), offset]).await?;
    let count = view.one(PAGE_COUNT, values![org, contains(text)]).await?;
    let count: i64 = count.map_or(Ok(0), |row| get(&row, 0))?;
    Ok((rows.iter().map(read_count).collect::<Result<_, _>>()?, count.unsigned_abs()))
}

/// Known exploited weaknesses that affect devices, the widest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn urgent(view: &View, limit: u32) -> Result<Vec<CountRow>, Error> {
    let rows = view.all(URGENT, values![view.org().uuid(), i64::from(limit)]).await?;
    rows.iter().map(read_count).collect()
}

/// Counts anew what all weaknesses touch, along all findings, after work that was cut off.
///
/// # Errors
/// When the database cannot be used.
pub async fn recount(change: &Change) -> Result<(), Error> {
    let org = values![change.org().uuid()];
    change.execute(CLEAR_COUNTS, org.clone()).await?;
    change.execute(COUNT, org).await?;
    Ok(())
}

/// By how much the numbers of devices that weaknesses touch move where classes have so many more.
///
/// # Errors
/// When the database cannot be used.
pub async fn shifts_of_devices(
    view: &View,
    devices: &HashMap<ClassId, i64>,
) -> Result<BTreeMap<String, TouchShift>, Error> {
    let shared = values![view.org().uuid()];
    let moved = devices.iter().filter(|(_, by)| **by != 0);
    let rows = moved.map(|(class, by)| [class.uuid().into(), (*by).into()]);
    let mut shifts: BTreeMap<String, TouchShift> = BTreeMap::new();
    for row in view.all_batches(batches(SHIFTS_OF_DEVICES, &shared, rows)).await? {
        let shift = shifts.entry(get(&row, 0)?).or_default();
        shift.affected += get::<i64>(&row, 1)?;
        shift.cannot_tell += get::<i64>(&row, 2)?;
    }
    Ok(shifts)
}

/// Moves what weaknesses touch. One that touches nothing any more is forgotten.
///
/// # Errors
/// When the database cannot be used.
pub async fn shift_counts(change: &Change, shifts: &BTreeMap<String, TouchShift>) -> Result<(), Error> {
    let org = values![change.org().uuid()];
    let moved = shifts.iter().filter(|(_, by)| **by != TouchShift::default());
    let rows = moved
        .map(|(id, by)| [id.as_str().into(), by.affected.into(), by.cannot_tell.into(), by.releases.into()]);
    change.execute_batches(batches(SHIFT_COUNTS, &org, rows)).await?;
    let fewer = shifts.iter().filter(|(_, by)| by.releases < 0).map(|(id, _)| Value::from(id.as_str()));
    change.execute_batches(id_batches(CLEAR_EMPTY, &org, fewer)).await?;
    Ok(())
}
