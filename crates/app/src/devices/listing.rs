//! The device list and the grid of wards by kinds, cut from the summary in memory.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use bedrail_model::answer::Answer;
use bedrail_model::device::DeviceFacts;
use bedrail_model::ids::DeviceId;
use bedrail_store::View;
use bedrail_store::devices::{self, DeviceRow as Row};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{DeviceFilter, DeviceGrid, DeviceRow, DeviceSort};
use crate::Error;
use crate::fleet::{Brief, Device, Fleet};
use crate::page::{Direction, Page, PageRequest};

/// Kinds that have a column of their own in the grid.
const KINDS: usize = 8;

/// A filter with its texts made ready for comparing.
struct Wanted<'a> {
    filter: &'a DeviceFilter,
    words: Vec<String>,
    maker: Option<String>,
    /// Per class, whether it passes what the filter asks of releases and findings.
    classes: Vec<bool>,
    /// Per release, whether each of the words stands in its name: bit by bit.
    release_words: Vec<u64>,
    /// The same of each place's site.
    place_words: Vec<u64>,
    /// Per place and per kind, whether it passes.
    places: Vec<bool>,
    kinds: Vec<bool>,
}

impl<'a> Wanted<'a> {
    fn new(fleet: &Fleet, filter: &'a DeviceFilter) -> Wanted<'a> {
        let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
        let words: Vec<String> = text.split_whitespace().take(64).map(str::to_owned).collect();
        let hits = |search: &str| {
            let hit = |(bit, word): (usize, &String)| u64::from(search.contains(word.as_str())) << bit;
            words.iter().enumerate().map(hit).sum()
        };
        let release_words = fleet.products.releases.iter().map(|release| hits(&release.search)).collect();
        let place_words = fleet.devices.places.iter().map(|place| hits(&place.site.to_lowercase())).collect();
        let maker = filter.maker.as_ref().map(|maker| maker.trim().to_lowercase());
        let same =
            |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text);
        let places = fleet.devices.places.iter();
        let places =
            places.map(|place| same(&filter.site, &place.site) && same(&filter.ward, &place.ward)).collect();
        let kinds = fleet.devices.kinds.iter().map(|kind| same(&filter.kind, kind)).collect();
        let classes = Vec::new();
        let mut wanted = Wanted { filter, words, maker, classes, release_words, place_words, places, kinds };
        wanted.classes =
            (0..).zip(&fleet.products.classes).map(|(at, _)| wanted.takes_class(fleet, at)).collect();
        wanted
    }

    fn takes_class(&self, fleet: &Fleet, at: u32) -> bool {
        let class = &fleet.products.classes[at as usize];
        let release = &fleet.release_of(at).row;
        let has_sbom = release.content.is_some();
        let answer = match self.filter.answer {
            Some(Answer::Affected) => class.affected > 0,
            Some(Answer::CannotTell) => class.cannot_tell > 0 || !has_sbom,
            Some(Answer::NotAffected) => has_sbom && class.affected == 0 && class.cannot_tell == 0,
            None => true,
        };
        answer
            && self.filter.release.is_none_or(|id| release.id == id)
            && self.filter.sbom.is_none_or(|sbom| sbom == has_sbom)
            && self.maker.as_ref().is_none_or(|maker| release.maker.to_lowercase() == *maker)
    }

    /// Whether the device at this place of the summary passes.
    fn takes(&self, fleet: &Fleet, at: u32, device: &Brief) -> bool {
        self.classes[device.class as usize]
            && self.places[device.place as usize]
            && self.kinds[device.kind as usize]
            && self.filter.exposure.is_none_or(|exposure| device.exposure == exposure)
            && self.filter.owned.is_none_or(|owned| device.owned == owned)
            && (self.words.is_empty() || self.takes_words(fleet, at, device))
    }

