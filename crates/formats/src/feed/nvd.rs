//! NVD's records (<https://nvd.nist.gov/developers/vulnerabilities>, schema 2.0) and the feeds they come in.
//!
//! A feed is one JSON document of some tens of megabytes; [`Records`] cuts it into its records as it is read. A record that
//! breaks the schema is an error as a whole: half a record could hide what it affects.

mod overrides;
mod records;
mod wire;

use std::borrow::Cow;

use bedrail_model::advisory::Advisory;
use bedrail_model::configuration::{Bound, Criterion, Node};
use bedrail_model::cpe::{Attribute, Fields, Unreadable};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

pub use overrides::{OVERRIDE_PREFIX, parse_override, parse_override_prose};
pub use records::{FeedError, Header, NvdLimits, Records};

/// What stands before NVD's ids: a record of NVD is another document than one of the same CVE elsewhere (Debian's, Alpine's).
/// It joins the weakness by its alias.
pub const PREFIX: &str = "NVD-";

/// A record that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum NvdError {
    /// It is not JSON, or not of the schema's shape.
    #[error("not a record of NVD: {0}")]
    Shape(#[from] serde_json::Error),
    /// It has no CVE id.
    #[error("`{0}` is no CVE id")]
    Id(String),
    /// A moment is not one.
    #[error("{field} `{text}` is not a moment")]
    Moment {
        /// `published` or `lastModified`.
        field: &'static str,
        /// The text found.
        text: String,
    },
    /// A criterion is no CPE name.
    #[error("{place}: {source}")]
    Criterion {
        /// Where, as a JSON pointer within the record.
        place: String,
        /// What is wrong.
        source: Unreadable,
    },
    /// A node has another operator than `AND` and `OR`.
    #[error("/configurations/{configuration} has the unknown operator `{operator}`")]
    Operator {
        /// Index of the configuration.
        configuration: usize,
        /// The operator found.
        operator: String,
    },
    /// A configuration names a product with a version and with bounds at once, or a product that is open.
    #[error("{place}: {problem}")]
    Criteria {
        /// Where, as a JSON pointer within the record.
        place: String,
        /// What is wrong.
        problem: &'static str,
    },
}

/// Reads a record, `{"cve": {…}}`, borrowing from its text where the text has no escapes.
///
/// # Errors
/// [`NvdError`] when the record breaks the schema.
pub fn parse(json: &[u8]) -> Result<Advisory<'_>, NvdError> {
    let wire::Record { cve } = serde_json::from_slice(json)?;
    if !cve.id.0.starts_with("CVE-") {
        return Err(NvdError::Id(cve.id.0.chars().take(60).collect()));
    }
    let modified = moment("lastModified", cve.last_modified)?;
    let published = moment("published", cve.published)?;
    let rejected = cve.status.is_some_and(|status| status.0.eq_ignore_ascii_case("rejected"));
    let configurations = match rejected {
        true => Vec::new(),
        false => configurations(cve.configurations.unwrap_or_default())?,
    };
    Ok(Advisory {
        id: Cow::Owned(format!("{PREFIX}{}", cve.id.0)),
        summary: opening(&english(cve.descriptions)),
        published,
        modified,
        withdrawn: rejected.then(|| modified.or(published).unwrap_or(Timestamp::UNIX_EPOCH)),
        vectors: cve.metrics.map_or_else(Vec::new, wire::Metrics::vectors),
        aliases: vec![cve.id.0],
        configurations,
        ..Advisory::default()
    })
}

/// The text of a record and its links, for a page about it.
///
/// # Errors
/// [`NvdError::Shape`] when it is no record.
pub fn parse_prose(json: &[u8]) -> Result<super::osv::Prose, NvdError> {
    let wire::Prose { cve } = serde_json::from_slice(json)?;
    let details = english(cve.descriptions).into_owned();
    let links = cve.references.unwrap_or_default().into_iter().filter_map(|link| link.url);
    let mut references: Vec<String> = links.map(|url| url.0.into_owned()).collect();
    references.dedup();
    Ok(super::osv::Prose { details: Some(details).filter(|text| !text.is_empty()), references })
}

/// The CVE id of a record, without reading the rest.
///
/// # Errors
/// [`NvdError::Shape`] when it is no record.
pub fn id_of(json: &[u8]) -> Result<Cow<'_, str>, NvdError> {
    let wire::Named { cve } = serde_json::from_slice(json)?;
    Ok(cve.id.0)
}

