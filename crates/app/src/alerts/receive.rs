//! Receiving events: what is read of a batch is stored in one transaction. Only then is it acknowledged.

use std::collections::{BTreeMap, HashMap};

use bedrail_assess::priority::When;
use bedrail_formats::alerts::{Framing, Splitter};
use bedrail_model::alert::Outcome;
use bedrail_model::ids::{AlertItemId, AlertSegmentId, AlertSourceId};
use bedrail_store::Change;
use bedrail_store::alerts::items::{self, StepRow};
use bedrail_store::alerts::links;
use bedrail_store::alerts::policies::{self, PolicyRow};
use bedrail_store::alerts::segments::{self, About, Added, Known as KnownItem, Lines, Reported, SegmentRow};
use bedrail_store::alerts::{self as rows, FileRow, SourceRow};

use super::batch::{BATCH_BYTES, Batch, Gathered, Gatherer, SHARED_BATCH_BYTES};
use super::grouping::{self, Grouping};
use super::rank::{self, Asked};
use super::{address, escalate, pause, policy};
use crate::document::Document;
use crate::notices::{self, ALERT, SOURCE, Tidings};
use crate::rights::Right;
use crate::{Actor, Context, Error, vault};

/// Bytes of one push at most.
pub const PUSH_BYTES: usize = 32 << 20;

/// By which way something came.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// Out of a file, from a place on; with how far it is read by then.
    File {
        /// The file as it stands afterwards.
        row: FileRow,
        /// From where it was read.
        from: u64,
        /// Whether it was never read before.
        is_new: bool,
    },
    /// Sent over HTTP.
    Push,
    /// Sent to our listener.
    Listener,
    /// Found by our own judgement.
    Own,
}

impl Way {
    const fn code(&self) -> &'static str {
        match self {
            Way::File { .. } => "file",
            Way::Push => "push",
            Way::Listener => "listener",
            Way::Own => "own",
        }
    }

    fn bytes(&self) -> (u64, u64) {
        match self {
            Way::File { row, from, .. } => (*from, row.read_to),
            Way::Push | Way::Listener | Way::Own => (0, 0),
        }
    }
}

/// What was received: each line is one of the four.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Lines.
    pub lines: u64,
    /// Alerts.
    pub events: u64,
    /// Readings of the source's own counters.
    pub counters: u64,
    /// Well understood, and no alert.
    pub no_alerts: u64,
    /// Not understood.
    pub not_understood: u64,
    /// Why lines were not understood, by the code of the reason.
    pub reasons: BTreeMap<String, u64>,
    /// Items that were opened.
    pub opened: u64,
    /// Items that came again after they were closed.
    pub reopened: u64,
    /// Items in all that the events belong to, batch by batch.
    pub items: u64,
}

impl Receipt {
    pub(super) fn add(&mut self, other: Receipt) {
        self.lines += other.lines;
        self.events += other.events;
        self.counters += other.counters;
        self.no_alerts += other.no_alerts;
        self.not_understood += other.not_understood;
        self.opened += other.opened;
        self.reopened += other.reopened;
        self.items += other.items;
        for (reason, lines) in other.reasons {
            *self.reasons.entry(reason).or_default() += lines;
        }
    }
}

/// Receives lines that were sent at once, such as the body of a request. Nothing of them is stored where this fails; where it
/// does not, all of it is safe on disk.
///
/// # Errors
/// [`Error::NotFound`] without the source, [`Error::Invalid`] for more than [`PUSH_BYTES`], [`Error::Denied`] without the right.
pub async fn push(
    ctx: &Context,
    actor: &Actor,
    source: AlertSourceId,
    body: &[u8],
) -> Result<Receipt, Error> {
    if body.len() > PUSH_BYTES {
        return Err(Error::Invalid {
            message: format!("one request takes {} MiB of alerts at most", PUSH_BYTES >> 20),
            hint: Some("send them in parts".into()),
        });
    }
    let (row, mut gatherer) = gatherer(ctx, actor, source).await?;
    let (body, received) = (body.to_vec(), ctx.clock.now());
    let read = move || {
        let mut splitter = Splitter::new(Framing::Lines, 0);
        splitter.feed(&body, |line| gatherer.take(&line, received));
        splitter.end(|line| gatherer.take(&line, received));
        gatherer.finish()
    };
    let batch = tokio::task::spawn_blocking(read).await.map_err(|error| Error::Internal(Box::new(error)))?;
    if batch.is_empty() {
        return Ok(Receipt::default());
    }
    let stored = store(ctx, actor, &row, batch, &Way::Push).await?;
    stored.ok_or_else(|| Error::Conflict { message: "somebody else has received the same".into() })
}

/// What reads the lines of a source as it is set up now.
pub(super) async fn gatherer(
    ctx: &Context,
    actor: &Actor,
    source: AlertSourceId,
) -> Result<(SourceRow, Gatherer), Error> {
    let view = ctx.view(actor, Right::HandleAlerts).await?;
    let row = rows::source(&view, source).await?;
    drop(view);
    let row = row.ok_or_else(|| Error::not_found(format!("source of alerts {source}")))?;
    let most = if ctx.inner.store.is_shared() { SHARED_BATCH_BYTES } else { BATCH_BYTES };
    let gatherer = Gatherer::new(&row, address::current(ctx, actor).await?, most)?;
    Ok((row, gatherer))
}