    /// Every word stands somewhere: in the device's texts, its release's name, or its site.
    fn takes_words(&self, fleet: &Fleet, at: u32, device: &Brief) -> bool {
        let release = fleet.products.release_of[device.class as usize];
        let elsewhere = self.release_words[release as usize] | self.place_words[device.place as usize];
        self.words.iter().enumerate().all(|(bit, word)| {
            elsewhere >> bit & 1 == 1 || fleet.devices.list[at as usize].search.contains(word.as_str())
        })
    }
}

/// A page of the list.
pub(super) async fn page(
    fleet: &Fleet,
    view: &View,
    filter: &DeviceFilter,
    page: &PageRequest,
) -> Result<Page<DeviceRow>, Error> {
    let wanted = Wanted::new(fleet, filter);
    let devices = (0..).zip(&fleet.devices.briefs);
    let mut found: Vec<u32> =
        devices.filter(|(at, device)| wanted.takes(fleet, *at, device)).map(|(at, _)| at).collect();
    let total = found.len() as u64;
    let order = |a: &u32, b: &u32| {
        let order = compare(fleet, filter.sort, *a, *b);
        if filter.direction == Direction::Descending { order.reverse() } else { order }
    };
    let id = |at: &u32| fleet.devices.list[*at as usize].id;
    let offset = page.skip(|after| {
        let after: DeviceId = after.parse().ok()?;
        let last = found.iter().find(|at| id(at) == after)?;
        Some(found.iter().filter(|at| order(at, last).is_lt()).count() as u64)
    })?;
    let ids: Vec<DeviceId> = window(&mut found, offset, page.rows(), order).iter().map(id).collect();
    let rows = load(fleet, view, &ids).await?;
    Ok(Page::of(rows, total, offset, |row: &DeviceRow| row.id.to_string()))
}

/// How well a device bears a text in lower case: it is its name, a fact says so, a fact begins so, or only that the text is
/// somewhere in it.
fn rank(device: &Device, whole: &str) -> usize {
    if device.name.len() == whole.len() && device.name.to_lowercase() == whole {
        0
    } else if !device.search.contains(whole) {
        3
    } else if device.search.lines().any(|fact| fact == whole) {
        1
    } else if device.search.lines().any(|fact| fact.starts_with(whole)) {
        2
    } else {
        3
    }
}

/// The devices that a text finds, those that bear it as their name first, then in the order of the summary; and how many
/// there are.
pub(crate) async fn search(
    fleet: &Fleet,
    view: &View,
    text: &str,
    limit: usize,
) -> Result<(Vec<DeviceRow>, u64), Error> {
    let filter = DeviceFilter { text: Some(text.to_owned()), ..DeviceFilter::default() };
    let (wanted, whole) = (Wanted::new(fleet, &filter), text.trim().to_lowercase());
    // Of each rank no more than are shown.
    let mut ranks: [Vec<u32>; 4] = Default::default();
    let mut total = 0;
    for (at, device) in (0..).zip(&fleet.devices.briefs) {
        if !wanted.takes(fleet, at, device) {
            continue;
        }
        total += 1;
        let rank = rank(&fleet.devices.list[at as usize], &whole);
        if ranks[rank].len() < limit {
            ranks[rank].push(at);
        }
    }
    let ids = ranks.concat().into_iter().take(limit).map(|at| fleet.devices.list[at as usize].id);
    let ids: Vec<DeviceId> = ids.collect();
    Ok((load(fleet, view, &ids).await?, total))
}

/// The items of one page of a list in order; only these are sorted, however long the list is.
fn window<T>(list: &mut [T], offset: u64, limit: usize, order: impl Fn(&T, &T) -> Ordering + Copy) -> &[T] {
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    if skip >= list.len() {
        return &[];
    }
    list.select_nth_unstable_by(skip, order);
    let rest = &mut list[skip..];
    if limit < rest.len() {
        rest.select_nth_unstable_by(limit, order);
    }
    let shown = rest.len().min(limit);
    let shown = &mut rest[..shown];
    shown.sort_unstable_by(order);
    shown
}

