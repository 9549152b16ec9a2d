//! `bedrail exposure`: which devices face the outside, by whom it was said or seen, and since when.

use std::io::{self, BufWriter, Write};

use bedrail_app::clock::Clock;
use bedrail_app::exposure::{self, ImportExposure};
use bedrail_app::page::PageRequest;
use bedrail_app::{Actor, Context};
use bedrail_model::exposure::Vantage;

use super::{decisions, session};
use crate::cli::args::{ExposureArgs, ExposureCommand, Place, TableOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::{exposure as output, json_text};
use crate::cli::terminal::Look;
use crate::web::views::exposure::{ExposureListView, ExposureReportView, ReachRowView};

pub(crate) fn run(place: &Place, options: ExposureArgs) -> Result<Exit, Failure> {
    let database = options.command.database().clone();
    session::block_on(async {
        let settings = session::settings(place, &database, Clock::System);
        let (ctx, actor) = session::open(settings, &database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        let exit = carry_out(&ctx, &actor, options.command, &mut out).await?;
        out.flush()?;
        Ok(exit)
    })
}

async fn carry_out(
    ctx: &Context,
    actor: &Actor,
    command: ExposureCommand,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    match command {
        ExposureCommand::Import { file, from, dry_run, format, .. } => {
            let command = ImportExposure {
                file_name: input::file_name(&file),
                document: input::read(&file)?.into(),
                vantage: from.map_or(Vantage::Unknown, Vantage::from),
                dry_run,
            };
            let report = exposure::import(ctx, actor, command).await?;
            match format {
                TableOrJson::Table => output::write_report(&report, out)?,
                TableOrJson::Json => json_text::write(&ExposureReportView::from(&report), out)?,
            }
            // What could not be read is missing from every answer.
            return Ok(match report.warnings.iter().any(|it| it.lost) {
                true => Exit::Incomplete,
                false => Exit::Success,
            });
        }
        ExposureCommand::List { device: Some(text), format, .. } => {
            let id = decisions::device(ctx, actor, &text).await?;
            let row = exposure::of_device(ctx, actor, id).await?;
            match format {
                TableOrJson::Table => output::write_device(&row, out)?,
                TableOrJson::Json => json_text::write(&ReachRowView::from(&row), out)?,
            }
        }
        ExposureCommand::List { device: None, limit, format, .. } => {
            let list = exposure::list(ctx, actor, &PageRequest::at(0, limit)).await?;
            match format {
                TableOrJson::Table => output::write_list(&list, Look::of_stdout(), out)?,
                TableOrJson::Json => json_text::write(&ExposureListView::from(&list), out)?,
            }
        }
        ExposureCommand::Remove { id, .. } => {
            exposure::remove(ctx, actor, id).await?;
            writeln!(out, "Taken away: its evidence counts no more. The file itself is kept.")?;
        }
    }
    Ok(Exit::Success)
}
