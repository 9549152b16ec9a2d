//! Programs and firmware: what they were linked with (Go's build information, cargo-auditable), and version strings in them by the
//! table in `rules.rs`, each with its place.

use crate::content::Content;
use crate::detect::package;
use crate::document::is_surely_text;
use crate::examine::Examiner;
use crate::fields::le16;
use crate::report::Reason;

mod carve;
mod elf;
mod go;
mod installers;
mod linked;
mod pe;
mod rules;
mod signs;
mod strings;
mod version_resource;

pub(crate) use carve::look as look_into_firmware;
pub(crate) use rules::RULES;

/// Whether these are the first bytes of a program: ELF, or PE and its forebears.
pub(crate) fn is_program(head: &[u8]) -> bool {
    head.starts_with(b"\x7fELF") || head.starts_with(b"MZ")
}

/// A part of a program: where it is loaded to, and where it lies in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// Of a section; segments have none.
    name: String,
    address: u64,
    offset: u64,
    length: u64,
}

/// What the headers of a program tell.
#[derive(Debug, Default)]
struct Layout {
    parts: Vec<Part>,
    /// Libraries that it asks for.
    needed: Vec<String>,
    build_id: Option<String>,
    /// What addresses of a PE program count from.
    base: u64,
}

impl Layout {
    fn of(content: &Content<'_>) -> Layout {
        elf::layout(content).or_else(|| pe::layout(content)).unwrap_or_default()
    }

    /// Where the bytes of an address lie.
    fn offset(&self, address: u64) -> Option<u64> {
        let part = self
            .parts
            .iter()
            .find(|it| address.checked_sub(it.address).is_some_and(|into| into < it.length))?;
        part.offset.checked_add(address - part.address)
    }

    fn section(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// In words, for whoever looks for the file that was found.
    fn words(&self) -> String {
        let build_id = self.build_id.as_ref().map(|id| format!("; build id {id}")).unwrap_or_default();
        match self.needed.len() {
            0 => build_id,
            _ => format!("{build_id}; needs {}", self.needed.join(", ")),
        }
    }
}

/// Bytes of firmware that is looked through: real ones stay below. A disk of a terabyte that nothing is known of would take hours.
pub(crate) const MAX_FIRMWARE: u64 = 1 << 30;

/// Whether a file that is of no other kind may be firmware, which is worth reading whole: by its name, or, of bearable size, by having no
/// ending at all, as kernels and what was unpacked have none. Texts are not.
pub(crate) fn may_be_firmware(name: &str, head: &[u8], length: Option<u64>) -> bool {
    const ENDINGS: &[&str] = &[
        "bin", "img", "fw", "rom", "raw", "dd", "trx", "chk", "upd", "upg", "dfu", "ima", "flash", "nand",
        "mtd", "dump",
    ];
    const MAX_WITHOUT_ENDING: u64 = 256 << 20;
    if length.is_some_and(|length| length > MAX_FIRMWARE) {
        return false;
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    let may_be = match last.rsplit_once('.') {
        Some((_, ending)) if ENDINGS.iter().any(|it| ending.eq_ignore_ascii_case(it)) => true,
        Some(_) if !last.ends_with(" (expanded)") => false,
        _ => length.is_none_or(|length| length <= MAX_WITHOUT_ENDING),
    };
    may_be && !is_surely_text(head)
}

/// The version in the header of a Linux kernel for PCs (Documentation/arch/x86/boot.rst): the kernel itself is packed.
fn linux_boot_header<'s>(name: &str, content: &Content<'s>, examiner: &mut Examiner<'s>) -> bool {
    let header = content.up_to(0x200, 0x40).unwrap_or_default();
    if header.get(2..6) != Some(b"HdrS") {
        return false;
    }
    let at = 0x200 + u64::from(le16(&header, 0x0e));
    let text = content.up_to(at, 64).unwrap_or_default();
    let end = text.iter().position(|byte| matches!(byte, 0 | b' ')).unwrap_or(0);
    let Some(version) = text.get(..end).and_then(|it| std::str::from_utf8(it).ok()) else { return false };
    if !version.starts_with(|it: char| it.is_ascii_digit()) {
        return false;
    }
    let shows = format!("the kernel's boot header says {version} at byte {at}");
    let mut found = package("generic", "linux", Some(version), examiner.place(name), &shows);
    found.cpes.push(strings::cpe("o:linux:linux_kernel", Some(version)));
    examiner.facts.packages.push(found);
    true
}

/// Looks at a program. Its headers may be damaged: then what can be had without them counts.
///
/// # Errors
/// Only where its bytes cannot be had.
pub(crate) fn examine<'s>(
    name: &str,
    content: &Content<'s>,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    linux_boot_header(name, content, examiner);
    let layout = Layout::of(content);
    linked::cargo(name, content, &layout, examiner);
    version_resource::report(name, content, &layout, examiner);
    let seen = strings::search(content, examiner, &mut |_, _, _| {})?;
    for at in &seen.go {
        go::build_information(name, content, *at, &layout, examiner);
    }
    strings::report(name, content, &seen, &layout, examiner)?;
    installers::say(name, content, examiner)
}
