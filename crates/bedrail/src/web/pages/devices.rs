//! Devices: what do we have, where, how sure are we?

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::response::Response;
use bedrail_app::audit::{self, Exported};
use bedrail_app::devices::{self, DeviceGrid, DeviceRow, DeviceSort};
use bedrail_app::exports;
use bedrail_app::page::{Direction, MAX_LIMIT, Page as List, PageRequest};
use bedrail_model::answer::Answer;
use bedrail_model::device::{DeviceFacts, Exposure};
use jiff::Timestamp;
use jiff::civil::Date;

use super::affected::place;
use super::{Page, show};
use crate::web::assets;
use crate::web::draw::bars::{self, Part};
use crate::web::error::Failure;
use crate::web::export;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Choice, ExportButton, Pager, release_name};
use crate::web::query::{DEVICE_SORTS, DevicesQuery};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::texts::Texts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    frame: Frame,
    headline: String,
    reading: String,
    empty: bool,
    /// What most people should look at next, with its address.
    next: Option<(String, String)>,
    grid: Option<GridView>,
    known: Option<KnownView>,
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

/// How many devices of each site run a release that nobody knows the inside of.
struct KnownView {
    reading: String,
    wide: String,
    narrow: String,
    /// Site, devices without and with a bill of materials.
    rows: Vec<(String, String, String)>,
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
        next: (grid.without_sbom > 0).then(|| {
            let text = words::fill(texts().devices.see_blind, words::number(grid.without_sbom));
            (text, Link::to("/devices").with("sbom", "false").to_string() + "#list")
        }),
        grid: (!grid.wards.is_empty()).then(|| grid_view(grid)),
        known: known_view(grid),
        support: support_view(grid),
        filters: filters(grid, filter, link),
        columns: columns(link, filter.sort, filter.direction),
        rows: list.rows.iter().map(|row| row_view(row, now)).collect(),
        pager: Pager::of(link, list, request, texts().counts.devices),
        export: ExportButton::of(&link.at("/devices.csv").without("limit"), list.total),
    }
}

fn list_headline(grid: &DeviceGrid) -> String {
    let t = &texts().devices;
    if grid.devices == 0 {
        return t.no_devices.to_owned();
    }
    (t.headline)(grid.devices, grid.sites.len() as u64, grid.wards.len() as u64, grid.without_sbom)
}

