//! `bedrail alerts`: deciding, pauses, links, the rota.

use std::io::Write;

use bedrail_app::actions::NewAction;
use bedrail_app::alerts::decide::{self, Verdict};
use bedrail_app::alerts::links::{self, Kind};
use bedrail_app::alerts::pause;
use bedrail_app::alerts::rota::{self, NewAbsence, NewDuty};
use bedrail_app::alerts::{short, work};
use bedrail_app::{Actor, Context};
use jiff::SignedDuration;

use crate::cli::args::{DeskCommand, TextOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{alert_desk as output, json_text};
use crate::web::views::alert_desk::RotaView;

pub(super) async fn run(
    ctx: &Context,
    actor: &Actor,
    command: DeskCommand,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    match command {
        DeskCommand::Decide { ids, verdict, because, .. } => {
            let mut seen = Vec::new();
            for text in &ids {
                let id = short::find(ctx, actor, text).await?;
                // What stands there now is what is decided on: whoever types an id has just looked at it.
                seen.push((id, work::one(ctx, actor, id).await?.events.0));
            }
            let verdict = Verdict::named(&verdict)?;
            decide::decide(ctx, actor, &seen, verdict, &because).await?;
            writeln!(out, "{}: {}", verdict.words(), seen.len())?;
        }
        DeskCommand::Pause { id, wait, because, hours, .. } => {
            let id = short::find(ctx, actor, &id).await?;
            let until = ctx.clock.now() + SignedDuration::from_hours(i64::from(hours));
            pause::pause(ctx, actor, id, pause::wait_named(&wait)?, &because, until).await?;
            writeln!(out, "its clocks stand still until {}", output::minute(until))?;
        }
        DeskCommand::Resume { id, .. } => {
            pause::resume(ctx, actor, short::find(ctx, actor, &id).await?).await?;
            writeln!(out, "its clocks go on")?;
        }
        DeskCommand::Link { id, kind, to, .. } => {
            let id = short::find(ctx, actor, &id).await?;
            links::add(ctx, actor, id, Kind::named(&kind)?, &to).await?;
            writeln!(out, "linked")?;
        }
        DeskCommand::Unlink { id, kind, to, .. } => {
            let id = short::find(ctx, actor, &id).await?;
            links::remove(ctx, actor, id, Kind::named(&kind)?, &to).await?;
            writeln!(out, "not linked any more")?;
        }
        DeskCommand::MakeAction { id, what, owner, due, .. } => {
            let id = short::find(ctx, actor, &id).await?;
            let new = NewAction { what, owner, due, ..NewAction::default() };
            writeln!(out, "{}", links::make_action(ctx, actor, id, &new).await?)?;
        }
        command => set_up(ctx, actor, command, out).await?,
    }
    Ok(Exit::Success)
}

/// Commands on the rota.
async fn set_up(
    ctx: &Context,
    actor: &Actor,
    command: DeskCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let id = |text: &str| Failure::usage(format!("`{text}` is no id"));
    match command {
        DeskCommand::Rota { format, .. } => {
            let found = rota::get(ctx, actor).await?;
            match format {
                TextOrJson::Text => output::write_rota(&found, out)?,
                TextOrJson::Json => json_text::write(&RotaView::from(&found), out)?,
            }
        }
        DeskCommand::AddDuty { days, from, to, person, deputy, site, ward, .. } => {
            let (from, to) = (rota::minute(&from)?, rota::minute(&to)?);
            let new = NewDuty { weekdays: rota::weekdays(&days)?, from, to, person, deputy, site, ward };
            for id in rota::add_duty(ctx, actor, &new).await? {
                writeln!(out, "{id}")?;
            }
        }
        DeskCommand::RemoveDuty { id: text, .. } => {
            rota::remove_duty(ctx, actor, text.parse().map_err(|_| id(&text))?).await?;
            writeln!(out, "taken away")?;
        }
        DeskCommand::AddAbsence { person, first, last, deputy, .. } => {
            let new = NewAbsence { person, first, last, deputy };
            writeln!(out, "{}", rota::add_absence(ctx, actor, &new).await?)?;
        }
        DeskCommand::RemoveAbsence { id: text, .. } => {
            rota::remove_absence(ctx, actor, text.parse().map_err(|_| id(&text))?).await?;
            writeln!(out, "taken away")?;
        }
        DeskCommand::RotaZone { zone, .. } => {
            rota::set_zone(ctx, actor, &zone).await?;
            writeln!(out, "days and shifts are read in it")?;
        }
        _ => {}
    }
    Ok(())
}
