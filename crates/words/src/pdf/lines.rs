//! Letters put into lines: a new line where the base line moves, a blank where a gap is wide, an empty line where the next line is
//! far.

use crate::markdown::{Blocks, escaped, squeezed};
use crate::{MOST_TEXT, WordsError};

/// A gap of this share of the size of letters is a blank. Narrow blanks of tight type are about 0.2 wide, kerning stays below 0.1.
const BLANK: f64 = 0.15;
/// A base line that moves by more than this share is another line; raised marks of footnotes stay on theirs.
const OTHER_LINE: f64 = 0.5;
/// A base line that is farther than this share begins another paragraph; lines of one are set 1.2 to 1.5 apart.
const PARAGRAPH: f64 = 1.9;

/// Where something stands on the page, in points, and how large it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct At {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) size: f64,
}

/// Lines so far.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    blocks: Blocks,
    paragraph: Vec<String>,
    line: String,
    /// Where the last letter ended.
    last: Option<At>,
    letters: usize,
}

impl Lines {
    /// Letters so far.
    pub(crate) fn letters(&self) -> usize {
        self.letters
    }

    /// Adds what one code shows, from a place to another.
    ///
    /// # Errors
    /// [`WordsError::TooMuch`].
    pub(crate) fn letter(&mut self, shown: &str, from: At, to: At) -> Result<(), WordsError> {
        if let Some(last) = self.last {
            let size = from.size.max(last.size).max(1.0);
            let down = (last.y - from.y).abs();
            if down > size * PARAGRAPH {
                self.paragraph_ends()?;
            } else if down > size * OTHER_LINE {
                self.line_ends();
            } else if from.x - last.x > size * BLANK || last.x - from.x > size {
                self.line.push(' ');
            }
        }
        self.letters += shown.chars().filter(|it| !it.is_whitespace()).count();
        if self.letters > MOST_TEXT {
            return Err(WordsError::TooMuch(format!("it has more than {MOST_TEXT} letters")));
        }
        self.line.push_str(shown);
        self.last = Some(to);
        Ok(())
    }

    fn line_ends(&mut self) {
        let line = squeezed(&std::mem::take(&mut self.line));
        if let Some(item) = line.strip_prefix(['•', '▪', '●', '◦', '–']) {
            self.paragraph.push(format!("- {}", escaped(item)));
        } else if !line.is_empty() {
            self.paragraph.push(escaped(&line));
        }
    }

    fn paragraph_ends(&mut self) -> Result<(), WordsError> {
        self.line_ends();
        let block = std::mem::take(&mut self.paragraph).join("\n");
        self.blocks.push(&block, false)
    }

    /// A page ends, and what is said on it.
    ///
    /// # Errors
    /// [`WordsError::TooMuch`].
    pub(crate) fn page_ends(&mut self) -> Result<(), WordsError> {
        self.last = None;
        self.paragraph_ends()
    }

    /// All of it.
    pub(crate) fn into_text(self) -> String {
        self.blocks.into_text()
    }
}
