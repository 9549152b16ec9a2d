//! Decisions and actions: tables, `bedrail.decisions/1` and `bedrail.actions/1`.

use std::io::{self, Write};

use bedrail_app::actions::ActionRow;
use bedrail_app::actions::board::{Quarter, Sum};
use bedrail_app::decisions::{DecisionRow, Preview, Touched};
use bedrail_app::page::Page;
use bedrail_app::priority::{Priorities, PriorityRow, When};
use bedrail_model::clock::Standing;
use bedrail_model::money::{Currency, Money};
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{json_text, words};
use crate::cli::terminal::Look;
use crate::rank;
use crate::web::views::action::ActionView;
use crate::web::views::decision::DecisionView;
use crate::web::views::priority::PrioritiesView;

pub(crate) fn write_preview(preview: &Preview, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let devices = words::count(preview.devices, "device", "devices");
    writeln!(out, "{devices} in scope")?;
    let row = |one: &Touched| {
        vec![
            Text::from(one.weakness.id.as_str()),
            Text::toned(words::thousands(one.affected), Tone::Number),
            Text::toned(words::thousands(one.cannot_tell), Tone::Number),
            Text::toned(words::thousands(one.outside), Tone::Number),
            Text::toned(words::thousands(one.decided), Tone::Number),
            Text::lines(one.components.iter().cloned(), Tone::Plain),
        ]
    };
    let header = ["Weakness", "Affected", "Cannot tell", "Outside", "Decided before", "Components"];
    write!(out, "{}", grid(&header, preview.touched.iter().map(row), look))?;
    for warning in &preview.warnings {
        writeln!(out, "mind: {warning}")?;
    }
    Ok(())
}

pub(crate) fn write_table(list: &Page<DecisionRow>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", words::count(list.total, "decision", "decisions"))?;
    if list.rows.is_empty() {
        return Ok(());
    }
    let row = |row: &DecisionRow| {
        let it = &row.decision;
        let tone = if row.reviews.is_empty() { Tone::Plain } else { Tone::Attention };
        let again = if row.reviews.is_empty() { "" } else { "look again" };
        vec![
            Text::from(it.weakness.as_str()),
            Text::toned(it.verdict.code().replace('_', " "), tone),
            Text::from(row.place.as_str()),
            Text::from(it.reason.as_str()),
            Text::toned(again, tone),
            Text::toned(it.id.to_string(), Tone::Faint),
        ]
    };
    let header = ["Weakness", "Decision", "Where", "Reason", "Review", "Id"];
    write!(out, "{}", grid(&header, list.rows.iter().map(row), look))
}

#[derive(Serialize)]
struct Decisions {
    schema: &'static str,
    total: u64,
    decisions: Vec<DecisionView>,
}

pub(crate) fn write_json(list: &Page<DecisionRow>, out: &mut dyn Write) -> io::Result<()> {
    let decisions = list.rows.iter().map(DecisionView::from).collect();
    json_text::write(&Decisions { schema: "bedrail.decisions/1", total: list.total, decisions }, out)
}

pub(crate) fn write_actions(list: &Page<ActionRow>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", words::count(list.total, "action", "actions"))?;
    if list.rows.is_empty() {
        return Ok(());
    }
    let row = |row: &ActionRow| {
        let tone = match row.standing {
            Standing::Over => Tone::Urgent,
            Standing::Late => Tone::Attention,
            _ => Tone::Plain,
        };
        vec![
            Text::toned(row.action.due.to_string(), tone),
            Text::from(row.action.owner.as_str()),
            Text::from(row.action.what.as_str()),
            Text::from(stage(row)),
            Text::from(row.action.weakness.clone().unwrap_or_default()),
            Text::toned(row.action.id.to_string(), Tone::Faint),
        ]
    };
    let header = ["By", "Who", "What", "Stands", "About", "Id"];
    write!(out, "{}", grid(&header, list.rows.iter().map(row), look))
}

/// Where an action stands, and what is seen of its devices.
fn stage(row: &ActionRow) -> String {
    let stage = row.action.stage().code().replace('_', " ");
    match &row.check {
        Some(check) if check.shows() => format!("{stage}; seen done: {}", check.evidence()),
        Some(check) => format!("{stage}; seen on {} of {}", check.gone + check.met, check.devices),
        None => stage,
    }
}

