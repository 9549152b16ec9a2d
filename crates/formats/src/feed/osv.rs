//! OSV records (<https://ossf.github.io/osv-schema/>, schema 1.7).
//!
//! A record that breaks the schema is an error as a whole: half a record could hide what it affects.

mod wire;

use std::borrow::Cow;

use bedrail_model::advisory::{Advisory, Affected, Event, EventKind, Range, RangeKind};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::severity::Severity;
use jiff::Timestamp;

/// A record that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OsvError {
    /// It is not JSON, or not of the schema's shape.
    #[error("not an OSV record: {0}")]
    Shape(#[from] serde_json::Error),
    /// It has no id.
    #[error("the record has no id")]
    NoId,
    /// A moment is not RFC 3339.
    #[error("{field} `{text}` is not a moment of RFC 3339")]
    Moment {
        /// `published`, `modified` or `withdrawn`.
        field: &'static str,
        /// The text found.
        text: String,
    },
    /// An event does not have exactly one of `introduced`, `fixed`, `last_affected`, `limit`.
    #[error("/affected/{affected}/ranges/{range}/events/{event} is not one event")]
    Event {
        /// Index of the entry.
        affected: usize,
        /// Index of the range.
        range: usize,
        /// Index of the event.
        event: usize,
    },
    /// A range of versions has no `introduced`, which the schema requires; by its evaluation it would cover nothing.
    #[error("/affected/{affected}/ranges/{range} has no `introduced`")]
    NoIntroduced {
        /// Index of the entry.
        affected: usize,
        /// Index of the range.
        range: usize,
    },
    /// A range is of a kind that the schema does not have.
    #[error("/affected/{affected}/ranges/{range} has the unknown type `{kind}`")]
    RangeKind {
        /// Index of the entry.
        affected: usize,
        /// Index of the range.
        range: usize,
        /// The type found.
        kind: String,
    },
}

/// Reads a record, borrowing from its text where the text has no escapes.
///
/// # Errors
/// [`OsvError`] when the record breaks the schema.
pub fn parse(json: &[u8]) -> Result<Advisory<'_>, OsvError> {
    let record: wire::Record<'_> = serde_json::from_slice(json)?;
    if record.id.0.trim().is_empty() {
        return Err(OsvError::NoId);
    }
    let mut advisory = Advisory {
        id: record.id.0,
        aliases: texts(record.aliases),
        mentions: texts(record.upstream),
        summary: summary(record.summary, record.details),
        published: moment("published", record.published)?,
        modified: moment("modified", record.modified)?,
        withdrawn: moment("withdrawn", record.withdrawn)?,
        vectors: vectors(record.severity),
        severity_word: severity_word(record.database_specific),
        ..Advisory::default()
    };
    for (index, affected) in record.affected.unwrap_or_default().into_iter().enumerate() {
        read_affected(index, affected, &mut advisory)?;
    }
    mention_related(record.related, &mut advisory);
    Ok(advisory)
}

/// Characters of the long text that stand for a missing summary.
const OPENING: usize = 200;

/// The summary; where there is none, the first line of the long text, cut at a word.
fn summary<'a>(
    summary: Option<wire::Text<'a>>,
    details: Option<&'a serde_json::value::RawValue>,
) -> Cow<'a, str> {
    let summary = summary.map_or(Cow::Borrowed(""), |text| text.0);
    if !summary.trim().is_empty() {
        return summary;
    }
    let details = details.and_then(wire::text).unwrap_or_default();
    let line = details.lines().map(|line| line.trim_start_matches('#').trim()).find(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    let Some((end, _)) = line.char_indices().nth(OPENING) else { return Cow::Owned(line.to_owned()) };
    let whole_words = line[..end].rsplit_once(char::is_whitespace).map_or(&line[..end], |(words, _)| words);
    Cow::Owned(format!("{}…", whole_words.trim_end()))
}

/// `related` says nothing of how two records belong together. Only where a distribution's advisory names CVEs there, as
/// DSA, DLA and ALSA do, are they what it fixes; a CVE record names the advisories of others, which is the other way round.
fn mention_related<'a>(related: Option<Vec<wire::Text<'a>>>, advisory: &mut Advisory<'a>) {
    let distribution = advisory.affected.iter().any(|affected| affected.ecosystem.row().is_distribution());
    if !distribution || is_cve(&advisory.id) {
        return;
    }
    advisory.mentions.extend(texts(related).into_iter().filter(|id| is_cve(id)));
}

fn is_cve(id: &str) -> bool {
    id.starts_with("CVE-")
}

