//! All statements of an organisation against its releases and components, as of now.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use bedrail_assess::named_product::{Decision, Decisions};
use bedrail_assess::vex::{
    Match, Opinion, Speaks, Spoken as Verdict, Thing, Wanted, contradictions, match_release,
};
use bedrail_formats::vex::transfer;
use bedrail_model::answer::Answer;
use bedrail_model::clinical::{Harm, harm_of_kind};
use bedrail_model::cpe;
use bedrail_model::decision::{Origin, Scope, component_key};
use bedrail_model::device::Exposure;
use bedrail_model::ids::{DecisionId, ReleaseId, VexDocumentId, VexStatementId};
use bedrail_model::vex::Statement;
use bedrail_store::findings::FindingRow;
use bedrail_store::vex::{self as rows, VexDocumentRow, VexIssuerRow, VexStatementRow};
use bedrail_store::{View, decisions, findings, product_aliases, weaknesses};
use jiff::Timestamp;

use super::{IdleUse, Need, Otherwise, Spoken, Standing, StatementRow, idle, rule, signing};
use crate::fleet::{Fleet, index};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// A statement with all that was found out about it.
struct One {
    row: VexStatementRow,
    statement: Statement,
    /// Index of its document.
    document: usize,
    /// What we call the weakness.
    weakness: String,
    exploited: bool,
    /// Index of a release, with what it is in it: components are indices of software.
    matches: BTreeMap<u32, Match>,
}

/// A decision in force that came from a statement.
#[derive(Clone, Copy)]
struct Taken {
    id: DecisionId,
    by_rule: bool,
}

/// Everything, at one moment.
pub(crate) struct Judged {
    fleet: Arc<Fleet>,
    documents: Vec<VexDocumentRow>,
    issuers: Vec<VexIssuerRow>,
    all: Vec<One>,
    /// Decisions in force that came from a statement, by its id: the release and the decision.
    taken: HashMap<String, Vec<(ReleaseId, Taken)>>,
    /// Of each weakness concerned and each release that has it, or would have it without what was decided: the most pressing
    /// open answer.
    findings: HashMap<String, HashMap<u32, Option<Answer>>>,
    devices: Vec<u64>,
    /// Of each release: whether a device of it faces the outside or may, and whether a life may hang on one.
    exposed: Vec<bool>,
    vital: Vec<bool>,
}

/// What statements say now, to whoever has the right to it.
pub(super) async fn get(ctx: &Context, actor: &Actor, right: Right) -> Result<Judged, Error> {
    let (fleet, view) = ctx.fleet(actor, right).await?;
    within(fleet, &view).await
}

/// What statements say to an organisation as a view sees it.
pub(crate) async fn within(fleet: Arc<Fleet>, view: &View) -> Result<Judged, Error> {
    let documents = rows::documents(view).await?;
    let issuers = rows::issuers(view).await?;
    let statements = rows::statements(view).await?;
    let aliases = product_aliases::all(view).await?;
    let (names, exploited) = names(view, &statements).await?;
    let ids: Vec<String> = names.values().cloned().collect::<HashSet<_>>().into_iter().collect();
    let findings = by_release(&fleet, findings::of_weaknesses(view, &ids).await?);
    let taken = taken(view).await?;
    let decision = |same: bool| if same { Decision::Same } else { Decision::Different };
    let aliases: Decisions =
        aliases.into_iter().map(|row| ((row.own_key, row.their_key), decision(row.same))).collect();
    let index_of: HashMap<_, usize> = documents.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
    let mut all = Vec::with_capacity(statements.len());
    for row in statements {
        let Some(document) = index_of.get(&row.document).copied() else { continue };
        let statement =
            transfer::statement_of(&row.body).map_err(|error| Error::Internal(Box::new(error)))?;
        let weakness = names.get(&row.weakness).cloned().unwrap_or_else(|| row.weakness.clone());
        let exploited = exploited.contains(&weakness);
        all.push(One { row, statement, document, weakness, exploited, matches: BTreeMap::new() });
    }
    let shared = fleet.clone();
    let matching = tokio::task::spawn_blocking(move || {
        match_all(&shared, &mut all, &aliases);
        all
    });
    let all = matching.await.map_err(|error| Error::Internal(Box::new(error)))?;
    let (devices, exposed, vital) = marks(&fleet);
    Ok(Judged { fleet, documents, issuers, all, taken, findings, devices, exposed, vital })
}

