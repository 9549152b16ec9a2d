//! Gathering what is not known: findings "cannot tell", components that cannot be judged, releases without a bill of materials,
//! medical advisories and statements that wait for a person.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use bedrail_assess::configuration::asked_products;
use bedrail_assess::named_product::Why;
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ids::SoftwareId;
use bedrail_model::product_advisory::Word;
use bedrail_model::product_advisory::range_text::Doubt;
use bedrail_store::{View, findings, software, weaknesses};
use sha2::{Digest as _, Sha256};

use super::Kind;
use crate::devices::import::{UNKNOWN_MAKER, UNKNOWN_MODEL};
use crate::fleet::{Fleet, index};
use crate::vex::{Spoken, Standing};
use crate::{Context, Error, medical, vex};

/// Releases that a group names.
pub(super) const RELEASES: usize = 20;
/// Components that a group names.
const COMPONENTS: usize = 50;
/// Weaknesses that a group names.
const WEAKNESSES: usize = 10;
/// Weaknesses whose findings are read at once, and software whose evidence is: bounds the memory that it takes.
const AT_ONCE: usize = 128;

/// A group, kept.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) key: String,
    pub(super) kind: Kind,
    pub(super) fact: String,
    /// Classes of the fleet by index, sorted.
    pub(super) classes: Vec<u32>,
    pub(super) devices: u64,
    pub(super) weaknesses: u64,
    pub(super) exploited: u64,
    pub(super) some_weaknesses: Vec<String>,
    pub(super) components: Vec<String>,
    pub(super) component_count: u64,
    pub(super) products: Vec<String>,
    pub(super) advisory: Option<(String, String)>,
}

/// All groups of an organisation, the one with most devices first.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(super) groups: Vec<Group>,
    /// Devices of which something is not known.
    pub(super) devices: u64,
    /// Findings and components that were looked at.
    pub(super) looked_at: u64,
}

/// A group as it grows.
#[derive(Default)]
struct Growing {
    kind: Kind,
    fact: String,
    classes: BTreeSet<u32>,
    weaknesses: BTreeSet<Arc<str>>,
    components: BTreeSet<String>,
    products: Vec<String>,
    advisory: Option<(String, String)>,
}

impl Group {
    /// Whether of every weakness it cannot be told for want of it.
    pub(super) fn is_about_all(&self) -> bool {
        matches!(self.kind, Kind::Bill | Kind::Identity | Kind::ReleaseVersion)
    }

    /// Its releases by index with their devices, those with the most first.
    pub(super) fn releases(&self, fleet: &Fleet) -> Vec<(u32, u64)> {
        let mut releases: BTreeMap<u32, u64> = BTreeMap::new();
        for class in &self.classes {
            let devices = fleet.products.classes[*class as usize].devices;
            *releases.entry(fleet.products.release_of[*class as usize]).or_default() += devices;
        }
        let mut releases: Vec<(u32, u64)> = releases.into_iter().collect();
        releases.sort_by_key(|(at, devices)| (std::cmp::Reverse(*devices), *at));
        releases
    }

    /// What is looked through, in lower case.
    pub(super) fn searched(&self, fleet: &Fleet) -> String {
        let mut text = self.fact.to_lowercase();
        for (release, _) in self.releases(fleet) {
            text.push(' ');
            text.push_str(&fleet.products.releases[release as usize].search);
        }
        for component in &self.components {
            text.push(' ');
            text.push_str(&component.to_lowercase());
        }
        text
    }
}

/// Devices that are in one of these groups at least.
pub(super) fn devices_of<'g>(fleet: &Fleet, groups: impl Iterator<Item = &'g Group>) -> u64 {
    let classes: HashSet<u32> = groups.flat_map(|group| group.classes.iter().copied()).collect();
    classes.into_iter().map(|class| fleet.products.classes[class as usize].devices).sum()
}

/// The groups as they grow, by their keys.
struct Gathering<'f> {
    fleet: &'f Fleet,
    groups: HashMap<String, Growing>,
    looked_at: u64,
}

impl Gathered {
    /// Whether a question is open, by its key.
    pub(crate) fn asks(&self, key: &str) -> bool {
        self.groups.iter().any(|group| group.key == key)
    }

    /// The key of the question that asks for a fact, where one does.
    pub(crate) fn key_of_fact(&self, fact: &str) -> Option<&str> {
        self.groups.iter().find(|group| group.fact == fact).map(|group| group.key.as_str())
    }

