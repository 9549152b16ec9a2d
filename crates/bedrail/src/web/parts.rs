//! Parts that several pages share: the pager, choices of a filter, the "why" of an answer, what is known of a weakness.

use std::fmt::Display;

use bedrail_app::page::{Page, PageRequest};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::finding::{Evidence, Weakness};
use jiff::Timestamp;

use super::link::Link;
use super::tone::Tone;
use super::words;

/// Where in a list we are, and the ways on.
#[derive(Debug, Clone)]
pub(crate) struct Pager {
    /// "1 to 50 of 2,500 devices".
    pub(crate) text: String,
    /// To the page before.
    pub(crate) previous: Option<String>,
    /// To the page after.
    pub(crate) next: Option<String>,
}

impl Pager {
    /// The pager of a list whose rows are named by a noun.
    pub(crate) fn new(
        link: &Link,
        shown: usize,
        total: u64,
        (offset, limit): (u64, u32),
        noun: &str,
    ) -> Pager {
        let (first, last) = (offset + 1, offset + shown as u64);
        let limit = u64::from(limit);
        let at = |offset: u64| match offset {
            0 => link.without("offset").to_string(),
            offset => link.with("offset", offset).to_string(),
        };
        let text = if shown == 0 {
            format!("0 of {}", words::count(total, noun))
        } else if first == 1 && last == total {
            words::count(total, noun)
        } else {
            format!("{} to {} of {}", words::number(first), words::number(last), words::count(total, noun))
        };
        Pager {
            text,
            previous: (offset > 0).then(|| at(offset.saturating_sub(limit))),
            next: (last < total).then(|| at(offset + limit)),
        }
    }

    /// The pager of a page of a list.
    pub(crate) fn of<T>(link: &Link, page: &Page<T>, request: &PageRequest, noun: &str) -> Pager {
        Pager::new(link, page.rows.len(), page.total, (page.offset, request.limit), noun)
    }
}

/// One choice of a filter.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// What the address carries.
    pub(crate) value: String,
    /// What people read.
    pub(crate) text: String,
    /// Whether it is chosen.
    pub(crate) chosen: bool,
}

impl Choice {
    /// Choices from pairs of value and text.
    pub(crate) fn list<V: Display, T: Display>(
        pairs: impl IntoIterator<Item = (V, T)>,
        chosen: Option<&str>,
    ) -> Vec<Choice> {
        let choice = |(value, text): (V, T)| {
            let value = value.to_string();
            Choice { chosen: chosen == Some(&value), text: text.to_string(), value }
        };
        pairs.into_iter().map(choice).collect()
    }

    /// Choices from names that stand for themselves. A chosen name that is not among them is kept.
    pub(crate) fn names<'a>(
        names: impl IntoIterator<Item = &'a String>,
        chosen: Option<&str>,
    ) -> Vec<Choice> {
        let mut choices = Choice::list(names.into_iter().map(|name| (name, name)), chosen);
        if let Some(chosen) = chosen
            && !choices.iter().any(|choice| choice.chosen)
        {
            choices.push(Choice { value: chosen.to_owned(), text: chosen.to_owned(), chosen: true });
        }
        choices
    }
}

/// The way to a list as CSV: at once, or prepared by a job where it is long.
#[derive(Debug, Clone)]
pub(crate) struct ExportButton {
    /// The address of the file.
    pub(crate) link: String,
    /// Whether it is prepared by a job.
    pub(crate) long: bool,
}

impl ExportButton {
    /// For a list of so many rows.
    pub(crate) fn of(link: &super::link::Link, rows: u64) -> ExportButton {
        ExportButton { link: link.to_string(), long: rows > bedrail_app::exports::LONG }
    }
}

/// The chain from the record to the answer, readable by a clinician.
#[derive(Debug, Clone)]
pub(crate) struct Why {
    /// Sentences, in order.
    pub(crate) steps: Vec<String>,
}

/// What a chain of reasons is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grounds<'a> {
    /// What runs it: "Orbis Flow 300 2.1".
    pub(crate) release: &'a str,
    /// Names from the release down to the component.
    pub(crate) path: &'a [String],
    /// The component.
    pub(crate) component: Option<&'a str>,
    /// Its version.
    pub(crate) version: Option<&'a str>,
    /// Its purl.
    pub(crate) purl: Option<&'a str>,
    /// The answer.
    pub(crate) answer: Answer,
    /// Why.
    pub(crate) reason: Reason,
    /// Versions that fix it.
    pub(crate) fixed_in: &'a [String],
    /// Records that had a say.
    pub(crate) evidence: &'a [Evidence],
}

