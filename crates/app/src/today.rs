//! Today: what needs a person now.

use bedrail_model::answer::Answer;
use bedrail_model::data_status::DataStatus;
use bedrail_model::device::Exposure;

use std::collections::HashMap;

use bedrail_assess::priority::When;
use bedrail_model::ids::IncidentId;
use bedrail_store::{View, weaknesses};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::advisories::AdvisoryRow;
use crate::alerts::work::open_items;
use crate::fleet::Fleet;
use crate::incidents::{self, Record, notice_lines};
use crate::rights::Right;
use crate::{Actor, Context, Error, affected, decisions};

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
    /// Alerts are to be taken at once.
    AlertsNow {
        /// Items.
        alerts: u64,
    },
    /// Somebody is to be told of an incident.
    NoticeRuns {
        /// The incident.
        incident: IncidentId,
        /// Its number.
        number: u64,
        /// The last day in time.
        limit: Date,
    },
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
    /// Devices that were seen from outside although a list says that they do not face it.
    SeenOutside {
        /// Devices.
        devices: u64,
    },
    /// Decisions on which something has moved.
    ReviewDecisions {
        /// Decisions.
        decisions: u64,
    },
    /// There are no devices yet.
    ImportDevices,
}

/// Rows and tasks on the page.
const MOST: usize = 5;

/// The first page.
///
/// # Errors
/// When the database cannot be used.
pub async fn today(ctx: &Context, actor: &Actor) -> Result<Today, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let now = ctx.clock.now();
    let data = ctx.inner.judge.status(now);
    let urgent = weaknesses::urgent(&view, 5).await?;
    let mut tasks = Vec::new();
    if fleet.devices.list.is_empty() {
        tasks.push(Task::ImportDevices);
    }
    for row in &urgent {
        let totals = affected::totals(ctx, &fleet, &view, &row.weakness.id).await?;
        tasks.push(match totals.affected_outside {
            0 => Task::Exploited { weakness: row.weakness.id.clone(), devices: totals.affected },
            devices => Task::ExploitedOutside { weakness: row.weakness.id.clone(), devices },
        });
    }
    tasks.extend(tasks_of_fleet(&fleet, now.to_zoned(TimeZone::UTC).date()));
    tasks.extend(update_data(&data));
    tasks.extend(alerts_now(ctx, &view).await?);
    let records = Record::read_all(&view, incidents::side(ctx, actor).await?).await?;
    tasks.extend(notice(&records, ctx.clock.today()));
    let decisions = decisions::to_review(ctx, &fleet, &view).await?;
    if decisions > 0 {
        tasks.push(Task::ReviewDecisions { decisions });
    }
    tasks.sort_by_key(rank);
    tasks.truncate(MOST);
    let blind = fleet.products.releases.iter().filter(|release| release.row.content.is_none());
    let blind_devices = devices_without_sbom(&fleet);
    Ok(Today {
        devices: fleet.devices.list.len() as u64,
        releases: fleet.products.releases.len() as u64,
        without_sbom: (blind.count() as u64, blind_devices.values().sum()),
        exposure: exposure(&fleet),
        urgent: urgent.into_iter().map(AdvisoryRow::from).collect(),
        tasks,
        data,
    })
}

/// Open alerts that are to be taken at once.
async fn alerts_now(ctx: &Context, view: &View) -> Result<Option<Task>, Error> {
    let open = open_items(ctx, view).await?;
    let now = open.into_iter().find(|(when, alerts)| *when == When::Immediate && *alerts > 0);
    Ok(now.map(|(_, alerts)| Task::AlertsNow { alerts }))
}

/// The notice of an open incident whose last day comes first.
fn notice(records: &[Record], today: Date) -> Option<Task> {
    let open = records.iter().filter(|record| record.incident.closed.is_none());
    let due = open.filter_map(|record| {
        let line = notice_lines(&record.clocks, today).into_iter().find(|line| line.done.is_none())?;
        Some((line.limit, &record.incident))
    });
    let (limit, incident) = due.min_by_key(|(limit, _)| *limit)?;
    Some(Task::NoticeRuns { incident: incident.id, number: incident.number, limit })
}

