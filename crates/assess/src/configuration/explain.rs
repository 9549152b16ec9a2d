//! What a configuration says in words: only built for what is shown or stored.

use std::ops::ControlFlow;
use std::sync::Arc;

use bedrail_model::advisory::pack::{Malformed, Unpack};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::configuration::compiled::{CriterionView, Group, Head, MAX_DEPTH, read_head};

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
    pub version: Option<Arc<str>>,
    /// What would have to be so of the device that is not known, where the answer depends on it.
    pub missing: Option<String>,
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
        missing: None,
        fixed_in: None,
    };
    let Some((reason, unpack)) = deciding else { return Ok(told) };
    told.reason = reason;
    let mut why = Why { part, scratch, anchor: None };
    why.find_anchor(&mut unpack.clone(), (false, 0))?;
    let Some(anchor) = why.anchor.take() else { return Ok(told) };
    if anchor.reason.answer() == Answer::NotAffected {
        told.product.clone_from(&anchor.name.product);
        told.version = anchor.name.version();
        told.rule = format!("{}; its CPE {}", why.all_rules(&anchor)?, anchor.name.origin.words());
        return Ok(told);
    }
    let (mut at, mut deciding) = (0, Ok(told));
    anchor.group.each(&mut why.scratch, |criterion| {
        if at == anchor.at {
            deciding = tell(reason, (anchor.name, &criterion), Some(unpack), device);
            return ControlFlow::Break(());
        }
        at += 1;
        ControlFlow::Continue(())
    })?;
    deciding
}

/// What a criterion that covers a name says, for a reason that is not "not affected"; `tree` is its configuration, where that asks for
/// more.
pub(super) fn tell(
    reason: Reason,
    (name, criterion): (&Name, &CriterionView<'_, '_>),
    tree: Option<Unpack<'_>>,
    device: &Platform,
) -> Result<Told, Malformed> {
    let mut told = Told {
        reason,
        product: name.product.clone(),
        rule: criterion.rule(),
        version: name.version(),
        missing: None,
        fixed_in: criterion.end.filter(|end| !end.inclusive).map(|end| end.version.to_owned()),
    };
    if let (Reason::PlatformUnknown, Some(mut tree)) = (reason, tree) {
        let (_, missing) = Missing { device, scratch: Vec::new() }.node(&mut tree, true)?;
        told.rule.push_str("; affected if ");
        told.rule.push_str(&missing);
        told.rule.push_str(": not known");
        told.missing = Some(missing);
    }
    told.rule.push_str("; its CPE ");
    told.rule.push_str(name.origin.words());
    Ok(told)
}

/// The criterion that says most of the part: where it stands in its group.
struct Anchor<'w, 'a> {
    reason: Reason,
    name: &'w Name,
    group: Group<'a>,
    at: usize,
}

struct Why<'w, 'a> {
    part: &'w [Name],
    scratch: Vec<u8>,
    anchor: Option<Anchor<'w, 'a>>,
}

impl<'a> Why<'_, 'a> {
    fn find_anchor(
        &mut self,
        unpack: &mut Unpack<'a>,
        (negated, depth): (bool, usize),
    ) -> Result<(), Malformed> {
        if depth > MAX_DEPTH {
            return Err(Malformed);
        }
        match read_head(unpack)? {
            Head::Any(count) | Head::All(count) => {
                (0..count).try_for_each(|_| self.find_anchor(unpack, (negated, depth + 1)))
            }
            Head::Not => self.find_anchor(unpack, (!negated, depth + 1)),
            Head::Group(group) if group.vulnerable && !negated => self.hear(group),
            Head::Group(_) => Ok(()),
        }
    }

    fn hear(&mut self, group: Group<'a>) -> Result<(), Malformed> {
        for name in self.part.iter().filter(|name| name.product == group.product) {
            let (reason, at) = best(&group, name, &mut self.scratch)?;
            if self.anchor.as_ref().is_none_or(|anchor| weight(reason) < weight(anchor.reason)) {
                self.anchor = Some(Anchor { reason, name, group, at });
            }
        }
        Ok(())
    }

    /// The first rules of a group that covers the part by none.
    fn all_rules(&mut self, anchor: &Anchor<'_, '_>) -> Result<String, Malformed> {
        let mut rules = Rules::default();
        anchor.group.each(&mut self.scratch, |criterion| {
            rules.add(|| criterion.rule());
            ControlFlow::Continue(())
        })?;
        Ok(rules.words())
    }
}