impl Why {
    /// Tells the chain.
    pub(crate) fn of(grounds: &Grounds<'_>) -> Why {
        let mut steps = Vec::new();
        match grounds.component {
            None => steps.push(format!("The device lists say it runs {}.", grounds.release)),
            Some(component) => {
                let version = grounds
                    .version
                    .map_or("without a version".to_owned(), |version| format!("version {version}"));
                let way = if grounds.path.len() > 1 {
                    format!(": {}", grounds.path.join(" → "))
                } else {
                    String::new()
                };
                steps.push(format!(
                    "The bill of materials of {} lists {component}, {version}{way}.",
                    grounds.release
                ));
                if let Some(purl) = grounds.purl {
                    steps.push(format!("It names the package {purl}."));
                }
            }
        }
        for evidence in grounds.evidence {
            steps.push(format!(
                "Record {} from {} (data {}) is about {}: {} – {}.",
                evidence.advisory,
                evidence.source,
                evidence.snapshot,
                evidence.package,
                evidence.rule,
                evidence.reason.sentence()
            ));
        }
        steps.push(format!("So: {}, because {}.", grounds.answer, grounds.reason.sentence()));
        if grounds.answer == Answer::Affected && !grounds.fixed_in.is_empty() {
            steps.push(format!("Fixed in {}.", grounds.fixed_in.join(", ")));
        }
        Why { steps }
    }
}

/// What is known of a weakness, in a few words each.
#[derive(Debug, Clone)]
pub(crate) struct WeaknessWords {
    /// Its id.
    pub(crate) id: String,
    /// Its page.
    pub(crate) link: String,
    /// One line on what it is.
    pub(crate) summary: String,
    /// "critical, 10.0".
    pub(crate) severity: String,
    /// "known to be exploited, CISA's date was …".
    pub(crate) exploited: Option<String>,
    /// "97.5 % chance of attacks within 30 days (EPSS)".
    pub(crate) chance: Option<String>,
    /// Whether the package itself is malicious.
    pub(crate) malicious: bool,
}

impl WeaknessWords {
    /// Puts a weakness into words.
    pub(crate) fn of(weakness: &Weakness, now: Timestamp) -> WeaknessWords {
        let from = |id: &Option<String>| id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
        let borrowed = from(&weakness.borrowed.severity);
        let severity = match &weakness.cvss {
            Some(cvss) => format!("{} {:.1}{borrowed}", weakness.severity, cvss.score),
            None => format!("severity {}{borrowed}", weakness.severity),
        };
        let exploited = weakness.kev.as_ref().map(|kev| {
            let ransomware = if kev.ransomware { ", also by ransomware" } else { "" };
            let due =
                kev.due.map(|due| format!("; CISA's date: {}", words::due(due, now))).unwrap_or_default();
            format!("known to be exploited{}{ransomware}{due}", from(&weakness.borrowed.kev))
        });
        WeaknessWords {
            id: weakness.id.clone(),
            link: advisory_link(&weakness.id),
            summary: match weakness.summary.as_str() {
                "" => "no summary given".to_owned(),
                summary => summary.to_owned(),
            },
            severity,
            exploited,
            chance: weakness
                .epss
                .map(|epss| format!("{:.1} % chance of attacks within 30 days (EPSS)", epss.score * 100.0))
                .map(|words| format!("{words}{}", from(&weakness.borrowed.epss))),
            malicious: weakness.malicious,
        }
    }
}

/// The page of a weakness.
pub(crate) fn advisory_link(id: &str) -> String {
    format!("/advisories/{}", super::link::Encoded(id))
}

/// The tone of a weakness wherever it is.
pub(crate) fn weakness_tone(weakness: &Weakness) -> Tone {
    if weakness.kev.is_some() || weakness.malicious { Tone::Act } else { Tone::Plan }
}

/// Maker, model and version in one line.
pub(crate) fn release_name(maker: Option<&str>, model: Option<&str>, version: Option<&str>) -> String {
    let parts: Vec<&str> = [maker, model, version].into_iter().flatten().collect();
    if parts.is_empty() { "an unnamed release".to_owned() } else { parts.join(" ") }
}
