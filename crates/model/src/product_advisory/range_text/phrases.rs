//! The phrases in which ranges are written, as signs and as English words.

use std::borrow::Cow;

use super::{Boundary, End, LooseVersion, Span};

mod words;

pub(super) use words::version_at;
use words::{by_words, is_version};

/// The spans of a text: alternatives are separated by `|`, and a `>` followed by a `<` makes one range.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let text = text.trim();
    if says_all(text) {
        return vec![Span::All];
    }
    let text = text.strip_prefix("vers:").map_or(text, after_scheme);
    let plain = without_remarks(text);
    if has_a_date(&plain) {
        return vec![Span::Unread(text.to_owned())];
    }
    let mut spans = Vec::new();
    for piece in alternatives(&plain) {
        let (piece, condition) = split_condition(piece);
        for span in piece_spans(piece) {
            let span = match condition {
                // "ZXP425 (10-Pack)": what stands in brackets behind a model describes it.
                Some(_) if is_model(&span) => span,
                Some(words) => Span::If(Box::new(span), words.to_owned()),
                None => span,
            };
            match (spans.last_mut(), span) {
                // `>= 1.0 | <= 1.3.1`
                (Some(Span::Range { to: to @ None, .. }), Span::Range { from: None, to: end }) => *to = end,
                (_, span) => spans.push(span),
            }
        }
    }
    spans
}

/// The pieces between `|` and `;` outside of brackets.
fn alternatives(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let outside = move |it: char| {
        match it {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(it, '|' | ';')
    };
    // A bracket around everything is none.
    let whole = text.strip_prefix('(').map_or(text, |it| it.strip_suffix(')').unwrap_or(it));
    whole.split(outside).map(str::trim).filter(|it| !it.is_empty())
}

/// Whether a span is a model with letters in front, and no version.
fn is_model(span: &Span) -> bool {
    matches!(span, Span::Listed(it) if matches!(it.words().as_slice(),
        [word] if word.len() > 4 && word.starts_with(|it: char| it.is_alphabetic())))
}

/// A version of a device and what stands behind it: "11.2 on Windows 8.1".
pub(super) fn plain_version(text: &str) -> &str {
    // "Version B, Firmware A.01.09" is A.01.09 of a part.
    let lower = text.to_ascii_lowercase();
    let at = [", firmware ", ", software "].iter().filter_map(|it| lower.find(it)).min();
    split_condition(at.map_or(text, |at| &text[at + 2..])).0
}

/// `vers:generic/1.0|2.0`: what stands behind the scheme (VERS specification, "URI syntax").
fn after_scheme(text: &str) -> &str {
    text.split_once('/').map_or(text, |(_, constraints)| constraints)
}

/// Words that may stand between "all" and "versions", or behind it, and take nothing away.
const OF_ALL: &[&str] = &[
    "affected",
    "builds",
    "current",
    "editions",
    "existing",
    "firmware",
    "known",
    "model",
    "models",
    "of",
    "product",
    "releases",
    "revisions",
    "software",
    "supported",
    "the",
    "version",
    "versions",
];

/// `*`, `vers:all/*`, "all", "all versions", "all known firmware versions".
fn says_all(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|it: char| !it.is_alphanumeric() && it != '*').filter(|it| !it.is_empty()).collect();
    match words.as_slice() {
        ["vers", _, "*"] => true,
        ["*" | "all" | "any" | "every", rest @ ..] => rest.iter().all(|it| OF_ALL.contains(it)),
        _ => false,
    }
}

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
];

fn has_a_date(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.split(|it: char| !it.is_alphabetic()).any(|word| MONTHS.contains(&word))
}

/// Words behind a version that bind it to something else.
const CONDITIONS: &[&str] = &[" running on ", " on ", " with ", " when ", " if ", " for ", " in "];

