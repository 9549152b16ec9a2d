//! The rota of alerts: who has duty, who is away, who is told when.

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Redirect;
use bedrail_app::Error;
use bedrail_app::alerts::rota::{self, NewAbsence, NewDuty, RUNGS, Rota, clock_text, day_name};
use bedrail_model::text::harmless;
use bedrail_model::zone::ZONES;

use super::alerts::beside;
use super::{Page, id_of, show};
use crate::rank;
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::state::State;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "alert_rota.html")]
struct RotaPage {
    frame: Frame,
    headline: String,
    why: String,
    deputy: Option<String>,
    beside: Vec<(String, &'static str)>,
    duties: Vec<DutyView>,
    absences: Vec<AbsenceView>,
    people: Vec<Choice>,
    deputies: Vec<Choice>,
    rungs: Vec<(&'static str, String, String, String)>,
    zones: Vec<Choice>,
}

struct DutyView {
    id: String,
    when: String,
    person: String,
    deputy: String,
    place: String,
}

struct AbsenceView {
    id: String,
    person: String,
    when: String,
    deputy: String,
}

/// `GET /alerts/rota`
pub(crate) async fn page(frame: Frame, Extract(state): Extract<State>) -> Page {
    let rota = rota::get(&state.ctx, &frame.visitor.actor()).await?;
    show(&view(frame, &rota))
}

fn view(frame: Frame, rota: &Rota) -> RotaPage {
    let t = &texts().desk;
    let (person, deputy, why) = &rota.now;
    let plain = |text: &Option<String>| text.as_deref().map(|text| harmless(text).into_owned());
    let duties = rota.duties.iter().map(|it| {
        let (duty, times) = (&it.duty, [it.duty.from, it.duty.to].map(clock_text));
        let place = [&duty.ward, &duty.site].into_iter().flatten().map(|text| harmless(text));
        let place = place.collect::<Vec<_>>().join(", ");
        DutyView {
            id: it.id.to_string(),
            when: format!("{}, {} – {}", day_name(duty.weekday), times[0], times[1]),
            person: harmless(&it.person).into_owned(),
            deputy: plain(&it.deputy).unwrap_or_default(),
            place: if place.is_empty() { t.everywhere.to_owned() } else { place },
        }
    });
    let absences = rota.absences.iter().map(|it| AbsenceView {
        id: it.id.to_string(),
        person: harmless(&it.person).into_owned(),
        when: format!("{} – {}", words::civil(it.absence.first), words::civil(it.absence.last)),
        deputy: plain(&it.deputy).unwrap_or_default(),
    });
    let before = |minutes: u32| match minutes {
        0 => t.at_end.to_owned(),
        minutes => (t.minutes_before)(u64::from(minutes)),
    };
    let rungs = RUNGS.map(|(when, [first, second, last])| {
        (rank::alert(when), before(first), before(second), before(last))
    });
    let names = || rota.people.iter().map(|name| (name.clone(), name.clone()));
    let nobody = std::iter::once((String::new(), "–".to_owned()));
    RotaPage {
        frame,
        headline: match person {
            Some(person) => (t.rota_headline)(&harmless(person)),
            None => t.nobody.to_owned(),
        },
        why: why.clone(),
        deputy: plain(deputy),
        beside: beside("/alerts/rota"),
        duties: duties.collect(),
        absences: absences.collect(),
        people: Choice::list(names(), None),
        deputies: Choice::list(nobody.chain(names()), None),
        rungs: rungs.into(),
        zones: Choice::list(ZONES.iter().map(|zone| (zone.code, zone.name)), Some(rota.zone)),
    }
}

fn back() -> Redirect {
    Redirect::to("/alerts/rota")
}

/// `POST /alerts/rota/duties`
pub(crate) async fn add_duty(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let field = |name: &str| submission.field(name).unwrap_or_default();
    let own = |name: &str| submission.field(name).map(str::to_owned);
    let new = NewDuty {
        weekdays: rota::weekdays(field("days"))?,
        from: rota::minute(field("from"))?,
        to: rota::minute(field("to"))?,
        person: field("person").to_owned(),
        deputy: own("deputy"),
        site: own("site"),
        ward: own("ward"),
    };
    rota::add_duty(&state.ctx, &submission.visitor.actor(), &new).await?;
    Ok(back())
}

/// `POST /alerts/rota/duties/{id}/remove`
pub(crate) async fn remove_duty(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    rota::remove_duty(&state.ctx, &submission.visitor.actor(), id_of(&id)?).await?;
    Ok(back())
}

/// `POST /alerts/rota/absences`
pub(crate) async fn add_absence(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let field = |name: &str| submission.field(name).unwrap_or_default();
    let day = |name: &str| field(name).parse().map_err(|_| Error::invalid("an absence has two days"));
    let new = NewAbsence {
        person: field("person").to_owned(),
        first: day("first")?,
        last: day("last")?,
        deputy: submission.field("deputy").map(str::to_owned),
    };
    rota::add_absence(&state.ctx, &submission.visitor.actor(), &new).await?;
    Ok(back())
}

/// `POST /alerts/rota/absences/{id}/remove`
pub(crate) async fn remove_absence(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    rota::remove_absence(&state.ctx, &submission.visitor.actor(), id_of(&id)?).await?;
    Ok(back())
}

/// `POST /alerts/rota/zone`
pub(crate) async fn set_zone(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let zone = submission.field("zone").unwrap_or_default();
    rota::set_zone(&state.ctx, &submission.visitor.actor(), zone).await?;
    Ok(back())
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use bedrail_app::alerts::rota::{Absence, AbsenceShown, Duty, DutyShown};
    use bedrail_model::ids::{AccountId, AlertAbsenceId, AlertDutyId};
    use jiff::civil::{Weekday, date};

    use crate::web::sample::{self, HOSTILE};
    let person = AccountId::generate();
    let hostile = || Some(HOSTILE.to_owned());
    let duty = Duty {
        weekday: Weekday::Friday,
        from: 480,
        to: 960,
        person,
        deputy: None,
        site: hostile(),
        ward: hostile(),
    };
    let day = date(2026, 11, 27);
    let absence = Absence { person, first: day, last: day, deputy: None };
    let rota = Rota {
        zone: "eastern",
        duties: vec![DutyShown {
            id: AlertDutyId::generate(),
            duty,
            person: HOSTILE.into(),
            deputy: hostile(),
        }],
        absences: vec![AbsenceShown {
            id: AlertAbsenceId::generate(),
            absence,
            person: HOSTILE.into(),
            deputy: hostile(),
        }],
        now: (hostile(), hostile(), "Duty.".into()),
        people: vec![HOSTILE.into()],
    };
    show(&view(sample::frame("/alerts/rota"), &rota))
}
