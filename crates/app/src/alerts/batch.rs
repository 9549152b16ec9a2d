//! Lines to a batch: events gathered by their keys, packed as they are kept, and every line counted. No database here.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use bedrail_formats::alerts::{Account, Line, LineReader, Mapping, Read, Reading, Settings};
use bedrail_model::alert::{Event, ItemKey, Networks, Outcome, SourceKind};
use bedrail_model::ids::{AlertSourceId, DeviceId};
use bedrail_model::severity::Severity;
use bedrail_store::alerts::SourceRow;
use bedrail_store::alerts::segments::Lines;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use super::address::Addresses;
use super::counters::Sensors;
use super::kept::Packer;
use crate::Error;

/// Items that a batch makes at most before it is stored: more hold the database for too long.
const MOST_ITEMS: usize = 2_000;
/// Bytes of lines in a batch, on the embedded database: everybody who writes waits while it is stored.
pub(super) const BATCH_BYTES: u64 = 4 << 20;
/// The same on a server of databases, where nobody waits and every batch costs many questions and answers.
pub(super) const SHARED_BATCH_BYTES: u64 = 12 << 20;

/// Events of one key.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The digest of the key.
    pub(super) key: [u8; 32],
    pub(super) rule: String,
    pub(super) rule_name: Option<String>,
    pub(super) severity: Severity,
    pub(super) device: Option<DeviceId>,
    pub(super) address: Option<IpAddr>,
    pub(super) attacker: Option<String>,
    pub(super) path: String,
    pub(super) outcome: Outcome,
    pub(super) events: u64,
    pub(super) times: u64,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

/// What was read at once.
pub(super) struct Batch {
    pub(super) items: Vec<Gathered>,
    by_key: HashMap<Vec<u8>, usize>,
    pub(super) packer: Packer,
    pub(super) sensors: Sensors,
    account: Account,
    /// Bytes of lines in it.
    pub(super) bytes: u64,
}

impl Batch {
    fn new() -> Batch {
        Batch {
            items: Vec::new(),
            by_key: HashMap::new(),
            packer: Packer::default(),
            sensors: Sensors::default(),
            account: Account::default(),
            bytes: 0,
        }
    }

    /// Events that nobody had to read: our own, each with the device that it is about.
    pub(super) fn of_own(source: AlertSourceId, events: &[(Option<DeviceId>, Event<'_>)]) -> Batch {
        let (mut batch, source, mut bytes) = (Batch::new(), source.to_string(), Vec::new());
        for (device, event) in events {
            batch.account.events += 1;
            add(&mut batch, &mut bytes, &source, *device, event);
        }
        batch
    }

    /// Whether nothing was read.
    pub(super) fn is_empty(&self) -> bool {
        self.account.lines() == 0
    }

    /// What its lines are.
    pub(super) fn lines(&self) -> Lines {
        Lines {
            events: self.account.events,
            counters: self.account.counters,
            no_alerts: self.account.not_alerts.values().sum(),
            not_understood: self.account.not_understood.values().sum(),
        }
    }

    /// Why lines were not understood.
    pub(super) fn reasons(&self) -> &BTreeMap<&'static str, u64> {
        &self.account.not_understood
    }
}

/// Reads the lines of a source into batches.
pub(super) struct Gatherer {
    reader: LineReader,
    source: String,
    addresses: Arc<Addresses>,
    key: Vec<u8>,
    batch: Batch,
    /// Bytes of lines in a batch, after which it is stored.
    most: u64,
}

impl Gatherer {
    /// A reader by the settings of a source, with the bytes of lines that a batch takes.
    ///
    /// # Errors
    /// [`Error::Invalid`] when its mapping or its zone, once good, no longer is.
    pub(super) fn new(source: &SourceRow, addresses: Arc<Addresses>, most: u64) -> Result<Gatherer, Error> {
        let reader = LineReader::new(settings(source)?);
        let source = source.id.to_string();
        Ok(Gatherer { reader, source, addresses, key: Vec::new(), batch: Batch::new(), most })
    }

    /// Takes a line in.
    pub(super) fn take(&mut self, line: &Line<'_>, received: Timestamp) {
        let Gatherer { reader, source, addresses, key, batch, .. } = self;
        let read = reader.read(line, received);
        batch.account.add(&read);
        batch.bytes += line.length;
        let Read { reading, sequence, .. } = read;
        if let Some(sequence) = sequence {
            batch.sensors.numbered(sequence.host, sequence.number);
        }
        match reading {
            Reading::Event(event) => {
                let address = event.device().address;
                let device = address.and_then(|address| addresses.device_at(address, event.time.at));
                add(batch, key, source, device, &event);
            }
            Reading::Counters(counters) => batch.sensors.reading(counters),
            Reading::NotAnAlert(_) | Reading::NotUnderstood(_) => {}
        }
    }

    /// Whether the batch is to be stored before more is read.
    pub(super) fn is_full(&self) -> bool {
        self.batch.bytes >= self.most || self.batch.items.len() >= MOST_ITEMS
    }

    /// The batch; the next one begins.
    pub(super) fn finish(&mut self) -> Batch {
        std::mem::replace(&mut self.batch, Batch::new())
    }
}

fn add(batch: &mut Batch, bytes: &mut Vec<u8>, source: &str, device: Option<DeviceId>, event: &Event<'_>) {
    batch.sensors.event(event.sensor.as_deref());
    let address = event.device().address;
    let key = ItemKey::of(source, event, device);
    bytes.clear();
    key.write(bytes);
    let at = event.time.at;
    let index = match batch.by_key.get(bytes.as_slice()) {
        Some(index) => *index,
        None => {
            let index = batch.items.len();
            batch.by_key.insert(bytes.clone(), index);
            batch.items.push(Gathered {
                key: Sha256::digest(bytes.as_slice()).into(),
                rule: key.rule.to_owned(),
                rule_name: event.rule.name.as_deref().map(str::to_owned),
                severity: event.rule.severity,
                device,
                address,
                attacker: key.attacker.map(|network| network.to_string()),
                path: key.path.as_str().to_owned(),
                outcome: event.outcome,
                events: 0,
                times: 0,
                first: at,
                last: at,
            });
            index
        }
    };
    // The index is of an item that is there.
    let Some(item) = batch.items.get_mut(index) else { return };
    item.events += 1;
    item.times = item.times.saturating_add(event.count);
    item.first = item.first.min(at);
    item.last = item.last.max(at);
    item.severity = item.severity.max(event.rule.severity);
    batch.packer.add(&item.key, event);
}

fn settings(source: &SourceRow) -> Result<Settings, Error> {
    let broken = |what: &str| Error::Invalid {
        message: format!("the source `{}` cannot be read: {what}", source.name),
        hint: Some("set it up anew".into()),
    };
    let mapping = source.mapping.as_deref().map(Mapping::parse).transpose();
    let zone = source.zone.as_deref().map(TimeZone::get).transpose();
    Ok(Settings {
        kind: SourceKind::from_code(&source.kind),
        own: Networks::with(source.own.split_whitespace().filter_map(|text| text.parse().ok())),
        zone: zone.map_err(|_| broken("its time zone is not known here"))?.unwrap_or(TimeZone::UTC),
        syslog_severity: source.syslog_severity,
        mapping: mapping.map_err(|error| broken(&error.to_string()))?,
    })
}