/// How brackets begin that remark on a version and bind it to nothing: "(end-of-life 2011)", "(global)".
const REMARKS: &[&str] = &[
    "canada",
    "discontinued",
    "end of life",
    "end of support",
    "end-of-life",
    "end-of-support",
    "eol",
    "eos",
    "formerly",
    "global",
    "impacted by",
    "affected by",
    "included in",
    "integrated in",
    "no longer",
    "not distributed",
    "not sold",
    "outside",
    "previously",
    "u.s.",
    "united states",
    "usa",
];

/// A text without the brackets that only remark on it.
fn without_remarks(text: &str) -> Cow<'_, str> {
    let mut kept = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(open) = kept[from..].find('(').map(|at| at + from) {
        let Some(close) = kept[open..].find(')').map(|at| at + open) else { break };
        let inner = kept[open + 1..close].trim().to_ascii_lowercase();
        let remark = REMARKS.iter().any(|it| inner.starts_with(it)) || matches!(inner.as_str(), "us" | "eu");
        // A bracket around everything, or before everything, says what it is about.
        if remark && kept[..open].contains(|it: char| it.is_ascii_digit() || it == '*') {
            let mut shorter = kept[..open].trim_end().to_owned();
            shorter.push_str(&kept[close + 1..]);
            from = open.min(shorter.len());
            while !shorter.is_char_boundary(from) {
                from -= 1;
            }
            kept = Cow::Owned(shorter);
        } else {
            from = close + 1;
        }
    }
    kept
}

/// A text without what stands in brackets or behind "on", "with", and that condition.
fn split_condition(text: &str) -> (&str, Option<&str>) {
    // "9.x model 35700BAX3" names the model that has these versions, it does not restrict them.
    let text = text.find(" model ").map_or(text, |at| &text[..at]);
    let bracket = text.find('(').map(|at| (at, at + 1));
    let lower = text.to_ascii_lowercase();
    let word = CONDITIONS.iter().filter_map(|it| lower.find(it).map(|at| (at, at + 1))).min();
    match [bracket, word].into_iter().flatten().min() {
        // Something that could be a version must stand before it.
        Some((at, rest)) if text[..at].contains(|it: char| it.is_ascii_digit() || it == '*') => {
            (text[..at].trim(), Some(text[rest..].trim().trim_end_matches(')')))
        }
        _ => (text, None),
    }
}

/// The spans of one alternative.
fn piece_spans(piece: &str) -> Vec<Span> {
    if says_all(piece) {
        return vec![Span::All];
    }
    by_sign(piece)
        .or_else(|| by_plus(piece))
        .or_else(|| if begins_with_a_name(piece) { None } else { by_words(piece) })
        .map_or_else(|| listed(piece), |span| vec![span])
}

/// `2.0+`.
fn by_plus(piece: &str) -> Option<Span> {
    let (version, "") = piece.trim().split_once('+')? else { return None };
    let version = LooseVersion::parse(version);
    let from = Boundary { version, end: End::Inside };
    from.version.has_number().then_some(Span::Range { from: Some(from), to: None })
}

/// Whether words of a name stand before the first number: "Inform II Base Unit with software 4.0 or newer".
fn begins_with_a_name(piece: &str) -> bool {
    let before = piece.split(|it: char| it.is_ascii_digit()).next().unwrap_or_default();
    let said = [
        "above",
        "after",
        "and",
        "back",
        "before",
        "beginning",
        "below",
        "between",
        "but",
        "earlier",
        "equal",
        "excluding",
        "from",
        "greater",
        "higher",
        "including",
        "less",
        "lower",
        "newer",
        "not",
        "of",
        "older",
        "or",
        "prior",
        "since",
        "starting",
        "than",
        "through",
        "to",
        "under",
        "until",
        "up",
        "with",
        "later",
        "any",
    ];
    let names = before.split(|it: char| !it.is_alphabetic()).filter(|it| {
        let word = it.to_lowercase();
        word.len() > 1 && !LooseVersion::says_nothing(&word) && !said.contains(&word.as_str())
    });
    names.count() > 2
}

