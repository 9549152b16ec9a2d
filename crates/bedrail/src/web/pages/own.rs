//! What is asked of oneself: by an account or by a personal link, on a telephone as well as at a desk.

use std::collections::BTreeMap;

use askama::Template;
use axum::RequestExt;
use axum::extract::{FromRequest, FromRequestParts, Path, Request, State as Extract};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::workforce::me::{self, Asked, Certificate, Me};
use bedrail_app::workforce::personal::{self, HOURS};
use bedrail_app::workforce::roster::Item;
use bedrail_app::workforce::{course, markdown};
use bedrail_model::workforce::{DutyKind, Stage};
use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Page, id_of, show};
use crate::web::assets;
use crate::web::caller::Caller;
use crate::web::error::{Failure, OwnPage, told};
use crate::web::frame::cookie;
use crate::web::session;
use crate::web::state::State;
use crate::web::texts::Texts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// The cookie of a browser that opened a personal link.
const COOKIE: &str = "bedrail-own";

/// Somebody of the roster, and the token that their forms carry.
#[derive(Debug)]
pub(crate) struct Own {
    me: Me,
    token: String,
}

impl Own {
    async fn of(parts: &mut Parts, state: &State) -> Result<Own, Failure> {
        let address = Caller::of(parts, state.options.behind_tls).address;
        let kept = cookie(&parts.headers, COOKIE).map(str::to_owned);
        if let Some(kept) = &kept {
            match me::of_link(&state.ctx, kept).await {
                Ok(me) if !signed_in_since(parts, state, &me).await => {
                    return Ok(Own { me: me.at(address), token: personal::form_token(kept) });
                }
                Ok(_) => {}
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let visitor = match session::visitor(parts, state).await {
            Ok(visitor) => visitor,
            // Who came by a link has no account to sign in with.
            Err(_) if kept.is_some() => return Err(over()),
            Err(failure) => return Err(failure),
        };
        visitor.ready(session::path(parts))?;
        let me = me::of_account(&state.ctx, &visitor.actor()).await?;
        Ok(Own { me: me.ok_or_else(not_listed)?, token: visitor.token })
    }
}

impl FromRequestParts<State> for Own {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Own, Failure> {
        Own::of(parts, state).await
    }
}

/// Whether somebody signed in after the link was opened: at a computer that people share, it is they who sit there now.
async fn signed_in_since(parts: &mut Parts, state: &State, me: &Me) -> bool {
    let opened = me.opened.map(jiff::Timestamp::as_second);
    session::visitor(parts, state).await.is_ok_and(|visitor| visitor.since > opened)
}

fn over() -> Failure {
    let t = &texts().own;
    Failure::new(StatusCode::NOT_FOUND, "link_over", t.link_gone).hint(t.link_gone_what)
}

fn not_listed() -> Failure {
    let t = &texts().own;
    Failure::new(StatusCode::NOT_FOUND, "not_on_the_roster", t.not_listed).hint(t.not_listed_what)
}

/// A form of one's own, with its token checked.
#[derive(Debug)]
pub(crate) struct OwnForm {
    own: Own,
    fields: Vec<(String, String)>,
}

impl OwnForm {
    fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }
}

impl FromRequest<State> for OwnForm {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &State) -> Result<OwnForm, Failure> {
        let (mut parts, body) = request.into_parts();
        let own = Own::of(&mut parts, state).await?;
        let request = Request::from_parts(parts, body);
        let read = request.extract::<axum::Form<Vec<(String, String)>>, _>().await;
        let fields = read.map_err(|_| Failure::of_status(StatusCode::BAD_REQUEST))?.0;
        let form = OwnForm { own, fields };
        if Sha256::digest(form.field("token")) == Sha256::digest(&form.own.token) {
            Ok(form)
        } else {
            Err(Failure::forged())
        }
    }
}

/// Who it is, on every page.
struct Head {
    t: &'static Texts,
    organisation: String,
    token: String,
    by_link: bool,
}

impl Head {
    fn of(own: &Own) -> Head {
        Head {
            t: texts(),
            organisation: own.me.org_name.clone(),
            token: own.token.clone(),
            by_link: own.me.by_link(),
        }
    }
}

#[derive(Template)]
#[template(path = "own.html")]
struct ListPage {
    head: Head,
    headline: String,
    open: Vec<ItemView>,
    done: Vec<ItemView>,
}

struct ItemView {
    link: String,
    title: String,
    kind: &'static str,
    act: &'static str,
    tone: Tone,
    stands: String,
    certificate: Option<String>,
}

