//! Made-up values behind every page, so that templates are tested without a database. Some names are hostile on purpose.

use bedrail_app::accounts::Account;
use bedrail_app::advisories::{AdvisoryDetail, AdvisoryRow, Record};
use bedrail_app::affected::{Affected, AffectedDevice, Totals, Understood, WardBlock};
use bedrail_app::devices::{DeviceDetail, DeviceGrid, DeviceRow, FindingRow};
use bedrail_app::feeds::MentionedBy;
use bedrail_app::names::Identified;
use bedrail_app::releases::{ComponentMark, ReleaseDetail, ReleaseRow, ReleaseSbom};
use bedrail_app::rights::{Rights, Role};
use bedrail_app::support::{Support, Unknown};
use bedrail_app::today::{Task, Today};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::component::{Component, ComponentIndex, Inventory, Relation, RelationKind, Warning};
use bedrail_model::data_status::{DataStatus, SourceState, SourceStatus};
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::finding::{Epss, Evidence, KnownExploited, Weakness};
use bedrail_model::ids::{AccountId, ClassId, DeviceId, DocumentId, OrgId, ReleaseId};
use bedrail_model::organisation::OrgKind;
use bedrail_model::severity::{Cvss, Severity};
use jiff::Timestamp;
use jiff::civil::Date;

use super::frame::Frame;
use super::session::SignedIn;
use super::words::DataNote;

mod alerts;
mod decision;
mod exposure;
mod firewall;
mod incident;
mod medical;
pub(crate) mod names;
mod unknown;
mod vex;

pub(crate) use alerts::{alert, alert_account, alert_why};
pub(crate) use decision::{action, campaign, decision, not_shown, preview, priorities};
pub(crate) use exposure::{exposure, exposure_report, reach};
pub(crate) use firewall::{firewall, firewall_of_others, proposal};
pub(crate) use incident::incident;
pub(crate) use medical::{medical, of_release};
pub(crate) use unknown::{fact, unknown, unknowns};
pub(crate) use vex::statement;

/// A name that would act on a page, a terminal or a spreadsheet if it were let.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\u{202e}\u{1b}[31m\"'";

/// The moment of all samples.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T09:30:00Z".parse().unwrap()
}

/// The frame around a sample page.
pub(crate) fn frame(path: &str) -> Frame {
    let account = Account {
        id: AccountId::generate(),
        name: "admin".into(),
        org: OrgId::generate(),
        home: OrgId::generate(),
        org_name: "Lindenhof Clinics".into(),
        org_kind: OrgKind::CoveredEntity,
        roles: vec![Role::Administrator],
        rights: Rights::EVERY,
        organisations: Vec::new(),
        must_change_password: false,
        password: true,
        second_factor: true,
        must_set_up_factor: false,
        emergency_until: None,
    };
    Frame::new(SignedIn::sample(account), None, path, path.to_owned(), DataNote::of(&data(true), now()))
}

/// The state of the data, whole or not.
pub(crate) fn data(complete: bool) -> DataStatus {
    let source = |name: &str, state, days: i64, records| SourceStatus {
        name: name.into(),
        state,
        as_of: (state != SourceState::Missing)
            .then(|| now() - jiff::SignedDuration::from_hours(24 * days + 3)),
        fetched_at: (state != SourceState::Missing).then(|| now() - jiff::SignedDuration::from_hours(3)),
        records,
        age_days: (state != SourceState::Missing).then_some(days),
        note: (state == SourceState::Missing).then(|| "run `bedrail db update`".into()),
    };
    let last = if complete { SourceState::Fresh } else { SourceState::Missing };
    DataStatus {
        sources: vec![
            source("osv/Maven", SourceState::Fresh, 0, 7_214),
            source("osv/npm", SourceState::Fresh, 0, 24_310),
            source("osv/Debian", if complete { SourceState::Fresh } else { SourceState::Stale }, 12, 41_006),
            source("kev", SourceState::Fresh, 1, 1_402),
            source("epss", last, 1, 280_114),
        ],
        complete,
        starter_only: false,
        snapshot: "b7c31f20".into(),
        advisories: 90_412,
    }
}

