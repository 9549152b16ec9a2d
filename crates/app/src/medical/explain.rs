//! Why an advisory does or does not speak of a release: its words, which names were held equal and by whom, which versions
//! were compared.

use bedrail_assess::named_product::{Decisions, Likeness, Prepared, Why};
use bedrail_model::answer::Answer;
use bedrail_model::ids::ReleaseId;
use bedrail_model::product_advisory::Word;
use bedrail_store::product_aliases;
use jiff::Timestamp;

use super::candidate;
use super::judged::{self, Hit, Judged};
use super::shelf::Held;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// The chain from an advisory to its answer on one release.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The publisher's id.
    pub advisory: String,
    /// Who publishes it.
    pub publisher: String,
    /// Whether it repeats what makers say.
    pub word: Word,
    /// When it was released, as written.
    pub released: Option<String>,
    /// What the advisory says in its own words.
    pub title: String,
    /// Our name, without the version.
    pub own_name: String,
    /// Our version; empty where it is not known.
    pub version: String,
    /// The names that had a say.
    pub names: Vec<NameHeld>,
    /// What it comes to.
    pub answer: Answer,
    /// Why.
    pub why: Why,
}

/// A name of an advisory, and what it is held for.
#[derive(Debug, Clone, PartialEq)]
pub struct NameHeld {
    /// Maker and product as the advisory writes them.
    pub name: String,
    /// Versions, in its words.
    pub versions: Vec<String>,
    /// What it is held for.
    pub held: HeldFor,
}

/// What a name of an advisory is held for, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldFor {
    /// The same by rule: equal but for case, punctuation, legal forms and the like.
    SameByRule,
    /// The same, as a person of the organisation decided.
    SameByPerson(Timestamp),
    /// All products of the maker are meant.
    AllOfMaker,
    /// Perhaps the same: nobody has decided yet.
    Open,
}

/// What is said of a release by the advisories that speak of a weakness, or by the one of this id; the pressing first.
///
/// # Errors
/// [`Error::NotFound`] when there is no such release.
pub async fn explain(
    ctx: &Context,
    actor: &Actor,
    id: &str,
    release: ReleaseId,
) -> Result<Vec<Explained>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let judged = judged::within(ctx, &fleet, &view).await?;
    let at = judged.release(release).ok_or_else(|| Error::not_found(format!("release {release}")))?;
    let decided: Vec<Decided> = product_aliases::all(&view)
        .await?
        .into_iter()
        .map(|row| Decided { keys: (row.own_key, row.their_key), at: row.decided })
        .collect();
    let wanted = id.trim().to_uppercase();
    // Those that go by the id, and those that speak of it as of a weakness.
    let mut asked = judged.shelf.called(id);
    asked.extend(judged.shelf.on_weaknesses(std::slice::from_ref(&wanted)));
    asked.sort_unstable();
    asked.dedup();
    let mut found = Vec::new();
    for index in asked {
        let (held, hits) = judged.advisory(index);
        let hits: Vec<Hit> = hits.iter().filter(|it| it.release == at).cloned().collect();
        let of_it = (0_usize..)
            .zip(&held.advisory.weaknesses)
            .find(|(_, it)| it.ids.contains(&wanted))
            .filter(|_| held.advisory.weaknesses.len() > 1);
        let narrowed = of_it.map(|(weakness, _)| Prepared::on_weakness(&held.advisory, weakness));
        let hits = narrowed.as_ref().map_or_else(|| hits.clone(), |it| judged.judged_by(it, &hits));
        let prepared = narrowed.as_ref().unwrap_or(&held.prepared);
        found.extend(hits.iter().map(|hit| explained(&judged, (held, prepared), hit, &decided)));
    }
    found.sort_by_key(|it| it.answer);
    Ok(found)
}

/// A decision on two names.
struct Decided {
    keys: (String, String),
    at: Timestamp,
}

fn explained(
    judged: &Judged,
    (held, prepared): (&Held, &Prepared),
    hit: &Hit,
    decided: &[Decided],
) -> Explained {
    let ours = judged.name(hit.release);
    let version = judged.products.releases[hit.release as usize].row.version.clone().unwrap_or_default();
    // Without decisions: what the rules alone say.
    let by_rule = prepared.likenesses(&ours, &version, &Decisions::new());
    let name = |index: &usize| {
        let group = &prepared.groups[*index];
        let keys = (ours.key(), group.name.key());
        let person = decided.iter().find(|it| it.keys == keys);
        let it = candidate(&held.advisory, prepared, *index);
        NameHeld {
            name: format!("{} {}", it.maker, it.product).trim().to_owned(),
            versions: it.versions,
            held: match (by_rule[*index], person) {
                (_, Some(person)) => HeldFor::SameByPerson(person.at),
                (Likeness::Same, None) if group.is_all_of_maker() => HeldFor::AllOfMaker,
                (Likeness::Same, None) => HeldFor::SameByRule,
                (Likeness::Maybe(_) | Likeness::Different, None) => HeldFor::Open,
            },
        }
    };
    Explained {
        advisory: held.advisory.id.clone(),
        publisher: held.advisory.publisher.name.clone(),
        word: held.advisory.word,
        released: held.advisory.released.clone(),
        title: held.advisory.title.clone(),
        own_name: format!("{} {}", ours.maker(), ours.product()).trim().to_owned(),
        version,
        names: hit.group.iter().chain(&hit.candidates).map(name).collect(),
        answer: hit.answer,
        why: hit.why.clone(),
    }
}
