//! `bedrail firewall`: which firewalls stand in front of which devices.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use bedrail_app::clock::Clock;
use bedrail_app::firewall::{self, NewOwn};
use bedrail_app::{Actor, Context};
use bedrail_model::ids::FirewallId;
use bedrail_model::text::harmless_lines;

use super::session;
use crate::cli::args::firewall::{AddArgs, ExcludeArgs, FollowArgs};
use crate::cli::args::{Database, FirewallArgs, FirewallCommand, Place, TableOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::firewall as shown;
use crate::cli::terminal::Look;
use crate::web::taken_firewall::{ExclusionSent, FirewallSent};

pub(crate) fn run(place: &Place, options: &FirewallArgs) -> Result<Exit, Failure> {
    session::block_on(async {
        let database = database(&options.command);
        let settings = session::settings(place, database, Clock::System);
        let (ctx, actor) = session::open(settings, database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        work(&ctx, &actor, &options.command, &mut out).await?;
        out.flush()?;
        Ok(Exit::Success)
    })
}

fn database(command: &FirewallCommand) -> &Database {
    match command {
        FirewallCommand::List { database, .. }
        | FirewallCommand::Show { database, .. }
        | FirewallCommand::Devices { database, .. }
        | FirewallCommand::Withdraw { database, .. } => database,
        FirewallCommand::Follow(options) => &options.database,
        FirewallCommand::Add(options) => &options.database,
        FirewallCommand::Exclude(options) => &options.database,
    }
}

async fn work(
    ctx: &Context,
    actor: &Actor,
    command: &FirewallCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        FirewallCommand::List { format, .. } => {
            let rows = firewall::list(ctx, actor).await?;
            match format {
                TableOrJson::Table => shown::write_list(&rows, Look::of_stdout(), out)?,
                TableOrJson::Json => shown::write_list_json(&rows, out)?,
            }
        }
        FirewallCommand::Show { firewall: which, format, .. } => {
            let detail = firewall::get(ctx, actor, id_of(ctx, actor, which).await?).await?;
            match format {
                TableOrJson::Table => shown::write_detail(&detail, Look::of_stdout(), out)?,
                TableOrJson::Json => shown::write_detail_json(&detail, out)?,
            }
        }
        FirewallCommand::Follow(options) => follow(ctx, actor, options, out).await?,
        FirewallCommand::Add(options) => {
            let id = firewall::add(ctx, actor, &added(options).command()?).await?;
            writeln!(out, "registered: {id}")?;
        }
        FirewallCommand::Devices { firewall: which, site, device, .. } => {
            let id = id_of(ctx, actor, which).await?;
            let devices = firewall::place(ctx, actor, id, site, device).await?;
            writeln!(out, "{devices} devices stand behind it")?;
        }
        FirewallCommand::Exclude(options) => {
            let id = id_of(ctx, actor, &options.firewall).await?;
            let proposal = firewall::propose(ctx, actor, id, &wanted(options).command()?).await?;
            writeln!(out, "{}", harmless_lines(&proposal.text))?;
            shown::write_preview(&proposal, out)?;
        }
        FirewallCommand::Withdraw { firewall: which, .. } => {
            firewall::withdraw(ctx, actor, id_of(ctx, actor, which).await?).await?;
            writeln!(out, "taken back")?;
        }
    }
    Ok(())
}

async fn follow(
    ctx: &Context,
    actor: &Actor,
    options: &FollowArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let events = match (&options.config, &options.folder) {
        (Some(file), _) => events_of(file)?,
        (None, Some(folder)) => folder.join(&options.events),
        (None, None) => return Err(Failure::usage("say --config or --folder")),
    };
    let events = std::path::absolute(&events)?;
    let text = |part: Option<&std::ffi::OsStr>| part.and_then(|it| it.to_str()).map(str::to_owned);
    let folder = text(events.parent().map(Path::as_os_str));
    let (Some(folder), Some(name)) = (folder, text(events.file_name())) else {
        return Err(Failure::usage("the path of the events is no text"));
    };
    let said_by = options.by.clone().unwrap_or_else(|| actor.name.clone());
    let new = NewOwn { name: options.name.clone(), folder, events: name, said_by };
    let id = firewall::add_own(ctx, actor, &new).await?;
    let taken = firewall::follow_all(ctx, actor).await?;
    writeln!(out, "followed: {id}; {taken} words on rule sets taken")?;
    let rows = firewall::list(ctx, actor).await?;
    if let Some(trouble) = rows.iter().find(|row| row.firewall.id == id).and_then(|row| row.trouble.clone()) {
        writeln!(out, "its report: {trouble}")?;
        writeln!(
            out,
            "hint: `bedrail waf run` writes it every ten seconds; the server must be in the group of that folder"
        )?;
    }
    Ok(())
}

/// The events file that the file of sites names.
#[cfg(unix)]
fn events_of(file: &Path) -> Result<PathBuf, Failure> {
    let read = bedrail_waf::config::read(file);
    Ok(read.map_err(|error| Failure::because(&file.display().to_string(), &error))?.events)
}

/// Our firewall does not run on Windows, so its file of sites is on another machine.
#[cfg(not(unix))]
fn events_of(_: &Path) -> Result<PathBuf, Failure> {
    Err(Failure::usage("our firewall does not run on this system; say --folder"))
}

fn added(options: &AddArgs) -> FirewallSent {
    FirewallSent {
        name: options.name.clone(),
        product: options.product.clone(),
        mode: options.mode.clone(),
        rules_on: options.rules_on.clone(),
        proof: options.proof.clone(),
        document: options.document.clone(),
        said_by: options.by.clone(),
        expires: options.expires.clone(),
        devices: options.device.clone(),
    }
}

fn wanted(options: &ExcludeArgs) -> ExclusionSent {
    ExclusionSent {
        site: options.site.clone(),
        rule: options.rule,
        place: options.at.clone(),
        path: options.path.clone(),
        method: options.method.clone(),
        reason: options.reason.clone(),
        until: options.until.clone(),
    }
}

/// A firewall by its name or id.
async fn id_of(ctx: &Context, actor: &Actor, text: &str) -> Result<FirewallId, Failure> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let rows = firewall::list(ctx, actor).await?;
    let found = rows.iter().find(|row| row.firewall.name == text).map(|row| row.firewall.id);
    found.ok_or_else(|| Failure::new(format!("there is no firewall “{text}”")))
}
