//! Devices: what do we have, where, how sure are we? And one device: can I keep using it, and what do I do?

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Response;
use bedrail_app::Error;
use bedrail_app::audit::{self, Exported};
use bedrail_app::devices::{self, DeviceDetail, DeviceGrid, DeviceRow, DeviceSort, FindingRow};
use bedrail_app::exports;
use bedrail_app::page::{Direction, MAX_LIMIT, Page as List, PageRequest};
use bedrail_model::answer::Answer;
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::ids::DeviceId;
use jiff::Timestamp;
use jiff::civil::Date;

use super::affected::place;
use super::{Page, show};
use crate::web::assets;
use crate::web::draw::{bars, reach};
use crate::web::error::Failure;
use crate::web::export;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Choice, ExportButton, Grounds, Pager, WeaknessWords, Why, release_name};
use crate::web::query::{DEVICE_SORTS, DevicesQuery};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::tone::{Tone, pressing};
use crate::web::words;

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    frame: Frame,
    headline: String,
    reading: String,
    empty: bool,
    grid: Option<GridView>,
    support: Option<SupportView>,
    filters: Filters,
    columns: Vec<Column>,
    rows: Vec<RowView>,
    pager: Pager,
    export: ExportButton,
}

/// Wards by kinds, shaded by number.
struct GridView {
    kinds: Vec<(String, String)>,
    wards: Vec<GridRow>,
}

struct GridRow {
    place: String,
    link: String,
    cells: Vec<Cell>,
    unknown: String,
    unknown_link: String,
}

struct Cell {
    text: String,
    heat: u8,
    link: String,
}

/// Ends of support that have passed.
struct SupportView {
    reading: String,
    drawing: String,
    rows: Vec<(String, String)>,
}

struct Filters {
    text: String,
    sites: Vec<Choice>,
    makers: Vec<Choice>,
    exposures: Vec<Choice>,
    answers: Vec<Choice>,
    owners: Vec<Choice>,
    sboms: Vec<Choice>,
    hidden: Vec<(&'static str, String)>,
    active: bool,
    narrowed: String,
}

/// A heading that sorts.
pub(crate) struct Column {
    /// Its text.
    pub(crate) name: &'static str,
    /// Where it leads.
    pub(crate) link: String,
    /// `ascending` or `descending` where the list is sorted by it.
    pub(crate) sorted: Option<&'static str>,
    /// Whether it holds numbers.
    pub(crate) numeric: bool,
}

struct RowView {
    link: String,
    name: String,
    kind: String,
    release: String,
    release_link: String,
    place: String,
    owner: Option<String>,
    exposure: &'static str,
    exposure_tone: Tone,
    state: String,
    state_tone: Tone,
    support: Option<(String, Tone)>,
}

/// `GET /devices`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<DevicesQuery>,
) -> Page {
    let (actor, filter, request) = (frame.visitor.actor(), query.filter()?, query.paging.request());
    let grid = devices::grid(&state.ctx, &actor).await?;
    let list = devices::list(&state.ctx, &actor, &filter, &request).await?;
    show(&list_view(frame, &grid, &list, (&filter, &query.link(), &request), state.now()))
}

/// `GET /devices.csv`: the whole list, filters applied.
pub(crate) async fn csv(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<DevicesQuery>,
) -> Result<Response, Failure> {
    let (actor, filter, ctx) = (visitor.actor(), query.filter()?, state.ctx.clone());
    audit::note_export(&ctx, &actor, Exported::Devices, &query.link().to_string()).await?;
    let fetch = move |offset| {
        let (ctx, actor, filter) = (ctx.clone(), actor.clone(), filter.clone());
        async move {
            let list = devices::list(&ctx, &actor, &filter, &PageRequest::at(offset, MAX_LIMIT)).await?;
            Ok((list.rows.iter().map(exports::device_row).collect(), list.total))
        }
    };
    export::stream("devices.csv", exports::DEVICES_HEADER, fetch).await
}

type Asked<'a> = (&'a devices::DeviceFilter, &'a Link, &'a PageRequest);

