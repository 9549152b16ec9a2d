//! Parts that several pages share: the pager, choices of a filter, the "why" of an answer, what is known of a weakness.

use std::fmt::Display;

use bedrail_app::names::Identified;
use bedrail_app::page::{Page, PageRequest};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::finding::{Evidence, Weakness};
use jiff::Timestamp;

use super::link::Link;
use super::tone::Tone;
use super::viewer::texts;
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
    /// The pager of a list whose rows are counted by one of `texts::Counts`.
    pub(crate) fn new(
        link: &Link,
        shown: usize,
        total: u64,
        (offset, limit): (u64, u32),
        count: fn(u64) -> String,
    ) -> Pager {
        let (first, last) = (offset + 1, offset + shown as u64);
        let limit = u64::from(limit);
        let at = |offset: u64| match offset {
            0 => link.without("offset").to_string(),
            offset => link.with("offset", offset).to_string(),
        };
        let (t, all) = (&texts().common, count(total));
        let text = if shown == 0 {
            (t.page_of_none)(&all)
        } else if first == 1 && last == total {
            all
        } else {
            (t.page_of)(first, last, &all)
        };
        Pager {
            text,
            previous: (offset > 0).then(|| at(offset.saturating_sub(limit))),
            next: (last < total).then(|| at(offset + limit)),
        }
    }

    /// The pager of a page of a list.
    pub(crate) fn of<T>(
        link: &Link,
        page: &Page<T>,
        request: &PageRequest,
        count: fn(u64) -> String,
    ) -> Pager {
        Pager::new(link, page.rows.len(), page.total, (page.offset, request.limit), count)
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
    /// Who said what the component is, where its bill gives a name alone.
    pub(crate) identified: Option<&'a Identified>,
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
        let (t, mut steps) = (&texts().why, Vec::new());
        match grounds.component {
            None => steps.push((t.listed)(grounds.release)),
            Some(component) => {
                steps.push((t.contains)(grounds.release, component, grounds.version, grounds.path));
                match grounds.identified {
                    Some(it) => steps.push((t.identified)(&it.identifier, &it.by, &words::day(it.at))),
                    None => steps.extend(grounds.purl.map(t.package)),
                }
            }
        }
        steps.extend(grounds.evidence.iter().map(t.record));
        steps.push((t.so)(grounds.answer, grounds.reason));
        if grounds.answer == Answer::Affected && !grounds.fixed_in.is_empty() {
            steps.push((t.fixed_in)(grounds.fixed_in));
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
        let t = &texts().why;
        let score = weakness.cvss.as_ref().map(|cvss| cvss.score);
        let severity = (t.severity)(weakness.severity, score) + borrowed.as_str();
        let exploited = weakness.kev.as_ref().map(|kev| {
            let ransomware = if kev.ransomware { t.by_ransomware } else { "" };
            let due = kev.due.map(|due| (t.cisa_date)(&words::due(due, now))).unwrap_or_default();
            format!("{}{}{ransomware}{due}", t.exploited, from(&weakness.borrowed.kev))
        });
        WeaknessWords {
            id: weakness.id.clone(),
            link: advisory_link(&weakness.id),
            summary: match weakness.summary.as_str() {
                "" => t.no_summary.to_owned(),
                summary => summary.to_owned(),
            },
            severity,
            exploited,
            chance: weakness
                .epss
                .map(|epss| (t.chance)(epss.score * 100.0))
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
    if parts.is_empty() { texts().why.unnamed_release.to_owned() } else { parts.join(" ") }
}

/// An answer in a word or two.
pub(crate) fn answer_word(answer: Answer) -> &'static str {
    let t = &texts().why;
    match answer {
        Answer::Affected => t.affected,
        Answer::CannotTell => t.cannot_tell,
        Answer::NotAffected => t.not_affected,
    }
}
