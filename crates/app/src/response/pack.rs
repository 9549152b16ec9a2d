//! The pack: one page to print, one PDF, one HTML file and their hashes. It needs nothing but a screen or paper.

use std::path::PathBuf;
use std::sync::Arc;

use bedrail_model::clinical::{Harm, harm_of_kind};
use bedrail_model::device::Exposure;
use bedrail_press::{Block, Column, Document, Table, text};
use bedrail_store::View;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use super::{EntryKind, EntryRow, Plan, get, ward_name};
use crate::fleet::Fleet;
use crate::jobs::run::{Ended, Run, Stop};
use crate::kept::{Kept, Worked};
use crate::organisations::Round;
use crate::rights::Right;
use crate::{Actor, Context, Error, kept, organisations};

/// Devices that a pack lists; the rest is counted by ward and said to be left out.
const MOST_DEVICES: usize = 6_000;

/// Downtime steps that a pack prints; the rest is counted and said to be left out.
const MOST_STEPS: usize = 6_000;

/// A file of the pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Its files: `index.html`, `response-pack.pdf`, `SHA256SUMS`.
    pub files: Vec<PackFile>,
    /// All of them as one ZIP.
    pub zip: Vec<u8>,
    /// Devices that are not listed, for there are too many.
    pub left_out: u64,
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn table(caption: &str, columns: &[(&str, f32)], rows: Vec<Vec<String>>, empty: &str) -> Block {
    Block::Table(Table {
        caption: caption.to_owned(),
        columns: columns.iter().map(|(head, share)| Column::words(*head, *share)).collect(),
        rows,
        empty: empty.to_owned(),
    })
}

fn heading(words: impl Into<String>) -> Block {
    Block::Heading(1, words.into())
}

fn contacts(plan: &Plan) -> Vec<Block> {
    let row = |(index, it): (usize, &EntryRow)| {
        vec![(index + 1).to_string(), it.name.clone(), it.person.clone(), it.reach.clone(), it.body.clone()]
    };
    let columns = [("", 0.4), ("Role", 2.0), ("Who", 2.0), ("Reached by", 2.5), ("When", 3.0)];
    let rows = plan.of(EntryKind::Contact).enumerate().map(row).collect();
    vec![
        heading("Who is called, in this order"),
        text("By telephone. Mail and chat may be read by whoever is inside."),
        table("Contacts", &columns, rows, "Nobody put a contact down."),
    ]
}

fn downtime(plan: &Plan) -> Vec<Block> {
    let mut all = vec![heading("How wards work without the network")];
    let (mut left, mut left_out) = (MOST_STEPS, 0);
    for it in plan.of(EntryKind::Downtime) {
        let mut steps = lines(&it.body);
        left_out += steps.len().saturating_sub(left);
        steps.truncate(left);
        left -= steps.len();
        all.push(Block::Heading(2, ward_name(&it.place, &it.name)));
        all.push(Block::Ticks(steps));
    }
    if left_out > 0 {
        all.push(text(format!("{left_out} more steps are not printed here; the plan in Bedrail has them.")));
    }
    if !plan.wards_without.is_empty() {
        all.push(text("Wards without downtime steps: nobody wrote any down."));
        all.push(Block::List(plan.wards_without.clone()));
    }
    all
}

fn disconnect(plan: &Plan) -> Vec<Block> {
    let row = |it: &EntryRow| {
        let what = if it.place.is_empty() { it.name.clone() } else { format!("{} ({})", it.name, it.place) };
        vec![what, it.person.clone(), it.reach.clone(), it.body.clone()]
    };
    let columns = [("What", 2.0), ("Who decides", 2.0), ("Reached by", 2.0), ("Only when", 4.0)];
    let rows = plan.of(EntryKind::Disconnect).map(row).collect();
    vec![
        heading("Who may disconnect what"),
        text(
            "What is not in this list is disconnected by nobody before the ward has said that no patient is on it.",
        ),
        table("May disconnect", &columns, rows, "Nobody wrote down who may disconnect anything."),
    ]
}

fn playbooks(plan: &Plan) -> Vec<Block> {
    let mut all = vec![heading("Playbooks")];
    for it in &plan.playbooks {
        all.push(Block::Heading(2, it.title.clone()));
        all.push(Block::List(it.signs.clone()));
        all.push(Block::Ticks(it.steps.clone()));
    }
    all
}

fn reach(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::Outside => "faces the outside",
        Exposure::Flat => "flat network",
        Exposure::Unknown => "not known",
        Exposure::Isolated => "segment of its own",
        Exposure::Offline => "not connected",
    }
}

