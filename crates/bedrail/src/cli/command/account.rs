//! `bedrail account`: accounts from the machine's own terminal, for the day that nobody can sign in.

use std::io::{self, BufWriter, Write};

use bedrail_app::accounts::erasure::{self, Erased, ErasedInvited};
use bedrail_app::accounts::{self, OneTime};
use bedrail_app::clock::Clock;
use bedrail_app::people;
use bedrail_model::text::harmless;

use super::session;
use crate::cli::args::{AccountArgs, AccountCommand, Database, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

pub(crate) fn run(place: &Place, options: &AccountArgs) -> Result<Exit, Failure> {
    session::block_on(async {
        match &options.command {
            AccountCommand::List { database } => list(place, database).await,
            AccountCommand::Emergency { name, database } => emergency(place, database, name).await,
            AccountCommand::ResetPassword { name, database } => reset_password(place, database, name).await,
            AccountCommand::ResetSecondFactor { name, database } => {
                let (ctx, actor) =
                    session::open(session::settings(place, database, Clock::System), database).await?;
                let member = people::named(&ctx, &actor, name).await?;
                people::reset_second_factor(&ctx, &actor, member.id).await?;
                say(&format!("{} has no second factor any more.", harmless(&member.name)))
            }
            AccountCommand::Unlink { name, database } => {
                let (ctx, actor) =
                    session::open(session::settings(place, database, Clock::System), database).await?;
                let member = people::named(&ctx, &actor, name).await?;
                people::unlink_sign_in(&ctx, &actor, member.id).await?;
                say(&format!("{} is not linked to single sign-on any more.", harmless(&member.name)))
            }
            AccountCommand::Erase { name, invited: true, database, for_good: _ } => {
                erase_invited(place, database, name).await
            }
            AccountCommand::Erase { name, invited: false, database, for_good: _ } => {
                erase(place, database, name).await
            }
            AccountCommand::Close { name, database } => {
                let (ctx, actor) =
                    session::open(session::settings(place, database, Clock::System), database).await?;
                let member = people::named(&ctx, &actor, name).await?;
                people::close(&ctx, &actor, member.id).await?;
                say(&format!("Closed {}.", harmless(&member.name)))
            }
        }
    })
}

fn say(sentence: &str) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{sentence}")?;
    out.flush()?;
    Ok(Exit::Success)
}

async fn list(place: &Place, database: &Database) -> Result<Exit, Failure> {
    let (ctx, actor) = session::open(session::settings(place, database, Clock::System), database).await?;
    let mut out = BufWriter::new(io::stdout().lock());
    for member in people::list(&ctx, &actor).await? {
        let roles: Vec<&str> = member.grant.roles.iter().map(|role| role.name()).collect();
        let factor = if member.second_factor { "second factor" } else { "no second factor" };
        let state = if member.counts(ctx.clock.now()) { "" } else { "; opens nothing" };
        writeln!(out, "{}  {}; {factor}{state}", harmless(&member.name), roles.join(", "))?;
    }
    out.flush()?;
    Ok(Exit::Success)
}

async fn erase(place: &Place, database: &Database, name: &str) -> Result<Exit, Failure> {
    let (ctx, actor) = session::open(session::settings(place, database, Clock::System), database).await?;
    let id = erasure::find(&ctx, &actor, name).await?;
    let Erased { name, values, older_entries } = erasure::erase(&ctx, &actor, id).await?;
    let older = older(older_entries);
    say(&format!("Erased {values} values from audit logs; the account is {name} now.{older}"))
}

async fn erase_invited(place: &Place, database: &Database, named: &str) -> Result<Exit, Failure> {
    let (ctx, actor) = session::open(session::settings(place, database, Clock::System), database).await?;
    let ErasedInvited { invitations, values, older_entries } =
        erasure::erase_invited(&ctx, &actor, named).await?;
    let older = older(older_entries);
    say(&format!(
        "Erased {values} values from the audit log and took {invitations} open invitations back.{older}"
    ))
}

/// What is said of entries that cannot be erased.
fn older(entries: u64) -> String {
    match entries {
        0 => String::new(),
        more => format!(" {more} entries from before personal values were kept apart still hold the name."),
    }
}

async fn emergency(place: &Place, database: &Database, name: &str) -> Result<Exit, Failure> {
    let (ctx, actor) = session::open(session::settings(place, database, Clock::System), database).await?;
    let OneTime { name, password } = accounts::emergency_administrator(&ctx, &actor, name).await?;
    say(&format!("Sign in as {} with the one-time password {password}", harmless(&name)))
}

async fn reset_password(place: &Place, database: &Database, name: &str) -> Result<Exit, Failure> {
    let (ctx, actor) = session::open(session::settings(place, database, Clock::System), database).await?;
    let member = people::named(&ctx, &actor, name).await?;
    let OneTime { name, password } = people::reset_password(&ctx, &actor, member.id).await?;
    say(&format!("Sign in as {} with the one-time password {password}", harmless(&name)))
}
