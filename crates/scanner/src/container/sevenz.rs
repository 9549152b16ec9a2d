//! 7z archives, by the crate `sevenz-rust2`. An archive behind a program is one, too.

use std::io::{self, BufReader, Read};
use std::rc::Rc;

use sevenz_rust2::{ArchiveReader, Error, Password};

use crate::budget::Metered;
use crate::content::{Content, Stream};
use crate::examine::Examiner;
use crate::report::Reason;

const KIND: &str = "7z archive";
/// Memory that a decoder may ask for: `7z -mx=9` needs 64 MiB and some.
const MEMORY_KIB: usize = 192 << 10;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let reader = BufReader::with_capacity(64 << 10, content.reader());
    let mut archive = ArchiveReader::new_with_memory_limit(reader, Password::empty(), MEMORY_KIB)
        .map_err(|error| reason(&error))?;
    archive.set_thread_count(1);
    let mut ended = None;
    let read = archive.for_each_entries(|entry, bytes| {
        if entry.is_directory() || !entry.has_stream() {
            return Ok(true);
        }
        let meter = Rc::clone(&examiner.meter);
        let mut metered = Metered::new(bytes, &meter);
        if let Err(reason) = examiner.entry(entry.name().as_bytes(), &mut Stream(&mut metered)) {
            ended = Some(reason);
            return Ok(false);
        }
        // What nobody reads must be unpacked all the same, since the next one stands behind it.
        io::copy(&mut metered.by_ref(), &mut io::sink())?;
        Ok(true)
    });
    match (ended, read) {
        (Some(reason), _) => Err(reason),
        (None, Err(error)) => Err(reason(&error)),
        (None, Ok(_)) => Ok(()),
    }
}

fn reason(error: &Error) -> Reason {
    match error {
        Error::Io(error, _) => Reason::of_read(KIND, error),
        Error::PasswordRequired | Error::MaybeBadPassword(_) => {
            Reason::Unsupported("an encrypted 7z archive".to_owned())
        }
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => {
            Reason::Unsupported("an encrypted 7z archive".to_owned())
        }
        Error::UnsupportedCompressionMethod(method) => {
            Reason::Unsupported(format!("a 7z archive packed by {method}"))
        }
        Error::MaxMemLimited { .. } => {
            Reason::Unsupported("a 7z archive that needs more memory than it may have".to_owned())
        }
        other => Reason::Damaged { kind: KIND, what: other.to_string() },
    }
}
