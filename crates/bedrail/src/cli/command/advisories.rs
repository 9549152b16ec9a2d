//! `bedrail advisories`: taking in and looking at advisories about medical devices.

use std::io::{self, BufWriter, Write};

use bedrail_app::clock::Clock;
use bedrail_app::medical::provider::{self, Origin};
use bedrail_app::medical::{self, MedicalFilter};
use bedrail_app::page::PageRequest;

use super::session;
use crate::cli::args::{Advisories, AdvisoriesCommand, Place, TableOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::advisories;
use crate::cli::terminal::Look;

pub(crate) fn run(place: &Place, options: Advisories) -> Result<Exit, Failure> {
    let database = match &options.command {
        AdvisoriesCommand::Import { database, .. }
        | AdvisoriesCommand::Update { database, .. }
        | AdvisoriesCommand::Providers { database, .. }
        | AdvisoriesCommand::AddProvider { database, .. }
        | AdvisoriesCommand::RemoveProvider { database, .. }
        | AdvisoriesCommand::List { database, .. }
        | AdvisoriesCommand::Show { database, .. } => database.clone(),
    };
    session::block_on(async {
        let settings = session::settings(place, &database, Clock::System);
        let (ctx, actor) = session::open(settings, &database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        let exit = match options.command {
            AdvisoriesCommand::Import { path, .. } => {
                let report = medical::import(&ctx, &actor, &path).await?;
                advisories::write_report(&report, &mut out)?;
                // What was not taken in is missing from every answer.
                if report.refused.is_empty() { Exit::Success } else { Exit::Incomplete }
            }
            AdvisoriesCommand::Update { mirror, .. } => {
                let origin = mirror.map_or_else(Origin::from_env, Origin::Mirror);
                let reports = provider::update(&ctx, &actor, &origin).await?;
                advisories::write_update(&reports, &mut out)?;
                // What could not be read is missing from every answer.
                if reports.iter().all(|it| it.problems.is_empty()) { Exit::Success } else { Exit::Incomplete }
            }
            AdvisoriesCommand::Providers { format, .. } => {
                let list = provider::list(&ctx, &actor).await?;
                match format {
                    TableOrJson::Table => advisories::write_providers(&list, Look::of_stdout(), &mut out)?,
                    TableOrJson::Json => advisories::write_providers_json(&list, &mut out)?,
                }
                Exit::Success
            }
            AdvisoriesCommand::AddProvider { provider, namespace, .. } => {
                let url = provider::add(&ctx, &actor, &provider, &namespace).await?;
                writeln!(out, "added: {url}; `bedrail advisories update` fetches from it")?;
                Exit::Success
            }
            AdvisoriesCommand::RemoveProvider { provider, .. } => {
                provider::remove(&ctx, &actor, &provider).await?;
                writeln!(out, "taken away: {provider}; what was fetched from it stays")?;
                Exit::Success
            }
            AdvisoriesCommand::List { text, all, limit, format, .. } => {
                let request = PageRequest::at(0, limit);
                let filter = MedicalFilter { text, standing: None, foreign: all };
                let list = medical::list(&ctx, &actor, &filter, &request).await?;
                match format {
                    TableOrJson::Table => advisories::write_table(&list, Look::of_stdout(), &mut out)?,
                    TableOrJson::Json => advisories::write_json(&list, &mut out)?,
                }
                Exit::Success
            }
            AdvisoriesCommand::Show { id, format, .. } => {
                let detail = medical::get(&ctx, &actor, &id).await?;
                match format {
                    TableOrJson::Table => advisories::write_one(&detail, Look::of_stdout(), &mut out)?,
                    TableOrJson::Json => advisories::write_one_json(&detail, &mut out)?,
                }
                Exit::Success
            }
        };
        out.flush()?;
        Ok(exit)
    })
}
