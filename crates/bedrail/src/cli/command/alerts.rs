//! `bedrail alerts`: where alerts come from, the work that they make, and the proof that none is lost.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrail_app::alerts::closings::{self, Columns};
use bedrail_app::alerts::policy::{self, NewPolicy};
use bedrail_app::alerts::prove::{self, Period};
use bedrail_app::alerts::work::{self, ClosedElsewhere, ItemFilter, Reason, Standing};
use bedrail_app::alerts::{self, NewSource, short, tail};
use bedrail_app::clock::Clock;
use bedrail_app::page::PageRequest;
use bedrail_app::{Actor, Context};
use bedrail_model::alert::Outcome;
use bedrail_model::ids::AlertItemId;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{alert_desk, listen, session};
use crate::cli::args::{
    AlertsArgs, AlertsCommand, PaperFormat, Place, PolicySettings, SourceSettings, TableOrJson, TextOrJson,
};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{alert_desk as desk_output, alerts as output, json_text};
use crate::cli::progress::Steps;
use crate::cli::terminal::Look;
use crate::web::views::alerts::{
    AccountView, AlertDetailView, AlertPolicyView, AlertQueue, AlertSourceView, ReceiptView,
};

/// Bytes of a file with a mapping or with closings.
const FILE_LIMIT: u64 = 16 << 20;

