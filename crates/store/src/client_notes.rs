//! What an adviser writes down with a client: notes, tasks, sign-offs. They are rows of the client.

use bedrail_model::ids::ClientNoteId;
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::QueryResult;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

/// Something written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientNoteRow {
    /// Id.
    pub id: ClientNoteId,
    /// `note`, `task`, `sign_off`.
    pub kind: String,
    /// What it says.
    pub body: String,
    /// Of a task: the last day, inclusive.
    pub due: Option<Date>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
    /// Of a task: when it was done, and by whom.
    pub done: Option<(Timestamp, String)>,
    /// Of a sign-off: requirements that apply, evidenced, with something overdue, as they were seen.
    pub figures: Option<(u32, u32, u32)>,
}

const ALL: &str = "SELECT id, kind, body, due, at, author, done, done_by, requirements, evidenced, overdue
    FROM client_note WHERE org_id = $1 ORDER BY at DESC, id DESC";
const INSERT: &str =
    "INSERT INTO client_note (org_id, id, kind, body, due, at, author, requirements, evidenced, overdue)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const DONE: &str = "UPDATE client_note SET done = $3, done_by = $4
    WHERE org_id = $1 AND id = $2 AND kind = 'task' AND done IS NULL";
pub(crate) const STATEMENTS: &[&str] = &[ALL, INSERT, DONE];

fn figure(row: &QueryResult, index: usize) -> Result<Option<u32>, Error> {
    Ok(get::<Option<i64>>(row, index)?.and_then(|count| u32::try_from(count).ok()))
}

/// All that was written down, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<ClientNoteRow>, Error> {
    let read = |row: &QueryResult| {
        let due: Option<String> = get(row, 3)?;
        let done = get::<Option<i64>>(row, 6)?.map(time).transpose()?;
        let by = get::<Option<String>>(row, 7)?.unwrap_or_default();
        let (of, evidenced, overdue) = (figure(row, 8)?, figure(row, 9)?, figure(row, 10)?);
        Ok(ClientNoteRow {
            id: ClientNoteId::from_uuid(get(row, 0)?),
            kind: get(row, 1)?,
            body: get(row, 2)?,
            due: due.map(|text| code("client_note.due", &text, |text| text.parse().ok())).transpose()?,
            at: time(get(row, 4)?)?,
            author: get(row, 5)?,
            done: done.map(|at| (at, by)),
            figures: of
                .zip(evidenced)
                .zip(overdue)
                .map(|((of, evidenced), overdue)| (of, evidenced, overdue)),
        })
    };
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps something written down.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, row: &ClientNoteRow) -> Result<(), Error> {
    let figures = row.figures.map(|(of, evidenced, overdue)| [of, evidenced, overdue].map(i64::from));
    let values = values![
        change.org().uuid(),
        row.id.uuid(),
        row.kind.as_str(),
        row.body.as_str(),
        row.due.map(|day| day.to_string()),
        micros(row.at),
        row.author.as_str(),
        figures.map(|it| it[0]),
        figures.map(|it| it[1]),
        figures.map(|it| it[2])
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Notes that a task was done; false where there is none that is open.
///
/// # Errors
/// When the database refuses.
pub async fn done(change: &Change, id: ClientNoteId) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), micros(change.at()), change.actor()];
    Ok(change.execute(DONE, values).await? > 0)
}