/// Log4Shell.
pub(crate) fn log4shell() -> Weakness {
    Weakness {
        id: "CVE-2021-44228".into(),
        aliases: vec!["GHSA-jfh8-c2jp-5v3q".into()],
        summary: "Remote code execution by log messages in Apache Log4j 2".into(),
        severity: Severity::Critical,
        cvss: Cvss::parse("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H").ok(),
        epss: Some(Epss { score: 0.944, percentile: Some(0.999) }),
        kev: Some(KnownExploited {
            added: Date::constant(2021, 12, 10),
            due: Some(Date::constant(2021, 12, 24)),
            ransomware: true,
        }),
        ..Weakness::default()
    }
}

fn weakness(id: &str, summary: &str, severity: Severity) -> Weakness {
    Weakness { id: id.into(), summary: summary.into(), severity, ..Weakness::default() }
}

fn evidence() -> Evidence {
    Evidence {
        advisory: "GHSA-jfh8-c2jp-5v3q".into(),
        source: "osv/Maven".into(),
        snapshot: "b7c31f20".into(),
        package: "Maven org.apache.logging.log4j:log4j-core".into(),
        rule: "introduced 2.13.0, fixed 2.15.0".into(),
        version: Some("2.14.1".into()),
        reason: Reason::VersionInRange,
        missing: None,
    }
}

/// The first page.
pub(crate) fn today() -> Today {
    let row = |weakness, affected, cannot_tell| AdvisoryRow { weakness, affected, cannot_tell, releases: 7 };
    let mut struts =
        weakness("CVE-2017-5638", "Remote code execution in Apache Struts by a header", Severity::Critical);
    struts.kev = Some(KnownExploited {
        added: Date::constant(2026, 11, 3),
        due: Some(Date::constant(2026, 11, 24)),
        ransomware: false,
    });
    let (a, u, n) = (Some(Answer::Affected), Some(Answer::CannotTell), Some(Answer::NotAffected));
    let exposure = [
        (Exposure::Outside, [9, 11, 28, 12]),
        (Exposure::Unknown, [40, 62, 190, 88]),
        (Exposure::Flat, [210, 160, 600, 210]),
        (Exposure::Isolated, [88, 60, 340, 102]),
        (Exposure::Offline, [12, 8, 220, 50]),
    ];
    Today {
        devices: 2_500,
        releases: 150,
        without_sbom: (31, 462),
        exposure: exposure
            .into_iter()
            .flat_map(|(exposure, [w, x, y, z])| {
                [(exposure, a, w), (exposure, u, x), (exposure, n, y), (exposure, None, z)]
            })
            .collect(),
        urgent: vec![row(log4shell(), 38, 12), row(struts, 4, 0)],
        tasks: vec![
            Task::ExploitedOutside { weakness: "CVE-2021-44228".into(), devices: 6 },
            Task::NobodyOn { devices: 14 },
            Task::AskForSbom { release: "Orbis Flow 300 2.1".into(), id: ReleaseId::generate(), devices: 96 },
            Task::PastSupport { devices: 131 },
            Task::UpdateData { why: "2 of 5 sources are old or missing".into() },
        ],
        data: data(false),
    }
}

/// What lists say of a device.
pub(crate) fn facts(ward: &str, exposure: Exposure, owner: Option<&str>) -> DeviceFacts {
    DeviceFacts {
        asset_tag: Some("LC-004711".into()),
        serial: Some("OF3-88120".into()),
        maker: Some("Orbis Medical".into()),
        model: Some("Flow 300".into()),
        version: Some("2.1".into()),
        operating_system: Some("Windows 7 SP1".into()),
        kind: Some("infusion pump".into()),
        site: Some("Main campus".into()),
        ward: Some(ward.into()),
        owner: owner.map(str::to_owned),
        address: Some("10.4.12.77".into()),
        exposure,
        support_ends: Some("2024-06-30".into()),
        ..DeviceFacts::default()
    }
}

