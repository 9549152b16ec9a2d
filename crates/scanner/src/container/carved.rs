//! The containers that are looked for inside of firmware. What stands behind them there belongs to something else: compressed data ends
//! where its first part ends, and who cannot tell by its header how long it is says where it ended.

use std::io::{self, Read};

use super::{
    OpenRandom, OpenStream, android_boot, compressed, cpio, cramfs, erofs, ext, fat, fit, jffs2, romfs,
    squashfs, tar, ubi, ubifs, uboot, zip,
};
use crate::content::Content;
use crate::examine::{Examiner, HEAD};
use crate::report::Reason;

pub(crate) use super::fat::said_length as fat_length;
pub(crate) use super::fit::is_head as is_device_tree;
pub(crate) use super::jffs2::is_header as is_jffs2;

/// What a reader of compressed bytes may have read beyond their end.
const READ_AHEAD: u64 = 64 << 10;

type OpenSized = for<'s> fn(&Content<'s>, &mut Examiner<'s>) -> Result<u64, Reason>;

/// How one of them is opened.
#[derive(Clone, Copy)]
pub(crate) enum Open {
    /// All bytes that it is given are its own.
    Whole(OpenRandom),
    /// It says where it ended.
    Sized(OpenSized),
    /// From its first byte to its last; how many more it may have read.
    Stream(OpenStream, u64),
    /// The same, where its first bytes are right: programs that read such a thing have its mark in them.
    Checked(fn(&[u8]) -> bool, OpenStream),
}

pub(crate) const SQUASHFS: Open = Open::Whole(squashfs::open);
pub(crate) const UBOOT: Open = Open::Whole(uboot::open);
pub(crate) const ZIP: Open = Open::Whole(zip::open);
pub(crate) const CRAMFS: Open = Open::Whole(cramfs::open);
pub(crate) const ROMFS: Open = Open::Whole(romfs::open);
pub(crate) const UBIFS: Open = Open::Whole(ubifs::open);
pub(crate) const EROFS: Open = Open::Whole(erofs::open);
pub(crate) const FAT: Open = Open::Whole(fat::open);
pub(crate) const EXT: Open = Open::Sized(ext::open_one);
pub(crate) const DEVICE_TREE: Open = Open::Sized(fit::open_one);
pub(crate) const UBI: Open = Open::Sized(ubi::open_one);
pub(crate) const JFFS2: Open = Open::Sized(jffs2::open_one);
pub(crate) const ANDROID_BOOT: Open = Open::Sized(android_boot::open_one);
pub(crate) const GZIP: Open = Open::Stream(compressed::gzip_one, READ_AHEAD);
pub(crate) const BZIP2: Open = Open::Stream(compressed::bzip2_one, READ_AHEAD);
pub(crate) const XZ: Open = Open::Stream(compressed::xz_one, READ_AHEAD);
pub(crate) const ZSTD: Open = Open::Stream(compressed::zstd_one, READ_AHEAD);
pub(crate) const LZIP: Open = Open::Stream(compressed::lzip_one, READ_AHEAD);
pub(crate) const LZMA: Open = Open::Stream(compressed::lzma, READ_AHEAD);
pub(crate) const CPIO: Open = Open::Stream(cpio::one, 0);
pub(crate) const TAR: Open = Open::Checked(tar::is_header, tar::one);

impl Open {
    /// Opens what a content begins with. Returns how many of its bytes were looked at, so that nothing else is looked for in them: none
    /// where it could not be opened, or was not what its header says.
    ///
    /// # Errors
    /// What ends the scan.
    pub(crate) fn open<'s>(
        self,
        name: &str,
        content: &Content<'s>,
        examiner: &mut Examiner<'s>,
    ) -> Result<u64, Reason> {
        if let Open::Checked(is_right, _) = self
            && !content.up_to(0, HEAD).is_ok_and(|head| is_right(&head))
        {
            return Ok(0);
        }
        let said = examiner.facts.not_scanned.len();
        let mut seen = 0;
        examiner.enter(name, |examiner| {
            seen = match self {
                Open::Whole(open) => open(content, examiner).map(|()| content.length())?,
                Open::Sized(open) => open(content, examiner)?,
                Open::Stream(open, ahead) => read(content, open, examiner)?.saturating_sub(ahead),
                Open::Checked(_, open) => read(content, open, examiner)?,
            };
            Ok(())
        })?;
        let place = examiner.place(name);
        let is_whole = examiner.facts.not_scanned.iter().skip(said).all(|it| it.place != place);
        // Whoever says where it ended knows what it looked at.
        Ok(if is_whole || matches!(self, Open::Sized(_)) { seen } else { 0 })
    }
}

/// Reads from the first byte on; returns how many were read.
fn read<'s>(content: &Content<'s>, open: OpenStream, examiner: &mut Examiner<'s>) -> Result<u64, Reason> {
    let mut counted = Counted { inner: content.reader(), count: 0 };
    open(&mut counted, examiner)?;
    Ok(counted.count)
}

struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}
