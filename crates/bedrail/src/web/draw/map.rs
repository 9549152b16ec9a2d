//! The map: sites, and in them wards as blocks whose area is their number of devices. In each block the affected share
//! is filled from the left, the share that cannot be told follows hatched.

use super::{Area, Drawing, fit};
use crate::web::link::Link;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// One ward of the map.
#[derive(Debug, Clone)]
pub(crate) struct Ward {
    /// Site.
    pub(crate) site: String,
    /// Ward.
    pub(crate) ward: String,
    /// Devices.
    pub(crate) devices: u64,
    /// Affected ones, or ones that have the component.
    pub(crate) hit: u64,
    /// Ones of which it cannot be told.
    pub(crate) cannot_tell: u64,
    /// Hit or cannot tell, and facing the outside.
    pub(crate) outside: u64,
}

impl Ward {
    /// What the block says, for people who cannot see it.
    fn reading(&self, hit_word: &str) -> String {
        let t = &texts().affected;
        let mut text = (t.block)(&self.site, &self.ward, self.hit, hit_word, self.devices);
        if self.cannot_tell > 0 {
            text += &(t.block_blind)(self.cannot_tell);
        }
        if self.outside > 0 {
            text += &(t.block_outside)(self.outside);
        }
        text
    }
}

/// How the map is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style<'a> {
    /// Width in user units: about the pixels it will have.
    pub(crate) width: f64,
    /// Height of the blocks.
    pub(crate) height: f64,
    /// A class that says where it is shown.
    pub(crate) class: &'a str,
    /// The colour of hits.
    pub(crate) tone: Tone,
    /// The word for hits: "affected".
    pub(crate) hit_word: &'a str,
}

/// Height of a site's title.
const TITLE: f64 = 20.0;
/// Room between sites.
const GAP: f64 = 10.0;

/// Draws the map. Sites stand side by side on a wide drawing and below one another on a narrow one.
pub(crate) fn map(wards: &[Ward], link: &Link, style: &Style<'_>) -> String {
    let sites = group_by_site(wards);
    let total: u64 = wards.iter().map(|ward| ward.devices.max(1)).sum();
    let wide = style.width > 600.0;
    let room = if wide { style.width } else { style.height } - GAP * sites.len().saturating_sub(1) as f64;
    let least = if wide { 90.0 } else { 70.0 };
    let lengths = shares(&sites, total, room, least);
    let height = if wide { style.height } else { lengths.iter().sum::<f64>() + GAP * sites.len() as f64 };
    let mut drawing = Drawing::new(style.width, height, style.class, texts().affected.map);
    let mut at = 0.0;
    for ((site, wards), length) in sites.iter().zip(lengths) {
        let area = if wide {
            Area { x: at, y: 0.0, width: length, height }
        } else {
            Area { x: 0.0, y: at, width: style.width, height: length }
        };
        draw_site(&mut drawing, site, wards, area, link, style);
        at += length + GAP;
    }
    drawing.finish()
}

type Site<'a> = (&'a str, Vec<&'a Ward>);

fn group_by_site(wards: &[Ward]) -> Vec<Site<'_>> {
    let mut sites: Vec<Site<'_>> = Vec::new();
    for ward in wards.iter().filter(|ward| ward.devices > 0) {
        match sites.iter_mut().find(|(site, _)| *site == ward.site) {
            Some((_, wards)) => wards.push(ward),
            None => sites.push((&ward.site, vec![ward])),
        }
    }
    let size = |wards: &[&Ward]| wards.iter().map(|ward| ward.devices).sum::<u64>();
    sites.sort_by_key(|(name, wards)| (std::cmp::Reverse(size(wards)), *name));
    for (_, wards) in &mut sites {
        wards.sort_by_key(|ward| (std::cmp::Reverse(ward.devices), ward.ward.as_str()));
    }
    sites
}

