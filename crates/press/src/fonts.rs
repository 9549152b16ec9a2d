//! The fonts of the PDF: DejaVu Sans, regular and bold, out of a crate. Latin, Greek, Cyrillic, Armenian and Georgian are in it.

use std::collections::BTreeSet;

use krilla::text::Font;
use ttf_parser::Face;

use crate::PressError;

/// A font, and how wide its letters are.
pub(crate) struct Letters {
    pub(crate) font: Font,
    face: Face<'static>,
    units: f32,
}

impl Letters {
    fn of(bytes: &'static [u8]) -> Result<Letters, PressError> {
        let fault = || PressError::Writer { format: "PDF", message: "its font cannot be read".to_owned() };
        let face = Face::parse(bytes, 0).map_err(|_| fault())?;
        let font = Font::new(bytes.to_vec().into(), 0).ok_or_else(fault)?;
        Ok(Letters { font, units: f32::from(face.units_per_em()), face })
    }

    /// How wide a text is at a size, without kerning, in points.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |letter: char| {
            let glyph = self.face.glyph_index(letter)?;
            self.face.glyph_hor_advance(glyph)
        };
        let units: u32 = text.chars().filter_map(advance).map(u32::from).sum();
        // A line holds fewer than 2^24 units, so nothing is lost.
        #[expect(clippy::cast_precision_loss, reason = "lines are short")]
        let units = units as f32;
        units * size / self.units
    }

    fn shows(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some_and(|glyph| glyph.0 != 0)
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
