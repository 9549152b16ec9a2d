//! The audit log: who did what, when. Written by the one door for change; read, checked and carried away here.

use std::io::Write;

use bedrail_model::ids::AuditId;
use bedrail_store::audit::{self as rows, EntryFilter, EntryRow};
use bedrail_store::personal::{self, Values};
use jiff::Timestamp;

use crate::page::{MAX_LIMIT, Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error, organisations};

pub mod chain;
pub mod file;
pub(crate) mod sign;

use chain::{Chain, Verified};

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number: one, two, three, without a gap.
    pub sequence: i64,
    /// Id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who, and by which way: `admin (web)`.
    pub actor: String,
    /// From which address, where it came over the network.
    pub address: Option<String>,
    /// What: `sbom.add`, `devices.import`.
    pub action: String,
    /// To what, in words.
    pub subject: String,
    /// Counts and digests, in words.
    pub detail: String,
    /// What was before, where one thing changed.
    pub before: Option<String>,
    /// What is after.
    pub after: Option<String>,
}

impl AuditEntry {
    /// The entry as people read it, with the values that name somebody where they are still kept.
    fn of(row: EntryRow, values: &Values) -> AuditEntry {
        let personal = row.format >= rows::PERSONAL_FORMAT;
        let shown = |text: String| if personal { personal::shown(&text, values) } else { text };
        AuditEntry {
            sequence: row.sequence,
            id: row.id,
            at: row.at,
            actor: shown(row.actor),
            address: row.address.map(shown),
            action: row.action,
            subject: shown(row.subject),
            detail: shown(row.detail),
            before: row.before.map(shown),
            after: row.after.map(shown),
        }
    }
}

/// Which entries are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// From when on, inclusive.
    pub from: Option<Timestamp>,
    /// Until when, exclusive.
    pub to: Option<Timestamp>,
    /// How the action begins: `account.` finds all of accounts.
    pub action: Option<String>,
    /// Text in actor, subject or detail; case does not count.
    pub text: Option<String>,
}

impl AuditFilter {
    /// The filter within what the actor may look at: an auditor's engagement has a period.
    fn within(&self, actor: &Actor) -> EntryFilter {
        let (from, to) = actor.period();
        EntryFilter {
            from: self.from.max(from),
            to: match (self.to, to) {
                (Some(wanted), Some(allowed)) => Some(wanted.min(allowed)),
                (wanted, allowed) => wanted.or(allowed),
            },
            action: self.action.clone().unwrap_or_default(),
            text: self.text.clone().unwrap_or_default(),
        }
    }
}

/// The log, newest first.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditEntry>, Error> {
    let view = ctx.view(actor, Right::SeeAudit).await?;
    let limit = page.limit.clamp(1, MAX_LIMIT);
    let filter = filter.within(actor);
    let offset = match page.after.as_deref().map(str::parse) {
        None => page.offset,
        Some(Ok(sequence)) => rows::count_from(&view, &filter, sequence).await?,
        Some(Err(_)) => return Err(Error::invalid("this is no cursor of the audit log")),
    };
    let (found, total) = rows::page(&view, &filter, limit, offset).await?;
    let values = personal::of_entries(&view, &found).await?;
    let found = found.into_iter().map(|row| AuditEntry::of(row, &values)).collect();
    Ok(Page::of(found, total, offset, |entry: &AuditEntry| entry.sequence.to_string()))
}

/// Entries read from the database at once.
const BATCH: u32 = 2_000;

/// Writes the actor's whole log as lines that [`file::verify`] checks without this program's database: a head, every
/// entry, and the signed end of the chain. Leaves an entry of its own, which is part of the next export.
///
/// # Errors
/// [`Error::Denied`] without the right or for an auditor of a period, [`Error::Conflict`] with the first entry that
/// does not fit, [`Error::Unavailable`] when the lines cannot be written.
pub async fn export(ctx: &Context, actor: &Actor, out: impl Write) -> Result<Verified, Error> {
    let verified = write(ctx, actor, out, &|_| {}).await?;
    let name = organisations::present(ctx, actor).await?.name;
    let words = format!("{} entries", verified.entries);
    note(ctx, actor, Right::SeeAudit, "audit.export", &name, &words).await?;
    Ok(verified)
}