/// Stores a batch. `None` where somebody else has read the same part of the file; nothing is stored then.
pub(super) async fn store(
    ctx: &Context,
    actor: &Actor,
    source: &SourceRow,
    mut batch: Batch,
    way: &Way,
) -> Result<Option<Receipt>, Error> {
    let sha256 = pack(ctx, &mut batch).await?;
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.receive").await?;
    if let Way::File { row, from, is_new } = way {
        if *is_new {
            if rows::files(&change, source.id).await?.iter().any(|known| known.head == row.head) {
                return Ok(None);
            }
            rows::add_file(&change, source.id, row).await?;
        } else if !rows::move_file(&change, source.id, row, *from).await? {
            return Ok(None);
        }
    }
    let (receipt, detail) = write(&change, source, batch, sha256, way).await?;
    change.commit(&source.name, &detail).await?;
    Ok(Some(receipt))
}

/// Keeps the events of a batch in the data folder; their digest, empty where there are none.
pub(super) async fn pack(ctx: &Context, batch: &mut Batch) -> Result<Vec<u8>, Error> {
    let packer = std::mem::take(&mut batch.packer);
    let packed = tokio::task::spawn_blocking(move || packer.finish()).await;
    let packed = packed.map_err(|error| Error::Internal(Box::new(error)))??;
    match packed {
        Some(packed) => Ok(vault::keep(ctx, &Document::from(packed)).await?.sha256.to_vec()),
        None => Ok(Vec::new()),
    }
}

/// Writes a batch whose events are kept: what it is, what its source says of itself, and its items. With what the audit log
/// says of it.
pub(super) async fn write(
    change: &Change,
    source: &SourceRow,
    mut batch: Batch,
    sha256: Vec<u8>,
    way: &Way,
) -> Result<(Receipt, String), Error> {
    let lines = batch.lines();
    rows::heard(change, source.id).await?;
    let mut receipt = Receipt {
        lines: lines.all(),
        events: lines.events,
        counters: lines.counters,
        no_alerts: lines.no_alerts,
        not_understood: lines.not_understood,
        reasons: batch.reasons().iter().map(|(why, lines)| ((*why).to_owned(), *lines)).collect(),
        ..Receipt::default()
    };
    let known_counters = rows::counters(change, source.id).await?;
    let (reported, counters) = std::mem::take(&mut batch.sensors).join(known_counters);
    for row in &counters {
        rows::set_counter(change, source.id, row).await?;
    }
    let reasons = if receipt.reasons.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&receipt.reasons).unwrap_or_default()
    };
    let (id, bytes) = (AlertSegmentId::generate(), way.bytes());
    let (way, hex) = (way.code().to_owned(), hex::encode(&sha256));
    segments::add(
        change,
        &SegmentRow { id, source: source.id, sha256, way, bytes, lines, reasons, reported },
    )
    .await?;
    add_items(change, (source, id), &batch.items, &mut receipt).await?;
    let detail = format!(
        "{} lines, {} events, {} items opened, {} opened again; events {}",
        receipt.lines,
        receipt.events,
        receipt.opened,
        receipt.reopened,
        if hex.is_empty() { "none" } else { &hex }
    );
    Ok((receipt, detail))
}

/// Adds what was gathered to its items.
async fn add_items(
    change: &Change,
    (source, segment): (&SourceRow, AlertSegmentId),
    gathered: &[Gathered],
    receipt: &mut Receipt,
) -> Result<(), Error> {
    let now = change.at();
    let there = segments::known(change, gathered.iter().map(|it| it.key)).await?;
    // What is open keeps its rank until the next time that all are ranked.
    let is_open = |it: &&Gathered| there.get(&it.key).is_some_and(|known| known.closed.is_none());
    let ranked = rank::Known::of(change, gathered.iter().filter(|it| !is_open(it)).map(asked)).await?;
    let policies: Vec<PolicyRow> = policies::all(change).await?;
    let grouping = Grouping::of(change).await?;
    let mut grouped = Vec::new();
    let mut added = Vec::with_capacity(gathered.len());
    let mut urgent: Vec<(AlertItemId, &Gathered)> = Vec::new();
    for it in gathered {
        let known = there.get(&it.key);
        let open = known.filter(|known| known.closed.is_none());
        let when = match open {
            Some(known) => rank::when_of(known.urgency),
            None => ranked.when(asked(it)),
        };
        let ruled = if open.is_some() { None } else { policy::that_closes(&policies, source.id, it, now) };
        let id = known.map_or_else(AlertItemId::generate, |known| known.id);
        if open.is_none() && ruled.is_none() && when == When::Immediate {
            urgent.push((id, it));
        }
        if open.is_none() && ruled.is_none() {
            let campaigns = grouping.campaigns(&it.rule, it.rule_name.as_deref());
            grouped.extend(campaigns.into_iter().map(|campaign| (id, campaign)));
        }
        let from = open.map_or(now, |known| known.opened);
        let gathered_outcome = it.outcome;
        let it = Added {
            key: it.key,
            about: about(it),
            events: it.events,
            times: it.times,
            span: (it.first, it.last),
            urgency: rank::urgency(when, gathered_outcome),
            due: ranked.due(when, from),
            policy: ruled,
        };
        added.push((id, it));
    }
    let pairs: Vec<(AlertItemId, &Added)> = added.iter().map(|(id, it)| (*id, it)).collect();
    segments::add_events(change, (source.id, segment), &pairs).await?;
    for (id, campaign) in grouped {
        links::add(change, id, &grouping::link(change, campaign)).await?;
    }
    pause::wake(change, &there).await?;
    receipt.items = added.len() as u64;
    reopen(change, &added, &there, receipt).await?;
    tell(change, source, &urgent).await
}