/// The order of two devices of the summary; what is equal keeps the order of the summary.
fn compare(fleet: &Fleet, by: DeviceSort, a: u32, b: u32) -> Ordering {
    let (one, two) = (&fleet.devices.briefs[a as usize], &fleet.devices.briefs[b as usize]);
    let device = |at: u32| &*fleet.devices.list[at as usize];
    let pressing = |device: &Brief| {
        let class = fleet.class(device);
        (device.exposure, Reverse(class.known_exploited), Reverse(class.affected), Reverse(class.cannot_tell))
    };
    let affected = |device: &Brief| {
        let class = fleet.class(device);
        (class.affected, class.cannot_tell)
    };
    let release = |device: &Brief| &fleet.release_of(device.class).search;
    let order = match by {
        DeviceSort::Exposure => pressing(one).cmp(&pressing(two)),
        DeviceSort::Name => natural(&device(a).name, &device(b).name),
        DeviceSort::Maker => release(one).cmp(release(two)),
        DeviceSort::Place => one.place.cmp(&two.place),
        DeviceSort::Affected => affected(one).cmp(&affected(two)),
        DeviceSort::SupportEnds => match (&device(a).support_ends, &device(b).support_ends) {
            (Some(one), Some(two)) => one.cmp(two),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        },
    };
    order.then(a.cmp(&b))
}

