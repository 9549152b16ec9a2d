//! What the devices of a class are judged by, where that is more than the bill of materials of their release: the bill with the
//! operating system that a device list names, and with what somebody was asked and answered (decision 1303).
//!
//! It is a content like a bill's, so that judging, paths and lists need to know nothing of it. A class that has none is judged by
//! the bill itself.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bedrail_assess::component_name::Book;
use bedrail_model::answered::Fact;
use bedrail_model::component::Inventory;
use bedrail_model::ids::{ClassId, ContentId, OrgId, PlatformId, SoftwareId};
use bedrail_store::classes::ClassRow;
use bedrail_store::releases::ReleaseRow;
use bedrail_store::sboms::ContentRow;
use bedrail_store::software::SoftwareFacts;
use bedrail_store::{Change, View, classes, sboms as rows, software, weaknesses};

use crate::fleet::answers::Answers;
use crate::matching::{self, Target};
use crate::rights::Right;
use crate::sboms::fresh::{self, Fresh};
use crate::sboms::outline::Outline;
use crate::sboms::packing;
use crate::{Actor, Context, Error, names};

mod more;

use more::More;
pub(crate) use more::{answered, says_nothing, version_in_cpe, version_in_purl};

/// A class, and what is known of its devices.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) class: ClassId,
    /// What it was judged by so far, where that was more than the bill.
    pub(crate) before: Option<ContentId>,
    /// The bill of its release.
    pub(crate) bill: Option<ContentId>,
    /// Its operating system, as a device list has it.
    pub(crate) system: Option<String>,
    /// What was answered.
    pub(crate) facts: Vec<Fact>,
}

impl Known {
    /// What is known of a class of a release, whose bill is this one.
    pub(crate) fn of(
        answers: &Answers,
        release: &ReleaseRow,
        class: &ClassRow,
        bill: Option<ContentId>,
    ) -> Known {
        Known {
            before: class.content,
            system: class.operating_system.clone(),
            ..Known::bare(answers, release, class.id, bill)
        }
    }

    /// That of a class that is to be made, of devices whose operating system nobody says.
    pub(crate) fn bare(
        answers: &Answers,
        release: &ReleaseRow,
        class: ClassId,
        bill: Option<ContentId>,
    ) -> Known {
        let facts = answers.on(release).into_iter().map(|fact| fact.fact.clone()).collect();
        Known { class, before: None, bill, system: None, facts }
    }
}

/// What classes are judged by from now on; all that is new in it is judged and stored.
#[derive(Default)]
pub(crate) struct Configured {
    /// Contents that are to be stored.
    contents: Vec<(ContentRow, Vec<u8>)>,
    /// Classes whose content is another one now.
    moved: Vec<(ClassId, Option<ContentId>)>,
    /// Each class with its software.
    pub(crate) targets: Vec<Target>,
    /// What was judged for it.
    pub(crate) fresh: Fresh,
}

/// What is judged, and how.
struct Made {
    row: ContentRow,
    packed: Vec<u8>,
    software: std::collections::BTreeMap<SoftwareId, SoftwareFacts>,
    platform: Option<(PlatformId, Vec<String>)>,
}

/// The bills that classes are judged by, and what people said of names in them.
pub(crate) struct Bills<'a> {
    names: &'a Book,
    /// What is in bills, where it is not what is stored of them, or was asked for.
    parts: HashMap<ContentId, Arc<[SoftwareId]>>,
    /// A bill that is not stored yet.
    packed: Option<(ContentId, &'a [u8])>,
}

impl<'a> Bills<'a> {
    /// Those that are stored.
    pub(crate) fn new(names: &'a Book) -> Bills<'a> {
        Bills { names, parts: HashMap::new(), packed: None }
    }

    /// One that has these parts now; packed where it is not stored yet.
    pub(crate) fn bring(&mut self, bill: ContentId, parts: Arc<[SoftwareId]>, packed: Option<&'a [u8]>) {
        self.parts.insert(bill, parts);
        self.packed = packed.map(|packed| (bill, packed)).or(self.packed);
    }

    async fn parts(&mut self, view: &View, bill: Option<ContentId>) -> Result<Arc<[SoftwareId]>, Error> {
        let Some(bill) = bill else { return Ok(Arc::default()) };
        if let Some(parts) = self.parts.get(&bill) {
            return Ok(parts.clone());
        }
        let parts = matching::software_of(view, bill).await?;
        self.parts.insert(bill, parts.clone());
        Ok(parts)
    }

    fn packed(&self, bill: Option<ContentId>) -> Option<&'a [u8]> {
        self.packed.filter(|(id, _)| Some(*id) == bill).map(|(_, packed)| packed)
    }
}

/// Works out what classes are judged by, and judges what is new. The caller holds the lock on matching.
pub(crate) async fn prepare(
    ctx: &Context,
    view: &View,
    known: Vec<Known>,
    mut bills: Bills<'_>,
) -> Result<Configured, Error> {
    let mut configured = Configured::default();
    let named = bills_with_names(view, &known, &mut bills).await?;
    for one in known {
        let more = More::of(&one);
        // Names beside the bill say something of its parts only where those are judged by name.
        let may = more.adds_components()
            || bills.packed(one.bill).is_some()
            || one.bill.is_some_and(|bill| named.contains(&bill));
        let parts = bills.parts(view, one.bill).await?;
        let mut content = None;
        if may && !more.is_nothing() {
            let id = more.id(one.bill, &parts, bills.names);
            if bills.parts.contains_key(&id) || rows::has_content(view, id).await? {
                content = Some(id);
            } else if let Some(new) = make(view, id, one.bill, &bills, more).await? {
                let Made { row, packed, software, platform } = new;
                configured.fresh.join(fresh::judge_new(ctx, software, platform).await?);
                bills.parts.insert(id, row.skeleton.iter().map(|bone| bone.software).collect());
                configured.contents.push((row, packed));
                content = Some(id);
            }
        }
        if content != one.before {
            configured.moved.push((one.class, content));
        }
        let software = bills.parts(view, content.or(one.bill)).await?;
        configured.targets.push(Target { class: one.class, software });
    }
    Ok(configured)
}

