//! One 64-bit hash for tables and digests. Its values are stored: changing it is a new file format.
//!
//! FNV-1a (Fowler, Noll, Vo) with the finaliser of MurmurHash3, so that the high bits, which choose the partition and the
//! place in a table, depend on every byte. It is no defence against forged collisions and need not be one: lookups
//! compare names, and whoever can write a feed can say whatever he likes in it.

#[derive(Clone, Copy)]
pub(crate) struct Hasher(u64);

impl Hasher {
    pub(crate) const fn new() -> Hasher {
        Hasher(0xcbf2_9ce4_8422_2325)
    }

    #[inline]
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Hasher {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self
    }

    /// Bytes with their length, so that neighbours cannot run into one another.
    pub(crate) fn part(self, bytes: &[u8]) -> Hasher {
        self.bytes(&(bytes.len() as u64).to_le_bytes()).bytes(bytes)
    }

    pub(crate) fn number(self, number: u64) -> Hasher {
        self.bytes(&number.to_le_bytes())
    }

    #[inline]
    pub(crate) const fn finish(self) -> u64 {
        let mut hash = self.0;
        hash ^= hash >> 33;
        hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 33;
        hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ (hash >> 33)
    }
}

/// The hash of an advisory or alias id.
pub(crate) fn of_id(id: &str) -> u64 {
    Hasher::new().bytes(id.as_bytes()).finish()
}

/// The hash of a package: its ecosystem by OSV's name, and its normalised name.
#[inline]
pub(crate) fn of_package(ecosystem: &str, name: &str) -> u64 {
    Hasher::new().bytes(ecosystem.as_bytes()).bytes(&[0]).bytes(name.as_bytes()).finish()
}
