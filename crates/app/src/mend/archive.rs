//! An archive written again without the one class, and everything else compared with what it was.

use std::io::{Cursor, Read, Seek, Write};

use zip::read::ZipFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::MendError;

/// How the path of the class ends that looks names up (JNDI), wherever a build has put the package.
pub(super) const CLASS: &str = "/log4j/core/lookup/JndiLookup.class";
/// How files end that may be archives themselves.
const ARCHIVES: [&str; 6] = [".jar", ".war", ".ear", ".rar", ".sar", ".zip"];
/// Archives within archives that are gone into.
const DEEPEST: u32 = 8;
/// Bytes of one archive within another that are held in memory.
const LARGEST_NESTED: u64 = 512 << 20;
/// Entries of one archive.
const MOST_ENTRIES: usize = 500_000;
/// What stands between an archive and a file in it.
pub(super) const WITHIN: &str = "!/";

/// What was found in an archive.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// The classes, as chains of paths.
    pub(super) classes: Vec<String>,
    /// Archives with one of them that are signed; empty for the file itself.
    pub(super) signed: Vec<String>,
}

type Result<T> = std::result::Result<T, MendError>;

fn open<R: Read + Seek>(reader: R, place: &str) -> Result<ZipArchive<R>> {
    let mut archive = ZipArchive::new(reader).map_err(|error| MendError::archive(place, &error))?;
    let refuse = |why: &str| MendError::Archive { place: place.to_owned(), message: why.to_owned() };
    if archive.len() > MOST_ENTRIES {
        return Err(refuse("it has too many entries"));
    }
    if archive.offset() > 0 {
        return Err(refuse(
            "something stands before the archive, such as a program that starts it; that is not mended here",
        ));
    }
    if archive.has_overlapping_files().map_err(|error| MendError::archive(place, &error))? {
        return Err(refuse("its entries overlap"));
    }
    Ok(archive)
}

fn entry<'a, R: Read + Seek>(
    archive: &'a mut ZipArchive<R>,
    at: usize,
    place: &str,
) -> Result<ZipFile<'a, R>> {
    archive.by_index_raw(at).map_err(|error| MendError::archive(place, &error))
}

/// The name of an entry; one that is no text is in no archive that is mended here.
fn name_of<R: Read>(file: &ZipFile<'_, R>, place: &str) -> Result<String> {
    Ok(file.name().map_err(|error| MendError::archive(place, &error))?.into_owned())
}

/// Whether a name is that of the class.
fn is_class(name: &str) -> bool {
    name.ends_with(CLASS)
}

fn may_be_archive(name: &str) -> bool {
    let name = name.to_lowercase();
    ARCHIVES.iter().any(|end| name.ends_with(end))
}

/// A signature of a jar file (JAR File Specification, "Signed JAR File").
fn is_signature(name: &str) -> bool {
    let name = name.to_uppercase();
    let file = name.strip_prefix("META-INF/").filter(|file| !file.contains('/'));
    file.is_some_and(|file| [".SF", ".RSA", ".DSA", ".EC"].iter().any(|end| file.ends_with(end)))
}

/// Looks for the class in an archive and in those within it.
pub(super) fn look<R: Read + Seek>(reader: R, chain: &str, depth: u32) -> Result<Looked> {
    let mut archive = open(reader, chain)?;
    let mut looked = Looked::default();
    let mut is_signed = false;
    for at in 0..archive.len() {
        let name = name_of(&entry(&mut archive, at, chain)?, chain)?;
        is_signed |= is_signature(&name);
        if is_class(&name) {
            looked.classes.push(format!("{chain}{name}"));
        } else if may_be_archive(&name) && depth < DEEPEST {
            let bytes = nested(&mut archive, at, chain)?;
            // What is called an archive and is none has no class to be taken out.
            if !bytes.starts_with(b"PK") {
                continue;
            }
            let inner = look(Cursor::new(bytes), &format!("{chain}{name}{WITHIN}"), depth + 1)?;
            looked.classes.extend(inner.classes);
            looked.signed.extend(inner.signed);
        }
    }
    if is_signed && !looked.classes.is_empty() {
        looked.signed.push(chain.to_owned());
    }
    Ok(looked)
}

/// The bytes of an entry.
fn nested<R: Read + Seek>(archive: &mut ZipArchive<R>, at: usize, place: &str) -> Result<Vec<u8>> {
    let file = archive.by_index(at).map_err(|error| MendError::archive(place, &error))?;
    let name = format!("{place}{}", name_of(&file, place)?);
    let mut bytes = Vec::new();
    file.take(LARGEST_NESTED + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| MendError::archive(&name, &error))?;
    if bytes.len() as u64 > LARGEST_NESTED {
        return Err(MendError::Archive {
            place: name,
            message: "it is too large to be mended within another".into(),
        });
    }
    Ok(bytes)
}

