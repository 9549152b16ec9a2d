//! The evidence binder of a period: what was known on each day, what is known of its last day now, documents, decisions, the
//! account of alerts, the audit log with its signature, and the catalogues; sealed with the key that signs audit logs.
//!
//! What `bedrail_binder` cannot know is here: which files there are, and where they come from.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::path::PathBuf;

use bedrail_binder::{Broken, Description, Entry, Known, SealError, Signer, Trust};
use bedrail_comply::catalog::EMBEDDED;
use bedrail_store::programme::{self as rows, DecisionRow, ProofRow};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use bedrail_binder::{Sealed, Verified as VerifiedBinder};

use super::day::{self, Past};
use super::see;
use crate::alerts::prove as account;
use crate::audit::{self, sign};
use crate::rights::Right;
use crate::{Actor, Context, Error, exports, organisations, vault};

/// The days that a binder is about, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// The most days of one binder: six years are what HIPAA documents are kept for (45 CFR 164.316(b)(2)(i)).
const MOST_DAYS: i32 = 7 * 366;

/// What was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Files in it.
    pub files: usize,
    /// Bytes of the ZIP.
    pub bytes: u64,
    /// The chain over its lines, in hexadecimal: to be noted elsewhere.
    pub head: String,
    /// The public key, in hexadecimal.
    pub key: String,
}

/// Hears how far it is: files done, files in all.
pub(crate) type Tell<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

impl Period {
    pub(super) fn check(self, today: Date) -> Result<(), Error> {
        let days = self.from.until(self.to).map_or(i32::MAX, |span| span.get_days());
        let wrong = |message: String| {
            Err(Error::Invalid {
                message,
                hint: Some("the first day comes first, and both have come".into()),
            })
        };
        if self.to < self.from || self.to > today {
            return wrong(format!("there is nothing to be shown from {} to {}", self.from, self.to));
        }
        if days > MOST_DAYS {
            return wrong(format!("a binder has at most {MOST_DAYS} days; seal shorter periods"));
        }
        Ok(())
    }
}

/// A file of the binder that is to be.
enum Source {
    Ready(Vec<u8>),
    /// A document in the vault, by its digest.
    Kept(PathBuf, Vec<u8>),
    /// The audit log, in a temporary file.
    Log(tempfile::NamedTempFile),
}

struct Planned {
    path: String,
    media_type: String,
    known_at: Timestamp,
    source: Source,
}

const CSV: &str = "text/csv; charset=utf-8";

/// Seals the binder of a period. That it was carried away stands in the audit log, after the part that is in the binder.
///
/// # Errors
/// [`Error::Denied`] for who may not read the whole audit log, an auditor of a period among them; [`Error::Invalid`] for days
/// that have not come; [`Error::Unavailable`] when a document is missing or `out` cannot be written.
pub async fn export<W: Write + Send + 'static>(
    ctx: &Context,
    actor: &Actor,
    period: Period,
    out: W,
) -> Result<Exported, Error> {
    let (exported, _) = write(ctx, actor, period, out, std::sync::Arc::new(|_, _| {})).await?;
    let subject = format!("{} to {}", period.from, period.to);
    audit::note(ctx, actor, Right::SeeAudit, "evidence.export", &subject, &words(&exported)).await?;
    Ok(exported)
}

/// What was sealed, for the audit log.
pub(super) fn words(exported: &Exported) -> String {
    format!("{} files, head {}", exported.files, exported.head)
}