fn list_view(
    frame: Frame,
    grid: &DeviceGrid,
    list: &List<DeviceRow>,
    asked: Asked<'_>,
    now: Timestamp,
) -> DevicesPage {
    let (filter, link, request) = asked;
    DevicesPage {
        frame,
        headline: list_headline(grid),
        reading: unknown_share(grid),
        empty: grid.devices == 0,
        grid: (!grid.wards.is_empty()).then(|| grid_view(grid)),
        support: support_view(grid),
        filters: filters(grid, filter, link),
        columns: columns(link, filter.sort, filter.direction),
        rows: list.rows.iter().map(|row| row_view(row, now)).collect(),
        pager: Pager::of(link, list, request, "device"),
        export: ExportButton::of(&link.at("/devices.csv").without("limit"), list.total),
    }
}

fn list_headline(grid: &DeviceGrid) -> String {
    if grid.devices == 0 {
        return "There are no devices here yet.".to_owned();
    }
    format!(
        "{} on {} in {}; of {} nobody knows what is inside.",
        words::count(grid.devices, "device"),
        words::count(grid.sites.len() as u64, "site"),
        words::count(grid.wards.len() as u64, "ward"),
        words::number(grid.without_sbom)
    )
}

fn unknown_share(grid: &DeviceGrid) -> String {
    if grid.devices == 0 {
        return "A CSV file from your asset system is enough to begin. You see what would happen before anything is stored.".to_owned();
    }
    let share = 100.0 * grid.without_sbom as f64 / grid.devices as f64;
    format!(
        "{share:.0} % of all devices run a release without a bill of materials, so no weakness can be ruled out on them."
    )
}

fn grid_view(grid: &DeviceGrid) -> GridView {
    let most = grid.wards.iter().flat_map(|row| &row.2).copied().max().unwrap_or(0).max(1);
    let devices = Link::to("/devices");
    let row = |(site, ward, counts, unknown): &(String, String, Vec<u64>, u64)| {
        let here = devices.with("site", site).with("ward", ward);
        let cell = |(index, count): (usize, &u64)| Cell {
            text: if *count == 0 { String::new() } else { words::number(*count) },
            heat: if *count == 0 { 0 } else { 1 + (3 * *count / most) as u8 },
            link: kind_link(&here, grid.kinds.get(index)),
        };
        GridRow {
            place: place(
                Some(site).filter(|site| !site.is_empty()).map(String::as_str),
                Some(ward).filter(|ward| !ward.is_empty()).map(String::as_str),
            ),
            cells: counts.iter().enumerate().map(cell).collect(),
            unknown: if *unknown == 0 { String::new() } else { words::number(*unknown) },
            unknown_link: here.with("sbom", "false").to_string(),
            link: here.to_string(),
        }
    };
    GridView {
        kinds: grid.kinds.iter().map(|kind| (kind.clone(), kind_link(&devices, Some(kind)))).collect(),
        wards: grid.wards.iter().map(row).collect(),
    }
}

/// Where a kind leads; "other" is a remainder and leads nowhere.
fn kind_link(from: &Link, kind: Option<&String>) -> String {
    kind.filter(|kind| *kind != "other").map_or_else(String::new, |kind| from.with("kind", kind).to_string())
}

/// Months are drawn one by one up to this many, else years.
const MONTHS_DRAWN: usize = 9;

fn support_view(grid: &DeviceGrid) -> Option<SupportView> {
    let total: u64 = grid.support_ends.iter().map(|(_, devices)| devices).sum();
    if total == 0 {
        return None;
    }
    let mut columns: Vec<(String, u64)> = Vec::new();
    let by_year = grid.support_ends.len() > MONTHS_DRAWN;
    for (month, devices) in &grid.support_ends {
        let label = if by_year { month.get(..4).unwrap_or(month) } else { month };
        match columns.last_mut().filter(|(last, _)| last == label) {
            Some((_, sum)) => *sum += devices,
            None => columns.push((label.to_owned(), *devices)),
        }
    }
    let reading = format!("The maker's support has ended for {}.", words::count(total, "device"));
    Some(SupportView {
        drawing: bars::columns(&columns, 420.0, 150.0, &reading),
        rows: grid
            .support_ends
            .iter()
            .map(|(month, devices)| (month.clone(), words::number(*devices)))
            .collect(),
        reading,
    })
}

