//! The chunked coding (RFC 9112 §7.1), without extensions and trailers, which nothing behind needs and much disagrees on.

use crate::refusal::Reason;

/// Digits of a chunk's size: 2^40 bytes and more are no chunk of ours.
const SIZE_DIGITS: usize = 10;

/// Where the machine stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the size; digits seen and value.
    Size(usize, u64),
    /// After the size's CR; the value.
    SizeLf(u64),
    /// In the data; bytes left.
    Data(u64),
    /// After the data: CR, then LF.
    DataCr,
    DataLf,
    /// After the last chunk: CR, then LF.
    EndCr,
    EndLf,
    Done,
}

/// Takes chunks apart.
#[derive(Debug)]
pub(crate) struct Decoder(State);

impl Decoder {
    pub(crate) const fn new() -> Decoder {
        Decoder(State::Size(0, 0))
    }

    /// Whether the last chunk and its end were seen.
    pub(crate) fn is_done(&self) -> bool {
        self.0 == State::Done
    }

    /// Decode what is there into `out`; how many bytes were used. Stops at the end of the body.
    pub(crate) fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Reason> {
        let mut at = 0;
        while at < input.len() && self.0 != State::Done {
            if let State::Data(left) = self.0 {
                let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len() - at);
                out.extend_from_slice(&input[at..at + take]);
                at += take;
                let left = left - take as u64;
                self.0 = if left == 0 { State::DataCr } else { State::Data(left) };
                continue;
            }
            self.0 = self.after(input[at])?;
            at += 1;
        }
        Ok(at)
    }

    fn after(&self, byte: u8) -> Result<State, Reason> {
        match (self.0, byte) {
            (State::Size(digits, value), _) if byte.is_ascii_hexdigit() && digits < SIZE_DIGITS => {
                let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
                Ok(State::Size(digits + 1, value * 16 + digit))
            }
            (State::Size(1.., value), b'\r') => Ok(State::SizeLf(value)),
            (State::SizeLf(0), b'\n') => Ok(State::EndCr),
            (State::SizeLf(size), b'\n') => Ok(State::Data(size)),
            (State::DataCr, b'\r') => Ok(State::DataLf),
            (State::DataLf, b'\n') => Ok(State::Size(0, 0)),
            (State::EndCr, b'\r') => Ok(State::EndLf),
            (State::EndLf, b'\n') => Ok(State::Done),
            _ => Err(Reason::Chunk),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Decoder;
    use crate::refusal::Reason;

    fn decode(input: &[u8], step: usize) -> Result<(Vec<u8>, usize, bool), Reason> {
        let (mut decoder, mut out, mut used) = (Decoder::new(), Vec::new(), 0);
        for piece in input.chunks(step) {
            let taken = decoder.feed(piece, &mut out)?;
            used += taken;
            if taken < piece.len() {
                break;
            }
        }
        Ok((out, used, decoder.is_done()))
    }

    #[test]
    fn chunks_are_taken_apart_wherever_they_are_cut() {
        let input = b"5\r\nhello\r\n00A\r\n, chunked!\r\n0\r\n\r\nGET /next";
        for step in 1..=input.len() {
            assert_eq!(
                decode(input, step).unwrap(),
                (b"hello, chunked!".to_vec(), input.len() - 9, true),
                "{step}"
            );
        }
        assert!(!decode(b"5\r\nhel", 3).unwrap().2);
    }

    #[test]
    fn chunks_with_two_readings_are_refused() {
        for input in [
            &b"5\nhello\r\n0\r\n\r\n"[..],
            b"5;a=b\r\nhello\r\n0\r\n\r\n",
            b"5 \r\nhello\r\n0\r\n\r\n",
            b"0x5\r\nhello\r\n0\r\n\r\n",
            b"+5\r\nhello\r\n0\r\n\r\n",
            b"-5\r\nhello\r\n0\r\n\r\n",
            b"\r\nhello\r\n0\r\n\r\n",
            b"5\r\nhelloX\r\n0\r\n\r\n",
            b"5\r\nhello\n0\r\n\r\n",
            b"5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
            b"5\r\nhello\r\n0\r\n\n",
            b"00000000005\r\nhello\r\n0\r\n\r\n",
            b"fffffffffffffffff\r\n",
        ] {
            assert_eq!(decode(input, 64), Err(Reason::Chunk), "{:?}", String::from_utf8_lossy(input));
        }
    }
}
