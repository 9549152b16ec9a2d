//! A summary of an organisation's fleet in memory: what every list, total and search needs of each device, class,
//! release and component, and nothing else.
//!
//! It follows the database by change numbers: rows carry the number of the change that wrote them, so that catching up
//! reads only what moved, whichever process moved it. Pages are cut from it without touching the fleet's tables; only
//! the rows shown are read. See `docs/decisions/0101-fleet-in-memory.md`.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bedrail_assess::exposure::Holders;
use bedrail_model::device::Exposure;
use bedrail_model::exposure::addresses;
use bedrail_model::ids::{ClassId, ContentId, DeviceId, OrgId, ReleaseId, SiteId};
use bedrail_store::classes::ClassRow;
use bedrail_store::devices::DeviceBrief;
use bedrail_store::releases::ReleaseRow;
use bedrail_store::{
    Store, View, classes, devices, exposure, facts, organisations, releases, sboms, sites, software,
};
use tokio::time::timeout;

use crate::Error;

pub(crate) mod answers;
pub(crate) mod bills;
pub(crate) mod reach;

use answers::Answers;
use bills::Bills;
use reach::Reach;

/// How long a second connection is waited for.
const PATIENCE: Duration = Duration::from_millis(20);

/// Devices that are put in their places one by one; more are all put in order anew.
const FEW: usize = 256;

/// A device in short.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    /// Index of its class.
    pub(crate) class: u32,
    /// Index of its site and ward in [`Devices::places`].
    pub(crate) place: u32,
    /// How far it can be reached from, as declared or seen.
    pub(crate) exposure: Exposure,
    /// What the lists declare.
    pub(crate) declared: Exposure,
    /// Its addresses, by which evidence finds it.
    pub(crate) addresses: Box<[IpAddr]>,
    pub(crate) owned: bool,
    /// What people call it.
    pub(crate) name: Box<str>,
    pub(crate) kind: Option<Arc<str>>,
    pub(crate) support_ends: Option<Box<str>>,
    /// All that the search looks through, in lower case, without what the release says.
    pub(crate) search: Box<str>,
    site: Option<SiteId>,
    ward: Option<Arc<str>>,
}

/// What counting needs of a device, small and side by side, so that a hundred thousand are passed in a millisecond.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brief {
    /// Index of its class.
    pub(crate) class: u32,
    /// Index of its site and ward in [`Devices::places`].
    pub(crate) place: u32,
    /// Index of its kind in [`Devices::kinds`].
    pub(crate) kind: u32,
    pub(crate) exposure: Exposure,
    pub(crate) owned: bool,
}

/// A site and a ward that devices stand in. Unsaid ones are empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) site: Arc<str>,
    pub(crate) ward: Arc<str>,
}

/// All devices.
#[derive(Debug, Clone, Default)]
pub(crate) struct Devices {
    /// In the order of lists: the most exposed first, then by place and name.
    pub(crate) list: Vec<Arc<Device>>,
    /// The same devices in brief.
    pub(crate) briefs: Vec<Brief>,
    /// Places in order, those without a site last.
    pub(crate) places: Vec<Place>,
    /// Kinds of devices, in no order; an unsaid one is empty.
    pub(crate) kinds: Vec<Arc<str>>,
    /// Which devices have the addresses that something is said of.
    holders: Holders<DeviceId>,
    /// Devices that were seen to face the outside.
    pub(crate) seen: HashSet<DeviceId>,
}

/// A release with the content of its present bill.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) row: ReleaseRow,
    /// `maker model version`, and the same in lower case.
    pub(crate) name: String,
    pub(crate) search: String,
}

/// All releases and classes; both only ever grow, so that an index stays good.
#[derive(Debug, Clone, Default)]
pub(crate) struct Products {
    pub(crate) releases: Vec<Release>,
    pub(crate) release_index: HashMap<ReleaseId, u32>,
    pub(crate) classes: Vec<ClassRow>,
    pub(crate) class_index: HashMap<ClassId, u32>,
    /// Index of each class's release.
    pub(crate) release_of: Vec<u32>,
    sites: HashMap<SiteId, Arc<str>>,
}

/// The summary of one organisation at one change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fleet {
    change: i64,
    reference_change: i64,
    pub(crate) products: Arc<Products>,
    pub(crate) devices: Arc<Devices>,
    pub(crate) bills: Arc<Bills>,
    /// What was asked and answered.
    pub(crate) answers: Arc<Answers>,
    /// What was seen from outside.
    pub(crate) reach: Arc<Reach>,
}

