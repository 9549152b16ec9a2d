//! Am I affected? One box, one sentence, the map, the list.

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::response::Response;
use bedrail_app::affected::{self, Affected, AffectedDevice, Understood};
use bedrail_app::page::{MAX_LIMIT, PageRequest};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::device::Exposure;
use bedrail_model::finding::Weakness;
use jiff::Timestamp;

use super::{Page, show};
use crate::web::assets;
use crate::web::draw::map::{self, Style, Ward};
use crate::web::error::Failure;
use crate::web::export;
use crate::web::frame::{self, Frame};
use crate::web::link::Link;
use crate::web::parts::{Choice, Grounds, Pager, WeaknessWords, Why, release_name};
use crate::web::query::AffectedQuery;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::tone::Tone;
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
    data: DataNote,
    weakness: Option<WeaknessWords>,
    remark: Option<String>,
    next: Step,
    export: String,
    map: Option<MapView>,
    unknowns: Vec<UnknownView>,
    unknown_devices: String,
    filters: Filters,
    rows: Vec<RowView>,
    pager: Pager,
}

/// The one thing most people should do next.
struct Step {
    text: String,
    link: String,
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
    component: String,
    path: String,
    tone: Tone,
    answer: &'static str,
    reason: &'static str,
    why: Why,
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
    let request = query.page();
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
    let fetch = move |offset| {
        let (ctx, actor, question) = (ctx.clone(), actor.clone(), question.clone());
        async move {
            let request = PageRequest { offset, limit: MAX_LIMIT };
            let answer = affected::ask(&ctx, &actor, &question, &request).await?;
            Ok((answer.rows.iter().map(export::affected_row).collect(), answer.matching))
        }
    };
    export::stream("affected.csv", export::AFFECTED_HEADER, fetch).await
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
        headline: headline(answer),
        data: DataNote::of(&answer.data, now),
        weakness: weakness.map(|weakness| WeaknessWords::of(weakness, now)),
        remark: remark(&answer.understood),
        next: next_step(answer, link),
        export: link.at("/affected.csv").without("limit").to_string(),
        map: draw_map(answer, link),
        unknowns: answer
            .unknowns
            .iter()
            .enumerate()
            .map(|(index, unknown)| unknown_view(index, unknown))
            .collect(),
        unknown_devices: words::count(answer.totals.cannot_tell, "device"),
        filters: filters(question, answer),
        rows: answer.rows.iter().map(|row| row_view(row, &answer.understood)).collect(),
        pager: Pager::new(link, answer.rows.len(), answer.matching, request, "device"),
    }
}

/// What the question was about, as a phrase.
fn subject(understood: &Understood) -> &str {
    match understood {
        Understood::Weakness(weakness) => &weakness.id,
        Understood::UnknownWeakness(text) | Understood::Package(text) | Understood::Maker(text) => text,
        Understood::ComponentName { text, .. } => text,
    }
}

/// The first line: the answer.
fn headline(answer: &Affected) -> String {
    let (totals, subject) = (&answer.totals, subject(&answer.understood));
    if totals.fleet == 0 {
        return format!("There are no devices here yet, so nothing can be said about {subject}.");
    }
    if let Understood::UnknownWeakness(id) = &answer.understood
        && totals.affected + totals.cannot_tell == 0
    {
        return format!("The data held does not know {id}, so nothing can be said. That is no all-clear.");
    }
    let first = match (totals.affected, totals.cannot_tell) {
        (0, 0) => return nothing_found(answer),
        (0, unknown) => format!(
            "No device is known to {} {subject}, but for {} it cannot be told",
            have(&answer.understood),
            words::number(unknown)
        ),
        (affected, _) => format!(
            "{} in {} {} {subject}",
            words::count(affected, "device"),
            words::count(totals.wards, "ward"),
            has(&answer.understood, affected)
        ),
    };
    let mut clauses = vec![first];
    if totals.affected > 0 && totals.cannot_tell > 0 {
        clauses.push(format!("for {} more it cannot be told", words::number(totals.cannot_tell)));
    }
    if totals.outside > 0 {
        clauses.push(format!(
            "{} {} the outside",
            words::number(totals.outside),
            words::verb(totals.outside, "faces", "face")
        ));
    }
    if totals.without_owner > 0 {
        let (has, them) = if totals.without_owner == 1 { ("has", "it") } else { ("have", "them") };
        clauses.push(format!("{} {has} nobody on {them}", words::number(totals.without_owner)));
    }
    clauses.join("; ") + "."
}