    pub(super) async fn make(ctx: &Context, fleet: Arc<Fleet>, view: &View) -> Result<Gathered, Error> {
        let mut gathering = Gathering { fleet: &fleet, groups: HashMap::new(), looked_at: 0 };
        gathering.releases();
        gathering.components();
        gathering.findings(view).await?;
        let medical = medical::judged::within(ctx, &fleet, view).await?;
        gathering.advisories(&medical);
        let statements = vex::judged::within(fleet.clone(), view).await?.rows();
        gathering.looked_at += statements.len() as u64;
        gathering.statements(&statements);
        let exploited: HashSet<String> = weaknesses::known_exploited(view).await?.into_iter().collect();
        Ok(gathering.gathered(&exploited))
    }
}

impl Gathering<'_> {
    /// The group of a key, made where it is missing.
    fn group(&mut self, kind: Kind, of: &str, fact: impl FnOnce() -> String) -> &mut Growing {
        let key = format!("{}-{of}", kind.code());
        self.groups.entry(key).or_insert_with(|| Growing { kind, fact: fact(), ..Growing::default() })
    }

    /// The group of a kind and a release.
    fn of_release(&mut self, kind: Kind, class: u32) -> &mut Growing {
        let release = self.fleet.release_of(class);
        let (id, name) = (release.row.id.to_string(), release.name.as_str());
        let fact = || match kind {
            Kind::Bill => format!("the bill of materials of {name}"),
            Kind::Versions => format!("the versions of components of {name}"),
            Kind::Identifiers => {
                format!("identifiers (package URLs) of components of {name}, with their versions")
            }
            Kind::Distribution => format!("the distribution that the packages in {name} are from"),
            Kind::ProductNames => format!("the maker's own product names (CPE) of components of {name}"),
            Kind::Identity => format!("who makes the devices listed as {name}, and which model they are"),
            Kind::ReleaseVersion => format!("which software version the devices listed as {name} run"),
            _ => format!("the maker's word on weaknesses in {name}"),
        };
        let group = self.group(kind, &id, fact);
        group.classes.insert(class);
        group
    }

    /// Releases of which nothing inside is known, and devices of which it is not known what they are.
    fn releases(&mut self) {
        for class in 0..index(self.fleet.products.classes.len()) {
            if self.fleet.products.classes[class as usize].devices == 0 {
                continue;
            }
            let row = &self.fleet.release_of(class).row;
            if row.maker == UNKNOWN_MAKER || row.model == UNKNOWN_MODEL {
                self.of_release(Kind::Identity, class);
                continue;
            }
            if row.version.is_none() {
                self.of_release(Kind::ReleaseVersion, class);
            }
            if self.fleet.is_blind(class) {
                self.of_release(Kind::Bill, class);
            }
        }
    }

    /// Components that cannot be judged at all.
    fn components(&mut self) {
        let by_bill = self.fleet.classes_by_bill();
        for (at, software) in (0..).zip(&self.fleet.bills.software) {
            let Some(reason) = software.row.standing.unassessed else { continue };
            for one in self.fleet.bills.uses(at) {
                for class in &by_bill[one.bill as usize] {
                    self.cannot_tell(*class, reason, &software.row.facts.name, None);
                }
            }
        }
    }

    /// Puts what cannot be told of a component of a class, or of a weakness in it, into its group.
    fn cannot_tell(&mut self, class: u32, reason: Reason, component: &str, weakness: Option<&Arc<str>>) {
        if self.fleet.products.classes[class as usize].devices == 0 {
            return;
        }
        self.looked_at += 1;
        let group = match reason {
            Reason::NoVersion | Reason::VersionUnreadable | Reason::VersionUncertain => {
                self.of_release(Kind::Versions, class)
            }
            Reason::NoIdentifier | Reason::NameOnly | Reason::SourceUnknown => {
                self.of_release(Kind::Identifiers, class)
            }
            Reason::DistributionUnknown => self.of_release(Kind::Distribution, class),
            Reason::NameVague | Reason::ProductUnknown | Reason::NameGuessed => {
                self.of_release(Kind::ProductNames, class)
            }
            Reason::NoOrder
            | Reason::RangeUnreadable
            | Reason::CommitsOnly
            | Reason::PlatformUnknown
            | Reason::CodeNotSeen => self.of_release(Kind::MakersWord, class),
            Reason::NoData | Reason::EcosystemUnknown => {
                let group = self.group(Kind::Data, reason.code(), || match reason {
                    Reason::NoData => "vulnerability data that was not fetched".to_owned(),
                    _ => "vulnerability data for kinds of packages that none is held for".to_owned(),
                });
                group.classes.insert(class);
                group
            }
            Reason::NoBillOfMaterials
            | Reason::NoRecord
            | Reason::VersionListed
            | Reason::VersionInRange
            | Reason::AllVersions
            | Reason::VersionOutside
            | Reason::NoAdvisory
            | Reason::CodeNotPresent
            | Reason::Stated
            | Reason::StatementUnclear
            | Reason::Decided => return,
        };
        group.components.insert(component.to_owned());
        group.weaknesses.extend(weakness.cloned());
    }

    /// Open findings "cannot tell".
    async fn findings(&mut self, view: &View) -> Result<(), Error> {
        let mut ids = weaknesses::counted_ids(view).await?;
        ids.sort_unstable();
        // What a device would have to have is in the evidence, which is read for these alone.
        let mut conditional: HashMap<SoftwareId, Vec<(Arc<str>, u32)>> = HashMap::new();
        for some in ids.chunks(AT_ONCE) {
            for (weakness, open) in findings::open_unclear(view, some).await? {
                let weakness: Arc<str> = weakness.into();
                for (class, software, reason) in open {
                    let Some(class) = self.fleet.products.class_index.get(&class).copied() else { continue };
                    if reason == Reason::PlatformUnknown {
                        conditional.entry(software).or_default().push((weakness.clone(), class));
                        continue;
                    }
                    let name = self.name_of(software);
                    self.cannot_tell(class, reason, &name, Some(&weakness));
                }
            }
        }
        self.conditions(view, conditional).await
    }

    fn name_of(&self, software: SoftwareId) -> String {
        let at = self.fleet.bills.software_at(software);
        let facts = at.map(|at| &self.fleet.bills.software[at as usize].row.facts);
        facts.map_or_else(|| "a component".to_owned(), |facts| facts.name.clone())
    }

    /// Findings that depend on what is not known of the device: one question for all releases that have it.
    async fn conditions(
        &mut self,
        view: &View,
        conditional: HashMap<SoftwareId, Vec<(Arc<str>, u32)>>,
    ) -> Result<(), Error> {
        let mut ids: Vec<SoftwareId> = conditional.keys().copied().collect();
        ids.sort_unstable();
        for some in ids.chunks(AT_ONCE) {
            let mut missing: HashMap<(SoftwareId, String), String> = HashMap::new();
            for detail in software::details(view, some).await? {
                if let Some(words) = detail.evidence.into_iter().find_map(|one| one.missing) {
                    missing.insert((detail.software, detail.weakness), words);
                }
            }
            for software in some {
                let name = self.name_of(*software);
                for (weakness, class) in conditional.get(software).into_iter().flatten() {
                    match missing.get(&(*software, weakness.to_string())) {
                        Some(words) => self.condition(*class, words, &name, weakness),
                        None => self.cannot_tell(*class, Reason::PlatformUnknown, &name, Some(weakness)),
                    }
                }
            }
        }
        Ok(())
    }

    fn condition(&mut self, class: u32, words: &str, component: &str, weakness: &Arc<str>) {
        if self.fleet.products.classes[class as usize].devices == 0 {
            return;
        }
        self.looked_at += 1;
        let group = self.group(Kind::Condition, &short(words), || format!("whether {words}"));
        if group.products.is_empty() {
            group.products = asked_products(words);
        }
        group.classes.insert(class);
        group.components.insert(component.to_owned());
        group.weaknesses.insert(weakness.clone());
    }

    /// Medical advisories that may be about releases of ours.
    fn advisories(&mut self, judged: &medical::judged::Judged) {
        let mut classes: HashMap<u32, Vec<u32>> = HashMap::new();
        for (class, release) in (0..).zip(&self.fleet.products.release_of) {
            if self.fleet.products.classes[class as usize].devices > 0 {
                classes.entry(*release).or_default().push(class);
            }
        }
        for (held, hits) in judged.advisories() {
            let ids = held.advisory.weaknesses.iter().filter_map(|one| one.ids.first());
            let ids: Vec<Arc<str>> = ids.map(|id| id.as_str().into()).collect();
            for hit in hits.iter().filter(|hit| hit.answer == Answer::CannotTell) {
                let Some(classes) = classes.get(&hit.release) else { continue };
                let row = &self.fleet.products.releases[hit.release as usize];
                // A list that merely does not clear is nothing to ask about where a bill is held.
                let weighs = held.advisory.word == Word::Own || judged.may_affect(&held.prepared, hit);
                if !weighs && row.row.content.is_some() {
                    continue;
                }
                let model = format!("{} {}", row.row.maker, row.row.model);
                let name = &held.advisory.id;
                let group = match &hit.why {
                    Why::Unconfirmed(_) => self.group(Kind::Name, &short(&model), || {
                        format!("which product of medical advisories {model} is")
                    }),
                    Why::VersionDoubt(Doubt::NoVersion) => {
                        let name = &row.name;
                        let id = row.row.id.to_string();
                        self.group(Kind::ReleaseVersion, &id, || {
                            format!("which software version the devices listed as {name} run")
                        })
                    }
                    Why::Condition(words) => {
                        let of = short(&format!("{model} {words}"));
                        self.group(Kind::AdvisoryCondition, &of, || {
                            format!("whether this holds for {model}: {words}")
                        })
                    }
                    _ => self.group(Kind::AdvisoryWord, &short(&format!("{name} {model}")), || {
                        format!("what {name} means for {}", row.name)
                    }),
                };
                group.classes.extend(classes);
                group.weaknesses.extend(ids.iter().cloned());
                group.advisory.get_or_insert_with(|| (held.id.to_string(), name.clone()));
            }
        }
    }

    /// Statements of others that speak of something of ours, or may, and wait for a person.
    fn statements(&mut self, rows: &[vex::StatementRow]) {
        for row in rows.iter().filter(|row| matches!(row.standing, Standing::Proposed | Standing::Unclear)) {
            let releases =
                row.spoken.iter().filter(|one: &&Spoken| one.decision.is_none() && one.devices > 0);
            let releases: Vec<u32> = releases
                .filter_map(|one| self.fleet.products.release_index.get(&one.release))
                .copied()
                .collect();
            let classes: Vec<u32> = (0..)
                .zip(&self.fleet.products.release_of)
                .filter(|(_, release)| releases.contains(release))
                .map(|(class, _)| class)
                .collect();
            if classes.is_empty() {
                continue;
            }
            let issuer = &row.issuer;
            let group = self.group(Kind::Statements, &short(&row.issuer_key), || {
                format!("whether the statements of {issuer} are accepted here")
            });
            group.classes.extend(classes);
            group.weaknesses.insert(row.weakness.as_str().into());
        }
    }

    fn gathered(self, exploited: &HashSet<String>) -> Gathered {
        let fleet = self.fleet;
        let group = |(key, growing): (String, Growing)| {
            let classes: Vec<u32> = growing.classes.into_iter().collect();
            let devices = classes.iter().map(|class| fleet.products.classes[*class as usize].devices).sum();
            let (known, others): (Vec<_>, Vec<_>) =
                growing.weaknesses.iter().partition(|id| exploited.contains(&***id));
            let some = known.iter().chain(&others).take(WEAKNESSES).map(|id| id.to_string());
            Group {
                key,
                kind: growing.kind,
                fact: growing.fact,
                devices,
                weaknesses: growing.weaknesses.len() as u64,
                exploited: known.len() as u64,
                some_weaknesses: some.collect(),
                component_count: growing.components.len() as u64,
                components: growing.components.into_iter().take(COMPONENTS).collect(),
                products: growing.products,
                advisory: growing.advisory,
                classes,
            }
        };
        let mut groups: Vec<Group> = self.groups.into_iter().map(group).collect();
        groups.retain(|group| group.devices > 0);
        groups.sort_by(|a, b| {
            let order = |group: &Group| std::cmp::Reverse((group.devices, group.exploited, group.weaknesses));
            order(a).cmp(&order(b)).then_with(|| (a.kind, &a.fact).cmp(&(b.kind, &b.fact)))
        });
        let devices = devices_of(fleet, groups.iter());
        Gathered { groups, devices, looked_at: self.looked_at }
    }
}

/// A text as a part of a key.
fn short(text: &str) -> String {
    hex::encode(&Sha256::digest(text.to_lowercase())[..8])
}
