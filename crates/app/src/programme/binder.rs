//! The evidence binder of a period: what was known on each day, what is known of its last day now, documents, decisions, the
//! account of alerts, the audit log with its signature, and the catalogues; sealed with the key that signs audit logs.
//!
//! What `bedrail_binder` cannot know is here: which files there are, and where they come from.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::path::PathBuf;

use bedrail_binder::{Broken, Description, Entry, Known, SealError, Signer, Trust};
use bedrail_comply::catalog::EMBEDDED;
use bedrail_model::engagement::Scope;
use bedrail_store::View;
use bedrail_store::programme::{self as rows, ProofRow};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use bedrail_binder::{Sealed, Verified as VerifiedBinder};

use super::assess::SelfAnswerRow;
use super::cut::{self, Cut};
use super::{day, see, unknown_requirement};
use crate::alerts::prove as account;
use crate::audit::{self, AuditEntry, AuditFilter, sign};
use crate::page::{MAX_LIMIT, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error, organisations, vault};

mod lists;

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

/// What a binder is to be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its days.
    pub period: Period,
    /// Its requirements and sites; an engagement's own hold beside them.
    pub scope: Scope,
}

impl From<Period> for Wanted {
    fn from(period: Period) -> Wanted {
        Wanted { period, scope: Scope::default() }
    }
}

impl Wanted {
    /// Refuses days that have not come or that the actor's engagement is not about, and requirements that there are not.
    pub(super) fn check(&self, actor: &Actor, today: Date) -> Result<(), Error> {
        self.period.check(today)?;
        if let Some(stranger) = unknown_requirement(&self.scope) {
            return Err(Error::Invalid {
                message: format!("there is no requirement and no catalogue {stranger:?}"),
                hint: Some(
                    "name it as /programme does, such as sr-164-308-a-8 or hipaa-security-rule".into(),
                ),
            });
        }
        cut::within(actor, self.period)
    }