/// Writes an archive again without the classes of these chains.
pub(super) fn without<R: Read + Seek, W: Write + Seek>(
    (reader, writer): (R, W),
    chain: &str,
    classes: &[String],
) -> Result<W> {
    let mut archive = open(reader, chain)?;
    let mut new = ZipWriter::new(writer);
    let failed = |error: &dyn std::fmt::Display| MendError::archive(chain, error);
    for at in 0..archive.len() {
        let file = entry(&mut archive, at, chain)?;
        let name = name_of(&file, chain)?;
        if classes.contains(&format!("{chain}{name}")) {
            continue;
        }
        let inner = format!("{chain}{name}{WITHIN}");
        if !classes.iter().any(|class| class.starts_with(&inner)) {
            new.raw_copy_file(file).map_err(|error| failed(&error))?;
            continue;
        }
        let options = options_of(&file);
        drop(file);
        let bytes = nested(&mut archive, at, chain)?;
        let mended = without((Cursor::new(bytes), Cursor::new(Vec::new())), &inner, classes)?;
        new.start_file(name, options).map_err(|error| failed(&error))?;
        new.write_all(mended.get_ref()).map_err(|error| failed(&error))?;
    }
    new.set_raw_comment(archive.comment().into()).map_err(|error| failed(&error))?;
    new.finish().map_err(|error| failed(&error))
}

/// How an archive within another is written: stored where it was, since a class loader may need that, at its time and with
/// its rights.
fn options_of<R: Read>(file: &ZipFile<'_, R>) -> SimpleFileOptions {
    let method = match file.compression() {
        CompressionMethod::Stored => CompressionMethod::Stored,
        _ => CompressionMethod::Deflated,
    };
    let mut options = SimpleFileOptions::default().compression_method(method);
    if let Some(moment) = file.last_modified() {
        options = options.last_modified_time(moment);
    }
    match file.unix_mode() {
        Some(mode) => options.unix_permissions(mode),
        None => options,
    }
}

/// Compares the new archive with the old one, byte by byte of what each entry holds: the classes are gone, and nothing else is
/// another. Answers how many entries were compared.
pub(super) fn verify<A: Read + Seek, B: Read + Seek>(
    (old, new): (A, B),
    chain: &str,
    classes: &[String],
) -> Result<u64> {
    let (mut old, mut new) = (open(old, chain)?, open(new, chain)?);
    let other = |what: &str| MendError::NotSame { place: format!("{chain}{what}") };
    let (mut compared, mut next) = (0, 0);
    for at in 0..old.len() {
        let name = name_of(&entry(&mut old, at, chain)?, chain)?;
        if classes.contains(&format!("{chain}{name}")) {
            continue;
        }
        if next >= new.len() {
            return Err(other(&name));
        }
        let inner = format!("{chain}{name}{WITHIN}");
        let (before, after) = (head(&mut old, at, chain)?, head(&mut new, next, chain)?);
        if before.name != after.name || before.about != after.about {
            return Err(other(&name));
        }
        if classes.iter().any(|class| class.starts_with(&inner)) {
            let (before, after) = (nested(&mut old, at, chain)?, nested(&mut new, next, chain)?);
            compared += verify((Cursor::new(before), Cursor::new(after)), &inner, classes)?;
        } else if before.digest()? != after.digest()? || before.packed != after.packed {
            return Err(other(&name));
        }
        (compared, next) = (compared + 1, next + 1);
    }
    if next != new.len() || old.comment() != new.comment() {
        return Err(other(""));
    }
    Ok(compared)
}

/// An entry as it stands in its archive.
struct Head {
    name: Vec<u8>,
    /// Method, rights, time and comment, which a mended archive within another keeps, too.
    about: (CompressionMethod, Option<u32>, Option<zip::DateTime>, String),
    /// Checksum and length of the content.
    packed: (u32, u64, u64),
    digest: std::result::Result<[u8; 32], String>,
    place: String,
}

impl Head {
    fn digest(&self) -> Result<[u8; 32]> {
        self.digest.clone().map_err(|message| MendError::Archive { place: self.place.clone(), message })
    }
}

fn head<R: Read + Seek>(archive: &mut ZipArchive<R>, at: usize, chain: &str) -> Result<Head> {
    let mut file = entry(archive, at, chain)?;
    let digest = super::digest(&mut file).map_err(|error| error.to_string());
    Ok(Head {
        name: file.name_raw().to_vec(),
        about: (file.compression(), file.unix_mode(), file.last_modified(), file.comment().to_owned()),
        packed: (file.crc32(), file.size(), file.compressed_size()),
        digest,
        place: format!("{chain}{}", name_of(&file, chain)?),
    })
}