/// Decisions in force that came from statements.
async fn taken(view: &View) -> Result<HashMap<String, Vec<(ReleaseId, Taken)>>, Error> {
    let mut taken: HashMap<String, Vec<(ReleaseId, Taken)>> = HashMap::new();
    for it in decisions::all(view).await?.into_iter().filter(|it| it.withdrawn.is_none()) {
        if let (Origin::Statement(id), Scope::Release(release)) = (it.origin, it.scope) {
            let one = Taken { id: it.id, by_rule: rule::is_by_rule(&it.author) };
            taken.entry(id).or_default().push((release, one));
        }
    }
    Ok(taken)
}

fn by_release(fleet: &Fleet, rows: Vec<FindingRow>) -> HashMap<String, HashMap<u32, Option<Answer>>> {
    let mut found: HashMap<String, HashMap<u32, Option<Answer>>> = HashMap::new();
    for row in rows {
        let Some(class) = fleet.products.class_index.get(&row.class) else { continue };
        let release = fleet.products.release_of[*class as usize];
        let counted = row.counted();
        let slot = found.entry(row.weakness).or_default().entry(release).or_default();
        *slot = [*slot, counted].into_iter().flatten().min();
    }
    found
}

/// What we call the weaknesses that statements name, and which of them are known to be exploited.
async fn names(
    view: &View,
    statements: &[VexStatementRow],
) -> Result<(HashMap<String, String>, HashSet<String>), Error> {
    let ids: HashSet<&str> =
        statements.iter().map(|it| it.weakness.as_str()).filter(|it| !it.is_empty()).collect();
    let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let known = weaknesses::names(view, &ids).await?;
    let named = ids.into_iter().filter_map(|id| Some((known.get(&id.to_uppercase())?.clone(), id)));
    let names: HashMap<String, String> = named.map(|(name, id)| (id, name)).collect();
    let found: Vec<String> = names.values().cloned().collect::<HashSet<_>>().into_iter().collect();
    let exploited = weaknesses::by_ids(view, &found).await?.into_iter().filter(|it| it.kev.is_some());
    let exploited = exploited.map(|it| it.id).collect();
    Ok((names, exploited))
}

/// Devices of each release, and what must be known of them.
fn marks(fleet: &Fleet) -> (Vec<u64>, Vec<bool>, Vec<bool>) {
    let count = fleet.products.releases.len();
    let (mut devices, mut exposed, mut vital) = (vec![0; count], vec![false; count], vec![false; count]);
    let is_vital = |kind: &str| harm_of_kind(Some(kind)).is_none_or(|harm| harm >= Harm::Critical);
    let kinds: Vec<bool> = fleet.devices.kinds.iter().map(|kind| is_vital(kind)).collect();
    for device in &fleet.devices.briefs {
        let release = fleet.products.release_of[device.class as usize] as usize;
        devices[release] += 1;
        exposed[release] |= matches!(device.exposure, Exposure::Outside | Exposure::Unknown);
        vital[release] |= kinds[device.kind as usize];
    }
    (devices, exposed, vital)
}

