//! Taking over a device list: every row is planned first, against what is known, then all are written in one change.

use std::collections::{BTreeMap, HashMap, HashSet};

use bedrail_formats::device_list::{self, DeviceList};
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::ids::{ClassId, DeviceId, ReleaseId, SiteId};
use bedrail_store::devices::{DeviceKeys, DeviceRow};
use bedrail_store::releases::ReleaseRow;
use bedrail_store::{Change, Held, View, classes, devices, documents, releases, sites, weaknesses};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{ImportDevices, ImportReport, RowOutcome, RowReport, identity, sources};
use crate::configured::{self, Bills, Configured, Known as KnownClass};
use crate::fleet::answers::Answers;
use crate::matching;
use crate::rights::Right;
use crate::{Actor, Context, Error, names, parse, vault};

/// What a row without a maker or a model is filed under; it shows, and a later list mends it.
pub(crate) const UNKNOWN_MAKER: &str = "Unknown maker";
pub(crate) const UNKNOWN_MODEL: &str = "Unknown model";
/// Rows from which on it is quicker to read the identities of all devices than to look these up.
const LONG: usize = 4096;

pub(super) async fn run(ctx: &Context, actor: &Actor, command: ImportDevices) -> Result<ImportReport, Error> {
    actor.need(Right::ChangeDevices)?;
    if command.dry_run {
        let list = parse::devices(ctx, command.document.clone(), mapping(&command)).await?;
        let view = ctx.view(actor, Right::ChangeDevices).await?;
        let known = Known::load(&view, &list).await?;
        let mut plan = Plan::new(known, &command.file_name, ctx.clock.now());
        let rows = plan.all(&list);
        return Ok(plan.report(list, rows, true));
    }
    let ready = prepare(ctx, actor, command, &|_, _, _| {}).await?;
    ready.change.commit(&ready.subject, &ready.detail).await?;
    Ok(ready.report)
}

/// An import that is written and not yet committed.
pub(crate) struct Ready {
    pub(crate) change: Change,
    pub(crate) report: ImportReport,
    /// For the audit entry.
    pub(crate) subject: String,
    pub(crate) detail: String,
    /// Held until the change is committed.
    _matching: Held,
}

/// How far an import is: rows done, and in all, and at what.
pub(crate) type Tell<'t> = &'t (dyn Fn(u64, u64, &str) + Send + Sync);

/// Keeps the file, reads it, plans every row and writes all of them.
pub(crate) async fn prepare(
    ctx: &Context,
    actor: &Actor,
    command: ImportDevices,
    tell: Tell<'_>,
) -> Result<Ready, Error> {
    actor.need(Right::ChangeDevices)?;
    let kept = vault::keep(ctx, &command.document).await?;
    tell(0, 0, "reading the list");
    let list = parse::devices(ctx, command.document.clone(), mapping(&command)).await?;
    let total = list.rows.len() as u64;
    tell(0, total, "waiting for other changes, rows");
    let matching = ctx.matching().await?;
    // Only who holds the lock on matching writes devices: what is known now is what is known when the change begins, and
    // nobody who wants to write waits for the planning.
    let view = ctx.view(actor, Right::ChangeDevices).await?;
    let known = Known::load(&view, &list).await?;
    drop(view);
    let mut plan = Plan::new(known, &command.file_name, ctx.clock.now());
    tell(0, total, "planning, rows");
    let rows = plan.all(&list);
    let configured = plan.configured(ctx, actor).await?;
    let change = ctx.change(actor, Right::ChangeDevices, "devices.import").await?;
    tell(total / 2, total, "storing, rows");
    plan.write(ctx, &change, configured).await?;
    let size = usize::try_from(command.document.length()).unwrap_or(usize::MAX);
    documents::add(&change, &kept.sha256, "devices", &command.file_name, size).await?;
    // Who can be reached from where, and what a device is, decide whether a rule may accept a statement.
    crate::vex::rule::ask(&change).await?;
    tell(total, total, "writing the report, rows");
    let report = plan.report(list, rows, false);
    let detail = format!("SHA-256 {}, {}", kept.hex(), report.words());
    Ok(Ready { change, report, subject: command.file_name, detail, _matching: matching })
}

