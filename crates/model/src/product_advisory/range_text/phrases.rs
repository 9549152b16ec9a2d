//! The phrases in which ranges are written, as signs and as English words.

use super::{Boundary, End, LooseVersion, Span};

/// The spans of a text: alternatives are separated by `|`, and a `>` followed by a `<` makes one range.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let text = text.trim();
    if says_all(text) {
        return vec![Span::All];
    }
    if has_a_date(text) {
        return vec![Span::Unread(text.to_owned())];
    }
    let text = text.strip_prefix("vers:").map_or(text, after_scheme);
    let mut spans = Vec::new();
    for piece in alternatives(text) {
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
    split_condition(text).0
}

/// `vers:generic/1.0|2.0`: what stands behind the scheme (VERS specification, "URI syntax").
fn after_scheme(text: &str) -> &str {
    text.split_once('/').map_or(text, |(_, constraints)| constraints)
}

/// `*`, `vers:all/*`, "all", "all versions".
fn says_all(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|it: char| !it.is_alphanumeric() && it != '*').filter(|it| !it.is_empty()).collect();
    matches!(
        words.as_slice(),
        ["*" | "all" | "any"]
            | ["vers", _, "*"]
            | ["all" | "any", "version" | "versions" | "models" | "releases"]
            | ["all", "versions", "affected"]
    )
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
];

fn has_a_date(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.split(|it: char| !it.is_alphabetic()).any(|word| MONTHS.contains(&word))
}

/// Words behind a version that bind it to something else.
const CONDITIONS: &[&str] = &[" running on ", " on ", " with ", " when ", " if ", " for ", " in "];

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
        .or_else(|| if begins_with_a_name(piece) { None } else { by_words(piece) })
        .map_or_else(|| listed(piece), |span| vec![span])
}

/// Whether words of a name stand before the first number: "Inform II Base Unit with software 4.0 or newer".
fn begins_with_a_name(piece: &str) -> bool {
    let before = piece.split(|it: char| it.is_ascii_digit()).next().unwrap_or_default();
    let said =
        ["and", "or", "to", "prior", "than", "before", "below", "up", "through", "with", "including", "of"];
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
    Some(match sign.chars().next() {
        // Two versions with one sign between them are no standard form; both ends count.
        Some('<' | '≤') if first.has_number() => Span::Range {
            from: Some(Boundary { version: first, end: End::Inside }),
            to: Some(boundary(End::Inside)),
        },
        Some('<' | '≤') => Span::Range { from: None, to: Some(boundary(end)) },
        Some('>' | '≥') => {
            let to = if second.is_empty() { None } else { upper_end(by_sign(second)) };
            Span::Range { from: Some(boundary(end)), to }
        }
        _ => Span::Listed(LooseVersion::parse(version)),
    })
}

fn upper_end(span: Option<Span>) -> Option<Boundary> {
    match span {
        Some(Span::Range { to, .. }) => to,
        _ => None,
    }
}

/// What stands behind the version: "6.2 and earlier".
const AND_EARLIER: &[&str] = &["prior", "earlier", "below", "lower", "older", "previous", "before"];
const AND_LATER: &[&str] = &["later", "newer", "higher", "above", "greater", "up"];

/// "prior to 6.2", "6.2 and earlier", "versions 2.5 through 3.11", "up to 7.6.2", "Rev J-M".
fn by_words(piece: &str) -> Option<Span> {
    let words: Vec<&str> = piece.split_whitespace().collect();
    let lower: Vec<String> = words
        .iter()
        .map(|it| it.to_lowercase().trim_matches([',', '.', ':', ';', ')', '(']).to_owned())
        .collect();
    let is = |at: usize, list: &[&str]| lower.get(at).is_some_and(|it| list.contains(&it.as_str()));
    for at in 0..words.len() {
        // "prior to", "earlier than", "before"
        if (is(at, &["prior"]) && is(at + 1, &["to"]))
            || (is(at, &["earlier", "lower", "older"]) && is(at + 1, &["than"]))
        {
            return after(&words, at + 2).map(|version| up_to(version, End::Outside));
        }
        if is(at, &["before", "below"]) && !is(at.wrapping_sub(1), &["and", "or"]) {
            return after(&words, at + 1).map(|version| up_to(version, End::Outside));
        }
        if (is(at, &["up"]) && is(at + 1, &["to"])) || is(at, &["through"]) {
            let to = after(&words, skip(&lower, at + 1, &["to", "and", "including"]))?;
            let from = before(&words, at).filter(|it| is_version(it));
            // "Up to 7.6.2" does not say whether 7.6.2 is one of them.
            let said = is(at, &["through"]) || lower.iter().any(|it| it == "including");
            let end = if said { End::Inside } else { End::Unsaid };
            return Some(Span::Range {
                from: from.map(|it| boundary(it, End::Inside)),
                to: Some(boundary(to, end)),
            });
        }
        if is(at, &["to"]) && before(&words, at).is_some_and(is_version) {
            let (from, to) = (before(&words, at)?, after(&words, at + 1)?);
            return Some(Span::Range {
                from: Some(boundary(from, End::Inside)),
                to: Some(boundary(to, End::Inside)),
            });
        }
        if is(at, &["and", "or"]) && is(at + 1, AND_EARLIER) {
            return before(&words, at).map(|version| up_to(version, End::Inside));
        }
        if is(at, &["and", "or"]) && is(at + 1, AND_LATER) {
            let from = before(&words, at)?;
            return Some(Span::Range { from: Some(boundary(from, End::Inside)), to: None });
        }
    }
    letters(&lower)
}

/// `rev b-m`: families from one letter to another.
fn letters(lower: &[String]) -> Option<Span> {
    let [.., last] = lower else { return None };
    let prefixed = lower.len() > 1 && lower[0].starts_with("rev");
    let (from, to) = last.split_once('-')?;
    (prefixed && from.len() == 1 && to.len() == 1)
        .then(|| Span::Range { from: Some(boundary(from, End::Inside)), to: Some(boundary(to, End::Inside)) })
}

fn boundary(version: &str, end: End) -> Boundary {
    Boundary { version: LooseVersion::parse(version), end }
}

fn up_to(version: &str, end: End) -> Span {
    Span::Range { from: None, to: Some(boundary(version, end)) }
}

/// The first word from `at` on that is a version, with "version" and the like passed over.
fn after<'w>(words: &[&'w str], at: usize) -> Option<&'w str> {
    words.get(at..)?.iter().take(4).copied().map(tidy).find(|it| is_version(it))
}

/// The word before `at`, if it is a version.
fn before<'w>(words: &[&'w str], at: usize) -> Option<&'w str> {
    let word = tidy(words.get(at.checked_sub(1)?)?);
    is_version(word).then_some(word)
}

fn tidy(word: &str) -> &str {
    word.trim_matches([',', ';', ':', '(', ')', '.'])
}

fn is_version(word: &str) -> bool {
    word.contains(|it: char| it.is_ascii_digit())
}

fn skip(lower: &[String], mut at: usize, list: &[&str]) -> usize {
    while lower.get(at).is_some_and(|it| list.contains(&it.as_str())) {
        at += 1;
    }
    at
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
        spans.push(if short { Span::Listed(version) } else { Span::Named(item.to_owned()) });
    }
    spans
}