/// Each product is compared once with each software identity and each release, whoever has them.
fn match_all(fleet: &Fleet, all: &mut [One], aliases: &Decisions) {
    if all.is_empty() {
        return;
    }
    let software: Vec<Thing> = fleet
        .bills
        .software
        .iter()
        .map(|it| {
            let facts = &it.row.facts;
            let version = facts.version.as_deref().unwrap_or_default();
            let thing = Thing::component(&facts.name, version, facts.purl.as_deref());
            // A name that a program guessed identifies nothing.
            let told = facts.names.iter().filter(|(_, origin)| *origin != cpe::Origin::Guessed);
            told.fold(thing, |thing, (name, _)| thing.with_cpe(name))
        })
        .collect();
    let releases: Vec<Thing> = fleet
        .products
        .releases
        .iter()
        .map(|it| Thing::release(&it.row.maker, &it.row.model, it.row.version.as_deref().unwrap_or_default()))
        .collect();
    let mut by_bill: HashMap<u32, Vec<u32>> = HashMap::new();
    for (at, release) in (0_u32..).zip(&fleet.products.releases) {
        if let Some(bill) = release.row.content.and_then(|content| fleet.bills.bill_at(content)) {
            by_bill.entry(bill).or_default().push(at);
        }
    }
    for one in all.iter_mut() {
        for product in &one.statement.products {
            let found = match_product(fleet, product, &software, &releases, &by_bill, aliases);
            for (release, found) in found {
                take(&mut one.matches, release, found);
            }
        }
    }
}

/// Of two things that a statement says of a release, the firmer counts; two of the same firmness count together.
fn take(matches: &mut BTreeMap<u32, Match>, release: u32, found: Match) {
    match matches.get_mut(&release) {
        None => {
            matches.insert(release, found);
        }
        Some(known) if known.speaks < found.speaks => *known = found,
        Some(known) if known.speaks == found.speaks => {
            // The release as a whole is more than any of its components.
            if known.components.is_empty() || found.components.is_empty() {
                known.components.clear();
            } else {
                known.components.extend(found.components);
                known.components.sort_unstable();
                known.components.dedup();
            }
        }
        Some(_) => {}
    }
}

fn match_product(
    fleet: &Fleet,
    product: &bedrail_model::vex::Product,
    software: &[Thing],
    releases: &[Thing],
    by_bill: &HashMap<u32, Vec<u32>>,
    aliases: &Decisions,
) -> Vec<(u32, Match)> {
    let wanted = Wanted::new(product);
    let found = |wanted: &Wanted| -> Vec<(usize, Verdict)> {
        let verdicts = software.iter().enumerate().map(|(at, it)| (at, wanted.speaks_of(it, aliases)));
        verdicts.filter(|(_, it)| it.speaks != Speaks::No).collect()
    };
    let own = found(&wanted);
    let parts: Vec<Vec<(usize, Verdict)>> =
        product.parts.iter().map(|part| found(&Wanted::new(part))).collect();
    let verdicts: Vec<Verdict> = releases.iter().map(|it| wanted.speaks_of(it, aliases)).collect();
    let mut concerned: HashSet<u32> = (0_u32..)
        .zip(&verdicts)
        .filter(|(_, it)| it.speaks != Speaks::No)
        .map(|(release, _)| release)
        .collect();
    for (at, _) in own.iter().chain(parts.iter().flatten()) {
        for used in fleet.bills.uses(index(*at)) {
            concerned.extend(by_bill.get(&used.bill).into_iter().flatten());
        }
    }
    let mut matches = Vec::new();
    for release in concerned {
        let content = fleet.products.releases[release as usize].row.content;
        let bill = content.and_then(|content| fleet.bills.bill(content));
        let inside: HashSet<u32> =
            bill.iter().flat_map(|bill| &bill.parts).map(|part| part.software).collect();
        let here = |all: &[(usize, Verdict)]| -> Vec<(usize, Verdict)> {
            all.iter().filter(|(at, _)| inside.contains(&index(*at))).cloned().collect()
        };
        let parts: Vec<_> = parts.iter().map(|it| here(it)).collect();
        let verdict = &verdicts[release as usize];
        matches.extend(match_release(verdict, &here(&own), &parts, bill.is_some()).map(|it| (release, it)));
    }
    matches
}

impl Judged {
    /// A document that is held.
    pub(super) fn document(&self, id: VexDocumentId) -> Option<&VexDocumentRow> {
        self.documents.iter().find(|it| it.id == id)
    }

