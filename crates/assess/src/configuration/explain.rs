//! What a configuration says in words: only built for what is shown or stored.

use std::ops::ControlFlow;

use bedrail_model::advisory::pack::{Malformed, Unpack};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::configuration::compiled::{Group, Head, MAX_DEPTH, read_head};

use super::{Truth, best, each_configuration, of_configuration, of_device};
use crate::evaluate::weight;
use crate::platform::{Name, Platform};

/// Alternatives that are named; a record may list hundreds of models.
const NAMED: usize = 3;

/// What a record says of a part, for a person to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Why; the reason carries the answer.
    pub reason: Reason,
    /// The product of the part, as the record names it.
    pub product: String,
    /// The rule that decided, and what it asks of the device that is not known.
    pub rule: String,
    /// The version that was judged.
    pub version: Option<String>,
    /// The version from which on it is not affected, where the record says so.
    pub fixed_in: Option<String>,
}

/// What compiled configurations say of a part with these names, as [`evaluate`](super::evaluate) does, in words.
///
/// # Errors
/// When the bytes are no tree.
pub fn explain(tree: &[u8], part: &[Name], device: &Platform) -> Result<Told, Malformed> {
    let mut scratch = Vec::new();
    let mut deciding: Option<(Reason, Unpack<'_>)> = None;
    each_configuration(tree, |unpack| {
        let start = *unpack;
        let reason = of_configuration(unpack, part, device, &mut scratch)?;
        if deciding.is_none_or(|(best, _)| weight(reason) < weight(best)) {
            deciding = Some((reason, start));
        }
        Ok(())
    })?;
    let mut told = Told {
        reason: Reason::VersionOutside,
        product: part.first().map(|name| name.product.clone()).unwrap_or_default(),
        rule: String::new(),
        version: part.first().and_then(Name::version),
        fixed_in: None,
    };
    let Some((reason, mut unpack)) = deciding else { return Ok(told) };
    let mut why = Why { part, device, scratch, anchor: None };
    let (_, missing) = why.node(&mut unpack, (false, 0))?;
    told.reason = reason;
    if let Some(anchor) = why.anchor {
        told.product.clone_from(&anchor.name.product);
        told.version = anchor.name.version();
        told.rule = anchor.rule;
        told.fixed_in = anchor.fixed_in;
        if reason == Reason::PlatformUnknown {
            told.rule.push_str(&format!("; affected if {missing}: not known"));
        }
        told.rule.push_str(&format!("; its CPE {}", anchor.name.origin.words()));
    }
    Ok(told)
}

/// The criterion that says most of the part.
struct Anchor<'w> {
    reason: Reason,
    name: &'w Name,
    rule: String,
    fixed_in: Option<String>,
}

struct Why<'w> {
    part: &'w [Name],
    device: &'w Platform,
    scratch: Vec<u8>,
    anchor: Option<Anchor<'w>>,
}

impl Why<'_> {
    /// Whether a node holds, and where that cannot be told, what would have to.
    fn node(
        &mut self,
        unpack: &mut Unpack<'_>,
        (negated, depth): (bool, usize),
    ) -> Result<(Truth, String), Malformed> {
        if depth > MAX_DEPTH {
            return Err(Malformed);
        }
        Ok(match read_head(unpack)? {
            Head::Any(count) => {
                let start = if count == 0 { Truth::Unknown } else { Truth::No };
                let (truth, open) = self.children(unpack, count, (negated, depth + 1), start)?;
                let mut words = open[..open.len().min(NAMED)].join(" or ");
                if count == 0 {
                    words.push_str("what the record leaves open");
                }
                if open.len() > NAMED {
                    words.push_str(&format!(" or one of {} more", open.len() - NAMED));
                }
                (truth, words)
            }
            Head::All(count) => {
                let (truth, open) = self.children(unpack, count, (negated, depth + 1), Truth::Yes)?;
                (truth, open.join(" and "))
            }
            Head::Not => {
                let (truth, words) = self.node(unpack, (!negated, depth + 1))?;
                (!truth, format!("not ({words})"))
            }
            Head::Group(group) => {
                self.note_anchor(&group, negated)?;
                (
                    of_device(&group, self.device, &mut self.scratch)?,
                    wanted(&group, self.device, &mut self.scratch)?,
                )
            }
        })
    }

    /// All children together, with the words of those that cannot be told.
    fn children(
        &mut self,
        unpack: &mut Unpack<'_>,
        count: u32,
        below: (bool, usize),
        start: Truth,
    ) -> Result<(Truth, Vec<String>), Malformed> {
        let (mut truth, mut open) = (start, Vec::new());
        for _ in 0..count {
            let (child, words) = self.node(unpack, below)?;
            truth = if start == Truth::Yes { truth.min(child) } else { truth.max(child) };
            if child == Truth::Unknown {
                open.push(words);
            }
        }
        Ok((truth, open))
    }

    fn note_anchor(&mut self, group: &Group<'_>, negated: bool) -> Result<(), Malformed> {
        if !group.vulnerable || negated {
            return Ok(());
        }
        for name in self.part.iter().filter(|name| name.product == group.product) {
            let (reason, at) = best(group, name, &mut self.scratch)?;
            if self.anchor.as_ref().is_some_and(|anchor| weight(anchor.reason) <= weight(reason)) {
                continue;
            }
            let mut anchor = Anchor { reason, name, rule: String::new(), fixed_in: None };
            let (mut number, mut rules) = (0, Vec::new());
            group.each(&mut self.scratch, |criterion| {
                let deciding = reason.answer() != Answer::NotAffected && number == at;
                if deciding {
                    anchor.fixed_in =
                        criterion.end.filter(|end| !end.inclusive).map(|end| end.version.to_owned());
                    rules = vec![criterion.rule()];
                    return ControlFlow::Break(());
                }
                rules.push(criterion.rule());
                number += 1;
                ControlFlow::Continue(())
            })?;
            anchor.rule = quoted(&rules);
            self.anchor = Some(anchor);
        }
        Ok(())
    }
}

/// The first rules, and how many more there are.
fn quoted(rules: &[String]) -> String {
    let mut words = rules[..rules.len().min(NAMED)].join("; ");
    if rules.len() > NAMED {
        words.push_str(&format!("; and {} more", rules.len() - NAMED));
    }
    words
}

/// What criteria ask of a device, in words: `the operating system or firmware is microsoft windows_7`. What the device has of the
/// product in other versions stands beside it.
fn wanted(group: &Group<'_>, device: &Platform, scratch: &mut Vec<u8>) -> Result<String, Malformed> {
    let mut parts = group.product.splitn(3, ':');
    let part = parts.next().unwrap_or_default();
    let name = format!("{} {}", parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let name = name.replace('\\', "");
    let mut rules = Vec::new();
    group.each(scratch, |criterion| {
        rules.push(criterion.rule());
        ControlFlow::Continue(())
    })?;
    let plain = rules.iter().any(|rule| matches!(rule.as_str(), "all versions" | "without a version"));
    let mut name = if plain { name } else { format!("{name} ({})", quoted(&rules)) };
    let mut listed: Vec<String> = device.of(group.product).iter().filter_map(Name::version).collect();
    listed.dedup();
    if !listed.is_empty() {
        name.push_str(&format!(", of which {} is listed", listed[..listed.len().min(NAMED)].join(" and ")));
    }
    Ok(match part {
        "o" => format!("the operating system or firmware is {name}"),
        "h" => format!("the hardware is {name}"),
        _ => format!("it has {name}"),
    })
}
