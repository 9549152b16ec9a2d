//! Documents that show something: taken in under limits, their type told by their content, kept under their digest. They are
//! never run, drawn or unpacked here; whoever asks for one saves it.

use std::io::{Cursor, Read as _};

use bedrail_comply::signal::Kind;
use bedrail_model::ids::ProofId;
use bedrail_store::documents;
use bedrail_store::programme::{self as rows, ProofRow};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{FIRST_DAY, gather, judged, requirement, signal_of, value};
use crate::rights::Right;
use crate::{Actor, Context, Document, Error, vault};

/// The largest document, in bytes.
pub const MOST_BYTES: u64 = 25 << 20;
/// Files in a DOCX, and bytes that they unpack to, at most.
const MOST_PARTS: usize = 2_000;
const MOST_UNPACKED: u64 = 256 << 20;
/// The longest file name that is kept, in characters, and the longest other text, in bytes.
const MOST_NAME: usize = 120;
const MOST_TEXT: usize = 400;

/// A type of document that is taken.
struct Type {
    endings: &'static [&'static str],
    media_type: &'static str,
    /// What is wrong with the content; `None` where it is of the type.
    fault: fn(&[u8]) -> Option<String>,
}

const TYPES: &[Type] = &[
    Type { endings: &["pdf"], media_type: "application/pdf", fault: |it| starts(it, b"%PDF-", "a PDF") },
    Type {
        endings: &["docx"],
        media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        fault: docx,
    },
    Type {
        endings: &["png"],
        media_type: "image/png",
        fault: |it| starts(it, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    },
    Type {
        endings: &["jpg", "jpeg"],
        media_type: "image/jpeg",
        fault: |it| starts(it, b"\xff\xd8\xff", "a JPEG picture"),
    },
    Type { endings: &["csv"], media_type: "text/csv", fault: text },
    Type { endings: &["txt"], media_type: "text/plain", fault: text },
];

const HINT: &str = "PDF, DOCX without macros, PNG, JPEG, CSV or TXT (UTF-8), at most 25 MiB";

/// A document as a person brings it.
#[derive(Debug, Clone)]
pub struct Prove {
    /// The requirement's id.
    pub requirement: String,
    /// The signal that it shows; may be left out where the requirement has one.
    pub signal: Option<String>,
    /// The system that it is about; the organisation, all devices and so on where it is not said.
    pub system: Option<String>,
    /// The value that it shows: "yes", "0", "95/100".
    pub shows: String,
    /// The first day that it is about, inclusive.
    pub about_from: Date,
    /// The last day that it is about, inclusive.
    pub about_to: Option<Date>,
    /// The day on which it was collected; today where it is not said.
    pub collected: Option<Date>,
    /// Who collected it.
    pub collector: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// The file's name.
    pub file_name: String,
    /// The file.
    pub document: Document,
}

/// Takes a document in: it counts from now on. The same document for the same signal, system and days is kept once.
///
/// # Errors
/// [`Error::Invalid`] for a document of another type or too large, for days that cannot be, for a value that says nothing of the
/// signal; [`Error::NotFound`] for an unknown requirement; [`Error::Denied`] without the right.
pub async fn prove(ctx: &Context, actor: &Actor, command: Prove) -> Result<ProofId, Error> {
    actor.need(Right::KeepProgramme)?;
    let wanted = requirement(&command.requirement)?;
    let signal = signal_of(wanted, command.signal.as_deref())?;
    if let Kind::Computed { .. } = signal.kind
        && signal.about == bedrail_comply::signal::About::Bedrail
    {
        return Err(Error::invalid(format!(
            "{} is about Bedrail itself: it is computed, not shown by documents",
            signal.id
        )));
    }
    let today = ctx.clock.now().to_zoned(TimeZone::UTC).date();
    let collected = command.collected.unwrap_or(today);
    for (day, what) in
        [(command.about_from, "the first day that it is about"), (collected, "the day of collecting")]
    {
        if day > today || day < FIRST_DAY {
            return Err(Error::invalid(format!("{day} cannot be {what}")));
        }
    }
    let words = |text: Option<&str>, what: &str| said(text.unwrap_or_default(), what);
    let collector = words(Some(&command.collector), "who collected it")?;
    let system = match command.system.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => words(Some(name), "the system")?,
        None => gather::subject_name(signal.about).to_owned(),
    };
    value::read(signal, &command.shows)?;
    let (name, media_type) = told(&command.file_name, &command.document).await?;
    let kept = vault::keep(ctx, &command.document).await?;
    let change = ctx.change(actor, Right::KeepProgramme, "programme.prove").await?;
    let mut row = ProofRow {
        id: ProofId::generate(),
        // Filled in once the row of the document is there.
        document: bedrail_model::ids::DocumentId::generate(),
        sha256: kept.sha256.to_vec(),
        file_name: name.clone(),
        media_type: media_type.to_owned(),
        bytes: command.document.length(),
        requirement: wanted.id.clone(),
        signal: signal.id.to_owned(),
        system,
        shows: command.shows.trim().to_owned(),
        about_from: command.about_from,
        about_to: command.about_to,
        collected,
        collector,
        expires: command.expires,
        added: change.at(),
        added_by: change.actor().to_owned(),
        withdrawn: None,
    };
    // Refuses a period that ends before it begins, and whatever else is no fact.
    judged::proved(&row)?;
    let same = |it: &ProofRow| {
        it.withdrawn.is_none()
            && (&it.sha256, &it.signal, &it.system, &it.shows)
                == (&row.sha256, &row.signal, &row.system, &row.shows)
            && (it.about_from, it.about_to, it.expires) == (row.about_from, row.about_to, row.expires)
    };
    if let Some(held) = rows::proofs(&change).await?.into_iter().find(same) {
        return Ok(held.id);
    }
    let size = usize::try_from(row.bytes).unwrap_or(usize::MAX);
    row.document = documents::add(&change, &kept.sha256, "proof", &name, size).await?;
    rows::add_proof(&change, &row).await?;
    let detail = format!("{} shows {}: {} of {}", row.file_name, row.signal, row.shows, row.system);
    let subject = format!("{} ({})", wanted.citation, wanted.id);
    change.commit_with(&subject, &detail, None, Some(format!("sha256 {}", kept.hex()))).await?;
    Ok(row.id)
}

