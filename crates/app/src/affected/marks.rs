//! The answer per configuration class: everything that is said of a device, but for where it stands.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use bedrail_assess::PackageNames;
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::decision::Decision;
use bedrail_model::ids::{DecisionId, DeviceId};
use bedrail_store::{View, findings};
use bedrail_vulndb::db::PackageName;
use jiff::Timestamp;

use super::on_it::OnIt;
use crate::decisions::{Rulings, key_of};
use crate::fleet::Fleet;
use crate::fleet::bills::Software;
use crate::judge::{ecosystems_of, package_key, packages_of};
use crate::medical::statements::{self, Statement, Statements};
use crate::{Context, Error};

mod single;

/// A component of a class's release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Where it stands in the bill.
    pub(crate) component: u32,
    /// Index of its software.
    pub(crate) software: u32,
}

/// What is said of one class. Ordered from the most pressing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// The answer.
    pub(crate) answer: Answer,
    /// Why.
    pub(crate) reason: Reason,
    /// The component that decides.
    pub(crate) component: Option<Hit>,
    /// Which of [`Marks::weaknesses`] the finding is of.
    pub(crate) weakness: Option<u32>,
    /// The decision that counts.
    pub(crate) decision: Option<Ruled>,
}

/// A decision in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ruled {
    pub(crate) id: DecisionId,
    /// Whether what is left is known and dealt with.
    pub(crate) handled: bool,
}

impl Mark {
    const BLIND: Mark = Mark {
        answer: Answer::CannotTell,
        reason: Reason::NoBillOfMaterials,
        component: None,
        weakness: None,
        decision: None,
    };

    /// What a statement on the product itself makes of the answer.
    const fn of_statement(answer: Answer) -> Mark {
        Mark { answer, reason: statements::reason_of(answer), ..Mark::BLIND }
    }

    /// The mark with what was decided.
    fn decided(self, decision: Option<&Decision>) -> Mark {
        let Some(decision) = decision else { return self };
        let ruled = Some(Ruled { id: decision.id, handled: decision.verdict.is_handled() });
        if decision.verdict.rules_out() {
            return Mark { answer: Answer::NotAffected, reason: Reason::Decided, decision: ruled, ..self };
        }
        Mark { decision: ruled, ..self }
    }
}

/// What is said of each class; `None` where the question does not touch it.
#[derive(Debug, Clone)]
pub(crate) struct Marks {
    marks: Vec<Option<Mark>>,
    /// The weaknesses whose findings answer: the one asked for, then those whose records mention it.
    weaknesses: Vec<String>,
    /// Whether a device counts as "has it" in the totals although nothing affects it: where a component was asked for.
    pub(crate) containing: bool,
    /// Whether devices are listed that are not affected, without being asked for: where things were asked for, not
    /// weaknesses.
    pub(crate) listing_all: bool,
    /// What is said of single devices for which something was decided.
    pub(crate) single: HashMap<DeviceId, Mark>,
    /// The decisions that marks name.
    pub(crate) rulings: Rulings,
    /// What advisories say of the releases themselves.
    statements: Arc<Statements>,
    /// Who is on devices because of the weakness.
    pub(crate) on_it: OnIt,
}

/// Groups of unknowns told at most.
const GROUPS: usize = 50;

impl Marks {
    /// Nothing is said of any class.
    pub(crate) fn new(fleet: &Fleet) -> Marks {
        Marks {
            marks: vec![None; fleet.products.classes.len()],
            weaknesses: Vec::new(),
            containing: false,
            listing_all: false,
            single: HashMap::new(),
            rulings: Rulings::default(),
            statements: Arc::default(),
            on_it: OnIt::default(),
        }
    }

    /// Nothing is known of what was asked, so of no device can it be told.
    pub(crate) fn nothing_known(fleet: &Fleet) -> Marks {
        let mark = Mark { reason: Reason::NoRecord, ..Mark::BLIND };
        Marks { marks: vec![Some(mark); fleet.products.classes.len()], ..Marks::new(fleet) }
    }

    /// What is said of a class.
    pub(crate) fn of(&self, class: u32) -> Option<Mark> {
        self.marks.get(class as usize).copied().flatten()
    }

    /// What is said of a device of a class.
    pub(crate) fn of_device(&self, device: DeviceId, class: u32) -> Option<Mark> {
        self.single.get(&device).copied().or_else(|| self.of(class))
    }

