//! Campaigns: one weakness from "am I affected?" to the end, with its burn-down by ward and the time each step took.

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::{Redirect, Response};
use bedrail_app::actions::ActionRow;
use bedrail_app::alerts::links::Kind;
use bedrail_app::campaigns::{
    self, AskWhom, CampaignDetail, CampaignRow, CampaignWard, OpenQuestion, Step, StepRow,
};
use bedrail_app::rights::Right;
use bedrail_model::action::KINDS;
use bedrail_model::campaign::{Counts, Look, Ward};
use jiff::Timestamp;

use super::actions::{stage_words, when_words, window};
use super::alert_desk;
use super::{Page, id_of, show};
use crate::web::assets;
use crate::web::draw::burn;
use crate::web::error::Failure;
use crate::web::export;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Choice, WeaknessWords, advisory_link, weakness_tone};
use crate::web::state::State;
use crate::web::taken::{ActionSent, answer_day};
use crate::web::texts::keys::CampaignsPage as Texts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "campaigns.html")]
struct CampaignsPage {
    frame: Frame,
    headline: String,
    rows: Vec<RowView>,
}

struct RowView {
    link: String,
    name: String,
    weakness: String,
    weakness_link: String,
    started: String,
    affected: String,
    open: String,
    tone: Tone,
    state: &'static str,
}

/// `GET /campaigns`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>) -> Page {
    let rows = campaigns::list(&state.ctx, &frame.visitor.actor()).await?;
    show(&list_view(frame, &rows, state.now()))
}

fn list_view(frame: Frame, rows: &[CampaignRow], now: Timestamp) -> CampaignsPage {
    let t = &texts().campaigns;
    let open = rows.iter().filter(|row| row.campaign.closed.is_none()).count() as u64;
    let view = |row: &CampaignRow| {
        let runs = row.campaign.closed.is_none();
        RowView {
            link: format!("/campaigns/{}", row.campaign.id),
            name: row.campaign.name.clone(),
            weakness: row.campaign.weakness.clone(),
            weakness_link: advisory_link(&row.campaign.weakness),
            started: words::time_ago(row.campaign.started, now),
            affected: (t.then_to_now)(row.start.affected, row.now.affected),
            open: words::number(row.open_actions),
            tone: if runs { Tone::Plan } else { Tone::Known },
            state: if runs { t.running } else { t.closed },
        }
    };
    CampaignsPage {
        headline: (t.list_headline)(open, rows.len() as u64),
        rows: rows.iter().map(view).collect(),
        frame,
    }
}

#[derive(Template)]
#[template(path = "campaign.html")]
struct CampaignPage {
    frame: Frame,
    id: String,
    name: String,
    weakness: WeaknessWords,
    headline: String,
    begun: String,
    /// What is to be minded of the answer, with its tone.
    remarks: Vec<(Tone, String)>,
    next: (String, String),
    ask: String,
    counts: Vec<(Tone, &'static str, String, String)>,
    steps: Vec<StepView>,
    burn: BurnView,
    tone: Tone,
    wards: Vec<WardView>,
    questions: Vec<QuestionView>,
    actions: Vec<ActionView>,
    open: Vec<String>,
    closed: Option<(String, String)>,
    kinds: Vec<Choice>,
    currency: String,
    /// Whether the visitor may take steps, and the campaign runs.
    may: bool,
    may_reopen: bool,
    /// Whether it is the report.
    report: bool,
    made: String,
    /// Alerts that belong to it: ids, and what their rules are called.
    alerts: Vec<(String, String)>,
}

struct StepView {
    name: &'static str,
    tone: Tone,
    how_far: String,
    begun: String,
    took: String,
}

struct BurnView {
    reading: String,
    wide: String,
    narrow: String,
    days: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
}

struct WardView {
    name: String,
    site: String,
    ward: String,
    devices: String,
    affected: String,
    unclear: String,
    outside: String,
    /// Who is on it: tone and words of the clock, kind and owner.
    on_it: Option<(Tone, String, String)>,
    tone: Tone,
    left: bool,
}

struct QuestionView {
    fact: String,
    devices: String,
    text: String,
    asked: Option<String>,
    link: Option<String>,
}

struct ActionView {
    what: String,
    kind: &'static str,
    owner: String,
    tone: Tone,
    due: String,
    stage_tone: Tone,
    stage: String,
    remark: String,
}

/// `GET /campaigns/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    shown(frame, &state, &id, false).await
}