fn filters(grid: &DeviceGrid, filter: &devices::DeviceFilter, link: &Link) -> Filters {
    let flag = |flag: Option<bool>| flag.map(|flag| if flag { "true" } else { "false" });
    let narrowed: Vec<&str> =
        [filter.ward.as_deref(), filter.kind.as_deref()].into_iter().flatten().collect();
    let release = filter.release.map(|id| id.to_string());
    let carried = [("ward", filter.ward.clone()), ("kind", filter.kind.clone()), ("release", release)];
    let sort = DEVICE_SORTS.iter().find(|(_, sort)| *sort == filter.sort).map(|(code, _)| (*code).to_owned());
    Filters {
        text: filter.text.clone().unwrap_or_default(),
        sites: Choice::names(&grid.sites, filter.site.as_deref()),
        makers: Choice::names(&grid.makers, filter.maker.as_deref()),
        exposures: Choice::list(
            Exposure::ALL.map(|exposure| (exposure.code(), exposure.sentence())),
            filter.exposure.map(Exposure::code),
        ),
        answers: Choice::list(
            [("affected", "with a known weakness"), ("cannot_tell", "with something untold")],
            filter.answer.map(Answer::code),
        ),
        owners: Choice::list([("true", "with an owner"), ("false", "with nobody")], flag(filter.owned)),
        sboms: Choice::list(
            [("true", "with a bill of materials"), ("false", "without one")],
            flag(filter.sbom),
        ),
        active: link.without("sort").without("direction").without("limit") != Link::to("/devices"),
        narrowed: narrowed.join(", "),
        hidden: carried
            .into_iter()
            .chain([("sort", sort)])
            .filter_map(|(key, value)| Some((key, value?)))
            .collect(),
    }
}

const COLUMNS: &[(&str, Option<DeviceSort>, bool)] = &[
    ("Device", Some(DeviceSort::Name), false),
    ("Maker and model", Some(DeviceSort::Maker), false),
    ("Place", Some(DeviceSort::Place), false),
    ("Owner", None, false),
    ("Exposure", Some(DeviceSort::Exposure), false),
    ("Weaknesses", Some(DeviceSort::Affected), false),
    ("Support ends", Some(DeviceSort::SupportEnds), false),
];

fn columns(link: &Link, sort: DeviceSort, direction: Direction) -> Vec<Column> {
    let column = |(name, key, numeric): &(&'static str, Option<DeviceSort>, bool)| {
        let code =
            key.and_then(|key| DEVICE_SORTS.iter().find(|(_, sort)| *sort == key)).map(|(code, _)| *code);
        Column::new(link, name, code, *key == Some(sort), direction, *numeric)
    };
    COLUMNS.iter().map(column).collect()
}

impl Column {
    /// A heading; one that is sorted by already turns the direction.
    pub(crate) fn new(
        link: &Link,
        name: &'static str,
        code: Option<&str>,
        here: bool,
        direction: Direction,
        numeric: bool,
    ) -> Column {
        let next = if here && direction == Direction::Ascending { "descending" } else { "ascending" };
        let sorted = match direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        };
        Column {
            name,
            link: code
                .map_or_else(String::new, |code| link.with("sort", code).with("direction", next).to_string()),
            sorted: here.then_some(sorted),
            numeric,
        }
    }
}

/// How a device stands, in a few words.
fn state_of(row: &DeviceRow) -> (String, Tone) {
    if !row.has_sbom {
        return ("no bill of materials".to_owned(), Tone::Unknown);
    }
    match (row.affected, row.known_exploited, row.cannot_tell) {
        (0, _, 0) => ("nothing found".to_owned(), Tone::Plain),
        (0, _, unknown) => (format!("{unknown} cannot tell"), Tone::Unknown),
        (affected, 0, _) => (
            format!("{affected} affect it"),
            if row.facts.exposure == Exposure::Outside { Tone::Act } else { Tone::Plan },
        ),
        (affected, exploited, _) => (format!("{affected}, {exploited} exploited"), Tone::Act),
    }
}