/// Takes a document back: it counts no more from now on; days before are as they were. The file itself stays.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or it was taken back already; [`Error::Denied`] without the right.
pub async fn withdraw(ctx: &Context, actor: &Actor, id: ProofId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::KeepProgramme, "programme.withdraw").await?;
    let missing = || Error::not_found(format!("proof {id}"));
    let row = rows::proofs(&change).await?.into_iter().find(|row| row.id == id).ok_or_else(missing)?;
    if !rows::withdraw_proof(&change, id).await? {
        return Err(missing());
    }
    change.commit(&row.file_name, &format!("shows nothing of {} any more", row.signal)).await?;
    Ok(())
}

/// The name of a document that is taken, its type and its length being good.
pub(super) async fn accepted(sent: &str, document: &Document) -> Result<String, Error> {
    Ok(told(sent, document).await?.0)
}

/// The name under which a document is kept, and its media type; refused where it is too large or of another type.
pub(crate) async fn told(sent: &str, document: &Document) -> Result<(String, &'static str), Error> {
    let name = file_name(sent)?;
    if document.length() > MOST_BYTES {
        return Err(refused(format!("the document has {} bytes", document.length())));
    }
    let (document, shown) = (document.clone(), name.clone());
    let told = tokio::task::spawn_blocking(move || media_type(&shown, &document)).await;
    Ok((name, told.map_err(|error| Error::Internal(Box::new(error)))??))
}

fn said(text: &str, what: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() || text.len() > MOST_TEXT || text.chars().any(char::is_control) {
        return Err(Error::invalid(format!("say {what}, in a line of at most {MOST_TEXT} bytes")));
    }
    Ok(text.to_owned())
}

fn refused(why: String) -> Error {
    Error::Invalid { message: why, hint: Some(HINT.into()) }
}

/// The last part of a name, whatever it came from; nothing of folders, nothing that cannot be seen.
pub(crate) fn file_name(sent: &str) -> Result<String, Error> {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    // Marks that turn the direction of writing make a name look like another.
    let hidden = |it: char| {
        it.is_control()
            || matches!(it, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let clean: String = last.chars().filter(|it| !hidden(*it)).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() || clean.chars().count() > MOST_NAME {
        return Err(refused(format!("the document needs a name of at most {MOST_NAME} characters")));
    }
    Ok(clean)
}

/// The media type of a document, by its ending and its content, which must agree.
fn media_type(name: &str, document: &Document) -> Result<&'static str, Error> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let found = TYPES.iter().find(|it| it.endings.contains(&ending.as_str()));
    let found = found.ok_or_else(|| refused(format!("documents that end in {ending:?} are not taken")))?;
    let bytes = document.bytes()?;
    if bytes.is_empty() {
        return Err(refused("the document is empty".into()));
    }
    match (found.fault)(&bytes) {
        None => Ok(found.media_type),
        Some(fault) => Err(refused(format!("{name}: {fault}"))),
    }
}

fn starts(bytes: &[u8], mark: &[u8], what: &str) -> Option<String> {
    (!bytes.starts_with(mark)).then(|| format!("the content is not that of {what}"))
}

fn text(bytes: &[u8]) -> Option<String> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| format!("byte {} is no UTF-8", error.valid_up_to()));
    match text {
        Err(fault) => Some(fault),
        Ok(text) => text.contains('\0').then(|| "the content is no text".to_owned()),
    }
}

