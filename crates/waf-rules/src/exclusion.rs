//! Exclusions of single sites, made into rules keyed by the site, so that a hundred sites share one compiled rule set.
//!
//! An exclusion is as narrow as it can be said: these rules do not look at this one parameter, at this path, for this long.
//! Everything in it comes from people or from requests, so every character is checked before it becomes a rule.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::life::SiteId;
use crate::own::{OWN_IDS, SITE_IDS};

/// An exclusion as a person wrote or confirmed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteExclusion {
    /// Where.
    pub site: SiteId,
    /// Ids of rules of the Core Rule Set.
    pub rules: Vec<u32>,
    /// The one place where they do not look: `ARGS:note`, `REQUEST_COOKIES:prefs`, `ARGS:json.note.array_0.text`.
    pub target: String,
    /// The path it holds for, exactly. `None`: every path of the site.
    pub path: Option<String>,
    /// The method it holds for.
    pub method: Option<String>,
    /// Why, in a person's words.
    pub reason: String,
    /// Who.
    pub author: String,
    /// Until when, exclusive.
    pub expires: Timestamp,
}

/// Why an exclusion is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExclusionError {
    /// A rule that nobody may exclude.
    #[error("rule {0} cannot be excluded: {1}")]
    Rule(u32, &'static str),
    /// No rule, or too many.
    #[error("an exclusion names 1 to {MOST_RULES} rules; this one names {0}")]
    Rules(usize),
    /// A target that is not one place.
    #[error(
        "`{0}` is no single place of a request; hint: name one parameter, cookie or header, as ARGS:note"
    )]
    Target(String),
    /// A path that is none, or one with characters that a rule cannot hold.
    #[error(
        "`{0}` is no path that an exclusion can name; hint: it begins with / and has letters, digits and -._~/"
    )]
    Path(String),
    /// A method that is none.
    #[error("`{0}` is no method")]
    Method(String),
    /// No reason or author.
    #[error("an exclusion needs a reason of at least 10 characters and an author")]
    Unexplained,
    /// An end too far away.
    #[error("an exclusion lasts at most {MOST_DAYS} days; hint: it can be renewed")]
    TooLong,
    /// More than there are ids.
    #[error("there are more than {0} exclusions in all")]
    TooMany(u32),
}

/// Rules of one exclusion. A false positive seldom has more than four.
const MOST_RULES: usize = 20;
/// Days that an exclusion may last: a year, after which somebody looks again.
const MOST_DAYS: i64 = 366;
/// The collections whose members are single places.
const COLLECTIONS: &[&str] = &[
    "ARGS",
    "ARGS_NAMES",
    "ARGS_GET",
    "ARGS_POST",
    "REQUEST_COOKIES",
    "REQUEST_COOKIES_NAMES",
    "REQUEST_HEADERS",
    "FILES",
    "FILES_NAMES",
    "MULTIPART_PART_HEADERS",
];
/// Methods of HTTP (RFC 9110, 9 and RFC 5789).
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

impl SiteExclusion {
    /// Checks an exclusion that is to hold from now on.
    ///
    /// # Errors
    /// [`ExclusionError`].
    pub fn check(&self, now: Timestamp) -> Result<(), ExclusionError> {
        if self.rules.is_empty() || self.rules.len() > MOST_RULES {
            return Err(ExclusionError::Rules(self.rules.len()));
        }
        self.rules.iter().try_for_each(|rule| check_rule(*rule))?;
        check_target(&self.target)?;
        if let Some(path) = &self.path {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
            if !path.starts_with('/') || path.len() > 512 || !path.chars().all(plain) {
                return Err(ExclusionError::Path(printable(path)));
            }
        }
        if let Some(method) = self.method.as_ref().filter(|method| !METHODS.contains(&method.as_str())) {
            return Err(ExclusionError::Method(printable(method)));
        }
        if self.reason.trim().chars().count() < 10 || self.author.trim().is_empty() {
            return Err(ExclusionError::Unexplained);
        }
        let days = (self.expires.as_second() - now.as_second()) / (24 * 3600);
        if days > MOST_DAYS { Err(ExclusionError::TooLong) } else { Ok(()) }
    }
}

fn check_rule(rule: u32) -> Result<(), ExclusionError> {
    let refuse = |reason| Err(ExclusionError::Rule(rule, reason));
    match rule {
        _ if OWN_IDS.contains(&rule) => {
            refuse("a virtual patch is ended where it was taken, never by an exclusion")
        }
        200_000..=200_999 => refuse("it says that the body cannot be read"),
        901_000..=901_999 | 949_000..=949_999 | 959_000..=959_999 | 980_000..=980_999 => {
            refuse("it sets up or adds up the score; exclude the rules that made the score")
        }
        910_000..=999_999 => Ok(()),
        _ => refuse("it is no rule of the Core Rule Set"),
    }
}

fn check_target(target: &str) -> Result<(), ExclusionError> {
    let plain = |name: &str| {
        (1..=200).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-$".contains(c))
    };
    let single = target
        .split_once(':')
        .is_some_and(|(collection, name)| COLLECTIONS.contains(&collection) && plain(name));
    if single { Ok(()) } else { Err(ExclusionError::Target(printable(target))) }
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// Rules made of exclusions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The rules, to be loaded before the Core Rule Set.
    pub text: String,
    /// Which exclusions were left out, and why, as sentences.
    pub left_out: Vec<String>,
}

