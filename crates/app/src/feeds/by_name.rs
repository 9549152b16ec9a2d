//! What NVD says of a component by its product names (CPE), within the device that it is part of.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_assess::configuration::{evaluate, explain};
use bedrail_assess::evaluate::weight;
use bedrail_assess::{Name, Platform};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::cpe::Origin;
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::finding::{Evidence, Judgement};
use bedrail_vulndb::{AdvisoryRef, GroupRef, ReadError, SourceRef};

use super::data::Current;
use super::error::FeedError;
use super::judge::Verdict;

/// A record that speaks of the component, and what it says.
struct Told {
    advisory: AdvisoryRef,
    source: SourceRef,
    reason: Reason,
}

/// Judges a component by its names, in a device. `by_purl` is what its package URL led to: where that gave an answer, both
/// count. `not_affected` asks for judgements "not affected", too.
pub(super) fn judge(
    current: &Current,
    (names, device): (&[Name], &Platform),
    by_purl: Verdict,
    not_affected: bool,
) -> Result<Verdict, FeedError> {
    let (known, told) = hear(current, names, device)?;
    let mut judgements = Vec::new();
    for (group, mut told) in told {
        told.sort_by_key(|told| (weight(told.reason), told.advisory));
        let reason = told[0].reason;
        if reason.answer() != Answer::NotAffected || not_affected {
            judgements.push(judgement(current, group, &told, (names, device))?);
        }
    }
    let answered = by_purl.unassessed.is_none();
    let silent = judgements.iter().all(|judgement| judgement.answer == Answer::NotAffected);
    let unassessed = match (answered, known) {
        (true, _) => None,
        (false, false) => Some(Reason::ProductUnknown),
        (false, true) if silent && names.iter().all(|name| name.origin == Origin::Guessed) => {
            Some(Reason::NameGuessed)
        }
        (false, true) => None,
    };
    if unassessed.is_some() {
        return Ok(Verdict { judgements: Vec::new(), unassessed });
    }
    Ok(Verdict { judgements: merge(by_purl.judgements, judgements), unassessed: None })
}

/// Whether any record names one of the products, and by weakness the records that do.
fn hear(
    current: &Current,
    names: &[Name],
    device: &Platform,
) -> Result<(bool, BTreeMap<GroupRef, Vec<Told>>), ReadError> {
    let products: BTreeSet<&str> = names.iter().map(Name::product).collect();
    let mut records: BTreeMap<AdvisoryRef, (GroupRef, SourceRef)> = BTreeMap::new();
    for product in products {
        current.db.entries(Ecosystem::CPE, product, |entry| {
            records.insert(entry.advisory, (entry.group, entry.source));
            Ok(())
        })?;
    }
    let known = !records.is_empty();
    let (mut told, mut scratch) = (BTreeMap::<GroupRef, Vec<Told>>::new(), Vec::new());
    for (advisory, (group, source)) in records {
        let reason = evaluate(current.db.configurations_of(advisory)?, names, device, &mut scratch)?;
        told.entry(group).or_default().push(Told { advisory, source, reason });
    }
    Ok((known, told))
}

fn judgement(
    current: &Current,
    group: GroupRef,
    told: &[Told],
    (names, device): (&[Name], &Platform),
) -> Result<Judgement, FeedError> {
    let (mut evidence, mut fixed_in) = (Vec::with_capacity(told.len()), Vec::new());
    for one in told {
        let words =
            explain(current.db.configurations_of(one.advisory)?, names, device).map_err(ReadError::from)?;
        if one.reason.answer() != Answer::NotAffected {
            fixed_in.extend(words.fixed_in);
        }
        evidence.push(Evidence {
            advisory: current.db.advisory(one.advisory)?.id.to_owned(),
            source: current.db.source(one.source)?.to_owned(),
            snapshot: current.snapshot().to_owned(),
            package: format!("{} {}", Ecosystem::CPE, words.product),
            rule: words.rule,
            version: words.version,
            reason: one.reason,
        });
    }
    fixed_in.sort();
    fixed_in.dedup();
    let reason = told[0].reason;
    Ok(Judgement { weakness: current.weakness(group)?, answer: reason.answer(), reason, fixed_in, evidence })
}

/// Both answers on each weakness as one: the more pressing first.
fn merge(mut judgements: Vec<Judgement>, by_name: Vec<Judgement>) -> Vec<Judgement> {
    for mut new in by_name {
        match judgements.iter_mut().find(|old| old.weakness.id == new.weakness.id) {
            Some(old) => {
                if weight(new.reason) < weight(old.reason) {
                    std::mem::swap(old, &mut new);
                }
                old.evidence.append(&mut new.evidence);
            }
            None => judgements.push(new),
        }
    }
    judgements.sort_by(|a, b| (a.answer, &a.weakness.id).cmp(&(b.answer, &b.weakness.id)));
    judgements
}