fn unknown_share(grid: &DeviceGrid) -> String {
    let t = &texts().devices;
    if grid.devices == 0 {
        return t.begin.to_owned();
    }
    (t.share)(100.0 * grid.without_sbom as f64 / grid.devices as f64)
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

fn known_view(grid: &DeviceGrid) -> Option<KnownView> {
    let t = &texts().devices;
    if grid.without_sbom == 0 {
        return None;
    }
    let mut sites: Vec<(&str, u64, u64)> = Vec::new();
    for (site, _, counts, unknown) in &grid.wards {
        let known = counts.iter().sum::<u64>().saturating_sub(*unknown);
        match sites.iter_mut().find(|(name, ..)| name == site) {
            Some(row) => (row.1, row.2) = (row.1 + unknown, row.2 + known),
            None => sites.push((site, *unknown, known)),
        }
    }
    let name = |site: &str| if site.is_empty() { t.no_site.to_owned() } else { site.to_owned() };
    let row = |(site, unknown, known): &(&str, u64, u64)| {
        let link = Link::to("/devices").with("site", site);
        let blind = Part {
            tone: Some(Tone::Unknown),
            value: *unknown,
            word: t.bar_without,
            link: link.with("sbom", "false"),
        };
        let seen = Part { tone: None, value: *known, word: t.bar_with, link: link.with("sbom", "true") };
        bars::Row { name: name(site), parts: vec![blind, seen] }
    };
    let rows: Vec<bars::Row> = sites.iter().map(row).collect();
    let worst = sites.iter().max_by_key(|(_, unknown, _)| *unknown)?;
    let draw = |width, names, class| bars::rows(&rows, width, names, class, t.picture);
    Some(KnownView {
        reading: (t.known_reading)(grid.without_sbom, worst.1, &name(worst.0)),
        wide: draw(560.0, 190.0, "wide-only"),
        narrow: draw(360.0, 140.0, "narrow-only"),
        rows: sites
            .iter()
            .map(|(site, unknown, known)| (name(site), words::number(*unknown), words::number(*known)))
            .collect(),
    })
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
    let reading = (texts().devices.support_reading)(total);
    Some(SupportView {
        drawing: bars::columns(&columns, 520.0, 150.0, &reading),
        rows: grid
            .support_ends
            .iter()
            .map(|(month, devices)| (month.clone(), words::number(*devices)))
            .collect(),
        reading,
    })
}

fn filters(grid: &DeviceGrid, filter: &devices::DeviceFilter, link: &Link) -> Filters {
    let t = &texts().devices;
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
            [("affected", t.with_weakness), ("cannot_tell", t.with_untold)],
            filter.answer.map(Answer::code),
        ),
        owners: Choice::list([("true", t.with_owner), ("false", t.with_nobody)], flag(filter.owned)),
        sboms: Choice::list([("true", t.with_bill), ("false", t.without_bill)], flag(filter.sbom)),
        active: link.without("sort").without("direction").without("limit") != Link::to("/devices"),
        narrowed: narrowed.join(", "),
        hidden: carried
            .into_iter()
            .chain([("sort", sort)])
            .filter_map(|(key, value)| Some((key, value?)))
            .collect(),
    }
}

type Heading = (fn(&Texts) -> &'static str, Option<DeviceSort>, bool);
const COLUMNS: &[Heading] = &[
    (|t| t.words.device, Some(DeviceSort::Name), false),
    (|t| t.devices.maker_and_model, Some(DeviceSort::Maker), false),
    (|t| t.words.place, Some(DeviceSort::Place), false),
    (|t| t.words.owner, None, false),
    (|t| t.words.exposure, Some(DeviceSort::Exposure), false),
    (|t| t.devices.weaknesses, Some(DeviceSort::Affected), false),
    (|t| t.devices.support_ends, Some(DeviceSort::SupportEnds), false),
];

fn columns(link: &Link, sort: DeviceSort, direction: Direction) -> Vec<Column> {
    let column = |(name, key, numeric): &Heading| {
        let code =
            key.and_then(|key| DEVICE_SORTS.iter().find(|(_, sort)| *sort == key)).map(|(code, _)| *code);
        Column::new(link, name(texts()), code, *key == Some(sort), direction, *numeric)
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
pub(crate) fn state_of(row: &DeviceRow) -> (String, Tone) {
    let t = &texts().devices;
    if !row.has_sbom {
        return (t.no_bill.to_owned(), Tone::Unknown);
    }
    match (u64::from(row.affected), u64::from(row.known_exploited), u64::from(row.cannot_tell)) {
        (0, _, 0) => (t.nothing_found.to_owned(), Tone::Plain),
        (0, _, unknown) => ((t.untold)(unknown), Tone::Unknown),
        (affected, 0, _) => (
            (t.affect_it)(affected),
            if row.facts.exposure == Exposure::Outside { Tone::Act } else { Tone::Plan },
        ),
        (affected, exploited, _) => ((t.affect_it_exploited)(affected, exploited), Tone::Act),
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
pub(super) fn support(facts: &DeviceFacts, now: Timestamp) -> Option<(String, Tone)> {
    let text = facts.support_ends.as_deref()?;
    Some(match text.parse::<Date>() {
        Ok(date) if words::is_past(date, now) => ((texts().devices.ended)(&date.to_string()), Tone::Plan),
        Ok(date) => (date.to_string(), Tone::Plain),
        Err(_) => (text.to_owned(), Tone::Plain),
    })
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
