//! `bedrail demo`: the sample hospital, loaded or written out.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrail_app::demo::{self, LoadReport};
use bedrail_app::page::PageRequest;
use bedrail_app::{Actor, Context, devices};
use indicatif::{ProgressBar, ProgressStyle};

use super::session;
use crate::cli::args::{Demo, DemoCommand, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

pub(crate) fn run(place: &Place, options: Demo) -> Result<Exit, Failure> {
    match options.command {
        DemoCommand::Load { if_empty, database, as_of } => {
            let settings = session::settings(place, &database, as_of.clock());
            session::block_on(async {
                let (ctx, actor) = session::open_as(settings, &database, demo::ORGANISATION).await?;
                load(&ctx, &actor, if_empty).await
            })
        }
        DemoCommand::Write { folder } => write(&folder),
    }
}

async fn load(ctx: &Context, actor: &Actor, if_empty: bool) -> Result<Exit, Failure> {
    if if_empty && has_devices(ctx, actor).await? {
        return Ok(Exit::Success);
    }
    let bar = progress_bar();
    let show = |what: &str, done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_message(what.to_owned());
        bar.set_position(done as u64);
    };
    let report = demo::load(ctx, actor, &show).await?;
    bar.finish_and_clear();
    tell(&report, &mut BufWriter::new(io::stdout().lock()))?;
    Ok(Exit::Success)
}

async fn has_devices(ctx: &Context, actor: &Actor) -> Result<bool, Failure> {
    let first = PageRequest::at(0, 1);
    Ok(devices::list(ctx, actor, &devices::DeviceFilter::default(), &first).await?.total > 0)
}

fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:<20} {wide_bar} {pos}/{len}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

fn tell(report: &LoadReport, out: &mut impl Write) -> io::Result<()> {
    let devices = report.devices.rows.len();
    if report.devices_added() == 0 && report.sboms_unchanged == report.sboms {
        writeln!(out, "The sample hospital was loaded already; nothing changed.")?;
    } else {
        let sboms = report.sboms;
        writeln!(out, "Loaded the sample hospital: {devices} devices, {sboms} bills of materials.")?;
    }
    writeln!(out, "Everything in it is made up: the hospital, its people, the makers and their products.")?;
    writeln!(out)?;
    writeln!(out, "Try next:")?;
    writeln!(out, "  bedrail affected CVE-2021-44228")?;
    writeln!(out, "  bedrail affected CVE-2021-44228 --exposed")?;
    writeln!(out, "  bedrail affected log4j")?;
    writeln!(out, "  bedrail serve")?;
    out.flush()
}

fn write(folder: &Path) -> Result<Exit, Failure> {
    let doing = format!("cannot write the sample to {}", folder.display());
    let files = demo::write_to(folder).map_err(|error| Failure::because(&doing, &error))?;
    writeln!(
        io::stdout().lock(),
        "Wrote {files} files to {}: devices.csv and sboms/. Everything in them is made up.",
        folder.display()
    )?;
    Ok(Exit::Success)
}