/// The order of urgency; equal ones by how many devices they concern.
fn rank(task: &Task) -> (u8, std::cmp::Reverse<u64>) {
    let (rank, devices) = match task {
        Task::ImportDevices => (0, 0),
        Task::AlertsNow { alerts } => (1, *alerts),
        Task::NoticeRuns { .. } => (2, 0),
        Task::ExploitedOutside { devices, .. } => (3, *devices),
        Task::UpdateData { .. } => (4, 0),
        Task::Exploited { devices, .. } => (5, *devices),
        Task::SeenOutside { devices } => (6, *devices),
        Task::ReviewDecisions { decisions } => (7, *decisions),
        Task::NobodyOn { devices } => (8, *devices),
        Task::AskForSbom { devices, .. } => (9, *devices),
        Task::PastSupport { devices } => (10, *devices),
    };
    (rank, std::cmp::Reverse(devices))
}

/// Tasks that follow from the devices alone.
fn tasks_of_fleet(fleet: &Fleet, today: Date) -> Vec<Task> {
    let mut tasks = Vec::new();
    let devices = &fleet.devices.list;
    let briefs = fleet.devices.briefs.iter();
    let nobody = briefs.filter(|device| !device.owned && fleet.class(device).affected > 0).count() as u64;
    if nobody > 0 {
        tasks.push(Task::NobodyOn { devices: nobody });
    }
    let seen = devices.iter().filter(|device| device.is_contradicted()).count() as u64;
    if seen > 0 {
        tasks.push(Task::SeenOutside { devices: seen });
    }
    let widest = devices_without_sbom(fleet)
        .into_iter()
        .max_by_key(|(release, devices)| (*devices, u32::MAX - release));
    if let Some((release, devices)) = widest {
        let release = &fleet.products.releases[release as usize];
        tasks.push(Task::AskForSbom { release: release.name.clone(), id: release.row.id, devices });
    }
    let ended = |day: &str| day.parse::<Date>().is_ok_and(|day| day < today);
    let past =
        devices.iter().filter(|device| device.support_ends.as_deref().is_some_and(ended)).count() as u64;
    if past > 0 {
        tasks.push(Task::PastSupport { devices: past });
    }
    tasks
}

/// Devices by release, of releases that have no bill of materials.
fn devices_without_sbom(fleet: &Fleet) -> HashMap<u32, u64> {
    let mut blind: HashMap<u32, u64> = HashMap::new();
    for (class, release) in fleet.products.classes.iter().zip(&fleet.products.release_of) {
        if class.devices > 0 && fleet.products.releases[*release as usize].row.content.is_none() {
            *blind.entry(*release).or_default() += class.devices;
        }
    }
    blind
}

fn update_data(data: &DataStatus) -> Option<Task> {
    if data.complete {
        return None;
    }
    let why = if data.sources.is_empty() || data.advisories == 0 {
        "no vulnerability data is held".to_owned()
    } else if data.starter_only {
        format!("only the {} starter advisories are held", data.advisories)
    } else {
        let fresh = |state| state == bedrail_model::data_status::SourceState::Fresh;
        let lame = data.sources.iter().filter(|source| !fresh(source.state)).count();
        format!("{lame} of {} sources are missing, partial or old", data.sources.len())
    };
    Some(Task::UpdateData { why })
}

/// Devices by exposure and worst answer.
fn exposure(fleet: &Fleet) -> Vec<(Exposure, Option<Answer>, u64)> {
    let worst = (0..).zip(&fleet.products.classes).map(|(at, class)| {
        if class.affected > 0 {
            Some(Answer::Affected)
        } else if fleet.is_blind(at) {
            None
        } else if class.cannot_tell > 0 {
            Some(Answer::CannotTell)
        } else {
            Some(Answer::NotAffected)
        }
    });
    let worst: Vec<Option<Answer>> = worst.collect();
    // By class and exposure first: a hundred thousand devices are of a few thousand classes.
    let mut by_class = vec![[0_u64; Exposure::ALL.len()]; worst.len()];
    for device in &fleet.devices.briefs {
        let at = Exposure::ALL.iter().position(|one| *one == device.exposure).unwrap_or(0);
        by_class[device.class as usize][at] += 1;
    }
    let mut counts: HashMap<(Exposure, Option<Answer>), u64> = HashMap::new();
    for (answer, by_exposure) in worst.into_iter().zip(by_class) {
        for (exposure, devices) in
            Exposure::ALL.into_iter().zip(by_exposure).filter(|(_, devices)| *devices > 0)
        {
            *counts.entry((exposure, answer)).or_default() += devices;
        }
    }
    let answers = Answer::ALL.map(Some).into_iter().chain([None]);
    let pairs =
        Exposure::ALL.into_iter().flat_map(|exposure| answers.clone().map(move |answer| (exposure, answer)));
    pairs.filter_map(|pair| counts.get(&pair).map(|count| (pair.0, pair.1, *count))).collect()
}
