//! What remediations say in words: versions that mend, and weaknesses that they leave.

use bedrail_model::product_advisory::range_text::{LooseVersion, RangeText, Standing};
use bedrail_model::product_advisory::{ProductAdvisory, ProductWeakness, Remediation};

/// A version that a remediation names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedFix {
    pub(super) version: LooseVersion,
    /// Whether the remediation is the maker's fix, and no workaround.
    pub(super) by_maker: bool,
    /// Whether it mends only some weaknesses, and another remediation the rest: later, or later still to come.
    pub(super) in_part: bool,
}

/// A weakness that the version which mends the others leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) version: LooseVersion,
    /// The ids, as the text has them.
    pub(super) ids: String,
    /// Whether it can be mended in that version by hand.
    pub(super) by_hand: bool,
}

/// The remediations for any of these products.
fn remedies<'a>(
    advisory: &'a ProductAdvisory,
    products: &'a [usize],
) -> impl Iterator<Item = &'a Remediation> {
    let all = advisory.weaknesses.iter().flat_map(|it| &it.remediations);
    all.filter(|it| it.products.is_empty() || it.products.iter().any(|product| products.contains(product)))
}

/// Versions in the words of remediations that may be fixes, for these products. "3.1 or prior" and "less than 9.19" are none.
pub(super) fn named_fixes(advisory: &ProductAdvisory, products: &[usize]) -> Vec<NamedFix> {
    let mut found: Vec<NamedFix> = Vec::new();
    for remedy in remedies(advisory, products) {
        for version in versions(&remedy.details) {
            let in_part = is_in_part(remedy, &version, advisory, products);
            let fix = NamedFix { version, by_maker: remedy.category == "vendor_fix", in_part };
            if !found.contains(&fix) {
                found.push(fix);
            }
        }
    }
    found
}

/// How ids of weaknesses and advisories begin, which have numbers and are no versions.
const IDS: &[&str] = &["CVE-", "CWE-", "ICSA-", "ICSMA-"];

/// The versions that a text names, those before "or earlier" and behind "than" apart.
fn versions(text: &str) -> Vec<LooseVersion> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some((version, end)) = RangeText::version_at(&words, at) else {
            at += 1;
            continue;
        };
        let before = at.checked_sub(1).map_or("", |it| words[it]);
        let behind = words.get(end..).unwrap_or_default();
        let is_score =
            words[at.saturating_sub(3)..at].iter().any(|it| it.contains("score") || it.contains("CVSS"));
        let next = match behind {
            ["or" | "and", next, ..] => next.trim_matches(|it: char| !it.is_alphanumeric()),
            _ => "",
        };
        let word = version.trim_matches(|it: char| !it.is_alphanumeric());
        // "D29 or later" is a version, as is what has a dot or many digits.
        let numbered = word.contains('.')
            || word.chars().filter(char::is_ascii_digit).count() > 4
            || matches!(next, "later" | "newer" | "higher" | "above" | "greater");
        let older = next.starts_with(['p', 'e', 'b', 'o', 'l']) && next != "later";
        at = end;
        let is_id = IDS.iter().any(|it| word.starts_with(it));
        if !numbered
            || older
            || is_score
            || is_id
            || before == "than"
            || word.contains('/')
            || word.len() > 32
        {
            continue;
        }
        let version = LooseVersion::parse(word);
        if version.has_number() {
            found.push(version);
        }
    }
    found
}

/// Whether a remediation mends the weaknesses that it lists, and another mends others, in a later version or some day.
fn is_in_part(
    remedy: &Remediation,
    version: &LooseVersion,
    advisory: &ProductAdvisory,
    products: &[usize],
) -> bool {
    let mine = ids(&remedy.details);
    !mine.is_empty()
        && remedies(advisory, products).any(|other| {
            let theirs = ids(&other.details);
            let to_come = other.details.contains("will ") || other.details.contains("planned");
            let not_before =
                versions(&other.details).iter().all(|it| version.stand_to(it) == Standing::Before);
            not_before && !theirs.is_empty() && (to_come || theirs.iter().any(|it| !mine.contains(it)))
        })
}

/// The ids of weaknesses in a text: `CVE-2021-37160`, `CWE-757`.
fn ids(text: &str) -> Vec<&str> {
    let words = text.split(|it: char| !(it.is_alphanumeric() || it == '-'));
    words.filter(|it| it.starts_with("CVE-") || it.starts_with("CWE-")).collect()
}

/// What a sentence begins with that says which weaknesses a version leaves.
const LEAVES: &[&str] = &[
    "except",
    "with the exception of",
    "apart from",
    "but not",
    "does not address",
    "does not fix",
    "does not mitigate",
    "does not remediate",
    "does not resolve",
    "remain unpatched",
    "manual intervention",
    "must be manually",
    "manually remediat",
];

/// The weaknesses that remediations say a version leaves; where one weakness is meant, only if it is that.
pub(super) fn left(advisory: &ProductAdvisory, products: &[usize], weakness: Option<usize>) -> Vec<Left> {
    let meant = weakness.and_then(|it| advisory.weaknesses.get(it));
    let is_meant = |id: &&str| meant.is_none_or(|it| has_id(it, id));
    let mut found: Vec<Left> = Vec::new();
    for remedy in remedies(advisory, products) {
        let text = remedy.details.as_str();
        let lower = text.to_ascii_lowercase();
        let Some((at, phrase)) = LEAVES.iter().filter_map(|it| lower.find(it).map(|at| (at, *it))).min()
        else {
            continue;
        };
        let ids: Vec<&str> = ids(&text[at..]).into_iter().filter(is_meant).collect();
        let versions = versions(&text[..at]);
        if let (Some(version), false) = (versions.last(), ids.is_empty()) {
            let by_hand = phrase.contains("manual");
            let left = Left { version: version.clone(), ids: ids.join(", "), by_hand };
            if !found.contains(&left) {
                found.push(left);
            }
        }
    }
    found
}

fn has_id(weakness: &ProductWeakness, id: &str) -> bool {
    weakness.ids.iter().chain(&weakness.cwes).any(|it| it == id)
}
