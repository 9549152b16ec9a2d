//! The board: actions in columns, by where they stand or by who does them.

use askama::Template;
use axum::extract::{Query, State as Extract};
use bedrail_app::actions::ActionRow;
use bedrail_app::actions::board::{self as boards, By, Column, Head};
use jiff::Timestamp;
use serde::Deserialize;

use super::actions::{stage_words, when_words};
use super::{Page, show};
use crate::web::assets;
use crate::web::form::blank;
use crate::web::frame::Frame;
use crate::web::parts::advisory_link;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "actions_board.html")]
struct BoardPage {
    frame: Frame,
    headline: String,
    by_owner: bool,
    columns: Vec<ColumnView>,
}

struct ColumnView {
    tone: Tone,
    name: String,
    count: String,
    more: Option<String>,
    cards: Vec<CardView>,
}

struct CardView {
    what: String,
    kind: &'static str,
    weakness: Option<(String, String)>,
    campaign: Option<String>,
    owner: String,
    tone: Tone,
    due: String,
    stage_tone: Tone,
    stage: String,
    remark: String,
    amount: Option<String>,
    alerts: Vec<(String, String)>,
    more_alerts: Option<String>,
}

/// Alerts that a card names; the rest is a number.
const ALERTS: usize = 2;

/// What the columns are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BoardQuery {
    /// `owner`, else where they stand.
    #[serde(deserialize_with = "blank")]
    by: Option<String>,
}

/// `GET /actions/board`
pub(crate) async fn board(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<BoardQuery>,
) -> Page {
    let by = if query.by.as_deref() == Some("owner") { By::Owner } else { By::Stage };
    let columns = boards::board(&state.ctx, &frame.visitor.actor(), by).await?;
    show(&view(frame, &columns, by, state.now()))
}

fn view(frame: Frame, columns: &[Column], by: By, now: Timestamp) -> BoardPage {
    let t = &texts().actions;
    let of = |head: &Head| columns.iter().filter(|one| one.head == *head).map(|one| one.total).sum::<u64>();
    let all = columns.iter().map(|one| one.total).sum::<u64>();
    BoardPage {
        headline: match by {
            By::Stage => {
                (t.board_headline)(of(&Head::Open) + of(&Head::Ready), of(&Head::Ready), of(&Head::NotShown))
            }
            By::Owner => (t.board_owners)(all, columns.len() as u64),
        },
        by_owner: by == By::Owner,
        columns: columns.iter().map(|column| column_view(column, now)).collect(),
        frame,
    }
}

fn column_view(column: &Column, now: Timestamp) -> ColumnView {
    let t = &texts().actions;
    let (tone, name) = match &column.head {
        Head::Open => (Tone::Plain, t.open.to_owned()),
        Head::Ready => (Tone::Known, t.ready.to_owned()),
        Head::NotShown => (Tone::Plan, t.not_shown.to_owned()),
        Head::Closed => (Tone::Known, t.closed.to_owned()),
        Head::Dropped => (Tone::Plain, t.dropped.to_owned()),
        Head::Owner(owner) => (Tone::Plain, owner.clone()),
        Head::Others => (Tone::Plain, t.others.to_owned()),
    };
    let hidden = column.total.saturating_sub(column.rows.len() as u64);
    ColumnView {
        tone,
        name,
        count: words::number(column.total),
        more: (hidden > 0).then(|| (t.more)(hidden)),
        cards: column.rows.iter().map(|row| card(row, now)).collect(),
    }
}

fn card(row: &ActionRow, now: Timestamp) -> CardView {
    let (tone, due) = when_words(row, now);
    let (stage_tone, stage, remark) = stage_words(row);
    CardView {
        what: row.action.what.clone(),
        kind: row.action.kind.row().name,
        weakness: row.action.weakness.as_ref().map(|id| (id.clone(), advisory_link(id))),
        campaign: row.action.campaign.map(|id| format!("/campaigns/{id}")),
        owner: row.action.owner.clone(),
        tone,
        due,
        stage_tone,
        stage,
        remark,
        amount: row.action.amount.map(|amount| amount.to_string()),
        alerts: row
            .alerts
            .iter()
            .take(ALERTS)
            .map(|(id, rule)| (format!("/alerts/{id}"), rule.clone()))
            .collect(),
        more_alerts: (row.alerts.len() > ALERTS)
            .then(|| (texts().actions.more)((row.alerts.len() - ALERTS) as u64)),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let columns = [
        Column { head: Head::Ready, rows: vec![sample::action()], total: 60 },
        Column { head: Head::NotShown, rows: vec![sample::not_shown()], total: 1 },
    ];
    show(&view(sample::frame("/actions/board"), &columns, By::Stage, sample::now()))
}
