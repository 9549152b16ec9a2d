//! Facts that somebody was asked for and answered: recorded with who said so and where it stands, taken back, and applied to what
//! devices are judged by, in the very change that records them (decision 1303).

use bedrail_model::action::{Action, State};
pub use bedrail_model::answered::{AnsweredFact, Fact, Holds};
use bedrail_model::cpe::Cpe;
use bedrail_model::ids::{ActionId, FactId, ReleaseId};
use bedrail_model::purl::Purl;
use bedrail_model::text::squeezed;
use bedrail_store::{Change, View, actions, classes, documents, facts as rows};
use jiff::civil::Date;

use crate::configured::{self, Bills, Configured, Known};
use crate::fleet::Fleet;
use crate::fleet::answers::Answers;
use crate::kept::{self, Worked as _};
use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::unknowns::Gathered;
use crate::{Actor, Context, Document, Error, names, vault};

/// The longest text of a fact, in characters.
const LONGEST: usize = 500;
/// Releases and models that one answer is about at most.
const MOST: usize = 1000;

/// A fact to be recorded.
#[derive(Debug, Clone)]
pub struct Record {
    /// What it is about; one fact is kept for each.
    pub holds: Vec<Holds>,
    /// What was said.
    pub fact: Fact,
    /// Who said so.
    pub said_by: String,
    /// On which day.
    pub said_on: Date,
    /// Where it stands.
    pub source: String,
    /// The document that shows it: file name and content.
    pub document: Option<(String, Document)>,
    /// The question that it answers, by its key; an action that waits for the answer is done by it.
    pub question: Option<String>,
}

/// What a fact did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id, one for each of what it is about.
    pub ids: Vec<FactId>,
    /// Releases that it holds for.
    pub releases: u64,
    /// Devices that run them.
    pub devices: u64,
    /// Findings that were opened or became others.
    pub changed: u64,
    /// Findings that no longer hold.
    pub closed: u64,
}

/// A fact with the name of what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRow {
    /// The fact.
    pub fact: AnsweredFact,
    /// Maker, model and version; without a version for a model.
    pub about: String,
}

/// Records a fact; everything that it concerns is judged by it before this returns.
///
/// # Errors
/// [`Error::NotFound`] when the release is not there, [`Error::Invalid`] when the fact lacks a word or says nothing that can be
/// used.
pub async fn record(ctx: &Context, actor: &Actor, command: Record) -> Result<Recorded, Error> {
    actor.need(Right::RecordFacts)?;
    let command = checked(command, ctx.clock.today())?;
    let kept = match &command.document {
        Some((_, document)) => Some(vault::keep(ctx, document).await?),
        None => None,
    };
    let matching = ctx.matching().await?;
    let (fleet, view) = ctx.fleet(actor, Right::RecordFacts).await?;
    let concerned = concerned(&fleet, &command.holds)?;
    let new = |holds: &Holds| AnsweredFact {
        id: FactId::generate(),
        holds: holds.clone(),
        fact: command.fact.clone(),
        said_by: command.said_by.clone(),
        said_on: command.said_on,
        source: command.source.clone(),
        document: None,
        question: command.question.clone(),
        recorded: ctx.clock.now(),
        author: String::new(),
        revoked: None,
    };
    let mut new: Vec<AnsweredFact> = held_for(&fleet, &command, &concerned).iter().map(new).collect();
    let mut all = rows::all(&view).await?;
    all.extend(new.iter().cloned());
    let configured = configured_by(ctx, &view, (&fleet, &concerned), all).await?;
    drop(view);
    let change = ctx.change(actor, Right::RecordFacts, "fact.record").await?;
    let document = match (kept, command.document) {
        (Some(kept), Some((name, document))) => {
            let size = usize::try_from(document.length()).unwrap_or(usize::MAX);
            Some(documents::add(&change, &kept.sha256, "answer", &name, size).await?)
        }
        _ => None,
    };
    for fact in &mut new {
        (fact.document, fact.author, fact.recorded) = (document, change.actor().to_owned(), change.at());
        rows::add(&change, fact).await?;
    }
    let moved = configured.apply(ctx, &change).await?;
    let names: Vec<String> = new.iter().map(|fact| about(&fleet, &fact.holds)).collect();
    let said = &new[0];
    let detail = format!(
        "{} {}; said by {} on {}: {}; {}",
        names.join(", "),
        said.fact.sentence(),
        said.said_by,
        said.said_on,
        said.source,
        moved.words()
    );
    change.commit(&names[0], &detail).await?;
    drop(matching);
    end_asking(ctx, actor, &new[0]).await?;
    let devices = devices_of(&fleet, &concerned);
    Ok(Recorded {
        ids: new.iter().map(|fact| fact.id).collect(),
        releases: concerned.len() as u64,
        devices,
        changed: moved.opened,
        closed: moved.closed,
    })
}

