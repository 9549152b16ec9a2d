//! `bedrail worker`: does background jobs until told to stop.

use std::io::{self, Write};
use std::time::Duration;

use bedrail_app::clock::Clock;
use bedrail_app::jobs;

use super::session;
use crate::cli::args::{Feeds, Jobs, Place, Worker};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::memory;
use crate::stop;

pub(crate) fn run(place: &Place, options: &Worker) -> Result<Exit, Failure> {
    session::only_where_uploads_are_bounded()?;
    memory::give_back_soon();
    options.log.begin();
    session::block_on(work(place, options))
}

async fn work(place: &Place, options: &Worker) -> Result<Exit, Failure> {
    let mut settings = session::settings(place, &options.database, Clock::System);
    settings.parser = std::env::current_exe().ok();
    let (ctx, _) = session::open_first(settings).await?;
    let options = self::options(&options.jobs);
    // Listening before anybody is told that it works: who tells it to stop at once is heard.
    let stop = stop::signal();
    announce(&options)?;
    jobs::work(ctx.clone(), options, stop).await;
    ctx.close().await?;
    Ok(Exit::Success)
}

fn announce(options: &jobs::Options) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Bedrail does background jobs as {}", options.name)?;
    out.flush()
}

/// How background jobs are done, from what was typed.
pub(crate) fn options(typed: &Jobs) -> jobs::Options {
    let lease = Duration::from_secs(typed.job_lease);
    jobs::Options {
        name: format!("{} {}", host(), std::process::id()),
        at_once: typed.jobs_at_once.into(),
        lease,
        feeds: typed.feeds == Feeds::On,
        allow_private: typed.allow_private_webhooks,
        ..jobs::Options::default()
    }
}

/// The machine's name, to tell workers apart in lists.
fn host() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Some(named.trim()).filter(|name| !name.is_empty()).unwrap_or("process").to_owned()
}
