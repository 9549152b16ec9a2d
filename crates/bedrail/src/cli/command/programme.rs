//! `bedrail programme`: how the requirements stand, what shows it, what was decided.

use std::io::{self, BufWriter, Write};

use bedrail_app::clock::Clock;
use bedrail_app::programme::{self, Decide, Filter, Prove, Reply, Wanted};
use bedrail_app::{Actor, Context};

use super::session;
use crate::cli::args::{
    Place, ProgrammeArgs, ProgrammeCommand, ProgrammeDecideArgs, ProveArgs, SelfAnswerArgs, TableOrJson,
};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::{json_text, programme as output};
use crate::cli::terminal::Look;
use crate::web::views::programme::{PastView, ProgrammeView, RequirementView};
use crate::web::views::self_assessment::SelfAssessmentView;

pub(crate) fn run(place: &Place, options: ProgrammeArgs) -> Result<Exit, Failure> {
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
    command: ProgrammeCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        ProgrammeCommand::List { catalogue, state, overdue, format, .. } => {
            let state = state.map(|state| state.code().to_owned());
            let filter = Filter { catalogue, state, overdue, text: None };
            let listed = programme::list(ctx, actor, &filter).await?;
            match format {
                TableOrJson::Table => output::write_list(&listed, Look::of_stdout(), out)?,
                TableOrJson::Json => json_text::write(&ProgrammeView::from(&listed), out)?,
            }
        }
        ProgrammeCommand::Show { id, format, .. } => {
            let detail = programme::get(ctx, actor, &id).await?;
            match format {
                TableOrJson::Table => output::write_one(&detail, out)?,
                TableOrJson::Json => json_text::write(&RequirementView::from(&detail), out)?,
            }
        }
        ProgrammeCommand::On { day, format, .. } => {
            let past = programme::on(ctx, actor, day).await?;
            match format {
                TableOrJson::Table => output::write_past(&past, Look::of_stdout(), out)?,
                TableOrJson::Json => json_text::write(&PastView::from(&past), out)?,
            }
        }
        ProgrammeCommand::Note { .. } => {
            let day = programme::note(ctx, actor).await?;
            writeln!(out, "Noted how every requirement stands on {day}.")?;
        }
        ProgrammeCommand::Prove(options) => prove(ctx, actor, options, out).await?,
        ProgrammeCommand::Withdraw { id, .. } => {
            programme::withdraw(ctx, actor, id).await?;
            writeln!(
                out,
                "Taken back: it counts no more. Days before are as they were; the file itself is kept."
            )?;
        }
        ProgrammeCommand::Decide(options) => decide(ctx, actor, options, out).await?,
        ProgrammeCommand::Ask { site, open, format, .. } => {
            let wanted = Wanted { site, open, requirement: None };
            let all = programme::questions(ctx, actor, &wanted).await?;
            match format {
                TableOrJson::Table => output::write_questions(&all, Look::of_stdout(), out)?,
                TableOrJson::Json => json_text::write(&SelfAssessmentView::from(&all), out)?,
            }
        }
        ProgrammeCommand::Answer(options) => answer(ctx, actor, options, out).await?,
    }
    Ok(())
}

async fn prove(ctx: &Context, actor: &Actor, options: ProveArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let command = Prove {
        requirement: options.id.clone(),
        signal: options.signal,
        system: options.system,
        shows: options.shows,
        about_from: options.about_from,
        about_to: options.about_to,
        collected: options.collected,
        collector: options.collector,
        expires: options.expires,
        file_name: input::file_name(&options.file),
        document: input::read(&options.file)?.into(),
    };
    let id = programme::prove(ctx, actor, command).await?;
    writeln!(out, "Taken in as {id}.")?;
    stands(ctx, actor, &options.id, out).await
}

async fn decide(
    ctx: &Context,
    actor: &Actor,
    options: ProgrammeDecideArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let command = Decide {
        requirement: options.id.clone(),
        outcome: options.outcome.code().to_owned(),
        measure: options.measure,
        systems: options.systems,
        reason: options.reason,
        approver: options.approver,
        decided: options.decided,
        review_by: options.review_by,
        proof: options.proof,
    };
    let id = programme::decide(ctx, actor, &command).await?;
    writeln!(out, "Written down as {id}.")?;
    stands(ctx, actor, &options.id, out).await
}

async fn answer(
    ctx: &Context,
    actor: &Actor,
    options: SelfAnswerArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let document = match &options.document {
        Some(path) => Some((input::file_name(path), input::read(path)?.into())),
        None => None,
    };
    let reply = Reply {
        requirement: options.id.clone(),
        site: options.site,
        answer: options.answer.code().to_owned(),
        note: options.note,
        evidence: options.evidence,
        document,
        owner: options.owner,
        due: options.due,
    };
    programme::reply(ctx, actor, reply).await?;
    writeln!(out, "Saved.")?;
    stands(ctx, actor, &options.id, out).await
}

/// How the requirement stands now.
async fn stands(ctx: &Context, actor: &Actor, id: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let row = programme::get(ctx, actor, id).await?.row;
    writeln!(out, "{} stands as {}: {}", row.citation, row.state.code(), row.reason)?;
    Ok(())
}
