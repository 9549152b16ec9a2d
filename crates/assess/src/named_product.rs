//! Advisories that name maker, product and version, against a device or release that does.
//!
//! Names that are the same but for case, punctuation, marks and legal form match by themselves. Names that are merely
//! alike are candidates: a person confirms or refuses each once, and until then the answer is "cannot tell", unless
//! the version lies outside for every candidate. Free text (remediations, full names) can make an answer more careful,
//! never less. `docs/medical-advisories.md` is the specification.

use std::collections::{HashMap, HashSet};

use bedrail_model::answer::Answer;
use bedrail_model::product_advisory::range_text::{LooseVersion, Standing};
use bedrail_model::product_advisory::{ProductAdvisory, Word};

mod compare;
mod context;
mod fixes;
mod group;
mod models;
mod names;
mod why;
mod words;

use compare::{Asked, Maker, compare_makers};
pub use compare::{Likeness, compare};
pub use context::Context;
pub use group::Group;
use group::{StatusOfAll, status_of};
pub use names::Name;
pub use why::Why;

/// An advisory made ready to be compared with many devices.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// One for each name of maker and product; its versions are in it.
    pub groups: Vec<Group>,
    context: Context,
    /// For each group, the first one of the same maker.
    maker_of: Vec<usize>,
    /// All ways to write the names in one.
    forms: HashSet<String>,
    word: Word,
}

/// What a person of the organisation said of two names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// They are one product.
    Same,
    /// They are two.
    Different,
}

/// Decisions by our name's key and the advisory's.
pub type Decisions = HashMap<(String, String), Decision>;

/// The judgement on one device or release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The answer.
    pub answer: Answer,
    /// Its reason.
    pub why: Why,
    /// The group that it is by, where one is known to be meant.
    pub group: Option<usize>,
    /// Groups that a person has to look at, the likeliest first; all of them would matter.
    pub candidates: Vec<usize>,
}

impl Prepared {
    /// Make an advisory ready.
    pub fn new(advisory: &ProductAdvisory) -> Prepared {
        Prepared::made(advisory, None)
    }

    /// Make ready what an advisory says of one of its weaknesses, by index. Products that only others of them speak of are
    /// left out.
    pub fn on_weakness(advisory: &ProductAdvisory, weakness: usize) -> Prepared {
        Prepared::made(advisory, Some(weakness))
    }

