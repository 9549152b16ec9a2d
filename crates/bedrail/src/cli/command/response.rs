//! `bedrail risk`, `bedrail response` and `bedrail report`.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrail_app::clock::Clock;
use bedrail_app::reports::{self, REPORTS, ReportFormat};
use bedrail_app::sra::{self, SraReport, Workbook};
use bedrail_app::{Actor, Context, response, risk_analysis};
use bedrail_model::text::harmless;

use super::session;
use crate::cli::args::response::{
    ReportArgs, ResponseArgs, ResponseCommand, ResponsePutArgs, RiskArgs, RiskCommand, RiskJudgeArgs,
};
use crate::cli::args::{Database, Place, TableOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;
use crate::cli::output::json_text;
use crate::web::taken_response::{EntrySent, FollowUpSent, HoldingSent, JudgeSent, yes_or_no};
use crate::web::views::response::{PlanView, RiskAnalysisView};

async fn opened(place: &Place, database: &Database) -> Result<(Context, Actor), Failure> {
    Ok(session::open(session::settings(place, database, Clock::System), database).await?)
}

fn write_file(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(file, bytes)
        .map_err(|error| Failure::because(&format!("cannot write {}", file.display()), &error))
}

/// `bedrail risk`
pub(crate) fn risk(place: &Place, options: &RiskArgs) -> Result<Exit, Failure> {
    let database = match &options.command {
        RiskCommand::Show { database, .. }
        | RiskCommand::Declare { database, .. }
        | RiskCommand::Import { database, .. }
        | RiskCommand::Sign { database, .. } => database,
        RiskCommand::Judge(options) => &options.database,
    };
    session::block_on(async {
        let (ctx, actor) = opened(place, database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        match &options.command {
            RiskCommand::Show { format, .. } => show_risks(&ctx, &actor, *format, &mut out).await?,
            RiskCommand::Judge(options) => {
                risk_analysis::judge(&ctx, &actor, &judged(options).command()?).await?;
                writeln!(out, "judged: {}, {}", harmless(&options.product), options.threat)?;
            }
            RiskCommand::Declare { product, holds, what, source, .. } => {
                let holds = yes_or_no(holds)?;
                let sent =
                    HoldingSent { asset: product.clone(), holds, what: what.clone(), source: source.clone() };
                risk_analysis::declare(&ctx, &actor, &sent.command()).await?;
                writeln!(out, "noted: {}", harmless(product))?;
            }
            RiskCommand::Import { file, site, owner, due, dry_run, .. } => {
                let new = Workbook {
                    file_name: input::file_name(file),
                    document: input::read(file)?.into(),
                    site: site.clone(),
                    owner: owner.clone(),
                    due: *due,
                    dry_run: *dry_run,
                };
                write_report(&sra::import(&ctx, &actor, &new).await?, &mut out)?;
            }
            RiskCommand::Sign { scope, seen, .. } => {
                let signed = risk_analysis::sign(&ctx, &actor, scope, seen.as_deref()).await?;
                writeln!(
                    out,
                    "signed: number {}, {} devices, {} risks, {} of them judged by nobody",
                    signed.number, signed.devices, signed.lines, signed.unknown
                )?;
                writeln!(out, "sha256 {}", signed.sha256)?;
            }
        }
        out.flush()?;
        Ok(Exit::Success)
    })
}

fn write_report(it: &SraReport, out: &mut dyn Write) -> Result<(), Failure> {
    for line in &it.answers {
        let said = if line.not_taken.is_empty() { line.answer } else { line.not_taken.as_str() };
        let text = format!("{}: {said} ({})", line.citation, line.places.join("; "));
        writeln!(out, "{}", harmless(&text))?;
    }
    for line in &it.threats {
        let grade = |grade: Option<risk_analysis::Grade>| grade.map_or("unknown", |grade| grade.code());
        let text =
            format!("{}: {} x {} ({})", line.words, grade(line.likelihood), grade(line.impact), line.place);
        writeln!(out, "{}", harmless(&text))?;
    }
    for sheet in &it.unknown_sheets {
        writeln!(out, "not taken: sheet {}", harmless(sheet))?;
    }
    for (place, text) in &it.remarks {
        writeln!(out, "{}", harmless(format!("{place} {text}").trim()))?;
    }
    let kept = if it.dry_run { "would be taken" } else { "taken" };
    let held = if it.held { ", held before" } else { "" };
    writeln!(
        out,
        "{kept}: {} answers, {} threats{held}; {} questions have no response",
        it.taken(),
        it.threats.len(),
        it.unanswered
    )?;
    Ok(())
}

fn judged(options: &RiskJudgeArgs) -> JudgeSent {
    JudgeSent {
        asset: options.product.clone(),
        threat: options.threat.clone(),
        likelihood: options.likelihood.clone(),
        impact: options.impact.clone(),
        treatment: options.treatment.clone(),
        measures: options.measure.join("\n"),
        likelihood_after: options.likelihood_after.clone(),
        impact_after: options.impact_after.clone(),
        owner: options.owner.clone(),
        due: options.due.clone(),
        action: options.action.clone(),
        reason: options.reason.clone(),
    }
}

async fn show_risks(
    ctx: &Context,
    actor: &Actor,
    format: TableOrJson,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let analysis = risk_analysis::get(ctx, actor).await?;
    if matches!(format, TableOrJson::Json) {
        return Ok(json_text::write(&RiskAnalysisView::from(&analysis), out)?);
    }
    match &analysis.covered {
        None => writeln!(out, "No analysis was signed yet.")?,
        Some(it) => writeln!(
            out,
            "Number {} covers {} of {} devices of today; {} joined since.",
            it.signed.number, it.share.0, it.share.1, it.joined_total
        )?,
    }
    for line in &analysis.lines {
        writeln!(
            out,
            "{:<9} {:<20} {}: {}",
            line.residual.code(),
            line.threat.code,
            harmless(&line.asset),
            harmless(&line.shows)
        )?;
    }
    for (row, level) in &analysis.brought {
        let words = format!("{}: {} ({}, {})", row.threat, row.vulnerability, row.file_name, row.place);
        writeln!(out, "{:<9} {:<20} {}", level.code(), "from a workbook", harmless(&words))?;
    }
    writeln!(out, "seen {}", analysis.seen)?;
    Ok(())
}

/// `bedrail response`
pub(crate) fn response(place: &Place, options: &ResponseArgs) -> Result<Exit, Failure> {
    let database = match &options.command {
        ResponseCommand::Show { database, .. }
        | ResponseCommand::FollowUp { database, .. }
        | ResponseCommand::Pack { database, .. } => database,
        ResponseCommand::Put(options) => &options.database,
    };
    session::block_on(async {
        let (ctx, actor) = opened(place, database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        match &options.command {
            ResponseCommand::Show { format, .. } => show_plan(&ctx, &actor, *format, &mut out).await?,
            ResponseCommand::Put(options) => {
                response::put(&ctx, &actor, &entry(options).command()?).await?;
                writeln!(out, "put down: {} {}", options.kind, harmless(&options.name))?;
            }
            ResponseCommand::FollowUp { exercise, place, what, owner, due, proof_needed, .. } => {
                let sent = FollowUpSent {
                    exercise: exercise.clone(),
                    place: place.clone(),
                    what: what.clone(),
                    owner: owner.clone(),
                    due: due.clone(),
                    proof_needed: proof_needed.clone(),
                };
                let action = response::follow(&ctx, &actor, &sent.command()?).await?;
                writeln!(out, "put down: action {action}, {} until {due}", harmless(owner))?;
            }
            ResponseCommand::Pack { output, .. } => {
                let pack = response::pack(&ctx, &actor).await?;
                fs::create_dir_all(output).map_err(|error| {
                    Failure::because(&format!("cannot make {}", output.display()), &error)
                })?;
                for file in &pack.files {
                    write_file(&output.join(&file.name), &file.bytes)?;
                    writeln!(out, "{}", output.join(&file.name).display())?;
                }
                if pack.left_out > 0 {
                    writeln!(out, "{} devices are not listed, for there are too many", pack.left_out)?;
                }
            }
        }
        out.flush()?;
        Ok(Exit::Success)
    })
}

fn entry(options: &ResponsePutArgs) -> EntrySent {
    EntrySent {
        kind: options.kind.clone(),
        name: options.name.clone(),
        place: options.place.clone(),
        rank: options.rank,
        person: options.person.clone(),
        reach: options.reach.clone(),
        body: options.line.join("\n"),
        follow_ups: options.follow_up.join("\n"),
        day: options.day.clone(),
        withdrawn: options.withdraw,
    }
}

async fn show_plan(
    ctx: &Context,
    actor: &Actor,
    format: TableOrJson,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let plan = response::get(ctx, actor).await?;
    if matches!(format, TableOrJson::Json) {
        return Ok(json_text::write(&PlanView::from(&plan), out)?);
    }
    for row in &plan.entries {
        let parts = [row.kind.as_str(), &row.place, &row.name, &row.person, &row.reach];
        let line = parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("  ");
        writeln!(out, "{}", harmless(&line))?;
        for line in row.body.lines() {
            writeln!(out, "    {}", harmless(line))?;
        }
        for it in plan.follow_ups.iter().filter(|it| it.is_of(row)) {
            let who = it.action.as_ref().map(|action| format!(", {} until {}", action.owner, action.due));
            let line = format!("follows: {} ({}{})", it.what, it.stage(), who.unwrap_or_default());
            writeln!(out, "    {}", harmless(&line))?;
        }
    }
    writeln!(out, "{} of {} wards have no downtime steps", plan.wards_without.len(), plan.wards)?;
    Ok(())
}

/// `bedrail report`
pub(crate) fn report(place: &Place, options: &ReportArgs) -> Result<Exit, Failure> {
    let format = ReportFormat::from_ending(&options.format)
        .ok_or_else(|| Failure::new("--format is pdf, xlsx or html"))?;
    if reports::named(&options.name).is_err() {
        let names: Vec<&str> = REPORTS.iter().map(|row| row.name).collect();
        let fault = Failure::new(format!("there is no report “{}”", harmless(&options.name)));
        return Err(fault.hint(format!("one of {}", names.join(", "))));
    }
    session::block_on(async {
        let (ctx, actor) = opened(place, &options.database).await?;
        let file = reports::file(&ctx, &actor, &options.name, format).await?;
        write_file(&options.output, &file.bytes)?;
        let mut out = io::stdout().lock();
        writeln!(out, "in {}", options.output.display())?;
        if !file.not_shown.is_empty() {
            writeln!(
                out,
                "{} letters cannot be shown in a PDF; they stand as code points",
                file.not_shown.len()
            )?;
        }
        Ok(Exit::Success)
    })
}
