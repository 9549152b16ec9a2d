//! Today: what needs a person now.

use bedrail_model::answer::Answer;
use bedrail_model::data_status::DataStatus;
use bedrail_model::device::Exposure;

use crate::advisories::AdvisoryRow;
use crate::{Actor, Context, Error};

/// The first page.
#[derive(Debug, Clone, PartialEq)]
pub struct Today {
    /// Devices in the organisation.
    pub devices: u64,
    /// Releases in the organisation.
    pub releases: u64,
    /// Releases without a bill of materials, and the devices that run them.
    pub without_sbom: (u64, u64),
    /// Devices by exposure and by their worst answer; `NotAffected` stands for "nothing found", `None` for "no bill of
    /// materials".
    pub exposure: Vec<(Exposure, Option<Answer>, u64)>,
    /// Weaknesses that are known exploited and touch devices, the widest first, at most five.
    pub urgent: Vec<AdvisoryRow>,
    /// Things to do, the most important first, at most five.
    pub tasks: Vec<Task>,
    /// How old and whole the data is.
    pub data: DataStatus,
}

/// One thing to do: a sentence, how many it concerns, and where to go. The layers above know the addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// A known exploited weakness affects devices that face the outside.
    ExploitedOutside {
        /// Weakness.
        weakness: String,
        /// Devices.
        devices: u64,
    },
    /// A known exploited weakness affects devices.
    Exploited {
        /// Weakness.
        weakness: String,
        /// Devices.
        devices: u64,
    },
    /// Affected devices that have nobody on them.
    NobodyOn {
        /// Devices.
        devices: u64,
    },
    /// A release without a bill of materials, the one that most devices run.
    AskForSbom {
        /// `maker model version`.
        release: String,
        /// Release.
        id: bedrail_model::ids::ReleaseId,
        /// Devices.
        devices: u64,
    },
    /// Devices past the end of their maker's support.
    PastSupport {
        /// Devices.
        devices: u64,
    },
    /// The data is missing, partial or old.
    UpdateData {
        /// What is wrong, in words.
        why: String,
    },
    /// There are no devices yet.
    ImportDevices,
}

/// The first page.
///
/// # Errors
/// When the database cannot be used.
pub async fn today(_ctx: &Context, _actor: &Actor) -> Result<Today, Error> {
    Err(Error::not_found("this"))
}