/// Takes a fact back; everything is judged without it before this returns.
///
/// # Errors
/// [`Error::NotFound`] when there is none, [`Error::Invalid`] without a reason, [`Error::Conflict`] when it was taken back already.
pub async fn revoke(ctx: &Context, actor: &Actor, id: FactId, reason: &str) -> Result<(), Error> {
    actor.need(Right::RecordFacts)?;
    let reason = said("why it is taken back", reason)?;
    let matching = ctx.matching().await?;
    let (fleet, view) = ctx.fleet(actor, Right::RecordFacts).await?;
    let mut all = rows::all(&view).await?;
    let at = all.iter().position(|fact| fact.id == id);
    let old = at.map(|at| all.remove(at)).ok_or_else(|| Error::not_found(format!("fact {id}")))?;
    if old.revoked.is_some() {
        return Err(Error::Conflict { message: "the fact was taken back already".into() });
    }
    let concerned = concerned(&fleet, std::slice::from_ref(&old.holds))?;
    let configured = configured_by(ctx, &view, (&fleet, &concerned), all).await?;
    drop(view);
    let change = ctx.change(actor, Right::RecordFacts, "fact.revoke").await?;
    if !rows::revoke(&change, id, &reason).await? {
        return Err(Error::Conflict { message: "the fact was taken back already".into() });
    }
    ask_again(&change, &old).await?;
    let moved = configured.apply(ctx, &change).await?;
    let detail = format!("{}: {reason}; {}", old.fact.sentence(), moved.words());
    change.commit(&about(&fleet, &old.holds), &detail).await?;
    drop(matching);
    Ok(())
}

/// Facts, the last recorded first; those that were taken back behind the others. `release` asks for those that hold for it.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    release: Option<ReleaseId>,
    page: &PageRequest,
) -> Result<Page<FactRow>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let of = release.and_then(|id| fleet.products.release_index.get(&id));
    let of = of.map(|at| &fleet.products.releases[*at as usize].row);
    let mut found: Vec<FactRow> = rows::all(&view)
        .await?
        .into_iter()
        .filter(|fact| release.is_none() || of.is_some_and(|row| Answers::holds_for(&fact.holds, row)))
        .map(|fact| FactRow { about: about(&fleet, &fact.holds), fact })
        .collect();
    found.sort_by_key(|row| (row.fact.revoked.is_some(), std::cmp::Reverse(row.fact.id)));
    Page::cut(found, page, |row| row.fact.id.to_string())
}

