//! Events as they are kept: one line of JSON each, packed. What stands in them is the allow-list of
//! [`bedrail_model::alert::Event`]; nothing of the line as received is there but its digest.

use std::borrow::Cow;
use std::io::Write as _;
use std::net::IpAddr;

use bedrail_formats::limits::{Limits, expand};
use bedrail_model::alert::Event;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Bytes that packed events may unpack to: a batch of lines has far less.
const UNPACKED: u64 = 256 << 20;

/// An event as it is kept.
#[derive(Debug, Serialize)]
struct Line<'a> {
    /// The first half of the digest of the item's key.
    k: &'a str,
    /// When, in microseconds.
    t: i64,
    /// What was wrong with its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    tf: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'a str>,
    r: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    f: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fp: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dp: Option<u16>,
    n: u64,
    /// The digest of the line as received.
    h: &'a str,
}

/// An event that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KeptEvent {
    k: String,
    t: i64,
    #[serde(default)]
    tf: Option<String>,
    /// The sensor that saw it.
    #[serde(default, rename = "s")]
    pub sensor: Option<String>,
    /// The rule that fired.
    #[serde(rename = "r")]
    pub rule: String,
    /// Where it came from.
    #[serde(default, rename = "f")]
    pub from: Option<IpAddr>,
    /// From which port.
    #[serde(default, rename = "fp")]
    pub from_port: Option<u16>,
    /// Where it went to.
    #[serde(default, rename = "d")]
    pub to: Option<IpAddr>,
    /// To which port.
    #[serde(default, rename = "dp")]
    pub to_port: Option<u16>,
    /// How often it happened, as the source counts it.
    #[serde(rename = "n")]
    pub count: u64,
    /// SHA-256 of the line as received, in hexadecimal.
    #[serde(rename = "h")]
    pub original: String,
}

impl KeptEvent {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.t).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// What was wrong with its time, as a code of [`bedrail_model::alert::TimeFlaw`].
    pub fn time_flaw(&self) -> Option<&str> {
        self.tf.as_deref()
    }
}

/// Packs events.
#[derive(Default)]
pub(super) struct Packer {
    encoder: Option<zstd::stream::write::Encoder<'static, Vec<u8>>>,
    events: u64,
    broken: bool,
}

impl Packer {
    /// Takes an event in.
    pub(super) fn add(&mut self, key: &[u8; 32], event: &Event<'_>) {
        if self.encoder.is_none() {
            self.encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).ok();
        }
        let Some(encoder) = &mut self.encoder else {
            self.broken = true;
            return;
        };
        let (mut short, mut original) = ([0; 32], [0; 64]);
        let line = Line {
            k: hex_of(&key[..16], &mut short),
            t: event.time.at.as_microsecond(),
            tf: event.time.flaw.map(bedrail_model::alert::TimeFlaw::code),
            s: event.sensor.as_deref(),
            r: &event.rule.id,
            f: event.from.address,
            fp: event.from.port,
            d: event.to.address,
            dp: event.to.port,
            n: event.count,
            h: hex_of(&event.original, &mut original),
        };
        // Into memory: what goes wrong here goes wrong with all of it.
        let written = serde_json::to_writer(&mut *encoder, &line).is_ok() && encoder.write_all(b"\n").is_ok();
        self.broken |= !written;
        self.events += 1;
    }

    /// The packed events; nothing where there were none.
    pub(super) fn finish(self) -> std::io::Result<Option<Vec<u8>>> {
        if self.broken {
            return Err(std::io::Error::other("events could not be packed"));
        }
        self.encoder.map(zstd::stream::write::Encoder::finish).transpose()
    }
}

fn hex_of<'a>(bytes: &[u8], into: &'a mut [u8]) -> &'a str {
    match hex::encode_to_slice(bytes, into) {
        Ok(()) => std::str::from_utf8(into).unwrap_or_default(),
        Err(_) => "",
    }
}

/// A batch of lines is some megabytes; packed text can be far larger than it looks.
fn unpack(packed: &[u8]) -> std::io::Result<Cow<'_, [u8]>> {
    let limits = Limits { bytes_expanded: UNPACKED, ..Limits::default() };
    expand(packed, &limits).map_err(std::io::Error::other)
}

/// The kept events of a key. Others are passed over without being read.
///
/// # Errors
/// When the bytes are not what was packed.
pub(super) fn of_key(packed: &[u8], key: &[u8; 32]) -> std::io::Result<Vec<KeptEvent>> {
    // Each line begins so: `Line` has the key first.
    let mark = format!("{{\"k\":\"{}\",", hex::encode(&key[..16]));
    let text = unpack(packed)?;
    let begins = |at: &usize| *at == 0 || text[at - 1] == b'\n';
    let found = memchr::memmem::find_iter(&text, mark.as_bytes()).filter(begins);
    let line = |at: usize| {
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
        serde_json::from_slice(&text[at..end]).map_err(std::io::Error::other)
    };
    found.map(line).collect()
}

/// How many events were packed.
///
/// # Errors
/// When the bytes are not what was packed.
pub(super) fn count(packed: &[u8]) -> std::io::Result<u64> {
    Ok(memchr::memchr_iter(b'\n', &unpack(packed)?).count() as u64)
}
