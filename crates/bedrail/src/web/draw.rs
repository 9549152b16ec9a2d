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

/// As much of a text as fits a width, at about 7 units a character; empty where not even a hint of it fits.
pub(crate) fn fit(text: &str, width: f64) -> String {
    let room = (width / 7.0) as usize;
    if text.chars().count() <= room {
        text.to_owned()
    } else if room < 4 {
        String::new()
    } else {
        text.chars().take(room - 1).collect::<String>() + "…"
    }
}