/// Seals the binder of a period; `out` comes back.
pub(super) async fn write<W: Write + Send + 'static>(
    ctx: &Context,
    actor: &Actor,
    period: Period,
    out: W,
    tell: std::sync::Arc<dyn Fn(u64, u64) + Send + Sync>,
) -> Result<(Exported, W), Error> {
    actor.need(Right::SeeAudit)?;
    let now = ctx.clock.now();
    period.check(now.to_zoned(TimeZone::UTC).date())?;
    let mut plan = plan(ctx, actor, period, now).await?;
    plan.sort_by(|a, b| a.path.cmp(&b.path));
    let organisation = organisations::present(ctx, actor).await?;
    let start = period.from.to_zoned(TimeZone::UTC).map_err(|_| Error::invalid("there is no such day"))?;
    let description = Description {
        organisation: organisation.id.to_string(),
        name: organisation.name.clone(),
        title: format!("Evidence of the programme, {} to {}", period.from, period.to),
        engagement: None,
        from: start.timestamp(),
        to: day::end_of(period.to)?.min(now).max(start.timestamp()),
        known: Known::Now,
        sealed_at: now,
        catalogues: day::versions()?,
        previous: None,
    };
    let data_dir = ctx.data_dir.clone();
    let seal = move || seal(&data_dir, plan, description, out, &*tell);
    tokio::task::spawn_blocking(seal).await.map_err(|error| Error::Internal(Box::new(error)))?
}

fn seal<W: Write>(
    data_dir: &std::path::Path,
    plan: Vec<Planned>,
    description: Description,
    mut out: W,
    tell: Tell<'_>,
) -> Result<(Exported, W), Error> {
    let key = sign::key(data_dir)?;
    let public: [u8; 32] =
        key.public().try_into().map_err(|_| Error::invalid("the key is no Ed25519 key"))?;
    let (total, broken) = (plan.len() as u64, RefCell::new(None));
    let entries = (0..).zip(plan).map_while(|(done, it)| {
        tell(done, total);
        match content(it.source) {
            Ok(content) => {
                Some(Entry { path: it.path, media_type: it.media_type, known_at: it.known_at, content })
            }
            Err(error) => {
                *broken.borrow_mut() = Some(error);
                None
            }
        }
    });
    let sign = |message: &[u8]| key.sign(message);
    let sealed =
        bedrail_binder::seal(&mut out, description, entries, Signer { public_key: public, sign: &sign });
    // A document that could not be read ends the list early: what was written is no binder of ours.
    if let Some(error) = broken.into_inner() {
        return Err(error);
    }
    let sealed = sealed.map_err(unsealed)?;
    let exported = Exported {
        files: sealed.manifest.entries.len(),
        bytes: sealed.bytes,
        head: sealed.manifest.head,
        key: hex::encode(public),
    };
    Ok((exported, out))
}

fn unsealed(error: SealError) -> Error {
    match error {
        SealError::Write(_) => {
            Error::Unavailable { message: error.to_string(), hint: Some("check the free space".into()) }
        }
        SealError::TooLarge { .. } | SealError::TooMuch => Error::invalid(error.to_string()),
        other => Error::Internal(Box::new(other)),
    }
}

fn content(source: Source) -> Result<Vec<u8>, Error> {
    let damaged = || Error::Unavailable {
        message: "a document of the binder is missing or damaged in the data folder".into(),
        hint: Some("bring `documents/` back from a backup".into()),
    };
    match source {
        Source::Ready(bytes) => Ok(bytes),
        Source::Log(file) => Ok(std::fs::read(file.path())?),
        Source::Kept(path, sha256) => {
            let bytes = std::fs::read(path).map_err(|_| damaged())?;
            let digest = vault::digest(bytes.as_slice())?;
            if digest[..] == sha256[..] { Ok(bytes) } else { Err(damaged()) }
        }
    }
}

