//! `bedrail people`: the roster, what is asked of people, policies.

use std::io::{self, BufWriter, Write};

use bedrail_app::clock::Clock;
use bedrail_app::page::{MAX_LIMIT, PageRequest};
use bedrail_app::workforce::import::{self, ImportRoster, Outcome, Report};
use bedrail_app::workforce::roster::{self, Looked};
use bedrail_app::workforce::sheets::{self, SignedList};
use bedrail_app::workforce::{duties, night, policies, training, wording};
use bedrail_app::{Actor, Context};
use bedrail_model::text::harmless;
use bedrail_model::workforce::DutyKind;

use super::session;
use crate::cli::args::{PeopleArgs, PeopleCommand, Place, TableOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::grid::{Text, Tone, grid};
use crate::cli::output::json_text;
use crate::cli::terminal::Look;
use crate::web::views::workforce::{PolicyRowView, ReportView, StandingView, WorkerView};

pub(crate) fn run(place: &Place, options: PeopleArgs) -> Result<Exit, Failure> {
    let database = options.command.database().clone();
    session::block_on(async {
        let settings = session::settings(place, &database, Clock::System);
        let (ctx, actor) = session::open(settings, &database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        work(&ctx, &actor, options.command, &mut out).await?;
        out.flush()?;
        Ok(Exit::Success)
    })
}

async fn work(
    ctx: &Context,
    actor: &Actor,
    command: PeopleCommand,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match command {
        PeopleCommand::Roster { text, ward, format, .. } => {
            let looked = Looked { text, ward, stage: "here".to_owned(), ..Looked::default() };
            people(ctx, actor, &looked, format, out).await?;
        }
        PeopleCommand::Import { file, dry_run, completions, format, .. } => {
            let document = input::read(&file)?.into();
            let command = ImportRoster { file_name: input::file_name(&file), document, dry_run };
            let report = match completions {
                true => training::import(ctx, actor, command).await?,
                false => import::roster(ctx, actor, command).await?,
            };
            match format {
                TableOrJson::Table => write_report(&report, dry_run, out)?,
                TableOrJson::Json => json_text::write(&ReportView::from(&report), out)?,
            }
        }
        PeopleCommand::Leave { person, last, .. } => {
            let last = last.unwrap_or_else(|| ctx.clock.today());
            let followed = roster::leave(ctx, actor, person, last).await?;
            writeln!(out, "last day {last}; {}", followed.words())?;
        }
        PeopleCommand::Bring { policy, file, note, .. } => {
            let document = (input::file_name(&file), input::read(&file)?.into());
            let version = policies::bring(ctx, actor, policy, document, &note).await?;
            let (_, brought) = policies::version(ctx, actor, policy, version).await?;
            writeln!(out, "version {version}: {} bytes of words", brought.body.len())?;
            for sentence in &brought.left_out {
                writeln!(out, "{sentence}")?;
            }
        }
        PeopleCommand::Signed { asked, list, scan, dry_run, format, .. } => {
            let file = |path: &std::path::Path| -> Result<_, Failure> {
                Ok((input::file_name(path), input::read(path)?.into()))
            };
            let scan = scan.as_deref().map(file).transpose()?;
            let command = SignedList { list: file(&list)?, scan, dry_run };
            let report = sheets::take_list(ctx, actor, asked, &command).await?;
            match format {
                TableOrJson::Table => write_report(&report, dry_run, out)?,
                TableOrJson::Json => json_text::write(&ReportView::from(&report), out)?,
            }
        }
        PeopleCommand::Policies { on, text, format, .. } => {
            let mut listed = policies::list(ctx, actor, on).await?;
            if let Some(text) = text {
                let found = wording::find(ctx, actor, &text).await?;
                listed.rows.retain(|row| found.iter().any(|it| it.policy == row.policy.id));
            }
            match format {
                TableOrJson::Table => write_policies(&listed, out)?,
                TableOrJson::Json => {
                    let rows: Vec<_> = listed.rows.iter().map(PolicyRowView::from).collect();
                    json_text::write(&rows, out)?;
                }
            }
        }
        PeopleCommand::Asked { format, .. } => {
            let rows = duties::list(ctx, actor, DutyKind::ALL).await?;
            match format {
                TableOrJson::Table => write_asked(&rows, out)?,
                TableOrJson::Json => {
                    let rows: Vec<_> = rows.iter().map(StandingView::from).collect();
                    json_text::write(&rows, out)?;
                }
            }
        }
        PeopleCommand::Night { .. } => {
            let night = night::run(ctx, actor).await?;
            writeln!(out, "{}, {} reminded", night.followed.words(), night.reminded)?;
        }
    }
    Ok(())
}

async fn people(
    ctx: &Context,
    actor: &Actor,
    looked: &Looked,
    format: TableOrJson,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut all = Vec::new();
    loop {
        let page = PageRequest::at(all.len() as u64, MAX_LIMIT);
        let found = roster::list(ctx, actor, looked, &page).await?;
        let more = !found.rows.is_empty()
            && (all.len() + found.rows.len()) < usize::try_from(found.total).unwrap_or(0);
        all.extend(found.rows);
        if !more {
            break;
        }
    }
    if let TableOrJson::Json = format {
        let rows: Vec<_> = all.iter().map(WorkerView::from).collect();
        return Ok(json_text::write(&rows, out)?);
    }
    let row = |it: &bedrail_model::workforce::Worker| {
        vec![
            Text::from(it.name.as_str()),
            Text::from(it.mail.clone().unwrap_or_default()),
            Text::from(it.roles.join(", ")),
            Text::from(it.ward.as_str()),
            Text::from(it.site.as_str()),
            Text::from(it.id.to_string()),
        ]
    };
    writeln!(out, "{} here", all.len())?;
    let header = ["Name", "Mail", "Roles", "Ward", "Site", "Id"];
    write!(out, "{}", grid(&header, all.iter().map(row), Look::of_stdout()))?;
    Ok(())
}

fn write_report(report: &Report, dry_run: bool, out: &mut dyn Write) -> io::Result<()> {
    let begin = if dry_run { "would be" } else { "were" };
    writeln!(
        out,
        "{} new and {} changed {begin} taken over; {} unchanged, {} refused",
        report.added, report.changed, report.unchanged, report.refused
    )?;
    for line in &report.lines {
        let words = match &line.outcome {
            Outcome::Added => "new".to_owned(),
            Outcome::Changed(what) => format!("changed: {}", what.join(", ")),
            Outcome::Unchanged => continue,
            Outcome::Refused(why) => format!("refused: {why}"),
        };
        writeln!(out, "line {}: {} {}", line.number, harmless(&line.name), harmless(&words))?;
    }
    if report.absent > 0 {
        writeln!(out, "{} of the roster are not in the file and stay as they are", report.absent)?;
    }
    Ok(())
}

fn write_policies(listed: &policies::Policies, out: &mut dyn Write) -> io::Result<()> {
    let row = |it: &policies::Row| {
        vec![
            Text::from(it.policy.title.as_str()),
            Text::from(
                it.in_force
                    .as_ref()
                    .map_or_else(|| "nothing in force".to_owned(), |it| format!("version {}", it.version)),
            ),
            Text::from(it.draft.as_ref().map(|it| format!("draft {}", it.version)).unwrap_or_default()),
            Text::from(
                it.signing.map(|(_, tally)| format!("{} of {}", tally.done, tally.asked)).unwrap_or_default(),
            ),
            Text::from(it.policy.review_by.map(|day| day.to_string()).unwrap_or_default()),
            Text::toned(it.policy.id.to_string(), Tone::Faint),
        ]
    };
    let header = ["Policy", "In force", "Draft", "Signed", "Look again by", "Id"];
    write!(out, "{}", grid(&header, listed.rows.iter().map(row), Look::of_stdout()))?;
    writeln!(out, "{} templates wait", listed.open.len())
}

fn write_asked(rows: &[duties::Standing], out: &mut dyn Write) -> io::Result<()> {
    let row = |it: &duties::Standing| {
        vec![
            Text::from(it.duty.title.as_str()),
            Text::from(it.duty.kind.words()),
            Text::from(it.duty.roles.join(", ")),
            Text::from(format!("{} of {}", it.tally.done, it.tally.asked)),
            Text::from(it.tally.late.to_string()),
            Text::toned(it.duty.id.to_string(), Tone::Faint),
        ]
    };
    let header = ["What", "Kind", "Asked of", "Done", "Late", "Id"];
    write!(out, "{}", grid(&header, rows.iter().map(row), Look::of_stdout()))
}
