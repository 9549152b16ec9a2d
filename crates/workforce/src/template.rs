//! Templates of policies: files in `policies/`, each with a head that says what it answers, and a text with variables.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The stable code.
    pub code: String,
    /// What the policy is called.
    pub title: String,
    /// Ids of the requirements that it answers, as the catalogues have them.
    pub cites: Vec<String>,
    /// Months between reviews.
    pub review_months: u32,
    /// The text, in Markdown, with variables as `{{officer}}`.
    pub body: String,
}

/// A variable that texts may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What is to be typed.
    pub what: &'static str,
    /// What is typed for most offices; empty where nothing is.
    pub usual: &'static str,
}

/// Every variable that a template may have.
pub const VARIABLES: &[Variable] = &[
    Variable { name: "organisation", what: "the organisation's name", usual: "" },
    Variable {
        name: "officer",
        what: "who answers for security, by function",
        usual: "the security official",
    },
    Variable {
        name: "privacy_officer",
        what: "who answers for privacy, by function",
        usual: "the privacy official",
    },
    Variable { name: "contact", what: "how to reach them: a number or an address", usual: "" },
    Variable { name: "site", what: "the sites that it holds for", usual: "all sites" },
    Variable { name: "deadline", what: "by when people report what they see", usual: "within one hour" },
];

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../policies/", $name, ".md")))),+]
    };
}

/// The files, by their codes.
pub const FILES: &[(&str, &str)] = files![
    "security-management",
    "risk-management",
    "sanctions",
    "activity-review",
    "security-official",
    "workforce-access",
    "access-management",
    "awareness-and-training",
    "malicious-software",
    "passwords-and-sign-in",
    "incident-response",
    "contingency",
    "backup-and-restore",
    "evaluation",
    "business-associates",
    "group-health-plan",
    "facility-security",
    "workstations",
    "devices-and-media",
    "technical-access",
    "audit-controls",
    "integrity",
    "transmission",
    "documentation",
    "privacy-programme",
    "privacy-safeguards",
    "complaints-and-no-retaliation",
    "notice-of-privacy-practices",
    "minimum-necessary",
    "individual-rights",
    "authorisations-and-deidentification",
    "breach-notification",
];

/// Reads a template.
///
/// # Errors
/// What the head lacks.
pub fn read(code: &str, text: &str) -> Result<Template, String> {
    let rest = text.strip_prefix("---\n").ok_or("the file does not begin with a head")?;
    let (head, body) = rest.split_once("\n---\n").ok_or("the head has no end")?;
    let fields: BTreeMap<&str, &str> = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect();
    let field = |name: &str| {
        fields.get(name).copied().filter(|it| !it.is_empty()).ok_or(format!("{name} is missing"))
    };
    Ok(Template {
        code: code.to_owned(),
        title: field("title")?.to_owned(),
        cites: field("cites")?.split(',').map(|it| it.trim().to_owned()).collect(),
        review_months: field("review_months")?.parse().map_err(|_| "review_months is no number")?,
        body: body.trim().to_owned(),
    })
}

/// All templates. A test reads each, so none is left out.
pub fn all() -> &'static [Template] {
    static ALL: LazyLock<Vec<Template>> =
        LazyLock::new(|| FILES.iter().filter_map(|(code, text)| read(code, text).ok()).collect());
    &ALL
}

/// The template of a code.
pub fn of(code: &str) -> Option<&'static Template> {
    all().iter().find(|template| template.code == code)
}

/// The names of the variables in a text, each once, in order of their first place.
pub fn variables(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        let name = name.trim();
        if !found.contains(&name) {
            found.push(name);
        }
        rest = behind;
    }
    found
}

/// The text with values in the places of its variables; a variable without a value stays where it stands, so that it is seen.
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        match values.get(name.trim()).map(|value| value.trim()).filter(|value| !value.is_empty()) {
            Some(value) => out.push_str(value),
            None => {
                out.push_str("{{");
                out.push_str(name);
                out.push_str("}}");
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}
