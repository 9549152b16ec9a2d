//! Beside the queue of alerts: the account that shows that none is lost, where they come from, and written policies.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Redirect;
use bedrail_app::Error;
use bedrail_app::alerts::pause::Wait;
use bedrail_app::alerts::policy::{self, Policy};
use bedrail_app::alerts::prove::{self, PauseCount, Proof, Shift, ShiftWork, Spread, Verdict};
use bedrail_app::alerts::work::Reason;
use bedrail_app::alerts::{self, FOREIGN, NewSource, Source};
use bedrail_app::rights::Right;
use bedrail_model::alert::SourceKind;
use bedrail_model::text::harmless;
use jiff::Timestamp;

use super::alerts::beside;
use super::{Page, id_of, show};
use crate::web::assets;
use crate::web::draw::bars;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::query::AccountQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::views::alerts::SHIFTS;
use crate::web::words::{self, number};

#[derive(Template)]
#[template(path = "alert-account.html")]
struct AccountPage {
    frame: Frame,
    headline: String,
    tone: Tone,
    verdict: &'static str,
    from: String,
    to: String,
    beside: Vec<(String, &'static str)>,
    dispositions: Vec<(String, String, String)>,
    sources: Vec<SourceAccount>,
    not_understood: Vec<(String, String)>,
    picture: Option<String>,
    reading: String,
    days: Vec<(String, String)>,
    times: Vec<(&'static str, String)>,
    people: Vec<(String, u64, u64)>,
    wards: Vec<(String, String, String)>,
    shifts: Vec<ShiftView>,
    pauses: Vec<(&'static str, String)>,
    rules: Vec<(String, String, String)>,
}

struct ShiftView {
    who: String,
    shift: &'static str,
    done: [u64; 3],
}

struct SourceAccount {
    name: String,
    lines: String,
    events: String,
    accounted: String,
    not_understood: String,
    says: String,
    tone: Tone,
    notes: Vec<String>,
}

/// `GET /alerts/account`
pub(crate) async fn account(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<AccountQuery>,
) -> Page {
    let (period, device) = query.period(state.now())?;
    let proof = prove::prove(&state.ctx, &frame.visitor.actor(), period, device).await?;
    show(&account_view(frame, &proof))
}

fn account_view(frame: Frame, proof: &Proof) -> AccountPage {
    let t = &texts().alerts;
    let dispositions = proof.by_disposition.iter().map(|it| {
        let words = match it.code.as_str() {
            "open" => t.open_untaken,
            "taken" => t.open_taken,
            code => Reason::from_code(code).map_or(t.closed, Reason::words),
        };
        let words = if it.by_policy { (t.by_policy)(words) } else { words.to_owned() };
        (words, number(it.events), number(it.items))
    });
    let days: Vec<(String, u64)> =
        proof.by_day.iter().map(|(day, events)| (day.to_string(), *events)).collect();
    let most = days.iter().max_by_key(|(_, events)| *events);
    let reading = most.map(|(day, events)| (t.most_on)(day, *events)).unwrap_or_default();
    let people = proof
        .times
        .by_person
        .iter()
        .map(|(who, taken, closed)| (harmless(who).into_owned(), *taken, *closed));
    let shifts = SHIFTS.iter().zip(proof.times.by_shift);
    let shifts = shifts.filter(|(_, (taken, closed))| taken + closed > 0);
    let shifts = shifts.map(|(name, (taken, closed))| ((*name).to_owned(), taken, closed));
    let (tone, verdict) = match proof.verdict() {
        Verdict::Whole => (Tone::Known, t.holds),
        Verdict::NotAllCame => (Tone::Plan, t.not_all_came),
        Verdict::NothingCame => (Tone::Unknown, t.nothing_came),
        Verdict::Wrong => (Tone::Act, t.differs),
    };
    let wards = proof.wards.iter().map(|it| {
        let place = match &it.place {
            None => t.of_no_device.to_owned(),
            Some((site, ward)) if site.is_empty() && ward.is_empty() => t.no_ward.to_owned(),
            Some((site, ward)) if site.is_empty() || ward.is_empty() => {
                harmless(&format!("{site}{ward}")).into_owned()
            }
            Some((site, ward)) => harmless(&format!("{site}, {ward}")).into_owned(),
        };
        (place, number(it.events), number(it.items))
    });
    AccountPage {
        frame,
        wards: wards.collect(),
        headline: (t.account_headline)(proof.events_in, proof.events_accounted),
        tone,
        verdict,
        from: proof.period.from.to_string(),
        to: proof.period.to.to_string(),
        beside: beside("/alerts/account"),
        dispositions: dispositions.collect(),
        sources: proof.sources.iter().map(source_account).collect(),
        not_understood: proof
            .reasons
            .iter()
            .map(|(why, lines)| (harmless(why).into_owned(), number(*lines)))
            .collect(),
        picture: (days.len() > 1).then(|| bars::columns(&days, 720.0, 160.0, &reading)),
        reading,
        days: days.into_iter().map(|(day, events)| (day, number(events))).collect(),
        times: times_of(proof)
            .into_iter()
            .filter(|(_, spread)| spread.count > 0)
            .map(|(name, spread)| (name, spread_words(&spread)))
            .collect(),
        people: people.chain(shifts).collect(),
        shifts: proof.shifts.iter().map(shift_view).collect(),
        pauses: proof.pauses.iter().map(pause_view).collect(),
        rules: proof
            .rules
            .iter()
            .take(20)
            .map(|(rule, name, events, items)| {
                let name = name.as_deref().unwrap_or(rule);
                (harmless(name).into_owned(), number(*events), number(*items))
            })
            .collect(),
    }
}

fn times_of(proof: &Proof) -> [(&'static str, Spread); 3] {
    let (t, times) = (&texts().alerts, &proof.times);
    [
        (t.until_taken, times.taking),
        (texts().desk.until_decided, times.deciding),
        (t.until_closed, times.closing),
    ]
}

fn shift_view(it: &ShiftWork) -> ShiftView {
    let t = &texts().desk;
    let shift = match it.shift {
        Shift::Early => t.early,
        Shift::Late => t.late,
        Shift::Night => t.night,
    };
    ShiftView { who: harmless(&it.who).into_owned(), shift, done: it.done }
}

fn pause_view(it: &PauseCount) -> (&'static str, String) {
    let name = Wait::from_code(&it.reason).map_or("", |wait| wait.row().words);
    (name, (texts().desk.pause_count)(it.pauses, it.items, it.lasted / 3_600_000_000))
}

fn spread_words(it: &Spread) -> String {
    let time = |seconds: i64| {
        let t = &texts().alerts;
        match seconds {
            ..120 => (t.seconds)(seconds),
            120..7_200 => (t.minutes)(seconds / 60),
            _ => (t.hours)(seconds / 3_600),
        }
    };
    (texts().alerts.spread)(it.count, &time(it.p50), &time(it.p90), it.missed)
}

fn source_account(it: &prove::OfSource) -> SourceAccount {
    let t = &texts().alerts;
    let (says, tone) = match (it.source_reported, it.difference()) {
        (Some(says), Some(0)) => ((t.says_all)(says), Tone::Known),
        (Some(says), Some(missing)) if missing > 0 => {
            ((t.says_missing)(says, missing.unsigned_abs()), Tone::Act)
        }
        (Some(says), more) => ((t.says_more)(says, more.unwrap_or_default().unsigned_abs()), Tone::Plan),
        (None, _) => (t.says_nothing.to_owned(), Tone::Unknown),
    };
    let notes = [
        it.source_lost.filter(|lost| *lost > 0).map(|lost| (t.lost_itself)(lost)),
        (it.lies > 0).then(|| (t.went_back)(it.lies)),
        (it.gaps > 0).then(|| (t.files_lost)(it.gaps)),
        it.missed.map(t.numbers_missed),
    ];
    SourceAccount {
        name: harmless(&it.source.1).into_owned(),
        lines: number(it.lines.all()),
        events: number(it.events_in),
        accounted: number(it.events_accounted),
        not_understood: number(it.lines.not_understood),
        says,
        tone,
        notes: notes.into_iter().flatten().collect(),
    }
}

#[derive(Template)]
#[template(path = "alert-sources.html")]
struct SourcesPage {
    frame: Frame,
    headline: String,
    beside: Vec<(String, &'static str)>,
    rows: Vec<SourceRow>,
    kinds: Vec<Choice>,
    may: bool,
}

struct SourceRow {
    id: String,
    name: String,
    kind: &'static str,
    followed: bool,
    heard: String,
    kept: String,
    tone: Tone,
    state: String,
}

/// `GET /alerts/sources`
pub(crate) async fn sources(frame: Frame, Extract(state): Extract<State>) -> Page {
    let all = alerts::sources(&state.ctx, &frame.visitor.actor()).await?;
    show(&sources_view(frame, &all, state.now()))
}

fn sources_view(frame: Frame, all: &[Source], now: Timestamp) -> SourcesPage {
    let t = &texts().alerts;
    let troubled = all.iter().filter(|it| it.trouble.is_some() || it.silent).count() as u64;
    let rows = all.iter().map(|it| {
        let (tone, state) = match (&it.trouble, it.silent, it.heard) {
            (Some((text, _)), ..) => (Tone::Act, harmless(text).into_owned()),
            (None, true, _) => (Tone::Act, t.silent.to_owned()),
            (None, false, None) => (Tone::Unknown, t.nothing_yet.to_owned()),
            (None, false, Some(_)) if it.is_watched() => (Tone::Known, t.fine.to_owned()),
            (None, false, Some(_)) => (Tone::Unknown, t.unwatched.to_owned()),
        };
        SourceRow {
            id: it.id.to_string(),
            name: harmless(&it.settings.name).into_owned(),
            kind: it.settings.kind.map_or(t.any_kind, SourceKind::code),
            followed: it.settings.path.is_some(),
            heard: it.heard.map(|at| words::time_ago(at, now)).unwrap_or_default(),
            kept: (t.kept_days)(u64::from(it.settings.keep_days)),
            tone,
            state,
        }
    });
    let kinds = FOREIGN.iter().filter(|kind| **kind != SourceKind::Mapped);
    SourcesPage {
        may: frame.visitor.may(Right::HandleAlerts),
        frame,
        headline: (t.sources_headline)(all.len() as u64, troubled),
        beside: beside("/alerts/sources"),
        rows: rows.collect(),
        kinds: Choice::list(kinds.map(|kind| (kind.code(), kind.code())), None),
    }
}

/// `POST /alerts/sources`
pub(crate) async fn add_source(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let number = |name: &str| {
        let text = submission.field(name);
        text.map(|text| text.parse::<u32>().map_err(|_| Error::invalid("days and minutes are numbers")))
            .transpose()
    };
    let kind = submission.field("kind").map(alerts::kind_named).transpose()?;
    let new = NewSource {
        kind,
        keep_days: number("keep_days")?.unwrap_or(alerts::KEEP_DAYS),
        silent_minutes: number("silent_minutes")?,
        ..NewSource::named(submission.field("name").unwrap_or_default())
    };
    alerts::add_source(&state.ctx, &submission.visitor.actor(), &new).await?;
    Ok(Redirect::to("/alerts/sources"))
}

#[derive(Template)]
#[template(path = "alert-policies.html")]
struct PoliciesPage {
    frame: Frame,
    headline: String,
    beside: Vec<(String, &'static str)>,
    rows: Vec<PolicyRow>,
    may: bool,
}

struct PolicyRow {
    id: String,
    name: String,
    what: String,
    why: String,
    by: String,
    tone: Tone,
    state: String,
    in_force: bool,
    link: String,
}

/// `GET /alerts/policies`
pub(crate) async fn policies(frame: Frame, Extract(state): Extract<State>) -> Page {
    let all = policy::list(&state.ctx, &frame.visitor.actor()).await?;
    show(&policies_view(frame, &all))
}

fn policies_view(frame: Frame, all: &[Policy]) -> PoliciesPage {
    let t = &texts().alerts;
    let in_force = all.iter().filter(|it| it.in_force).count() as u64;
    let rows = all.iter().map(|it| {
        let only = [
            it.new.attacker.as_deref().map(|from| (t.from)(&harmless(from))),
            it.new.device.map(|_| t.one_device.to_owned()),
            it.new.not_stopped.then(|| t.also_not_stopped.to_owned()),
        ];
        let only: Vec<String> = only.into_iter().flatten().collect();
        PolicyRow {
            id: it.id.to_string(),
            name: harmless(&it.new.name).into_owned(),
            what: [vec![harmless(&it.new.rule).into_owned()], only].concat().join(", "),
            why: format!("{}: {}", it.new.reason.words(), harmless(&it.new.sentence)),
            by: (t.approved)(&harmless(&it.approved.1), &words::day(it.approved.0)),
            tone: if it.in_force { Tone::Known } else { Tone::Plain },
            state: if it.in_force { (t.until)(&words::day(it.expires)) } else { t.ended.to_owned() },
            in_force: it.in_force,
            link: crate::web::link::Link::to("/alerts")
                .with("state", "closed")
                .with("rule", &it.new.rule)
                .to_string(),
        }
    });
    PoliciesPage {
        may: frame.visitor.may(Right::HandleAlerts),
        frame,
        headline: (t.policies_headline)(in_force),
        beside: beside("/alerts/policies"),
        rows: rows.collect(),
    }
}

/// `POST /alerts/policies/{id}/end`
pub(crate) async fn end_policy(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    policy::end(&state.ctx, &submission.visitor.actor(), id_of(&id)?).await?;
    Ok(Redirect::to("/alerts/policies"))
}

/// The sources with made-up values.
#[cfg(test)]
pub(crate) fn sample_sources() -> Page {
    use crate::web::sample;
    let source = Source {
        id: bedrail_model::ids::AlertSourceId::generate(),
        settings: NewSource::named(sample::HOSTILE),
        added: sample::now(),
        heard: None,
        silent: true,
        trouble: Some((sample::HOSTILE.into(), sample::now())),
    };
    show(&sources_view(sample::frame("/alerts/sources"), &[source], sample::now()))
}

/// The account with made-up values.
#[cfg(test)]
pub(crate) fn sample_account() -> Page {
    use crate::web::sample;
    show(&account_view(sample::frame("/alerts/account"), &sample::alert_account()))
}
