//! The first part of an XML body (XML 1.0, fifth edition), closed: what is open at its end is ended, so that a parser reads all of it
//! and whatever it complains of is wrong with the body itself. Where this reading and the parser's differ, the parser complains.

use std::ops::Range;

use super::HEAD_BYTES;

/// What the part ends within, and where that begins.
enum Within {
    Text,
    Comment,
    Data,
    Instruction,
    Tag(usize),
    /// A closing tag or a declaration, of which nothing is said without its end.
    Other(usize),
}

/// Ends a part. Left as it is, and so refused, is one that ends far within a declaration or a tag.
pub(super) fn closed(mut bytes: Vec<u8>) -> Vec<u8> {
    let (open, within) = read(&bytes);
    match within {
        Within::Text => cut_references(&mut bytes),
        Within::Comment => end(&mut bytes, b'-', b"-->"),
        Within::Data => end(&mut bytes, b'\0', b"]]>"),
        Within::Instruction => end(&mut bytes, b'?', b"?>"),
        Within::Other(start) if bytes.len() - start <= HEAD_BYTES => bytes.truncate(start),
        Within::Other(_) => return bytes,
        Within::Tag(start) => {
            if !end_tag(&mut bytes, start) {
                return bytes;
            }
        }
    }
    for name in open.into_iter().rev() {
        bytes.extend_from_slice(b"</");
        bytes.extend_from_within(name);
        bytes.push(b'>');
    }
    bytes
}

/// The names of the elements that are open at the end, the outermost first, and what the end lies within.
fn read(bytes: &[u8]) -> (Vec<Range<usize>>, Within) {
    let mut open = Vec::new();
    let mut at = 0;
    loop {
        let Some(start) = bytes[at..].iter().position(|byte| *byte == b'<').map(|it| at + it) else {
            return (open, Within::Text);
        };
        let rest = &bytes[start..];
        let behind = |mark: &[u8], from: usize| {
            rest.get(from..)?
                .windows(mark.len())
                .position(|it| it == mark)
                .map(|it| start + from + it + mark.len())
        };
        let (end, within) = match rest {
            [b'<', b'!', b'-', b'-', ..] => (behind(b"-->", 4), Within::Comment),
            [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] => (behind(b"]]>", 9), Within::Data),
            [b'<', b'?', ..] => (behind(b"?>", 2), Within::Instruction),
            [b'<', b'!', ..] => (declaration(rest).map(|it| start + it), Within::Other(start)),
            [b'<', b'/', ..] => (behind(b">", 2), Within::Other(start)),
            _ => (tag(rest).map(|it| start + it), Within::Tag(start)),
        };
        let Some(end) = end else { return (open, within) };
        if rest.starts_with(b"</") {
            open.pop();
        }
        if matches!(within, Within::Tag(_)) && bytes[end - 2] != b'/' {
            open.push(start + 1..start + 1 + name(&rest[1..]));
        }
        at = end;
    }
}

/// How long the name at the begin of a tag is.
fn name(tag: &[u8]) -> usize {
    tag.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')).unwrap_or(tag.len())
}

/// What stands outside of quotes, and the quotes themselves, with their places.
fn unquoted(bytes: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let mut quote = None;
    bytes.iter().copied().enumerate().filter(move |(_, byte)| match quote {
        None => {
            quote = Some(*byte).filter(|byte| matches!(byte, b'"' | b'\''));
            true
        }
        Some(open) => {
            quote = quote.filter(|_| open != *byte);
            quote.is_none()
        }
    })
}

/// Where a tag ends; a `>` within quotes does not end it.
fn tag(rest: &[u8]) -> Option<usize> {
    unquoted(rest).find(|(_, byte)| *byte == b'>').map(|(at, _)| at + 1)
}

/// Where a declaration ends; one of a document type may have others in brackets.
fn declaration(rest: &[u8]) -> Option<usize> {
    let mut deep = 0_usize;
    let mut ends = |byte: u8| {
        match byte {
            b'[' => deep += 1,
            b']' => deep = deep.saturating_sub(1),
            _ => {}
        }
        byte == b'>' && deep == 0
    };
    unquoted(rest).find(|(_, byte)| ends(*byte)).map(|(at, _)| at + 1)
}

