//! A file of a device that somebody sends in the place of a bill of materials (an archive, a program, an image): it is scanned
//! in a child process, and what was found becomes the bill. The file itself is not kept.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use bedrail_model::component::Inventory;
use jiff::Timestamp;

use super::files::{Progress, Scanning, look_into};
use crate::bills::{self, Target};
use crate::sboms::AddSbom;
use crate::{Context, Document, Error, parse};

/// Letters of the sent file's name that stand in places.
const NAME_LENGTH: usize = 100;

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
    let kept: String = last
        .chars()
        .map(|c| if c.is_alphanumeric() || "._- ()+".contains(c) { c } else { '_' })
        .take(NAME_LENGTH)
        .collect();
    let kept = kept.trim().trim_start_matches('.').to_owned();
    if kept.is_empty() { "file".to_owned() } else { kept }
}

/// Scans what comes on a reader, under a name. What the child process of the server does.
///
/// # Errors
/// When the temporary file cannot be written.
pub(crate) fn scan(name: &str, mut input: impl Read) -> std::io::Result<Inventory> {
    let folder = tempfile::Builder::new().prefix("bedrail-scan-").tempdir()?;
    let path = folder.path().join(plain(name));
    let mut file = File::create(&path)?;
    std::io::copy(&mut input, &mut file)?;
    file.flush()?;
    drop(file);
    let mut inventory = look_into(&[path], &Scanning::default(), &Progress::default()).inventory;
    without_folder(&mut inventory, folder.path());
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
            ("", "file"),
        ] {
            assert_eq!(plain(name), plain_name, "{name:?}");
        }
    }
}
