//! Coded bodies, opened for the judge under limits.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};

use crate::config::Limits;
use crate::http1::head::Headers;
use crate::refusal::Reason;

/// How a body is coded (RFC 9110 §8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Plain,
    Gzip,
    Deflate,
    /// One that is not opened here, or several.
    Other,
}

impl Coding {
    pub(crate) fn of(headers: &Headers) -> Coding {
        let mut values = headers.all("content-encoding");
        let coding = match values.next() {
            None => return Coding::Plain,
            Some(it) if it.eq_ignore_ascii_case(b"identity") || it.is_empty() => Coding::Plain,
            Some(it) if it.eq_ignore_ascii_case(b"gzip") || it.eq_ignore_ascii_case(b"x-gzip") => {
                Coding::Gzip
            }
            Some(it) if it.eq_ignore_ascii_case(b"deflate") => Coding::Deflate,
            Some(_) => Coding::Other,
        };
        if values.next().is_some() { Coding::Other } else { coding }
    }
}

/// An opened body.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) bytes: Vec<u8>,
    /// It did not fit within the limits, or is broken; `bytes` is what came before.
    pub(crate) flaw: Option<Reason>,
}

/// Open a body. `whole`: it is not only the first part.
pub(crate) fn open(coding: Coding, body: &[u8], whole: bool, limits: &Limits) -> Opened {
    let most = limits.expanded_bytes.min(body.len().saturating_mul(limits.expand_ratio).max(64 * 1024));
    match coding {
        Coding::Plain => Opened { bytes: body.to_vec(), flaw: None },
        Coding::Other => Opened { bytes: Vec::new(), flaw: Some(Reason::BodyCoding) },
        Coding::Gzip => {
            expand(GzDecoder::new(Capped::new(most)), body, whole, GzDecoder::try_finish, GzDecoder::get_ref)
        }
        // RFC 9110 §8.4.1.2 means zlib; some send it bare. The first byte tells (RFC 1950 §2.2: method 8).
        Coding::Deflate if body.first().is_some_and(|it| it & 0x0f == 8) => expand(
            ZlibDecoder::new(Capped::new(most)),
            body,
            whole,
            ZlibDecoder::try_finish,
            ZlibDecoder::get_ref,
        ),
        Coding::Deflate => expand(
            DeflateDecoder::new(Capped::new(most)),
            body,
            whole,
            DeflateDecoder::try_finish,
            DeflateDecoder::get_ref,
        ),
    }
}

fn expand<D: Write>(
    mut decoder: D,
    body: &[u8],
    whole: bool,
    finish: impl Fn(&mut D) -> io::Result<()>,
    inner: impl Fn(&D) -> &Capped,
) -> Opened {
    let written = decoder.write_all(body);
    let done = if whole && written.is_ok() { finish(&mut decoder) } else { decoder.flush() };
    let capped = inner(&decoder);
    let flaw = match (capped.full, written.and(done)) {
        (true, _) => Some(Reason::Expands),
        (false, Err(_)) => Some(Reason::BodyCoding),
        (false, Ok(())) => None,
    };
    Opened { bytes: capped.bytes.clone(), flaw }
}

/// Takes so many bytes and refuses more.
struct Capped {
    bytes: Vec<u8>,
    most: usize,
    full: bool,
}

impl Capped {
    const fn new(most: usize) -> Capped {
        Capped { bytes: Vec::new(), most, full: false }
    }
}

impl Write for Capped {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let room = self.most - self.bytes.len();
        if piece.len() > room {
            self.bytes.extend_from_slice(&piece[..room]);
            self.full = true;
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the body expands beyond the limit"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::{Coding, open};
    use crate::config::Limits;
    use crate::refusal::Reason;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn coded_bodies_are_opened() {
        let text = b"{\"note\":\"${jndi:ldap://x/a}\"}".repeat(100);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(&text).unwrap();
        let limits = Limits::default();
        for (coding, body) in [
            (Coding::Gzip, gzip(&text)),
            (Coding::Deflate, zlib.finish().unwrap()),
            (Coding::Deflate, bare.finish().unwrap()),
        ] {
            let opened = open(coding, &body, true, &limits);
            assert_eq!((opened.flaw, &opened.bytes), (None, &text), "{coding:?}");
        }
    }

    #[test]
    fn a_bomb_is_known_by_its_ratio_and_size() {
        let limits = Limits::default();
        let bomb = gzip(&vec![0; 50_000_000]);
        let opened = open(Coding::Gzip, &bomb, true, &limits);
        assert_eq!(opened.flaw, Some(Reason::Expands));
        assert!(opened.bytes.len() <= limits.expanded_bytes, "{}", opened.bytes.len());
        let small = gzip(&vec![0; 300_000]);
        assert_eq!(open(Coding::Gzip, &small, true, &limits).flaw, Some(Reason::Expands), "{}", small.len());
    }

    #[test]
    fn a_broken_body_is_no_plain_one() {
        let limits = Limits::default();
        let whole = gzip(&b"text of a note ".repeat(50));
        assert_eq!(open(Coding::Gzip, &whole[..20], true, &limits).flaw, Some(Reason::BodyCoding));
        assert_eq!(
            open(Coding::Gzip, &whole[..whole.len() - 9], false, &limits).flaw,
            None,
            "the first part of one"
        );
        assert_eq!(open(Coding::Gzip, b"not gzip at all", true, &limits).flaw, Some(Reason::BodyCoding));
        assert_eq!(open(Coding::Other, &whole, true, &limits).flaw, Some(Reason::BodyCoding));
    }
}