/// Writes down which closed items came again.
async fn reopen(
    change: &Change,
    added: &[(AlertItemId, Added)],
    there: &HashMap<[u8; 32], KnownItem>,
    receipt: &mut Receipt,
) -> Result<(), Error> {
    for (id, it) in added {
        let Some(known) = there.get(&it.key) else {
            receipt.opened += u64::from(it.policy.is_none());
            continue;
        };
        if known.closed.is_none() || it.policy.is_some() {
            continue;
        }
        receipt.reopened += 1;
        let step = StepRow {
            at: change.at(),
            kind: "reopened".into(),
            who: "bedrail".into(),
            text: "it came again".into(),
            opened: known.opened,
            due: None,
            events: known.events.saturating_add(it.events),
        };
        items::add_step(change, *id, &step).await?;
    }
    Ok(())
}

/// Tells of items that cannot wait, all of a batch in one notice, and not more often than once in a quarter of an hour.
async fn tell(change: &Change, source: &SourceRow, urgent: &[(AlertItemId, &Gathered)]) -> Result<(), Error> {
    let Some((_, first)) = urgent.first() else { return Ok(()) };
    if escalate::begins(change).await? {
        return Ok(());
    }
    let name = |it: &Gathered| it.rule_name.clone().unwrap_or_else(|| it.rule.clone());
    let title = match urgent.len() {
        1 => format!("an alert cannot wait: {}", name(first)),
        more => format!("{more} alerts cannot wait, the first: {}", name(first)),
    };
    let outcome = if urgent.iter().any(|(_, it)| it.outcome == Outcome::Success) {
        "There is a sign that an attack succeeded."
    } else {
        "It was not stopped, and the device is weak or easy to reach."
    };
    let detail = format!("From {}. {outcome} Somebody has to take it within the hour.", source.name);
    let quarter = change.at().as_second().div_euclid(900);
    let unique = format!("urgent {} {quarter}", source.id);
    let link = "/alerts?when=immediate";
    let tidings = Tidings { title: &title, detail: &detail, link, unique: &unique };
    let ids: Vec<AlertItemId> = urgent.iter().map(|(id, _)| *id).collect();
    notices::tell_of_items(change, &ALERT, &tidings, None, &ids).await
}

fn asked(it: &Gathered) -> Asked<'_> {
    Asked {
        rule: &it.rule,
        rule_name: it.rule_name.as_deref(),
        severity: it.severity,
        outcome: it.outcome,
        device: it.device,
    }
}

fn about(it: &Gathered) -> About {
    About {
        rule: it.rule.clone(),
        rule_name: it.rule_name.clone(),
        severity: it.severity.code().to_owned(),
        device: it.device,
        address: it.address.map(|address| address.to_string()),
        attacker: it.attacker.clone(),
        path: it.path.clone(),
        outcome: it.outcome.code().to_owned(),
    }
}

/// Writes down that a file was rotated away before it was read to its end, and is not to be found.
pub(super) async fn gap(
    ctx: &Context,
    actor: &Actor,
    source: AlertSourceId,
    last: &FileRow,
) -> Result<(), Error> {
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.gap").await?;
    let name = rows::source(&change, source).await?.map(|row| row.name).unwrap_or_default();
    let row = SegmentRow {
        id: AlertSegmentId::generate(),
        source,
        sha256: Vec::new(),
        way: "gap".into(),
        bytes: (last.read_to, last.read_to),
        lines: Lines::default(),
        reasons: String::new(),
        reported: Reported::default(),
    };
    segments::add(&change, &row).await?;
    let title = format!("a file of {name} was rotated away before it was read to its end");
    let detail = format!(
        "The old file is not beside the new one. What came after byte {} of it is not known. Keep the last rotated file \
         uncompressed (`delaycompress`).",
        last.read_to
    );
    let unique = format!("gap {}", row.id);
    let tidings = Tidings { title: &title, detail: &detail, link: "/alerts/sources", unique: &unique };
    notices::tell(&change, &SOURCE, &tidings).await?;
    change.commit(&name, &title).await?;
    Ok(())
}
