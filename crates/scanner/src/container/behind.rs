//! What stands behind an image in the same file: checksums, signatures, padding, or the next image.

use std::io;

use crate::binary;
use crate::content::{Content, Window};
use crate::examine::Examiner;
use crate::report::Reason;

/// Bytes that are read at once to see whether there is anything but padding.
const STEP: usize = 64 << 10;
/// Images begin at multiples of this.
const SECTOR: u64 = 512;
/// Padding in front of nothing else: the rest of a partition may have terabytes.
const MAX_PADDING: u64 = 16 << 20;

/// Looks at what begins behind the last byte of an image. Bytes of one value up to the end are padding.
///
/// # Errors
/// Where the bytes cannot be had, and what ends the scan.
pub(super) fn look<'s>(
    kind: &'static str,
    content: &Content<'s>,
    end: u64,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    let rest = content.window(end, u64::MAX);
    let (padding, is_flash) = padding(&rest, examiner).map_err(|error| Reason::of_read(kind, &error))?;
    if padding == rest.length() || (padding >= MAX_PADDING && rest.length() > binary::MAX_FIRMWARE) {
        return Ok(());
    }
    // Erased flash is a part of nothing; with zeros a file system may begin.
    let start = if is_flash { padding - padding % SECTOR } else { 0 };
    let rest = rest.window(start, u64::MAX);
    examiner.entry(format!("behind the {kind}.bin").as_bytes(), &mut Window::new(rest))
}

/// How many bytes of one value something begins with, as far as that is looked at; and whether that is the value of erased flash.
fn padding(rest: &Content<'_>, examiner: &Examiner<'_>) -> io::Result<(u64, bool)> {
    let first = rest.up_to(0, 1)?;
    let Some(padding) = first.first() else { return Ok((0, false)) };
    let is_flash = *padding == 0xff;
    let mut at = 0;
    while at < rest.length().min(MAX_PADDING) || rest.length() <= binary::MAX_FIRMWARE {
        examiner.meter.entry().map_err(io::Error::other)?;
        let bytes = rest.up_to(at, STEP)?;
        if let Some(end) = bytes.iter().position(|byte| byte != padding) {
            return Ok((at + end as u64, is_flash));
        }
        at += bytes.len() as u64;
        if bytes.is_empty() {
            break;
        }
    }
    Ok((at, is_flash))
}
