//! Cutting a feed into its records as it is read, so that no more than one of them is in memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use memchr::{memchr2, memchr3};
use serde::Deserialize;

/// What a feed may cost us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NvdLimits {
    /// Bytes of one record; the largest has 2 MB.
    pub record_bytes: usize,
    /// Bytes of the feed when expanded; the largest year has some 200 MB.
    pub total_bytes: u64,
    /// Bytes before the first record.
    pub header_bytes: usize,
}

impl Default for NvdLimits {
    fn default() -> Self {
        NvdLimits { record_bytes: 16 << 20, total_bytes: 4 << 30, header_bytes: 64 << 10 }
    }
}

/// A feed that cannot be read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The file cannot be read, or its compressed data is damaged or cut off.
    #[error("the feed cannot be read: {0}; hint: the download may have been cut off, fetch it again")]
    Input(#[from] io::Error),
    /// It is something else than a feed of NVD.
    #[error("it is no feed of NVD 2.0: {0}")]
    NotAFeed(&'static str),
    /// It ends inside a record or before the end of the list.
    #[error("it ends in the middle of record {0}; hint: the download may have been cut off, fetch it again")]
    CutOff(u64),
    /// Something else than a record stands in the list.
    #[error("record {0} is none")]
    NoRecord(u64),
    /// It holds more than is allowed.
    #[error("it holds more than {limit} bytes {what}")]
    TooMuch {
        /// The number allowed.
        limit: u64,
        /// Where: `in one record`, `when expanded`.
        what: &'static str,
    },
}

/// What a feed says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Header {
    /// When it was made.
    pub made: Option<Timestamp>,
    /// How many records it says to have.
    pub stated: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHeader {
    format: Option<String>,
    version: Option<String>,
    timestamp: Option<String>,
    total_results: Option<u64>,
}

/// The records of a feed, one after the other, as they stand in it.
pub struct Records<R> {
    input: BufReader<io::Take<R>>,
    limits: NvdLimits,
    header: Header,
    read: u64,
    ended: bool,
}

impl Records<Box<dyn Read + Send>> {
    /// Opens a feed, compressed with gzip or not.
    ///
    /// # Errors
    /// When it cannot be read or its beginning is no feed's.
    pub fn open(path: &Path, limits: NvdLimits) -> Result<Self, FeedError> {
        let mut file = BufReader::with_capacity(256 << 10, File::open(path)?);
        let compressed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let input: Box<dyn Read + Send> =
            if compressed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        Records::new(input, limits)
    }
}

impl<R: Read> Records<R> {
    /// Reads the beginning of a feed, up to its list of records.
    ///
    /// # Errors
    /// When it cannot be read or is no feed's.
    pub fn new(input: R, limits: NvdLimits) -> Result<Records<R>, FeedError> {
        let input = BufReader::with_capacity(256 << 10, input.take(limits.total_bytes + 1));
        let mut records = Records { input, limits, header: Header::default(), read: 0, ended: false };
        records.header = records.read_header()?;
        Ok(records)
    }

    /// What it says of itself.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The next record, in place of what `record` held; `None` at the end of the list.
    ///
    /// # Errors
    /// When the feed ends before its list does, or holds more than is allowed. Nothing can be read of it after that.
    pub fn next_into(&mut self, record: &mut Vec<u8>) -> Result<Option<u64>, FeedError> {
        record.clear();
        if self.ended {
            return Ok(None);
        }
        loop {
            match self.byte()? {
                None => return Err(self.cut_off()),
                Some(b']') => {
                    self.ended = true;
                    return self.check_end().map(|()| None);
                }
                Some(b'{') => break,
                Some(b',' | b' ' | b'\n' | b'\r' | b'\t') => {}
                Some(_) => return Err(FeedError::NoRecord(self.read)),
            }
        }
        record.push(b'{');
        self.read_object(record)?;
        self.read += 1;
        Ok(Some(self.read - 1))
    }

    /// The rest of an object whose brace was read: up to the brace that closes it, outside of texts.
    fn read_object(&mut self, record: &mut Vec<u8>) -> Result<(), FeedError> {
        let (mut depth, mut in_text, mut quoted) = (1_usize, false, false);
        while depth > 0 {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                return Err(self.cut_off());
            }
            let mut at = 0;
            while at < chunk.len() && depth > 0 {
                if quoted {
                    (quoted, at) = (false, at + 1);
                } else if in_text {
                    let Some(next) = memchr2(b'"', b'\\', &chunk[at..]) else {
                        at = chunk.len();
                        break;
                    };
                    at += next + 1;
                    match chunk[at - 1] {
                        b'"' => in_text = false,
                        _ => quoted = true,
                    }
                } else {
                    let Some(next) = memchr3(b'"', b'{', b'}', &chunk[at..]) else {
                        at = chunk.len();
                        break;
                    };
                    at += next + 1;
                    match chunk[at - 1] {
                        b'"' => in_text = true,
                        b'{' => depth += 1,
                        _ => depth -= 1,
                    }
                }
            }
            record.extend_from_slice(&chunk[..at]);
            self.input.consume(at);
            if record.len() > self.limits.record_bytes {
                let limit = self.limits.record_bytes as u64;
                return Err(FeedError::TooMuch { limit, what: "in one record" });
            }
        }
        Ok(())
    }

    /// Everything before the list, which is the value of `vulnerabilities`; NVD writes it last.
    fn read_header(&mut self) -> Result<Header, FeedError> {
        const KEY: &[u8] = b"\"vulnerabilities\"";
        let mut text = Vec::new();
        while let Some(byte) = self.byte()? {
            text.push(byte);
            if text.len() > self.limits.header_bytes {
                return Err(FeedError::NotAFeed("it has no list of vulnerabilities"));
            }
            if byte != b'[' {
                continue;
            }
            let before = text[..text.len() - 1].trim_ascii_end();
            let Some(before) = before.strip_suffix(b":").map(<[u8]>::trim_ascii_end) else { continue };
            let Some(before) = before.strip_suffix(KEY).map(<[u8]>::trim_ascii_end) else { continue };
            let mut object = before.strip_suffix(b",").unwrap_or(before).to_vec();
            object.push(b'}');
            return read_wire(&object);
        }
        Err(FeedError::NotAFeed("it has no list of vulnerabilities"))
    }

    /// Behind the list the document and the compressed data must end as they should.
    fn check_end(&mut self) -> Result<(), FeedError> {
        let mut closed = false;
        while let Some(byte) = self.byte()? {
            closed |= byte == b'}';
        }
        if closed { Ok(()) } else { Err(self.cut_off()) }
    }

    fn byte(&mut self) -> Result<Option<u8>, FeedError> {
        let byte = self.input.fill_buf()?.first().copied();
        self.input.consume(usize::from(byte.is_some()));
        match byte {
            None if self.input.get_ref().limit() == 0 => Err(self.cut_off()),
            byte => Ok(byte),
        }
    }

    /// The end came too early, by the feed or by our limit.
    fn cut_off(&self) -> FeedError {
        match self.input.get_ref().limit() {
            0 => FeedError::TooMuch { limit: self.limits.total_bytes, what: "when expanded" },
            _ => FeedError::CutOff(self.read),
        }
    }
}

fn read_wire(object: &[u8]) -> Result<Header, FeedError> {
    let wire: WireHeader = serde_json::from_slice(object)
        .map_err(|_| FeedError::NotAFeed("what stands before the list of vulnerabilities is no JSON"))?;
    if wire.format.as_deref() != Some("NVD_CVE") || wire.version.as_deref() != Some("2.0") {
        return Err(FeedError::NotAFeed("its format is not NVD_CVE 2.0"));
    }
    let made = wire.timestamp.and_then(|text| super::read_moment(&text));
    Ok(Header { made, stated: wire.total_results })
}