fn row_view(row: &DeviceRow, now: Timestamp) -> RowView {
    let facts = &row.facts;
    let (state, state_tone) = state_of(row);
    RowView {
        link: format!("/devices/{}", row.id),
        name: row.name.clone(),
        kind: facts.kind.clone().unwrap_or_default(),
        release: release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref()),
        release_link: format!("/releases/{}", row.release),
        place: place(facts.site.as_deref(), facts.ward.as_deref()),
        owner: facts.owner.clone(),
        exposure: facts.exposure.sentence(),
        exposure_tone: Tone::of_exposure(facts.exposure),
        state,
        state_tone,
        support: support(facts, now),
    }
}

/// The end of support in words, past or to come.
fn support(facts: &DeviceFacts, now: Timestamp) -> Option<(String, Tone)> {
    let text = facts.support_ends.as_deref()?;
    Some(match text.parse::<Date>() {
        Ok(date) if words::is_past(date, now) => (format!("ended {date}"), Tone::Plan),
        Ok(date) => (date.to_string(), Tone::Plain),
        Err(_) => (text.to_owned(), Tone::Plain),
    })
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    frame: Frame,
    device: DeviceView,
}

#[derive(Template)]
#[template(path = "device_sheet.html")]
struct DeviceSheet {
    device: DeviceView,
    printed: String,
}

/// One device, for its page and for its sheet on paper.
struct DeviceView {
    id: String,
    name: String,
    title: String,
    headline: String,
    next: (String, String),
    steps: Vec<String>,
    facts: Vec<(&'static str, String, String)>,
    release_link: String,
    reach: String,
    reach_reading: &'static str,
    contents: String,
    findings: Vec<FindingView>,
    not_assessed: Vec<(String, &'static str, String)>,
    timeline: Vec<(String, String)>,
}

/// A finding on a device or a release.
pub(crate) struct FindingView {
    /// What the weakness is.
    pub(crate) weakness: WeaknessWords,
    /// Colour.
    pub(crate) tone: Tone,
    /// "affected".
    pub(crate) answer: &'static str,
    /// Why, in a clause.
    pub(crate) reason: &'static str,
    /// "log4j-core 2.14.1".
    pub(crate) component: String,
    /// "2.15.0".
    pub(crate) fixed_in: String,
    /// The chain.
    pub(crate) why: Why,
}

impl FindingView {
    /// A finding of a release on a device that stands this exposed.
    pub(crate) fn of(row: &FindingRow, release: &str, exposure: Exposure, now: Timestamp) -> FindingView {
        let grounds = Grounds {
            release,
            path: &row.path,
            component: Some(&row.component),
            version: row.version.as_deref(),
            purl: row.purl.as_deref(),
            answer: row.answer,
            reason: row.reason,
            fixed_in: &row.fixed_in,
            evidence: &row.evidence,
        };
        let mut why = Why::of(&grounds);
        why.steps.push(format!("First found {}.", words::minute(row.first_seen)));
        FindingView {
            weakness: WeaknessWords::of(&row.weakness, now),
            tone: Tone::of_answer(row.answer, Some(&row.weakness), exposure),
            answer: match row.answer {
                Answer::Affected => "affected",
                Answer::CannotTell => "cannot tell",
                Answer::NotAffected => "not affected",
            },
            reason: row.reason.sentence(),
            component: row
                .version
                .as_ref()
                .map_or_else(|| row.component.clone(), |version| format!("{} {version}", row.component)),
            fixed_in: row.fixed_in.join(", "),
            why,
        }
    }
}

/// `GET /devices/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = devices::get(&state.ctx, &frame.visitor.actor(), device_id(&id)?).await?;
    show(&DevicePage { frame, device: device_view(&detail, state.now()) })
}

/// `GET /devices/{id}/sheet`: one sheet of paper for the ward.
pub(crate) async fn sheet(visitor: SignedIn, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = devices::get(&state.ctx, &visitor.actor(), device_id(&id)?).await?;
    show(&DeviceSheet { device: device_view(&detail, state.now()), printed: words::minute(state.now()) })
}

/// A device's id in an address; what is no id names nothing.
pub(crate) fn device_id(text: &str) -> Result<DeviceId, Error> {
    text.parse().map_err(|_| Error::not_found("this device"))
}

fn device_view(detail: &DeviceDetail, now: Timestamp) -> DeviceView {
    let (row, facts) = (&detail.row, &detail.row.facts);
    let release = release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref());
    let kind = facts.kind.clone().unwrap_or_else(|| "device".to_owned());
    DeviceView {
        id: row.id.to_string(),
        name: row.name.clone(),
        title: format!(
            "{} · {kind}, {release} · {}",
            row.name,
            place(facts.site.as_deref(), facts.ward.as_deref())
        ),
        headline: device_headline(detail, &kind),
        next: next_step(detail),
        steps: what_to_do(detail, now),
        facts: fact_rows(detail, now),
        release_link: format!("/releases/{}", row.release),
        reach: reach::reach(facts.exposure, &row.name, row.affected > 0),
        reach_reading: reach::reading(facts.exposure),
        contents: match detail.components {
            Some(count) => format!("Its bill of materials lists {}.", words::count(count, "component")),
            None => "There is no bill of materials for its release, so nothing can be ruled out.".to_owned(),
        },
        findings: detail
            .findings
            .iter()
            .map(|row| FindingView::of(row, &release, facts.exposure, now))
            .collect(),
        not_assessed: detail
            .not_assessed
            .iter()
            .map(|(reason, count, names)| {
                let more = if *count > names.len() as u64 { " …" } else { "" };
                (words::count(*count, "component"), reason.sentence(), names.join(", ") + more)
            })
            .collect(),
        timeline: detail.timeline.iter().map(|(at, what)| (words::minute(*at), what.clone())).collect(),
    }
}

