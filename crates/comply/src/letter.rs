//! Letters after a breach: to individuals (45 CFR 164.404(c)), to the media (164.406(c)) and what the Secretary is told
//! (164.408). Templates with merge fields; what the rule wants inside is checked before anything goes out.
//!
//! Names of people never come in here: their fields stay in the letter as fields, for whoever fills them outside.

mod templates;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use templates::{HHS, INDIVIDUAL, MEDIA};

/// What a notice has to contain (164.404(c)(1)(A)–(E)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// (A) What happened, with the dates of breach and discovery where known.
    WhatHappened,
    /// (B) The kinds of unsecured PHI involved.
    KindsOfPhi,
    /// (C) What people should do to protect themselves.
    WhatToDo,
    /// (D) What the entity does to investigate, to limit harm, and against repeats.
    WhatWeDo,
    /// (E) How to ask, with a toll-free number, an e-mail address, a website or a postal address.
    Contact,
}

/// All elements: which fields bring each, of how many one is enough, and where it stands.
pub const ELEMENTS: &[(Element, &[&str], Needs, &str)] = &[
    (
        Element::WhatHappened,
        &["what_happened", "breach_date", "discovery_date"],
        Needs::All,
        "45 CFR 164.404(c)(1)(A)",
    ),
    (Element::KindsOfPhi, &["kinds_of_phi"], Needs::All, "45 CFR 164.404(c)(1)(B)"),
    (Element::WhatToDo, &["what_to_do"], Needs::All, "45 CFR 164.404(c)(1)(C)"),
    (Element::WhatWeDo, &["what_we_do"], Needs::All, "45 CFR 164.404(c)(1)(D)"),
    (
        Element::Contact,
        &["toll_free", "email", "website", "postal_address"],
        Needs::One,
        "45 CFR 164.404(c)(1)(E)",
    ),
];

/// How many of an element's fields are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// All of them.
    All,
    /// At least one.
    One,
}

/// Fields that are filled outside, for they name people.
pub const OUTSIDE: &[&str] = &["recipient_name", "recipient_address"];

/// What a paragraph is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A heading.
    Heading,
    /// Running text.
    Text,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// What it is.
    pub style: Style,
    /// Its text.
    pub text: String,
}

/// A letter, ready but for the fields that are filled outside (`«recipient_name»`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its paragraphs.
    pub paragraphs: Vec<Paragraph>,
}

/// Why no letter can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// An element of the rule is missing.
    #[error("the template lacks {element:?} ({citation}); it needs {}", fields.iter().map(|it| format!("{{{{{it}}}}}")).collect::<Vec<_>>().join(", "))]
    Element {
        /// Which.
        element: Element,
        /// Where it stands.
        citation: &'static str,
        /// The fields that would bring it.
        fields: Vec<&'static str>,
    },
    /// Fields without a value, in the order of the template.
    #[error("without a value: {}; what is not known is said in words, not left out", .0.iter().map(|it| it.replace('_', " ")).collect::<Vec<_>>().join(", "))]
    Value(Vec<String>),
    /// A brace that does not close.
    #[error("a field that begins with {{{{ does not end: {0:?}")]
    Open(String),
}

/// A template: lines; `# ` begins a heading, an empty line parts paragraphs, `{{field}}` is a merge field.
pub type Template<'a> = &'a str;

/// Fields of a template in order.
///
/// # Errors
/// [`LetterError::Open`].
pub fn fields(template: Template<'_>) -> Result<Vec<&str>, LetterError> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once("{{") {
        let (name, behind) =
            after.split_once("}}").ok_or_else(|| LetterError::Open(after.chars().take(20).collect()))?;
        found.push(name.trim());
        rest = behind;
    }
    Ok(found)
}

/// Whether a template brings every element of 164.404(c).
///
/// # Errors
/// The first element that is missing.
pub fn check(template: Template<'_>) -> Result<(), LetterError> {
    let found = fields(template)?;
    for (element, needed, needs, citation) in ELEMENTS {
        let there = |field: &&&str| found.contains(*field);
        let enough = match needs {
            Needs::All => needed.iter().filter(there).count() == needed.len(),
            Needs::One => needed.iter().any(|field| found.contains(field)),
        };
        if !enough {
            return Err(LetterError::Element { element: *element, citation, fields: needed.to_vec() });
        }
    }
    Ok(())
}

/// Fills a template that was checked.
///
/// # Errors
/// [`LetterError`]: an element is missing, or fields have no value; all of them are named.
pub fn fill(template: Template<'_>, values: &BTreeMap<String, String>) -> Result<Letter, LetterError> {
    check(template)?;
    let mut absent: Vec<String> = Vec::new();
    for name in fields(template)? {
        if !OUTSIDE.contains(&name) && value(values, name).is_none() && !absent.iter().any(|it| it == name) {
            absent.push(name.to_owned());
        }
    }
    if !absent.is_empty() {
        return Err(LetterError::Value(absent));
    }
    let mut paragraphs = Vec::new();
    for block in template.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let (style, text) = match block.strip_prefix("# ") {
            Some(heading) => (Style::Heading, heading),
            None => (Style::Text, block),
        };
        paragraphs.push(Paragraph { style, text: filled(&text.replace('\n', " "), values)? });
    }
    Ok(Letter { paragraphs })
}

/// The value of a field; an empty one is none.
fn value<'v>(values: &'v BTreeMap<String, String>, name: &str) -> Option<&'v str> {
    values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

fn filled(text: &str, values: &BTreeMap<String, String>) -> Result<String, LetterError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) =
            after.split_once("}}").ok_or_else(|| LetterError::Open(after.chars().take(20).collect()))?;
        let name = name.trim();
        out.push_str(before);
        if OUTSIDE.contains(&name) {
            let _ = write!(out, "«{name}»");
        } else {
            let there = value(values, name).ok_or_else(|| LetterError::Value(vec![name.to_owned()]))?;
            out.push_str(there);
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

impl Letter {
    /// As plain text.
    pub fn to_text(&self) -> String {
        let blocks: Vec<&str> = self.paragraphs.iter().map(|it| it.text.as_str()).collect();
        format!("{}\n", blocks.join("\n\n"))
    }

    /// As HTML, escaped, without head and style.
    pub fn to_html(&self) -> String {
        let mut html = String::new();
        for paragraph in &self.paragraphs {
            let tag = match paragraph.style {
                Style::Heading => "h2",
                Style::Text => "p",
            };
            let _ = writeln!(html, "<{tag}>{}</{tag}>", escaped(&paragraph.text));
        }
        html
    }
}

/// The paragraphs of a letter that was kept as text, told apart by its template: a block that begins and ends as a heading of the
/// template does, in the template's order, is one. Other text stays text, whatever it looks like.
pub fn paragraphs(template: Template<'_>, text: &str) -> Vec<Paragraph> {
    let mut headings = template
        .split("\n\n")
        .filter_map(|block| block.trim().strip_prefix("# "))
        .map(|heading| {
            let begins = heading.split("{{").next().unwrap_or_default();
            let ends = heading.rsplit("}}").next().unwrap_or_default();
            (begins, ends)
        })
        .peekable();
    let mut all = Vec::new();
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let is = headings.peek().is_some_and(|(begins, ends)| {
            block.starts_with(begins) && block.ends_with(ends) && !block.contains('\n')
        });
        let style = if is { Style::Heading } else { Style::Text };
        if is {
            headings.next();
        }
        all.push(Paragraph { style, text: block.to_owned() });
    }
    all
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