/// The fact with its texts in order, where it says something that can be used.
fn checked(command: Record, today: Date) -> Result<Record, Error> {
    let fact = match command.fact {
        Fact::RunsOn(system) => Fact::RunsOn(said("the operating system", &system)?),
        contains @ Fact::Contains { .. } => checked_component(contains)?,
        Fact::Has(name) => Fact::Has(product(&name)?),
        Fact::HasNot(name) => Fact::HasNot(product(&name)?),
        Fact::Lacks(name) => Fact::Lacks(said("the name of the component", &name)?),
    };
    if command.said_on > today {
        return Err(Error::invalid("the day on which it was said is in the future"));
    }
    let about = |holds: Holds| match holds {
        Holds::Model { maker, model } => {
            Ok(Holds::Model { maker: said("the maker", &maker)?, model: said("the model", &model)? })
        }
        release @ Holds::Release(_) => Ok(release),
    };
    let mut holds: Vec<Holds> = command.holds.into_iter().map(about).collect::<Result<_, Error>>()?;
    holds.dedup();
    if holds.is_empty() || holds.len() > MOST {
        return Err(Error::Invalid {
            message: format!("a fact is about one release or model at least, {MOST} at most"),
            hint: Some("say what it holds for".into()),
        });
    }
    let said_by = said("who said so", &command.said_by)?;
    let source = said("where it stands", &command.source)?;
    Ok(Record { holds, fact, said_by, source, ..command })
}

/// A component with a version, and identifiers that do not say another one.
fn checked_component(fact: Fact) -> Result<Fact, Error> {
    let Fact::Contains { name, version, purl, cpe } = fact else { return Ok(fact) };
    let optional = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let version = said("the version", &version)?;
    if configured::says_nothing(&version) {
        return Err(Error::invalid(format!("`{version}` is no version")));
    }
    let purl = optional(purl).map(|purl| said("the package URL", &purl)).transpose()?;
    if let Some(purl) = &purl
        && let Err(error) = Purl::parse(purl)
    {
        return Err(Error::Invalid {
            message: error.to_string(),
            hint: Some("such as pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1".into()),
        });
    }
    let cpe = optional(cpe).map(|cpe| product(&cpe)).transpose()?;
    let within = [
        purl.as_deref().and_then(configured::version_in_purl),
        cpe.as_deref().and_then(configured::version_in_cpe),
    ];
    if let Some(other) = within.into_iter().flatten().find(|other| !other.eq_ignore_ascii_case(&version)) {
        return Err(Error::Invalid {
            message: format!("the version is given as `{version}` and, in an identifier, as `{other}`"),
            hint: Some("leave the version out of the identifier, or give the same one".into()),
        });
    }
    Ok(Fact::Contains { name: said("the name of the component", &name)?, version, purl, cpe })
}

fn said(what: &str, text: &str) -> Result<String, Error> {
    match squeezed(text) {
        text if text.is_empty() => Err(Error::Invalid {
            message: format!("{what} is missing"),
            hint: Some("a fact says who said so, when, and where it stands".into()),
        }),
        text if text.chars().count() > LONGEST => {
            Err(Error::invalid(format!("{what} is too long ({LONGEST} characters)")))
        }
        text => Ok(text),
    }
}

/// A product name (CPE) that names part, vendor and product.
fn product(text: &str) -> Result<String, Error> {
    let name: Option<Cpe> = text.trim().parse().ok();
    let named = name.filter(|name| name.fields().product().is_some());
    named.map(|name| name.to_string()).ok_or_else(|| Error::Invalid {
        message: format!("`{}` is no product name (CPE)", text.trim()),
        hint: Some("such as cpe:2.3:o:microsoft:windows_10:1809:*:*:*:*:*:*:*".into()),
    })
}

/// What a fact is kept for. That something is not there is said of the releases that there are: of those to come nobody knows.
fn held_for(fleet: &Fleet, command: &Record, concerned: &[u32]) -> Vec<Holds> {
    match command.fact {
        Fact::HasNot(_) | Fact::Lacks(_) => {
            let release = |at: &u32| Holds::Release(fleet.products.releases[*at as usize].row.id);
            concerned.iter().map(release).collect()
        }
        Fact::RunsOn(_) | Fact::Contains { .. } | Fact::Has(_) => command.holds.clone(),
    }
}

