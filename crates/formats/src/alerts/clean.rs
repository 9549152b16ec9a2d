//! A line of bytes as text: wrong UTF-8, NULs and control characters are taken out and counted.

/// What was cleaned out of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flaws {
    /// Sequences that are no UTF-8, each one U+FFFD now.
    pub not_utf8: u32,
    /// NULs, gone now.
    pub nuls: u32,
    /// Escapes and other control characters (C0 but the tab, DEL, C1), each a blank now.
    pub controls: u32,
}

impl Flaws {
    /// Whether nothing was cleaned.
    pub fn is_clean(&self) -> bool {
        *self == Flaws::default()
    }
}

/// The text of a line, without the carriage return and blanks at its ends; `scratch` holds it where it had to be cleaned.
pub(super) fn clean<'b>(bytes: &'b [u8], scratch: &'b mut String) -> (&'b str, Flaws) {
    let mut flaws = Flaws::default();
    let bytes = bytes.trim_ascii();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if is_plain(bytes)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return (text, flaws);
    }
    scratch.clear();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\0' => flaws.nuls += 1,
                '\t' => scratch.push('\t'),
                control if control.is_control() => {
                    flaws.controls += 1;
                    scratch.push(' ');
                }
                other => scratch.push(other),
            }
        }
        if !chunk.invalid().is_empty() {
            flaws.not_utf8 += 1;
            scratch.push(char::REPLACEMENT_CHARACTER);
        }
    }
    (scratch.trim(), flaws)
}

/// Whether no byte is or begins a control character; C1 is two bytes in UTF-8, 0xc2 and 0x80 to 0x9f. A tab is looked at again
/// with the rest. Without a branch for each byte, this is done sixteen or more at once.
fn is_plain(bytes: &[u8]) -> bool {
    let harmful = |found: bool, byte: &u8| found | (*byte < 0x20) | (*byte == 0x7f) | (*byte == 0xc2);
    bytes.chunks(256).all(|chunk| !chunk.iter().fold(false, harmful))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_taken_out_and_counted() {
        let flaws = |not_utf8, nuls, controls| Flaws { not_utf8, nuls, controls };
        for (bytes, text, expected) in [
            (&b"plain \xc3\xa9\r"[..], "plain é", flaws(0, 0, 0)),
            (b"a\tb", "a\tb", flaws(0, 0, 0)),
            (b"\xef\xbb\xbf{}", "{}", flaws(0, 0, 0)),
            (b"a\0b\0", "ab", flaws(0, 2, 0)),
            (b"\x1b[31mred\x07", "[31mred", flaws(0, 0, 2)),
            (b"a\xc2\x9b31m", "a 31m", flaws(0, 0, 1)),
            (b"a\xc2\xa0b", "a\u{a0}b", flaws(0, 0, 0)),
            (b"a\xff\xfeb\xe2\x82", "a\u{fffd}\u{fffd}b\u{fffd}", flaws(3, 0, 0)),
            (b"a\x7fb", "a b", flaws(0, 0, 1)),
        ] {
            let mut scratch = String::new();
            assert_eq!(clean(bytes, &mut scratch), (text, expected), "{bytes:?}");
        }
    }
}
