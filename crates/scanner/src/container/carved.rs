//! The containers that are looked for inside of firmware. What stands behind them there belongs to something else, so that compressed
//! data ends where its first part ends.

use std::io::Read;

use super::{compressed, cpio, cramfs, fit, romfs, squashfs, ubi, uboot};

pub(crate) use super::fit::is_head as is_device_tree;

use crate::examine::Examiner;
use crate::report::Reason;

/// How one of them is opened.
#[derive(Clone, Copy)]
pub(crate) struct Open(super::Open);

pub(crate) const SQUASHFS: Open = Open(super::Open::Random(squashfs::open));
pub(crate) const UBOOT: Open = Open(super::Open::Random(uboot::open));
pub(crate) const GZIP: Open = Open(super::Open::Stream(compressed::gzip_one));
pub(crate) const XZ: Open = Open(super::Open::Stream(compressed::xz_one));
pub(crate) const LZMA: Open = Open(super::Open::Stream(compressed::lzma));
pub(crate) const CPIO: Open = Open(super::Open::Stream(cpio::one));
pub(crate) const CRAMFS: Open = Open(super::Open::Random(cramfs::open));
pub(crate) const ROMFS: Open = Open(super::Open::Random(romfs::open));
pub(crate) const DEVICE_TREE: Open = Open(super::Open::Random(fit::open_one));
pub(crate) const UBI: Open = Open(super::Open::Random(ubi::open));

impl Open {
    pub(crate) fn as_container(self) -> super::Open {
        self.0
    }

    /// Reads one from its first byte to its last.
    pub(crate) fn read(self, from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
        match self.0 {
            super::Open::Stream(stream) => stream(from, examiner),
            super::Open::Random(_) => Ok(()),
            super::Open::Never(what) => Err(Reason::Unsupported(what.to_owned())),
        }
    }
}
