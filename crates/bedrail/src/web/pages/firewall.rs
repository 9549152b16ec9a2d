//! Firewalls in front of devices: the register, one of them with its sites, and a proposed exclusion.

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Redirect;
use bedrail_app::firewall::{
    self, Family, Firewall, FirewallDetail, FirewallRow, Mode, Probed, Product, Proposal, SiteDetail,
    State as Counts, Wanted,
};
use bedrail_app::rights::Right;
use bedrail_model::text::harmless;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Page, id_of, show};
use crate::web::assets;
use crate::web::draw::blocked;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::state::State;
use crate::web::taken_firewall::{ExclusionSent, FirewallSent};
use crate::web::texts::keys::FirewallPage as Texts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// Rules drawn of a site; the table has more.
const DRAWN: usize = 10;

#[derive(Template)]
#[template(path = "firewall.html")]
struct ListPage {
    frame: Frame,
    headline: String,
    rows: Vec<RowView>,
    products: Vec<Choice>,
    modes: Vec<Choice>,
    families: Vec<FamilyView>,
    today: String,
    may: bool,
}

struct RowView {
    link: String,
    name: String,
    product: &'static str,
    mode: (Tone, String),
    rules: String,
    devices: String,
    said: String,
    state: (Tone, &'static str),
}

/// Which weaknesses which rules cover.
struct FamilyView {
    name: &'static str,
    weaknesses: String,
    kinds: String,
    components: String,
    rules: String,
    limits: &'static str,
}

#[derive(Template)]
#[template(path = "firewall_one.html")]
struct OnePage {
    frame: Frame,
    id: String,
    headline: String,
    facts: Vec<(&'static str, String)>,
    troubles: Vec<String>,
    devices: Vec<(String, String)>,
    own: bool,
    kept: String,
    sites: Vec<SiteView>,
    judges: Vec<(String, String)>,
    candidate: Option<String>,
    words: Vec<(String, Tone, &'static str, String)>,
    may: bool,
}

struct SiteView {
    number: usize,
    key: String,
    mode: (Tone, &'static str),
    sentence: String,
    never: String,
    devices: Vec<(String, String)>,
    typed: String,
    picture: Option<(String, String, String)>,
    rules: Vec<(String, String, String, String, String)>,
    paths: Vec<(String, String, String)>,
    suspects: Vec<SuspectView>,
    shields: Vec<(String, Tone, &'static str, String)>,
}

struct SuspectView {
    rule: u32,
    message: String,
    place: String,
    path: String,
    method: String,
    seen: String,
    preview: String,
}

#[derive(Template)]
#[template(path = "firewall_proposal.html")]
struct ProposalPage {
    frame: Frame,
    headline: String,
    back: String,
    text: String,
    preview: String,
    guards: String,
    paths: Vec<(String, String)>,
}

/// `GET /firewall`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>) -> Page {
    let rows = firewall::list(&state.ctx, &frame.visitor.actor()).await?;
    show(&list_view(frame, &rows, state.now()))
}

fn list_view(frame: Frame, rows: &[FirewallRow], now: Timestamp) -> ListPage {
    let t = &texts().firewall;
    let blocks = |row: &&FirewallRow| {
        row.state == Counts::Fresh
            && (row.firewall.mode == Mode::Block || row.sites.iter().any(|(_, mode)| *mode == Mode::Block))
    };
    let blocking = rows.iter().filter(blocks).count() as u64;
    let others = Product::ALL.into_iter().filter(|it| *it != Product::Own);
    ListPage {
        headline: (t.headline)(blocking, rows.len() as u64),
        rows: rows.iter().map(|row| row_view(row, t)).collect(),
        products: Choice::list(others.map(|it| (it.code(), it.words())), None),
        modes: Choice::list(Mode::ALL.map(|it| (it.code(), it.words())), None),
        families: firewall::families().iter().map(family_view).collect(),
        today: now.to_zoned(TimeZone::UTC).date().to_string(),
        may: frame.visitor.may(Right::HandleAlerts),
        frame,
    }
}

fn family_view(it: &Family) -> FamilyView {
    let numbers = |rules: &[u32]| rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    FamilyView {
        name: it.name,
        weaknesses: it.weaknesses.join(", "),
        kinds: it.kinds.join(", "),
        components: it.components.join(", "),
        rules: numbers(it.rules),
        limits: it.limits,
    }
}

fn mode_tone(mode: Mode) -> Tone {
    match mode {
        Mode::Block => Tone::Good,
        Mode::Detect => Tone::Plan,
        Mode::Off => Tone::Act,
        Mode::Unknown => Tone::Unknown,
    }
}

fn state_view(state: Counts, t: &Texts) -> (Tone, &'static str) {
    match state {
        Counts::Fresh => (Tone::Good, t.fresh),
        Counts::Expired => (Tone::Unknown, t.expired),
        Counts::Silent => (Tone::Act, t.silent),
        Counts::Unread => (Tone::Act, t.unread),
    }
}

fn row_view(row: &FirewallRow, t: &Texts) -> RowView {
    let it = &row.firewall;
    let of = |mode: Mode| row.sites.iter().filter(|(_, one)| *one == mode).count() as u64;
    let mode = if row.sites.is_empty() {
        (mode_tone(it.mode), it.mode.words().to_owned())
    } else {
        let worst = [Mode::Unknown, Mode::Off, Mode::Detect].into_iter().find(|mode| of(*mode) > 0);
        let each = Mode::ALL.into_iter().filter(|mode| of(*mode) > 0);
        let each: Vec<String> = each.map(|mode| (t.sites_do)(of(mode), mode.words())).collect();
        (mode_tone(worst.unwrap_or(Mode::Block)), each.join(", "))
    };
    RowView {
        link: format!("/firewall/{}", it.id),
        name: harmless(&it.name).into_owned(),
        product: it.product.words(),
        mode,
        rules: row.rule_days.map_or_else(|| t.not_said.to_owned(), t.days_old),
        devices: words::number(row.devices),
        said: said(it, t),
        state: state_view(row.state, t),
    }
}

fn said(it: &Firewall, t: &Texts) -> String {
    let until = it.expires.map(words::civil).unwrap_or_default();
    (t.said)(&harmless(&it.said_by), &words::day(it.added), &until)
}

fn text(submission: &Submission, name: &str) -> String {
    submission.field(name).unwrap_or_default().to_owned()
}

fn some(submission: &Submission, name: &str) -> Option<String> {
    submission.field(name).map(str::to_owned)
}

/// What a field with one name a line says.
fn lines(submission: &Submission, name: &str) -> Vec<String> {
    text(submission, name).split(['\n', ',']).map(|line| line.trim().to_owned()).collect()
}

/// `POST /firewall/add`
pub(crate) async fn add(Extract(state): Extract<State>, submission: Submission) -> Result<Redirect, Failure> {
    let sent = FirewallSent {
        name: text(&submission, "name"),
        product: text(&submission, "product"),
        mode: text(&submission, "mode"),
        rules_on: some(&submission, "rules_on"),
        proof: text(&submission, "proof"),
        document: some(&submission, "document"),
        said_by: text(&submission, "said_by"),
        expires: some(&submission, "expires"),
        devices: lines(&submission, "devices"),
    };
    let id = firewall::add(&state.ctx, &submission.visitor.actor(), &sent.command()?).await?;
    Ok(Redirect::to(&format!("/firewall/{id}")))
}

/// `POST /firewall/{id}/devices`
pub(crate) async fn place(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let (site, devices) = (text(&submission, "site"), lines(&submission, "devices"));
    firewall::place(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &site, &devices).await?;
    Ok(Redirect::to(&format!("/firewall/{id}")))
}

/// `POST /firewall/{id}/withdraw`
pub(crate) async fn withdraw(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    firewall::withdraw(&state.ctx, &submission.visitor.actor(), id_of(&id)?).await?;
    Ok(Redirect::to("/firewall"))
}

/// `POST /firewall/{id}/exclusion`
pub(crate) async fn propose(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Page {
    let sent = ExclusionSent {
        site: text(&submission, "site"),
        rule: text(&submission, "rule").parse().unwrap_or_default(),
        place: text(&submission, "place"),
        path: some(&submission, "path"),
        method: some(&submission, "method"),
        reason: text(&submission, "reason"),
        until: some(&submission, "until"),
    };
    let wanted = sent.command()?;
    let proposal = firewall::propose(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &wanted).await?;
    show(&proposal_view(submission.frame(&format!("/firewall/{id}")), &id, &wanted, &proposal))
}

fn proposal_view(frame: Frame, id: &str, wanted: &Wanted, it: &Proposal) -> ProposalPage {
    let t = &texts().firewall;
    let guards: Vec<String> = it.guards.iter().map(ToString::to_string).collect();
    ProposalPage {
        headline: (t.proposal_headline)(wanted.rule, &harmless(&wanted.place), &harmless(&wanted.site)),
        back: format!("/firewall/{id}"),
        text: bedrail_model::text::harmless_lines(&it.text).into_owned(),
        preview: (t.preview)(it.preview.through, it.preview.through_of_others, it.preview.perhaps),
        guards: (t.guards)(&guards.join(", ")),
        paths: it
            .preview
            .paths
            .iter()
            .map(|(path, count)| (harmless(path).into_owned(), words::number(*count)))
            .collect(),
        frame,
    }
}

/// `GET /firewall/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = firewall::get(&state.ctx, &frame.visitor.actor(), id_of(&id)?).await?;
    show(&one_view(frame, &detail, state.now()))
}

fn links(devices: &[(bedrail_model::ids::DeviceId, String)]) -> Vec<(String, String)> {
    devices.iter().map(|(id, name)| (harmless(name).into_owned(), format!("/devices/{id}"))).collect()
}

fn one_view(frame: Frame, detail: &FirewallDetail, now: Timestamp) -> OnePage {
    let t = &texts().firewall;
    let (row, it) = (&detail.row, &detail.row.firewall);
    let report = detail.report.as_ref();
    let mut troubles: Vec<String> = Vec::new();
    troubles.extend(row.trouble.as_ref().map(|text| (t.report_trouble)(&harmless(text))));
    troubles.extend(detail.kept.trouble.as_ref().map(|text| (t.events_trouble)(&harmless(text))));
    let lost = report.map_or(0, |report| report.status.events_lost);
    troubles.extend((lost > 0).then(|| (t.lost)(lost)));
    let current = report.and_then(|report| report.rules.current.as_ref());
    let mut facts = vec![
        (t.product, it.product.words().to_owned()),
        (t.state, state_view(row.state, t).1.to_owned()),
        (t.devices, words::number(row.devices)),
        (t.rules_age, row.rule_days.map_or_else(|| t.not_said.to_owned(), t.days_old)),
        (t.said_by, said(it, t)),
    ];
    facts.extend((it.product != Product::Own).then(|| (t.mode, it.mode.words().to_owned())));
    facts.extend((!it.proof.is_empty()).then(|| (t.proof, harmless(&it.proof).into_owned())));
    facts.extend(it.document.map(|id| (t.document, id.to_string())));
    facts.extend(row.heard.map(|at| (t.heard, words::ago(at, now))));
    facts
        .extend(current.map(|set| (t.rule_set, format!("{} {}", harmless(&set.id), harmless(&set.version)))));
    let judges = report.map(|report| report.status.judges.as_slice()).unwrap_or_default();
    let kept = &detail.kept;
    OnePage {
        id: it.id.to_string(),
        headline: (t.one_headline)(&harmless(&it.name), row.devices),
        facts,
        troubles,
        devices: links(&detail.devices),
        own: it.product == Product::Own,
        kept: match kept.span {
            Some((from, to)) => (t.kept)(kept.events, &words::minute(from), &words::minute(to)),
            None => t.kept_none.to_owned(),
        },
        sites: detail.sites.iter().enumerate().map(|(number, site)| site_view(number, site, t)).collect(),
        judges: judges
            .iter()
            .map(|judge| {
                let roles = judge.roles.join(", ");
                let times = (t.times)(judge.judged, judge.p50_micros, judge.p99_micros, judge.failed);
                (format!("{} {}", harmless(&judge.rule_set), harmless(&roles)), times)
            })
            .collect(),
        candidate: report.and_then(|report| report.rules.candidate.as_ref()).map(|it| {
            let at = it.sites.iter().map(|one| format!("{}: {}", harmless(&one.site), harmless(&one.stage)));
            (t.candidate)(&harmless(&it.id), &harmless(&it.stage), &at.collect::<Vec<_>>().join(", "))
        }),
        words: detail
            .words
            .iter()
            .map(|word| {
                let (tone, mark) = if word.alert { (Tone::Act, t.look) } else { (Tone::Plain, t.noted) };
                (words::time(word.at), tone, mark, harmless(&word.text).into_owned())
            })
            .collect(),
        may: frame.visitor.may(Right::HandleAlerts),
        frame,
    }
}

/// What the firewall costs at a site, and the WebSockets that it ended.
fn adds(it: &SiteDetail, t: &Texts) -> String {
    let site = &it.site;
    let adds = (t.adds)(site.added_p50_micros, site.added_p99_micros);
    match site.websockets_closed {
        0 => adds,
        closed => format!("{adds} {}", (t.sockets_closed)(closed)),
    }
}

fn site_view(number: usize, it: &SiteDetail, t: &Texts) -> SiteView {
    let site = &it.site;
    let mode = site.mode();
    let on_error = if site.on_error == "closed" { t.closed } else { t.open };
    let approved = site.approved_by.as_deref().map(|by| harmless(by).into_owned()).unwrap_or_default();
    let counts = [site.requests, site.blocked, site.would_block, site.refused, site.not_judged];
    let rows: Vec<blocked::Row> = it
        .rules
        .iter()
        .take(DRAWN)
        .map(|row| blocked::Row {
            name: format!("{} {}", row.rule, harmless(&row.message)),
            blocked: row.count.blocked,
            would_block: row.count.would_block,
        })
        .collect();
    let picture = it.rules.first().map(|first| {
        let all = it.paths.iter().map(|path| path.count.all()).sum();
        let reading = (t.reading)(&harmless(&site.key), all, first.rule, first.count.all());
        let wide = blocked::draw(&rows, 900.0, 380.0, "wide-only", &reading);
        (reading.clone(), wide, blocked::draw(&rows, 340.0, 120.0, "narrow-only", &reading))
    });
    SiteView {
        number,
        key: harmless(&site.key).into_owned(),
        mode: (mode_tone(mode), mode.words()),
        sentence: format!("{} {}", (t.site)(on_error, &approved, &counts), adds(it, t)),
        never: site.never_block.iter().map(|path| harmless(path).into_owned()).collect::<Vec<_>>().join(", "),
        typed: it.devices.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>().join("\n"),
        devices: links(&it.devices),
        picture,
        rules: it
            .rules
            .iter()
            .map(|row| {
                let message = harmless(&row.message).into_owned();
                let [blocked, would, clients] =
                    [row.count.blocked, row.count.would_block, row.clients].map(words::number);
                (row.rule.to_string(), message, blocked, would, clients)
            })
            .collect(),
        paths: it
            .paths
            .iter()
            .map(|row| {
                let [blocked, would] = [row.count.blocked, row.count.would_block].map(words::number);
                (harmless(&row.class).into_owned(), blocked, would)
            })
            .collect(),
        suspects: it
            .suspects
            .iter()
            .map(|(row, preview)| SuspectView {
                rule: row.rule,
                message: harmless(&row.message).into_owned(),
                place: harmless(&row.place).into_owned(),
                path: row.path.as_deref().map(|it| harmless(it).into_owned()).unwrap_or_default(),
                method: row.method.as_deref().map(|it| harmless(it).into_owned()).unwrap_or_default(),
                seen: (t.seen)(row.requests, row.clients, row.others),
                preview: (t.preview)(preview.through, preview.through_of_others, preview.perhaps),
            })
            .collect(),
        shields: it.shields.iter().map(|row| shield_view(row, mode, t)).collect(),
    }
}

fn shield_view(row: &Probed, mode: Mode, t: &Texts) -> (String, Tone, &'static str, String) {
    let (tone, mark) = match mode {
        _ if row.objected < row.probes => (Tone::Act, t.leaks),
        Mode::Block if row.stopped == row.probes => (Tone::Good, t.stops),
        Mode::Block => (Tone::Act, t.leaks),
        Mode::Detect | Mode::Off | Mode::Unknown => (Tone::Plan, t.sees),
    };
    let missed = row.missed.iter().map(|it| harmless(it).into_owned()).collect::<Vec<_>>().join("; ");
    let words = (t.probed)(row.stopped, row.probes, &words::minute(row.at), &missed);
    (harmless(&row.family).into_owned(), tone, mark, words)
}

/// The pages with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::sample;
    let own = sample::firewall();
    show(&list_view(sample::frame("/firewall"), &[own.row, sample::firewall_of_others()], sample::now()))
}

#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    show(&one_view(sample::frame("/firewall"), &sample::firewall(), sample::now()))
}

#[cfg(test)]
pub(crate) fn sample_proposal() -> Page {
    use crate::web::sample;
    let (wanted, proposal) = sample::proposal();
    show(&proposal_view(sample::frame("/firewall"), "x", &wanted, &proposal))
}
