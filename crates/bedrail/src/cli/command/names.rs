//! `bedrail names`: what a name means that bills of materials give without an identifier.

use std::io::{self, BufWriter, Write};

use bedrail_app::clock::Clock;
use bedrail_app::names::{self, Confirm};
use bedrail_app::{Actor, Context, bills};
use jiff::Timestamp;

use super::session;
use crate::cli::args::{Names, NamesCommand, Place, TextOrJson, Which};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{json_text, names as output};
use crate::web::views::names::{ConfirmedNameView, NamesOfReleaseView};

pub(crate) fn run(place: &Place, options: Names) -> Result<Exit, Failure> {
    let database = options.command.database().clone();
    session::block_on(async {
        let settings = session::settings(place, &database, Clock::System);
        let (ctx, actor) = session::open(settings, &database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        carry_out(&ctx, &actor, options.command, &mut out).await?;
        out.flush()?;
        Ok(Exit::Success)
    })
}

async fn carry_out(
    ctx: &Context,
    actor: &Actor,
    command: NamesCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        NamesCommand::List { format, .. } => {
            let said = names::list(ctx, actor).await?;
            match format {
                TextOrJson::Text => output::write_list(&said, out)?,
                TextOrJson::Json => {
                    let views: Vec<_> = said.iter().map(ConfirmedNameView::from).collect();
                    json_text::write(&views, out)?;
                }
            }
        }
        NamesCommand::Open { release, format, .. } => {
            let release = bills::find(ctx, actor, &release).await?;
            let found = names::of_release(ctx, actor, release).await?;
            match format {
                TextOrJson::Text => output::write_open(&found, out)?,
                TextOrJson::Json => json_text::write(&NamesOfReleaseView::from(&found), out)?,
            }
        }
        NamesCommand::Confirm { which, identifier, other_supplier, everywhere, replace, .. } => {
            let (seen, identifier) = (seen(ctx, actor, &which, replace).await?, Some(identifier));
            let Which { name, supplier } = which;
            let command = Confirm { name, supplier, identifier, other_supplier, everywhere, seen };
            output::write_done(&names::confirm(ctx, actor, &[command]).await?, out)?;
        }
        NamesCommand::None { which, replace, .. } => {
            let seen = seen(ctx, actor, &which, replace).await?;
            let Which { name, supplier } = which;
            let command = Confirm { name, supplier, seen, ..Confirm::default() };
            output::write_done(&names::confirm(ctx, actor, &[command]).await?, out)?;
        }
        NamesCommand::Exact { release, yes, .. } => {
            let release = bills::find(ctx, actor, &release).await?;
            let (exact, seen) = names::exact(ctx, actor, release).await?;
            output::write_exact(&exact, yes, out)?;
            if yes {
                let (_, done) = names::confirm_exact(ctx, actor, release, &seen).await?;
                output::write_done(&done, out)?;
            }
        }
        NamesCommand::TakeBack { which, .. } => {
            let done = names::take_back(ctx, actor, &which.name, which.supplier.as_deref()).await?;
            output::write_done(&done, out)?;
        }
    }
    Ok(())
}

/// When what stands on a name was decided, where that is to be replaced.
async fn seen(
    ctx: &Context,
    actor: &Actor,
    which: &Which,
    replace: bool,
) -> Result<Option<Timestamp>, Failure> {
    if !replace {
        return Ok(None);
    }
    let known = names::said_of(ctx, actor, &which.name, which.supplier.as_deref()).await?;
    Ok(known.map(|known| known.decided))
}
