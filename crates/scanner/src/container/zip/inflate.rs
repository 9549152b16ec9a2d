//! Deflate (RFC 1951): in pieces (zlib-rs), or, for small entries that are wanted whole, in one go (libdeflate). Their states are used again: an
//! archive has thousands of small entries, and making the state anew costs more than unpacking one.

use std::cell::RefCell;
use std::io::{self, BufRead, Read};

use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::Decompressor;

/// States that a thread keeps: one for each archive inside another, as far as those are usual.
const KEPT: usize = 4;

thread_local! {
    static WHOLE: RefCell<Decompressor> = RefCell::new(Decompressor::new());
    static STATES: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
}

/// All of a small entry that is held whole: in one go, which is nearly twice as fast as in pieces. None where it is not of this size, or damaged.
pub(super) fn whole(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut whole = vec![0; size];
    let unpack = |state: &mut Decompressor| state.deflate_decompress(packed, &mut whole);
    let unpacked = WHOLE.with_borrow_mut(unpack).ok()?;
    (unpacked == size).then_some(whole)
}

/// Unpacks what a reader gives.
pub(super) struct Inflate<R> {
    from: R,
    /// There until it is dropped.
    state: Option<Decompress>,
}

impl<R: BufRead> Inflate<R> {
    pub(super) fn new(from: R) -> Inflate<R> {
        let kept = STATES.with_borrow_mut(Vec::pop);
        Inflate { from, state: Some(kept.unwrap_or_else(|| Decompress::new(false))) }
    }
}

impl<R: BufRead> Read for Inflate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(state) = &mut self.state else { return Ok(0) };
        loop {
            let packed = self.from.fill_buf()?;
            let is_end = packed.is_empty();
            let (taken, given) = (state.total_in(), state.total_out());
            let flush = if is_end { FlushDecompress::Finish } else { FlushDecompress::None };
            let outcome = state.decompress(packed, buffer, flush);
            let read = (state.total_out() - given) as usize;
            self.from.consume((state.total_in() - taken) as usize);
            match outcome {
                Ok(Status::Ok | Status::BufError) if read == 0 && !is_end && !buffer.is_empty() => {}
                Ok(Status::Ok | Status::BufError) if read == 0 && is_end && !buffer.is_empty() => {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "incomplete deflate stream"));
                }
                Ok(_) => return Ok(read),
                Err(_) => {
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, "corrupt deflate stream"));
                }
            }
        }
    }
}

impl<R> Drop for Inflate<R> {
    fn drop(&mut self) {
        let Some(mut state) = self.state.take() else { return };
        STATES.with_borrow_mut(|states| {
            if states.len() < KEPT {
                state.reset(false);
                states.push(state);
            }
        });
    }
}