fn item(it: &Item, today: Date) -> ItemView {
    let t = &texts().own;
    let assignment = &it.assignment;
    let late = assignment.is_late(today);
    let day = words::civil(assignment.due);
    ItemView {
        link: format!("/me/{}", it.duty.id),
        title: it.duty.title.clone(),
        kind: it.duty.kind.words(),
        act: if it.duty.kind == DutyKind::Course { t.take } else { t.read_and_sign },
        tone: match assignment.stage {
            Stage::Open if late => Tone::Act,
            Stage::Open => Tone::Plan,
            Stage::Done => Tone::Good,
            Stage::Closed => Tone::Plain,
        },
        stands: match (assignment.stage, assignment.ended) {
            (Stage::Open, _) if late => (t.late)(&day),
            (Stage::Open, _) => (t.due_by)(&day),
            (_, Some(at)) => words::day(at),
            (_, None) => String::new(),
        },
        certificate: assignment.certificate.as_ref().map(|number| format!("/me/certificates/{number}")),
    }
}

/// `GET /me`
pub(crate) async fn list(own: Own, Extract(state): Extract<State>) -> Page {
    let items = me::list(&state.ctx, &own.me).await?;
    show(&list_view(&own, &items, state.ctx.clock.today()))
}

fn list_view(own: &Own, items: &[Item], today: Date) -> ListPage {
    let of =
        |stage: Stage| items.iter().filter(move |it| it.assignment.stage == stage).map(|it| item(it, today));
    let open: Vec<ItemView> = of(Stage::Open).collect();
    ListPage {
        headline: (texts().own.headline)(&own.me.worker.name, open.len() as u64),
        head: Head::of(own),
        open,
        done: of(Stage::Done).collect(),
    }
}

#[derive(Template)]
#[template(path = "own_link.html")]
struct LinkPage {
    t: &'static Texts,
    code: String,
    organisation: Option<String>,
    problem: Option<String>,
}

fn link_page(code: &str, organisation: Option<String>, problem: Option<String>) -> LinkPage {
    LinkPage { t: texts(), code: code.to_owned(), organisation, problem }
}

fn gone(code: &str, status: StatusCode) -> Result<Response, Failure> {
    let _ = code;
    Ok((status, OwnPage, show(&link_page("", None, None))?).into_response())
}

/// `GET /me/link/{code}`: says for which organisation it is, and nothing of the person.
pub(crate) async fn link(
    Extract(state): Extract<State>,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    match personal::look(&state.ctx, &code).await {
        Ok(organisation) => Ok(show(&link_page(&code, Some(organisation), None))?.into_response()),
        Err(Error::NotFound { .. }) => gone(&code, StatusCode::NOT_FOUND),
        Err(error) => Err(error.into()),
    }
}

/// What the form of a link sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    #[serde(default)]
    name: String,
}

