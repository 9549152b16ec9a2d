//! LZNT1 ([MS-XCA] §2.5): chunks that unpack to 4096 bytes each.

use crate::fields::{byte, le16};

const CHUNK: usize = 4096;

/// Unpacks to exactly so many bytes, with zeros behind the end; `None` where that cannot be.
pub(super) fn unpack(mut packed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut all = Vec::with_capacity(length);
    while packed.len() >= 2 && all.len() < length {
        let header = le16(packed, 0);
        if header == 0 {
            break;
        }
        let size = usize::from(header & 0x0fff) + 1;
        let body = packed.get(2..2 + size)?;
        packed = packed.get(2 + size..)?;
        // Every chunk but the last is whole; what is missing in one is zeros.
        all.resize(all.len().next_multiple_of(CHUNK), 0);
        if header & 0x8000 == 0 {
            all.extend_from_slice(body);
        } else {
            chunk(body, &mut all)?;
        }
    }
    all.resize(length, 0);
    Some(all)
}

fn chunk(mut body: &[u8], all: &mut Vec<u8>) -> Option<()> {
    let start = all.len();
    while let Some((flags, rest)) = body.split_first() {
        body = rest;
        for bit in 0..8 {
            if body.is_empty() {
                return Some(());
            }
            if flags >> bit & 1 == 0 {
                all.push(byte(body, 0));
                body = body.get(1..)?;
            } else {
                let word = usize::from(le16(body.get(..2)?, 0));
                body = body.get(2..)?;
                // The further on, the more bits are for how far back, and the fewer for how many.
                let mut for_length = 12;
                while all.len() - start > 1 << (16 - for_length) && for_length > 4 {
                    for_length -= 1;
                }
                let count = (word & ((1 << for_length) - 1)) + 3;
                let back = (word >> for_length) + 1;
                let from = all.len().checked_sub(back).filter(|from| *from >= start)?;
                for at in from..from + count {
                    all.push(byte(all, at));
                }
            }
            if all.len() - start > CHUNK {
                return None;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MS-XCA] §3.3.
    #[test]
    fn the_example_of_the_specification_unpacks() {
        let packed = "38b08846232000204720410010a24701a04520440008450150 7900c045200524138805b4024a44ef03580 28c091601484500be009e00040118900000";
        let packed = hex::decode(packed.replace(' ', "")).unwrap();
        let text = b"F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D\0";
        assert_eq!(unpack(&packed, text.len()).unwrap(), text);
        for cut in 0..packed.len() {
            drop(unpack(&packed[..cut], text.len()));
        }
        // Further back than there is anything.
        assert_eq!(unpack(&[0x03, 0xb0, 0x01, 0xff, 0xff, 0, 0], 16), None);
    }
}
