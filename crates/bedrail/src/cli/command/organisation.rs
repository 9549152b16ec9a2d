//! `bedrail organisation`: the organisations of this installation.

use std::io::{self, BufWriter, Write};

use bedrail_app::accounts::{self, FirstAdministrator};
use bedrail_app::clock::Clock;
use bedrail_app::organisations;
use bedrail_model::organisation::OrgKind;
use bedrail_model::text::harmless;

use super::{session, sso};
use crate::cli::args::{Database, Organisation, OrganisationCommand, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

pub(crate) fn run(place: &Place, options: &Organisation) -> Result<Exit, Failure> {
    session::block_on(async {
        match &options.command {
            OrganisationCommand::List { database } => list(place, database).await,
            OrganisationCommand::Add { name, kind, administrator, database } => {
                add(place, database, name, *kind, administrator).await
            }
            OrganisationCommand::Sso { command } => sso::run(place, command).await,
        }
    })
}

async fn list(place: &Place, database: &Database) -> Result<Exit, Failure> {
    let (ctx, _) = session::open_first(session::settings(place, database, Clock::System)).await?;
    let mut out = BufWriter::new(io::stdout().lock());
    for each in organisations::all(&ctx).await? {
        writeln!(out, "{}  {}  ({})", each.id, harmless(&each.name), each.kind.words())?;
    }
    out.flush()?;
    Ok(Exit::Success)
}

async fn add(
    place: &Place,
    database: &Database,
    name: &str,
    kind: OrgKind,
    administrator: &str,
) -> Result<Exit, Failure> {
    let (ctx, _) = session::open_first(session::settings(place, database, Clock::System)).await?;
    let org = organisations::add(&ctx, name, kind).await?;
    let first = accounts::give_administrator(&ctx, org, administrator).await?;
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "Added {} ({}).", harmless(name), kind.words())?;
    match first {
        FirstAdministrator { name, one_time_password: Some(password) } => {
            writeln!(out, "Sign in as {} with the one-time password {password}", harmless(&name))?;
        }
        FirstAdministrator { name, one_time_password: None } => {
            writeln!(out, "{} is its administrator now, with the password they have.", harmless(&name))?;
        }
    }
    out.flush()?;
    Ok(Exit::Success)
}
