//! Actions on a board, in a month, and as a budget.

use std::collections::{BTreeMap, HashMap};

use bedrail_model::action::{Action, Stage};
use bedrail_model::ids::AlertItemId;
use bedrail_model::money::Currency;
use bedrail_store::actions as rows;
use bedrail_store::alerts::links;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::{ActionRow, proof};
use crate::alerts::links::Kind;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What the columns of a board are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// Where actions stand.
    #[default]
    Stage,
    /// Who does them.
    Owner,
}

/// Which column it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// Open ones for which the program sees no proof yet.
    Open,
    /// Open ones that the program sees done: they can be closed.
    Ready,
    /// Done by somebody's word, and not shown.
    NotShown,
    /// Closed within the last 30 days.
    Closed,
    /// Dropped within the last 30 days.
    Dropped,
    /// Those of an owner.
    Owner(String),
    /// Those of all owners that have no column.
    Others,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Which.
    pub head: Head,
    /// Its actions, the most urgent first, fifty at most.
    pub rows: Vec<ActionRow>,
    /// How many it has.
    pub total: u64,
}

/// Rows of a column at most, and columns of owners.
const ROWS: usize = 50;
const OWNERS: usize = 8;
/// Open actions that are looked into; the later ones are shown as they are.
const LOOKED_INTO: usize = 200;
/// What ended longer ago is off the board.
const RECENT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The board.
///
/// # Errors
/// When the database cannot be used.
pub async fn board(ctx: &Context, actor: &Actor, by: By) -> Result<Vec<Column>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let now = ctx.clock.now();
    let all = rows::all(&view).await?.into_iter().map(|action| ActionRow::of(action, now));
    let mut all: Vec<ActionRow> = all.filter(|row| is_on_board(&row.action, now)).collect();
    all.sort_by_key(|row| (row.action.stage(), row.action.due, row.action.id));
    let looked_into = all.len().min(LOOKED_INTO);
    let known = proof::Known::for_page();
    proof::look(ctx, (&fleet, &view), &mut all[..looked_into], known).await?;
    let mut asking: HashMap<String, Vec<(AlertItemId, String)>> = HashMap::new();
    for (action, item, rule) in links::all_to(&view, Kind::Action.code()).await? {
        asking.entry(action).or_default().push((item, rule));
    }
    for row in &mut all {
        row.alerts = asking.remove(&row.action.id.to_string()).unwrap_or_default();
    }
    Ok(match by {
        By::Stage => by_stage(all),
        By::Owner => by_owner(all),
    })
}

fn is_on_board(action: &Action, now: Timestamp) -> bool {
    match action.stage() {
        Stage::Open | Stage::NotShown => true,
        Stage::Closed | Stage::Dropped => {
            action.clock().stopped.is_some_and(|stopped| now.duration_since(stopped) <= RECENT)
        }
    }
}

fn column(head: Head, mut rows: Vec<ActionRow>) -> Column {
    let total = rows.len() as u64;
    rows.truncate(ROWS);
    Column { head, rows, total }
}

fn by_stage(all: Vec<ActionRow>) -> Vec<Column> {
    let heads = [Head::Open, Head::Ready, Head::NotShown, Head::Closed, Head::Dropped];
    let mut columns: Vec<Vec<ActionRow>> = vec![Vec::new(); heads.len()];
    for row in all {
        let ready = row.check.as_ref().is_some_and(proof::Check::shows);
        let at = match row.action.stage() {
            Stage::Open => usize::from(ready),
            Stage::NotShown => 2,
            Stage::Closed => 3,
            Stage::Dropped => 4,
        };
        columns[at].push(row);
    }
    heads.into_iter().zip(columns).map(|(head, rows)| column(head, rows)).collect()
}

/// The owners with most to do first.
fn by_owner(all: Vec<ActionRow>) -> Vec<Column> {
    let mut owners: BTreeMap<String, Vec<ActionRow>> = BTreeMap::new();
    for row in all.into_iter().filter(|row| matches!(row.action.stage(), Stage::Open | Stage::NotShown)) {
        owners.entry(row.action.owner.clone()).or_default().push(row);
    }
    let mut owners: Vec<(String, Vec<ActionRow>)> = owners.into_iter().collect();
    owners.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    let rest = owners.split_off(owners.len().min(OWNERS));
    let mut columns: Vec<Column> =
        owners.into_iter().map(|(owner, rows)| column(Head::Owner(owner), rows)).collect();
    if !rest.is_empty() {
        let mut rows: Vec<ActionRow> = rest.into_iter().flat_map(|(_, rows)| rows).collect();
        rows.sort_by_key(|row| (row.action.due, row.action.id));
        columns.push(column(Head::Others, rows));
    }
    columns
}

/// A day of a month.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarDay {
    /// Which.
    pub day: Date,
    /// Actions that are due on it.
    pub due: Vec<ActionRow>,
    /// Actions whose maintenance window touches it.
    pub windows: Vec<ActionRow>,
}