/// The first line: can I keep using it?
fn device_headline(detail: &DeviceDetail, kind: &str) -> String {
    let row = &detail.row;
    let reach =
        if row.facts.exposure == Exposure::Outside { ", and it can be reached from outside" } else { "" };
    if !row.has_sbom {
        return format!("Nobody knows what is inside this {kind}, so nothing can be ruled out{reach}.");
    }
    let weaknesses = |count: u32| words::count(u64::from(count), "weakness");
    match (row.affected, row.known_exploited, row.cannot_tell) {
        (0, _, 0) => format!("No known weakness was found in this {kind}."),
        (0, _, unknown) => {
            format!("No known weakness was found in this {kind}, but for {unknown} things it cannot be told.")
        }
        (affected, 0, _) => format!(
            "{} {} this {kind}; none is known to be exploited{reach}.",
            weaknesses(affected),
            words::verb(u64::from(affected), "affects", "affect")
        ),
        (affected, exploited, _) => format!(
            "{} {} this {kind}, {exploited} of them known to be exploited{reach}.",
            weaknesses(affected),
            words::verb(u64::from(affected), "affects", "affect")
        ),
    }
}

fn next_step(detail: &DeviceDetail) -> (String, String) {
    if !detail.row.has_sbom {
        ("Ask the maker what is inside".to_owned(), format!("/releases/{}", detail.row.release))
    } else if detail.row.affected > 0 {
        ("Print the sheet for the ward".to_owned(), format!("/devices/{}/sheet", detail.row.id))
    } else {
        ("See what is inside".to_owned(), format!("/releases/{}", detail.row.release))
    }
}

