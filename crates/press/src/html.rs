//! As HTML: one file without anything from outside, to be read on a screen and printed; or its body alone, for a page.

use std::fmt::Write as _;

use crate::tree::{Bars, Block, Document, Piece, Spans, Table, escaped};
use crate::{PressError, within_limits};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#111;background:#fff}\
h1,h2,h3{line-height:1.2;break-after:avoid}table{border-collapse:collapse;width:100%;font-size:14px}\
th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
th{background:#eee}td.number,th.number{text-align:right}caption{text-align:left;font-weight:600;padding:.5rem 0}\
tr{break-inside:avoid}ul.ticks{list-style:none;padding-left:0}ul.ticks li::before{content:\"\\2610\\00a0\"}\
svg{max-width:100%;height:auto}.soft{color:#444}header,footer{color:#444;font-size:14px}\
.newpage{break-before:page}@media print{body{margin:0;max-width:none}thead{display:table-header-group}}";

/// The whole file.
///
/// # Errors
/// [`PressError::TooMuch`].
pub fn html(document: &Document) -> Result<String, PressError> {
    let title = escaped(&document.title);
    let head = if document.letter {
        String::new()
    } else {
        let mark = mark(document);
        format!(
            "<header><p>{} · {}{mark}</p></header>\n<h1>{title}</h1>\n",
            escaped(&document.organisation),
            document.moment()
        )
    };
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\n<body>\n{head}{}</body></html>\n",
        fragment(document)?
    ))
}

fn mark(document: &Document) -> String {
    if document.mark.is_empty() { String::new() } else { format!(" · {}", escaped(&document.mark)) }
}

/// The body without title and style, for a page that has both. Headings begin at `h2`.
///
/// # Errors
/// [`PressError::TooMuch`].
pub fn fragment(document: &Document) -> Result<String, PressError> {
    within_limits(document)?;
    let mut out = String::new();
    let mut number = 0;
    for block in &document.blocks {
        number += 1;
        match block {
            Block::Heading(level, words) => {
                let level = (*level).clamp(1, 3) + 1;
                let _ = writeln!(out, "<h{level}>{}</h{level}>", escaped(words));
            }
            Block::Text(pieces) => {
                let _ = writeln!(out, "<p>{}</p>", pieces.iter().map(piece).collect::<String>());
            }
            Block::List(items) => list(&mut out, "", items),
            Block::Ticks(items) => list(&mut out, " class=\"ticks\"", items),
            Block::Table(it) => table(&mut out, it, number),
            Block::Bars(it) => bars(&mut out, it),
            Block::Spans(it) => spans(&mut out, it),
            Block::NewPage => out.push_str("<div class=\"newpage\"></div>\n"),
        }
    }
    Ok(out)
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Strong(words) => format!("<strong>{}</strong>", escaped(words)),
        Piece::LineEnd => "<br>".to_owned(),
        other => escaped(&other.printed()),
    }
}

fn list(out: &mut String, class: &str, items: &[String]) {
    let _ = writeln!(out, "<ul{class}>");
    for item in items {
        let _ = writeln!(out, "<li>{}</li>", escaped(item));
    }
    out.push_str("</ul>\n");
}

