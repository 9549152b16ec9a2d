//! `bedrail decide`, `bedrail decisions`, `bedrail actions`: deciding on weaknesses, and what is done about them.

use std::io::{self, BufWriter, Write};

use bedrail_app::actions::{self, ActionFilter, NewAction, Step, board, calendar};
use bedrail_app::clock::Clock;
use bedrail_app::decisions::{self, Decide, DecisionFilter, DecisionState, ScopeChoice};
use bedrail_app::devices::{self, DeviceFilter};
use bedrail_app::page::{MAX_LIMIT, PageRequest};
use bedrail_app::priority::{self, Isolate, PriorityFilter, When};
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::{Actor, Context, exports};
use bedrail_model::decision::{Origin, Verdict};
use bedrail_model::ids::{DeviceId, ReleaseId};
use bedrail_model::vex::Justification;

use super::session;
use crate::cli::args::{
    Actions, ActionsCommand, Database, DecideArgs, Decisions, DecisionsCommand, JustificationWord, Place,
    Priorities, StateWord, TableOrCsv, TableOrJson, VerdictWord, WhenWord,
};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::decisions as shown;
use crate::cli::terminal::Look;

pub(crate) fn decide(place: &Place, options: &DecideArgs) -> Result<Exit, Failure> {
    work(place, &options.database, async |ctx, actor, out| {
        let scope = scope(&ctx, &actor, options).await?;
        let action = options.action.as_ref().zip(options.owner.as_ref().zip(options.due));
        let command = Decide {
            weaknesses: options.weaknesses.clone(),
            scope,
            verdict: verdict(options)?,
            reason: options.reason.clone(),
            review_on: options.review_on,
            action: action.map(|(what, (owner, due))| NewAction {
                what: what.clone(),
                owner: owner.clone(),
                due,
                ..NewAction::default()
            }),
            origin: Origin::Person,
        };
        let preview = decisions::preview(&ctx, &actor, &command).await?;
        shown::write_preview(&preview, Look::of_stdout(), out)?;
        if !options.dry_run {
            let ids = decisions::decide(&ctx, &actor, &command).await?;
            for id in ids {
                writeln!(out, "decided: {id}")?;
            }
        }
        Ok(())
    })
}

pub(crate) fn priorities(place: &Place, options: &Priorities) -> Result<Exit, Failure> {
    work(place, &options.database, async |ctx, actor, out| {
        let isolate = match options.isolate.as_deref() {
            None => None,
            Some("outside") => Some(Isolate::Outside),
            Some(text) => Some(Isolate::Release(release(&ctx, &actor, text).await?)),
        };
        let when = options.when.map(|word| match word {
            WhenWord::Immediate => When::Immediate,
            WhenWord::OutOfCycle => When::OutOfCycle,
            WhenWord::Scheduled => When::Scheduled,
            WhenWord::Defer => When::Defer,
        });
        let filter = PriorityFilter { when, text: options.text.clone(), isolate };
        let list = priority::list(&ctx, &actor, &filter, &PageRequest::at(0, options.limit)).await?;
        match options.format {
            TableOrJson::Table => shown::write_priorities(&list, Look::of_stdout(), out)?,
            TableOrJson::Json => shown::write_priorities_json(&list, out)?,
        }
        Ok(())
    })
}

/// Why a device is said to have a weakness, or not.
pub(crate) fn explain(
    place: &Place,
    weakness: &str,
    name: &str,
    database: &Database,
) -> Result<Exit, Failure> {
    work(place, database, async |ctx, actor, out| {
        let id = device(&ctx, &actor, name).await?;
        let chain = crate::chain::of(&ctx, &actor, weakness, id).await?;
        for line in chain {
            writeln!(out, "{}", bedrail_model::text::harmless_lines(&line))?;
        }
        Ok(())
    })
}

