//! Courses: who is asked to take which, coverage by ward, completions of a learning system, certificates that are checked.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::rights::Right;
use bedrail_app::workforce::course::{self, Course};
use bedrail_app::workforce::duties::{self, Standing};
use bedrail_app::workforce::import::ImportRoster;
use bedrail_app::workforce::markdown;
use bedrail_app::workforce::training::{self, AssignCourse};
use bedrail_model::workforce::{DutyKind, EVERYBODY, Tally};
use serde::Deserialize;

use super::own::{CertificateView, certificate_view};
use super::roster::{ReportView, place, report, waiting};
use super::{Page, refuse, show};
use crate::web::assets;
use crate::web::draw::coverage::{self, Ward};
use crate::web::error::{Failure, told};
use crate::web::form::{Submission, blank};
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::Choice;
use crate::web::state::State;
use crate::web::viewer::texts;

#[derive(Template)]
#[template(path = "training.html")]
struct TrainingPage {
    frame: Frame,
    headline: String,
    problem: Option<String>,
    courses: Vec<CourseView>,
    choices: Vec<Choice>,
    wards: Vec<WardView>,
    reading: String,
    wide: String,
    narrow: String,
    report: Option<ReportView>,
    seen: String,
    certificate: Option<CertificateView>,
    typed: String,
    unknown: bool,
    may: bool,
}

struct CourseView {
    link: String,
    title: String,
    about: String,
    minutes: String,
    detail: Option<String>,
    roles: String,
    current: String,
    late: u64,
}

/// A ward in a table.
pub(super) struct WardView {
    /// What it is called.
    pub(super) name: String,
    /// Where its missing people are.
    pub(super) link: Option<String>,
    /// How it stands.
    pub(super) done: String,
    /// Who has still time.
    pub(super) open: u64,
    /// Who is late.
    pub(super) late: u64,
}

fn roles(standing: &Standing) -> String {
    let all = standing.duty.roles.iter().any(|role| role == EVERYBODY);
    if all { texts().policies.everybody.to_owned() } else { standing.duty.roles.join(", ") }
}

fn course_view(it: &Course, asked: &[Standing]) -> CourseView {
    let t = &texts().training;
    let standing = asked.iter().find(|row| row.duty.subject == it.code);
    CourseView {
        link: format!("/training/courses/{}", it.code),
        title: it.title.clone(),
        about: it.about.clone(),
        minutes: (t.minutes)(it.minutes),
        detail: standing.map(|row| format!("/attestations/{}", row.duty.id)),
        roles: standing.map_or_else(|| t.not_asked.to_owned(), roles),
        current: standing
            .map(|row| (texts().attestations.signed_of)(row.tally.done, row.tally.asked))
            .unwrap_or_default(),
        late: standing.map_or(0, |row| row.tally.late),
    }
}

/// Wards as they are drawn and listed, those with most people late first. `link` makes the way to one's missing people.
pub(super) fn wards(
    all: &[(String, String, Tally)],
    link: impl Fn(&str, &str) -> Option<Link>,
) -> (Vec<WardView>, Vec<Ward>) {
    let (t, page) = (&texts().training, Link::to("#by-ward"));
    let mut sorted: Vec<&(String, String, Tally)> = all.iter().collect();
    sorted.sort_by_key(|(site, ward, tally)| (std::cmp::Reverse(tally.late), site.clone(), ward.clone()));
    let row = |(site, ward, tally): &&(String, String, Tally)| {
        let name =
            Some(place(site, ward)).filter(|it| !it.is_empty()).unwrap_or_else(|| t.no_ward.to_owned());
        let to = link(site, ward);
        let open = tally.asked.saturating_sub(tally.done + tally.late);
        let done = (texts().attestations.signed_of)(tally.done, tally.asked);
        let view = WardView {
            name: name.clone(),
            link: to.as_ref().map(ToString::to_string),
            done: done.clone(),
            open,
            late: tally.late,
        };
        let words = format!("{name}: {done}");
        let to = to.unwrap_or_else(|| page.clone());
        (view, Ward { name, done: tally.done, open, late: tally.late, link: to, words })
    };
    sorted.iter().map(row).unzip()
}