/// How columns are read, as texts `HEADER=FIELD`.
fn mapping(command: &ImportDevices) -> Vec<String> {
    command.mapping.iter().map(|(header, field)| format!("{header}={field}")).collect()
}

/// What the organisation has already.
struct Known {
    sites: HashMap<String, SiteId>,
    releases: HashMap<String, ReleaseId>,
    classes: HashMap<(ReleaseId, String), ClassId>,
    /// Maker, model and version of releases that devices of the list run now.
    release_rows: HashMap<ReleaseId, ReleaseRow>,
    release_of: HashMap<ClassId, ReleaseId>,
    site_names: HashMap<SiteId, String>,
    by_asset: HashMap<String, DeviceId>,
    by_serial: HashMap<String, DeviceId>,
    by_udi: HashMap<String, DeviceId>,
    devices: HashMap<DeviceId, DeviceRow>,
}

impl Known {
    async fn load(view: &View, list: &DeviceList) -> Result<Known, Error> {
        let classes = classes::by_key(view).await?;
        let mut known = Known {
            sites: sites::by_key(view).await?,
            releases: releases::by_key(view).await?,
            release_of: classes.iter().map(|((release, _), class)| (*class, *release)).collect(),
            classes,
            release_rows: releases::changed_since(view, 0)
                .await?
                .into_iter()
                .map(|row| (row.id, row))
                .collect(),
            site_names: sites::changed_since(view, 0).await?.into_iter().collect(),
            by_asset: HashMap::new(),
            by_serial: HashMap::new(),
            by_udi: HashMap::new(),
            devices: HashMap::new(),
        };
        let wanted: Vec<DeviceKeys> = list.rows.iter().map(|row| identity::keys(&row.facts)).collect();
        let keys = match wanted.len() {
            0..LONG => devices::keys_among(view, &wanted).await?,
            _ => devices::keys(view).await?,
        };
        for (id, keys) in keys {
            known.index(id, &keys);
        }
        let met: HashSet<DeviceId> = wanted.iter().flat_map(|keys| known.met(keys)).collect();
        let met: Vec<DeviceId> = met.into_iter().collect();
        known.devices = devices::by_ids(view, &met).await?.into_iter().map(|row| (row.id, row)).collect();
        Ok(known)
    }

    fn index(&mut self, id: DeviceId, keys: &DeviceKeys) {
        let maps = [&mut self.by_asset, &mut self.by_serial, &mut self.by_udi];
        for (map, key) in maps.into_iter().zip([&keys.asset, &keys.serial, &keys.udi]) {
            if let Some(key) = key {
                map.insert(key.clone(), id);
            }
        }
    }

    fn forget(&mut self, id: DeviceId, keys: &DeviceKeys) {
        let maps = [&mut self.by_asset, &mut self.by_serial, &mut self.by_udi];
        for (map, key) in maps.into_iter().zip([&keys.asset, &keys.serial, &keys.udi]) {
            if let Some(key) = key
                && map.get(key) == Some(&id)
            {
                map.remove(key);
            }
        }
    }

    /// The devices that the keys name, each once.
    fn met(&self, keys: &DeviceKeys) -> Vec<DeviceId> {
        let maps = [&self.by_asset, &self.by_serial, &self.by_udi];
        let hits = maps.into_iter().zip([&keys.asset, &keys.serial, &keys.udi]);
        let mut met: Vec<DeviceId> =
            hits.filter_map(|(map, key)| key.as_ref().and_then(|key| map.get(key)).copied()).collect();
        met.sort_unstable();
        met.dedup();
        met
    }

    /// Facts in the spelling that the release and the site were first written in.
    fn settled(&self, mut facts: DeviceFacts) -> DeviceFacts {
        let key = releases::key(
            facts.maker.as_deref().unwrap_or(UNKNOWN_MAKER),
            facts.model.as_deref().unwrap_or(UNKNOWN_MODEL),
            facts.version.as_deref(),
        );
        if let Some(release) = self.releases.get(&key).and_then(|id| self.release_rows.get(id)) {
            (facts.maker, facts.model) = said_of(release);
            facts.version = release.version.clone();
        }
        let site = facts.site.as_deref().and_then(|site| self.sites.get(&sites::key(site)));
        if let Some(name) = site.and_then(|site| self.site_names.get(site)) {
            facts.site = Some(name.clone());
        }
        facts
    }