/// The releases that a fact holds for, by index of the fleet, sorted.
fn concerned(fleet: &Fleet, all: &[Holds]) -> Result<Vec<u32>, Error> {
    let mut found = std::collections::BTreeSet::new();
    for holds in all {
        let releases = (0..).zip(&fleet.products.releases);
        let of = releases.filter(|(_, release)| Answers::holds_for(holds, &release.row));
        let of: Vec<u32> = of.map(|(at, _)| at).collect();
        match (of.is_empty(), holds) {
            (true, Holds::Release(id)) => return Err(Error::not_found(format!("release {id}"))),
            (true, Holds::Model { maker, model }) => {
                return Err(Error::not_found(format!("a release of {maker} {model}")));
            }
            (false, _) => found.extend(of),
        }
    }
    Ok(found.into_iter().collect())
}

fn about(fleet: &Fleet, holds: &Holds) -> String {
    match holds {
        Holds::Release(id) => match fleet.products.release_index.get(id) {
            Some(at) => fleet.products.releases[*at as usize].name.clone(),
            None => format!("release {id}"),
        },
        Holds::Model { maker, model } => format!("{maker} {model}"),
    }
}

fn devices_of(fleet: &Fleet, releases: &[u32]) -> u64 {
    let classes = fleet.products.classes.iter().zip(&fleet.products.release_of);
    let of = classes.filter(|(_, release)| releases.binary_search(release).is_ok());
    of.map(|(class, _)| class.devices).sum()
}

/// What the classes of releases are judged by with these facts.
async fn configured_by(
    ctx: &Context,
    view: &View,
    (fleet, releases): (&Fleet, &[u32]),
    facts: Vec<AnsweredFact>,
) -> Result<Configured, Error> {
    let answers = Answers::new(0, facts);
    let mut known = Vec::new();
    for at in releases {
        let release = &fleet.products.releases[*at as usize].row;
        for class in classes::of_release(view, release.id).await? {
            known.push(Known::of(&answers, release, &class, release.content));
        }
    }
    let names = names::book(view).await?;
    configured::prepare(ctx, view, known, Bills::new(&names)).await
}

/// Actions that wait for this answer are done by it, where nothing of the question is left open.
async fn end_asking(ctx: &Context, actor: &Actor, fact: &AnsweredFact) -> Result<(), Error> {
    let Some(question) = &fact.question else { return Ok(()) };
    let (fleet, view) = ctx.fleet(actor, Right::RecordFacts).await?;
    let waiting = waiting(&view, question).await?;
    let open: Vec<ActionId> =
        waiting.iter().filter(|one| one.state == State::Open).map(|one| one.id).collect();
    if open.is_empty() {
        return Ok(());
    }
    let made = kept::get::<Gathered>(ctx, &fleet, &view).await?;
    // What takes long to gather may be of before the answer; then a person ends the action.
    if !made.value.is_small() || made.value.asks(question) {
        return Ok(());
    }
    drop(view);
    let change = ctx.change(actor, Right::RecordFacts, "unknown.answered").await?;
    for id in open {
        actions::end(&change, id, true, &proof(fact)).await?;
    }
    Ok(change.commit(question, &proof(fact)).await?)
}

/// Actions that this answer had done are open again.
async fn ask_again(change: &Change, fact: &AnsweredFact) -> Result<(), Error> {
    let Some(question) = &fact.question else { return Ok(()) };
    for action in waiting(change, question).await? {
        if matches!(&action.state, State::Done { proof: by, .. } if *by == proof(fact)) {
            actions::reopen(change, action.id).await?;
        }
    }
    Ok(())
}

/// What an answer is the proof of, in the action that waited for it.
fn proof(fact: &AnsweredFact) -> String {
    format!("{} said: {} ({})", fact.said_by, fact.fact.sentence(), fact.source)
}

/// Actions that wait or waited for the answer to a question.
async fn waiting(view: &View, question: &str) -> Result<Vec<Action>, Error> {
    let mut all = actions::all(view).await?;
    all.retain(|action| action.asked.as_ref().is_some_and(|asked| asked.question == *question));
    Ok(all)
}