async fn plan(ctx: &Context, actor: &Actor, period: Period, now: Timestamp) -> Result<Vec<Planned>, Error> {
    let view = see(ctx, actor).await?;
    let (proofs, decisions) = (rows::proofs(&view).await?, rows::decisions(&view).await?);
    let mut kept = rows::days(&view).await?;
    kept.retain(|day| (period.from..=period.to).contains(day));
    kept.sort();
    drop(view);
    let ready = |path: &str, media_type: &str, content: Vec<u8>| Planned {
        path: path.to_owned(),
        media_type: media_type.to_owned(),
        known_at: now,
        source: Source::Ready(content),
    };
    let mut plan = vec![
        ready("contents.txt", "text/plain; charset=utf-8", CONTENTS.as_bytes().to_vec()),
        ready("decisions/addressable.csv", CSV, decision_list(&decisions)),
        ready("alerts/account.csv", CSV, alert_account(ctx, actor, period).await?),
    ];
    plan.extend(EMBEDDED.iter().map(|(name, text)| {
        ready(&format!("catalogues/{name}"), "application/yaml", text.as_bytes().to_vec())
    }));
    let last = day::on(ctx, actor, period.to).await?;
    plan.push(ready("states/as-known-now.csv", CSV, known_now(&last, now)));
    for day in kept {
        let past = day::on(ctx, actor, day).await?;
        let Some(taken) = past.taken else { continue };
        let then = |path: String, content| Planned { known_at: taken, ..ready(&path, CSV, content) };
        plan.push(then(format!("states/as-known-then/{day}.csv"), known_then(&past)));
        plan.push(then(format!("facts/{day}.csv"), facts(&past)));
    }
    plan.push(ready("proofs/proofs.csv", CSV, proof_list(&proofs)));
    plan.extend(proofs.iter().map(|proof| document(ctx, proof)));
    let mut log = tempfile::NamedTempFile::new_in(&ctx.data_dir)?;
    audit::write(ctx, actor, &mut log, &|_| {}).await?;
    let log =
        Planned { source: Source::Log(log), ..ready("audit/audit.jsonl", "application/jsonl", Vec::new()) };
    plan.push(log);
    Ok(plan)
}

/// A document under its own id: names that people gave are in the list alone.
fn document(ctx: &Context, proof: &ProofRow) -> Planned {
    Planned {
        path: format!("proofs/{}", proof_path(proof)),
        media_type: proof.media_type.clone(),
        known_at: proof.added,
        source: Source::Kept(vault::path(&ctx.data_dir, &proof.sha256), proof.sha256.clone()),
    }
}

fn proof_path(proof: &ProofRow) -> String {
    let ending = match proof.media_type.as_str() {
        "application/pdf" => "pdf",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "text/csv" => "csv",
        "text/plain" => "txt",
        _ => "docx",
    };
    format!("{}.{ending}", proof.id)
}

fn list(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    exports::lines(std::iter::once(exports::head(header)).chain(rows))
}