/// Writes the actor's whole log with its signed end; `tell` hears how many entries there were so far.
pub(crate) async fn write(
    ctx: &Context,
    actor: &Actor,
    mut out: impl Write,
    tell: &(dyn Fn(u64) + Send + Sync),
) -> Result<Verified, Error> {
    if actor.period() != (None, None) {
        let action = "carry away the whole log; the engagement has a period".to_owned();
        return Err(Error::Denied { actor: actor.name.clone(), action });
    }
    let organisation = organisations::present(ctx, actor).await?;
    let key = sign::key(&ctx.data_dir)?;
    let head = file::head(&organisation, ctx.clock.now());
    let unwritten = |error: std::io::Error| Error::Unavailable {
        message: format!("the export cannot be written: {error}"),
        hint: Some("check the free space".into()),
    };
    writeln!(out, "{head}").map_err(unwritten)?;
    let mut entries: u64 = 0;
    let verified = {
        let show = |entry: &EntryRow, values: &Values| {
            entries += 1;
            if entries.is_multiple_of(u64::from(BATCH)) {
                tell(entries);
            }
            writeln!(out, "{}", file::entry(entry, values)).map_err(unwritten)
        };
        walk(ctx, actor, None, show).await?
    };
    writeln!(out, "{}", file::end(&verified, &key)).map_err(unwritten)?;
    out.flush().map_err(unwritten)?;
    Ok(verified)
}

/// Walks the actor's chain in its order, checking every link, and shows each entry.
async fn walk(
    ctx: &Context,
    actor: &Actor,
    noted: Option<&(i64, Vec<u8>)>,
    mut show: impl FnMut(&EntryRow, &Values) -> Result<(), Error>,
) -> Result<Verified, Error> {
    let view = ctx.view(actor, Right::SeeAudit).await?;
    let mut chain = Chain::of(actor.org).past(noted.cloned());
    loop {
        let batch = rows::chain(&view, chain.last(), BATCH).await?;
        let values = personal::of_entries(&view, &batch).await?;
        for entry in &batch {
            chain.add(entry, &values).map_err(|broken| Error::Conflict { message: broken.to_string() })?;
            show(entry, &values)?;
        }
        if batch.len() < BATCH as usize {
            break;
        }
    }
    let expected = rows::head(&view).await?;
    chain.end(expected).map_err(|broken| Error::Conflict { message: broken.to_string() })
}

/// The head of the actor's chain as one line to be noted outside: number and hash, and the key that signs exports.
///
/// # Errors
/// [`Error::Denied`] without the right, [`Error::Conflict`] with the first entry that does not fit.
pub async fn head(ctx: &Context, actor: &Actor) -> Result<(Verified, String), Error> {
    head_past(ctx, actor, None).await
}

/// As [`head`], of a chain that must have come by a head that was noted earlier: number and hash.
///
/// # Errors
/// As [`head`].
pub async fn head_past(
    ctx: &Context,
    actor: &Actor,
    noted: Option<&(i64, Vec<u8>)>,
) -> Result<(Verified, String), Error> {
    let verified = walk(ctx, actor, noted, |_, _| Ok(())).await?;
    Ok((verified, hex::encode(sign::key(&ctx.data_dir)?.public())))
}

/// Whether the key that signs exports is there and a key. Makes none.
pub(crate) fn readable_key(data_dir: &std::path::Path) -> Result<(), Error> {
    sign::key(data_dir).map(drop)
}

/// Notes that somebody read what is sensitive: an original document, an export. The read happens only with its entry.
pub(crate) async fn note(
    ctx: &Context,
    actor: &Actor,
    right: Right,
    action: &'static str,
    subject: &str,
    detail: &str,
) -> Result<(), Error> {
    let change = ctx.mention(actor, right, action).await?;
    Ok(change.commit(subject, detail).await?)
}

/// As [`note`], of what a person typed: a search may hold a name.
async fn note_typed(ctx: &Context, actor: &Actor, action: &'static str, typed: &str) -> Result<(), Error> {
    let change = ctx.mention(actor, Right::SeeFleet, action).await?;
    let subject = match actor.account {
        Some(account) => change.personal(account.uuid(), typed).await?,
        None => typed.to_owned(),
    };
    Ok(change.commit(&subject, "").await?)
}

/// What may be carried away as a whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exported {
    /// The list of devices.
    Devices,
    /// The answer to the main question.
    Answer,
}

/// Notes that the actor carries a list away, with the filter that it was made with.
///
/// # Errors
/// [`Error::Denied`] without the right to see it.
pub async fn note_export(ctx: &Context, actor: &Actor, what: Exported, filter: &str) -> Result<(), Error> {
    let action = match what {
        Exported::Devices => "devices.export",
        Exported::Answer => "answer.export",
    };
    note_typed(ctx, actor, action, filter).await
}
