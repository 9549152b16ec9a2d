//! A reader that looks ahead: over the zeros that pad an archive, at what stands behind them.

use std::io::{self, Read};

use crate::budget::Meter;
use crate::examine::fill;

/// Bytes that are read at once while only zeros come.
const STEP: usize = 64 << 10;

/// Bytes in order, of which the next ones may have been read already.
pub(super) struct Ahead<'r> {
    from: &'r mut dyn Read,
    held: Vec<u8>,
    at: usize,
}

impl<'r> Ahead<'r> {
    pub(super) fn new(from: &'r mut dyn Read) -> Ahead<'r> {
        Ahead { from, held: Vec::new(), at: 0 }
    }

    /// Goes to the first byte that is not zero. Returns whether there is one.
    ///
    /// # Errors
    /// Where the bytes cannot be had, and what ends the scan.
    pub(super) fn past_zeros(&mut self, meter: &Meter<'_>) -> io::Result<bool> {
        loop {
            let rest = self.held.get(self.at..).unwrap_or_default();
            if let Some(at) = rest.iter().position(|byte| *byte != 0) {
                self.at += at;
                return Ok(true);
            }
            meter.entry().map_err(io::Error::other)?;
            self.held.resize(STEP, 0);
            self.at = 0;
            let filled = fill(self.from, &mut self.held)?;
            self.held.truncate(filled);
            if filled == 0 {
                return Ok(false);
            }
        }
    }

    /// The next bytes, which are still to be read: fewer than asked for only at the end.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        let rest = self.held.get(self.at..).unwrap_or_default();
        if rest.len() < count {
            let mut more = rest.to_vec();
            let there = more.len();
            more.resize(count, 0);
            let filled = fill(self.from, more.get_mut(there..).unwrap_or_default())?;
            more.truncate(there + filled);
            (self.held, self.at) = (more, 0);
        }
        let rest = self.held.get(self.at..).unwrap_or_default();
        Ok(rest.get(..count).unwrap_or(rest))
    }
}

impl Read for Ahead<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let held = self.held.get(self.at..).unwrap_or_default();
        if held.is_empty() {
            return self.from.read(buffer);
        }
        let count = held.len().min(buffer.len());
        buffer.iter_mut().zip(held).for_each(|(to, from)| *to = *from);
        self.at += count;
        Ok(count)
    }
}
