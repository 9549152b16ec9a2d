//! What the codes of a font mean by its own map (ISO 32000-1, §9.10.3): `bfchar` and `bfrange`, nothing else of the language.

use std::collections::BTreeMap;

/// Codes of one map at most.
const MOST: usize = 70_000;

/// A map from codes to text.
#[derive(Debug, Default)]
pub(crate) struct ToUnicode {
    single: BTreeMap<u32, String>,
    /// The first code, the last one, and what the first means; each further one is the next character.
    ranges: Vec<(u32, u32, String)>,
}

enum Token<'a> {
    Hex(Vec<u8>),
    Open,
    Close,
    Word(&'a [u8]),
}

/// The tokens of a map: strings in hexadecimal, brackets, words. Others are passed over.
fn tokens(bytes: &[u8]) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = match first {
            b'<' if after.first() != Some(&b'<') => {
                let end = after.iter().position(|it| *it == b'>').unwrap_or(after.len());
                let digits: Vec<u8> = after[..end]
                    .iter()
                    .filter_map(|it| (*it as char).to_digit(16))
                    .map(|it| it as u8)
                    .collect();
                found.push(Token::Hex(
                    digits.chunks(2).map(|it| it.iter().fold(0, |all, it| (all << 4) | it)).collect(),
                ));
                &after[(end + 1).min(after.len())..]
            }
            b'[' => {
                found.push(Token::Open);
                after
            }
            b']' => {
                found.push(Token::Close);
                after
            }
            b'%' => {
                let end = after.iter().position(|it| matches!(it, b'\n' | b'\r')).unwrap_or(after.len());
                &after[end..]
            }
            it if it.is_ascii_alphanumeric() => {
                let end = rest.iter().position(|it| !it.is_ascii_alphanumeric()).unwrap_or(rest.len());
                found.push(Token::Word(&rest[..end]));
                &rest[end..]
            }
            _ => after,
        };
        if found.len() > 4 * MOST {
            break;
        }
    }
    found
}

fn code(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |code, byte| (code << 8) | u32::from(*byte))
}

/// UTF-16, high byte first.
fn text(bytes: &[u8]) -> String {
    let units = bytes.chunks(2).map(|it| it.iter().fold(0_u16, |unit, byte| (unit << 8) | u16::from(*byte)));
    char::decode_utf16(units)
        .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|it| !it.is_control())
        .collect()
}

impl ToUnicode {
    /// Reads a map; what is no map means nothing.
    pub(crate) fn read(bytes: &[u8]) -> ToUnicode {
        let (mut map, mut open) = (ToUnicode::default(), &b""[..]);
        let mut held: Vec<Vec<u8>> = Vec::new();
        let mut list: Option<u32> = None;
        for token in tokens(bytes) {
            match token {
                Token::Word(word @ (b"beginbfchar" | b"beginbfrange")) => (open, list) = (word, None),
                Token::Word(b"endbfchar" | b"endbfrange") => open = b"",
                Token::Open => list = held.first().map(|first| code(first)),
                Token::Close => {
                    list = None;
                    held.clear();
                }
                Token::Hex(bytes) if !open.is_empty() => {
                    if let Some(at) = list.as_mut() {
                        map.put(*at, &bytes);
                        *at = at.saturating_add(1);
                        continue;
                    }
                    held.push(bytes);
                    map.take(open, &mut held);
                }
                Token::Hex(_) | Token::Word(_) => {}
            }
            if open.is_empty() {
                held.clear();
            }
        }
        map
    }

    /// Takes what is complete.
    fn take(&mut self, open: &[u8], held: &mut Vec<Vec<u8>>) {
        match (open, held.as_slice()) {
            (b"beginbfchar", [from, to]) => {
                self.put(code(from), to);
                held.clear();
            }
            (b"beginbfrange", [from, last, to]) => {
                if self.ranges.len() < MOST && code(last) >= code(from) {
                    self.ranges.push((code(from), code(last), text(to)));
                }
                held.clear();
            }
            _ => {}
        }
    }

    fn put(&mut self, code: u32, bytes: &[u8]) {
        if self.single.len() < MOST {
            self.single.insert(code, text(bytes));
        }
    }

    /// What a code means; `None` where the map does not say.
    pub(crate) fn meaning(&self, code: u32) -> Option<String> {
        if let Some(found) = self.single.get(&code) {
            return Some(found.clone());
        }
        let (first, _, meaning) =
            self.ranges.iter().find(|(first, last, _)| (*first..=*last).contains(&code))?;
        let mut signs: Vec<char> = meaning.chars().collect();
        let last = signs.pop()?;
        signs.push(char::from_u32((last as u32).checked_add(code - first)?)?);
        Some(signs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_entries_are_read_and_rubbish_means_nothing() {
        let map = ToUnicode::read(
            b"/CIDInit /ProcSet findresource begin % <0009> <0041>\n1 begincodespacerange <0000> <ffff> endcodespacerange
            2 beginbfchar <0001> <0041> <0002> <00660069> endbfchar
            2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0042> <D83DDE00>] endbfrange",
        );
        let means = |code| map.meaning(code);
        assert_eq!(means(1).as_deref(), Some("A"));
        assert_eq!(means(2).as_deref(), Some("fi"));
        assert_eq!(means(0x12).as_deref(), Some("c"));
        assert_eq!((means(0x20).as_deref(), means(0x21).as_deref()), (Some("B"), Some("😀")));
        assert_eq!((means(9), means(0x13), means(0x22)), (None, None, None));
        for hostile in
            [&b"beginbfrange <00000000> <ffffffff> <0041"[..], b"<", b"beginbfchar <> <>", b"[[[", b""]
        {
            let map = ToUnicode::read(hostile);
            assert_eq!(map.meaning(u32::MAX), None, "{hostile:?}");
        }
    }
}
