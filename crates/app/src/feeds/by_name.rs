//! What NVD says of a component by its product names (CPE), within the device that it is part of.

use std::collections::HashMap;
use std::sync::Arc;

use bedrail_assess::configuration::{Sieve, Told, explain};
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
use super::known::Known;

/// A record that speaks of the component, and what it says.
struct Heard<'d> {
    record: Record<'d>,
    reason: Reason,
    /// The package by the index, and what is said in words, where they are made already.
    told: Option<(Arc<str>, Told)>,
}

/// A record, its weakness, its source and its configurations.
#[derive(Debug, Clone, Copy)]
struct Record<'d> {
    advisory: AdvisoryRef,
    group: GroupRef,
    source: SourceRef,
    tree: &'d [u8],
}

/// The records that name a product.
#[derive(Debug)]
struct Product<'d> {
    /// As evidence names it.
    package: Arc<str>,
    records: Vec<Record<'d>>,
    sieve: Sieve<'d>,
    /// Weaknesses that several of the records are about, and which: what each of them said is shown.
    shared: HashMap<GroupRef, Vec<usize>>,
}

/// What was read of products, for the next component: bills name the same ones again and again.
#[derive(Debug, Default)]
pub(super) struct Memory<'d> {
    products: HashMap<String, Product<'d>>,
    /// Criteria of all products.
    criteria: usize,
}

impl<'d> Memory<'d> {
    /// Criteria kept at a time, some 150 bytes each; the kernel has a tenth of that.
    const CRITERIA: usize = 400_000;

    fn product(&mut self, current: &'d Current, name: &str) -> Result<&Product<'d>, ReadError> {
        if !self.products.contains_key(name) {
            let product = Product::read(current, name)?;
            if self.criteria > Self::CRITERIA {
                self.products.clear();
                self.criteria = 0;
            }
            self.criteria += product.sieve.len() + 1;
            self.products.insert(name.to_owned(), product);
        }
        Ok(&self.products[name])
    }
}

impl<'d> Product<'d> {
    fn read(current: &'d Current, name: &str) -> Result<Product<'d>, ReadError> {
        let (records, sieve, shared) = (Vec::new(), Sieve::default(), HashMap::new());
        let mut product = Product { package: package(name), records, sieve, shared };
        current.db.entries(Ecosystem::CPE, name, |entry| {
            let tree = current.db.configurations_of(entry.advisory)?;
            product.sieve.add(tree, name)?;
            let (advisory, group, source) = (entry.advisory, entry.group, entry.source);
            product.records.push(Record { advisory, group, source, tree });
            Ok(())
        })?;
        for (number, record) in product.records.iter().enumerate() {
            product.shared.entry(record.group).or_default().push(number);
        }
        product.shared.retain(|_, records| records.len() > 1);
        Ok(product)
    }

    /// What records say of a name: those that say "affected" or "cannot tell", and those on the same weakness.
    fn ask(&self, name: &Name, device: &Platform) -> Result<Vec<Heard<'d>>, ReadError> {
        let found = self.sieve.ask(name, device, &mut Vec::new())?;
        let mut heard = Vec::with_capacity(found.len());
        for one in found {
            let record = self.records[one.record as usize];
            let told = Some((Arc::clone(&self.package), one.tell(name, device)?));
            heard.push(Heard { record, reason: one.reason, told });
            let others = self.shared.get(&record.group).map_or(&[][..], Vec::as_slice);
            let others = others.iter().map(|other| self.records[*other]);
            heard.extend(others.map(|record| Heard { record, reason: Reason::VersionOutside, told: None }));
        }
        Ok(heard)
    }
}

/// Judges a component by its names, in a device. `by_purl` is what its package URL led to: where that gave an answer, both
/// count. `not_affected` asks for judgements "not affected", too.
pub(super) fn judge<'d>(
    (current, memory, known): (&'d Current, &mut Memory<'d>, &mut Known),
    (names, device): (&[Name], &Platform),
    by_purl: Verdict,
    not_affected: bool,
) -> Result<Verdict, FeedError> {
    let (mut named, mut heard) = (false, Vec::new());
    for name in names {
        let product = memory.product(current, name.product())?;
        named |= !product.records.is_empty();
        heard.append(&mut product.ask(name, device)?);
        if not_affected {
            let all = product.records.iter();
            heard.extend(all.map(|record| Heard {
                record: *record,
                reason: Reason::VersionOutside,
                told: None,
            }));
        }
    }
    // By weakness; of what was heard of one record, the most pressing.
    heard.sort_by_key(|one| (one.record.group, one.record.advisory, weight(one.reason)));
    heard.dedup_by_key(|one| one.record.advisory);
    heard.sort_by_key(|one| (one.record.group, weight(one.reason), one.record.advisory));
    let mut judgements = Vec::new();
    for told in heard.chunk_by_mut(|a, b| a.record.group == b.record.group) {
        judgements.push(judgement((current, known), told, (names, device))?);
    }
    let answered = by_purl.unassessed.is_none();
    let silent = judgements.iter().all(|judgement| judgement.answer == Answer::NotAffected);
    let unassessed = match (answered, named) {
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

fn judgement(
    (current, known): (&Current, &mut Known),
    heard: &mut [Heard<'_>],
    (names, device): (&[Name], &Platform),
) -> Result<Judgement, FeedError> {
    let reason = heard[0].reason;
    let weakness = known.weakness(current, heard[0].record.group)?;
    let (mut evidence, mut fixed_in) = (Vec::with_capacity(heard.len()), Vec::new());
    for one in heard {
        let (package, words) = match one.told.take() {
            Some(told) => told,
            None => {
                let words = explain(one.record.tree, names, device).map_err(ReadError::from)?;
                (package(&words.product), words)
            }
        };
        if one.reason.answer() != Answer::NotAffected {
            fixed_in.extend(words.fixed_in);
        }
        evidence.push(Evidence {
            advisory: current.db.id_of(one.record.advisory)?.to_owned(),
            source: known.source(current, one.record.source)?,
            snapshot: Arc::clone(current.snapshot()),
            package,
            rule: words.rule,
            version: words.version,
            reason: one.reason,
            missing: words.missing,
        });
    }
    fixed_in.sort();
    fixed_in.dedup();
    Ok(Judgement { weakness, answer: reason.answer(), reason, fixed_in, evidence })
}

/// How evidence names a product.
fn package(product: &str) -> Arc<str> {
    format!("{} {product}", Ecosystem::CPE).into()
}

/// Both answers on each weakness as one: the more pressing first.
fn merge(mut judgements: Vec<Judgement>, by_name: Vec<Judgement>) -> Vec<Judgement> {
    // Neither list has a weakness twice.
    let by_purl = judgements.len();
    for mut new in by_name {
        match judgements[..by_purl].iter_mut().find(|old| old.weakness.id == new.weakness.id) {
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
