//! The budget: what actions cost, by quarter, for a board's paper.

use askama::Template;
use axum::extract::State as Extract;
use bedrail_app::actions::board::{self, Quarter};
use bedrail_model::money::Money;
use jiff::Timestamp;

use super::{Page, show};
use crate::web::assets;
use crate::web::frame::Frame;
use crate::web::state::State;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "actions_budget.html")]
struct BudgetPage {
    frame: Frame,
    headline: String,
    note: Option<String>,
    rows: Vec<QuarterView>,
    made: String,
}

struct QuarterView {
    name: String,
    actions: String,
    closed: String,
    without: String,
    planned: Vec<String>,
    spent: Vec<String>,
}

/// `GET /actions/budget`
pub(crate) async fn budget(frame: Frame, Extract(state): Extract<State>) -> Page {
    let quarters = board::budget(&state.ctx, &frame.visitor.actor()).await?;
    show(&view(frame, &quarters, state.now()))
}

fn view(frame: Frame, quarters: &[Quarter], now: Timestamp) -> BudgetPage {
    let t = &texts().actions;
    let row = |quarter: &Quarter| {
        let amounts = |of: fn(&board::Sum) -> u64| {
            let sums = quarter.sums.iter().filter(|(_, sum)| of(sum) > 0);
            sums.map(|(currency, sum)| Money { cents: of(sum), currency: *currency }.to_string()).collect()
        };
        QuarterView {
            name: (t.quarter)(quarter.year, quarter.quarter),
            actions: words::number(quarter.actions),
            closed: words::number(quarter.closed),
            without: words::number(quarter.without_amount),
            planned: amounts(|sum| sum.planned),
            spent: amounts(|sum| sum.closed),
        }
    };
    let without: u64 = quarters.iter().map(|quarter| quarter.without_amount).sum();
    let all: u64 = quarters.iter().map(|quarter| quarter.actions).sum();
    BudgetPage {
        headline: (t.budget_headline)(all, quarters.len() as u64),
        note: (without > 0).then(|| (t.budget_without)(without)),
        rows: quarters.iter().map(row).collect(),
        made: (texts().campaigns.report_made)(&words::minute(now)),
        frame,
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use bedrail_model::money::Currency;

    use crate::web::sample;
    let sum = board::Sum { planned: 1_234_567, closed: 9_900 };
    let quarter = Quarter {
        year: 2026,
        quarter: 4,
        actions: 5,
        closed: 1,
        without_amount: 2,
        sums: vec![(Currency::USD, sum)],
    };
    show(&view(sample::frame("/actions/budget"), &[quarter], sample::now()))
}
