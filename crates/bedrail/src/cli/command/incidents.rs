//! `bedrail incidents`: from what happened to whom is told.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrail_app::clock::Clock;
use bedrail_app::incidents::LetterFormat;
use bedrail_app::{Actor, Context, incidents};
use bedrail_model::ids::IncidentId;

use super::session;
use crate::cli::args::incidents::{AssessArgs, EventArgs, LetterArgs, OpenArgs};
use crate::cli::args::{Database, IncidentCommand, Incidents, Place, TableOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::incidents as shown;
use crate::cli::terminal::Look;
use crate::web::taken_incident::{
    AssessmentSent, EventSent, FactorSent, LetterSent, OpenSent, SendingSent, states,
};

pub(crate) fn run(place: &Place, options: &Incidents) -> Result<Exit, Failure> {
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

fn database(command: &IncidentCommand) -> &Database {
    match command {
        IncidentCommand::List { database, .. }
        | IncidentCommand::Show { database, .. }
        | IncidentCommand::Attach { database, .. }
        | IncidentCommand::Step { database, .. }
        | IncidentCommand::Decide { database, .. }
        | IncidentCommand::Reader { database, .. }
        | IncidentCommand::Close { database, .. } => database,
        IncidentCommand::Open(options) => &options.database,
        IncidentCommand::Event(options) => &options.database,
        IncidentCommand::Assess(options) => &options.database,
        IncidentCommand::Letter(options) => &options.database,
    }
}

async fn work(
    ctx: &Context,
    actor: &Actor,
    command: &IncidentCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        IncidentCommand::List { format, .. } => {
            let rows = incidents::list(ctx, actor).await?;
            match format {
                TableOrJson::Table => shown::write_list(&rows, Look::of_stdout(), out)?,
                TableOrJson::Json => shown::write_list_json(&rows, out)?,
            }
        }
        IncidentCommand::Show { incident, format, .. } => {
            let detail = incidents::get(ctx, actor, id_of(ctx, actor, incident).await?).await?;
            match format {
                TableOrJson::Table => shown::write_detail(&detail, Look::of_stdout(), out)?,
                TableOrJson::Json => shown::write_detail_json(&detail, out)?,
            }
        }
        IncidentCommand::Open(options) => {
            let id = incidents::open(ctx, actor, &opened(options).command(ctx.clock.today())?).await?;
            let detail = incidents::get(ctx, actor, id).await?;
            writeln!(out, "opened: {id}")?;
            shown::write_detail(&detail, Look::of_stdout(), out)?;
        }
        IncidentCommand::Event(options) => {
            let id = id_of(ctx, actor, &options.incident).await?;
            let number = incidents::add_event(ctx, actor, id, event(options)?.command()?).await?;
            let detail = incidents::get(ctx, actor, id).await?;
            writeln!(out, "put down: event {number}")?;
            shown::write_clocks(&detail, Look::of_stdout(), out)?;
        }
        IncidentCommand::Attach { incident, device, alert, .. } => {
            let id = id_of(ctx, actor, incident).await?;
            let sent = OpenSent {
                kind: "other".into(),
                devices: device.clone(),
                alerts: alert.clone(),
                ..OpenSent::default()
            };
            let command = sent.command(ctx.clock.today())?;
            incidents::attach(ctx, actor, id, &command.devices, &command.alerts).await?;
            writeln!(out, "added")?;
        }
        IncidentCommand::Step { incident, step, note, .. } => {
            incidents::tick(ctx, actor, id_of(ctx, actor, incident).await?, step, note).await?;
            writeln!(out, "done: {step}")?;
        }
        IncidentCommand::Assess(options) => {
            let id = id_of(ctx, actor, &options.incident).await?;
            let seen = incidents::get(ctx, actor, id).await?.assessments.last().map_or(0, |it| it.version);
            let version = incidents::assess(ctx, actor, id, assessed(options, seen)?.command()?).await?;
            writeln!(out, "written: version {version}, a draft until it is approved")?;
        }
        IncidentCommand::Decide { incident, version, .. } => {
            let id = id_of(ctx, actor, incident).await?;
            let decided = incidents::decide(ctx, actor, id, *version).await?;
            let words = if decided.notifiable { "people are told" } else { "nobody has to be told" };
            writeln!(out, "approved: version {version}, {words}")?;
            shown::write_clocks(&incidents::get(ctx, actor, id).await?, Look::of_stdout(), out)?;
        }
        IncidentCommand::Letter(options) => letter(ctx, actor, options, out).await?,
        IncidentCommand::Reader { incident, who, reason, end, .. } => {
            let id = id_of(ctx, actor, incident).await?;
            if let Some(number) = end {
                incidents::end_reader(ctx, actor, id, *number).await?;
                writeln!(out, "taken back: reader {number}")?;
            } else {
                let text = |given: &Option<String>| given.clone().unwrap_or_default();
                let number = incidents::name_reader(ctx, actor, id, &text(who), &text(reason)).await?;
                writeln!(out, "named: reader {number}")?;
            }
        }
        IncidentCommand::Close { incident, sentence, .. } => {
            incidents::close(ctx, actor, id_of(ctx, actor, incident).await?, sentence).await?;
            writeln!(out, "closed")?;
        }
    }
    Ok(())
}

async fn letter(
    ctx: &Context,
    actor: &Actor,
    options: &LetterArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let id = id_of(ctx, actor, &options.incident).await?;
    let text = |given: &Option<String>| given.clone().unwrap_or_default();
    if let Some(number) = options.sent {
        let sent =
            SendingSent { on: text(&options.on), how: text(&options.how), proof: text(&options.proof) };
        incidents::sent(ctx, actor, id, number, &sent.command()?).await?;
        writeln!(out, "noted: letter {number} went out")?;
        shown::write_clocks(&incidents::get(ctx, actor, id).await?, Look::of_stdout(), out)?;
        return Ok(());
    }
    if let (Some(number), Some(file)) = (options.get, &options.output) {
        return write_letter(ctx, actor, (id, number), file, out).await;
    }
    let kind = options.kind.clone().ok_or_else(|| Failure::new("say which letter with --kind, or --sent"))?;
    let sent = LetterSent { kind, state: options.state.clone(), fields: pairs(&options.field)? };
    let number = incidents::write(ctx, actor, id, &sent.command()?).await?;
    let detail = incidents::get(ctx, actor, id).await?;
    writeln!(out, "written: letter {number}, a draft until it went out")?;
    if let Some(letter) = detail.letters.iter().find(|letter| letter.number == number) {
        match &options.output {
            Some(file) => {
                write_letter(ctx, actor, (id, number), file, out).await?;
            }
            None => write!(out, "\n{}", bedrail_model::text::harmless_lines(&letter.text))?,
        }
    }
    Ok(())
}

/// Writes a letter to a file in the form that its ending names; text where it names none.
async fn write_letter(
    ctx: &Context,
    actor: &Actor,
    (id, number): (IncidentId, u64),
    file: &Path,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let ending = file.extension().and_then(|it| it.to_str()).unwrap_or("txt");
    let format = LetterFormat::from_ending(ending).unwrap_or(LetterFormat::Text);
    let letter = incidents::letter_file(ctx, actor, id, number, format).await?;
    std::fs::write(file, &letter.bytes)
        .map_err(|error| Failure::because(&format!("cannot write {}", file.display()), &error))?;
    writeln!(out, "in {}", file.display())?;
    if !letter.not_shown.is_empty() {
        writeln!(
            out,
            "{} letters cannot be shown in a PDF; they stand as code points",
            letter.not_shown.len()
        )?;
    }
    Ok(())
}

fn opened(options: &OpenArgs) -> OpenSent {
    OpenSent {
        title: options.title.clone(),
        kind: options.kind.clone(),
        owner: options.owner.clone(),
        alerts: options.alert.clone(),
        devices: options.device.clone(),
        harm: Some(options.harm.clone()),
        discovered: options.discovered.clone(),
        known_by: options.known_by.clone(),
        from: options.from.clone(),
        to: options.to.clone(),
        note: options.note.clone(),
    }
}

fn event(options: &EventArgs) -> Result<EventSent, Failure> {
    Ok(EventSent {
        kind: options.kind.clone(),
        on: options.on.clone(),
        until: options.until.clone(),
        code: options.code.clone(),
        agent: options.agent,
        written: options.written,
        documented: options.documented,
        total: options.total,
        by_state: states(&options.states)?,
        state: options.state.clone(),
        note: options.note.clone(),
        corrects: options.corrects,
        privileged: options.privileged,
    })
}

fn assessed(options: &AssessArgs, seen: u64) -> Result<AssessmentSent, Failure> {
    let mut factors: BTreeMap<String, FactorSent> = BTreeMap::new();
    for (factor, answer) in pairs(&options.factor)? {
        factors.entry(factor).or_default().answer = answer;
    }
    for (factor, evidence) in pairs(&options.evidence)? {
        factors.entry(factor).or_default().evidence = evidence;
    }
    Ok(AssessmentSent {
        seen,
        secured_by: options.secured_by.clone(),
        key_apart: options.key_apart,
        exception: options.exception.clone(),
        exception_why: options.why.clone(),
        factors,
        weighed: options.weighed.clone(),
        reason: options.reason.clone(),
    })
}

/// `name=text` of each.
fn pairs(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let pair = |text: &String| {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Failure::new(format!("“{text}” is not written as NAME=TEXT")))?;
        Ok((name.trim().to_owned(), value.to_owned()))
    };
    given.iter().map(pair).collect()
}

/// An incident by its number or id.
async fn id_of(ctx: &Context, actor: &Actor, text: &str) -> Result<IncidentId, Failure> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let rows = incidents::list(ctx, actor).await?;
    let number: Option<u64> = text.trim_start_matches('#').parse().ok();
    let found = rows.iter().find(|row| Some(row.incident.number) == number).map(|row| row.incident.id);
    found.ok_or_else(|| Failure::new(format!("there is no incident “{text}”")))
}
