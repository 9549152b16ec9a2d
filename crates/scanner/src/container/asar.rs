//! asar, in which Electron packs programs (its README, "Format"): four numbers, a list in JSON, then the files one behind the other.

use std::io;

use serde_json::{Map, Value};

use crate::content::{Content, Window};
use crate::examine::Examiner;
use crate::fields::le32;
use crate::report::Reason;

const KIND: &str = "asar archive";
/// Bytes before the list: the size of the second number, the size of what follows it, the size of that less itself, and that of the list.
const NUMBERS: u64 = 16;

/// Whether its first numbers fit one another.
pub(super) fn is_one(content: &Content<'_>) -> io::Result<bool> {
    let head = content.up_to(0, 16)?;
    let (size, inner, list) = (le32(&head, 4), le32(&head, 8), le32(&head, 12));
    Ok(le32(&head, 0) == 4 && size.checked_sub(4) == Some(inner) && list <= inner)
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let head = content.up_to(0, 16).map_err(failed)?;
    let (size, list) = (u64::from(le32(&head, 4)), u64::from(le32(&head, 12)));
    let limit = examiner.meter.limits.directory_bytes;
    if list > limit {
        return Err(Reason::TooLarge { kind: "list of an asar archive", limit });
    }
    let list = content.bytes_at(NUMBERS, list as usize).map_err(failed)?;
    let list: Value = serde_json::from_slice(&list).map_err(|error| damaged(&error.to_string()))?;
    let Some(files) = list.get("files").and_then(Value::as_object) else {
        return Err(damaged("its list has no files"));
    };
    folder("", files, &content.window(8 + size, u64::MAX), examiner)
}

/// The reader of JSON goes 128 levels deep at the most, and so does this.
fn folder<'s>(
    path: &str,
    files: &Map<String, Value>,
    bodies: &Content<'s>,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    for (name, file) in files {
        let name = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        if let Some(inner) = file.get("files").and_then(Value::as_object) {
            folder(&name, inner, bodies, examiner)?;
            continue;
        }
        // Links have no bytes, and what is called unpacked lies in a folder beside the archive.
        if file.get("link").is_some() || file.get("unpacked").and_then(Value::as_bool) == Some(true) {
            continue;
        }
        let start = file.get("offset").and_then(Value::as_str).and_then(|it| it.parse::<u64>().ok());
        let place = start.zip(file.get("size").and_then(Value::as_u64));
        let body = place.map(|(start, size)| (bodies.window(start, size), size));
        match body.filter(|(body, size)| body.length() == *size) {
            Some((body, _)) => examiner.entry(name.as_bytes(), &mut Window::new(body))?,
            None => examiner.not_scanned(&name, damaged("it does not lie where the list says"))?,
        }
    }
    Ok(())
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
