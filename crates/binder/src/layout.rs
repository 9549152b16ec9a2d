//! The ZIP in its one form (APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16): every field is fixed or follows from name, method,
//! CRC and sizes, so that a header can be written again and compared.

/// Version needed to extract: 2.0, for folders in names and deflate.
const VERSION: u16 = 20;
/// Bit 11: names are UTF-8.
const FLAGS: u16 = 1 << 11;
/// 1 January 1980, the first day of DOS: a binder has its dates in the manifest.
const DOS_DATE: u16 = 0x21;

/// How an entry is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Stored,
    Deflated,
}

impl Method {
    fn code(self) -> u16 {
        match self {
            Method::Stored => 0,
            Method::Deflated => 8,
        }
    }
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) method: Method,
    pub(crate) crc: u32,
    pub(crate) packed: u32,
    pub(crate) size: u32,
    pub(crate) offset: u32,
}

/// The length of a local header without its name.
pub(crate) const LOCAL: usize = 30;
/// The first bytes of a local header.
pub(crate) const LOCAL_MARK: [u8; 4] = *b"PK\x03\x04";

impl Header {
    /// The fields that stand in both headers.
    fn common(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for field in [VERSION, FLAGS, self.method.code(), 0, DOS_DATE] {
            bytes.extend(field.to_le_bytes());
        }
        for field in [self.crc, self.packed, self.size] {
            bytes.extend(field.to_le_bytes());
        }
        // A name has at most 240 bytes.
        bytes.extend((self.name.len() as u16).to_le_bytes());
        bytes.extend(0_u16.to_le_bytes());
        bytes
    }

    pub(crate) fn local(&self) -> Vec<u8> {
        let mut bytes = LOCAL_MARK.to_vec();
        bytes.extend(self.common());
        bytes.extend(self.name.as_bytes());
        bytes
    }

    fn central(&self) -> Vec<u8> {
        let mut bytes = b"PK\x01\x02".to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.common());
        // Length of comment, disk, internal attributes; external attributes.
        bytes.extend([0; 10]);
        bytes.extend(self.offset.to_le_bytes());
        bytes.extend(self.name.as_bytes());
        bytes
    }

    /// Reads the fields of a local header, without its name. What it does not look at is compared afterwards.
    pub(crate) fn read(bytes: &[u8; LOCAL], offset: u32) -> Option<(Header, usize)> {
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let long = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let method =
            [Method::Stored, Method::Deflated].into_iter().find(|method| method.code() == short(8))?;
        let header =
            Header { name: String::new(), method, crc: long(14), packed: long(18), size: long(22), offset };
        Some((header, usize::from(short(26))))
    }
}

/// All that follows the last entry.
pub(crate) fn end(headers: &[Header], offset: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = headers.iter().flat_map(Header::central).collect();
    let length = bytes.len() as u32;
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    for _ in 0..2 {
        bytes.extend((headers.len() as u16).to_le_bytes());
    }
    bytes.extend(length.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}