fn some(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn proof_list(proofs: &[ProofRow]) -> Vec<u8> {
    let header = [
        "id",
        "file",
        "sha256",
        "name",
        "requirement",
        "signal",
        "system",
        "shows",
        "about_from",
        "about_to",
        "collected",
        "collector",
        "expires",
        "known_at",
        "received_from",
        "withdrawn",
        "withdrawn_by",
    ];
    let row = |it: &ProofRow| {
        vec![
            it.id.to_string(),
            format!("proofs/{}", proof_path(it)),
            hex::encode(&it.sha256),
            it.file_name.clone(),
            it.requirement.clone(),
            it.signal.clone(),
            it.system.clone(),
            it.shows.clone(),
            it.about_from.to_string(),
            some(it.about_to),
            it.collected.to_string(),
            it.collector.clone(),
            some(it.expires),
            it.added.to_string(),
            it.added_by.clone(),
            some(it.withdrawn.as_ref().map(|(at, _)| *at)),
            some(it.withdrawn.as_ref().map(|(_, by)| by.clone())),
        ]
    };
    list(&header, proofs.iter().map(row))
}

fn decision_list(decisions: &[DecisionRow]) -> Vec<u8> {
    let header = [
        "id",
        "requirement",
        "outcome",
        "measure",
        "systems",
        "reason",
        "approver",
        "decided",
        "review_by",
        "proof",
        "known_at",
        "written_by",
    ];
    let row = |it: &DecisionRow| {
        vec![
            it.id.to_string(),
            it.requirement.clone(),
            it.outcome.clone(),
            some(it.measure.clone()),
            if it.systems.is_empty() { "all".to_owned() } else { it.systems.join("; ") },
            it.reason.clone(),
            it.approver.clone(),
            it.decided.to_string(),
            it.review_by.to_string(),
            some(it.proof),
            it.added.to_string(),
            it.added_by.clone(),
        ]
    };
    list(&header, decisions.iter().map(row))
}

fn known_then(past: &Past) -> Vec<u8> {
    let header = ["day", "requirement", "applies", "state", "overdue", "reason", "catalogue", "known_by"];
    let row = |it: &rows::StateRow| {
        vec![
            past.day.to_string(),
            it.requirement.clone(),
            it.applies.clone(),
            it.state.clone(),
            it.overdue.to_string(),
            it.reason.clone(),
            it.catalogue.clone(),
            some(past.taken),
        ]
    };
    list(&header, past.then.iter().map(row))
}

fn known_now(past: &Past, now: Timestamp) -> Vec<u8> {
    let header = ["day", "requirement", "citation", "applies", "state", "overdue", "reason", "known_by"];
    let row = |it: &super::Row| {
        vec![
            past.day.to_string(),
            it.id.clone(),
            it.citation.clone(),
            it.applies.to_owned(),
            it.state.code().to_owned(),
            it.overdue.to_string(),
            it.reason.clone(),
            now.to_string(),
        ]
    };
    list(&header, past.now.iter().map(row))
}

fn facts(past: &Past) -> Vec<u8> {
    list(&["signal", "system", "value", "observed", "evidence"], past.facts.iter().map(day::KeptFact::cells))
}

async fn alert_account(ctx: &Context, actor: &Actor, period: Period) -> Result<Vec<u8>, Error> {
    let asked = account::Period { from: period.from, to: period.to };
    let proof = account::prove(ctx, actor, asked, None).await?;
    let holds = format!("{:?}", proof.verdict());
    let row = |what: &str, value: String| vec![what.to_owned(), value];
    let rows = [
        row("from", period.from.to_string()),
        row("to", period.to.to_string()),
        row("lines received", proof.all_lines.to_string()),
        row("events received", proof.events_in.to_string()),
        row("events accounted for", proof.events_accounted.to_string()),
        row("items of work", proof.items.to_string()),
        row("verdict", holds),
    ];
    Ok(list(&["what", "value"], rows.into_iter()))
}

/// What the files are, for whoever gets the binder.
const CONTENTS: &str = "\
WHAT IS IN THIS BINDER

states/as-known-then/DAY.csv  How every requirement stood on that day, written down that day. Nothing later changed it.
                              A day without a file is a day that nobody wrote down: nothing is known of it.
states/as-known-now.csv       How every requirement stood on the last day, judged again with all that is known now:
                              documents that came later, or were withdrawn since, make the difference.
facts/DAY.csv                 The facts that the program computed that day, with where to look.
proofs/proofs.csv             Documents, their digests, what they show, from when to when, since when they are known.
proofs/ID.*                   The documents themselves, as received.
decisions/addressable.csv     Decisions on addressable specifications (45 CFR 164.306(d)), with reason and approver.
alerts/account.csv            Alerts received against alerts accounted for, for the days of the binder.
audit/audit.jsonl             The whole audit log up to the sealing, each entry chained to the one before, with its signed
                              end. `bedrail audit verify` checks it; no part of the chain can be left out, so it is whole.
catalogues/                   What was asked, in the version that the program judged by.

States, worst first: no, unknown, partly, claimed, evidenced. Unknown means that nothing in force says anything; proof that
lapsed counts as nothing. A document or a decision counts from the moment at which it was received (known_at).
README.txt says how to check that nothing in here was changed.
";

/// Checks a binder without a data folder; `key` is the public key in hexadecimal as the organisation gave it by another way.
///
/// # Errors
/// [`Broken`], with every file that is not as it was sealed.
pub fn verify(binder: impl Read, key: Option<&[u8; 32]>) -> Result<VerifiedBinder, Broken> {
    let trust = key.map_or(Trust::Unknown, Trust::Key);
    bedrail_binder::verify(binder, trust, &sign::right)
}