fn nothing_found(answer: &Affected) -> String {
    let (subject, fleet) = (subject(&answer.understood), words::count(answer.totals.fleet, "device"));
    match (&answer.understood, answer.data.complete && !answer.data.starter_only) {
        (Understood::Weakness(_), false) => {
            format!(
                "{subject} was not found on your {fleet}, but the data behind this is not whole and fresh. That is no all-clear."
            )
        }
        (Understood::Maker(_), _) => format!("None of your {fleet} is from {subject}."),
        (understood, _) => format!("None of your {fleet} is known to {} {subject}.", have(understood)),
    }
}

const fn have(understood: &Understood) -> &'static str {
    match understood {
        Understood::Weakness(_) | Understood::UnknownWeakness(_) => "have",
        Understood::Package(_) | Understood::ComponentName { .. } => "contain",
        Understood::Maker(_) => "be from",
    }
}

fn has(understood: &Understood, devices: u64) -> &'static str {
    match understood {
        Understood::Weakness(_) | Understood::UnknownWeakness(_) => words::verb(devices, "has", "have"),
        Understood::Package(_) | Understood::ComponentName { .. } => {
            words::verb(devices, "contains", "contain")
        }
        Understood::Maker(_) => words::verb(devices, "is from", "are from"),
    }
}

/// How the question was understood, where that needs saying.
fn remark(understood: &Understood) -> Option<String> {
    match understood {
        Understood::Weakness(_) => None,
        Understood::UnknownWeakness(id) => Some(format!(
            "{id} may be too new for the data held, or reserved, or mistyped. Update the data, or ask by the name of the component instead."
        )),
        Understood::Package(purl) => Some(format!(
            "Understood as the package {purl}. A component that is present is not yet a weakness: open a device to see which weaknesses touch it."
        )),
        Understood::ComponentName { text, names, count } => Some(match names.len() {
            0 => format!("No component has a name like “{text}”."),
            shown => format!(
                "Understood as a component name. It met {}: {}{}. A component that is present is not yet a weakness.",
                words::count(*count, "name"),
                names.join(", "),
                if *count > shown as u64 { " …" } else { "" }
            ),
        }),
        Understood::Maker(maker) => {
            Some(format!("Understood as the maker {maker}: all its devices are listed."))
        }
    }
}

fn next_step(answer: &Affected, link: &Link) -> Step {
    let totals = &answer.totals;
    let step = |text: String, link: String| Step { text, link };
    if totals.fleet == 0 {
        step("Import devices".to_owned(), "/devices/import".to_owned())
    } else if totals.outside > 0 {
        let them = words::verb(totals.outside, "faces", "face");
        step(
            format!("See the {} that {them} the outside", totals.outside),
            link.with("exposure", "outside").to_string() + "#list",
        )
    } else if totals.without_owner > 0 {
        let has = words::verb(totals.without_owner, "has", "have");
        step(
            format!("See the {} that {has} nobody", totals.without_owner),
            link.with("owned", "false").to_string() + "#list",
        )
    } else if totals.affected > 0 {
        step("Go through the list".to_owned(), "#list".to_owned())
    } else if totals.cannot_tell > 0 {
        step("See what would settle it".to_owned(), "#unknowns".to_owned())
    } else if matches!(answer.understood, Understood::UnknownWeakness(_)) || !answer.data.complete {
        step("See how old the data is".to_owned(), "/data".to_owned())
    } else {
        step("Back to Today".to_owned(), "/".to_owned())
    }
}

/// The tone of a hit, whatever the device.
fn hit_tone(understood: &Understood) -> Tone {
    match understood {
        Understood::Weakness(weakness) => crate::web::parts::weakness_tone(weakness),
        Understood::UnknownWeakness(_) => Tone::Plan,
        Understood::Package(_) | Understood::ComponentName { .. } | Understood::Maker(_) => Tone::Plain,
    }
}

const fn hit_word(understood: &Understood) -> &'static str {
    match understood {
        Understood::Weakness(_) | Understood::UnknownWeakness(_) => "affected",
        Understood::Package(_) | Understood::ComponentName { .. } => "contain it",
        Understood::Maker(_) => "from this maker",
    }
}