    /// Whether the data knows the weakness.
    pub(crate) const fn is_recorded(&self) -> bool {
        !self.weaknesses.is_empty()
    }

    /// The weakness whose finding a mark is.
    pub(crate) fn finding_of(&self, mark: Mark) -> Option<&str> {
        self.weaknesses.get(mark.weakness? as usize).map(String::as_str)
    }

    /// The more pressing of what is said already and this.
    pub(crate) fn add(&mut self, class: u32, mark: Mark) {
        if let Some(slot) = self.marks.get_mut(class as usize) {
            *slot = Some(slot.map_or(mark, |old| old.min(mark)));
        }
    }

    /// What advisories say of the release of a class, the pressing first.
    pub(crate) fn said_of(&self, fleet: &Fleet, class: u32) -> &[Statement] {
        self.statements.get(&fleet.products.release_of[class as usize]).map_or(&[], Vec::as_slice)
    }

    /// The marks that statements make on a class, each with when it was news. That one calls it affected counts at once; that it is
    /// not affected is no more than evidence. Whoever holds a bill need not heed where a list merely does not clear.
    fn stated(&self, fleet: &Fleet, class: u32) -> Vec<(Mark, Option<Timestamp>)> {
        let blind = fleet.is_blind(class);
        let counts = |it: &&Statement| match it.answer {
            Answer::Affected => true,
            Answer::CannotTell => blind || it.weighs,
            Answer::NotAffected => false,
        };
        let counting = self.said_of(fleet, class).iter().filter(counts);
        counting.map(|it| (Mark::of_statement(it.answer), it.news)).collect()
    }

    /// Marks every class of whose release something is said.
    fn add_stated(&mut self, fleet: &Fleet) {
        for class in 0..crate::fleet::index(self.marks.len()) {
            for (mark, news) in self.stated(fleet, class) {
                let place = fleet.place_of(class);
                let decided = self.decided(fleet, mark, |id, key| self.rulings.on(id, place, key), news);
                self.add(class, decided);
            }
        }
    }

    /// Without what is only said because the data knows nothing of the weakness.
    pub(crate) fn without_unrecorded(mut self) -> Marks {
        let known = |mark: &Mark| mark.reason != Reason::NoRecord;
        self.marks.iter_mut().for_each(|slot| *slot = slot.filter(known));
        self
    }

    /// Marks every class: what is asked for may be in any of them.
    fn add_nothing_named(&mut self, fleet: &Fleet) {
        for class in 0..crate::fleet::index(self.marks.len()) {
            self.add_decided(fleet, class, Mark { reason: Reason::NoRecord, ..Mark::BLIND });
        }
    }

    /// Marks every class whose release has no bill of materials.
    fn add_blind(&mut self, fleet: &Fleet) {
        for class in 0..crate::fleet::index(self.marks.len()) {
            if fleet.is_blind(class) {
                self.add_decided(fleet, class, Mark::BLIND);
            }
        }
    }

    /// Marks every class whose bill has a software.
    fn add_uses(&mut self, fleet: &Fleet, software: u32, by_bill: &[Vec<u32>], said: (Answer, Reason)) {
        let (answer, reason) = said;
        for one in fleet.bills.uses(software) {
            let component = Some(Hit { component: one.component, software });
            for class in by_bill.get(one.bill as usize).into_iter().flatten() {
                let mark = Mark { answer, reason, component, weakness: None, decision: None };
                self.add_decided(fleet, *class, mark);
            }
        }
    }

    /// Adds a mark with what was decided for all devices of the class.
    fn add_decided(&mut self, fleet: &Fleet, class: u32, mark: Mark) {
        let place = fleet.place_of(class);
        let mark = self.decided(fleet, mark, |id, key| self.rulings.on(id, place, key), None);
        self.add(class, mark);
    }