/// Ends a tag that is cut off: within a value behind what is there of it, else behind the last whole value. False where that would
/// leave much out.
fn end_tag(bytes: &mut Vec<u8>, start: usize) -> bool {
    let behind = start + 1 + name(&bytes[start + 1..]);
    let (mut quote, mut whole) = (None, behind);
    for (at, byte) in unquoted(&bytes[behind..]).filter(|(_, byte)| matches!(byte, b'"' | b'\'')) {
        match quote {
            None => quote = Some(byte),
            Some(_) => (quote, whole) = (None, behind + at + 1),
        }
    }
    match quote {
        Some(quote) => {
            cut_references(bytes);
            bytes.push(quote);
        }
        None if bytes.len() - whole > HEAD_BYTES => return false,
        None => bytes.truncate(whole),
    }
    if bytes.len() == start + 1 {
        bytes.truncate(start);
    } else {
        bytes.extend_from_slice(b"/>");
    }
    true
}

/// Ends what has a mark of its own at the end, of which there may be the first sign already.
fn end(bytes: &mut Vec<u8>, sign: u8, mark: &[u8]) {
    cut_letter(bytes);
    while bytes.last() == Some(&sign) {
        bytes.pop();
    }
    bytes.extend_from_slice(mark);
}

/// The longest reference that is cut away at the end: those of XML itself and of characters are shorter.
const REFERENCE_BYTES: usize = 32;

/// Cuts a reference (`&amp;`) away whose end is not there, and a letter of which not all bytes are there.
fn cut_references(bytes: &mut Vec<u8>) {
    cut_letter(bytes);
    let from = bytes.len().saturating_sub(REFERENCE_BYTES);
    if let Some(at) = bytes[from..].iter().rposition(|byte| matches!(byte, b'&' | b';'))
        && bytes[from + at] == b'&'
    {
        bytes.truncate(from + at);
    }
}

/// Cuts a letter of UTF-8 (RFC 3629) away of which not all bytes are there.
fn cut_letter(bytes: &mut Vec<u8>) {
    if let Some(last) = bytes.utf8_chunks().last()
        && last.invalid().len() < 4
        && std::str::from_utf8(last.invalid()).is_err_and(|error| error.error_len().is_none())
    {
        bytes.truncate(bytes.len() - last.invalid().len());
    }
}

#[cfg(test)]
mod tests {
    use super::closed;

    #[test]
    fn what_is_open_is_ended() {
        for (part, whole) in [
            ("<a><b x='1'>text", "<a><b x='1'>text</b></a>"),
            ("<a><b/><c>1 &amp; 2 &am", "<a><b/><c>1 &amp; 2 </c></a>"),
            ("<a><b>1</b", "<a><b>1</b></a>"),
            ("<a><b>1</b></", "<a><b>1</b></a>"),
            ("<a><b>1<", "<a><b>1</b></a>"),
            ("<a><b>1<c", "<a><b>1<c/></b></a>"),
            ("<a><b x=\"q > 'w", "<a><b x=\"q > 'w\"/></a>"),
            ("<a><b x='1' y", "<a><b x='1'/></a>"),
            ("<a><b x='1' y=", "<a><b x='1'/></a>"),
            ("<a><b x='1'/", "<a><b x='1'/></a>"),
            ("<a x='&quo", "<a x=''/>"),
            ("<a><!-- x -", "<a><!-- x --></a>"),
            ("<a><!-- <b> --><![CDATA[<c> ]]", "<a><!-- <b> --><![CDATA[<c> ]]]]></a>"),
            ("<a><?p x?", "<a><?p x?></a>"),
            (
                "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e '>'>]><n:a><b>é",
                "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e '>'>]><n:a><b>é</b></n:a>",
            ),
            ("<a>1</a>\n", "<a>1</a>\n"),
        ] {
            assert_eq!(String::from_utf8(closed(part.into())).unwrap(), whole, "{part}");
        }
        // In the middle of a letter.
        assert_eq!(closed(b"<a>\xc3".to_vec()), b"<a></a>");
        assert_eq!(closed(b"<a x='\xe2\x82".to_vec()), b"<a x=''/>");
    }

    /// What is cut where it stands would hide it; the parser is to complain of it.
    #[test]
    fn nothing_long_is_left_out() {
        let long = "A".repeat(5_000);
        for part in [
            format!("<!DOCTYPE a [<!ENTITY e '{long}"),
            format!("<a><b x='1' {long}"),
            format!("<a></a {long}"),
        ] {
            assert_eq!(String::from_utf8(closed(part.clone().into())).unwrap(), part);
        }
        let value = format!("<a x='{long}");
        assert_eq!(String::from_utf8(closed(value.clone().into())).unwrap(), format!("{value}'/>"));
    }
}