/// `POST /me/link/{code}`: no session, so the secret of the link and the name stand for who it is.
pub(crate) async fn open(
    Extract(state): Extract<State>,
    Path(code): Path<String>,
    axum::Form(form): axum::Form<Named>,
) -> Result<Response, Failure> {
    match personal::open(&state.ctx, &code, &form.name).await {
        Ok(kept) => {
            let secure = if state.options.over_tls() { "; Secure" } else { "" };
            let age = HOURS * 3_600;
            let line = format!("{COOKIE}={kept}; Path=/me; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
            let value = HeaderValue::from_str(&line).map_err(|error| Failure::internal(&error))?;
            Ok(([(header::SET_COOKIE, value)], Redirect::to("/me")).into_response())
        }
        Err(Error::NotFound { .. }) => gone(&code, StatusCode::NOT_FOUND),
        Err(error @ Error::Invalid { .. }) => {
            let organisation = match personal::look(&state.ctx, &code).await {
                Ok(organisation) => organisation,
                Err(Error::NotFound { .. }) => return gone(&code, StatusCode::NOT_FOUND),
                Err(error) => return Err(error.into()),
            };
            let page = show(&link_page(&code, Some(organisation), Some(told(&error))))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, OwnPage, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /me/leave`: the browser forgets.
pub(crate) async fn leave(_form: OwnForm) -> Response {
    let value = HeaderValue::from_static("bedrail-own=; Path=/me; HttpOnly; SameSite=Lax; Max-Age=0");
    ([(header::SET_COOKIE, value)], Redirect::to("/me")).into_response()
}

#[derive(Template)]
#[template(path = "own_duty.html")]
struct DutyPage {
    head: Head,
    id: String,
    title: String,
    version: String,
    problem: Option<String>,
    body: String,
    document: Option<String>,
    sha256: String,
    open: bool,
    signed: Option<String>,
    course: Option<String>,
}

fn duty_view(own: &Own, asked: &Asked, problem: Option<String>) -> DutyPage {
    let t = &texts().own;
    let (duty, assignment) = (&asked.duty, &asked.assignment);
    let done = assignment.ended.filter(|_| assignment.stage == Stage::Done);
    DutyPage {
        head: Head::of(own),
        id: duty.id.to_string(),
        title: duty.title.clone(),
        version: (t.version)(duty.version),
        problem,
        body: markdown::html(&asked.body),
        document: asked.document.as_ref().map(|(_, name)| name.clone()),
        sha256: duty.sha256.clone(),
        open: assignment.stage == Stage::Open && duty.closed.is_none(),
        signed: done.map(|at| (t.signed)(&words::day(at))),
        course: asked.course.map(|course| course.about.clone()),
    }
}

/// `GET /me/{id}`
pub(crate) async fn one(own: Own, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let asked = me::get(&state.ctx, &own.me, id_of(&id)?).await?;
    show(&duty_view(&own, &asked, None))
}

/// `POST /me/{id}/sign`
pub(crate) async fn sign(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, Failure> {
    let duty = id_of(&id)?;
    match me::sign(&state.ctx, &form.own.me, duty, form.field("sha256")).await {
        Ok(()) => Ok(Redirect::to("/me").into_response()),
        Err(error @ (Error::Conflict { .. } | Error::Invalid { .. })) => {
            let asked = me::get(&state.ctx, &form.own.me, duty).await?;
            let page = show(&duty_view(&form.own, &asked, Some(told(&error))))?;
            Ok((StatusCode::CONFLICT, OwnPage, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /me/{id}/document`: to be saved, never shown.
pub(crate) async fn document(
    own: Own,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (name, document) = me::document(&state.ctx, &own.me, id_of(&id)?).await?;
    Ok(super::releases::attachment(&name, document))
}

#[derive(Template)]
#[template(path = "own_page.html")]
struct CoursePage {
    head: Head,
    id: String,
    course: String,
    title: String,
    position: String,
    picture: Option<(&'static str, String)>,
    body: String,
    previous: Option<u64>,
    next: Option<u64>,
    quiz: String,
    open: bool,
}

/// A page of a course, counted from 1.
fn course_view(own: &Own, asked: &Asked, number: u64) -> Result<CoursePage, Failure> {
    let t = &texts().own;
    let missing = || Failure::of_status(StatusCode::NOT_FOUND);
    let course = asked.course.ok_or_else(missing)?;
    let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).ok_or_else(missing)?;
    let page = course.pages.get(at).ok_or_else(missing)?;
    let of = course.pages.len() as u64;
    let picture = page.picture.as_deref().and_then(course::picture);
    Ok(CoursePage {
        head: Head::of(own),
        id: asked.duty.id.to_string(),
        course: course.title.clone(),
        title: page.title.clone(),
        position: (t.page_of)(number, of),
        picture: picture.map(|svg| (svg, page.shows.clone())),
        body: markdown::html(&page.text),
        previous: (number > 1).then(|| number - 1),
        next: (number < of).then_some(number + 1),
        quiz: (t.quiz_what)(course.questions.len() as u64, course.pass_percent, course.quiz_minutes),
        open: asked.assignment.stage == Stage::Open,
    })
}

/// `GET /me/{id}/pages/{index}`
pub(crate) async fn page(
    own: Own,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
) -> Page {
    let asked = me::get(&state.ctx, &own.me, id_of(&id)?).await?;
    let number = number.parse().map_err(|_| Failure::of_status(StatusCode::NOT_FOUND))?;
    show(&course_view(&own, &asked, number)?)
}

#[derive(Template)]
#[template(path = "own_quiz.html")]
struct QuizPage {
    head: Head,
    attempt: String,
    course: String,
    until: String,
    questions: Vec<QuestionView>,
}

struct QuestionView {
    number: String,
    ask: String,
    answers: Vec<String>,
}

/// `POST /me/{id}/quiz`: begins, or goes on.
pub(crate) async fn quiz(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, Failure> {
    let duty = id_of(&id)?;
    match me::begin(&state.ctx, &form.own.me, duty).await {
        Ok(quiz) => Ok(show(&quiz_view(&form.own, &quiz))?.into_response()),
        Err(error @ Error::Conflict { .. }) => refused(&state, &form, duty, &error).await,
        Err(error) => Err(error.into()),
    }
}

async fn refused(
    state: &State,
    form: &OwnForm,
    duty: bedrail_model::ids::DutyId,
    error: &Error,
) -> Result<Response, Failure> {
    let asked = me::get(&state.ctx, &form.own.me, duty).await?;
    let page = show(&duty_view(&form.own, &asked, Some(told(error))))?;
    Ok((StatusCode::CONFLICT, OwnPage, page).into_response())
}

fn quiz_view(own: &Own, quiz: &me::Quiz) -> QuizPage {
    let t = &texts().own;
    let of = quiz.order.0.len() as u64;
    let question = |(at, (question, answers)): (usize, &(usize, Vec<usize>))| {
        let it = &quiz.course.questions[*question];
        QuestionView {
            number: (t.question_of)(at as u64 + 1, of),
            ask: it.ask.clone(),
            answers: answers.iter().map(|answer| it.answers[*answer].clone()).collect(),
        }
    };
    QuizPage {
        head: Head::of(own),
        attempt: quiz.id.to_string(),
        course: quiz.course.title.clone(),
        until: (t.until)(&words::minute(quiz.ends)),
        questions: quiz.order.0.iter().enumerate().map(question).collect(),
    }
}

#[derive(Template)]
#[template(path = "own_result.html")]
struct ResultPage {
    head: Head,
    passed: bool,
    headline: String,
    certificate: Option<String>,
    answers: Vec<AnswerView>,
}

struct AnswerView {
    ask: String,
    answer: String,
    tone: Tone,
    word: &'static str,
    why: String,
}

/// `POST /me/attempts/{id}`: hands a quiz in.
pub(crate) async fn answer(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, Failure> {
    let mut chosen = BTreeMap::new();
    for (name, value) in &form.fields {
        let Some(question) = name.strip_prefix("question-") else { continue };
        let wrong = || Error::invalid("the quiz has no such question or answer");
        let question = question.parse::<usize>().map_err(|_| wrong())?;
        let answer = value.trim().parse::<usize>().map_err(|_| wrong())?;
        if chosen.insert(question, answer).is_some() {
            return Err(wrong().into());
        }
    }
    let done = me::answer(&state.ctx, &form.own.me, id_of(&id)?, &chosen).await?;
    Ok(show(&result_view(&form.own, &done))?.into_response())
}

fn result_view(own: &Own, done: &me::Outcome) -> ResultPage {
    let t = &texts().own;
    let judged = &done.judged;
    // Who has not passed is not told what was right: the questions come again.
    let answers = judged.each.iter().map(|(question, answer, right)| {
        let it = &done.course.questions[*question];
        AnswerView {
            ask: it.ask.clone(),
            answer: it.answers[*answer].clone(),
            tone: if *right { Tone::Good } else { Tone::Act },
            word: if *right { t.right } else { t.wrong },
            why: if *right || judged.passed { it.why.clone() } else { String::new() },
        }
    });
    let words = if judged.passed { t.passed } else { t.failed };
    ResultPage {
        head: Head::of(own),
        passed: judged.passed,
        headline: words(judged.right, judged.of),
        certificate: done.certificate.as_ref().map(|number| format!("/me/certificates/{number}")),
        answers: answers.collect(),
    }
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    head: Head,
    it: CertificateView,
}

/// A certificate in words.
pub(super) struct CertificateView {
    /// Its number.
    pub(super) number: String,
    /// Who has taken what.
    pub(super) headline: String,
    /// When and where.
    pub(super) when: String,
    /// The score.
    pub(super) score: String,
    /// The version of the course.
    pub(super) version: String,
    /// Until when it holds.
    pub(super) holds: String,
}

/// A certificate in words.
pub(super) fn certificate_view(it: &Certificate) -> CertificateView {
    let t = &texts().training;
    CertificateView {
        number: it.number.clone(),
        headline: (t.certifies)(&it.name, &it.title),
        when: (t.certified_on)(&words::day(it.at), &it.organisation),
        score: it.score.map(|(right, of)| (t.scored)(right, of)).unwrap_or_default(),
        version: (t.version)(it.version),
        holds: it.expires.map(|day| (t.holds_until)(&words::civil(day))).unwrap_or_default(),
    }
}

/// `GET /me/certificates/{number}`
pub(crate) async fn certificate(
    own: Own,
    Extract(state): Extract<State>,
    Path(number): Path<String>,
) -> Page {
    let found = me::own_certificate(&state.ctx, &own.me, &number).await?;
    show(&CertificatePage { head: Head::of(&own), it: certificate_view(&found) })
}