/// A DOCX (ECMA-376): a ZIP with its list of types and its main part, without macros.
fn docx(bytes: &[u8]) -> Option<String> {
    let mut zip = match zip::ZipArchive::new(Cursor::new(bytes)) {
        Ok(zip) if zip.len() <= MOST_PARTS => zip,
        Ok(zip) => return Some(format!("it has {} parts, at most {MOST_PARTS} are taken", zip.len())),
        Err(_) => return Some("the content is not that of a DOCX".to_owned()),
    };
    let (mut main, mut total) = (false, 0_u64);
    for at in 0..zip.len() {
        let Ok(part) = zip.by_index_raw(at) else { return Some(format!("part {at} cannot be read")) };
        let Ok(name) = part.name() else { return Some(format!("part {at} has no name")) };
        let name = name.to_ascii_lowercase();
        if name.contains("vbaproject") || name.contains("vbadata") || name.contains("activex") {
            return Some("it has macros".to_owned());
        }
        if name.starts_with('/') || name.split(['/', '\\']).any(|it| it == "..") {
            return Some("it has a part outside of itself".to_owned());
        }
        total = total.saturating_add(part.size());
        main |= name == "word/document.xml";
    }
    if total > MOST_UNPACKED {
        return Some(format!("it unpacks to {total} bytes, at most {MOST_UNPACKED} are taken"));
    }
    let mut types = String::new();
    let read =
        zip.by_name("[Content_Types].xml").ok().map(|part| part.take(1 << 20).read_to_string(&mut types));
    match read {
        Some(Ok(_)) if types.to_ascii_lowercase().contains("macroenabled") => {
            Some("it has macros".to_owned())
        }
        Some(Ok(_)) if main => None,
        _ => Some("the content is not that of a DOCX".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn names_lose_their_folders_and_what_cannot_be_seen() {
        for (sent, kept) in [
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\Users\\ann\\plan.pdf", "plan.pdf"),
            (".hidden.pdf", "hidden.pdf"),
            ("report\u{202e}fdp.txt", "reportfdp.txt"),
            ("a\r\nSet-Cookie: b.txt", "aSet-Cookie: b.txt"),
        ] {
            assert_eq!(file_name(sent).unwrap(), kept, "{sent:?}");
        }
        for sent in ["", "/", "..", "\u{200b}", &"x".repeat(121)] {
            assert!(file_name(sent).is_err(), "{sent:?}");
        }
    }

    #[test]
    fn the_content_decides_and_macros_are_refused() {
        let types = "<Types><Override ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
        let good = zipped(&[("[Content_Types].xml", types), ("word/document.xml", "<w/>")]);
        let vba = zipped(&[
            ("[Content_Types].xml", types),
            ("word/document.xml", "<w/>"),
            ("word/vbaProject.bin", "x"),
        ]);
        let enabled = zipped(&[
            ("[Content_Types].xml", "application/vnd.ms-word.document.macroEnabled.main+xml"),
            ("word/document.xml", ""),
        ]);
        let outside = zipped(&[("[Content_Types].xml", types), ("../word/document.xml", "")]);
        for (name, bytes, taken) in [
            ("a.docx", good.clone(), true),
            ("a.docx", vba, false),
            ("a.docx", enabled, false),
            ("a.docx", outside, false),
            ("a.docm", good.clone(), false),
            ("a.pdf", good, false),
            ("a.pdf", b"%PDF-1.7\n".to_vec(), true),
            ("a.txt", b"MZ\0\0".to_vec(), false),
            ("a.csv", vec![0xff, 0xfe], false),
            ("a.csv", b"a,b\n".to_vec(), true),
            ("a.exe", b"MZ".to_vec(), false),
            ("a", b"words".to_vec(), false),
            ("a.txt", Vec::new(), false),
        ] {
            assert_eq!(media_type(name, &Document::from(bytes)).is_ok(), taken, "{name}");
        }
    }
}
