//! `bedrail campaign`: everything that is done about one weakness.

use std::io::{self, BufWriter, Write};

use bedrail_app::actions::NewAction;
use bedrail_app::campaigns;
use bedrail_app::clock::Clock;
use bedrail_app::{Actor, Context};
use bedrail_model::action::{KINDS, Kind};
use bedrail_model::campaign::Ward;
use bedrail_model::ids::CampaignId;
use bedrail_model::money;

use super::session;
use crate::cli::args::{CampaignCommand, Campaigns, Database, Place, TableOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::campaigns as shown;
use crate::cli::terminal::Look;

pub(crate) fn run(place: &Place, options: &Campaigns) -> Result<Exit, Failure> {
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

fn database(command: &CampaignCommand) -> &Database {
    match command {
        CampaignCommand::Start { database, .. }
        | CampaignCommand::List { database, .. }
        | CampaignCommand::Show { database, .. }
        | CampaignCommand::Assign { database, .. }
        | CampaignCommand::Close { database, .. } => database,
    }
}

async fn work(
    ctx: &Context,
    actor: &Actor,
    command: &CampaignCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        CampaignCommand::Start { weakness, name, .. } => {
            let started = campaigns::start(ctx, actor, weakness, name.as_deref()).await?;
            let word = if started.new { "started" } else { "open already" };
            writeln!(out, "{word}: {}", started.id)?;
            let detail = campaigns::get(ctx, actor, started.id).await?;
            shown::write_detail(&detail, Look::of_stdout(), out)?;
        }
        CampaignCommand::List { format, .. } => {
            let rows = campaigns::list(ctx, actor).await?;
            match format {
                TableOrJson::Table => shown::write_list(&rows, Look::of_stdout(), out)?,
                TableOrJson::Json => shown::write_list_json(&rows, out)?,
            }
        }
        CampaignCommand::Show { campaign, format, .. } => {
            let detail = campaigns::get(ctx, actor, id_of(ctx, actor, campaign).await?).await?;
            match format {
                TableOrJson::Table => shown::write_detail(&detail, Look::of_stdout(), out)?,
                TableOrJson::Json => shown::write_detail_json(&detail, out)?,
            }
        }
        CampaignCommand::Assign { campaign, ward, site, kind, owner, due, what, amount, .. } => {
            let place = |site: &String| Ward { site: site.clone(), ward: ward.clone().unwrap_or_default() };
            let new = NewAction {
                kind: kind_of(kind)?,
                what: what.clone(),
                owner: owner.clone(),
                due: *due,
                cents: amount
                    .as_deref()
                    .map(money::cents)
                    .transpose()
                    .map_err(|error| Failure::because("that is no amount", &error))?,
                ward: site.as_ref().map(place),
                ..NewAction::default()
            };
            let id = campaigns::assign(ctx, actor, id_of(ctx, actor, campaign).await?, new).await?;
            writeln!(out, "put down: {id}")?;
        }
        CampaignCommand::Close { campaign, sentence, .. } => {
            let id = id_of(ctx, actor, campaign).await?;
            let detail = campaigns::get(ctx, actor, id).await?;
            campaigns::close(ctx, actor, id, sentence).await?;
            writeln!(out, "closed: {id}")?;
            let (left, open) = (detail.now(), detail.waiting().count());
            writeln!(
                out,
                "still open: {} affected, {} cannot tell, {open} actions",
                left.affected, left.cannot_tell
            )?;
        }
    }
    Ok(())
}

pub(crate) fn kind_of(code: &str) -> Result<Kind, Failure> {
    Kind::from_code(code).ok_or_else(|| {
        let codes: Vec<&str> = KINDS.iter().map(|row| row.code).collect();
        Failure::new(format!("an action is one of {}", codes.join(", ")))
    })
}

/// A campaign by its id, or the open one on a weakness.
async fn id_of(ctx: &Context, actor: &Actor, text: &str) -> Result<CampaignId, Failure> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let rows = campaigns::list(ctx, actor).await?;
    let is = |row: &&campaigns::CampaignRow| {
        row.campaign.weakness.eq_ignore_ascii_case(text) || row.campaign.name.eq_ignore_ascii_case(text)
    };
    let found = rows.iter().find(is).map(|row| row.campaign.id);
    found.ok_or_else(|| Failure::new(format!("there is no campaign on “{text}”")))
}