pub(crate) fn run(place: &Place, options: AlertsArgs) -> Result<Exit, Failure> {
    let database = options.command.database().clone();
    session::block_on(async {
        let settings = session::settings(place, &database, Clock::System);
        let (ctx, actor) = session::open(settings, &database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        let exit = match options.command {
            AlertsCommand::Listen { source, udp, tcp, tls, tls_cert, tls_key, .. } => {
                drop(out);
                let id = alerts::source(&ctx, &actor, &source).await?.id;
                return listen::run(&ctx, &actor, id, listen::Doors { udp, tcp, tls }, tls_cert.zip(tls_key))
                    .await;
            }
            command @ (AlertsCommand::List { .. }
            | AlertsCommand::Show { .. }
            | AlertsCommand::Take { .. }
            | AlertsCommand::Close { .. }
            | AlertsCommand::Reopen { .. }
            | AlertsCommand::Comment { .. }
            | AlertsCommand::Closings { .. }) => work_on(&ctx, &actor, command, &mut out).await?,
            AlertsCommand::Prove { from, to, device, format, .. } => {
                let period = period(&ctx, from, to);
                let device = device.as_deref().map(id).transpose()?;
                let proof = prove::prove(&ctx, &actor, period, device).await?;
                match format {
                    TextOrJson::Text => output::write_account(&proof, Look::of_stdout(), &mut out)?,
                    TextOrJson::Json => json_text::write(&AccountView::from(&proof), &mut out)?,
                }
                if proof.holds() { Exit::Success } else { Exit::Incomplete }
            }
            AlertsCommand::Desk(command) => alert_desk::run(&ctx, &actor, command, &mut out).await?,
            command => set_up(&ctx, &actor, command, &mut out).await?,
        };
        out.flush()?;
        Ok(exit)
    })
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, Failure> {
    text.trim().parse().map_err(|_| Failure::usage(format!("`{text}` is no id")))
}

/// The items that ids or short numbers mean.
async fn found(ctx: &Context, actor: &Actor, texts: &[String]) -> Result<Vec<AlertItemId>, Failure> {
    let mut found = Vec::new();
    for text in texts {
        found.push(short::find(ctx, actor, text).await?);
    }
    Ok(found)
}

fn period(ctx: &Context, from: Option<Date>, to: Option<Date>) -> Period {
    let to = to.unwrap_or_else(|| ctx.clock.today());
    Period { from: from.unwrap_or_else(|| to.saturating_sub(30.days())), to }
}

/// Commands on items.
async fn work_on(
    ctx: &Context,
    actor: &Actor,
    command: AlertsCommand,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    match command {
        AlertsCommand::List {
            state, untaken, late, undecided, paused, outcome, text, limit, format, ..
        } => {
            let standing = match state.as_str() {
                "closed" => Standing::Closed,
                "all" => Standing::All,
                _ => Standing::Open,
            };
            let outcome = outcome.as_deref().and_then(Outcome::from_code);
            let filter = ItemFilter {
                standing,
                untaken,
                late,
                undecided,
                paused,
                outcome,
                text,
                ..ItemFilter::default()
            };
            let queue = work::list(ctx, actor, &filter, &PageRequest::at(0, limit)).await?;
            match format {
                PaperFormat::Table => output::write_queue(&queue, Look::of_stdout(), out)?,
                PaperFormat::Text => desk_output::write_paper(&queue, out)?,
                PaperFormat::Json => json_text::write(&AlertQueue::of(&queue), out)?,
            }
        }
        AlertsCommand::Show { id: text, format, .. } => {
            let detail = work::get(ctx, actor, short::find(ctx, actor, &text).await?).await?;
            match format {
                TextOrJson::Text => output::write_item(&detail, out)?,
                TextOrJson::Json => json_text::write(&AlertDetailView::from(&detail), out)?,
            }
        }
        AlertsCommand::Take { ids: texts, owner, from, .. } => {
            work::take(ctx, actor, &found(ctx, actor, &texts).await?, owner.as_deref(), from.as_deref())
                .await?;
            writeln!(out, "taken by {}", owner.as_deref().unwrap_or(&actor.name))?;
        }
        AlertsCommand::Close { ids: texts, reason, because, .. } => {
            let mut seen = Vec::new();
            for id in found(ctx, actor, &texts).await? {
                // What stands there now is what is closed: whoever types an id has just looked at it.
                seen.push((id, work::one(ctx, actor, id).await?.events.0));
            }
            work::close(ctx, actor, &seen, Reason::named(&reason)?, &because).await?;
            writeln!(out, "closed: {}", seen.len())?;
        }
        AlertsCommand::Reopen { id: text, because, .. } => {
            work::reopen(ctx, actor, id(&text)?, &because).await?;
            writeln!(out, "open again")?;
        }
        AlertsCommand::Comment { id: item, text, .. } => {
            work::comment(ctx, actor, id(&item)?, &text).await?;
            writeln!(out, "written down")?;
        }
        AlertsCommand::Closings { file, system, columns, .. } => {
            let closings = closed_there(&file, &system, &columns)?;
            let closed = work::close_elsewhere(ctx, actor, &closings).await?;
            writeln!(
                out,
                "{closed} closed by the word of {system}; {} were already",
                closings.len() as u64 - closed
            )?;
        }
        _ => {}
    }
    Ok(Exit::Success)
}

/// What a table of another system says was closed there.
fn closed_there(file: &Path, system: &str, columns: &[String]) -> Result<Vec<ClosedElsewhere>, Failure> {
    let [id, person, sentence] = columns else {
        return Err(Failure::usage("--columns names three: id, person, sentence"));
    };
    let columns = Columns { id: id.clone(), person: person.clone(), sentence: sentence.clone() };
    Ok(closings::read(&read(file)?, system, &columns)?)
}

fn read(file: &Path) -> Result<String, Failure> {
    let doing = format!("cannot read {}", file.display());
    let length = std::fs::metadata(file).map_err(|error| Failure::because(&doing, &error))?.len();
    if length > FILE_LIMIT {
        return Err(Failure::new(format!("{doing}: it has more than {} MiB", FILE_LIMIT >> 20)));
    }
    std::fs::read_to_string(file).map_err(|error| Failure::because(&doing, &error))
}

/// Commands on sources and policies.
async fn set_up(
    ctx: &Context,
    actor: &Actor,
    command: AlertsCommand,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    match command {
        AlertsCommand::Sources { format, .. } => {
            let all = alerts::sources(ctx, actor).await?;
            match format {
                TableOrJson::Table => output::write_sources(&all, Look::of_stdout(), out)?,
                TableOrJson::Json => {
                    json_text::write(&all.iter().map(AlertSourceView::from).collect::<Vec<_>>(), out)?;
                }
            }
        }
        AlertsCommand::AddSource { settings, .. } => {
            let new = source(*settings)?;
            let id = alerts::add_source(ctx, actor, &new).await?;
            writeln!(out, "{id}")?;
        }
        AlertsCommand::SetSource { source: which, settings, .. } => {
            let id = alerts::source(ctx, actor, &which).await?.id;
            alerts::set_source(ctx, actor, id, &source(*settings)?).await?;
            writeln!(out, "set up anew")?;
        }
        AlertsCommand::Import { file, source, format, .. } => {
            let id = alerts::source(ctx, actor, &source).await?.id;
            let steps = Steps::new();
            let tell = |at: tail::Progress| steps.show_bytes("alerts", at.read, Some(at.total));
            let receipt = tail::import(ctx, actor, id, &file, &tell).await?;
            match format {
                TextOrJson::Text => output::write_receipt(&receipt, out)?,
                TextOrJson::Json => json_text::write(&ReceiptView::from(&receipt), out)?,
            }
        }
        AlertsCommand::Follow { .. } => {
            let receipt = tail::follow_all(ctx, actor).await?;
            output::write_receipt(&receipt, out)?;
            for source in alerts::sources(ctx, actor).await? {
                if let Some((text, _)) = source.trouble {
                    writeln!(out, "{}: {text}", source.settings.name)?;
                }
            }
        }
        AlertsCommand::Policies { format, .. } => {
            let all = policy::list(ctx, actor).await?;
            match format {
                TableOrJson::Table => output::write_policies(&all, Look::of_stdout(), out)?,
                TableOrJson::Json => {
                    json_text::write(&all.iter().map(AlertPolicyView::from).collect::<Vec<_>>(), out)?;
                }
            }
        }
        AlertsCommand::AddPolicy { policy: settings, .. } => {
            let yes = settings.yes;
            let new = new_policy(ctx, actor, *settings).await?;
            if yes {
                let (id, closed) = policy::add(ctx, actor, &new).await?;
                writeln!(out, "{id}: {} closed by it", closed.len())?;
            } else {
                let would = policy::preview(ctx, actor, &new).await?;
                writeln!(out, "It would close {} now. With --yes it is written.", would.len())?;
            }
        }
        AlertsCommand::EndPolicy { id: text, .. } => {
            policy::end(ctx, actor, id(&text)?).await?;
            writeln!(out, "ended; what it closed stays closed until it comes again")?;
        }
        _ => {}
    }
    Ok(Exit::Success)
}

fn source(settings: SourceSettings) -> Result<NewSource, Failure> {
    let mapping = settings.mapping.as_deref().map(read).transpose()?;
    let path = settings.follow.map(|path| std::path::absolute(&path).map_err(Failure::from)).transpose()?;
    let path = path.map(|path| {
        path.into_os_string().into_string().map_err(|_| Failure::usage("the name of the file is no UTF-8"))
    });
    Ok(NewSource {
        name: settings.name,
        kind: settings.kind.as_deref().map(alerts::kind_named).transpose()?,
        mapping,
        zone: settings.zone,
        own: settings.own,
        syslog_severity: settings.syslog_severity,
        path: path.transpose()?,
        keep_days: settings.keep_days,
        silent_minutes: settings.silent_minutes,
    })
}

async fn new_policy(ctx: &Context, actor: &Actor, it: PolicySettings) -> Result<NewPolicy, Failure> {
    let source = match &it.source {
        Some(which) => Some(alerts::source(ctx, actor, which).await?.id),
        None => None,
    };
    let reason = Reason::named(&it.reason)?;
    Ok(NewPolicy {
        name: it.name,
        sentence: it.because,
        reason,
        rule: it.rule,
        source,
        attacker: it.attacker,
        device: it.device.as_deref().map(id).transpose()?,
        path: it.path,
        not_stopped: it.not_stopped,
        days: it.days,
    })
}