/// Names as people count: `P-9` before `P-10`.
fn natural(a: &str, b: &str) -> Ordering {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    // What both begin with says nothing, but for a number that the difference stands in.
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let same = a.floor_char_boundary(same);
    let number = a.as_bytes()[..same].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (mut left, mut right) = (&a[same - number..], &b[same - number..]);
    while let (Some(one), Some(two)) = (left.chars().next(), right.chars().next()) {
        let (n, m) = (digits(left), digits(right));
        if n > 0 && m > 0 {
            let (one, two) = (left[..n].trim_start_matches('0'), right[..m].trim_start_matches('0'));
            match one.len().cmp(&two.len()).then_with(|| one.cmp(two)) {
                Ordering::Equal => (left, right) = (&left[n..], &right[m..]),
                other => return other,
            }
            continue;
        }
        match one.cmp(&two) {
            Ordering::Equal => (left, right) = (&left[one.len_utf8()..], &right[two.len_utf8()..]),
            other => return other,
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// Rows of these devices, in their order.
async fn load(fleet: &Fleet, view: &View, ids: &[DeviceId]) -> Result<Vec<DeviceRow>, Error> {
    let rows = devices::by_ids(view, ids).await?;
    let mut rows: HashMap<DeviceId, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).filter_map(|row| shown_row(fleet, &row)).collect())
}

/// A stored device with what its release and its site say, and with how far it can be reached from as declared or seen.
pub(crate) fn shown(fleet: &Fleet, row: &Row) -> Option<DeviceFacts> {
    let class = *fleet.products.class_index.get(&row.class)?;
    let release = &fleet.release_of(class).row;
    Some(DeviceFacts {
        maker: Some(release.maker.clone()),
        model: Some(release.model.clone()),
        version: release.version.clone(),
        site: row.site.and_then(|site| fleet.products.site(site)),
        exposure: fleet.devices.exposure_of(row),
        ..row.facts.clone()
    })
}

/// A row of the list.
pub(super) fn shown_row(fleet: &Fleet, row: &Row) -> Option<DeviceRow> {
    let at = *fleet.products.class_index.get(&row.class)?;
    let class = &fleet.products.classes[at as usize];
    let release = &fleet.release_of(at).row;
    let facts = shown(fleet, row)?;
    let unassessed = fleet.content_of(at).map_or(0, |content| fleet.bills.unassessed(content));
    Some(DeviceRow {
        id: row.id,
        name: crate::fleet::device_name(&facts).to_owned(),
        facts,
        declared: row.facts.exposure,
        release: release.id,
        class: row.class,
        has_sbom: release.content.is_some(),
        affected: class.affected,
        cannot_tell: class.cannot_tell + unassessed,
        known_exploited: class.known_exploited,
    })
}

/// Wards by kinds.
pub(super) fn grid(fleet: &Fleet, now: Timestamp) -> DeviceGrid {
    let mut by_kind = vec![0_u64; fleet.devices.kinds.len()];
    for device in &fleet.devices.briefs {
        by_kind[device.kind as usize] += 1;
    }
    let named = fleet.devices.kinds.iter().map(|kind| &**kind).zip(by_kind);
    let mut kinds: Vec<(&str, u64)> = named.filter(|(kind, _)| !kind.is_empty()).collect();
    kinds.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    kinds.truncate(KINDS);
    let other = kinds.len();
    let column = |kind: &str| kinds.iter().position(|(one, _)| *one == kind).unwrap_or(other);
    let columns: Vec<usize> = fleet.devices.kinds.iter().map(|kind| column(kind)).collect();
    let classes = 0..crate::fleet::index(fleet.products.classes.len());
    let blind_classes: Vec<bool> = classes.map(|class| fleet.is_blind(class)).collect();
    let mut wards: Vec<(Vec<u64>, u64)> = vec![(vec![0; other + 1], 0); fleet.devices.places.len()];
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut ends: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    let mut without_sbom = 0;
    for device in &fleet.devices.briefs {
        let (counts, blind) = &mut wards[device.place as usize];
        counts[columns[device.kind as usize]] += 1;
        if blind_classes[device.class as usize] {
            *blind += 1;
            without_sbom += 1;
        }
    }
    for day in fleet.devices.list.iter().filter_map(|device| device.support_ends.as_deref()) {
        if let Some(day) = day.parse::<Date>().ok().filter(|day| *day < today) {
            *ends.entry(day.strftime("%Y-%m").to_string()).or_default() += 1;
        }
    }
    let mut shown: Vec<String> = kinds.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    if wards.iter().any(|(counts, _)| counts[other] > 0) {
        shown.push("other".into());
    } else {
        wards.iter_mut().for_each(|(counts, _)| counts.truncate(other));
    }
    let wards = fleet.devices.places.iter().zip(wards);
    let wards = wards
        .filter(|(_, (counts, _))| counts.iter().any(|count| *count > 0))
        .map(|(place, (counts, blind))| (place.site.to_string(), place.ward.to_string(), counts, blind));
    let mut sites: Vec<String> = fleet.devices.places.iter().map(|place| place.site.to_string()).collect();
    sites.retain(|site| !site.is_empty());
    sites.dedup();
    let mut makers: Vec<String> =
        fleet.products.releases.iter().map(|release| release.row.maker.clone()).collect();
    makers.sort_by_key(|maker| maker.to_lowercase());
    makers.dedup_by_key(|maker| maker.to_lowercase());
    DeviceGrid {
        kinds: shown,
        wards: wards.collect(),
        devices: fleet.devices.list.len() as u64,
        without_sbom,
        support_ends: ends.into_iter().collect(),
        sites,
        makers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_what_the_whole_sorted_list_would_show() {
        let list: Vec<u32> = (0..1000).map(|at| at * 7919 % 1009).collect();
        let mut sorted = list.clone();
        sorted.sort_unstable();
        for (offset, limit) in [(0, 50), (950, 50), (980, 50), (999, 1), (1000, 50), (0, 500), (3, 1)] {
            let end = sorted.len().min(offset as usize + limit);
            let mut list = list.clone();
            let shown = window(&mut list, offset, limit, u32::cmp);
            assert_eq!(shown, &sorted[(offset as usize).min(end)..end], "{offset} {limit}");
        }
    }

    #[test]
    fn names_are_ordered_as_people_count() {
        let mut names = ["P-10", "P-9", "a", "P-09", "P-9a", "Ä-1", "P-", ""];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["", "P-", "P-09", "P-9", "P-9a", "P-10", "a", "Ä-1"]);
    }
}
