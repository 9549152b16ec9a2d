//! The checksums of btrfs (`enum btrfs_csum_type`), of which each file system has one kind.

use blake2::Blake2b256;
use sha2::{Digest, Sha256};
use twox_hash::XxHash64;

use crate::container::crc32c;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Crc32c,
    XxHash64,
    Sha256,
    Blake2b,
}

impl Kind {
    pub(super) fn of(number: u16) -> Option<Kind> {
        match number {
            0 => Some(Kind::Crc32c),
            1 => Some(Kind::XxHash64),
            2 => Some(Kind::Sha256),
            3 => Some(Kind::Blake2b),
            _ => None,
        }
    }

    /// Bytes of a sum.
    pub(super) fn length(self) -> usize {
        match self {
            Kind::Crc32c => 4,
            Kind::XxHash64 => 8,
            Kind::Sha256 | Kind::Blake2b => 32,
        }
    }

    /// Whether what begins with these bytes, and zeros behind them where there is more room, is the sum of others.
    pub(super) fn is_right(self, stored: &[u8], bytes: &[u8]) -> bool {
        match self {
            Kind::Crc32c => stored.starts_with(&(!crc32c::update(u32::MAX, bytes)).to_le_bytes()),
            Kind::XxHash64 => stored.starts_with(&XxHash64::oneshot(0, bytes).to_le_bytes()),
            Kind::Sha256 => stored.starts_with(&Sha256::digest(bytes)),
            Kind::Blake2b => stored.starts_with(&Blake2b256::digest(bytes)),
        }
    }
}