    /// A mark with what was decided on the weakness that was asked for, else on the one whose finding it is. What is news since a
    /// decision is not ruled out by it.
    fn decided<'m>(
        &'m self,
        fleet: &Fleet,
        mark: Mark,
        of: impl Fn(&str, Option<&str>) -> Option<&'m Decision>,
        news: Option<Timestamp>,
    ) -> Mark {
        let asked = self.weaknesses.first().map(String::as_str);
        let ids = asked.into_iter().chain(self.finding_of(mark));
        let mut ids = ids.filter(|id| self.rulings.any_on(id)).peekable();
        if ids.peek().is_none() {
            return mark;
        }
        let key = mark.component.map(|hit| key_of(&fleet.bills.software[hit.software as usize].row.facts));
        let decision = ids.find_map(|id| of(id, key.as_deref()));
        let overtaken = |it: &&Decision| it.verdict.rules_out() && news.is_some_and(|news| news > it.decided);
        mark.decided(decision.filter(|it| !overtaken(it)))
    }

    /// Why it cannot be told, grouped by the one fact that would settle most devices. `condition` tells what is not known of the
    /// devices of a class, where the answer depends on that.
    pub(crate) fn unknowns<'c>(
        &self,
        fleet: &Fleet,
        condition: impl Fn(u32) -> Option<&'c str>,
    ) -> Vec<(Reason, String, u64)> {
        let mut groups: BTreeMap<(Reason, String), u64> = BTreeMap::new();
        for (class, mark) in (0..).zip(&self.marks) {
            let devices = fleet.products.classes[class as usize].devices;
            let Some(mark) = mark.filter(|mark| mark.answer == Answer::CannotTell && devices > 0) else {
                continue;
            };
            let release = &fleet.release_of(class).name;
            let software = mark.component.and_then(|hit| fleet.bills.software.get(hit.software as usize));
            let name = software.map_or("the component", |software| software.row.facts.name.as_str());
            let fact = match mark.reason {
                Reason::NoBillOfMaterials => format!("the bill of materials of {release}"),
                Reason::StatementUnclear => {
                    let open = self.said_of(fleet, class).iter().find_map(|it| it.open.clone());
                    open.unwrap_or_else(|| format!("the maker's word on {release}"))
                }
                Reason::NoVersion | Reason::VersionUnreadable => {
                    format!("the version of {name} in {release}")
                }
                Reason::VersionUncertain | Reason::CodeNotSeen => {
                    format!("the exact version of {name} in {release}")
                }
                Reason::NoIdentifier | Reason::NameOnly => {
                    format!("the package URL of {name} in {release}, with its version")
                }
                Reason::SourceUnknown => {
                    format!("the source package that {name} in {release} was built from")
                }
                Reason::DistributionUnknown => format!("the distribution that {name} in {release} is from"),
                Reason::NoRecord => "a record of the weakness".to_owned(),
                Reason::NoData | Reason::EcosystemUnknown => format!("vulnerability data that covers {name}"),
                Reason::NoOrder | Reason::RangeUnreadable | Reason::CommitsOnly => {
                    format!("the maker's word on {name} in {release}")
                }
                // The same question for every release: whoever knows one knows them all.
                Reason::PlatformUnknown => match condition(class) {
                    Some(condition) => format!("whether {condition}"),
                    None => format!("what {release} runs on, and what else is in it"),
                },
                Reason::NameVague | Reason::ProductUnknown | Reason::NameGuessed => {
                    format!("the maker's own product name (CPE) of {name} in {release}")
                }
                Reason::VersionListed
                | Reason::VersionInRange
                | Reason::AllVersions
                | Reason::Stated
                | Reason::VersionOutside
                | Reason::NoAdvisory
                | Reason::Decided
                | Reason::CodeNotPresent => continue,
            };
            *groups.entry((mark.reason, fact)).or_default() += devices;
        }
        let mut groups: Vec<_> =
            groups.into_iter().map(|((reason, fact), devices)| (reason, fact, devices)).collect();
        groups.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.1.cmp(&b.1)));
        groups.truncate(GROUPS);
        groups
    }
}