/// The parts of a record that the index leaves out, for a page about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prose {
    /// The long text, Markdown.
    pub details: Option<String>,
    /// Links, as given.
    pub references: Vec<String>,
}

/// Reads the prose of a record.
///
/// # Errors
/// [`OsvError::Shape`] when it is not a record.
pub fn parse_prose(json: &[u8]) -> Result<Prose, OsvError> {
    let record: wire::Prose<'_> = serde_json::from_slice(json)?;
    let references = record.references.unwrap_or_default();
    Ok(Prose {
        details: record.details.map(|text| text.0.into_owned()),
        references: references
            .into_iter()
            .filter_map(|link| link.url)
            .map(|url| url.0.into_owned())
            .collect(),
    })
}

fn texts(texts: Option<Vec<wire::Text<'_>>>) -> Vec<Cow<'_, str>> {
    texts.unwrap_or_default().into_iter().map(|text| text.0).collect()
}

/// A moment; the zero moment `0001-01-01T00:00:00Z` of some records means that nobody said.
fn moment(field: &'static str, text: Option<wire::Text<'_>>) -> Result<Option<Timestamp>, OsvError> {
    let Some(text) = text.filter(|text| !text.0.is_empty() && !text.0.starts_with("0001-01-01")) else {
        return Ok(None);
    };
    let moment = text.0.parse().map_err(|_| OsvError::Moment { field, text: text.0.into_owned() })?;
    Ok(Some(moment))
}

fn vectors(ratings: Option<Vec<wire::Rating<'_>>>) -> Vec<Cow<'_, str>> {
    let ratings = ratings.unwrap_or_default().into_iter();
    ratings.filter(|rating| rating.kind.0.starts_with("CVSS_")).map(|rating| rating.score.0).collect()
}

fn severity_word(specific: Option<wire::RecordSpecific<'_>>) -> Option<Severity> {
    specific.and_then(|specific| specific.severity).and_then(|word| Severity::from_word(&word.0))
}

fn read_affected<'a>(
    index: usize,
    affected: wire::Affected<'a>,
    advisory: &mut Advisory<'a>,
) -> Result<(), OsvError> {
    for vector in vectors(affected.severity) {
        if !advisory.vectors.contains(&vector) {
            advisory.vectors.push(vector);
        }
    }
    // Without a package (OSV's own conversion of CVE records writes `"package": {}`) there is nothing that a component
    // could be compared with: such entries hold the commit ranges of a repository.
    let package = affected.package.and_then(|package| Some((package.ecosystem?.0, package.name?.0)));
    let Some((written, name)) = package else { return Ok(()) };
    let Some((ecosystem, release)) = Ecosystem::parse_osv(&written) else {
        if !advisory.unknown_ecosystems.contains(&written) {
            advisory.unknown_ecosystems.push(written);
        }
        return Ok(());
    };
    let release = release.map(|release| Cow::Owned(release.to_owned()));
    let ranges = affected.ranges.unwrap_or_default().into_iter().enumerate();
    let ranges = ranges.map(|(at, range)| read_range(index, at, range)).collect::<Result<_, _>>()?;
    advisory.affected.push(Affected {
        ecosystem,
        release,
        name,
        ranges,
        versions: texts(affected.versions),
        last_known: affected
            .database_specific
            .and_then(|specific| specific.last_known_affected_version_range)
            .map(|text| text.0),
    });
    Ok(())
}

fn read_range<'a>(affected: usize, at: usize, range: wire::Range<'a>) -> Result<Range<'a>, OsvError> {
    let kind = match range.kind.0.as_ref() {
        "SEMVER" | "ECOSYSTEM" => RangeKind::Versions,
        "GIT" => RangeKind::Commits,
        other => return Err(OsvError::RangeKind { affected, range: at, kind: other.to_owned() }),
    };
    let mut events = Vec::with_capacity(range.events.len());
    for (event, wire) in range.events.into_iter().enumerate() {
        let found = [
            (EventKind::Introduced, wire.introduced),
            (EventKind::Fixed, wire.fixed),
            (EventKind::LastAffected, wire.last_affected),
            (EventKind::Limit, wire.limit),
        ];
        let mut found = found.into_iter().filter_map(|(kind, text)| text.map(|text| (kind, text.0)));
        match (found.next(), found.next()) {
            (Some((kind, version)), None) => events.push(Event { kind, version }),
            _ => return Err(OsvError::Event { affected, range: at, event }),
        }
    }
    let introduced = |event: &Event<'_>| event.kind == EventKind::Introduced;
    if kind == RangeKind::Versions && !events.iter().any(introduced) {
        return Err(OsvError::NoIntroduced { affected, range: at });
    }
    Ok(Range { kind, events })
}
