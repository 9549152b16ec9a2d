//! `bedrail devices`: taking over a device list, and the list.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrail_app::clock::Clock;
use bedrail_app::devices::{self, DeviceFilter, ImportDevices, RowOutcome};
use bedrail_app::page::{MAX_LIMIT, PageRequest};
use bedrail_app::{Actor, Context};

use super::session;
use crate::cli::args::{Database, Devices, DevicesCommand, ListFormat, Place, TableOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::{device_list, import_report};
use crate::cli::terminal::Look;

pub(crate) fn run(place: &Place, options: Devices) -> Result<Exit, Failure> {
    match options.command {
        DevicesCommand::Import { file, mapping, dry_run, format, database } => {
            let bytes = input::read(&file)?;
            let command = ImportDevices {
                file_name: input::file_name(&file),
                document: bytes.into(),
                mapping,
                dry_run,
            };
            with_database(place, &database, async |ctx, actor| {
                import(&ctx, &actor, &file, command, format).await
            })
        }
        DevicesCommand::List { text, limit, format, database } => {
            let filter = DeviceFilter { text, ..DeviceFilter::default() };
            with_database(place, &database, async |ctx, actor| {
                list(&ctx, &actor, &filter, limit, format).await
            })
        }
    }
}

fn with_database(
    place: &Place,
    database: &Database,
    work: impl AsyncFnOnce(Context, Actor) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    session::block_on(async {
        let (ctx, actor) = session::open(session::settings(place, database, Clock::System), database).await?;
        work(ctx, actor).await
    })
}

/// Refused rows are part of the answer: the other rows are taken over, and the exit code says that some were not.
async fn import(
    ctx: &Context,
    actor: &Actor,
    file: &Path,
    command: ImportDevices,
    format: TableOrJson,
) -> Result<Exit, Failure> {
    let report = devices::import(ctx, actor, command).await?;
    let name = file.display().to_string();
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        TableOrJson::Table => import_report::write_text(&name, &report, Look::of_stdout(), &mut out)?,
        TableOrJson::Json => import_report::write_json(&name, &report, &mut out)?,
    }
    out.flush()?;
    Ok(if report.count(RowOutcome::Refused) > 0 { Exit::Incomplete } else { Exit::Success })
}

async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &DeviceFilter,
    limit: u32,
    format: ListFormat,
) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    let mut total = 0;
    while (rows.len() as u64) < u64::from(limit) {
        let wanted = limit.saturating_sub(rows.len() as u32).min(MAX_LIMIT);
        let request = PageRequest::at(rows.len() as u64, wanted);
        let page = devices::list(ctx, actor, filter, &request).await?;
        total = page.total;
        if page.rows.is_empty() {
            break;
        }
        rows.extend(page.rows);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        ListFormat::Table => device_list::write_text(&rows, total, Look::of_stdout(), &mut out)?,
        ListFormat::Json => device_list::write_json(&rows, total, &mut out)?,
        ListFormat::Csv => device_list::write_csv(&rows, &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Success)
}
