//! Agreed gaps: components of which people know that they cannot be judged, each with the reason why that is accepted.
//!
//! One gap a line, `purl-or-name[@version]  # reason`. Blank lines and lines that begin with `#` say nothing. A gap
//! without a reason is an error: a list of names alone cannot be reviewed.

use bedrail_model::component::Component;

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedGap {
    /// Its line, counted from 1.
    pub line: usize,
    /// What it names: a purl or a name, with or without a version.
    pub what: String,
    /// Why it is accepted.
    pub reason: String,
}

/// A line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// There is no reason.
    #[error("line {line}: `{what}` has no reason; write `{what}  # why this gap is accepted`")]
    NoReason {
        /// Its line, counted from 1.
        line: usize,
        /// What it names.
        what: String,
    },
}

/// Reads the list.
///
/// # Errors
/// [`AcceptError`] for the first line that cannot be used.
pub fn parse_accepted(text: &str) -> Result<Vec<AcceptedGap>, AcceptError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| parse_line(number, line))
        .collect()
}

/// The mark of the reason needs a space before it: `#` alone is part of a purl (its subpath).
fn parse_line(line: usize, text: &str) -> Result<AcceptedGap, AcceptError> {
    let mark = text
        .char_indices()
        .zip(text.chars().skip(1))
        .find(|((_, c), next)| c.is_whitespace() && *next == '#');
    let (what, reason) = match mark {
        Some(((at, space), _)) => (text[..at].trim(), text[at + space.len_utf8() + 1..].trim()),
        None => (text, ""),
    };
    if reason.is_empty() {
        return Err(AcceptError::NoReason { line, what: what.to_owned() });
    }
    Ok(AcceptedGap { line, what: what.to_owned(), reason: reason.to_owned() })
}

/// Finds the agreed gap for a component and remembers which were used.
pub(super) struct Matcher<'a> {
    gaps: &'a [AcceptedGap],
    used: Vec<bool>,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(gaps: &'a [AcceptedGap]) -> Self {
        Matcher { gaps, used: vec![false; gaps.len()] }
    }

    /// Why the gap of this component is accepted: the reason of the first line that names it. All that do are used.
    pub(super) fn reason(&mut self, component: &Component) -> Option<String> {
        let mut found = None;
        for (gap, used) in self.gaps.iter().zip(&mut self.used) {
            if names(&gap.what, component) {
                *used = true;
                found = found.or(Some(gap));
            }
        }
        found.map(|gap| gap.reason.clone())
    }

    /// Lines that named no component.
    pub(super) fn unused(self) -> Vec<AcceptedGap> {
        self.gaps.iter().zip(self.used).filter(|(_, used)| !used).map(|(gap, _)| gap.clone()).collect()
    }
}

/// Whether a line names a component: its whole purl, its purl up to the version or the qualifiers, or its name
/// (`name`, `group/name`, `group:name`), each with the version or without.
fn names(what: &str, component: &Component) -> bool {
    if what.starts_with("pkg:") {
        return component.purl.as_deref().is_some_and(|purl| {
            purl.strip_prefix(what).is_some_and(|rest| rest.is_empty() || rest.starts_with(['@', '?', '#']))
        });
    }
    let has_name = |name: &str| match what.strip_prefix(name) {
        Some("") => true,
        Some(rest) => {
            rest.strip_prefix('@').is_some_and(|version| component.version.as_deref() == Some(version))
        }
        None => false,
    };
    has_name(&component.name)
        || component.group.as_deref().is_some_and(|group| {
            ['/', ':'].iter().any(|separator| has_name(&format!("{group}{separator}{}", component.name)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(group: Option<&str>, name: &str, version: Option<&str>, purl: Option<&str>) -> Component {
        Component {
            group: group.map(str::to_owned),
            name: name.to_owned(),
            version: version.map(str::to_owned),
            purl: purl.map(str::to_owned),
            ..Component::default()
        }
    }

    #[test]
    fn a_line_is_a_name_and_a_reason() {
        let text = "\u{feff}# agreed in May\n\nbusybox@1.36  # the maker builds it without httpd\r\npkg:npm/%40a/b@1#lib # ours\n";
        let gaps = parse_accepted(text).unwrap();
        let found: Vec<_> =
            gaps.iter().map(|gap| (gap.line, gap.what.as_str(), gap.reason.as_str())).collect();
        assert_eq!(
            found,
            [(3, "busybox@1.36", "the maker builds it without httpd"), (4, "pkg:npm/%40a/b@1#lib", "ours")]
        );
    }

    #[test]
    fn a_line_without_a_reason_is_refused_with_its_number() {
        for (text, message) in [
            (
                "a # x\nbusybox\n",
                "line 2: `busybox` has no reason; write `busybox  # why this gap is accepted`",
            ),
            ("busybox #", "line 1: `busybox` has no reason; write `busybox  # why this gap is accepted`"),
            (
                "busybox#why",
                "line 1: `busybox#why` has no reason; write `busybox#why  # why this gap is accepted`",
            ),
        ] {
            assert_eq!(parse_accepted(text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_line_names_a_component_by_purl_or_name_with_or_without_version() {
        let core = component(
            Some("org.apache"),
            "log4j-core",
            Some("2.14.1"),
            Some("pkg:maven/org.apache/log4j-core@2.14.1?type=jar"),
        );
        for what in [
            "log4j-core",
            "log4j-core@2.14.1",
            "org.apache/log4j-core",
            "org.apache:log4j-core@2.14.1",
            "pkg:maven/org.apache/log4j-core",
            "pkg:maven/org.apache/log4j-core@2.14.1",
            "pkg:maven/org.apache/log4j-core@2.14.1?type=jar",
        ] {
            assert!(names(what, &core), "{what}");
        }
        for what in
            ["log4j", "log4j-core@2.14", "pkg:maven/org.apache/log4j", "pkg:maven/org.apache/log4j-core@2.14"]
        {
            assert!(!names(what, &core), "{what}");
        }
        assert!(names("@angular/core@1", &component(None, "@angular/core", Some("1"), None)));
        assert!(names("Infusion Core", &component(None, "Infusion Core", None, None)));
        assert!(!names("busybox@1", &component(None, "busybox", None, None)));
    }
}