    /// In a line, for the audit log.
    pub(super) fn words(&self) -> String {
        let scope = match self.scope.words() {
            scope if scope.is_empty() => scope,
            scope => format!("; {scope}"),
        };
        format!("{} to {}{scope}", self.period.from, self.period.to)
    }
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

/// Seals the binder of a period and a scope; an engagement's own scope holds beside it. That it was carried away stands in the audit
/// log, after the part that is in the binder.
///
/// # Errors
/// [`Error::Denied`] for who may not read the audit log; [`Error::Invalid`] for days that have not come, or that the engagement is not
/// about, and for requirements that there are not; [`Error::Unavailable`] when a document is missing or `out` cannot be written.
pub async fn export<W: Write + Send + 'static>(
    ctx: &Context,
    actor: &Actor,
    wanted: impl Into<Wanted>,
    out: W,
) -> Result<Exported, Error> {
    let wanted = wanted.into();
    let (exported, _) = write(ctx, actor, &wanted, out, std::sync::Arc::new(|_, _| {})).await?;
    audit::note(ctx, actor, Right::SeeAudit, "evidence.export", &wanted.words(), &words(&exported)).await?;
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
    wanted: &Wanted,
    out: W,
    tell: std::sync::Arc<dyn Fn(u64, u64) + Send + Sync>,
) -> Result<(Exported, W), Error> {
    actor.need(Right::SeeAudit)?;
    let now = ctx.clock.now();
    wanted.check(actor, now.to_zoned(TimeZone::UTC).date())?;
    let (period, cut) = (wanted.period, Cut::of(actor, &wanted.scope));
    let mut plan = plan(ctx, actor, (period, &cut), now).await?;
    plan.sort_by(|a, b| a.path.cmp(&b.path));
    let organisation = organisations::present(ctx, actor).await?;
    let start = period.from.to_zoned(TimeZone::UTC).map_err(|_| Error::invalid("there is no such day"))?;
    let description = Description {
        organisation: organisation.id.to_string(),
        name: organisation.name.clone(),
        title: format!("Evidence of the programme, {} to {}", period.from, period.to),
        engagement: cut.words(actor),
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

async fn plan(
    ctx: &Context,
    actor: &Actor,
    (period, cut): (Period, &Cut),
    now: Timestamp,
) -> Result<Vec<Planned>, Error> {
    let view = see(ctx, actor).await?;
    let (mut proofs, mut decisions) = (rows::proofs(&view).await?, rows::decisions(&view).await?);
    let mut answers = bedrail_store::self_answers::all(&view).await?;
    proofs.retain(|it| cut.takes_proof(it));
    decisions.retain(|it| cut.takes_decision(it));
    answers.retain(|it| cut.takes_answer(it));
    let mut plan = days_of(&view, (period, cut)).await?;
    drop(view);
    plan.extend([
        ready(now, "contents.txt", "text/plain; charset=utf-8", contents(cut)),
        ready(now, "decisions/addressable.csv", CSV, lists::decision_list(&decisions)),
        ready(now, "answers/answers.csv", CSV, lists::answer_list(&answers)),
        ready(now, "proofs/proofs.csv", CSV, lists::proof_list(&proofs)),
    ]);
    plan.extend(EMBEDDED.iter().map(|(name, text)| {
        ready(now, &format!("catalogues/{name}"), "application/yaml", text.as_bytes().to_vec())
    }));
    if cut.takes_signal("alert.undispositioned") {
        plan.push(ready(now, "alerts/account.csv", CSV, alert_account(ctx, actor, period).await?));
    }
    let last = day::on(ctx, actor, period.to).await?;
    plan.push(ready(now, "states/as-known-now.csv", CSV, lists::known_now(&last, cut, now)));
    plan.extend(proofs.iter().map(|proof| document(ctx, proof)));
    plan.extend(answers.iter().filter_map(|answer| answer_document(ctx, answer)));
    plan.extend(log(ctx, actor, (period, cut), now).await?);
    Ok(plan)
}

fn ready(known_at: Timestamp, path: &str, media_type: &str, content: Vec<u8>) -> Planned {
    Planned {
        path: path.to_owned(),
        media_type: media_type.to_owned(),
        known_at,
        source: Source::Ready(content),
    }
}

/// The days of the period that something was written down of, as known then.
async fn days_of(view: &View, (period, cut): (Period, &Cut)) -> Result<Vec<Planned>, Error> {
    let mut plan = Vec::new();
    let mut kept = rows::days(view).await?;
    kept.retain(|day| (period.from..=period.to).contains(day));
    for day in kept {
        let Some((taken, mut then, mut facts)) = day::written(view, day).await? else { continue };
        then.retain(|it| cut.takes(&it.requirement));
        facts.retain(|it| cut.takes_fact(it));
        let states = lists::known_then(day, taken, &then);
        plan.push(ready(taken, &format!("states/as-known-then/{day}.csv"), CSV, states));
        plan.push(ready(taken, &format!("facts/{day}.csv"), CSV, lists::facts(&facts)));
    }
    Ok(plan)
}

/// The audit log: all of it where nothing is left out, its entries of the period where only the days are cut; its head in any case.
async fn log(
    ctx: &Context,
    actor: &Actor,
    (period, cut): (Period, &Cut),
    now: Timestamp,
) -> Result<Vec<Planned>, Error> {
    if cut.is_whole() {
        let mut log = tempfile::NamedTempFile::new_in(&ctx.data_dir)?;
        audit::write(ctx, actor, &mut log, &|_| {}).await?;
        let planned = ready(now, "audit/audit.jsonl", "application/jsonl", Vec::new());
        return Ok(vec![Planned { source: Source::Log(log), ..planned }]);
    }
    let (verified, key) = audit::head(ctx, actor).await?;
    let head = format!(
        "The audit log of the organisation holds together up to entry {}.\nHash of that entry: {}\nPublic key of its exports: {key}\n",
        verified.sequence,
        hex::encode(&verified.hash)
    );
    let mut plan = vec![ready(now, "audit/head.txt", "text/plain; charset=utf-8", head.into_bytes())];
    if cut.is_of_period() {
        plan.push(ready(
            now,
            "audit/entries.csv",
            CSV,
            lists::entry_list(&entries(ctx, actor, period).await?),
        ));
    }
    Ok(plan)
}

/// The entries of the audit log of a period, as far as the actor sees them, the newest first.
async fn entries(ctx: &Context, actor: &Actor, period: Period) -> Result<Vec<AuditEntry>, Error> {
    let from = period.from.to_zoned(TimeZone::UTC).map_err(|_| Error::invalid("there is no such day"))?;
    let filter = AuditFilter {
        from: Some(from.timestamp()),
        to: Some(day::end_of(period.to)?),
        ..AuditFilter::default()
    };
    let (mut all, mut page) = (Vec::new(), PageRequest::at(0, MAX_LIMIT));
    loop {
        let found = audit::list(ctx, actor, &filter, &page).await?;
        all.extend(found.rows);
        match found.next {
            Some(next) => page.after = Some(next),
            None => return Ok(all),
        }
    }
}

/// The document of an answer, where one was brought with it.
fn answer_document(ctx: &Context, answer: &SelfAnswerRow) -> Option<Planned> {
    let sha256 = answer.sha256.clone()?;
    Some(Planned {
        path: lists::answer_path(answer),
        media_type: "application/octet-stream".to_owned(),
        known_at: answer.added,
        source: Source::Kept(vault::path(&ctx.data_dir, &sha256), sha256),
    })
}

/// A document under its own id: names that people gave are in the list alone.
fn document(ctx: &Context, proof: &ProofRow) -> Planned {
    Planned {
        path: format!("proofs/{}", lists::proof_path(proof)),
        media_type: proof.media_type.clone(),
        known_at: proof.added,
        source: Source::Kept(vault::path(&ctx.data_dir, &proof.sha256), proof.sha256.clone()),
    }
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
    Ok(lists::list(&["what", "value"], rows.into_iter()))
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
answers/answers.csv           Answers of the self-assessment with who gave them and when; of a question and a site the last one
                              counts. A document that came with one is beside it, as received.
decisions/addressable.csv     Decisions on addressable specifications (45 CFR 164.306(d)), with reason and approver.
alerts/account.csv            Alerts received against alerts accounted for, for the days of the binder.
audit/audit.jsonl             The whole audit log up to the sealing, each entry chained to the one before, with its signed
                              end. `bedrail audit verify` checks it; no part of the chain can be left out, so it is whole.
catalogues/                   What was asked, in the version that the program judged by.

States, worst first: no, unknown, partly, claimed, evidenced. Unknown means that nothing in force says anything; proof that
lapsed counts as nothing. A document or a decision counts from the moment at which it was received (known_at).
README.txt says how to check that nothing in here was changed.
";

/// What is said where the binder has the scope of an engagement.
const CUT: &str = "
THIS BINDER HAS THE SCOPE OF AN ENGAGEMENT, which the manifest names under `engagement`. States, facts, documents, decisions and
answers are of its requirements; what is said of single sites is of its sites. States are judged over all sites of the
organisation. The audit log cannot be cut without losing its chain: audit/head.txt has its head, and where the scope is a
period alone, audit/entries.csv has the entries of these days. Whoever has the whole log can check both against it.
";

fn contents(cut: &Cut) -> Vec<u8> {
    let mut text = CONTENTS.to_owned();
    if !cut.is_whole() {
        text += CUT;
    }
    text.into_bytes()
}

/// Checks a binder without a data folder; `key` is the public key in hexadecimal as the organisation gave it by another way.
///
/// # Errors
/// [`Broken`], with every file that is not as it was sealed.
pub fn verify(binder: impl Read, key: Option<&[u8; 32]>) -> Result<VerifiedBinder, Broken> {
    let trust = key.map_or(Trust::Unknown, Trust::Key);
    bedrail_binder::verify(binder, trust, &sign::right)
}