/// `<= 3.64`, `< 8.2.2`, `>= 2.0`, `= 1.0`, and `A.01 <= C.0x` with the first version before the sign.
fn by_sign(piece: &str) -> Option<Span> {
    let at = piece.find(['<', '>', '=', '≤', '≥'])?;
    let (before, rest) = piece.split_at(at);
    let version = rest.trim_start_matches(['<', '>', '=', '≤', '≥']);
    let sign = &rest[..rest.len() - version.len()];
    let (version, second) = match version.find(['<', '>', '≤', '≥']) {
        Some(next) => version.split_at(next),
        None => (version, ""),
    };
    let boundary = |end: End| Boundary { version: LooseVersion::parse(version), end };
    let first = LooseVersion::parse(before);
    if LooseVersion::parse(version).is_empty() {
        return Some(Span::Unread(piece.to_owned()));
    }
    let end = if sign.contains(['=', '≤', '≥']) { End::Inside } else { End::Outside };
    Some(if sign.contains(['<', '≤']) {
        // Two versions with one sign between them are no standard form; both ends count.
        match first.has_number() {
            true => Span::Range {
                from: Some(Boundary { version: first, end: End::Inside }),
                to: Some(boundary(End::Inside)),
            },
            false => Span::Range { from: lower_end(by_sign(second)), to: Some(boundary(end)) },
        }
    } else if sign.contains(['>', '≥']) {
        Span::Range { from: Some(boundary(end)), to: upper_end(by_sign(second)) }
    } else {
        Span::Listed(LooseVersion::parse(version))
    })
}

fn lower_end(span: Option<Span>) -> Option<Boundary> {
    match span {
        Some(Span::Range { from, .. }) => from,
        _ => None,
    }
}

fn upper_end(span: Option<Span>) -> Option<Boundary> {
    match span {
        Some(Span::Range { to, .. }) => to,
        _ => None,
    }
}

/// Versions, models or names that are listed: by commas, "and", " / " and, where every word is a version, by spaces.
fn listed(piece: &str) -> Vec<Span> {
    // "Version B, Firmware A.01.09, Part #: N/A": the firmware is the version of the part before it.
    let parts: Vec<&str> = piece.split(',').map(str::trim).collect();
    if let [part, firmware, ..] = parts.as_slice()
        && firmware.to_lowercase().starts_with("firmware ")
    {
        let version = LooseVersion::parse(firmware);
        return vec![Span::If(Box::new(Span::Listed(version)), (*part).to_owned())];
    }
    let spaced = piece.replace(',', " , ").replace(" and ", " , ").replace(" / ", " , ");
    let mut spans = Vec::new();
    for item in spaced.split(" , ").map(str::trim).filter(|it| !it.is_empty()) {
        let words: Vec<&str> =
            item.split_whitespace().skip_while(|it| LooseVersion::says_nothing(&it.to_lowercase())).collect();
        let plain = |it: &&str| {
            it.starts_with(|it: char| it.is_ascii_digit())
                || (it.contains('.') && is_version(it) && it.len() < 9)
        };
        let versions = words.iter().filter(|it| plain(it)).count();
        if versions > 1 && words.iter().skip(1).all(plain) {
            spans.extend(words.iter().filter(|it| plain(it)).map(|it| Span::Listed(LooseVersion::parse(it))));
            continue;
        }
        let version = LooseVersion::parse(item);
        let short = version.words().len() <= 6 && words.len() <= 5 && version.has_number();
        // "Version 8" is all of 8.x.
        let major = version.has_number() && version.words().concat().len() < 3 && !item.contains('.');
        let version = if major { version.into_family() } else { version };
        spans.push(if short { Span::Listed(version) } else { Span::Named(item.to_owned()) });
    }
    spans
}