/// A length for each site by its devices, none below the least that can carry a title.
fn shares(sites: &[Site<'_>], total: u64, room: f64, least: f64) -> Vec<f64> {
    let least = least.min(room / sites.len().max(1) as f64);
    let spare = room - least * sites.len() as f64;
    let size = |wards: &[&Ward]| wards.iter().map(|ward| ward.devices).sum::<u64>() as f64;
    sites.iter().map(|(_, wards)| least + spare * size(wards) / total.max(1) as f64).collect()
}

fn draw_site(drawing: &mut Drawing, site: &str, wards: &[&Ward], area: Area, link: &Link, style: &Style<'_>) {
    let devices: u64 = wards.iter().map(|ward| ward.devices).sum();
    let title = format!("{site} · {}", words::number(devices));
    drawing.text("strong", area.x, area.y + 13.0, fit(&title, area.width * 0.88 - 6.0));
    let inner = Area { y: area.y + TITLE, height: (area.height - TITLE).max(10.0), ..area };
    let sizes: Vec<f64> = wards.iter().map(|ward| ward.devices as f64).collect();
    for (ward, block) in wards.iter().zip(squarify(&sizes, inner)) {
        draw_ward(drawing, ward, block, link, style);
    }
}

fn draw_ward(drawing: &mut Drawing, ward: &Ward, block: Area, link: &Link, style: &Style<'_>) {
    let block = Area { width: (block.width - 2.0).max(0.5), height: (block.height - 2.0).max(0.5), ..block };
    let link = link.with("site", &ward.site).with("ward", &ward.ward);
    let counts = match (ward.hit, ward.cannot_tell) {
        (0, 0) => String::new(),
        (hit, _) => format!("{hit} of {}", ward.devices),
    };
    let titled = block.height >= 30.0 && block.width >= 40.0;
    if titled {
        drawing.begin_text_link(link, &ward.reading(style.hit_word));
    } else {
        drawing.begin_link(link, &ward.reading(style.hit_word));
    }
    drawing.rect("fill-block", block);
    let top = if titled { (block.height * 0.55).clamp(18.0, 36.0) } else { 0.0 };
    let filled = Area { y: block.y + top, height: block.height - top, ..block };
    let unit = filled.width / ward.devices.max(1) as f64;
    let hit = Area { width: unit * ward.hit as f64, ..filled };
    drawing.rect(fill(style.tone), hit);
    let unknown = Area { x: filled.x + hit.width, width: unit * ward.cannot_tell as f64, ..filled };
    drawing.rect("fill-unknown", unknown);
    if titled {
        drawing.text("", block.x + 4.0, block.y + 14.0, fit(&ward.ward, block.width - 6.0));
        if top >= 34.0 {
            drawing.text("soft", block.x + 4.0, block.y + 29.0, fit(&counts, block.width - 6.0));
        }
    }
    drawing.rect("edge", block);
    drawing.end_link();
}

/// The class that fills an area in a tone.
pub(crate) const fn fill(tone: Tone) -> &'static str {
    match tone {
        Tone::Act => "fill-act",
        Tone::Plan => "fill-plan",
        Tone::Known => "fill-known",
        Tone::Unknown => "fill-unknown",
        Tone::Good => "fill-good",
        Tone::Plain => "fill-plain",
    }
}

/// Divides an area into rectangles of the given sizes (descending), as close to squares as a simple rule gets them:
/// rows are filled along the shorter side while the worst aspect ratio improves (Bruls, Huizing, van Wijk 2000).
fn squarify(sizes: &[f64], area: Area) -> Vec<Area> {
    let total: f64 = sizes.iter().sum();
    let scale = area.width * area.height / total.max(f64::MIN_POSITIVE);
    let mut rest = area;
    let mut out = Vec::with_capacity(sizes.len());
    let mut start = 0;
    while start < sizes.len() {
        let side = rest.width.min(rest.height).max(0.1);
        let mut end = start + 1;
        while end < sizes.len()
            && worst(&sizes[start..=end], scale, side) <= worst(&sizes[start..end], scale, side)
        {
            end += 1;
        }
        rest = lay_row(&sizes[start..end], scale, rest, &mut out);
        start = end;
    }
    out
}

/// The worst aspect ratio of a row along a side.
fn worst(row: &[f64], scale: f64, side: f64) -> f64 {
    let sum = row.iter().sum::<f64>() * scale;
    let depth = sum / side;
    row.iter()
        .map(|size| (size * scale / depth) / depth)
        .map(|ratio| ratio.max(1.0 / ratio))
        .fold(0.0, f64::max)
}

/// Lays a row along the shorter side of an area; returns what is left of the area.
fn lay_row(row: &[f64], scale: f64, rest: Area, out: &mut Vec<Area>) -> Area {
    let sum = row.iter().sum::<f64>() * scale;
    let upright = rest.width >= rest.height;
    let depth = sum / if upright { rest.height } else { rest.width }.max(0.1);
    let mut at = 0.0;
    for size in row {
        let length = size * scale / depth.max(f64::MIN_POSITIVE);
        out.push(if upright {
            Area { x: rest.x, y: rest.y + at, width: depth, height: length }
        } else {
            Area { x: rest.x + at, y: rest.y, width: length, height: depth }
        });
        at += length;
    }
    if upright {
        Area { x: rest.x + depth, width: (rest.width - depth).max(0.0), ..rest }
    } else {
        Area { y: rest.y + depth, height: (rest.height - depth).max(0.0), ..rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_fill_the_area_and_keep_their_share() {
        let area = Area { x: 0.0, y: 0.0, width: 600.0, height: 400.0 };
        let sizes = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let blocks = squarify(&sizes, area);
        assert_eq!(blocks.len(), sizes.len());
        for (block, size) in blocks.iter().zip(sizes) {
            let share = block.width * block.height / (600.0 * 400.0);
            assert!((share - size / 24.0).abs() < 1e-9, "{block:?}");
            assert!(block.x >= -1e-9 && block.x + block.width <= 600.0 + 1e-6);
            assert!(block.y >= -1e-9 && block.y + block.height <= 400.0 + 1e-6);
        }
    }

    #[test]
    fn hostile_names_are_escaped_in_the_picture() {
        let ward = Ward {
            site: "<script>".into(),
            ward: "\"><img src=x onerror=alert(1)>".into(),
            devices: 5,
            hit: 2,
            cannot_tell: 1,
            outside: 1,
        };
        let style =
            Style { width: 900.0, height: 200.0, class: "wide-only", tone: Tone::Act, hit_word: "affected" };
        let svg = map(&[ward], &Link::to("/affected").with("q", "x"), &style);
        assert!(!svg.contains("<script>") && !svg.contains("<img"), "{svg}");
    }

    #[test]
    fn an_empty_hospital_is_an_empty_map() {
        let style = Style { width: 900.0, height: 200.0, class: "", tone: Tone::Act, hit_word: "affected" };
        assert!(map(&[], &Link::to("/affected"), &style).ends_with("</svg>"));
    }
}
