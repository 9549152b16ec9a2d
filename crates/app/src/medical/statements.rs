//! What advisories say of releases, for who asks about a weakness or about one advisory: statements with issuer and date.

use std::collections::HashMap;

use bedrail_assess::named_product::{Prepared, Why};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::finding::{Borrowed, Evidence, Weakness};
use bedrail_model::ids::ProductAdvisoryId;
use bedrail_model::product_advisory::Word;
use bedrail_model::severity::{Cvss, Severity};
use bedrail_store::View;
use jiff::Timestamp;

use super::judged::{self, Hit, Judged};
use super::shelf::Held;
use super::{Candidate, candidate};
use crate::fleet::Fleet;
use crate::{Context, Error};

/// What one advisory says of a release.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    /// What it says.
    pub(crate) answer: Answer,
    /// Whether it counts where a bill of materials is held too: the word of who publishes it, or a list that calls something affected
    /// which may be ours.
    pub(crate) weighs: bool,
    /// When its publisher said in its own name that the product is affected: what was decided before that did not know of it.
    pub(crate) news: Option<Timestamp>,
    /// The statement as evidence: who, when, in which words, and where to read it.
    pub(crate) evidence: Evidence,
    /// What would settle it, where it cannot be told.
    pub(crate) open: Option<String>,
}

/// Statements by the index of the release, the pressing first.
pub(crate) type Statements = HashMap<u32, Vec<Statement>>;

/// What is said of a weakness; by an advisory that goes by the same id, all that it says.
pub(crate) async fn on_weakness(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    id: &str,
) -> Result<Statements, Error> {
    let ids = [id.to_owned(), id.to_uppercase()];
    if ctx.inner.shelves.of(fleet, view).await?.on_weaknesses(&ids).is_empty() {
        return Ok(Statements::new());
    }
    let judged = judged::within(ctx, fleet, view).await?;
    let mut found = Statements::new();
    for index in judged.shelf.on_weaknesses(&ids) {
        let (held, hits) = judged.advisory(index);
        if hits.is_empty() {
            continue;
        }
        let spoken = held.advisory.weaknesses.iter().enumerate();
        let of_it: Vec<usize> =
            spoken.filter(|(_, it)| it.ids.iter().any(|it| it == id)).map(|(at, _)| at).collect();
        if of_it.is_empty() || of_it.len() == held.advisory.weaknesses.len() {
            add(&mut found, &judged, (held, &held.prepared), hits);
            continue;
        }
        // Of several weaknesses each may be in other products.
        for weakness in of_it {
            let prepared = Prepared::on_weakness(&held.advisory, weakness);
            let hits = judged.judged_by(&prepared, hits);
            add(&mut found, &judged, (held, &prepared), &hits);
        }
    }
    sort(&mut found);
    Ok(found)
}

fn sort(found: &mut Statements) {
    for said in found.values_mut() {
        said.sort_by_key(|it| it.answer);
    }
}

/// An advisory that was asked for.
#[derive(Debug)]
pub(crate) struct AskedAdvisory {
    /// Our id of it, by which it alone is meant.
    pub(crate) id: ProductAdvisoryId,
    /// The advisory under its own id, put as a weakness.
    pub(crate) weakness: Weakness,
    /// What it says.
    pub(crate) statements: Statements,
    /// When it was released, where it says so.
    pub(crate) released: Option<Timestamp>,
    /// When it was taken in.
    pub(crate) taken_in: Timestamp,
}

/// Whether an advisory goes by this id, ours or its publisher's.
pub(crate) async fn is_advisory(ctx: &Context, fleet: &Fleet, view: &View, id: &str) -> Result<bool, Error> {
    Ok(ctx.inner.shelves.of(fleet, view).await?.find(id).is_some())
}

/// What an advisory says, and all others of the same id; `None` where there is none. Whether nothing else is meant by the id is for
/// the caller to know.
pub(crate) async fn of_advisory(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    id: &str,
) -> Result<Option<AskedAdvisory>, Error> {
    if !is_advisory(ctx, fleet, view, id).await? {
        return Ok(None);
    }
    let judged = judged::within(ctx, fleet, view).await?;
    let called = judged.shelf.called(id);
    let Some(first) = called.first() else { return Ok(None) };
    let mut statements = Statements::new();
    for index in &called {
        let (held, hits) = judged.advisory(*index);
        add(&mut statements, &judged, (held, &held.prepared), hits);
    }
    sort(&mut statements);
    let (held, _) = judged.advisory(*first);
    Ok(Some(AskedAdvisory {
        id: held.id,
        weakness: as_asked(held),
        statements,
        released: released(held),
        taken_in: held.added,
    }))
}

