//! CRC-32C (RFC 3720 §12.1, appendix B.4), the checksum of XFS and btrfs.

/// The polynomial, its bits in the other order.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// What a byte does to the sum, and what it does with up to seven bytes behind it: eight are taken at a time.
const TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut rest = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest & 1 == 0 { rest >> 1 } else { rest >> 1 ^ POLYNOMIAL };
            bit += 1;
        }
        tables[0][byte] = rest;
        byte += 1;
    }
    let mut behind = 1;
    while behind < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[behind - 1][byte];
            tables[behind][byte] = before >> 8 ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        behind += 1;
    }
    tables
}

/// The sum after more bytes; it begins with all bits set, and at the end all are turned round.
pub(super) fn update(crc: u32, bytes: &[u8]) -> u32 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let crc = eights.iter().fold(crc, |crc, eight| {
        let all = u64::from_le_bytes(*eight) ^ u64::from(crc);
        let bytes = all.to_le_bytes().into_iter().zip(TABLES.iter().rev());
        bytes.fold(0, |sum, (byte, table)| sum ^ table[usize::from(byte)])
    });
    rest.iter().fold(crc, |crc, byte| TABLES[0][usize::from(crc as u8 ^ byte)] ^ crc >> 8)
}

#[cfg(test)]
mod tests {
    use super::update;

    #[test]
    fn the_sum_is_that_of_the_rfc() {
        // RFC 3720, appendix B.4: 32 bytes of zeros, and the numbers from 0 to 31.
        assert_eq!(!update(u32::MAX, &[0; 32]), 0x8a91_36aa);
        let numbers: Vec<u8> = (0..32).collect();
        assert_eq!(!update(u32::MAX, &numbers), 0x46dd_794e);
        // In any parts.
        for at in 0..32 {
            let (first, second) = numbers.split_at(at);
            assert_eq!(!update(update(u32::MAX, first), second), 0x46dd_794e);
        }
    }
}