/// The days of a month, with the actions that are not closed. `zone` says where days end.
///
/// # Errors
/// When the database cannot be used.
pub async fn month(
    ctx: &Context,
    actor: &Actor,
    first: Date,
    zone: &TimeZone,
) -> Result<Vec<CalendarDay>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let now = ctx.clock.now();
    let waits = |action: &Action| matches!(action.stage(), Stage::Open | Stage::NotShown);
    let mut all: Vec<ActionRow> =
        rows::all(&view).await?.into_iter().filter(waits).map(|action| ActionRow::of(action, now)).collect();
    all.sort_by_key(|row| (row.action.due, row.action.id));
    let first = first.first_of_month();
    let days = (0..i64::from(first.days_in_month())).map(|day| first.saturating_add(day.days()));
    let touches = |row: &ActionRow, day: Date| {
        row.action.window.is_some_and(|window| {
            let date = |at: Timestamp| at.to_zoned(zone.clone()).date();
            // A window that ends with the day's end does not touch the next.
            let last = window.to.checked_sub(SignedDuration::from_secs(1)).unwrap_or(window.to);
            (date(window.from)..=date(last)).contains(&day)
        })
    };
    let of_day = |day: Date| CalendarDay {
        day,
        due: all.iter().filter(|row| row.action.due == day).cloned().collect(),
        windows: all.iter().filter(|row| touches(row, day)).cloned().collect(),
    };
    Ok(days.map(of_day).collect())
}

/// Amounts of a quarter in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Of actions that are open or not shown, in cents.
    pub planned: u64,
    /// Of actions that are closed, in cents.
    pub closed: u64,
}

/// A quarter of the calendar year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarter {
    /// The year.
    pub year: i16,
    /// 1 to 4.
    pub quarter: u8,
    /// Actions that are due in it and not dropped.
    pub actions: u64,
    /// Of them, those that are closed.
    pub closed: u64,
    /// Of them, those that say no amount: no sum has them.
    pub without_amount: u64,
    /// Sums by currency.
    pub sums: Vec<(Currency, Sum)>,
}

/// What actions cost by the quarter in which they are due, the first first.
///
/// # Errors
/// When the database cannot be used.
pub async fn budget(ctx: &Context, actor: &Actor) -> Result<Vec<Quarter>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    Ok(by_quarter(&rows::all(&view).await?))
}

fn by_quarter(actions: &[Action]) -> Vec<Quarter> {
    let mut quarters: BTreeMap<(i16, u8), (Quarter, BTreeMap<Currency, Sum>)> = BTreeMap::new();
    for action in actions.iter().filter(|action| action.stage() != Stage::Dropped) {
        let quarter = (action.due.month().unsigned_abs() - 1) / 3 + 1;
        let year = action.due.year();
        let empty = || Quarter { year, quarter, actions: 0, closed: 0, without_amount: 0, sums: Vec::new() };
        let (row, sums) = quarters.entry((year, quarter)).or_insert_with(|| (empty(), BTreeMap::new()));
        let closed = action.stage() == Stage::Closed;
        row.actions += 1;
        row.closed += u64::from(closed);
        match action.amount {
            None => row.without_amount += 1,
            Some(amount) => {
                let sum = sums.entry(amount.currency).or_default();
                let part = if closed { &mut sum.closed } else { &mut sum.planned };
                *part = part.saturating_add(amount.cents);
            }
        }
    }
    let with_sums =
        |(row, sums): (Quarter, BTreeMap<Currency, Sum>)| Quarter { sums: sums.into_iter().collect(), ..row };
    quarters.into_values().map(with_sums).collect()
}

#[cfg(test)]
mod tests {
    use bedrail_model::action::{Kind, State};
    use bedrail_model::ids::ActionId;
    use bedrail_model::money::Money;
    use jiff::civil::date;

    use super::*;

    fn action(due: Date, cents: Option<u64>, currency: &str, state: State) -> Action {
        let currency = currency.parse().unwrap();
        Action {
            id: ActionId::generate(),
            kind: Kind::Patch,
            decision: None,
            campaign: None,
            ward: None,
            weakness: None,
            asked: None,
            what: "x".into(),
            owner: "x".into(),
            due,
            window: None,
            limit: None,
            proof_needed: None,
            remaining_risk: None,
            cost: None,
            amount: cents.map(|cents| Money { cents, currency }),
            state,
            seen: None,
            created: Timestamp::UNIX_EPOCH,
            author: "x".into(),
        }
    }

    #[test]
    fn a_budget_sums_each_currency_by_itself_and_says_what_no_sum_has() {
        let at = Timestamp::UNIX_EPOCH;
        let done = State::Done { at, by: "x".into(), proof: "x".into() };
        let dropped = State::Dropped { at, by: "x".into(), reason: "x".into() };
        let quarters = by_quarter(&[
            action(date(2026, 3, 31), Some(100), "USD", State::Open),
            action(date(2026, 4, 1), Some(5), "USD", State::Open),
            action(date(2026, 6, 30), Some(7), "EUR", State::Open),
            action(date(2026, 5, 1), Some(50), "USD", done),
            action(date(2026, 5, 2), None, "USD", State::Open),
            action(date(2026, 5, 3), Some(9), "USD", dropped),
        ]);
        let [first, second] = quarters.as_slice() else { panic!("{quarters:?}") };
        assert_eq!((first.year, first.quarter, first.actions), (2026, 1, 1));
        assert_eq!((second.quarter, second.actions, second.closed, second.without_amount), (2, 4, 1, 1));
        let sum = |planned, closed| Sum { planned, closed };
        let usd = Currency::USD;
        assert_eq!(first.sums, [(usd, sum(100, 0))]);
        assert_eq!(second.sums, [("EUR".parse().unwrap(), sum(7, 0)), (usd, sum(5, 50))]);
    }
}