    /// Whether the issuer of a document is pinned for a maker, and the document counts as its.
    fn is_pinned_for(&self, document: &VexDocumentRow, maker: &str) -> bool {
        let same = |it: &String| it.to_lowercase() == maker.trim().to_lowercase();
        let speaks = |it: &VexIssuerRow| it.makers.is_empty() || it.makers.iter().any(same);
        self.issuer(document).is_some_and(|it| speaks(it) && signing::counts(it, document))
    }

    /// The issuer of a document, where it is pinned.
    pub(super) fn issuer(&self, document: &VexDocumentRow) -> Option<&VexIssuerRow> {
        self.issuers.iter().find(|it| it.key == document.issuer_key)
    }

    /// All statements as they are shown, in no order.
    pub(crate) fn rows(&self) -> Vec<StatementRow> {
        let otherwise = self.otherwise();
        let none = Vec::new();
        (0..self.all.len()).map(|at| self.row(&self.all[at], otherwise.get(&at).unwrap_or(&none))).collect()
    }

    fn row(&self, one: &One, otherwise: &[(usize, u32)]) -> StatementRow {
        let document = &self.documents[one.document];
        let mut spoken: Vec<Spoken> = one
            .matches
            .iter()
            .map(|(release, found)| {
                let contradicted = otherwise.iter().any(|(_, where_)| where_ == release);
                self.spoken(one, document, *release, found, contradicted)
            })
            .collect();
        spoken.sort_by(|a, b| (b.speaks, &a.release_name).cmp(&(a.speaks, &b.release_name)));
        let lapse = one.statement.lapse();
        let standing = standing(one, document, &spoken);
        let otherwise = otherwise.iter().map(|(other, release)| {
            let other = &self.all[*other];
            Otherwise {
                statement: other.row.id,
                issuer: self.documents[other.document].issuer_name.clone(),
                status: other.statement.status,
                release_name: self.fleet.products.releases[*release as usize].name.clone(),
            }
        });
        StatementRow {
            id: one.row.id,
            weakness: one.weakness.clone(),
            idle: self.idle(one, standing, &spoken),
            standing,
            lapse,
            document: document.id,
            original: document.document,
            document_name: document.name.clone(),
            format: document.format.clone(),
            tlp: document.tlp.clone(),
            issuer: document.issuer_name.clone(),
            issuer_key: document.issuer_key.clone(),
            unsigned: self.issuer(document).is_some_and(|it| !signing::counts(it, document)),
            added: document.added,
            otherwise: otherwise.collect(),
            spoken,
            statement: one.statement.clone(),
        }
    }