pub(crate) fn decisions(place: &Place, options: &Decisions) -> Result<Exit, Failure> {
    let database = match &options.command {
        DecisionsCommand::List { database, .. } | DecisionsCommand::TakeBack { database, .. } => database,
    };
    work(place, database, async |ctx, actor, out| {
        match &options.command {
            DecisionsCommand::List { text, state, format, .. } => {
                let state = match state {
                    StateWord::InForce => DecisionState::InForce,
                    StateWord::ToReview => DecisionState::ToReview,
                    StateWord::TakenBack => DecisionState::TakenBack,
                };
                let filter = DecisionFilter { state, weakness: None, text: text.clone() };
                let list = decisions::list(&ctx, &actor, &filter, &PageRequest::at(0, MAX_LIMIT)).await?;
                match format {
                    TableOrJson::Table => shown::write_table(&list, Look::of_stdout(), out)?,
                    TableOrJson::Json => shown::write_json(&list, out)?,
                }
            }
            DecisionsCommand::TakeBack { id, .. } => {
                let id = id.parse().map_err(|error| Failure::because("that is no decision", &error))?;
                decisions::take_back(&ctx, &actor, id).await?;
                writeln!(out, "taken back: {id}")?;
            }
        }
        Ok(())
    })
}

pub(crate) fn actions(place: &Place, options: &Actions) -> Result<Exit, Failure> {
    let database = match &options.command {
        ActionsCommand::List { database, .. }
        | ActionsCommand::Done { database, .. }
        | ActionsCommand::Drop { database, .. }
        | ActionsCommand::Calendar { database }
        | ActionsCommand::Budget { database, .. } => database,
    };
    work(place, database, async |ctx, actor, out| {
        let (id, step) = match &options.command {
            ActionsCommand::List { text, state, kind, format, .. } => {
                let kind = kind.as_deref().map(super::campaigns::kind_of).transpose()?;
                let filter =
                    ActionFilter { state: Some(state.clone()), kind, text: text.clone(), late: false };
                list_actions(&ctx, &actor, &filter, *format, out).await?;
                return Ok(());
            }
            ActionsCommand::Calendar { .. } => {
                out.write_all(calendar::feed(&ctx, &actor).await?.as_bytes())?;
                return Ok(());
            }
            ActionsCommand::Budget { format, .. } => {
                let quarters = board::budget(&ctx, &actor).await?;
                match format {
                    TableOrJson::Table => shown::write_budget(&quarters, Look::of_stdout(), out)?,
                    TableOrJson::Json => shown::write_budget_json(&quarters, out)?,
                }
                return Ok(());
            }
            ActionsCommand::Done { id, proof, .. } => (id, Step::Done(proof.clone())),
            ActionsCommand::Drop { id, reason, .. } => (id, Step::Dropped(reason.clone())),
        };
        let id = id.parse().map_err(|error| Failure::because("that is no action", &error))?;
        actions::step(&ctx, &actor, id, &step).await?;
        writeln!(out, "ended: {id}")?;
        Ok(())
    })
}

/// Writes a list of actions; all of them as CSV, the first as a table or as JSON.
async fn list_actions(
    ctx: &Context,
    actor: &Actor,
    filter: &ActionFilter,
    format: TableOrCsv,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut list = actions::list(ctx, actor, filter, &PageRequest::at(0, MAX_LIMIT)).await?;
    match format {
        TableOrCsv::Table => shown::write_actions(&list, Look::of_stdout(), out)?,
        TableOrCsv::Json => shown::write_actions_json(&list, out)?,
        TableOrCsv::Csv => {
            out.write_all(&exports::lines(std::iter::once(exports::head(exports::ACTIONS_HEADER))))?;
            let mut sent = 0;
            while !list.rows.is_empty() {
                out.write_all(&exports::lines(list.rows.iter().map(exports::action_row)))?;
                sent += list.rows.len() as u64;
                list = actions::list(ctx, actor, filter, &PageRequest::at(sent, MAX_LIMIT)).await?;
            }
        }
    }
    Ok(())
}