/// Makes rules of exclusions. Those that have run out, or do not hold up to the checks, are left out and said.
///
/// # Errors
/// [`ExclusionError::TooMany`].
pub fn generate(exclusions: &[SiteExclusion], now: Timestamp) -> Result<Generated, ExclusionError> {
    let mut text = String::from("# Exclusions of sites, made of what people wrote. Changes here are lost.\n");
    let mut left_out = Vec::new();
    let mut ids = SITE_IDS;
    let mut sorted: Vec<&SiteExclusion> = exclusions.iter().collect();
    sorted.sort_by(|one, other| {
        (&one.site, &one.path, &one.target).cmp(&(&other.site, &other.path, &other.target))
    });
    for one in sorted {
        let SiteExclusion { site, target, author, expires, .. } = one;
        if *expires <= now {
            left_out.push(format!(
                "the exclusion of {} at {site} ({author}) ran out on {expires}",
                printable(target)
            ));
            continue;
        }
        if let Err(error) = one.check(now) {
            left_out.push(format!("an exclusion at {site} ({}) is not used: {error}", printable(author)));
            continue;
        }
        let id = ids.next().ok_or(ExclusionError::TooMany(SITE_IDS.end() - SITE_IDS.start() + 1))?;
        text.push_str(&rule(one, id));
    }
    Ok(Generated { text, left_out })
}

fn rule(one: &SiteExclusion, id: u32) -> String {
    let rules: BTreeSet<u32> = one.rules.iter().copied().collect();
    let controls: Vec<String> =
        rules.iter().map(|rule| format!("ctl:ruleRemoveTargetById={rule};{}", one.target)).collect();
    let controls = controls.join(",");
    let mut conditions: Vec<(&str, &str)> = vec![("TX:bedrail_site", one.site.as_str())];
    conditions.extend(one.path.as_deref().map(|path| ("REQUEST_FILENAME", path)));
    conditions.extend(one.method.as_deref().map(|method| ("REQUEST_METHOD", method)));
    let last = conditions.len() - 1;
    let line = |(index, (variable, value)): (usize, &(&str, &str))| {
        let head = if index == 0 { format!("id:{id},phase:1,pass,nolog,") } else { String::new() };
        let end = if index == last { controls.as_str() } else { "chain" };
        format!("SecRule {variable} \"@streq {value}\" \"{head}t:none,{end}\"\n")
    };
    conditions.iter().enumerate().map(line).collect()
}

/// A recorded event: what rules found in one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Where.
    pub site: SiteId,
    /// Its method.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// Which rules found something, where, and what each adds to the score (0 for a rule that only reports).
    pub found: Vec<Found>,
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The rule.
    pub rule: u32,
    /// Where, as the engine names it.
    pub variable: String,
    /// What it adds to the anomaly score: 5 critical, 4 error, 3 warning, 2 notice (CRS, "Anomaly scoring").
    pub score: u32,
}

/// The narrowest exclusion that a false positive asks for: its rules, its one place, its path and method. One for each place.
///
/// # Errors
/// A sentence for what cannot be excluded narrowly: a rule of ours, or a place without a name.
pub fn propose(
    event: &Event,
    reason: &str,
    author: &str,
    expires: Timestamp,
) -> Result<Vec<SiteExclusion>, String> {
    let scoring = event.found.iter().filter(|found| found.score > 0);
    let mut places: Vec<(String, Vec<u32>)> = Vec::new();
    for Found { rule, variable, .. } in scoring {
        check_rule(*rule).map_err(|error| error.to_string())?;
        let place = variable.strip_prefix("MATCHED_VARS:").unwrap_or(variable);
        check_target(place).map_err(|error| error.to_string())?;
        match places.iter_mut().find(|(other, _)| other == place) {
            Some((_, rules)) => rules.push(*rule),
            None => places.push((place.to_owned(), vec![*rule])),
        }
    }
    if places.is_empty() {
        return Err("no rule added to the score of this request, there is nothing to exclude".to_owned());
    }
    let one = |(target, rules): (String, Vec<u32>)| SiteExclusion {
        site: event.site.clone(),
        rules,
        target,
        path: Some(event.path.clone()),
        method: Some(event.method.clone()),
        reason: reason.to_owned(),
        author: author.to_owned(),
        expires,
    };
    Ok(places.into_iter().map(one).collect())
}

/// What exclusions would have let through of recorded events: those whose score was at the threshold or above, and would
/// have been below it. Places in the list of events, from 0.
pub fn preview(exclusions: &[SiteExclusion], events: &[Event], threshold: u32) -> Vec<usize> {
    let would_pass = |event: &Event| {
        let before: u32 = event.found.iter().map(|found| found.score).sum();
        let left = event.found.iter().filter(|found| !exclusions.iter().any(|one| covers(one, event, found)));
        before >= threshold && left.map(|found| found.score).sum::<u32>() < threshold
    };
    let places = events.iter().enumerate().filter(|(_, event)| would_pass(event));
    places.map(|(place, _)| place).collect()
}

fn covers(one: &SiteExclusion, event: &Event, found: &Found) -> bool {
    let variable = found.variable.strip_prefix("MATCHED_VARS:").unwrap_or(&found.variable);
    one.site == event.site
        && one.rules.contains(&found.rule)
        && one.target.eq_ignore_ascii_case(variable)
        && one.path.as_ref().is_none_or(|path| *path == event.path)
        && one.method.as_ref().is_none_or(|method| *method == event.method)
}