    fn spoken(
        &self,
        one: &One,
        document: &VexDocumentRow,
        release: u32,
        found: &Match,
        contradicted: bool,
    ) -> Spoken {
        let at = release as usize;
        let row = &self.fleet.products.releases[at];
        let software = |at: &usize| {
            let facts = &self.fleet.bills.software[*at].row.facts;
            [Some(facts.name.as_str()), facts.version.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
        };
        let mut needs = Vec::new();
        for (need, holds) in [
            (Need::Exposed, self.exposed[at]),
            (Need::Exploited, one.exploited),
            (Need::Life, self.vital[at]),
            (Need::Surroundings, one.statement.holds_by_surroundings()),
            (Need::Contradicted, contradicted),
        ] {
            if holds {
                needs.push(need);
            }
        }
        Spoken {
            release: row.row.id,
            release_name: row.name.clone(),
            devices: self.devices[at],
            speaks: found.speaks,
            why: found.why.clone(),
            components: found.components.iter().map(software).collect(),
            finding: self.finding(&one.weakness, release),
            pinned: self.is_pinned_for(document, &row.row.maker),
            needs,
            decision: self.decision(one, row.row.id),
        }
    }

    /// Decisions in force that a rule took, with the statement and the release.
    pub(super) fn by_rule(&self) -> impl Iterator<Item = (DecisionId, &str, ReleaseId)> {
        let each = self.taken.iter().flat_map(|(statement, all)| all.iter().map(move |it| (statement, it)));
        each.filter(|(_, (_, it))| it.by_rule)
            .map(|(statement, (release, it))| (it.id, statement.as_str(), *release))
    }

    /// The decision in force that a statement was accepted by on a release.
    fn decision(&self, one: &One, release: ReleaseId) -> Option<DecisionId> {
        let all = self.taken.get(&one.row.id.to_string())?;
        all.iter().find(|(at, _)| *at == release).map(|(_, it)| it.id)
    }

    /// What was put aside, replaced or not: the issuer, and the weakness as we call it.
    pub(super) fn declined(&self) -> impl Iterator<Item = (&str, &str)> {
        let declined = self.all.iter().filter(|it| it.row.declined.is_some());
        declined.map(|it| (self.documents[it.document].issuer_key.as_str(), it.weakness.as_str()))
    }

    /// Each statement with its issuer and its weakness as we call it.
    pub(super) fn issued(&self) -> impl Iterator<Item = (VexStatementId, &str, &str)> {
        self.all
            .iter()
            .map(|it| (it.row.id, self.documents[it.document].issuer_key.as_str(), it.weakness.as_str()))
    }

    /// Documents that somebody took in who may decide.
    pub(super) fn by_deciders(&self) -> HashSet<VexDocumentId> {
        self.documents.iter().filter(|it| it.by_decider).map(|it| it.id).collect()
    }

    /// What was accepted of a statement and does nothing any more, or stands on nothing.
    fn idle(&self, one: &One, standing: Standing, spoken: &[Spoken]) -> Vec<IdleUse> {
        let id = one.row.id.to_string();
        let products = &self.fleet.products;
        let accepted = self.taken.get(&id).map_or(&[][..], Vec::as_slice);
        let mut found: Vec<IdleUse> = accepted
            .iter()
            .filter_map(|(release, taken)| {
                let at = products.release_index.get(release).copied();
                let here = spoken.iter().find(|it| it.release == *release);
                let devices = at.map_or(0, |at| self.devices[at as usize]);
                let has = at.is_some_and(|at| self.stands(&one.weakness, at));
                let why = idle::judge(
                    standing,
                    here.is_some_and(|it| it.speaks == Speaks::Yes),
                    here.is_some_and(|it| it.pinned),
                    (devices, has),
                )?;
                let name = at.map(|at| products.releases[at as usize].name.clone());
                Some(IdleUse {
                    release: *release,
                    release_name: name.unwrap_or_else(|| "a release that is gone".to_owned()),
                    decision: taken.id,
                    why,
                })
            })
            .collect();
        found.sort_by(|a, b| a.release_name.cmp(&b.release_name));
        found
    }

    /// Whether a release has a weakness, or would have it without what was decided.
    fn stands(&self, weakness: &str, release: u32) -> bool {
        self.findings.get(weakness).is_some_and(|it| it.contains_key(&release))
    }

    /// The most pressing open finding on a weakness in a release.
    fn finding(&self, weakness: &str, release: u32) -> Option<Answer> {
        self.findings.get(weakness)?.get(&release).copied().flatten()
    }

    /// What decisions know the components by that a statement speaks of in a release. A key that another component of the
    /// release bears too, of which the statement does not speak, is not among them.
    pub(super) fn keys(&self, statement: VexStatementId, release: ReleaseId) -> Vec<String> {
        let products = &self.fleet.products;
        let Some(at) = products.release_index.get(&release) else { return Vec::new() };
        let one = self.all.iter().find(|it| it.row.id == statement);
        let Some(found) = one.and_then(|it| it.matches.get(at)) else { return Vec::new() };
        let key = |at: u32| {
            let facts = &self.fleet.bills.software[at as usize].row.facts;
            component_key(&facts.name, facts.purl.as_deref())
        };
        let spoken: HashSet<u32> = found.components.iter().map(|at| index(*at)).collect();
        let content = products.releases[*at as usize].row.content;
        let bill = content.and_then(|content| self.fleet.bills.bill(content));
        let others = bill.iter().flat_map(|bill| &bill.parts).map(|part| part.software);
        let others: HashSet<String> = others.filter(|at| !spoken.contains(at)).map(key).collect();
        let mut keys: Vec<String> =
            spoken.iter().map(|at| key(*at)).filter(|it| !others.contains(it)).collect();
        // A key that nothing bears keeps the list from being empty, which would mean the release as a whole.
        if keys.is_empty() && !spoken.is_empty() {
            keys.push(String::new());
        }
        keys.sort();
        keys.dedup();
        keys
    }

    /// For each statement, those that say otherwise, and of which release.
    fn otherwise(&self) -> HashMap<usize, Vec<(usize, u32)>> {
        let mut groups: BTreeMap<(&str, u32), Vec<usize>> = BTreeMap::new();
        for (at, one) in self.all.iter().enumerate() {
            let counts = one.statement.lapse().is_none()
                && one.row.declined.is_none()
                && self.documents[one.document].replaced_by.is_none();
            let spoken = one.matches.iter().filter(|(_, it)| it.speaks == Speaks::Yes);
            for (release, _) in spoken.filter(|_| counts) {
                groups.entry((&one.weakness, *release)).or_default().push(at);
            }
        }
        let mut found: HashMap<usize, Vec<(usize, u32)>> = HashMap::new();
        for ((_, release), members) in groups.iter().filter(|(_, members)| members.len() > 1) {
            // Part by part: what an issuer said later of another part takes nothing back.
            let parts: BTreeSet<Option<usize>> =
                members.iter().flat_map(|at| self.parts(*at, *release)).collect();
            let mut pairs = BTreeSet::new();
            for part in parts {
                let speaks = |at: &&usize| {
                    let parts = self.parts(**at, *release);
                    parts.contains(&part) || parts == [None]
                };
                let opinions: Vec<Opinion<'_>> =
                    members.iter().filter(speaks).map(|at| self.opinion(*at)).collect();
                pairs.extend(contradictions(&opinions));
            }
            for pair in pairs {
                found.entry(pair.affected).or_default().push((pair.other, *release));
                found.entry(pair.other).or_default().push((pair.affected, *release));
            }
        }
        found
    }

    fn opinion(&self, at: usize) -> Opinion<'_> {
        let one = &self.all[at];
        let document = &self.documents[one.document];
        let dated = one.statement.dated.as_ref().or(document.updated.as_ref()).or(document.issued.as_ref());
        Opinion {
            statement: at,
            issuer: &document.issuer_key,
            status: one.statement.status,
            dated: dated.and_then(|it| it.parse::<Timestamp>().ok()),
        }
    }

    /// The parts of a release that a statement speaks of; none for the release as a whole.
    fn parts(&self, at: usize, release: u32) -> Vec<Option<usize>> {
        let parts = self.all[at].matches.get(&release).map(|it| it.components.as_slice()).unwrap_or_default();
        if parts.is_empty() { vec![None] } else { parts.iter().copied().map(Some).collect() }
    }
}

fn standing(one: &One, document: &VexDocumentRow, spoken: &[Spoken]) -> Standing {
    if document.replaced_by.is_some() {
        Standing::Replaced
    } else if one.row.declined.is_some() {
        Standing::Declined
    } else if one.statement.lapse().is_some() {
        Standing::Lapsed
    } else if spoken.is_empty() {
        Standing::Unmatched
    } else if !spoken.iter().any(|it| it.pinned) {
        Standing::Unpinned
    } else if spoken.iter().any(|it| it.pinned && it.speaks == Speaks::Yes && it.decision.is_none()) {
        Standing::Proposed
    } else if spoken.iter().any(|it| it.pinned && it.speaks == Speaks::Yes) {
        Standing::InForce
    } else {
        Standing::Unclear
    }
}