/// What the findings say of a weakness, and of those whose records mention it: a distribution's advisory is found under its
/// own id and fixes many weaknesses. The most pressing answer of all of them counts. And cannot tell where a component that
/// cannot be judged bears the name of a package that the records speak of, or where there is no bill at all; and everywhere where
/// the records name nothing yet, as one of NVD that awaits analysis: that is as good as no record. What was decided counts before
/// all of it.
pub(crate) async fn weakness(ctx: &Context, fleet: &Fleet, view: &View, id: &str) -> Result<Marks, Error> {
    let mut weaknesses = vec![id.to_owned()];
    for mention in ctx.inner.judge.mentioned_by(id) {
        if !weaknesses.contains(&mention.weakness) {
            weaknesses.push(mention.weakness);
        }
    }
    let rulings = Rulings::of(ctx, view).await?;
    let mut marks = Marks { weaknesses, rulings, ..Marks::new(fleet) };
    for row in findings::of_weaknesses(view, &marks.weaknesses).await? {
        let weakness = marks.weaknesses.iter().position(|one| *one == row.weakness).map(crate::fleet::index);
        let Some(class) = fleet.products.class_index.get(&row.class).copied() else { continue };
        let software = fleet.bills.software_at(row.software);
        let component = software.map(|software| Hit { component: row.component, software });
        let mark = Mark { answer: row.answer, reason: row.reason, component, weakness, decision: None };
        marks.add_decided(fleet, class, mark);
    }
    let packages = ctx.inner.judge.packages(id);
    let names = PackageNames::of(packages.iter().map(|package| (package.ecosystem, package.name.as_str())));
    if !names.is_empty() {
        let by_bill = fleet.classes_by_bill();
        for (at, software) in (0..).zip(&fleet.bills.software) {
            if let Some(reason) = software.row.standing.unassessed
                && names.meet(&software.search)
            {
                let reason = if reason == Reason::NoIdentifier { Reason::NameOnly } else { reason };
                marks.add_uses(fleet, at, &by_bill, (Answer::CannotTell, reason));
            } else if software.row.facts.confirmed
                && names.meet(&software.search)
                && let Some(reason) = confirmed_apart(software, &packages)
            {
                marks.add_uses(fleet, at, &by_bill, (reason.answer(), reason));
            }
        }
    }
    if ctx.inner.judge.names_nothing(id) {
        marks.add_nothing_named(fleet);
    }
    marks.add_blind(fleet);
    marks.statements = Arc::new(statements::on_weakness(ctx, fleet, view, id).await?);
    marks.add_stated(fleet);
    marks.single = single::marks(fleet, view, &marks).await?;
    marks.on_it = OnIt::of(fleet, view, id).await?;
    Ok(marks)
}

/// Of a weakness that the data does not know nothing can be told, but for what advisories say of products themselves.
pub(crate) async fn unknown_weakness(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    id: &str,
) -> Result<Marks, Error> {
    let mut marks = Marks::nothing_known(fleet);
    marks.statements = Arc::new(statements::on_weakness(ctx, fleet, view, id).await?);
    marks.add_stated(fleet);
    marks.on_it = OnIt::of(fleet, view, id).await?;
    Ok(marks)
}

/// What one advisory says of the products that it names. Decisions are on weaknesses, and not asked.
pub(crate) fn advisory(fleet: &Fleet, statements: Statements) -> Marks {
    let mut marks = Marks { statements: Arc::new(statements), ..Marks::new(fleet) };
    for class in 0..crate::fleet::index(marks.marks.len()) {
        let said: Vec<Answer> = marks.said_of(fleet, class).iter().map(|it| it.answer).collect();
        for answer in said {
            marks.add(class, Mark::of_statement(answer));
        }
    }
    marks
}

/// What is said of a component that bears the name of a package of a weakness, and of which a person said that it is something
/// else. That it is not affected rests on that word, so it is told and never left out. The word settles it only against a package
/// of the very ecosystem that the component is known in, or a product of NVD where it is known by a CPE, that is called like the
/// component: that is the one it might have been and is not. A record that speaks of other ecosystems alone says nothing of the
/// package that the component is: Django's weakness may be known to NVD and to Debian, and not yet by its name in PyPI. `None`
/// where it is one of the packages: then the judgement on it says all.
fn confirmed_apart(software: &Software, packages: &[PackageName]) -> Option<Reason> {
    let known = packages_of(&software.row.facts);
    let is_known = |package: &PackageName| known.contains(&package_key(package.ecosystem, &package.name));
    if packages.iter().any(is_known) {
        return None;
    }
    let ecosystems = ecosystems_of(&software.row.facts);
    let is_comparable = |package: &PackageName| {
        ecosystems.contains(&package.ecosystem)
            && PackageNames::of([(package.ecosystem, package.name.as_str())]).meet(&software.search)
    };
    Some(if packages.iter().any(is_comparable) { Reason::Decided } else { Reason::NameOnly })
}