fn draw_map(answer: &Affected, link: &Link) -> Option<MapView> {
    let wards: Vec<Ward> = answer
        .wards
        .iter()
        .map(|ward| Ward {
            site: named(&ward.site, "No site named"),
            ward: named(&ward.ward, "No ward named"),
            devices: ward.devices,
            hit: ward.affected,
            cannot_tell: ward.cannot_tell,
            outside: ward.outside,
        })
        .collect();
    if answer.totals.affected + answer.totals.cannot_tell == 0 {
        return None;
    }
    let (tone, hit_word) = (hit_tone(&answer.understood), hit_word(&answer.understood));
    let link = link.without("offset");
    let draw =
        |width, height, class| map::map(&wards, &link, &Style { width, height, class, tone, hit_word });
    let most = wards.iter().max_by_key(|ward| (ward.hit, ward.cannot_tell))?;
    Some(MapView {
        reading: format!(
            "Most are in {}, {}: {} {hit_word}, {} cannot tell, of {}. The size of a block is its number of devices.",
            most.ward,
            most.site,
            words::number(most.hit),
            words::number(most.cannot_tell),
            words::number(most.devices)
        ),
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
        devices: words::count(*devices, "device"),
        reason: reason.sentence(),
        settle: settle.clone(),
        question: question_to_maker(*reason, settle),
    }
}

/// A question that is ready to be sent to whoever knows.
fn question_to_maker(reason: Reason, settle: &str) -> String {
    format!(
        "Dear product security team,\n\nwe run your products and must know whether a published weakness touches them. At present we cannot tell, \
         because {}.\n\nPlease send us {settle}, as CycloneDX or SPDX where it is a bill of materials (21 U.S.C. 360n-2 asks makers of cyber \
         devices to have one), or your statement on whether the product is affected.\n\nPlease answer within five working days. Thank you.",
        reason.sentence()
    )
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
        owners: Choice::list([("true", "with an owner"), ("false", "with nobody")], owned),
        active: question.site.is_some()
            || question.ward.is_some()
            || exposure.is_some()
            || given.is_some()
            || owned.is_some(),
        clear: Link::to("/affected").with("q", &question.text).to_string(),
    }
}

fn row_view(row: &AffectedDevice, understood: &Understood) -> RowView {
    let facts = &row.facts;
    let weakness: Option<&Weakness> = match understood {
        Understood::Weakness(weakness) => Some(weakness),
        _ => None,
    };
    let release = release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref());
    let present = !matches!(understood, Understood::Weakness(_) | Understood::UnknownWeakness(_))
        && row.answer == Answer::Affected;
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
        answer: row.answer,
        reason: row.reason,
        fixed_in: &row.fixed_in,
        evidence: &row.evidence,
    };
    let mut why = Why::of(&grounds);
    if present {
        why.steps.pop();
    }
    RowView {
        link: format!("/devices/{}", row.device),
        name: row.name.clone(),
        kind: facts.kind.clone().unwrap_or_default(),
        place: place(facts.site.as_deref(), facts.ward.as_deref()),
        owner: facts.owner.clone(),
        exposure: facts.exposure.sentence(),
        exposure_tone: Tone::of_exposure(facts.exposure),
        component: match (&row.component, &row.version) {
            (Some(name), Some(version)) => format!("{name} {version}"),
            (Some(name), None) => format!("{name}, no version"),
            (None, _) => "no bill of materials".to_owned(),
        },
        path: if row.path.len() > 1 { row.path[..row.path.len() - 1].join(" → ") } else { String::new() },
        tone,
        answer: if present { "contains it" } else { answer_word(row.answer) },
        reason: if present { "" } else { row.reason.sentence() },
        why,
        release,
    }
}

const fn answer_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Affected => "affected",
        Answer::CannotTell => "cannot tell",
        Answer::NotAffected => "not affected",
    }
}

/// Site and ward in one line.
pub(crate) fn place(site: Option<&str>, ward: Option<&str>) -> String {
    let parts: Vec<&str> = [ward, site].into_iter().flatten().collect();
    if parts.is_empty() { "place not known".to_owned() } else { parts.join(", ") }
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