pub(crate) fn write_budget(quarters: &[Quarter], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let sums = |quarter: &Quarter, of: fn(&Sum) -> u64| {
        let money = |(currency, sum): &(Currency, Sum)| Money { cents: of(sum), currency: *currency };
        Text::lines(
            quarter.sums.iter().filter(|(_, sum)| of(sum) > 0).map(|one| money(one).to_string()),
            Tone::Number,
        )
    };
    let row = |quarter: &Quarter| {
        vec![
            Text::from(format!("{} Q{}", quarter.year, quarter.quarter)),
            Text::toned(words::thousands(quarter.actions), Tone::Number),
            Text::toned(words::thousands(quarter.closed), Tone::Number),
            Text::toned(words::thousands(quarter.without_amount), Tone::Number),
            sums(quarter, |sum| sum.planned),
            sums(quarter, |sum| sum.closed),
        ]
    };
    let header = ["Due in", "Actions", "Closed", "Without an amount", "Open", "Closed"];
    write!(out, "{}", grid(&header, quarters.iter().map(row), look))
}

#[derive(Serialize)]
struct Budget {
    schema: &'static str,
    quarters: Vec<QuarterOut>,
}

#[derive(Serialize)]
struct QuarterOut {
    year: i16,
    quarter: u8,
    actions: u64,
    closed: u64,
    without_amount: u64,
    sums: Vec<SumOut>,
}

#[derive(Serialize)]
struct SumOut {
    currency: String,
    open_cents: u64,
    closed_cents: u64,
}

pub(crate) fn write_budget_json(quarters: &[Quarter], out: &mut dyn Write) -> io::Result<()> {
    let sum = |(currency, sum): &(Currency, Sum)| SumOut {
        currency: currency.to_string(),
        open_cents: sum.planned,
        closed_cents: sum.closed,
    };
    let quarter = |it: &Quarter| QuarterOut {
        year: it.year,
        quarter: it.quarter,
        actions: it.actions,
        closed: it.closed,
        without_amount: it.without_amount,
        sums: it.sums.iter().map(sum).collect(),
    };
    let quarters = quarters.iter().map(quarter).collect();
    json_text::write(&Budget { schema: "bedrail.budget/1", quarters }, out)
}

#[derive(Serialize)]
struct Actions {
    schema: &'static str,
    total: u64,
    actions: Vec<ActionView>,
}

pub(crate) fn write_actions_json(list: &Page<ActionRow>, out: &mut dyn Write) -> io::Result<()> {
    let actions = list.rows.iter().map(ActionView::from).collect();
    json_text::write(&Actions { schema: "bedrail.actions/1", total: list.total, actions }, out)
}

pub(crate) fn write_priorities(list: &Priorities, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for (when, count) in When::ALL.into_iter().zip(list.counts) {
        writeln!(out, "{}: {}", rank::when(when), words::thousands(count))?;
    }
    if list.handled > 0 {
        writeln!(out, "left out, since it is decided what is done: {}", words::thousands(list.handled))?;
    }
    if let Some((devices, without)) = &list.what_if {
        let before: Vec<String> = without.iter().map(|count| words::thousands(*count)).collect();
        let devices = words::count(*devices, "device", "devices");
        writeln!(out, "with {devices} thought of as isolated; as it is: {}", before.join(", "))?;
    }
    if list.page.rows.is_empty() {
        return Ok(());
    }
    let row = |row: &PriorityRow| {
        let tone = match row.rank.when {
            When::Immediate => Tone::Urgent,
            When::OutOfCycle => Tone::Attention,
            When::Scheduled | When::Defer => Tone::Plain,
        };
        vec![
            Text::toned(rank::when(row.rank.when), tone),
            Text::from(row.weakness.id.as_str()),
            Text::from(row.release_name.as_str()),
            Text::toned(words::thousands(row.devices), Tone::Number),
            Text::from(rank::sentence(row)),
        ]
    };
    let header = ["When", "Weakness", "Where", "Devices", "Because"];
    write!(out, "\n{}", grid(&header, list.page.rows.iter().map(row), look))
}

#[derive(Serialize)]
struct Ordered {
    schema: &'static str,
    #[serde(flatten)]
    list: PrioritiesView,
}

pub(crate) fn write_priorities_json(list: &Priorities, out: &mut dyn Write) -> io::Result<()> {
    let list = PrioritiesView::from(list);
    json_text::write(&Ordered { schema: "bedrail.priorities/1", list }, out)
}