/// `GET /campaigns/{id}/report`
pub(crate) async fn report(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    shown(frame, &state, &id, true).await
}

async fn shown(frame: Frame, state: &State, id: &str, report: bool) -> Page {
    let actor = frame.visitor.actor();
    let detail = campaigns::get(&state.ctx, &actor, id_of(id)?).await?;
    let currency = bedrail_app::actions::currency(&state.ctx, &actor).await?.to_string();
    let alerts = alert_desk::linked(state, &actor, Kind::Campaign, &detail.campaign.id.to_string()).await?;
    show(&CampaignPage { alerts, ..view(frame, &detail, &currency, report) })
}

fn view(frame: Frame, detail: &CampaignDetail, currency: &str, report: bool) -> CampaignPage {
    let (t, it, now) = (&texts().campaigns, &detail.campaign, detail.at);
    let (start, left) = (detail.start(), detail.now());
    let runs = it.closed.is_none();
    let may = frame.visitor.may(Right::Decide);
    let headline = match &it.closed {
        _ if report => (t.report_headline)(&it.name, start.affected, left.affected),
        Some(closed) => {
            (t.headline_closed)(&it.name, &words::day(closed.at), left.affected, left.cannot_tell)
        }
        None => {
            let wards = detail.wards.iter().filter(|row| row.now.affected > 0).count() as u64;
            (t.headline)(&it.name, left.affected, wards, left.cannot_tell, left.outside)
        }
    };
    let nobody = without_owner(detail);
    let to_ask = detail.questions.iter().filter(|question| question.asked.is_none()).count() as u64;
    let next = match (nobody, to_ask, detail.waiting().count()) {
        _ if !runs => (format!("/campaigns/{}/report", it.id), t.report.to_owned()),
        (1.., ..) => ("#wards".to_owned(), (t.next_owner)(nobody)),
        (0, 1.., _) => ("#questions".to_owned(), (t.next_ask)(to_ask)),
        (0, 0, 1..) => ("#actions".to_owned(), t.next_actions.to_owned()),
        (0, 0, 0) => ("#end".to_owned(), t.next_end.to_owned()),
    };
    let kinds = KINDS.iter().map(|row| (row.code, row.name));
    CampaignPage {
        id: it.id.to_string(),
        name: it.name.clone(),
        weakness: WeaknessWords::of(&detail.weakness, now),
        headline,
        begun: (t.begun_by)(&words::day(it.started), &it.author),
        remarks: remarks(detail, t),
        next,
        ask: Link::to("/affected").with("q", &it.weakness).to_string(),
        counts: counts(detail, t),
        steps: detail.steps.iter().map(|row| step_view(row, now, t)).collect(),
        burn: burn_view(detail),
        tone: weakness_tone(&detail.weakness),
        wards: detail.wards.iter().map(|row| ward_view(row, detail)).collect(),
        questions: detail.questions.iter().map(|row| question_view(row, now)).collect(),
        actions: detail.actions.iter().map(|row| action_view(row, now)).collect(),
        open: still_open(detail, nobody, t),
        closed: it
            .closed
            .as_ref()
            .map(|closed| (words::minute(closed.at), (t.ended_with)(&closed.by, &closed.sentence))),
        kinds: Choice::list(kinds, Some("patch")),
        currency: (t.cost_what)(currency),
        may: may && runs && !report,
        may_reopen: may && !runs && !report,
        report,
        made: (t.report_made)(&words::minute(now)),
        alerts: Vec::new(),
        frame,
    }
}

/// Wards with affected devices and nobody on them.
fn without_owner(detail: &CampaignDetail) -> u64 {
    detail.wards.iter().filter(|row| row.now.affected > 0 && row.on_it.is_none()).count() as u64
}

/// What is to be minded: a zero proves something where the data is whole, and nothing where it is not.
fn remarks(detail: &CampaignDetail, t: &Texts) -> Vec<(Tone, String)> {
    let mut all = Vec::new();
    let sound = detail.data.complete && !detail.data.starter_only;
    if !detail.known {
        all.push((Tone::Unknown, t.not_known.to_owned()));
    } else if detail.campaign.closed.is_none() && detail.now().open() == 0 {
        all.push(match sound && detail.totals.ruled_out == 0 {
            true => (Tone::Good, t.proved.to_owned()),
            false if sound => (Tone::Known, (t.ruled_out)(detail.totals.ruled_out)),
            false => (Tone::Unknown, t.nothing_proved.to_owned()),
        });
    }
    if detail.totals.ruled_out > 0 && detail.now().open() > 0 {
        all.push((Tone::Known, (t.ruled_out)(detail.totals.ruled_out)));
    }
    all
}