    fn made(advisory: &ProductAdvisory, weakness: Option<usize>) -> Prepared {
        let names = advisory
            .products
            .iter()
            .flat_map(|it| [it.product.as_str(), it.full_name.as_str(), it.version.text()]);
        // The title of a row of a list is ours, and explains no name.
        let title = if advisory.word == Word::Own { advisory.title.as_str() } else { "" };
        let mut context = Context::new(title, names);
        if advisory.word == Word::Own {
            texts(advisory).for_each(|it| context.read(it));
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut by_name: HashMap<(String, String), usize> = HashMap::new();
        for (index, product) in advisory.products.iter().enumerate() {
            let Some(standing) = status_of(advisory, index, weakness) else { continue };
            let key = (product.maker.clone(), product.product.clone());
            let at = *by_name.entry(key).or_insert_with(|| {
                groups.push(Group::new(product, title, advisory.word));
                groups.len() - 1
            });
            groups[at].add(index, product, standing);
            if standing == StatusOfAll::Affected {
                let carrier = Group::of_carrier(index, product, advisory.word);
                for group in carrier.into_iter().chain(Group::of_accessory(index, product, advisory.word)) {
                    let key = (product.maker.clone(), group.name.product().to_owned());
                    match by_name.get(&key) {
                        Some(at) => groups[*at].join(group),
                        None => {
                            by_name.insert(key, groups.len());
                            groups.push(group);
                        }
                    }
                }
            }
        }
        for group in &mut groups {
            group.finish(advisory, weakness);
        }
        let mut first_of: HashMap<String, usize> = HashMap::new();
        let maker_of =
            |(at, group): (usize, &Group)| *first_of.entry(group.name.maker().to_owned()).or_insert(at);
        Prepared {
            maker_of: groups.iter().enumerate().map(maker_of).collect(),
            forms: groups.iter().flat_map(|it| it.name.forms.iter().cloned()).collect(),
            groups,
            context,
            word: advisory.word,
        }
    }

    /// Whether any of its names could be ours: what is ruled out here is different whatever the version. Cheap, for the
    /// many pairs that have nothing in common.
    pub fn may_concern(&self, ours: &Name) -> bool {
        let mut makers = self.maker_of.iter().enumerate().filter(|(at, first)| at == *first);
        match self.word {
            Word::Own => {
                makers.any(|(at, _)| self.maker(ours, at) != Maker::Other)
                    || ours.forms.iter().any(|it| self.forms.contains(it))
                    || compare::may_speak_of(ours, &self.context)
            }
            Word::Repeated => makers.any(|(at, _)| compare::shares_maker(ours, &self.groups[at].name)),
        }
    }

    fn maker(&self, ours: &Name, group: usize) -> Maker {
        compare_makers(ours, &self.groups[group].name, &self.context)
    }

    /// How a name of ours stands to each group, by decisions first; `version` is the text that stands beside the name.
    pub fn likenesses(&self, ours: &Name, version: &str, decisions: &Decisions) -> Vec<Likeness> {
        let beside = Asked::new(ours, version, &self.context);
        let mut makers: Vec<Option<Maker>> = vec![None; self.groups.len()];
        let key = (!decisions.is_empty()).then(|| ours.key());
        let likeness = |(at, group): (usize, &Group)| {
            // What a person said of two names holds in every advisory, also where this one alone would not ask.
            let decided = key.as_ref().and_then(|key| decisions.get(&(key.clone(), group.name.key())));
            match decided {
                Some(Decision::Same) => return Likeness::Same,
                Some(Decision::Different) => return Likeness::Different,
                None => {}
            }
            let first = self.maker_of[at];
            let maker = *makers[first].get_or_insert_with(|| self.maker(ours, first));
            if group.is_all_of_maker() {
                compare::compare_all_of_maker(ours, &group.name)
            } else {
                beside.compare(&group.name, maker)
            }
        };
        let asked = LooseVersion::parse(version);
        let mut alike: Vec<Likeness> = self.groups.iter().enumerate().map(likeness).collect();
        // "IntelliSpace Portal 8.0.x" is likelier than 7.0.x for a device of version 8.0.2.
        for (group, likeness) in self.groups.iter().zip(&mut alike) {
            let named = group.name.version.as_deref().map(LooseVersion::parse);
            let fits =
                named.is_some_and(|it| matches!(asked.stand_to(&it), Standing::Equal | Standing::Finer));
            if let (Likeness::Maybe(points), true) = (&mut *likeness, fits) {
                *points = points.saturating_add(5);
            }
        }
        alike
    }

    /// Judge a device or release.
    pub fn judge(&self, ours: &Name, version: &str, decisions: &Decisions) -> Match {
        let alike = self.likenesses(ours, version, decisions);
        let mut best: Option<(Answer, Why, usize)> = None;
        let mut candidates: Vec<(u8, usize)> = Vec::new();
        for (index, likeness) in alike.iter().enumerate() {
            match likeness {
                Likeness::Different => {}
                Likeness::Same => {
                    let (answer, why) = self.groups[index].judge(ours, version);
                    if best.as_ref().is_none_or(|(it, _, _)| answer < *it) {
                        best = Some((answer, why, index));
                    }
                }
                Likeness::Maybe(points) => candidates.push((*points, index)),
            }
        }
        // Beside a name that is the same, others count only where ours lacks what they have.
        let known = best.is_some();
        // A name that holds ours, or is held by it, outranks those that merely share words with it.
        let highest = candidates.iter().map(|(points, _)| *points).max().unwrap_or_default();
        let contained = highest >= Likeness::CONTAINED;
        // A candidate whose version lies outside does not matter, if it is the product itself that has the version.
        candidates.retain(|(points, index)| {
            let said = || self.groups[*index].judge(ours, version);
            // What a list clears is worth a question only where the names are close.
            let clears = |why: &Why| matches!(why, Why::Claimed | Why::OtherVersions);
            let of_a_kind = self.groups[*index].name.is_kind();
            (!(known || contained) || *points >= Likeness::CONTAINED || of_a_kind)
                && (!Likeness::is_near(*points) || said().0 != Answer::NotAffected)
                && (self.word == Word::Own || *points >= Likeness::CONTAINED || !clears(&said().1))
        });
        candidates.sort_by_key(|(points, index)| (std::cmp::Reverse(*points), *index));
        let candidates: Vec<usize> = candidates.into_iter().map(|(_, index)| index).collect();
        self.together(best, candidates, &alike)
    }

    /// Whether something that is called affected may be ours: a list that merely does not clear is another matter, since it repeats
    /// what makers say of products that others know better.
    pub fn may_affect(&self, why: &Why, candidates: &[usize], ours: &Name, version: &str) -> bool {
        let merely_open =
            |why: &Why| matches!(why, Why::Claimed | Why::OtherVersions | Why::UnderInvestigation);
        match why {
            Why::Unconfirmed(_) => {
                let groups = candidates.iter().filter_map(|index| self.groups.get(*index));
                groups.map(|group| group.judge(ours, version).1).any(|why| !merely_open(&why))
            }
            why => !merely_open(why),
        }
    }

    fn together(
        &self,
        best: Option<(Answer, Why, usize)>,
        candidates: Vec<usize>,
        alike: &[Likeness],
    ) -> Match {
        match best {
            Some((answer, why, group)) if answer != Answer::NotAffected || candidates.is_empty() => {
                Match { answer, why, group: Some(group), candidates }
            }
            best if !candidates.is_empty() => Match {
                answer: Answer::CannotTell,
                why: Why::Unconfirmed(candidates.len()),
                group: best.map(|(_, _, group)| group),
                candidates,
            },
            // Whichever of those alike it is, the version lies outside; or nothing is alike.
            _ => {
                let outside = alike.iter().any(|it| matches!(it, Likeness::Maybe(_)));
                let why = if outside { Why::Outside } else { Why::OtherProduct };
                Match { answer: Answer::NotAffected, why, group: None, candidates }
            }
        }
    }
}

/// The texts of an advisory, those on the law apart.
fn texts(advisory: &ProductAdvisory) -> impl Iterator<Item = &str> {
    let notes = advisory.notes.iter().filter(|it| it.category != "legal_disclaimer");
    let of_weaknesses = advisory.weaknesses.iter().flat_map(|it| {
        let notes = it.notes.iter().map(|it| it.text.as_str());
        notes.chain(it.remediations.iter().map(|it| it.details.as_str()))
    });
    notes.map(|it| it.text.as_str()).chain(of_weaknesses)
}
