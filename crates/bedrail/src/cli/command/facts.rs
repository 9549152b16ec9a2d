//! `bedrail facts`: physical and media facts that people write down.

use std::io::{self, BufWriter, Write};

use bedrail_app::clock::Clock;
use bedrail_app::written::{self, Filter, New};
use bedrail_app::{Actor, Context, Document};

use super::session;
use crate::cli::args::{FactsArgs, FactsCommand, Place, TableOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::{facts as output, json_text};
use crate::cli::terminal::Look;
use crate::web::views::written::WrittenFactsView;

pub(crate) fn run(place: &Place, options: FactsArgs) -> Result<Exit, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let Some(database) = options.command.database().cloned() else {
        output::write_kinds(&mut out)?;
        out.flush()?;
        return Ok(Exit::Success);
    };
    session::block_on(async {
        let settings = session::settings(place, &database, Clock::System);
        let (ctx, actor) = session::open(settings, &database).await?;
        carry_out(&ctx, &actor, options.command, &mut out).await?;
        out.flush()?;
        Ok(Exit::Success)
    })
}

async fn carry_out(
    ctx: &Context,
    actor: &Actor,
    command: FactsCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        FactsCommand::Kinds => output::write_kinds(out)?,
        FactsCommand::List { kind, system, format, .. } => {
            let listed = written::list(ctx, actor, &Filter { kind, system }).await?;
            match format {
                TableOrJson::Table => output::write_list(&listed, Look::of_stdout(), out)?,
                TableOrJson::Json => json_text::write(&WrittenFactsView::from(&listed), out)?,
            }
        }
        FactsCommand::Write { kind, system, day, fields, .. } => {
            let day = day.unwrap_or_else(|| ctx.clock.today().to_string());
            let new = New { day, system, fields: fields.into_iter().collect() };
            let id = written::write(ctx, actor, &kind, &new).await?;
            writeln!(out, "Written down as {id}.")?;
        }
        FactsCommand::TakeBack { id, reason, .. } => {
            written::withdraw(ctx, actor, id, &reason).await?;
            writeln!(out, "Taken back: it shows nothing any more, and stays in the list.")?;
        }
        FactsCommand::Import { kind, file, mapping, dry_run, .. } => {
            let document: Document = input::read(&file)?.into();
            let report =
                written::import(ctx, actor, &kind, (&document, &mapping.join("\n")), dry_run).await?;
            output::write_import(&report, out)?;
        }
    }
    Ok(())
}