/// What to do, in plain steps, the most urgent first. Nothing here touches the device by itself.
fn what_to_do(detail: &DeviceDetail, now: Timestamp) -> Vec<String> {
    let (row, facts) = (&detail.row, &detail.row.facts);
    let mut steps = Vec::new();
    let affected: Vec<&FindingRow> =
        detail.findings.iter().filter(|finding| finding.answer == Answer::Affected).collect();
    let urgent = affected.iter().any(|finding| pressing(&finding.weakness, facts.exposure));
    if facts.exposure == Exposure::Outside && row.affected > 0 {
        steps.push("Ask the network team to close the way in from outside. Keep the device running unless the ward agrees to stop it.".to_owned());
    }
    if urgent {
        steps.push(
            "Tell the ward what this device depends on the network for, and what to do by hand if it fails."
                .to_owned(),
        );
    }
    if let Some(finding) = affected.iter().find(|finding| !finding.fixed_in.is_empty()) {
        let maker = facts.maker.as_deref().unwrap_or("the maker");
        steps.push(format!(
            "Ask {maker} for a release with {} {} or later. Do not patch the component yourself: the maker must release it.",
            finding.component,
            finding.fixed_in.join(" or ")
        ));
    }
    if !row.has_sbom {
        steps.push(format!(
            "Ask {} for the bill of materials of this release; the letter is on the release's page.",
            facts.maker.as_deref().unwrap_or("the maker")
        ));
    }
    if facts.exposure == Exposure::Unknown {
        steps.push("Find out how far it can be reached from, and write it into the device list.".to_owned());
    }
    if facts.owner.is_none() {
        steps.push("Name a person or a team who answers for it.".to_owned());
    }
    if support(facts, now).is_some_and(|(_, tone)| tone == Tone::Plan) {
        steps.push(
            "Its support has ended: plan its replacement, or keep it on a segment of its own.".to_owned(),
        );
    }
    if steps.is_empty() {
        steps.push("Nothing for now. You will find it on Today when that changes.".to_owned());
    }
    steps
}

/// Facts in reading order, with the field's name in the sources.
fn fact_rows(detail: &DeviceDetail, now: Timestamp) -> Vec<(&'static str, String, String)> {
    let facts = &detail.row.facts;
    let texts: [(&'static str, &str, Option<&String>); 13] = [
        ("Kind", "kind", facts.kind.as_ref()),
        ("Maker", "maker", facts.maker.as_ref()),
        ("Model", "model", facts.model.as_ref()),
        ("Version", "version", facts.version.as_ref()),
        ("Operating system", "operating_system", facts.operating_system.as_ref()),
        ("Asset tag", "asset_tag", facts.asset_tag.as_ref()),
        ("Serial number", "serial", facts.serial.as_ref()),
        ("UDI", "udi", facts.udi.as_ref()),
        ("Site", "site", facts.site.as_ref()),
        ("Ward", "ward", facts.ward.as_ref()),
        ("Owner", "owner", facts.owner.as_ref()),
        ("Address", "address", facts.address.as_ref()),
        ("Host name", "host_name", facts.host_name.as_ref()),
    ];
    let source = |field: &str| {
        detail
            .sources
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, source)| source.clone())
            .unwrap_or_default()
    };
    let mut rows: Vec<_> = texts
        .into_iter()
        .map(|(label, field, value)| {
            (label, value.cloned().unwrap_or_else(|| "not said".to_owned()), source(field))
        })
        .collect();
    rows.push(("Exposure", facts.exposure.sentence().to_owned(), source("exposure")));
    let ends = support(facts, now).map_or("not said".to_owned(), |(text, _)| text);
    rows.push(("Support", ends, source("support_ends")));
    rows
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::sample;
    let rows = vec![
        sample::device_row("LC-000001", 4, 1, true),
        sample::device_row("LC-000002", 2, 0, true),
        sample::device_row("LC-000003", 0, 0, false),
        sample::device_row(sample::HOSTILE, 0, 0, true),
    ];
    let list = List { rows, total: 2_500, offset: 0, next: None };
    let asked = (&devices::DeviceFilter::default(), &Link::to("/devices"), &PageRequest::default());
    show(&list_view(sample::frame("/devices"), &sample::grid(), &list, asked, sample::now()))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    show(&DevicePage {
        frame: sample::frame("/devices/x"),
        device: device_view(&sample::device(), sample::now()),
    })
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_sheet() -> Page {
    use crate::web::sample;
    show(&DeviceSheet {
        device: device_view(&sample::device(), sample::now()),
        printed: words::minute(sample::now()),
    })
}
