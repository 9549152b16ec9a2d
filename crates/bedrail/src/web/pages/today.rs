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
use crate::web::texts::TextOf;
use crate::web::texts::keys::TodayPage as TodayPageTexts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
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
        tasks: today.tasks.iter().map(|one| task(one, now)).collect(),
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
    let t = &texts().today;
    if today.devices == 0 {
        return t.no_devices.to_owned();
    }
    let exploited = today.tasks.iter().find_map(|task| match task {
        Task::ExploitedOutside { weakness, devices } => Some((t.start_outside)(weakness, *devices)),
        Task::Exploited { weakness, devices } => Some((t.start)(weakness, *devices)),
        _ => None,
    });
    if let Some(start) = exploited {
        return start;
    }
    let with = |answer| today.exposure.iter().filter(|row| row.1 == answer).map(|row| row.2).sum::<u64>();
    let (affected, blind) = (with(Some(Answer::Affected)), with(None) + with(Some(Answer::CannotTell)));
    match (affected, blind) {
        (0, 0) => (t.none_known)(today.devices),
        (0, blind) => (t.none_known_but)(today.devices, blind),
        (affected, _) => (t.some_known)(affected, today.devices),
    }
}

/// A task in words, with its address.
fn task(task: &Task, now: Timestamp) -> TaskView {
    let t = &texts().today;
    match task {
        Task::AlertsNow { alerts } => TaskView {
            tone: Tone::Act,
            what: (t.task_alerts)(*alerts),
            then: t.task_alerts_then.to_owned(),
            link: "/alerts?when=immediate".to_owned(),
            action: t.see_alerts,
        },
        Task::NoticeRuns { incident, number, limit } => TaskView {
            tone: Tone::Act,
            what: (t.task_notice)(*number),
            then: (t.task_notice_then)(&words::due(*limit, now)),
            link: format!("/incidents/{incident}"),
            action: t.see_incident,
        },
        Task::ExploitedOutside { weakness, devices: count } => TaskView {
            tone: Tone::Act,
            what: (t.task_outside)(weakness, *count),
            then: t.task_outside_then.to_owned(),
            link: Link::to("/affected").with("q", weakness).with("exposure", "outside").to_string(),
            action: t.see_devices,
        },
        Task::Exploited { weakness, devices: count } => TaskView {
            tone: Tone::Act,
            what: (t.task_exploited)(weakness, *count),
            then: t.task_exploited_then.to_owned(),
            link: Link::to("/affected").with("q", weakness).to_string(),
            action: t.see_devices,
        },
        Task::SeenOutside { devices: count } => TaskView {
            tone: Tone::Act,
            what: (t.task_seen)(*count),
            then: t.task_seen_then.to_owned(),
            link: "/exposure".to_owned(),
            action: t.see_evidence,
        },
        Task::ReviewDecisions { decisions } => TaskView {
            tone: Tone::Plan,
            what: (t.task_review)(*decisions),
            then: t.task_review_then.to_owned(),
            link: "/decisions?state=to_review".to_owned(),
            action: t.see_decisions,
        },
        Task::NobodyOn { devices: count } => TaskView {
            tone: Tone::Plan,
            what: (t.task_nobody)(*count),
            then: t.task_nobody_then.to_owned(),
            link: "/devices?answer=affected&owned=false".to_owned(),
            action: t.see_missing,
        },
        Task::AskForSbom { release, id, devices: count } => TaskView {
            tone: Tone::Unknown,
            what: (t.task_bill)(release),
            then: (t.task_bill_then)(*count),
            link: format!("/releases/{id}"),
            action: t.ask_maker,
        },
        Task::PastSupport { devices: count } => TaskView {
            tone: Tone::Plan,
            what: (t.task_support)(*count),
            then: t.task_support_then.to_owned(),
            link: "/devices?sort=support_ends".to_owned(),
            action: t.see_devices,
        },
        Task::UpdateData { why } => TaskView {
            tone: Tone::Unknown,
            what: t.task_data.to_owned(),
            then: crate::web::error::sentence(why),
            link: "/data".to_owned(),
            action: t.see_data,
        },
        Task::ImportDevices => TaskView {
            tone: Tone::Plain,
            what: t.task_import.to_owned(),
            then: t.task_import_then.to_owned(),
            link: "/devices/import".to_owned(),
            action: t.import_devices,
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
        devices: (texts().counts.devices)(row.affected),
    };
    dated.iter().map(clock).collect()
}

/// How each kind of answer is drawn in the strip and where it leads.
const STATES: [(Option<Answer>, TextOf<TodayPageTexts>); 4] = [
    (Some(Answer::Affected), |t| t.state_affected),
    (Some(Answer::CannotTell), |t| t.state_untold),
    (None, |t| t.state_blind),
    (Some(Answer::NotAffected), |t| t.state_clear),
];

fn exposure(today: &Today) -> ExposureView {
    let t = &texts().today;
    let value = |exposure: Exposure, answer: Option<Answer>| {
        today.exposure.iter().filter(|row| row.0 == exposure && row.1 == answer).map(|row| row.2).sum::<u64>()
    };
    let part = |exposure: Exposure, answer: Option<Answer>, word: &'static str| {
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
        name: (t.short_exposure)(exposure),
        parts: STATES.into_iter().map(|(answer, word)| part(exposure, answer, word(t))).collect(),
    };
    let rows: Vec<Row> = Exposure::ALL.into_iter().map(row).collect();
    let outside = value(Exposure::Outside, Some(Answer::Affected));
    let unknown: u64 = STATES.into_iter().map(|(answer, _)| value(Exposure::Unknown, answer)).sum();
    ExposureView {
        reading: (t.reading)(outside, unknown),
        wide: bars::rows(&rows, 440.0, 130.0, "wide-only", t.picture),
        narrow: bars::rows(&rows, 360.0, 128.0, "narrow-only", t.picture),
        rows: Exposure::ALL
            .into_iter()
            .map(|exposure| {
                (exposure.sentence(), STATES.map(|(answer, _)| words::number(value(exposure, answer))))
            })
            .collect(),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> super::Page {
    use crate::web::sample;
    show(&view(sample::frame("/"), &sample::today(), sample::now()))
}
