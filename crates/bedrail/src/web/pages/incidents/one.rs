//! The page of one incident.

use askama::Template;
use axum::extract::{Path, State as Extract};
use bedrail_app::incidents::{self, FIELDS, Field, IncidentDetail, LetterFormat, StateAnswer};
use bedrail_app::rights::Right;
use bedrail_app::vendors::{Concerned, VendorNotice};
use bedrail_model::incident::{Assessment, Exception, Harm, KnownBy, LetterKind, Weighed};
use bedrail_model::text::{harmless, harmless_lines};
use jiff::tz::TimeZone;

use super::{Page, Texts, choices, pressing, show};
use crate::web::assets;
use crate::web::draw::line;
use crate::web::frame::Frame;
use crate::web::pages::id_of;
use crate::web::pages::vendors::notice_words;
use crate::web::parts::Choice;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "incident.html")]
struct IncidentPage {
    frame: Frame,
    id: String,
    headline: String,
    pills: Vec<String>,
    remarks: Vec<(Tone, String)>,
    closed: Option<(String, String)>,
    reports: Vec<ClockView>,
    counsel: String,
    presumed: bool,
    clocks: Vec<ClockView>,
    hhs_unknown: bool,
    states: Vec<(Tone, String)>,
    open_ends: Vec<String>,
    reading: String,
    wide: String,
    narrow: String,
    events: Vec<EventView>,
    devices: Vec<(String, String, String)>,
    alerts: Vec<(String, String)>,
    vendors: Vec<VendorView>,
    perhaps: Vec<(String, String)>,
    all_vendors: Vec<Choice>,
    steps: Vec<StepView>,
    assessment: AssessmentForm,
    letters: Vec<LetterView>,
    readers: Option<Vec<ReaderView>>,
    may_name: bool,
    penalties: Option<Result<Vec<[String; 5]>, String>>,
    harms: Vec<Choice>,
    knowers: Vec<Choice>,
    letter_kinds: Vec<Choice>,
    fields: &'static [Field],
    today: String,
    may: bool,
    may_privileged: bool,
    may_reopen: bool,
}

struct ClockView {
    whom: String,
    target: String,
    limit: String,
    tone: Tone,
    left: String,
    source: String,
}

/// A vendor that it concerns.
struct VendorView {
    link: String,
    name: String,
    agreed: String,
    told: String,
    tone: Tone,
    words: String,
}

struct EventView {
    number: u64,
    at: String,
    words: String,
    note: String,
    author: String,
    replaced: Option<String>,
    privileged: bool,
    moved: Vec<String>,
}

struct StepView {
    code: &'static str,
    words: &'static str,
    done: Option<String>,
    note: String,
}

struct FactorView {
    code: &'static str,
    name: &'static str,
    question: &'static str,
    answer: String,
    evidence: String,
    lines: Vec<(String, String)>,
}

/// The assessment: as decided, and the draft that is worked on.
struct AssessmentForm {
    state: Option<(Tone, String)>,
    same: bool,
    reason: String,
    factors: Vec<FactorView>,
    exceptions: Vec<Choice>,
    exception_why: String,
    weighings: Vec<Choice>,
    weighed: Option<&'static str>,
    exception: Option<&'static str>,
    secured_by: String,
    key_apart: bool,
    seen: u64,
    approve: Option<(u64, String)>,
}

struct LetterView {
    number: u64,
    title: String,
    text: String,
    sent: Option<String>,
    files: Vec<(String, &'static str)>,
}

struct ReaderView {
    number: u64,
    name: String,
    line: String,
    reads: bool,
}

/// `GET /incidents/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = incidents::get(&state.ctx, &frame.visitor.actor(), id_of(&id)?).await?;
    show(&view(frame, &detail))
}

