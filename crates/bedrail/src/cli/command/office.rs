//! `bedrail vendors`, `bedrail registers`, `bedrail clients`, `bedrail guide`.

use std::future::Future;
use std::io::{self, BufWriter, Read as _, Write};
use std::pin::Pin;

use bedrail_app::clock::Clock;
use bedrail_app::registers::NewEntry;
use bedrail_app::vendors::{self, NewRequest, NewSignature, OwnIncidentRow, SetVendor};
use bedrail_app::{Actor, Context, clients, guide, registers};

use super::session;
use crate::cli::args::{
    ClientsArgs, ClientsCommand, Database, GuideArgs, Place, RegistersArgs, RegistersCommand, TableOrJson,
    VendorAddArgs, VendorsArgs, VendorsCommand,
};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::{json_text, office as output};
use crate::cli::terminal::Look;
use crate::web::views::vendor::{
    ClientDetailView, ClientRowView, GuideView, MakerScoreView, RegisterEntryRowView, RegisterRowView,
    VendorRowView, VendorView,
};

/// Bytes of a name on standard input.
const MOST_NAME: u64 = 4_096;

type Work<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

fn with<W>(place: &Place, database: &Database, work: W) -> Result<Exit, Failure>
where
    W: for<'a> FnOnce(&'a Context, &'a Actor, &'a mut dyn Write) -> Work<'a>,
{
    session::block_on(async {
        let settings = session::settings(place, database, Clock::System);
        let (ctx, actor) = session::open(settings, database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        work(&ctx, &actor, &mut out).await?;
        out.flush()?;
        Ok(Exit::Success)
    })
}

pub(crate) fn vendors(place: &Place, options: VendorsArgs) -> Result<Exit, Failure> {
    let database = options.command.database().clone();
    with(place, &database, move |ctx, actor, out| Box::pin(of_vendors(ctx, actor, options.command, out)))
}

pub(crate) fn registers(place: &Place, options: RegistersArgs) -> Result<Exit, Failure> {
    let database = options.command.database().clone();
    with(place, &database, move |ctx, actor, out| Box::pin(of_registers(ctx, actor, options.command, out)))
}

pub(crate) fn clients(place: &Place, options: ClientsArgs) -> Result<Exit, Failure> {
    let database = options.command.database().clone();
    session::block_on(async {
        let settings = session::settings(place, &database, Clock::System);
        let (ctx, actor) = session::open_all(settings, &database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        of_clients(&ctx, &actor, options.command, &mut out).await?;
        out.flush()?;
        Ok(Exit::Success)
    })
}

async fn of_clients(
    ctx: &Context,
    actor: &Actor,
    command: ClientsCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        ClientsCommand::List { format, .. } => {
            let rows = clients::list(ctx, actor).await?;
            match format {
                TableOrJson::Table => output::write_clients(&rows, Look::of_stdout(), out)?,
                TableOrJson::Json => {
                    json_text::write(&rows.iter().map(ClientRowView::from).collect::<Vec<_>>(), out)?;
                }
            }
        }
        ClientsCommand::Show { client, format, .. } => {
            let detail = clients::get(ctx, actor, client).await?;
            match format {
                TableOrJson::Table => output::write_client(&detail, out)?,
                TableOrJson::Json => json_text::write(&ClientDetailView::from(&detail), out)?,
            }
        }
        ClientsCommand::Write { client, kind, text, due, .. } => {
            let id = clients::write(ctx, actor, client, &kind, &text, due).await?;
            writeln!(out, "Written down as {id}.")?;
        }
        ClientsCommand::Done { client, task, .. } => {
            clients::done(ctx, actor, client, task).await?;
            writeln!(out, "Noted as done.")?;
        }
    }
    Ok(())
}

pub(crate) fn guide(place: &Place, options: &GuideArgs) -> Result<Exit, Failure> {
    let format = options.format;
    with(place, &options.database, move |ctx, actor, out| {
        Box::pin(async move {
            let guide = guide::guide(ctx, actor).await?;
            match format {
                TableOrJson::Table => output::write_guide(&guide, out)?,
                TableOrJson::Json => json_text::write(&GuideView::from(&guide), out)?,
            }
            Ok(())
        })
    })
}

async fn of_vendors(
    ctx: &Context,
    actor: &Actor,
    command: VendorsCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        VendorsCommand::List { format, .. } => {
            let rows = vendors::list(ctx, actor).await?;
            match format {
                TableOrJson::Table => output::write_vendors(&rows, Look::of_stdout(), out)?,
                TableOrJson::Json => {
                    json_text::write(&rows.iter().map(VendorRowView::from).collect::<Vec<_>>(), out)?;
                }
            }
        }
        VendorsCommand::Show { id, format, .. } => {
            let detail = vendors::get(ctx, actor, id).await?;
            match format {
                TableOrJson::Table => output::write_vendor(&detail, out)?,
                TableOrJson::Json => json_text::write(&VendorView::from(&detail), out)?,
            }
        }
        VendorsCommand::Makers { format, .. } => {
            let rows = vendors::makers(ctx, actor).await?;
            match format {
                TableOrJson::Table => output::write_makers(&rows, Look::of_stdout(), out)?,
                TableOrJson::Json => {
                    json_text::write(&rows.iter().map(MakerScoreView::from).collect::<Vec<_>>(), out)?;
                }
            }
        }
        other => change(ctx, actor, other, out).await?,
    }
    Ok(())
}

