//! One file, compressed: gzip, bzip2, xz, zstd. Inside is one entry, with the file's name less its ending.

use std::io::{BufRead, BufReader, Read};

use crate::budget::Metered;
use crate::content::Stream;
use crate::examine::Examiner;
use crate::fields::{byte, le32, le64};
use crate::report::Reason;

/// Memory that xz may ask for its dictionary; `xz -9` needs 65 MiB.
const XZ_MEMORY: u64 = 128 << 20;
/// The window that zstd may ask for, as a power of two: 128 MiB (RFC 8878 §3.1.1.1.2).
const ZSTD_WINDOW_LOG: u32 = 27;

pub(super) fn gzip(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let decoder = flate2::bufread::MultiGzDecoder::new(buffered(from));
    inside("gzip data", decoder, examiner)
}

/// One member alone: what is behind it is something else.
pub(super) fn gzip_one(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    inside("gzip data", flate2::bufread::GzDecoder::new(buffered(from)), examiner)
}

pub(super) fn bzip2(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let decoder = bzip2::bufread::MultiBzDecoder::new(buffered(from));
    inside("bzip2 data", decoder, examiner)
}

/// One stream alone.
pub(super) fn bzip2_one(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    inside("bzip2 data", bzip2::bufread::BzDecoder::new(buffered(from)), examiner)
}

pub(super) fn xz(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let concatenated = liblzma::stream::CONCATENATED;
    let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, concatenated);
    let stream = stream.map_err(|error| Reason::of_read("xz data", &error.into()))?;
    inside("xz data", liblzma::bufread::XzDecoder::new_stream(buffered(from), stream), examiner)
}

/// One stream alone.
pub(super) fn xz_one(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, 0);
    let stream = stream.map_err(|error| Reason::of_read("xz data", &error.into()))?;
    inside("xz data", liblzma::bufread::XzDecoder::new_stream(buffered(from), stream), examiner)
}

/// LZMA as old rpm packages and firmware have it: no magic number, so no row of its own.
pub(super) fn lzma(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let stream = liblzma::stream::Stream::new_lzma_decoder(XZ_MEMORY);
    let stream = stream.map_err(|error| Reason::of_read("LZMA data", &error.into()))?;
    inside("LZMA data", liblzma::bufread::XzDecoder::new_stream(buffered(from), stream), examiner)
}

/// Whether these may be the first bytes of LZMA data (LZMA SDK, lzma-specification.txt): properties below 225, a dictionary that is one power of
/// two or the sum of two, and a size that is not known or a possible one.
pub(super) fn may_be_lzma(head: &[u8]) -> bool {
    let Some((header, _)) = head.split_first_chunk::<13>() else { return false };
    let (dictionary, size) = (le32(header, 1), le64(header, 5));
    let is_dictionary = dictionary >= 1 << 12 && dictionary.count_ones() <= 2;
    byte(header, 0) < 225 && is_dictionary && (size == u64::MAX || size < 1 << 40)
}

pub(super) fn lzip(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    lzip_members(from, liblzma::stream::CONCATENATED, examiner)
}

/// One member alone.
pub(super) fn lzip_one(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    lzip_members(from, 0, examiner)
}

fn lzip_members(from: &mut dyn Read, flags: u32, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let stream = liblzma::stream::Stream::new_lzip_decoder(XZ_MEMORY, flags);
    let stream = stream.map_err(|error| Reason::of_read("lzip data", &error.into()))?;
    inside("lzip data", liblzma::bufread::XzDecoder::new_stream(buffered(from), stream), examiner)
}

pub(super) fn lz4(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    inside("LZ4 data", lz4_flex::frame::FrameDecoder::new(from), examiner)
}

pub(super) fn lzop(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    inside("lzop data", super::lzop::Decoder::new(buffered(from)), examiner)
}

pub(super) fn zstd(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    inside("zstd data", zstd_decoder(from)?, examiner)
}

/// One frame alone.
pub(super) fn zstd_one(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    inside("zstd data", zstd_decoder(from)?.single_frame(), examiner)
}

fn zstd_decoder(from: &mut dyn Read) -> Result<zstd::stream::read::Decoder<'_, impl BufRead>, Reason> {
    let failed = |error| Reason::of_read("zstd data", &error);
    let mut decoder = zstd::stream::read::Decoder::with_buffer(buffered(from)).map_err(failed)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(failed)?;
    Ok(decoder)
}

fn buffered(from: &mut dyn Read) -> impl BufRead {
    BufReader::with_capacity(64 << 10, from)
}

fn inside(kind: &'static str, decoder: impl Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let meter = std::rc::Rc::clone(&examiner.meter);
    let mut metered = Metered::new(decoder, &meter);
    let name = inner_name(examiner.container_name());
    examiner.entry(name.as_bytes(), &mut Stream(&mut metered))?;
    // Whoever looked inside may have stopped early; only the end shows whether all of it is sound.
    std::io::copy(&mut metered, &mut std::io::sink()).map_err(|error| Reason::of_read(kind, &error))?;
    Ok(())
}

/// `data.tar` for `data.tar.gz` and `data.tgz`.
fn inner_name(outer: &str) -> String {
    let name = outer.rsplit('/').next().unwrap_or(outer);
    match name.rsplit_once('.') {
        Some((stem, "tgz" | "tbz2" | "tbz" | "txz" | "tzst" | "taz" | "tlz" | "tzo")) => {
            format!("{stem}.tar")
        }
        Some((stem, "gz" | "bz2" | "xz" | "zst" | "lz" | "lz4" | "lzma" | "lzo" | "Z"))
            if !stem.is_empty() =>
        {
            stem.to_owned()
        }
        _ => format!("{name} (expanded)"),
    }
}