/// "Am I affected?", in numbers that lead to the devices.
fn counts(detail: &CampaignDetail, t: &Texts) -> Vec<(Tone, &'static str, String, String)> {
    let totals = &detail.totals;
    let open = totals.affected + totals.cannot_tell;
    let ask = Link::to("/affected").with("q", &detail.campaign.weakness);
    let link = |key: &'static str, value: &str| ask.with(key, value).to_string();
    let rows = [
        (weakness_tone(&detail.weakness), t.affected, totals.affected, link("answer", "affected")),
        (Tone::Unknown, t.cannot_tell, totals.cannot_tell, link("answer", "cannot_tell")),
        (Tone::Plan, t.exposed, totals.outside, link("exposure", "outside")),
        (Tone::Plain, t.not_affected, totals.fleet.saturating_sub(open), link("answer", "not_affected")),
    ];
    rows.into_iter().map(|(tone, word, count, link)| (tone, word, words::number(count), link)).collect()
}

fn step_view(row: &StepRow, now: Timestamp, t: &Texts) -> StepView {
    let name = match row.step {
        Step::Known => t.known,
        Step::Questions => t.questions,
        Step::Owners => t.owners,
        Step::Shields => t.shields,
        Step::Fixes => t.fixes,
        Step::Whole => t.whole,
    };
    let took = match (row.begun, row.ended) {
        (Some(begun), Some(ended)) => took(begun, ended, t),
        (Some(begun), None) => (t.runs_since)(&took(begun, now, t)),
        (None, _) => String::new(),
    };
    StepView {
        name,
        tone: match (row.begun.is_some(), row.ended.is_some()) {
            (_, true) => Tone::Known,
            (true, false) => Tone::Plan,
            (false, false) => Tone::Plain,
        },
        how_far: match (row.step, row.begun) {
            (_, None) => t.not_begun.to_owned(),
            (Step::Known | Step::Whole, _) if row.ended.is_some() => texts().actions.done.to_owned(),
            (Step::Known | Step::Whole, _) => t.running.to_owned(),
            _ => (t.done_of)(row.done, row.all),
        },
        begun: row.begun.map(words::day).unwrap_or_default(),
        took,
    }
}

/// How long something took, in the largest unit that says enough.
fn took(from: Timestamp, to: Timestamp, t: &Texts) -> String {
    let hours = to.duration_since(from).as_hours().max(0).unsigned_abs();
    match hours {
        0 => t.under_an_hour.to_owned(),
        1..72 => (t.hours)(hours),
        _ => (t.days)(hours / 24),
    }
}

/// Wards drawn; the others are one row together.
const DRAWN: usize = 24;
/// Days of the table behind the picture.
const COLUMNS: usize = 6;

fn burn_view(detail: &CampaignDetail) -> BurnView {
    let t = &texts().campaigns;
    let looks = &detail.looks;
    let (from, to) = match (looks.first(), looks.last()) {
        (Some(first), Some(last)) => (first.at, last.at),
        _ => (detail.campaign.started, detail.at),
    };
    let span = to.duration_since(from).as_secs_f64().max(1.0);
    let at = |look: &Look| look.at.duration_since(from).as_secs_f64() / span;
    let point = |look: &Look, counts: Counts| burn::Point {
        at: at(look),
        affected: counts.affected,
        cannot_tell: counts.cannot_tell,
        sound: look.sound,
    };
    let name = |ward: &Ward| (t.place)(&ward.ward, &ward.site);
    let mut rows = vec![burn::Row {
        name: t.all_wards.to_owned(),
        points: looks.iter().map(|look| point(look, look.total())).collect(),
    }];
    for row in detail.wards.iter().take(DRAWN) {
        let points = looks.iter().map(|look| point(look, look.of(&row.ward))).collect();
        rows.push(burn::Row { name: name(&row.ward), points });
    }
    if let Some(rest) = detail.wards.get(DRAWN..).filter(|rest| !rest.is_empty()) {
        let sum = |look: &Look| rest.iter().fold(Counts::default(), |sum, row| sum.and(look.of(&row.ward)));
        let points = looks.iter().map(|look| point(look, sum(look))).collect();
        rows.push(burn::Row { name: (t.more_wards)(rest.len() as u64), points });
    }
    let fill = if weakness_tone(&detail.weakness) == Tone::Act { "fill-act" } else { "fill-plan" };
    let days = (words::day(from), words::day(to));
    let draw = |width, names, class| {
        let layout = burn::Layout { width, names, class, fill };
        burn::down(&rows, layout, (&days.0, &days.1), t.burn_name)
    };
    let shown = columns(looks);
    let open = |look: Option<&Look>| look.map_or(0, |look| look.total().open());
    BurnView {
        reading: (t.burn_reading)(&days.0, open(looks.first()), &days.1, open(looks.last())),
        wide: draw(860.0, 230.0, "wide-only"),
        narrow: draw(380.0, 176.0, "narrow-only"),
        days: shown.iter().map(|look| words::day(look.at)).collect(),
        rows: table(detail, &shown),
    }
}

