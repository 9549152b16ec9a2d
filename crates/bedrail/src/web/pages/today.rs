//! Today: what needs a person now?

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::rights::Right;
use bedrail_app::today::{self, Task, Today};
use bedrail_model::answer::Answer;
use bedrail_model::device::Exposure;
use jiff::Timestamp;

use super::show;
use crate::web::assets;
use crate::web::draw::bars::{self, Part, Row};
use crate::web::error::Failure;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::WeaknessWords;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::words::{self, DataNote};

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    frame: Frame,
    headline: String,
    data: DataNote,
    tasks: Vec<TaskView>,
    clocks: Vec<Clock>,
    exposure: Option<ExposureView>,
    urgent: Vec<Urgent>,
}

/// One thing to do.
struct TaskView {
    tone: Tone,
    what: String,
    then: String,
    link: String,
    action: &'static str,
}

/// A target date that somebody set for us.
struct Clock {
    tone: Tone,
    weakness: WeaknessWords,
    due: String,
    devices: String,
}

/// A known exploited weakness that touches devices.
struct Urgent {
    weakness: WeaknessWords,
    ask: String,
    affected: String,
    cannot_tell: String,
}

/// The exposure strip with its table.
struct ExposureView {
    reading: String,
    wide: String,
    narrow: String,
    rows: Vec<(&'static str, [String; 4])>,
}

/// `GET /`: who may not see the fleet is sent to the first place that is open to them.
pub(crate) async fn page(frame: Frame, Extract(state): Extract<State>) -> Result<Response, Failure> {
    if !frame.visitor.may(Right::SeeFleet)
        && let Some(place) = frame.places().next()
    {
        return Ok(Redirect::to(place.path).into_response());
    }
    let today = today::today(&state.ctx, &frame.visitor.actor()).await?;
    Ok(show(&view(frame, &today, state.now()))?.into_response())
}

fn view(frame: Frame, today: &Today, now: Timestamp) -> TodayPage {
    TodayPage {
        frame,
        headline: headline(today),
        data: DataNote::of(&today.data, now),
        tasks: today.tasks.iter().map(task).collect(),
        clocks: clocks(today, now),
        exposure: (today.devices > 0).then(|| exposure(today)),
        urgent: today
            .urgent
            .iter()
            .map(|row| Urgent {
                ask: Link::to("/affected").with("q", &row.weakness.id).to_string(),
                affected: words::number(row.affected),
                cannot_tell: words::number(row.cannot_tell),
                weakness: WeaknessWords::of(&row.weakness, now),
            })
            .collect(),
    }
}

/// The first line: the answer to "what needs a person now?".
fn headline(today: &Today) -> String {
    if today.devices == 0 {
        return "There are no devices here yet. Bring in your device list to begin.".to_owned();
    }
    let exploited = today.tasks.iter().find_map(|task| match task {
        Task::ExploitedOutside { weakness, devices } => {
            Some((weakness, *devices, " and can be reached from outside"))
        }
        Task::Exploited { weakness, devices } => Some((weakness, *devices, "")),
        _ => None,
    });
    if let Some((weakness, devices, reach)) = exploited {
        let have = words::verb(devices, "has", "have");
        return format!(
            "{} {have} {weakness}, which is being exploited{reach}. Start there.",
            words::count(devices, "device")
        );
    }
    let with = |answer| today.exposure.iter().filter(|row| row.1 == answer).map(|row| row.2).sum::<u64>();
    let (affected, blind) = (with(Some(Answer::Affected)), with(None) + with(Some(Answer::CannotTell)));
    let all = words::count(today.devices, "device");
    match (affected, blind) {
        (0, 0) => format!("No weakness is known on your {all}."),
        (0, blind) => format!(
            "No weakness is known on your {all}, but for {} of them it cannot be told.",
            words::number(blind)
        ),
        (affected, _) => format!(
            "{} of your {all} {} known weaknesses; none is known to be exploited.",
            words::number(affected),
            words::verb(affected, "has", "have")
        ),
    }
}

/// A task in words, with its address.
fn task(task: &Task) -> TaskView {
    let devices = |count: u64| words::count(count, "device");
    match task {
        Task::ExploitedOutside { weakness, devices: count } => TaskView {
            tone: Tone::Act,
            what: format!("{weakness} on {} that {} the outside", devices(*count), words::verb(*count, "faces", "face")),
            then: "It is known to be exploited. Shield or disconnect these before anything else.".to_owned(),
            link: Link::to("/affected").with("q", weakness).with("exposure", "outside").to_string(),
            action: "See the devices",
        },
        Task::Exploited { weakness, devices: count } => TaskView {
            tone: Tone::Act,
            what: format!("{weakness} on {}", devices(*count)),
            then: "It is known to be exploited. Find out who is on each, and ask the makers for the fix.".to_owned(),
            link: Link::to("/affected").with("q", weakness).to_string(),
            action: "See the devices",
        },
        Task::NobodyOn { devices: count } => TaskView {
            tone: Tone::Plan,
            what: format!("{} affected {} nobody on {}", words::number(*count), words::verb(*count, "device has", "devices have"), words::verb(*count, "it", "them")),
            then: "Name an owner in the device list and import it again.".to_owned(),
            link: "/devices?answer=affected&owned=false".to_owned(),
            action: "See who is missing",
        },
        Task::AskForSbom { release, id, devices: count } => TaskView {
            tone: Tone::Unknown,
            what: format!("Nobody knows what is inside {release}"),
            then: format!("{} {} it. Ask its maker for the bill of materials; the letter is ready.", devices(*count), words::verb(*count, "runs", "run")),
            link: format!("/releases/{id}"),
            action: "Ask the maker",
        },
        Task::PastSupport { devices: count } => TaskView {
            tone: Tone::Plan,
            what: format!("{} {} past the end of support", devices(*count), words::verb(*count, "is", "are")),
            then: "No more fixes will come for these: plan their replacement or their shield.".to_owned(),
            link: "/devices?sort=support_ends".to_owned(),
            action: "See the devices",
        },
        Task::UpdateData { why } => TaskView {
            tone: Tone::Unknown,
            what: "The vulnerability data needs an update".to_owned(),
            then: crate::web::error::sentence(why),
            link: "/data".to_owned(),
            action: "See the data",
        },
        Task::ImportDevices => TaskView {
            tone: Tone::Plain,
            what: "Bring in your device list".to_owned(),
            then: "A CSV file from your asset system is enough. You see what would happen before anything is stored.".to_owned(),
            link: "/devices/import".to_owned(),
            action: "Import devices",
        },
    }
}

/// CISA's dates for the urgent weaknesses, the earliest first.
fn clocks(today: &Today, now: Timestamp) -> Vec<Clock> {
    let mut dated: Vec<_> =
        today.urgent.iter().filter_map(|row| Some((row.weakness.kev.as_ref()?.due?, row))).collect();
    dated.sort_by_key(|(due, _)| *due);
    let clock = |(due, row): &(jiff::civil::Date, &bedrail_app::advisories::AdvisoryRow)| Clock {
        tone: if words::is_past(*due, now) { Tone::Act } else { Tone::Plan },
        weakness: WeaknessWords::of(&row.weakness, now),
        due: words::due(*due, now),
        devices: words::count(row.affected, "device"),
    };
    dated.iter().map(clock).collect()
}

/// How each kind of answer is drawn in the strip and where it leads.
const STATES: [(Option<Answer>, &str); 4] = [
    (Some(Answer::Affected), "with a known weakness"),
    (Some(Answer::CannotTell), "of which it cannot be told"),
    (None, "without a bill of materials"),
    (Some(Answer::NotAffected), "with nothing found"),
];

fn exposure(today: &Today) -> ExposureView {
    let value = |exposure: Exposure, answer: Option<Answer>| {
        today.exposure.iter().filter(|row| row.0 == exposure && row.1 == answer).map(|row| row.2).sum::<u64>()
    };
    let part = |exposure: Exposure, (answer, word): (Option<Answer>, &'static str)| {
        let link = Link::to("/devices").with("exposure", exposure.code());
        let (tone, link) = match answer {
            Some(Answer::Affected) if exposure == Exposure::Outside => {
                (Some(Tone::Act), link.with("answer", "affected"))
            }
            Some(Answer::Affected) => (Some(Tone::Plan), link.with("answer", "affected")),
            Some(Answer::CannotTell) => (Some(Tone::Unknown), link.with("answer", "cannot_tell")),
            None => (Some(Tone::Unknown), link.with("sbom", "false")),
            Some(Answer::NotAffected) => (None, link),
        };
        Part { tone, value: value(exposure, answer), word, link }
    };
    let row = |exposure: Exposure| Row {
        name: SHORT_EXPOSURES[Exposure::ALL.iter().position(|other| *other == exposure).unwrap_or(0)]
            .to_owned(),
        parts: STATES.into_iter().map(|state| part(exposure, state)).collect(),
    };
    let rows: Vec<Row> = Exposure::ALL.into_iter().map(row).collect();
    let outside = value(Exposure::Outside, Some(Answer::Affected));
    let unknown: u64 = STATES.into_iter().map(|(answer, _)| value(Exposure::Unknown, answer)).sum();
    let reading = format!(
        "{} with a known weakness {} the outside; for {} nobody has said how far {} can be reached.",
        words::count(outside, "device"),
        words::verb(outside, "faces", "face"),
        words::number(unknown),
        words::verb(unknown, "it", "they"),
    );
    ExposureView {
        reading,
        wide: bars::rows(&rows, 440.0, 130.0, "wide-only", "Devices by exposure and state"),
        narrow: bars::rows(&rows, 360.0, 128.0, "narrow-only", "Devices by exposure and state"),
        rows: Exposure::ALL
            .into_iter()
            .map(|exposure| {
                (exposure.sentence(), STATES.map(|(answer, _)| words::number(value(exposure, answer))))
            })
            .collect(),
    }
}

/// Exposures in two or three words, in the order of [`Exposure::ALL`].
const SHORT_EXPOSURES: [&str; 5] =
    ["Faces the outside", "Not known", "Open inner net", "Own segment", "Not connected"];

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> super::Page {
    use crate::web::sample;
    show(&view(sample::frame("/"), &sample::today(), sample::now()))
}