impl Fleet {
    /// The number of the last reference change that it has seen.
    pub(crate) const fn reference_change(&self) -> i64 {
        self.reference_change
    }
}

/// The summaries of all organisations that were asked about.
#[derive(Debug, Default)]
pub(crate) struct Fleets(Mutex<HashMap<OrgId, Slot>>);

/// A summary, and the lock of whoever is bringing it up to date.
#[derive(Debug, Clone, Default)]
struct Slot {
    fleet: Arc<Mutex<Arc<Fleet>>>,
    catching_up: Arc<tokio::sync::Mutex<()>>,
}

impl Slot {
    fn fleet(&self) -> Arc<Fleet> {
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Fleets {
    /// The summary as of the view, or a little later.
    pub(crate) async fn get(&self, store: &Store, view: &View) -> Result<Arc<Fleet>, Error> {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            slots.entry(view.org()).or_default().clone()
        };
        let wanted = organisations::changes(view).await?;
        let good = |fleet: &Fleet| fleet.change >= wanted.0 && fleet.reference_change >= wanted.1;
        let fleet = slot.fleet();
        if good(&fleet) {
            return Ok(fleet);
        }
        let _catching_up = slot.catching_up.lock().await;
        let fleet = slot.fleet();
        if good(&fleet) {
            return Ok(fleet);
        }
        let fresh = Arc::new(fleet.caught_up(store, view, wanted).await?);
        *slot.fleet.lock().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        Ok(fresh)
    }
}

impl Fleet {
    /// The summary with everything that was written since.
    async fn caught_up(&self, store: &Store, view: &View, wanted: (i64, i64)) -> Result<Fleet, Error> {
        let mut fleet = self.clone();
        if wanted.0 > self.change {
            let sites = sites::changed_since(view, self.change).await?;
            let releases = releases::changed_since(view, self.change).await?;
            let classes = classes::changed_since(view, self.change).await?;
            if !(sites.is_empty() && releases.is_empty() && classes.is_empty()) {
                Arc::make_mut(&mut fleet.products).take(sites, releases, classes);
            }
            // The first time, devices and bills are read beside one another, as far as both are of one moment.
            let beside = if self.change == 0 { same_moment(store, view, wanted).await? } else { None };
            let (devices, products) = (fleet.devices.clone(), fleet.products.clone());
            let beside =
                beside.map(|view| tokio::spawn(async move { devices.caught_up(&products, &view, 0).await }));
            let contents = sboms::contents_changed_since(view, self.change).await?;
            if !contents.is_empty() {
                let known = fleet.bills.unknown_software(&contents);
                let rows = software::by_ids(view, &known).await?;
                let bills = Arc::make_mut(&mut fleet.bills);
                bills.take_software(rows);
                bills.take_contents(contents);
            }
            let devices = match beside {
                Some(beside) => beside.await.map_err(|error| Error::Internal(Box::new(error)))??,
                None => self.devices.caught_up(&fleet.products, view, self.change).await?,
            };
            let seen = exposure::newest(view).await?;
            if seen > fleet.reach.newest {
                fleet.reach = Arc::new(Reach::read(view, seen).await?);
            }
            if devices.is_some() || fleet.reach.newest > self.reach.newest {
                let devices = devices.unwrap_or(fleet.devices);
                fleet.devices = devices.reached(&fleet.reach).map_or(devices, Arc::new);
            }
            let newest = facts::newest(view).await?;
            if newest > fleet.answers.newest {
                fleet.answers = Arc::new(Answers::read(view).await?);
            }
        }
        if wanted.1 > self.reference_change && self.change > 0 {
            let rows = software::changed_since(view, self.reference_change).await?;
            if rows.iter().any(|row| fleet.bills.has_software(row.id)) {
                Arc::make_mut(&mut fleet.bills).renew_software(rows);
            }
        }
        (fleet.change, fleet.reference_change) = (fleet.change.max(wanted.0), wanted.1);
        Ok(fleet)
    }

    /// The classes whose release has a bill, by the bill's index.
    pub(crate) fn classes_by_bill(&self) -> Vec<Vec<u32>> {
        let mut classes = vec![Vec::new(); self.bills.len()];
        for class in 0..index(self.products.classes.len()) {
            if let Some(bill) = self.content_of(class).and_then(|content| self.bills.bill_at(content)) {
                classes[bill as usize].push(class);
            }
        }
        classes
    }

    /// The class of a device.
    pub(crate) fn class(&self, device: &Brief) -> &ClassRow {
        &self.products.classes[device.class as usize]
    }