    /// All that the lists said of a device so far, with what its release and its site say.
    fn whole_facts(&self, row: &DeviceRow) -> DeviceFacts {
        let mut facts = row.facts.clone();
        let release = self.release_of.get(&row.class).and_then(|id| self.release_rows.get(id));
        if let Some(release) = release {
            (facts.maker, facts.model) = said_of(release);
            facts.version = release.version.clone();
        }
        facts.site = row.site.and_then(|site| self.site_names.get(&site)).cloned();
        facts
    }
}

/// Maker and model of a release, where a list said them.
fn said_of(release: &ReleaseRow) -> (Option<String>, Option<String>) {
    let maker = Some(release.maker.clone()).filter(|maker| maker != UNKNOWN_MAKER);
    (maker, Some(release.model.clone()).filter(|model| model != UNKNOWN_MODEL))
}

/// What will be written.
struct Plan<'a> {
    known: Known,
    list_name: &'a str,
    now: Timestamp,
    new_sites: Vec<(SiteId, String)>,
    new_releases: Vec<ReleaseRow>,
    new_classes: Vec<(ClassId, ReleaseId, Option<String>)>,
    put: BTreeMap<DeviceId, (DeviceRow, DeviceKeys)>,
    shifts: HashMap<ClassId, i64>,
    /// The line of this file that a device was last named on.
    lines: HashMap<DeviceId, u64>,
    touched_releases: HashSet<ReleaseId>,
}