fn added(options: VendorAddArgs) -> SetVendor {
    SetVendor {
        name: options.name,
        services: options.services,
        holds: options.holds,
        ephi: options.ephi,
        associate: options.associate,
        notice_days: options.notice_days,
        maker: options.maker,
        ..SetVendor::default()
    }
}

async fn change(
    ctx: &Context,
    actor: &Actor,
    command: VendorsCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        VendorsCommand::List { .. } | VendorsCommand::Show { .. } | VendorsCommand::Makers { .. } => {}
        VendorsCommand::Add(options) => {
            let id = vendors::set(ctx, actor, None, &added(options)).await?;
            writeln!(out, "In the register as {id}.")?;
        }
        VendorsCommand::Draft { id, title, file, .. } => {
            let document = input::read(&file)?.into();
            let agreement = vendors::draft(ctx, actor, id, &title).await?;
            vendors::document(ctx, actor, (id, agreement), &input::file_name(&file), &document).await?;
            writeln!(out, "The draft is {agreement}. Note where each of the twelve clauses stands.")?;
        }
        VendorsCommand::Check { id, agreement, clause, place, .. } => {
            vendors::check(ctx, actor, (id, agreement), &clause, &place).await?;
            let detail = vendors::get(ctx, actor, id).await?;
            let missing = detail.agreements.into_iter().find(|it| it.row.id == agreement);
            let missing = missing.map(|it| it.missing.join(", ")).unwrap_or_default();
            let missing = if missing.is_empty() { "none".to_owned() } else { missing };
            writeln!(out, "Noted. Missing: {missing}.")?;
        }
        VendorsCommand::Sign { id, agreement, on, signer, expires, .. } => {
            let new = NewSignature { on, signer, effective: None, expires };
            vendors::sign(ctx, actor, (id, agreement), &new).await?;
            writeln!(out, "Signed, with all twelve clauses.")?;
        }
        VendorsCommand::Link { id, .. } => {
            let path = vendors::answer::link(ctx, actor, id).await?;
            writeln!(out, "{path}")?;
        }
        VendorsCommand::Ask { id, kind, about, due, .. } => {
            let request = vendors::ask(ctx, actor, id, &NewRequest { kind, about, due }).await?;
            writeln!(out, "Noted as {request}.")?;
        }
        VendorsCommand::Incident { id, incident, discovered, told, .. } => {
            let row = OwnIncidentRow { vendor: id, incident, discovered, told };
            vendors::own_incident(ctx, actor, &row).await?;
            let detail = vendors::get(ctx, actor, id).await?;
            let due = detail.incidents.iter().find(|it| it.row.incident == incident);
            match due.and_then(|it| it.notice) {
                Some(notice) => writeln!(out, "Noted; it must tell by {}.", notice.due())?,
                None => writeln!(out, "Noted; when it found out is not known.")?,
            }
        }
        VendorsCommand::Answered { id, request, answer, .. } => {
            vendors::answered(ctx, actor, (id, request), None, &answer).await?;
            writeln!(out, "Noted.")?;
        }
    }
    Ok(())
}

async fn of_registers(
    ctx: &Context,
    actor: &Actor,
    command: RegistersCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        RegistersCommand::List { format, .. } => {
            let rows = registers::list(ctx, actor).await?;
            match format {
                TableOrJson::Table => output::write_registers(&rows, Look::of_stdout(), out)?,
                TableOrJson::Json => {
                    json_text::write(&rows.iter().map(RegisterRowView::from).collect::<Vec<_>>(), out)?;
                }
            }
        }
        RegistersCommand::Show { kind, format, .. } => {
            let (_, rows) = registers::of_kind(ctx, actor, &kind).await?;
            match format {
                TableOrJson::Table => output::write_entries(&rows, Look::of_stdout(), out)?,
                TableOrJson::Json => {
                    json_text::write(&rows.iter().map(RegisterEntryRowView::from).collect::<Vec<_>>(), out)?;
                }
            }
        }
        RegistersCommand::Add { kind, about, received, fields, .. } => {
            let about =
                if about == "-" { io::read_to_string(io::stdin().lock().take(MOST_NAME))? } else { about };
            let values = fields.into_iter().collect();
            let id =
                registers::add(ctx, actor, &NewEntry { kind: kind.clone(), about, received, values }).await?;
            let (_, rows) = registers::of_kind(ctx, actor, &kind).await?;
            let due = rows.iter().find(|row| row.id == id).and_then(|row| row.due);
            let due = due.map(|day| format!(", due {day}")).unwrap_or_default();
            writeln!(out, "In the register as {id}{due}.")?;
        }
        RegistersCommand::Review { kind, note, .. } => {
            registers::review(ctx, actor, &kind, &note).await?;
            writeln!(out, "Noted that the whole register was looked at.")?;
        }
    }
    Ok(())
}
