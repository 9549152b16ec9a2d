//! The fonts of the PDF: DejaVu Sans, regular and bold, out of a crate. Latin, Greek, Cyrillic, Armenian and Georgian are in it.

use std::collections::BTreeSet;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use ttf_parser::Face;

use crate::PressError;

/// A font, and how wide its letters are.
pub(crate) struct Letters {
    pub(crate) font: Font,
    face: Face<'static>,
    units: f32,
    /// Glyph and width of the letters up to [`PLAIN`]: nearly all that is written.
    known: Vec<Option<(u16, u16)>>,
}

/// Latin, Greek and Cyrillic end here.
const PLAIN: u32 = 0x530;

/// Whether a letter stands for itself, whatever stands beside it: no mark that is put upon another, no script whose letters join.
fn is_plain(letter: char) -> bool {
    matches!(u32::from(letter), 0x20..0x300 | 0x370..0x483 | 0x48a..PLAIN | 0x2010..=0x2027 | 0x2030..=0x205e | 0x20a0..=0x20bf | 0x2100..=0x22ff)
}

impl Letters {
    fn of(bytes: &'static [u8]) -> Result<Letters, PressError> {
        let fault = || PressError::Writer { format: "PDF", message: "its font cannot be read".to_owned() };
        let face = Face::parse(bytes, 0).map_err(|_| fault())?;
        let font = Font::new(bytes.to_vec().into(), 0).ok_or_else(fault)?;
        let mut letters = Letters { font, units: f32::from(face.units_per_em()), face, known: Vec::new() };
        letters.known = (0..PLAIN).map(|code| letters.look_up(char::from_u32(code)?)).collect();
        Ok(letters)
    }

    /// The glyph of a letter and its width, in units of the font.
    fn look_up(&self, letter: char) -> Option<(u16, u16)> {
        let glyph = self.face.glyph_index(letter)?;
        Some((glyph.0, self.face.glyph_hor_advance(glyph)?))
    }

    fn glyph(&self, letter: char) -> Option<(u16, u16)> {
        let at = usize::try_from(u32::from(letter)).ok()?;
        self.known.get(at).copied().unwrap_or_else(|| self.look_up(letter))
    }

    /// The glyphs of a text, one for each letter and as wide as [`Letters::width`] has them; nothing where letters depend on one
    /// another, which takes a shaper. Most text is plain, and to shape it takes most of the time that a document takes.
    pub(crate) fn plain(&self, text: &str) -> Option<Vec<KrillaGlyph>> {
        let one = |(at, letter): (usize, char)| {
            let (glyph, wide) = self.glyph(letter).filter(|_| is_plain(letter))?;
            let range = at..at + letter.len_utf8();
            let wide = f32::from(wide) / self.units;
            Some(KrillaGlyph::new(GlyphId::new(glyph.into()), wide, 0.0, 0.0, 0.0, range, None))
        };
        text.char_indices().map(one).collect()
    }

    /// How wide a text is at a size, without kerning, in points.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let units: u32 =
            text.chars().filter_map(|letter| self.glyph(letter)).map(|(_, wide)| u32::from(wide)).sum();
        // A line holds fewer than 2^24 units, so nothing is lost.
        #[expect(clippy::cast_precision_loss, reason = "lines are short")]
        let units = units as f32;
        units * size / self.units
    }

    fn shows(&self, letter: char) -> bool {
        self.glyph(letter).is_some_and(|(glyph, _)| glyph != 0)
    }
}

/// Both fonts, and what they could not show so far.
pub(crate) struct Fonts {
    pub(crate) regular: Letters,
    pub(crate) bold: Letters,
    pub(crate) not_shown: BTreeSet<char>,
}

/// Scripts that run from right to left. The font has some of them, but lines are set from left to right, and words in the wrong
/// order are worse than none.
fn right_to_left(letter: char) -> bool {
    matches!(u32::from(letter), 0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefc | 0x10800..=0x10fff | 0x1e800..=0x1efff)
}

/// What has no look of its own and is left out: marks of direction, joiners, variation selectors, the soft hyphen.
fn invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(u32::from(letter), 0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2069 | 0xfe00..=0xfe0f | 0xfeff)
}

impl Fonts {
    pub(crate) fn load() -> Result<Fonts, PressError> {
        Ok(Fonts {
            regular: Letters::of(dejavu::sans::regular())?,
            bold: Letters::of(dejavu::sans::bold())?,
            not_shown: BTreeSet::new(),
        })
    }

    pub(crate) fn letters(&self, bold: bool) -> &Letters {
        if bold { &self.bold } else { &self.regular }
    }

    /// A text as it can be shown: other letters become their code points, as `[U+4E2D]`, and are remembered.
    pub(crate) fn shown(&mut self, text: &str, bold: bool) -> String {
        let mut out = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\n' => out.push('\n'),
                '\t' | '\u{a0}' | '\u{2007}' | '\u{202f}' => out.push(' '),
                it if invisible(it) => {}
                it if !right_to_left(it) && self.letters(bold).shows(it) => out.push(it),
                it => {
                    self.not_shown.insert(it);
                    out.push_str(&format!("[U+{:04X}]", u32::from(it)));
                }
            }
        }
        out
    }
}
