//! The log as a file, one JSON object a line: who gets it checks it without the database that it came from.
//!
//! The first line names the organisation, then comes every entry, and the last line is the signed head of the chain.

use std::io::{BufRead, Read};

use bedrail_model::ids::{AuditId, OrgId};
use bedrail_store::audit::EntryRow;
use bedrail_store::personal::{self, Commitment, Kept, Values};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::{Broken, Chain, Verified};
use super::sign::{self, Key};
use crate::organisations::Organisation;

/// The name and version of the shape.
const SCHEMA: &str = "bedrail.audit/1";
/// The longest line, in bytes.
const LINE_LIMIT: u64 = 1 << 20;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct HeadLine {
    schema: String,
    organisation: String,
    name: String,
    exported_at: String,
}

/// A line in between.
#[derive(Debug, Serialize, Deserialize)]
struct EntryLine {
    sequence: i64,
    id: String,
    at: String,
    actor: String,
    address: Option<String>,
    action: String,
    subject: String,
    detail: String,
    before: Option<String>,
    after: Option<String>,
    format: i64,
    previous: String,
    hash: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    personal: Vec<PersonalLine>,
}

/// A value that names somebody: its mark stands in the entry's texts.
#[derive(Debug, Serialize, Deserialize)]
struct PersonalLine {
    /// As it stands in the texts.
    mark: String,
    /// Not there once it is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

impl PersonalLine {
    fn of(commitment: &Commitment, kept: &Kept) -> PersonalLine {
        let (salt, value) = match kept {
            Kept::Value(salt, value) => (Some(hex::encode(salt)), Some(value.clone())),
            Kept::Erased => (None, None),
        };
        PersonalLine { mark: personal::mark(commitment), salt, value }
    }