fn table(out: &mut String, table: &Table, number: usize) {
    if table.rows.is_empty() {
        let _ = writeln!(out, "<p class=\"soft\">{}: {}</p>", escaped(&table.caption), escaped(&table.empty));
        return;
    }
    let class = |is: bool| if is { " class=\"number\"" } else { "" };
    let _ = write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}, {number}\"><table><caption>{}</caption>\n<thead><tr>",
        escaped(&table.caption),
        escaped(&table.caption)
    );
    for column in &table.columns {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(column.number), escaped(&column.head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (index, column) in table.columns.iter().enumerate() {
            let cell = row.get(index).map(String::as_str).unwrap_or_default();
            let _ = write!(out, "<td{}>{}</td>", class(column.number), escaped(cell).replace('\n', "<br>"));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

/// Height of a bar with its gap, in units of the picture.
const STEP: usize = 26;

/// The same where a name has two lines.
const TALL: usize = 38;
/// Characters of a name that stand in a line.
const NAME: usize = 33;

/// A name in one line where it fits, else in two: after the last stroke between a site and its ward, or between words.
fn lines(name: &str) -> Vec<String> {
    let long = |words: &str| words.chars().count() > NAME;
    if !long(name) {
        return vec![name.to_owned()];
    }
    let cut = |words: &str| {
        if long(words) { words.chars().take(NAME - 1).collect::<String>() + "…" } else { words.to_owned() }
    };
    let stroke = name.rfind(" / ").map(|at| at + 2);
    let words = || name.match_indices(' ').map(|(at, _)| at).take_while(|at| !long(&name[..*at])).last();
    match stroke.or_else(words) {
        Some(at) => vec![cut(&name[..at]), cut(name[at..].trim_start())],
        None => vec![cut(name)],
    }
}

/// From row to row of a picture with these names.
fn step<'a>(mut names: impl Iterator<Item = &'a str>) -> usize {
    if names.any(|name| lines(name).len() > 1) { TALL } else { STEP }
}

/// A name to the left of a bar that begins at a height, with the whole of it as its tip.
fn name_beside(out: &mut String, name: &str, y: usize) {
    let lines = lines(name);
    let first = if lines.len() > 1 { y + 7 } else { y + 14 };
    let _ = write!(
        out,
        "<text text-anchor=\"end\" font-size=\"13\" fill=\"currentColor\"><title>{}</title>",
        escaped(name)
    );
    for (index, line) in lines.iter().enumerate() {
        let _ = write!(out, "<tspan x=\"232\" y=\"{}\">{}</tspan>", first + index * 14, escaped(line));
    }
    out.push_str("</text>");
}

fn bars(out: &mut String, bars: &Bars) {
    let caption = escaped(&bars.caption);
    let step = step(bars.bars.iter().map(|bar| bar.name.as_str()));
    let height = bars.bars.len() * step + 6;
    let _ = writeln!(
        out,
        "<figure><figcaption>{caption}</figcaption>\n<svg viewBox=\"0 0 720 {height}\" width=\"720\" height=\"{height}\" role=\"img\" aria-label=\"{caption}\">"
    );
    for (index, bar) in bars.bars.iter().enumerate() {
        let y = index * step + (step - 18) / 2;
        let long = bars.length(bar) * 380.0;
        name_beside(out, &bar.name, y);
        let _ = writeln!(
            out,
            "<rect x=\"240\" y=\"{y}\" width=\"{long:.1}\" height=\"18\" fill=\"#2f6f9f\"/><text x=\"{:.1}\" y=\"{}\" font-size=\"13\" fill=\"currentColor\">{}</text>",
            246.0 + long,
            y + 14,
            escaped(&bar.words)
        );
    }
    out.push_str("</svg></figure>\n");
}

fn spans(out: &mut String, spans: &Spans) {
    let caption = escaped(&spans.caption);
    let step = step(spans.rows.iter().map(|row| row.name.as_str()));
    let height = spans.rows.len() * step + STEP;
    let _ = writeln!(
        out,
        "<figure><figcaption>{caption}</figcaption>\n<svg viewBox=\"0 0 720 {height}\" width=\"720\" height=\"{height}\" role=\"img\" aria-label=\"{caption}\"><text x=\"240\" y=\"14\" font-size=\"12\" fill=\"currentColor\">{}</text><text x=\"620\" y=\"14\" text-anchor=\"end\" font-size=\"12\" fill=\"currentColor\">{}</text>",
        escaped(&spans.from),
        escaped(&spans.to)
    );
    for (index, row) in spans.rows.iter().enumerate() {
        let y = index * step + STEP - 4;
        name_beside(out, &row.name, y);
        let _ = write!(
            out,
            "<rect x=\"240\" y=\"{y}\" width=\"380\" height=\"18\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.5\"/>"
        );
        for (from, long) in row.drawn() {
            let (x, long) = (240.0 + from * 380.0, long * 380.0);
            let _ = write!(
                out,
                "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{long:.1}\" height=\"18\" fill=\"#2f6f9f\"/>"
            );
        }
        let _ = writeln!(
            out,
            "<text x=\"626\" y=\"{}\" font-size=\"13\" fill=\"currentColor\">{}</text>",
            y + 14,
            escaped(&row.words)
        );
    }
    out.push_str("</svg></figure>\n");
}
