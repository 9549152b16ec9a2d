//! A file of a device that somebody sends in the place of a bill of materials (an archive, a program, an image): it is scanned
//! in a child process, and what was found becomes the bill. The file itself is not kept.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use bedrail_model::component::Inventory;
use jiff::Timestamp;

use super::files::{Limits, Progress, Scanning, look_into};
use crate::bills::{self, Target};
use crate::sboms::AddSbom;
use crate::{Context, Document, Error, parse};

/// Bytes of the sent file's name that stand in places; file systems allow 255.
const NAME_LENGTH: usize = 100;

/// What one file may cost that somebody sends: less than one that somebody scans at a terminal.
fn limits() -> Limits {
    Limits {
        entries: 2_000_000,
        expanded_bytes: 16 << 30,
        time: Duration::from_secs(180),
        ..Limits::default()
    }
}

/// Whether a document is none: a file to be scanned.
pub(crate) fn is_file(document: &Document) -> bool {
    // What cannot be read at all is for the reader of documents to complain about.
    document.head().is_ok_and(|mut head| !bedrail_scanner::is_document(&mut head).unwrap_or(true))
}

/// Scans what was sent, where it is no document: the bill of what was found takes its place, with what was not looked into.
///
/// # Errors
/// [`Error::Invalid`] where nothing was found that is known: an empty bill would look like a clean device.
pub(crate) async fn opened(ctx: &Context, command: AddSbom) -> Result<(AddSbom, Inventory), Error> {
    let asked = plain(&command.file_name);
    let inventory = parse::files(ctx, command.document, asked.clone()).await?;
    if inventory.components.is_empty() {
        let not_scanned = inventory.warnings.iter().find(|it| it.lost);
        let why = not_scanned.map_or_else(String::new, |it| format!("; {}: {}", it.place, it.message));
        return Err(Error::Invalid {
            message: format!("nothing that is known was found in {asked}{why}"),
            hint: Some(
                "a bill of materials is read in CycloneDX, SPDX, CSV or XLSX; a file of a device is looked into \
                 (`docs/scanner.md` lists what is opened)"
                    .into(),
            ),
        });
    }
    let document = as_bill(&inventory, ctx.clock.now())?;
    let file_name = format!("{asked}, scanned.cdx.json");
    Ok((AddSbom { file_name, document, ..command }, inventory))
}

fn as_bill(inventory: &Inventory, now: Timestamp) -> Result<Document, Error> {
    Ok(Document::from(bills::write(inventory, Target::CycloneDx, now)?.bytes))
}

/// The last part of a name, in letters that stand in every file name.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String =
        last.chars().map(|c| if c.is_alphanumeric() || "._- ()+".contains(c) { c } else { '_' }).collect();
    let end =
        kept.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= NAME_LENGTH).last();
    let kept = kept[..end.unwrap_or_default()].trim().trim_start_matches('.').to_owned();
    if kept.is_empty() { "file".to_owned() } else { kept }
}

/// Scans what comes on a reader, under a name, put down in a folder. What the child process of the server does.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn scan(name: &str, folder: &Path, mut input: impl Read) -> std::io::Result<Inventory> {
    let path = folder.join(plain(name));
    let mut file = File::create(&path)?;
    std::io::copy(&mut input, &mut file)?;
    file.flush()?;
    drop(file);
    let scanning = Scanning { limits: limits(), ..Scanning::default() };
    let mut inventory = look_into(&[path], &scanning, &Progress::default()).for_a_bill().inventory;
    without_folder(&mut inventory, folder);
    Ok(inventory)
}

/// Places begin with the file's name, not with where it lay for a moment.
fn without_folder(inventory: &mut Inventory, folder: &Path) {
    let folder = format!("{}/", folder.display());
    let cut = |place: &mut String| {
        if place.contains(&folder) {
            *place = place.replace(&folder, "");
        }
    };
    for component in &mut inventory.components {
        cut(&mut component.place);
        component.locations.iter_mut().for_each(cut);
    }
    for warning in &mut inventory.warnings {
        cut(&mut warning.place);
        cut(&mut warning.message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        for (name, plain_name) in [
            ("flow.img", "flow.img"),
            ("../../etc/passwd", "passwd"),
            ("C:\\fw\\flow 300.bin", "flow 300.bin"),
            (".hidden", "hidden"),
            ("a\0b\nc", "a_b_c"),
            ("..", "file"),
            (&"影".repeat(200), &"影".repeat(33)),
            ("", "file"),
        ] {
            assert_eq!(plain(name), plain_name, "{name:?}");
        }
    }
}