fn view(frame: Frame, asked: &[Standing], by_ward: &[(String, String, Tally)]) -> TrainingPage {
    let t = &texts().training;
    let sum = |of: fn(&Tally) -> u64| asked.iter().map(|row| of(&row.tally)).sum::<u64>();
    let (views, drawn) = wards(by_ward, |_, _| None);
    let late = by_ward.iter().map(|(.., tally)| tally.late).sum();
    TrainingPage {
        headline: (t.headline)(sum(|it| it.done), sum(|it| it.asked), sum(|it| it.late)),
        problem: None,
        courses: course::all().iter().map(|it| course_view(it, asked)).collect(),
        choices: Choice::list(course::all().iter().map(|it| (&it.code, &it.title)), None),
        reading: (t.by_ward_reading)(views.len() as u64, late),
        wide: coverage::rows(&drawn, 900.0, 330.0, "wide-only", t.by_ward),
        narrow: coverage::rows(&drawn, 380.0, 176.0, "narrow-only", t.by_ward),
        wards: views,
        report: None,
        seen: String::new(),
        certificate: None,
        typed: String::new(),
        unknown: false,
        may: frame.visitor.may(Right::KeepWorkforce),
        frame,
    }
}

async fn page(state: &State, frame: Frame) -> Result<TrainingPage, Failure> {
    let actor = frame.visitor.actor();
    let asked = duties::list(&state.ctx, &actor, &[DutyKind::Course]).await?;
    let by_ward = duties::wards(&state.ctx, &actor, DutyKind::Course).await?;
    Ok(view(frame, &asked, &by_ward))
}

/// A certificate that is checked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CheckQuery {
    #[serde(deserialize_with = "blank")]
    certificate: Option<String>,
}

/// `GET /training`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<CheckQuery>,
) -> Page {
    let actor = frame.visitor.actor();
    let page = page(&state, frame).await?;
    let Some(typed) = query.certificate else { return show(&page) };
    match training::check(&state.ctx, &actor, &typed).await {
        Ok(found) => show(&TrainingPage { certificate: Some(certificate_view(&found)), typed, ..page }),
        Err(Error::NotFound { .. }) => show(&TrainingPage { unknown: true, typed, ..page }),
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "course.html")]
struct CoursePage {
    frame: Frame,
    title: String,
    about: String,
    quiz: String,
    version: String,
    pages: Vec<(String, &'static str, String)>,
}

/// `GET /training/courses/{code}`: all pages of a course, without its questions.
pub(crate) async fn course(frame: Frame, Path(code): Path<String>) -> Page {
    let it = course::of(&code).ok_or_else(|| Error::not_found("this course"))?;
    let t = &texts().training;
    let page = |page: &course::Page| {
        let picture = page.picture.as_deref().and_then(course::picture).unwrap_or_default();
        (page.title.clone(), picture, markdown::html(&page.text))
    };
    show(&CoursePage {
        title: it.title.clone(),
        about: it.about.clone(),
        quiz: (t.quiz_what)(it.questions.len() as u64, it.pass_percent, it.quiz_minutes),
        version: (t.version)(it.version),
        pages: it.pages.iter().map(page).collect(),
        frame,
    })
}

/// `POST /training/assign`
pub(crate) async fn assign(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let text = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let days = form.field("days").unwrap_or("30").parse();
    let done = match days {
        Ok(days) => {
            let command = AssignCourse { course: text("course"), roles: text("roles"), days };
            training::assign(&state.ctx, &form.visitor.actor(), &command).await
        }
        Err(_) => Err(Error::invalid("days are a whole number")),
    };
    match done {
        Ok(_) => Ok(Redirect::to("/training").into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let page = page(&state, form.frame("/training")).await?;
            refuse(&TrainingPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /training/import`: a file (or the one that waits); `take` stores it, else it is a preview.
pub(crate) async fn import(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let dry_run = form.field("take").is_none();
    let mut seen = String::new();
    let done = match waiting(&state, &form) {
        Ok(file) => {
            seen.clone_from(&file.file_name);
            let command = ImportRoster { file_name: file.file_name, document: file.document, dry_run };
            training::import(&state.ctx, &form.visitor.actor(), command).await
        }
        Err(error) => Err(error),
    };
    let page = page(&state, form.frame("/training")).await?;
    match done {
        Ok(found) => {
            let t = &texts().training;
            let sentence = (t.imported)(found.added + found.changed, found.unchanged, found.refused);
            let report = Some(report(&found, sentence, dry_run));
            Ok(show(&TrainingPage { report, seen, ..page })?.into_response())
        }
        Err(error @ Error::Invalid { .. }) => refuse(&TrainingPage { problem: Some(told(&error)), ..page }),
        Err(error) => Err(error.into()),
    }
}
