//! What a document may cost, and the decompressors that keep to it. Every byte from outside passes here first.

use std::borrow::Cow;
use std::io::{self, Read};

/// How much a document may cost us. Every number has its reason beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes as received. The largest public SBOMs (whole Linux distributions) are near 200 MB.
    pub bytes_in: u64,
    /// Bytes after decompression: a million components at 250 bytes each, doubled.
    pub bytes_expanded: u64,
    /// Expanded bytes per received byte, judged from [`Limits::RATIO_FROM`] on. Real SBOMs reach 60 with xz; a bomb has 1,000.
    pub ratio: u64,
    /// Nested elements of an XML document. For JSON the parser's own 128 holds, which is 60 components inside one another.
    pub depth: usize,
    /// Components, services and files of one document.
    pub components: usize,
    /// Relations of one document.
    pub relations: usize,
    /// Bytes of one text (a name, a version); longer ones are cut, with a warning. Licence texts are not kept at all.
    pub text_length: usize,
    /// Warnings kept in full; the rest is counted.
    pub warnings: usize,
    /// Rows of a device list or of a sheet of a component list.
    pub rows: usize,
    /// Columns of a device list or component list.
    pub columns: usize,
    /// Cells of a component list that hold something: a hundred thousand rows of fifty columns.
    pub cells: usize,
    /// Sheets of a spreadsheet; people make one for each product of a maker, never hundreds.
    pub sheets: usize,
}

impl Limits {
    /// Expanded bytes below which no ratio is judged: so little does no harm, and small repetitive files compress well.
    pub const RATIO_FROM: u64 = 16 << 20;
    /// Compressions inside one another; `.tar.gz.xz` by mistake is seen, more is an attack.
    pub const NESTING: usize = 2;
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            bytes_in: 512 << 20,
            bytes_expanded: 512 << 20,
            ratio: 250,
            depth: 128,
            components: 2_000_000,
            relations: 10_000_000,
            text_length: 64 << 10,
            warnings: 10_000,
            rows: 1_000_000,
            columns: 500,
            cells: 5_000_000,
            sheets: 200,
        }
    }
}

/// A document that costs more than its [`Limits`] allow, or whose compression is broken.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// The document as received is too large.
    #[error(
        "the document has more than {limit} bytes; hint: a bill of materials of this size is usually several in one, split it"
    )]
    TooLarge {
        /// The bytes allowed.
        limit: u64,
    },
    /// The document grows too large when expanded.
    #[error("the {compression} data expands to more than {limit} bytes; it was not read further")]
    ExpandsTooFar {
        /// `gzip`, `xz`, `zstd` or `bzip2`.
        compression: &'static str,
        /// The bytes allowed.
        limit: u64,
    },
    /// The document expands as only a decompression bomb does.
    #[error(
        "the {compression} data expands to more than {limit} times its size, as only a decompression bomb does; it was not read further"
    )]
    Bomb {
        /// `gzip`, `xz`, `zstd` or `bzip2`.
        compression: &'static str,
        /// The ratio allowed.
        limit: u64,
    },
    /// Compressed data inside compressed data inside compressed data.
    #[error(
        "the document is compressed more than {limit} times over; hint: expand it once before you hand it in"
    )]
    NestedTooDeep {
        /// The nesting allowed.
        limit: usize,
    },
    /// The compressed data cannot be read.
    #[error("the {compression} data is damaged or cut off: {source}")]
    Damaged {
        /// `gzip`, `xz`, `zstd` or `bzip2`.
        compression: &'static str,
        /// What the decompressor says.
        source: io::Error,
    },
    /// The document could not be read at all.
    #[error("the document cannot be read: {0}")]
    Input(#[from] io::Error),
    /// Too many of something.
    #[error("the document has more than {limit} {what}; it was not read further")]
    TooMany {
        /// Of what: `components`, `rows`.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
}

/// Read everything from a reader, up to the limit on received bytes.
pub fn read_capped(reader: impl Read, limits: &Limits) -> Result<Vec<u8>, LimitError> {
    let mut bytes = Vec::new();
    reader.take(limits.bytes_in.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limits.bytes_in {
        return Err(LimitError::TooLarge { limit: limits.bytes_in });
    }
    Ok(bytes)
}

/// The document inside gzip, xz, zstd or bzip2, told by the first bytes; anything else is handed back as it is.
pub fn expand<'b>(bytes: &'b [u8], limits: &Limits) -> Result<Cow<'b, [u8]>, LimitError> {
    if bytes.len() as u64 > limits.bytes_in {
        return Err(LimitError::TooLarge { limit: limits.bytes_in });
    }
    let mut expanded = Cow::Borrowed(bytes);
    for _ in 0..Limits::NESTING {
        match compression_of(&expanded) {
            Some(compression) => expanded = Cow::Owned(expand_once(&expanded, compression, limits)?),
            None => return Ok(expanded),
        }
    }
    match compression_of(&expanded) {
        Some(_) => Err(LimitError::NestedTooDeep { limit: Limits::NESTING }),
        None => Ok(expanded),
    }
}