fn affected_device(
    number: u32,
    ward: &str,
    exposure: Exposure,
    owner: Option<&str>,
    answer: Answer,
) -> AffectedDevice {
    let told = answer == Answer::Affected;
    AffectedDevice {
        device: DeviceId::generate(),
        name: format!("LC-{number:06}"),
        facts: facts(ward, exposure, owner),
        reach: reach(exposure, exposure == Exposure::Outside),
        release: ReleaseId::generate(),
        answer,
        reason: if told { Reason::VersionInRange } else { Reason::NoBillOfMaterials },
        component: told.then(|| "log4j-core".into()),
        version: told.then(|| "2.14.1".into()),
        purl: told.then(|| "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1".into()),
        path: if told {
            ["Flow 300", "flow-gateway", "elastic-client", "log4j-core"].map(str::to_owned).into()
        } else {
            Vec::new()
        },
        fixed_in: if told { vec!["2.15.0".into()] } else { Vec::new() },
        evidence: if told { vec![evidence()] } else { Vec::new() },
        affected_by: Vec::new(),
        decision: (number == 1202).then(decision::brief),
        identified: None,
        between: if number == 1202 { vec![firewall::between()] } else { Vec::new() },
    }
}

/// Names of wards with their sites and sizes.
const WARDS: &[(&str, &str, u64)] = &[
    ("Main campus", "Intensive care 1", 180),
    ("Main campus", "Intensive care 2", 140),
    ("Main campus", "Emergency", 120),
    ("Main campus", "Surgery", 210),
    ("Main campus", "Cardiology", 160),
    ("Main campus", "Radiology", 90),
    ("Main campus", "Neonatology", 80),
    ("Main campus", "Laboratory", 110),
    ("Main campus", "Dialysis", 60),
    ("Lakeside", "Intensive care", 130),
    ("Lakeside", "Maternity", 150),
    ("Lakeside", "Surgery", 170),
    ("Lakeside", "Emergency", 90),
    ("North clinic", "Rehabilitation", 140),
    ("North clinic", "Day surgery", 120),
    ("North clinic", "Endoscopy", 60),
    ("Home care", "Home ventilation", 260),
    ("Home care", "Home dialysis", 130),
];

/// The answer to "Log4j?".
pub(crate) fn affected() -> Affected {
    let ward = |index: usize, (site, ward, devices): &(&str, &str, u64)| WardBlock {
        site: (*site).into(),
        ward: (*ward).into(),
        devices: *devices,
        affected: if index.is_multiple_of(3) { devices / 6 } else { 0 },
        cannot_tell: if index.is_multiple_of(4) { devices / 9 } else { 0 },
        outside: u64::from(index == 3) * 4,
    };
    let mut rows: Vec<AffectedDevice> = vec![
        affected_device(4711, "Surgery", Exposure::Outside, Some("Biomed team A"), Answer::Affected),
        affected_device(4712, "Surgery", Exposure::Outside, None, Answer::Affected),
        affected_device(88, "Intensive care 1", Exposure::Unknown, Some("ICU technics"), Answer::Affected),
        affected_device(1201, "Emergency", Exposure::Flat, Some("Biomed team B"), Answer::CannotTell),
        affected_device(1202, "Neonatology", Exposure::Isolated, Some("Biomed team B"), Answer::Affected),
    ];
    rows[2].name = HOSTILE.into();
    Affected {
        offset: 0,
        next: None,
        understood: Understood::Weakness(Box::new(log4shell())),
        readings: Vec::new(),
        totals: Totals {
            affected: 38,
            cannot_tell: 12,
            affected_outside: 5,
            affected_without_owner: 2,
            affected_wards: 4,
            outside: 6,
            without_owner: 2,
            wards: 4,
            sites: 2,
            handled: 1,
            ruled_out: 7,
            fleet: 2_500,
        },
        wards: WARDS.iter().enumerate().map(|(index, row)| ward(index, row)).collect(),
        rows,
        matching: 50,
        unknowns: vec![
            (Reason::NoBillOfMaterials, "the bill of materials of Orbis Flow 300 2.0".into(), 9),
            (Reason::NoVersion, "the version of log4j-core in Kestrel Vista 8.4".into(), 3),
        ],
        data: data(true),
    }
}