/// Every class that contains one of these, with the worst that is known of what it contains. A release without a bill may
/// contain what was asked for by this name, unless somebody was asked and said that it does not.
pub(crate) fn software(fleet: &Fleet, software: &[u32], name: &str) -> Marks {
    let mut marks = Marks { containing: true, listing_all: true, ..Marks::new(fleet) };
    let by_bill = fleet.classes_by_bill();
    for at in software {
        let standing = fleet.bills.software[*at as usize].row.standing;
        let said = standing.worst.or(standing.unassessed.map(|reason| (Answer::CannotTell, reason)));
        let said = said.unwrap_or((Answer::NotAffected, Reason::NoAdvisory));
        marks.add_uses(fleet, *at, &by_bill, said);
    }
    for class in 0..crate::fleet::index(marks.marks.len()) {
        if fleet.is_blind(class) && !fleet.answers.lacks(&fleet.release_of(class).row, name) {
            marks.add(class, Mark::BLIND);
        }
    }
    marks
}

/// All devices of a maker, with the worst that is known of each.
pub(crate) fn maker(fleet: &Fleet, releases: &[u32]) -> Marks {
    let mut marks = Marks { listing_all: true, ..Marks::new(fleet) };
    let wanted: HashSet<u32> = releases.iter().copied().collect();
    for (class, release) in (0..).zip(&fleet.products.release_of) {
        if !wanted.contains(release) {
            continue;
        }
        let row = &fleet.products.classes[class as usize];
        let mark = if row.affected > 0 {
            Mark { answer: Answer::Affected, reason: Reason::VersionInRange, ..Mark::BLIND }
        } else if fleet.is_blind(class) {
            Mark::BLIND
        } else if row.cannot_tell > 0 {
            Mark { reason: Reason::NoVersion, ..Mark::BLIND }
        } else {
            Mark { answer: Answer::NotAffected, reason: Reason::NoAdvisory, ..Mark::BLIND }
        };
        marks.add(class, mark);
    }
    marks
}

#[cfg(test)]
mod tests {
    use bedrail_model::cpe::Origin;
    use bedrail_model::ecosystem::Ecosystem;
    use bedrail_model::ids::SoftwareId;
    use bedrail_store::software::{SoftwareFacts, SoftwareRow, Standing};

    use super::*;

    /// A component that a person said is this package or product.
    fn confirmed(name: &str, identifier: &str) -> Software {
        let by_purl = identifier.starts_with("pkg:");
        let facts = SoftwareFacts {
            name: name.to_owned(),
            version: Some("3.2".to_owned()),
            purl: by_purl.then(|| identifier.to_owned()),
            judged: true,
            names: if by_purl { Vec::new() } else { vec![(identifier.to_owned(), Origin::Confirmed)] },
            platform: None,
            confirmed: true,
        };
        let row = SoftwareRow { id: SoftwareId::from_digest([1; 16]), facts, standing: Standing::default() };
        Software { search: name.to_lowercase(), row }
    }

    #[test]
    fn a_word_on_a_name_settles_a_weakness_only_in_its_own_ecosystem() {
        const PYPI: &str = "pkg:pypi/django@3.2";
        const CPE: &str = "cpe:2.3:a:acme:django:3.2:*:*:*:*:*:*:*";
        let (decided, open) = (Some(Reason::Decided), Some(Reason::NameOnly));
        for (identifier, packages, expected) in [
            (PYPI, &[("PyPI", "django")][..], None),
            // Known by NVD and a distribution alone: nothing is said of the package.
            (PYPI, &[("CPE", "a:djangoproject:django"), ("Debian", "python-django")], open),
            (PYPI, &[("npm", "django")], open),
            // In its ecosystem there is one, but it is not called so: the name was met by another's.
            (PYPI, &[("CPE", "a:djangoproject:django"), ("PyPI", "wagtail")], open),
            // It might have been this one, and is not.
            ("pkg:pypi/wagtail@3.2", &[("PyPI", "django"), ("CPE", "a:djangoproject:django")], decided),
            (CPE, &[("CPE", "a:djangoproject:django")], decided),
            (CPE, &[("CPE", "a:acme:django")], None),
            (CPE, &[("PyPI", "django")], open),
        ] {
            let package = |(of, name): &(&str, &str)| PackageName {
                ecosystem: Ecosystem::named(of).unwrap(),
                name: (*name).to_owned(),
            };
            let packages: Vec<PackageName> = packages.iter().map(package).collect();
            let said = confirmed_apart(&confirmed("Django", identifier), &packages);
            assert_eq!(said, expected, "{identifier} {packages:?}");
        }
    }
}