/// Lets every class of an organisation be judged by what is known of it today: classes that an older program wrote, and systems
/// whose names were learnt since. Nothing is written where all is as it should be.
pub(crate) async fn renew(ctx: &Context, org: OrgId) -> Result<matching::Moved, Error> {
    let _matching = ctx.matching().await?;
    let actor = Actor::system(org);
    let (fleet, view) = ctx.fleet(&actor, Right::SeeFleet).await?;
    let names = names::book(&view).await?;
    let mut bills = Bills::new(&names);
    for release in &fleet.products.releases {
        if let Some(bill) = release.row.content {
            bills.bring(bill, fleet.bills.software_in(bill).collect(), None);
        }
    }
    let products = fleet.products.clone();
    let known = products.classes.iter().zip(&products.release_of).map(|(class, release)| {
        let release = &products.releases[*release as usize].row;
        Known::of(&fleet.answers, release, class, release.content)
    });
    let is_other = |one: &Known| {
        let more = More::of(one);
        let parts = one.bill.and_then(|bill| bills.parts.get(&bill)).map_or(&[][..], |parts| parts);
        (!more.is_nothing()).then(|| more.id(one.bill, parts, &names)) != one.before
    };
    let known: Vec<Known> = known.filter(is_other).collect();
    let configured = prepare(ctx, &view, known, bills).await?;
    drop(view);
    if configured.moved.is_empty() {
        return Ok(matching::Moved::default());
    }
    let change = ctx.change(&actor, Right::ChangeDevices, "devices.configure").await?;
    let classes = configured.moved.len();
    let moved = configured.apply(ctx, &change).await?;
    let detail =
        format!("{classes} kinds of devices, by what is known beside their bills; {}", moved.words());
    change.commit("all devices", &detail).await?;
    Ok(moved)
}

/// A bill with what else is known; `None` where it is judged as the bill is.
async fn make(
    view: &View,
    id: ContentId,
    bill: Option<ContentId>,
    bills: &Bills<'_>,
    more: More,
) -> Result<Option<Made>, Error> {
    let names = bills.names.clone();
    let packed = match (bill, bills.packed(bill)) {
        (_, Some(packed)) => Some(packed.to_vec()),
        (Some(bill), None) => rows::inventory(view, bill).await?,
        (None, None) => None,
    };
    let work = move || {
        let inventory = packed.map_or_else(|| Ok(Inventory::default()), |packed| packing::unpack(&packed))?;
        let mut inventory = more.applied(inventory);
        let outline = Outline::of(&names, &mut inventory, &more.beside);
        let Outline { counts, skeleton, software, platform } = outline;
        if platform.is_none() && !more.adds_components() {
            return Ok(None);
        }
        let row = ContentRow { id, counts, skeleton };
        Ok(Some(Made { row, packed: packing::pack(&inventory)?, software, platform }))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(Box::new(error)))?
}

/// The stored bills of these that have parts which are judged by product names.
async fn bills_with_names(
    view: &View,
    known: &[Known],
    bills: &mut Bills<'_>,
) -> Result<HashSet<ContentId>, Error> {
    let ids: HashSet<ContentId> =
        known.iter().filter(|one| !More::of(one).is_nothing()).filter_map(|one| one.bill).collect();
    let mut parts: Vec<(ContentId, Arc<[SoftwareId]>)> = Vec::with_capacity(ids.len());
    for bill in ids {
        parts.push((bill, bills.parts(view, Some(bill)).await?));
    }
    let all: HashSet<SoftwareId> = parts.iter().flat_map(|(_, parts)| parts.iter().copied()).collect();
    let all: Vec<SoftwareId> = all.into_iter().collect();
    let named = software::judged_by_name(view, &all).await?;
    let has = |parts: &Arc<[SoftwareId]>| parts.iter().any(|part| named.contains(part));
    Ok(parts.into_iter().filter(|(_, parts)| has(parts)).map(|(bill, _)| bill).collect())
}

impl Configured {
    /// Stores all of it, and lets the findings follow. The classes and their bills are there.
    pub(crate) async fn apply(mut self, ctx: &Context, change: &Change) -> Result<matching::Moved, Error> {
        self.write(change).await?;
        let moved = matching::follow(ctx, change, &self.targets, self.fresh.judgements).await?;
        weaknesses::shift_counts(change, &moved.shifts).await?;
        Ok(moved)
    }

    /// Stores the contents, and which class is judged by which. The classes and their bills are stored before.
    pub(crate) async fn write(&mut self, change: &Change) -> Result<(), Error> {
        for (row, packed) in std::mem::take(&mut self.contents) {
            rows::add_content(change, &row, packed).await?;
        }
        for (class, content) in std::mem::take(&mut self.moved) {
            classes::set_content(change, class, content).await?;
        }
        Ok(())
    }
}