/// The looks of the table: the first, the last, and some in between, the last of each day.
fn columns(looks: &[Look]) -> Vec<&Look> {
    let mut last: Vec<&Look> = Vec::new();
    for look in looks {
        match last.last() {
            Some(before) if before.day == look.day && last.len() > 1 => {
                last.pop();
                last.push(look);
            }
            _ => last.push(look),
        }
    }
    let step = last.len().saturating_sub(1).div_ceil(COLUMNS - 1).max(1);
    let end = last.len().saturating_sub(1);
    let kept = last.into_iter().enumerate().filter(|(at, _)| at.is_multiple_of(step) || *at == end);
    kept.map(|(_, look)| look).collect()
}

fn table(detail: &CampaignDetail, looks: &[&Look]) -> Vec<(String, Vec<String>)> {
    let t = &texts().campaigns;
    let cell = |look: &Look, counts: Counts| {
        let (affected, unclear) = (words::number(counts.affected), words::number(counts.cannot_tell));
        let cell = if counts.cannot_tell > 0 { format!("{affected} + {unclear}") } else { affected };
        if look.sound { cell } else { format!("{cell}*") }
    };
    let all = looks.iter().map(|look| cell(look, look.total())).collect();
    let wards = detail.wards.iter().map(|row| {
        let cells = looks.iter().map(|look| cell(look, look.of(&row.ward))).collect();
        ((t.place)(&row.ward.ward, &row.ward.site), cells)
    });
    std::iter::once((t.all_wards.to_owned(), all)).chain(wards).collect()
}

fn ward_view(row: &CampaignWard, detail: &CampaignDetail) -> WardView {
    let t = &texts().campaigns;
    let tone = match (row.now.affected, row.now.cannot_tell) {
        (1.., _) => weakness_tone(&detail.weakness),
        (0, 1..) => Tone::Unknown,
        (0, 0) => Tone::Plain,
    };
    let on_it = row.on_it.as_ref().map(|on_it| {
        let (tone, due) = when_words(on_it, detail.at);
        (tone, format!("{}: {}", on_it.action.owner, on_it.action.kind.row().name), due)
    });
    WardView {
        name: (t.place)(&row.ward.ward, &row.ward.site),
        site: row.ward.site.clone(),
        ward: row.ward.ward.clone(),
        devices: words::number(row.now.devices.max(row.start.devices)),
        affected: (t.then_to_now)(row.start.affected, row.now.affected),
        unclear: words::number(row.now.cannot_tell),
        outside: words::number(row.now.outside),
        on_it,
        tone,
        left: row.now.open() > 0,
    }
}

fn question_view(row: &OpenQuestion, now: Timestamp) -> QuestionView {
    let t = &texts().campaigns;
    let asked = |row: &ActionRow| {
        let whom = row.action.asked.as_ref().map_or("", |asked| asked.whom.as_str());
        (t.asked)(whom, &words::due(row.action.due, now))
    };
    QuestionView {
        fact: row.fact.clone(),
        devices: (texts().counts.devices)(row.devices),
        text: (texts().affected.question_text)(row.reason, &row.fact),
        asked: row.asked.as_ref().map(asked),
        link: row.key.as_ref().map(|key| format!("/unknowns/{}", crate::web::link::Encoded(key))),
    }
}

fn action_view(row: &ActionRow, now: Timestamp) -> ActionView {
    let (tone, due) = when_words(row, now);
    let (stage_tone, stage, remark) = stage_words(row);
    ActionView {
        what: row.action.what.clone(),
        kind: row.action.kind.row().name,
        owner: row.action.owner.clone(),
        tone,
        due,
        stage_tone,
        stage,
        remark,
    }
}

