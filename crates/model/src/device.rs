//! Devices, the releases they run, and where they stand.

use crate::ids::{ClassId, DeviceId, OrgId, ReleaseId, SiteId};

/// How far a device can be reached from, as declared or seen. Ordered from the most to the least reachable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Exposure {
    /// It can be reached from outside the organisation.
    Outside,
    /// Nobody has said or seen how far it can be reached from. Treated as the worse neighbour in every sort.
    #[default]
    Unknown,
    /// It can be reached from the organisation's whole inner network.
    Flat,
    /// It stands on a network segment of its own.
    Isolated,
    /// It is not connected to a network.
    Offline,
}

impl Exposure {
    /// All exposures, the most reachable first.
    pub const ALL: [Exposure; 5] =
        [Exposure::Outside, Exposure::Unknown, Exposure::Flat, Exposure::Isolated, Exposure::Offline];

    /// The stable code used in JSON, CSV, URLs and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Exposure::Outside => "outside",
            Exposure::Unknown => "unknown",
            Exposure::Flat => "flat",
            Exposure::Isolated => "isolated",
            Exposure::Offline => "offline",
        }
    }

    /// The exposure that a stable code names.
    pub fn from_code(code: &str) -> Option<Exposure> {
        Exposure::ALL.into_iter().find(|exposure| exposure.code() == code)
    }

    /// The exposure in words.
    pub const fn sentence(self) -> &'static str {
        match self {
            Exposure::Outside => "faces the outside",
            Exposure::Unknown => "not known how far it can be reached from",
            Exposure::Flat => "on the open inner network",
            Exposure::Isolated => "on a network of its own",
            Exposure::Offline => "not connected",
        }
    }
}

/// A release of a product: what a maker sells under one model and version. It has the bill of materials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Whose.
    pub org: OrgId,
    /// Id.
    pub id: ReleaseId,
    /// The maker as first written.
    pub maker: String,
    /// The model as first written.
    pub model: String,
    /// The software or firmware version; `None` where nobody said, which is a release of its own.
    pub version: Option<String>,
}

/// What a device list says of one device. `None` is "not said".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceFacts {
    /// The hospital's own inventory number.
    pub asset_tag: Option<String>,
    /// The maker's serial number.
    pub serial: Option<String>,
    /// The unique device identifier (21 CFR 801 subpart B), as scanned or typed.
    pub udi: Option<String>,
    /// Who makes it.
    pub maker: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Software or firmware version.
    pub version: Option<String>,
    /// The operating system, as written ("Windows 7 SP1").
    pub operating_system: Option<String>,
    /// What it is: "infusion pump", "patient monitor".
    pub kind: Option<String>,
    /// Site.
    pub site: Option<String>,
    /// Ward or department.
    pub ward: Option<String>,
    /// The person or team who answers for it.
    pub owner: Option<String>,
    /// IP address.
    pub address: Option<String>,
    /// Host name.
    pub host_name: Option<String>,
    /// How far it can be reached from.
    pub exposure: Exposure,
    /// End of support by the maker, as an ISO date.
    pub support_ends: Option<String>,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Whose.
    pub org: OrgId,
    /// Id.
    pub id: DeviceId,
    /// Its class.
    pub class: ClassId,
    /// The release it runs.
    pub release: ReleaseId,
    /// Its site, where known.
    pub site: Option<SiteId>,
    /// What the lists say.
    pub facts: DeviceFacts,
}
