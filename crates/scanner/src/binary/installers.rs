//! Programs that install something by a payload of a maker's own kind, which is not opened: that is said.

use crate::container;
use crate::content::Content;
use crate::examine::Examiner;
use crate::report::Reason;

/// Bytes of the program, and of what stands behind it, that are looked through.
const MAX_PROGRAM: u64 = 2 << 20;
const MAX_BEHIND: u64 = 64 << 10;

/// Where a mark stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Program,
    Behind,
}

/// Every kind: its mark, where that stands, and what to say.
const INSTALLERS: &[(&[u8], In, &str)] = &[
    // NSIS, Source/exehead/fileform.h: `firstheader`.
    (b"\xef\xbe\xad\xdeNullsoftInst", In::Behind, "the payload of an NSIS installer"),
    // Inno Setup, SetupLdr's table of places, in a resource since 5.1.5 and in the header before.
    (b"rDlPtS\xcd\xe6\xd7{\x0b*", In::Program, "the payload of an Inno Setup installer"),
    (b"rDlPtS02\x87eVx", In::Program, "the payload of an Inno Setup installer"),
    (b"rDlPtS04\x87eVx", In::Program, "the payload of an Inno Setup installer"),
    (b"rDlPtS05\x87eVx", In::Program, "the payload of an Inno Setup installer"),
    (b"rDlPtS06\x87eVx", In::Program, "the payload of an Inno Setup installer"),
    (b"rDlPtS07\x87eVx", In::Program, "the payload of an Inno Setup installer"),
    (b"ISSetupStream\0", In::Behind, "the payload of an InstallShield installer"),
    (b"InstallShield\0", In::Behind, "the payload of an InstallShield installer"),
];

/// Says what is not opened of a program with something behind it.
pub(super) fn say<'s>(name: &str, content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error| Reason::of_read("program", &error);
    let head = content.up_to(0, 512).map_err(failed)?;
    let Some(end) = head
        .starts_with(b"MZ")
        .then(|| container::behind(content, &head))
        .transpose()
        .map_err(failed)?
        .flatten()
    else {
        return Ok(());
    };
    let program = content.up_to(0, end.min(MAX_PROGRAM) as usize).map_err(failed)?;
    let behind = content.up_to(end, MAX_BEHIND as usize).map_err(failed)?;
    let is_there = |(mark, place, _): &&(&[u8], In, &str)| {
        let bytes = if *place == In::Program { &program } else { &behind };
        memchr::memmem::find(bytes, mark).is_some()
    };
    match INSTALLERS.iter().find(is_there) {
        Some((_, _, what)) => examiner.not_scanned(name, Reason::Unsupported((*what).to_owned())),
        None => Ok(()),
    }
}
