//! A campaign: everything that is done about one weakness, from "am I affected?" to the end, and how it stood from day to day.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ids::CampaignId;

/// A ward of a site. Unsaid ones are empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ward {
    /// The site.
    pub site: String,
    /// The ward.
    pub ward: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: Timestamp,
    /// Who ended it, and by which way.
    pub by: String,
    /// Why, in a sentence.
    pub sentence: String,
    /// Actions of it that were still open or not shown.
    pub open_actions: u64,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Id.
    pub id: CampaignId,
    /// The weakness, by its id.
    pub weakness: String,
    /// What people call it: "Log4Shell".
    pub name: String,
    /// When it was started.
    pub started: Timestamp,
    /// Who started it, and by which way.
    pub author: String,
    /// How it ended.
    pub closed: Option<Closed>,
}

/// Devices of a ward, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All devices.
    pub devices: u64,
    /// Affected ones.
    pub affected: u64,
    /// Those of which it cannot be told.
    pub cannot_tell: u64,
    /// Of both, those that face the outside.
    pub outside: u64,
    /// Affected ones for which it is decided what is done.
    pub handled: u64,
    /// Those that would be affected, or cannot tell, but for a decision.
    pub ruled_out: u64,
}

impl Counts {
    /// Affected ones and those of which it cannot be told.
    pub const fn open(&self) -> u64 {
        self.affected.saturating_add(self.cannot_tell)
    }

    /// Neither affected nor unknown.
    pub const fn not_affected(&self) -> u64 {
        self.devices.saturating_sub(self.open())
    }

    /// These and others together.
    #[must_use]
    pub const fn and(self, other: Counts) -> Counts {
        Counts {
            devices: self.devices.saturating_add(other.devices),
            affected: self.affected.saturating_add(other.affected),
            cannot_tell: self.cannot_tell.saturating_add(other.cannot_tell),
            outside: self.outside.saturating_add(other.outside),
            handled: self.handled.saturating_add(other.handled),
            ruled_out: self.ruled_out.saturating_add(other.ruled_out),
        }
    }
}

/// A ward and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WardCounts {
    /// The ward.
    pub ward: Ward,
    /// Its devices.
    pub counts: Counts,
}

/// Why a campaign was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// It was started.
    Start,
    /// Somebody took a step in it.
    Step,
    /// By the clock, or since findings moved: the last of a day stays.
    Day,
    /// It was ended.
    End,
}

impl Occasion {
    const ALL: [Occasion; 4] = [Occasion::Start, Occasion::Step, Occasion::Day, Occasion::End];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Occasion::Start => "start",
            Occasion::Step => "step",
            Occasion::Day => "day",
            Occasion::End => "end",
        }
    }

    /// The occasion of a code.
    pub fn from_code(code: &str) -> Option<Occasion> {
        Occasion::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// How a campaign stood at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// On which day, in UTC.
    pub day: Date,
    /// On which occasion.
    pub occasion: Occasion,
    /// Whether the vulnerability data behind it was whole and fresh; where not, a zero proves nothing.
    pub sound: bool,
    /// Wards with a device that is affected, cannot be told of, or is ruled out; in the others there was none.
    pub wards: Vec<WardCounts>,
}

impl Look {
    /// All wards together. `devices` counts those of the wards that are listed.
    pub fn total(&self) -> Counts {
        self.wards.iter().fold(Counts::default(), |sum, ward| sum.and(ward.counts))
    }

    /// One ward; nothing where it is not listed.
    pub fn of(&self, ward: &Ward) -> Counts {
        self.wards.iter().find(|one| one.ward == *ward).map_or(Counts::default(), |one| one.counts)
    }
}
