//! Am I affected? One box, one sentence, the map, the list.

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::response::Response;
use bedrail_app::affected::{self, Affected, AffectedDevice, OneOfSeveral, Understood};
use bedrail_app::audit::{self, Exported};
use bedrail_app::exports;
use bedrail_app::firewall::Between;
use bedrail_app::page::{MAX_LIMIT, PageRequest};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::device::Exposure;
use bedrail_model::finding::Weakness;
use bedrail_model::text::harmless;
use jiff::Timestamp;

use super::decisions::DecidedView;
use super::exposure::said_by;
use super::{Page, show};
use crate::answer;
use crate::web::assets;
use crate::web::draw::map::{self, Style, Ward};
use crate::web::error::Failure;
use crate::web::export;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::answer_word;
use crate::web::parts::{Choice, ExportButton, Grounds, Pager, WeaknessWords, Why, release_name};
use crate::web::query::AffectedQuery;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words::{self, DataNote};

#[derive(Template)]
#[template(path = "affected_empty.html")]
struct EmptyPage {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "affected.html")]
struct AffectedPage {
    frame: Frame,
    text: String,
    headline: String,
    doubtful: Option<String>,
    data: DataNote,
    weakness: Option<WeaknessWords>,
    remarks: Vec<String>,
    several: Vec<OneView>,
    next: Step,
    /// Where a decision for the devices of the list is taken.
    decide: Option<String>,
    export: ExportButton,
    map: Option<MapView>,
    unknowns: Vec<UnknownView>,
    unknown_devices: String,
    filters: Filters,
    /// `None` where a list would say nothing: every device, for want of any record.
    list: Option<ListView>,
}

/// The devices of one page of the list.
struct ListView {
    rows: Vec<RowView>,
    pager: Pager,
}

/// The one thing most people should do next.
struct Step {
    text: String,
    link: String,
}

/// One of several weaknesses.
struct OneView {
    id: String,
    link: String,
    weakness: Option<WeaknessWords>,
    tone: Tone,
    affected: String,
    cannot_tell: String,
    outside: String,
}

/// The map with its reading and its table.
struct MapView {
    reading: String,
    hit_word: &'static str,
    tone: Tone,
    wide: String,
    narrow: String,
    wards: Vec<WardView>,
}

struct WardView {
    site: String,
    ward: String,
    link: String,
    numbers: [String; 4],
}

/// One fact that would settle devices, with a question ready to send.
struct UnknownView {
    id: String,
    devices: String,
    reason: &'static str,
    settle: String,
    question: String,
}

struct Filters {
    sites: Vec<Choice>,
    wards: Vec<Choice>,
    exposures: Vec<Choice>,
    answers: Vec<Choice>,
    owners: Vec<Choice>,
    active: bool,
    clear: String,
}

struct RowView {
    link: String,
    name: String,
    kind: String,
    release: String,
    place: String,
    owner: Option<String>,
    exposure: &'static str,
    exposure_tone: Tone,
    /// Who says so, and how old that is.
    exposure_by: String,
    component: String,
    path: String,
    tone: Tone,
    answer: &'static str,
    reason: &'static str,
    /// Where several weaknesses were asked for, those that affect the device.
    affected_by: String,
    why: Why,
    /// What was decided for it.
    decided: Option<DecidedView>,
    /// Whether a firewall shields what it is affected by. It is affected all the same.
    shielded: bool,
}

/// `GET /affected`
pub(crate) async fn page(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<AffectedQuery>,
) -> Page {
    let Some(question) = query.question()? else {
        return show(&EmptyPage { frame });
    };
    let request = query.paging.request();
    let answer = affected::ask(&state.ctx, &frame.visitor.actor(), &question, &request).await?;
    show(&view(frame, &question, &query.link(), &request, &answer, state.now()))
}

/// `GET /affected.csv`: the whole list, filters applied.
pub(crate) async fn csv(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<AffectedQuery>,
) -> Result<Response, Failure> {
    let question =
        query.question()?.ok_or_else(|| bedrail_app::Error::invalid("there is no question to export"))?;
    let actor = visitor.actor();
    let ctx = state.ctx.clone();
    audit::note_export(&ctx, &actor, Exported::Answer, &query.link().to_string()).await?;
    let fetch = move |offset| {
        let (ctx, actor, question) = (ctx.clone(), actor.clone(), question.clone());
        async move {
            let request = PageRequest::at(offset, MAX_LIMIT);
            let answer = affected::ask(&ctx, &actor, &question, &request).await?;
            Ok((answer.rows.iter().map(exports::affected_row).collect(), answer.matching))
        }
    };
    export::stream("affected.csv", exports::AFFECTED_HEADER, fetch).await
}