fn view(frame: Frame, detail: &IncidentDetail) -> IncidentPage {
    let (t, it) = (&texts().incidents, &detail.incident);
    let runs = it.closed.is_none();
    let may = runs && frame.visitor.may(Right::HandleIncidents);
    let picture = |width, class| drawn(detail, t, width, class);
    let due = detail.clocks.iter().filter(|line| line.done.is_none()).count() as u64;
    IncidentPage {
        id: it.id.to_string(),
        headline: (t.headline)(it.number, &harmless(&it.title)),
        pills: pills(detail, t),
        remarks: remarks(detail, t),
        closed: it
            .closed
            .as_ref()
            .map(|it| (words::minute(it.at), harmless(&format!("{}: {}", it.by, it.sentence)).into_owned())),
        reports: reports(detail, t),
        counsel: (t.counsel_on_rows)(&detail.reports_checked),
        presumed: detail.presumed,
        clocks: clocks(detail, t),
        hhs_unknown: detail.presumed && detail.hhs_at_once.is_none(),
        states: states(detail, t),
        open_ends: detail.open_ends.iter().map(|line| harmless(line).into_owned()).collect(),
        reading: (t.timeline_reading)(marks(detail, t).len() as u64, due),
        wide: picture(860.0, "wide-only"),
        narrow: picture(380.0, "narrow-only"),
        events: detail.events.iter().map(|line| event_view(line, t)).collect(),
        devices: detail
            .devices
            .iter()
            .map(|line| {
                let more = format!("{} · {}", line.product, line.place);
                (
                    format!("/devices/{}", line.id),
                    harmless(&line.name).into_owned(),
                    harmless(&more).into_owned(),
                )
            })
            .collect(),
        alerts: detail
            .alerts
            .iter()
            .map(|line| (format!("/alerts/{}", line.id), harmless(&line.rule).into_owned()))
            .collect(),
        vendors: detail.vendors.joined.iter().map(vendor).collect(),
        perhaps: detail
            .vendors
            .perhaps
            .iter()
            .map(|(id, name)| (format!("/vendors/{id}"), harmless(name).into_owned()))
            .collect(),
        all_vendors: vendor_choices(&detail.vendors),
        steps: steps(detail, t),
        assessment: assessment(detail, t),
        letters: letters(detail, t),
        readers: detail.privileged.then(|| readers(detail, t)),
        may_name: detail.privileged && frame.visitor.may(Right::NameReaders),
        penalties: detail.penalties.as_ref().map(|told| match told {
            Ok(rows) => Ok(rows.iter().map(penalty).collect()),
            Err(why) => Err(why.clone()),
        }),
        harms: choices!(Harm, detail.harm.map(|(harm, _)| harm.code())),
        knowers: choices!(KnownBy, Some(KnownBy::Entity.code())),
        letter_kinds: choices!(LetterKind, None),
        fields: FIELDS,
        today: detail.at.to_zoned(TimeZone::UTC).date().to_string(),
        may,
        // Whom counsel named reads, and writes nothing.
        may_privileged: may && detail.privileged && frame.visitor.may(Right::SeePrivileged),
        may_reopen: !runs && frame.visitor.may(Right::HandleIncidents),
        frame,
    }
}

fn vendor(it: &VendorNotice) -> VendorView {
    let t = &texts().vendors;
    let (tone, words) = notice_words(it.notice.as_ref(), it.told, it.late);
    VendorView {
        link: format!("/vendors/{}", it.vendor),
        name: harmless(&it.name).into_owned(),
        agreed: it.agreed_days.map_or_else(|| t.no_days.to_owned(), |days| (t.agreed_days)(days)),
        told: it.told.map_or_else(|| t.not_told.to_owned(), words::civil),
        tone,
        words,
    }
}

/// Vendors to choose from: makers of its devices first, then the others, then those that are joined already, to change their days.
fn vendor_choices(all: &Concerned) -> Vec<Choice> {
    let joined = all.joined.iter().map(|it| (it.vendor, it.name.clone()));
    let all = all.perhaps.iter().cloned().chain(all.others.iter().cloned()).chain(joined);
    all.map(|(id, name)| Choice { value: id.to_string(), text: harmless(&name).into_owned(), chosen: false })
        .collect()
}

fn pills(detail: &IncidentDetail, t: &Texts) -> Vec<String> {
    let it = &detail.incident;
    let people = detail.affected.map_or_else(|| t.not_counted.to_owned(), words::number);
    vec![
        it.kind.words().to_owned(),
        format!("{}: {}", t.owner, harmless(&it.owner)),
        format!("{}: {people}", t.people),
    ]
}

/// What is to be minded, "death or serious injury?" first.
fn remarks(detail: &IncidentDetail, t: &Texts) -> Vec<(Tone, String)> {
    let mut all = Vec::new();
    match detail.harm {
        None => all.push((Tone::Act, t.nobody_said.to_owned())),
        Some((harm @ (Harm::Death | Harm::SeriousInjury), _)) => {
            all.push((Tone::Act, format!("{}. {}", harm.words(), t.reports_what)));
        }
        Some((Harm::NotKnown, _)) => all.push((Tone::Unknown, Harm::NotKnown.words().to_owned())),
        Some((Harm::None, _)) => all.push((Tone::Known, Harm::None.words().to_owned())),
    }
    if let Some((on, by)) = detail.discovered {
        all.push((Tone::Plain, (t.discovered)(&words::civil(on), by)));
    }
    if let Some(day) = detail.earlier_sign {
        all.push((Tone::Plan, (t.earlier_sign)(&words::civil(day))));
    }
    if detail.withheld {
        all.push((Tone::Unknown, t.withheld.to_owned()));
    }
    all
}

