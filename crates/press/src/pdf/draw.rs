//! Sheets, drawn as PDF. Nothing here looks at a clock: the date in the file is the document's.

use jiff::tz::TimeZone;
use krilla::Document as File;
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::TextDirection;

use super::SMALL;
use super::sheet::{Mark, Sheet, TALL, WIDE};
use crate::PressError;
use crate::fonts::Fonts;
use crate::tree::Document;

fn fill(red: u8, green: u8, blue: u8) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn fault(message: impl std::fmt::Display) -> PressError {
    PressError::Writer { format: "PDF", message: message.to_string() }
}

pub(super) fn draw(document: &Document, fonts: &mut Fonts, sheets: &[Sheet]) -> Result<Vec<u8>, PressError> {
    let mut file = File::new();
    let mut outline = Outline::new();
    let head = format!("{} · {}", document.organisation, document.moment());
    let (head, mark) = (fonts.shown(&head, false), fonts.shown(&document.mark, false));
    for (index, sheet) in sheets.iter().enumerate() {
        let settings = PageSettings::from_wh(WIDE, TALL).ok_or_else(|| fault("no page of that size"))?;
        let mut page = file.start_page_with(settings);
        let mut surface = page.surface();
        if !document.letter {
            text(&mut surface, fonts, &head, 54.0, 40.0, SMALL, false);
        }
        text(&mut surface, fonts, &mark, 54.0, TALL - 34.0, 7.0, false);
        let number = format!("{} / {}", index + 1, sheets.len());
        let right = WIDE - 54.0 - fonts.regular.width(&number, SMALL);
        if !document.letter || sheets.len() > 1 {
            text(&mut surface, fonts, &number, right, TALL - 34.0, SMALL, false);
        }
        for mark in &sheet.marks {
            one(&mut surface, fonts, mark);
        }
        surface.finish();
        page.finish();
        for (_, words, y) in sheet.headings.iter().filter(|(level, ..)| *level <= 2) {
            let place = XyzDestination::new(index, Point::from_xy(0.0, *y));
            outline.push_child(OutlineNode::new(words.clone(), place));
        }
    }
    if !document.letter {
        file.set_outline(outline);
    }
    file.set_metadata(metadata(document));
    file.finish().map_err(|error| fault(format!("{error:?}")))
}

fn metadata(document: &Document) -> Metadata {
    let at = document.at.to_zoned(TimeZone::UTC);
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    let date = DateTime::new(u16::try_from(at.year()).unwrap_or(1970))
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(crate::tree::writable(&document.title))
        .authors(vec![crate::tree::writable(&document.organisation)])
        .creator("Bedrail".to_owned())
        .language("en".to_owned())
        .creation_date(date)
        .document_id(format!("{} {} {}", document.title, document.at, document.mark))
}

fn text(surface: &mut Surface<'_>, fonts: &Fonts, words: &str, x: f32, y: f32, size: f32, bold: bool) {
    if words.is_empty() {
        return;
    }
    surface.set_fill(Some(fill(0x11, 0x11, 0x11)));
    surface.set_stroke(None);
    let (letters, start) = (fonts.letters(bold), Point::from_xy(x, y));
    let font = letters.font.clone();
    match letters.plain(words) {
        Some(glyphs) => surface.draw_glyphs(start, &glyphs, font, words, size, false),
        None => surface.draw_text(start, font, size, words, false, TextDirection::LeftToRight),
    }
}

fn one(surface: &mut Surface<'_>, fonts: &Fonts, mark: &Mark) {
    match mark {
        Mark::Text { x, y, size, bold, words } => text(surface, fonts, words, *x, *y, *size, *bold),
        Mark::Field { x, y, wide, tall, grey } => {
            let paint = if *grey { fill(0xec, 0xec, 0xec) } else { fill(0x2f, 0x6f, 0x9f) };
            field(surface, [*x, *y, *wide, *tall], Some(paint), None);
        }
        Mark::Edge { x, y, wide, tall } => {
            let paint = rgb::Color::new(0x99, 0x99, 0x99).into();
            let stroke = Stroke { paint, width: 0.5, ..Stroke::default() };
            field(surface, [*x, *y, *wide, *tall], None, Some(stroke));
        }
    }
}

fn field(
    surface: &mut Surface<'_>,
    [x, y, wide, tall]: [f32; 4],
    fill: Option<Fill>,
    stroke: Option<Stroke>,
) {
    let Some(rect) = Rect::from_xywh(x, y, wide, tall) else { return };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    let Some(path) = path.finish() else { return };
    surface.set_fill(fill);
    surface.set_stroke(stroke);
    surface.draw_path(&path);
}
