//! Made-up devices that face the outside, said, seen and contradicted, with hostile words in what answered.

use bedrail_app::exposure::{
    DeviceReach, EvidenceFile, ExposureList, ExposureReport, JoinedDevice, Judged, LooseAddress, Outside,
    ReachRow, ReachTotals, SeenPiece,
};
use bedrail_app::page::Page;
use bedrail_model::component::Warning;
use bedrail_model::device::Exposure;
use bedrail_model::exposure::{Confidence, Evidence, ExposureSource, Inside, Protocol, Vantage};
use bedrail_model::ids::{DeviceId, DocumentId, ExposureImportId};
use jiff::SignedDuration;

use super::{HOSTILE, facts, now};

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn piece(source: ExposureSource, confidence: Confidence, age: i64) -> SeenPiece {
    let handed_on = source == ExposureSource::Nat;
    let inside = handed_on.then(|| Inside { address: [10, 0, 0, 9].into(), port: Some(8443) });
    SeenPiece {
        import: ExposureImportId::generate(),
        document: DocumentId::generate(),
        file_name: format!("scan-{HOSTILE}.xml"),
        received: now() - days(age),
        place: "line 12".into(),
        evidence: Evidence {
            address: [203, 0, 113, 9].into(),
            port: Some(443),
            protocol: Protocol::Tcp,
            service: Some(HOSTILE.into()),
            inside,
            source,
            seen: (!handed_on).then(|| now() - days(age)),
            confidence,
            why: "it answered a scan from outside".into(),
        },
        via: None,
        age: days(age),
        confidence,
        stale: age > 92,
        decides: confidence > Confidence::Low,
    }
}

/// How far a device can be reached from, seen or only said.
pub(crate) fn reach(declared: Exposure, seen: bool) -> DeviceReach {
    let outside = if seen { Outside::Yes } else { Outside::of(declared) };
    let pieces = [
        piece(ExposureSource::Nmap, Confidence::High, 12),
        piece(ExposureSource::Nat, Confidence::Medium, 3),
        piece(ExposureSource::Shodan, Confidence::Low, 400),
    ];
    let known = outside != Outside::CannotTell;
    let source = if seen { ExposureSource::Nmap } else { ExposureSource::Declared };
    DeviceReach {
        judged: Judged {
            outside,
            exposure: if seen { Exposure::Outside } else { declared },
            confidence: known.then_some(if seen { Confidence::High } else { Confidence::Medium }),
            source: known.then_some(source),
            seen: known.then(|| now() - days(12)),
            age: known.then(|| days(12)),
            stale: false,
            contradicted: seen && Outside::of(declared) == Outside::No,
            hints: usize::from(seen),
            by: seen.then_some(0),
            sentence: format!("Nmap scan: 203.0.113.9 port 443/tcp ({HOSTILE}) answers, seen 12 days ago."),
        },
        declared,
        declared_by: Some("list devices.csv, line 12, 3 March 2026".into()),
        evidence: if seen { pieces.into() } else { Vec::new() },
    }
}

fn row(name: &str, declared: Exposure, seen: bool) -> ReachRow {
    let reach = reach(declared, seen);
    let facts = facts("Surgery", reach.judged.exposure, None);
    ReachRow { device: DeviceId::generate(), name: name.into(), facts, reach }
}

fn loose(address: [u8; 4], devices: &[&str]) -> LooseAddress {
    LooseAddress {
        address: address.into(),
        inside: None,
        pieces: 3,
        firm: 2,
        devices: devices.iter().map(|name| (DeviceId::generate(), (*name).to_owned())).collect(),
    }
}

fn import(name: &str, removed: bool) -> EvidenceFile {
    EvidenceFile {
        id: ExposureImportId::generate(),
        document: DocumentId::generate(),
        sha256: "09".repeat(32),
        name: name.into(),
        format: "nmap XML".into(),
        vantage: Vantage::Outside,
        pieces: 17,
        lost: 1,
        received: now() - days(3),
        received_by: "ann (web)".into(),
        removed: removed.then(|| (now(), "ann (web)".to_owned())),
    }
}

/// The list of devices that face the outside.
pub(crate) fn exposure() -> ExposureList {
    let rows = vec![
        row("LC-000088", Exposure::Isolated, true),
        row(HOSTILE, Exposure::Unknown, true),
        row("LC-004711", Exposure::Outside, false),
    ];
    ExposureList {
        totals: ReachTotals { outside: 76, seen: 31, contradicted: 1, cannot_tell: 402, inside: 2022 },
        devices: Page { rows, total: 76, offset: 0, next: None },
        several: vec![loose([10, 0, 0, 2], &["LC-000001", HOSTILE])],
        unknown: vec![loose([203, 0, 113, 99], &[])],
        files: vec![import("scan.xml", false), import(HOSTILE, true)],
    }
}

/// The report on a file.
pub(crate) fn exposure_report() -> ExposureReport {
    let joined = |name: &str, declared, firm| JoinedDevice {
        device: DeviceId::generate(),
        name: name.into(),
        pieces: 2,
        firm,
        declared,
        is_new: firm > 0,
    };
    ExposureReport {
        import: Some(ExposureImportId::generate()),
        unchanged: false,
        dry_run: false,
        format: "nmap XML".into(),
        vantage: Vantage::Outside,
        pieces: 17,
        joined: vec![joined("LC-000088", Exposure::Isolated, 1), joined(HOSTILE, Exposure::Flat, 0)],
        several: vec![loose([10, 0, 0, 2], &["LC-000001", "LC-000002"])],
        unknown: vec![loose([203, 0, 113, 99], &[])],
        handed_on: vec![loose([203, 0, 113, 1], &[])],
        warnings: vec![Warning { place: "line 3".into(), message: HOSTILE.into(), lost: true }],
    }
}