fn english(descriptions: Option<Vec<wire::Description<'_>>>) -> Cow<'_, str> {
    let descriptions = descriptions.unwrap_or_default().into_iter();
    let mut english = descriptions.filter(|one| one.lang.0 == "en" || one.lang.0.starts_with("en-"));
    english.next().map_or(Cow::Borrowed(""), |one| one.value.0)
}

/// Characters of the text that stand for a summary, which NVD does not have. Most descriptions begin with the flaw and the
/// product; the page about a weakness has the whole text.
const OPENING: usize = 60;

/// The beginning of a text on one line, cut at a word.
fn opening(text: &str) -> Cow<'static, str> {
    let mut opening = String::with_capacity(OPENING + 4);
    for (count, word) in text.split_whitespace().enumerate() {
        if opening.chars().count() + word.chars().count() >= OPENING && count > 0 {
            opening.push('…');
            break;
        }
        if count > 0 {
            opening.push(' ');
        }
        opening.extend(word.chars().take(OPENING));
    }
    Cow::Owned(opening)
}

/// NVD's moments have no zone and mean UTC; the samples have one here and there.
fn moment(field: &'static str, text: Option<wire::Text<'_>>) -> Result<Option<Timestamp>, NvdError> {
    let Some(text) = text.filter(|text| !text.0.is_empty()) else { return Ok(None) };
    read_moment(&text.0).map(Some).ok_or_else(|| NvdError::Moment { field, text: text.0.into_owned() })
}

fn read_moment(text: &str) -> Option<Timestamp> {
    let zoned = || text.parse::<Timestamp>().ok();
    let civil = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    zoned().or_else(civil)
}

fn configurations(wire: Vec<wire::Configuration<'_>>) -> Result<Vec<Node<'_>>, NvdError> {
    let mut configurations = Vec::with_capacity(wire.len());
    for (at, configuration) in wire.into_iter().enumerate() {
        let wire::Configuration { operator, negate, nodes } = configuration;
        let read = |(number, node)| read_node((at, number), node);
        let nodes = nodes.into_iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        if !nodes.is_empty() {
            configurations.push(combine(at, operator.as_ref(), negate, nodes)?);
        }
    }
    Ok(configurations)
}

fn read_node<'a>(at: (usize, usize), node: wire::Node<'a>) -> Result<Node<'a>, NvdError> {
    let criteria = node.cpe_match.into_iter().enumerate();
    let criteria = criteria.map(|(number, one)| {
        let place = || format!("/configurations/{}/nodes/{}/cpeMatch/{number}", at.0, at.1);
        read_criterion(one, place).map(Node::Criterion)
    });
    combine(at.0, node.operator.as_ref(), node.negate, criteria.collect::<Result<_, _>>()?)
}

/// Several without an operator are read as `OR`, which finds more.
fn combine<'a>(
    configuration: usize,
    operator: Option<&wire::Text<'_>>,
    negate: Option<bool>,
    nodes: Vec<Node<'a>>,
) -> Result<Node<'a>, NvdError> {
    let node = match operator.map_or("OR", |operator| operator.0.as_ref()) {
        "OR" => Node::Any(nodes),
        "AND" => Node::All(nodes),
        other => {
            return Err(NvdError::Operator { configuration, operator: other.chars().take(60).collect() });
        }
    };
    Ok(if negate == Some(true) { Node::Not(Box::new(node)) } else { node })
}

fn read_criterion<'a>(
    wire: wire::CpeMatch<'a>,
    place: impl Fn() -> String,
) -> Result<Criterion<'a>, NvdError> {
    let name = fields(wire.criteria.0).map_err(|source| NvdError::Criterion { place: place(), source })?;
    let bound = |including: Option<wire::Text<'a>>, excluding: Option<wire::Text<'a>>| {
        let (text, inclusive) = match (including, excluding) {
            (Some(text), _) => (text.0, true),
            (None, Some(text)) => (text.0, false),
            (None, None) => return None,
        };
        Some(Bound { version: unquoted(text), inclusive })
    };
    let start = bound(wire.version_start_including, wire.version_start_excluding);
    let end = bound(wire.version_end_including, wire.version_end_excluding);
    let bounded = start.is_some() || end.is_some();
    if bounded && name.get(Attribute::Version) != "*" {
        return Err(NvdError::Criteria { place: place(), problem: "a version stands beside bounds" });
    }
    // `-` is no product: such a criterion covers nothing (NISTIR 7696, table 6-2), and nothing is hidden by keeping it.
    if wire.vulnerable && name.product().is_none() && !name.names_no_product() {
        return Err(NvdError::Criteria { place: place(), problem: "the product is open" });
    }
    Ok(Criterion { vulnerable: wire.vulnerable, name, start, end })
}

fn fields(criteria: Cow<'_, str>) -> Result<Fields<'_>, Unreadable> {
    match criteria {
        Cow::Borrowed(text) => Fields::read(text),
        Cow::Owned(text) => Ok(text.parse::<bedrail_model::cpe::Cpe>()?.fields()),
    }
}

/// Bounds are quoted now and then as names are: `12.2\(33\)`.
fn unquoted(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\\') { Cow::Owned(text.replace('\\', "")) } else { text }
}
