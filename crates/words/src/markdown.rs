//! Words as Markdown (CommonMark): marks that would mean something else are escaped, blocks are parted by empty lines.

use crate::{MOST_TEXT, WordsError};

/// Characters that begin something wherever they stand.
const ALWAYS: &[char] = &['\\', '*', '`', '<', '['];
/// Characters that begin something at the beginning of a line.
const AT_START: &[char] = &['#', '>', '=', '~', '+', '-', '_', '|'];

/// A line of words, so that it reads in Markdown as it did.
pub(crate) fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let line = line.trim();
    if line.starts_with(AT_START) {
        out.push('\\');
    }
    for sign in line.chars() {
        if ALWAYS.contains(&sign) {
            out.push('\\');
        }
        out.push(sign);
    }
    out
}

/// Words on one line: white space is one blank, what cannot be shown is left out.
pub(crate) fn squeezed(text: &str) -> String {
    let clean: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A cell of a table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Blocks that are parted by an empty line, items of lists excepted.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    text: String,
    item: bool,
}

impl Blocks {
    /// Adds a block; an item of a list follows an item without an empty line.
    ///
    /// # Errors
    /// [`WordsError::TooMuch`] past [`MOST_TEXT`].
    pub(crate) fn push(&mut self, block: &str, item: bool) -> Result<(), WordsError> {
        if block.is_empty() {
            return Ok(());
        }
        if self.text.len() + block.len() > MOST_TEXT {
            return Err(WordsError::TooMuch(format!("it has more than {MOST_TEXT} bytes of words")));
        }
        if !self.text.is_empty() {
            self.text.push_str(if item && self.item { "\n" } else { "\n\n" });
        }
        self.text.push_str(block);
        self.item = item;
        Ok(())
    }

    /// All of them.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stay_letters() {
        for (line, expected) in [
            ("# 5 * 3", "\\# 5 \\* 3"),
            ("a <b> [c](d) `e`", "a \\<b> \\[c](d) \\`e\\`"),
            ("1. Purpose", "1. Purpose"),
            ("________", "\\________"),
            ("- dash", "\\- dash"),
        ] {
            assert_eq!(escaped(line), expected);
        }
    }

    #[test]
    fn items_stand_together_and_paragraphs_apart() {
        let mut blocks = Blocks::default();
        for (block, item) in [("a", false), ("- b", true), ("- c", true), ("d", false), ("", false)] {
            blocks.push(block, item).unwrap();
        }
        assert_eq!(blocks.into_text(), "a\n\n- b\n- c\n\nd");
        let mut blocks = Blocks::default();
        assert!(blocks.push(&"x".repeat(MOST_TEXT + 1), false).is_err());
    }
}