fn view(
    frame: Frame,
    question: &affected::Question,
    link: &Link,
    request: &PageRequest,
    answer: &Affected,
    now: Timestamp,
) -> AffectedPage {
    let weakness = match &answer.understood {
        Understood::Weakness(weakness) => Some(weakness.as_ref()),
        _ => None,
    };
    AffectedPage {
        frame,
        text: question.text.clone(),
        headline: answer::known(answer),
        doubtful: answer::doubtful(answer),
        data: DataNote::of(&answer.data, now),
        weakness: weakness.map(|weakness| WeaknessWords::of(weakness, now)),
        remarks: answer::remarks(answer),
        several: several(&answer.understood, now),
        next: next_step(answer, link),
        decide: decide(answer, link),
        export: ExportButton::of(&link.at("/affected.csv").without("limit"), answer.matching),
        map: draw_map(answer, link),
        unknowns: answer
            .unknowns
            .iter()
            // No maker can settle what only a record can.
            .filter(|(reason, _, _)| *reason != Reason::NoRecord)
            .enumerate()
            .map(|(index, unknown)| unknown_view(index, unknown))
            .collect(),
        unknown_devices: (texts().counts.devices)(answer.totals.cannot_tell),
        filters: filters(question, answer),
        list: (!answer::nothing_known(answer)).then(|| ListView {
            rows: answer.rows.iter().map(|row| row_view(row, &answer.understood)).collect(),
            pager: Pager::new(
                link,
                answer.rows.len(),
                answer.matching,
                (answer.offset, request.limit),
                texts().counts.devices,
            ),
        }),
    }
}

fn several(understood: &Understood, now: Timestamp) -> Vec<OneView> {
    let Understood::Several { each, .. } = understood else { return Vec::new() };
    let one = |one: &OneOfSeveral| OneView {
        id: one.id.clone(),
        link: Link::to("/affected").with("q", &one.id).to_string(),
        tone: match &one.weakness {
            Some(weakness) if one.totals.affected > 0 => crate::web::parts::weakness_tone(weakness),
            Some(_) if one.totals.cannot_tell == 0 => Tone::Plain,
            _ => Tone::Unknown,
        },
        weakness: one.weakness.as_ref().map(|weakness| WeaknessWords::of(weakness, now)),
        affected: words::number(one.totals.affected),
        cannot_tell: words::number(one.totals.cannot_tell),
        outside: words::number(one.totals.affected_outside),
    };
    each.iter().map(one).collect()
}

fn next_step(answer: &Affected, link: &Link) -> Step {
    let (totals, t) = (&answer.totals, &texts().affected);
    let step = |text: String, link: String| Step { text, link };
    // Where a component was asked for, devices that contain it count whatever the answer.
    let weakness = matches!(answer.understood, Understood::Weakness(_) | Understood::Several { .. });
    let affected = if weakness { link.with("answer", Answer::Affected.code()) } else { link.clone() };
    if answer::nothing_known(answer) {
        step(t.see_age.to_owned(), "/data".to_owned())
    } else if totals.fleet == 0 {
        step(t.import.to_owned(), "/devices/import".to_owned())
    } else if totals.affected_outside > 0 {
        step(
            (t.see_outside)(totals.affected_outside),
            affected.with("exposure", "outside").to_string() + "#list",
        )
    } else if totals.affected_without_owner > 0 {
        step(
            (t.see_nobody)(totals.affected_without_owner),
            affected.with("owned", "false").to_string() + "#list",
        )
    } else if totals.affected > 0 {
        step(t.go_through.to_owned(), "#list".to_owned())
    } else if totals.cannot_tell > 0 {
        step(t.see_settle.to_owned(), "#unknowns".to_owned())
    } else if !answer.data.complete {
        step(t.see_age.to_owned(), "/data".to_owned())
    } else {
        step(t.to_today.to_owned(), "/".to_owned())
    }
}

/// Where a decision on the weaknesses asked for is taken, for the devices that the filters leave.
fn decide(answer: &Affected, link: &Link) -> Option<String> {
    let ids = match &answer.understood {
        Understood::Weakness(weakness) => weakness.id.clone(),
        Understood::Several { each, .. } => {
            let known = each.iter().filter(|one| one.weakness.is_some());
            known.map(|one| one.id.as_str()).collect::<Vec<_>>().join(" ")
        }
        _ => return None,
    };
    let any = answer.matching > 0 && !ids.is_empty();
    any.then(|| link.at("/decisions/new").without("limit").with("weakness", ids).to_string())
}

