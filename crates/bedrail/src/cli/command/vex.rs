//! `bedrail vex`: statements of others on weaknesses in products.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrail_app::actions::NewAction;
use bedrail_app::clock::Clock;
use bedrail_app::page::PageRequest;
use bedrail_app::vex::{self, Accept, AddVex, Export, Pin, Ruled, Standing, Use, VexFilter};
use bedrail_app::{Actor, Context};
use bedrail_model::text::harmless;

use super::session;
use crate::cli::args::{Place, Shown, TableOrJson, VexArgs, VexCommand};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::vex as output;
use crate::cli::terminal::Look;

pub(crate) fn run(place: &Place, options: VexArgs) -> Result<Exit, Failure> {
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
    command: VexCommand,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    match command {
        VexCommand::Add { files, signature, .. } => {
            if signature.is_some() && files.len() > 1 {
                return Err(Failure::new("one signature is of one document")
                    .hint("name one document, or leave signatures beside theirs as FILE.asc"));
            }
            let mut exit = Exit::Success;
            for file in files {
                let (file_name, bytes) = (input::file_name(&file), input::read(&file)?);
                let signature = signature_of(&file, signature.as_deref())?;
                let command = AddVex { file_name, document: bytes.into(), signature };
                let receipt = vex::add(ctx, actor, command).await?;
                output::write_receipt(&receipt, out)?;
                // What could not be read is missing from every answer.
                if receipt.warnings.iter().any(|it| it.lost) {
                    exit = Exit::Incomplete;
                }
            }
            return Ok(exit);
        }
        VexCommand::List { text, standing, contradicted, unused, expired, shown } => {
            let in_use = unused.then_some(Use::Unused).or(expired.then_some(Use::Expired));
            let filter = VexFilter { text, standing, contradicted, in_use };
            list(ctx, actor, &filter, &shown, out).await?;
        }
        VexCommand::Unmatched { shown } => {
            let filter = VexFilter { standing: Some(Standing::Unmatched), ..VexFilter::default() };
            list(ctx, actor, &filter, &shown, out).await?;
        }
        VexCommand::Accept { id, release, justification, reason, action, owner, due, .. } => {
            let action = owner.zip(due).map(|(owner, due)| NewAction {
                what: action.unwrap_or_default(),
                owner,
                due,
                ..NewAction::default()
            });
            let command = Accept { statement: id, release, justification, reason, action };
            let decision = vex::accept(ctx, actor, &command).await?;
            writeln!(out, "Accepted, as decision {decision}.")?;
        }
        VexCommand::Export { format, release, .. } => {
            let written = vex::export(ctx, actor, &Export { format, release }).await?;
            out.write_all(written.text.as_bytes())?;
            out.flush()?;
            let mut told = io::stderr().lock();
            for what in &written.unsaid {
                writeln!(told, "not said: {}", harmless(what))?;
            }
        }
        VexCommand::Decline { id, undo, .. } => {
            vex::decline(ctx, actor, id, !undo).await?;
            writeln!(out, "{}.", if undo { "Taken up again" } else { "Put aside" })?;
        }
        VexCommand::Issuers { .. } => {
            output::write_issuers(&vex::issuers(ctx, actor).await?, Look::of_stdout(), out)?;
        }
        VexCommand::Pin { key, makers, automatic, signing_key, .. } => {
            let signing_key = signing_key.map_or(Ok(Vec::new()), |path| input::read(&path))?;
            let signing_key = String::from_utf8_lossy(&signing_key).into_owned();
            vex::pin(ctx, actor, &Pin { key: key.clone(), makers, automatic, signing_key }).await?;
            writeln!(out, "{}: its statements count from now on.", harmless(&key))?;
            write_ruled(&vex::follow_rules(ctx, actor).await?, out)?;
        }
        VexCommand::Unpin { key, .. } => {
            vex::unpin(ctx, actor, &key).await?;
            writeln!(out, "{}: its statements propose nothing any more.", harmless(&key))?;
            write_ruled(&vex::follow_rules(ctx, actor).await?, out)?;
        }
    }
    Ok(Exit::Success)
}

/// The signature that was named, or the one that lies beside the document as publishers of CSAF put it (CSAF 2.0 §7.1.19).
fn signature_of(document: &Path, named: Option<&Path>) -> Result<Option<Vec<u8>>, Failure> {
    if let Some(named) = named {
        return input::read(named).map(Some);
    }
    let mut beside = document.as_os_str().to_owned();
    beside.push(".asc");
    let beside = Path::new(&beside);
    if beside.is_file() { input::read(beside).map(Some) } else { Ok(None) }
}

/// What the rules did, where they did something.
fn write_ruled(ruled: &Ruled, out: &mut dyn Write) -> io::Result<()> {
    if ruled.accepted > 0 {
        writeln!(out, "Accepted by the rule: {}.", ruled.accepted)?;
    }
    if ruled.taken_back > 0 {
        writeln!(out, "Taken back, since no rule stands for it any more: {}.", ruled.taken_back)?;
    }
    ruled.left.iter().try_for_each(|line| writeln!(out, "Left for a person: {}.", harmless(line)))
}

async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &VexFilter,
    shown: &Shown,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (list, _) = vex::list(ctx, actor, filter, &PageRequest::at(0, shown.limit)).await?;
    match shown.format {
        TableOrJson::Table => output::write_table(&list, Look::of_stdout(), out)?,
        TableOrJson::Json => output::write_json(&list, out)?,
    }
    Ok(())
}