    /// The release of a class.
    pub(crate) fn release_of(&self, class: u32) -> &Release {
        &self.products.releases[self.products.release_of[class as usize] as usize]
    }

    /// What the devices of a class are judged by: the bill of its release, or that with what else is known.
    pub(crate) fn content_of(&self, class: u32) -> Option<ContentId> {
        self.products.classes[class as usize].content.or(self.release_of(class).row.content)
    }

    /// Whether the release of a class has no bill of materials, so that of nothing it can be told that it is not inside.
    pub(crate) fn is_blind(&self, class: u32) -> bool {
        self.release_of(class).row.content.is_none()
    }
}

impl Products {
    /// The name of a site.
    pub(crate) fn site(&self, id: SiteId) -> Option<String> {
        self.sites.get(&id).map(|name| name.to_string())
    }

    fn place_of(&self, site: Option<SiteId>, ward: Option<&Arc<str>>) -> Place {
        let nowhere = || Arc::from("");
        Place {
            site: site.and_then(|site| self.sites.get(&site)).cloned().unwrap_or_else(nowhere),
            ward: ward.cloned().unwrap_or_else(nowhere),
        }
    }

    fn take(&mut self, sites: Vec<(SiteId, String)>, releases: Vec<ReleaseRow>, classes: Vec<ClassRow>) {
        self.sites.extend(sites.into_iter().map(|(id, name)| (id, Arc::from(name))));
        for row in releases {
            let name = release_name(&row.maker, &row.model, row.version.as_deref());
            let release = Release { search: name.to_lowercase(), name, row };
            match self.release_index.get(&release.row.id) {
                Some(at) => self.releases[*at as usize] = release,
                None => {
                    self.release_index.insert(release.row.id, index(self.releases.len()));
                    self.releases.push(release);
                }
            }
        }
        for row in classes {
            let Some(release) = self.release_index.get(&row.release).copied() else { continue };
            match self.class_index.get(&row.id) {
                Some(at) => self.classes[*at as usize] = row,
                None => {
                    self.class_index.insert(row.id, index(self.classes.len()));
                    self.classes.push(row);
                    self.release_of.push(release);
                }
            }
        }
    }
}

/// `maker model version`.
pub(crate) fn release_name(maker: &str, model: &str, version: Option<&str>) -> String {
    [Some(maker), Some(model), version].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What a device is called that no list gave a name.
const UNNAMED: &str = "unnamed device";

/// What people call a device: asset tag, else serial, else UDI, else host name.
pub(crate) fn device_name(facts: &bedrail_model::device::DeviceFacts) -> &str {
    [&facts.asset_tag, &facts.serial, &facts.udi, &facts.host_name]
        .into_iter()
        .find_map(|name| name.as_deref())
        .unwrap_or(UNNAMED)
}

/// An index as it is kept; four thousand million of anything do not fit in memory anyway.
pub(crate) fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Another view of the same organisation, where a connection is free and it sees the same changes. It is not waited for:
/// those who have the other connections may be waiting for this very summary.
async fn same_moment(store: &Store, view: &View, wanted: (i64, i64)) -> Result<Option<View>, Error> {
    let Ok(another) = timeout(PATIENCE, store.view(view.org())).await else { return Ok(None) };
    let another = another?;
    let same = organisations::changes(&another).await? == wanted;
    Ok(same.then_some(another))
}

impl Devices {
    /// These devices with those that were written since; `None` where none was.
    async fn caught_up(
        &self,
        products: &Products,
        view: &View,
        since: i64,
    ) -> Result<Option<Arc<Devices>>, Error> {
        let rows = devices::briefs_changed_since(view, since).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let few = if rows.len() <= FEW { self.with_few(products, &rows) } else { None };
        Ok(Some(Arc::new(few.unwrap_or_else(|| self.with(products, rows)))))
    }

    /// These devices with a few that were written since, each put at its place in the list. `None` where one of them stands
    /// in a place or is of a kind that no device was: then all are put in order anew.
    fn with_few(&self, products: &Products, rows: &[DeviceBrief]) -> Option<Devices> {
        let known_places: HashMap<&Place, u32> =
            self.places.iter().enumerate().map(|(at, place)| (place, index(at))).collect();
        let mut texts = HashMap::new();
        let mut new = Vec::new();
        for row in rows {
            let device = Device::new(row.clone(), *products.class_index.get(&row.class)?, &mut texts);
            let place = *known_places.get(&products.place_of(device.site, device.ward.as_ref()))?;
            let said = device.kind.as_deref().unwrap_or_default();
            let kind = self.kinds.iter().position(|kind| **kind == *said)?;
            let device = device.at(place);
            new.push((device.brief(index(kind)), Arc::new(device)));
        }
        let old: HashSet<DeviceId> = rows.iter().map(|row| row.id).collect();
        let mut devices = self.clone();
        let mut at = 0..devices.list.len();
        let gone: Vec<bool> = devices.list.iter().map(|device| old.contains(&device.id)).collect();
        devices.briefs.retain(|_| at.next().is_some_and(|at| !gone[at]));
        devices.list.retain(|device| !old.contains(&device.id));
        for (brief, device) in new {
            let at = devices.list.partition_point(|one| one.order().lt(&device.order()));
            devices.briefs.insert(at, brief);
            devices.list.insert(at, device);
        }
        Some(devices)
    }

    /// These devices and the new ones, a known one replaced.
    fn with(&self, products: &Products, rows: Vec<DeviceBrief>) -> Devices {
        let mut texts: HashMap<String, Arc<str>> = HashMap::new();
        let mut devices: HashMap<DeviceId, Arc<Device>> =
            self.list.iter().map(|device| (device.id, device.clone())).collect();
        for row in rows {
            if let Some(class) = products.class_index.get(&row.class) {
                devices.insert(row.id, Arc::new(Device::new(row, *class, &mut texts)));
            }
        }
        let nowhere: Arc<str> = Arc::from("");
        let mut by_place: HashMap<(Option<SiteId>, Option<Arc<str>>), Place> = HashMap::new();
        for device in devices.values() {
            let key = (device.site, device.ward.clone());
            by_place.entry(key).or_insert_with(|| products.place_of(device.site, device.ward.as_ref()));
        }
        let mut places: Vec<Place> = by_place.values().cloned().collect();
        let unsaid_last = |place: &Place| (place.site.is_empty(), place.ward.is_empty());
        places.sort_by(|a, b| {
            (unsaid_last(a).0, &a.site, unsaid_last(a).1, &a.ward).cmp(&(
                unsaid_last(b).0,
                &b.site,
                unsaid_last(b).1,
                &b.ward,
            ))
        });
        places.dedup();
        let index_of: HashMap<&Place, u32> =
            places.iter().enumerate().map(|(at, place)| (place, index(at))).collect();
        let mut list: Vec<Arc<Device>> = devices.into_values().collect();
        for device in &mut list {
            let place = &by_place[&(device.site, device.ward.clone())];
            let place = index_of[place];
            if device.place != place {
                *device = Arc::new(device.at(place));
            }
        }
        list.sort_by(|a, b| a.order().cmp(&b.order()));
        let mut kinds = Vec::new();
        let mut kind_index: HashMap<Arc<str>, u32> = HashMap::new();
        let mut kind_of = |device: &Device| {
            let kind = device.kind.as_ref().unwrap_or(&nowhere);
            *kind_index.entry(kind.clone()).or_insert_with(|| {
                kinds.push(kind.clone());
                index(kinds.len() - 1)
            })
        };
        let briefs = list.iter().map(|device| device.brief(kind_of(device))).collect();
        Devices { list, briefs, places, kinds, holders: Holders::default(), seen: self.seen.clone() }
    }
}

impl Device {
    fn new(row: DeviceBrief, class: u32, texts: &mut HashMap<String, Arc<str>>) -> Device {
        let mut shared = |text: String| match texts.get(&text) {
            Some(known) => known.clone(),
            None => {
                let new: Arc<str> = Arc::from(text.as_str());
                texts.insert(text, new.clone());
                new
            }
        };
        Device {
            id: row.id,
            class,
            place: u32::MAX,
            exposure: row.exposure,
            declared: row.exposure,
            addresses: row
                .address
                .as_deref()
                .map_or_else(Box::default, |text| addresses(text).into_boxed_slice()),
            owned: row.owned,
            name: row.name.map_or_else(|| UNNAMED.into(), String::into_boxed_str),
            kind: row.kind.map(&mut shared),
            support_ends: row.support_ends.map(String::into_boxed_str),
            search: row.texts.to_lowercase().into_boxed_str(),
            site: row.site,
            ward: row.ward.map(&mut shared),
        }
    }

    /// The order of lists: the most exposed first, then by place and name.
    fn order(&self) -> (Exposure, u32, &str, DeviceId) {
        (self.exposure, self.place, &self.name, self.id)
    }

    fn brief(&self, kind: u32) -> Brief {
        Brief { class: self.class, place: self.place, kind, exposure: self.exposure, owned: self.owned }
    }

    fn at(&self, place: u32) -> Device {
        Device { place, ..self.clone() }
    }
}