fn work(
    place: &Place,
    database: &Database,
    of: impl AsyncFnOnce(Context, Actor, &mut dyn Write) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    session::block_on(async {
        let settings = session::settings(place, database, Clock::System);
        let (ctx, actor) = session::open(settings, database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        of(ctx, actor, &mut out).await?;
        out.flush()?;
        Ok(Exit::Success)
    })
}

fn verdict(options: &DecideArgs) -> Result<Verdict, Failure> {
    Ok(match options.verdict {
        VerdictWord::UnderInvestigation => Verdict::UnderInvestigation,
        VerdictWord::Affected => Verdict::Affected,
        VerdictWord::Fixed => Verdict::Fixed,
        VerdictWord::NotAffected => {
            let word = options.justification.ok_or_else(|| Failure::new("--justification is missing"))?;
            Verdict::NotAffected(match word {
                JustificationWord::ComponentNotPresent => Justification::ComponentNotPresent,
                JustificationWord::VulnerableCodeNotPresent => Justification::VulnerableCodeNotPresent,
                JustificationWord::VulnerableCodeNotInExecutePath => {
                    Justification::VulnerableCodeNotInExecutePath
                }
                JustificationWord::VulnerableCodeCannotBeControlledByAdversary => {
                    Justification::VulnerableCodeCannotBeControlledByAdversary
                }
                JustificationWord::InlineMitigationsAlreadyExist => {
                    Justification::InlineMitigationsAlreadyExist
                }
            })
        }
        VerdictWord::RiskAccepted => Verdict::RiskAccepted {
            until: options.until.ok_or_else(|| Failure::new("--until is missing"))?,
            approver: options.approver.clone().unwrap_or_default(),
        },
    })
}

async fn scope(ctx: &Context, actor: &Actor, options: &DecideArgs) -> Result<ScopeChoice, Failure> {
    if let Some(model) = &options.model {
        let maker = options.maker.clone().unwrap_or_default();
        return Ok(ScopeChoice::Model { maker, model: model.clone(), up_to: options.up_to.clone() });
    }
    if let Some(text) = &options.release {
        return Ok(ScopeChoice::Release(release(ctx, actor, text).await?));
    }
    if !options.device.is_empty() {
        let mut found = Vec::new();
        for text in &options.device {
            found.push(device(ctx, actor, text).await?);
        }
        return Ok(ScopeChoice::Devices(found));
    }
    Ok(ScopeChoice::Organisation)
}

async fn release(ctx: &Context, actor: &Actor, text: &str) -> Result<ReleaseId, Failure> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let filter = ReleaseFilter { text: Some(text.to_owned()), ..ReleaseFilter::default() };
    let rows = releases::list(ctx, actor, &filter, &PageRequest::at(0, 2)).await?.rows;
    match rows.as_slice() {
        [one] => Ok(one.id),
        [] => Err(Failure::new(format!("no release is called “{text}”"))),
        _ => Err(Failure::new(format!("several releases are called “{text}”; name the version, too"))),
    }
}

/// The device that an id, an asset tag or a serial number names.
pub(super) async fn device(ctx: &Context, actor: &Actor, text: &str) -> Result<DeviceId, Failure> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let filter = DeviceFilter { text: Some(text.to_owned()), ..DeviceFilter::default() };
    let rows = devices::list(ctx, actor, &filter, &PageRequest::at(0, MAX_LIMIT)).await?.rows;
    let is = |name: &Option<String>| name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(text));
    let mut exact = rows.iter().filter(|row| is(&row.facts.asset_tag) || is(&row.facts.serial));
    match (exact.next(), exact.next()) {
        (Some(one), None) => Ok(one.id),
        (None, _) => Err(Failure::new(format!("no device has the asset tag or serial number “{text}”"))),
        _ => Err(Failure::new(format!("several devices are called “{text}”; give the id"))),
    }
}
