//! The main question: which of my devices are affected?

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::data_status::DataStatus;
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::finding::{Evidence, Weakness};
use bedrail_model::ids::{DeviceId, ReleaseId};

use crate::page::PageRequest;
use crate::{Actor, Context, Error};

/// What was asked, as a person typed it: a weakness id, a purl (with or without version), a component name, a maker,
/// or pasted text that holds weakness ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The text.
    pub text: String,
    /// Only devices with this exposure.
    pub exposure: Option<Exposure>,
    /// Only this answer; `None` is affected and cannot tell.
    pub answer: Option<Answer>,
    /// Only this site.
    pub site: Option<String>,
    /// Only this ward.
    pub ward: Option<String>,
    /// Only devices with (true) or without (false) an owner.
    pub owned: Option<bool>,
}

/// How the question was understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Understood {
    /// As a weakness that the data knows (or that findings are held for).
    Weakness(Box<Weakness>),
    /// As a weakness id that the data held does not know: nothing can be said, and zero devices is no all-clear.
    UnknownWeakness(String),
    /// As a package by purl: everything that contains it, whatever the version unless the purl has one.
    Package(String),
    /// As a component name, or part of one: how many different names it met, and some of them.
    ComponentName {
        /// The text looked for.
        text: String,
        /// Names met, the most frequent first, at most 20.
        names: Vec<String>,
        /// How many names were met in all.
        count: u64,
    },
    /// As a maker: all devices of it.
    Maker(String),
}

/// Totals over all devices that match, exact, whatever the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Devices that are affected (or contain the component, for a package or a name).
    pub affected: u64,
    /// Devices of which it cannot be told.
    pub cannot_tell: u64,
    /// Affected or cannot-tell devices that face the outside.
    pub outside: u64,
    /// Affected or cannot-tell devices without an owner.
    pub without_owner: u64,
    /// Wards with at least one of them.
    pub wards: u64,
    /// Sites with at least one of them.
    pub sites: u64,
    /// Devices in the whole organisation.
    pub fleet: u64,
}

/// One ward on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WardBlock {
    /// Site.
    pub site: String,
    /// Ward.
    pub ward: String,
    /// Devices in the ward.
    pub devices: u64,
    /// Affected ones.
    pub affected: u64,
    /// Cannot tell.
    pub cannot_tell: u64,
    /// Affected or cannot tell, and facing the outside.
    pub outside: u64,
}

/// One device of the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AffectedDevice {
    /// Id.
    pub device: DeviceId,
    /// What people call it.
    pub name: String,
    /// What the lists say: place, owner, exposure, maker, model, version.
    pub facts: DeviceFacts,
    /// Its release.
    pub release: ReleaseId,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
    /// The component; `None` where the release has no bill of materials.
    pub component: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its purl.
    pub purl: Option<String>,
    /// Names on the way from the release down to the component, the component last.
    pub path: Vec<String>,
    /// Versions that fix it.
    pub fixed_in: Vec<String>,
    /// Records that had a say.
    pub evidence: Vec<Evidence>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Affected {
    /// How the question was understood.
    pub understood: Understood,
    /// Exact totals.
    pub totals: Totals,
    /// Every ward of the organisation with its share, for the map.
    pub wards: Vec<WardBlock>,
    /// This page of devices: the most exposed first, then affected before cannot tell, then by place and name.
    pub rows: Vec<AffectedDevice>,
    /// Devices that match the filters, exactly: the length of the whole list.
    pub matching: u64,
    /// Why it cannot be told, grouped by the one fact that would settle most devices: reason, what would settle it
    /// ("the bill of materials of Orbis Flow 300 2.1"), devices.
    pub unknowns: Vec<(Reason, String, u64)>,
    /// How old and whole the data behind this is.
    pub data: DataStatus,
}

/// Answers the main question.
///
/// # Errors
/// [`Error::Invalid`] for an empty question.
pub async fn ask(
    _ctx: &Context,
    _actor: &Actor,
    _question: &Question,
    _page: &PageRequest,
) -> Result<Affected, Error> {
    Err(Error::not_found("this"))
}