/// What is not known of a device.
struct Missing<'w> {
    device: &'w Platform,
    scratch: Vec<u8>,
}

impl Missing<'_> {
    /// Whether a node holds, and where that cannot be told, what would have to; `tell` asks for those words.
    fn node(&mut self, unpack: &mut Unpack<'_>, tell: bool) -> Result<(Truth, String), Malformed> {
        Ok(match read_head(unpack)? {
            Head::Any(0) => (Truth::Unknown, "what the record leaves open".to_owned()),
            Head::Any(count) => {
                let (mut truth, mut open) = (Truth::No, Rules::default());
                for _ in 0..count {
                    let (child, words) = self.node(unpack, tell && open.named.len() < NAMED)?;
                    truth = truth.max(child);
                    if child == Truth::Unknown {
                        open.add(|| words);
                    }
                }
                let mut words = open.named.join(" or ");
                if open.more > 0 {
                    words.push_str(&format!(" or one of {} more", open.more));
                }
                (truth, words)
            }
            Head::All(count) => {
                let (mut truth, mut open) = (Truth::Yes, Vec::new());
                for _ in 0..count {
                    let (child, words) = self.node(unpack, tell)?;
                    truth = truth.min(child);
                    if child == Truth::Unknown {
                        open.push(words);
                    }
                }
                (truth, open.join(" and "))
            }
            Head::Not => {
                let (truth, words) = self.node(unpack, tell)?;
                (!truth, format!("not ({words})"))
            }
            Head::Group(group) => match of_device(&group, self.device, &mut self.scratch)? {
                Truth::Unknown if tell => (Truth::Unknown, wanted(&group, self.device, &mut self.scratch)?),
                truth => (truth, String::new()),
            },
        })
    }
}

/// The first rules, and how many more there are.
#[derive(Default)]
struct Rules {
    named: Vec<String>,
    more: usize,
}

impl Rules {
    fn add(&mut self, rule: impl FnOnce() -> String) {
        if self.named.len() < NAMED { self.named.push(rule()) } else { self.more += 1 }
    }

    fn words(&self) -> String {
        let mut words = self.named.join("; ");
        if self.more > 0 {
            words.push_str(&format!("; and {} more", self.more));
        }
        words
    }
}

/// What criteria ask of a device, in words: `the operating system or firmware is microsoft windows_7`. What the device has of the
/// product in other versions stands beside it.
fn wanted(group: &Group<'_>, device: &Platform, scratch: &mut Vec<u8>) -> Result<String, Malformed> {
    let mut parts = group.product.splitn(3, ':');
    let part = parts.next().unwrap_or_default();
    let name = format!("{} {}", parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let name = name.replace('\\', "");
    let (mut rules, mut plain) = (Rules::default(), false);
    group.each(scratch, |criterion| {
        plain |= criterion.is_plain();
        rules.add(|| criterion.rule());
        ControlFlow::Continue(())
    })?;
    let mut name = if plain { name } else { format!("{name} ({})", rules.words()) };
    let mut listed: Vec<Arc<str>> = device.of(group.product).iter().filter_map(Name::version).collect();
    listed.dedup();
    if !listed.is_empty() {
        name.push_str(&format!(", of which {} is listed", listed[..listed.len().min(NAMED)].join(" and ")));
    }
    let beginning = ASKED.iter().find(|(of, _)| *of == part).map_or(ASKED[2].1, |(_, beginning)| beginning);
    Ok(format!("{beginning}{name}"))
}

/// How what is asked for begins, by the part of the name (CPE).
const ASKED: [(&str, &str); 3] =
    [("o", "the operating system or firmware is "), ("h", "the hardware is "), ("a", "it has ")];

/// The products, as part, vendor and product, that a text of what is missing ([`Told::missing`]) asks for: those that it names.
pub fn asked_products(missing: &str) -> Vec<String> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for (part, beginning) in ASKED {
        for (at, _) in missing.match_indices(beginning) {
            let rest = &missing[at + beginning.len()..];
            let mut words = rest.split([' ', ',', ')']).filter(|word| !word.is_empty());
            if let (Some(vendor), Some(product)) = (words.next(), words.next()) {
                found.push((at, format!("{part}:{vendor}:{product}")));
            }
        }
    }
    found.sort();
    let mut products: Vec<String> = found.into_iter().map(|(_, product)| product).collect();
    products.dedup();
    products
}
