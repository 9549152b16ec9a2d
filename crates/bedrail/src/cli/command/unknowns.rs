//! `bedrail unknowns`: what is not known, whom to ask, and what was answered.

use std::io::{self, BufWriter, Write};

use bedrail_app::answered::{self, Fact, Holds, Record};
use bedrail_app::clock::Clock;
use bedrail_app::page::{MAX_LIMIT, PageRequest};
use bedrail_app::unknowns::{self, Ask, Kind, UnknownFilter};
use bedrail_app::{Actor, Context, bills};

use super::session;
use crate::cli::args::{AnswerArgs, Place, QuestionFormat, TableOrJson, UnknownsArgs, UnknownsCommand};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::unknowns as shown;
use crate::cli::terminal::Look;
use crate::unknown_question::question;

pub(crate) fn run(place: &Place, options: UnknownsArgs) -> Result<Exit, Failure> {
    let database = match &options.command {
        UnknownsCommand::List { database, .. }
        | UnknownsCommand::Ask { database, .. }
        | UnknownsCommand::Answers { database, .. }
        | UnknownsCommand::TakeBack { database, .. } => database.clone(),
        UnknownsCommand::Answer(answer) => answer.database.clone(),
    };
    session::block_on(async {
        let settings = session::settings(place, &database, Clock::System);
        let (ctx, actor) = session::open(settings, &database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        match options.command {
            UnknownsCommand::List { text, kind, limit, format, .. } => {
                let kind = kind.as_deref().map(kind_of).transpose()?;
                let filter = UnknownFilter { text, kind };
                let list = unknowns::list(&ctx, &actor, &filter, &PageRequest::at(0, limit)).await?;
                match format {
                    TableOrJson::Table => shown::write_table(&list, Look::of_stdout(), &mut out)?,
                    TableOrJson::Json => shown::write_json(&list, &mut out)?,
                }
            }
            UnknownsCommand::Ask { key, whom, owner, due, format, .. } => {
                let detail = unknowns::get(&ctx, &actor, &key).await?;
                match format {
                    QuestionFormat::Question => out.write_all(question(&detail).as_bytes())?,
                    QuestionFormat::Json => shown::write_one_json(&detail, &mut out)?,
                }
                if let (Some(whom), Some(owner), Some(due)) = (whom, owner, due) {
                    let id = unknowns::ask(&ctx, &actor, &Ask { key, whom, owner, due }).await?;
                    // Beside the question, which may go into a file or a mail.
                    writeln!(io::stderr(), "noted: action {id}")?;
                }
            }
            UnknownsCommand::Answer(answer) => {
                let command = record(&ctx, &actor, &answer).await?;
                let done = answered::record(&ctx, &actor, command).await?;
                shown::write_recorded(&done, &mut out)?;
            }
            UnknownsCommand::Answers { release, format, .. } => {
                let release = match release {
                    Some(text) => Some(bills::find(&ctx, &actor, &text).await?),
                    None => None,
                };
                let list = answered::list(&ctx, &actor, release, &PageRequest::at(0, MAX_LIMIT)).await?;
                match format {
                    TableOrJson::Table => shown::write_facts(&list, Look::of_stdout(), &mut out)?,
                    TableOrJson::Json => shown::write_facts_json(&list, &mut out)?,
                }
            }
            UnknownsCommand::TakeBack { id, reason, .. } => {
                let id = id.parse().map_err(|error| Failure::because("that is no answer", &error))?;
                answered::revoke(&ctx, &actor, id, &reason).await?;
                writeln!(out, "taken back: {id}")?;
            }
        }
        out.flush()?;
        Ok(Exit::Success)
    })
}

fn kind_of(text: &str) -> Result<Kind, Failure> {
    Kind::from_code(text).ok_or_else(|| {
        let all: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        Failure::new(format!("`{text}` is no kind of fact")).hint(format!("one of {}", all.join(", ")))
    })
}

async fn record(ctx: &Context, actor: &Actor, answer: &AnswerArgs) -> Result<Record, Failure> {
    let mut holds = Vec::new();
    for text in &answer.release {
        holds.push(Holds::Release(bills::find(ctx, actor, text).await?));
    }
    if let Some(model) = &answer.model {
        let maker = answer.maker.clone().unwrap_or_default();
        holds.push(Holds::Model { maker, model: model.clone() });
    }
    let text = |text: &Option<String>| text.clone();
    let contains = text(&answer.contains).map(|name| Fact::Contains {
        name,
        version: answer.version.clone().unwrap_or_default(),
        purl: answer.purl.clone(),
        cpe: None,
    });
    let fact = text(&answer.runs_on)
        .map(Fact::RunsOn)
        .or(contains)
        .or_else(|| text(&answer.has).map(Fact::Has))
        .or_else(|| text(&answer.has_not).map(Fact::HasNot))
        .or_else(|| text(&answer.lacks).map(Fact::Lacks));
    let document = match &answer.document {
        Some(path) => {
            let name = path
                .file_name()
                .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
            Some((name, input::read(path)?.into()))
        }
        None => None,
    };
    Ok(Record {
        holds,
        fact: fact.ok_or_else(|| Failure::new("the answer is missing"))?,
        said_by: answer.said_by.clone(),
        said_on: answer.said_on,
        source: answer.source.clone(),
        document,
        question: answer.key.clone(),
    })
}
