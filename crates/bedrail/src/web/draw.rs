//! Pictures as SVG, drawn here so that they need no script. Only presentation attributes and classes: the content
//! policy allows no inline style. Each picture has a one-sentence reading and a table behind it on its page.

pub(crate) mod bars;
pub(crate) mod blocked;
pub(crate) mod branches;
pub(crate) mod burn;
pub(crate) mod coverage;
pub(crate) mod line;
pub(crate) mod map;
pub(crate) mod month;
pub(crate) mod reach;

use std::fmt::{self, Display, Write};

use super::tone::Tone;

/// A drawing under construction. Texts are escaped; numbers are rounded to a tenth.
#[derive(Debug)]
pub(crate) struct Drawing(String);

impl Drawing {
    /// A drawing of a size in user units, with a class beside `drawing` and a name for people who cannot see it.
    pub(crate) fn new(width: f64, height: f64, class: &str, name: &str) -> Drawing {
        let mut out = String::with_capacity(4096);
        let _ = write!(
            out,
            r#"<svg class="drawing {class}" viewBox="0 0 {width:.0} {height:.0}" role="group" aria-label="{}">"#,
            Escaped(name)
        );
        Drawing(out)
    }

    /// A rectangle.
    pub(crate) fn rect(&mut self, class: &str, area: Area) {
        let Area { x, y, width, height } = area;
        if width > 0.05 && height > 0.05 {
            let _ = write!(
                self.0,
                r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="2"/>"#
            );
        }
    }

    /// A text at its baseline.
    pub(crate) fn text(&mut self, class: &str, x: f64, y: f64, text: impl Display) {
        let _ = write!(
            self.0,
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{}</text>"#,
            Escaped(&text.to_string())
        );
    }

    /// A label of one or two lines about the baseline of a single one, with the whole text as its tip.
    pub(crate) fn label(&mut self, class: &str, (x, y): (f64, f64), whole: &str, lines: &[String]) {
        let _ = write!(self.0, r#"<text class="{class}"><title>{}</title>"#, Escaped(whole));
        let first = y - LINE * lines.len().saturating_sub(1) as f64 / 2.0;
        for (index, line) in lines.iter().enumerate() {
            let y = first + LINE * index as f64;
            let _ = write!(self.0, r#"<tspan x="{x:.1}" y="{y:.1}">{}</tspan> "#, Escaped(line));
        }
        self.0.push_str("</text>");
    }

    /// A path.
    pub(crate) fn path(&mut self, class: &str, data: &str) {
        let _ = write!(self.0, r#"<path class="{class}" d="{data}"/>"#);
    }

    /// The shape of a tone, in a square.
    pub(crate) fn shape(&mut self, tone: Tone, x: f64, y: f64, size: f64) {
        let code = tone.code();
        let _ = write!(
            self.0,
            r##"<svg class="tone-{code}" x="{x:.1}" y="{y:.1}" width="{size:.1}" height="{size:.1}" viewBox="0 0 16 16"><use href="#s-{code}"/></svg>"##
        );
    }

    /// Begins a link that has no text inside; its name is read aloud and shown as a tip.
    pub(crate) fn begin_link(&mut self, to: impl Display, name: &str) {
        let (to, name) = (to.to_string(), Escaped(name));
        let _ = write!(self.0, r#"<a href="{}" aria-label="{name}"><title>{name}</title>"#, Escaped(&to));
    }

    /// Begins a link whose texts inside name it; the tip says more.
    pub(crate) fn begin_text_link(&mut self, to: impl Display, tip: &str) {
        let (to, tip) = (to.to_string(), Escaped(tip));
        let _ = write!(self.0, r#"<a href="{}"><title>{tip}</title>"#, Escaped(&to));
    }

    /// Ends a link.
    pub(crate) fn end_link(&mut self) {
        self.0.push_str("</a>");
    }

    /// The finished SVG.
    pub(crate) fn finish(mut self) -> String {
        self.0.push_str("</svg>");
        self.0
    }
}

/// A rectangle in user units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    /// Left edge.
    pub(crate) x: f64,
    /// Top edge.
    pub(crate) y: f64,
    /// Width.
    pub(crate) width: f64,
    /// Height.
    pub(crate) height: f64,
}

/// Text escaped for XML.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                control if control.is_control() => f.write_char('\u{fffd}')?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// About how wide a character is.
const CHARACTER: f64 = 7.0;
/// From one line of a label to the next.
const LINE: f64 = 14.0;

/// About how wide a text is.
pub(crate) fn long(text: &str) -> f64 {
    CHARACTER * text.chars().count() as f64
}

/// A text in one line where that fits a width, else in two: after its last comma, which stands between a ward and its
/// site, or between words.
pub(crate) fn in_lines(text: &str, width: f64) -> Vec<String> {
    if long(text) <= width {
        return vec![text.to_owned()];
    }
    let comma = text.rfind(", ").map(|at| at + 1);
    let words =
        || text.match_indices(' ').map(|(at, _)| at).take_while(|at| long(&text[..*at]) <= width).last();
    match comma.or_else(words) {
        Some(at) => vec![fit(&text[..at], width), fit(text[at..].trim_start(), width)],
        None => vec![fit(text, width)],
    }
}

/// As much of a text as fits a width; empty where not even a hint of it fits.
pub(crate) fn fit(text: &str, width: f64) -> String {
    let room = (width / CHARACTER) as usize;
    if text.chars().count() <= room {
        text.to_owned()
    } else if room < 4 {
        String::new()
    } else {
        text.chars().take(room - 1).collect::<String>() + "…"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_keeps_the_ward_and_the_site_and_is_cut_only_where_it_must_be() {
        assert_eq!(in_lines("ICU, Main Hospital", 126.0), ["ICU, Main Hospital"]);
        assert_eq!(in_lines("ICU, Main Hospital", 119.0), ["ICU,", "Main Hospital"]);
        assert_eq!(in_lines("Emergency department, Main", 77.0), ["Emergency …", "Main"]);
        assert_eq!(in_lines("The Secretary of HHS", 98.0), ["The Secretary", "of HHS"]);
        assert_eq!(in_lines("Radiotherapie", 70.0), ["Radiother…"]);
        let mut drawing = Drawing::new(100.0, 20.0, "", "");
        drawing.label("", (0.0, 17.0), "A & B", &["A".to_owned(), "& B".to_owned()]);
        let label = "<title>A &amp; B</title><tspan x=\"0.0\" y=\"10.0\">A</tspan> <tspan x=\"0.0\" y=\"24.0\">&amp; B</tspan>";
        assert!(drawing.finish().contains(label));
    }
}