/// Wards by kinds.
pub(crate) fn grid() -> DeviceGrid {
    let kinds = ["infusion pump", "patient monitor", "ventilator", "imaging", "other"];
    let row = |index: usize, (site, ward, devices): &(&str, &str, u64)| {
        let counts = (0..kinds.len()).map(|kind| devices * ((index + kind) as u64 % 5) / 12).collect();
        ((*site).to_owned(), (*ward).to_owned(), counts, devices / 7)
    };
    DeviceGrid {
        kinds: kinds.map(str::to_owned).into(),
        wards: WARDS.iter().enumerate().map(|(index, ward)| row(index, ward)).collect(),
        devices: 2_500,
        without_sbom: 462,
        support_ends: [("2019-04", 12), ("2020-01", 40), ("2023-10", 31), ("2024-06", 48)]
            .map(|(month, devices)| (month.to_owned(), devices))
            .into(),
        sites: ["Home care", "Lakeside", "Main campus", "North clinic"].map(str::to_owned).into(),
        makers: ["Kestrel", "Orbis Medical"].map(str::to_owned).into(),
    }
}

/// One row of the device list.
pub(crate) fn device_row(name: &str, affected: u32, known_exploited: u32, has_sbom: bool) -> DeviceRow {
    DeviceRow {
        id: DeviceId::generate(),
        name: name.into(),
        facts: facts(
            "Surgery",
            if affected > 3 { Exposure::Outside } else { Exposure::Flat },
            (affected != 2).then_some("Biomed team A"),
        ),
        declared: Exposure::Flat,
        release: ReleaseId::generate(),
        class: ClassId::generate(),
        has_sbom,
        affected,
        cannot_tell: 3,
        known_exploited,
    }
}

fn finding(weakness: Weakness, answer: Answer, component: &str, version: &str) -> FindingRow {
    FindingRow {
        weakness,
        answer,
        reason: if answer == Answer::Affected { Reason::VersionInRange } else { Reason::NoVersion },
        component: component.into(),
        version: (answer == Answer::Affected).then(|| version.into()),
        purl: Some(format!("pkg:maven/example/{component}@{version}")),
        path: ["Flow 300", "flow-gateway", component].map(str::to_owned).into(),
        fixed_in: vec!["2.15.0".into()],
        evidence: vec![evidence()],
        first_seen: now(),
        decision: (answer == Answer::CannotTell).then(decision::brief),
        identified: (answer == Answer::CannotTell).then(identified),
    }
}

fn identified() -> Identified {
    Identified { identifier: "pkg:maven/example/zlib".to_owned(), by: format!("{HOSTILE} (web)"), at: now() }
}

fn findings() -> Vec<FindingRow> {
    let text4shell = weakness(
        "CVE-2022-42889",
        "Code execution by string interpolation in Apache Commons Text",
        Severity::Critical,
    );
    let zlib = weakness("CVE-2018-25032", "Memory corruption when deflating in zlib", Severity::High);
    vec![
        finding(log4shell(), Answer::Affected, "log4j-core", "2.14.1"),
        finding(text4shell, Answer::Affected, "commons-text", "1.9"),
        finding(zlib, Answer::CannotTell, "zlib", ""),
    ]
}

/// One device.
pub(crate) fn device() -> DeviceDetail {
    DeviceDetail {
        row: device_row("LC-004711", 4, 1, true),
        sources: vec![
            ("serial".into(), "list devices.csv, line 12, 3 March 2026".into()),
            ("exposure".into(), "list devices.csv, line 12, 3 March 2026".into()),
        ],
        findings: findings(),
        not_assessed: vec![(Reason::NoIdentifier, 14, vec!["vendor-display".into(), HOSTILE.into()])],
        components: Some(212),
        system_support: Some(Support::NotKnown(Unknown::Editions)),
        reach: reach(Exposure::Flat, true),
        between: vec![firewall::between()],
        timeline: vec![
            (now(), "CVE-2021-44228 found: affected".into()),
            (now(), "imported from devices.csv".into()),
        ],
    }
}