/// Whether these first bytes are those of gzip, xz, zstd or bzip2.
pub fn is_compressed(head: &[u8]) -> bool {
    // bzip2's mark is longer than what one sees of a document as a rule.
    compression_of(head).is_some() || head.starts_with(b"BZh")
}

#[derive(Clone, Copy)]
enum Compression {
    Gzip,
    Xz,
    Zstd,
    Bzip2,
}

/// The first bytes of each: RFC 1952 §2.3.1, xz file format 1.2.0 §2.1.1.1, RFC 8878 §3.1.1, and bzip2's block magic.
fn compression_of(bytes: &[u8]) -> Option<Compression> {
    match bytes {
        [0x1f, 0x8b, 8, ..] => Some(Compression::Gzip),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Compression::Xz),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Compression::Zstd),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Some(Compression::Bzip2),
        _ => None,
    }
}

impl Compression {
    fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Xz => "xz",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
        }
    }
}

/// Memory that xz may ask for its dictionary; `xz -9` needs 65 MiB.
const XZ_MEMORY: u64 = 128 << 20;
/// The window that zstd may ask for, as a power of two: 128 MiB, the format's own recommendation for decoders (RFC 8878 §3.1.1.1.2).
const ZSTD_WINDOW_LOG: u32 = 27;

fn expand_once(bytes: &[u8], compression: Compression, limits: &Limits) -> Result<Vec<u8>, LimitError> {
    let damaged = |source| LimitError::Damaged { compression: compression.name(), source };
    let reader: Box<dyn Read + '_> = match compression {
        Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
        Compression::Xz => {
            let stream =
                liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, liblzma::stream::CONCATENATED)
                    .map_err(|error| damaged(error.into()))?;
            Box::new(liblzma::read::XzDecoder::new_stream(bytes, stream))
        }
        Compression::Zstd => {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that caps it")]
            let mut decoder = zstd::stream::read::Decoder::new(bytes).map_err(damaged)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(damaged)?;
            Box::new(decoder)
        }
        Compression::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(bytes)),
    };
    drain(reader, bytes.len() as u64, compression.name(), limits)
}

/// Read an expanding reader to its end, keeping an eye on size and ratio.
pub(crate) fn drain(
    mut reader: Box<dyn Read + '_>,
    received: u64,
    compression: &'static str,
    limits: &Limits,
) -> Result<Vec<u8>, LimitError> {
    let bomb_at = received.saturating_mul(limits.ratio).max(Limits::RATIO_FROM);
    let mut expanded = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        let read = match reader.read(&mut chunk) {
            Ok(0) => return Ok(expanded),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(LimitError::Damaged { compression, source }),
        };
        expanded.extend_from_slice(&chunk[..read]);
        if expanded.len() as u64 > limits.bytes_expanded {
            return Err(LimitError::ExpandsTooFar { compression, limit: limits.bytes_expanded });
        }
        if expanded.len() as u64 > bomb_at {
            return Err(LimitError::Bomb { compression, limit: limits.ratio });
        }
    }
}