/// The tone of a hit, whatever the device.
fn hit_tone(understood: &Understood) -> Tone {
    match understood {
        Understood::Weakness(weakness) => crate::web::parts::weakness_tone(weakness),
        Understood::Several { each, .. } => {
            let tones =
                each.iter().filter_map(|one| one.weakness.as_ref()).map(crate::web::parts::weakness_tone);
            if tones.into_iter().any(|tone| tone == Tone::Act) { Tone::Act } else { Tone::Plan }
        }
        Understood::UnknownWeakness(_) => Tone::Plan,
        Understood::Package(_) | Understood::ComponentName { .. } | Understood::Maker(_) => Tone::Plain,
    }
}

fn hit_word(understood: &Understood) -> &'static str {
    let t = texts();
    match understood {
        Understood::Weakness(_) | Understood::UnknownWeakness(_) | Understood::Several { .. } => {
            t.why.affected
        }
        Understood::Package(_) | Understood::ComponentName { .. } => t.affected.contain_it,
        Understood::Maker(_) => t.affected.from_maker,
    }
}

fn draw_map(answer: &Affected, link: &Link) -> Option<MapView> {
    let t = &texts().affected;
    let wards: Vec<Ward> = answer
        .wards
        .iter()
        .map(|ward| Ward {
            site: named(&ward.site, t.no_site),
            ward: named(&ward.ward, t.no_ward),
            devices: ward.devices,
            hit: ward.affected,
            cannot_tell: ward.cannot_tell,
            outside: ward.outside,
        })
        .collect();
    if answer::nothing_known(answer) || answer.totals.affected + answer.totals.cannot_tell == 0 {
        return None;
    }
    let (tone, hit_word) = (hit_tone(&answer.understood), hit_word(&answer.understood));
    let link = link.without("offset");
    let draw =
        |width, height, class| map::map(&wards, &link, &Style { width, height, class, tone, hit_word });
    let most = wards.iter().max_by_key(|ward| (ward.hit, ward.cannot_tell))?;
    Some(MapView {
        reading: (t.map_reading)(&most.ward, &most.site, most.hit, hit_word, most.cannot_tell, most.devices),
        hit_word,
        tone,
        wide: draw(1080.0, 170.0, "wide-only"),
        narrow: draw(360.0, 420.0, "narrow-only"),
        wards: wards
            .iter()
            .filter(|ward| ward.hit + ward.cannot_tell > 0)
            .map(|ward| WardView {
                site: ward.site.clone(),
                ward: ward.ward.clone(),
                link: link.with("site", &ward.site).with("ward", &ward.ward).to_string(),
                numbers: [ward.devices, ward.hit, ward.cannot_tell, ward.outside].map(words::number),
            })
            .collect(),
    })
}

fn named(name: &str, otherwise: &str) -> String {
    if name.is_empty() { otherwise.to_owned() } else { name.to_owned() }
}

fn unknown_view(index: usize, (reason, settle, devices): &(Reason, String, u64)) -> UnknownView {
    UnknownView {
        id: format!("question-{index}"),
        devices: (texts().counts.devices)(*devices),
        reason: reason.sentence(),
        settle: settle.clone(),
        question: (texts().affected.question_text)(*reason, settle),
    }
}

fn filters(question: &affected::Question, answer: &Affected) -> Filters {
    let mut sites: Vec<&String> =
        answer.wards.iter().map(|ward| &ward.site).filter(|site| !site.is_empty()).collect();
    sites.sort();
    sites.dedup();
    let in_site = |site: &str| question.site.as_deref().is_none_or(|wanted| wanted == site);
    let mut wards: Vec<&String> = answer
        .wards
        .iter()
        .filter(|ward| in_site(&ward.site) && !ward.ward.is_empty())
        .map(|ward| &ward.ward)
        .collect();
    wards.sort();
    wards.dedup();
    let exposure = question.exposure.map(Exposure::code);
    let given = question.answer.map(Answer::code);
    let owned = question.owned.map(|owned| if owned { "true" } else { "false" });
    Filters {
        sites: Choice::names(sites, question.site.as_deref()),
        wards: Choice::names(wards, question.ward.as_deref()),
        exposures: Choice::list(
            Exposure::ALL.map(|exposure| (exposure.code(), exposure.sentence())),
            exposure,
        ),
        answers: Choice::list(Answer::ALL.map(|answer| (answer.code(), answer)), given),
        owners: Choice::list(
            [("true", texts().devices.with_owner), ("false", texts().devices.with_nobody)],
            owned,
        ),
        active: question.site.is_some()
            || question.ward.is_some()
            || exposure.is_some()
            || given.is_some()
            || owned.is_some(),
        clear: Link::to("/affected").with("q", &question.text).to_string(),
    }
}

