//! ar archives (ar(5)): Debian packages (deb(5)) and static libraries, with the long names of GNU and BSD.

use std::io::{self, Read};

use crate::content::Stream;
use crate::examine::{Examiner, fill};
use crate::report::Reason;

const KIND: &str = "ar archive";
/// Bytes of GNU's table of long names.
const MAX_TABLE: u64 = 16 << 20;

pub(super) fn open(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let mut magic = [0; 8];
    fill(from, &mut magic).map_err(failed)?;
    let mut table = Vec::new();
    loop {
        let mut header = [0; 60];
        match fill(from, &mut header).map_err(failed)? {
            60 => {}
            // A lone padding byte at the end is usual.
            0 | 1 => return Ok(()),
            _ => return Err(damaged("it ends inside a header")),
        }
        if &header[58..] != b"`\n" {
            return Err(damaged("a header does not end as it must"));
        }
        let size: u64 = text(&header[48..58]).parse().map_err(|_| damaged("a size cannot be read"))?;
        let mut body = from.take(size);
        let field = text(&header[..16]);
        if field == "//" {
            if size > MAX_TABLE {
                return Err(damaged("its table of names is larger than any can be"));
            }
            body.read_to_end(&mut table).map_err(failed)?;
        } else if field != "/" && field != "/SYM64/" {
            let name = name(&field, &table, &mut body)?;
            examiner.entry(&name, &mut Stream(&mut body))?;
        }
        io::copy(&mut body, &mut io::sink()).map_err(failed)?;
        if body.limit() > 0 {
            return Err(damaged("it ends inside an entry"));
        }
        io::copy(&mut from.take(size % 2), &mut io::sink()).map_err(failed)?;
    }
}

/// A name: as it stands, by its place in the table (GNU), or at the head of the body (BSD).
fn name(field: &str, table: &[u8], body: &mut impl Read) -> Result<Vec<u8>, Reason> {
    if let Some(length) = field.strip_prefix("#1/").and_then(|it| it.parse::<u64>().ok()) {
        if length > MAX_TABLE {
            return Err(damaged("a name is longer than any can be"));
        }
        let mut name = Vec::new();
        body.take(length).read_to_end(&mut name).map_err(|error| Reason::of_read(KIND, &error))?;
        name.truncate(memchr::memchr(0, &name).unwrap_or(name.len()));
        return Ok(name);
    }
    if let Some(at) = field.strip_prefix('/').and_then(|it| it.parse::<usize>().ok()) {
        let rest = table.get(at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        return Ok(rest[..end].strip_suffix(b"/").unwrap_or(&rest[..end]).to_vec());
    }
    Ok(field.strip_suffix('/').unwrap_or(field).as_bytes().to_vec())
}

fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field).trim_end().to_owned()
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
