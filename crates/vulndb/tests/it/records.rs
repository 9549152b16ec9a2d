//! Small indexes.

use std::path::Path;
use std::sync::Arc;

use bedrail_model::advisory::{Advisory, Affected, Event, EventKind, Range, RangeKind};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_vulndb::segment::Segment;
use bedrail_vulndb::{Builder, Db};

pub(crate) fn npm() -> Ecosystem {
    Ecosystem::named("npm").unwrap()
}

/// A record with aliases that affects npm packages before a version.
pub(crate) fn record(id: &str, aliases: &[&str], affected: &[(&str, &str)]) -> Advisory<'static> {
    let affected = affected.iter().map(|(name, fixed)| Affected {
        ecosystem: npm(),
        release: None,
        name: (*name).to_owned().into(),
        ranges: vec![Range {
            kind: RangeKind::Versions,
            events: vec![
                Event { kind: EventKind::Introduced, version: "0".into() },
                Event { kind: EventKind::Fixed, version: (*fixed).to_owned().into() },
            ],
        }],
        versions: Vec::new(),
        last_known: None,
    });
    Advisory {
        id: id.to_owned().into(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned().into()).collect(),
        summary: format!("summary of {id}").into(),
        modified: Some("2025-01-01T00:00:00Z".parse().unwrap()),
        affected: affected.collect(),
        ..Advisory::default()
    }
}

/// The record with ids that it mentions.
pub(crate) fn mentioning(record: Advisory<'static>, ids: &[&str]) -> Advisory<'static> {
    Advisory { mentions: ids.iter().map(|id| (*id).to_owned().into()).collect(), ..record }
}

pub(crate) fn build(path: &Path, records: &[Advisory<'_>]) -> Arc<Segment> {
    let builder = Builder::new(path, vec!["osv/npm".into()]).unwrap();
    let mut shard = builder.shard();
    for record in records {
        shard.add(record, 0).unwrap();
    }
    shard.flush().unwrap();
    drop(shard);
    builder.finish("snapshot").unwrap();
    Arc::new(Segment::open(path).unwrap())
}

/// Ids of the advisories that name an npm package, sorted.
pub(crate) fn naming(db: &Db, package: &str) -> Vec<String> {
    let mut ids = Vec::new();
    db.entries(npm(), package, |entry| {
        ids.push(db.advisory(entry.advisory)?.id.to_owned());
        Ok(())
    })
    .unwrap();
    ids.sort();
    ids
}