    fn read(self) -> Result<(Commitment, Kept), String> {
        let commitment = personal::marks(&self.mark).next().ok_or("a mark in `personal` is none")?;
        let kept = match (self.salt, self.value) {
            (Some(salt), Some(value)) => {
                Kept::Value(hex::decode(salt).map_err(|error| error.to_string())?, value)
            }
            (None, None) => Kept::Erased,
            _ => return Err("a value in `personal` and its salt belong together".to_owned()),
        };
        Ok((commitment, kept))
    }
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
struct EndLine {
    head: HeadOfChain,
    entries: u64,
    key: String,
    signature: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct HeadOfChain {
    sequence: i64,
    hash: String,
}

/// The first line, without its end.
pub(crate) fn head(organisation: &Organisation, now: Timestamp) -> String {
    json(&HeadLine {
        schema: SCHEMA.into(),
        organisation: organisation.id.to_string(),
        name: organisation.name.clone(),
        exported_at: now.to_string(),
    })
}

/// The line of an entry, without its end.
pub(crate) fn entry(row: &EntryRow, values: &Values) -> String {
    let held = personal::of_entry(row).into_iter().filter_map(|mark| Some((mark, values.get(&mark)?)));
    json(&EntryLine {
        sequence: row.sequence,
        id: row.id.to_string(),
        at: row.at.to_string(),
        actor: row.actor.clone(),
        address: row.address.clone(),
        action: row.action.clone(),
        subject: row.subject.clone(),
        detail: row.detail.clone(),
        before: row.before.clone(),
        after: row.after.clone(),
        format: row.format,
        previous: hex::encode(&row.previous),
        hash: hex::encode(&row.hash),
        personal: held.map(|(mark, kept)| PersonalLine::of(&mark, kept)).collect(),
    })
}

/// The last line, without its end.
pub(crate) fn end(verified: &Verified, key: &Key) -> String {
    json(&EndLine {
        head: HeadOfChain { sequence: verified.sequence, hash: hex::encode(&verified.hash) },
        entries: verified.entries,
        key: hex::encode(key.public()),
        signature: hex::encode(key.sign(&message(verified))),
    })
}

/// What is signed.
fn message(verified: &Verified) -> Vec<u8> {
    let mut message = SCHEMA.as_bytes().to_vec();
    message.push(0);
    message.extend(verified.org.uuid().as_bytes());
    message.extend(verified.sequence.to_be_bytes());
    message.extend(verified.entries.to_be_bytes());
    message.extend(&verified.hash);
    message
}

fn json(line: &impl Serialize) -> String {
    // Texts and numbers only; writing them cannot fail.
    serde_json::to_string(line).unwrap_or_default()
}

/// A log as a file that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedFile {
    /// The organisation's name, as the file gives it.
    pub name: String,
    /// When it was written, as the file gives it.
    pub exported_at: String,
    /// The chain.
    pub chain: Verified,
    /// The public key that signed the head, in hexadecimal: to be compared with the one that was noted.
    pub key: String,
}

/// Why a log as a file does not hold.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("line {line} cannot be read: {source}")]
    Read {
        /// Counted from 1.
        line: u64,
        /// Why.
        source: std::io::Error,
    },
    /// A line is not what should stand there.
    #[error("line {line} is not {expected}: {message}")]
    Shape {
        /// Counted from 1.
        line: u64,
        /// What should stand there.
        expected: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The last line is missing.
    #[error("the file is cut off after line {line}: the signed head of the chain is missing")]
    Cut {
        /// Counted from 1.
        line: u64,
    },
    /// Something stands after the end.
    #[error("line {line} stands after the signed head of the chain")]
    Beyond {
        /// Counted from 1.
        line: u64,
    },
    /// A link of the chain does not fit.
    #[error("line {line}: {broken}")]
    Chain {
        /// Counted from 1.
        line: u64,
        /// Which.
        broken: Broken,
    },
    /// The last line does not speak of this chain.
    #[error("line {line}: the signed head is not the head of this chain")]
    Head {
        /// Counted from 1.
        line: u64,
    },
    /// The signature is wrong, or by another key.
    #[error("line {line}: {message}")]
    Signature {
        /// Counted from 1.
        line: u64,
        /// Why.
        message: &'static str,
    },
}

/// What a checker has noted elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Noted {
    /// The head of the chain at some time: number and hash.
    pub head: Option<(i64, Vec<u8>)>,
    /// The public key of the installation, in hexadecimal.
    pub key: Option<String>,
}

/// Checks a log as a file, every link of it, without a database.
///
/// # Errors
/// The first thing that does not fit, with its line.
pub fn verify(input: impl BufRead, noted: &Noted) -> Result<VerifiedFile, FileError> {
    let mut lines = Lines { input, line: 0 };
    let cut = |line| FileError::Cut { line };
    let first = lines.next()?.ok_or(cut(0))?;
    let head: HeadLine = lines.shaped(&first, "the head of an audit log")?;
    if head.schema != SCHEMA {
        return Err(lines.shape("the head of an audit log", format!("schema {SCHEMA} is read")));
    }
    let org: OrgId = head
        .organisation
        .parse()
        .map_err(|error| lines.shape("the head of an audit log", format!("{error}")))?;
    let mut chain = Chain::of(org).past(noted.head.clone());
    loop {
        let text = lines.next()?.ok_or(cut(lines.line))?;
        if text.starts_with("{\"head\":") {
            let end: EndLine = lines.shaped(&text, "the end of an audit log")?;
            let chain = finish(chain, &end, noted, lines.line)?;
            return match lines.next()? {
                None => {
                    Ok(VerifiedFile { name: head.name, exported_at: head.exported_at, chain, key: end.key })
                }
                Some(_) => Err(FileError::Beyond { line: lines.line }),
            };
        }
        let entry: EntryLine = lines.shaped(&text, "an entry")?;
        let (row, values) = row(entry).map_err(|message| lines.shape("an entry", message))?;
        let line = lines.line;
        chain.add(&row, &values).map_err(|broken| FileError::Chain { line, broken })?;
    }
}

fn finish(chain: Chain, end: &EndLine, noted: &Noted, line: u64) -> Result<Verified, FileError> {
    let verified = chain.end(end.head.sequence).map_err(|broken| FileError::Chain { line, broken })?;
    if hex::encode(&verified.hash) != end.head.hash || verified.entries != end.entries {
        return Err(FileError::Head { line });
    }
    let wrong = |message| FileError::Signature { line, message };
    if noted.key.as_ref().is_some_and(|key| !key.eq_ignore_ascii_case(&end.key)) {
        return Err(wrong("the head is signed by another key than the noted one"));
    }
    let (key, signature) = (hex::decode(&end.key), hex::decode(&end.signature));
    match (key, signature) {
        (Ok(key), Ok(signature)) if sign::right(&key, &message(&verified), &signature) => Ok(verified),
        _ => Err(wrong("the signature of the head is wrong")),
    }
}

fn row(line: EntryLine) -> Result<(EntryRow, Values), String> {
    let bytes = |text: &str| hex::decode(text).map_err(|error| error.to_string());
    let values = line.personal.into_iter().map(PersonalLine::read).collect::<Result<_, _>>()?;
    let row = EntryRow {
        sequence: line.sequence,
        id: line.id.parse::<AuditId>().map_err(|error| error.to_string())?,
        at: line.at.parse::<Timestamp>().map_err(|error| error.to_string())?,
        previous: bytes(&line.previous)?,
        hash: bytes(&line.hash)?,
        actor: line.actor,
        address: line.address,
        action: line.action,
        subject: line.subject,
        detail: line.detail,
        before: line.before,
        after: line.after,
        format: line.format,
    };
    Ok((row, values))
}

/// Lines of bounded length, counted.
struct Lines<R> {
    input: R,
    line: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<String>, FileError> {
        self.line += 1;
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut bytes);
        let read = read.map_err(|source| FileError::Read { line: self.line, source })?;
        if read as u64 == LINE_LIMIT {
            return Err(self.shape("a line of this file", format!("it is longer than {LINE_LIMIT} bytes")));
        }
        if read == 0 {
            return Ok(None);
        }
        let text = String::from_utf8(bytes).map_err(|error| self.shape("UTF-8", error.to_string()))?;
        Ok(Some(text.trim_end().to_owned()))
    }

    fn shaped<T: for<'t> Deserialize<'t>>(&self, text: &str, expected: &'static str) -> Result<T, FileError> {
        serde_json::from_str(text).map_err(|error| self.shape(expected, error.to_string()))
    }

    fn shape(&self, expected: &'static str, message: String) -> FileError {
        FileError::Shape { line: self.line, expected, message }
    }
}
