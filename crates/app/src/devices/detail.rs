//! One device with all that is known of it.

use std::collections::BTreeMap;

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ids::{ContentId, DeviceId};
use bedrail_store::{View, devices, findings, sboms};
use jiff::Timestamp;

use super::{DeviceDetail, listing, sources};
use crate::decisions::{Rulings, single};
use crate::exposure::reach;
use crate::feeds::DataDir;
use crate::firewall;
use crate::fleet::Fleet;
use crate::showing;
use crate::support::{self, Support};
use crate::{Context, Error};

/// Names shown of each group of components that cannot be judged.
const SOME_NAMES: usize = 10;
/// Entries of the timeline.
const TIMELINE: usize = 50;

pub(super) async fn load(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    id: DeviceId,
) -> Result<DeviceDetail, Error> {
    let missing = || Error::not_found(format!("device {id}"));
    let row = devices::get_one(view, id).await?.ok_or_else(missing)?;
    let class = *fleet.products.class_index.get(&row.class).ok_or_else(missing)?;
    let (content, release) = (fleet.content_of(class), fleet.release_of(class).row.id);
    let bill = fleet.release_of(class).row.content;
    let standing = findings::of_class(view, row.class).await?;
    let rulings = Rulings::of(ctx, view).await?;
    let own = single::said(ctx, fleet, view, &rulings, (id, class)).await?;
    let mut shown = vec![listing::shown_row(fleet, &row).ok_or_else(missing)?];
    single::correct(ctx, fleet, view, &mut shown).await?;
    let timeline = timeline(view, &row, release).await?;
    let mut reaches = reach::of_devices(fleet, view, &[&row], ctx.clock.now()).await?;
    let said = sources::words(&row.sources);
    let findings = showing::findings(fleet, view, (class, &rulings, own), standing).await?;
    let before = firewall::standing(ctx, view, fleet).await?;
    let open = findings.iter().filter(|it| it.answer != Answer::NotAffected).map(|it| &it.weakness);
    let open: Vec<(&str, &[String])> = open.map(|it| (it.id.as_str(), it.aliases.as_slice())).collect();
    Ok(DeviceDetail {
        sources: said,
        between: before.before(id, &open),
        findings,
        not_assessed: content.map_or_else(Vec::new, |content| not_assessed(fleet, content)),
        components: bill.and_then(|content| fleet.bills.bill(content)).map(|bill| bill.counts.components),
        system_support: system_support(ctx, row.facts.operating_system.clone()).await?,
        reach: reaches.remove(&id).ok_or_else(missing)?,
        timeline,
        row: shown.pop().ok_or_else(missing)?,
    })
}

async fn system_support(ctx: &Context, text: Option<String>) -> Result<Option<Support>, Error> {
    let Some(text) = text else { return Ok(None) };
    let (dir, today) = (DataDir::new(&ctx.data_dir), ctx.clock.today());
    let asked = tokio::task::spawn_blocking(move || support::of_system(&dir, &text, today));
    asked.await.map_err(|error| Error::Internal(Box::new(error)))
}

/// Components that cannot be judged, grouped by reason, the most frequent first.
fn not_assessed(fleet: &Fleet, content: ContentId) -> Vec<(Reason, u64, Vec<String>)> {
    let Some(bill) = fleet.bills.bill(content) else { return Vec::new() };
    let mut groups: BTreeMap<Reason, (u64, Vec<String>)> = BTreeMap::new();
    for part in &bill.parts {
        let Some(software) = fleet.bills.software.get(part.software as usize) else { continue };
        let Some(reason) = software.row.standing.unassessed else { continue };
        let (count, names) = groups.entry(reason).or_default();
        *count += 1;
        if names.len() < SOME_NAMES && !names.contains(&software.row.facts.name) {
            names.push(software.row.facts.name.clone());
        }
    }
    let mut groups: Vec<_> =
        groups.into_iter().map(|(reason, (count, names))| (reason, count, names)).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.1));
    groups
}

/// What happened to the device: listed, changed, its release's bills, findings opened and closed; newest first.
async fn timeline(
    view: &View,
    row: &devices::DeviceRow,
    release: bedrail_model::ids::ReleaseId,
) -> Result<Vec<(Timestamp, String)>, Error> {
    let mut events = vec![(row.created, "first seen on a device list".to_owned())];
    if row.updated != row.created {
        events.push((row.updated, "changed by a device list".to_owned()));
    }
    for bill in sboms::history(view, release).await? {
        events.push((bill.added, format!("bill of materials {} added to its release", bill.file_name)));
    }
    let mut found: BTreeMap<(Timestamp, bool), Vec<String>> = BTreeMap::new();
    for finding in findings::history_of_class(view, row.class).await? {
        found.entry((finding.first_seen, false)).or_default().push(finding.weakness.clone());
        if let Some(closed) = finding.closed {
            found.entry((closed, true)).or_default().push(finding.weakness);
        }
    }
    events.extend(found.into_iter().map(|((at, closed), ids)| {
        let what = if closed { "no longer holds" } else { "found" };
        let words = match ids.as_slice() {
            [only] => format!("{only} {what}"),
            [first, rest @ ..] => format!("{first} and {} more {what}", rest.len()),
            [] => String::new(),
        };
        (at, words)
    }));
    events.sort_by_key(|event| std::cmp::Reverse(event.0));
    events.truncate(TIMELINE);
    Ok(events)
}
