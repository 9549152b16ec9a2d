//! Heads of the audit log that were noted outside of the program: who has the program cannot write the days before one anew.
//!
//! A head is `NUMBER:HASH`, as `bedrail audit verify` and the page of the log print it. It is held against the log before it is taken:
//! one that the log never had anchors nothing. The signature of a time-stamp reply is not checked here; `openssl ts -verify` does that.

use bedrail_store::anchors as rows;
pub use bedrail_store::anchors::AnchorRow;
use bedrail_store::{audit as audit_rows, documents};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use super::see;
use crate::rights::Right;
use crate::typed::{choice, needed_line};
use crate::{Actor, Context, Document, Error, audit, vault};

/// Kinds of anchors: code and words.
pub const ANCHOR_KINDS: [(&str, &str); 3] = [
    ("time_stamp", "a time-stamp of an authority (RFC 3161)"),
    ("published", "published where others see it"),
    ("deposited", "left with somebody outside, such as a notary"),
];
/// A reply of an authority is a few thousand bytes; a scanned paper may be larger.
const MOST_BYTES: u64 = 2 << 20;
/// Anchors of one organisation: one a day for a lifetime.
const MOST: usize = 20_000;

/// A head that was noted outside.
#[derive(Debug, Clone, Default)]
pub struct NewAnchor {
    /// The head, `NUMBER:HASH`; empty for that of now.
    pub head: String,
    /// The kind's code.
    pub kind: String,
    /// Who keeps it.
    pub keeper: String,
    /// Where it is found: an address, a number.
    pub place: String,
    /// The day on which it was noted there.
    pub noted: Date,
    /// What came back, with its name: the reply of an authority, a receipt.
    pub reply: Option<(String, Document)>,
}

/// All anchors, in the order in which they were written down.
///
/// # Errors
/// [`Error::Denied`] without the right; when the database cannot be used.
pub async fn anchors(ctx: &Context, actor: &Actor) -> Result<Vec<AnchorRow>, Error> {
    Ok(rows::all(&see(ctx, actor).await?).await?)
}

/// A head as people note it.
fn head_of(text: &str) -> Result<Option<(i64, Vec<u8>)>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let parts = text.split_once(':').and_then(|(number, hash)| {
        let hash = hex::decode(hash.trim()).ok().filter(|hash| hash.len() == 32)?;
        Some((number.trim().parse::<i64>().ok().filter(|number| *number > 0)?, hash))
    });
    let wrong = || Error::Invalid {
        message: "that is no head of an audit log".into(),
        hint: Some("a head is NUMBER:HASH, as `bedrail audit verify` prints it".into()),
    };
    parts.map(Some).ok_or_else(wrong)
}

/// Refuses a reply that says nothing of the head: a time-stamp carries the digest of what was stamped (RFC 3161, section 2.4.1), which
/// is that of the hash's bytes or of the head as text, or the hash itself.
async fn carries(reply: &Document, head: &str, hash: &[u8]) -> Result<(), Error> {
    let wanted: [Vec<u8>; 3] =
        [hash.to_vec(), Sha256::digest(hash).to_vec(), Sha256::digest(head.as_bytes()).to_vec()];
    let reply = reply.clone();
    let read = move || {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut reply.open(), &mut bytes)?;
        Ok::<_, std::io::Error>(
            wanted.iter().any(|digest| bytes.windows(digest.len()).any(|it| it == digest)),
        )
    };
    let found =
        tokio::task::spawn_blocking(read).await.map_err(|error| Error::Internal(Box::new(error)))??;
    if found {
        return Ok(());
    }
    Err(Error::Invalid {
        message: "the reply carries another digest than that of this head".into(),
        hint: Some("stamp the 32 bytes of the hash, or the text NUMBER:HASH, with SHA-256".into()),
    })
}

/// Writes down that a head of the audit log was noted outside.
///
/// # Errors
/// [`Error::Invalid`] for a head that is none, an unknown kind, a day that has not come or lies before the entry, a reply without the
/// head; [`Error::Conflict`] for a head that this log never had; [`Error::Denied`].
pub async fn anchor(ctx: &Context, actor: &Actor, new: &NewAnchor) -> Result<AnchorRow, Error> {
    actor.need(Right::KeepProgramme)?;
    let kind = choice("the kind", &new.kind, &ANCHOR_KINDS.map(|(code, _)| code), "")?;
    if kind.is_empty() {
        return Err(Error::invalid("say what kind of anchor it is"));
    }
    let (keeper, place) =
        (needed_line("who keeps it", &new.keeper)?, needed_line("where it is found", &new.place)?);
    let given = head_of(&new.head)?;
    let (verified, _) = audit::head_past(ctx, actor, given.as_ref()).await?;
    let (entry, hash) = given.unwrap_or((verified.sequence, verified.hash));
    let head = format!("{entry}:{}", hex::encode(&hash));
    if let Some((_, reply)) = &new.reply {
        if reply.length() > MOST_BYTES {
            return Err(Error::invalid("the reply is larger than 2 MiB"));
        }
        if kind == "time_stamp" {
            carries(reply, &head, &hash).await?;
        }
    }
    let kept = match &new.reply {
        Some((_, reply)) => Some(vault::keep(ctx, reply).await?),
        None => None,
    };
    let change = ctx.change(actor, Right::KeepProgramme, "audit.anchor").await?;
    let written = audit_rows::chain(&change, entry - 1, 1).await?;
    let since = written.first().map_or(change.at(), |row| row.at).to_zoned(TimeZone::UTC).date();
    // A keeper elsewhere may be a day ahead of UTC, or behind it.
    let around = |day: Date, days: i64| day.saturating_add(jiff::ToSpan::days(days));
    if new.noted > around(ctx.clock.today(), 1) || new.noted < around(since, -1) {
        return Err(Error::invalid(format!(
            "the head is of {since}: it was noted then or later, and not ahead"
        )));
    }
    let all = rows::all(&change).await?;
    if all.len() >= MOST {
        return Err(Error::invalid(format!("there are {MOST} anchors already")));
    }
    let mut file_name = String::new();
    if let (Some((name, reply)), Some(kept)) = (&new.reply, &kept) {
        file_name = super::proof::file_name(name)?;
        let size = usize::try_from(reply.length()).unwrap_or(usize::MAX);
        documents::add(&change, &kept.sha256, "anchor", &file_name, size).await?;
    }
    let row = AnchorRow {
        number: all.last().map_or(1, |last| last.number + 1),
        entry,
        head: hex::encode(&hash),
        kind,
        keeper,
        place,
        noted: new.noted,
        sha256: kept.map(|kept| kept.sha256.to_vec()),
        file_name,
        at: change.at(),
        author: change.actor().to_owned(),
    };
    rows::add(&change, &row).await?;
    change.commit(&head, &format!("{}, {}, {}", row.kind, row.keeper, row.noted)).await?;
    Ok(row)
}