fn reports(detail: &IncidentDetail, t: &Texts) -> Vec<ClockView> {
    let view = |line: &incidents::ReportLine| ClockView {
        whom: line.to.clone(),
        target: String::new(),
        limit: words::civil(line.due),
        tone: pressing(line.days_left),
        left: (t.left)(line.days_left),
        source: line.citation.clone(),
    };
    detail.reports.iter().map(view).collect()
}

fn clocks(detail: &IncidentDetail, t: &Texts) -> Vec<ClockView> {
    let view = |line: &incidents::ClockLine| {
        let (tone, mut left) = match line.done {
            Some(day) => (Tone::Good, (t.done_on)(&words::civil(day))),
            None => (pressing(line.days_left), (t.left)(line.days_left)),
        };
        if let Some(day) = line.not_before.filter(|_| line.done.is_none()) {
            left = format!("{left}; {}", (t.not_before)(&words::civil(day)));
        }
        ClockView {
            whom: (t.recipient)(line.recipient, line.state.as_deref().unwrap_or_default()),
            target: words::civil(line.target),
            limit: words::civil(line.limit),
            tone,
            left,
            source: line.citation.clone(),
        }
    };
    detail.clocks.iter().map(view).collect()
}

fn states(detail: &IncidentDetail, t: &Texts) -> Vec<(Tone, String)> {
    let line = |it: &incidents::StateLine| match &it.answer {
        StateAnswer::Due { on, citation } => {
            (Tone::Plan, (t.state_due)(&it.state, it.residents, &words::civil(*on), citation))
        }
        StateAnswer::Checked { due: Some(due), by } => {
            (Tone::Plan, (t.state_due)(&it.state, it.residents, &words::civil(*due), &harmless(by)))
        }
        StateAnswer::Checked { due: None, by } => {
            (Tone::Known, (t.state_none)(&it.state, it.residents, &harmless(by)))
        }
        StateAnswer::CannotTell => (Tone::Unknown, (t.state_unknown)(&it.state, it.residents)),
    };
    let mut all: Vec<(Tone, String)> = detail.states.iter().map(line).collect();
    if detail.without_state > 0 {
        all.push((Tone::Unknown, (t.without_state)(detail.without_state)));
    }
    all
}

fn event_view(line: &incidents::EventLine, t: &Texts) -> EventView {
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(|| t.nothing.to_owned(), words::civil);
    let moved = |it: &incidents::MovedLine| {
        let whom = (t.recipient)(it.recipient, it.state.as_deref().unwrap_or_default());
        (t.moved)(&whom, &day(it.from), &day(it.to))
    };
    EventView {
        number: line.event.number,
        at: words::time(line.event.at),
        words: harmless(&line.words).into_owned(),
        note: harmless_lines(&line.event.note).into_owned(),
        author: harmless(&line.event.author).into_owned(),
        replaced: line.corrected_by.map(|number| (t.replaced)(number)),
        privileged: line.event.privileged,
        moved: line.moved.iter().map(moved).collect(),
    }
}

fn steps(detail: &IncidentDetail, t: &Texts) -> Vec<StepView> {
    let view = |line: &incidents::StepLine| StepView {
        code: line.row.code,
        words: line.row.words,
        done: line.done.as_ref().map(|done| (t.done_by)(&words::minute(done.at), &harmless(&done.by))),
        note: line.done.as_ref().map(|done| harmless(&done.note).into_owned()).unwrap_or_default(),
    };
    detail.steps.iter().map(view).collect()
}

fn assessment(detail: &IncidentDetail, t: &Texts) -> AssessmentForm {
    let newest = detail.assessments.last().or(detail.decision.as_ref());
    let answer = |factor| newest.and_then(|it| it.factors.iter().find(|answer| answer.factor == factor));
    let factors = detail.questions.iter().map(|(factor, question)| FactorView {
        code: factor.code(),
        name: factor.words(),
        question,
        answer: answer(*factor).map(|it| harmless_lines(&it.answer).into_owned()).unwrap_or_default(),
        evidence: answer(*factor).map(|it| harmless(&it.evidence).into_owned()).unwrap_or_default(),
        lines: detail
            .prefilled
            .iter()
            .filter(|line| line.factor == *factor)
            .map(|line| (harmless(&line.text).into_owned(), line.source.clone()))
            .collect(),
    });
    let exception = newest.and_then(|it| it.exception.as_ref());
    let weighed = newest.and_then(|it| it.weighed);
    AssessmentForm {
        state: newest.map(|it| standing(it, t)),
        same: newest.is_some_and(|it| it.approved.as_ref().is_some_and(|approved| approved.by == it.author)),
        reason: newest.map(|it| harmless_lines(&it.reason).into_owned()).unwrap_or_default(),
        factors: factors.collect(),
        exceptions: choices!(Exception, exception.map(|(exception, _)| exception.code())),
        exception_why: exception.map(|(_, why)| harmless(why).into_owned()).unwrap_or_default(),
        exception: exception.map(|(exception, _)| exception.words()),
        weighings: choices!(Weighed, weighed.map(Weighed::code)),
        weighed: weighed.map(Weighed::words),
        secured_by: newest
            .and_then(|it| it.secured.as_ref())
            .map(|(by, _)| harmless(by).into_owned())
            .unwrap_or_default(),
        key_apart: newest.and_then(|it| it.secured.as_ref()).is_some_and(|(_, apart)| *apart),
        seen: detail.assessments.last().map_or(0, |it| it.version),
        approve: detail
            .assessments
            .last()
            .filter(|it| it.approved.is_none())
            .map(|it| (it.version, (t.approve)(it.version))),
    }
}