/// What is still open, a line each: shown before it ends, and in the report.
fn still_open(detail: &CampaignDetail, nobody: u64, t: &Texts) -> Vec<String> {
    let left = detail.now();
    let waiting = detail.waiting().count() as u64;
    let asked = detail.questions.len() as u64;
    let lines = [
        (left.open() > 0).then(|| (t.open_devices)(left.affected, left.cannot_tell)),
        (nobody > 0).then(|| (t.open_wards)(nobody)),
        (waiting > 0).then(|| (t.open_acts)(waiting)),
        (asked > 0).then(|| (t.open_asked)(asked)),
    ];
    lines.into_iter().flatten().collect()
}

/// `POST /campaigns/start`
pub(crate) async fn start(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let weakness = submission.field("weakness").unwrap_or_default();
    let actor = submission.visitor.actor();
    let started = campaigns::start(&state.ctx, &actor, weakness, submission.field("name")).await?;
    Ok(Redirect::to(&format!("/campaigns/{}", started.id)))
}

/// `POST /campaigns/{id}/assign`
pub(crate) async fn assign(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let text = |name: &str| submission.field(name).map(str::to_owned);
    let sent = ActionSent {
        what: text("what").unwrap_or_default(),
        owner: text("owner").unwrap_or_default(),
        due: text("due").unwrap_or_default(),
        kind: text("kind"),
        amount: text("amount"),
        ..ActionSent::default()
    };
    let mut new = sent.action()?;
    new.window = window(&submission)?;
    // A ward without a name is a ward, too; all of them are asked for by a field of its own.
    new.ward = submission
        .field("everywhere")
        .is_none()
        .then(|| Ward { site: text("site").unwrap_or_default(), ward: text("ward").unwrap_or_default() });
    campaigns::assign(&state.ctx, &submission.visitor.actor(), id_of(&id)?, new).await?;
    Ok(Redirect::to(&format!("/campaigns/{id}#wards")))
}

/// `POST /campaigns/{id}/ask`
pub(crate) async fn ask(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let field = |name: &str| submission.field(name).unwrap_or_default().to_owned();
    let due = answer_day(&field("due"))?;
    let command = AskWhom { fact: field("fact"), whom: field("whom"), owner: field("owner"), due };
    campaigns::ask_whom(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &command).await?;
    Ok(Redirect::to(&format!("/campaigns/{id}#questions")))
}

/// `POST /campaigns/{id}/close`
pub(crate) async fn close(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let sentence = submission.field("sentence").unwrap_or_default();
    campaigns::close(&state.ctx, &submission.visitor.actor(), id_of(&id)?, sentence).await?;
    Ok(Redirect::to(&format!("/campaigns/{id}/report")))
}

/// `POST /campaigns/{id}/reopen`
pub(crate) async fn reopen(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    campaigns::reopen(&state.ctx, &submission.visitor.actor(), id_of(&id)?).await?;
    Ok(Redirect::to(&format!("/campaigns/{id}")))
}

/// `GET /campaigns/{id}/report.csv`: a row for each ward and look.
pub(crate) async fn csv(
    frame: Frame,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (ctx, actor, id) = (state.ctx.clone(), frame.visitor.actor(), id_of(&id)?);
    // Asked for once: the whole of it is some hundred rows.
    let rows = bedrail_app::exports::campaign_rows(&campaigns::get(&ctx, &actor, id).await?);
    let total = rows.len() as u64;
    let fetch = move |_| {
        let rows = rows.clone();
        async move { Ok((rows, total)) }
    };
    export::stream("campaign.csv", bedrail_app::exports::CAMPAIGN_HEADER, fetch).await
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::sample;
    let detail = sample::campaign();
    let (start, now) = (detail.start(), detail.now());
    let row = CampaignRow { campaign: detail.campaign, start, now, open_actions: 3 };
    show(&list_view(sample::frame("/campaigns"), &[row], sample::now()))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    show(&view(sample::frame("/campaigns/x"), &sample::campaign(), "USD", false))
}

/// The report with made-up values.
#[cfg(test)]
pub(crate) fn sample_report() -> Page {
    use crate::web::sample;
    show(&view(sample::frame("/campaigns/x/report"), &sample::campaign(), "USD", true))
}