impl<'a> Plan<'a> {
    fn new(known: Known, list_name: &'a str, now: Timestamp) -> Plan<'a> {
        Plan {
            known,
            list_name,
            now,
            new_sites: Vec::new(),
            new_releases: Vec::new(),
            new_classes: Vec::new(),
            put: BTreeMap::new(),
            shifts: HashMap::new(),
            lines: HashMap::new(),
            touched_releases: HashSet::new(),
        }
    }

    fn all(&mut self, list: &DeviceList) -> Vec<RowReport> {
        list.rows.iter().map(|row| self.row(row)).collect()
    }

    fn row(&mut self, row: &device_list::DeviceRow) -> RowReport {
        let mut messages = row.problems.clone();
        let planned = self.plan(row, &mut messages);
        let outcome = match planned {
            Ok(outcome) => outcome,
            Err(reason) => {
                if !messages.contains(&reason) {
                    messages.push(reason);
                }
                RowOutcome::Refused
            }
        };
        RowReport { line: row.line, outcome, messages }
    }

    /// Plans one row, or says why it is refused.
    fn plan(
        &mut self,
        row: &device_list::DeviceRow,
        messages: &mut Vec<String>,
    ) -> Result<RowOutcome, String> {
        let keys = identity::keys(&row.facts);
        if keys == DeviceKeys::default() {
            return Err(
                "nothing tells this device from others: no serial number, asset tag, UDI or host name".into(),
            );
        }
        let old = self.old(&keys, row)?;
        let before = old.as_ref().map(|old| self.known.whole_facts(old));
        let facts = self.known.settled(merged(before.clone().unwrap_or_default(), &row.facts));
        if let (Some(old), Some(line)) = (&old, old.as_ref().and_then(|old| self.lines.get(&old.id))) {
            if before.as_ref() == Some(&facts) {
                messages.push(format!("the same device as on line {line}"));
                return Ok(RowOutcome::Unchanged);
            }
            let name = crate::fleet::device_name(&old.facts).to_owned();
            return Err(format!(
                "line {line} says otherwise of the same device {name}; only that line is taken"
            ));
        }
        let (maker, model) = (facts.maker.is_none(), facts.model.is_none());
        if maker || model {
            let missing = if maker && model {
                "maker and no model"
            } else if maker {
                "maker"
            } else {
                "model"
            };
            messages
                .push(format!("the row gives no {missing}, so it cannot be told what is inside the device"));
        }
        let class = self.class(&facts);
        let site = facts.site.clone().map(|name| self.site(name, messages));
        let id = old.as_ref().map_or_else(DeviceId::generate, |old| old.id);
        self.lines.insert(id, row.line);
        let same = old.as_ref().is_some_and(|old| old.class == class && old.site == site);
        if same && before.as_ref() == Some(&facts) {
            return Ok(RowOutcome::Unchanged);
        }
        self.take(id, old.as_ref(), class, site, &facts, row);
        Ok(if old.is_some() { RowOutcome::Changed } else { RowOutcome::Added })
    }

    /// The device that the row speaks of, where it is known. Refused where it speaks of two, or contradicts one.
    fn old(&self, keys: &DeviceKeys, row: &device_list::DeviceRow) -> Result<Option<DeviceRow>, String> {
        let met = self.known.met(keys);
        if met.len() > 1 {
            let names = met.iter().filter_map(|id| self.known.devices.get(id));
            let names: Vec<&str> = names.map(|row| crate::fleet::device_name(&row.facts)).collect();
            return Err(format!("its identifiers are those of different devices: {}", names.join(", ")));
        }
        let Some(old) = met.first().and_then(|id| self.known.devices.get(id)) else { return Ok(None) };
        let serial = |text: &Option<String>| text.as_deref().map(identity::bare);
        if let (Some(known), Some(new)) = (serial(&old.facts.serial), serial(&row.facts.serial))
            && known != new
        {
            let name = crate::fleet::device_name(&old.facts);
            let known = old.facts.serial.as_deref().unwrap_or_default();
            return Err(format!("{name} is known with another serial number, {known}"));
        }
        Ok(Some(old.clone()))
    }

    /// Notes a device as written, so that later rows meet it.
    fn take(
        &mut self,
        id: DeviceId,
        old: Option<&DeviceRow>,
        class: ClassId,
        site: Option<SiteId>,
        facts: &DeviceFacts,
        row: &device_list::DeviceRow,
    ) {
        if let Some(old) = old {
            let keys = identity::keys(&self.known.whole_facts(old));
            self.known.forget(id, &keys);
            *self.shifts.entry(old.class).or_default() -= 1;
        }
        *self.shifts.entry(class).or_default() += 1;
        let keys = identity::keys(facts);
        self.known.index(id, &keys);
        let day = self.now.to_zoned(TimeZone::UTC).date();
        let before = old.map_or("", |old| &old.sources);
        let sources = sources::with(before, &row.facts, self.list_name, row.line, day);
        let stored = DeviceFacts { maker: None, model: None, version: None, site: None, ..facts.clone() };
        let created = old.map_or(self.now, |old| old.created);
        let row = DeviceRow { id, class, site, facts: stored, sources, created, updated: self.now };
        self.known.devices.insert(id, row.clone());
        self.put.insert(id, (row, keys));
    }

    fn site(&mut self, name: String, messages: &mut Vec<String>) -> SiteId {
        let key = sites::key(&name);
        if let Some(id) = self.known.sites.get(&key) {
            return *id;
        }
        let id = SiteId::generate();
        messages.push(format!("the site {name} is new and was added"));
        self.known.sites.insert(key, id);
        self.known.site_names.insert(id, name.clone());
        self.new_sites.push((id, name));
        id
    }

    fn class(&mut self, facts: &DeviceFacts) -> ClassId {
        let maker = facts.maker.as_deref().unwrap_or(UNKNOWN_MAKER);
        let model = facts.model.as_deref().unwrap_or(UNKNOWN_MODEL);
        let key = releases::key(maker, model, facts.version.as_deref());
        let release = match self.known.releases.get(&key) {
            Some(id) => *id,
            None => {
                let row = ReleaseRow {
                    id: ReleaseId::generate(),
                    maker: maker.to_owned(),
                    model: model.to_owned(),
                    version: facts.version.clone(),
                    content: None,
                };
                self.known.releases.insert(key, row.id);
                self.known.release_rows.insert(row.id, row.clone());
                self.new_releases.push(row.clone());
                row.id
            }
        };
        self.touched_releases.insert(release);
        let system = facts.operating_system.clone();
        let key = (release, classes::key(system.as_deref()));
        if let Some(id) = self.known.classes.get(&key) {
            return *id;
        }
        let id = ClassId::generate();
        self.known.classes.insert(key, id);
        self.known.release_of.insert(id, release);
        self.new_classes.push((id, release, system));
        id
    }

    async fn write(&self, ctx: &Context, change: &Change, mut configured: Configured) -> Result<(), Error> {
        sites::add(change, &self.new_sites).await?;
        releases::add(change, &self.new_releases).await?;
        classes::add(change, &self.new_classes).await?;
        let put: Vec<(DeviceRow, DeviceKeys)> = self.put.values().cloned().collect();
        devices::clear_keys(change, self.put.keys().copied()).await?;
        devices::put(change, &put).await?;
        classes::shift_devices(change, &self.shifts).await?;
        configured.write(change).await?;
        matching::follow(ctx, change, &configured.targets, configured.fresh.judgements).await?;
        // A release with a bill has a class before, so only the numbers of devices move.
        let touched = weaknesses::shifts_of_devices(change, &self.shifts).await?;
        Ok(weaknesses::shift_counts(change, &touched).await?)
    }

    /// What new classes are judged by: the bill of their release, where it has one already, and what else is known of their devices.
    async fn configured(&self, ctx: &Context, actor: &Actor) -> Result<Configured, Error> {
        let view = ctx.view(actor, Right::ChangeDevices).await?;
        let answers = Answers::read(&view).await?;
        let mut known = Vec::with_capacity(self.new_classes.len());
        for (class, release, system) in &self.new_classes {
            let Some(row) = self.known.release_rows.get(release) else { continue };
            let facts = answers.on(row).into_iter().map(|fact| fact.fact.clone());
            let one = KnownClass {
                class: *class,
                before: None,
                bill: row.content,
                system: system.clone(),
                facts: facts.collect(),
            };
            known.push(one);
        }
        let names = names::book(&view).await?;
        configured::prepare(ctx, &view, known, Bills::new(&names)).await
    }

    fn report(&self, list: DeviceList, rows: Vec<RowReport>, dry_run: bool) -> ImportReport {
        let without = self
            .touched_releases
            .iter()
            .filter(|id| self.known.release_rows.get(id).is_none_or(|release| release.content.is_none()));
        let releases_without_sbom = without.count() as u64;
        let columns = list
            .columns
            .into_iter()
            .map(|column| (column.header, column.field.map(|field| field.code().to_owned())));
        let warning = |warning: bedrail_model::component::Warning| match warning.place.as_str() {
            "" => warning.message,
            place => format!("{place}: {}", warning.message),
        };
        ImportReport {
            dry_run,
            columns: columns.collect(),
            warnings: list.warnings.into_iter().map(warning).collect(),
            rows,
            releases_without_sbom,
        }
    }
}

/// What was known, overruled by what the row says. What the row leaves out stays.
fn merged(known: DeviceFacts, row: &DeviceFacts) -> DeviceFacts {
    let text = |row: &Option<String>, known: Option<String>| row.clone().or(known);
    DeviceFacts {
        asset_tag: text(&row.asset_tag, known.asset_tag),
        serial: text(&row.serial, known.serial),
        udi: text(&row.udi, known.udi),
        maker: text(&row.maker, known.maker),
        model: text(&row.model, known.model),
        version: text(&row.version, known.version),
        operating_system: text(&row.operating_system, known.operating_system),
        kind: text(&row.kind, known.kind),
        site: text(&row.site, known.site),
        ward: text(&row.ward, known.ward),
        owner: text(&row.owner, known.owner),
        address: text(&row.address, known.address),
        host_name: text(&row.host_name, known.host_name),
        exposure: if row.exposure == Exposure::Unknown { known.exposure } else { row.exposure },
        support_ends: text(&row.support_ends, known.support_ends),
    }
}