/// The weakness that a row's colour follows: the one asked for, or the most severe of several that affect the device.
fn weakness_of<'a>(row: &AffectedDevice, understood: &'a Understood) -> Option<&'a Weakness> {
    match understood {
        Understood::Weakness(weakness) => Some(weakness),
        Understood::Several { each, .. } => {
            let affecting = each.iter().filter(|one| row.affected_by.contains(&one.id));
            let known = affecting.filter_map(|one| one.weakness.as_ref());
            known.max_by_key(|weakness| (weakness.kev.is_some(), weakness.severity))
        }
        _ => None,
    }
}

fn row_view(row: &AffectedDevice, understood: &Understood) -> RowView {
    let facts = &row.facts;
    let weakness = weakness_of(row, understood);
    let release = release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref());
    let thing = matches!(
        understood,
        Understood::Package(_) | Understood::ComponentName { .. } | Understood::Maker(_)
    );
    let present = thing && row.answer == Answer::Affected;
    let tone = if present {
        Tone::Plain
    } else {
        Tone::of_answer(row.answer, weakness.or(Some(&Weakness::default())), facts.exposure)
    };
    let grounds = Grounds {
        release: &release,
        path: &row.path,
        component: row.component.as_deref(),
        version: row.version.as_deref(),
        purl: row.purl.as_deref(),
        identified: row.identified.as_ref(),
        answer: row.answer,
        reason: row.reason,
        fixed_in: &row.fixed_in,
        evidence: &row.evidence,
    };
    let mut why = Why::of(&grounds);
    if present {
        why.steps.pop();
    }
    if facts.exposure == Exposure::Outside {
        why.steps.push(row.reach.judged.sentence.clone());
    }
    for one in &row.between {
        why.steps.push(harmless(&one.sentence()).into_owned());
        why.steps.extend(one.shields.iter().map(|it| harmless(&it.sentence()).into_owned()));
    }
    RowView {
        decided: row.decision.as_ref().map(DecidedView::of),
        shielded: row.answer == Answer::Affected && row.between.iter().any(Between::holds),
        link: format!("/devices/{}", row.device),
        name: row.name.clone(),
        kind: facts.kind.clone().unwrap_or_default(),
        place: place(facts.site.as_deref(), facts.ward.as_deref()),
        owner: facts.owner.clone(),
        exposure: facts.exposure.sentence(),
        exposure_tone: Tone::of_exposure(facts.exposure),
        exposure_by: said_by(&row.reach),
        component: match (&row.component, &row.version) {
            (Some(name), Some(version)) => format!("{name} {version}"),
            (Some(name), None) => (texts().affected.without_version)(name),
            (None, _) if row.reason == Reason::NoRecord => String::new(),
            (None, _) => texts().devices.no_bill.to_owned(),
        },
        path: if row.path.len() > 1 { row.path[..row.path.len() - 1].join(" → ") } else { String::new() },
        tone,
        answer: if present { texts().affected.contains_it } else { answer_word(row.answer) },
        reason: if present { "" } else { row.reason.sentence() },
        affected_by: match understood {
            Understood::Several { .. } => row.affected_by.join(", "),
            _ => String::new(),
        },
        why,
        release,
    }
}

/// Site and ward in one line.
pub(crate) fn place(site: Option<&str>, ward: Option<&str>) -> String {
    let parts: Vec<&str> = [ward, site].into_iter().flatten().collect();
    if parts.is_empty() { texts().affected.no_place.to_owned() } else { parts.join(", ") }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let question = affected::Question {
        text: "log4shell".into(),
        exposure: None,
        answer: None,
        site: None,
        ward: None,
        owned: None,
    };
    let link = Link::to("/affected").with("q", "CVE-2021-44228");
    let request = PageRequest::default();
    show(&view(sample::frame("/affected"), &question, &link, &request, &sample::affected(), sample::now()))
}