fn released(held: &Held) -> Option<Timestamp> {
    held.advisory.released.as_deref().and_then(|text| text.parse().ok())
}

/// The advisory under its own id, as one asks about a weakness.
fn as_asked(held: &Held) -> Weakness {
    let scores = held.advisory.weaknesses.iter().flat_map(|it| &it.scores).map(|(cvss, _)| cvss);
    let cvss = scores.max_by(|a, b| a.score.total_cmp(&b.score)).cloned();
    let ids = held.advisory.weaknesses.iter().flat_map(|it| it.ids.first()).cloned();
    Weakness {
        id: held.advisory.id.clone(),
        aliases: Vec::new(),
        mentions: ids.collect(),
        summary: held.advisory.title.clone(),
        severity: cvss.as_ref().map_or(Severity::Unknown, Cvss::severity),
        cvss,
        epss: None,
        kev: None,
        malicious: false,
        borrowed: Borrowed::default(),
    }
}

fn add(found: &mut Statements, judged: &Judged, by: (&Held, &Prepared), hits: &[Hit]) {
    for hit in hits {
        found.entry(hit.release).or_default().push(statement(judged, by, hit));
    }
}

fn statement(judged: &Judged, (held, prepared): (&Held, &Prepared), hit: &Hit) -> Statement {
    let release = &judged.products.releases[hit.release as usize];
    let advisory = &*held.advisory;
    let named = hit.group.into_iter().chain(hit.candidates.iter().copied()).next();
    let named: Option<Candidate> = named.map(|index| candidate(advisory, prepared, index));
    let name = |it: &Candidate| format!("{} {}", it.maker, it.product).trim().to_owned();
    let versions = named.as_ref().map(|it| it.versions.join("; ")).filter(|it| !it.is_empty());
    let group = hit.group.or_else(|| hit.candidates.first().copied()).map(|it| &prepared.groups[it]);
    let links = group.into_iter().flat_map(|it| &it.products).flat_map(|it| &advisory.products[*it].links);
    let link = links.map(|it| it.url.as_str()).find(|it| it.starts_with("http"));
    let mut rule = hit.why.sentence();
    if let Some(versions) = versions {
        rule.push_str(&format!("; in its words: {versions}"));
    }
    if let Some(link) = link {
        rule.push_str(&format!("; said at {link}"));
    }
    let open = named.as_ref().filter(|_| hit.answer == Answer::CannotTell).map(|it| match &hit.why {
        Why::Unconfirmed(count) => {
            let others = if *count > 1 { " or another of its products" } else { "" };
            format!("whether {} is “{}” of {}{others}", release.name, name(it), advisory.id)
        }
        Why::Claimed => format!(
            "a decision on {}: {} says that its maker calls it mended or not affected",
            release.name, advisory.publisher.name
        ),
        _ => format!("its maker's word on {}, of which {} leaves it open", release.name, advisory.id),
    });
    let own = advisory.word == Word::Own;
    Statement {
        answer: hit.answer,
        weighs: own || judged.may_affect(prepared, hit),
        news: (own && hit.answer == Answer::Affected).then(|| released(held).unwrap_or(held.added)),
        open,
        evidence: Evidence {
            advisory: advisory.id.clone(),
            source: advisory.publisher.name.as_str().into(),
            snapshot: issued(held, group.map_or(&[], |it| &it.products)).into(),
            package: named.as_ref().map(name).unwrap_or_default().into(),
            rule,
            version: release.row.version.as_deref().map(Into::into),
            reason: reason_of(hit.answer),
            missing: None,
        },
    }
}

/// When it was said, else when it was taken in: the state of the data.
fn issued(held: &Held, products: &[usize]) -> String {
    let updated = products.iter().filter_map(|it| held.advisory.products[*it].updated.as_deref()).max();
    match updated.or(held.advisory.released.as_deref()) {
        Some(text) => format!("of {}", text.get(..10).unwrap_or(text)),
        None => format!("undated, taken in {}", held.added.strftime("%Y-%m-%d")),
    }
}

/// The reason that a statement gives.
pub(crate) const fn reason_of(answer: Answer) -> Reason {
    match answer {
        Answer::Affected => Reason::Stated,
        Answer::CannotTell => Reason::StatementUnclear,
        Answer::NotAffected => Reason::VersionOutside,
    }
}