/// A bill of materials with a cycle, a mark and a hostile name.
pub(crate) fn sbom() -> ReleaseSbom {
    let component = |name: &str, version: Option<&str>| Component {
        name: name.into(),
        version: version.map(str::to_owned),
        purl: Some(format!("pkg:generic/{name}")),
        ..Component::default()
    };
    let mut components = vec![
        component("Flow 300", Some("2.1")),
        component("flow-gateway", Some("2.1")),
        component("elastic-client", Some("7.10.2")),
        component("log4j-core", Some("2.14.1")),
        component("zlib", None),
        component(HOSTILE, Some("1")),
    ];
    components.extend((0..30).map(|number| component(&format!("part-{number}"), Some("1.0"))));
    let link = |from, to| Relation {
        from: ComponentIndex(from),
        kind: RelationKind::DependsOn,
        to: ComponentIndex(to),
    };
    let mut relations = vec![link(0, 1), link(1, 2), link(2, 3), link(3, 1), link(0, 4), link(0, 5)];
    relations.extend((6..36).map(|index| link(4, index)));
    let mut marks = vec![ComponentMark::default(); components.len()];
    marks[3].affected = vec!["CVE-2021-44228".into(), "CVE-2021-45046".into()];
    marks[4].not_assessed = Some(Reason::NoVersion);
    ReleaseSbom {
        document: DocumentId::generate(),
        file_name: "flow-300.cdx.json".into(),
        sha256: "9f".repeat(32),
        added: now(),
        inventory: Inventory {
            format: "CycloneDX".into(),
            format_version: "1.6".into(),
            encoding: "JSON".into(),
            subject: Some(ComponentIndex(0)),
            components,
            relations,
            warnings: vec![Warning {
                place: "/components/12/purl".into(),
                message: "the purl cannot be read and is left out".into(),
                lost: true,
            }],
            ..Inventory::default()
        },
        marks,
    }
}

/// One row of the list of releases.
pub(crate) fn release_row(with_sbom: bool) -> ReleaseRow {
    ReleaseRow {
        id: ReleaseId::generate(),
        maker: "Orbis Medical".into(),
        model: "Flow 300".into(),
        version: Some("2.1".into()),
        devices: 96,
        components: with_sbom.then_some(36),
        affected: if with_sbom { 2 } else { 0 },
        cannot_tell: 1,
        known_exploited: u32::from(with_sbom),
    }
}

/// One release, with or without a bill of materials.
pub(crate) fn release(with_sbom: bool) -> ReleaseDetail {
    ReleaseDetail {
        row: release_row(with_sbom),
        sbom: with_sbom.then(sbom),
        findings: if with_sbom { findings() } else { Vec::new() },
    }
}

/// One weakness with its record.
pub(crate) fn advisory() -> AdvisoryDetail {
    AdvisoryDetail {
        weakness: log4shell(),
        records: vec![Record {
            id: "GHSA-jfh8-c2jp-5v3q".into(),
            source: "osv/Maven".into(),
            published: Some("2021-12-10T00:40:56Z".parse().unwrap()),
            modified: Some("2025-10-22T19:13:26Z".parse().unwrap()),
            details: Some(format!("Log4j2 looks up names in log messages. {HOSTILE}")),
            affected: vec![(
                "Maven org.apache.logging.log4j:log4j-core".into(),
                "introduced 2.13.0, fixed 2.15.0".into(),
            )],
            references: vec!["https://nvd.example/CVE-2021-44228".into(), "javascript:alert(1)".into()],
            credit: "GitHub Advisory Database, CC-BY 4.0".into(),
        }],
        mentioned_by: vec![MentionedBy {
            weakness: "DSA-5020-1".into(),
            advisory: "DSA-5020-1".into(),
            source: "osv/Debian".into(),
            summary: format!("apache-log4j2 - security update {HOSTILE}"),
        }],
        totals: affected().totals,
    }
}

/// What the search found.
pub(crate) fn found() -> bedrail_app::search::Found {
    use bedrail_app::search::{Found, Group, Hit, Kind};
    let device = |name: &str| Hit::Device {
        row: Box::new(device_row(name, 2, 1, true)),
        matched: Some(("serial", HOSTILE.to_owned())),
    };
    let group = |kind, total, hits| Group { kind, total, hits, exact: false };
    let component = |name: &str| Hit::Component { name: name.to_owned(), releases: 12, devices: 340 };
    Found {
        text: "lo".to_owned(),
        question: false,
        groups: vec![
            group(Kind::Device, 120, vec![device("LC-000001"), device(HOSTILE)]),
            group(Kind::Component, 2, vec![component("log4j-core"), component(HOSTILE)]),
            group(Kind::Maker, 1, vec![Hit::Maker { name: HOSTILE.to_owned(), releases: 3, devices: 9 }]),
        ],
    }
}