fn standing(it: &Assessment, t: &Texts) -> (Tone, String) {
    match &it.approved {
        None => (Tone::Plan, (t.draft)(it.version, &harmless(&it.author))),
        Some(approved) => {
            let said = (t.approved)(it.version, &harmless(&approved.by), &words::minute(approved.at));
            let outcome = if approved.notifiable { t.told } else { t.not_told };
            (Tone::Known, format!("{said}: {outcome}"))
        }
    }
}

fn letters(detail: &IncidentDetail, t: &Texts) -> Vec<LetterView> {
    let view = |it: &bedrail_model::incident::Letter| {
        let state = it.state.as_ref().map(|state| format!(" ({state})")).unwrap_or_default();
        LetterView {
            number: it.number,
            title: (t.letter_title)(it.number, &format!("{}{state}", it.kind.words()), it.version),
            text: harmless_lines(&it.text).into_owned(),
            sent: it.sent.as_ref().map(|sent| {
                (t.sent_on)(&words::civil(sent.on), &harmless(&sent.how), &harmless(&sent.proof))
            }),
            files: LetterFormat::ALL
                .iter()
                .map(|(_, ending, _)| {
                    (format!("/incidents/{}/letters/{}/{ending}", detail.incident.id, it.number), *ending)
                })
                .collect(),
        }
    };
    detail.letters.iter().map(view).collect()
}

fn readers(detail: &IncidentDetail, t: &Texts) -> Vec<ReaderView> {
    let view = |it: &bedrail_model::incident::Reader| {
        let mut line = (t.reader_named)(&words::minute(it.at), &harmless(&it.by), &harmless(&it.reason));
        if let Some((at, by)) = &it.ended {
            line = format!("{line}; {}", (t.reader_ended)(&words::minute(*at), &harmless(by)));
        }
        ReaderView {
            number: it.number,
            name: harmless(&it.name).into_owned(),
            line,
            reads: it.ended.is_none(),
        }
    };
    detail.readers.iter().map(view).collect()
}

fn penalty(it: &incidents::Penalty) -> [String; 5] {
    [
        it.tier.to_string(),
        words::number(it.least),
        words::number(it.most),
        words::number(it.cap),
        words::number(it.notice_cap),
    ]
}

/// Days of the line: what happened, and what is due.
fn marks(detail: &IncidentDetail, t: &Texts) -> Vec<line::Mark> {
    let mark = |on, name: String, tone| line::Mark { on, name, tone };
    let mut all = Vec::new();
    if let Some((from, to)) = detail.occurred {
        all.push(mark(from, t.happened_from.to_owned(), Tone::Plain));
        all.extend(to.filter(|to| *to != from).map(|to| mark(to, t.happened_to.to_owned(), Tone::Plain)));
    }
    if let Some((on, _)) = detail.discovered {
        all.push(mark(on, t.discovered_on.to_owned(), Tone::Known));
    }
    for line in &detail.reports {
        all.push(mark(line.due, line.to.clone(), pressing(line.days_left)));
    }
    for line in &detail.clocks {
        let whom = (t.recipient)(line.recipient, line.state.as_deref().unwrap_or_default());
        match line.done {
            Some(day) => all.push(mark(day, whom, Tone::Good)),
            None => all.push(mark(line.limit, whom, pressing(line.days_left))),
        }
    }
    all
}

fn drawn(detail: &IncidentDetail, t: &Texts, width: f64, class: &'static str) -> String {
    let today = detail.at.to_zoned(TimeZone::UTC).date();
    line::of_time(&marks(detail, t), (today, t.today), width, class, t.timeline)
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    show(&view(sample::frame("/incidents/x"), &sample::incident()))
}