/// Devices by what their failure does to a patient: the worst first, and those of a kind that is not known before the harmless ones.
fn devices(fleet: &Fleet) -> (Vec<Block>, u64) {
    let rank = |harm: Option<Harm>| match harm {
        Some(harm @ (Harm::Catastrophic | Harm::Critical | Harm::Serious)) => 5 - harm as u8,
        None => 3,
        Some(harm) => 6 - harm as u8,
    };
    let mut all: Vec<_> =
        fleet.devices.list.iter().map(|device| (harm_of_kind(device.kind.as_deref()), device)).collect();
    all.sort_by_key(|(harm, device)| (rank(*harm), device.place));
    let left_out = all.len().saturating_sub(MOST_DEVICES);
    let row = |(harm, device): &(Option<Harm>, &Arc<crate::fleet::Device>)| {
        let place = &fleet.devices.places[device.place as usize];
        vec![
            harm.map_or("not known", Harm::code).to_owned(),
            device.name.to_string(),
            fleet.release_of(device.class).name.clone(),
            ward_name(&place.site, &place.ward),
            reach(device.exposure).to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().take(MOST_DEVICES).map(row).collect();
    let columns = [("Harm", 1.2), ("Device", 2.0), ("Product", 2.6), ("Where", 2.6), ("Network", 1.4)];
    let mut blocks = vec![
        Block::NewPage,
        heading("Devices by patient harm"),
        text(
            "What a failure of the kind of device can do, by a table of our own; the words are FDA's. Where the kind is not said, it is not known.",
        ),
        table("Devices", &columns, rows, "There are no devices in the list."),
    ];
    if left_out > 0 {
        blocks.push(text(format!("{left_out} more devices of less harm are not listed here.")));
    }
    (blocks, left_out as u64)
}

/// The pack of an organisation, kept until something changes or the day ends.
#[derive(Debug)]
pub(crate) struct Packed(Arc<Pack>);

impl Worked for Packed {
    const WHAT: &'static str = "the pack for incidents";

    fn kept(ctx: &Context) -> &Kept<Packed> {
        &ctx.inner.packs
    }

    /// However many devices there are, who just wrote a contact down finds it in the pack.
    fn is_small(&self) -> bool {
        true
    }

    /// Its first line says of which day it is.
    fn holds(at: Timestamp, now: Timestamp) -> bool {
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        day(at) == day(now)
    }

    /// The same plan and devices at the same moment are the same bytes.
    async fn make(ctx: &Context, fleet: Arc<Fleet>, view: &View) -> Result<Packed, Error> {
        let actor = Actor::system(view.org());
        let plan = get(ctx, &actor).await?;
        let organisation = organisations::present(ctx, &actor).await?.name;
        let made = tokio::task::spawn_blocking(move || press(&plan, organisation, &fleet)).await;
        Ok(Packed(Arc::new(made.map_err(|error| Error::Internal(Box::new(error)))??)))
    }
}

/// The pack. One that was made before is given again for as long as nothing changed and the day is the same.
///
/// # Errors
/// When the actor may not see the fleet, or the database cannot be used.
pub async fn pack(ctx: &Context, actor: &Actor) -> Result<Arc<Pack>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    Ok(kept::get::<Packed>(ctx, &fleet, &view).await?.value.0.clone())
}

fn press(plan: &Plan, organisation: String, fleet: &Fleet) -> Result<Pack, Error> {
    let (listed, left_out) = devices(fleet);
    let mut blocks = contacts(plan);
    blocks.extend(disconnect(plan));
    blocks.extend(downtime(plan));
    blocks.extend(playbooks(plan));
    blocks.extend(listed);
    let document = Document {
        title: "Incident response pack".to_owned(),
        organisation,
        at: plan.at,
        mark: format!("as of {}; print it anew each month", plan.at.strftime("%Y-%m-%d")),
        letter: false,
        blocks,
    };
    let fault = |error: bedrail_press::PressError| Error::Internal(Box::new(error));
    let html = bedrail_press::html(&document).map_err(fault)?.into_bytes();
    let pdf = bedrail_press::pdf(&document).map_err(fault)?.bytes;
    let mut files = vec![
        PackFile { name: "index.html".to_owned(), bytes: html },
        PackFile { name: "response-pack.pdf".to_owned(), bytes: pdf },
    ];
    let sums: String = files
        .iter()
        .map(|file| format!("{}  {}\n", hex::encode(Sha256::digest(&file.bytes)), file.name))
        .collect();
    files.push(PackFile { name: "SHA256SUMS".to_owned(), bytes: sums.into_bytes() });
    let parts: Vec<(&str, &[u8])> =
        files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())).collect();
    let zip = bedrail_press::bundle(&parts).map_err(fault)?;
    Ok(Pack { files, zip, left_out })
}

/// Where the pack of the day lies: a folder of its own for each organisation.
fn folder(ctx: &Context, actor: &Actor) -> PathBuf {
    ctx.data_dir.join("response").join(actor.org.to_string())
}

/// Writes the pack of an organisation into the data folder, whole or not at all.
async fn refresh(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let made = pack(ctx, actor).await?;
    let folder = folder(ctx, actor);
    std::fs::create_dir_all(&folder)?;
    let whole = PackFile { name: "pack.zip".to_owned(), bytes: made.zip.clone() };
    for file in made.files.iter().chain([&whole]) {
        let mut beside = tempfile::NamedTempFile::new_in(&folder)?;
        std::io::Write::write_all(&mut beside, &file.bytes)?;
        beside.persist(folder.join(&file.name)).map_err(|error| Error::from(error.error))?;
    }
    Ok(())
}

/// Writes the pack of each organisation into the data folder, so that it is there when the server is not.
pub(crate) async fn refresh_all(run: Run) -> Result<Ended, Stop> {
    let mut round = Round::of(&run.ctx, "packing, organisations").await?;
    while let Some(actor) = round.next() {
        run.tell_of(&round);
        let packed = refresh(&run.ctx, &actor).await;
        round.done(&actor, packed);
    }
    Ok(Ended::With(format!("{} organisations packed", round.end()?)))
}
